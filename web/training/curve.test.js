import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve, trainColumns } from './curve.js';

test('any number of rows becomes a limited one; first, last, extremes and the worst of each stretch stay', () => {
  const limit = 500;
  const curve = new Curve(trainColumns, limit);
  const n = 100_000;
  const spikes = new Set([3333, 50_001, 99_990]);
  for (let s = 1; s <= n; s++) {
    const recon = spikes.has(s) ? 1000 + s : 100 + 400 / Math.sqrt(s) + Math.sin(s);
    curve.add([s, recon, 5, s === 60_000 ? 77 : 1, s === 70_000 ? 1e-9 : 1e-3, 1, s === 50_001 ? 1 : 0]);
    assert.ok(curve.length <= 2 * limit);
  }
  assert.ok(curve.length >= limit / 2, `${curve.length} rows`);
  const steps = [...curve.column('step')];
  assert.equal(steps[0], 1);
  assert.equal(steps.at(-1), n);
  for (const s of [99_990, 50_001, 60_000, 70_000]) assert.ok(steps.includes(s), `step ${s}`);
  assert.deepEqual(
    steps,
    [...new Set(steps)].sort((a, b) => a - b),
  );
  assert.equal(Math.max(...curve.column('gradNorm')), 77);
  assert.equal(Math.min(...curve.column('learningRate')), 1e-9);
  // No stretch is empty: what is shown has no gaps.
  const gaps = steps.slice(1).map((s, i) => s - steps[i]);
  assert.ok(Math.max(...gaps) < (5 * n) / limit, `a gap of ${Math.max(...gaps)} steps`);
  const thin = curve.thinned(100);
  assert.ok(thin.length <= 100 && thin.length > 20, `${thin.length} rows`);
  assert.equal(thin.column('step').at(-1), n);
  assert.ok(curve.length >= limit / 2, 'the curve itself stays');
});

test('training that goes back takes the rows back', () => {
  const curve = new Curve();
  for (let s = 1; s <= 10; s++) curve.add([s, s, s, 0, 0, 0, 0]);
  curve.add([10, 100, 0, 0, 0, 0, 1]); // an undone step is told of again
  assert.equal(curve.length, 11);
  curve.add([6, 66, 0, 0, 0, 0, 0]);
  assert.deepEqual([...curve.column('step')], [1, 2, 3, 4, 5, 6]);
  assert.equal(curve.column('recon')[5], 66);
  curve.cut(3);
  assert.deepEqual([...curve.column('step')], [1, 2, 3]);
  curve.cut(-1);
  assert.equal(curve.length, 0);
  assert.throws(() => curve.column('nothing'), RangeError);
});

test('what is no number is a gap, in memory and in a file', () => {
  const curve = new Curve(['step', 'a', 'b'], 10);
  for (let s = 0; s < 30; s++) curve.add([s, NaN, s % 2 ? Infinity : s / 3]);
  curve.add([NaN, 1, 1]);
  curve.add([30]);
  assert.equal(curve.column('step').at(-1), 30);
  assert.ok(curve.column('a').every(Number.isNaN));
  const text = JSON.stringify(curve);
  assert.match(text, /null/);
  const back = Curve.read(JSON.parse(text), ['step', 'b', 'a'], 'x');
  assert.deepEqual([...back.column('step')], [...curve.column('step')]);
  back.column('b').forEach((v, i) => assert.ok(Object.is(v, curve.column('b')[i]) || Math.abs(v - curve.column('b')[i]) < 1e-5));
});
