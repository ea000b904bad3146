import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { importKind, suggestName, packFiles } from './data-reader.js';
import { DataCatalog } from './data-catalog.js';
import { setInfo, madeSets, shapeOf, registerSet } from './made-sets.js';

const made = Object.keys(madeSets);

/** What tests told of a name is forgotten. */
afterEach(() => ['mnist', 'cats', 'cats 2'].forEach((name) => registerSet(name, {})));

/** A file in MNIST's form. @param {string} name @param {number} rank @param {number} n */
function idx(name, rank, n) {
  const bytes = new Uint8Array(4 + 4 * rank + (rank === 3 ? n * 4 : n));
  const view = new DataView(bytes.buffer);
  [0x800 + rank, n, 2, 2].slice(0, 1 + rank).forEach((v, i) => view.setUint32(4 * i, v));
  return new File([bytes], name);
}

/** Kept sets, in memory. */
function memorySets() {
  /** @type {any[]} */
  const kept = [];
  return {
    kept,
    list: async () => kept,
    save: async (/** @type {any} */ s) => void kept.push({ ...s, id: `id ${s.name}`, bytes: 1 }),
    open: async (/** @type {string} */ id) => ({
      files: kept.find((s) => s.id === id).files.map((/** @type {any} */ f) => f?.bytes ?? new ArrayBuffer(0)),
    }),
    remove: async (/** @type {string} */ id) =>
      void kept.splice(
        kept.findIndex((s) => s.id === id),
        1,
      ),
  };
}

test('what is dropped can be trained on, is kept once the engine took it, and can be forgotten', async () => {
  const sets = memorySets();
  const catalog = new DataCatalog(/** @type {any} */ (sets), 'http://x/', (e) => assert.fail(String(e)));
  const name = await catalog.addIDXFiles([idx('train-images-idx3-ubyte', 3, 5), idx('train-labels-idx1-ubyte', 1, 5)]);
  assert.equal(name, 'mnist');
  assert.deepEqual(
    (await catalog.list()).map((s) => [s.name, s.from]),
    [...made.map((name) => [name, 'made']), ['mnist', 'memory']],
  );
  const open = await catalog.open('mnist');
  assert.deepEqual(
    open.files.map((f) => f.byteLength),
    [36, 13, 0, 0],
  );
  assert.equal(sets.kept.length, 0);
  open.opened?.({ dataset: { name: 'mnist', count: 4, shape: [1, 2, 2] }, validation: { name: 'mnist', count: 1, shape: [1, 2, 2] } });
  await new Promise((r) => setTimeout(r));
  assert.deepEqual((await catalog.list()).map((s) => s.from).slice(made.length), ['saved']);
  assert.equal((await catalog.open('mnist')).opened, undefined);
  assert.deepEqual(sets.kept[0].info, { shape: [1, 2, 2], ink: true, train: 4, validation: 1 });
  assert.deepEqual(shapeOf('mnist'), [1, 2, 2]);
  await catalog.remove('mnist');
  assert.deepEqual(
    (await catalog.list()).map((s) => s.name),
    made,
  );
  await assert.rejects(catalog.open('mnist'), { code: 'data-missing', field: 'mnist' });
});

test('what is served is fetched when it is wanted', async (t) => {
  const served = { sets: [{ name: 'mnist', bytes: 3, files: [{ role: 'trainImages', path: 'mnist/a.gz', bytes: 3 }] }] };
  t.mock.method(globalThis, 'fetch', async (/** @type {any} */ url) =>
    String(url).endsWith('index.json') ? Response.json(served) : new Response(Uint8Array.of(1, 2, 3)),
  );
  const catalog = new DataCatalog(/** @type {any} */ (memorySets()), 'http://x/', (e) => assert.fail(String(e)));
  await catalog.findServed();
  const list = await catalog.list();
  assert.deepEqual(
    list.map((s) => [s.name, s.from]),
    [...made.map((name) => [name, 'made']), ['mnist', 'served']],
  );
  /** @type {number[]} */
  const parts = [];
  const { files } = await catalog.open('mnist', (p) => parts.push(p));
  assert.deepEqual(new Uint8Array(files[0]), Uint8Array.of(1, 2, 3));
  assert.equal(parts.at(-1), 1);
});

test('somebody’s own pictures are kept at once, by a name of their own, with what is known of them', async () => {
  const sets = memorySets();
  const catalog = new DataCatalog(/** @type {any} */ (sets), 'http://x/', (e) => assert.fail(String(e)));
  const file = { name: 'train-images', bytes: new ArrayBuffer(20) };
  const info = /** @type {const} */ ({
    shape: [3, 32, 32],
    ink: false,
    classes: ['tom', 'kit'],
    train: 8,
    validation: 1,
    test: 1,
    origin: 'album',
  });
  const about = /** @type {any} */ (info);
  assert.equal(await catalog.add('cats', [file, null, file, null], about), 'cats');
  assert.equal(await catalog.add('cats', [file, null, file, null], about), 'cats 2');
  const { classes, files, opened } = await catalog.open('cats');
  assert.deepEqual([classes, files.length, opened], [['tom', 'kit'], 4, undefined]);
  // The next visit knows it from what was kept.
  registerSet('cats', {});
  const next = new DataCatalog(/** @type {any} */ (sets), 'http://x/', (e) => assert.fail(String(e)));
  assert.deepEqual(
    (await next.list()).slice(made.length).map((s) => [s.name, s.from, s.info?.test]),
    [
      ['cats', 'saved', 1],
      ['cats 2', 'saved', 1],
    ],
  );
  assert.deepEqual([setInfo('cats').shape, setInfo('cats').ink], [[3, 32, 32], false]);
});

test('where nothing can be kept a set stays for this visit', async () => {
  const errors = /** @type {any[]} */ ([]);
  const full = { ...memorySets(), save: async () => Promise.reject(new Error('full')) };
  const catalog = new DataCatalog(/** @type {any} */ (full), 'http://x/', (e) => errors.push(e));
  const name = await catalog.add('cats', [{ name: 'train-images', bytes: new ArrayBuffer(20) }, null, null, null], {
    shape: [1, 28, 28],
    ink: false,
    train: 3,
  });
  assert.equal(errors.length, 1);
  assert.deepEqual(
    (await catalog.list()).slice(made.length).map((s) => [s.name, s.from]),
    [[name, 'memory']],
  );
  assert.equal((await catalog.open(name)).files[0].byteLength, 20);
});

/** @param {string[]} names @param {number} [size] */
const given = (names, size = 4) =>
  names.map((name) => ({ name, file: new File([new Uint8Array(size)], name, { type: /\.(png|jpg)$/.test(name) ? 'image/png' : '' }) }));

test('what was chosen is told from its names and sizes', () => {
  for (const [kind, names, size] of /** @type {[string, string[], number?][]} */ ([
    ['patches', ['rock.jpg']],
    ['album', ['a.png', 'b.png', 'notes.txt']],
    ['album', ['cats.zip']],
    ['cifar', ['data_batch_1.bin', 'test_batch.bin'], 2 * 3073],
    ['idx', ['data_batch_1.bin'], 5],
    ['idx', ['train-images-idx3-ubyte']],
    ['idx', []],
  ]))
    assert.equal(importKind(given(names, size)), kind, names.join());
  assert.deepEqual(
    [['cats/1.png', 'cats/b/2.png'], ['holiday.zip'], ['rock.tar.png'], ['a.png', 'b.png']].map((names) => suggestName(given(names))),
    ['cats', 'holiday', 'rock.tar', 'a +1'],
  );
});

test('files are packed one after the other, and too many are refused before they are read', async () => {
  const [list, contents] = await packFiles(given(['a.png', 'b/c.png'], 3));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(list)), [
    { name: 'a.png', bytes: 3 },
    { name: 'b/c.png', bytes: 3 },
  ]);
  assert.equal(contents.byteLength, 6);
  const huge = /** @type {any} */ ({ name: 'x.zip', file: { size: 2 ** 32, type: '' } });
  await assert.rejects(packFiles([huge]), { code: 'too-large' });
});
