/**
 * Trains with web/training/worker-pool.js and the built engine, in threads of Node. What
 * dies meanwhile is in training-deaths.test.mjs.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { digits, dist, distance, fastest, few, loss, many, model, rig, until, weightsOf, whole } from './training-rig.mjs';

/** @typedef {import('./training-rig.mjs').Options} Options */

test('two workers train as one does, bit for bit', async () => {
  const one = await whole(1);
  const two = await whole(2);
  assert.deepEqual(one.info.dataset, { name: 'digits', count: 60, shape: [1, 28, 28] });
  assert.deepEqual([one.info.steps, one.info.stepsPerEpoch, one.info.step], [16, 4, 0]);
  assert.deepEqual(
    two.points.map((p) => p.slice(0, 7)),
    one.points.map((p) => p.slice(0, 7)),
  );
  assert.equal(one.points.length, 16);
  assert.ok(loss(one.points, 12, 16) < loss(one.points, 0, 4) - 20);
  assert.ok(Buffer.from(one.file).equals(Buffer.from(two.file)));
  const messages = await whole(2, {}, { mayShare: false });
  assert.deepEqual([one.exchange, two.exchange, messages.exchange], [null, 'shared', 'messages']);
  assert.ok(Buffer.from(one.file).equals(Buffer.from(messages.file)));
  assert.deepEqual(two.states, ['opening', 'paused', 'running', 'done', 'idle']);
});

test('so do three and four, with batches that do not divide and some that are too short to be shared', async () => {
  // 300 by 97: the last batch of an epoch has 9 pictures. Large enough for every path of the kernel.
  const large = { ...model, encoder: [150], decoder: [90], latent: 20, activation: /** @type {const} */ ('relu') };
  const what = { data: digits(300), recipe: { model: large, train: { epochs: 2, batch: 97, seed: 3 } } };
  const one = await whole(1, what);
  assert.equal(one.points.length, 8);
  for (const workers of [3, 4]) {
    const many = await whole(workers, what);
    assert.ok(Buffer.from(one.file).equals(Buffer.from(many.file)), `${workers} workers: ${distance(one.weights, many.weights)}`);
  }
});

test('and for a convolutional model', async () => {
  /** @type {import('../../web/generated/protocol.js').Config} */
  const conv = {
    family: 'conv',
    input: [1, 28, 28],
    encoder: [4],
    decoder: [4, 4],
    latent: 3,
    activation: 'relu',
    likelihood: 'bernoulli',
  };
  const what = { recipe: { model: conv, train: { epochs: 2, batch: 16, seed: 3 } } };
  const one = await whole(1, what);
  const three = await whole(3, what, { mayShare: false });
  assert.ok(loss(one.points, 4, 8) < loss(one.points, 0, 4));
  assert.ok(Buffer.from(one.file).equals(Buffer.from(three.file)), `${distance(one.weights, three.weights)}`);
});

test('workers come and go while it trains', async () => {
  const { group, points, staff } = rig();
  await group.open({ ...many, workers: 1 });
  await group.run();
  await until(() => group.step > 20);
  await group.setWorkers(3);
  assert.deepEqual(group.workers, { wanted: 3, alive: 3 });
  const at = group.step;
  await until(() => group.step > at + 50);
  await group.setWorkers(2);
  await until(() => group.step > at + 100);
  await group.setWorkers(1);
  await until(() => group.step > at + 150);
  await group.pause();
  const alone = rig().group;
  await alone.open({ ...many, workers: 1 });
  await alone.run(group.step);
  await until(() => alone.state !== 'running');
  assert.ok(Buffer.from(await alone.model()).equals(Buffer.from(await group.model())), 'one worker all the way comes to other weights');
  assert.deepEqual(
    staff.map((s) => s.alive),
    [1, 3, 2, 1],
  );
  // No step is missing and none is told of twice, but for those thinned out.
  const steps = points.map((p) => p[0]);
  for (let i = 1; i < steps.length; i++) assert.ok(steps[i] > steps[i - 1], `${steps[i]} after ${steps[i - 1]}`);
  assert.ok(Number.isFinite((await group.evaluate(10)).elbo));
});

test('a number of workers that is found by trial changes no bit, and is remembered', async () => {
  /** @type {any[]} */
  const found = [];
  const choices = {
    recall: () => null,
    remember: (/** @type {string} */ shape, /** @type {any} */ choice) => void found.push([shape, choice]),
  };
  const { group, staff } = rig({}, undefined, { tuning: { most: 2, choices, policy: { settle: 0.1, window: 0.3, again: 1 } } });
  await group.open({ ...many, workers: 0 });
  assert.deepEqual([group.workers, group.isAuto], [{ wanted: 1, alive: 1 }, true]);
  await group.run();
  await until(() => found.length > 0 && staff.some((s) => s.alive === 2));
  await group.pause();
  assert.match(found[0][0], /"dense"/);
  assert.ok(found[0][1].rate > 0);
  const alone = rig().group;
  await alone.open({ ...many, workers: 1 });
  await alone.run(group.step);
  await until(() => alone.state !== 'running');
  assert.ok(Buffer.from(await alone.model()).equals(Buffer.from(await group.model())));
});

test('a huge learning rate is undone by all alike, told of, and ends with the layer named, paused or not', async () => {
  const runs = [];
  // It pauses after so many steps; 0: never.
  for (const steps of [0, 1, 5]) {
    const { group, states, rollbacks } = rig();
    await group.open({
      ...many,
      workers: 2,
      recipe: {
        model: { ...model, activation: 'relu', likelihood: 'gaussian' },
        train: { epochs: 100, batch: 16, learning_rate: 990, optimizer: 'sgd', seed: 3 },
      },
    });
    do {
      await group.run(steps);
      await until(() => group.state !== 'running');
    } while (group.state === 'paused');
    assert.ok(rollbacks.length > 0);
    assert.ok(rollbacks.every((t) => t.layer && t.learningRate > 0 && t.learningRate < 990));
    assert.equal(states.at(-1), 'diverged');
    assert.equal(group.why?.code, 'diverged');
    assert.match(group.why?.field ?? '', /^(encoder|decoder|mu|logvar|loss)/);
    await assert.rejects(group.run(), { code: 'diverged' });
    const file = await group.model();
    assert.ok(weightsOf(file).every(Number.isFinite));
    runs.push([JSON.stringify(rollbacks), Buffer.from(file).toString('base64')]);
    await group.close();
  }
  for (const run of runs) assert.deepEqual(run, runs[0]);
});

test('what cannot be trained is refused, and another run can be opened', async () => {
  const { group, states } = rig();
  await assert.rejects(group.run(), { code: 'no-training' });
  await assert.rejects(group.open({ ...few, recipe: { model: { ...model, encoder: [60_000] }, train: {} } }), {
    code: 'too-large',
    field: 'recipe.model',
  });
  await assert.rejects(group.open({ ...few, recipe: { model, train: { batch: 0 } } }), { code: 'bad-value', field: 'recipe.train.batch' });
  await assert.rejects(group.open({ ...few, data: { kind: 'idx', name: 'torn' }, files: [new ArrayBuffer(20)] }), {
    code: 'bad-data',
    field: 'training images',
  });
  assert.equal(group.state, 'failed');
  await assert.rejects(group.preview({}), { code: 'bad-data' });
  await group.open({ ...few, workers: 2 });
  await group.run(2);
  await until(() => group.state === 'paused' && group.step === 2);
  // Opened anew the same workers are used.
  await group.open({ ...few, workers: 2 });
  assert.equal(group.step, 0);
  await assert.rejects(group.change({ learningRate: -1 }), { code: 'bad-value', field: 'learningRate' });
  assert.equal(states.at(-1), 'paused');
});

test('a run goes on from its checkpoint to the same weights', async () => {
  const one = await whole(2);
  const first = rig();
  await first.group.open({ ...few, workers: 2 });
  await first.group.run(7);
  await until(() => first.group.state === 'paused' && first.group.step === 7);
  const { step, file } = await first.group.checkpoint();
  assert.equal(step, 7);
  await first.group.close();
  const second = rig();
  const info = await second.group.open({ ...few, recipe: undefined, workers: 2, checkpoint: file });
  assert.deepEqual([info.step, info.recipe.train.batch], [7, 16]);
  await second.group.run();
  await until(() => second.group.state === 'done');
  assert.deepEqual(weightsOf(await second.group.model()), one.weights);
  await assert.rejects(second.group.open({ ...few, recipe: undefined, checkpoint: file.slice(0, 4096) }), { code: 'bad-checkpoint' });
});

test('a run that is measured on its way comes to the same weights, and nobody is taken for dead meanwhile', async () => {
  const one = await whole(2);
  const r = rig();
  await r.group.open({ ...few, workers: 2 });
  await r.group.run(7);
  await until(() => r.group.state === 'paused');
  const classifier = fs.readFileSync(path.join(dist, 'models/classifier.safetensors'));
  const file = /** @type {ArrayBuffer} */ (classifier.buffer.slice(classifier.byteOffset, classifier.byteOffset + classifier.length));
  /** @type {any[]} */
  const told = [];
  r.group.on('measuring', (e) => told.push(e));
  await r.group.run();
  // It may take longer than the other waits for the leader before it asks for a sign of life.
  const figures = await r.group.measure({ bound: 30, samples: 300, reference: 30, read: 30, nll: 30, importance: 1000, seed: 1 }, [file]);
  const { judged, bound, nll, read } = figures;
  assert.ok((judged?.fid ?? 0) > 0 && (judged?.refSure ?? 0) > 0.9, JSON.stringify(judged));
  assert.ok((bound?.elbo ?? 0) < 0 && (nll?.nll ?? 0) > 0 && (read?.error ?? -1) >= 0, JSON.stringify({ bound, nll, read }));
  assert.ok(told.length > 0 && told.every((e) => e.done <= e.of), JSON.stringify(told));
  const stopper = new AbortController();
  const stopped = assert.rejects(r.group.measure({ nll: 30, importance: 5000, seed: 1 }, [], stopper.signal), { code: 'stopped' });
  stopper.abort();
  await stopped;
  await assert.rejects(r.group.measure({ samples: 100, reference: 30 }, [file.slice(0, 1000)]), { code: 'bad-model', field: 'classifier' });
  await until(() => r.group.state === 'done');
  assert.deepEqual(weightsOf(await r.group.model()), one.weights);
  assert.deepEqual([r.group.workers, r.errors], [{ wanted: 2, alive: 2 }, []]);
});

test('without SIMD and without the kernel it trains in plain Go, and says why', async () => {
  const fast = await whole(1);
  const torn = { body: fs.readFileSync(path.join(dist, 'kernel_strict.wasm')).subarray(0, 900) };
  for (const [options, code] of /** @type {[Partial<Options>, string?][]} */ ([
    [{ kernel: 'off' }],
    [{ noSIMD: true }, 'no-simd'],
    [{ server: { 'kernel_strict.wasm': torn, 'kernel_relaxed.wasm': torn } }, 'kernel-failed'],
  ])) {
    const { group, errors } = rig(options);
    await group.open({ ...few, workers: 2 });
    assert.equal(group.backend, 'go');
    assert.deepEqual([...new Set(errors.map((e) => e.code))], code ? [code] : []);
    await group.run();
    await until(() => group.state === 'done');
    assert.ok(distance(weightsOf(await group.model()), fast.weights) < 1e-3);
    await group.close();
  }
});

test('one who lacks the kernel is done without', async () => {
  for (const slow of [0, 1]) {
    const { group, workers } = rig({}, (n) => (n === slow ? { kernel: 'off' } : {}));
    await group.open({ ...few, workers: 3 });
    assert.deepEqual([group.workers, group.backend, workers.length], [{ wanted: 3, alive: 2 }, fastest, 3]);
    await group.run();
    await until(() => group.state === 'done');
    await group.close();
  }
});

test('a worker that cannot start is done without', async () => {
  const missing = { server: { 'engine-trainer.wasm': { fail: true } } };
  const once = rig({}, (n) => (n === 1 ? missing : {}));
  await once.group.open({ ...few, workers: 2 });
  assert.deepEqual([once.group.workers, once.errors], [{ wanted: 2, alive: 2 }, []], 'it is started again');
  const { group, errors } = rig({}, (n) => (n > 0 ? missing : {}));
  await group.open({ ...few, workers: 2 });
  assert.deepEqual(group.workers, { wanted: 2, alive: 1 });
  assert.ok(errors.every((e) => ['engine-gone', 'fetch-failed'].includes(e.code)));
  const none = rig(missing);
  await assert.rejects(none.group.open({ ...few, workers: 1 }), { code: 'fetch-failed' });
});
