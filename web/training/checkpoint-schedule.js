/**
 * The newest checkpoint of a run, and when the next one is due.
 *
 * @typedef {import('./pool-worker.js').Checkpoint} Checkpoint
 */

/** A short run has a checkpoint after each such part of its steps, */
const partOfRun = 1 / 20;
/** but not more often than this part of the interval. */
const partOfInterval = 1 / 5;

export class CheckpointSchedule {
  /** @type {Checkpoint | null} */
  newest = null;
  #interval;
  #lastTime = Date.now();
  #lastStep = 0;

  /** @param {number} interval milliseconds of training between two checkpoints */
  constructor(interval) {
    this.#interval = interval;
  }

  /**
   * Whether a checkpoint is due.
   *
   * @param {number} step
   * @param {number} steps of the whole run
   */
  isDue(step, steps) {
    const elapsed = Date.now() - this.#lastTime;
    return elapsed >= this.#interval || (elapsed >= this.#interval * partOfInterval && step - this.#lastStep >= steps * partOfRun);
  }

  /** A checkpoint has been requested. @param {number} step */
  requested(step) {
    this.#lastTime = Date.now();
    this.#lastStep = step;
  }

  /**
   * Stores a checkpoint unless it is older than the newest.
   *
   * @param {Checkpoint} checkpoint
   * @returns {boolean} whether it is newer than the last one
   */
  add(checkpoint) {
    if (this.newest && checkpoint.step < this.newest.step) return false;
    const newer = checkpoint.step > (this.newest?.step ?? -1);
    this.newest = checkpoint; // at the same step its settings may differ
    return newer;
  }
}
