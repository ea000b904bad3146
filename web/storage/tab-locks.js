/**
 * Which tab holds what. A lock vanishes with its tab, however that ends.
 *
 * Browsers have locks for this, but only for safe connections. Elsewhere tabs
 * ask one another; and as a tab that slept through the question may wake up,
 * the last that took a lock leaves its token in the vault, where the former
 * holder finds it before it writes.
 *
 * @typedef {object} TabLock
 * @property {() => void} release
 * @property {() => Promise<boolean>} check whether it still holds
 *
 * @typedef {object} Locks
 * @property {(name: string) => Promise<TabLock | null>} take null: somebody holds it
 * @property {() => Promise<Set<string>>} held what any tab holds, this one too
 */

const family = 'inkdrift ';

/**
 * The locks of this browser.
 *
 * @param {import('./file-store.js').FileStore} vault
 * @param {{locks?: LockManager, Channel?: typeof BroadcastChannel}} [platform]
 * @returns {Locks}
 */
export function makeLocks(vault, platform = { locks: globalThis.navigator?.locks, Channel: globalThis.BroadcastChannel }) {
  if (platform.locks) return new WebLocks(platform.locks);
  return new TabLocks(vault, platform.Channel);
}

/** @implements {Locks} */
class WebLocks {
  #locks;

  /** @param {LockManager} locks */
  constructor(locks) {
    this.#locks = locks;
  }

  /** @param {string} name @returns {Promise<TabLock | null>} */
  take(name) {
    return new Promise((resolve, reject) => {
      const holding = (/** @type {Lock | null} */ lock) => {
        if (!lock) return resolve(null);
        return new Promise((release) => resolve({ release: () => release(undefined), check: async () => true }));
      };
      this.#locks.request(family + name, { ifAvailable: true }, holding).catch(reject);
    });
  }

  async held() {
    const { held = [] } = await this.#locks.query();
    const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(family));
    return new Set(names.map((name) => name.slice(family.length)));
  }
}

/**
 * Messages: {ask: name, token} before a lock is taken; {held: name} from whoever
 * has it or asked with a lower token; {who: true} and {list: names}.
 *
 * @implements {Locks}
 */
export class TabLocks {
  #vault;
  #waitMs;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** Tokens of what this tab holds. @type {Map<string, string>} */
  #mine = new Map();
  /** Tokens of what it asks for; a token is emptied when somebody else is to have it. @type {Map<string, string>} */
  #asked = new Map();
  /** What others say that they hold. @type {Set<string>} */
  #others = new Set();

  /**
   * @param {import('./file-store.js').FileStore} vault
   * @param {typeof BroadcastChannel} [Channel]
   * @param {number} [waitMs] how long others may take to answer
   */
  constructor(vault, Channel, waitMs = 300) {
    this.#vault = vault;
    this.#waitMs = waitMs;
    if (!Channel) return;
    this.#channel = new Channel(`${family}locks`);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** @param {any} data */
  #hear(data) {
    if (typeof data !== 'object' || data === null) return;
    if (typeof data.ask === 'string') {
      const token = this.#asked.get(data.ask);
      if (this.#mine.has(data.ask) || (token && token < data.token)) this.#channel?.postMessage({ held: data.ask });
      else if (token) this.#asked.set(data.ask, '');
    }
    if (typeof data.held === 'string' && this.#asked.has(data.held)) this.#asked.set(data.held, '');
    if (data.who) this.#channel?.postMessage({ list: [...this.#mine.keys()] });
    if (Array.isArray(data.list)) for (const name of data.list) this.#others.add(String(name));
  }

  /** @param {string} name @returns {Promise<TabLock | null>} */
  async take(name) {
    if (this.#mine.has(name) || this.#asked.has(name)) return null;
    const token = crypto.getRandomValues(new Uint32Array(2)).join('.');
    this.#asked.set(name, token);
    this.#channel?.postMessage({ ask: name, token });
    await this.#wait();
    const won = this.#asked.get(name) === token;
    if (won) this.#mine.set(name, token);
    this.#asked.delete(name);
    if (!won) return null;
    const fence = `fences/${name}`;
    await this.#vault.keep(fence, [new TextEncoder().encode(token)]);
    const check = async () => {
      const found = await this.#vault.get(fence);
      return found === null || new TextDecoder().decode(found) === token;
    };
    const release = async () => {
      this.#mine.delete(name);
      if (await check().catch(() => false)) await this.#vault.remove(fence).catch(() => {}); // the next holder writes over it
    };
    return { release: () => void release(), check };
  }

  async held() {
    this.#others.clear();
    this.#channel?.postMessage({ who: true });
    await this.#wait();
    return new Set([...this.#mine.keys(), ...this.#others]);
  }

  #wait() {
    return new Promise((done) => setTimeout(done, this.#channel ? this.#waitMs : 0));
  }
}
