/**
 * The files of this build: their addresses, and the progress of fetching them.
 *
 * @typedef {{path: string, bytes: number, v: string, gz?: number, br?: number}} Asset
 */
import { InkdriftError } from '../lib/errors.js';
import { fetchFile } from '../lib/fetch-file.js';

/** The files of this build: their sizes and the hashes of their contents. */
export class Assets {
  /** @type {Map<string, Asset>} */
  #files = new Map();
  #base;
  #text;
  #packing;

  /**
   * @param {any} json what assets.json says
   * @param {string} base address of the folder it lies in
   * @param {string} [text] of assets.json
   * @param {string} [packing] how that came, as HTTP names it
   * @throws {InkdriftError} assets-missing
   */
  constructor(json, base, text = '', packing = '') {
    if (!Array.isArray(json?.files)) throw new InkdriftError('assets-missing', 'assets.json has no list of files');
    for (const f of json.files) {
      if (typeof f?.path === 'string' && typeof f.v === 'string' && f.bytes >= 0) this.#files.set(f.path, f);
    }
    this.#base = base;
    this.#text = text;
    this.#packing = packing;
  }

  /** The version of the build, as the service worker has it: that of assets.json. */
  async build() {
    return version(new TextEncoder().encode(this.#text));
  }

  /** @param {string} path */
  has(path) {
    return this.#files.has(path);
  }

  /**
   * @param {string} path
   * @returns {Asset}
   * @throws {InkdriftError} assets-missing
   */
  get(path) {
    const f = this.#files.get(path);
    if (!f) throw new InkdriftError('assets-missing', `assets.json does not list ${path}`);
    return f;
  }

  /**
   * How many bytes of a file come through the network: packed as assets.json is.
   *
   * @param {string} path
   */
  sent(path) {
    const { bytes, gz = bytes, br = gz } = this.get(path);
    return { gzip: gz, br }[this.#packing] ?? bytes;
  }

  /**
   * The address of a file of this version.
   *
   * @param {string} path
   * @returns {string}
   */
  url(path) {
    return `${new URL(path, this.#base)}?v=${this.get(path).v}`;
  }

  /**
   * The address of a program that fetches a wasm file itself, with version and
   * length of that file.
   *
   * @param {string} program
   * @param {string} wasm
   * @returns {string}
   */
  loader(program, wasm) {
    const { v, bytes } = this.get(wasm);
    return `${new URL(program, this.#base)}?v=${v}&bytes=${bytes}`;
  }
}

/**
 * Fetches assets.json.
 *
 * @param {string} base
 * @returns {Promise<Assets>}
 */
export async function fetchAssets(base) {
  const read = (/** @type {BufferSource} */ bytes, /** @type {string} */ packing) => {
    const text = new TextDecoder().decode(bytes);
    return new Assets(JSON.parse(text), base, text, packing);
  };
  return fetchFile(new URL('assets.json', base), { code: 'assets-missing', cache: 'no-cache', read });
}

/**
 * Fetches a JSON file of the page.
 *
 * @param {URL | string} url
 * @param {string} code of the error when that fails
 * @returns {Promise<any>}
 */
export async function fetchJSON(url, code) {
  return fetchFile(url, { code, cache: 'no-cache', read: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) });
}

/**
 * Fetches a file and reports progress. One whose address names its hash must have it.
 *
 * @param {string} url
 * @param {(loaded: number) => void} onProgress
 * @param {string} code of the error when that fails
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchBytes(url, onProgress, code) {
  const [, v] = /[?&]v=([0-9a-f]{16})(&|$)/.exec(url) ?? [];
  const read = async (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => {
    const is = v && (await version(bytes));
    if (is && is !== v) throw new Error(`${bytes.length} bytes that are not the file`);
    return bytes.buffer;
  };
  return fetchFile(url, { code, onProgress, read });
}

/**
 * The first 16 hexadecimal digits of the SHA-256. Empty where the browser has no
 * digests, which is on pages without HTTPS.
 *
 * @param {BufferSource} bytes
 */
async function version(bytes) {
  if (!globalThis.crypto?.subtle) return '';
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(sum.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join('');
}

/** Bytes that have come through the network and bytes in total, over several files. */
export class Progress {
  /** @type {Map<string, {loaded: number, total: number, sent: number}>} */
  #parts = new Map();
  #onChange;

  /** @param {(loaded: number, total: number) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /**
   * @param {string} part
   * @param {number} total its bytes, unpacked
   * @param {number} [sent] of them, packed
   */
  expect(part, total, sent = total) {
    this.#parts.set(part, { loaded: 0, total, sent });
    this.#notify();
  }

  /**
   * Sets the bytes of a part that have been unpacked. They never decrease: a program that is started
   * again does not empty the bar.
   *
   * @param {string} part
   * @param {number} loaded
   */
  arrived(part, loaded) {
    const p = this.#parts.get(part);
    if (!p || loaded <= p.loaded) return;
    p.loaded = Math.min(loaded, p.total);
    this.#notify();
  }

  /** @param {string} part */
  complete(part) {
    this.arrived(part, this.#parts.get(part)?.total ?? 0);
  }

  #notify() {
    let [loaded, total] = [0, 0];
    for (const p of this.#parts.values()) {
      loaded += (p.sent * p.loaded) / p.total;
      total += p.sent;
    }
    this.#onChange(Math.round(loaded), total);
  }
}
