import assert from 'node:assert/strict';
import { test } from 'node:test';

import { batches, normal, pictures } from './data.mjs';

/** @param {number} n */
function idx(n) {
  const file = new ArrayBuffer(16 + n * 784);
  const head = new DataView(file);
  [0x803, n, 28, 28].forEach((v, i) => head.setUint32(4 * i, v));
  new Uint8Array(file, 16).forEach((_, i, all) => (all[i] = i % 256));
  return file;
}

test('pictures of an IDX file become whole batches of numbers from 0 to 1', () => {
  const got = batches(pictures(idx(7)), 3);
  assert.equal(got.length, 2);
  assert.equal(got[1].length, 3 * 784);
  assert.equal(got[0][255], 1);
  assert.equal(got[1][1], Math.fround(((3 * 784 + 1) % 256) / 255));
});

test('other files are refused', () => {
  const torn = idx(2).slice(0, -1);
  const other = idx(2);
  new DataView(other).setUint32(0, 0x801);
  for (const file of [torn, other]) assert.throws(() => pictures(file), /no IDX file/);
});

test('normal numbers are normal, and the same for the same seed', () => {
  const x = normal(20_000, 7, 2);
  assert.deepEqual(normal(20_000, 7, 2), x);
  assert.notDeepEqual(normal(20_000, 8, 2), x);
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length);
  assert.ok(Math.abs(mean) < 0.05, `${mean}`);
  assert.ok(Math.abs(deviation - 2) < 0.05, `${deviation}`);
  assert.ok(x.every(Number.isFinite));
});
