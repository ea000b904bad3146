/**
 * The settings of an experiment: what each may be, the presets, and how they
 * fit into the address of the page, so that a link opens a prepared experiment.
 *
 * @typedef {object} Settings
 * @property {string} preset name of the preset it began with
 * @property {string} data "digits", made by the engine, or the name of a kept data set
 * @property {number} images of the made-up digits to train on
 * @property {string} family "dense", or "conv"
 * @property {number[]} encoder widths of its hidden layers; channels of a conv
 * @property {number[]} decoder
 * @property {number} latent
 * @property {string} activation
 * @property {string} likelihood
 * @property {number} beta
 * @property {number} klWarmUp steps
 * @property {string} optimizer
 * @property {number} momentum of SGD
 * @property {number} weightDecay of AdamW
 * @property {number} learningRate
 * @property {string} schedule
 * @property {number} warmUp steps
 * @property {number} batch
 * @property {string} binarize
 * @property {number} seed
 * @property {number} workers
 * @property {number} epochs
 * @property {number} minutes of training after which it stops; 0: never
 * @property {number} patience epochs without improvement after which it stops; 0: never
 */
import { InkdriftError } from './errors.js';

/**
 * When a change of a setting takes effect: at once; only in a run that begins
 * anew; or at once, because it only says when to stop.
 *
 * @typedef {'live' | 'new'} When
 * @typedef {{type: 'int' | 'number', min: number, max: number, when: When}
 *   | {type: 'choice', choices: string[], when: When}
 *   | {type: 'widths', when: When}
 *   | {type: 'name', when: When}} Field
 */

/** Most layers and widest layer that can be asked for here. */
const limits = { layers: 4, width: 2048 };

/** What each setting may be. @type {Record<string, Field>} */
export const fields = {
  data: { type: 'name', when: 'new' },
  images: { type: 'int', min: 500, max: 60_000, when: 'new' },
  family: { type: 'choice', choices: ['dense', 'conv'], when: 'new' },
  encoder: { type: 'widths', when: 'new' },
  decoder: { type: 'widths', when: 'new' },
  latent: { type: 'int', min: 1, max: 256, when: 'new' },
  activation: { type: 'choice', choices: ['relu', 'leaky-relu', 'tanh'], when: 'new' },
  likelihood: { type: 'choice', choices: ['bernoulli', 'gaussian'], when: 'new' },
  beta: { type: 'number', min: 0, max: 100, when: 'live' },
  klWarmUp: { type: 'int', min: 0, max: 100_000, when: 'new' },
  optimizer: { type: 'choice', choices: ['adam', 'adamw', 'sgd'], when: 'new' },
  momentum: { type: 'number', min: 0, max: 0.999, when: 'new' },
  weightDecay: { type: 'number', min: 0, max: 1, when: 'new' },
  learningRate: { type: 'number', min: 1e-6, max: 900, when: 'live' },
  schedule: { type: 'choice', choices: ['constant', 'linear', 'cosine'], when: 'new' },
  warmUp: { type: 'int', min: 0, max: 100_000, when: 'new' },
  batch: { type: 'int', min: 1, max: 4096, when: 'new' },
  binarize: { type: 'choice', choices: ['dynamic', 'static', 'none'], when: 'new' },
  seed: { type: 'int', min: 0, max: 2 ** 31 - 1, when: 'new' },
  workers: { type: 'int', min: 1, max: 16, when: 'live' },
  epochs: { type: 'int', min: 1, max: 10_000, when: 'new' },
  minutes: { type: 'number', min: 0, max: 10_000, when: 'live' },
  patience: { type: 'int', min: 0, max: 1000, when: 'live' },
};

/** What every preset has that says nothing else. */
const usual = {
  data: 'digits',
  images: 20_000,
  family: 'dense',
  encoder: [400],
  decoder: [400],
  latent: 16,
  activation: 'relu',
  likelihood: 'bernoulli',
  beta: 1,
  klWarmUp: 0,
  optimizer: 'adam',
  momentum: 0.9,
  weightDecay: 0.01,
  learningRate: 0.002,
  schedule: 'constant',
  warmUp: 0,
  batch: 64,
  binarize: 'dynamic',
  seed: 1,
  epochs: 10,
  minutes: 0,
  patience: 0,
};

/** Where experiments begin; the first is the one that a visitor finds. @type {Record<string, Partial<Settings>>} */
const presets = {
  quick: {},
  map: { encoder: [400, 400], decoder: [400, 400], latent: 2, activation: 'leaky-relu', learningRate: 0.0015, epochs: 20 },
  studio: {
    images: 60_000,
    encoder: [400, 400],
    decoder: [500, 500],
    latent: 40,
    activation: 'leaky-relu',
    learningRate: 0.0012,
    schedule: 'cosine',
    warmUp: 600,
    batch: 128,
    epochs: 40,
  },
  conv: { family: 'conv', encoder: [32, 64], decoder: [64, 64, 32] },
  tidy: { beta: 4, klWarmUp: 300 },
  collapse: { beta: 40 },
  free: { beta: 0 },
};

/** Names of the presets. */
export const presetNames = Object.keys(presets);

/**
 * The settings of a preset.
 *
 * @param {string} name
 * @param {number} workers
 * @returns {Settings}
 * @throws {InkdriftError} bad-value
 */
export function preset(name, workers) {
  if (!Object.hasOwn(presets, name)) {
    throw new InkdriftError('bad-value', `${JSON.stringify(name)}, should be one of ${presetNames.join(', ')}`, 'preset');
  }
  return /** @type {Settings} */ (structuredClone({ ...usual, ...presets[name], preset: name, workers }));
}

/**
 * A value as a setting has it.
 *
 * @param {string} name
 * @param {any} value its own type, or what a form or an address says
 * @returns {any}
 * @throws {InkdriftError} bad-value, with the setting as its field
 */
export function check(name, value) {
  const bad = (/** @type {string} */ wanted) => {
    throw new InkdriftError('bad-value', `${JSON.stringify(value)}, should be ${wanted}`, name);
  };
  if (!Object.hasOwn(fields, name)) throw new InkdriftError('bad-value', `there is no setting of this name`, name);
  const field = fields[name];
  switch (field.type) {
    case 'int':
    case 'number': {
      const n = typeof value === 'string' && value.trim() ? Number(value) : value;
      if (typeof n !== 'number' || !(n >= field.min && n <= field.max) || (field.type === 'int' && !Number.isInteger(n))) {
        bad(`a ${field.type === 'int' ? 'whole ' : ''}number from ${field.min} to ${field.max}`);
      }
      return n;
    }
    case 'choice':
      if (!field.choices.includes(value)) bad(`one of ${field.choices.join(', ')}`);
      return value;
    case 'widths': {
      const list = typeof value === 'string' ? value.split(/[\s,;→-]+/).filter(Boolean).map(Number) : value;
      const good = (/** @type {any} */ w) => Number.isInteger(w) && w >= 1 && w <= limits.width;
      if (!Array.isArray(list) || list.length > limits.layers || !list.every(good)) {
        bad(`at most ${limits.layers} widths from 1 to ${limits.width}, as in "400, 200"`);
      }
      return [...list];
    }
    case 'name':
      if (typeof value !== 'string' || !value || value.length > 200) bad('the name of a data set');
      return value;
  }
}

/**
 * Whole settings out of a part of them.
 *
 * @param {any} part of what scripts and addresses give; may name a preset
 * @param {number} workers how many, where nothing is said
 * @param {Settings} [from] where what is not said comes from; else the preset
 * @returns {Settings}
 * @throws {InkdriftError} bad-value
 */
export function complete(part, workers, from) {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) {
    throw new InkdriftError('bad-value', 'not an object of settings', 'config');
  }
  const { preset: name, ...rest } = part;
  const settings = name === undefined && from ? structuredClone(from) : preset(name ?? presetNames[0], workers);
  for (const [key, value] of Object.entries(rest)) /** @type {any} */ (settings)[key] = check(key, value);
  return settings;
}

/**
 * Names of the settings that differ.
 *
 * @param {Settings} a
 * @param {Settings} b
 * @returns {string[]}
 */
export function differences(a, b) {
  return Object.keys(fields).filter((k) => !same(/** @type {any} */ (a)[k], /** @type {any} */ (b)[k]));
}

/**
 * Names of the settings that differ and that only a new run takes over.
 *
 * @param {Settings} a
 * @param {Settings} b
 * @returns {string[]}
 */
export function needReset(a, b) {
  return differences(a, b).filter((k) => fields[k].when === 'new');
}

/**
 * Takes over what can change a run that is going on.
 *
 * @param {Settings} active of the run; changed
 * @param {Settings} next
 * @returns {Partial<Settings>} what has changed
 */
export function takeOver(active, next) {
  const changed = differences(active, next).filter((k) => fields[k].when === 'live');
  const part = Object.fromEntries(changed.map((k) => [k, /** @type {any} */ (next)[k]]));
  Object.assign(active, part);
  return part;
}

/** @param {any} a @param {any} b */
function same(a, b) {
  return Array.isArray(a) ? String(a) === String(b) : a === b;
}

/**
 * What training is asked for: train.Recipe of the engine.
 *
 * @param {Settings} s
 * @param {number[]} [input] shape of a picture: channels, height, width
 */
export function recipe(s, input = [1, 28, 28]) {
  const { family, encoder, decoder, latent, activation, likelihood } = s;
  return {
    model: { family, input, encoder, decoder, latent, activation, likelihood },
    train: {
      epochs: s.epochs,
      batch: s.batch,
      learning_rate: s.learningRate,
      schedule: s.schedule,
      warm_up: s.warmUp,
      beta: s.beta,
      kl_warm_up: s.klWarmUp,
      optimizer: s.optimizer === 'sgd' ? 'sgd' : 'adam',
      ...(s.optimizer === 'sgd' && { momentum: s.momentum }),
      ...(s.optimizer === 'adamw' && { weight_decay: s.weightDecay }),
      binarize: s.binarize,
      seed: s.seed,
    },
    dtype: 'F32',
  };
}

/** Made-up digits that are held back for validation. */
const heldBack = 2000;

/** The seed of the made-up digits: runs that differ in their seed see the same. */
const digitSeed = 1;

/**
 * The made-up digits that training is asked for, and those for validation.
 *
 * @param {Settings} s
 */
export function madeDigits({ images }) {
  const kind = 'digits';
  return { data: { kind, first: 0, count: images, seed: digitSeed }, validation: { kind, first: images, count: heldBack, seed: digitSeed } };
}

/** What the address begins with where it opens the training room. */
const place = '#train';

/**
 * Whether an address opens the training room.
 *
 * @param {string} hash
 */
export function inRoom(hash) {
  return hash === place || hash.startsWith(`${place}?`);
}

/**
 * The part of an address that opens the room with these settings: what differs
 * from the preset.
 *
 * @param {Settings} settings
 * @param {number} workers how many there are where nothing is said
 */
export function toHash(settings, workers) {
  const base = preset(settings.preset, workers);
  const query = new URLSearchParams();
  if (settings.preset !== presetNames[0]) query.set('preset', settings.preset);
  for (const name of Object.keys(fields)) {
    const value = /** @type {any} */ (settings)[name];
    if (same(value, /** @type {any} */ (base)[name])) continue;
    query.set(name, Array.isArray(value) ? value.join('-') : String(value));
  }
  const text = query.toString();
  return text ? `${place}?${text}` : place;
}

/**
 * The settings that an address asks for. What it says wrong is left out and
 * told, so that a mistyped link still opens.
 *
 * @param {string} hash
 * @param {number} workers
 * @returns {{settings: Settings, errors: InkdriftError[]}}
 */
export function fromHash(hash, workers) {
  /** @type {InkdriftError[]} */
  const errors = [];
  const query = new URLSearchParams(hash.slice(place.length).replace(/^\?/, ''));
  const attempt = (/** @type {() => void} */ fn) => {
    try {
      fn();
    } catch (e) {
      errors.push(InkdriftError.from(e));
    }
  };
  let settings = preset(presetNames[0], workers);
  const name = query.get('preset');
  if (name !== null) attempt(() => (settings = preset(name, workers)));
  for (const [key, value] of query) {
    if (key !== 'preset') attempt(() => (/** @type {any} */ (settings)[key] = check(key, value)));
  }
  return { settings, errors };
}
