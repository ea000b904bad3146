/**
 * The data sets to choose from: those that the engine generates, imported ones in
 * memory or saved in this browser, and those that are served with the page.
 *
 * @typedef {{name: string, from: 'made' | 'memory' | 'saved' | 'served', bytes: number, id?: string, served?: any, info?: OwnDataInfo | null}} CatalogEntry
 * @typedef {object} OwnDataInfo what is known of an imported set
 * @property {[number, number, number]} shape channels, height, width
 * @property {boolean} [ink] its pictures are drawings, not photographs
 * @property {string[]} [classes] names of its labels
 * @property {number} [train] training pictures
 * @property {number} [validation]
 * @property {number} [test]
 * @property {import('../generated/protocol.js').DataReport} [report] what became of the files of an album
 * @property {'album' | 'patches' | 'cifar'} [origin] what it was made of; absent: it is in MNIST's form as it came
 */
import { Emitter } from '../lib/emitter.js';
import { fetchServed, findServed, recogniseIDX } from './own-data.js';
import { InkdriftError } from '../lib/errors.js';
import { isMade, madeSets, registerSet } from './made-sets.js';

/** @typedef {import('./own-data.js').DataFiles} DataFiles */

/** Event: `change` () when the list has changed. */
export class DataCatalog extends Emitter {
  /** Sets imported or fetched since the page was opened. @type {Map<string, {files: DataFiles, info: OwnDataInfo | null}>} */
  #inMemory = new Map();
  /** @type {any[]} */
  #served = [];
  #sets;
  #base;
  #onError;

  /**
   * @param {import('./own-data.js').OwnData} sets
   * @param {string} base address of the page's folder
   * @param {(error: unknown) => void} onError
   */
  constructor(sets, base, onError) {
    super();
    this.#sets = sets;
    this.#base = base;
    this.#onError = onError;
  }

  /** Fetches the list of served sets. */
  async findServed() {
    this.#served = await findServed(this.#base);
    this.emit('change');
  }

  /** @returns {Promise<CatalogEntry[]>} */
  async list() {
    /** @type {Map<string, CatalogEntry>} */
    const all = new Map(Object.keys(madeSets).map((name) => [name, { name, from: 'made', bytes: 0 }]));
    for (const { name, bytes, id, info } of await this.#savedSets())
      all.set(name, { name, bytes, id, from: 'saved', info: readInfo(info) });
    for (const [name, { files, info }] of this.#inMemory) {
      if (!all.has(name))
        all.set(name, { name, from: 'memory', bytes: files.reduce((sum, f) => sum + (f?.bytes.byteLength ?? 0), 0), info });
    }
    for (const served of this.#served) {
      if (!all.has(served.name)) all.set(served.name, { name: served.name, from: 'served', bytes: served.bytes, served });
    }
    for (const { name, from, info } of all.values()) if (from !== 'made' && info) registerSet(name, info);
    return [...all.values()];
  }

  /** Saved sets; none where the storage fails, which is reported. */
  async #savedSets() {
    try {
      return await this.#sets.list();
    } catch (e) {
      this.#onError(e);
      return [];
    }
  }

  /**
   * Adds IDX files that a person chose. They are saved once the engine has
   * accepted them.
   *
   * @param {File[]} chosen
   * @returns {Promise<string>} the name of the set
   * @throws {InkdriftError} bad-data
   */
  async addIDXFiles(chosen) {
    const { files, shape, train, validation } = await recogniseIDX(chosen);
    const first = files[0]?.name ?? 'data';
    // The files of MNIST have the same names everywhere.
    const plain = /^train-images[-.]idx3-ubyte/.test(first) ? 'mnist' : first.replace(/(\.gz)?$/, '').slice(0, 60);
    const name = isMade(plain) ? `${plain}-idx` : plain;
    const info = { shape, ink: shape[0] === 1, train, validation };
    this.#inMemory.set(name, { files, info });
    registerSet(name, info);
    this.emit('change');
    return name;
  }

  /**
   * Adds a set that the engine made from a person's pictures, and saves it.
   *
   * @param {string} wanted name; a number is appended if it exists
   * @param {DataFiles} files
   * @param {OwnDataInfo} info
   * @returns {Promise<string>} its name
   */
  async add(wanted, files, info) {
    const names = new Set((await this.list()).map((s) => s.name));
    const plain = wanted.slice(0, 60).trim() || 'pictures';
    let name = plain;
    for (let n = 2; names.has(name); n++) name = `${plain} ${n}`;
    this.#inMemory.set(name, { files, info });
    registerSet(name, info);
    await this.#save(name, files, info);
    this.emit('change');
    return name;
  }

  /**
   * Loads a set by its name; fetches it if it is served.
   *
   * @param {string} name
   * @param {(part: number) => void} [onProgress]
   * @returns {Promise<{name: string, files: ArrayBuffer[], classes: string[], opened?: (info: import('./open-run.js').DataSeen) => void}>}
   */
  async open(name, onProgress = () => {}) {
    const one = (await this.list()).find((s) => s.name === name);
    if (!one) throw new InkdriftError('data-missing', 'there is no data set of this name in this browser; drop its files here', name);
    const classes = one.info?.classes ?? [];
    if (one.from === 'saved') return { name, classes, files: (await this.#sets.open(one.id ?? '')).files };
    if (one.from === 'served') {
      const { files } = await fetchServed(this.#base, one.served, (loaded) => onProgress(loaded / one.bytes));
      this.#inMemory.set(name, { files, info: null });
    }
    const { files, info } = /** @type {{files: DataFiles, info: OwnDataInfo | null}} */ (this.#inMemory.get(name));
    return {
      name,
      classes,
      files: bytesOf(files),
      opened: ({ dataset, validation }) =>
        void this.#save(name, files, {
          ink: dataset.shape[0] === 1,
          ...info,
          shape: dataset.shape,
          train: dataset.count,
          validation: validation.count,
        }),
    };
  }

  /**
   * Deletes a saved set.
   *
   * @param {string} name
   */
  async remove(name) {
    this.#inMemory.delete(name);
    const one = (await this.list()).find((s) => s.name === name);
    if (one?.id) await this.#sets.remove(one.id);
    this.emit('change');
  }

  /**
   * Saves a set that the engine has accepted.
   *
   * @param {string} name
   * @param {DataFiles} files
   * @param {OwnDataInfo} info
   */
  async #save(name, files, info) {
    try {
      if ((await this.#savedSets()).some((s) => s.name === name)) return;
      await this.#sets.save({ name, kind: 'idx', files, info });
      this.#inMemory.delete(name); // not in memory, too
      this.emit('change');
    } catch (e) {
      this.#onError(e); // it stays in memory
    }
  }
}

/** @param {DataFiles} files */
const bytesOf = (files) => files.map((f) => f?.bytes ?? new ArrayBuffer(0));

/**
 * Reads saved info, also of earlier versions of the page.
 *
 * @param {any} info
 * @returns {OwnDataInfo | null}
 */
function readInfo(info) {
  const { shape, count, train = count, ...rest } = info ?? {};
  if (!Array.isArray(shape) || shape.length !== 3) return null;
  return { ink: shape[0] === 1, ...rest, shape: /** @type {[number, number, number]} */ (shape), train };
}
