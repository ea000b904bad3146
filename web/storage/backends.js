/**
 * The storage of a browser: bytes by name. Each backend replaces a file
 * atomically: readers get the old bytes or the new ones, and a write that fails
 * leaves the old ones.
 *
 * An operation tells its attempt of each step, which has a time limit. One that was
 * given up takes no further step and undoes what it can.
 *
 * @typedef {object} Backend
 * @property {'opfs' | 'indexeddb' | 'memory'} kind
 * @property {(attempt?: Attempt) => Promise<void>} open rejects if it cannot be used
 * @property {(name: string, parts: Uint8Array[], attempt?: Attempt) => Promise<void>} put
 * @property {(name: string, attempt?: Attempt) => Promise<Uint8Array | null>} get
 * @property {(attempt?: Attempt) => Promise<string[]>} names
 * @property {(name: string, attempt?: Attempt) => Promise<void>} remove
 */
import { concat } from '../lib/bytes.js';
import { Attempt } from './time-limit.js';

/** Name of the folder, and of the database. */
const rootName = 'inkdrift';

/** How often a read is tried while another tab replaces the file. */
const readAttempts = 4;

/**
 * The origin private file system, in secure contexts. A written file replaces the
 * old one when the stream is closed (WHATWG File System, createWritable). Safari
 * has that from version 26 on.
 *
 * @implements {Backend}
 */
export class OPFSBackend {
  /** @type {'opfs'} */
  kind = 'opfs';
  #storage;
  /** @type {Promise<any> | null} */
  #folder = null;

  /** @param {StorageManager} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  async open(attempt = new Attempt()) {
    await this.#open(attempt);
  }

  /**
   * @param {Attempt} attempt
   * @returns {Promise<any>} the folder
   */
  async #open(attempt) {
    this.#folder ??= this.#storage.getDirectory().then((root) => root.getDirectoryHandle(rootName, { create: true }));
    const folder = /** @type {Promise<any>} */ (this.#folder);
    const forget = () => {
      if (this.#folder === folder) this.#folder = null;
    };
    folder.catch(forget);
    attempt.onGivenUp(forget);
    const opened = await folder;
    attempt.onGivenUp(() => {});
    attempt.step();
    return opened;
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} parts
   */
  async put(name, parts, attempt = new Attempt()) {
    try {
      await this.#write(name, parts, attempt);
    } catch (e) {
      if (!missing(e) || attempt.isGivenUp) throw e;
      this.#folder = null; // the storage was cleared meanwhile
      await this.#write(name, parts, attempt);
    }
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} parts
   * @param {Attempt} attempt
   */
  async #write(name, parts, attempt) {
    const folder = await this.#open(attempt);
    const file = fileName(name);
    const fresh = (await handleOf(folder, file)) === null;
    attempt.step();
    const handle = await folder.getFileHandle(file, { create: true });
    /** @type {any} */
    let stream;
    try {
      attempt.step();
      stream = await handle.createWritable();
      for (const part of parts) {
        for (let at = 0; at < part.length; at += pieceBytes) {
          // The browser copies what it is given at once: all of a checkpoint would hold the page up.
          const piece = part.subarray(at, at + pieceBytes);
          attempt.step(piece.length);
          await stream.write(piece);
        }
      }
      attempt.step(parts.reduce((n, p) => n + p.length, 0));
      await stream.close();
    } catch (e) {
      if (!attempt.isGivenUp) attempt.step();
      await stream?.abort().catch(() => {}); // it may be broken already
      if (fresh) await folder.removeEntry(file).catch(() => {});
      // Chromium may abort a write that exceeds the quota; other browsers do not.
      throw nameOf(e) === 'AbortError' ? new DOMException(String(/** @type {Error} */ (e).message), 'QuotaExceededError') : e;
    }
  }

  /** @param {string} name */
  async get(name, attempt = new Attempt()) {
    for (let left = readAttempts; ; left--) {
      const handle = await handleOf(await this.#open(attempt), fileName(name));
      if (!handle) return null;
      try {
        attempt.step();
        const file = await handle.getFile();
        attempt.step(file.size);
        const bytes = new Uint8Array(await file.arrayBuffer());
        // Created, but never written: its tab ended.
        return bytes.length === 0 ? null : bytes;
      } catch (e) {
        if (left === 1 || !(missing(e) || nameOf(e) === 'NotReadableError')) throw e;
      }
    }
  }

  async names(attempt = new Attempt()) {
    /** @type {string[]} */
    const names = [];
    for await (const file of (await this.#open(attempt)).keys()) {
      attempt.step();
      // Browsers list their temporary files.
      if (!file.endsWith('.crswap')) names.push(file.replaceAll('~', '/'));
    }
    return names;
  }

  /** @param {string} name */
  async remove(name, attempt = new Attempt()) {
    try {
      await (await this.#open(attempt)).removeEntry(fileName(name));
    } catch (e) {
      if (!missing(e)) throw e;
    }
  }
}

/** @param {string} name */
const fileName = (name) => name.replaceAll('/', '~');

/** @param {unknown} e */
const nameOf = (e) => (e && typeof e === 'object' && 'name' in e ? e.name : '');

/** @param {unknown} e */
const missing = (e) => nameOf(e) === 'NotFoundError';

/**
 * @param {any} folder
 * @param {string} file
 * @returns {Promise<any>} null where there is no such file
 */
async function handleOf(folder, file) {
  try {
    return await folder.getFileHandle(file);
  } catch (e) {
    if (missing(e)) return null;
    throw e;
  }
}

/**
 * A database, where there is no file system. Transactions are atomic. The record
 * NAME is {pieces}, their number; NAME#0, NAME#1 and so on are the pieces.
 *
 * @implements {Backend}
 */
export class IndexedDBBackend {
  /** @type {'indexeddb'} */
  kind = 'indexeddb';
  #factory;
  /** @type {Promise<IDBDatabase> | null} */
  #database = null;

  /** @param {IDBFactory} factory */
  constructor(factory) {
    this.#factory = factory;
  }

  /**
   * Whether the database exists.
   *
   * @param {IDBFactory | undefined} factory
   */
  static async used(factory) {
    try {
      return (await factory?.databases?.())?.some((d) => d.name === rootName) ?? false;
    } catch {
      return false;
    }
  }

  async open(attempt = new Attempt()) {
    await this.#open(attempt);
  }

  /** @param {Attempt} attempt */
  async #open(attempt) {
    this.#database ??= this.#connect();
    const database = this.#database;
    const forget = () => {
      if (this.#database !== database) return;
      this.#database = null;
      database.then(
        (late) => late.close(),
        () => {},
      );
    };
    attempt.onGivenUp(forget);
    database.catch(forget);
    const opened = await database;
    attempt.onGivenUp(() => {});
    attempt.step();
    return opened;
  }

  /** @returns {Promise<IDBDatabase>} */
  #connect() {
    return new Promise((resolve, reject) => {
      const request = this.#factory.open(rootName, 1);
      request.onupgradeneeded = () => void request.result.createObjectStore('files');
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const disconnect = () => {
          database.close();
          this.#database = null;
        };
        database.onversionchange = disconnect; // the storage is being cleared
        database.onclose = disconnect;
        resolve(database);
      };
    });
  }

  /**
   * @param {IDBTransactionMode} mode
   * @param {Attempt} attempt
   * @param {(files: IDBObjectStore) => Generator<IDBRequest, any, any>} work yields one request after the other
   * @returns {Promise<any>} what work returns, when the transaction is complete
   */
  async #run(mode, attempt, work) {
    let database = await this.#open(attempt);
    /** @type {IDBTransaction} */
    let transaction;
    try {
      transaction = database.transaction('files', mode);
    } catch (e) {
      if (nameOf(e) !== 'InvalidStateError') throw e;
      this.#database = null; // the connection was closed
      database = await this.#open(attempt);
      transaction = database.transaction('files', mode);
    }
    return new Promise((resolve, reject) => {
      const steps = work(transaction.objectStore('files'));
      /** @type {any} */
      let result;
      const advance = (/** @type {any} */ answer) => {
        try {
          const { done, value } = steps.next(answer);
          attempt.step(pieceBytes);
          if (done) result = value;
          else value.onsuccess = () => advance(value.result);
        } catch (e) {
          reject(e);
          abort();
        }
      };
      const abort = () => {
        try {
          transaction.abort();
        } catch {
          // It is over already.
        }
      };
      attempt.onGivenUp(() => {
        abort();
        database.close(); // it may be the connection that does not answer
        this.#database = null;
      });
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
      advance(undefined);
    });
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} parts
   */
  async put(name, parts, attempt = new Attempt()) {
    await this.#run('readwrite', attempt, function* (files) {
      const before = (yield files.get(name))?.pieces ?? 0;
      let n = 0;
      for (const part of parts) {
        // A copy: of a view the browser would write the whole buffer.
        for (let at = 0; at < part.length; at += pieceBytes) yield files.put(part.slice(at, at + pieceBytes), pieceName(name, n++));
      }
      for (let i = n; i < before; i++) yield files.delete(pieceName(name, i));
      yield files.put({ pieces: n }, name);
    });
  }

  /** @param {string} name */
  async get(name, attempt = new Attempt()) {
    return this.#run('readonly', attempt, function* (files) {
      const head = yield files.get(name);
      if (!head) return null;
      const pieces = [];
      for (let i = 0; i < head.pieces; i++) {
        const bytes = yield files.get(pieceName(name, i));
        if (bytes instanceof Uint8Array) pieces.push(bytes);
      }
      return concat(pieces);
    });
  }

  async names(attempt = new Attempt()) {
    const keys = await this.#run('readonly', attempt, function* (files) {
      return yield files.getAllKeys();
    });
    return keys.filter((/** @type {string} */ k) => !k.includes('#'));
  }

  /** @param {string} name */
  async remove(name, attempt = new Attempt()) {
    await this.#run('readwrite', attempt, function* (files) {
      const before = (yield files.get(name))?.pieces ?? 0;
      for (let i = 0; i < before; i++) yield files.delete(pieceName(name, i));
      yield files.delete(name);
    });
  }
}

/** Length of the pieces that a file is written in: larger ones would block the page. */
const pieceBytes = 1 << 19;

/**
 * @param {string} name
 * @param {number} i
 */
const pieceName = (name, i) => `${name}#${i}`;

/**
 * Memory, where there is no storage: lost with the tab.
 *
 * @implements {Backend}
 */
export class MemoryBackend {
  /** @type {'memory'} */
  kind = 'memory';
  /** @type {Map<string, Uint8Array>} */
  #files = new Map();

  async open() {}

  /**
   * @param {string} name
   * @param {Uint8Array[]} parts
   */
  async put(name, parts) {
    this.#files.set(name, concat(parts));
  }

  /** @param {string} name */
  async get(name) {
    return this.#files.get(name)?.slice() ?? null;
  }

  async names() {
    return [...this.#files.keys()];
  }

  /** @param {string} name */
  async remove(name) {
    this.#files.delete(name);
  }
}
