/**
 * Reads decoded pictures as the pads are read, by the engine of the studio.
 */
import { InkdriftError } from '../lib/errors.js';

/** Codes of a request that was lost with its engine, or came before there was a model. */
const lost = new Set(['engine-died', 'engine-gone', 'no-model']);

/** @typedef {(pixels: Uint8Array) => Promise<number | null>} ReadDigit of a picture of 28 x 28, a byte a pixel; null: nobody can say */

/**
 * @param {Pick<import('./engine.js').Engine, 'request'>} engine
 * @returns {ReadDigit}
 */
export function digitReader(engine) {
  return async (pixels) => {
    try {
      const { head } = await engine.request('encode', {}, [Float32Array.from(pixels, (v) => v / 255).buffer], { retries: 0 });
      return head.label;
    } catch (e) {
      if (lost.has(InkdriftError.from(e).code)) return null;
      throw e;
    }
  };
}
