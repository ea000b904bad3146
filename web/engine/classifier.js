/**
 * The classifier of generated samples. It is fetched when it is first needed.
 */
import { fetchBytes } from './assets.js';
import { cacheOffline } from './offline.js';

const file = 'models/classifier.safetensors';

/** The shape of its pictures: channels, height, width. */
export const classifierShape = [1, 28, 28];

/**
 * Makes a function that fetches the classifier's file, once.
 *
 * @param {import('./assets.js').Assets} assets
 * @returns {() => Promise<ArrayBuffer>} it throws an InkdriftError, model-missing; then it may be called again
 */
export function classifierLoader(assets) {
  /** @type {Promise<ArrayBuffer> | null} */
  let pending = null;
  return () => {
    pending ??= fetchBytes(assets.url(file), () => {}, 'model-missing');
    pending.then(
      () => void cacheOffline(file),
      () => (pending = null),
    );
    return pending;
  };
}
