import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sheetOf, trainedOn } from './model-facts.js';

/** @type {import('./gallery-model.js').Listed[]} */
const list = JSON.parse(readFileSync(new URL('../../models/gallery.json', import.meta.url), 'utf8'));

test('a sheet is a digit for each value of its pictures', () => {
  const entry = /** @type {any} */ ({ input: [1, 1, 2], sheet: '0f78' });
  const { pictures, count } = sheetOf(entry) ?? {};
  assert.equal(count, 2);
  assert.deepEqual(
    [...(pictures ?? [])].map((v) => Math.round(15 * v)),
    [0, 15, 7, 8],
  );
  assert.equal(sheetOf({ ...entry, sheet: undefined }), null);
});

test('every model of the list has samples with ink on paper', () => {
  for (const entry of list) {
    const { pictures, count } = sheetOf(entry) ?? { pictures: [], count: 0 };
    assert.equal(count, 6, entry.name);
    assert.ok(Math.min(...pictures) < 0.2 && Math.max(...pictures) > 0.8, entry.name);
  }
});

test('a file says what its model was trained on', () => {
  const file = (/** @type {string} */ head) => {
    const text = new TextEncoder().encode(head);
    const bytes = new Uint8Array(8 + text.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes.buffer;
  };
  const of = (/** @type {string} */ data) => trainedOn(file(JSON.stringify({ __metadata__: { data } })));
  assert.deepEqual(['materials, seed 1, 10000 from 0', 'mnist-train', 'rock', ''].map(of), ['materials', 'mnist', 'rock', '']);
  for (const torn of [new ArrayBuffer(0), new ArrayBuffer(9), file('{}'), file('nonsense'), file('{"__metadata__":{}}').slice(0, 12)])
    assert.equal(trainedOn(torn), '');
  for (const { file: name, data } of list) {
    const { buffer } = new Uint8Array(readFileSync(new URL(`../../models/${name}`, import.meta.url)));
    assert.equal(trainedOn(buffer), data, name);
  }
});
