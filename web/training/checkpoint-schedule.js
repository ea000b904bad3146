/**
 * The newest checkpoint of a run, and when the next one is due.
 *
 * @typedef {import('./pool-worker.js').Checkpoint} Checkpoint
 */

/** Times in milliseconds. */
export const defaultTimes = {
  /** a checkpoint at least this often while training, in a short run more often: with its age and the time to write it, no more than 10 s are lost */
  checkpoint: 5_000,
  /** a checkpoint is never older than this */
  stale: 2_000,
  /** silence after which the leader is asked for a sign of life */
  quiet: 5_000,
  /** how long that sign may take, at least */
  sign: 5_000,
  /** how long that may take in plain Go, where one step can take seconds */
  signWithoutSIMD: 60_000,
  /** how long those who are ready wait for the others */
  join: 15_000,
};

/** The newest checkpoint of a run. */
export class CheckpointSchedule {
  /** @type {Checkpoint | null} */
  newest = null;
  #every;
  #at = Date.now();
  #step = 0;

  /** @param {number} every milliseconds of training between two checkpoints */
  constructor(every) {
    this.#every = every;
  }

  /**
   * Whether it is time for one: a short run, of which a twentieth goes by
   * quickly, has them more often, but no more than five times.
   *
   * @param {number} step
   * @param {number} steps of the whole run
   */
  isDue(step, steps) {
    const since = Date.now() - this.#at;
    return since >= this.#every || (since >= this.#every / 5 && step - this.#step >= steps / 20);
  }

  /** One has been asked for. @param {number} step */
  begin(step) {
    this.#at = Date.now();
    this.#step = step;
  }

  /**
   * Takes one that has come.
   *
   * @param {Checkpoint} checkpoint
   * @returns {boolean} whether it is newer than the last one
   */
  take(checkpoint) {
    if (this.newest && checkpoint.step < this.newest.step) return false;
    const newer = checkpoint.step > (this.newest?.step ?? -1);
    this.newest = checkpoint; // of the same step may have other settings
    return newer;
  }
}
