/**
 * The terms of glossary.json that figures, curves and pictures are about, by the
 * key of what they are called.
 *
 * @type {Record<string, string>}
 */
export const termOfFigure = {
  'watch.pictures': 'reconstruction',
  'watch.samples': 'prior',
  'watch.scatter': 'latent-space',
  'watch.dims': 'posterior-collapse',
  'watch.loss': 'elbo',
  'watch.elbo': 'elbo',
  'watch.recon': 'reconstruction',
  'watch.kl': 'kl-divergence',
  'watch.grad': 'gradient-norm',
  'watch.iwae': 'iwae',
  'watch.discriminator': 'gan',
  'watch.features': 'vae-gan',
  'watch.validation': 'validation',
  'measures.elbo': 'elbo',
  'measures.active': 'active-unit',
  'measures.mse': 'mse',
  'measures.psnr': 'psnr',
  'measures.ssim': 'ssim',
  'measures.score': 'inception-score',
  'measures.largest': 'mode-collapse',
  'measures.density': 'fitted-prior',
  'measures.fid-fitted': 'fid',
  'measures.score-fitted': 'inception-score',
  'measures.nll': 'nll',
  'studio-morph.scrub': 't',
  'explain.head-posterior': 'posterior',
  'explain.head-sample': 'reparameterisation',
  'explain.head-loss': 'nat',
  'explain.epsilon': 'epsilon',
  'explain.sigma': 'sigma',
  'set.dcgan': 'dcgan',
  'set.cvae': 'conditional-vae',
  'set.vae-gan': 'vae-gan',
  'try.auroc': 'auroc',
  'labels.propagation': 'label-propagation',
  'gallery.psnr': 'psnr',
  'gallery.nll': 'nll',
  'gallery.nll-given': 'nll',
  'gallery.elbo': 'elbo',
  'gallery.elbo-given': 'elbo',
  'gallery.fid': 'fid',
  'gallery.covered': 'coverage',
  'gallery.seed': 'seed',
  'gallery.latent': 'latent-variable',
  'gallery.samples': 'prior',
  'gallery.morph': 'interpolation',
  'gallery.numbers': 'latent-variable',
  'sweep.pictures': 'reconstruction',
  'sweep.active': 'active-unit',
  'labels.mu': 'mu',
  'measures.fid': 'fid',
  'measures.covered': 'coverage',
  'vae-vs-gan.samples': 'sample',
  'vae-vs-gan.way': 'interpolation',
  'vae-vs-gan.mode-collapse': 'mode-collapse',
};

/**
 * The button that explains a figure, where the glossary has its term.
 *
 * @param {import('./term.js').Terms} terms
 * @param {string} key of what the figure is called
 */
export function explain(terms, key) {
  return termOfFigure[key] ? [terms.button(termOfFigure[key], key)] : [];
}
