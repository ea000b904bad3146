import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerTuner } from './worker-tuner.js';

/** Numbers from 0 to 1, the same for the same seed. @param {number} seed */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Steps that were taken with a tuner. @type {WeakMap<WorkerTuner, number>} */
const steps = new WeakMap();

/**
 * Trains on a machine that takes so many steps a second, with a report every
 * quarter of a second.
 *
 * @param {WorkerTuner} tuner
 * @param {number} seconds
 * @param {(workers: number, now: number) => number} speed
 * @param {{seed?: number, noise?: number, from?: number}} [how]
 */
function train(tuner, seconds, speed, { seed = 1, noise = 0, from = 0 } = {}) {
  const next = random(seed);
  let taken = steps.get(tuner) ?? 0;
  const counts = [];
  const begun = taken;
  for (let now = from; now < from + seconds; now += 0.25) {
    taken += 0.25 * speed(tuner.workers, now) * (1 + noise * (next() - 0.5));
    tuner.progress(Math.floor(taken), now + 0.25);
    counts.push(tuner.workers);
  }
  steps.set(tuner, taken);
  return { counts, rate: (taken - begun) / seconds };
}

/** @param {(workers: number, now: number) => number} speed @param {number} seconds */
const best = (speed, seconds) =>
  Math.max(
    ...[1, 2, 3, 4].map((n) => {
      let sum = 0;
      for (let now = 0; now < seconds; now += 0.25) sum += 0.25 * speed(n, now);
      return sum / seconds;
    }),
  );

/** Machines: steps a second by the number of workers. */
const machines = {
  'four cores': [100, 180, 250, 310],
  'two cores': [100, 180, 150, 120],
  'one core': [100, 70, 50, 40],
  'exchange that takes as long as it saves': [100, 103, 104, 104],
  'exchange that takes a little longer': [100, 96, 92, 88],
  'slow steps': [2, 3.6, 5, 6.2],
};

test('it comes to the best number and stays there: never below 0.95 of it after the first seconds', () => {
  for (const [name, rates] of Object.entries(machines)) {
    for (const noise of [0, 0.1, 0.3]) {
      for (let seed = 1; seed <= 10; seed++) {
        const speed = (/** @type {number} */ n) => rates[n - 1];
        const tuner = new WorkerTuner({ most: 4 });
        train(tuner, 30, speed, { seed, noise });
        const { rate } = train(tuner, 600, speed, { seed: seed + 100, noise, from: 30 });
        assert.ok(rate >= 0.95 * best(speed, 600), `${name}, noise ${noise}, seed ${seed}: ${rate} with ${tuner.workers} of ${rates}`);
      }
    }
  }
});

test('it begins with one, and a second one joins after a few seconds', () => {
  const tuner = new WorkerTuner({ most: 2 });
  const { counts } = train(tuner, 10, (n) => [100, 180][n - 1]);
  assert.equal(counts[0], 1);
  assert.ok(counts.indexOf(2) <= 4 * 4, `${counts}`);
  assert.equal(tuner.workers, 2);
  assert.equal(tuner.choice?.workers, 2);
});

test('a gain that only the first epoch has does not last: what makes its pictures is done then', () => {
  const tuner = new WorkerTuner({ most: 2 });
  // Pictures are made in the first five seconds, by each worker its part; then one alone is faster.
  const speed = (/** @type {number} */ n, /** @type {number} */ now) => (now < 6 ? [60, 100][n - 1] : [160, 140][n - 1]);
  train(tuner, 10, speed);
  assert.equal(tuner.workers, 2);
  train(tuner, 40, speed, { from: 10 });
  assert.equal(tuner.workers, 1);
  assert.equal(tuner.choice?.workers, 1);
});

test('one that does not pay leaves after a few seconds, and what is remembered saves the trial', () => {
  const tuner = new WorkerTuner({ most: 4 });
  const { counts } = train(tuner, 50, (n) => [100, 70, 50, 40][n - 1]);
  assert.ok(counts.filter((n) => n === 2).length <= 4 * 4, `${counts}`);
  assert.equal(Math.max(...counts), 2);
  assert.equal(tuner.choice?.workers, 1);
  const again = new WorkerTuner({ most: 4, remembered: tuner.choice });
  assert.ok(train(again, 50, (n) => [100, 70, 50, 40][n - 1]).counts.every((n) => n === 1));
});

test('what was remembered on a larger device is not used', () => {
  assert.equal(new WorkerTuner({ most: 2, remembered: { workers: 4, rate: 100 } }).workers, 1);
});

test('it follows a machine that becomes busy and free again', () => {
  const free = [100, 180];
  const busy = [60, 35];
  const speed = (/** @type {number} */ n, /** @type {number} */ now) => (now >= 60 && now < 180 ? busy : free)[Math.min(n, 2) - 1];
  for (let seed = 1; seed <= 10; seed++) {
    const tuner = new WorkerTuner({ most: 2 });
    train(tuner, 60, speed, { seed, noise: 0.1 });
    assert.equal(tuner.workers, 2);
    const during = train(tuner, 120, speed, { seed, noise: 0.1, from: 60 });
    assert.equal(tuner.workers, 1);
    assert.ok(during.rate >= 0.88 * busy[0], `${during.rate}`); // it needs some seconds to see it
    train(tuner, 60, speed, { seed, noise: 0.1, from: 180 });
    assert.equal(tuner.workers, 2);
  }
});

test('a machine that is busy from the start is noticed by what was remembered', () => {
  const tuner = new WorkerTuner({ most: 2, remembered: { workers: 2, rate: 180 } });
  train(tuner, 20, (n) => [60, 35][n - 1]);
  assert.equal(tuner.workers, 1);
});

test('a machine that becomes slower during a trial does not decide it', () => {
  // A second worker nearly doubles the speed, but half of the machine is taken while it is tried first.
  const tuner = new WorkerTuner({ most: 2 });
  const speed = (/** @type {number} */ n, /** @type {number} */ now) => [100, 180][n - 1] * (now > 3.2 ? 0.5 : 1);
  train(tuner, 20, speed);
  assert.equal(tuner.workers, 2);
});

test('a worker that was lost is not tried again', () => {
  const tuner = new WorkerTuner({ most: 4 });
  train(tuner, 30, (n) => 100 * n);
  assert.equal(tuner.workers, 4);
  tuner.lost(2);
  assert.ok(train(tuner, 300, (n) => 100 * n, { from: 30 }).counts.every((n) => n === 2));
});

test('steps that are taken again after a death are no progress', () => {
  const tuner = new WorkerTuner({ most: 2 });
  tuner.progress(0, 0);
  tuner.progress(200, 2);
  tuner.progress(100, 2.5);
  assert.equal(tuner.progress(110, 3), false);
  assert.equal(tuner.workers, 1);
});

test('it is settled when no trial is going on or soon to come', () => {
  const speed = (/** @type {number} */ n) => [100, 180][n - 1];
  const tuner = new WorkerTuner({ most: 2 });
  assert.ok(!tuner.isSettled);
  train(tuner, 12, speed);
  assert.deepEqual([tuner.workers, tuner.isSettled], [2, false], 'it will be tried once without the second one');
  train(tuner, 30, speed, { from: 12 });
  assert.deepEqual([tuner.workers, tuner.isSettled], [2, true]);
  const alone = new WorkerTuner({ most: 1 });
  train(alone, 8, speed);
  assert.ok(alone.isSettled);
});
