import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstValidation } from '../generated/catalog.js';
import { FakeGroup, FakeRunList } from '../test/fake-group.js';
import { TrainingSession } from './training-session.js';
import { readCurves } from './run.js';
import { decodePixels, encodePreview, decodePreview } from './model-poller.js';

/** A training that is driven fast, with what it makes. */
function make({ pace = { every: 1, steps: 10 }, data } = /** @type {any} */ ({})) {
  /** @type {any[]} */
  const groups = [];
  const runs = new FakeRunList();
  const training = new TrainingSession({
    makeGroup: () => {
      const g = new FakeGroup();
      g.pace = pace;
      groups.push(g);
      return /** @type {any} */ (g);
    },
    runs,
    data: data ?? (async (name) => ({ name, files: [new ArrayBuffer(1)] })),
    workers: 2,
  });
  /** @type {any[]} */
  const errors = [];
  training.on('error', (e) => errors.push(e));
  return { training, groups, runs, errors };
}

/** @param {TrainingSession} training @param {string} status */
function become(training, status) {
  return new Promise((resolve) => {
    const off = training.on('change', () => {
      if (training.status !== status) return;
      off();
      resolve(undefined);
    });
  });
}

/** @param {any} group @param {string} what */
const asked = (group, what) => group.asked.filter((/** @type {any} */ [a]) => a === what).map((/** @type {any} */ [, b]) => b);

test('play opens, trains and tells; pause stops, measures and keeps', async () => {
  const { training, groups, runs, errors } = make();
  await training.start();
  assert.equal(training.status, 'running');
  while (training.state.step < 100) await new Promise((r) => setTimeout(r, 5));
  await training.pause();
  await training.model(); // after what it does of itself at a pause
  const { state } = training;
  assert.equal(state.status, 'paused');
  assert.equal(state.dataset, 'digits');
  assert.equal(state.imagesPerSecond, 0);
  const { recon, kl, elbo } = state;
  assert.ok(recon !== null && kl !== null && elbo !== null);
  assert.ok(recon > 0 && Math.abs(elbo + recon + kl) < 1e-9);
  assert.ok(Number(state.validation.elbo) < 0);
  assert.equal(training.detail?.klPerDim.length, 16);
  assert.equal(training.curves.train.length, state.step);
  const [saved] = await runs.list();
  assert.ok(saved.weights && saved.checkpoint);
  assert.equal(decodePixels(saved.figures.pictures.samples).length, 8 * 784);
  assert.deepEqual(asked(groups[0], 'open')[0].data, { kind: 'digits', first: 0, count: 20_000, seed: 1 });
  assert.deepEqual(asked(groups[0], 'open')[0].validation, { kind: 'digits', first: firstValidation, count: 2000, seed: 1 });
  assert.deepEqual(errors, []);
  await training.close();
});

test('a run that is let go while it runs errors nobody', async () => {
  const { training, errors } = make();
  await training.start();
  await training.reset();
  await training.close();
  await new Promise((r) => setTimeout(r, 20));
  assert.deepEqual(errors, []);
});

test('one step is one step', async () => {
  const { training } = make();
  await training.step();
  assert.equal(training.state.step, 1);
  await training.step(25);
  assert.equal(training.state.step, 26);
  assert.equal(training.status, 'paused');
  await assert.rejects(training.step(0), { code: 'bad-value', field: 'n' });
  await training.close();
});

test('what can change does at once, the rest waits for another run', async () => {
  const { training, groups } = make();
  await training.start();
  training.set({ beta: 3, learningRate: 0.01, workers: 1, latent: 5 });
  await training.pause();
  assert.deepEqual(asked(groups[0], 'change'), [{ learningRate: 0.01, beta: 3 }]);
  assert.deepEqual(asked(groups[0], 'setWorkers'), [1]);
  assert.deepEqual(training.pending, ['latent']);
  assert.equal(training.state.settings.latent, 16);
  await training.reset();
  assert.equal(training.status, 'idle');
  assert.deepEqual(training.pending, []);
  await training.step();
  assert.equal(asked(groups[1], 'open')[0].recipe.model.latent, 5);
  assert.equal(asked(groups[1], 'open')[0].recipe.train.beta, 3);
  await training.close();
});

test('reset with a new seed; a run without a step is not saved', async () => {
  const { training, runs } = make();
  await training.step(3);
  const { seed } = training.settings;
  await training.reset({ seed: 'new' });
  assert.notEqual(training.settings.seed, seed);
  assert.equal((await runs.list()).length, 1);
  await training.start({ epochs: 1 });
  await training.pause();
  await training.close();
});

test('it stops after its epochs, and begins anew when played again', async () => {
  const { training, groups } = make({ pace: { every: 1, steps: 40 } });
  const done = become(training, 'done');
  await training.start({ images: 640, epochs: 2 });
  await done;
  assert.equal(training.state.step, 20);
  assert.equal(training.state.stopped, 'epochs');
  await training.start();
  assert.equal(groups.length, 2);
  await training.close();
});

test('it stops after a time', async () => {
  const { training } = make();
  await training.start({ minutes: 0.05 / 60 });
  await become(training, 'paused');
  assert.equal(training.state.stopped, 'time');
  assert.ok(training.state.seconds >= 0.049);
  await training.close();
});

test('rollbacks are listed, and a divergence names the layer', async () => {
  const { training } = make();
  const diverged = become(training, 'diverged');
  await training.start({ learningRate: 100 });
  await diverged;
  assert.equal(training.rollbacks[0].layer, 'decoder.2');
  assert.match(training.state.error?.message ?? '', /decoder\.2/);
  await training.close();
});

test('a lost worker is messages', async () => {
  const { training, groups } = make();
  /** @type {any[]} */
  const messages = [];
  training.on('message', (...a) => messages.push(a));
  await training.start({ workers: 3 });
  groups[0].lose();
  assert.deepEqual(messages, [['train.worker-lost', { alive: 2 }]]);
  await training.close();
});

test('a run that was let go is gone on with', async () => {
  const { training, runs, groups } = make();
  await training.start({ latent: 3, seed: 9 });
  while (training.state.step < 30) await new Promise((r) => setTimeout(r, 2));
  await training.pause();
  await training.reset();
  const [{ id, step }] = await runs.interrupted();
  training.set({ preset: 'quick' });
  await training.resume(id);
  assert.equal(training.state.step, step);
  assert.deepEqual([training.settings.latent, training.settings.seed], [3, 9]);
  assert.ok(asked(groups[1], 'open')[0].checkpoint.byteLength > 0);
  assert.ok(training.curves.train.length > 0);
  await training.close();
});

test('a saved data set is opened by its name; one that is not there fails and says so', async () => {
  const files = [new ArrayBuffer(4)];
  const { training, groups } = make({
    data: async (/** @type {string} */ name) => {
      if (name !== 'mnist') throw Object.assign(new Error('gone'), { code: 'model-missing' });
      return { name, files };
    },
  });
  await training.step(1);
  await training.start({ data: 'mnist' });
  assert.deepEqual(asked(groups[1], 'open')[0].data, { kind: 'idx', name: 'mnist' });
  assert.equal(training.state.dataset, 'mnist');
  await assert.rejects(training.start({ data: 'nothing' }), { code: 'model-missing' });
  assert.equal(training.status, 'failed');
  await training.start({ data: 'digits' });
  assert.equal(training.status, 'running');
  await training.close();
});

test('a model without an encoder has no ELBO, but the terms of its objective, also when it is taken up again', async () => {
  const { training, runs, groups } = make();
  training.set({ preset: 'gan', patience: 1 });
  assert.equal(training.unfit, 'train.unfit-encoder');
  await training.step(20);
  const { elbo, recon, terms, validation, beta } = training.state;
  assert.deepEqual([elbo, recon, beta], [null, null, null]);
  assert.ok(Math.abs(terms.discriminator - 0.7) < 1e-9 && Math.abs(terms.generator - 0.8) < 1e-9);
  assert.deepEqual([validation.elbo, validation.terms], [null, { discriminator: 0.5, generator: 1.5, real: 2.5, fake: 3.5 }]);
  assert.equal(training.curves.train.column('generator')[19], 0.8);
  assert.equal(training.curves.validation.column('generator')[0], 1.5);
  assert.equal(asked(groups[0], 'open')[0].recipe.model.likelihood, 'implicit');
  const saved = readCurves(JSON.parse(JSON.stringify(training.curves)));
  assert.equal(saved.train.column('discriminator')[0], 0.7);
  const { id } = training.run;
  await training.reset();
  await training.resume(id);
  assert.deepEqual(training.state.validation.terms, { discriminator: 0.5, generator: 1.5, real: 2.5, fake: 3.5 });
  assert.equal((await runs.list()).length, 1);
  await training.close();
});

test('made sets are asked for by their name', async () => {
  const { training, groups } = make();
  await training.start({ preset: 'faces', images: 500 });
  const { data, validation, recipe } = asked(groups[0], 'open')[0];
  assert.deepEqual(
    [data, validation.first, recipe.model.input],
    [{ kind: 'faces', first: 0, count: 500, seed: 1 }, firstValidation, [3, 32, 32]],
  );
  await training.close();
});

test('a run goes on with the pictures it began with, and one of an earlier version with those of that version', async () => {
  const { training, groups, runs } = make();
  await training.start({ images: 5000 });
  await training.step(1);
  const began = asked(groups[0], 'open')[0];
  const { id } = training.run;
  training.set({ beta: 2 }); // settings are saved again
  await training.reset();
  await training.resume(id);
  const again = asked(groups[1], 'open')[0];
  assert.ok(again.checkpoint);
  assert.deepEqual([again.data, again.validation], [began.data, began.validation]);
  await training.reset();

  const saved = await runs.acquire(id);
  saved.update({ settings: { page: saved.settings.page } }); // as earlier versions wrote it
  await saved.release();
  await training.resume(id);
  const earlier = asked(groups[2], 'open')[0];
  assert.ok(earlier.checkpoint);
  assert.deepEqual([earlier.data, earlier.validation], [began.data, { ...began.validation, first: 5000 }]);
  await training.close();
});

test('pictures of any shape are saved, and what anybody wrote is judged', () => {
  const pictures = (/** @type {number} */ n) => Float32Array.from({ length: n * 3072 }, (_, i) => (i % 256) / 255);
  const rest = { scatter: new Float32Array(0), labels: [], grid: new Float32Array(0), latent: 2, explained: [] };
  const saved = encodePreview({ originals: pictures(12), recon: pictures(12), samples: pictures(24), shape: [3, 32, 32], ...rest });
  const back = decodePreview(JSON.parse(JSON.stringify(saved)));
  assert.equal(back?.count, 3);
  assert.deepEqual(
    back?.rows.map((r) => r.length),
    [9216, 9216, 9216],
  );
  assert.ok(Math.abs((back?.rows[2][77] ?? 0) - 77 / 255) < 1e-6);
  const none = new Float32Array(0);
  const gan = decodePreview(encodePreview({ originals: none, recon: none, samples: pictures(24), shape: [3, 32, 32], ...rest }));
  assert.deepEqual([gan?.count, gan?.rows.length], [8, 1]);
  for (const bad of [
    null,
    {},
    { ...saved, shape: [2, 32, 32] },
    { ...saved, shape: [3, 32, 1e9] },
    { ...saved, count: 1e9 },
    { ...saved, shape: 'x' },
    { count: 1, shape: [1, 2, 2], samples: '####' },
  ]) {
    assert.equal(decodePreview(bad), null, JSON.stringify(bad)?.slice(0, 60));
  }
});
