import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shelf } from './room-data.js';
import { madeSets } from './room-made.js';

const made = Object.keys(madeSets);

/** A file in MNIST's form. @param {string} name @param {number} rank @param {number} n */
function idx(name, rank, n) {
  const bytes = new Uint8Array(4 + 4 * rank + (rank === 3 ? n * 4 : n));
  const view = new DataView(bytes.buffer);
  [0x800 + rank, n, 2, 2].slice(0, 1 + rank).forEach((v, i) => view.setUint32(4 * i, v));
  return new File([bytes], name);
}

/** Kept sets, in memory. */
function keep() {
  /** @type {any[]} */
  const kept = [];
  return {
    kept,
    list: async () => kept,
    keep: async (/** @type {any} */ s) => void kept.push({ ...s, id: `id ${s.name}`, bytes: 1 }),
    open: async (/** @type {string} */ id) => ({ files: kept.find((s) => s.id === id).files.map((/** @type {any} */ f) => f?.bytes ?? new ArrayBuffer(0)) }),
    forget: async (/** @type {string} */ id) => void kept.splice(kept.findIndex((s) => s.id === id), 1),
  };
}

test('what is dropped can be trained on, is kept once the engine took it, and can be forgotten', async () => {
  const sets = keep();
  const shelf = new Shelf(/** @type {any} */ (sets), 'http://x/', (e) => assert.fail(String(e)));
  const name = await shelf.take([idx('train-images-idx3-ubyte', 3, 5), idx('train-labels-idx1-ubyte', 1, 5)]);
  assert.equal(name, 'mnist');
  assert.deepEqual((await shelf.list()).map((s) => [s.name, s.from]), [...made.map((name) => [name, 'made']), ['mnist', 'here']]);
  const open = await shelf.open('mnist');
  assert.deepEqual(open.files.map((f) => f.byteLength), [36, 13, 0, 0]);
  assert.equal(sets.kept.length, 0);
  open.opened?.({ dataset: { count: 5 } });
  await new Promise((r) => setTimeout(r));
  assert.deepEqual((await shelf.list()).map((s) => s.from).slice(made.length), ['kept']);
  assert.equal((await shelf.open('mnist')).opened, undefined);
  await shelf.forget('mnist');
  assert.deepEqual((await shelf.list()).map((s) => s.name), made);
  await assert.rejects(shelf.open('mnist'), { code: 'data-missing', field: 'mnist' });
});

test('what is served is fetched when it is wanted', async (t) => {
  const served = { sets: [{ name: 'mnist', bytes: 3, files: [{ role: 'trainImages', path: 'mnist/a.gz', bytes: 3 }] }] };
  t.mock.method(globalThis, 'fetch', async (/** @type {any} */ url) =>
    String(url).endsWith('index.json') ? Response.json(served) : new Response(Uint8Array.of(1, 2, 3)));
  const shelf = new Shelf(/** @type {any} */ (keep()), 'http://x/', (e) => assert.fail(String(e)));
  await shelf.look();
  const list = await shelf.list();
  assert.deepEqual(list.map((s) => [s.name, s.from]), [...made.map((name) => [name, 'made']), ['mnist', 'served']]);
  /** @type {number[]} */
  const parts = [];
  const { files } = await shelf.open('mnist', (p) => parts.push(p));
  assert.deepEqual(new Uint8Array(files[0]), Uint8Array.of(1, 2, 3));
  assert.equal(parts.at(-1), 1);
});
