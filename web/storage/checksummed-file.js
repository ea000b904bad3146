/**
 * The format of stored files: a header of 64 bytes, then the content. A file
 * that was truncated while it was written, or damaged later, is recognised by
 * its length and its checksum.
 *
 *   0  'inkdrift'                   24  step (float64)
 *   8  format, 1 (uint32)           32  sequence (float64), higher is newer
 *  12  CRC-32 of all that follows   40  label, UTF-8, padded with zeros
 *  16  length (float64)             64  the content
 *
 * Numbers are little-endian. The checksum is that of gzip (RFC 1952, section
 * 8): pages have SHA-256 only in secure contexts, and this is to detect accidents,
 * not forgery.
 */
import { InkdriftError } from '../lib/errors.js';

/** Length of the header, in bytes. */
export const headerBytes = 64;

const magic = new TextEncoder().encode('inkdrift');
const format = 1;
const labelAt = 40;
/** Bytes that are summed up without a pause. */
const chunkBytes = 1 << 20;

/** tables[k][b]: what byte b does to the checksum when k more bytes follow. */
const tables = makeTables();

function makeTables() {
  const t = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    t[0][i] = c;
  }
  for (let k = 1; k < 8; k++) for (let i = 0; i < 256; i++) t[k][i] = (t[k - 1][i] >>> 8) ^ t[0][t[k - 1][i] & 255];
  return t;
}

/**
 * CRC-32, eight bytes at a time.
 *
 * @param {Uint8Array} bytes
 * @param {number} [before] the checksum of what comes before them
 * @returns {number} from 0 to 2^32-1
 */
export function crc32(bytes, before = 0) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const n = bytes.length;
  const whole = n - (n % 8);
  let c = ~before;
  let i = 0;
  for (; i < whole; i += 8) {
    c ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    c =
      t7[c & 255] ^
      t6[(c >>> 8) & 255] ^
      t5[(c >>> 16) & 255] ^
      t4[c >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]];
  }
  for (; i < n; i++) c = (c >>> 8) ^ t0[(c ^ bytes[i]) & 255];
  return ~c >>> 0;
}

/**
 * CRC-32 of a large content, with pauses so that the page stays responsive.
 *
 * @param {Uint8Array} bytes
 * @param {number} before
 */
async function crc32Slowly(bytes, before) {
  let c = before;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    if (at > 0) await yieldTask();
    c = crc32(bytes.subarray(at, at + chunkBytes), c);
  }
  return c;
}

/** Yields to other tasks. Timers are throttled in background tabs, messages are not. */
function yieldTask() {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done(undefined);
    };
    port2.postMessage(null);
  });
}

/** @param {ArrayBuffer | Uint8Array} b */
export const asBytes = (b) => (b instanceof Uint8Array ? b : new Uint8Array(b));

/**
 * Adds a header with a checksum. The content is not copied and must not change
 * until it is written.
 *
 * @param {string} label its owner, at most 24 bytes
 * @param {ArrayBuffer | Uint8Array} content
 * @param {{step?: number, sequence?: number}} [more]
 * @returns {Promise<Uint8Array[]>} the parts to write, one after the other
 */
export async function encodeChecked(label, content, { step = 0, sequence = 0 } = {}) {
  const body = asBytes(content);
  const header = new Uint8Array(headerBytes);
  const name = new TextEncoder().encode(label);
  if (name.length > headerBytes - labelAt) throw new RangeError(`the label ${label} is too long`);
  const view = new DataView(header.buffer);
  header.set(magic);
  view.setUint32(8, format, true);
  view.setFloat64(16, body.length, true);
  view.setFloat64(24, step, true);
  view.setFloat64(32, sequence, true);
  header.set(name, labelAt);
  view.setUint32(12, await crc32Slowly(body, crc32(header.subarray(16))), true);
  return [header, body];
}

/**
 * Reads what {@link encodeChecked} made.
 *
 * @param {string} label
 * @param {Uint8Array} bytes
 * @returns {Promise<{step: number, sequence: number, content: Uint8Array}>} content is a part of bytes, no copy
 * @throws {InkdriftError} storage-damaged
 */
export async function decodeChecked(label, bytes) {
  const damaged = (/** @type {string} */ why) => new InkdriftError('storage-damaged', why, label);
  if (bytes.length < headerBytes) throw damaged(`${bytes.length} bytes are less than a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (magic.some((b, i) => bytes[i] !== b)) throw damaged('it does not begin as stored files do');
  if (view.getUint32(8, true) !== format) throw damaged(`format ${view.getUint32(8, true)} is unknown`);
  const content = bytes.subarray(headerBytes);
  if (view.getFloat64(16, true) !== content.length) {
    throw damaged(`${content.length} bytes instead of ${view.getFloat64(16, true)}`);
  }
  const header = bytes.subarray(16, headerBytes);
  if ((await crc32Slowly(content, crc32(header))) !== view.getUint32(12, true)) throw damaged('the checksum is another');
  const name = new TextDecoder().decode(bytes.subarray(labelAt, headerBytes)).replace(/\0+$/, '');
  if (name !== label) throw damaged(`it belongs to ${JSON.stringify(name)}`);
  return { step: view.getFloat64(24, true), sequence: view.getFloat64(32, true), content };
}
