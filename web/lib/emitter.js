/**
 * A list of listeners for named events: what each event brings is in E.
 *
 * @template {Record<string, any[]>} [E=Record<string, any[]>]
 */
export class Emitter {
  /** @type {Map<keyof E, Set<(...args: any[]) => void>>} */
  #listeners = new Map();

  /**
   * @template {keyof E} K
   * @param {K} event
   * @param {(...args: E[K]) => void} fn
   * @returns {() => void} unsubscribes
   */
  on(event, fn) {
    /** @type {Set<(...args: any[]) => void>} */
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(fn);
    return () => void set.delete(fn);
  }

  /**
   * @template {keyof E} K
   * @param {K} event
   * @param {E[K]} args
   */
  emit(event, ...args) {
    for (const fn of [...(this.#listeners.get(event) ?? [])]) fn(...args);
  }
}
