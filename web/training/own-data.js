/**
 * Data sets in files: those that a person imported, saved for the next visit; and
 * those that are served with the page (`make data`).
 *
 *   data/ID/about     what it is, JSON
 *   data/ID/0 to 3    its files
 *
 * @typedef {{name: string, bytes: ArrayBuffer}} DataFile
 * @typedef {[DataFile | null, DataFile | null, DataFile | null, DataFile | null]} DataFiles training images, training
 *   labels, test images, test labels
 * @typedef {object} DataSet
 * @property {string} id
 * @property {string} name
 * @property {string} kind
 * @property {number} created in milliseconds since 1970
 * @property {number} bytes
 * @property {({name: string, bytes: number} | null)[]} files
 * @property {any} info the engine's description of it
 * @typedef {{name: string, bytes: number, files: {role: string, path: string, bytes: number}[]}} ServedSet
 */
import { fetchBytes } from '../engine/assets.js';
import { InkdriftError } from '../lib/errors.js';
import { encodeChecked, decodeChecked } from '../storage/checksummed-file.js';

const dataFolder = 'data/';

/** Roles of the files, in the order that the engine expects. */
const roles = ['trainImages', 'trainLabels', 'testImages', 'testLabels'];

/** The saved data sets. */
export class OwnData {
  #fileStore;

  /** @param {import('../storage/file-store.js').FileStore} fileStore */
  constructor(fileStore) {
    this.#fileStore = fileStore;
  }

  /**
   * Saves a data set, all of it or nothing.
   *
   * @param {{name: string, kind: string, files: DataFiles, info?: any}} set files must not change until this settles
   * @returns {Promise<string>} its id
   * @throws {InkdriftError} disk-full, storage-failed
   */
  async save({ name, kind, files, info = null }) {
    const now = Date.now();
    const id = `${now.toString(36)}-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
    const listed = files.map((f) => f && { name: f.name, bytes: f.bytes.byteLength });
    const bytes = listed.reduce((sum, f) => sum + (f?.bytes ?? 0), 0);
    const about = JSON.stringify({ format: 1, name, kind, created: now, bytes, files: listed, info });
    try {
      for (const [i, f] of files.entries()) if (f) await this.#fileStore.put(fileName(id, i), await encodeChecked(id, f.bytes));
      // Last: it makes the set complete.
      await this.#fileStore.put(aboutName(id), await encodeChecked(id, new TextEncoder().encode(about)));
      return id;
    } catch (e) {
      await this.remove(id).catch(() => {}); // the storage may fail here, too
      throw e;
    }
  }

  /**
   * @returns {Promise<DataSet[]>} newest first; damaged ones are left out
   * @throws {InkdriftError} storage-failed
   */
  async list() {
    const names = (await this.#fileStore.list(dataFolder)).filter((n) => n.endsWith('/about'));
    const sets = await Promise.all(names.map((n) => this.#about(n.split('/')[1]).catch(ifDamaged)));
    return sets.filter((s) => s !== null).sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  }

  /**
   * A data set with its files, in the order that the engine expects; a missing one
   * is empty.
   *
   * @param {string} id
   * @returns {Promise<Omit<DataSet, 'files'> & {files: ArrayBuffer[]}>}
   * @throws {InkdriftError} data-missing, storage-damaged, storage-failed
   */
  async open(id) {
    const set = await this.#about(id);
    if (!set) throw new InkdriftError('data-missing', 'it was deleted', id);
    /** @type {ArrayBuffer[]} */
    const files = [];
    for (const [i, f] of set.files.entries()) {
      const bytes = f && (await this.#fileStore.get(fileName(id, i)));
      if (f && !bytes) throw new InkdriftError('storage-damaged', 'a file of it is gone', f.name);
      files.push(bytes ? copyOf((await decodeChecked(id, bytes)).content) : new ArrayBuffer(0));
    }
    return { ...set, files };
  }

  /**
   * @param {string} id
   * @throws {InkdriftError} storage-failed
   */
  async remove(id) {
    for (const n of [aboutName(id), ...roles.map((_, i) => fileName(id, i))]) await this.#fileStore.remove(n);
  }

  /**
   * @param {string} id
   * @returns {Promise<DataSet | null>}
   */
  async #about(id) {
    const bytes = await this.#fileStore.get(aboutName(id));
    if (!bytes) return null;
    const { format, ...about } = JSON.parse(new TextDecoder().decode((await decodeChecked(id, bytes)).content));
    return { id, ...about };
  }
}

/** @param {string} id */
const aboutName = (id) => `${dataFolder}${id}/about`;

/**
 * @param {string} id
 * @param {number} i
 */
const fileName = (id, i) => `${dataFolder}${id}/${i}`;

/** @param {Uint8Array} bytes */
const copyOf = (bytes) => /** @type {ArrayBuffer} */ (bytes.slice().buffer);

/** @param {any} e */
function ifDamaged(e) {
  if (e.code === 'storage-damaged') return null;
  throw e;
}

/**
 * The data sets that are served with the page. Every build has the list, empty
 * without `make data`.
 *
 * @param {string} base address of the page's folder
 * @returns {Promise<ServedSet[]>} none if the list cannot be fetched
 */
export async function findServed(base) {
  if (globalThis.navigator?.onLine === false) return [];
  try {
    const response = await fetch(new URL('data/index.json', base), { cache: 'no-cache' });
    if (!response.ok) return [];
    const { sets } = await response.json();
    return Array.isArray(sets) ? sets.filter(isServed) : [];
  } catch {
    return []; // a server that answers with a page, or none at all
  }
}

/** @param {any} s */
function isServed(s) {
  const plain = (/** @type {any} */ f) => roles.includes(f?.role) && /^\w[\w.-]*(\/\w[\w.-]*)*$/.test(f.path) && f.bytes > 0;
  return typeof s?.name === 'string' && Array.isArray(s.files) && s.files.length > 0 && s.files.every(plain);
}

/**
 * Fetches a served data set.
 *
 * @param {string} base address of the page's folder
 * @param {ServedSet} set
 * @param {(loaded: number) => void} [onProgress] bytes that have arrived, of set.bytes
 * @returns {Promise<{kind: 'idx', files: DataFiles}>}
 * @throws {InkdriftError} data-missing
 */
export async function fetchServed(base, set, onProgress = () => {}) {
  /** @type {DataFiles} */
  const files = [null, null, null, null];
  let before = 0;
  for (const { role, path, bytes } of set.files) {
    const body = await fetchBytes(
      new URL(`data/${path}`, base).href,
      (loaded) => onProgress(before + Math.min(loaded, bytes)),
      'data-missing',
    );
    files[roles.indexOf(role)] = { name: path.split('/').pop() ?? path, bytes: body };
    before += bytes;
  }
  return { kind: 'idx', files };
}
