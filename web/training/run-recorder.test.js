import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InkdriftError } from '../lib/errors.js';
import { FakeRunList } from '../test/fake-group.js';
import { noFigures } from './figures.js';
import { RunRecorder } from './run-recorder.js';

function make() {
  const runs = new FakeRunList();
  /** @type {any[]} */
  const events = [];
  const recorder = new RunRecorder(runs, {
    onError: (e) => events.push(/** @type {any} */ (e).message),
    onTakenOver: () => events.push('taken over'),
  });
  let checkpoints = 0;
  /** @type {any} */
  const group = {
    model: async () => new ArrayBuffer(8),
    checkpoint: async () => {
      checkpoints++;
      return { step: 5, file: new ArrayBuffer(4) };
    },
  };
  const now = (/** @type {string} */ status, step = 5) => ({
    status,
    figures: { ...noFigures(), step, recon: 3 },
    info: /** @type {any} */ ({ params: 9 }),
    preview: null,
  });
  return { runs, recorder, events, group, now, checkpoints: () => checkpoints };
}

test('a paused run is saved once, with figures, model and checkpoint', async () => {
  const { recorder, events, group, now, checkpoints } = make();
  await recorder.start({ name: 'r', settings: {} });
  await recorder.save(group, now('paused'));
  await recorder.save(group, now('paused'));
  await recorder.settled();
  assert.equal(checkpoints(), 1);
  const { run } = recorder;
  assert.equal(run.step, 5);
  assert.deepEqual([run.figures.recon, run.figures.params, run.figures.dataset, run.figures.pictures], [3, 9, '', null]);
  assert.equal(run.weights_.byteLength, 8);
  assert.equal(run.lastCheckpoint.step, 5);
  await recorder.save(group, now('paused', 6));
  assert.equal(checkpoints(), 2, 'a further step is saved again');
  assert.deepEqual(events, []);
});

test('a run that is done is finished and needs no checkpoint; one that failed or has no step is not saved', async () => {
  const { recorder, group, now, checkpoints } = make();
  await recorder.start({ name: 'r', settings: {} });
  for (const state of [now('failed'), now('paused', 0)]) await recorder.save(group, state);
  assert.equal(recorder.run.weights_, null);
  await recorder.save(group, now('done'));
  await recorder.settled();
  assert.equal(checkpoints(), 0);
  assert.equal(recorder.run.status, 'done');
});

test('an error of the storage is reported, and that of a lost run means that another tab has it', async () => {
  const { recorder, events } = make();
  await recorder.start({ name: 'r', settings: {} });
  const checkpoint = { step: 1, file: new ArrayBuffer(1) };
  for (const code of ['storage-failed', 'run-elsewhere']) {
    recorder.run.saveCheckpoint = async () => {
      throw new InkdriftError(code, code);
    };
    await recorder.saveCheckpoint(checkpoint);
  }
  assert.deepEqual(events, ['storage-failed', 'taken over']);
});

test('a run that another tab has taken over continues as another one, with its curves', async () => {
  const { recorder, runs } = make();
  await recorder.start({ name: 'r', settings: {} }, ['generator']);
  assert.ok(recorder.run.curves.train.columns.includes('generator'));
  recorder.run.curves.train.add([1, 2, 3, 4, 5, 6, 0, 7]);
  const before = recorder.run;
  assert.equal(recorder.takenOver, false);
  before.released = true;
  assert.equal(recorder.takenOver, true);
  await recorder.fork({ name: 'r', settings: {} });
  assert.notEqual(recorder.run.id, before.id);
  assert.equal(recorder.run.curves, before.curves);
  assert.equal((await runs.list()).length, 2);
});

test('a released run stays if it has a step, and is deleted if it has none', async () => {
  const { recorder, runs } = make();
  await recorder.start({ name: 'empty', settings: {} });
  await recorder.release();
  assert.deepEqual(await runs.list(), []);
  await recorder.start({ name: 'r', settings: {} });
  recorder.run.step = 1;
  await recorder.release();
  assert.equal(recorder.run, null);
  assert.deepEqual(
    (await runs.list()).map((r) => [r.name, r.where]),
    [['r', '']],
  );
  await recorder.release(); // nothing to release
});
