import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnData, fetchServed, findServed } from './own-data.js';
import { Disk, fakeStorage, full } from '../test/fakes.js';
import { openFileStore } from '../storage/file-store.js';

/** @param {Disk} disk */
const fileStoreOn = (disk) => openFileStore(/** @type {any} */ ({ storage: fakeStorage(disk), writesFiles: true }));

const order = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'];

/** The four files of a set. */
const four = () =>
  /** @type {import('./own-data.js').DataFiles} */ (order.map((name, i) => ({ name, bytes: new Uint8Array(60 + i).fill(i + 1).buffer })));

test('a set is kept, listed, opened in the order of the engine, and forgotten', async () => {
  const disk = new Disk();
  const sets = new OwnData(await fileStoreOn(disk));
  const [kind, files] = ['idx', four()];
  const id = await sets.save({ name: 'MNIST', kind, files, info: { count: 6, shape: [1, 2, 3] } });
  const part = await sets.save({ name: 'part', kind, files: [files[0], null, null, null] });
  const later = new OwnData(await fileStoreOn(disk));
  const list = await later.list();
  assert.deepEqual(list.map((s) => s.name).sort(), ['MNIST', 'part']);
  const set = await later.open(id);
  assert.deepEqual([set.name, set.kind, set.info], ['MNIST', 'idx', { count: 6, shape: [1, 2, 3] }]);
  assert.equal(
    set.bytes,
    files.reduce((n, f) => n + (f?.bytes.byteLength ?? 0), 0),
  );
  set.files.forEach((f, i) => assert.deepEqual(Buffer.from(f), Buffer.from(files[i]?.bytes ?? new ArrayBuffer(0))));
  assert.deepEqual(
    (await later.open(part)).files.map((f) => f.byteLength > 0),
    [true, false, false, false],
  );

  const file = /** @type {Uint8Array} */ (disk.files.get(`data~${id}~1`));
  file[70] ^= 1;
  await assert.rejects(later.open(id), { code: 'storage-damaged' });
  disk.files.delete(`data~${id}~1`);
  await assert.rejects(later.open(id), { code: 'storage-damaged', field: order[1] });
  await later.remove(id);
  await later.remove(part);
  assert.equal(disk.files.size, 0);
  await assert.rejects(later.open(id), { code: 'data-missing' });
});

test('a set that does not fit leaves nothing behind and touches nothing', async () => {
  const [kind, files] = ['idx', four()];
  let failed = 0;
  for (let at = 0; ; at++) {
    const disk = new Disk();
    const sets = new OwnData(await fileStoreOn(disk));
    const old = await sets.save({ name: 'old', kind, files });
    const before = new Map(disk.files);
    let n = 0;
    disk.before = (step) => {
      if (['open', 'write', 'close'].includes(step) && n++ === at) throw full();
    };
    const kept = await sets.save({ name: 'new', kind, files }).then(
      () => true,
      (e) => {
        assert.equal(e.code, 'disk-full');
        return false;
      },
    );
    if (kept) break;
    failed++;
    assert.deepEqual(new Map(disk.files), before);
    assert.deepEqual(
      (await sets.list()).map((s) => s.id),
      [old],
    );
  }
  assert.ok(failed >= 20, `${failed} writes failed`);
});

test('a damaged record hides its set, not the others', async () => {
  const disk = new Disk();
  const sets = new OwnData(await fileStoreOn(disk));
  const [kind, files] = ['idx', four()];
  const id = await sets.save({ name: 'a', kind, files });
  await sets.save({ name: 'b', kind, files });
  const about = /** @type {Uint8Array} */ (disk.files.get(`data~${id}~about`));
  about[80] ^= 1;
  assert.deepEqual(
    (await sets.list()).map((s) => s.name),
    ['b'],
  );
});

test('what lies beside the page is found and fetched', async (t) => {
  const served = {
    sets: [
      {
        name: 'mnist',
        bytes: 30,
        files: [
          { role: 'testImages', path: 'mnist/t10k-images-idx3-ubyte.gz', bytes: 20 },
          { role: 'trainImages', path: 'mnist/train-images-idx3-ubyte.gz', bytes: 10 },
        ],
      },
      { name: 'up', files: [{ role: 'trainImages', path: '../secret', bytes: 1 }] },
      { name: 'away', files: [{ role: 'trainImages', path: 'https://elsewhere.example/x', bytes: 1 }] },
      { name: 'empty', files: [] },
      7,
    ],
  };
  /** @type {(url: string) => Response} */
  let answer = () => Response.json(served);
  /** @type {string[]} */
  const asked = [];
  t.mock.method(globalThis, 'fetch', async (/** @type {any} */ url) => {
    asked.push(String(url));
    return answer(String(url));
  });
  const base = 'https://example.org/sub/';
  const found = await findServed(base);
  assert.deepEqual(asked, ['https://example.org/sub/data/index.json']);
  assert.deepEqual(
    found.map((s) => s.name),
    ['mnist'],
  );
  answer = (url) => new Response(new Uint8Array(url.includes('t10k') ? 20 : 10));
  /** @type {number[]} */
  const progress = [];
  const { files } = await fetchServed(base, found[0], (n) => progress.push(n));
  assert.equal(asked.at(-1), 'https://example.org/sub/data/mnist/train-images-idx3-ubyte.gz');
  assert.deepEqual(
    files.map((f) => f && [f.name, f.bytes.byteLength]),
    [['train-images-idx3-ubyte.gz', 10], null, ['t10k-images-idx3-ubyte.gz', 20], null],
  );
  assert.equal(progress.at(-1), 30);
  answer = () => new Response('', { status: 404 });
  await assert.rejects(fetchServed(base, found[0]), { code: 'data-missing' });
  assert.deepEqual(await findServed(base), []);
  answer = () => new Response('<!doctype html>');
  assert.deepEqual(await findServed(base), []);
  answer = () => {
    throw new TypeError('no network');
  };
  assert.deepEqual(await findServed(base), []);
});
