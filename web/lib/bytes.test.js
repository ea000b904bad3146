import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from './bytes.js';

const bytes = (/** @type {number[]} */ ...v) => Uint8Array.from(v);

test('parts are concatenated', () => {
  assert.deepEqual(concat([bytes(1, 2), bytes(), bytes(3)]), bytes(1, 2, 3));
  assert.deepEqual(concat([]), bytes());
});
