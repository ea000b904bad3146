import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { MemoryBackend } from './backends.js';
import { FileStore, openFileStore } from './file-store.js';
import { SlotFile } from './slot-file.js';
import { makeLocks } from './tab-locks.js';
import { LimitedBackend, times, waitFor } from './time-limit.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => clock.release());

const settled = () => new Promise((done) => setImmediate(done));

/** Lets time go by, and promises settle. @param {number} ms */
async function pass(ms) {
  for (let i = 0; i < ms; i += 100) {
    clock.tick(100);
    await settled();
  }
}

const bytes = (/** @type {string} */ s) => [new TextEncoder().encode(s)];
const text = (/** @type {Uint8Array | null} */ b) => b && new TextDecoder().decode(b);

/** A backend in memory, whose operations wait for the test where it says so. */
class SlowBackend extends MemoryBackend {
  /** As of one that outlives the tab. */
  kind = /** @type {any} */ ('opfs');
  /** Names of files that are not written until end is called. @type {Set<string>} */
  stuck = new Set();
  /** @type {(() => void)[]} */
  #ends = [];

  /** @param {string} name */
  async #wait(name) {
    if (this.stuck.has(name) || this.stuck.has('*')) await new Promise((done) => this.#ends.push(() => done(undefined)));
  }
  /** What hangs goes on. */
  async end() {
    this.stuck.clear();
    for (const end of this.#ends.splice(0)) end();
    await settled();
  }
  /** @param {string} name @param {Uint8Array[]} parts */
  async put(name, parts) {
    await this.#wait(name);
    await super.put(name, parts);
  }
  /** @param {string} name */
  async get(name) {
    await this.#wait('*');
    return super.get(name);
  }
}

/** @param {FileStore} store */
function listen(store) {
  /** @type {string[]} */
  const told = [];
  store.on('warning', (e) => told.push(e.code));
  store.on('recovered', () => told.push('recovered'));
  return told;
}

test('a write that never ends fails in time and frees its file; when it ends at last what is newer is there', async () => {
  const backend = new SlowBackend();
  const store = new FileStore(backend);
  const told = listen(store);
  backend.stuck.add('a');
  const first = store.save('a', bytes('old'));
  const second = store.save('a', bytes('new'));
  await pass(times.stepMs - 200);
  assert.deepEqual(told, []);
  await pass(400);
  assert.deepEqual([await first, await second], [false, false]);
  assert.deepEqual(told, ['storage-failed']);
  assert.equal(text(await store.get('a')), 'new');
  await assert.rejects(store.put('a', bytes('x')), { code: 'storage-failed', field: 'a' });
  assert.equal(await store.save('b', bytes('b')), true, 'other files can be written');
  let isSettled = false;
  store.whenSettled(['a'], () => {
    isSettled = true;
  });
  assert.equal(isSettled, false);
  await backend.end();
  await pass(100);
  assert.equal(text(await backend.get('a')), 'new');
  assert.equal(store.unsaved('a'), false);
  assert.equal(isSettled, true);
  assert.deepEqual(told, ['storage-failed', 'recovered']);
});

test('of a write that ends late, and after which nothing came, nothing is written again', async () => {
  const backend = new SlowBackend();
  const store = new FileStore(backend);
  const told = listen(store);
  backend.stuck.add('a');
  const saved = store.save('a', bytes('x'));
  await pass(times.stepMs + 200);
  assert.equal(await saved, false);
  let writes = 0;
  const { put } = MemoryBackend.prototype;
  backend.put = (name, parts) => {
    writes++;
    return put.call(backend, name, parts);
  };
  await backend.end();
  await pass(60_000);
  assert.equal(writes, 0);
  assert.deepEqual(told, ['storage-failed', 'recovered']);
});

test('a storage that answers to nothing is soon given up each time', async () => {
  const backend = new SlowBackend();
  const limited = new LimitedBackend(backend);
  backend.stuck.add('*');
  const took = async () => {
    const began = Date.now();
    const failed = limited.put(`a${began}`, bytes('x')).then(
      () => Infinity,
      () => Date.now() - began,
    );
    await pass(times.stepMs + 400);
    return failed;
  };
  const times3 = [await took(), await took(), await took()];
  assert.ok(times3[1] >= times.stepMs && times3[2] < times.doubtMs + 200, times3.join());
  await backend.end();
  backend.stuck.add('*');
  assert.ok((await took()) >= times.stepMs, 'once it has answered there is time again');
});

test('each slot is tried, the newest is not written over, and what is in memory is the newest until it is written', async () => {
  const backend = new SlowBackend();
  const store = new FileStore(backend);
  const names = ['s.0', 's.1', 's.2'];
  const file = new SlotFile(store, 'run', names);
  const write = async (/** @type {string} */ content) => {
    const written = file.write(bytes(content)[0]);
    await pass(3 * times.stepMs);
    return written;
  };
  const found = async () => text((await new SlotFile(new FileStore(backend), 'run', names).read())?.content ?? null);
  assert.equal(await write('one'), true);
  backend.stuck.add('s.1');
  assert.equal(await write('two'), true);
  assert.equal(await found(), 'two');
  assert.deepEqual((await backend.names()).sort(), ['s.0', 's.2']);
  backend.stuck.add('s.0');
  assert.equal(await write('three'), false);
  assert.equal(await found(), 'two', 'it is not written over');
  assert.equal(text((await file.read())?.content ?? null), 'three');
  await backend.end();
  await pass(100);
  assert.equal(await found(), 'three');
  assert.equal(await write('four'), true);
  assert.equal(await found(), 'four');
  await file.trim();
  assert.equal((await backend.names()).length, 1);
  assert.equal(await found(), 'four');
});

test('a storage that does not answer when it is opened is used when it does', async () => {
  /** @type {((root: any) => void)[]} */
  const waiting = [];
  const files = new Map();
  const folder = {
    getFileHandle: async (/** @type {string} */ name, { create = false } = {}) => {
      if (!files.has(name) && !create) throw new DOMException('', 'NotFoundError');
      return {
        createWritable: async () => ({ write: async (/** @type {any} */ part) => void files.set(name, part), close: async () => {} }),
      };
    },
    keys: async function* () {
      yield* files.keys();
    },
  };
  const storage = /** @type {any} */ ({ getDirectory: () => new Promise((done) => waiting.push(done)) });
  const opening = openFileStore({ storage, writesFiles: true });
  await pass(times.stepMs + 200);
  const store = await opening;
  const told = listen(store);
  assert.deepEqual([store.kind, store.warning?.code], ['opfs', 'storage-failed']);
  const saved = store.save('a', bytes('x'));
  await pass(times.stepMs + 200);
  assert.equal(await saved, false);
  for (const answer of waiting) answer({ getDirectoryHandle: async () => folder });
  storage.getDirectory = async () => ({ getDirectoryHandle: async () => folder });
  await pass(70_000);
  assert.equal(text(files.get('a')), 'x');
  assert.deepEqual([told.at(-1), store.warning], ['recovered', null]);
});

test('a lock that comes too late is released; a computer that slept is given its time', async () => {
  /** @type {any} */
  let give;
  let released = false;
  const locks = /** @type {any} */ ({
    request: (/** @type {string} */ _, /** @type {any} */ __, /** @type {(lock: any) => any} */ use) =>
      new Promise((done) => {
        give = () => done(use({}));
      }).then(() => {
        released = true;
      }),
    query: () => new Promise(() => {}),
  });
  const all = makeLocks(/** @type {any} */ (null), { locks });
  const acquired = assert.rejects(all.acquire('x'), { code: 'storage-failed', field: 'x' });
  const held = assert.rejects(all.held(), { code: 'storage-failed' });
  await pass(times.stepMs + 200);
  await acquired;
  await held;
  give();
  await settled();
  assert.equal(released, true);

  let slept = '';
  waitFor(new Promise(() => {}), 'x').catch(() => {
    slept = 'failed';
  });
  clock.tick(times.stepMs / 3); // as when timers fall due at once after hours
  await settled();
  assert.equal(slept, '');
  await pass(times.stepMs);
  assert.equal(slept, 'failed');
});
