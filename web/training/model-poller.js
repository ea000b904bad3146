/**
 * Looks at a model while it trains, and measures it, for a small part of the
 * workers' time.
 *
 * @typedef {{recon: Float32Array, originals: Float32Array, samples: Float32Array, scatter: Float32Array, labels: number[],
 *   grid: Float32Array, latent: number, explained: number[], shape: number[]}} Look
 * @typedef {{step: number, recon: number, kl: number, elbo: number, klPerDim: number[], active: boolean[], terms?: string[],
 *   other?: number[]}} Measured
 */
import { Emitter } from '../lib/emitter.js';

/** How many of each are looked at. */
export const looked = { recon: 12, samples: 24, scatter: 500, grid: 14 };

/** The seed of the points that samples are painted from: always the same, so that the eye can follow them. */
export const sampleSeed = 7;

/** Pictures that an evaluation takes while it trains, and when it has stopped. */
const measured = { running: 400, stopped: 2000 };

/** Times in milliseconds: between looks, and between evaluations; and how many times its own length each is apart from the next. */
const pace = { look: 250, evaluate: 1500, share: 8 };

/** Most pictures of a kind that are kept of a run, to compare it with others, and most bytes of all kinds: they travel with its file. */
const keptPictures = { count: 8, bytes: 28 << 10 };

/** What a picture that is kept may be. */
const keptShape = { channels: [1, 3], side: 256 };

/** Events: `look` (), `measured` (Measured), `trouble` (error). */
export class ModelPoller extends Emitter {
  /** @type {Look | null} */
  look = null;

  #now;
  #watching = false;

  /**
   * @param {() => {group: import('./pool-worker.js').Group | null, latent: number, running: boolean}} now who trains now, with how many latent numbers, and whether it goes on
   */
  constructor(now) {
    super();
    this.#now = now;
  }

  /** Looks and measures again and again while it runs. */
  async watch() {
    if (this.#watching) return;
    this.#watching = true;
    const { group } = this.#now();
    const goesOn = () => this.#now().group === group && this.#now().running;
    let looks = 0;
    let nextLook = 0;
    let nextEvaluation = performance.now() + pace.evaluate / 2;
    try {
      while (goesOn()) {
        const began = performance.now();
        if (began >= nextEvaluation) {
          await this.#measure(measured.running);
          nextEvaluation = performance.now() + Math.max(pace.evaluate, pace.share * (performance.now() - began));
        } else if (began >= nextLook) {
          await this.#look(this.#now().latent === 2 || looks++ % 3 === 0);
          nextLook = performance.now() + Math.max(pace.look, pace.share * (performance.now() - began));
        }
        const wait = Math.min(nextLook, nextEvaluation) - performance.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 20)));
      }
    } catch (e) {
      // That the workers have died or were let go is told elsewhere.
      if (goesOn()) this.emit('trouble', e);
    } finally {
      this.#watching = false;
    }
    const after = this.#now();
    if (after.group && after.group !== group && after.running) void this.watch();
  }

  /** Looks and measures once, where it stands still. */
  async once() {
    if (!this.#now().group) return; // it was let go meanwhile
    try {
      await this.#look(true);
      await this.#measure(measured.stopped);
    } catch (e) {
      this.emit('trouble', e);
    }
  }

  /** @param {boolean} inLatent with what is in latent space */
  async #look(inLatent) {
    const { group, latent } = this.#now();
    if (!group) return;
    const { recon, samples, scatter, grid } = looked;
    const map = inLatent && latent === 2;
    const seen = await group.look({ recon, samples, scatter: inLatent ? scatter : 0, grid: map ? grid : 0, seed: sampleSeed });
    if (this.#now().group !== group) return;
    this.look = {
      originals: seen.validation,
      recon: seen.recon,
      samples: seen.samples,
      scatter: inLatent ? seen.scatter : (this.look?.scatter ?? new Float32Array(0)),
      labels: inLatent ? seen.labels : (this.look?.labels ?? []),
      grid: map ? seen.grid : (this.look?.grid ?? new Float32Array(0)),
      latent,
      explained: inLatent ? seen.explained : (this.look?.explained ?? []),
      shape: seen.shape ?? [1, 28, 28],
    };
    this.emit('look');
  }

  /** @param {number} images */
  async #measure(images) {
    const { group } = this.#now();
    if (!group) return;
    const result = await group.evaluate(images);
    if (this.#now().group === group) this.emit('measured', result);
  }
}

/**
 * The first reconstructions and samples as text, a byte a value.
 *
 * @param {Look} look
 */
export function shrink({ originals, recon, samples, shape }) {
  const size = shape.reduce((a, b) => a * b, 1);
  const kinds = [originals, recon, samples].filter((values) => values.length > 0);
  const count = Math.min(
    keptPictures.count,
    Math.floor(keptPictures.bytes / (size * Math.max(kinds.length, 1))),
    ...kinds.map((values) => values.length / size),
  );
  const text = (/** @type {Float32Array} */ values) =>
    btoa(
      Array.from(values.subarray(0, count * size), (v) => String.fromCharCode(Math.round(Math.min(Math.max(v, 0), 1) * 255) || 0)).join(''),
    );
  return { count, shape, originals: text(originals), recon: text(recon), samples: text(samples) };
}

/**
 * Pictures that were kept, which may come from anybody's file.
 *
 * @param {any} kept what shrink gave
 * @returns {{count: number, shape: number[], rows: Float32Array[]} | null} rows: originals, reconstructions and samples, as far as there are any; null: there is nothing to show
 */
export function unshrink(kept) {
  const { count, shape = [1, 28, 28] } = kept ?? {};
  const side = (/** @type {any} */ n) => Number.isInteger(n) && n >= 1 && n <= keptShape.side;
  if (!Array.isArray(shape) || shape.length !== 3 || !keptShape.channels.includes(shape[0]) || !side(shape[1]) || !side(shape[2]))
    return null;
  if (!Number.isInteger(count) || count < 1 || count > keptPictures.count) return null;
  const rows = [kept.originals, kept.recon, kept.samples]
    .map(grow)
    .filter((values) => values.length === count * shape[0] * shape[1] * shape[2]);
  return rows.length > 0 ? { count, shape, rows } : null;
}

/**
 * Pictures out of kept text.
 *
 * @param {any} text
 * @returns {Float32Array}
 */
export function grow(text) {
  try {
    return Float32Array.from(atob(text), (c) => c.charCodeAt(0) / 255);
  } catch {
    return new Float32Array(0);
  }
}
