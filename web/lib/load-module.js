/**
 * Modules that come when they are needed.
 */
import { InkdriftError } from './errors.js';
import { came, late, patience } from './fetch-file.js';

/**
 * Imports a module, once more if that fails. One that arrived torn stays so as long as
 * the page is there: the caches are given it anew, and the error asks for a reload.
 *
 * @template T
 * @param {() => Promise<T>} load
 * @param {string} name what is said to be late
 * @returns {Promise<T>}
 */
export async function loadModule(load, name) {
  const timer = setTimeout(() => late(name), patience);
  try {
    return await load().catch(async () => {
      const torn = (await globalThis.inkdriftFiles?.check()) ?? [];
      try {
        return await load();
      } catch (e) {
        const message = e instanceof Error ? e.message : String(e);
        const error = new InkdriftError('fetch-failed', message, torn.join(', ') || name);
        error.reload = torn.length > 0;
        throw error;
      }
    });
  } finally {
    clearTimeout(timer);
    came(name);
  }
}
