import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { english, makeDocument, settle } from '../../test/dom.js';

/** Notices of a run that the test plays. @param {any} [state] @param {any[]} [interrupted] */
async function setUp(state = {}, interrupted = []) {
  makeDocument();
  const { Notices } = await import('./notices.js');
  /** @type {[string, any][]} */
  const said = [];
  /** @type {string[]} */
  const calls = [];
  const training = {
    ...{ status: 'idle', figures: { step: 0 }, why: null, stopped: '', rollbacks: [], pending: [], otherWork: '', active: null },
    reset: async () => calls.push('reset'),
    start: async () => calls.push('start'),
    resume: async (/** @type {string} */ id) => calls.push(`resume ${id}`),
    ...state,
  };
  const runs = Object.assign(new Emitter(), { interrupted: async () => interrupted, list: async () => interrupted });
  const i18n = await english();
  const home = document.createElement('button');
  document.body.append(home);
  const notices = new Notices(
    /** @type {any} */ ({
      ...{ i18n, training, runs, home },
      status: { say: (/** @type {string} */ key, /** @type {any} */ values) => said.push([key, values]) },
      act: (/** @type {() => Promise<unknown>} */ fn) => void fn(),
      start: (/** @type {() => Promise<unknown>} */ begin) => begin(),
    }),
  );
  document.body.append(notices.element);
  /** The notes that are shown. */
  const shown = () => [...notices.element.children].filter((e) => !(/** @type {HTMLElement} */ (e).hidden)).map((e) => e.textContent ?? '');
  const become = (/** @type {any} */ next) => {
    Object.assign(training, next);
    notices.show();
  };
  return { home, notices, training, runs, said, calls, shown, become, element: notices.element };
}

test('each state is said once', async () => {
  const { said, become, shown } = await setUp();
  become({});
  assert.equal(said.length, 0, 'that nothing trains needs no saying');
  become({ status: 'running' });
  become({ status: 'running', figures: { step: 7 } });
  become({ status: 'paused', figures: { step: 8 } });
  become({ status: 'paused', figures: { step: 8 } });
  become({ status: 'paused', figures: { step: 9 } });
  assert.deepEqual(
    said.map(([key]) => key),
    ['train.running', 'train.paused', 'train.paused'],
  );
  assert.equal(said[2][1].step, 9);
  assert.deepEqual(shown(), []);
});

test('how much of the data has arrived is said in five parts', async () => {
  const { notices, said, become } = await setUp();
  const i18n = await english();
  for (let part = 0; part <= 1; part += 0.02) {
    notices.loadedPart = part;
    become({ status: 'opening' });
  }
  const parts = said.filter(([key]) => key === 'train.arriving').map(([, { percent }]) => percent);
  assert.ok(parts.length >= 4 && parts.length <= 6, String(parts));
  assert.match(i18n.t('train.arriving', { percent: 20 }), /20 %/);
});

test('why it ended stays to be read, and is marked as bad where it is', async () => {
  const { become, shown, said, element } = await setUp();
  become({ status: 'diverged', figures: { step: 5 }, why: { field: 'kl', message: 'NaN' } });
  const end = /** @type {HTMLElement} */ (element.querySelector('[data-testid=train-end]'));
  assert.equal(end.hidden, false);
  assert.equal(end.className, 'note bad');
  assert.match(shown().join(), /kl/);
  become({ status: 'failed', active: {}, why: { code: 'too-large', field: '', message: 'out of memory in worker 2' } });
  assert.match(shown().join(), /not enough memory/);
  assert.doesNotMatch(shown().join(), /worker 2/, 'what developers want to know is not for everybody');
  become({ status: 'paused', stopped: 'time', why: null });
  assert.equal(said.at(-1)?.[0], 'train.ended', 'the note says the rest');
  assert.equal(end.hidden, false);
  assert.equal(end.className, 'note');
  become({ status: 'running', stopped: '' });
  assert.equal(end.hidden, true);
});

test('of a run that could not begin it is not said that it has ended', async () => {
  const { become, said, element } = await setUp();
  become({ status: 'opening', active: null });
  become({ status: 'failed', why: { code: 'fetch-failed', field: 'engine-trainer.wasm', message: '503' } });
  assert.equal(said.at(-1)?.[0], 'train.not-begun');
  assert.equal(/** @type {HTMLElement} */ (element.querySelector('[data-testid=train-end]')).hidden, true, 'the error says why');
});

test('that it is done is said once, in the status', async () => {
  const { become, shown, said } = await setUp();
  become({ status: 'running' });
  become({ status: 'done', figures: { step: 40 } });
  assert.equal(said.at(-1)?.[0], 'train.done');
  assert.deepEqual(shown(), []);
});

test('steps that were undone, what trains beside it and settings that wait are told', async () => {
  const { become, shown, element, calls, home } = await setUp();
  become({ status: 'running', rollbacks: [{ step: 12, layer: 'encoder.0', learningRate: 0.0005 }] });
  assert.equal(shown().length, 1);
  assert.match(shown()[0], /12.*encoder\.0|encoder\.0.*12/s);
  assert.match(shown()[0], /0\.0005/);
  become({ status: 'diverged', why: { code: 'diverged', field: 'encoder.0' } });
  assert.equal(shown().length, 1, 'that it diverged says it already');
  assert.doesNotMatch(shown()[0], /0\.0005/);
  become({ status: 'running', why: null, rollbacks: [], otherWork: 'sweep.head' });
  assert.equal(shown().length, 1);
  become({ otherWork: '', pending: ['latent'] });
  assert.equal(shown().length, 1);
  const buttons = /** @type {HTMLButtonElement[]} */ ([...element.querySelectorAll('.note:not([hidden]) button')]);
  buttons[0].click();
  await settle();
  assert.deepEqual(calls, ['reset', 'start']);
  buttons[0].focus();
  become({ pending: [] });
  assert.deepEqual(shown(), []);
  assert.equal(document.activeElement, home, 'the focus goes on');
});

test('an answer to a question, and to the offer to go on, leaves the focus to play', async () => {
  const { notices, runs, element, home } = await setUp({}, [{ id: '7', name: 'Ada', step: 9 }]);
  notices.ask('train.pending', {}, [{ key: 'train.not-now', act: async () => {}, id: 'no' }]);
  assert.equal(document.activeElement, element.querySelector('[data-testid=no]'));
  /** @type {HTMLElement} */ (document.activeElement).click();
  assert.equal(document.activeElement, home);
  notices.offer();
  await settle();
  runs.emit('change');
  await settle();
  const no = /** @type {HTMLElement} */ (element.querySelector('[data-testid=train-not-now]'));
  no.focus();
  no.click();
  await settle();
  assert.equal(/** @type {HTMLElement} */ (no.parentElement).hidden, true);
  assert.equal(document.activeElement, home);
});

test('that another tab trains is told as long as it does', async (t) => {
  const { notices, shown, runs, element } = await setUp();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let looks = 0;
  runs.on('change', () => looks++);
  const run = { id: '1', name: 'Ada', where: 'elsewhere', status: 'running' };
  notices.listed(
    /** @type {any} */ ([
      { ...run, where: 'here' },
      { ...run, status: 'paused' },
    ]),
  );
  assert.deepEqual(shown(), []);
  notices.listed(/** @type {any} */ ([run]));
  assert.match(shown().join(), /Ada.*another tab/);
  assert.equal(element.querySelector('[data-testid=train-elsewhere]')?.getAttribute('role'), 'status');
  t.mock.timers.tick(5000);
  assert.equal(looks, 1, 'a tab that crashes does not tell that it has ended');
  notices.listed([]);
  assert.deepEqual(shown(), []);
  t.mock.timers.tick(60_000);
  assert.equal(looks, 1);
});
