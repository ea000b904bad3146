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
