import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OwnData, fetchServed, findServed, recogniseIDX } from './own-data.js';
import { Disk, fakeStorage, full } from '../test/fakes.js';
import { openFileStore } from '../storage/file-store.js';

/** @param {Disk} disk */
const fileStoreOn = (disk) => openFileStore(/** @type {any} */ ({ storage: fakeStorage(disk), writesFiles: true }));

/**
 * An IDX file.
 *
 * @param {string} name
 * @param {number[]} dims
 * @param {{gzip?: boolean, type?: number}} [how]
 * @returns {any}
 */
function idx(name, dims, { gzip = false, type = 8 } = {}) {
  const bytes = new Uint8Array(4 + 4 * dims.length + dims.reduce((a, b) => a * b, 1)).fill(dims[0]);
  bytes.set([0, 0, type, dims.length]);
  dims.forEach((d, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, d));
  return Object.assign(new Blob([gzip ? gzipSync(bytes) : bytes]), { name });
}

const four = (gzip = false) => [
  idx('t10k-labels-idx1-ubyte', [4], { gzip }),
  idx('train-images-idx3-ubyte', [6, 2, 3], { gzip }),
  idx('t10k-images-idx3-ubyte', [4, 2, 3], { gzip }),
  idx('train-labels-idx1-ubyte', [6], { gzip }),
];

const order = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'];

test('the four files are told apart, in any order, plain or gzip', async () => {
  for (const gzip of [false, true]) {
    const { kind, files } = await recogniseIDX(four(gzip));
    assert.equal(kind, 'idx');
    assert.deepEqual(
      files.map((f) => f?.name),
      order,
    );
    assert.equal(files[0]?.bytes.byteLength, four(gzip)[1].size);
  }
});

test('names that say nothing are made up for by sizes, and what is absent is null', async () => {
  const names = async (/** @type {any[]} */ list) => (await recogniseIDX(list)).files.map((f) => f?.name ?? null);
  assert.deepEqual(await names([idx('a', [4, 2, 2]), idx('b', [9, 2, 2]), idx('c', [9]), idx('d', [4])]), ['b', 'c', 'a', 'd']);
  assert.deepEqual(await names([idx('a', [4, 2, 2])]), ['a', null, null, null]);
  assert.deepEqual(await names([idx('a', [4, 2, 2]), idx('b', [4])]), ['a', 'b', null, null]);
  assert.deepEqual(await names([idx('a', [9, 2, 2]), idx('b', [4, 2, 2]), idx('c', [4])]), ['a', null, 'b', 'c']);
  assert.deepEqual(await names([idx('train', [4, 2, 2]), idx('my-test', [9, 2, 2])]), ['train', null, 'my-test', null]);
});

test('what makes no data set is refused, with the name of the file', async () => {
  /** @type {[string, any[]][]} */
  const cases = [
    ['files', []],
    ['cat.png', [Object.assign(new Blob(['\x89PNG\r\n\x1a\n']), { name: 'cat.png' })]],
    ['empty', [Object.assign(new Blob([]), { name: 'empty' })]],
    ['short', [Object.assign(new Blob([new Uint8Array([0, 0, 8, 3])]), { name: 'short' })]],
    ['floats', [idx('floats', [2, 2, 2], { type: 13 })]],
    ['flat', [idx('flat', [2, 2])]],
    ['torn.gz', [Object.assign(new Blob([gzipSync('x'.repeat(100)).subarray(0, 12)]), { name: 'torn.gz' })]],
    ['no.gz', [Object.assign(new Blob([new Uint8Array([31, 139, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]), { name: 'no.gz' })]],
    ['labels', [idx('labels', [5])]],
    ['l', [idx('i', [4, 2, 2]), idx('l', [5])]],
    ['third', [idx('1', [4, 2, 2]), idx('2', [5, 2, 2]), idx('third', [6, 2, 2])]],
    ['test-images', [idx('test-images', [4, 2, 2])]],
    ['train-labels', [idx('test-images', [4, 2, 2]), idx('train-labels', [6])]],
  ];
  for (const [field, list] of cases) await assert.rejects(recogniseIDX(list), { name: 'InkdriftError', code: 'bad-data', field }, field);
  const huge = { name: 'huge', size: 2 ** 40 };
  await assert.rejects(recogniseIDX(/** @type {any} */ ([huge])), { code: 'bad-data' });
});

test('a set is kept, listed, opened in the order of the engine, and forgotten', async () => {
  const disk = new Disk();
  const sets = new OwnData(await fileStoreOn(disk));
  const { kind, files } = await recogniseIDX(four());
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
  const { kind, files } = await recogniseIDX(four());
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
  const { kind, files } = await recogniseIDX(four());
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
