import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestClasses } from './nearest-classes.js';

test('the classes of the nearest points, the most frequent first; few points say nothing', () => {
  const labels = [...new Array(12).fill(4), ...new Array(8).fill(9), ...new Array(4).fill(1), ...new Array(50).fill(7)];
  const points = labels.flatMap((label) => [label === 7 ? 5 : 0.1, 0]);
  assert.deepEqual(nearestClasses(points, labels, [0, 0]), [4, 9]);
  assert.deepEqual(nearestClasses(points, labels, [5, 0]), [7]);
  assert.deepEqual(nearestClasses([0, 0, NaN, 0], [4, 4], [0, 0]), []);
  assert.deepEqual(nearestClasses(new Array(20).fill(NaN), new Array(10).fill(3), [0, 0]), []);
  assert.deepEqual(nearestClasses(new Array(20).fill(0), new Array(10).fill(-1), [0, 0]), []);
});
