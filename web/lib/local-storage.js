/**
 * Gives a storage that lives as long as the page.
 *
 * @returns {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>}
 */
export function memoryArea() {
  /** @type {Map<string, string>} */
  const values = new Map();
  const area = {
    getItem: (/** @type {string} */ key) => values.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ text) => void values.set(key, text),
    removeItem: (/** @type {string} */ key) => void values.delete(key),
  };
  return () => area;
}

/**
 * What outlives a reload. Storage may be full, switched off or forbidden; then
 * the page works without it and says so once.
 */
export class LocalStore {
  #area;
  #prefix;
  #failed = false;
  #onFail;

  /**
   * @param {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} area gives the storage; it may throw
   * @param {(error: Error) => void} onFail called at the first value that is not kept
   * @param {string} [prefix] of the keys
   */
  constructor(area, onFail, prefix = 'inkdrift.') {
    this.#area = area;
    this.#onFail = onFail;
    this.#prefix = prefix;
  }

  /**
   * Gives what was kept, or null: nothing, or nothing that can be read.
   *
   * @param {string} key
   * @returns {any}
   */
  get(key) {
    try {
      const text = this.#area().getItem(this.#prefix + key);
      return text === null ? null : JSON.parse(text);
    } catch {
      return null;
    }
  }

  /**
   * Keeps a value; undefined or null forgets it.
   *
   * @param {string} key
   * @param {any} value
   * @returns {boolean} whether it is kept
   */
  set(key, value) {
    try {
      const area = this.#area();
      if (value === undefined || value === null) area.removeItem(this.#prefix + key);
      else area.setItem(this.#prefix + key, JSON.stringify(value));
      return true;
    } catch (e) {
      if (!this.#failed) {
        this.#failed = true;
        this.#onFail(e instanceof Error ? e : new Error(String(e)));
      }
      return false;
    }
  }
}
