/**
 * Finds how many workers train fastest, by trial: another one joins for a few
 * seconds and stays if the rate rises by a twentieth: what is lost where it rises
 * by less is less than that. Where training becomes much
 * slower, because the machine is busy, it tries with one less. The number
 * changes no bit of the result. Time is that of training, pauses left out.
 */

/** How it decides; times in seconds. */
export const defaultPolicy = {
  /** after a change, before a rate is measured */
  settle: 1,
  /** over which a rate is measured, at least */
  window: 2,
  /** steps in which a rate is measured, at least */
  steps: 4,
  /** what another worker must gain */
  gain: 1.05,
  /** the machine has become busy: the rate has fallen to this part of what it was */
  busy: 0.75,
  /** after one has joined, before it is tried once without it: in the first epoch pictures are made, which more workers do faster */
  confirm: 20,
  /** between two trials of a number that did not pay; it doubles each time */
  again: 60,
  /** the longest such time */
  longest: 960,
};

/**
 * What is remembered of a shape of model.
 *
 * @typedef {{workers: number, rate: number}} Choice rate: steps a second
 */

export class WorkerTuner {
  /** How many workers there are to be now. */
  workers;

  #most;
  #policy;
  /** What it was before a trial; null: none is going on. @type {{workers: number, rate: number} | null} */
  #before = null;
  /** A trial that failed, until what it is compared with is measured again. @type {{workers: number, rate: number} | null} */
  #doubt = null;
  /** Steps a second with this number; 0: not known. */
  #rate;
  /** Whether another one is tried once the rate is known. */
  #curious;
  /** Windows in a row that were slow, or fast. */
  #odd = 0;
  /** When one less is tried, once; 0: not. */
  #confirm = 0;
  /** When another one may be tried again, and the time after which. */
  #next = 0;
  #wait;
  /** Where the present window begins; null: after the next report. @type {{step: number, seconds: number} | null} */
  #from = null;
  /** When the number changed last. */
  #changed = -Infinity;

  /**
   * @param {object} from
   * @param {number} from.most the most workers
   * @param {Choice | null} [from.remembered] of an earlier run of this shape
   * @param {Partial<typeof defaultPolicy>} [from.policy]
   */
  constructor({ most, remembered = null, policy = {} }) {
    this.#most = most;
    this.#policy = { ...defaultPolicy, ...policy };
    this.#wait = this.#policy.again;
    const known = remembered !== null && remembered.workers <= most;
    this.workers = known ? remembered.workers : 1;
    this.#rate = known ? remembered.rate : 0;
    this.#curious = !known;
  }

  /** What to remember; null: nothing yet. @returns {Choice | null} */
  get choice() {
    const { workers, rate } = this.#before ?? { workers: this.workers, rate: this.#rate };
    return rate > 0 && !this.#curious ? { workers, rate } : null;
  }

  /** Whether a number was found, and no trial is going on or soon to come. */
  get isSettled() {
    return this.#before === null && this.#doubt === null && !this.#curious && this.#rate > 0 && this.#confirm === 0;
  }

  /** Fewer are left: what ended one would end the next. @param {number} alive */
  lost(alive) {
    this.#most = Math.max(1, Math.min(this.#most, alive));
    this.workers = Math.min(this.workers, this.#most);
    this.#before = this.#doubt = this.#from = null;
    this.#confirm = 0;
    this.#rate = 0;
  }

  /**
   * Takes a report of progress.
   *
   * @param {number} step steps taken
   * @param {number} seconds of training
   * @returns {boolean} whether `workers` has changed; the next report is to be of so many
   */
  progress(step, seconds) {
    if (this.#from === null || step < this.#from.step || seconds < this.#from.seconds) {
      if (this.#changed === -Infinity || seconds < this.#changed) this.#changed = seconds;
      if (seconds - this.#changed >= this.#policy.settle) this.#from = { step, seconds };
      return false;
    }
    const { window, steps } = this.#policy;
    if (seconds - this.#from.seconds < window || step - this.#from.step < steps) return false;
    const rate = (step - this.#from.step) / (seconds - this.#from.seconds);
    this.#from = { step, seconds };
    const workers = this.#decide(rate, seconds);
    if (workers === this.workers) return false;
    this.workers = workers;
    this.#changed = -Infinity; // with the next report, which is to come when they train
    this.#from = null;
    return true;
  }

  /**
   * @param {number} rate with the present number
   * @param {number} now
   * @returns {number} how many there are to be
   */
  #decide(rate, now) {
    if (this.#before) return this.#judge(this.#before, rate, now);
    const { busy, gain } = this.#policy;
    if (this.#doubt) {
      // The machine may have become slower during the trial: it is compared with what is there after it, too.
      const { workers, rate: tried } = this.#doubt;
      this.#doubt = null;
      this.#rate = rate;
      if (workers > this.workers ? tried >= gain * rate : gain * tried >= rate) return this.#try(workers, rate);
      return this.workers;
    }
    if (this.#curious || this.#rate === 0) {
      this.#rate = rate;
      return this.#curious ? this.#more(rate) : this.workers;
    }
    const slow = rate < busy * this.#rate;
    const fast = rate * busy > this.#rate;
    this.#odd = slow || fast ? this.#odd + 1 : 0;
    if (this.#odd >= 2) {
      this.#odd = 0;
      this.#rate = rate;
      if (slow && this.workers > 1) return this.#try(this.workers - 1, rate);
      if (fast) return this.#more(rate);
    }
    if (!slow && !fast) this.#rate += (rate - this.#rate) / 4;
    if (this.#confirm > 0 && now >= this.#confirm && this.workers > 1) {
      this.#confirm = 0;
      return this.#try(this.workers - 1, this.#rate);
    }
    return now >= this.#next && this.#next > 0 ? this.#more(rate) : this.workers;
  }

  /** Tries one more, if there may be. @param {number} rate */
  #more(rate) {
    this.#curious = false;
    return this.workers < this.#most ? this.#try(this.workers + 1, rate) : this.workers;
  }

  /** @param {number} workers @param {number} rate with the present number */
  #try(workers, rate) {
    this.#before = { workers: this.workers, rate };
    return workers;
  }

  /**
   * Decides a trial: the larger number must pay.
   *
   * @param {{workers: number, rate: number}} before
   * @param {number} rate
   * @param {number} now
   */
  #judge(before, rate, now) {
    const { gain, longest } = this.#policy;
    this.#before = null;
    const more = this.workers > before.workers;
    if (more ? rate >= gain * before.rate : gain * rate >= before.rate) {
      this.#rate = rate;
      this.#restart(now);
      if (more) this.#confirm = now + this.#policy.confirm;
      return more ? this.#more(rate) : this.workers;
    }
    this.#doubt = { workers: this.workers, rate };
    this.#rate = before.rate;
    if (more) {
      this.#next = now + this.#wait;
      this.#wait = Math.min(2 * this.#wait, longest);
    }
    return before.workers;
  }

  /** Another trial may come as soon as in the beginning. @param {number} now */
  #restart(now) {
    const { again } = this.#policy;
    this.#wait = again;
    this.#next = now + again;
  }
}
