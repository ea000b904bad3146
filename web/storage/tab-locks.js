/**
 * Locks between tabs: which tab owns which run. A lock ends with its tab.
 *
 * Browsers offer Web Locks only to secure contexts. Elsewhere tabs ask each
 * other. As a suspended tab does not answer, the last owner of a lock also writes
 * a token (a fencing token) to the file store, which a former owner finds before
 * it writes.
 *
 * @typedef {object} TabLock
 * @property {() => void} release
 * @property {() => Promise<boolean>} isHeld whether this tab still owns it
 *
 * @typedef {object} Locks
 * @property {(name: string, onLate?: (lock: TabLock | null) => void) => Promise<TabLock | null>} acquire null: another owner has it; rejects if
 *   the browser has none or does not answer in time; onLate is told then: null, or a lock that comes later, which is else released
 * @property {() => Promise<Set<string>>} held names of all locks that tabs own, this one included; rejects likewise
 */

import { InkdriftError } from '../lib/errors.js';
import { waitFor } from './time-limit.js';

const prefix = 'inkdrift ';

/**
 * The locks of this browser.
 *
 * @param {import('./file-store.js').FileStore} fileStore
 * @param {{locks?: LockManager, Channel?: typeof BroadcastChannel}} [platform]
 * @returns {Locks}
 */
export function makeLocks(fileStore, platform = { locks: globalThis.navigator?.locks, Channel: globalThis.BroadcastChannel }) {
  if (platform.locks) return new WebLocks(platform.locks);
  return new TabLocks(fileStore, platform.Channel);
}

/**
 * Opens a channel to other tabs, where there may be one: browsers that refuse storage refuse channels, too.
 *
 * @param {string} name
 * @param {typeof BroadcastChannel} [Channel]
 * @returns {BroadcastChannel | null}
 */
export function openChannel(name, Channel) {
  try {
    return Channel ? new Channel(name) : null;
  } catch {
    return null;
  }
}

/**
 * @param {any} e
 * @param {string} name
 */
const failure = (e, name) =>
  e instanceof InkdriftError ? e : new InkdriftError('storage-failed', `${e?.name ?? 'Error'}: ${e?.message ?? e}`, name);

/** count: how many. @typedef {{count: number, adopted: boolean, released: boolean, lock: TabLock | null}} Unanswered */

/** @implements {Locks} */
class WebLocks {
  #locks;
  /** Requests that were not answered in time, by name. @type {Map<string, Unanswered>} */
  #unanswered = new Map();

  /** @param {LockManager} locks */
  constructor(locks) {
    this.#locks = locks;
  }

  /**
   * @param {string} name
   * @param {(lock: TabLock | null) => void} [onLate]
   * @returns {Promise<TabLock | null>}
   */
  async acquire(name, onLate = (lock) => lock?.release()) {
    const request = this.#request(name);
    try {
      const lock = await waitFor(request, name);
      return lock ?? (await this.#adopt(name));
    } catch (e) {
      const late = this.#unanswered.get(name) ?? { count: 0, adopted: false, released: false, lock: null };
      this.#unanswered.set(name, late);
      late.count++;
      const end = (/** @type {TabLock | null} */ lock) => {
        if (--late.count === 0) this.#unanswered.delete(name);
        if (!lock || !late.adopted) onLate(lock);
        else if (late.released) lock.release();
        else late.lock = lock;
      };
      request.then(end, () => end(null));
      throw failure(e, name);
    }
  }

  /** @param {string} name @returns {Promise<TabLock | null>} */
  #request(name) {
    return new Promise((resolve, reject) => {
      const use = (/** @type {Lock | null} */ lock) => {
        if (!lock) return resolve(null);
        return new Promise((release) => resolve({ release: () => release(undefined), isHeld: async () => true }));
      };
      this.#locks.request(prefix + name, { ifAvailable: true }, use).catch(reject);
    });
  }

  /**
   * A lock that this tab was given without being told.
   *
   * @param {string} name
   * @returns {Promise<TabLock | null>}
   */
  async #adopt(name) {
    const late = this.#unanswered.get(name);
    if (!late || !(await waitFor(this.#isOwn(prefix + name), name))) return null;
    late.adopted = true;
    return {
      release() {
        late.released = true;
        late.lock?.release();
      },
      isHeld: async () => true,
    };
  }

  /** Whether this tab holds a lock: another one that it takes for the moment tells which tab this is. @param {string} name */
  #isOwn(name) {
    const mark = `inkdrift-tab ${crypto.getRandomValues(new Uint32Array(2)).join('.')}`;
    return this.#locks.request(mark, async () => {
      const { held = [] } = await this.#locks.query();
      const own = held.find((lock) => lock.name === mark)?.clientId;
      return held.some((lock) => lock.name === name && lock.clientId === own);
    });
  }

  async held() {
    const { held = [] } = await waitFor(this.#locks.query(), 'locks').catch((e) => {
      throw failure(e, 'locks');
    });
    const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(prefix));
    return new Set(names.map((name) => name.slice(prefix.length)));
  }
}

/**
 * Messages: {ask: name, token} before a lock is acquired; {held: name} from its
 * owner, or from a tab that asked with a lower token; {who: true} and {list: names}.
 *
 * @implements {Locks}
 */
export class TabLocks {
  #fileStore;
  #waitMs;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** Tokens of the locks that this tab owns. @type {Map<string, string>} */
  #owned = new Map();
  /** Tokens of the locks that it asks for; empty when another tab gets the lock. @type {Map<string, string>} */
  #requested = new Map();
  /** Names of the locks that other tabs own. @type {Set<string>} */
  #others = new Set();

  /**
   * @param {import('./file-store.js').FileStore} fileStore
   * @param {typeof BroadcastChannel} [Channel]
   * @param {number} [waitMs] how long to wait for answers of other tabs
   */
  constructor(fileStore, Channel, waitMs = 300) {
    this.#fileStore = fileStore;
    this.#waitMs = waitMs;
    this.#channel = openChannel(`${prefix}locks`, Channel);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#onMessage(data);
  }

  /** @param {any} data */
  #onMessage(data) {
    if (typeof data !== 'object' || data === null) return;
    if (typeof data.ask === 'string') {
      const token = this.#requested.get(data.ask);
      if (this.#owned.has(data.ask) || (token && token < data.token)) this.#channel?.postMessage({ held: data.ask });
      else if (token) this.#requested.set(data.ask, '');
    }
    if (typeof data.held === 'string' && this.#requested.has(data.held)) this.#requested.set(data.held, '');
    if (data.who) this.#channel?.postMessage({ list: [...this.#owned.keys()] });
    if (Array.isArray(data.list)) for (const name of data.list) this.#others.add(String(name));
  }

  /** @param {string} name @returns {Promise<TabLock | null>} */
  async acquire(name) {
    if (this.#owned.has(name) || this.#requested.has(name)) return null;
    const token = crypto.getRandomValues(new Uint32Array(2)).join('.');
    this.#requested.set(name, token);
    this.#channel?.postMessage({ ask: name, token });
    await this.#wait();
    const won = this.#requested.get(name) === token;
    if (won) this.#owned.set(name, token);
    this.#requested.delete(name);
    if (!won) return null;
    const fence = `fences/${name}`;
    const read = async () => {
      const found = await this.#fileStore.get(fence);
      return found && new TextDecoder().decode(found);
    };
    const write = () =>
      this.#fileStore.put(fence, [new TextEncoder().encode(token)]).then(
        () => true,
        () => false,
      );
    const before = await read().catch(() => null);
    let written = await write();
    const isHeld = async () => {
      const found = await read();
      if (found !== null && found !== token && (written || found !== before)) return false;
      if (!written) written = found === token || (await write());
      return true;
    };
    const release = async () => {
      this.#owned.delete(name);
      if (await isHeld().catch(() => false)) await this.#fileStore.remove(fence).catch(() => {}); // the next owner overwrites it
    };
    return { release: () => void release(), isHeld };
  }

  async held() {
    this.#others.clear();
    this.#channel?.postMessage({ who: true });
    await this.#wait();
    return new Set([...this.#owned.keys(), ...this.#others]);
  }

  #wait() {
    return new Promise((done) => setTimeout(done, this.#channel ? this.#waitMs : 0));
  }
}
