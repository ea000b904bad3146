import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from '../test/dom.js';
import { embedCode } from './embed-code.js';

makeDocument(); // modules of views look at it when they are loaded
const { makeCalls, plainText } = await import('./embed.js');

/** @param {boolean} control */
function rig(control) {
  /** @type {any[]} */
  const done = [];
  const note =
    (/** @type {string} */ name) =>
    (/** @type {any[]} */ ...args) =>
      void done.push([name, ...args]);
  const api = {
    ready: Promise.resolve(),
    state: () => ({ model: 'digits' }),
    decode: async (/** @type {any} */ z) => [z.length],
    load: async (/** @type {string} */ name) => done.push(['load', name]),
    map: { at: (/** @type {number} */ u, /** @type {number} */ v) => [u, v] },
    train: { start: note('train.start'), pause: note('train.pause'), step: note('train.step'), reset: note('train.reset') },
    on: note('on'),
  };
  const studio = /** @type {any} */ ({ show: note('show'), start: note('start'), pause: note('pause'), seek: note('seek') });
  return { calls: makeCalls(api, studio, control), done };
}

test('any page around the frame may read', async () => {
  const { calls, done } = rig(false);
  assert.deepEqual(await calls('state', []), { model: 'digits' });
  assert.deepEqual(await calls('state', undefined), { model: 'digits' });
  assert.deepEqual(await calls('decode', [[1, 2]]), [2]);
  assert.deepEqual(await calls('map.at', [0.1, 0.2]), [0.1, 0.2]);
  for (const name of ['load', 'show', 'play', 'pause', 'seek', 'train.start', 'train.pause', 'train.step', 'train.reset']) {
    await assert.rejects(async () => calls(name, [0]), { code: 'read-only', field: 'call' }, name);
  }
  assert.deepEqual(done, []);
});

test('what is no call is refused, whether it may write or not', async () => {
  const { calls, done } = rig(true);
  for (const name of [
    'train',
    'train.constructor',
    'on',
    'ready',
    'constructor',
    '__proto__',
    'toString',
    'map',
    'state.constructor',
    '',
    7,
    null,
    undefined,
    {},
  ]) {
    await assert.rejects(async () => calls(name, []), { code: 'bad-value', field: 'call' }, String(name));
  }
  await assert.rejects(async () => calls('state', 'x'), { code: 'bad-value', field: 'args' });
  await assert.rejects(async () => calls('map.project', [[1]]), { code: 'bad-value' }, 'a page without a map');
  assert.deepEqual(done, []);
});

test('with control it shows links, moves the morph, loads models and trains', async () => {
  const { calls, done } = rig(true);
  await calls('show', ['http://host/#studio?t=0.5&model=digits']);
  assert.deepEqual(done.splice(0), [['show', { t: 0.5, model: 'digits', wrong: [] }]]);
  await calls('show', ['#studio?a=-&model=digits-2d']);
  assert.deepEqual(done.splice(0), [
    ['show', { a: null, model: 'digits-2d', wrong: [] }],
    ['load', 'digits-2d'],
  ]);
  for (const link of ['nonsense', '#studio', '#studio?t=2', 7, null]) {
    await assert.rejects(async () => calls('show', [link]), { code: 'bad-value', field: 'link' }, String(link));
  }
  for (const t of [-1, 2, NaN, '0.5', undefined]) {
    await assert.rejects(async () => calls('seek', [t]), { code: 'bad-value', field: 't' }, String(t));
  }
  await calls('seek', [1]);
  await calls('play', []);
  await calls('pause', []);
  assert.deepEqual(done.splice(0), [['seek', 1], ['start'], ['pause']]);
  assert.equal(await calls('train.start', [{ preset: 'map' }]), null);
  await calls('train.step', [3]);
  await calls('train.pause', []);
  await calls('train.reset', []);
  assert.deepEqual(done, [['train.start', { preset: 'map' }], ['train.step', 3], ['train.pause'], ['train.reset']]);
});

test('title and note are one line of plain text, no longer than they may be', () => {
  assert.equal(plainText(null, 10), '');
  assert.equal(plainText('  Two\n\u0000\u202e digits\t', 80), 'Two digits');
  assert.equal(plainText('<b>x</b>', 80), '<b>x</b>');
  assert.equal(plainText('数'.repeat(81), 80), `${'数'.repeat(79)}…`);
  assert.equal([...plainText('😀'.repeat(500), 300)].length, 300);
});

test('the code of a frame is HTML for the address', () => {
  const code = embedCode('http://host/ink/?kernel=off#studio?a=xy&t=0.5', 'Two "digits" & <more>');
  document.body.innerHTML = code;
  const frame = /** @type {HTMLIFrameElement} */ (document.body.firstElementChild);
  assert.equal(frame.getAttribute('src'), 'http://host/ink/?embed=1#studio?a=xy&t=0.5');
  assert.equal(frame.title, 'Two "digits" & <more>');
  assert.equal(document.body.children.length, 1);
  assert.match(frame.getAttribute('sandbox') ?? '', /^allow-scripts/);
  assert.doesNotMatch(frame.getAttribute('sandbox') ?? '', /same-origin/);
});
