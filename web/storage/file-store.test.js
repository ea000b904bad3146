import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InkdriftError } from '../lib/errors.js';
import { Disk, fakeDatabase, fakeStorage, full } from '../test/fakes.js';
import { openFileStore } from './file-store.js';

const bytes = (/** @type {string} */ s) => new TextEncoder().encode(s);
const text = (/** @type {Uint8Array | null} */ b) => b && new TextDecoder().decode(b);

/** @param {string} code */
const coded = (code) => (/** @type {any} */ e) => e instanceof InkdriftError && e.code === code;

/** @type {[string, (disk: Disk) => any][]} */
const platforms = [
  ['opfs', (disk) => ({ storage: fakeStorage(disk), writesFiles: true })],
  ['indexeddb', (disk) => ({ storage: fakeStorage(disk), writesFiles: false, indexedDB: fakeDatabase(disk) })],
  ['memory', () => ({})],
];

for (const [kind, platform] of platforms) {
  test(`${kind}: files are written, read, listed and removed`, async () => {
    const disk = new Disk();
    const v = await openFileStore(platform(disk));
    assert.equal(v.kind, kind);
    assert.equal(v.warning?.code, kind === 'memory' ? 'storage-memory' : undefined);
    assert.equal(await v.get('a/b'), null);
    await v.put('a/b', [bytes('one'), bytes(' and two')]);
    await v.put('a/c.1', [bytes('x')]);
    await v.put('ab', [bytes('y')]);
    assert.equal(text(await v.get('a/b')), 'one and two');
    assert.deepEqual(await v.list('a/'), ['a/b', 'a/c.1']);
    assert.deepEqual(await v.list(), ['a/b', 'a/c.1', 'ab']);
    await v.put('a/b', [bytes('new')]);
    assert.equal(text(await v.get('a/b')), 'new');
    // More pieces than one, then fewer.
    const large = new Uint8Array(2_500_000).map((_, i) => i * 7 + (i >> 9));
    await v.put('a/b', [large.subarray(5), large.subarray(0, 5)]);
    assert.deepEqual(Buffer.from((await v.get('a/b')) ?? []), Buffer.concat([large.subarray(5), large.subarray(0, 5)]));
    await v.put('a/b', [bytes('z')]);
    assert.equal(text(await v.get('a/b')), 'z');
    await v.remove('a/b');
    await v.remove('a/b');
    assert.equal(await v.get('a/b'), null);
    assert.deepEqual(await v.list(), ['a/c.1', 'ab']);
    assert.ok(disk.used < 10, `${disk.used} bytes are left behind`);
    for (const name of ['', '/a', 'a/', '../a', 'A', 'a b', 'a//b', '.a']) await assert.rejects(v.put(name, []), TypeError, name);
  });
}

for (const [kind, platform] of platforms.slice(0, 2)) {
  test(`${kind}: a write that fails at any step leaves what was there`, async () => {
    for (const error of [full(), new DOMException('broken', 'UnknownError')]) {
      for (const fresh of [true, false]) {
        let failed = 0;
        for (let at = 0; ; at++) {
          const disk = new Disk();
          const v = await openFileStore(platform(disk));
          if (!fresh) await v.put('a', [bytes('old')]);
          let n = 0;
          disk.before = (step) => {
            if (['handle', 'open', 'write', 'close'].includes(step) && n++ === at) throw error;
          };
          const done = await v.put('a', [bytes('new '), bytes('words')]).then(
            () => true,
            (e) => {
              assert.equal(e.code, error.name === 'UnknownError' ? 'storage-failed' : 'disk-full');
              assert.equal(e.field, 'a');
              return false;
            },
          );
          disk.before = () => {};
          assert.equal(disk.pending, 0, 'nothing is left open');
          assert.equal(text(await v.get('a')), done ? 'new words' : fresh ? null : 'old');
          assert.deepEqual(await v.list(), done || !fresh ? ['a'] : []);
          if (done) break;
          failed++;
        }
        assert.ok(failed >= (kind === 'opfs' ? 5 : 3), `${failed} steps failed`);
      }
    }
  });

  test(`${kind}: with a full disk what is new stays in memory, and is written when there is space`, async () => {
    const disk = new Disk();
    const v = await openFileStore(platform(disk));
    /** @type {string[]} */
    const told = [];
    v.on('warning', (e) => told.push(e.code));
    v.on('recovered', () => told.push('recovered'));
    await v.put('old', [bytes('0123456789')]);
    await v.put('big', [new Uint8Array(100)]);
    disk.capacity = disk.used + 5;
    assert.equal(await v.save('old', [bytes('abcdefghij!')]), false);
    assert.equal(await v.save('other', [bytes('abcdefghij!')]), false);
    assert.deepEqual(told, ['disk-full'], 'told once');
    assert.equal(text(await v.get('old')), 'abcdefghij!', 'this tab goes on with the new one');
    assert.equal(v.unsaved('old'), true);
    assert.deepEqual(await v.list('o'), ['old', 'other']);
    const next = await openFileStore(platform(disk));
    if (kind === 'opfs') assert.equal(text(await next.get('old')), '0123456789', 'the disk has the old one');
    else assert.equal(text(disk.files.get('old#0') ?? null), '0123456789');
    assert.equal(await v.save('tiny', [bytes('abc')]), true);
    assert.deepEqual(told, ['disk-full'], 'there is no space for the others yet');
    await v.remove('big');
    for (let i = 0; v.unsaved('old') || v.unsaved('other'); i++) {
      assert.ok(i < 100, 'it is written at last');
      await new Promise((done) => setTimeout(done, 5));
    }
    await new Promise((done) => setTimeout(done, 5));
    assert.deepEqual(told, ['disk-full', 'recovered']);
    assert.ok([...disk.files.values()].some((f) => text(f) === 'abcdefghij!'));
  });
}

test('a browser that only breaks off at its quota has a full disk', async () => {
  const disk = new Disk();
  const v = await openFileStore(platforms[0][1](disk));
  disk.before = (step) => {
    if (step === 'write') throw new DOMException('Failed to write data to data pipe', 'AbortError');
  };
  await assert.rejects(v.put('b', [new Uint8Array(100)]), { code: 'disk-full', field: 'b' });
  assert.deepEqual(await v.list(), []);
});

test('what is done to one name happens in order', async () => {
  const disk = new Disk();
  const v = await openFileStore(platforms[0][1](disk));
  const all = [];
  for (let i = 0; i < 20; i++) all.push(v.put('a', [bytes(String(i))]));
  const read = v.get('a');
  all.push(v.put('a', [bytes('last')]));
  assert.equal(text(await read), '19');
  await Promise.all(all);
  assert.equal(text(await v.get('a')), 'last');
});

test('a place that does not open is passed over', async () => {
  const disk = new Disk();
  const files = fakeStorage(new Disk());
  files.getDirectory = async () => {
    throw new DOMException('not in private windows', 'SecurityError');
  };
  const database = await openFileStore({ storage: files, writesFiles: true, indexedDB: fakeDatabase(disk) });
  assert.equal(database.kind, 'indexeddb');
  disk.before = () => {
    throw new DOMException('neither', 'InvalidStateError');
  };
  const memory = await openFileStore({ storage: files, writesFiles: true, indexedDB: fakeDatabase(disk) });
  assert.equal(memory.kind, 'memory');
  assert.match(memory.warning?.message ?? '', /neither/);
  assert.equal(await memory.persist(), false);
});

test('what was kept in a database stays in use when the browser learns to write files', async () => {
  const disk = new Disk();
  const indexedDB = fakeDatabase(new Disk());
  const before = await openFileStore({ storage: fakeStorage(disk), writesFiles: false, indexedDB });
  await before.put('a', [bytes('x')]);
  const after = await openFileStore({ storage: fakeStorage(disk), writesFiles: true, indexedDB });
  assert.equal(after.kind, 'indexeddb');
  assert.equal(text(await after.get('a')), 'x');
});

test('a connection that was cut is made again', async () => {
  const indexedDB = fakeDatabase(new Disk());
  const v = await openFileStore({ indexedDB });
  await v.put('a', [bytes('x')]);
  indexedDB.database.closed = true;
  assert.equal(text(await v.get('a')), 'x');
});

test('a file that another tab replaces while it is read is read again', async () => {
  const disk = new Disk();
  const v = await openFileStore(platforms[0][1](disk));
  await v.put('a', [bytes('x')]);
  let left = 2;
  disk.before = (step) => {
    if (step === 'read' && left-- > 0) throw new DOMException('changed', 'NotReadableError');
  };
  assert.equal(text(await v.get('a')), 'x');
  left = 100;
  await assert.rejects(v.get('a'), coded('storage-failed'));
});

test('a file of a tab that died before it wrote is none', async () => {
  const disk = new Disk();
  const v = await openFileStore(platforms[0][1](disk));
  disk.files.set('a', new Uint8Array(0));
  assert.equal(await v.get('a'), null);
});
