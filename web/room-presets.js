/**
 * Where experiments begin.
 *
 * @typedef {import('./room-settings.js').Settings} Settings
 */

/** What every preset has that says nothing else. */
export const usual = {
  data: 'digits',
  images: 20_000,
  family: 'dense',
  encoder: [400],
  decoder: [400],
  hidden: /** @type {number[]} */ ([]),
  kernel: 3,
  latent: 16,
  activation: 'relu',
  likelihood: 'bernoulli',
  sigma: 1,
  output: 'plain',
  conditions: 10,
  recogniser: [128],
  discriminator: [16, 32],
  objective: 'elbo',
  samples: 1,
  freeBits: 0,
  beta: 1,
  betaStart: 0,
  klWarmUp: 0,
  labelSmoothing: 0.1,
  noise: 0.2,
  noiseSteps: 10_000,
  discriminatorRate: 1,
  optimizer: 'adam',
  momentum: 0.9,
  weightDecay: 0.01,
  l1: 0,
  l2: 0,
  clipNorm: 0,
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

/** For pictures whose pixels are no ink: shades to be met, not chances. */
export const shades = { likelihood: 'gaussian', sigma: 0.1, output: 'sigmoid', binarize: 'none', clipNorm: 1000 };

/** For pictures of a pen. */
export const strokes = { likelihood: usual.likelihood, sigma: usual.sigma, output: usual.output, binarize: usual.binarize, clipNorm: usual.clipNorm };

/** For pictures in colour. Wide maps out of a linear layer show where things are after a few hundred steps; narrow ones are learnt slowly. */
const coloured = { images: 6000, family: 'conv', encoder: [16, 32], decoder: [16, 12], kernel: 4, activation: 'leaky-relu', warmUp: 50, batch: 32 };

/** The first is the one that a visitor finds. @type {Record<string, Partial<Settings>>} */
export const presets = {
  quick: {},
  'dense-400': { latent: 20, learningRate: 0.001, batch: 128, epochs: 20 },
  map: { encoder: [400, 400], decoder: [400, 400], latent: 2, activation: 'leaky-relu', learningRate: 0.0015, epochs: 20 },
  'deep-2d': {
    encoder: [128, 64, 32],
    decoder: [256, 128, 64],
    latent: 2,
    activation: 'leaky-relu',
    klWarmUp: 500,
    binarize: 'none',
    epochs: 30,
  },
  'wide-32': { encoder: [128], decoder: [128], latent: 32, activation: 'sigmoid', l2: 1e-5, learningRate: 0.003, binarize: 'none', epochs: 20 },
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
  faces: {
    ...shades,
    ...coloured,
    sigma: 0.25,
    data: 'faces',
    hidden: [128],
    latent: 24,
    learningRate: 0.004,
    epochs: 20,
  },
  textures: {
    ...shades,
    data: 'textures',
    images: 6000,
    encoder: [128, 64, 32],
    decoder: [32, 64, 128],
    activation: 'leaky-relu',
    warmUp: 100,
    klWarmUp: 500,
    epochs: 60,
  },
  pictures: {
    ...shades,
    ...coloured,
    sigma: 0.2,
    data: 'textures-colour',
    hidden: [256],
    latent: 32,
    learningRate: 0.003,
    epochs: 40,
  },
  conditional: {
    family: 'cvae',
    encoder: [256],
    decoder: [256, 256],
    latent: 8,
    activation: 'leaky-relu',
    betaStart: 8,
    klWarmUp: 1500,
    epochs: 20,
  },
  iwae: { encoder: [200, 200], decoder: [200, 200], latent: 50, activation: 'tanh', objective: 'iwae', samples: 5, epochs: 20 },
  gan: {
    family: 'dcgan',
    encoder: [],
    decoder: [64, 32],
    kernel: 4,
    latent: 32,
    activation: 'leaky-relu',
    output: 'tanh',
    learningRate: 0.001,
    batch: 32,
  },
  'vae-gan': {
    family: 'vae-gan',
    encoder: [16, 32],
    decoder: [64, 32],
    kernel: 4,
    activation: 'leaky-relu',
    likelihood: 'gaussian',
    sigma: 0.2,
    output: 'tanh',
    binarize: 'none',
    beta: 3,
    noise: 0.3,
    discriminatorRate: 0.3,
    learningRate: 0.001,
    batch: 32,
  },
  tidy: { beta: 4, klWarmUp: 300 },
  collapse: { beta: 40 },
  free: { beta: 0 },
};

/** The preset that shows what a family is usually made of. @type {Record<string, string>} */
export const exemplars = { dense: 'quick', conv: 'conv', cvae: 'conditional', dcgan: 'gan', 'vae-gan': 'vae-gan' };
