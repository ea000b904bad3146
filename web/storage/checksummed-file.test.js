import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '../lib/bytes.js';
import { crc32, decodeChecked, encodeChecked, headerBytes } from './checksummed-file.js';

const bytes = (/** @type {string} */ s) => new TextEncoder().encode(s);

test('the checksum is CRC-32, also in parts and of any length', () => {
  assert.equal(crc32(bytes('')), 0);
  assert.equal(crc32(bytes('123456789')), 0xcbf43926); // the check value of the catalogue of CRCs
  assert.equal(crc32(bytes('The quick brown fox jumps over the lazy dog')), 0x414fa339);
  const long = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 256);
  const whole = crc32(long);
  for (const at of [0, 1, 7, 8, 9, 500, 999, 1000]) assert.equal(crc32(long.subarray(at), crc32(long.subarray(0, at))), whole, String(at));
});

test('the header is as it is documented', async () => {
  const content = bytes('content');
  const parts = await encodeChecked('run-1', content, { step: 7, sequence: 3 });
  assert.equal(parts[1], content, 'the content is not copied');
  const [header] = parts;
  assert.equal(header.length, headerBytes);
  const view = new DataView(header.buffer);
  assert.equal(new TextDecoder().decode(header.subarray(0, 8)), 'inkdrift');
  assert.equal(view.getUint32(8, true), 1);
  assert.deepEqual(
    [16, 24, 32].map((at) => view.getFloat64(at, true)),
    [7, 7, 3],
  );
  assert.equal(new TextDecoder().decode(header.subarray(40)), `run-1${'\0'.repeat(19)}`);
  assert.equal(view.getUint32(12, true), crc32(concat([header.subarray(16), content])));
});

test('a file is read again, with a content of any length', async () => {
  for (const length of [0, 1, 63, (1 << 20) + 5]) {
    const content = Uint8Array.from({ length }, (_, i) => i % 251);
    const file = concat(await encodeChecked('ä', content, { step: 1e12, sequence: 9 }));
    const back = await decodeChecked('ä', file);
    assert.deepEqual([back.step, back.sequence], [1e12, 9]);
    assert.equal(Buffer.compare(Buffer.from(back.content), Buffer.from(content)), 0);
    assert.equal(back.content.buffer, file.buffer, 'it is no copy');
  }
});

test('every changed byte and every other length is damage', async () => {
  const file = concat(await encodeChecked('run', bytes('0123456789'), { step: 1 }));
  const damaged = { code: 'storage-damaged', field: 'run' };
  for (let i = 0; i < file.length; i++) {
    const changed = file.slice();
    changed[i] ^= 4;
    await assert.rejects(decodeChecked('run', changed), damaged, `byte ${i}`);
  }
  for (let length = 0; length < file.length; length++) await assert.rejects(decodeChecked('run', file.slice(0, length)), damaged);
  await assert.rejects(decodeChecked('run', concat([file, Uint8Array.of(0)])), damaged);
});

test('a file of another owner is not taken for one’s own', async () => {
  const file = concat(await encodeChecked('run', bytes('x')));
  await assert.rejects(decodeChecked('ru', file), { code: 'storage-damaged', message: /"run"/ });
  await assert.rejects(encodeChecked('x'.repeat(25), bytes('x')), RangeError);
});
