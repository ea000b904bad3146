/**
 * Modules that come when they are needed.
 */
import { InkdriftError } from './errors.js';
import { came, late, patience } from './fetch-file.js';

/** The names of scripts that have arrived damaged since the last look; caches have them anew now. */
const damaged = async () => (await globalThis.inkdriftFiles?.check()) ?? [];

/**
 * Fails if a script has arrived damaged, even if it runs; sees to styles as well.
 *
 * @throws {InkdriftError} fetch-failed, which asks for a reload
 */
export async function checkWhole() {
  const torn = await damaged();
  if (torn.length > 0) throw failure('', torn, '');
}

/**
 * Imports a module, once more if that fails. One that arrived torn stays so as long as
 * the page is there: then the error asks for a reload.
 *
 * @template T
 * @param {() => Promise<T>} load
 * @param {string} name what is said to be late
 * @returns {Promise<T>}
 * @throws {InkdriftError} fetch-failed
 */
export async function loadModule(load, name) {
  const timer = setTimeout(() => late(name), patience);
  try {
    const module = await load().catch(() => null);
    const torn = await damaged();
    if (module && torn.length > 0) throw failure('', torn, name); // it runs, and lacks its end
    return module ?? (await load().catch((e) => Promise.reject(failure(e, torn, name))));
  } finally {
    clearTimeout(timer);
    came(name);
  }
}

/**
 * @param {unknown} why
 * @param {string[]} torn
 * @param {string} name
 */
function failure(why, torn, name) {
  const message = why instanceof Error ? why.message : String(why);
  const [file = name] = /[\w-]+\.js\b/.exec(message) ?? []; // some browsers name it
  const error = new InkdriftError('fetch-failed', message, torn.join(', ') || file);
  error.reload = torn.length > 0 || why instanceof SyntaxError;
  return error;
}
