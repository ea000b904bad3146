import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from '../test/dom.js';
import { barPath, NumberBars } from './number-bars.js';

test('bars go up and down from zero, and no further than the picture', () => {
  // From -2 to 2 on a height of 100: zero is at 50, 1 at 25, -1 at 75; 9 ends at the top.
  assert.equal(barPath([1, -1], -2, 2), 'M1.5 50.00V25.00h7V50.00zM11.5 50.00V75.00h7V50.00z');
  assert.equal(barPath([9], -2, 2), 'M1.5 50.00V0.00h7V50.00z');
  // From 0 up zero is at the bottom.
  assert.equal(barPath([0.5], 0, 1), 'M1.5 100.00V50.00h7V100.00z');
});

test('lines stand at their values, a bar is marked, and one is found by where the pointer is', () => {
  makeDocument();
  const bars = new NumberBars('sigma', [0, 1]);
  bars.show([0.5, 1, 2], 0, 2, '2.0');
  const [zero, one] = bars.picture.querySelectorAll('line');
  assert.deepEqual([zero.getAttribute('y1'), one.getAttribute('y1'), one.getAttribute('x2')], ['100', '50', '30']);
  assert.equal(bars.element.textContent, '2.0');
  const mark = /** @type {SVGRectElement} */ (bars.picture.querySelector('.mark'));
  assert.equal(mark.getAttribute('visibility'), 'hidden');
  bars.mark(2);
  assert.deepEqual([mark.getAttribute('x'), mark.getAttribute('visibility')], ['20', 'visible']);
  bars.picture.getBoundingClientRect = () => /** @type {any} */ ({ left: 100, width: 300 });
  assert.deepEqual(
    [99, 101, 250, 399, 500].map((x) => bars.at(x)),
    [0, 0, 1, 2, 2],
  );
});
