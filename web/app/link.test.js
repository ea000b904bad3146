import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../engine/strokes.js';
import { makeDocument } from '../test/dom.js';
import { random } from '../test/random.js';
import { encodeDrawing } from './link-code.js';

makeDocument(); // modules of views look at it when they are loaded
const { readLink, writeLink } = await import('./link.js');

/** The part of an address behind the page. @param {'studio' | 'hand'} view @param {any} shown @param {string | null} model */
const write = (view, shown, model) => {
  const { query, missing } = writeLink(view, shown, model);
  return { hash: `#${view}?${query}`, missing };
};

const line = settle({ width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) });
const text = encodeDrawing({ strokes: [line], example: false }) ?? '';

/** What is on a pad. @param {Partial<{strokes: any[], hasBitmap: boolean, source: any}>} [some] */
const pad = (some) => ({ strokes: [line], hasBitmap: false, source: /** @type {const} */ ('drawn'), ...some });
const shown = { a: pad(), b: pad({ source: 'example' }), path: 'lerp', mode: 'loop', t: 0.1234567890123456 };

test('an address shows what was on the pads, and the same place of the morph', () => {
  const { hash, missing } = write('studio', shown, 'digits');
  assert.deepEqual(missing, []);
  const link = readLink(hash);
  assert.deepEqual(link, {
    a: { strokes: [line], example: false },
    b: { strokes: [line], example: true },
    model: 'digits',
    path: 'lerp',
    mode: 'loop',
    t: shown.t,
    wrong: [],
  });
});

test('every place comes back as it was', () => {
  const next = random(3);
  for (const t of [0, 1, 1e-7, 5e-324, ...Array.from({ length: 200 }, next)]) {
    assert.equal(readLink(write('studio', { ...shown, t }, null).hash)?.t, t);
  }
});

test('what does not fit is named, and its pad is empty in the link', () => {
  const scribble = { width: 0.08, points: Float32Array.from({ length: 15_000 }, (_, i) => (i % 3 === 2 ? 1 : (i % 1999) / 1000)) };
  const { hash, missing } = write('studio', { ...shown, a: pad({ hasBitmap: true }), b: pad({ strokes: [scribble] }) }, null);
  assert.deepEqual(missing, ['a', 'b']);
  const link = readLink(hash);
  assert.deepEqual([link?.a, link?.b, link?.model], [null, null, undefined]);
  assert.equal(readLink(write('studio', { ...shown, a: pad({ strokes: [] }) }, null).hash)?.a, null, 'an empty pad is empty');
  assert.deepEqual(write('studio', { ...shown, a: pad({ strokes: [] }) }, null).missing, [], 'which is no loss');
});

test('handwriting has one pad', () => {
  const { hash } = write('hand', shown, 'digits');
  assert.equal(hash, `#hand?a=${text}`);
  assert.deepEqual(readLink(hash), { a: { strokes: [line], example: false }, wrong: [] });
  assert.equal(readLink(`#hand?b=${text}`), null);
});

test('addresses of views alone, and of other views, show nothing', () => {
  for (const hash of [
    '',
    '#',
    '#studio',
    '#studio?',
    '#hand',
    '#train?preset=map',
    '#gallery?m=cvae&a=1',
    '#pad-a',
    '#__proto__?a=1',
    '#studio?constructor=1',
  ]) {
    assert.equal(readLink(hash), null, hash);
  }
});

test('what cannot be read is named, the rest is read', () => {
  for (const [query, wrong] of /** @type {[string, string[]][]} */ ([
    [`a=${text}&b=xx`, ['b']],
    [`a=${text}&b=`, ['b']],
    [`a=${text}&b`, ['b']],
    [`a=${text}&t=NaN`, ['t']],
    [`a=${text}&t=`, ['t']],
    [`a=${text}&t=Infinity`, ['t']],
    [`a=${text}&t=1.01`, ['t']],
    [`a=${text}&t=-0.5`, ['t']],
    [`a=${text}&t=0x1`, ['t']],
    [`a=${text}&t=1.2.3`, ['t']],
    [`a=${text}&path=straight&mode=twice`, ['path', 'mode']],
    [`a=${text}&model=${'m'.repeat(61)}`, ['model']],
    [`a=${text}&model=`, ['model']],
    [`a=${text}&%E0%A4%A=1&&&==`, []],
  ])) {
    const link = readLink(`#studio?${query}`);
    assert.deepEqual(link?.wrong, wrong, query);
    assert.equal(link?.a?.strokes.length, 1, query);
  }
  assert.deepEqual(readLink(`#studio?a=${'A'.repeat(1e6)}`), { wrong: ['#'] }, 'a long address is not read at all');
  assert.deepEqual(readLink('#studio?a=NaN'), { wrong: ['a'] });
});

test('no address breaks the reader', () => {
  const next = random(4);
  const whole = write('studio', shown, 'digits').hash;
  for (let i = 0; i < 5000; i++) {
    let hash = whole;
    for (let n = Math.floor(4 * next()); n >= 0; n--) {
      const [from, to] = [next(), next()].map((v) => Math.floor(v * hash.length)).sort((a, b) => a - b);
      const how = Math.floor(4 * next());
      if (how === 0) hash = hash.slice(0, to);
      else if (how === 1) hash = hash.slice(0, from) + hash.slice(to);
      else if (how === 2) hash = hash.slice(0, to) + hash.slice(from, to) + hash.slice(to);
      else hash = hash.slice(0, from) + String.fromCharCode(Math.floor(next() * 65_536)) + hash.slice(from + 1);
    }
    const link = readLink(hash);
    if (!link) continue;
    assert.ok(link.t === undefined || (link.t >= 0 && link.t <= 1));
    assert.ok(Array.isArray(link.wrong));
  }
});
