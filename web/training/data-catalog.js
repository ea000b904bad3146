/**
 * The data sets that there are to choose from: those that the engine makes, what
 * somebody dropped here, what was kept of that, and what is served beside the
 * page.
 *
 * @typedef {{name: string, from: 'made' | 'here' | 'kept' | 'served', bytes: number, id?: string, served?: any, info?: OwnDataInfo | null}} Shelved
 * @typedef {object} OwnDataInfo what is known of a set that came in files
 * @property {[number, number, number]} shape channels, height, width
 * @property {boolean} [ink] its pictures are drawn with a pen
 * @property {string[]} [classes] names of its labels
 * @property {number} [train] pictures to train on
 * @property {number} [validation]
 * @property {number} [test]
 * @property {import('../generated/protocol.js').DataReport} [report] what became of the files of an album
 * @property {'album' | 'patches' | 'cifar'} [origin] what it was made of; absent: it is in MNIST's form as it came
 */
import { Emitter } from '../lib/emitter.js';
import { fetchServed, findServed, recognise } from './own-data.js';
import { InkdriftError } from '../lib/errors.js';
import { isMade, madeSets, tell } from './made-sets.js';

/** @typedef {import('./own-data.js').DataFiles} DataFiles */

/** Event: `change` () when there are others. */
export class DataCatalog extends Emitter {
  /** What was dropped or fetched since the page was opened. @type {Map<string, {files: DataFiles, info: OwnDataInfo | null}>} */
  #here = new Map();
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

  /** Looks for what is served. */
  async look() {
    this.#served = await findServed(this.#base);
    this.emit('change');
  }

  /** @returns {Promise<Shelved[]>} */
  async list() {
    /** @type {Map<string, Shelved>} */
    const all = new Map(Object.keys(madeSets).map((name) => [name, { name, from: 'made', bytes: 0 }]));
    for (const { name, bytes, id, info } of await this.#kept()) all.set(name, { name, bytes, id, from: 'kept', info: readAbout(info) });
    for (const [name, { files, info }] of this.#here) {
      if (!all.has(name)) all.set(name, { name, from: 'here', bytes: files.reduce((sum, f) => sum + (f?.bytes.byteLength ?? 0), 0), info });
    }
    for (const served of this.#served) {
      if (!all.has(served.name)) all.set(served.name, { name: served.name, from: 'served', bytes: served.bytes, served });
    }
    for (const { name, from, info } of all.values()) if (from !== 'made' && info) tell(name, info);
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
   * Takes files in MNIST's form that somebody chose. They are kept once the engine
   * has taken them.
   *
   * @param {File[]} chosen
   * @returns {Promise<string>} the name of the set
   * @throws {InkdriftError} bad-data
   */
  async take(chosen) {
    const { files, shape, train, validation } = await recognise(chosen);
    const first = files[0]?.name ?? 'data';
    // MNIST's own files are called alike everywhere.
    const plain = /^train-images[-.]idx3-ubyte/.test(first) ? 'mnist' : first.replace(/(\.gz)?$/, '').slice(0, 60);
    const name = isMade(plain) ? `${plain}-idx` : plain;
    const info = { shape, ink: shape[0] === 1, train, validation };
    this.#here.set(name, { files, info });
    tell(name, info);
    this.emit('change');
    return name;
  }

  /**
   * Takes a set that the engine has made of somebody's pictures, and keeps it.
   *
   * @param {string} wanted a name; where there is another set of it, it gets a number
   * @param {DataFiles} files
   * @param {OwnDataInfo} info
   * @returns {Promise<string>} its name
   */
  async add(wanted, files, info) {
    const names = new Set((await this.list()).map((s) => s.name));
    const plain = wanted.slice(0, 60).trim() || 'pictures';
    let name = plain;
    for (let n = 2; names.has(name); n++) name = `${plain} ${n}`;
    this.#here.set(name, { files, info });
    tell(name, info);
    await this.#keep(name, files, info);
    this.emit('change');
    return name;
  }

  /**
   * Gives a set by its name; fetches it if it is served here.
   *
   * @param {string} name
   * @param {(part: number) => void} [onProgress]
   * @returns {Promise<{name: string, files: ArrayBuffer[], classes: string[], opened?: (info: import('./open-run.js').DataSeen) => void}>}
   */
  async open(name, onProgress = () => {}) {
    const one = (await this.list()).find((s) => s.name === name);
    if (!one) throw new InkdriftError('data-missing', 'there is no data set of this name in this browser; drop its files here', name);
    const classes = one.info?.classes ?? [];
    if (one.from === 'kept') return { name, classes, files: (await this.#sets.open(one.id ?? '')).files };
    if (one.from === 'served') {
      const { files } = await fetchServed(this.#base, one.served, (loaded) => onProgress(loaded / one.bytes));
      this.#here.set(name, { files, info: null });
    }
    const { files, info } = /** @type {{files: DataFiles, info: OwnDataInfo | null}} */ (this.#here.get(name));
    return {
      name,
      classes,
      files: contents(files),
      opened: ({ dataset, validation }) =>
        void this.#keep(name, files, {
          ink: dataset.shape[0] === 1,
          ...info,
          shape: dataset.shape,
          train: dataset.count,
          validation: validation.count,
        }),
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
   * @param {DataFiles} files
   * @param {OwnDataInfo} info
   */
  async #keep(name, files, info) {
    try {
      if ((await this.#kept()).some((s) => s.name === name)) return;
      await this.#sets.keep({ name, kind: 'idx', files, info });
      this.#here.delete(name); // it need not be in memory, too
      this.emit('change');
    } catch (e) {
      this.#onError(e); // it stays in memory
    }
  }
}

/** @param {DataFiles} files */
const contents = (files) => files.map((f) => f?.bytes ?? new ArrayBuffer(0));

/**
 * What was kept of a set, in the form of today.
 *
 * @param {any} info
 * @returns {OwnDataInfo | null}
 */
function readAbout(info) {
  const { shape, count, train = count, ...rest } = info ?? {};
  if (!Array.isArray(shape) || shape.length !== 3) return null;
  return { ink: shape[0] === 1, ...rest, shape: /** @type {[number, number, number]} */ (shape), train };
}
