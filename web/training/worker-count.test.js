import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clampWorkers } from './worker-count.js';

test('a pool has from 1 to 16 workers', () => {
  assert.deepEqual(
    [-3, 0, NaN, 1, 2.4, 2.6, 16, 17, Infinity].map((n) => clampWorkers(n)),
    [1, 1, 1, 1, 2, 3, 16, 16, 16],
  );
});
