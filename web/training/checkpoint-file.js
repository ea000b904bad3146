/**
 * A run as a file that can go on: its checkpoint, which tools/train reads and writes as well, with the settings and curves of the
 * page among its metadata.
 */
import { defaults, families, firstValidation, pixels } from '../generated/catalog.js';
import { InkdriftError } from '../lib/errors.js';
import { readHeader } from '../lib/safetensors.js';
import { isMade, madeSets, setInfo } from './made-sets.js';
import { presetNames } from './presets.js';

/** The metadata entry of a checkpoint; vae/train writes it. */
const checkpointKey = 'inkdrift-checkpoint';

/** What vae/data/sets calls a stretch of a made set. */
const spanName = /^([a-z-]+), seed (\d+), (\d+) from (\d+)$/;

/** What wasm/engine/dataset calls a set that came in files. */
const filedName = /^(.+), (\d+)$/;

/**
 * What a checkpoint says of itself.
 *
 * @param {Uint8Array} bytes of any file in safetensors form
 * @returns {{step: number, config: any, options: any, data: string} | null} null: it is no checkpoint
 * @throws {InkdriftError} bad-run
 */
export function checkpointHead(bytes) {
  const text = readHeader(bytes).metadata.get(checkpointKey);
  if (text === undefined) return null;
  /** @type {any} */
  let head;
  try {
    head = JSON.parse(text);
  } catch {
    throw new InkdriftError('bad-run', 'is not JSON', checkpointKey);
  }
  const { step, config, options, data } = head ?? {};
  if (!Number.isSafeInteger(step) || step < 0 || !config || !options || typeof data !== 'string')
    throw new InkdriftError('bad-run', 'is not as tools/train and the page write it', checkpointKey);
  return { step, config, options, data };
}

/**
 * The settings of a network.
 *
 * @param {any} c vae.Config, as files have it
 * @returns {Partial<import('./settings.js').Settings>}
 */
const networkOf = (c) => ({
  ...{ family: c.family, encoder: c.encoder ?? [], decoder: c.decoder ?? [], hidden: c.hidden ?? [], latent: c.latent },
  ...{ kernel: c.kernel || defaults.kernel, activation: c.activation, sigma: c.sigma || defaults.sigma, output: c.output || 'plain' },
  ...(c.likelihood !== 'implicit' && { likelihood: c.likelihood }),
  ...(c.conditions > 0 && { conditions: c.conditions, recogniser: c.recogniser ?? [] }),
  ...(c.discriminator?.length > 0 && { discriminator: c.discriminator }),
});

/**
 * The settings of a run that goes on with the model in a file: its network, the usual ones of its family, and pictures that it
 * takes. FromModel in vae/preset does the same for shipped models.
 *
 * @param {ReadonlyMap<string, string>} metadata of the file
 * @returns {{page: Partial<import('./settings.js').Settings>} | null} null: the file does not say what its model is
 */
export function settingsOfModel(metadata) {
  /** @type {any} */
  let c;
  try {
    c = JSON.parse(metadata.get('inkdrift') ?? '').config;
  } catch {
    return null;
  }
  if (!c || !Object.hasOwn(families, c.family) || !Array.isArray(c.input)) return null;
  const fits = (/** @type {string} */ name) => isMade(name) && String(setInfo(name).shape) === String(c.input);
  const named = metadata.get('data')?.split(',')[0] ?? '';
  const data = fits(named) ? named : Object.keys(madeSets).find(fits);
  const usual = c.likelihood === 'bernoulli' ? pixels.ink : pixels.shades;
  return { page: { preset: families[c.family].preset, ...(data && { data }), ...usual, ...networkOf(c) } };
}

/**
 * The settings of a run of tools/train, as the page saves them with its own runs.
 *
 * @param {NonNullable<ReturnType<typeof checkpointHead>>} head
 * @returns {{page: Partial<import('./settings.js').Settings>, made?: import('./open-run.js').MadeData}}
 */
export function settingsOf({ config: c, options: o, data }) {
  const preset = Object.hasOwn(families, c.family) ? families[c.family].preset : presetNames[0];
  const span = spanName.exec(data);
  const isSpan = span !== null && isMade(span[1]);
  /** @type {Partial<import('./settings.js').Settings>} */
  const page = {
    preset,
    data: isSpan ? span[1] : (filedName.exec(data)?.[1] ?? data),
    ...(isSpan && { images: Number(span[3]) }),
    ...networkOf(c),
    ...{ epochs: o.epochs, batch: o.batch, learningRate: o.learning_rate, schedule: o.schedule, warmUp: o.warm_up, seed: o.seed },
    ...{ beta: o.beta, betaStart: o.beta_start ?? 0, klWarmUp: o.kl_warm_up ?? 0, binarize: o.binarize },
    ...{ objective: o.objective || defaults.objective, samples: o.samples || 1, freeBits: o.free_bits ?? 0 },
    ...{ l1: o.l1 ?? 0, l2: o.l2 ?? 0, clipNorm: o.clip_norm ?? 0 },
    optimizer: o.optimizer === 'sgd' ? 'sgd' : o.weight_decay > 0 ? 'adamw' : 'adam',
    ...(o.momentum > 0 && { momentum: o.momentum }),
    ...(o.weight_decay > 0 && { weightDecay: o.weight_decay }),
    ...(o.label_smoothing !== undefined && { labelSmoothing: o.label_smoothing }),
    ...(o.instance_noise !== undefined && { noise: o.instance_noise, noiseSteps: o.instance_noise_steps ?? 0 }),
    ...(o.discriminator_rate !== undefined && { discriminatorRate: o.discriminator_rate }),
  };
  if (!isSpan) return { page };
  const [, kind, seed, count, first] = span;
  const made = {
    data: { kind, first: Number(first), count: Number(count), seed: Number(seed) },
    validation: { kind, first: firstValidation, count: madeSets[kind].validation, seed: Number(seed) },
  };
  return { page, made };
}
