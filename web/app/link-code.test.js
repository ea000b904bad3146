import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStrokes, settle, Smoother } from '../engine/strokes.js';
import { written } from '../../tools/e2e/hand.mjs';
import { random } from '../test/random.js';
import { decodeDrawing, encodeDrawing, longest } from './link-code.js';

/** A drawing as a hand makes it. @param {() => number} next @param {boolean} pen */
function drawn(next, pen) {
  return Array.from({ length: 1 + Math.floor(3 * next()) }, () => {
    const smoother = new Smoother(0.03 + 0.13 * next());
    let [x, y, direction] = [0.2 + 0.6 * next(), 0.2 + 0.6 * next(), 7 * next()];
    for (let i = 0; i < 60; i++) {
      smoother.add(x, y, pen ? 0.5 + next() : 1);
      direction += next() - 0.4;
      x += 0.02 * Math.cos(direction);
      y += 0.02 * Math.sin(direction);
    }
    const stroke = smoother.stroke();
    assert.ok(stroke);
    return settle(stroke);
  });
}

const bits = (/** @type {readonly import('../engine/strokes.js').Stroke[]} */ strokes) => [...new Uint8Array(encodeStrokes(strokes))];

test('what comes out is what went in, bit for bit', () => {
  const next = random(1);
  for (let i = 0; i < 50; i++) {
    const strokes = drawn(next, i % 2 === 1);
    const text = encodeDrawing({ strokes, example: i % 3 === 0 });
    assert.match(text ?? '', /^[\w-]+$/);
    const back = decodeDrawing(text ?? '');
    assert.deepEqual(bits(back.strokes), bits(strokes));
    assert.equal(back.example, i % 3 === 0);
    assert.equal(encodeDrawing(back), text, 'and goes in again the same');
  }
});

test('two digits of the usual length take 600 characters at most', () => {
  const length = (/** @type {number} */ digit) => {
    const strokes = written(digit, { between: 12 }).map((positions) => {
      const smoother = new Smoother(0.08);
      for (const [x, y] of positions) smoother.add(x, y);
      const stroke = smoother.stroke();
      assert.ok(stroke);
      return settle(stroke);
    });
    return encodeDrawing({ strokes, example: false })?.length ?? Infinity;
  };
  const lengths = Array.from({ length: 10 }, (_, digit) => length(digit)).sort((a, b) => b - a);
  assert.ok(lengths[0] + lengths[1] <= 600, `${lengths}`);
});

test('points outside of the pad, dots and wide brushes fit', () => {
  const strokes = [
    { width: 4, points: Float32Array.of(-0.5, 1.5, 1) },
    { width: 0.001, points: Float32Array.of(1.5, -0.5, 4, -0.5, 1.5, 0) },
  ];
  assert.deepEqual(bits(decodeDrawing(encodeDrawing({ strokes, example: false }) ?? '').strokes), bits(strokes));
});

test('a drawing that is too long has no text', () => {
  const dot = { width: 0.08, points: Float32Array.of(0.5, 0.5, 1) };
  const many = (/** @type {number} */ n) => encodeDrawing({ strokes: new Array(n).fill(dot), example: false });
  // Six bytes for each dot, and five for the rest.
  assert.equal(many(749)?.length, longest - 1);
  assert.equal(many(750), null);
  assert.equal(many(20_000), null);
});

/** Bytes as base64url. @param {number[]} bytes */
const pack = (bytes) => Buffer.from(bytes).toString('base64url');
/** With the check that belongs to them. @param {number[]} bytes */
const checked = (bytes) => pack([...bytes, bytes.reduce((sum, b) => (31 * sum + b) & 255, 0)]);

test('what is hostile is refused', () => {
  for (const [why, text] of Object.entries({
    nothing: '',
    'no base64url': '!!!!!!!!',
    padding: 'AQABUAEAAA==',
    'a length that base64 never has': 'AQABUAEAA',
    'another version': checked([2, 0, 1, 80, 1, 0, 0]),
    'flags that are none': checked([1, 4, 1, 80, 1, 0, 0]),
    'no stroke': checked([1, 0, 0]),
    'no width': checked([1, 0, 1, 0, 1, 0, 0]),
    'a brush that covers everything': checked([1, 0, 1, 255, 127, 1, 0, 0]),
    'no point': checked([1, 0, 1, 80, 0]),
    'a point that is far away': checked([1, 0, 1, 80, 1, 255, 127, 0]),
    'torn in a number': checked([1, 0, 1, 80, 1, 0, 128]),
    'torn between points': checked([1, 0, 1, 80, 2, 0, 0]),
    'a number that never ends': checked([1, 0, 1, 80, 1, 255, 255, 255, 255, 255, 255, 255, 0]),
    'something behind': checked([1, 0, 1, 80, 1, 0, 0, 0]),
    'another check': pack([1, 0, 1, 80, 1, 0, 0, 99]),
    '10,000 strokes': checked([1, 0, 0x90, 0x4e, ...new Array(10_000).fill([80, 1, 0, 0]).flat()]),
    'more points than it has': checked([1, 0, 1, 80, 0xa0, 0x1f, 0, 0]),
    'too long': 'A'.repeat(longest + 4),
  })) {
    assert.throws(() => decodeDrawing(text), RangeError, why);
  }
  assert.equal(decodeDrawing(checked([1, 0, 1, 80, 1, 0, 0])).strokes.length, 1, 'the same way of writing can be read');
});

test('whatever is mangled is refused or a sound drawing', () => {
  const next = random(2);
  const pick = (/** @type {number} */ n) => Math.floor(n * next());
  const texts = Array.from({ length: 20 }, (_, i) => encodeDrawing({ strokes: drawn(next, i % 2 === 0), example: false }) ?? '');
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    const text = texts[pick(texts.length)];
    const bytes = [...Buffer.from(text, 'base64url')];
    let mangled = text;
    if (i % 4 === 0) mangled = text.slice(0, pick(text.length));
    else if (i % 4 === 1) mangled = text.slice(0, 8 + pick(text.length - 8)) + String.fromCharCode(32 + pick(96)) + text.slice(12);
    else {
      // Random bytes with the right check go deeper.
      bytes.pop();
      for (let n = 1 + pick(4); n > 0; n--) bytes[pick(bytes.length)] = pick(256);
      mangled = checked(i % 4 === 2 ? bytes : bytes.slice(0, pick(bytes.length)));
    }
    try {
      const { strokes } = decodeDrawing(mangled);
      assert.ok(strokes.length >= 1);
      for (const { width, points } of strokes) {
        assert.ok(width > 0 && width <= 4);
        assert.ok(points.length >= 3 && points.length % 3 === 0);
        points.forEach((v, k) => {
          assert.ok(k % 3 === 2 ? v >= 0 && v <= 4 : v >= -0.5 && v <= 1.5, `${v}`);
        });
      }
      assert.ok(encodeDrawing({ strokes, example: false }));
    } catch (e) {
      assert.ok(e instanceof RangeError, `${mangled}: ${e}`);
      refused++;
    }
  }
  assert.ok(refused > 2000 && refused < 4000, `${refused} of 4000 refused`);
});
