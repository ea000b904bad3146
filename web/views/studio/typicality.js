/**
 * How typical of digits a drawing is: the ELBO, in which KL counts twice, less what is
 * usual for digits with as much ink, among the same of test digits.
 *
 * @typedef {object} Reference what tools/eval -typical measured of a model; counts are by steps of the score from `from`
 * @property {string} set name of the test digits
 * @property {[number, number]} usual what is usual without ink, and for each unit of ink more, in nats
 * @property {number} from nats
 * @property {number} step nats
 * @property {number[]} digits
 * @property {number[]} others
 * @property {number} auroc
 *
 * @typedef {{elbo: number, score: number | null, share: number | null}} Typicality in nats; share: of the test digits that
 *   have a lower score; null where the model has not been measured
 */
import { cacheOffline } from '../../engine/offline.js';
import { fetchJSON } from '../../engine/assets.js';

/** How often KL counts in the score; vae/metric/typical.go has the same. */
const beta = 2;

/** How many latents the ELBO is the mean of, and the seed of their noise: those of the reference. */
const draws = 9;
const seed = 1;

const file = 'models/typical.json';

/** @param {number[]} counts */
export const total = (counts) => counts.reduce((a, b) => a + b, 0);

/**
 * The score of a drawing, in nats.
 *
 * @param {Reference} reference
 * @param {{elbo: number, kl: number}} terms
 * @param {ArrayLike<number>} pixels
 */
export function scoreOf({ usual }, { elbo, kl }, pixels) {
  let ink = 0;
  for (let i = 0; i < pixels.length; i++) ink += pixels[i];
  return elbo - (beta - 1) * kl - usual[0] - usual[1] * ink;
}

/**
 * The share of the test digits that have a lower score.
 *
 * @param {Reference} reference
 * @param {number} score
 */
export function shareBelow({ from, step, digits }, score) {
  const at = (score - from) / step;
  const whole = Math.min(Math.max(Math.floor(at), 0), digits.length);
  const part = whole < digits.length && at > 0 ? (at - whole) * digits[whole] : 0;
  return (total(digits.slice(0, whole)) + part) / total(digits);
}

/** Measures what is on a pad. */
export class TypicalityMeter {
  /** The measurements by model, once they have come. @type {Record<string, Reference> | null} */
  #references = null;
  #context;

  /** @param {Pick<import('./try-panel.js').TryContext, 'engine' | 'models' | 'assets'>} context */
  constructor(context) {
    this.#context = context;
  }

  /** What was measured of the model in use. @returns {Reference | null} */
  get reference() {
    const { name, listed } = this.#context.models;
    return (listed && this.#references?.[name ?? '']) || null;
  }

  /**
   * Measures the drawing that the engine has.
   *
   * @param {import('../../ui/pad.js').Pad} pad
   * @returns {Promise<Typicality | null>} null where nothing is drawn
   * @throws {InkdriftError} fetch-failed, and those of the engine
   */
  async measure(pad) {
    const { engine, assets } = this.#context;
    if (!this.#references) {
      this.#references = await fetchJSON((await assets()).url(file), 'fetch-failed');
      void cacheOffline(file);
    }
    const { head } = await engine.request('explain', { pad: pad.name, draws, seed });
    if (head.example) return null;
    const elbo = head.least - head.negELBO.reduce((a, b) => a + b, 0) / head.draws;
    const { reference } = this;
    if (!reference) return { elbo, score: null, share: null };
    const score = scoreOf(reference, { elbo, kl: head.kl }, pad.result.pixels);
    return { elbo, score, share: shareBelow(reference, score) };
  }
}
