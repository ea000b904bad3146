import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, drawings, HandSheet, makeHandSet, readClasses, zipOf } from './own-hand.js';

const stroke = (/** @type {number} */ x) => ({ width: 0.08, points: Float32Array.of(x, 0.2, 1, 0.5, 0.8, 1) });

test('names of classes, each once, and digits where there are none', () => {
  assert.deepEqual(readClasses(' star, moon  star、日 '), ['star', 'moon', '日']);
  assert.deepEqual(readClasses(' , '), [...digits]);
  assert.equal(readClasses(Array.from({ length: 80 }, (_, i) => `s${i}`).join(' ')).length, 50);
});

test('each class is asked for in turn, the last can be taken back, and other classes leave out what is none of theirs', () => {
  const sheet = new HandSheet();
  sheet.setClasses('a b');
  for (let i = 0; i < 3; i++) sheet.add([stroke(i / 10)]);
  assert.deepEqual(
    sheet.drawn.map((d) => d.name),
    ['a', 'b', 'a'],
  );
  assert.equal(sheet.next, 'b');
  assert.equal(sheet.back()[0].points[0], Math.fround(0.2));
  assert.equal(sheet.next, 'a');
  sheet.add([]);
  assert.equal(sheet.drawn.length, 2, 'nothing was drawn');
  sheet.setClasses('b c');
  assert.deepEqual(
    sheet.drawn.map((d) => d.name),
    ['b'],
  );
  assert.equal(sheet.next, 'c');
});

test('a set is made of the drawings as they are saved, and saved as an archive without their copies', async () => {
  /** @type {any[]} */
  const asked = [];
  const reader = /** @type {any} */ ({
    /** @param {string} type @param {any} fields @param {ArrayBuffer[]} bufs */
    async request(type, fields, bufs) {
      asked.push({ type, fields, bufs });
      if (type === 'data.export') return { head: { pictures: 7 }, bufs: [new ArrayBuffer(9)] };
      return { head: { shape: [1, 28, 28], train: 90, validation: 1 }, bufs: [1, 2, 3, 4, 5, 6].map((n) => new ArrayBuffer(n)) };
    },
  });
  const sheet = new HandSheet();
  sheet.setClasses('3 5');
  await assert.rejects(makeHandSet(reader, sheet.save()), { code: 'too-few' });
  for (let i = 0; i < drawings.least; i++) sheet.add([stroke(i / 10), stroke(0.5)]);
  const { files, info } = await makeHandSet(reader, JSON.parse(JSON.stringify(sheet.save())));
  assert.deepEqual(
    files.map((f) => f?.bytes.byteLength),
    [1, 2, 3, 4],
  );
  assert.deepEqual(info.classes, [...digits], 'digits keep their numbers');
  assert.deepEqual(asked[0].fields, { labels: [3, 5, 3, 5, 3, 5], bytes: Array(6).fill(64), digits: true, seed: 1 });
  assert.equal(asked[0].bufs[0].byteLength, 6 * 64);
  const zip = await zipOf(reader, [new ArrayBuffer(1)], info);
  assert.deepEqual([zip.pictures, zip.bytes.byteLength], [7, 9]);
  assert.deepEqual(
    asked.at(-1).bufs.map((/** @type {ArrayBuffer} */ b) => b.byteLength),
    [5, 6],
  );
  sheet.setClasses('a b');
  assert.deepEqual(sheet.save(), { classes: ['a', 'b'], drawings: [] });
});
