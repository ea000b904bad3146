/** The terms of glossary.json beside settings and figures. */

/** The terms of the glossary that settings are about. @type {Record<string, string>} */
export const termOfSetting = {
  learningRate: 'learning-rate',
  beta: 'beta',
  latent: 'latent-variable',
  encoder: 'encoder',
  decoder: 'decoder',
  likelihood: 'bernoulli',
  sigma: 'gaussian',
  objective: 'iwae',
  samples: 'importance-sampling',
  freeBits: 'free-bits',
  klWarmUp: 'kl-warm-up',
  optimizer: 'optimiser',
  weightDecay: 'weight-decay',
  clipNorm: 'gradient-clipping',
  schedule: 'schedule',
  batch: 'batch',
  binarize: 'binarisation',
  seed: 'seed',
  epochs: 'epoch',
  patience: 'early-stopping',
};

/** Those that figures and curves are about, by the key of their heading. @type {Record<string, string>} */
export const termOfFigure = {
  'watch.pictures': 'reconstruction',
  'watch.samples': 'prior',
  'watch.scatter': 'latent-space',
  'watch.grid': 'decoder',
  'watch.dims': 'posterior-collapse',
  'watch.loss': 'elbo',
  'watch.elbo': 'elbo',
  'watch.recon': 'reconstruction',
  'watch.kl': 'kl-divergence',
  'watch.grad': 'gradient-norm',
  'watch.iwae': 'iwae',
  'watch.discriminator': 'gan',
  'watch.features': 'vae-gan',
};
