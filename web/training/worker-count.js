/**
 * How many workers train.
 */
import { limits } from '../generated/protocol.js';

/**
 * The number of workers unless a person or a script sets another. Two train dense
 * models at 0.7 to 1.1 of the speed of one (`make bench`, two cores): to exchange
 * gradients takes as long as a step. Nor do browsers say how many cores are free.
 */
export const defaultWorkers = 1;

/**
 * A number of workers that a pool can have.
 *
 * @param {number} wanted
 * @returns {number}
 */
export function clampWorkers(wanted) {
  return Math.max(1, Math.min(limits.workers, Math.round(wanted) || 1));
}
