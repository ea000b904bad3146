/**
 * Stores bytes by name for the next visit, in the best backend that this browser
 * has, and in memory where there is none or the disk is full.
 */
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { IndexedDBBackend, OPFSBackend, concat, MemoryBackend } from './backends.js';

/**
 * The parts of the browser that are used; tests replace them.
 *
 * @typedef {object} Platform
 * @property {StorageManager} [storage]
 * @property {IDBFactory} [indexedDB]
 * @property {boolean} [writesFiles] whether the page can write to the private file system
 */

/** @returns {Platform} */
function browser() {
  const g = /** @type {any} */ (globalThis);
  return {
    storage: g.navigator?.storage,
    indexedDB: tryGet(() => g.indexedDB),
    writesFiles: typeof g.FileSystemFileHandle?.prototype?.createWritable === 'function',
  };
}

/**
 * Some browsers throw when a disabled API is accessed.
 *
 * @template T
 * @param {() => T} get
 */
function tryGet(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}

/**
 * Opens the best backend. It never rejects: the last one is memory, with a
 * warning.
 *
 * @param {Platform} [platform]
 * @returns {Promise<FileStore>}
 */
export async function openFileStore(platform = browser()) {
  const { storage, indexedDB, writesFiles } = platform;
  /** @type {(() => OPFSBackend | IndexedDBBackend)[]} */
  const backends = [];
  if (storage && writesFiles) backends.push(() => new OPFSBackend(storage));
  // A database that an older browser version filled stays in use.
  if (indexedDB) backends[(await IndexedDBBackend.used(indexedDB)) ? 'unshift' : 'push'](() => new IndexedDBBackend(indexedDB));
  let why = 'this browser has no storage for files here';
  for (const backend of backends) {
    try {
      const opened = backend();
      await opened.open();
      return new FileStore(opened, { storage });
    } catch (e) {
      why = String(e instanceof Error ? e.message : e);
    }
  }
  return new FileStore(new MemoryBackend(), { storage, warning: new InkdriftError('storage-memory', why) });
}

const validName = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/**
 * Events: `warning` (error) when a file could not be written, once for each code;
 * `recovered` () when everything is written again.
 */
export class FileStore extends Emitter {
  /** Set where nothing outlives this tab. @type {InkdriftError | null} */
  warning;

  #backend;
  #storage;
  /** Files that could not be written yet. @type {Map<string, Uint8Array>} */
  #unsaved = new Map();
  /** Names whose last write failed. @type {Set<string>} */
  #failing = new Set();
  /** Codes that were reported. @type {Set<string>} */
  #reported = new Set();
  /** The last operation on each name. @type {Map<string, Promise<any>>} */
  #pending = new Map();
  #retrying = false;

  /**
   * @param {import('./backends.js').Backend} backend
   * @param {{storage?: StorageManager, warning?: InkdriftError | null}} [more]
   */
  constructor(backend, { storage, warning = null } = {}) {
    super();
    this.#backend = backend;
    this.#storage = storage;
    this.warning = warning;
  }

  get kind() {
    return this.#backend.kind;
  }

  /**
   * Writes a file atomically. If that fails the old content stays.
   *
   * @param {string} name lower case letters, digits, '.', '_', '-'; parts divided by '/'
   * @param {Uint8Array[]} parts one after the other; not copied, so they must not change until this settles
   * @throws {InkdriftError} disk-full, storage-failed
   */
  async put(name, parts) {
    await this.#enqueue(name, async () => {
      await this.#write(name, parts);
      this.#unsaved.delete(name);
    });
    this.#onSuccess(name);
  }

  /**
   * Writes a file. If that fails it emits a warning, and the bytes stay in memory
   * and are written when there is space again.
   *
   * @param {string} name
   * @param {Uint8Array[]} parts
   * @param {{memory?: boolean}} [how] memory: false drops them instead
   * @returns {Promise<boolean>} whether they are written
   */
  async save(name, parts, { memory = true } = {}) {
    try {
      await this.put(name, parts);
      return true;
    } catch (e) {
      if (memory) this.#unsaved.set(name, concat(parts));
      this.#onFailure(name, InkdriftError.from(e));
      return false;
    }
  }

  /**
   * @param {string} name
   * @returns {Promise<Uint8Array | null>} null: the file does not exist
   * @throws {InkdriftError} storage-failed
   */
  get(name) {
    return this.#enqueue(name, async () => {
      const unsaved = this.#unsaved.get(name);
      if (unsaved) return unsaved.slice();
      try {
        return await this.#backend.get(check(name));
      } catch (e) {
        throw translate(e, name);
      }
    });
  }

  /**
   * @param {string} [prefix]
   * @returns {Promise<string[]>} names, sorted
   * @throws {InkdriftError} storage-failed
   */
  async list(prefix = '') {
    try {
      const names = new Set([...(await this.#backend.names()), ...this.#unsaved.keys()]);
      return [...names].filter((n) => n.startsWith(prefix) && validName.test(n)).sort();
    } catch (e) {
      throw translate(e, prefix);
    }
  }

  /**
   * Deletes a file, if it exists. That may free space for others.
   *
   * @param {string} name
   * @throws {InkdriftError} storage-failed
   */
  async remove(name) {
    await this.#enqueue(name, async () => {
      this.#unsaved.delete(name);
      try {
        await this.#backend.remove(check(name));
      } catch (e) {
        throw translate(e, name);
      }
    });
    this.#onSuccess(name);
  }

  /**
   * Whether the newest content of a file is only in this tab's memory.
   *
   * @param {string} name
   */
  unsaved(name) {
    return this.kind === 'memory' || this.#unsaved.has(name);
  }

  /**
   * How much of this browser's storage the page uses; null: unknown.
   *
   * @returns {Promise<{used: number | null, quota: number | null, persisted: boolean}>}
   */
  async estimate() {
    try {
      const { usage = null, quota = null } = (await this.#storage?.estimate?.()) ?? {};
      return { used: usage, quota, persisted: (await this.#storage?.persisted?.()) ?? false };
    } catch {
      return { used: null, quota: null, persisted: false };
    }
  }

  /**
   * Asks the browser not to evict the storage when the disk is full.
   *
   * @returns {Promise<boolean>} whether it will
   */
  async persist() {
    try {
      return this.kind !== 'memory' && ((await this.#storage?.persist?.()) ?? false);
    } catch {
      return false;
    }
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} parts
   */
  async #write(name, parts) {
    check(name);
    try {
      await this.#backend.put(name, parts);
    } catch (e) {
      throw translate(e, name);
    }
  }

  /**
   * Runs the operations on one name in order.
   *
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  #enqueue(name, act) {
    const done = (this.#pending.get(name) ?? Promise.resolve()).then(act, act);
    this.#pending.set(name, done);
    const cleanUp = () => {
      if (this.#pending.get(name) === done) this.#pending.delete(name);
    };
    done.then(cleanUp, cleanUp);
    return done;
  }

  /**
   * @param {string} name
   * @param {InkdriftError} error
   */
  #onFailure(name, error) {
    this.#failing.add(name);
    if (this.#reported.has(error.code)) return;
    this.#reported.add(error.code);
    this.emit('warning', error);
  }

  /** @param {string} name of a file whose operation succeeded */
  #onSuccess(name) {
    this.#failing.delete(name);
    if (this.#unsaved.size > 0) void this.#retry();
    else if (this.#failing.size === 0 && this.#reported.size > 0) {
      this.#reported.clear();
      this.emit('recovered');
    }
  }

  /** Writes the unsaved files, until one fails again. */
  async #retry() {
    if (this.#retrying) return;
    this.#retrying = true;
    try {
      for (const [name, bytes] of [...this.#unsaved]) {
        await this.#enqueue(name, async () => {
          if (this.#unsaved.get(name) !== bytes) return; // replaced or deleted meanwhile
          await this.#write(name, [bytes]);
          this.#unsaved.delete(name);
        });
        this.#failing.delete(name);
      }
    } catch {
      return; // reported already
    } finally {
      this.#retrying = false;
    }
    if (this.#unsaved.size === 0) this.#onSuccess('');
  }
}

/** @param {string} name */
function check(name) {
  if (!validName.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid file name`);
  return name;
}

const fullNames = new Set(['QuotaExceededError', 'NS_ERROR_DOM_QUOTA_REACHED', 'NS_ERROR_FILE_NO_DEVICE_SPACE']);

/**
 * @param {any} e what the browser threw
 * @param {string} name
 * @returns {InkdriftError}
 */
function translate(e, name) {
  if (e instanceof InkdriftError) return e;
  const message = `${e?.name ?? 'Error'}: ${e?.message ?? e}`;
  return new InkdriftError(fullNames.has(e?.name) ? 'disk-full' : 'storage-failed', message, name);
}
