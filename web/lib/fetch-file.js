/**
 * Fetches files of the page: each once more, past all caches, if it does not arrive,
 * arrives torn, or sends nothing for long. Of what is late the page is told until it
 * has come.
 */
import { concat } from './bytes.js';
import { InkdriftError } from './errors.js';

/** How long a file may send nothing, in milliseconds. */
export const patience = 10_000;

/** How long the second try waits, in milliseconds: a server may be busy. */
const pause = 250;

/** Tells of files that are late, by name. */
export const late = (/** @type {string} */ name) => globalThis.inkdriftFiles?.late(name);

/** Tells that they have come, or that nobody waits for them. */
export const came = (/** @type {string} */ name) => globalThis.inkdriftFiles?.came(name);

/**
 * @template T
 * @param {URL | string} url
 * @param {object} how
 * @param {string} how.code of the error when it cannot be had
 * @param {(bytes: Uint8Array<ArrayBuffer>, packing: string) => T | Promise<T>} how.read makes of the bytes what is wanted; throws if they
 *   are not the file; packing: how they came, as HTTP names it
 * @param {RequestCache} [how.cache] of the first try
 * @param {(loaded: number) => void} [how.onProgress]
 * @returns {Promise<T>}
 * @throws {InkdriftError} with the file's name as its field
 */
export async function fetchFile(url, { code, read, cache = 'default', onProgress = () => {} }) {
  const name = String(url).split('?')[0].split('/').at(-1) ?? '';
  const get = async (/** @type {RequestCache} */ mode, /** @type {boolean} */ isLast) =>
    read(...(await receive(url, name, mode, isLast, onProgress)));
  try {
    return await get(cache, false).catch(async () => {
      await new Promise((done) => setTimeout(done, pause));
      return get('reload', true);
    });
  } catch (e) {
    throw new InkdriftError(code, String(e instanceof Error ? e.message : e), name);
  } finally {
    came(name);
  }
}

/**
 * @param {URL | string} url
 * @param {string} name
 * @param {RequestCache} cache
 * @param {boolean} isLast whether it is waited for, however long it takes
 * @param {(loaded: number) => void} onProgress
 * @returns {Promise<[bytes: Uint8Array<ArrayBuffer>, packing: string]>}
 */
async function receive(url, name, cache, isLast, onProgress) {
  const abort = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      late(name);
      if (!isLast) abort.abort(new Error(`nothing came for ${patience / 1000} s`));
    }, patience);
  };
  wait();
  try {
    const response = await fetch(url, { cache, signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`);
    /** @type {Uint8Array[]} */
    const chunks = [];
    let loaded = 0;
    const reader = response.body.getReader();
    for (let r = await reader.read(); !r.done; r = await reader.read()) {
      wait();
      came(name);
      chunks.push(r.value);
      loaded += r.value.byteLength;
      onProgress(loaded);
    }
    return [concat(chunks), response.headers.get('content-encoding') ?? ''];
  } finally {
    clearTimeout(timer);
  }
}
