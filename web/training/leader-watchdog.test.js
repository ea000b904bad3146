import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { LeaderWatchdog } from './leader-watchdog.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
  clock.tick(1000);
});
afterEach(() => clock.release());

const times = { quiet: 4000, sign: 5000, signWithoutSIMD: 60_000 };

function make() {
  let pings = 0;
  const watchdog = new LeaderWatchdog(times, () => pings++);
  return { watchdog, pings: () => pings };
}

test('a silent leader is pinged, and again after as long a silence', () => {
  const { watchdog, pings } = make();
  watchdog.start();
  clock.tick(3999);
  assert.equal(pings(), 0);
  clock.tick(1);
  assert.equal(pings(), 1);
  clock.tick(3999);
  assert.equal(pings(), 1);
  clock.tick(1);
  assert.equal(pings(), 2);
});

test('messages put the ping off, and a leader that is not watched is never pinged', () => {
  const { watchdog, pings } = make();
  clock.tick(60_000);
  assert.equal(pings(), 0);
  watchdog.start();
  for (let i = 0; i < 10; i++) {
    clock.tick(3000);
    watchdog.progress(0);
  }
  assert.equal(pings(), 0);
  watchdog.stop();
  clock.tick(60_000);
  assert.equal(pings(), 0);
});

test('with slow steps it waits for twenty of them', () => {
  const { watchdog, pings } = make();
  watchdog.start();
  watchdog.progress(1);
  clock.tick(3000);
  watchdog.progress(10);
  assert.equal(watchdog.stepMs, 300);
  clock.tick(5000);
  assert.equal(pings(), 0, 'less than 6 s of silence');
  clock.tick(1000);
  assert.equal(pings(), 1);
});

test('the limit on a ping grows with the steps, and is long in plain Go', () => {
  const { watchdog } = make();
  assert.equal(watchdog.pingTimeout('relaxed'), 5000);
  assert.equal(watchdog.pingTimeout('go'), 60_000);
  watchdog.stepMs = 1000;
  assert.equal(watchdog.pingTimeout('strict'), 20_000);
  watchdog.stepMs = 10_000;
  assert.equal(watchdog.pingTimeout('go'), 200_000);
});
