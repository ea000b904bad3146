/**
 * Brings in what trains when a view or a script wants it for the first time,
 * and is what scripts see of training before that.
 */

import { loadModule } from '../lib/load-module.js';

/**
 * What scripts see of training before there is any: of what a run has, nothing.
 *
 * @typedef {import('../training/training-session.js').TrainingSession['state']} TrainState
 * @typedef {'status' | 'dataset' | 'step' | 'epoch' | 'imagesPerSecond' | 'elbo' | 'recon' | 'kl' | 'terms' | 'validation'} Always
 * @type {Readonly<Pick<TrainState, Always> & Partial<TrainState>>}
 */
const untrained = Object.freeze({
  status: 'idle',
  dataset: 'digits',
  step: 0,
  epoch: 0,
  imagesPerSecond: 0,
  elbo: null,
  recon: null,
  kl: null,
  terms: Object.freeze({}),
  validation: Object.freeze({ step: 0, images: 0, elbo: null, recon: null, kl: null, terms: Object.freeze({}) }),
});

/** The training services, once somebody wants them. */
export class LazyTraining {
  /** @type {Promise<import('./context.js').TrainingServices> | null} */
  #loading = null;
  /** @type {import('../training/training-session.js').TrainingSession | null} */
  #session = null;
  #context;
  #stores;

  /**
   * @param {Pick<import('./context.js').AppContext, 'base' | 'assets' | 'i18n' | 'errors' | 'events' | 'fail'>} context
   * @param {boolean} stores whether anything is stored for another visit
   */
  constructor(context, stores) {
    this.#context = context;
    this.#stores = stores;
  }

  /** What scripts see of training. */
  get state() {
    return this.#session?.state ?? untrained;
  }

  /** Brings in what trains. */
  load() {
    this.#loading ??= this.#load();
    this.#loading.catch(() => (this.#loading = null)); // the network may be back the next time
    return this.#loading;
  }

  async #load() {
    const { base, assets, i18n, errors, events, fail } = this.#context;
    const [{ setUp }, { runTitle }, list] = await Promise.all([
      loadModule(() => import('../training/setup.js'), 'setup.js'),
      loadModule(() => import('../training/run-names.js'), 'run-names.js'),
      assets(),
    ]);
    const services = await setUp({
      assets: list,
      base,
      kernel: new URL(location.href).searchParams.get('kernel'),
      title: (settings) => runTitle(settings, i18n),
      stores: this.#stores,
      fail,
      clearError: (code) => errors.clear(code),
    });
    const session = services.training;
    this.#session = session;
    for (const event of ['change', 'detail']) session.on(event, () => events.emit('progress', { train: session.state }));
    return services;
  }
}
