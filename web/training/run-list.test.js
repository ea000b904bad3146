import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { Curve } from './curve.js';
import { Run } from './run.js';
import { MemoryBackend } from '../storage/backends.js';
import { makeLocks, TabLocks } from '../storage/tab-locks.js';
import { RunList } from './run-list.js';
import { readHeader } from '../lib/safetensors.js';
import { Disk, fakeChannels, FakeLocks, fakeDatabase, fakeStorage, full } from '../test/fakes.js';
import { FileStore, openFileStore } from '../storage/file-store.js';

/** A browser: tabs that share a disk, locks and channels. */
function browser() {
  const disk = new Disk();
  const locks = new FakeLocks();
  const Channel = fakeChannels();
  return {
    disk,
    locks,
    async tab() {
      const me = locks.tab();
      const fileStore = await openFileStore(/** @type {any} */ ({ storage: fakeStorage(disk), writesFiles: true }));
      const runs = new RunList(fileStore, { locks: makeLocks(fileStore, { locks: me.locks }), Channel });
      return { runs, fileStore, kill: me.kill };
    },
  };
}

/** @param {number} step */
const row = (step) => [step, 200 - step, step / 10, 1, 1e-3, 1, 0];
const file = (/** @type {number} */ n) => new Uint8Array(5000).fill(n).buffer;
const bytesOf = (/** @type {ArrayBuffer | Uint8Array | null | undefined} */ b) => b && Buffer.from(/** @type {any} */ (b));

/**
 * A small model file.
 *
 * @param {Record<string, string>} [metadata]
 */
function model(metadata = { inkdrift: '{"format":1}' }) {
  const header = JSON.stringify({ __metadata__: metadata, 'mu.weight': { dtype: 'F32', shape: [2], data_offsets: [0, 8] } });
  const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const out = new Uint8Array(8 + text.length + 8);
  new DataView(out.buffer).setUint32(0, text.length, true);
  out.set(text, 8);
  out.set([0, 0, 128, 63, 0, 0, 0, 64], 8 + text.length);
  return out;
}

const settings = { recipe: { model: { latent: 2 } }, data: { kind: 'digits', count: 100 }, workers: 2, seed: 5 };

test('where a browser refuses storage and channels, runs are kept in memory', async () => {
  class Refused {
    constructor() {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    }
  }
  const Channel = /** @type {any} */ (Refused);
  const fileStore = await openFileStore({});
  const runs = new RunList(fileStore, { locks: makeLocks(fileStore, { Channel }), Channel });
  const run = runs.begin({ name: 'a', settings });
  await run.saveCheckpoint({ step: 1, file: file(1) });
  assert.deepEqual(
    (await runs.list()).map(({ id }) => id),
    [run.id],
  );
  runs.close();
});

test('a run is begun, followed, finished and found again', async () => {
  const b = browser();
  const { runs } = await b.tab();
  const run = await runs.start({ name: ' My   run ', settings });
  run.update({ status: 'running' });
  for (let s = 1; s <= 50; s++) run.curves.train.add(row(s));
  run.curves.validation.add([50, 150, 5, -155]);
  run.update({ step: 50, seconds: 1.5, figures: { elbo: -155 } });
  assert.equal(await run.saveCheckpoint({ step: 50, file: file(1) }), true);
  let [s] = await runs.list();
  assert.deepEqual(
    { ...s, created: 0, updated: 0 },
    {
      id: run.id,
      name: 'My run',
      created: 0,
      updated: 0,
      titled: false,
      status: 'running',
      where: 'here',
      settings,
      step: 50,
      seconds: 1.5,
      figures: { elbo: -155 },
      weights: false,
      checkpoint: true,
      saved: true,
      damaged: false,
    },
  );
  assert.ok(Math.abs(s.created - Date.now()) < 10_000);
  await assert.rejects(runs.export(run.id), { code: 'run-missing', field: 'weights' });
  await run.finish({ status: 'done', weights: model() });

  const later = (await b.tab()).runs;
  [s] = await later.list();
  assert.deepEqual([s.status, s.where, s.weights, s.checkpoint], ['done', '', true, false]);
  const { curves } = await later.read(run.id);
  assert.equal(curves.train.length, 50);
  assert.equal(curves.train.column('recon')[49], 150);
  assert.equal(curves.validation.column('elbo')[0], -155);
  assert.deepEqual(bytesOf(await later.model(run.id)), bytesOf(model()));
  const next = await later.start({ name: 'Next', titled: true, settings });
  assert.equal((await later.list())[0].titled, true);
  await later.rename(run.id, 'Next');
  await later.rename(next.id, 'Next');
  assert.deepEqual(
    (await later.list()).map((r) => [r.name, r.titled]),
    [
      ['Next', false],
      ['Next (2)', false],
    ],
    'no two are alike, whoever named them',
  );
  await later.remove(next.id);
  await later.rename(run.id, 'Other');
  assert.equal((await runs.list())[0].name, 'Other');
  await later.remove(run.id);
  assert.deepEqual(await runs.list(), []);
  assert.deepEqual([...b.disk.files.keys()], []);
  await assert.rejects(later.read(run.id), { code: 'run-missing' });
  await assert.rejects(later.acquire(run.id), { code: 'run-missing' });
});

test('a run whose tab was killed is found, and goes on from its last checkpoint', async () => {
  const b = browser();
  const first = await b.tab();
  const run = await first.runs.start({ settings });
  run.update({ status: 'running' });
  for (let s = 1; s <= 100; s++) {
    run.curves.train.add(row(s));
    if (s % 20 === 0 && s <= 80) {
      run.update({ step: s });
      await run.saveCheckpoint({ step: s, file: file(s) });
    }
  }
  await run.write(); // curves are newer than the last checkpoint
  const second = await b.tab();
  assert.deepEqual(await second.runs.interrupted(), [], 'it is alive');
  assert.equal((await second.runs.list())[0].where, 'elsewhere');
  assert.equal((await second.runs.list())[0].status, 'running');
  await assert.rejects(second.runs.acquire(run.id), { code: 'run-elsewhere' });
  await assert.rejects(second.runs.remove(run.id), { code: 'run-elsewhere' });

  first.kill();
  const [found] = await second.runs.interrupted();
  assert.deepEqual([found.id, found.status, found.where], [run.id, 'interrupted', '']);
  const again = await second.runs.acquire(run.id);
  assert.deepEqual([again.lastCheckpoint?.step, again.step, again.status], [80, 80, 'paused']);
  assert.deepEqual(bytesOf(again.lastCheckpoint?.file), bytesOf(file(80)));
  assert.deepEqual(again.settings, settings);
  assert.equal(again.curves.train.column('step').at(-1), 80, 'what comes after the checkpoint comes again');
  again.update({ status: 'running' });
  again.curves.train.add(row(81));
  assert.equal(await again.saveCheckpoint({ step: 81, file: file(81) }), true);
  assert.equal(await second.runs.acquire(run.id), again, 'held once');
  await again.release();
  assert.equal((await second.runs.interrupted()).length, 1);
  await assert.doesNotReject(again.saveCheckpoint({ step: 82, file: file(82) }));
  assert.equal((await second.runs.acquire(run.id)).lastCheckpoint?.step, 81, 'nothing is written after it was let go');
});

test('a paused run that was let go can go on; a finished one is not offered', async () => {
  const b = browser();
  const { runs } = await b.tab();
  const run = await runs.start({ settings });
  run.update({ status: 'running', step: 3 });
  await run.saveCheckpoint({ step: 3, file: file(3) });
  run.update({ status: 'paused' });
  await run.release();
  assert.deepEqual(
    (await runs.interrupted()).map((s) => s.status),
    ['paused'],
  );
  const again = await runs.acquire(run.id);
  await again.finish({ status: 'diverged' });
  assert.deepEqual(await runs.interrupted(), []);
  const [s] = await runs.list();
  assert.deepEqual([s.status, s.checkpoint], ['diverged', true], 'its checkpoint is kept to look at');
  const short = await runs.start({ settings });
  short.update({ status: 'running' });
  await short.release();
  assert.deepEqual(await runs.interrupted(), [], 'without a checkpoint there is nothing to go on from');
});

test('a run that is removed while it is written stays removed', async () => {
  for (let turns = 0; turns < 60; turns++) {
    const b = browser();
    const { runs } = await b.tab();
    const run = await runs.start({ settings });
    const writing = [run.saveCheckpoint({ step: 1, file: file(1) }), run.saveWeights(model())];
    run.update({ status: 'running' });
    for (let i = 0; i < turns; i++) await null;
    await runs.remove(run.id);
    await Promise.all(writing);
    await new Promise((done) => setTimeout(done, 2));
    assert.deepEqual([...b.disk.files.keys()], [], `removed after ${turns} turns`);
    assert.deepEqual(await runs.list(), []);
  }
});

test('two tabs each keep their runs, names given meanwhile stay, changes are heard of', async () => {
  const b = browser();
  const one = await b.tab();
  const two = await b.tab();
  let heard = 0;
  two.runs.on('change', () => heard++);
  const [r1, r2] = await Promise.all([one.runs.start({ name: 'one', settings }), two.runs.start({ name: 'two', settings })]);
  await two.runs.rename(r1.id, 'renamed elsewhere');
  r1.update({ status: 'running', step: 9 });
  await r1.saveCheckpoint({ step: 9, file: file(9) });
  await r1.finish({ status: 'done', weights: model() });
  const list = await two.runs.list();
  assert.deepEqual(list.map((s) => s.name).sort(), ['renamed elsewhere', 'two']);
  assert.equal(list.find((s) => s.id === r2.id)?.where, 'here');
  const pause = () => new Promise((done) => setTimeout(done, 10));
  await pause();
  const before = heard;
  await one.runs.rename(r1.id, 'x');
  await pause();
  assert.equal(heard, before + 1);
});

test('a disk that is full from the start or later costs no run', async () => {
  const b = browser();
  const { runs, fileStore } = await b.tab();
  const old = await runs.start({ name: 'old', settings });
  await old.finish({ status: 'done', weights: model() });
  const before = new Map(b.disk.files);
  b.disk.capacity = b.disk.used + 10;
  /** @type {string[]} */
  const told = [];
  fileStore.on('warning', (e) => told.push(e.code));
  const run = await runs.start({ name: 'new', settings });
  run.update({ status: 'running', step: 10 });
  for (let s = 1; s <= 10; s++) run.curves.train.add(row(s));
  assert.equal(await run.saveCheckpoint({ step: 10, file: file(1) }), false);
  await run.finish({ status: 'done', weights: model() });
  assert.deepEqual(told, ['disk-full']);
  const all = await runs.list();
  assert.deepEqual(all.map((s) => [s.name, s.status, s.saved, s.weights]).sort(), [
    ['new', 'done', false, true],
    ['old', 'done', true, true],
  ]);
  assert.deepEqual(bytesOf(await runs.model(run.id)), bytesOf(model()));
  assert.equal((await runs.read(run.id)).curves.train.length, 10);
  assert.deepEqual(new Map(b.disk.files), before, 'what was there is untouched');
  b.disk.capacity = Infinity;
  const another = await runs.start({ name: 'makes it write', settings });
  for (let i = 0; !(await runs.list()).every((s) => s.saved); i++) assert.ok(i < 100);
  assert.equal((await (await b.tab()).runs.list()).length, 3);
  await another.release();
});

test('a write that fails anywhere in a run loses nothing that was there', async () => {
  let failed = 0;
  for (let at = 0; ; at++) {
    const b = browser();
    const { runs } = await b.tab();
    let n = 0;
    let hit = false;
    b.disk.before = (step) => {
      if (!['open', 'write', 'close'].includes(step) || n++ !== at) return;
      hit = true;
      throw full();
    };
    const run = await runs.start({ name: 'r', settings });
    run.update({ status: 'running' });
    let best = 0;
    for (let s = 1; s <= 4; s++) {
      run.curves.train.add(row(s));
      run.update({ step: s });
      if (await run.saveCheckpoint({ step: s, file: file(s) })) best = s;
      const seen = await (await b.tab()).runs.list();
      if (best > 0 && seen.length > 0) {
        const fileStore = (await b.tab()).fileStore;
        const names = await fileStore.list('slots/');
        assert.ok(names.length >= 1);
      }
    }
    assert.ok(best >= 3, 'training went on and kept checkpoints');
    await run.release();
    const again = await (await b.tab()).runs.acquire(run.id);
    assert.equal(again.lastCheckpoint?.step, 4, 'one that failed is written later');
    assert.deepEqual(bytesOf(again.lastCheckpoint?.file), bytesOf(file(4)));
    if (!hit) break;
    failed++;
  }
  assert.ok(failed > 30, `${failed} writes failed`);
});

test('a checkpoint waits a second at most for the rest, but for the first state, without which no visit finds it; the end waits for it', async () => {
  const clock = stopClock();
  const settled = () => new Promise((done) => setImmediate(done));
  const pass = async (/** @type {number} */ ms) => {
    for (let i = 0; i < ms; i += 100) {
      clock.tick(100);
      await settled();
    }
  };
  /** A new run, in a storage where files do not end whose names begin with what stuck says. */
  const make = () => {
    const backend = new MemoryBackend();
    const { put } = backend;
    const made = {
      stuck: '-',
      end: () => {},
      released: false,
      slots: async () => (await backend.names()).filter((name) => name.startsWith('slots/')),
    };
    backend.kind = /** @type {any} */ ('opfs');
    backend.put = async (name, parts) => {
      if (name.startsWith(made.stuck)) await new Promise((done) => (made.end = () => done(undefined)));
      await put.call(backend, name, parts);
    };
    const about = /** @type {any} */ ({ name: 'r', status: 'running', settings: {}, step: 0, figures: {} });
    const run = new Run('r', about, {
      fileStore: new FileStore(backend),
      lock: Promise.resolve({ release() {}, isHeld: async () => true }),
      isNew: true,
      onChange() {},
      onRelease() {
        made.released = true;
      },
    });
    return Object.assign(made, { run });
  };
  try {
    for (const part of ['about', 'curves']) {
      const made = make();
      await made.run.write();
      made.stuck = `runs/r/${part}`;
      void made.run.saveCheckpoint({ step: 1, file: file(1) });
      await pass(500);
      assert.deepEqual(await made.slots(), [], part);
      await pass(700);
      assert.deepEqual(await made.slots(), ['slots/r/0'], part);
    }
    const fresh = make();
    fresh.stuck = 'runs/r/about';
    void fresh.run.saveCheckpoint({ step: 1, file: file(1) });
    await pass(2_000);
    assert.deepEqual(await fresh.slots(), []);
    fresh.end();
    await settled();
    assert.deepEqual(await fresh.slots(), ['slots/r/0']);
    const closed = make();
    await closed.run.write();
    closed.stuck = 'slots/';
    void closed.run.saveCheckpoint({ step: 1, file: file(1) });
    void closed.run.release();
    await pass(2_000);
    assert.equal(closed.released, false);
    closed.end();
    await pass(100);
    assert.deepEqual([await closed.slots(), closed.released], [['slots/r/0'], true]);
  } finally {
    clock.release();
  }
});

/** One more moment of a run. @param {import('./run.js').Run} run @param {number} step */
function keep(run, step) {
  const preview = {
    samples: new Float32Array(16),
    scatter: Float32Array.of(1, 2),
    labels: [3],
    grid: new Float32Array(0),
    shape: [1, 4, 4],
  };
  run.moments.add(step, { step, elbo: -step }, /** @type {any} */ (preview));
}

test('moments are kept with their run, cut at its checkpoint, exported, and gone with it; a run of before has none', async () => {
  const { runs, fileStore } = await browser().tab();
  const steps = async (/** @type {string} */ id) => (await runs.moments(id)).list.map((m) => m.step);
  const run = await runs.start({ name: 'new', settings });
  run.update({ status: 'running', step: 10 });
  keep(run, 10);
  await run.saveCheckpoint({ step: 10, file: file(1) });
  keep(run, 20);
  run.update({ status: 'paused' });
  await run.saveWeights(model());
  await run.release();
  assert.deepEqual(await steps(run.id), [10, 20]);
  const resumed = await runs.acquire(run.id);
  assert.deepEqual(
    resumed.moments.list.map((m) => m.step),
    [10],
    'training goes on from the checkpoint',
  );
  keep(resumed, 15);
  assert.deepEqual(await steps(run.id), [10, 15]);
  await resumed.finish({ status: 'done' });
  const { bytes } = await runs.export(run.id);
  const copy = await runs.import(bytes, { name: 'copy' });
  assert.deepEqual(await steps(copy), [10, 15]);
  await runs.remove(run.id);
  assert.equal(await fileStore.get(`runs/${run.id}/moments`), null);

  const old = await runs.import(model());
  assert.deepEqual([await steps(old), await fileStore.get(`runs/${old}/moments`)], [[], null]);
  const acquired = await runs.acquire(old);
  assert.equal(acquired.moments.list.length, 0);
  await acquired.release();
  await fileStore.save(`runs/${old}/moments`, [new Uint8Array(9)]);
  assert.deepEqual([await steps(old), (await runs.acquire(old)).moments.list.length], [[], 0], 'damaged ones are no reason to lose a run');
});

test('leftovers of tabs that died are tidied away, what others make is not', async () => {
  const b = browser();
  const one = await b.tab();
  const two = await b.tab();
  const run = await one.runs.start({ settings });
  await run.saveCheckpoint({ step: 1, file: file(1) });
  // A tab that died while it removed a run, and one that takes one from a file just now.
  b.disk.files.set('runs~dead~curves', new Uint8Array(70));
  b.disk.files.set('slots~dead~0', new Uint8Array(70));
  b.disk.files.set('runs~born~weights', new Uint8Array(70));
  const maker = b.locks.tab();
  void maker.locks.request('inkdrift born', { ifAvailable: true }, () => new Promise(() => {}));
  await two.runs.removeLeftovers();
  assert.deepEqual(
    [...b.disk.files.keys()].filter((n) => /dead|born/.test(n)),
    ['runs~born~weights'],
  );
  maker.kill();
  await two.runs.removeLeftovers();
  assert.deepEqual(
    [...b.disk.files.keys()].filter((n) => /dead|born/.test(n)),
    [],
  );
  assert.equal((await two.runs.list()).length, 1);
  assert.equal((await one.runs.list())[0].checkpoint, true);
});

test('a damaged run is shown as such, and can be removed', async () => {
  const b = browser();
  const { runs } = await b.tab();
  const run = await runs.start({ name: 'x', settings });
  await run.finish({ weights: model() });
  const [slot] = [...b.disk.files.keys()].filter((name) => name.startsWith(`runs~${run.id}~about`));
  const about = /** @type {Uint8Array} */ (b.disk.files.get(slot));
  about[about.length - 3] ^= 4;
  const [s] = await runs.list();
  assert.equal(s.damaged, true);
  assert.ok(Math.abs(s.created - Date.now()) < 10_000);
  await assert.rejects(runs.acquire(run.id), { code: 'storage-damaged' });
  const weights = /** @type {Uint8Array} */ (b.disk.files.get(`runs~${run.id}~weights`));
  weights[weights.length - 3] ^= 4;
  await assert.rejects(runs.model(run.id), { code: 'storage-damaged' });
  await runs.remove(run.id);
  assert.deepEqual(await runs.list(), []);
});

test('a run travels as a file: settings, curves, figures, and the same tensors', async () => {
  const { runs } = await browser().tab();
  const run = await runs.start({ name: 'To/from: "x"', settings });
  for (let s = 1; s <= 30_000; s++) run.curves.train.add([s, 200 + Math.sin(s) * 100, s / 1000, 1, 1e-3, 1, s === 777 ? 1 : 0]);
  run.curves.train.add([30_001, NaN, 1, Infinity, 1e-3, 1, 1]);
  run.update({ status: 'running', step: 30_000, seconds: 60, figures: { elbo: -99.5 } });
  await run.finish({ status: 'done', weights: model() });
  const { name, bytes } = await runs.export(run.id);
  assert.equal(name, 'To-from-x.safetensors');
  const { metadata, header, body } = readHeader(bytes);
  assert.equal(metadata.get('inkdrift'), '{"format":1}');
  assert.deepEqual([...header.keys()], ['mu.weight']);
  assert.equal(body.length, 8);
  assert.equal((bytes.length - 8) % 8, 0);
  assert.ok(bytes.length < 100_000, `${bytes.length} bytes`);

  const other = (await browser().tab()).runs;
  const checked = [];
  const id = await other.import(bytes, { name: 'a.safetensors', check: async (b) => checked.push(b) });
  assert.equal(checked.length, 1);
  const { curves, ...s } = await other.read(id);
  assert.deepEqual([s.name, s.status, s.step, s.seconds, s.figures], ['To/from: "x"', 'done', 30_000, 60, { elbo: -99.5 }]);
  assert.deepEqual(s.settings, settings);
  assert.ok(curves.train.length > 300 && curves.train.length <= 1000, `${curves.train.length} rows`);
  assert.equal(curves.train.column('step')[0], 1);
  assert.equal(curves.train.column('step').at(-1), 30_001);
  assert.ok(Number.isNaN(curves.train.column('recon').at(-1)));
  assert.deepEqual(bytesOf(await other.model(id)), bytesOf(bytes));
  // And once more, from there.
  const again = await other.export(id);
  assert.deepEqual(readHeader(again.bytes).metadata.get('inkdrift'), '{"format":1}');
  await assert.rejects(other.import(model(), { check: () => Promise.reject(new Error('the engine says no')) }), /engine says no/);
  assert.equal((await other.list()).length, 1);
});

test('what a file says of its run is not believed', async () => {
  const { runs } = await browser().tab();
  const curve = new Curve();
  curve.add(row(1));
  const good = {
    format: 1,
    name: 'n',
    created: 1,
    status: 'running',
    settings: null,
    step: 1,
    seconds: 1,
    figures: {},
    curves: { train: curve.toJSON(), validation: new Curve(['step', 'recon', 'kl', 'elbo']).toJSON() },
  };
  const put = (/** @type {any} */ v) =>
    runs.import(model({ inkdrift: 'x', 'inkdrift-run': typeof v === 'string' ? v : JSON.stringify(v) }));
  await put(good);
  assert.equal((await runs.list())[0].status, 'done', 'it cannot be running here');
  const train = good.curves.train;
  /** @type {[string, any][]} */
  const wrong = [
    ['inkdrift-run', '{'],
    ['inkdrift-run', 'null'],
    ['inkdrift-run', { ...good, format: 2 }],
    ['name', { ...good, name: 7 }],
    ['created', { ...good, created: 1e300 }],
    ['step', { ...good, step: -1 }],
    ['seconds', { ...good, seconds: '1' }],
    ['settings', { ...good, settings: [] }],
    ['settings', { ...good, settings: 'x' }],
    ['figures', { ...good, figures: 1 }],
    ['curves.train', { ...good, curves: {} }],
    ['curves.train', { ...good, curves: null }],
    ['curves.train', { ...good, curves: { ...good.curves, train: { ...train, data: [[1]] } } }],
    ['curves.train', { ...good, curves: { ...good.curves, train: { ...train, data: train.data.map(() => [2, 1]) } } }],
    ['curves.train', { ...good, curves: { ...good.curves, train: { ...train, data: train.data.map(() => ['1']) } } }],
    ['curves.train', { ...good, curves: { ...good.curves, train: { columns: Array(100).fill('step'), data: [] } } }],
    ['curves.validation', { ...good, curves: { train, validation: { columns: [], data: [] } } }],
  ];
  for (const [field, v] of wrong) await assert.rejects(put(v), { name: 'InkdriftError', code: 'bad-run', field }, JSON.stringify(v));
  assert.equal((await runs.list()).length, 1);
});

test('where a browser has no locks, tabs ask one another', async () => {
  const disk = new Disk();
  const Channel = fakeChannels();
  const indexedDB = fakeDatabase(disk);
  const tab = async () => {
    const fileStore = await openFileStore({ indexedDB });
    /** @type {any} */
    let channel;
    const Kept = /** @type {any} */ (
      class extends Channel {
        constructor(/** @type {string} */ name) {
          super(name);
          channel = this;
        }
      }
    );
    const locks = new TabLocks(fileStore, Kept, 30);
    return { locks, channel, runs: new RunList(fileStore, { locks, Channel }) };
  };
  const one = await tab();
  const two = await tab();
  for (let i = 0; i < 10; i++) {
    const holds = await Promise.all([one.locks.acquire(`x${i}`), two.locks.acquire(`x${i}`)]);
    assert.equal(holds.filter(Boolean).length, 1, 'asked at once, one gets it');
  }
  const run = await one.runs.start({ settings });
  run.update({ status: 'running', step: 1 });
  await run.saveCheckpoint({ step: 1, file: file(1) });
  assert.equal((await two.runs.list())[0].where, 'elsewhere');
  await assert.rejects(two.runs.acquire(run.id), { code: 'run-elsewhere' });

  // It sleeps, another takes over, it wakes up and finds that out before it writes.
  one.channel.asleep = true;
  const taken = await two.runs.acquire(run.id);
  assert.equal(taken.lastCheckpoint?.step, 1);
  await taken.saveCheckpoint({ step: 2, file: file(2) });
  one.channel.asleep = false;
  await assert.rejects(run.saveCheckpoint({ step: 9, file: file(9) }), { code: 'run-elsewhere' });
  assert.equal(run.released, true);
  await taken.release();
  const third = await tab();
  assert.equal((await third.runs.acquire(run.id)).lastCheckpoint?.step, 2);
});
