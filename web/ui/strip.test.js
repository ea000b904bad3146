import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripPlace } from './strip.js';

test('a place on the strip is a place in the morph', () => {
  // Ten squares: the middle of the first is A, of the last B.
  assert.ok(Math.abs(stripPlace(0.05, 10) - 0) < 1e-9);
  assert.ok(Math.abs(stripPlace(0.95, 10) - 1) < 1e-9);
  assert.ok(Math.abs(stripPlace(0.5, 10) - 0.5) < 1e-9);
  assert.equal(stripPlace(-3, 10), 0);
  assert.equal(stripPlace(4, 10), 1);
});
