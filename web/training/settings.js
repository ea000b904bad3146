/**
 * The settings of an experiment: what each may be, what goes with what, and how
 * they fit into the address of the page, so that a link opens a prepared
 * experiment.
 *
 * @typedef {object} Settings
 * @property {string} preset name of the preset it began with
 * @property {string} data a set that the engine makes, see made-sets.js, or the name of a saved one
 * @property {number} images to train on, of a set that is made
 * @property {string} family see families.js
 * @property {number[]} encoder widths of its hidden layers; channels where the family has maps
 * @property {number[]} decoder
 * @property {number[]} hidden widths of linear layers between maps and latent numbers
 * @property {number} kernel side of the windows of convolutions
 * @property {number} latent
 * @property {string} activation
 * @property {string} likelihood
 * @property {number} sigma of a Gaussian likelihood
 * @property {string} output what makes pixels of the decoder's last numbers
 * @property {number} conditions classes that a conditional model is told
 * @property {number[]} recogniser widths of the layers that find the class of a picture
 * @property {number[]} discriminator channels
 * @property {string} objective
 * @property {number} samples latents drawn for each picture
 * @property {number} freeBits nats of each latent number that cost nothing
 * @property {number} beta
 * @property {number} betaStart where beta comes from in the warm-up
 * @property {number} klWarmUp steps
 * @property {number} labelSmoothing how far below 1 the discriminator's target for real pictures is
 * @property {number} noise on what the discriminator sees, its standard deviation
 * @property {number} noiseSteps over which that falls to 0; 0: it stays
 * @property {number} discriminatorRate its learning rate, as a part of the generator's
 * @property {string} optimizer
 * @property {number} momentum of SGD
 * @property {number} weightDecay of AdamW
 * @property {number} l1 penalty on the sum of the magnitudes of weights
 * @property {number} l2 penalty on half the sum of their squares
 * @property {number} clipNorm longer gradients are made as long; 0: never
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
import { InkdriftError } from '../lib/errors.js';
import { families } from './families.js';
import { isMade, setInfo, madeSets } from './made-sets.js';
import { exemplars, presets, shades, strokes, usual } from './presets.js';

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
  family: { type: 'choice', choices: Object.keys(families), when: 'new' },
  encoder: { type: 'widths', when: 'new' },
  decoder: { type: 'widths', when: 'new' },
  hidden: { type: 'widths', when: 'new' },
  kernel: { type: 'int', min: 3, max: 5, when: 'new' },
  latent: { type: 'int', min: 1, max: 256, when: 'new' },
  activation: { type: 'choice', choices: ['relu', 'leaky-relu', 'tanh', 'sigmoid'], when: 'new' },
  likelihood: { type: 'choice', choices: ['bernoulli', 'gaussian'], when: 'new' },
  sigma: { type: 'number', min: 0.01, max: 10, when: 'new' },
  output: { type: 'choice', choices: ['plain', 'sigmoid', 'tanh'], when: 'new' },
  conditions: { type: 'int', min: 2, max: 1000, when: 'new' },
  recogniser: { type: 'widths', when: 'new' },
  discriminator: { type: 'widths', when: 'new' },
  objective: { type: 'choice', choices: ['elbo', 'iwae'], when: 'new' },
  samples: { type: 'int', min: 1, max: 64, when: 'new' },
  freeBits: { type: 'number', min: 0, max: 100, when: 'new' },
  beta: { type: 'number', min: 0, max: 100, when: 'live' },
  betaStart: { type: 'number', min: 0, max: 100, when: 'new' },
  klWarmUp: { type: 'int', min: 0, max: 100_000, when: 'new' },
  labelSmoothing: { type: 'number', min: 0, max: 0.49, when: 'new' },
  noise: { type: 'number', min: 0, max: 10, when: 'new' },
  noiseSteps: { type: 'int', min: 0, max: 1_000_000, when: 'new' },
  discriminatorRate: { type: 'number', min: 0.001, max: 100, when: 'new' },
  optimizer: { type: 'choice', choices: ['adam', 'adamw', 'sgd'], when: 'new' },
  momentum: { type: 'number', min: 0, max: 0.999, when: 'new' },
  weightDecay: { type: 'number', min: 0, max: 1, when: 'new' },
  l1: { type: 'number', min: 0, max: 1, when: 'new' },
  l2: { type: 'number', min: 0, max: 1, when: 'new' },
  clipNorm: { type: 'number', min: 0, max: 1e6, when: 'new' },
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
 * What choosing a preset sets. It brings its data set; people's own pictures
 * stay where it has such, of a pen or of light.
 *
 * @param {string} name
 * @param {Settings} from what there was
 * @returns {Partial<Settings>}
 */
export function presetChange(name, { data, workers }) {
  return { preset: name, workers, ...(!isMade(data) && setInfo(data).ink === setInfo(preset(name, workers).data).ink && { data }) };
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
      const list =
        typeof value === 'string'
          ? value
              .split(/[\s,;→-]+/)
              .filter(Boolean)
              .map(Number)
          : value;
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
 * What goes with another family or another data set, and is taken over with it
 * unless it is said, too.
 *
 * @param {Settings} from
 * @param {any} part
 * @returns {Partial<Settings>}
 */
function company(from, { family = from.family, data = from.data }) {
  /** @type {Partial<Settings>} */
  const out = {};
  if (family !== from.family && Object.hasOwn(families, family)) {
    const {
      encoder,
      decoder,
      hidden,
      kernel,
      activation,
      output,
      discriminator,
      learningRate,
      batch,
      beta,
      betaStart,
      klWarmUp,
      noise,
      discriminatorRate,
    } = preset(exemplars[family], 1);
    Object.assign(out, {
      encoder,
      decoder,
      hidden,
      kernel,
      activation,
      output,
      discriminator,
      learningRate,
      batch,
      beta,
      betaStart,
      klWarmUp,
      noise,
      discriminatorRate,
    });
    if (!families[family].adversarial && from.binarize === 'none') delete out.output; // as its pictures want it
  }
  if (data === from.data) return out;
  const [was, is] = [from.data, data].map((name) => setInfo(name).ink);
  if (was !== is) Object.assign(out, is ? strokes : shades);
  const kinds = isMade(data) ? madeSets[data].conditions : setInfo(data).classes.length;
  if (kinds > 1) out.conditions = kinds;
  return out;
}

/**
 * Whole settings out of a part of them.
 *
 * @param {any} part of what scripts and forms give; may name a preset
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
  const checked = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, check(key, value)]));
  return Object.assign(settings, company(settings, checked), checked);
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
export function applySettings(active, next) {
  const changed = differences(active, next).filter((k) => fields[k].when === 'live');
  const part = Object.fromEntries(changed.map((k) => [k, /** @type {any} */ (next)[k]]));
  Object.assign(active, part);
  return part;
}

/** @param {any} a @param {any} b */
function same(a, b) {
  return Array.isArray(a) ? String(a) === String(b) : a === b;
}

/** What the address begins with where it opens the train view. */
const place = '#train';

/**
 * Whether an address opens the train view.
 *
 * @param {string} hash
 */
export function isTrainAddress(hash) {
  return hash === place || hash.startsWith(`${place}?`);
}

/**
 * The part of an address that opens the train view with these settings: what differs
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
    if (key !== 'preset') attempt(() => void Object.assign(settings, { [key]: check(key, value) }));
  }
  return { settings, errors };
}
