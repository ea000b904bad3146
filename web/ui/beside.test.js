import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeBeside } from './beside.js';

const room = { width: 1366, height: 768 };
const size = { width: 380, height: 300 };
const place = (/** @type {number[]} */ ...[left, top, width, height]) => placeBeside({ left, top, width, height }, size, room);

test('the first side that has room: right, left, below, above', () => {
  assert.deepEqual(place(40, 100, 300, 300), { left: 356, top: 100, side: 'right' });
  assert.deepEqual(place(900, 100, 400, 300), { left: 504, top: 100, side: 'left' });
  assert.deepEqual(place(300, 50, 800, 200), { left: 300, top: 266, side: 'below' });
  assert.deepEqual(place(300, 500, 800, 200), { left: 300, top: 184, side: 'above' });
});

test('it stays in the window, and goes to the corner where there is no room or no element', () => {
  assert.equal(place(40, 700, 300, 60).top, 768 - 300 - 16);
  assert.equal(place(40, -200, 300, 260).top, 16);
  const corner = { left: 1366 - 380 - 16, top: 768 - 300 - 16, side: 'corner' };
  assert.deepEqual(place(0, 0, 1366, 768), corner);
  assert.deepEqual(placeBeside(null, size, room), corner);
});

test('it never lies over the element but in the corner', () => {
  for (let left = -100; left < 1366; left += 97) {
    for (let top = -100; top < 768; top += 83) {
      const box = { left, top, width: 350, height: 200 };
      const at = placeBeside(box, size, room);
      if (at.side === 'corner') continue;
      const apart =
        at.left >= left + box.width || at.left + size.width <= left || at.top >= top + box.height || at.top + size.height <= top;
      assert.ok(apart, `${left}, ${top}: ${JSON.stringify(at)}`);
      assert.ok(at.left >= 0 && at.top >= 0 && at.left + size.width <= room.width && at.top + size.height <= room.height);
    }
  }
});
