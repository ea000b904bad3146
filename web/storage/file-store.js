/**
 * Keeps bytes by name for the next visit, in the best place this browser has,
 * and lives on in memory where there is none or it is full.
 */
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { IndexedDBBackend, OPFSBackend, concat, MemoryBackend } from './backends.js';

/**
 * What of the browser is used; a test brings its own.
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
    indexedDB: reach(() => g.indexedDB),
    writesFiles: typeof g.FileSystemFileHandle?.prototype?.createWritable === 'function',
  };
}

/**
 * Some browsers throw at the mere mention of what is switched off.
 *
 * @template T
 * @param {() => T} get
 */
function reach(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}

/**
 * Opens the best place there is. It never rejects: the last resort is memory,
 * with a warning.
 *
 * @param {Platform} [platform]
 * @returns {Promise<FileStore>}
 */
export async function openFileStore(platform = browser()) {
  const { storage, indexedDB, writesFiles } = platform;
  /** @type {(() => OPFSBackend | IndexedDBBackend)[]} */
  const places = [];
  if (storage && writesFiles) places.push(() => new OPFSBackend(storage));
  // What an older browser kept in a database stays in use in the newer one.
  if (indexedDB) places[(await IndexedDBBackend.used(indexedDB)) ? 'unshift' : 'push'](() => new IndexedDBBackend(indexedDB));
  let why = 'this browser has no storage for files here';
  for (const place of places) {
    try {
      const store = place();
      await store.open();
      return new FileStore(store, { storage });
    } catch (e) {
      why = String(e instanceof Error ? e.message : e);
    }
  }
  return new FileStore(new MemoryBackend(), { storage, warning: new InkdriftError('storage-memory', why) });
}

const validName = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/**
 * Events: `trouble` (error) when something could not be written, once for each
 * kind of trouble; `well` () when everything is written again.
 */
export class FileStore extends Emitter {
  /** What says that nothing outlives this tab. @type {InkdriftError | null} */
  warning;

  #store;
  #storage;
  /** What could not be written yet. @type {Map<string, Uint8Array>} */
  #unsaved = new Map();
  /** What is in trouble. @type {Set<string>} */
  #ill = new Set();
  /** Codes that were told. @type {Set<string>} */
  #told = new Set();
  /** The last thing that happens to a name. @type {Map<string, Promise<any>>} */
  #last = new Map();
  #retrying = false;

  /**
   * @param {import('./backends.js').Backend} store
   * @param {{storage?: StorageManager, warning?: InkdriftError | null}} [more]
   */
  constructor(store, { storage, warning = null } = {}) {
    super();
    this.#store = store;
    this.#storage = storage;
    this.warning = warning;
  }

  get kind() {
    return this.#store.kind;
  }

  /**
   * Writes a file whole. When that fails what was there before is still there.
   *
   * @param {string} name lower case letters, digits, '.', '_', '-'; parts divided by '/'
   * @param {Uint8Array[]} parts one after the other; not copied, so they must stay as they are until this settles
   * @throws {InkdriftError} disk-full, storage-failed
   */
  async put(name, parts) {
    await this.#inTurn(name, async () => {
      await this.#write(name, parts);
      this.#unsaved.delete(name);
    });
    this.#better(name);
  }

  /**
   * Writes a file; where that fails it is told of as trouble, and the bytes stay in
   * memory and are written when there is room again.
   *
   * @param {string} name
   * @param {Uint8Array[]} parts
   * @param {{memory?: boolean}} [how] memory: false forgets them instead
   * @returns {Promise<boolean>} whether they are written
   */
  async keep(name, parts, { memory = true } = {}) {
    try {
      await this.put(name, parts);
      return true;
    } catch (e) {
      if (memory) this.#unsaved.set(name, concat(parts));
      this.#worse(name, InkdriftError.from(e));
      return false;
    }
  }

  /**
   * @param {string} name
   * @returns {Promise<Uint8Array | null>} null: there is no such file
   * @throws {InkdriftError} storage-failed
   */
  get(name) {
    return this.#inTurn(name, async () => {
      const unsaved = this.#unsaved.get(name);
      if (unsaved) return unsaved.slice();
      try {
        return await this.#store.get(check(name));
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
      const names = new Set([...(await this.#store.names()), ...this.#unsaved.keys()]);
      return [...names].filter((n) => n.startsWith(prefix) && validName.test(n)).sort();
    } catch (e) {
      throw translate(e, prefix);
    }
  }

  /**
   * Forgets a file, if it is there. That may make room for others.
   *
   * @param {string} name
   * @throws {InkdriftError} storage-failed
   */
  async remove(name) {
    await this.#inTurn(name, async () => {
      this.#unsaved.delete(name);
      try {
        await this.#store.remove(check(name));
      } catch (e) {
        throw translate(e, name);
      }
    });
    this.#better(name);
  }

  /**
   * Whether the newest of a file is only in this tab's memory.
   *
   * @param {string} name
   */
  unsaved(name) {
    return this.kind === 'memory' || this.#unsaved.has(name);
  }

  /**
   * How much of this browser's storage the page uses; null: it does not say.
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
   * Asks the browser not to clear the storage when its disk runs full.
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
      await this.#store.put(name, parts);
    } catch (e) {
      throw translate(e, name);
    }
  }

  /**
   * What is done to one name is done in order.
   *
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  #inTurn(name, act) {
    const done = (this.#last.get(name) ?? Promise.resolve()).then(act, act);
    this.#last.set(name, done);
    const forget = () => {
      if (this.#last.get(name) === done) this.#last.delete(name);
    };
    done.then(forget, forget);
    return done;
  }

  /**
   * @param {string} name
   * @param {InkdriftError} error
   */
  #worse(name, error) {
    this.#ill.add(name);
    if (this.#told.has(error.code)) return;
    this.#told.add(error.code);
    this.emit('trouble', error);
  }

  /** @param {string} name something that worked */
  #better(name) {
    this.#ill.delete(name);
    if (this.#unsaved.size > 0) void this.#retry();
    else if (this.#ill.size === 0 && this.#told.size > 0) {
      this.#told.clear();
      this.emit('well');
    }
  }

  /** Writes what could not be written, until something fails again. */
  async #retry() {
    if (this.#retrying) return;
    this.#retrying = true;
    try {
      for (const [name, bytes] of [...this.#unsaved]) {
        await this.#inTurn(name, async () => {
          if (this.#unsaved.get(name) !== bytes) return; // replaced or forgotten meanwhile
          await this.#write(name, [bytes]);
          this.#unsaved.delete(name);
        });
        this.#ill.delete(name);
      }
    } catch {
      return; // told of already
    } finally {
      this.#retrying = false;
    }
    if (this.#unsaved.size === 0) this.#better('');
  }
}

/** @param {string} name */
function check(name) {
  if (!validName.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name for a file`);
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
