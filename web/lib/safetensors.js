/**
 * The free text in the header of a safetensors file, and tensors of bytes: reading
 * them, and writing them anew beside tensors that stay as they are. What the other tensors mean is the
 * engine's business, which trusts nothing in a file either.
 *
 * Format: eight bytes with the length of the header (little-endian), the header
 * (a JSON object, "__metadata__" in it an object of strings), the tensors.
 */
import { InkdriftError } from './errors.js';

/** Longest header that the engine reads, in bytes (vae/store). */
export const maxHeader = 1 << 17;

/** Longest file that the engine reads, in bytes. */
export const maxFile = 64 << 20;

const key = '__metadata__';
/** Where tensors begin is a multiple of this. */
const alignment = 8;

/** @param {string} field @param {string} why */
const bad = (field, why) => new InkdriftError('bad-run', why, field);

/**
 * @param {Uint8Array} bytes
 * @returns {{header: Map<string, any>, metadata: Map<string, string>, body: Uint8Array}} body is a part of bytes
 * @throws {InkdriftError} bad-run
 */
export function readHeader(bytes) {
  if (bytes.length > maxFile) throw bad('file', `${bytes.length} bytes, at most ${maxFile} are read`);
  if (bytes.length < 8) throw bad('file', `${bytes.length} bytes end before the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const n = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (n > maxHeader) throw bad('header', `${n} bytes, at most ${maxHeader} are read`);
  if (n > bytes.length - 8) throw bad('header', `${n} bytes, but only ${bytes.length - 8} follow: the file is cut off`);
  /** @type {any} */
  let json;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + n)));
  } catch {
    throw bad('header', 'it is not JSON');
  }
  if (!isObject(json)) throw bad('header', 'it is no JSON object');
  const header = new Map(Object.entries(json));
  const texts = header.get(key) ?? {};
  header.delete(key);
  if (!isObject(texts)) throw bad(key, 'it is no object of strings');
  const metadata = new Map(Object.entries(texts));
  for (const [name, text] of metadata) if (typeof text !== 'string') throw bad(key, `${clip(name)} is no string`);
  for (const [name, tensor] of header) if (!isObject(tensor)) throw bad(clip(name), 'it is no tensor');
  return { header, metadata, body: bytes.subarray(8 + n) };
}

/**
 * The file with other free text.
 *
 * @param {Uint8Array} bytes
 * @param {Record<string, string | null>} changes null takes an entry away
 * @returns {Uint8Array}
 * @throws {InkdriftError} bad-run, also when the header becomes too long
 */
export function withMetadata(bytes, changes) {
  const { header, metadata, body } = readHeader(bytes);
  for (const [name, text] of Object.entries(changes)) {
    if (text === null) metadata.delete(name);
    else metadata.set(name, text);
  }
  return encode(header, metadata, body);
}

/**
 * The bytes of a tensor of bytes.
 *
 * @param {Uint8Array} bytes a file
 * @param {string} name of the tensor
 * @returns {Uint8Array | null} null: there is none
 * @throws {InkdriftError} bad-run
 */
export function readBytes(bytes, name) {
  const { header, body } = readHeader(bytes);
  const tensor = header.get(name);
  if (!tensor) return null;
  const [from, to] = Array.isArray(tensor.data_offsets) ? tensor.data_offsets : [];
  const valid = tensor.dtype === 'U8' && Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= body.length;
  if (!valid) throw bad(clip(name), 'it is no tensor of bytes in the file');
  return body.subarray(from, to);
}

/**
 * The file with other bytes in a tensor, which is the last one.
 *
 * @param {Uint8Array} bytes a file
 * @param {string} name of the tensor
 * @param {Uint8Array | null} content null takes the tensor away
 * @returns {Uint8Array}
 * @throws {InkdriftError} bad-run, also when the header becomes too long, or the tensor is there and not the last one
 */
export function withBytes(bytes, name, content) {
  const before = readBytes(bytes, name);
  if (!before && !content) return bytes;
  const { header, metadata, body } = readHeader(bytes);
  const [from, to] = header.get(name)?.data_offsets ?? [body.length, body.length];
  if (to !== body.length) throw bad(clip(name), 'it is not the last tensor');
  header.delete(name);
  const rest = body.subarray(0, from);
  if (!content) return encode(header, metadata, rest);
  header.set(name, { dtype: 'U8', shape: [content.length], data_offsets: [rest.length, rest.length + content.length] });
  const whole = new Uint8Array(rest.length + content.length);
  whole.set(rest);
  whole.set(content, rest.length);
  return encode(header, metadata, whole);
}

/**
 * @param {Map<string, any>} header tensors
 * @param {Map<string, string>} metadata
 * @param {Uint8Array} body
 */
function encode(header, metadata, body) {
  // Member by member: an object would put names that are numbers first, and take "__proto__" for something else.
  const members = [...header].map(([name, tensor]) => member(name, JSON.stringify(tensor)));
  if (metadata.size > 0) {
    const texts = [...metadata].map(([name, text]) => member(name, JSON.stringify(text)));
    members.unshift(member(key, `{${texts.join(',')}}`));
  }
  const text = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(text.length / alignment) * alignment;
  if (length > maxHeader) throw bad('header', `it would be ${length} bytes, at most ${maxHeader} are read`);
  const file = new Uint8Array(8 + length + body.length).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setUint32(0, length, true);
  new DataView(file.buffer).setUint32(4, 0, true);
  file.set(text, 8);
  file.set(body, 8 + length);
  return file;
}

/**
 * @param {string} name
 * @param {string} value JSON
 */
const member = (name, value) => `${JSON.stringify(name)}:${value}`;

/** @param {any} v */
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);

/** @param {string} name */
const clip = (name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
