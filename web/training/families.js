/**
 * The traits of the families of models, and so which settings and views each one
 * has. CONTRIBUTING.md says how to add a family.
 */
import { families, fields } from '../generated/catalog.js';
import { shapeOf } from './made-sets.js';

/** @typedef {import('./settings.js').Settings} Settings */

/** What there is in the model. @param {Pick<Settings, 'family'>} s */
export const traits = (s) => families[s.family];

/** How pixels are compared: adversarial families have no choice. @param {Settings} s */
export function likelihood(s) {
  const { adversarial, encoder } = traits(s);
  if (!adversarial) return s.likelihood;
  return encoder ? 'gaussian' : 'implicit';
}

/** What becomes of the decoder's last numbers. A discriminator looks at pixels. @param {Settings} s */
export function output(s) {
  if (likelihood(s) === 'bernoulli') return 'plain';
  return s.output === 'plain' && traits(s).adversarial ? 'sigmoid' : s.output;
}

/**
 * Whether what a setting needs is there.
 *
 * @param {import('../generated/catalog.js').Need} need
 * @param {Settings} s
 */
function holds(need, s) {
  if ('trait' in need) return traits(s)[need.trait] === need.is;
  const value = need.setting === 'likelihood' ? likelihood(s) : /** @type {any} */ (s)[need.setting];
  return need.in ? need.in.includes(value) : value > 0;
}

/**
 * When a setting says something; those that are not here always do.
 *
 * @type {Record<string, (s: Settings) => boolean>}
 */
export const applies = Object.fromEntries(
  Object.entries(fields).flatMap(([name, { needs }]) =>
    needs ? [[name, (/** @type {Settings} */ s) => needs.every((need) => holds(need, s))]] : [],
  ),
);

/** The first moment of Adam where two sides play against each other: Radford et al. 2016. */
const beta1 = 0.5;

/**
 * What training is asked for. vae/preset makes the same of the same settings.
 *
 * @param {Settings} s
 * @returns {import('../generated/protocol.js').Recipe}
 */
export function recipe(s) {
  const { family, decoder, latent, activation } = s;
  const has = (/** @type {string} */ name) => applies[name](s);
  const out = output(s);
  return {
    model: {
      family,
      input: shapeOf(s.data),
      encoder: has('encoder') ? s.encoder : [],
      decoder,
      latent,
      activation,
      likelihood: likelihood(s),
      ...(out !== 'plain' && { output: out }),
      ...(has('sigma') && { sigma: s.sigma }),
      ...(has('kernel') && { kernel: s.kernel }),
      ...(has('hidden') && s.hidden.length > 0 && { hidden: s.hidden }),
      ...(has('discriminator') && { discriminator: s.discriminator }),
      ...(has('conditions') && { conditions: s.conditions, recogniser: s.recogniser }),
    },
    train: {
      epochs: s.epochs,
      batch: s.batch,
      learning_rate: s.learningRate,
      schedule: s.schedule,
      warm_up: s.warmUp,
      beta: has('beta') ? s.beta : 1,
      kl_warm_up: has('klWarmUp') ? s.klWarmUp : 0,
      ...(has('betaStart') && s.betaStart > 0 && { beta_start: s.betaStart }),
      optimizer: s.optimizer === 'sgd' ? 'sgd' : 'adam',
      ...(s.optimizer !== 'sgd' && traits(s).adversarial && { beta1 }),
      ...(has('momentum') && { momentum: s.momentum }),
      weight_decay: has('weightDecay') ? s.weightDecay : 0,
      ...(s.l1 > 0 && { l1: s.l1 }),
      ...(s.l2 > 0 && { l2: s.l2 }),
      ...(s.clipNorm > 0 && { clip_norm: s.clipNorm }),
      ...(has('objective') && s.objective !== 'elbo' && { objective: s.objective }),
      ...(has('samples') && s.samples > 1 && { samples: s.samples }),
      ...(has('freeBits') && s.freeBits > 0 && { free_bits: s.freeBits }),
      ...(has('labelSmoothing') && { label_smoothing: s.labelSmoothing, discriminator_rate: s.discriminatorRate, instance_noise: s.noise }),
      ...(has('noiseSteps') && { instance_noise_steps: s.noiseSteps }),
      binarize: has('binarize') ? s.binarize : 'none',
      seed: s.seed,
    },
    dtype: 'F32',
  };
}

/**
 * Why the pads of the studio cannot take a model: a key among the texts, or ''.
 *
 * @param {Pick<Settings, 'family' | 'data'>} s
 * @param {number[]} [shape] of its pictures
 */
export function unusableOnPads(s, shape = shapeOf(s.data)) {
  const { encoder, conditional } = traits(s);
  if (!encoder) return 'train.unfit-encoder';
  if (conditional) return 'train.unfit-class';
  return String(shape) === '1,28,28' ? '' : 'train.unfit-shape';
}
