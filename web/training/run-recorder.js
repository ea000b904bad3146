/**
 * Stores the run in progress: its checkpoints while it trains, its weights and
 * figures when it is paused. If that fails the error is reported and training
 * goes on.
 */
import { InkdriftError } from '../lib/errors.js';
import { noCurves } from './run.js';
import { encodeLatent, encodePreview } from './model-poller.js';

/** @typedef {{begin: (spec: {name: string, settings: any}) => any, acquire: (id: string) => Promise<any>, remove: (id: string) => Promise<any>}} RunStore */

/** Records the run that this tab owns. */
export class RunRecorder {
  /** @type {any} */
  run = null;

  #runs;
  #onError;
  #onTakenOver;
  /** Run, step and status of the last save. */
  #savedAt = '';
  /** Settles when what was given to save is written, or is not to be. @type {Promise<void>} */
  #saving = Promise.resolve();

  /**
   * @param {RunStore} runs
   * @param {object} events
   * @param {(error: unknown) => void} events.onError
   * @param {() => void} events.onTakenOver another tab owns the run now
   */
  constructor(runs, { onError, onTakenOver }) {
    this.#runs = runs;
    this.#onError = onError;
    this.#onTakenOver = onTakenOver;
  }

  /**
   * Gets a stored run, to resume it.
   *
   * @param {string} id
   */
  acquire(id) {
    return this.#runs.acquire(id);
  }

  /**
   * Starts a run. Training does not wait for the storage.
   *
   * @param {{name: string, settings: any}} spec
   * @param {string[]} [terms] of its objective, besides those that all objectives have
   */
  start(spec, terms = []) {
    this.run = this.#runs.begin(spec);
    if (terms.length > 0) this.run.curves = noCurves(terms);
  }

  /** Whether another tab owns the run now. */
  get takenOver() {
    return this.run?.released === true;
  }

  /**
   * Continues as another run, with the curves and moments so far.
   *
   * @param {{name: string, settings: any}} spec
   */
  fork(spec) {
    const { curves, moments } = this.run;
    this.start(spec);
    Object.assign(this.run, { curves, moments });
  }

  /**
   * Saves a checkpoint.
   *
   * @param {{step: number, file: ArrayBuffer}} checkpoint
   */
  async saveCheckpoint(checkpoint) {
    try {
      await this.run?.saveCheckpoint(checkpoint);
    } catch (e) {
      if (InkdriftError.from(e).code === 'run-elsewhere') this.#onTakenOver();
      else this.#onError(e);
    }
  }

  /**
   * Saves state and weights of a run that does not train. It waits for the workers
   * only: what they give is written later.
   *
   * @param {import('./pool-worker.js').Group | null} group
   * @param {{status: string, figures: import('./figures.js').Values, info: import('./pool-worker.js').Info | null, preview: import('./model-poller.js').Preview | null,
   *   detail?: import('./model-poller.js').Evaluation | null}} now
   */
  async save(group, { status, figures, info, preview, detail = null }) {
    const { run } = this;
    if (!run || !group || figures.step === 0 || status === 'failed') return;
    const now = `${run.id} ${figures.step} ${status}`;
    if (now === this.#savedAt) return;
    this.#savedAt = now;
    const { step, seconds, recon, kl, elbo, validation } = figures;
    const summary = {
      recon,
      kl,
      elbo,
      validation,
      params: info?.params ?? 0,
      dataset: info?.dataset?.name ?? '',
      pictures: preview && encodePreview(preview),
      latent: preview && encodeLatent(preview, detail),
    };
    run.update({ step, seconds, figures: summary });
    try {
      const checkpoint = status === 'done' ? null : await group.checkpoint();
      const model = await group.model();
      this.#saving = this.#saving.then(() => this.#write(run, status, checkpoint, model));
    } catch (e) {
      this.#savedAt = '';
      this.#onError(e);
    }
  }

  /**
   * @param {any} run
   * @param {string} status
   * @param {{step: number, file: ArrayBuffer} | null} checkpoint
   * @param {ArrayBuffer} model
   */
  async #write(run, status, checkpoint, model) {
    try {
      if (checkpoint && run === this.run) await this.saveCheckpoint(checkpoint);
      await run.saveWeights(model);
      if (status === 'done' || status === 'diverged') await run.finish({ status });
    } catch (e) {
      this.#onError(e);
    }
  }

  /** Waits until what was given to save is written, or is not to be. */
  settled() {
    return this.#saving;
  }

  /** Releases the run. A run without a step is deleted. */
  async release() {
    await this.#saving;
    const { run } = this;
    this.run = null;
    try {
      if (run && run.step > 0) await run.release();
      else if (run) await this.#runs.remove(run.id);
    } catch (e) {
      this.#onError(e); // the next run can start anyway
    }
  }
}
