/**
 * Example results: each experiment opens with one that was made by a run of it
 * and comes with the build, examples/NAME.json. tools/examples makes them.
 *
 * @typedef {object} Example
 * @property {string} version of Inkdrift that ran it
 * @property {string} date YYYY-MM-DD
 * @property {number} seconds that it took
 * @property {number} cores of the computer, as the browser counts them
 * @property {any} result what the experiment's result() gave
 */
import { fetchJSON } from '../../engine/assets.js';
import { cacheOffline } from '../../engine/offline.js';
import { InkdriftError } from '../../lib/errors.js';

/**
 * Fetches an example result.
 *
 * @param {string} name of the file: that of the experiment, and what is special
 * @param {string} base address of the page's folder
 * @returns {Promise<Example>}
 */
export async function fetchExample(name, base) {
  const path = `examples/${name}.json`;
  const example = await fetchJSON(new URL(path, base), 'fetch-failed');
  if (typeof example?.result !== 'object') throw new InkdriftError('fetch-failed', `${path} has no result`);
  void cacheOffline(path);
  return example;
}

/**
 * Values from 0 to 1 as text, four bits each, two to a byte, in base64.
 *
 * @param {ArrayLike<number>} values an even number of them
 */
export function pack(values) {
  const level = (/** @type {number} */ v) => Math.round(15 * Math.min(Math.max(v, 0), 1) || 0);
  let bytes = '';
  for (let i = 0; i < values.length; i += 2) bytes += String.fromCharCode(16 * level(values[i]) + level(values[i + 1]));
  return btoa(bytes);
}

/**
 * Reads what pack wrote.
 *
 * @param {string} text
 */
export function unpack(text) {
  const bytes = atob(text);
  const values = new Float32Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    values[2 * i] = (byte >> 4) / 15;
    values[2 * i + 1] = (byte & 15) / 15;
  }
  return values;
}

/**
 * A figure with as many digits as are shown anywhere.
 *
 * @param {number} v
 */
export const shorter = (v) => Number(v.toPrecision(6));
