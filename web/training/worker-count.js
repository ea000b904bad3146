/**
 * How many workers train.
 */
import { limits } from '../generated/protocol.js';

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
  return Math.max(1, Math.min(limits.workers, Math.round(wanted) || 1));
}
