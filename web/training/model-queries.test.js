import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelQueries } from './model-queries.js';

/** @param {(type: string, fields: any) => any} answer head, or head and buffers */
function make(answer) {
  /** @type {any[]} */
  const asked = [];
  const queries = new ModelQueries(async (type, fields, bufs) => {
    asked.push([type, fields, bufs]);
    const { bufs: given = [], ...head } = (await answer(type, fields)) ?? {};
    return { head, bufs: given };
  });
  return { queries, asked };
}

const floats = (/** @type {number[]} */ ...values) => Float32Array.from(values).buffer;

test('a preview has its pictures by name', async () => {
  const { queries, asked } = make(() => ({
    step: 3,
    prior: 'normal',
    latent: 2,
    shape: [1, 1, 1],
    labels: [4],
    explained: [1],
    bufs: [floats(1), floats(2), floats(3), floats(4, 5), floats(), floats(6)],
  }));
  const { validation, recon, samples, scatter, grid, path, ...rest } = await queries.preview({ recon: 1, seed: 7 });
  assert.deepEqual(
    [validation, recon, samples, scatter, grid, path].map((v) => [...v]),
    [[1], [2], [3], [4, 5], [], [6]],
  );
  assert.deepEqual(rest, { step: 3, prior: 'normal', latent: 2, shape: [1, 1, 1], labels: [4], explained: [1] });
  assert.deepEqual(asked, [
    ['train.preview', { recon: 1, samples: 0, scatter: 0, grid: 0, class: 0, path: 0, seed: 7, prior: '' }, undefined],
  ]);
});

test('an evaluation without further terms has none, and null is NaN', async () => {
  const { queries, asked } = make(() => ({
    step: 1,
    images: 5,
    recon: 2,
    kl: null,
    elbo: null,
    klPerDim: [1, null],
    active: [true, false],
  }));
  const e = await queries.evaluate(5);
  assert.deepEqual(e, {
    step: 1,
    images: 5,
    recon: 2,
    kl: NaN,
    elbo: NaN,
    klPerDim: [1, NaN],
    active: [true, false],
    terms: [],
    other: [],
  });
  assert.deepEqual(asked, [['train.evaluate', { images: 5 }, undefined]]);
});

test('a morph and the model come as buffers', async () => {
  const { queries } = make((type) => ({ step: 1, frames: 2, shape: [1, 1, 1], bufs: [type === 'train.morph' ? floats(0, 1) : floats(9)] }));
  const { pixels, frames } = await queries.morph({ a: 0, b: 1, frames: 2, path: 'lerp' });
  assert.deepEqual([[...pixels], frames], [[0, 1], 2]);
  assert.deepEqual([...new Float32Array(await queries.model())], [9]);
});

test('a measurement is stopped by its signal, also before it begins', async () => {
  /** @type {(value?: any) => void} */
  let finish = () => {};
  const { queries, asked } = make((type) => (type === 'measure' ? new Promise((resolve) => (finish = resolve)) : {}));
  const controller = new AbortController();
  const classifier = [new ArrayBuffer(1)];
  const measuring = queries.measure({ bound: 10 }, classifier, controller.signal);
  controller.abort();
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(
    asked.map(([type]) => type),
    ['measure', 'measure.stop'],
  );
  assert.equal(asked[0][2], classifier);
  finish({ fid: 1 });
  assert.deepEqual(await measuring, { fid: 1 });
  await assert.rejects(queries.measure({}, [], controller.signal), { code: 'stopped' });
  assert.equal(asked.length, 2, 'the engine was not asked');
});

test('a signal after the end stops nothing', async () => {
  const { queries, asked } = make(() => ({}));
  const controller = new AbortController();
  await queries.measure({}, [], controller.signal);
  controller.abort();
  assert.equal(asked.length, 1);
});
