/**
 * Queries of a model that is being trained.
 */
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';

/**
 * Answers of those who train; their event `measuring` tells how far they are.
 *
 * @extends {Emitter<import('./pool-worker.js').PoolEvents>}
 */
export class ModelQueries extends Emitter {
  #request;

  /** @param {import('../engine/engine.js').Ask} request sends a request to the leader */
  constructor(request) {
    super();
    this.#request = request;
  }

  /**
   * A preview: pictures of the present model.
   *
   * @param {Partial<import('../generated/protocol.js').TrainPreview>} what
   */
  async preview(what) {
    const none = { recon: 0, samples: 0, scatter: 0, grid: 0, class: 0, path: 0, seed: 0, prior: '' };
    const { head, bufs } = await this.#request('train.preview', { ...none, ...what });
    const [validation, recon, samples, scatter, grid, path] = bufs.map((/** @type {ArrayBuffer} */ b) => new Float32Array(b));
    const { step, prior, latent, shape, labels, explained } = head;
    return { step, prior, latent, shape, labels, explained, validation, recon, samples, scatter, grid, path };
  }

  /**
   * What a map shows of the present model: as much as is computed in the given time.
   *
   * @param {object} what
   * @param {number} [what.budgetMs] 0: no limit
   * @param {number} [what.first] validation picture to encode first
   * @param {number} [what.points] how many
   * @param {number} [what.class] that a conditional model decodes
   * @param {Float32Array<ArrayBuffer>} [what.z] points to decode, one after the other
   * @param {Float32Array<ArrayBuffer>} [what.mu] means to fit a plane to
   * @returns {Promise<import('../generated/protocol.js').TrainMapOK & {mu: Float32Array, pixels: Uint8Array,
   *   plane: {origin: Float32Array, e1: Float32Array, e2: Float32Array} | null}>}
   */
  async map({ budgetMs = 0, first = 0, points = 0, class: of = 0, z, mu }) {
    const sent = [z, mu].map((v) => v?.slice().buffer ?? new ArrayBuffer(0));
    const { head, bufs } = await this.#request('train.map', { budgetMs, first, points, class: of }, sent);
    const [means, , ...axes] = bufs.map((b, i) => (i === 1 ? new Float32Array() : new Float32Array(b)));
    const [origin, e1, e2] = axes;
    return { ...head, mu: means, pixels: new Uint8Array(bufs[1]), plane: origin?.length ? { origin, e1, e2 } : null };
  }

  /**
   * A morph of the present model between two validation pictures.
   *
   * @param {{a: number, b: number, frames: number, path: 'slerp' | 'lerp', class?: number, seed?: number}} what
   * @returns {Promise<{step: number, frames: number, shape: number[], pixels: Float32Array}>}
   */
  async morph(what) {
    const { head, bufs } = await this.#request('train.morph', { class: 0, seed: 0, ...what });
    return { step: head.step, frames: head.frames, shape: head.shape, pixels: new Float32Array(bufs[0]) };
  }

  /**
   * Evaluates the model on validation pictures.
   *
   * @param {number} [images] 0: all
   * @returns {Promise<{step: number, images: number, recon: number, kl: number, elbo: number, klPerDim: number[], active: boolean[], terms: string[], other: number[]}>}
   */
  async evaluate(images = 0) {
    const {
      step,
      images: n,
      recon,
      kl,
      elbo,
      klPerDim,
      active,
      terms = [],
      other = [],
    } = (await this.#request('train.evaluate', { images })).head;
    const number = (/** @type {number | null} */ v) => v ?? NaN; // JSON has no NaN
    return {
      step,
      images: n,
      recon: number(recon),
      kl: number(kl),
      elbo: number(elbo),
      klPerDim: klPerDim.map(number),
      active,
      terms,
      other: other.map(number),
    };
  }

  /**
   * Measures the present model; training waits meanwhile. The event `measuring`
   * reports progress.
   *
   * @param {Partial<import('../generated/protocol.js').Measure>} what
   * @param {ArrayBuffer[]} [classifier] the file of the one that judges samples
   * @param {AbortSignal} [signal] stops it: it then throws an InkdriftError, stopped
   * @returns {Promise<import('../generated/protocol.js').MeasureOK>}
   */
  async measure(what, classifier = [], signal) {
    const stop = () => void this.#request('measure.stop', {}).catch(() => {}); // whoever has died measures nothing
    signal?.addEventListener('abort', stop);
    try {
      if (signal?.aborted) throw new InkdriftError('stopped', 'it was stopped before it began');
      const none = { bound: 0, nll: 0, importance: 0, read: 0, samples: 0, reference: 0, prior: 0, seed: 0 };
      return (await this.#request('measure', { ...none, ...what }, classifier)).head;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /**
   * The present model, a safetensors file.
   *
   * @returns {Promise<ArrayBuffer>}
   */
  async model() {
    return (await this.#request('train.model', {})).bufs[0];
  }
}
