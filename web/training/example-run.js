/**
 * A finished run that the Train view shows before there is one of one's own. It
 * was made by tools/examplerun and is fetched with the view.
 *
 * @typedef {object} ExampleRun
 * @property {{preset: string, images: number, epochs: number, step: number}} about
 * @property {import('./settings.js').Settings} settings
 * @property {import('./model-poller.js').Preview} preview
 * @property {{klPerDim: number[], active: boolean[]}} detail
 * @property {import('./run.js').Curves} curves
 */
import { fetchJSON } from '../engine/assets.js';
import { preset } from './settings.js';
import { readCurves } from './run.js';
import { decodeNibbles, decodePoints } from '../lib/compact.js';

/** Where it is, from the page's folder. */
export const exampleFile = 'models/example-run.json';

/**
 * Reads the file of the example.
 *
 * @param {any} file
 * @returns {ExampleRun}
 */
export function readExample(file) {
  const { about, shape, explained, labels, klPerDim, active } = file;
  const settings = preset(about.preset, 1);
  return {
    about,
    settings,
    curves: readCurves(file.curves),
    detail: { klPerDim, active },
    preview: {
      originals: decodeNibbles(file.originals),
      recon: decodeNibbles(file.recon),
      samples: decodeNibbles(file.samples),
      scatter: decodePoints(file.scatter),
      labels,
      grid: new Float32Array(0),
      latent: settings.latent,
      explained,
      shape,
    },
  };
}

/**
 * Fetches the example.
 *
 * @param {string} base address of the page's folder
 * @returns {Promise<ExampleRun>}
 * @throws {InkdriftError} fetch-failed
 */
export async function fetchExample(base) {
  return readExample(await fetchJSON(new URL(exampleFile, base), 'fetch-failed'));
}
