/**
 * Stores bytes by name for the next visit, in the best backend that this browser
 * has, and in memory where there is none or the disk is full.
 */
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { concat } from '../lib/bytes.js';
import { IndexedDBBackend, OPFSBackend, MemoryBackend } from './backends.js';
import { LimitedBackend, waitFor } from './time-limit.js';

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

/** How often a backend that throws is asked to open, and milliseconds between: another one does not have what it has. */
const opening = { tries: 3, pauseMs: 200 };

/**
 * Opens the best backend. It never rejects: the last one is memory, with a
 * warning. A backend that does not answer is used all the same, as it may answer
 * later: until then everything stays in memory.
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
  const used = await waitFor(IndexedDBBackend.used(indexedDB), 'databases').catch(() => false);
  if (indexedDB) backends[used ? 'unshift' : 'push'](() => new IndexedDBBackend(indexedDB));
  let why = 'this browser has no storage for files here';
  for (const backend of backends) {
    try {
      const made = backend();
      const late = await open(made);
      return new FileStore(made, { storage, late });
    } catch (e) {
      why = String(e instanceof Error ? e.message : e);
    }
  }
  return new FileStore(new MemoryBackend(), { storage, warning: new InkdriftError('storage-memory', why) });
}

/**
 * @param {import('./backends.js').Backend} backend
 * @returns {Promise<InkdriftError | null>} not null: it does not answer
 * @throws why it cannot be used
 */
async function open(backend) {
  const limited = new LimitedBackend(backend);
  for (let left = opening.tries; ; ) {
    try {
      await limited.open();
      return null;
    } catch (e) {
      if (e instanceof InkdriftError) return e;
      if (--left === 0) throw e;
      await new Promise((done) => setTimeout(done, opening.pauseMs));
    }
  }
}

const validName = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/** Milliseconds between two tries to write what is only in memory: at first, and at most. */
const retryMs = { first: 5_000, most: 60_000 };

/**
 * Every operation ends in time: with storage-failed where the browser does not
 * answer.
 *
 * Events: `warning` (error) when the storage fails, once for each code; `recovered`
 * () when it works again and everything is written; `settled` () when a file
 * that was in memory is written or no longer needed, or an operation that was given
 * up has ended.
 */
export class FileStore extends Emitter {
  /** Set where nothing outlives this tab, or the storage did not answer at first. @type {InkdriftError | null} */
  warning;

  #backend;
  #storage;
  /** Files that could not be written yet. @type {Map<string, Uint8Array[]>} */
  #unsaved = new Map();
  /** Codes that were reported. @type {Set<string>} */
  #reported = new Set();
  /** The last operation on each name. @type {Map<string, Promise<any>>} */
  #pending = new Map();
  #retrying = false;
  #retryMs = retryMs.first;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;

  /**
   * @param {import('./backends.js').Backend} backend
   * @param {{storage?: StorageManager, warning?: InkdriftError | null, late?: InkdriftError | null}} [more] late: it did not answer when it was opened
   */
  constructor(backend, { storage, warning = null, late = null } = {}) {
    super();
    this.#backend = new LimitedBackend(backend, (name, written) => {
      if (written && this.#unsaved.get(name) === written) this.#drop(name);
      else this.emit('settled');
      if (this.#unsaved.size > 0) void this.#retry();
      else this.#tellIfRecovered();
    });
    this.#storage = storage;
    this.warning = warning ?? late;
    if (!late) return;
    this.#reported.add(late.code);
    this.#retryLater();
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
      this.#drop(name);
    });
    if (this.#unsaved.size === 0) this.#tellIfRecovered();
    else void this.#retry();
  }

  /**
   * Writes a file. If that fails it emits a warning, and the bytes stay in memory
   * and are written when that is possible again.
   *
   * @param {string} name
   * @param {Uint8Array[]} parts must not change any more
   * @returns {Promise<boolean>} whether they are written
   */
  async save(name, parts) {
    try {
      await this.put(name, parts);
      return true;
    } catch (e) {
      this.keep(name, parts, InkdriftError.from(e));
      return false;
    }
  }

  /**
   * Keeps a file that could not be written in memory, until it can be.
   *
   * @param {string} name
   * @param {Uint8Array[]} parts must not change any more
   * @param {InkdriftError} why
   */
  keep(name, parts, why) {
    this.#unsaved.set(name, parts);
    this.#warn(why);
  }

  /**
   * A file need not be written any more.
   *
   * @param {string} name
   */
  forget(name) {
    this.#drop(name);
    this.#tellIfRecovered();
  }

  /** It need not be written any more. @param {string} name */
  #drop(name) {
    if (this.#unsaved.delete(name)) this.emit('settled');
  }

  /**
   * Calls a function when files are as they will stay: written, and nothing that was
   * given up can change them any more. That may be now, or never.
   *
   * @param {string[]} prefixes of their names
   * @param {() => void} fn
   */
  whenSettled(prefixes, fn) {
    const isOne = (/** @type {string} */ name) => prefixes.some((prefix) => name.startsWith(prefix));
    const isSettled = () => ![...this.#backend.changing, ...this.#unsaved.keys()].some(isOne);
    if (isSettled()) return fn();
    const off = this.on('settled', () => {
      if (!isSettled()) return;
      off();
      fn();
    });
  }

  /**
   * @param {string} name
   * @returns {Promise<Uint8Array | null>} null: the file does not exist
   * @throws {InkdriftError} storage-failed
   */
  get(name) {
    return this.#enqueue(name, async () => {
      const unsaved = this.#unsaved.get(name);
      if (unsaved) return concat(unsaved);
      try {
        // Tried twice: what is not read is taken for missing, or older than it is.
        return await this.#backend.get(check(name)).catch(() => this.#backend.get(name));
      } catch (e) {
        throw this.#failure(e, name);
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
      throw this.#failure(e, prefix);
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
      this.#drop(name);
      try {
        await this.#backend.remove(check(name));
      } catch (e) {
        throw this.#failure(e, name);
      }
    });
    this.#tellIfRecovered();
    void this.#retry(); // that may have made room
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
      const [{ usage = null, quota = null } = {}, persisted = false] = await waitFor(
        Promise.all([this.#storage?.estimate?.(), this.#storage?.persisted?.()]),
        'estimate',
      );
      return { used: usage, quota, persisted };
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
   * What an operation fails with that keeps nothing in memory.
   *
   * @param {unknown} e
   * @param {string} name
   */
  #failure(e, name) {
    const error = translate(e, name);
    this.#warn(error);
    return error;
  }

  /** @param {InkdriftError} why */
  #warn(why) {
    this.#retryLater();
    if (this.#reported.has(why.code)) return;
    this.#reported.add(why.code);
    this.emit('warning', why);
  }

  #tellIfRecovered() {
    if (this.#unsaved.size > 0 || this.#reported.size === 0) return;
    this.#reported.clear();
    if (this.warning?.code === 'storage-failed') this.warning = null;
    this.emit('recovered');
  }

  /** Tries again in a while, whatever else happens. */
  #retryLater() {
    if (this.#retryTimer !== undefined) return;
    this.#retryTimer = setTimeout(async () => {
      this.#retryTimer = undefined;
      this.#retryMs = Math.min(retryMs.most, 2 * this.#retryMs);
      if (this.#unsaved.size > 0) await this.#retry();
      else if (await answers(this.#backend)) this.#tellIfRecovered();
      else this.#retryLater();
    }, this.#retryMs);
    unref(this.#retryTimer);
  }

  /** Writes the unsaved files, the small ones first. One that fails does not keep others from being written, unless the disk is full. */
  async #retry() {
    if (this.#retrying || this.#unsaved.size === 0) return;
    this.#retrying = true;
    const size = (/** @type {Uint8Array[]} */ parts) => parts.reduce((n, p) => n + p.length, 0);
    for (const [name, parts] of [...this.#unsaved].sort(([, a], [, b]) => size(a) - size(b))) {
      try {
        await this.#enqueue(name, async () => {
          if (this.#unsaved.get(name) !== parts) return; // replaced or deleted meanwhile
          await this.#write(name, parts);
          if (this.#unsaved.get(name) === parts) this.#drop(name);
        });
      } catch (e) {
        // Reported already.
        if (InkdriftError.from(e).code === 'disk-full') break;
      }
    }
    this.#retrying = false;
    if (this.#unsaved.size > 0) {
      this.#retryLater();
    } else {
      this.#retryMs = retryMs.first;
      this.#tellIfRecovered();
    }
  }
}

/** @param {LimitedBackend} backend */
const answers = (backend) =>
  backend.names().then(
    () => true,
    () => false,
  );

/** Under Node a timer keeps the process alive. @param {any} timer */
const unref = (timer) => timer?.unref?.();

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
