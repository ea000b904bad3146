/**
 * Pictures and points in few characters: base64 of 4 bits a pixel, or of a byte
 * a coordinate.
 */

/** Greatest coordinate that is kept. */
const reach = 6;

/** @param {Uint8Array} bytes */
const encode = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));

/** @param {any} text @returns {Uint8Array} empty: it is not base64 */
function decode(text) {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

/**
 * Encodes an even number of pixels from 0 to 1.
 *
 * @param {ArrayLike<number>} pixels
 */
export function encodeNibbles(pixels) {
  const level = (/** @type {number} */ v) => Math.round(Math.min(Math.max(v, 0), 1) * 15) || 0;
  return encode(Uint8Array.from({ length: pixels.length / 2 }, (_, i) => 16 * level(pixels[2 * i]) + level(pixels[2 * i + 1])));
}

/** @param {any} text what encodeNibbles returned @returns {Float32Array} */
export function decodeNibbles(text) {
  const bytes = decode(text);
  return Float32Array.from({ length: 2 * bytes.length }, (_, i) => (i % 2 ? bytes[i >> 1] & 15 : bytes[i >> 1] >> 4) / 15);
}

/**
 * Encodes coordinates.
 *
 * @param {ArrayLike<number>} values
 */
export function encodePoints(values) {
  return encode(Uint8Array.from(values, (v) => Math.round(((Math.min(Math.max(v, -reach), reach) || 0) / reach) * 127) + 128));
}

/** @param {any} text what encodePoints returned @returns {Float32Array} */
export function decodePoints(text) {
  return Float32Array.from(decode(text), (b) => ((b - 128) / 127) * reach);
}
