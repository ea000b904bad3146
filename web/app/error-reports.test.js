import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { ErrorReports } from './error-reports.js';

/** Reports whose way the test follows. */
function setUp() {
  /** @type {[string, boolean][]} */
  const shown = [];
  /** @type {string[]} */
  const told = [];
  let retries = 0;
  const events = new Emitter();
  events.on('error', (e) => told.push(e.code));
  const area = /** @type {any} */ ({ show: (/** @type {any} */ e, /** @type {any} */ retry) => shown.push([e.code, retry !== undefined]) });
  const reports = new ErrorReports({ area, events, onRetry: () => retries++ });
  const window = new EventTarget();
  reports.listen(window);
  /** What a browser does with an error, or a rejection, that nobody has caught. */
  const uncaught = (/** @type {string} */ type, /** @type {any} */ what) => window.dispatchEvent(Object.assign(new Event(type), what));
  return { reports, shown, told, uncaught, retries: () => retries };
}

test('an error is shown on the page, and scripts are told of it once', () => {
  const { reports, shown, told, retries } = setUp();
  const e = new InkdriftError('bad-model', 'x');
  reports.fail(e);
  reports.fail(e);
  assert.deepEqual(shown, [
    ['bad-model', false],
    ['bad-model', false],
  ]);
  assert.deepEqual([told, retries()], [['bad-model'], 0]);
});

test('an error that only a reload helps offers that', () => {
  let reloads = 0;
  globalThis.inkdriftFiles = /** @type {any} */ ({ reload: () => reloads++ });
  /** @type {() => void} */
  let retry = () => assert.fail('nothing was offered');
  const area = /** @type {any} */ ({ show: (/** @type {any} */ _, /** @type {() => void} */ again) => (retry = again) });
  const reports = new ErrorReports({ area, events: new Emitter(), onRetry: () => {} });
  reports.fail(Object.assign(new InkdriftError('fetch-failed', '', 'a.js'), { reload: true }), () => assert.fail('another was offered'));
  retry();
  assert.equal(reloads, 1);
  globalThis.inkdriftFiles = undefined;
});

test('what a script’s own call was rejected with is not shown, unless the script does not catch it', () => {
  const { reports, shown, told, uncaught } = setUp();
  const e = new InkdriftError('bad-value', 'x', 'n');
  reports.tell(e);
  assert.deepEqual([shown, told], [[], ['bad-value']]);
  uncaught('unhandledrejection', { reason: e });
  assert.deepEqual([shown, told], [[['bad-value', false]], ['bad-value']]);
});

test('what was shown is not shown again as a rejection that nobody caught', () => {
  const { reports, shown, uncaught } = setUp();
  const e = new InkdriftError('bad-model', 'x');
  reports.fail(e);
  uncaught('unhandledrejection', { reason: e });
  assert.equal(shown.length, 1);
});

test('faults of the page itself are shown as such; an error event without an error says nothing', () => {
  const { shown, told, uncaught } = setUp();
  uncaught('error', { error: new TypeError('x is not a function') });
  uncaught('unhandledrejection', { reason: 'a word' });
  uncaught('error', { message: 'Script error.' });
  assert.deepEqual(shown, [
    ['unexpected', false],
    ['unexpected', false],
  ]);
  assert.deepEqual(told, ['unexpected', 'unexpected']);
});

test('that the engine is gone is shown once, with the button that starts it again', () => {
  const { reports, shown, told, retries } = setUp();
  reports.fail(new InkdriftError('engine-gone', 'x'));
  assert.deepEqual([shown, told], [[], ['engine-gone']]);
  reports.fail(new InkdriftError('engine-gone', 'x'), () => {});
  assert.deepEqual(shown, [['engine-gone', true]]);
  assert.equal(retries(), 1);
});
