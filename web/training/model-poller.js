/**
 * Gets previews and evaluations of a model while it trains, for a small part of
 * the workers' time.
 *
 * @typedef {{recon: Float32Array, originals: Float32Array, samples: Float32Array, scatter: Float32Array, labels: number[],
 *   grid: Float32Array, latent: number, explained: number[], shape: number[], prior?: string}} Preview prior: that the samples are of
 * @typedef {{step: number, images: number, recon: number, kl: number, elbo: number, klPerDim: number[], active: boolean[], terms?: string[],
 *   other?: number[]}} Evaluation
 */
import { Emitter } from '../lib/emitter.js';
import { halved } from './moments.js';
import { decodeNibbles, decodePoints, encodeNibbles, encodePoints } from '../lib/compact.js';

/** How many of each a preview has; grid, plane: sides of a grid in two latent dimensions, and in a plane of more. */
export const previewCounts = { recon: 12, samples: 24, scatter: 500, grid: 14, plane: 10 };

/** Seed of the samples' latent points: fixed, so that samples of different steps can be compared. */
export const sampleSeed = 7;

/** Validation pictures of an evaluation: always the same ones, so that evaluations can be compared. Where that is slow it evaluates less often. */
export const evaluationImages = 2000;

/** Each so manieth preview has what is in latent space, and some of the first ones, when most changes: that is for the kept run, the map gets its own. */
const latentEvery = 8;
const firstLatent = new Set([0, 1, 2, 4]);

/** Milliseconds between previews, and between evaluations; after each it waits at least share times its duration. */
const pace = { preview: 250, evaluate: 1500, share: 8 };

/** Most pictures of a kind that are saved with a run, and most bytes of all kinds: they are part of its exported file. */
const savedPictures = { count: 8, bytes: 28 << 10 };

/** Most points, latent dimensions, pictures along a side of the latent map and pixels of all of them that are saved with a run. */
const savedLatent = { points: 250, dimensions: 1024, side: 32, pixels: 56 << 10 };

/** Accepted shapes of saved pictures. */
const savedShape = { channels: [1, 3], side: 256 };

/** Events: `preview` (), `latent` (step: the preview has what is in latent space at that step), `evaluation` (Evaluation), `error` (error). */
export class ModelPoller extends Emitter {
  /** @type {Preview | null} */
  preview = null;

  /** The prior that samples are wanted of. @type {'normal' | 'fitted'} */
  prior = 'normal';

  #current;
  #running = false;

  /**
   * @param {() => {group: import('./pool-worker.js').Group | null, latent: number, running: boolean}} current the pool that trains, its number of latents, and whether it trains
   */
  constructor(current) {
    super();
    this.#current = current;
  }

  /** Polls while it trains. */
  async start() {
    if (this.#running) return;
    this.#running = true;
    const { group } = this.#current();
    const isCurrent = () => this.#current().group === group && this.#current().running;
    let previews = 0;
    let nextPreview = 0;
    let nextEvaluation = performance.now() + pace.evaluate / 2;
    try {
      while (isCurrent()) {
        const began = performance.now();
        if (began >= nextEvaluation) {
          await this.#evaluate();
          nextEvaluation = performance.now() + Math.max(pace.evaluate, pace.share * (performance.now() - began));
        } else if (began >= nextPreview) {
          await this.#updatePreview(firstLatent.has(previews) || previews % latentEvery === 0);
          previews++;
          nextPreview = performance.now() + Math.max(pace.preview, pace.share * (performance.now() - began));
        }
        const wait = Math.min(nextPreview, nextEvaluation) - performance.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 20)));
      }
    } catch (e) {
      // Of a pool that died or was closed the pool reports itself.
      if (isCurrent()) this.emit('error', e);
    } finally {
      this.#running = false;
    }
    const after = this.#current();
    if (after.group && after.group !== group && after.running) void this.start();
  }

  /** Gets one preview and one evaluation of a paused run. */
  async pollOnce() {
    if (!this.#current().group) return; // it was closed meanwhile
    try {
      await this.#updatePreview(true);
      await this.#evaluate();
    } catch (e) {
      this.emit('error', e);
    }
  }

  /** Gets a preview of a paused run alone. */
  async pollPreview() {
    await this.#updatePreview(true);
  }

  /** @param {boolean} inLatent with what is in latent space */
  async #updatePreview(inLatent) {
    const { group, latent } = this.#current();
    if (!group) return;
    const { recon, samples } = previewCounts;
    const grid = latent === 2 ? previewCounts.grid : latent > 2 ? previewCounts.plane : 0;
    const space = inLatent ? { scatter: previewCounts.scatter, grid } : { scatter: 0, grid: 0 };
    const answer = await group.preview({ recon, samples, ...space, seed: sampleSeed, prior: this.prior });
    if (this.#current().group !== group) return;
    if (answer.prior !== 'fitted') this.prior = 'normal'; // the model has changed since one was fitted
    this.preview = {
      originals: answer.validation,
      recon: answer.recon,
      samples: answer.samples,
      scatter: inLatent ? answer.scatter : (this.preview?.scatter ?? new Float32Array(0)),
      labels: inLatent ? answer.labels : (this.preview?.labels ?? []),
      grid: inLatent ? answer.grid : (this.preview?.grid ?? new Float32Array(0)),
      latent,
      explained: inLatent ? answer.explained : (this.preview?.explained ?? []),
      shape: answer.shape ?? [1, 28, 28],
      prior: answer.prior,
    };
    this.emit('preview');
    if (inLatent) this.emit('latent', answer.step);
  }

  async #evaluate() {
    const { group } = this.#current();
    if (!group) return;
    const result = await group.evaluate(evaluationImages);
    if (this.#current().group === group) this.emit('evaluation', result);
  }
}

/**
 * Encodes the first pictures of a preview as text (base64), a byte a value.
 *
 * @param {Preview} preview
 */
export function encodePreview({ originals, recon, samples, shape }) {
  const size = shape.reduce((a, b) => a * b, 1);
  const kinds = [originals, recon, samples].filter((values) => values.length > 0);
  const count = Math.min(
    savedPictures.count,
    Math.floor(savedPictures.bytes / (size * Math.max(kinds.length, 1))),
    ...kinds.map((values) => values.length / size),
  );
  const text = (/** @type {Float32Array} */ values) =>
    btoa(
      Array.from(values.subarray(0, count * size), (v) => String.fromCharCode(Math.round(Math.min(Math.max(v, 0), 1) * 255) || 0)).join(''),
    );
  return { count, shape, originals: text(originals), recon: text(recon), samples: text(samples) };
}

/**
 * Decodes saved pictures, which may come from any file.
 *
 * @param {any} saved what encodePreview returned
 * @returns {{count: number, shape: number[], rows: Float32Array[]} | null} rows: originals, reconstructions and samples, those that exist; null: nothing to show
 */
export function decodePreview(saved) {
  const { count, shape = [1, 28, 28] } = saved ?? {};
  const side = (/** @type {any} */ n) => Number.isInteger(n) && n >= 1 && n <= savedShape.side;
  if (!Array.isArray(shape) || shape.length !== 3 || !savedShape.channels.includes(shape[0]) || !side(shape[1]) || !side(shape[2]))
    return null;
  if (!Number.isInteger(count) || count < 1 || count > savedPictures.count) return null;
  const rows = [saved.originals, saved.recon, saved.samples]
    .map(decodePixels)
    .filter((values) => values.length === count * shape[0] * shape[1] * shape[2]);
  return rows.length > 0 ? { count, shape, rows } : null;
}

/**
 * What is saved of a run's latent space: points of the scatter, with two dimensions
 * the map with pictures half as wide, KL by dimension.
 *
 * @param {Preview} preview
 * @param {Pick<Evaluation, 'klPerDim' | 'active'> | null} detail
 */
export function encodeLatent({ scatter, labels, explained, latent, grid, shape }, detail) {
  const short = (/** @type {number} */ v) => (Number.isFinite(v) ? Number(v.toPrecision(4)) : 0);
  return {
    latent,
    explained: explained.map(short),
    points: encodePoints(scatter.subarray(0, 2 * savedLatent.points)),
    labels: labels.slice(0, savedLatent.points),
    ...(latent === 2 && encodeMap(grid, shape)),
    klPerDim: (detail?.klPerDim ?? []).map(short),
    active: detail?.active ?? [],
  };
}

/**
 * Decodes a saved latent space, which may come from any file.
 *
 * @param {any} saved what encodeLatent returned
 * @returns {{points: Float32Array, labels: number[], map: import('../ui/scatter-plot.js').LatentMap | null, klPerDim: number[],
 *   active: boolean[]} | null} null: nothing to show
 */
export function decodeLatent(saved) {
  const numbers = (/** @type {any} */ list, /** @type {number} */ most) =>
    Array.isArray(list) && list.length <= most && list.every(Number.isFinite) ? list : [];
  const labels = numbers(saved?.labels, savedLatent.points);
  const klPerDim = numbers(saved?.klPerDim, savedLatent.dimensions);
  const points = decodePoints(typeof saved?.points === 'string' ? saved.points : '').subarray(0, 2 * labels.length);
  if (points.length === 0 && klPerDim.length === 0) return null;
  return { points, labels, map: decodeMap(saved?.map), klPerDim, active: klPerDim.map((_, i) => saved.active?.[i] === true) };
}

/**
 * A latent map with pictures half as wide and tall.
 *
 * @param {Float32Array} grid as a preview has it
 * @param {number[]} shape of its pictures
 */
function encodeMap(grid, [channels, h, w]) {
  const [down, across] = [h >> 1, w >> 1];
  const { side, pixels: out } = halved(grid, [channels, h, w]);
  if (side === 0 || out.length > savedLatent.pixels) return {};
  return { map: { side, shape: [channels, down, across], pixels: encodeNibbles(out) } };
}

/** @param {any} saved what encodeMap returned; null: there is none */
function decodeMap(saved) {
  const { side, shape, pixels } = saved ?? {};
  const whole = (/** @type {any} */ n, /** @type {number} */ most) => Number.isInteger(n) && n >= 1 && n <= most;
  if (!whole(side, savedLatent.side) || !Array.isArray(shape) || shape.length !== 3) return null;
  if (!savedShape.channels.includes(shape[0]) || !whole(shape[1], savedShape.side) || !whole(shape[2], savedShape.side)) return null;
  const size = side * side * shape[0] * shape[1] * shape[2];
  const values = size <= savedLatent.pixels && typeof pixels === 'string' ? decodeNibbles(pixels) : [];
  return values.length >= size && size > 0 ? { side, shape, pixels: Float32Array.from(values).subarray(0, size) } : null;
}

/**
 * Decodes base64 to pixels from 0 to 1; invalid text to none.
 *
 * @param {any} text
 * @returns {Float32Array}
 */
export function decodePixels(text) {
  try {
    return Float32Array.from(atob(text), (c) => c.charCodeAt(0) / 255);
  } catch {
    return new Float32Array(0);
  }
}
