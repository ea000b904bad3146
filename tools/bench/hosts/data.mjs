/** The pictures that all train on, as batches of numbers from 0 to 1. */

const side = 28;
const width = side * side;

/**
 * Reads the pictures of an IDX file.
 *
 * @param {ArrayBuffer} file
 * @returns {Uint8Array} 784 bytes a picture
 */
export function pictures(file) {
  const head = new DataView(file);
  const [magic, n, h, w] = [0, 4, 8, 12].map((at) => head.getUint32(at));
  if (magic !== 0x803 || h !== side || w !== side || file.byteLength !== 16 + n * width) {
    throw new Error('this is no IDX file of pictures of 28x28');
  }
  return new Uint8Array(file, 16);
}

/**
 * Cuts pictures into whole batches.
 *
 * @param {Uint8Array} bytes
 * @param {number} batch
 * @returns {Float32Array[]}
 */
export function batches(bytes, batch) {
  const out = [];
  for (let at = 0; at + batch * width <= bytes.length; at += batch * width) {
    out.push(Float32Array.from(bytes.subarray(at, at + batch * width), (b) => b / 255));
  }
  return out;
}

/**
 * Numbers of the normal distribution; the same for the same seed.
 *
 * @param {number} n
 * @param {number} seed
 * @param {number} [deviation]
 */
export function normal(n, seed, deviation = 1) {
  let state = seed >>> 0;
  const uniform = () => {
    // Mulberry32 by Tommy Ettinger, in the public domain.
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length: n }, () => deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}
