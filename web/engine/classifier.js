/**
 * The classifier that judges samples. It is fetched when somebody wants its
 * opinion for the first time.
 */
import { fetchBytes } from './assets.js';
import { cacheOffline } from './offline.js';

const file = 'models/classifier.safetensors';

/** The shape of the pictures that it knows: channels, height, width. */
export const classifierShape = [1, 28, 28];

/**
 * Makes what gives the classifier's file.
 *
 * @param {import('./assets.js').Assets} assets
 * @returns {() => Promise<ArrayBuffer>} which throws an InkdriftError, model-missing; then it may be asked again
 */
export function classifierLoader(assets) {
  /** @type {Promise<ArrayBuffer> | null} */
  let coming = null;
  return () => {
    coming ??= fetchBytes(assets.url(file), () => {}, 'model-missing');
    coming.then(
      () => void cacheOffline(file),
      () => (coming = null),
    );
    return coming;
  };
}
