import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { InkdriftError } from '../lib/errors.js';
import { DataCatalog } from './data-catalog.js';
import { setInfo, madeSets, shapeOf, registerSet } from './made-sets.js';

const made = Object.keys(madeSets);

/** What tests told of a name is forgotten. */
afterEach(() => ['mnist', 'mnist 2', 'digits 2', 'cats', 'cats 2'].forEach((name) => registerSet(name, {})));

/** Kept sets, in memory. */
function memorySets() {
  /** @type {any[]} */
  const kept = [];
  return {
    kept,
    list: async () =>
      kept.map((s) => ({ ...s, files: s.files.map((/** @type {any} */ f) => f && { name: f.name, bytes: f.bytes.byteLength }) })),
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

/** The files of a set, of bytes that are all the same. @param {number} [fill] */
const filesOf = (fill = 1) =>
  /** @type {import('./own-data.js').DataFiles} */ ([
    { name: 'train-images-idx3-ubyte', bytes: new Uint8Array(36).fill(fill).buffer },
    { name: 'train-labels-idx1-ubyte', bytes: new Uint8Array(13).fill(fill).buffer },
    null,
    null,
  ]);

test('what was read is kept at once, the same again is the same set, and it can be forgotten', async () => {
  const sets = memorySets();
  const catalog = new DataCatalog(/** @type {any} */ (sets), 'http://x/', (e) => assert.fail(String(e)));
  const info = /** @type {import('./data-catalog.js').OwnDataInfo} */ ({ shape: [1, 2, 2], ink: true, train: 4, validation: 1 });
  assert.equal(await catalog.addRead('train-images', filesOf(), info), 'mnist');
  assert.deepEqual(
    (await catalog.list()).map((s) => [s.name, s.from]),
    [...made.map((name) => [name, 'made']), ['mnist', 'saved']],
  );
  const open = await catalog.open('mnist');
  assert.deepEqual(
    open.files.map((f) => f.byteLength),
    [36, 13, 0, 0],
  );
  assert.deepEqual([sets.kept[0].info, shapeOf('mnist')], [info, [1, 2, 2]]);
  assert.equal(await catalog.addRead('train-images', filesOf(), info), 'mnist', 'the very files are the same set');
  assert.equal(await catalog.addRead('train-images', filesOf(2), info), 'mnist 2', 'others under these names are another');
  assert.equal(await catalog.addRead('train-images', filesOf(2), info), 'mnist 2');
  assert.equal(await catalog.addRead('digits', [{ name: 'x', bytes: new ArrayBuffer(9) }, null, null, null], info), 'digits 2');
  for (const name of ['mnist', 'mnist 2', 'digits 2']) await catalog.remove(name);
  assert.deepEqual(
    (await catalog.list()).map((s) => s.name),
    made,
  );
  await assert.rejects(catalog.open('mnist'), { code: 'data-missing', field: 'mnist' });
});

test('a set that is served is kept once the engine took it', async (t) => {
  const sets = memorySets();
  const served = { sets: [{ name: 'mnist', bytes: 3, files: [{ role: 'trainImages', path: 'mnist/a.gz', bytes: 3 }] }] };
  t.mock.method(globalThis, 'fetch', async (/** @type {any} */ url) =>
    String(url).endsWith('index.json') ? Response.json(served) : new Response(Uint8Array.of(1, 2, 3)),
  );
  const catalog = new DataCatalog(/** @type {any} */ (sets), 'http://x/', (e) => assert.fail(String(e)));
  await catalog.findServed();
  const open = await catalog.open('mnist');
  assert.equal(sets.kept.length, 0);
  open.opened?.({ dataset: { name: 'mnist', count: 4, shape: [1, 2, 2] }, validation: { name: 'mnist', count: 1, shape: [1, 2, 2] } });
  await new Promise((r) => setTimeout(r));
  assert.deepEqual((await catalog.list()).map((s) => s.from).slice(made.length), ['saved']);
  assert.equal((await catalog.open('mnist')).opened, undefined);
  // A set of one's own that is called so takes its place, and has the better name.
  await catalog.remove('mnist');
  const info = /** @type {import('./data-catalog.js').OwnDataInfo} */ ({ shape: [1, 2, 2], train: 4 });
  assert.equal(await catalog.addRead('x', filesOf(), info), 'mnist');
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

test('while the storage does not answer, a set that is not found is not said to be missing', async () => {
  const sets = memorySets();
  /** @type {any[]} */
  const told = [];
  const catalog = new DataCatalog(/** @type {any} */ (sets), 'http://x/', (/** @type {any} */ e) => told.push(e.code));
  const { list } = sets;
  sets.list = async () => Promise.reject(new InkdriftError('storage-failed', 'the browser has not answered for 3 s'));
  await assert.rejects(catalog.open('cats'), { code: 'storage-failed' });
  assert.deepEqual(told, ['storage-failed']);
  sets.list = list;
  await assert.rejects(catalog.open('cats'), { code: 'data-missing' });
});
