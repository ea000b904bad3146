import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDot, reading } from './reading.js';

/** Probabilities of ten digits. @param {Record<number, number>} some */
const probs = (some) => Array.from({ length: 10 }, (_, i) => some[i] ?? 0);

test('a digit is said alone from 90 % on, below that with the second', () => {
  const of = (/** @type {Record<number, number>} */ some, label = 7) => reading({ label, probs: probs(some) }, 0.5);
  assert.deepEqual(of({ 7: 0.9, 2: 0.1 }), { label: 7, certainty: 'digit', second: null });
  assert.deepEqual(of({ 7: 0.89, 2: 0.08, 1: 0.03 }), { label: 7, certainty: 'perhaps', second: 2 });
  assert.deepEqual(of({ 0: 0.5, 6: 0.3, 9: 0.2 }, 0), { label: 0, certainty: 'perhaps', second: 6 });
});

test('what is no digit is unlike all digits, and its digit is not quite certain', () => {
  const of = (/** @type {number} */ p, /** @type {number | null} */ share) =>
    reading({ label: 4, probs: probs({ 4: p, 9: 1 - p }) }, share).certainty;
  assert.equal(of(0.998, 0.019), 'unknown');
  assert.equal(of(0.6, 0), 'unknown');
  assert.equal(of(0.9995, 0), 'digit', 'the reader has no doubt');
  assert.equal(of(0.998, 0.02), 'digit');
  assert.equal(of(0.6, null), 'perhaps', 'where typicality is not known');
});

test('without a classifier nothing is read', () => {
  assert.deepEqual(reading({ label: null, probs: null }, 0), { label: null, certainty: null, second: null });
});

test('a dot is no digit, whatever it is read as when it is enlarged', () => {
  const content = (/** @type {number[][]} */ ...strokes) => ({
    strokes: strokes.map((points) => ({ width: 0.08, points: Float32Array.from(points) })),
    hasBitmap: false,
  });
  assert.equal(isDot(content([0.5, 0.5, 1])), true);
  assert.equal(isDot(content([0.5, 0.5, 1, 0.52, 0.51, 1])), true);
  assert.equal(isDot(content([0.5, 0.2, 1, 0.5, 0.8, 1])), false, 'a 1');
  assert.equal(isDot(content([0.4, 0.4, 1], [0.6, 0.6, 1])), false);
  assert.equal(isDot(content()), false);
  assert.equal(isDot({ ...content([0.5, 0.5, 1]), hasBitmap: true }), false);
});
