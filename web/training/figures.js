/**
 * The figures of a run: means over its last steps, its last evaluation, and whether
 * a limit on time or patience is reached.
 */

import { traits } from './families.js';

/**
 * The present figures are means over the last steps: a twentieth of the run, and at most
 * so many. While the ELBO rises fast, a longer mean would lie far below it, and below
 * that of the validation pictures.
 */
const averaged = { part: 0.05, most: 40 };

/** Least improvement, relative to the loss. */
const improvement = 1e-3;

/** @typedef {ReturnType<typeof noFigures>} Values as scripts see them */

/** Figures of a run without steps. */
export function noFigures() {
  return {
    step: 0,
    epoch: 0,
    currentEpoch: 0,
    steps: 0,
    seconds: 0,
    imagesPerSecond: 0,
    averagedSteps: 0,
    elbo: /** @type {number | null} */ (null),
    recon: /** @type {number | null} */ (null),
    kl: /** @type {number | null} */ (null),
    terms: /** @type {Record<string, number>} */ ({}),
    gradNorm: /** @type {number | null} */ (null),
    learningRate: /** @type {number | null} */ (null),
    beta: /** @type {number | null} */ (null),
    validation:
      /** @type {{step: number, images: number, elbo: number | null, recon: number | null, kl: number | null, terms: Record<string, number>}} */ ({
        step: 0,
        images: 0,
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

  /** Whether there is an ELBO: that takes an encoder. */
  #hasEncoder = true;
  /** Names of the objective's further terms. @type {string[]} */
  #terms = [];

  /** The last steps. @type {number[][]} */
  #lastSteps = [];
  /** Seconds that the run had when it was resumed. */
  #secondsBefore = 0;
  /** Seconds at the last start: the time limit counts from there. */
  #limitStart = 0;
  /** The best evaluation since then. */
  #best = { loss: Infinity, epoch: 0 };

  /**
   * @param {import('./settings.js').Settings} [settings] shown before the first step
   */
  constructor(settings) {
    if (!settings) return;
    const { learningRate, beta } = settings;
    this.#hasEncoder = traits(settings).encoder;
    Object.assign(this.values, { learningRate, beta: this.#hasEncoder ? beta : null });
  }

  /**
   * The run is open.
   *
   * @param {{step?: number, steps: number, stepsPerEpoch: number, terms?: string[]}} info
   * @param {{seconds: number, curves: import('./run.js').Curves, figures?: any} | null} saved a run that is resumed
   */
  opened({ step = 0, steps, stepsPerEpoch, terms = [] }, saved) {
    this.#terms = terms;
    this.#secondsBefore = saved?.seconds ?? 0;
    Object.assign(this.values, { step, steps, seconds: this.#secondsBefore });
    this.#countEpochs(step, stepsPerEpoch);
    const validation = saved?.curves.validation;
    if (!validation?.length) return;
    const at = (/** @type {string} */ c) => validation.column(c)[validation.length - 1];
    const has = terms.filter((name) => validation.columns.includes(name));
    // The set is the same during the whole run.
    const images = Number(saved?.figures?.validation?.images) || 0;
    this.#setValidation(at('step'), images, at('recon'), at('kl'), Object.fromEntries(has.map((name) => [name, at(name)])));
  }

  /** Training starts: limits count from here. */
  startLimits() {
    this.#limitStart = this.values.seconds;
    this.#best = { loss: Infinity, epoch: this.values.epoch };
  }

  /** The time limit was changed: it counts from here. */
  restartClock() {
    this.#limitStart = this.values.seconds;
  }

  /** Takes what the group tells of steps. @param {import('../generated/protocol.js').TrainEvent} e */
  addSteps(e) {
    for (const point of e.points) {
      const p = point.map((v) => v ?? NaN); // JSON has none
      if (!p[6] && Number.isFinite(p[1]) && Number.isFinite(p[2])) this.#lastSteps.push(p);
    }
    this.#lastSteps.splice(0, Math.max(0, this.#lastSteps.length - averaged.most));
    const last = this.#lastSteps.at(-1);
    if (last) {
      const recent = this.#lastSteps.slice(-Math.min(averaged.most, Math.ceil(last[0] * averaged.part)));
      const mean = (/** @type {number} */ i) => recent.reduce((sum, p) => sum + p[i], 0) / recent.length;
      const terms = Object.fromEntries(this.#terms.map((name, i) => [name, mean(7 + i)]));
      Object.assign(this.values, { averagedSteps: recent.length, terms, gradNorm: last[3], learningRate: last[4] });
      if (this.#hasEncoder) {
        const [recon, kl] = [mean(1), mean(2)];
        Object.assign(this.values, { recon, kl, elbo: -(recon + kl), beta: last[5] });
      }
    }
    const { step, steps, imagesPerSecond } = e;
    Object.assign(this.values, { step, steps, imagesPerSecond, seconds: this.#secondsBefore + e.seconds });
    this.#countEpochs(step, e.stepsPerEpoch);
  }

  /**
   * Counts complete epochs and the one in progress, which begins at 1. Both only
   * rise: steps that are undone are repeated in the same epoch.
   *
   * @param {number} step
   * @param {number} stepsPerEpoch
   */
  #countEpochs(step, stepsPerEpoch) {
    const epochs = step / Math.max(stepsPerEpoch, 1);
    this.values.epoch = Math.max(this.values.epoch, Math.floor(epochs));
    this.values.currentEpoch = Math.max(this.values.currentEpoch, Math.ceil(epochs));
  }

  /** Adds an evaluation. @param {import('./model-poller.js').Evaluation} e */
  addEvaluation({ step, images, recon, kl, terms = [], other = [] }) {
    this.#setValidation(step, images, recon, kl, Object.fromEntries(terms.map((name, i) => [name, other[i]])));
    if (recon + kl < this.#best.loss * (1 - improvement)) this.#best = { loss: recon + kl, epoch: this.values.epoch };
  }

  /**
   * @param {number} step
   * @param {number} images that were evaluated; 0: not known
   * @param {number} recon
   * @param {number} kl
   * @param {Record<string, number>} terms
   */
  #setValidation(step, images, recon, kl, terms) {
    this.values.validation = this.#hasEncoder
      ? { step, images, recon, kl, elbo: -(recon + kl), terms }
      : { step, images, recon: null, kl: null, elbo: null, terms };
  }

  /** Whether the time limit is reached; 0: there is none. @param {number} minutes */
  timeIsUp(minutes) {
    return minutes > 0 && this.values.seconds - this.#limitStart >= minutes * 60;
  }

  /** Whether there was no improvement for a number of epochs; 0: no limit. @param {number} epochs */
  isStuck(epochs) {
    return epochs > 0 && this.#hasEncoder && this.values.epoch - this.#best.epoch >= epochs;
  }
}
