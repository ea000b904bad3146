import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from '../../test/dom.js';

test('each class is where the mean of its points is', async () => {
  makeDocument();
  const { classMeans } = await import('./map-panel.js');
  const means = classMeans(Float32Array.of(1, 2, 3, 4, 5, 8, 0, 0), Uint8Array.of(7, 2, 7, 2));
  assert.deepEqual(
    means.map(({ label, z }) => [label, ...z]),
    [
      [2, 1.5, 2],
      [7, 3, 5],
    ],
  );
  assert.deepEqual(classMeans(Float32Array.of(1, 2), new Uint8Array(0)), []);
});
