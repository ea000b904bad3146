import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { CheckpointSchedule } from './checkpoint-schedule.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => clock.release());

const file = (/** @type {number} */ step) => ({ step, file: new ArrayBuffer(step) });

test('a checkpoint is due after the interval', () => {
  const schedule = new CheckpointSchedule(5000);
  clock.tick(4999);
  assert.equal(schedule.isDue(10, 100_000), false);
  clock.tick(1);
  assert.equal(schedule.isDue(10, 100_000), true);
  schedule.requested(10);
  assert.equal(schedule.isDue(11, 100_000), false, 'the interval starts again');
});

test('in a short run it is due after a twentieth of the steps, but not before a fifth of the interval', () => {
  const schedule = new CheckpointSchedule(5000);
  clock.tick(999);
  assert.equal(schedule.isDue(100, 100), false);
  clock.tick(1);
  assert.equal(schedule.isDue(4, 100), false);
  assert.equal(schedule.isDue(5, 100), true);
  schedule.requested(5);
  clock.tick(1000);
  assert.equal(schedule.isDue(9, 100), false);
  assert.equal(schedule.isDue(10, 100), true);
});

test('the newest checkpoint stays, and add says whether it is newer', () => {
  const schedule = new CheckpointSchedule(5000);
  const newest = () => schedule.newest;
  assert.equal(newest(), null);
  assert.equal(schedule.add(file(0)), true, 'also one of step 0');
  assert.equal(schedule.add(file(7)), true);
  assert.equal(schedule.add(file(5)), false);
  assert.equal(newest()?.step, 7);
  const same = file(7);
  assert.equal(schedule.add(same), false, 'it is no progress');
  assert.equal(newest(), same, 'but its settings may be newer');
});
