/**
 * A latent point as short text for addresses: base64url (RFC 4648, section 5,
 * without padding) of two bytes for each number, in thousandths, and a byte of
 * check.
 */

/** Numbers are whole multiples of one over this. */
const steps = 1000;

/** The largest number there is room for. */
const most = 32767 / steps;

/** Longest text that is read. */
const longest = 6000;

/** @param {ArrayLike<number>} bytes */
function checkSum(bytes) {
  let sum = 1;
  for (let i = 0; i < bytes.length; i++) sum = (31 * sum + bytes[i]) & 255;
  return sum;
}

/**
 * @param {ArrayLike<number>} z finite numbers
 * @returns {string}
 */
export function encodeLatent(z) {
  const bytes = new Uint8Array(2 * z.length + 1);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < z.length; i++) view.setInt16(2 * i, Math.round(steps * Math.min(Math.max(z[i], -most), most)));
  bytes[2 * z.length] = checkSum(bytes.subarray(0, -1));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/**
 * Reads what encodeLatent wrote.
 *
 * @param {string} text
 * @param {number} latent dimensions that there must be
 * @returns {Float32Array | null} null: it is anything else
 */
export function decodeLatent(text, latent) {
  if (text.length > longest || !/^[\w-]+$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  if (bytes.length !== 2 * latent + 1 || bytes[2 * latent] !== checkSum(bytes.subarray(0, -1))) return null;
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: latent }, (_, i) => view.getInt16(2 * i) / steps);
}
