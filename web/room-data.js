/**
 * The data sets that there are to choose from: those that the engine makes, what
 * somebody dropped here, what was kept of that, and what is served beside the
 * page.
 *
 * @typedef {{name: string, from: 'made' | 'here' | 'kept' | 'served', bytes: number, id?: string, served?: any}} Shelved
 */
import { Emitter } from './channel.js';
import { fetchServed, findServed, recognise } from './datasets.js';
import { InkdriftError } from './errors.js';
import { isMade, madeSets } from './room-made.js';

/** Event: `change` () when there are others. */
export class Shelf extends Emitter {
  /** What was dropped or fetched since the page was opened. @type {Map<string, import('./datasets.js').DataFiles>} */
  #here = new Map();
  /** @type {any[]} */
  #served = [];
  #sets;
  #base;
  #onError;

  /**
   * @param {import('./datasets.js').Datasets} sets
   * @param {string} base address of the page's folder
   * @param {(error: unknown) => void} onError
   */
  constructor(sets, base, onError) {
    super();
    this.#sets = sets;
    this.#base = base;
    this.#onError = onError;
  }

  /** Looks for what is served. */
  async look() {
    this.#served = await findServed(this.#base);
    this.emit('change');
  }

  /** @returns {Promise<Shelved[]>} */
  async list() {
    /** @type {Map<string, Shelved>} */
    const all = new Map(Object.keys(madeSets).map((name) => [name, { name, from: 'made', bytes: 0 }]));
    for (const { name, bytes, id } of await this.#kept()) all.set(name, { name, bytes, id, from: 'kept' });
    for (const [name, files] of this.#here) {
      if (!all.has(name)) all.set(name, { name, from: 'here', bytes: files.reduce((sum, f) => sum + (f?.bytes.byteLength ?? 0), 0) });
    }
    for (const served of this.#served) {
      if (!all.has(served.name)) all.set(served.name, { name: served.name, from: 'served', bytes: served.bytes, served });
    }
    return [...all.values()];
  }

  /** What is kept; where the storage fails that is told, and the others are there. */
  async #kept() {
    try {
      return await this.#sets.list();
    } catch (e) {
      this.#onError(e);
      return [];
    }
  }

  /**
   * Takes files that somebody chose.
   *
   * @param {File[]} chosen
   * @returns {Promise<string>} the name of the set
   * @throws {InkdriftError} bad-data
   */
  async take(chosen) {
    const { files } = await recognise(chosen);
    const first = files[0]?.name ?? 'data';
    // MNIST's own files are called alike everywhere.
    const plain = /^train-images[-.]idx3-ubyte/.test(first) ? 'mnist' : first.replace(/(\.gz)?$/, '').slice(0, 60);
    const name = isMade(plain) ? `${plain}-idx` : plain;
    this.#here.set(name, files);
    this.emit('change');
    return name;
  }

  /**
   * Gives a set by its name; fetches it if it is served here.
   *
   * @param {string} name
   * @param {(part: number) => void} [onProgress]
   */
  async open(name, onProgress = () => {}) {
    const one = (await this.list()).find((s) => s.name === name);
    if (!one) throw new InkdriftError('data-missing', 'there is no data set of this name in this browser; drop its files here', name);
    if (one.from === 'kept') return { name, files: (await this.#sets.open(one.id ?? '')).files };
    if (one.from === 'served') this.#here.set(name, (await fetchServed(this.#base, one.served, (loaded) => onProgress(loaded / one.bytes))).files);
    const files = /** @type {import('./datasets.js').DataFiles} */ (this.#here.get(name));
    return {
      name,
      files: files.map((f) => f?.bytes ?? new ArrayBuffer(0)),
      opened: (/** @type {any} */ info) => void this.#keep(name, files, info),
    };
  }

  /**
   * Forgets a set that was kept.
   *
   * @param {string} name
   */
  async forget(name) {
    this.#here.delete(name);
    const one = (await this.list()).find((s) => s.name === name);
    if (one?.id) await this.#sets.forget(one.id);
    this.emit('change');
  }

  /**
   * Keeps what the engine took.
   *
   * @param {string} name
   * @param {import('./datasets.js').DataFiles} files
   * @param {any} info
   */
  async #keep(name, files, info) {
    try {
      if ((await this.#kept()).some((s) => s.name === name)) return;
      await this.#sets.keep({ name, kind: 'idx', files, info: info.dataset });
      this.emit('change');
    } catch (e) {
      this.#onError(e); // it stays in memory
    }
  }
}
