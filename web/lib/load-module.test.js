import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { checkWhole, loadModule } from './load-module.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
/** @type {string[]} */
let told = [];
/** @type {string[]} */
let torn = [];
beforeEach(() => {
  clock = stopClock();
  [told, torn] = [[], []];
  const tell = (/** @type {string} */ what) => (/** @type {string} */ name) => void told.push(`${what} ${name}`);
  globalThis.inkdriftFiles = {
    late: tell('late'),
    came: tell('came'),
    lost: tell('lost'),
    check: async () => torn,
    begun() {},
    reload: async () => {},
  };
});
afterEach(() => {
  clock.release();
  globalThis.inkdriftFiles = undefined;
});

/** Fails so often. @param {number} times */
const failing = (times) => async () => {
  if (times-- > 0) throw new TypeError('Failed to fetch');
  return 'module';
};

test('a module that does not arrive is imported once more', async () => {
  assert.equal(await loadModule(failing(1), 'a.js'), 'module');
  assert.deepEqual(told, ['came a.js']);
});

test('one that fails twice is an error; if it is torn, a reload is asked for', async () => {
  await assert.rejects(loadModule(failing(2), 'a.js'), { code: 'fetch-failed', field: 'a.js', reload: false });
  const named = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module: http://host/views/c-view.js'));
  await assert.rejects(loadModule(named, 'a'), { field: 'c-view.js', reload: false });
  const unreadable = async () => {
    throw new SyntaxError('Unexpected token');
  };
  await assert.rejects(loadModule(unreadable, 'a.js'), { code: 'fetch-failed', field: 'a.js', reload: true });
  await checkWhole();
  torn = ['b.js'];
  await assert.rejects(checkWhole(), { code: 'fetch-failed', field: 'b.js', reload: true });
  await assert.rejects(
    loadModule(async () => 'half a module', 'a.js'),
    { field: 'b.js', reload: true },
  );
  await assert.rejects(loadModule(failing(2), 'a.js'), { code: 'fetch-failed', field: 'b.js', reload: true });
});

test('one that does not come for ten seconds is told of until it comes', async () => {
  /** @type {(m: string) => void} */
  let come = () => {};
  const loading = loadModule(() => new Promise((resolve) => (come = resolve)), 'a.js');
  clock.tick(9_999);
  assert.deepEqual(told, []);
  clock.tick(1);
  assert.deepEqual(told, ['late a.js']);
  come('module');
  assert.equal(await loading, 'module');
  assert.deepEqual(told, ['late a.js', 'came a.js']);
});
