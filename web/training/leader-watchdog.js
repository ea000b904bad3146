/**
 * Notices when the leader of a group is silent. The limit depends on how long its
 * steps take.
 */

/** Times in milliseconds, see pool-timing.js. @typedef {{quiet: number, sign: number, signWithoutSIMD: number}} Times */

/** Steps that may pass without a message. */
const silentSteps = 20;

/** Pings a leader that is silent for too long. */
export class LeaderWatchdog {
  /** Milliseconds that a step takes. */
  stepMs = 0;

  #times;
  #ping;
  #lastMessage = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {Times} times
   * @param {() => void} ping
   */
  constructor(times, ping) {
    this.#times = times;
    this.#ping = ping;
  }

  /** The leader has reported steps. @param {number} steps */
  progress(steps) {
    const now = Date.now();
    if (steps > 0 && this.#lastMessage > 0) this.stepMs = (now - this.#lastMessage) / steps;
    this.#lastMessage = now;
  }

  /**
   * Limit on the answer to a ping, in milliseconds.
   *
   * @param {string} backend kernel of the workers
   */
  pingTimeout(backend) {
    const { sign, signWithoutSIMD } = this.#times;
    return Math.max(backend === 'go' ? signWithoutSIMD : sign, silentSteps * this.stepMs);
  }

  /** Starts watching. */
  start() {
    this.stop();
    this.#lastMessage = 0;
    let lastPing = Date.now();
    this.#timer = setInterval(() => {
      const silent = Date.now() - Math.max(this.#lastMessage, lastPing);
      if (silent < Math.max(this.#times.quiet, silentSteps * this.stepMs)) return;
      lastPing = Date.now();
      this.#ping();
    }, this.#times.quiet / 4);
  }

  /** Stops watching: the leader is not training. */
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
