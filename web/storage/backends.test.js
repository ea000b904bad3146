import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '../lib/bytes.js';
import { Disk, fakeDatabase, fakeStorage } from '../test/fakes.js';
import { IndexedDBBackend, MemoryBackend, OPFSBackend } from './backends.js';

const bytes = (/** @type {number[]} */ ...values) => Uint8Array.from(values);

test('memory gives copies', async () => {
  const backend = new MemoryBackend();
  const part = bytes(1);
  await backend.put('a', [part]);
  part[0] = 9;
  const read = /** @type {Uint8Array} */ (await backend.get('a'));
  read[0] = 8;
  assert.deepEqual(await backend.get('a'), bytes(1));
});

test('a private file has the name of the file, with ~ for /, and temporary files are not listed', async () => {
  const disk = new Disk();
  const backend = new OPFSBackend(fakeStorage(disk));
  await backend.put('runs/1/about', [bytes(1), bytes(2)]);
  assert.deepEqual([...disk.files.keys()], ['runs~1~about']);
  assert.deepEqual(await backend.names(), ['runs/1/about']);
});

test('a large file is written in pieces of half a megabyte at most: the browser copies each at once', async () => {
  const disk = new Disk();
  const backend = new OPFSBackend(fakeStorage(disk));
  /** @type {string[]} */
  const steps = [];
  disk.before = (step) => void steps.push(step);
  const part = Uint8Array.from({ length: 3 * (1 << 19) + 5 }, (_, i) => i % 251);
  await backend.put('a', [bytes(1), part]);
  assert.equal(steps.filter((s) => s === 'write').length, 5);
  assert.deepEqual(await backend.get('a'), concat([bytes(1), part]));
});

test('a folder that was cleared meanwhile is made again', async () => {
  const disk = new Disk();
  const backend = new OPFSBackend(fakeStorage(disk));
  await backend.put('a', [bytes(1)]);
  let handles = 0;
  let folders = 0;
  disk.before = (step) => {
    if (step === 'folder') folders++;
    // The first asks whether the file exists, the second makes it.
    if (step === 'handle' && ++handles === 2) throw new DOMException('gone', 'NotFoundError');
  };
  disk.files.clear();
  await backend.put('a', [bytes(2)]);
  assert.deepEqual(await backend.get('a'), bytes(2));
  assert.equal(folders, 1, 'the folder is opened again');
});

test('a file in the database is a record of its pieces, of half a megabyte each', async () => {
  const disk = new Disk();
  const backend = new IndexedDBBackend(fakeDatabase(disk));
  const part = new Uint8Array((1 << 19) + 3).fill(7);
  await backend.put('a', [part, bytes(1)]);
  assert.deepEqual([...disk.files.keys()].sort(), ['a', 'a#0', 'a#1', 'a#2']);
  assert.deepEqual(/** @type {any} */ (disk.files.get('a')), { pieces: 3 });
  assert.deepEqual(await backend.names(), ['a']);
  await backend.put('a', [bytes(5)]);
  assert.deepEqual([...disk.files.keys()].sort(), ['a', 'a#0'], 'pieces that are too many are deleted');
  assert.deepEqual(await backend.get('a'), bytes(5));
});

test('whether a database exists', async () => {
  const factory = fakeDatabase(new Disk());
  assert.equal(await IndexedDBBackend.used(factory), false);
  await new IndexedDBBackend(factory).open();
  assert.equal(await IndexedDBBackend.used(factory), true);
  assert.equal(await IndexedDBBackend.used(undefined), false);
  const broken = { databases: () => Promise.reject(new Error('forbidden')) };
  assert.equal(await IndexedDBBackend.used(/** @type {any} */ (broken)), false);
});
