import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, smooth } from './room-history.js';

test('every step is there, until there are too many', () => {
  const h = new History();
  for (let i = 1; i <= 100; i++) h.add([i, 200 - i, i / 10, 3]);
  assert.equal(h.count, 100);
  assert.deepEqual([...h.steps.subarray(0, 3)], [1, 2, 3]);
  assert.equal(h.series('recon')[9], 190);
  assert.equal(h.series('loss')[9], 191);
  for (let i = 101; i <= 100_000; i++) h.add([i, 100, 2, 1]);
  assert.ok(h.count >= 1024 && h.count < 2048, `${h.count}`);
  assert.ok(h.steps.every((s, i) => i === 0 || s > h.steps[i - 1]));
  assert.equal(h.series('kl')[h.count - 1], 2);
  assert.ok(100_000 - h.steps[h.count - 1] < h.width);
});

test('a mean stays the mean when neighbours are joined', () => {
  const h = new History();
  for (let i = 1; i <= 4096; i++) h.add([i, i, 1, 0]);
  const { width } = h;
  h.series('recon').forEach((v, i) => assert.equal(v, i * width + (width + 1) / 2));
});

test('steps that were told before, and those that were undone, are left out', () => {
  const h = new History();
  for (const [step, recon] of [[1, 5], [2, 6], [2, 9], [1, 9], [3, NaN], [4, 7]]) h.add([step, recon, 1, 1]);
  assert.deepEqual([...h.series('recon')], [5, 6, 7]);
  assert.equal(h.last, 4);
});

test('what is kept comes back and goes on; rubbish gives an empty one', () => {
  const h = new History();
  for (let i = 1; i <= 3000; i++) h.add([i, 300 / i, 2, 1]);
  h.measured({ step: 1000, recon: 90, kl: 3 });
  const back = History.from(JSON.parse(JSON.stringify(h)));
  assert.equal(back.count, h.count);
  assert.equal(back.last, 3000);
  assert.deepEqual(back.validation, h.validation);
  back.add([3001, 1, 1, 1]);
  back.add([3002, 1, 1, 1]);
  assert.equal(back.count, h.count + 1);
  for (const rubbish of [null, 3, {}, { width: 0 }, { width: 1, steps: [1], recon: [] }, { width: 1, steps: 'x' }]) assert.equal(History.from(rubbish).count, 0);
});

test('a run that goes back forgets what came after', () => {
  const h = new History();
  for (let i = 1; i <= 50; i++) {
    h.add([i, i, 0, 0]);
    if (i % 10 === 0) h.measured({ step: i, recon: i, kl: 0 });
  }
  h.rewind(25);
  assert.equal(h.count, 25);
  assert.deepEqual(h.validation.map((v) => v.step), [10, 20]);
  h.add([26, 7, 0, 0]);
  assert.equal(h.series('recon')[25], 7);
});

test('smoothing keeps a constant and starts where the curve does', () => {
  assert.deepEqual([...smooth(new Float32Array(5).fill(3), 10)].map((v) => Math.round(v * 1e4) / 1e4), [3, 3, 3, 3, 3]);
  const s = smooth(Float32Array.of(100, 0, 0, 0), 2);
  assert.equal(s[0], 100);
  assert.ok(s[1] < 100 && s[1] > s[2] && s[2] > s[3]);
});
