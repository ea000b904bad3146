/**
 * Workers that die or hang while they train together: the others go on, or a new one
 * from the last checkpoint.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loss, many, rig, until } from './training-rig.mjs';

/** @typedef {ReturnType<typeof import('../../tools/nodeworker/nodeworker.mjs').startWorker>} Worker */

for (const [what, lose] of /** @type {[string, (w: Worker) => void][]} */ ([
  ['is killed', (w) => w.terminate()],
  ['hangs', (w) => w.hang()],
])) {
  for (const lost of [0, 2]) {
    test(`the others go on when ${lost ? 'one who follows' : 'the leader'} ${what} in mid-step`, async () => {
      const { group, workers, points, states, staff } = rig();
      await group.open({ ...many, workers: 3 });
      await group.run();
      await until(() => group.step > 50);
      lose(workers[lost]);
      await until(() => group.workers.alive === 2);
      const at = group.step;
      await until(() => group.step > at + 200);
      assert.equal(group.state, 'running');
      await group.pause();
      assert.deepEqual(staff, [
        { wanted: 3, alive: 3 },
        { wanted: 3, alive: 2 },
      ]);
      assert.deepEqual(states, ['opening', 'paused', 'running', 'paused']);
      assert.ok(points.flat().every(Number.isFinite));
      assert.ok(loss(points, points.length - 50, points.length) < loss(points, 0, 20) - 20);
      const { elbo, step, active } = await group.evaluate();
      assert.ok(Number.isFinite(elbo) && step === group.step && active.length === 4);
    });
  }
}

test('when all are dead a new one goes on from the last checkpoint', async () => {
  const { group, workers, points } = rig();
  await group.open({ ...many, workers: 2 });
  await group.change({ learningRate: 0.0015 });
  await group.run();
  await until(() => group.step > 250);
  const kept = await group.checkpoint();
  assert.ok(kept.step >= 200 && kept.step % 4 === 0);
  for (const w of workers) w.terminate();
  await until(() => workers.length === 3);
  points.length = 0;
  await until(() => points.length > 100);
  assert.ok(points[0][0] <= kept.step + 101, `it went on at ${points[0][0]}`);
  assert.ok(points.every((p) => p[4] === 0.0015));
  assert.deepEqual(group.workers, { wanted: 2, alive: 1 });
  assert.equal(group.state, 'running');
});
