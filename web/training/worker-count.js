/**
 * How many workers train.
 */
import { limits } from '../generated/protocol.js';

/** The setting that has the number found by trial (worker-tuner.js). */
export const auto = 0;

/** The setting unless a person or a script chooses a number. */
export const defaultWorkers = auto;

/** The most workers that are tried. */
const mostTried = 4;

/** The most where memory is short. */
const fewTried = 2;

/** Gigabytes of memory below which it is short. */
const littleMemory = 4;

/**
 * A number of workers that a pool can have.
 *
 * @param {number} wanted
 * @returns {number}
 */
export function clampWorkers(wanted) {
  return Math.max(1, Math.min(limits.workers, Math.round(wanted) || 1));
}

/**
 * The most workers that are tried on a device. Browsers do not say how many cores
 * are free, so it is only a bound.
 *
 * @param {object} device
 * @param {number} [device.hardwareConcurrency]
 * @param {number} [device.deviceMemory] gigabytes
 * @param {string} [device.userAgent]
 * @param {number} [device.maxTouchPoints]
 * @returns {number}
 */
export function mostWorkers({ hardwareConcurrency = 1, deviceMemory, userAgent = '', maxTouchPoints = 0 }) {
  // iOS ends the pages that use much memory. An iPad says that it is a Mac.
  const isIOS = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  const small = isIOS || (deviceMemory !== undefined && deviceMemory < littleMemory);
  return Math.max(1, Math.min(small ? fewTried : mostTried, hardwareConcurrency));
}

/**
 * What a number of workers that was found holds for: models of the same shape and batches of the same size.
 *
 * @param {any} [recipe]
 * @returns {string}
 */
export function shapeOf({ model = {}, train = {} } = {}) {
  const { family, input, encoder, decoder, hidden, kernel, discriminator, latent } = model;
  return JSON.stringify([family, input, encoder, decoder, hidden, kernel, discriminator, latent, train.batch, train.samples]);
}

/** How many shapes are remembered. */
const mostShapes = 20;

/**
 * Remembers what was found for shapes of models.
 *
 * @typedef {import('./worker-tuner.js').Choice} Choice
 */
export class WorkerChoices {
  #store;

  /** @param {Pick<import('../lib/local-storage.js').LocalStore, 'get' | 'set'>} store */
  constructor(store) {
    this.#store = store;
  }

  /** @returns {[string, Choice][]} the newest last */
  #all() {
    const all = this.#store.get('workers');
    const good = (/** @type {any} */ e) =>
      Array.isArray(e) && typeof e[0] === 'string' && Number.isInteger(e[1]?.workers) && e[1].workers >= 1 && e[1].rate > 0;
    return Array.isArray(all) ? all.filter(good) : [];
  }

  /** @param {string} shape @returns {Choice | null} */
  recall(shape) {
    return this.#all().find(([s]) => s === shape)?.[1] ?? null;
  }

  /** @param {string} shape @param {Choice} choice */
  remember(shape, choice) {
    this.#store.set('workers', [...this.#all().filter(([s]) => s !== shape), [shape, choice]].slice(-mostShapes));
  }
}
