/**
 * What settings and their choices are called, wherever they are shown.
 *
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {import('../lib/i18n.js').I18n} I18n
 */
import { fields } from '../generated/catalog.js';
import { starts } from '../generated/start-models.js';
import { applies } from './families.js';
import { isMade } from './made-sets.js';
import { auto } from './worker-count.js';

/** Name and explanation of each setting, in the order of the form. @type {Record<string, [string, string]>} */
export const words = {
  images: ['set.images', 'set.images-help'],
  from: ['set.from', 'set.from-help'],
  family: ['set.family', 'set.family-help'],
  encoder: ['set.encoder', 'set.encoder-help'],
  decoder: ['set.decoder', 'set.decoder-help'],
  hidden: ['set.hidden', 'set.hidden-help'],
  kernel: ['set.kernel', 'set.kernel-help'],
  recogniser: ['set.recogniser', 'set.recogniser-help'],
  conditions: ['set.conditions', 'set.conditions-help'],
  discriminator: ['set.discriminator', 'set.discriminator-help'],
  latent: ['set.latent', 'set.latent-help'],
  activation: ['set.activation', 'set.activation-help'],
  likelihood: ['set.likelihood', 'set.likelihood-help'],
  sigma: ['set.sigma', 'set.sigma-help'],
  output: ['set.output', 'set.output-help'],
  objective: ['set.objective', 'set.objective-help'],
  samples: ['set.samples', 'set.samples-help'],
  freeBits: ['set.free-bits', 'set.free-bits-help'],
  beta: ['set.beta', 'set.beta-help'],
  betaStart: ['set.beta-start', 'set.beta-start-help'],
  klWarmUp: ['set.kl-warm-up', 'set.kl-warm-up-help'],
  optimizer: ['set.optimizer', 'set.optimizer-help'],
  momentum: ['set.momentum', 'set.momentum-help'],
  weightDecay: ['set.weight-decay', 'set.weight-decay-help'],
  l1: ['set.l1', 'set.l1-help'],
  l2: ['set.l2', 'set.l2-help'],
  clipNorm: ['set.clip-norm', 'set.clip-norm-help'],
  labelSmoothing: ['set.label-smoothing', 'set.label-smoothing-help'],
  noise: ['set.noise', 'set.noise-help'],
  noiseSteps: ['set.noise-steps', 'set.noise-steps-help'],
  discriminatorRate: ['set.discriminator-rate', 'set.discriminator-rate-help'],
  learningRate: ['set.learning-rate', 'set.learning-rate-help'],
  schedule: ['set.schedule', 'set.schedule-help'],
  warmUp: ['set.warm-up', 'set.warm-up-help'],
  batch: ['set.batch', 'set.batch-help'],
  binarize: ['set.binarize', 'set.binarize-help'],
  seed: ['set.seed', 'set.seed-help'],
  workers: ['set.workers', 'set.workers-help'],
  epochs: ['set.epochs', 'set.epochs-help'],
  minutes: ['set.minutes', 'set.minutes-help'],
  patience: ['set.patience', 'set.patience-help'],
};

/** Words for choices; names that everybody uses are not translated. @type {Record<string, string>} */
export const choices = {
  dense: 'set.dense',
  conv: 'set.conv',
  cvae: 'set.cvae',
  dcgan: 'set.dcgan',
  'vae-gan': 'set.vae-gan',
  elbo: 'set.elbo',
  iwae: 'IWAE',
  plain: 'set.plain',
  sigmoid: 'sigmoid',
  relu: 'ReLU',
  'leaky-relu': 'leaky ReLU',
  tanh: 'tanh',
  bernoulli: 'set.bernoulli',
  gaussian: 'set.gaussian',
  adam: 'Adam',
  adamw: 'AdamW',
  sgd: 'set.sgd',
  constant: 'set.constant',
  linear: 'set.linear',
  cosine: 'set.cosine',
  dynamic: 'set.dynamic',
  static: 'set.static',
  none: 'set.none',
};

/**
 * Whether a setting has a use beside the others.
 *
 * @param {string} name
 * @param {Settings} settings
 */
export function hasUse(name, settings) {
  if (name === 'images') return isMade(settings.data);
  if (name === 'from') return settings.from !== '';
  return applies[name]?.(settings) !== false;
}

/**
 * What the model is called that a run begins with.
 *
 * @param {string} from
 * @param {I18n} i18n
 */
export function startTitle(from, i18n) {
  if (from === '') return i18n.t('start-from.none');
  return Object.hasOwn(starts, from) ? starts[from].title[i18n.lang] : i18n.t('start-from.run');
}

/**
 * A value as people read it.
 *
 * @param {string} name of its setting
 * @param {any} value
 * @param {I18n} i18n
 */
export function valueText(name, value, i18n) {
  if (Array.isArray(value)) return value.join(', ') || '0';
  if (fields[name].type === 'start') return startTitle(value, i18n);
  if (name === 'workers' && value === auto) return i18n.t('set.workers-auto');
  if (fields[name].type !== 'choice') return String(value);
  const word = choices[value] ?? String(value);
  return word.startsWith('set.') ? i18n.t(word) : word;
}

/** What depends on the place where it is trained, and says nothing about the model. */
const ofPlace = new Set(['workers', 'minutes', 'patience']);

/**
 * The settings of a model and of its training that have a use, as people read them.
 *
 * @param {Settings} settings
 * @param {I18n} i18n
 * @param {string[]} [without] names of settings
 * @returns {[string, string][]} what each is called, and its value
 */
export function settingsInWords(settings, i18n, without = []) {
  return Object.entries(words)
    .filter(([name]) => !ofPlace.has(name) && !without.includes(name) && hasUse(name, settings))
    .map(([name, [title]]) => {
      const value = /** @type {any} */ (settings)[name];
      const grouped = fields[name].type === 'int' && name !== 'seed';
      return [i18n.t(title), grouped ? value.toLocaleString(i18n.lang) : valueText(name, value, i18n)];
    });
}
