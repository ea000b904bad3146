import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domain, logTicks, nearest, smooth, ticks, trace } from './chart-scale.js';

test('ticks are round and in view', () => {
  assert.deepEqual(ticks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(93.1, 131.7, 4), [100, 110, 120, 130]);
  assert.deepEqual(ticks(0, 0.003, 3), [0, 0.001, 0.002, 0.003]);
  assert.deepEqual(ticks(5, 5, 4), []);
  assert.deepEqual(ticks(0, NaN, 4), []);
  for (const [a, b] of [
    [0, 1e6],
    [1e-7, 3e-7],
    [-40, 3],
  ]) {
    const t = ticks(a, b, 5);
    assert.ok(t.length >= 2 && t.length <= 7 && t.every((v) => v >= a - 1e-9 && v <= b * (1 + 1e-9)), `${a} ${b}: ${t}`);
  }
});

test('a logarithmic axis has powers of ten, and more where it shows little', () => {
  assert.deepEqual(logTicks(1, 1e6), [1, 10, 100, 1e3, 1e4, 1e5, 1e6]);
  assert.deepEqual(logTicks(90, 250), [100, 150, 200]);
  assert.deepEqual(logTicks(0, 5), []);
});

test('the first steps do not flatten the rest, on a linear axis', () => {
  const curve = Float64Array.from({ length: 1000 }, (_, i) => 100 + 400 * Math.exp(-i / 10));
  const [low, high] = domain([curve], false);
  assert.ok(low < 100 && high < 150, `${low} to ${high}`);
  assert.ok(domain([curve], true)[1] > 400);
  assert.deepEqual(domain([[]], false), [0, 1]);
  assert.deepEqual(domain([[NaN, -1]], true), [0, 1]);
  const [a, b] = domain([[5, 5, 5]], false);
  assert.ok(a < 5 && b > 5);
});

test('smoothing keeps a constant, starts where the curve does, and knows how far steps are apart', () => {
  const steps = [1, 2, 3, 10, 11];
  for (const v of smooth(steps, [3, 3, NaN, 3, 3], 4)) assert.ok(Math.abs(v - 3) < 1e-9);
  const s = smooth(steps, [100, 0, 0, 0, 0], 2);
  assert.equal(s[0], 100);
  assert.ok(s[2] > 10 * s[3], 'seven steps forget more than one');
  assert.ok(Number.isNaN(smooth([1], [NaN], 2)[0]));
});

test('a long curve becomes as many points as there are pixels, with its peaks', () => {
  const xs = Float64Array.from({ length: 50_000 }, (_, i) => i);
  const ys = xs.map((x) => Math.sin(x / 1000));
  ys[12_345] = 9;
  const t = trace(
    xs,
    ys,
    (x) => x / 100,
    (y) => y,
  );
  assert.ok(t.length <= 2 * 4 * 1002, `${t.length}`);
  assert.equal(Math.max(...t.filter((_, i) => i % 2 === 1)), 9);
  for (let i = 2; i < t.length; i += 2) assert.ok(t[i] >= t[i - 2]);
});

test('a curve is interrupted where it has no number', () => {
  const t = [
    ...trace(
      [1, 2, 3, 4, 5],
      [1, 2, NaN, NaN, 5],
      (x) => x,
      (y) => y,
    ),
  ];
  assert.deepEqual(t, [1, 1, 2, 2, NaN, NaN, 5, 5]);
});

test('the nearest value', () => {
  assert.equal(nearest([1, 5, 9], 6), 1);
  assert.equal(nearest([1, 5, 9], 7.5), 2);
  assert.equal(nearest([1, 5, 9], -3), 0);
  assert.equal(nearest([], 1), -1);
});

test('what is below 0 is shown as its mirror image is', () => {
  const loss = Float64Array.from({ length: 100 }, (_, i) => 100 + 900 / (i + 1));
  const [low, high] = domain([loss], false);
  assert.deepEqual(domain([loss.map((v) => -v)], false), [-high, -low], 'the first steps run out of the picture at the bottom');
  assert.ok(high < 900);
});
