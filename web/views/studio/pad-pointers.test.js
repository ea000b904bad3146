import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PadPointers } from './pad-pointers.js';

function setUp() {
  const pointers = new PadPointers();
  const pad = () => ({
    rev: 1,
    taken: 0,
    takeBack() {
      this.taken++;
      this.rev++;
    },
  });
  const [a, b] = [pad(), pad()];
  const at = (/** @type {number} */ pointerId, pointerType = 'touch', timeStamp = 0, type = '') => ({
    pointerId,
    pointerType,
    timeStamp,
    type,
  });
  return { pointers, a, b, at };
}

test('one finger draws; a second on the same pad takes its stroke back, and nothing draws until both are up', () => {
  const { pointers, a, b, at } = setUp();
  assert.equal(pointers.down(at(1), a), true);
  assert.equal(pointers.down(at(2), b), true, 'another pad is another drawing');
  assert.equal(pointers.down(at(3), a), false);
  assert.deepEqual([a.taken, b.taken], [1, 0]);
  assert.equal(pointers.draws(at(1)), false);
  pointers.up(at(1));
  assert.equal(pointers.down(at(4), a), false, 'a finger of the two is still there');
  pointers.up(at(3));
  pointers.up(at(4));
  assert.equal(pointers.down(at(5), a), true);
});

test('the pen wins over a palm that was there, on any pad, and the blot goes', () => {
  const { pointers, a, b, at } = setUp();
  pointers.down(at(1), a);
  pointers.down(at(2), b);
  assert.equal(pointers.down(at(9, 'pen'), a), true);
  assert.deepEqual([a.taken, b.taken], [1, 1]);
  assert.equal(pointers.draws(at(9)), true);
});

test('a palm that comes after the pen draws nothing', () => {
  const { pointers, a, b, at } = setUp();
  pointers.down(at(9, 'pen'), a);
  assert.equal(pointers.down(at(1), a), false);
  assert.equal(pointers.down(at(2), b), false);
  assert.equal(pointers.draws(at(9)), true);
  assert.deepEqual([a.taken, b.taken], [0, 0]);
});

test('the blot of a palm that the browser took away when the pen came goes, unless something was drawn since', async () => {
  const { pointers, a, b, at } = setUp();
  pointers.down(at(1), a);
  pointers.up(at(1, 'touch', 100, 'pointercancel'));
  await Promise.resolve();
  pointers.down(at(9, 'pen', 200), a);
  assert.equal(a.taken, 1);
  pointers.up(at(9, 'pen'));
  pointers.down(at(2), b);
  pointers.up(at(2, 'touch', 300, 'pointercancel'));
  await Promise.resolve();
  b.rev++;
  pointers.down(at(9, 'pen', 400), a);
  assert.equal(b.taken, 0);
});

test('a second mouse button or pointer draws nothing where one draws', () => {
  const { pointers, a, at } = setUp();
  assert.equal(pointers.down(at(1, 'mouse'), a), true);
  assert.equal(pointers.down(at(2, 'touch'), a), false);
});
