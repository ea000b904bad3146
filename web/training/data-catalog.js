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
 * @property {import('./own-hand.js').SavedDrawing[]} [drawings] what it was made of, if that was drawn
 * @property {'album' | 'patches' | 'cifar' | 'drawn'} [origin] what it was made of; absent: it is in MNIST's form as it came
 */
import { Emitter } from '../lib/emitter.js';
import { fetchServed, findServed } from './own-data.js';
import { InkdriftError } from '../lib/errors.js';
import { madeSets, registerSet } from './made-sets.js';

/** @typedef {import('./own-data.js').DataFiles} DataFiles */

/** Event: `change` () when the list has changed. */
export class DataCatalog extends Emitter {
  /** Sets imported or fetched since the page was opened. @type {Map<string, {files: DataFiles, info: OwnDataInfo | null}>} */
  #inMemory = new Map();
  /** @type {any[]} */
  #served = [];
  /** Why saved sets could not be listed the last time. @type {unknown} */
  #failure = null;
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
      const list = await this.#sets.list();
      this.#failure = null;
      return list;
    } catch (e) {
      this.#failure = e;
      this.#onError(e);
      return [];
    }
  }

  /**
   * Adds a set in MNIST's form that the engine has read, and saves it. If the very
   * files are there already, it is that set.
   *
   * @param {string} wanted name
   * @param {DataFiles} files
   * @param {OwnDataInfo} info
   * @returns {Promise<string>} the name of the set
   */
  async addRead(wanted, files, info) {
    const first = files[0]?.name ?? '';
    // The files of MNIST have the same names everywhere.
    const plain = /^train-images[-.]idx3-ubyte/.test(first) ? 'mnist' : wanted;
    for (const saved of await this.#savedSets()) {
      if (saved.name.replace(/ \d+$/, '') !== plain || !sameSizes(saved.files, files)) continue;
      const before = await this.#sets.open(saved.id).catch(() => null);
      if (before?.files.every((b, i) => alike(b, files[i]?.bytes))) return saved.name;
    }
    return this.add(plain, files, info, 'mnist');
  }

  /**
   * Adds a set that the engine made from a person's pictures, and saves it.
   *
   * @param {string} wanted name; a number is appended if it exists
   * @param {DataFiles} files
   * @param {OwnDataInfo} info
   * @param {string} [over] the name of a served set whose place it may take
   * @returns {Promise<string>} its name
   */
  async add(wanted, files, info, over = '') {
    const names = new Set((await this.list()).filter((s) => s.from !== 'served' || s.name !== over).map((s) => s.name));
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
    if (!one)
      throw (
        this.#failure ?? new InkdriftError('data-missing', 'there is no data set of this name in this browser; drop its files here', name)
      );
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
   * Deletes a set that is saved, or in memory.
   *
   * @param {string} name
   */
  async remove(name) {
    this.#inMemory.delete(name);
    for (const { id, name: saved } of await this.#savedSets()) if (saved === name) await this.#sets.remove(id);
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

/**
 * @param {({bytes: number} | null)[]} saved
 * @param {DataFiles} files
 */
const sameSizes = (saved, files) => files.every((f, i) => (f?.bytes.byteLength ?? 0) === (saved?.[i]?.bytes ?? 0));

/** How many places of two files are compared, and how many bytes at each: enough to tell sets of one form apart. */
const compared = { places: 64, bytes: 1024 };

/**
 * @param {ArrayBuffer} a
 * @param {ArrayBuffer | undefined} b
 */
function alike(a, b = new ArrayBuffer(0)) {
  if (a.byteLength !== b.byteLength) return false;
  const [x, y] = [new Uint8Array(a), new Uint8Array(b)];
  for (let k = 0; k < compared.places; k++) {
    const from = Math.floor((k * Math.max(0, x.length - compared.bytes)) / (compared.places - 1));
    for (let i = from; i < Math.min(from + compared.bytes, x.length); i++) if (x[i] !== y[i]) return false;
  }
  return true;
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
