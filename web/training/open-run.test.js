import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeGroup } from '../test/fake-group.js';
import { InkdriftError } from '../lib/errors.js';
import { madeData } from './made-sets.js';
import { openGroup, takeSteps } from './open-run.js';
import { preset } from './settings.js';

/** @returns {FakeGroup & import('./open-run.js').Group} */
const fakeGroup = () => /** @type {any} */ (new FakeGroup());

const noData = async () => assert.fail('no file is needed');

test('a generated set is described to the engine', async () => {
  const group = fakeGroup();
  const settings = { ...preset('quick', 3), images: 700 };
  const { info } = await openGroup(settings, { makeGroup: () => group, data: noData });
  const [[, asked]] = group.asked;
  assert.deepEqual([asked.data, asked.validation], [madeData(settings).data, madeData(settings).validation]);
  assert.equal(asked.workers, 3);
  assert.equal(asked.recipe.model.family, 'dense');
  assert.equal(asked.checkpoint, undefined);
  assert.equal(info.dataset.count, 700);
  await group.close();
});

test('a resumed run gets its checkpoint and the pictures that it had', async () => {
  const group = fakeGroup();
  const settings = preset('quick', 1);
  const made = madeData({ ...settings, images: 555 });
  const checkpoint = Uint32Array.of(7).buffer;
  await openGroup(settings, { makeGroup: () => group, data: noData, checkpoint, made });
  const [[, asked]] = group.asked;
  assert.equal(asked.data.count, 555);
  assert.equal(asked.checkpoint, checkpoint);
  await group.close();
});

test('files are loaded by name, with the names of their classes, and told what the engine found', async () => {
  const group = fakeGroup();
  /** @type {any[]} */
  const opened = [];
  const files = [new ArrayBuffer(1)];
  const data = async (/** @type {string} */ name) => ({
    name,
    files,
    classes: ['cat', 'dog'],
    opened: (/** @type {any} */ i) => opened.push(i),
  });
  const { info } = await openGroup({ ...preset('quick', 1), data: 'pets' }, { makeGroup: () => group, data });
  assert.deepEqual(group.asked[0][1].data, { kind: 'idx', name: 'pets' });
  assert.deepEqual(info.classes, ['cat', 'dog']);
  assert.equal(opened.length, 1);
  assert.equal(opened[0].dataset.name, 'pets');
  await group.close();
});

test('if it cannot be opened the pool is closed', async () => {
  const group = fakeGroup();
  const gone = async () => {
    throw new Error('no such set');
  };
  await assert.rejects(openGroup({ ...preset('quick', 1), data: 'pets' }, { makeGroup: () => group, data: gone }), /no such set/);
  assert.deepEqual(
    group.asked.map(([what]) => what),
    ['close'],
  );
});

test('steps are taken and waited for', async () => {
  const group = fakeGroup();
  group.pace = { every: 1, steps: 4 };
  await openGroup(preset('quick', 1), { makeGroup: () => group, data: noData });
  await takeSteps(group, 10);
  assert.equal(group.step, 10);
  assert.equal(group.state, 'paused');
  await group.close();
});

test('an error of loading data says so', async () => {
  const settings = { ...preset('quick', 1), data: 'mine' };
  const data = async () => {
    throw new InkdriftError('storage-failed', 'x');
  };
  await assert.rejects(openGroup(settings, { makeGroup: fakeGroup, data }), { code: 'storage-failed', ofData: true });
});
