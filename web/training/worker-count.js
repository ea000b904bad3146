/**
 * How many workers train.
 */

/** Most workers of a pool, as in wasm/proto. */
export const maxWorkers = 16;

/** Workers beyond this number gain little and take memory. */
const mostByDefault = 4;

/**
 * The number of workers unless a person or a script sets another: one core is
 * left for the page.
 *
 * @param {number} [cores] navigator.hardwareConcurrency
 * @returns {number}
 */
export function defaultWorkers(cores = 2) {
  return Math.max(1, Math.min(mostByDefault, cores - 1));
}

/**
 * A number of workers that a pool can have.
 *
 * @param {number} wanted
 * @returns {number}
 */
export function clampWorkers(wanted) {
  return Math.max(1, Math.min(maxWorkers, Math.round(wanted) || 1));
}
