import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { RunProgress } from './run-progress.js';
import { noCurves } from './run.js';
import { preset } from './settings.js';

/** The progress of a run whose pool the test plays. @param {any} [settings] */
function setUp(settings = {}) {
  const active = { ...preset('quick', 1), ...settings };
  const group = Object.assign(new Emitter(), {
    workers: { wanted: 2, alive: 2 },
    step: 40,
    preview: async () => ({
      validation: new Float32Array(784),
      recon: new Float32Array(784),
      samples: new Float32Array(784),
      scatter: [],
      labels: [],
      explained: [],
    }),
    evaluate: async () => ({ step: group.step, images: 10, recon: 90, kl: 10, elbo: -100, klPerDim: [10], active: [true] }),
  });
  const run = { curves: noCurves([]), seconds: 0, step: 0, update: (/** @type {any} */ part) => Object.assign(run, part) };
  const now = { group, run, active, running: true };
  const progress = new RunProgress(() => /** @type {any} */ (now));
  /** @type {any[]} */
  const told = [];
  for (const event of ['change', 'points', 'preview', 'detail', 'message', 'measuring', 'error', 'limit'])
    progress.on(event, (...what) => told.push([event, ...what]));
  progress.prepare(active);
  progress.follow(/** @type {any} */ (group), /** @type {any} */ ({ steps: 100, stepsPerEpoch: 10, classes: [] }), null);
  /** Steps were taken. @param {number} step @param {number} seconds */
  const train = (step, seconds) =>
    group.emit('train', {
      step,
      epoch: 1,
      steps: 100,
      stepsPerEpoch: 10,
      seconds,
      imagesPerSecond: 7,
      points: [[step, 80, 20, 1, 0.1, 1, 0]],
    });
  return { progress, group, run, now, told, train };
}

test('steps are on the curves and in the stored run before anybody is told of them', () => {
  const { progress, run, told, train } = setUp();
  /** @type {any[]} */
  const seen = [];
  progress.on('points', () => seen.push([run.curves.train.length, run.step, progress.figures.step]));
  train(3, 1.5);
  assert.deepEqual(seen, [[1, 3, 3]]);
  assert.deepEqual(told, [['points'], ['change']]);
  assert.equal(run.seconds, 1.5);
  assert.equal(progress.figures.elbo, -100);
});

test('an evaluation is a point of the validation curve, and is known', async () => {
  const { progress, run, told } = setUp();
  await progress.pollOnce();
  assert.deepEqual(told, [['preview'], ['points'], ['detail'], ['change']]);
  assert.deepEqual([...run.curves.validation.column('elbo')], [-100]);
  assert.deepEqual([progress.detail?.klPerDim, progress.figures.validation.images, progress.preview?.latent], [[10], 10, 16]);
});

test('it says when time is up', () => {
  const { progress, told, train } = setUp({ minutes: 1 });
  progress.startLimits();
  train(3, 59);
  assert.equal(
    told.some(([event]) => event === 'limit'),
    false,
  );
  train(4, 61);
  assert.deepEqual(told.at(-1), ['limit', 'time']);
});

test('steps that were undone and workers that were lost or replaced are told of', () => {
  const { progress, group, told } = setUp();
  group.emit('rollback', { step: 7, learningRate: 0.1 });
  assert.deepEqual(progress.rollbacks, [{ step: 7, layer: '', learningRate: 0.1 }]);
  group.emit('workers', { wanted: 3, alive: 3 });
  group.emit('workers', { wanted: 2, alive: 2 });
  group.emit('workers', { wanted: 2, alive: 1, why: new Error('x') });
  group.emit('workers', { wanted: 2, alive: 1, why: new Error('x') });
  assert.deepEqual(
    told.filter(([event]) => event === 'message'),
    [
      ['message', 'train.worker-lost', { alive: 1 }],
      ['message', 'train.worker-replaced', { step: 40 }],
    ],
    'that there are fewer because somebody wanted fewer is no news',
  );
  progress.prepare(preset('quick', 1));
  assert.deepEqual(progress.rollbacks, []);
});

test('a run that has ended is forgotten, and what its pool still says is not heard', async () => {
  const { progress, told, train } = setUp();
  train(3, 1);
  await progress.pollOnce();
  progress.end();
  told.length = 0;
  train(4, 1);
  assert.deepEqual(told, []);
  assert.deepEqual([progress.info, progress.detail, progress.preview, progress.figures.step], [null, null, null, 0]);
});
