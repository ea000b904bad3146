import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coalesce } from './coalesce.js';

/** Work that the test lets end. */
function setUp() {
  /** @type {{end: () => Promise<void>, fail: (e: Error) => Promise<void>}[]} */
  const begun = [];
  /** @type {unknown[]} */
  const errors = [];
  const later = () => new Promise((/** @type {(v?: any) => void} */ done) => setTimeout(done));
  const ask = coalesce(
    () =>
      new Promise((resolve, reject) => {
        const end = (/** @type {() => void} */ fn) => {
          fn();
          return later();
        };
        begun.push({ end: () => end(resolve), fail: (e) => end(() => reject(e)) });
      }),
    (e) => errors.push(e),
  );
  return { ask, begun, errors };
}

test('work that is asked for while it is done is done once more, with the newest, never twice at once', async () => {
  const { ask, begun } = setUp();
  let settled = false;
  void ask().then(() => (settled = true));
  for (let i = 0; i < 5; i++) void ask();
  assert.equal(begun.length, 1);
  await begun[0].end();
  assert.deepEqual([begun.length, settled], [2, false]);
  await begun[1].end();
  assert.deepEqual([begun.length, settled], [2, true]);
  void ask();
  assert.equal(begun.length, 3);
});

test('a failure is told of and does not stop what is asked for later', async () => {
  const { ask, begun, errors } = setUp();
  const done = ask();
  const e = new Error('x');
  await begun[0].fail(e);
  await done;
  assert.deepEqual(errors, [e]);
  void ask();
  assert.equal(begun.length, 2);
});
