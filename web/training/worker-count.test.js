import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalStore, memoryArea } from '../lib/local-storage.js';
import { clampWorkers, mostWorkers, shapeOf, WorkerChoices } from './worker-count.js';

test('a pool has from 1 to 16 workers', () => {
  assert.deepEqual(
    [-3, 0, NaN, 1, 2.4, 2.6, 16, 17, Infinity].map((n) => clampWorkers(n)),
    [1, 1, 1, 1, 2, 3, 16, 16, 16],
  );
});

test('as many are tried as there are cores, at most four, and two where memory is short', () => {
  const iPad = { userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15', hardwareConcurrency: 8 };
  assert.deepEqual(
    [
      {},
      { hardwareConcurrency: 3 },
      { hardwareConcurrency: 32, deviceMemory: 8 },
      { hardwareConcurrency: 8, deviceMemory: 2 },
      { hardwareConcurrency: 6, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)' },
      { ...iPad, maxTouchPoints: 5 },
      { ...iPad, maxTouchPoints: 0 },
    ].map(mostWorkers),
    [1, 3, 4, 2, 2, 2, 4],
  );
});

test('what was found is remembered for a shape of model and batch, of twenty shapes', () => {
  const area = memoryArea();
  const choices = () => new WorkerChoices(new LocalStore(area, assert.fail));
  const shape = (/** @type {number} */ batch) =>
    shapeOf({ model: { family: 'dense', encoder: [400] }, train: { batch, learning_rate: Math.random() } });
  assert.equal(choices().recall(shape(1)), null);
  for (let i = 1; i <= 21; i++) choices().remember(shape(i), { workers: 2, rate: i });
  choices().remember(shape(3), { workers: 3, rate: 7 });
  assert.equal(choices().recall(shape(1)), null);
  assert.deepEqual(choices().recall(shape(2)), { workers: 2, rate: 2 });
  assert.deepEqual(choices().recall(shape(3)), { workers: 3, rate: 7 });
});

test('what is kept and makes no sense is not used', () => {
  const area = memoryArea();
  for (const kept of ['7', '[["x"]]', '[["x", {"workers": 0, "rate": 1}]]', '[["x", {"workers": 2}]]', '[null]', '{']) {
    area().setItem('inkdrift.workers', kept);
    assert.equal(new WorkerChoices(new LocalStore(area, assert.fail)).recall('x'), null);
  }
});
