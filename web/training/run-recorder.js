/**
 * What is kept of the run in progress: its checkpoints while it trains, its
 * weights and figures when it stands still. What cannot be kept is told of, and
 * training goes on.
 */
import { InkdriftError } from '../lib/errors.js';
import { noCurves } from './run.js';
import { shrink } from './model-poller.js';

/** @typedef {{start: (what: {name: string, settings: any}) => Promise<any>, hold: (id: string) => Promise<any>, remove: (id: string) => Promise<any>}} Keeper */

/** The run that this tab holds. */
export class RunRecorder {
  /** @type {any} */
  run = null;

  #keeper;
  #onTrouble;
  #onElsewhere;
  /** Run, step and status that were kept last. */
  #keptAt = '';

  /**
   * @param {Keeper} keeper keeps runs
   * @param {object} told
   * @param {(error: unknown) => void} told.onTrouble
   * @param {() => void} told.onElsewhere another tab has taken the run over
   */
  constructor(keeper, { onTrouble, onElsewhere }) {
    this.#keeper = keeper;
    this.#onTrouble = onTrouble;
    this.#onElsewhere = onElsewhere;
  }

  /**
   * Takes an old run up again.
   *
   * @param {string} id
   */
  hold(id) {
    return this.#keeper.hold(id);
  }

  /**
   * Begins a run.
   *
   * @param {{name: string, settings: any}} what
   * @param {string[]} [terms] of its objective, besides those that all have
   */
  async begin(what, terms = []) {
    this.run = await this.#keeper.start(what);
    if (terms.length > 0) this.run.curves = noCurves(terms);
  }

  /** Whether another tab has taken the run over. */
  get isElsewhere() {
    return this.run?.released === true;
  }

  /**
   * Goes on as a run of its own, with the curves so far.
   *
   * @param {{name: string, settings: any}} what
   */
  async part(what) {
    const { curves } = this.run;
    await this.begin(what);
    this.run.curves = curves;
  }

  /**
   * Keeps a checkpoint.
   *
   * @param {{step: number, file: ArrayBuffer}} checkpoint
   */
  async checkpoint(checkpoint) {
    try {
      await this.run?.checkpoint(checkpoint);
    } catch (e) {
      if (InkdriftError.from(e).code === 'run-elsewhere') this.#onElsewhere();
      else this.#onTrouble(e);
    }
  }

  /**
   * Keeps the state and the weights of a run that stands still.
   *
   * @param {import('./pool-worker.js').Group | null} group
   * @param {{status: string, figures: import('./figures.js').Values, info: import('./pool-worker.js').Info | null, look: import('./model-poller.js').Look | null}} now
   */
  async keep(group, { status, figures, info, look }) {
    const { run } = this;
    if (!run || !group || figures.step === 0 || status === 'failed') return;
    const now = `${run.id} ${figures.step} ${status}`;
    if (now === this.#keptAt) return;
    this.#keptAt = now;
    const { step, seconds, recon, kl, elbo, validation } = figures;
    const summary = {
      recon,
      kl,
      elbo,
      validation,
      params: info?.params ?? 0,
      dataset: info?.dataset?.name ?? '',
      pictures: look && shrink(look),
    };
    run.note({ step, seconds, figures: summary });
    try {
      if (status !== 'done') await this.checkpoint(await group.checkpoint());
      await run.weights(await group.model());
      if (status === 'done' || status === 'diverged') await run.finish({ status });
    } catch (e) {
      this.#onTrouble(e);
    }
  }

  /** Lets the run go; one without a step is forgotten. */
  async letGo() {
    const { run } = this;
    this.run = null;
    try {
      if (run && run.step > 0) await run.release();
      else if (run) await this.#keeper.remove(run.id);
    } catch (e) {
      this.#onTrouble(e); // the next run does not wait for the storage
    }
  }
}
