/**
 * What becomes of a run while it trains: figures, curves, pictures, steps that
 * were undone, workers that were lost. It listens to the worker pool and polls the
 * model.
 *
 * @typedef {object} Current
 * @property {import('./pool-worker.js').Group | null} group the pool that trains
 * @property {any} run the stored run
 * @property {import('./settings.js').Settings | null} active its settings
 * @property {boolean} running
 */
import { Emitter } from '../lib/emitter.js';
import { Figures } from './figures.js';
import { ModelPoller } from './model-poller.js';

/**
 * Events: `change`, `points`, `preview`, `moments`, `detail`, `message`, `measuring` and `error` as
 * of TrainingSession; `limit` ('time' or 'patience': training is to stop).
 */
export class RunProgress extends Emitter {
  /** What the engine said of the run. @type {import('./pool-worker.js').Info | null} */
  info = null;
  /** The last evaluation. @type {import('./model-poller.js').Evaluation | null} */
  detail = null;
  /** Steps that were undone. @type {{step: number, layer: string, learningRate: number}[]} */
  rollbacks = [];

  #figures = new Figures();
  #current;
  #poller;
  /** @type {(() => void)[]} */
  #unsubscribe = [];
  /** Workers that were alive at the last event. */
  #lastAlive = 0;

  /** @param {() => Current} current */
  constructor(current) {
    super();
    this.#current = current;
    this.#poller = new ModelPoller(() => {
      const { group, active, running } = current();
      return { group, latent: active?.latent ?? 0, running };
    });
    this.#poller.on('preview', () => this.emit('preview'));
    this.#poller.on('latent', (step) => this.#keepMoment(step));
    this.#poller.on('evaluation', (m) => this.#onEvaluation(m));
    this.#poller.on('error', (e) => this.emit('error', e));
  }

  get figures() {
    return this.#figures.values;
  }

  /** The last preview of the model. */
  get preview() {
    return this.#poller.preview;
  }

  /** A run is about to be opened. @param {import('./settings.js').Settings} settings */
  prepare(settings) {
    this.rollbacks = [];
    this.#figures = new Figures(settings);
  }

  /**
   * The run is open: from here on it is followed.
   *
   * @param {import('./pool-worker.js').Group} group
   * @param {import('./pool-worker.js').Info} info
   * @param {any} saved the stored run that is resumed, or null
   */
  follow(group, info, saved) {
    this.info = info;
    this.#figures.opened(info, saved);
    this.#unsubscribe = [
      group.on('train', (e) => this.#onSteps(e)),
      group.on('rollback', (t) => this.#onRollback(t)),
      group.on('measuring', (m) => this.emit('measuring', m)),
      group.on('workers', (w) => this.#onWorkers(w)),
    ];
    this.#lastAlive = group.workers.alive;
  }

  /** The run is closed. */
  end() {
    for (const off of this.#unsubscribe) off();
    this.#unsubscribe = [];
    this.info = null;
    this.detail = null;
    this.#poller.preview = null;
    this.#poller.prior = 'normal';
    this.#figures = new Figures();
  }

  /** Limits on time and on epochs without improvement count from here. */
  startLimits() {
    this.#figures.startLimits();
  }

  /** The limit on time counts from here. */
  restartClock() {
    this.#figures.restartClock();
  }

  /** Polls the model while it trains. */
  poll() {
    void this.#poller.start();
  }

  /** Gets one preview and one evaluation of a paused run. */
  pollOnce() {
    return this.#poller.pollOnce();
  }

  /**
   * Gets a preview with samples of another prior. A mixture is fitted to the model unless that has been done.
   *
   * @param {'normal' | 'fitted'} prior
   * @param {() => Promise<unknown>} fit
   */
  async showPrior(prior, fit) {
    this.#poller.prior = prior;
    await this.#poller.pollPreview();
    if (prior === 'normal' || this.#poller.prior === 'fitted') return;
    await fit();
    this.#poller.prior = 'fitted';
    await this.#poller.pollPreview();
  }

  /**
   * The group tells of steps.
   *
   * @param {import('../generated/protocol.js').TrainEvent} e
   */
  #onSteps(e) {
    const { run, active } = this.#current();
    for (const p of e.points) run?.curves.train.add(p);
    this.#figures.addSteps(e);
    run?.update({ step: e.step, seconds: this.figures.seconds });
    this.emit('points');
    this.emit('change');
    if (this.#figures.timeIsUp(active?.minutes ?? 0)) this.emit('limit', 'time');
  }

  /** Keeps what the run has come to. @param {number} step of the preview */
  #keepMoment(step) {
    const { run } = this.#current();
    if (!this.preview || !run?.moments || !(step > 0)) return;
    const { step: measured, elbo } = this.figures.validation;
    if (run.moments.add(step, { step: measured, elbo: elbo ?? null }, this.preview)) this.emit('moments');
  }

  /** @param {import('./model-poller.js').Evaluation} m */
  #onEvaluation(m) {
    this.#figures.addEvaluation(m);
    const { run, active } = this.#current();
    const { recon, kl, elbo, terms } = this.figures.validation;
    /** @type {Record<string, number | null>} */
    const values = { ...terms, step: m.step, recon, kl, elbo };
    const columns = run?.curves.validation.columns ?? [];
    run?.curves.validation.add(columns.map((/** @type {string} */ name) => values[name] ?? NaN));
    if (run?.moments?.measured(m.step, elbo ?? null)) this.emit('moments');
    this.detail = m;
    this.emit('points');
    this.emit('detail');
    this.emit('change');
    if (this.#figures.isStuck(active?.patience ?? 0)) this.emit('limit', 'patience');
  }

  /** @param {import('../generated/protocol.js').TrainRollbackEvent} t */
  #onRollback({ step, layer = '', learningRate }) {
    this.rollbacks.push({ step, layer, learningRate });
    this.emit('change');
  }

  /**
   * The number of workers has changed, or one was replaced.
   *
   * @param {{wanted: number, alive: number, why?: unknown}} counts why: one has died
   */
  #onWorkers({ wanted, alive, why }) {
    if (this.#lastAlive > alive && alive < wanted) this.emit('message', 'train.worker-lost', { alive });
    else if (why) this.emit('message', 'train.worker-replaced', { step: this.#current().group?.step ?? 0 });
    this.#lastAlive = alive;
    this.emit('change');
  }
}
