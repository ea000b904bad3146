import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lossEvery, oneByOne, repeat, startTraining } from './measure.mjs';

/** A clock that what is measured puts forward. */
function clock() {
  let at = 1000;
  return {
    now: () => at,
    pass(/** @type {number} */ ms) {
      at += ms;
    },
  };
}

test('repeat goes on for as long as it should, and not much longer', async () => {
  for (const ms of [0.001, 0.7, 30, 5000]) {
    const { now, pass } = clock();
    let looks = 0;
    let calls = 0;
    const got = await repeat(
      0.2,
      () => {
        calls++;
        pass(ms);
      },
      () => {
        looks++;
        return now();
      },
    );
    assert.equal(got.calls, calls);
    assert.ok(Math.abs(got.seconds - (calls * ms) / 1000) < 1e-6, `${ms} ms: ${got.seconds} s`);
    assert.ok(got.seconds >= 0.2 && got.seconds <= Math.max(0.24, (2 * ms) / 1000), `${ms} ms: ${got.seconds} s`);
    assert.ok(Math.abs(got.each - ms / 1000) < 1e-9, `${ms} ms: ${got.each} s a call`);
    assert.ok(looks < 60, `${looks} looks`);
  }
});

test('what interrupts now and then does not count', async () => {
  for (const [from, to, want] of [
    [40, 70, 1],
    [20, 1000, 5],
  ]) {
    const { now, pass } = clock();
    const begun = now();
    const got = await repeat(0.1, () => pass(now() - begun >= from && now() - begun < to ? 5 : 1), now);
    assert.ok(Math.abs(got.each - want / 1000) < 1e-9, `${from} to ${to}: ${got.each}`);
  }
});

test('repeat waits for each call and passes errors on', async () => {
  let under = 0;
  let most = 0;
  await repeat(0.02, async () => {
    most = Math.max(most, ++under);
    await new Promise((r) => setTimeout(r, 2));
    under--;
  });
  assert.equal(most, 1);
  await assert.rejects(
    repeat(1, async () => {
      throw new Error('broken');
    }),
    /broken/,
  );
});

test('the loss is read every twenty steps and at the end', async () => {
  let steps = 0;
  /** @type {number[]} */
  const read = [];
  const take = oneByOne(
    () => steps++,
    () => {
      read.push(steps);
      return 1000 - steps;
    },
  );
  assert.equal(await take(1), 999);
  assert.equal(await take(2 * lossEvery + 5), 1000 - 46);
  assert.equal(await take(lossEvery), 1000 - 66);
  assert.deepEqual(read, [1, 21, 41, 46, 66]);
});

test('a training warms up, tells its first loss and measures images a second', async () => {
  const { now, pass } = clock();
  let steps = 0;
  /** @type {number[]} */
  const taken = [];
  const take = async (/** @type {number} */ n) => {
    taken.push(n);
    for (let i = 0; i < n; i++) pass(steps++ < 5 ? 400 : 10); // slow until it is compiled
    return 700 - steps;
  };
  const t = await startTraining(take, 128, 20, now);
  assert.equal(steps, 20);
  assert.equal(taken[0], 1);
  assert.equal(t.first, 699);
  const got = await t.measure(0.5);
  assert.equal(steps, 70, 'what was slow at first is not in the estimate');
  assert.deepEqual(got, { value: (50 * 128) / 0.5, steps: 70, loss: 630 });
  // A step that takes longer than the measurement is one step.
  const takeSlowly = async (/** @type {number} */ n) => {
    pass(3000 * n);
    return 1;
  };
  const slow = await startTraining(takeSlowly, 8, 20, now);
  assert.deepEqual(await slow.measure(0.5), { value: 8 / 3, steps: 21, loss: 1 });
});
