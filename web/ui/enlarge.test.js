import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enlarge, ink } from './enlarge.js';

test('an even picture stays even, at any size', () => {
  for (const [wide, tall] of [
    [2, 2],
    [7, 5],
    [224, 112],
  ]) {
    const out = enlarge([0.25, 0.25, 0.25, 0.25], 2, 2, wide, tall);
    assert.equal(out.length, wide * tall);
    for (const v of out) assert.ok(Math.abs(v - 0.25) < 1e-6);
  }
});

test('an edge becomes a slope that rises in small steps and is the same both ways', () => {
  const row = Array.from(enlarge([0, 0, 1, 1], 4, 1, 40, 1));
  for (let i = 1; i < row.length; i++)
    assert.ok(row[i] >= row[i - 1] - 1e-6 && row[i] - row[i - 1] < 0.08, `${i}: ${row[i - 1]}, ${row[i]}`);
  row.forEach((v, i) => assert.ok(Math.abs(v + row[39 - i] - 1) < 1e-6, `${i}`));
  const column = Array.from(enlarge([0, 0, 1, 1], 1, 4, 1, 40));
  assert.deepEqual(column, row);
});

test('ink is sharper, and keeps paper and full ink', () => {
  const [none, little, half, much, full, beyond] = ink(Float32Array.of(0, 0.2, 0.5, 0.8, 1, 1.5));
  assert.deepEqual([none, full, beyond], [0, 1, 1]);
  assert.ok(little < 0.1 && half > 0.5 && much > 0.95, `${little} ${half} ${much}`);
});
