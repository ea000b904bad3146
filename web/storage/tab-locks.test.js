import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeChannels, FakeLocks, Disk, fakeDatabase } from '../test/fakes.js';
import { openFileStore } from './file-store.js';
import { makeLocks, openChannel, TabLocks } from './tab-locks.js';

const later = (ms = 0) => new Promise((done) => setTimeout(done, ms));

/** Tabs of one browser without Web Locks. */
function browser() {
  const Channel = fakeChannels();
  const indexedDB = fakeDatabase(new Disk());
  return async () => {
    const fileStore = await openFileStore({ indexedDB });
    /** @type {any} */
    let channel;
    class Own extends Channel {
      /** @param {string} name */
      constructor(name) {
        super(name);
        channel = this;
      }
    }
    const locks = new TabLocks(fileStore, /** @type {any} */ (Own), 80);
    return { locks, fileStore, channel };
  };
}

test('with Web Locks, a lock is owned by one tab until it is released or the tab ends', async () => {
  const all = new FakeLocks();
  const [one, two] = [all.tab(), all.tab()];
  const [a, b] = [one, two].map(({ locks }) => makeLocks(/** @type {any} */ (null), { locks }));
  const lock = await a.acquire('x');
  assert.ok(lock && (await lock.isHeld()));
  assert.equal(await b.acquire('x'), null);
  assert.deepEqual(await b.held(), new Set(['x']));
  lock.release();
  await later();
  const again = await b.acquire('x');
  assert.ok(again);
  two.kill();
  assert.ok(await a.acquire('x'));
});

test('the locks of other programs of the origin are not ours', async () => {
  const all = new FakeLocks();
  const { locks } = all.tab();
  void locks.request('other', { ifAvailable: true }, () => new Promise(() => {}));
  assert.deepEqual(await makeLocks(/** @type {any} */ (null), { locks }).held(), new Set());
});

test('without Web Locks tabs ask each other', async () => {
  const tab = browser();
  const [one, two] = [await tab(), await tab()];
  const lock = await one.locks.acquire('x');
  assert.ok(lock);
  assert.equal(await one.locks.acquire('x'), null, 'not twice in a tab');
  assert.equal(await two.locks.acquire('x'), null);
  assert.ok(await two.locks.acquire('y'));
  assert.deepEqual(await one.locks.held(), new Set(['x', 'y']));
  lock.release();
  await later(20);
  assert.equal(await one.fileStore.get('fences/x'), null, 'its token is gone');
  assert.ok(await two.locks.acquire('x'));
});

test('of two tabs that ask at once one gets the lock', async () => {
  const tab = browser();
  const [one, two] = [await tab(), await tab()];
  for (let i = 0; i < 10; i++) {
    const got = await Promise.all([one.locks.acquire(`x${i}`), two.locks.acquire(`x${i}`)]);
    assert.equal(got.filter(Boolean).length, 1);
  }
});

test('a tab that was suspended finds that another one owns its lock', async () => {
  const tab = browser();
  const [one, two] = [await tab(), await tab()];
  const first = await one.locks.acquire('x');
  assert.ok(first && (await first.isHeld()));
  one.channel.asleep = true;
  const second = await two.locks.acquire('x');
  assert.ok(second && (await second.isHeld()));
  assert.equal(await first.isHeld(), false);
  first.release(); // leaves the other's token
  await later(20);
  assert.equal(await second.isHeld(), true);
});

test('where a browser refuses channels, a tab has its locks all the same', async () => {
  class Refused {
    constructor() {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    }
  }
  assert.equal(openChannel('x', /** @type {any} */ (Refused)), null);
  const fileStore = await openFileStore({});
  const lock = await new TabLocks(fileStore, /** @type {any} */ (Refused), 1).acquire('x');
  assert.ok(lock && (await lock.isHeld()));
});

test('messages that are none are ignored', async () => {
  const tab = browser();
  const { locks, channel } = await tab();
  for (const data of [null, 5, {}, { ask: 5 }, { held: 5 }, { list: 'x' }]) channel.onmessage({ data });
  assert.ok(await locks.acquire('x'));
});
