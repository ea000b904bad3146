/**
 * Fakes of a browser's storage: a private file system and a database of limited
 * capacity, which fail when a test wants them to, and the locks and channels that
 * tabs share.
 */

/** A disk that both kinds of storage are on. */
export class Disk {
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */
  files = new Map();
  /** Capacity in bytes. */
  capacity = Infinity;
  /** Called before each step of a write and each other use; may throw. @type {(step: string, name: string) => void} */
  before = () => {};
  /** Bytes of what is written and not yet in its place. */
  pending = 0;

  get used() {
    let sum = this.pending;
    for (const f of this.files.values()) sum += f.length ?? 0;
    return sum;
  }

  /** @param {string} step @param {string} name */
  step(step, name) {
    this.before(step, name);
  }

  /** @param {number} bytes more, or less if negative */
  reserve(bytes) {
    if (bytes > 0 && this.used + bytes > this.capacity) throw full();
    this.pending += bytes;
  }
}

export const full = () => new DOMException('disk full', 'QuotaExceededError');
const missing = () => new DOMException('there is none', 'NotFoundError');

/**
 * A StorageManager with a private file system. It writes as browsers do: to a
 * file of its own, that takes the place of the other at the end.
 *
 * @param {Disk} disk
 * @returns {any}
 */
export function fakeStorage(disk) {
  const folder = {
    async getFileHandle(/** @type {string} */ name, { create = false } = {}) {
      disk.step('handle', name);
      if (!disk.files.has(name)) {
        if (!create) throw missing();
        disk.files.set(name, new Uint8Array(0));
      }
      return {
        async getFile() {
          disk.step('read', name);
          const bytes = disk.files.get(name);
          if (!bytes) throw missing();
          return new Blob([bytes]);
        },
        async createWritable() {
          disk.step('open', name);
          /** @type {Uint8Array<ArrayBuffer>[]} */
          const parts = [];
          const size = () => parts.reduce((n, p) => n + p.length, 0);
          return {
            async write(/** @type {Uint8Array<ArrayBuffer>} */ part) {
              disk.step('write', name);
              disk.reserve(part.length);
              parts.push(part.slice());
            },
            async close() {
              disk.step('close', name);
              disk.reserve(-size());
              disk.files.set(name, new Uint8Array(await new Blob(parts).arrayBuffer()));
            },
            async abort() {
              disk.reserve(-size());
            },
          };
        },
      };
    },
    async *keys() {
      disk.step('list', '');
      yield* [...disk.files.keys()];
      yield 'half.crswap';
    },
    async removeEntry(/** @type {string} */ name) {
      disk.step('remove', name);
      if (!disk.files.delete(name)) throw missing();
    },
  };
  return {
    getDirectory: async () => ({
      getDirectoryHandle: async () => {
        disk.step('folder', '');
        return folder;
      },
    }),
    estimate: async () => ({ usage: disk.used, quota: disk.capacity }),
  };
}

/**
 * An IDBFactory, as far as it is used. A transaction is complete when its last
 * request has been answered and nothing more was asked for.
 *
 * @param {Disk} disk
 * @returns {any}
 */
export function fakeDatabase(disk) {
  let made = false;
  const later = (/** @type {() => void} */ fn) => setTimeout(fn);
  const database = {
    closed: false,
    close() {},
    createObjectStore() {},
    transaction() {
      if (database.closed) throw new DOMException('the connection is closed', 'InvalidStateError');
      /** What it changes; null: removed. @type {Map<string, any>} */
      const changes = new Map();
      let open = 0;
      let over = false;
      /** @type {any} */
      const transaction = {
        abort() {
          over = true;
          later(() => transaction.onabort());
        },
      };
      const fail = (/** @type {any} */ e) => {
        transaction.error = e;
        transaction.abort();
      };
      const complete = () => {
        over = true;
        for (const [name, v] of changes) {
          if (v === null) disk.files.delete(name);
          else disk.files.set(name, v);
        }
        transaction.oncomplete();
      };
      const ask = (/** @type {() => any} */ act) => {
        if (over) throw new DOMException('it is over', 'TransactionInactiveError');
        /** @type {any} */
        const request = {};
        open++;
        later(() => {
          if (over) return;
          try {
            request.result = act();
          } catch (e) {
            fail(e);
            return;
          }
          open--;
          request.onsuccess?.();
          if (open === 0 && !over) complete();
        });
        return request;
      };
      const found = (/** @type {string} */ name) => (changes.has(name) ? changes.get(name) : disk.files.get(name)) ?? undefined;
      transaction.objectStore = () => ({
        put: (/** @type {any} */ v, /** @type {string} */ name) =>
          ask(() => {
            disk.step('write', name);
            changes.set(name, structuredClone(v));
            let more = 0;
            for (const c of changes.values()) more += c?.length ?? 0;
            if (disk.used + more > disk.capacity) throw full();
          }),
        get: (/** @type {string} */ name) =>
          ask(() => {
            disk.step('read', name);
            return structuredClone(found(name));
          }),
        getAllKeys: () => ask(() => [...disk.files.keys()]),
        delete: (/** @type {string} */ name) => ask(() => void changes.set(name, null)),
      });
      return transaction;
    },
  };
  return {
    database,
    databases: async () => (made ? [{ name: 'inkdrift' }] : []),
    open() {
      /** @type {any} */
      const request = { result: database };
      later(() => {
        try {
          disk.step('open', '');
        } catch (e) {
          request.error = e;
          request.onerror();
          return;
        }
        database.closed = false;
        if (!made) request.onupgradeneeded();
        made = true;
        request.onsuccess();
      });
      return request;
    },
  };
}

/** The locks of one browser; each tab has a LockManager of its own. */
export class FakeLocks {
  /** @type {Map<string, object>} */
  #held = new Map();

  /** @returns {{locks: any, kill: () => void}} a tab; kill ends it, and its locks with it */
  tab() {
    const me = {};
    const held = this.#held;
    return {
      locks: {
        async request(/** @type {string} */ name, /** @type {any} */ options, /** @type {(lock: any) => any} */ use) {
          if (!options.ifAvailable) throw new Error('only ifAvailable is known here');
          if (held.has(name)) return use(null);
          held.set(name, me);
          await use({ name });
          if (held.get(name) === me) held.delete(name);
        },
        query: async () => ({ held: [...held.keys()].map((name) => ({ name })) }),
      },
      kill() {
        for (const [name, who] of held) if (who === me) held.delete(name);
      },
    };
  }
}

/** @returns {any} a class of channels that reach one another, and nothing else */
export function fakeChannels() {
  /** @type {Set<any>} */
  const all = new Set();
  return class {
    /** @type {((e: any) => void) | null} */
    onmessage = null;
    asleep = false;

    /** @param {string} name */
    constructor(name) {
      this.name = name;
      all.add(this);
    }

    /** @param {any} data */
    postMessage(data) {
      for (const other of all) {
        if (other !== this && other.name === this.name) setTimeout(() => all.has(other) && !other.asleep && other.onmessage?.({ data }));
      }
    }

    close() {
      all.delete(this);
    }
  };
}
