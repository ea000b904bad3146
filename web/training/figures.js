/**
 * The figures of a run: what its last steps and its last validation say, and
 * whether that is reason enough to stop.
 */

import { traits } from './families.js';

/** Steps whose mean is told as the present figure. */
const recent = 40;

/** What counts as an improvement, as a part of the loss. */
const improvement = 1e-3;

/** @typedef {ReturnType<typeof noFigures>} Values what scripts see of it */

/** Figures before there are any. */
export function noFigures() {
  return {
    step: 0,
    epoch: 0,
    steps: 0,
    seconds: 0,
    imagesPerSecond: 0,
    elbo: /** @type {number | null} */ (null),
    recon: /** @type {number | null} */ (null),
    kl: /** @type {number | null} */ (null),
    terms: /** @type {Record<string, number>} */ ({}),
    gradNorm: /** @type {number | null} */ (null),
    learningRate: /** @type {number | null} */ (null),
    beta: /** @type {number | null} */ (null),
    validation:
      /** @type {{step: number, elbo: number | null, recon: number | null, kl: number | null, terms: Record<string, number>}} */ ({
        step: 0,
        elbo: null,
        recon: null,
        kl: null,
        terms: {},
      }),
  };
}

/** The figures of one run. */
export class Figures {
  values = noFigures();

  /** Whether there is an ELBO: without an encoder nobody can say what it is. */
  #judged = true;
  /** Names of the objective's further terms. @type {string[]} */
  #terms = [];

  /** The last steps. @type {number[][]} */
  #tail = [];
  /** Seconds that the run had when it was taken up. */
  #earlier = 0;
  /** Seconds at which it was last told to run: the time limit counts from there. */
  #from = 0;
  /** The best validation since then. */
  #best = { loss: Infinity, epoch: 0 };

  /**
   * @param {import('./settings.js').Settings} [settings] before a step tells
   */
  constructor(settings) {
    if (!settings) return;
    const { learningRate, beta } = settings;
    this.#judged = traits(settings).encoder;
    Object.assign(this.values, { learningRate, beta: this.#judged ? beta : null });
  }

  /**
   * The run is open.
   *
   * @param {{step?: number, steps: number, stepsPerEpoch: number, terms?: string[]}} info
   * @param {{seconds: number, curves: import('./run.js').Curves} | null} held what is known of a run that is taken up again
   */
  opened({ step = 0, steps, stepsPerEpoch, terms = [] }, held) {
    this.#terms = terms;
    this.#earlier = held?.seconds ?? 0;
    Object.assign(this.values, { step, steps, seconds: this.#earlier, epoch: Math.floor(step / Math.max(stepsPerEpoch, 1)) });
    const measured = held?.curves.validation;
    if (!measured?.length) return;
    const at = (/** @type {string} */ c) => measured.column(c)[measured.length - 1];
    const has = terms.filter((name) => measured.columns.includes(name));
    this.#validated(at('step'), at('recon'), at('kl'), Object.fromEntries(has.map((name) => [name, at(name)])));
  }

  /** It is told to run: limits count from here. */
  begin() {
    this.#from = this.values.seconds;
    this.#best = { loss: Infinity, epoch: this.values.epoch };
  }

  /** Another time limit counts from here. */
  restartClock() {
    this.#from = this.values.seconds;
  }

  /** Takes what the group tells of steps. @param {import('../generated/protocol.js').TrainEvent} e */
  trained(e) {
    for (const point of e.points) {
      const p = point.map((v) => v ?? NaN); // JSON has none
      if (!p[6] && Number.isFinite(p[1]) && Number.isFinite(p[2])) this.#tail.push(p);
    }
    this.#tail.splice(0, Math.max(0, this.#tail.length - recent));
    const last = this.#tail.at(-1);
    if (last) {
      const mean = (/** @type {number} */ i) => this.#tail.reduce((sum, p) => sum + p[i], 0) / this.#tail.length;
      const terms = Object.fromEntries(this.#terms.map((name, i) => [name, mean(7 + i)]));
      Object.assign(this.values, { terms, gradNorm: last[3], learningRate: last[4] });
      if (this.#judged) {
        const [recon, kl] = [mean(1), mean(2)];
        Object.assign(this.values, { recon, kl, elbo: -(recon + kl), beta: last[5] });
      }
    }
    const { step, epoch, steps, imagesPerSecond } = e;
    Object.assign(this.values, { step, epoch, steps, imagesPerSecond, seconds: this.#earlier + e.seconds });
  }

  /** Takes an evaluation. @param {import('./model-poller.js').Measured} e */
  measured({ step, recon, kl, terms = [], other = [] }) {
    this.#validated(step, recon, kl, Object.fromEntries(terms.map((name, i) => [name, other[i]])));
    if (recon + kl < this.#best.loss * (1 - improvement)) this.#best = { loss: recon + kl, epoch: this.values.epoch };
  }

  /**
   * @param {number} step
   * @param {number} recon
   * @param {number} kl
   * @param {Record<string, number>} terms
   */
  #validated(step, recon, kl, terms) {
    this.values.validation = this.#judged
      ? { step, recon, kl, elbo: -(recon + kl), terms }
      : { step, recon: null, kl: null, elbo: null, terms };
  }

  /** Whether it has run for so long; 0: there is no limit. @param {number} minutes */
  timeIsUp(minutes) {
    return minutes > 0 && this.values.seconds - this.#from >= minutes * 60;
  }

  /** Whether it has not got better for so many epochs; 0: that is no reason. @param {number} epochs */
  isStuck(epochs) {
    return epochs > 0 && this.#judged && this.values.epoch - this.#best.epoch >= epochs;
  }
}
