/**
 * Moments of a run: what the model painted, where it encoded pictures and what its
 * ELBO was, every so often while it trained. They are few: when there are too many,
 * every second one goes, so that they are spread over the run however long it is.
 *
 * @typedef {object} Moment
 * @property {number} step
 * @property {number | null} elbo of validation pictures; null: not known
 * @property {string} samples see compact.js
 * @property {string} points
 * @property {string} grid pictures of a latent space of two dimensions, or of the plane of the points, half as wide and tall; '': none
 */
import { InkdriftError } from '../lib/errors.js';
import { decodeNibbles, decodePoints, encodeNibbles, encodePoints } from '../lib/compact.js';

/** Most bytes of a run's moments, and most moments. */
export const momentLimits = { bytes: 1_000_000, count: 64 };

/** Most samples of a moment, most values of them, and most points. */
const kept = { samples: 12, values: 24 << 10, points: 250 };

/** From this part of the limits on a moment has to be as far from the one before as those are from each other. */
const crowded = 0.4;

/** How far the step of an evaluation may be from that of a moment that it is shown with, at least and in parts of the step. */
const near = { steps: 10, part: 0.05 };

/** Bytes of a moment besides its texts. */
const around = 120;

/** Greatest side of a picture and of a grid, and most labels, that are read from a file. */
const readable = { side: 256, grid: 32, labels: 1000 };

/** The moments of a run. */
export class Moments {
  /** @type {Moment[]} */
  list = [];
  /** Of the pictures: channels, height, width. */
  shape = [1, 28, 28];
  /** Of the points. @type {number[]} */
  labels = [];
  /** Pictures along a side of a grid. */
  side = 0;

  /** What they take, in bytes. */
  get size() {
    return this.list.reduce((sum, m) => sum + sizeOf(m), 4 * this.labels.length + around);
  }

  /**
   * Keeps a moment, if it is time for one.
   *
   * @param {number} step
   * @param {{step: number, elbo: number | null}} evaluation the last one; it counts if it was made about there
   * @param {import('./model-poller.js').Preview} preview
   * @returns {boolean} whether it was kept
   */
  add(step, evaluation, preview) {
    this.cut(step - 1);
    const { list } = this;
    const last = list.at(-1);
    const many = list.length > crowded * momentLimits.count || this.size > crowded * momentLimits.bytes;
    if (last && many && step - last.step < (0.75 * (last.step - list[0].step)) / (list.length - 1)) return false;
    const { samples, scatter, labels, shape } = preview;
    const size = shape.reduce((a, b) => a * b, 1);
    const count = Math.min(kept.samples, Math.max(1, Math.floor(kept.values / size)), Math.floor(samples.length / size));
    const half = halved(preview.grid, shape);
    this.shape = shape;
    this.labels = labels.slice(0, kept.points);
    this.side = half.side;
    const even = (/** @type {Float32Array} */ values) => (values.length % 2 ? Float32Array.of(...values, 0) : values);
    list.push({
      step,
      elbo: Number.isFinite(evaluation.elbo) && isNear(step, evaluation.step) ? evaluation.elbo : null,
      samples: encodeNibbles(even(samples.subarray(0, count * size))),
      points: encodePoints(scatter.subarray(0, 2 * kept.points)),
      grid: encodeNibbles(even(half.pixels)),
    });
    while (this.list.length > 2 && (this.list.length > momentLimits.count || this.size > momentLimits.bytes))
      this.list = thinned(this.list);
    return true;
  }

  /**
   * Gives the newest moment its ELBO, where it has none and was measured about there.
   *
   * @param {number} step of the evaluation
   * @param {number | null} elbo
   * @returns {boolean} whether it has one now that it had not
   */
  measured(step, elbo) {
    const last = this.list.at(-1);
    if (!last || last.elbo !== null || !Number.isFinite(elbo) || !isNear(last.step, step)) return false;
    last.elbo = elbo;
    return true;
  }

  /** Removes the moments after a step: training has gone back to a checkpoint. @param {number} step */
  cut(step) {
    while ((this.list.at(-1)?.step ?? -1) > step) this.list.pop();
  }

  /**
   * The pictures of a moment.
   *
   * @param {number} i
   */
  at(i) {
    const { step, elbo, samples, points, grid } = this.list[i];
    const [channels, h, w] = this.shape;
    const size = channels * h * w;
    const pixels = decodeNibbles(samples);
    const small = [channels, h >> 1, w >> 1];
    const needed = this.side ** 2 * small.reduce((a, b) => a * b, 1);
    const ground = needed > 0 ? decodeNibbles(grid).subarray(0, needed) : new Float32Array();
    return {
      step,
      elbo,
      samples: pixels.subarray(0, Math.floor(pixels.length / size) * size),
      points: decodePoints(points).subarray(0, 2 * this.labels.length),
      map: needed > 0 && ground.length === needed ? { pixels: ground, side: this.side, shape: small } : null,
    };
  }

  /** As they are stored. */
  toJSON() {
    const { shape, labels, side, list } = this;
    return { format: 1, shape, labels, side, moments: list };
  }

  /**
   * Reads what was stored, or came with a file: it is checked.
   *
   * @param {any} json
   * @returns {Moments}
   * @throws {InkdriftError} bad-run
   */
  static read(json) {
    const whole = (/** @type {any} */ n, /** @type {number} */ least, /** @type {number} */ most) =>
      Number.isInteger(n) && n >= least && n <= most;
    const { format, shape, labels, side, moments } = json ?? {};
    if (format !== 1) throw bad('moments.format', `is ${JSON.stringify(format)?.slice(0, 40)}; 1 can be read`);
    const fits = Array.isArray(shape) && shape.length === 3 && [1, 3].includes(shape[0]);
    if (!fits || !whole(shape[1], 1, readable.side) || !whole(shape[2], 1, readable.side))
      throw bad('moments.shape', 'is no shape of pictures');
    if (!Array.isArray(labels) || labels.length > readable.labels || !labels.every((l) => whole(l, -1, 1e6)))
      throw bad('moments.labels', 'are no labels');
    if (!whole(side, 0, readable.grid)) throw bad('moments.side', 'is no side of a grid');
    if (!Array.isArray(moments) || moments.length > momentLimits.count)
      throw bad('moments', `are no list of at most ${momentLimits.count}`);
    const out = Object.assign(new Moments(), { shape, labels, side });
    for (const { step, elbo, samples, points, grid } of moments.map((m) => m ?? {})) {
      if (!whole(step, 0, Number.MAX_SAFE_INTEGER) || step <= (out.list.at(-1)?.step ?? -1)) throw bad('moments.step', 'does not rise');
      if (elbo !== null && !Number.isFinite(elbo)) throw bad('moments.elbo', 'is no number');
      if (![samples, points, grid].every((text) => typeof text === 'string')) throw bad('moments.samples', 'are no text');
      out.list.push({ step, elbo, samples, points, grid });
    }
    if (out.size > 2 * momentLimits.bytes) throw bad('moments', `take ${out.size} bytes, at most ${momentLimits.bytes} are kept`);
    return out;
  }
}

/** @param {Moment} m */
const sizeOf = ({ samples, points, grid }) => samples.length + points.length + grid.length + around;

/** Every second moment, the first and the last among them. @param {Moment[]} list */
const thinned = (list) => list.filter((_, i) => i === list.length - 1 || (i % 2 === 0 && i < list.length - 2));

/** @param {string} field @param {string} why */
const bad = (field, why) => new InkdriftError('bad-run', why, field);

/**
 * Pictures half as wide and tall.
 *
 * @param {Float32Array} grid side * side pictures
 * @param {number[]} shape
 */
export function halved(grid, [channels, h, w]) {
  const [down, across] = [h >> 1, w >> 1];
  const side = Math.round(Math.sqrt(grid.length / (channels * h * w)));
  const planes = side * side * channels;
  const pixels = new Float32Array(planes * down * across);
  for (let k = 0; k < planes; k++)
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++) {
        const at = (k * h + 2 * y) * w + 2 * x;
        pixels[(k * down + y) * across + x] = (grid[at] + grid[at + 1] + grid[at + w] + grid[at + w + 1]) / 4;
      }
  return { side, pixels };
}

/** Whether an evaluation is of the model of a moment, or of one hardly older or younger. @param {number} step @param {number} measured */
const isNear = (step, measured) => Math.abs(step - measured) <= Math.max(near.steps, near.part * step);
