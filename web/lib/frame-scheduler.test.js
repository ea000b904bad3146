import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduleDraw } from './frame-scheduler.js';

test('each is drawn once, the newest; what takes long leaves the rest for the next frame', () => {
  /** @type {(() => void)[]} */
  const frames = [];
  globalThis.requestAnimationFrame = (fn) => frames.push(/** @type {any} */ (fn));
  /** @type {string[]} */
  const done = [];
  const slow = () => {
    for (const end = performance.now() + 10; performance.now() < end; );
    done.push('slow');
  };
  const [a, b, c] = [{}, {}, {}];
  scheduleDraw(a, () => done.push('old'));
  scheduleDraw(b, slow);
  scheduleDraw(a, () => done.push('new'));
  scheduleDraw(c, () => done.push('last'));
  assert.equal(frames.length, 1);
  frames.shift()?.();
  assert.deepEqual(done, ['new', 'slow']);
  frames.shift()?.();
  assert.deepEqual(done, ['new', 'slow', 'last']);
  assert.equal(frames.length, 0);
  scheduleDraw(a, () => done.push('again'));
  frames.shift()?.();
  assert.equal(done.at(-1), 'again');
});
