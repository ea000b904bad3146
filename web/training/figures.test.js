import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCurves } from './run.js';
import { Figures, noFigures } from './figures.js';
import { preset } from './settings.js';

const info = { steps: 1000, stepsPerEpoch: 10 };

/** A row as the engine reports it: step, recon, kl, gradNorm, learningRate, beta, undone, terms. */
const row = (/** @type {number} */ step, recon = 100, kl = 10, undone = 0, /** @type {number[]} */ ...terms) => [
  step,
  recon,
  kl,
  2,
  0.001,
  0.5,
  undone,
  ...terms,
];

/** @param {number[][]} points @param {object} [more] */
const steps = (points, more = {}) => ({
  step: points.at(-1)?.[0] ?? 0,
  epoch: 0,
  steps: 1000,
  stepsPerEpoch: 10,
  seconds: 1,
  imagesPerSecond: 5,
  points,
  ...more,
});

test('before the first step there are settings, and no figures', () => {
  const { values } = new Figures({ ...preset('quick', 1), learningRate: 0.002, beta: 3 });
  assert.deepEqual(values, { ...noFigures(), learningRate: 0.002, beta: 3 });
  assert.equal(new Figures(preset('gan', 1)).values.beta, null, 'a model without an encoder has no beta');
});

test('early in a run, figures are means over few steps: they do not lag behind it', () => {
  const figures = new Figures(preset('quick', 1));
  figures.opened(info, null);
  const after = (/** @type {number} */ from, /** @type {number} */ to) => {
    figures.addSteps(steps(Array.from({ length: to - from + 1 }, (_, i) => row(from + i, from + i, 0))));
    return [figures.values.averagedSteps, figures.values.recon];
  };
  assert.deepEqual(after(1, 1), [1, 1]);
  assert.deepEqual(after(2, 10), [1, 10]);
  assert.deepEqual(after(11, 40), [2, 39.5]);
  assert.deepEqual(after(41, 100), [5, 98]);
  assert.deepEqual(after(101, 1000), [40, 980.5]);
  const resumed = new Figures(preset('quick', 1));
  resumed.opened({ ...info, step: 500 }, { seconds: 30, curves: noCurves() });
  resumed.addSteps(steps([row(501), row(502)]));
  assert.equal(resumed.values.averagedSteps, 2, 'no more steps are known');
});

test('figures are means over at most forty steps, without those that were undone or diverged', () => {
  const figures = new Figures(preset('quick', 1));
  figures.opened(info, null);
  figures.addSteps(steps([row(1, 1000), row(2, NaN), row(3, 5000, 10, 1)]));
  assert.equal(figures.values.recon, 1000);
  figures.addSteps(steps(Array.from({ length: 40 }, (_, i) => row(961 + i, 100 + (i % 2) * 20))));
  const { recon, kl, elbo, gradNorm, learningRate, beta, step, imagesPerSecond } = figures.values;
  assert.deepEqual({ recon, kl, elbo }, { recon: 110, kl: 10, elbo: -120 });
  assert.deepEqual(
    { gradNorm, learningRate, beta, step, imagesPerSecond },
    { gradNorm: 2, learningRate: 0.001, beta: 0.5, step: 1000, imagesPerSecond: 5 },
  );
});

test('without an encoder there is no ELBO, but there are the terms of the objective', () => {
  const figures = new Figures(preset('gan', 1));
  figures.opened({ ...info, terms: ['discriminator', 'generator'] }, null);
  figures.addSteps(steps([row(38, 0, 0, 0, 9, 9), row(39, 0, 0, 0, 0.5, 2), row(40, 0, 0, 0, 1.5, 4)]));
  const { recon, kl, elbo, terms } = figures.values;
  assert.deepEqual([recon, kl, elbo, terms], [null, null, null, { discriminator: 1, generator: 3 }]);
  figures.addEvaluation({ step: 2, images: 2000, recon: 5, kl: 5, elbo: -10, klPerDim: [], active: [], terms: ['generator'], other: [7] });
  assert.deepEqual(figures.values.validation, { step: 2, images: 2000, recon: null, kl: null, elbo: null, terms: { generator: 7 } });
  figures.addSteps(steps([row(990)]));
  assert.equal(figures.isStuck(1), false, 'no loss says that it is stuck');
});

test('a resumed run continues its seconds and shows its last evaluation', () => {
  const curves = noCurves();
  curves.validation.add([40, 90, 9, -99]);
  const figures = new Figures(preset('quick', 1));
  figures.opened({ ...info, step: 50 }, { seconds: 30, curves, figures: { validation: { step: 40, images: 2000 } } });
  assert.equal(figures.values.step, 50);
  assert.equal(figures.values.epoch, 5);
  assert.equal(figures.values.seconds, 30);
  assert.deepEqual(figures.values.validation, { step: 40, images: 2000, recon: 90, kl: 9, elbo: -99, terms: {} });
  figures.addSteps(steps([row(51)], { seconds: 2 }));
  assert.equal(figures.values.seconds, 32);
});

test('the time limit counts from the start or from its change', () => {
  const figures = new Figures(preset('quick', 1));
  figures.opened(info, null);
  figures.addSteps(steps([row(1)], { seconds: 100 }));
  figures.startLimits();
  figures.addSteps(steps([row(2)], { seconds: 159 }));
  assert.equal(figures.timeIsUp(1), false);
  figures.addSteps(steps([row(3)], { seconds: 160 }));
  assert.equal(figures.timeIsUp(1), true);
  assert.equal(figures.timeIsUp(0), false, '0: no limit');
  figures.restartClock();
  assert.equal(figures.timeIsUp(1), false);
});

test('patience counts epochs since the last improvement of the loss', () => {
  const figures = new Figures(preset('quick', 1));
  figures.opened(info, null);
  const evaluate = (/** @type {number} */ epoch, /** @type {number} */ recon) => {
    figures.addSteps(steps([row(epoch * 10)]));
    figures.addEvaluation({ step: epoch * 10, images: 2000, recon, kl: 0, elbo: -recon, klPerDim: [], active: [] });
  };
  figures.startLimits();
  evaluate(1, 100);
  evaluate(2, 99.95); // not enough to count
  assert.equal(figures.isStuck(1), true);
  assert.equal(figures.isStuck(2), false);
  evaluate(3, 90);
  assert.equal(figures.isStuck(1), false);
  evaluate(5, 95);
  assert.equal(figures.isStuck(2), true);
  assert.equal(figures.isStuck(0), false, '0: no limit');
  figures.startLimits();
  assert.equal(figures.isStuck(2), false);
});

test('epochs only rise, and the last step is of the last epoch', () => {
  const figures = new Figures(preset('quick', 1));
  figures.opened({ steps: 20, stepsPerEpoch: 10 }, null);
  const after = (/** @type {number} */ step) => {
    figures.addSteps(steps([row(step)]));
    return [figures.values.epoch, figures.values.currentEpoch];
  };
  assert.deepEqual(after(1), [0, 1]);
  assert.deepEqual(after(10), [1, 1], 'the last step of an epoch belongs to it');
  assert.deepEqual(after(11), [1, 2]);
  assert.deepEqual(after(9), [1, 2], 'steps were undone');
  assert.deepEqual(after(20), [2, 2], 'done');
});

test('an evaluation says on how many pictures', () => {
  const figures = new Figures(preset('quick', 1));
  figures.opened(info, null);
  figures.addEvaluation({ step: 5, images: 2000, recon: 90, kl: 10, elbo: -100, klPerDim: [], active: [] });
  assert.equal(figures.values.validation.images, 2000);
  assert.equal(figures.values.validation.elbo, -100);
});
