import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from '../test/dom.js';
import { answer, answerPlace } from './answer.js';

test('an answer stands beside its button in a live region that was there before, and goes', (t) => {
  makeDocument({ html: '<p><button>Copy</button></p>' });
  const button = /** @type {HTMLElement} */ (document.querySelector('button'));
  answerPlace(button);
  const line = /** @type {HTMLElement} */ (button.nextElementSibling);
  assert.deepEqual([line.getAttribute('role'), line.textContent], ['status', '']);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  answer(button, 'Copied.');
  t.mock.timers.tick(1);
  assert.equal(line.textContent, 'Copied.');
  t.mock.timers.tick(3000);
  answer(button, 'Copied.');
  t.mock.timers.tick(1);
  t.mock.timers.tick(3900);
  assert.equal(line.textContent, 'Copied.', 'the last answer has its own time');
  t.mock.timers.tick(200);
  t.mock.timers.tick(500);
  assert.equal(line.textContent, '');
  assert.equal(document.querySelectorAll('[role="status"]').length, 1);
});

test('one answer is seen at a time, where it covers no words', (t) => {
  makeDocument({ html: '<p><button>Copy</button><button>Save</button></p><p id="text">Words below the buttons</p>' });
  const [copy, save] = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('button')]);
  const box = (/** @type {number} */ left) => () => /** @type {DOMRect} */ ({ left, top: 100, right: left + 60, bottom: 140 });
  copy.getBoundingClientRect = box(300);
  save.getBoundingClientRect = box(370);
  const words = /** @type {HTMLElement} */ (document.getElementById('text'));
  document.elementFromPoint = (_, y) => (y > 140 ? words : document.body);
  const lines = [copy, save].map((b) => answerPlace(b).line);
  for (const line of lines) {
    Object.defineProperty(line, 'offsetWidth', { value: 100 });
    Object.defineProperty(line, 'offsetHeight', { value: 30 });
  }
  Object.defineProperty(document.documentElement, 'clientWidth', { value: 800 });
  Object.defineProperty(document.documentElement, 'clientHeight', { value: 600 });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  answer(copy, 'Copied.');
  t.mock.timers.tick(1);
  assert.deepEqual([lines[0].style.top, lines[0].style.left], ['62px', '300px'], 'above');
  answer(save, 'Saved.');
  t.mock.timers.tick(1);
  assert.deepEqual(
    lines.map((line) => line.textContent),
    ['', 'Saved.'],
  );
  t.mock.timers.tick(4100);
  t.mock.timers.tick(500);
  assert.equal(lines[1].textContent, '');
});
