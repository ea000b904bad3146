/**
 * What an earlier version left in a browser opens in this one. The code of commit
 * 8f5a8ed made it; the script is tools/profile/make.mjs of commit 4225409.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalStore } from '../lib/local-storage.js';
import { openFileStore } from '../storage/file-store.js';
import { makeLocks } from '../storage/tab-locks.js';
import { DataCatalog } from '../training/data-catalog.js';
import { decodePreview } from '../training/model-poller.js';
import { OwnData } from '../training/own-data.js';
import { readRunFile } from '../training/run-file.js';
import { RunList } from '../training/run-list.js';
import { TrainingSession } from '../training/training-session.js';
import { Pad } from '../ui/pad.js';
import { FakeGroup } from './fake-group.js';
import { Disk, fakeDatabase, FakeLocks, fakeStorage } from './fakes.js';
import { modules, read } from './sources.js';

const profile = JSON.parse(read('test/testdata/profile.json'));

/** @param {string | object} v */
const stored = (v) => (typeof v === 'string' ? new Uint8Array(Buffer.from(v, 'base64')) : v);

/** @param {Record<string, any>} files */
function diskOf(files) {
  const disk = new Disk();
  disk.files = new Map(Object.entries(files).map(([name, v]) => [name, /** @type {any} */ (stored(v))]));
  return disk;
}

/** What the page asks the browser for. */
const asked = { folder: '', name: '', version: 0, store: '' };

function privateFiles() {
  const storage = fakeStorage(diskOf(profile.opfs.files));
  const { getDirectory } = storage;
  storage.getDirectory = async () => {
    const root = await getDirectory();
    return {
      getDirectoryHandle(/** @type {string} */ name) {
        asked.folder = name;
        return root.getDirectoryHandle(name);
      },
    };
  };
  return { storage, writesFiles: true };
}

function database() {
  const indexedDB = fakeDatabase(diskOf(profile.indexeddb.records));
  const { open } = indexedDB;
  indexedDB.open = (/** @type {string} */ name, /** @type {number} */ version) => {
    Object.assign(asked, { name, version });
    return open();
  };
  indexedDB.database.createObjectStore = (/** @type {string} */ store) => Object.assign(asked, { store });
  return { indexedDB };
}

/** @type {[string, () => any, any][]} kind of storage, platform, and that of its locks */
const visits = [
  ['opfs', privateFiles, () => ({ locks: new FakeLocks().tab().locks })],
  ['indexeddb', database, () => ({})],
];

for (const [kind, platform, lockPlatform] of visits) {
  const open = async () => {
    const fileStore = await openFileStore(platform());
    assert.equal(fileStore.kind, kind);
    const runs = new RunList(fileStore, { locks: makeLocks(fileStore, lockPlatform()), Channel: /** @type {any} */ (null) });
    return { fileStore, runs };
  };

  test(`${kind}: the runs of an earlier version are listed, with names and curves`, async () => {
    const { runs } = await open();
    const list = await runs.list();
    assert.deepEqual(
      list.map((r) => [r.name, r.status, r.step, r.seconds, r.where, r.weights, r.checkpoint, r.damaged]),
      [
        ['A GAN', 'done', 1, 60, '', true, false, false],
        ['My run', 'interrupted', 4, 2, '', true, true, false],
      ],
    );
    const [gan, mine] = list;
    assert.equal(mine.settings.page.preset, 'quick');
    assert.deepEqual([mine.settings.page.learningRate, mine.settings.page.beta, mine.settings.page.workers], [0.002, 0.5, 3]);
    assert.equal(mine.created, Date.UTC(2026, 0, 2, 3, 4, 5));
    const { recon, elbo, params, dataset, pictures } = mine.figures;
    assert.deepEqual({ recon, elbo, params, dataset }, { recon: 25, elbo: -29, params: 652824, dataset: 'digits' });
    const preview = decodePreview(pictures);
    assert.deepEqual(
      preview?.rows.map((row) => Array.from(row, (v) => v.toFixed(2))),
      [
        ['1.00', '1.00'],
        ['0.50', '0.50'],
        ['0.25', '0.25'],
      ],
    );
    const { curves } = await runs.read(mine.id);
    assert.deepEqual([...curves.train.column('recon')], [100, 50, 33.33333, 25, 20, 16.66667]);
    assert.deepEqual([...curves.validation.column('elbo')], [-33]);
    const { train } = (await runs.read(gan.id)).curves;
    assert.deepEqual([...train.column('generator')], [0.8]);
    assert.ok(Number.isNaN(train.column('recon')[0]));
  });

  test(`${kind}: the model of an earlier run is there, and travels as a file`, async () => {
    const { runs } = await open();
    const [gan] = await runs.list();
    const model = /** @type {Uint8Array} */ (await runs.model(gan.id));
    assert.equal(new DataView(model.buffer, model.byteOffset).getFloat32(model.length - 8, true), 2);
    const { name, bytes } = await runs.export(gan.id);
    assert.equal(name, 'A-GAN.safetensors');
    assert.equal(readRunFile(bytes, name).about.name, 'A GAN');
  });

  test(`${kind}: an interrupted run goes on from its newest checkpoint`, async () => {
    const { runs } = await open();
    const [{ id }] = await runs.interrupted();
    const group = new FakeGroup();
    const training = new TrainingSession({
      makeGroup: () => /** @type {any} */ (group),
      runs,
      data: async () => ({ name: '', files: [] }),
      workers: 1,
    });
    await training.resume(id);
    const [[, { checkpoint, recipe, data, validation }]] = group.asked;
    assert.deepEqual([data.first, validation.first], [0, data.count], 'its validation pictures are those of the earlier version');
    assert.deepEqual([...new Uint32Array(checkpoint)], [4, 44]);
    assert.equal(recipe.train.learning_rate, 0.002);
    assert.equal(training.status, 'paused');
    assert.equal(training.state.step, 4);
    assert.deepEqual([...training.curves.train.column('step')], [1, 2, 3, 4], 'rows behind the checkpoint are cut off');
    await training.close();
  });

  test(`${kind}: a data set of an earlier version is listed and opened`, async () => {
    const { fileStore } = await open();
    const catalog = new DataCatalog(new OwnData(fileStore), 'http://host/', (e) => assert.fail(String(e)));
    const set = (await catalog.list()).find((s) => s.name === 'pets');
    assert.deepEqual(set?.info, { shape: [1, 1, 1], ink: false, classes: ['cat', 'dog'], train: 2, validation: 1, origin: 'album' });
    const { files, classes } = await catalog.open('pets');
    assert.deepEqual(classes, ['cat', 'dog']);
    assert.deepEqual(
      files.map((f) => f.byteLength),
      [18, 10, 0, 0],
    );
    assert.deepEqual([...new Uint8Array(files[0])].slice(-2), [10, 200]);
  });
}

test('a run that an earlier version wrote to a file can be read', () => {
  const { about, curves } = readRunFile(/** @type {Uint8Array} */ (stored(profile.exported)), 'x.safetensors');
  assert.deepEqual([about.name, about.step, about.settings.page.beta, about.figures.recon], ['My run', 4, 0.5, 25]);
  assert.deepEqual([...curves.train.column('step')], [1, 2, 3, 4, 5, 6]);
});

test('folder, database and table have the names of the earlier version', () => {
  const { folder } = profile.opfs;
  const { name, version, store } = profile.indexeddb;
  assert.deepEqual(asked, { folder, name, version, store });
});

test('a tab of the earlier version that is still open holds its run', async () => {
  const browser = new FakeLocks();
  const old = browser.tab().locks;
  void old.request(profile.lock, { ifAvailable: true }, () => new Promise(() => {}));
  const fileStore = await openFileStore(privateFiles());
  const runs = new RunList(fileStore, { locks: makeLocks(fileStore, { locks: browser.tab().locks }), Channel: /** @type {any} */ (null) });
  const mine = (await runs.list()).find((r) => r.name === 'My run');
  assert.equal(mine?.where, 'elsewhere');
});

test('drawings and choices of an earlier version are found', () => {
  const area = /** @type {any} */ ({ getItem: (/** @type {string} */ key) => profile.localStorage[key] ?? null });
  const store = new LocalStore(
    () => area,
    (e) => assert.fail(e),
  );
  const { a, b } = store.get('pads');
  const [left, right] = [a, b].map((json, i) => {
    const pad = new Pad(i === 0 ? 'a' : 'b', () => {});
    assert.equal(pad.restore(json), true);
    return pad;
  });
  assert.equal(left.source, 'drawn');
  assert.equal(right.source, 'picture');
  // As it was written: nothing is lost by reading.
  assert.deepEqual([left.toJSON(), right.toJSON()], [a, b]);
  assert.ok(a.strokes[0].p.length > 30 && b.bitmap.data, 'there is a stroke and a picture');
  const source = modules()
    .map((m) => m.text)
    .join('\n');
  for (const key of Object.keys(profile.localStorage)) {
    const name = key.replace(/^inkdrift\./, '');
    assert.notEqual(store.get(name), null, key);
    assert.ok(source.includes(`.get('${name}')`) || source.includes(`.getItem('${key}')`), `${key} is read somewhere`);
  }
});
