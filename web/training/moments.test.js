/** The moments of a run: how many are kept, of which steps, and what is read of a file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentLimits, Moments } from './moments.js';

/** @param {{shape?: number[], side?: number, points?: number}} [how] @returns {any} */
const preview = ({ shape = [1, 28, 28], side = 14, points = 500 } = {}) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    samples: new Float32Array(24 * size).fill(1),
    scatter: new Float32Array(2 * points).fill(3),
    labels: new Array(points).fill(4),
    grid: new Float32Array(side * side * size).fill(0.4),
    shape,
  };
};

test('a long run keeps moments from its first to its last step, evenly and within a megabyte', () => {
  for (const how of [{}, { side: 0 }, { shape: [3, 64, 64], side: 0 }, { shape: [1, 5, 5], side: 3 }]) {
    const moments = new Moments();
    for (let step = 10; step <= 20_000; step += 25) moments.add(step, { step, elbo: -100 }, preview(how));
    const steps = moments.list.map((m) => m.step);
    const text = JSON.stringify(moments);
    assert.ok(text.length <= momentLimits.bytes, `${text.length} bytes`);
    assert.ok(steps.length >= 12 && steps.length <= momentLimits.count, `${steps.length} moments`);
    assert.equal(steps[0], 10);
    assert.ok(steps[steps.length - 1] > 18_000, `the last is of step ${steps.at(-1)}`);
    const gaps = steps.slice(1).map((s, i) => s - steps[i]);
    assert.ok(Math.max(...gaps) <= 4 * Math.min(...gaps), String(gaps));
  }
});

test('what is kept of a moment can be shown again, roughly', () => {
  const moments = new Moments();
  assert.equal(moments.add(5, { step: 5, elbo: NaN }, preview()), true);
  const { step, elbo, samples, points, map } = Moments.read(JSON.parse(JSON.stringify(moments))).at(0);
  assert.deepEqual([step, elbo, samples.length, points.length], [5, null, 12 * 784, 500]);
  assert.ok(samples[0] === 1 && Math.abs(points[1] - 3) < 0.05);
  assert.deepEqual([map?.side, map?.shape, map?.pixels.length], [14, [1, 14, 14], 14 * 14 * 14 * 14]);
  assert.ok(Math.abs((map?.pixels[7] ?? 0) - 0.4) < 0.04);
  const plain = new Moments();
  plain.add(5, { step: 5, elbo: -90.5 }, preview({ shape: [1, 5, 5], side: 0 }));
  assert.deepEqual([plain.at(0).map, plain.at(0).samples.length, plain.at(0).elbo], [null, 300, -90.5]);
});

test('going back to a checkpoint removes what came after it', () => {
  const moments = new Moments();
  for (const step of [10, 20, 30]) moments.add(step, { step, elbo: -1 }, preview());
  moments.add(20, { step: 20, elbo: -2 }, preview());
  assert.deepEqual(
    moments.list.map((m) => [m.step, m.elbo]),
    [
      [10, -1],
      [20, -2],
    ],
  );
  moments.cut(15);
  assert.equal(moments.list.length, 1);
});

test('a file that is none of moments names what is wrong', () => {
  const good = () => {
    const moments = new Moments();
    for (const step of [10, 20]) moments.add(step, { step, elbo: -1 }, preview({ side: 2 }));
    return JSON.parse(JSON.stringify(moments));
  };
  assert.equal(Moments.read(good()).list.length, 2);
  for (const [field, change] of /** @type {[string, any][]} */ ([
    ['moments.format', { format: 2 }],
    ['moments.shape', { shape: [2, 28, 28] }],
    ['moments.shape', { shape: [1, 28] }],
    ['moments.labels', { labels: ['a'] }],
    ['moments.side', { side: 1e9 }],
    ['moments', { moments: new Array(65).fill({}) }],
    ['moments', { moments: {} }],
    ['moments.step', { moments: [null] }],
    ['moments.step', { moments: [...good().moments, good().moments[0]] }],
    ['moments.elbo', { moments: [{ ...good().moments[0], elbo: '1' }] }],
    ['moments.samples', { moments: [{ ...good().moments[0], grid: 5 }] }],
    ['moments', { moments: [{ ...good().moments[0], grid: 'x'.repeat(3e6) }] }],
  ])) {
    assert.throws(() => Moments.read({ ...good(), ...change }), { code: 'bad-run', field }, field);
  }
  assert.throws(() => Moments.read(null), { code: 'bad-run' });
  const torn = Moments.read({ ...good(), moments: [{ ...good().moments[0], samples: '!', points: '', grid: 'AA==' }] }).at(0);
  assert.deepEqual([torn.samples.length, torn.points.length, torn.map], [0, 0, null]);
});

test('the ELBO of a moment was measured about there, before or after', () => {
  const moments = new Moments();
  moments.add(200, { step: 20, elbo: -400 }, preview());
  assert.equal(moments.at(0).elbo, null, 'that is of another model');
  assert.equal(moments.measured(150, -140), false);
  assert.equal(moments.measured(205, -128), true);
  assert.equal(moments.measured(206, -127), false, 'it has one');
  moments.add(400, { step: 390, elbo: -120 }, preview());
  assert.deepEqual(
    moments.list.map((m) => m.elbo),
    [-128, -120],
  );
});
