/**
 * Notices when a leader falls silent. How long that may be depends on how long
 * its steps take.
 */

/** Times in milliseconds. @typedef {{quiet: number, sign: number, signWithoutSIMD: number}} Times */

/** Steps that may go by without a word. */
const silentSteps = 20;

/** Listens to a leader. */
export class LeaderWatchdog {
  /** Milliseconds that a step takes. */
  stepMs = 0;

  #times;
  #ask;
  #heard = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;

  /**
   * @param {Times} times
   * @param {() => void} ask asks the leader for a sign of life
   */
  constructor(times, ask) {
    this.#times = times;
    this.#ask = ask;
  }

  /** The leader has told of so many steps. @param {number} steps */
  hear(steps) {
    const now = Date.now();
    if (steps > 0 && this.#heard > 0) this.stepMs = (now - this.#heard) / steps;
    this.#heard = now;
  }

  /**
   * How long a sign of life may take.
   *
   * @param {string} backend what the workers compute with
   */
  patience(backend) {
    const { sign, signWithoutSIMD } = this.#times;
    return Math.max(backend === 'go' ? signWithoutSIMD : sign, silentSteps * this.stepMs);
  }

  /** Listens from now on. */
  listen() {
    this.stop();
    this.#heard = 0;
    let asked = Date.now();
    this.#watch = setInterval(() => {
      const silent = Date.now() - Math.max(this.#heard, asked);
      if (silent < Math.max(this.#times.quiet, silentSteps * this.stepMs)) return;
      asked = Date.now();
      this.#ask();
    }, this.#times.quiet / 4);
  }

  /** Nothing is expected to be heard. */
  stop() {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
