import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAPI, morphOptions, numbers } from './api.js';
import { Emitter } from '../lib/emitter.js';
import { codes, InkdriftError } from '../lib/errors.js';

const picture = new Array(784).fill(0.5);

/** @param {any} [with_] */
function rig(with_ = {}) {
  /** @type {any[]} */
  const asked = [];
  /** @type {any[]} */
  const told = [];
  const events = new Emitter();
  const api = makeAPI({
    ready: Promise.resolve(),
    latent: () => 2,
    rects: () => ({}),
    training: async () => assert.fail('nothing trains here'),
    state: () => ({}),
    map: () => ({ latent: with_.latent ? 0 : 2, project: (z) => [z[0], z[1]], at: (u, v) => [u, v] }),
    models: () => [{ name: 'digits', title: 'Digits' }],
    load: async (what) => what,
    link: () => 'http://host/#studio?t=0.5',
    onError: (e) => told.push(e),
    events,
    request: /** @type {import('../engine/engine.js').Ask} */ (
      async (/** @type {string} */ type, /** @type {object} */ fields, /** @type {ArrayBuffer[]} */ bufs) => {
        asked.push({ type, fields, bufs: bufs.map((b) => Array.from(new Float32Array(b))) });
        const f = (/** @type {number} */ n) => new Float32Array(n).fill(0.25).buffer;
        if (type === 'encode') return { head: { label: 7, probs: [1] }, bufs: [f(2), f(2), f(784)] };
        if (type === 'morph') return { head: {}, bufs: [f(784 * /** @type {any} */ (fields).frames), f(4)] };
        return { head: {}, bufs: [f(784)] };
      }
    ),
    ...with_,
  });
  return { api, asked, told, events };
}

test('the map takes latent points and places', () => {
  const { api } = rig();
  assert.deepEqual(api.map.project([0.5, 0.25]), [0.5, 0.25]);
  assert.deepEqual(api.map.at(0.5, 0.75), [0.5, 0.75]);
  assert.throws(() => api.map.project([1, 2, 3]), { code: 'bad-length', field: 'z' });
  assert.throws(() => api.map.at(0.5, NaN), { code: 'not-finite', field: 'place' });
  assert.throws(() => rig({ latent: () => null }).api.map.at(0.5, 0.5), { code: 'no-model' });
});

test('encode gives plain arrays', async () => {
  const { api, asked } = rig();
  const r = await api.encode(picture);
  assert.deepEqual(r.mu, [0.25, 0.25]);
  assert.equal(r.recon.length, 784);
  assert.equal(r.label, 7);
  assert.deepEqual(asked[0].bufs[0], picture);
  assert.doesNotThrow(() => JSON.stringify(r));
});

test('the link is that of the page', () => {
  assert.equal(rig().api.link(), 'http://host/#studio?t=0.5');
});

test('encode takes typed arrays', async () => {
  const { api } = rig();
  await api.encode(new Float32Array(784));
  await api.encode(new Float64Array(784));
});

test('what is wrong with a picture is told with its code and where', async () => {
  const { api, asked, told } = rig();
  const at = (/** @type {number} */ i, /** @type {any} */ v) => Object.assign([...picture], { [i]: v });
  /** @type {[any, string, RegExp][]} */
  const bad = [
    [undefined, 'bad-value', /array/],
    ['x'.repeat(784), 'bad-value', /array/],
    [new DataView(new ArrayBuffer(784)), 'bad-value', /array/],
    [[], 'bad-length', /0 numbers/],
    [[...picture, 0], 'bad-length', /785/],
    [at(3, NaN), 'not-finite', /\[3\]/],
    [at(4, Infinity), 'not-finite', /\[4\]/],
    [at(5, 1e39), 'not-finite', /\[5\]/],
    [at(6, -0.01), 'bad-value', /\[6\]/],
    [at(7, 1.01), 'bad-value', /\[7\]/],
    [at(8, '0.5'), 'bad-value', /\[8\]/],
    [at(9, null), 'bad-value', /\[9\]/],
    [new Array(784), 'bad-value', /\[0\]/],
    [new BigInt64Array(784), 'bad-value', /\[0\]/],
  ];
  for (const [value, code, message] of bad) {
    await assert.rejects(api.encode(value), (/** @type {any} */ e) => {
      assert.ok(e instanceof InkdriftError);
      assert.equal(e.code, code);
      assert.equal(e.field, 'pixels');
      assert.match(e.message, message);
      assert.ok(codes.includes(e.code));
      return true;
    });
  }
  assert.equal(asked.length, 0);
  assert.equal(told.length, bad.length, 'the page hears of each');
});

test('decode wants as many numbers as the model has', async () => {
  const { api } = rig();
  assert.equal((await api.decode([0, 1])).length, 784);
  await assert.rejects(api.decode([0]), { code: 'bad-length', field: 'z' });
  await assert.rejects(api.decode([0, NaN]), { code: 'not-finite', field: 'z' });
});

test('without a model that is what is said', async () => {
  const { api } = rig({ latent: () => null });
  await assert.rejects(api.encode(picture), { code: 'no-model' });
  await assert.rejects(api.decode([0]), { code: 'no-model' });
  await assert.rejects(api.morph([0], [0]), { code: 'no-model' });
});

test('morph gives frames', async () => {
  const { api, asked } = rig();
  const frames = await api.morph([0, 0], [1, 1], { frames: 5, path: 'lerp' });
  assert.equal(frames.length, 5);
  assert.ok(frames.every((f) => Array.isArray(f) && f.length === 784));
  assert.deepEqual(asked[0].fields, { frames: 5, path: 'lerp' });
  await assert.rejects(api.morph([0, 0], [1]), { code: 'bad-length', field: 'zB' });
});

test('the options of a morph are checked', () => {
  assert.deepEqual(morphOptions(undefined), { frames: 16, path: 'slerp' });
  for (const frames of [1, 513, 2.5, NaN, '8', Infinity]) {
    assert.throws(() => morphOptions({ frames }), { code: 'bad-value', field: 'frames' });
  }
  assert.throws(() => morphOptions({ path: 'arc' }), { code: 'bad-value', field: 'path' });
});

test('load takes names and files only', async () => {
  const { api } = rig();
  assert.equal(await api.load('digits'), 'digits');
  await assert.rejects(api.load(/** @type {any} */ (7)), { code: 'bad-value', field: 'model' });
});

test('on calls until it is told not to', () => {
  const { api, events } = rig();
  /** @type {any[]} */
  const got = [];
  const off = api.on('progress', (d) => got.push(d));
  events.emit('progress', 1);
  off();
  events.emit('progress', 2);
  assert.deepEqual(got, [1]);
  assert.throws(() => api.on(/** @type {any} */ ('click'), () => {}), { code: 'bad-value', field: 'event' });
  assert.throws(() => api.on('error', /** @type {any} */ (null)), { code: 'bad-value', field: 'fn' });
});

test('numbers keeps what it is given', () => {
  const given = [0, 1];
  const buffer = numbers('z', given, 2);
  new Float32Array(buffer)[0] = 9;
  assert.deepEqual(given, [0, 1]);
});

test('errors of unknown codes are unexpected ones', () => {
  assert.equal(InkdriftError.from({ code: 'nobody knows', message: 'x' }).code, 'unexpected');
  assert.equal(InkdriftError.from('x').message, 'x');
  assert.equal(InkdriftError.from(undefined).code, 'unexpected');
});
