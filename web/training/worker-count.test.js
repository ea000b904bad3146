import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clampWorkers, defaultWorkers } from './worker-count.js';

test('a core is left for the page, and four workers are enough', () => {
  assert.deepEqual(
    [undefined, 0, 1, 2, 3, 5, 8, 64].map((n) => defaultWorkers(n)),
    [1, 1, 1, 1, 2, 4, 4, 4],
  );
});

test('a pool has from 1 to 16 workers', () => {
  assert.deepEqual(
    [-3, 0, NaN, 1, 2.4, 2.6, 16, 17, Infinity].map((n) => clampWorkers(n)),
    [1, 1, 1, 1, 2, 3, 16, 16, 16],
  );
});
