import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InkdriftError } from './errors.js';
import { maxHeader, readHeader, withMetadata } from './safetensors.js';

/**
 * @param {string} header
 * @param {number} [body] bytes
 * @param {number} [length] that it claims
 */
function raw(header, body = 8, length) {
  const text = new TextEncoder().encode(header);
  const out = new Uint8Array(8 + text.length + body).fill(7, 8 + text.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  out.set(text, 8);
  return out;
}

const tensor = '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
const good = `{"__metadata__":{"format":"pt","inkdrift":"{}"},${tensor}}`;

/** @param {Uint8Array} b */
function refused(b, field = '', what = '') {
  assert.throws(
    () => readHeader(b),
    (e) => e instanceof InkdriftError && e.code === 'bad-run' && (field === '' || e.field === field),
    what,
  );
}

test('free text is read, added, replaced and taken away; tensors stay as they are', () => {
  const file = raw(good);
  assert.deepEqual(
    [...readHeader(file).metadata],
    [
      ['format', 'pt'],
      ['inkdrift', '{}'],
    ],
  );
  const changed = withMetadata(file, { 'inkdrift-run': 'über "x" \u{1f600} \ud800', format: null });
  const { header, metadata, body } = readHeader(changed);
  assert.deepEqual([...metadata.keys()], ['inkdrift', 'inkdrift-run']);
  assert.equal(metadata.get('inkdrift-run')?.slice(0, 8), 'über "x"');
  assert.deepEqual(header.get('a'), { dtype: 'F32', shape: [2], data_offsets: [0, 8] });
  assert.deepEqual([...body], Array(8).fill(7));
  assert.equal((changed.length - body.length) % 8, 0, 'tensors are aligned');
  const bare = withMetadata(raw(`{${tensor}}`), { x: 'y' });
  assert.deepEqual([...readHeader(bare).metadata], [['x', 'y']]);
  assert.equal(new TextDecoder().decode(withMetadata(bare, { x: null }).subarray(8)).slice(0, 5), '{"a":');
  // A view into something larger, and a header that ends with spaces.
  const larger = new Uint8Array(file.length + 10);
  larger.set(file, 5);
  assert.equal(readHeader(larger.subarray(5, 5 + file.length)).metadata.size, 2);
  assert.equal(readHeader(raw(`${good}    `)).metadata.size, 2);
});

test('names that mean something to JavaScript mean nothing here', () => {
  const file = raw(`{"__metadata__":{"__proto__":"a","constructor":"b"},"7":{},"__proto__":{"dtype":"F32"},${tensor}}`);
  const again = withMetadata(file, { hasOwnProperty: 'c' });
  const { header, metadata } = readHeader(again);
  assert.deepEqual([...metadata].sort(), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['hasOwnProperty', 'c'],
  ]);
  assert.deepEqual([...header.keys()].sort(), ['7', '__proto__', 'a']);
  assert.equal(/** @type {any} */ ({}).dtype, undefined);
});

test('each way to be wrong is refused with its place', () => {
  refused(new Uint8Array(0), 'file');
  refused(new Uint8Array(7), 'file');
  refused(raw(good, 0, 1e6), 'header', 'longer than allowed');
  refused(raw(good, 0, 1000), 'header', 'cut off');
  refused(raw(good, 0, 2 ** 53), 'header');
  const negative = raw(good);
  negative.fill(255, 0, 8);
  refused(negative, 'header');
  refused(raw(''), 'header');
  refused(raw('[]'), 'header');
  refused(raw('null'), 'header');
  refused(raw('{"a":'), 'header');
  refused(raw(`\ufeff${good}`), 'header', 'a mark of byte order');
  refused(raw('['.repeat(100_000)), 'header', 'deep');
  const latin = raw(good);
  latin[20] = 0xff;
  refused(latin, 'header', 'not UTF-8');
  refused(raw('{"__metadata__":[]}'), '__metadata__');
  refused(raw('{"__metadata__":{"a":1}}'), '__metadata__');
  refused(raw('{"a":7}'), 'a');
  refused(raw(`{"${'a'.repeat(1000)}":null}`));
});

test('a header that would be too long is not written', () => {
  const room = maxHeader - 200;
  assert.doesNotThrow(() => readHeader(withMetadata(raw(good), { x: 'y'.repeat(room) })));
  assert.throws(() => withMetadata(raw(good), { x: 'y'.repeat(maxHeader) }), { code: 'bad-run', field: 'header' });
  assert.throws(() => withMetadata(raw(good), { x: '\u0001'.repeat(room / 2) }), { code: 'bad-run', field: 'header' });
});

test('whatever arrives is refused with a typed error, or survives being written', () => {
  let x = 12345;
  const random = (/** @type {number} */ n) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * n);
  };
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u0000',
    '__metadata__',
    'null',
    '1e999',
    '-0',
    '"a"',
    '{}',
    '\ud83d',
    ' ',
    '\n',
  ];
  const seeds = [good, '{}', `{${tensor}}`, `{"__metadata__":{},"b":{"x":[[]]}}`];
  let taken = 0;
  for (let round = 0; round < 6000; round++) {
    let text = seeds[random(seeds.length)];
    for (let k = random(4); k >= 0; k--) {
      const at = random(text.length + 1);
      text = text.slice(0, at) + (random(2) ? tokens[random(tokens.length)] : '') + text.slice(at + random(3));
    }
    let file = raw(text, random(9), random(8) ? undefined : random(200));
    if (random(4) === 0) file[random(file.length)] ^= 1 << random(8);
    if (random(6) === 0) file = file.subarray(0, random(file.length));
    try {
      const read = readHeader(file);
      const again = readHeader(withMetadata(file, { 'inkdrift-run': 'x' }));
      assert.equal(JSON.stringify([...again.header]), JSON.stringify([...read.header]));
      assert.deepEqual(again.metadata, new Map([...read.metadata, ['inkdrift-run', 'x']]));
      assert.deepEqual(again.body, read.body);
      taken++;
    } catch (e) {
      assert.ok(e instanceof InkdriftError && e.code === 'bad-run' && e.field !== '', `${e} from ${JSON.stringify(text)}`);
    }
  }
  assert.ok(taken > 100 && taken < 5900, `${taken} of 6000 were taken`);
});
