/**
 * The parts of a browser that storage uses, with faults: a private file system, a
 * database, locks and channels. Each operation takes a time of its own, so that
 * operations end in any order, and may throw, hang, or end long after.
 *
 * @typedef {import('./world.js').Life} Life
 * @typedef {{kind: 'ok' | 'throw' | 'hang' | 'late', ms: number, error?: string, first?: boolean}} Fate first: what it does is done
 *   at once, only the answer is late or never comes
 */
import { concat } from '../../lib/bytes.js';

/** @typedef {{life: Life, land: (() => void) | null, tear: ((part: number) => void) | null}} Operation one in progress */

export class Browser {
  /** @type {Map<string, Uint8Array>} */
  files = new Map();
  /** Records of the database. @type {Map<string, any>} */
  records = new Map();
  /** Counts changes of both. */
  version = 0;
  /** Files that were written in part when their tab ended. */
  torn = 0;
  /** Capacity in bytes. */
  capacity = Infinity;
  /** @type {Map<string, Life>} */
  locks = new Map();
  /** What becomes of an operation. @type {(operation: string, name: string, life: Life) => Fate} */
  fate = () => ({ kind: 'ok', ms: 1 });

  /** @type {Set<Operation>} */
  #operations = new Set();
  /** @type {Set<SimChannel>} */
  #channels = new Set();
  /** Transactions that are open or wait, in order. @type {SimTransaction[]} */
  #transactions = [];
  #hasDatabase = false;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.world = world;
  }

  get used() {
    let sum = 0;
    for (const file of this.files.values()) sum += file.length;
    for (const record of this.records.values()) sum += record.length ?? 16;
    return sum;
  }

  /**
   * An operation of the browser.
   *
   * @template T
   * @param {string} operation
   * @param {string} name
   * @param {() => T} act
   * @param {((part: number) => void) | null} [tear] does a part of it
   * @returns {Promise<T>}
   */
  operate(operation, name, act, tear = null) {
    const life = /** @type {Life} */ (this.world.current);
    const { kind, ms, error = 'UnknownError', first = false } = this.fate(operation, name, life);
    return new Promise((resolve, reject) => {
      if (kind === 'throw') {
        this.world.later(ms, () => reject(new DOMException(`${operation} fails`, error)), life);
        return;
      }
      /** @type {() => void} */
      let end = () => {};
      const run = () => {
        one.land = null;
        this.version++;
        try {
          const result = act();
          end = () => resolve(result);
        } catch (e) {
          end = () => reject(e);
        }
      };
      /** @type {Operation} */
      const one = { life, land: run, tear };
      this.#operations.add(one);
      if (first) run();
      if (kind === 'hang') return;
      this.world.later(
        ms,
        () => {
          this.#operations.delete(one);
          if (one.land) run();
          end();
        },
        life,
      );
    });
  }

  /** A tab ends: of what it was about to do some is done, some in part, the rest is not. @param {Life} life */
  kill(life) {
    life.dead = true;
    for (const one of [...this.#operations]) {
      if (one.life !== life) continue;
      this.#operations.delete(one);
      if (!one.land) continue;
      const luck = this.world.random();
      if (luck < 0.3) one.land();
      else if (luck < 0.5 && one.tear) {
        one.tear(this.world.random());
        this.torn++;
      }
    }
    for (const t of [...this.#transactions]) if (t.life === life) this.drop(t);
    for (const channel of [...this.#channels]) if (channel.life === life) channel.close();
    this.world.later(
      this.world.int(0, 50),
      () => {
        for (const [name, owner] of this.locks) if (owner === life) this.locks.delete(name);
      },
      null,
    );
  }

  /** @param {number} more bytes */
  reserve(more) {
    if (this.used + more > this.capacity) throw new DOMException('the disk is full', 'QuotaExceededError');
  }

  /** navigator.storage, with a private file system. @returns {any} */
  storage() {
    const missing = () => new DOMException('there is none', 'NotFoundError');
    const { files } = this;
    const folder = {
      getFileHandle: (/** @type {string} */ name, { create = false } = {}) =>
        this.operate('handle', name, () => {
          if (!files.has(name)) {
            if (!create) throw missing();
            files.set(name, new Uint8Array(0));
          }
          return {
            getFile: () =>
              this.operate('file', name, () => {
                const bytes = files.get(name);
                if (!bytes) throw missing();
                return {
                  size: bytes.length,
                  arrayBuffer: () =>
                    this.operate('read', name, () => {
                      if (files.get(name) !== bytes) throw new DOMException('it has changed', 'NotReadableError');
                      return bytes.slice().buffer;
                    }),
                };
              }),
            createWritable: () =>
              this.operate('open', name, () => {
                /** @type {Uint8Array[]} */
                const parts = [];
                let over = false;
                return {
                  write: (/** @type {Uint8Array} */ part) =>
                    this.operate('write', name, () => {
                      this.reserve(part.length);
                      parts.push(part.slice());
                    }),
                  close: () =>
                    this.operate(
                      'close',
                      name,
                      () => {
                        if (over) throw new DOMException('it was broken off', 'AbortError');
                        over = true;
                        const all = concat(parts);
                        this.reserve(all.length);
                        files.set(name, all);
                      },
                      (part) => {
                        const all = concat(parts);
                        files.set(name, all.slice(0, Math.floor(part * all.length)));
                      },
                    ),
                  abort: () =>
                    this.operate('abort', name, () => {
                      over = true;
                    }),
                };
              }),
          };
        }),
      keys: async function* (/** @type {Browser} */ browser) {
        yield* await browser.operate('list', '', () => [...files.keys()]);
      }.bind(null, this),
      removeEntry: (/** @type {string} */ name) =>
        this.operate('remove', name, () => {
          if (!files.delete(name)) throw missing();
        }),
    };
    return {
      getDirectory: () => this.operate('root', '', () => ({ getDirectoryHandle: () => this.operate('folder', '', () => folder) })),
      estimate: () => this.operate('estimate', '', () => ({ usage: this.used, quota: this.capacity })),
      persist: async () => false,
      persisted: async () => false,
    };
  }

  /** indexedDB. @returns {any} */
  database() {
    const ask = (/** @type {any} */ request, /** @type {() => void} */ made) =>
      this.operate('database', '', made).then(
        () => request.onsuccess?.(),
        (e) => {
          request.error = e;
          request.onerror?.();
        },
      );
    return {
      databases: () => this.operate('databases', '', () => (this.#hasDatabase ? [{ name: 'inkdrift' }] : [])),
      open: () => {
        const life = /** @type {Life} */ (this.world.current);
        let closed = false;
        /** @type {any} */
        const request = {
          result: {
            createObjectStore() {},
            close() {
              closed = true;
            },
            transaction: (/** @type {string} */ _, /** @type {string} */ mode) => {
              if (closed) throw new DOMException('the connection is closed', 'InvalidStateError');
              const t = new SimTransaction(this, life, mode);
              this.#transactions.push(t);
              this.advance();
              return t;
            },
          },
        };
        void ask(request, () => {
          if (!this.#hasDatabase) request.onupgradeneeded?.();
          this.#hasDatabase = true;
        });
        return request;
      },
    };
  }

  /** Starts the transactions that may run: those that write alone. */
  advance() {
    for (const [i, t] of this.#transactions.entries()) {
      if (i > 0 && (t.writes || this.#transactions.slice(0, i).some((o) => o.writes))) return;
      t.start();
    }
  }

  /** @param {SimTransaction} t that has ended */
  drop(t) {
    this.#transactions = this.#transactions.filter((o) => o !== t);
    this.advance();
  }

  /** navigator.locks. @returns {any} */
  lockManager() {
    const life = /** @type {Life} */ (this.world.current);
    return {
      request: async (/** @type {string} */ name, /** @type {any} */ how, use = /** @type {(lock: any) => any} */ (how)) => {
        const got = await this.operate('lock', name, () => {
          if (this.locks.has(name)) return false;
          this.locks.set(name, life);
          return true;
        });
        const result = await use(got ? { name } : null);
        if (got && this.locks.get(name) === life) this.locks.delete(name);
        return result;
      },
      query: () =>
        this.operate('locks', '', () => ({
          held: [...this.locks].map(([name, owner]) => ({ name, clientId: /** @type {any} */ (owner).name })),
        })),
    };
  }

  /** BroadcastChannel. @returns {any} */
  channels() {
    const browser = this;
    const life = /** @type {Life} */ (this.world.current);
    return class extends SimChannel {
      /** @param {string} name */
      constructor(name) {
        super(browser, life, name);
        browser.#channels.add(this);
      }
    };
  }

  /** @param {SimChannel} from @param {any} data */
  broadcast(from, data) {
    for (const to of this.#channels) {
      if (to === from || to.name !== from.name) continue;
      this.world.later(this.world.int(1, 20), () => to.onmessage?.({ data }), to.life);
    }
  }

  /** @param {SimChannel} channel */
  mute(channel) {
    this.#channels.delete(channel);
  }
}

class SimChannel {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  #browser;

  /** @param {Browser} browser @param {Life} life @param {string} name */
  constructor(browser, life, name) {
    this.#browser = browser;
    this.life = life;
    this.name = name;
  }

  /** @param {any} data */
  postMessage(data) {
    this.#browser.broadcast(this, structuredClone(data));
  }

  close() {
    this.#browser.mute(this);
  }
}

/** A transaction: its requests one after the other, then all changes at once. */
class SimTransaction {
  /** @type {any} */
  error = null;
  /** @type {(() => void) | null} */
  oncomplete = null;
  /** @type {(() => void) | null} */
  onabort = null;

  #browser;
  /** What it changes; null: removed. @type {Map<string, any>} */
  #changes = new Map();
  /** @type {(() => void)[]} requests that wait for its start */
  #waiting = [];
  #started = false;
  #over = false;
  #open = 0;

  /** @param {Browser} browser @param {Life} life @param {string} mode */
  constructor(browser, life, mode) {
    this.#browser = browser;
    this.life = life;
    this.writes = mode === 'readwrite';
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    // A tab's own code goes on in an event of its own.
    this.#browser.world.later(0, () => this.#waiting.splice(0).forEach((ask) => ask()), this.life);
  }

  abort() {
    if (this.#over) throw new DOMException('it is over', 'InvalidStateError');
    this.#end();
    // Some never answer to that either.
    if (this.#browser.fate('transaction', '', this.life).kind !== 'hang') this.#browser.world.later(1, () => this.onabort?.(), this.life);
  }

  objectStore() {
    const { records } = this.#browser;
    const found = (/** @type {string} */ name) => (this.#changes.has(name) ? this.#changes.get(name) : records.get(name)) ?? undefined;
    return {
      get: (/** @type {string} */ name) => this.#ask('get', name, () => structuredClone(found(name))),
      getAllKeys: () => this.#ask('keys', '', () => [...records.keys()]),
      put: (/** @type {any} */ value, /** @type {string} */ name) => {
        const copy = structuredClone(value);
        return this.#ask('put', name, () => {
          this.#browser.reserve(copy.length ?? 0);
          this.#changes.set(name, copy);
        });
      },
      delete: (/** @type {string} */ name) => this.#ask('delete', name, () => this.#changes.set(name, null)),
    };
  }

  /** @param {string} operation @param {string} name @param {() => any} act */
  #ask(operation, name, act) {
    if (this.#over) throw new DOMException('it is over', 'TransactionInactiveError');
    /** @type {any} */
    const request = {};
    this.#open++;
    const ask = () => {
      if (this.#over) return;
      this.#browser.operate(operation, name, act).then(
        (result) => {
          if (this.#over) return;
          request.result = result;
          this.#open--;
          request.onsuccess?.();
          if (this.#open === 0 && !this.#over) this.#commit();
        },
        (e) => {
          if (this.#over) return;
          this.error = e;
          this.#end();
          this.onabort?.();
        },
      );
    };
    if (this.#started && this.#waiting.length === 0) this.#browser.world.later(0, ask, this.life);
    else this.#waiting.push(ask);
    return request;
  }

  #commit() {
    const { records } = this.#browser;
    const land = () => {
      if (this.#over) return;
      this.#over = true;
      for (const [name, value] of this.#changes) {
        if (value === null) records.delete(name);
        else records.set(name, value);
      }
    };
    this.#browser.operate('commit', '', land).then(
      () => {
        this.#browser.drop(this);
        this.oncomplete?.();
      },
      (e) => {
        if (this.#over) return;
        this.error = e;
        this.#end();
        this.onabort?.();
      },
    );
  }

  #end() {
    this.#over = true;
    this.#browser.drop(this);
  }
}
