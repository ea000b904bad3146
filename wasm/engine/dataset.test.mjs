/**
 * Trains on people's own pictures with the built engine. DIST as in
 * studio.test.mjs. What needs ../shared/data/cifar10/cifar10-1000.zip beside the
 * repository is left out without it.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startEngine, startWorker } from '../../tools/nodeworker/nodeworker.mjs';
import { trainerProgram } from '../../web/engine/engine.js';
import { png, zip } from '../../web/test/files.js';
import { WorkerPool } from '../../web/training/worker-pool.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.resolve(process.env.DIST ?? path.join(root, 'dist'));
const bytes = fs.statSync(path.join(dist, 'engine-trainer.wasm')).size;
const thousand = path.join(root, '../shared/data/cifar10/cifar10-1000.zip');

/** @typedef {{name: string, content: Buffer<ArrayBuffer>}} File */

/**
 * Files as requests have them: a list of names and lengths, and the contents.
 *
 * @param {File[]} files
 */
async function packed(files) {
  const list = JSON.stringify(files.map((f) => ({ name: f.name, bytes: f.content.length })));
  return [/** @type {ArrayBuffer} */ (new TextEncoder().encode(list).buffer), await new Blob(files.map((f) => f.content)).arrayBuffer()];
}

/**
 * A PNG of one colour but for a bar across it.
 *
 * @param {number} side
 * @param {number[]} colour red, green, blue
 * @param {number} bar
 */
const barred = (side, colour, bar) => png(side, side, (_x, y) => (y === bar ? [255, 255, 255] : colour));

/** Pictures of two kinds, and something else. */
const pets = zip([
  { name: 'notes.txt', content: Buffer.from('no picture') },
  ...Array.from({ length: 40 }, (_, i) => ({
    name: `${i % 2 ? 'red' : 'blue'}/${i}.png`,
    content: barred(20, i % 2 ? [200, 20, 20] : [20, 20, 200], i % 20),
  })),
]);

const model = {
  family: 'dense',
  input: [3, 8, 8],
  encoder: [32],
  decoder: [32],
  latent: 3,
  activation: 'tanh',
  likelihood: 'gaussian',
  output: 'sigmoid',
};
const recipe = { model, train: { epochs: 60, batch: 8, learning_rate: 0.01, binarize: 'none', seed: 3 } };
const album = { kind: 'album', name: 'pets', frame: { shape: [3, 8, 8] } };

/** @type {ReturnType<typeof startEngine>} */
let engine;
/** @type {import('../../tools/nodeworker/nodeworker.mjs').Client} */
let client;

before(async () => {
  engine = startEngine({ dist, program: trainerProgram, bytes });
  client = engine.client;
  await client.event((h) => h.type === 'engine-ready');
});
after(() => engine.stop());

test('lists the sets that it makes, and each has a sheet', async () => {
  const { head } = await client.good('data.sets');
  assert.ok(head.sets.some((/** @type {any} */ s) => s.name === 'digits') && head.sets.length >= 3);
  for (const s of head.sets) {
    const { head: sheet, bufs } = await client.good('data.sheet', {
      data: { kind: s.name, count: s.train, seed: 1 },
      columns: 6,
      rows: 2,
      seed: 1,
    });
    assert.deepEqual(sheet.shape, s.shape);
    assert.deepEqual([sheet.width, sheet.height], [6 * (s.shape[2] + 2) - 2, 2 * (s.shape[1] + 2) - 2]);
    assert.equal(bufs[0].byteLength, 4 * sheet.width * sheet.height);
  }
});

test('learns from an archive, alone and with another worker, and goes on with it', async () => {
  const files = await packed([{ name: 'pets.zip', content: pets }]);
  const { head } = await client.good('train.open', { recipe, data: album, validation: album }, files);
  assert.deepEqual([head.dataset.count, head.validation.count, head.classes], [32, 4, ['blue', 'red']]);
  assert.deepEqual(
    [head.report.files, head.report.pictures, head.report.unreadable, head.report.leftOut[0].name],
    [41, 40, 1, 'notes.txt'],
  );
  const { head: fresh } = await client.good('train.evaluate', { images: 0 });
  await client.good('train.run', { steps: 0 });
  await client.event((h) => h.type === 'train-state' && h.state === 'done');
  const { head: learnt } = await client.good('train.evaluate', { images: 0 });
  assert.ok(learnt.elbo > fresh.elbo + 1, `${fresh.elbo} became ${learnt.elbo}`);
  await client.good('train.close');

  const group = new WorkerPool({ spawn: () => startWorker({ dist, program: trainerProgram }) });
  try {
    const what = /** @type {any} */ ({ recipe, data: album, validation: album, files, workers: 2 });
    await group.open(what);
    assert.equal(group.workers.alive, 2);
    await group.run(10);
    while (group.step < 10) await new Promise((r) => setTimeout(r, 20));
    const { file, step } = await group.checkpoint();
    assert.equal(step, 10);
    await group.open({ ...what, checkpoint: file });
    assert.equal(group.step, 10);
    const others = await packed([
      { name: 'pets.zip', content: pets },
      { name: 'one.png', content: barred(20, [1, 2, 3], 4) },
    ]);
    await assert.rejects(group.open({ ...what, files: others, checkpoint: file }), { code: 'bad-checkpoint', field: 'data' });
  } finally {
    await group.close();
  }
});

test('a set is read once into files that any worker opens as they are', async () => {
  const files = await packed([{ name: 'pets.zip', content: pets }]);
  const { head, bufs } = await client.good('data.read', { data: album }, files);
  assert.deepEqual([head.train, head.validation, head.test, head.shape, head.classes], [32, 4, 4, [3, 8, 8], ['blue', 'red']]);
  assert.deepEqual(
    bufs.map((b) => b.byteLength),
    [20 + 32 * 192, 8 + 32, 20 + 4 * 192, 8 + 4],
  );
  const idx = { kind: 'idx', name: 'pets' };
  const { head: opened } = await client.good('train.open', { recipe, data: idx, validation: idx }, bufs);
  assert.deepEqual([opened.dataset, opened.validation.count], [{ name: 'pets', count: 32, shape: [3, 8, 8] }, 4]);
  await client.good('train.run', { steps: 20 });
  await client.event((h) => h.type === 'train-state' && h.step === 20);
  const { bufs: frames } = await client.good('train.morph', { a: 0, b: 1, frames: 5, path: 'slerp', seed: 1 });
  assert.equal(frames[0].byteLength, 5 * 192 * 4);
  await client.good('train.close');
});

const rgb = {
  family: 'conv',
  input: [3, 32, 32],
  encoder: [16, 32, 32],
  decoder: [32, 32, 16],
  latent: 16,
  activation: 'leaky-relu',
  likelihood: 'gaussian',
  output: 'sigmoid',
};

test('reads a thousand pictures and answers all the while', async (t) => {
  if (!fs.existsSync(thousand))
    return t.skip('cifar10-1000.zip is not in ../shared/data/cifar10 beside the repository: this test needs it and is left out');
  const files = await packed([{ name: 'cifar10-1000.zip', content: fs.readFileSync(thousand) }]);
  const data = { kind: 'album', name: 'a thousand', frame: { shape: [3, 32, 32] } };
  let start = performance.now();
  const { head: sheet } = await client.good('data.sheet', { data, columns: 8, rows: 6, seed: 1 }, files);
  t.diagnostic(`a sheet after ${(performance.now() - start).toFixed()} ms, ${sheet.report.pictures} pictures read`);
  assert.deepEqual([sheet.width, sheet.height, sheet.report.files], [8 * 34 - 2, 6 * 34 - 2, 1000]);

  start = performance.now();
  let opened = false;
  const opening = client
    .good(
      'train.open',
      { recipe: { model: rgb, train: { epochs: 1, batch: 50, learning_rate: 0.001, binarize: 'none', seed: 1 } }, data, validation: data },
      files,
    )
    .finally(() => (opened = true));
  /** @type {number[]} */
  const waits = [];
  while (!opened) {
    const asked = performance.now();
    await client.good('hello');
    waits.push(performance.now() - asked);
  }
  const { head } = await opening;
  t.diagnostic(
    `open after ${(performance.now() - start).toFixed()} ms; ${waits.length} answers meanwhile, the latest after ${Math.max(...waits).toFixed()} ms`,
  );
  assert.deepEqual([head.dataset.count, head.validation.count, head.report.pictures, head.report.unreadable], [800, 100, 1000, 0]);
  assert.ok(waits.length > 3, `${waits.length} answers meanwhile`);
  const { head: fresh } = await client.good('train.evaluate', { images: 50 });
  await client.good('train.run', { steps: 10 });
  await client.event((h) => h.type === 'train-state' && h.step === 10);
  const { head: learnt } = await client.good('train.evaluate', { images: 50 });
  assert.ok(learnt.elbo > fresh.elbo, `${fresh.elbo} became ${learnt.elbo}`);
  await client.good('train.close');
});
