/**
 * Drawings as short text for addresses. The text is base64url (RFC 4648,
 * section 5, without padding) of these bytes:
 *
 *   version, flags, number of strokes,
 *   for each stroke: width, number of points,
 *     for each point: dx, dy and, with pressure, dp, as differences from the point before, the first from 0, 0, 1
 *   check
 *
 * Numbers are LEB128 varints, differences zigzag ones, on the grid of finished
 * strokes (engine/strokes.js). The last byte is a sum of the others: an address
 * that was mangled on its way is noticed.
 *
 * @typedef {import('../engine/strokes.js').Stroke} Stroke
 * @typedef {import('../views/studio/studio.js').LinkedDrawing} Drawing
 */
import { precision, settle } from '../engine/strokes.js';

/** The format, the first byte. */
const version = 1;

const flags = { pressure: 1, example: 2 };

/** Longest text of one pad. It bounds strokes and points, too. */
export const longest = 6000;

/** Least and greatest value of each number, on the grid. */
const range = {
  width: [1, 4 * precision.place],
  place: [-0.5 * precision.place, 1.5 * precision.place],
  pressure: [0, 4 * precision.pressure],
};

/**
 * A drawing as text.
 *
 * @param {Drawing} drawing
 * @returns {string | null} null: it is too long for a link
 */
export function encodeDrawing({ strokes, example }) {
  const { place, pressure } = precision;
  const settled = strokes.map(settle);
  const pressed = settled.some(({ points }) => points.some((v, i) => i % 3 === 2 && v !== 1));
  /** @type {number[]} */
  const out = [version, (pressed ? flags.pressure : 0) | (example ? flags.example : 0)];
  writeNumber(out, settled.length);
  for (const { width, points } of settled) {
    writeNumber(out, Math.round(width * place));
    writeNumber(out, points.length / 3);
    let [x, y, p] = [0, 0, pressure];
    for (let i = 0; i < points.length; i += 3) {
      const to = [Math.round(points[i] * place), Math.round(points[i + 1] * place), Math.round(points[i + 2] * pressure)];
      writeDifference(out, to[0] - x);
      writeDifference(out, to[1] - y);
      if (pressed) writeDifference(out, to[2] - p);
      [x, y, p] = to;
    }
  }
  out.push(checkSum(out));
  if (out.length > (longest * 3) / 4) return null;
  const text = btoa(String.fromCharCode(...out));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * Reads what encodeDrawing wrote.
 *
 * @param {string} text
 * @returns {Drawing}
 * @throws {RangeError} if it is anything else
 */
export function decodeDrawing(text) {
  const bytes = readBase64(text);
  const end = bytes.length - 1;
  if (bytes[0] !== version) throw new RangeError(`version ${bytes[0]}, should be ${version}`);
  if (bytes[end] !== checkSum(bytes.subarray(0, end))) throw new RangeError('the check is another');
  let at = 1;
  /** @param {number[]} range */
  const number = ([lo, hi]) => {
    let [value, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      if (at >= end || shift > 14) throw new RangeError('torn');
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      more = byte > 127;
    }
    if (value < lo || value > hi) throw new RangeError(`${value}, should be from ${lo} to ${hi}`);
    return value;
  };
  /** @param {number} from @param {number[]} range */
  const next = (from, [lo, hi]) => {
    const z = number([0, 1 << 20]);
    const value = from + (z & 1 ? -(z + 1) / 2 : z / 2);
    if (value < lo || value > hi) throw new RangeError(`${value}, should be from ${lo} to ${hi}`);
    return value;
  };

  const { place, pressure } = precision;
  const set = number([0, flags.pressure | flags.example]);
  /** @type {Stroke[]} */
  const strokes = [];
  for (let left = number([1, end]); left > 0; left--) {
    const width = number(range.width) / place;
    const points = new Float32Array(3 * number([1, end]));
    let [x, y, p] = [0, 0, pressure];
    for (let i = 0; i < points.length; i += 3) {
      x = next(x, range.place);
      y = next(y, range.place);
      if (set & flags.pressure) p = next(p, range.pressure);
      points[i] = x / place;
      points[i + 1] = y / place;
      points[i + 2] = p / pressure;
    }
    strokes.push({ width, points });
  }
  if (at !== end) throw new RangeError('something follows the strokes');
  return { strokes, example: (set & flags.example) !== 0 };
}

/** @param {string} text */
function readBase64(text) {
  if (text.length > longest) throw new RangeError(`${text.length} characters, at most ${longest}`);
  if (!/^[\w-]*$/.test(text) || text.length < 6 || text.length % 4 === 1) throw new RangeError('no base64url');
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

/** @param {ArrayLike<number>} bytes */
function checkSum(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (31 * sum + bytes[i]) & 255;
  return sum;
}

/**
 * @param {number[]} out
 * @param {number} value not negative
 */
function writeNumber(out, value) {
  for (; value > 127; value >>= 7) out.push((value & 127) | 128);
  out.push(value);
}

/**
 * @param {number[]} out
 * @param {number} value
 */
function writeDifference(out, value) {
  writeNumber(out, value < 0 ? -2 * value - 1 : 2 * value);
}
