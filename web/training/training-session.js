/**
 * Training as people and scripts control it: play, pause, step, reset, change
 * settings, resume. No DOM: the train view shows it, window.inkdrift.train
 * controls it.
 *
 * A worker pool (worker-pool.js) trains, a run (run.js) is stored; both are given.
 *
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {'idle' | 'opening' | 'running' | 'paused' | 'done' | 'diverged' | 'failed'} Status
 */
import { Emitter } from '../lib/emitter.js';
import { freshSeed } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { presetNames } from './presets.js';
import { check, complete, differences, needReset, preset, applySettings } from './settings.js';
import { unusableOnPads } from './families.js';
import { earlierData, isMade, madeData } from './made-sets.js';
import { RunRecorder } from './run-recorder.js';
import { noModel, openGroup, takeSteps } from './open-run.js';
import { RunProgress } from './run-progress.js';
import { auto } from './worker-count.js';

/** Training pictures that a prior is fitted to: about a second. */
const priorPictures = 3000;

/** Statuses of a run after which the next start begins another. */
const ended = new Set(['done', 'diverged', 'failed']);

/**
 * Events: `change` (status or figures), `points` (curves have grown), `preview`
 * (pictures), `moments` (one more is kept of the run), `detail` (figures for each latent dimension), `settings`,
 * `message` (key, values: a text for the status line), `measuring` ({what, done, of}), `download` (part: of a data set), `error`
 * (error), `run` (another run, or none).
 */
export class TrainingSession extends Emitter {
  /** @type {Status} */
  status = 'idle';
  /** Settings of the next run; those that can change at once also of this one. @type {Settings} */
  settings;
  /** Settings of this run, with later changes. @type {Settings | null} */
  active = null;
  /** Why it stopped without being told to. @type {'' | 'epochs' | 'time' | 'patience' | 'elsewhere'} */
  stopped = '';
  /** Why it failed or diverged. @type {InkdriftError | null} */
  why = null;
  /** What else trains in the page: a key of the texts, or ''. */
  otherWork = '';

  #progress = new RunProgress(() => {
    const { active, run } = this;
    return { group: this.#group, run, active, running: this.status === 'running' };
  });
  /** @type {import('./pool-worker.js').Group | null} */
  #group = null;
  /** @type {(() => void)[]} */
  #unsubscribe = [];
  #makeGroup;
  #recorder;
  #data;
  #model;
  #title;
  #defaultWorkers;
  /** The pictures of the run, of a generated set. @type {import('./open-run.js').MadeData | undefined} */
  #made;
  /** Settles when all commands so far are done. @type {Promise<any>} */
  #queue = Promise.resolve();

  /**
   * @param {object} from
   * @param {() => import('./pool-worker.js').Group} from.makeGroup makes the workers' group
   * @param {import('./run-recorder.js').RunStore} from.runs stores runs
   * @param {import('./open-run.js').LoadData} from.data
   * @param {import('./open-run.js').LoadModel} [from.model]
   * @param {(settings: Settings) => string} [from.title] names a run
   * @param {number} from.workers their number by default
   */
  constructor({ makeGroup, runs, data, model = noModel, title = () => '', workers }) {
    super();
    this.#makeGroup = makeGroup;
    this.#recorder = new RunRecorder(runs, { onError: (e) => this.#reportError(e), onTakenOver: () => this.#onTakenOver() });
    this.#data = data;
    this.#model = model;
    this.#title = title;
    this.#defaultWorkers = workers;
    this.settings = preset(presetNames[0], workers);
    for (const event of ['change', 'points', 'preview', 'moments', 'detail', 'message', 'measuring'])
      this.#progress.on(event, (...what) => this.emit(event, ...what));
    this.#progress.on('error', (e) => this.#reportError(e));
    this.#progress.on('limit', (why) => this.#stop(why));
  }

  /** The number of workers by default. */
  get defaultWorkers() {
    return this.#defaultWorkers;
  }

  /** How many workers were asked for, how many train, alive or active, and whether their number is found by trial, and how they exchange what they compute. */
  get workers() {
    const group = this.#group;
    if (!group) return { wanted: this.settings.workers, active: 0, alive: 0, auto: this.settings.workers === auto, exchange: null };
    return { ...group.workers, active: group.workers.alive, auto: group.isAuto, exchange: group.exchange };
  }

  /** The stored run. */
  get run() {
    return this.#recorder.run;
  }

  get curves() {
    return this.run?.curves ?? null;
  }

  get figures() {
    return this.#progress.figures;
  }

  /** The last preview of the model. */
  get preview() {
    return this.#progress.preview;
  }

  /** The last evaluation. */
  get detail() {
    return this.#progress.detail;
  }

  /** What the engine said of the run. */
  get info() {
    return this.#progress.info;
  }

  /** Steps that were undone. */
  get rollbacks() {
    return this.#progress.rollbacks;
  }

  /** Settings that differ from those of the run: the next run has them. Of a run that has ended none waits: play begins the next one. */
  get pending() {
    return this.active && !ended.has(this.status) ? differences(this.active, this.settings) : [];
  }

  /** Why the pads cannot use the model: a key of the texts, or ''. */
  get unfit() {
    return unusableOnPads(this.active ?? this.settings);
  }

  /** What scripts see. */
  get state() {
    const { status, figures } = this;
    return {
      status,
      dataset: this.info?.dataset?.name ?? this.settings.data,
      ...figures,
      validation: { ...figures.validation },
      settings: structuredClone(this.active ?? this.settings),
      workers: { ...this.workers },
      backend: this.#group?.backend ?? null,
      stopped: this.stopped || null,
      error: this.why && { code: this.why.code, message: this.why.message, field: this.why.field },
    };
  }

  /**
   * Changes settings. The run takes over those that it can, unless another preset
   * was chosen: that is another experiment.
   *
   * @param {Partial<Settings>} part
   * @throws {InkdriftError} bad-value
   */
  set(part) {
    this.#set(complete(part, this.#defaultWorkers, this.settings), part.preset === undefined);
  }

  /**
   * @param {Settings} next
   * @param {boolean} live whether the run takes over what it can
   */
  #set(next, live) {
    this.settings = next;
    const { active } = this;
    if (active && live) this.#change(active, next);
    this.emit('settings');
  }

  /**
   * @param {Settings} active
   * @param {Settings} next
   */
  #change(active, next) {
    const changes = applySettings(active, next);
    if (Object.keys(changes).length === 0) return;
    this.run?.update({ settings: this.#savedSettings(active) });
    if (changes.minutes !== undefined) this.#progress.restartClock();
    const { learningRate, beta, workers } = changes;
    void this.#enqueue(async () => {
      if (!this.#group) return;
      if (learningRate !== undefined || beta !== undefined) await this.#group.change({ learningRate, beta });
      if (workers !== undefined) await this.#group.setWorkers(workers);
    }).catch((e) => this.#reportError(e));
  }

  /**
   * Sets what else trains in the page.
   *
   * @param {string} key of the texts; '': nothing
   */
  setOtherWork(key) {
    this.otherWork = key;
    this.emit('change');
  }

  /** Plays or pauses. A run that has ended is replaced by a new one. */
  toggle() {
    if (this.status === 'running') return this.pause();
    if (this.status === 'opening') return this.#queue;
    return this.start();
  }

  /**
   * Trains, until it is paused or done. A run that has ended is replaced by a new
   * one.
   *
   * @param {Partial<Settings>} [config] settings that differ; another run begins where they need one
   */
  async start(config) {
    if (config !== undefined) {
      const next = complete(config, this.#defaultWorkers);
      if (this.active && needReset(this.active, next).length > 0) await this.reset();
      this.#set(next, true);
    }
    if (ended.has(this.status)) await this.reset();
    return this.#enqueue(async () => {
      const group = await this.#open();
      this.#beforeRun();
      await group.run(0);
      this.#progress.poll();
    });
  }

  /** Stops after the step in progress. */
  pause() {
    return this.#enqueue(async () => {
      if (!this.#group || this.status !== 'running') return;
      await this.#group.pause();
    });
  }

  /**
   * Takes some steps, and stops.
   *
   * @param {any} [n]
   */
  step(n = 1) {
    return this.#enqueue(async () => {
      if (!Number.isInteger(n) || n < 1 || n > 1e6) throw new InkdriftError('bad-value', `${n}, should be a whole number of steps`, 'n');
      if (this.status === 'running') await this.#group?.pause();
      const group = await this.#open();
      if (this.status === 'done' || this.status === 'diverged') return;
      this.#beforeRun();
      await takeSteps(group, n);
    }).then(() => this.#queue); // and is previewCounts at
  }

  /**
   * Closes the run; it stays stored. The next one starts from new weights.
   *
   * @param {{seed?: 'same' | 'new' | number}} [how]
   */
  reset({ seed = 'same' } = {}) {
    return this.#enqueue(async () => {
      await this.#close();
      if (seed !== 'same') this.set({ seed: seed === 'new' ? freshSeed() % 100_000 : check('seed', seed) });
      this.#setStatus('idle');
    });
  }

  /**
   * Resumes a stored run that was interrupted or paused.
   *
   * @param {string} id
   */
  resume(id) {
    return this.#enqueue(async () => {
      await this.#close();
      const run = await this.#recorder.acquire(id);
      try {
        if (!run.lastCheckpoint || run.status === 'done') throw new InkdriftError('run-missing', 'it has no checkpoint to go on from', id);
        const settings = complete({ preset: presetNames[0], ...run.settings?.page }, this.#defaultWorkers);
        this.settings = structuredClone(settings);
        this.emit('settings');
        await this.#open(run, run.settings?.made ?? earlierData);
      } catch (e) {
        await run.release();
        throw e;
      }
      await this.#progress.pollOnce();
    });
  }

  /**
   * Shows samples of N(0, I), or of a mixture of Gaussians that is fitted to the present
   * model. Its next step takes the mixture away.
   *
   * @param {'normal' | 'fitted'} prior
   * @throws {InkdriftError} no-training
   */
  async showPrior(prior) {
    const group = this.#group;
    if (!group) throw new InkdriftError('no-training', 'there is no model to fit a prior to yet');
    await this.#progress.showPrior(prior, () => group.measure({ prior: priorPictures, seed: 1 }));
  }

  /**
   * Measures the present model; the event `measuring` reports progress. Training
   * waits meanwhile.
   *
   * @param {Partial<import('../generated/protocol.js').Measure>} what
   * @param {ArrayBuffer[]} classifier the file of the one that judges samples, if any are wanted
   * @param {AbortSignal} signal
   * @returns {Promise<import('../generated/protocol.js').MeasureOK>}
   */
  async measure(what, classifier, signal) {
    if (!this.#group) throw new InkdriftError('no-training', 'there is no model to measure yet');
    return this.#group.measure(what, classifier, signal);
  }

  /**
   * The state of the run, which it can go on from bit for bit: here, and with tools/train.
   *
   * @returns {Promise<{step: number, file: ArrayBuffer}>}
   */
  checkpoint() {
    return this.#enqueue(async () => {
      if (!this.#group) throw new InkdriftError('no-model', 'nothing has been trained yet');
      return this.#group.checkpoint({ latest: true });
    });
  }

  /** The present model, a safetensors file. @returns {Promise<ArrayBuffer>} */
  model() {
    return this.#enqueue(async () => {
      if (!this.#group) throw new InkdriftError('no-model', 'nothing has been trained yet');
      return this.#group.model();
    });
  }

  /**
   * A morph of the present model between two pictures.
   *
   * @param {Parameters<import('./worker-pool.js').WorkerPool['morph']>[0]} what
   * @returns {Promise<{step: number, frames: number, shape: number[], pixels: Float32Array} | null>} null: there is no model
   */
  async morph(what) {
    return this.#group ? this.#group.morph(what) : null;
  }

  /**
   * What a map shows of the present model.
   *
   * @param {Parameters<import('./worker-pool.js').WorkerPool['map']>[0]} what
   * @returns {Promise<Awaited<ReturnType<import('./worker-pool.js').WorkerPool['map']>> | null>} null: there is no model
   */
  async map(what) {
    return this.#group ? this.#group.map(what) : null;
  }

  /** Asks the workers for a sign of life: the page was hidden, or the machine slept. */
  async check() {
    await this.#group?.check();
  }

  /** Pauses, saves and closes the run. */
  close() {
    return this.#enqueue(() => this.#close());
  }

  /**
   * Opens a run, if none is open.
   *
   * @param {any} [saved] a run to resume
   * @param {import('./open-run.js').MadeData | typeof madeData} [made] its pictures
   */
  async #open(saved, made = madeData) {
    if (this.#group) return this.#group;
    const settings = structuredClone(this.settings);
    this.why = null;
    this.stopped = '';
    this.#progress.prepare(settings);
    this.#made = !isMade(settings.data) ? undefined : typeof made === 'function' ? made(settings) : made;
    this.#setStatus('opening');
    const opening = openGroup(settings, {
      makeGroup: this.#makeGroup,
      data: this.#data,
      model: this.#model,
      checkpoint: saved?.lastCheckpoint?.file,
      made: this.#made,
    });
    const { group, info } = await opening.catch((e) => {
      this.why = InkdriftError.from(e);
      this.#setStatus('failed');
      throw this.why;
    });
    this.active = settings;
    this.#group = group;
    if (saved) this.#recorder.run = saved;
    else this.#recorder.start(this.#describe(), info.terms);
    this.#progress.follow(group, info, saved ?? null);
    this.#unsubscribe = [
      group.on('state', (s, why) => this.#onState(s, why)),
      group.on('checkpoint', (c) => void this.#recorder.saveCheckpoint(c)),
    ];
    this.emit('run');
    this.#setStatus('paused');
    return group;
  }

  /** Name and settings for a run that starts now. */
  #describe() {
    const settings = this.active ?? this.settings;
    return { name: this.#title(settings), titled: true, settings: this.#savedSettings(settings) };
  }

  /** Settings as they are saved, with the pictures, which a resumed run needs again. @param {Settings} settings */
  #savedSettings(settings) {
    return { page: structuredClone(settings), ...(this.#made && { made: this.#made }) };
  }

  /** Called before it runs. */
  #beforeRun() {
    this.stopped = '';
    this.#progress.startLimits();
    if (!this.#recorder.takenOver) return;
    this.#recorder.fork(this.#describe());
    this.emit('run');
  }

  async #close() {
    const group = this.#group;
    if (!group) return;
    if (group.state === 'running') await group.pause().catch(() => {});
    await this.#save();
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    this.#group = null;
    this.active = null;
    this.#progress.end();
    await group.close().catch(() => {});
    await this.#recorder.release();
    this.emit('run');
  }

  #save() {
    const { status, figures, info, preview, detail } = this;
    return this.#recorder.save(this.#group, { status, figures, info, preview, detail });
  }

  /** Another tab owns the run now: training stops here until it is started as another run. */
  #onTakenOver() {
    this.stopped = 'elsewhere';
    if (this.status === 'running') void this.pause();
    else this.emit('change');
  }

  /**
   * @param {Status | {state: Status}} to
   * @param {any} why
   */
  #onState(to, why) {
    const state = /** @type {Status} */ (typeof to === 'string' ? to : to.state);
    const reason = why ?? (typeof to === 'string' ? null : /** @type {any} */ (to).why);
    if (!['running', 'paused', 'done', 'diverged', 'failed'].includes(state) || state === this.status) return;
    this.why = state === 'diverged' || state === 'failed' ? InkdriftError.from(reason ?? this.#group?.why ?? {}) : null;
    if (state === 'done') this.stopped = 'epochs';
    if (state !== 'failed') this.run?.update({ status: state });
    this.#setStatus(state);
    if (state === 'running' || state === 'failed') return;
    void this.#enqueue(async () => {
      if (this.status === 'running') return;
      await this.#progress.pollOnce();
      await this.#save();
    }).catch((e) => this.#reportError(e));
  }

  /** @param {'time' | 'patience'} why */
  #stop(why) {
    if (this.stopped || this.status !== 'running') return;
    this.stopped = why;
    void this.pause();
  }

  /** @param {Status} status */
  #setStatus(status) {
    this.status = status;
    if (status !== 'running') this.figures.imagesPerSecond = 0;
    this.emit('change');
  }

  /** @param {unknown} e reported; training continues */
  #reportError(e) {
    this.emit('error', InkdriftError.from(e));
  }

  /**
   * Runs commands one after the other.
   *
   * @template T
   * @param {() => Promise<T>} fn
   * @returns {Promise<T>}
   */
  #enqueue(fn) {
    const done = this.#queue.then(fn);
    this.#queue = done.catch(() => {});
    return done;
  }
}
