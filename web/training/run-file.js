/**
 * A run as a file: its model as safetensors, with settings and curves as JSON in
 * the metadata under "inkdrift-run", and its moments as JSON in a tensor of bytes, which
 * readers of the model leave out. Files that are read are untrusted.
 */
import { InkdriftError } from '../lib/errors.js';
import { fileName } from '../lib/file-name.js';
import { refuseStandIn } from '../lib/stand-in.js';
import { settingsOfModel } from './checkpoint-file.js';
import { cleanName, finished, noCurves, readCurves } from './run.js';
import { asBytes } from '../storage/checksummed-file.js';
import { Moments } from './moments.js';
import { readBytes, readHeader, withBytes, withMetadata } from '../lib/safetensors.js';

const metadataKey = 'inkdrift-run';

/** The tensor of the moments; vae/store knows it. */
const momentsTensor = 'inkdrift.moments';

/** Longest text under the key, in characters; the header has other entries. */
const maxText = 48 << 10;

/** Most rows of an exported curve. */
const maxRows = 1000;

/**
 * @param {import('./run-list.js').Summary & {curves: import('./run.js').Curves, moments?: Moments}} run
 * @param {Uint8Array} weights
 * @returns {{name: string, bytes: Uint8Array}}
 * @throws {InkdriftError} bad-run
 */
export function exportRun(run, weights) {
  const { name, created, status, settings, step, seconds, figures, curves, moments } = run;
  const kept = moments?.list.length ? new TextEncoder().encode(JSON.stringify(moments)) : null;
  const model = withBytes(weights, momentsTensor, kept);
  const about = { format: 1, name, created, status, settings, step, seconds, figures };
  for (let limit = maxRows; ; limit = Math.floor(limit / 2)) {
    const thin = limit > 0 ? { train: curves.train.thinned(limit), validation: curves.validation.thinned(limit) } : noCurves();
    const text = JSON.stringify({ ...about, curves: thin });
    if (text.length > maxText && limit > 0) continue;
    return { name: `${fileName(name, 'run')}.safetensors`, bytes: withMetadata(model, { [metadataKey]: text }) };
  }
}

/**
 * The run in a file; of a bare model a run without steps.
 *
 * @param {ArrayBuffer | Uint8Array} file
 * @param {string} name of the file
 * @returns {{about: import('./run.js').About, curves: import('./run.js').Curves, moments: Moments}}
 * @throws {InkdriftError} bad-run
 */
export function readRunFile(file, name) {
  refuseStandIn(file, name);
  const { metadata } = readHeader(asBytes(file));
  const text = metadata.get(metadataKey);
  const now = Date.now();
  const fallback = cleanName(name.replace(/\.safetensors$/i, '')) || '?';
  if (text === undefined) {
    const about = {
      name: fallback,
      created: now,
      updated: now,
      status: /** @type {const} */ ('done'),
      settings: settingsOfModel(metadata),
      step: 0,
      seconds: 0,
      figures: {},
    };
    return { about, curves: noCurves(), moments: new Moments() };
  }
  /** @type {any} */
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad(metadataKey, 'is not JSON');
  }
  if (json?.format !== 1) throw bad(metadataKey, `has the format ${JSON.stringify(json?.format)?.slice(0, 40)}; 1 can be read`);
  const number = (/** @type {string} */ field, most = Number.MAX_SAFE_INTEGER) => {
    const v = json[field];
    if (typeof v !== 'number' || !(v >= 0 && v <= most)) throw bad(field, 'is not a valid number');
    return v;
  };
  const object = (/** @type {string} */ field) => {
    const v = json[field];
    if (typeof v !== 'object' || Array.isArray(v)) throw bad(field, 'is no JSON object');
    return v;
  };
  if (typeof json.name !== 'string') throw bad('name', 'is no text');
  const about = {
    name: cleanName(json.name) || fallback,
    created: number('created', maxTime),
    updated: now,
    // It has its model, so it counts as finished.
    status: /** @type {import('./run.js').Status} */ (finished.has(json.status) ? json.status : 'done'),
    settings: object('settings'),
    step: number('step'),
    seconds: number('seconds'),
    figures: object('figures') ?? {},
  };
  return { about, curves: readCurves(json.curves), moments: readMoments(file) };
}

/** Files of earlier versions have none. @param {ArrayBuffer | Uint8Array} file */
function readMoments(file) {
  const bytes = readBytes(asBytes(file), momentsTensor);
  if (!bytes) return new Moments();
  /** @type {any} */
  let json;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw bad(momentsTensor, 'is not JSON');
  }
  return Moments.read(json);
}

/** The greatest time of a Date. */
const maxTime = 8.64e15;

/** @param {string} field @param {string} why */
const bad = (field, why) => new InkdriftError('bad-run', why, field);
