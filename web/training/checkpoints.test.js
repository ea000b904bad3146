import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { Checkpoints } from './checkpoints.js';
import { crc32, headerBytes, encodeChecked, decodeChecked } from '../storage/checksummed-file.js';
import { concat } from '../lib/bytes.js';
import { Disk, fakeStorage, full } from '../test/fakes.js';
import { openFileStore } from '../storage/file-store.js';

/** @param {Disk} disk */
const fileStoreOn = (disk) => openFileStore(/** @type {any} */ ({ storage: fakeStorage(disk), writesFiles: true }));

/**
 * A file like a checkpoint: numbers that look random.
 *
 * @param {number} seed
 * @param {number} length
 * @returns {ArrayBuffer}
 */
function file(seed, length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let x = seed * 2654435769 + 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return words.buffer.slice(0, length);
}

const same = (/** @type {ArrayBuffer} */ a, /** @type {ArrayBuffer} */ b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;

test('the checksum is that of gzip', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926); // the check value of the catalogues
  const b = new Uint8Array(file(1, 1000));
  for (let n = 0; n < 40; n++) {
    const all = crc32(b.subarray(3, 3 + n));
    assert.equal(crc32(b.subarray(3 + (n >> 1), 3 + n), crc32(b.subarray(3, 3 + (n >> 1)))), all, 'in two parts');
    if (zlib.crc32) assert.equal(all, zlib.crc32(Buffer.from(b.subarray(3, 3 + n))));
  }
});

test('a sealed file is noticed to be another when any byte of it is', async () => {
  const whole = concat(await encodeChecked('run-1', file(2, 5000), { step: 7, sequence: 9 }));
  const { step, sequence, content } = await decodeChecked('run-1', whole);
  assert.deepEqual([step, sequence], [7, 9]);
  assert.ok(same(content.slice().buffer, file(2, 5000)));
  for (let i = 0; i < whole.length; i++) {
    for (const flip of [1, 0x80, 0xff]) {
      whole[i] ^= flip;
      await assert.rejects(decodeChecked('run-1', whole), { code: 'storage-damaged' }, `byte ${i} ^ ${flip}`);
      whole[i] ^= flip;
    }
  }
  for (let n = 0; n < whole.length; n++)
    await assert.rejects(decodeChecked('run-1', whole.subarray(0, n)), { code: 'storage-damaged' }, `${n} bytes`);
  await assert.rejects(decodeChecked('run-1', concat([whole, new Uint8Array(1)])), { code: 'storage-damaged' });
  await assert.rejects(decodeChecked('run-2', whole), { code: 'storage-damaged' }, 'that of another run');
  await assert.rejects(encodeChecked('x'.repeat(25), new Uint8Array(1)), RangeError);
});

test('a checkpoint torn at any 4 KiB gives the one before, never wrong bytes', async () => {
  const length = 3 * 4 * 60_000 + 2500; // weights and two moments, and a head
  const disk = new Disk();
  const before = file(3, length);
  const next = file(4, length + 800);
  const writer = new Checkpoints(await fileStoreOn(disk), 'run');
  await writer.save({ step: 1, file: file(5, length) });
  await writer.save({ step: 2, file: before });
  const slots = [...disk.files.keys()];
  assert.deepEqual(slots, ['slots~run~0', 'slots~run~1']);
  const old = /** @type {Uint8Array<ArrayBuffer>} */ (disk.files.get(slots[0]));
  await writer.save({ step: 3, file: next });
  const whole = /** @type {Uint8Array<ArrayBuffer>} */ (disk.files.get(slots[0]));
  assert.equal(whole.length, headerBytes + next.byteLength);

  const reader = async () => new Checkpoints(await fileStoreOn(disk), 'run').latest();
  const untorn = await reader();
  assert.ok(untorn && untorn.step === 3 && same(untorn.file, next));
  let torn = 0;
  for (let at = 0; at < whole.length; at += 4096) {
    const tails = {
      'nothing behind': new Uint8Array(0),
      'zeros behind': new Uint8Array(whole.length - at),
      'the old file behind': old.subarray(Math.min(at, old.length)),
    };
    for (const [what, tail] of Object.entries(tails)) {
      disk.files.set(slots[0], concat([whole.subarray(0, at), tail]));
      const found = await reader();
      // Before the first 4 KiB the old file is still there, whole, and is older.
      assert.ok(found && found.step === 2 && same(found.file, before), `torn at ${at}, ${what}: step ${found?.step}`);
      torn++;
    }
  }
  assert.ok(torn > 500, `${torn} tears`);

  // The next one is written over the torn slot.
  const again = new Checkpoints(await fileStoreOn(disk), 'run');
  await again.save({ step: 4, file: next });
  assert.equal((await decodeChecked('run', /** @type {Uint8Array<ArrayBuffer>} */ (disk.files.get(slots[1])))).step, 2);
  assert.equal((await reader())?.step, 4);

  // Both gone: none, and no error.
  for (const s of slots) disk.files.set(s, new Uint8Array(100));
  assert.equal(await reader(), null);
  disk.files.clear();
  assert.equal(await reader(), null);
});

test('a full disk at any write leaves a whole checkpoint, and saving goes on when there is space', async () => {
  let failed = 0;
  for (let at = 0; ; at++) {
    const disk = new Disk();
    const fileStore = await fileStoreOn(disk);
    /** @type {string[]} */
    const told = [];
    fileStore.on('warning', (e) => told.push(e.code));
    fileStore.on('recovered', () => told.push('recovered'));
    const c = new Checkpoints(fileStore, 'run');
    let n = 0;
    disk.before = (step) => {
      if (['open', 'write', 'close'].includes(step) && n++ === at) throw full();
    };
    /** @type {boolean[]} */
    const kept = [];
    for (let step = 1; step <= 4; step++) {
      kept.push(await c.save({ step, file: file(step, 9000) }));
      const last = kept.lastIndexOf(true) + 1;
      const found = await new Checkpoints(await fileStoreOn(disk), 'run').latest();
      assert.equal(found?.step ?? 0, last);
      assert.ok(!found || same(found.file, file(last, 9000)));
    }
    if (!kept.includes(false)) break;
    assert.equal(kept.filter((k) => !k).length, 1);
    assert.deepEqual(told, kept.at(-1) ? ['disk-full', 'recovered'] : ['disk-full']);
    failed++;
  }
  assert.ok(failed >= 16, `${failed} writes failed`);
});

test('while one is written only the newest waits', async () => {
  const disk = new Disk();
  const fileStore = await fileStoreOn(disk);
  const c = new Checkpoints(fileStore, 'run');
  const all = [1, 2, 3, 4, 5].map((step) => c.save({ step, file: file(step, 5000) }));
  assert.deepEqual(await Promise.all(all), [true, false, false, false, true]);
  assert.equal((await c.latest())?.step, 5);
  await c.remove();
  assert.equal(await c.latest(), null);
  assert.equal(await c.save({ step: 6, file: file(6, 10) }), true);
  assert.equal((await c.latest())?.step, 6);
});
