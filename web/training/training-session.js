/**
 * A run of training, as people and scripts handle it: play, pause, step, begin
 * anew, change what can be changed, watch, keep. No DOM: the room shows what is
 * here, window.inkdrift.train drives it.
 *
 * The workers that train are behind a group (trainers.js), what is kept is
 * behind a run (runs.js); both are given.
 *
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {'idle' | 'opening' | 'running' | 'paused' | 'done' | 'diverged' | 'failed'} Status
 */
import { Emitter } from '../lib/emitter.js';
import { freshSeed } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { presetNames } from './presets.js';
import { check, complete, differences, needReset, preset, takeOver } from './settings.js';
import { unfit } from './families.js';
import { earlierData, isMade, madeData } from './made-sets.js';
import { Figures } from './figures.js';
import { RunRecorder } from './run-recorder.js';
import { openGroup, takeSteps } from './open-run.js';
import { ModelPoller } from './model-poller.js';

/**
 * Events: `change` (status or figures), `points` (curves have grown), `look`
 * (pictures), `detail` (figures for each latent dimension), `settings`,
 * `said` (key, values: something to be said), `measuring` ({what, done, of}), `trouble` (error), `run` (another run, or none).
 */
export class TrainingSession extends Emitter {
  /** @type {Status} */
  status = 'idle';
  /** What the next run will have, and what of it can change in this one. @type {Settings} */
  settings;
  /** What this run was begun with, and what has been changed since. @type {Settings | null} */
  active = null;
  /** Why it stopped by itself. @type {'' | 'epochs' | 'time' | 'patience' | 'elsewhere'} */
  stopped = '';
  /** Why it failed or diverged. @type {InkdriftError | null} */
  why = null;
  /** Steps that were undone. @type {{step: number, layer: string, learningRate: number}[]} */
  undone = [];
  /** What the engine said of the run. @type {import('./pool-worker.js').Info | null} */
  info = null;
  /** The last evaluation. @type {import('./model-poller.js').Measured | null} */
  detail = null;
  /** What else trains in the page: a key among the texts, or ''. */
  beside = '';

  #figures = new Figures();
  #watcher = new ModelPoller(() => ({ group: this.#group, latent: this.active?.latent ?? 0, running: this.status === 'running' }));
  /** @type {import('./pool-worker.js').Group | null} */
  #group = null;
  /** @type {(() => void)[]} what ends listening to the group */
  #ends = [];
  #makeGroup;
  #kept;
  #data;
  #title;
  #usualWorkers;
  /** The pictures of the run, of a set that is made. @type {import('./open-run.js').MadeData | undefined} */
  #made;
  /** Settles when all that was asked for so far is done. @type {Promise<any>} */
  #before = Promise.resolve();
  /** Workers that were alive when last heard of. */
  #peak = 0;

  /**
   * @param {object} from
   * @param {() => import('./pool-worker.js').Group} from.makeGroup makes the workers' group
   * @param {import('./run-recorder.js').Keeper} from.keeper keeps runs
   * @param {import('./open-run.js').GiveData} from.data
   * @param {(settings: Settings) => string} [from.title] names a run
   * @param {number} from.workers how many there are where nothing is said
   */
  constructor({ makeGroup, keeper, data, title = () => '', workers }) {
    super();
    this.#makeGroup = makeGroup;
    this.#kept = new RunRecorder(keeper, { onTrouble: (e) => this.#trouble(e), onElsewhere: () => this.#elsewhere() });
    this.#data = data;
    this.#title = title;
    this.#usualWorkers = workers;
    this.settings = preset(presetNames[0], workers);
    this.#watcher.on('look', () => this.emit('look'));
    this.#watcher.on('measured', (m) => this.#measured(m));
    this.#watcher.on('trouble', (e) => this.#trouble(e));
  }

  /** How many workers there are where nothing is said. */
  get usualWorkers() {
    return this.#usualWorkers;
  }

  get workers() {
    return this.#group?.workers ?? { wanted: this.settings.workers, alive: 0 };
  }

  /** The run that is kept. */
  get run() {
    return this.#kept.run;
  }

  get curves() {
    return this.run?.curves ?? null;
  }

  get figures() {
    return this.#figures.values;
  }

  /** What was seen of the model last. */
  get look() {
    return this.#watcher.look;
  }

  /** Settings that differ from those of the run and wait for another. */
  get pending() {
    return this.active ? differences(this.active, this.settings) : [];
  }

  /** Why the pads cannot take the model: a key among the texts, or ''. */
  get unfit() {
    return unfit(this.active ?? this.settings);
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
   * Changes settings. Those that can change a run do, at once, unless another
   * preset was chosen: that is another experiment.
   *
   * @param {Partial<Settings>} part
   * @throws {InkdriftError} bad-value
   */
  set(part) {
    this.#set(complete(part, this.#usualWorkers, this.settings), part.preset === undefined);
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
    const changes = takeOver(active, next);
    if (Object.keys(changes).length === 0) return;
    this.run?.note({ settings: this.#notes(active) });
    if (changes.minutes !== undefined) this.#figures.restartClock();
    const { learningRate, beta, workers } = changes;
    void this.#do(async () => {
      if (!this.#group) return;
      if (learningRate !== undefined || beta !== undefined) await this.#group.change({ learningRate, beta });
      if (workers !== undefined) await this.#group.setWorkers(workers);
    }).catch((e) => this.#trouble(e));
  }

  /**
   * Says what else trains in the page.
   *
   * @param {string} key among the texts; '': nothing
   */
  besides(key) {
    this.beside = key;
    this.emit('change');
  }

  /** Plays or pauses; begins anew where there is nothing left to do. */
  toggle() {
    if (this.status === 'running') return this.pause();
    if (this.status === 'opening') return this.#before;
    return this.start();
  }

  /**
   * Trains, until it is paused or done. What is done begins anew.
   *
   * @param {Partial<Settings>} [config] settings that differ; another run begins where they need one
   */
  async start(config) {
    if (config !== undefined) {
      const next = complete(config, this.#usualWorkers);
      if (this.active && needReset(this.active, next).length > 0) await this.reset();
      this.#set(next, true);
    }
    if (['done', 'diverged', 'failed'].includes(this.status)) await this.reset();
    return this.#do(async () => {
      const group = await this.#open();
      await this.#go();
      await group.run(0);
      void this.#watcher.watch();
    });
  }

  /** Stops after the step in progress. */
  pause() {
    return this.#do(async () => {
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
    return this.#do(async () => {
      if (!Number.isInteger(n) || n < 1 || n > 1e6) throw new InkdriftError('bad-value', `${n}, should be a whole number of steps`, 'n');
      if (this.status === 'running') await this.#group?.pause();
      const group = await this.#open();
      if (this.status === 'done' || this.status === 'diverged') return;
      await this.#go();
      await takeSteps(group, n);
    }).then(() => this.#before); // and is looked at
  }

  /**
   * Lets go of the run; it stays kept. The next begins from nothing.
   *
   * @param {{seed?: 'same' | 'new' | number}} [how]
   */
  reset({ seed = 'same' } = {}) {
    return this.#do(async () => {
      await this.#close();
      if (seed !== 'same') this.set({ seed: seed === 'new' ? freshSeed() % 100_000 : check('seed', seed) });
      this.#become('idle');
    });
  }

  /**
   * Goes on with a run that was interrupted, or was paused and let go.
   *
   * @param {string} id
   */
  resume(id) {
    return this.#do(async () => {
      await this.#close();
      const run = await this.#kept.hold(id);
      try {
        const settings = complete({ preset: presetNames[0], ...run.settings?.page }, this.#usualWorkers);
        this.settings = structuredClone(settings);
        this.emit('settings');
        await this.#open(run, run.settings?.made ?? earlierData);
      } catch (e) {
        await run.release();
        throw e;
      }
      await this.#watcher.once();
    });
  }

  /**
   * Measures the model as it is now; `measuring` tells how far that is. Training
   * waits for it.
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

  /** The model as it is now, a safetensors file. @returns {Promise<ArrayBuffer>} */
  model() {
    return this.#do(async () => {
      if (!this.#group) throw new InkdriftError('no-model', 'nothing has been trained yet');
      return this.#group.model();
    });
  }

  /**
   * What the model as it is now paints on the way between two pictures.
   *
   * @param {Parameters<import('./worker-pool.js').WorkerPool['morph']>[0]} what
   * @returns {Promise<{step: number, frames: number, shape: number[], pixels: Float32Array} | null>} null: there is no model
   */
  async morph(what) {
    return this.#group ? this.#group.morph(what) : null;
  }

  /** Leaves everything in a state that can be gone on with. */
  close() {
    return this.#do(() => this.#close());
  }

  /**
   * Opens what is not open yet.
   *
   * @param {any} [held] a run to go on with
   * @param {import('./open-run.js').MadeData | typeof madeData} [made] its pictures
   */
  async #open(held, made = madeData) {
    if (this.#group) return this.#group;
    const settings = structuredClone(this.settings);
    this.why = null;
    this.stopped = '';
    this.undone = [];
    this.#figures = new Figures(settings);
    this.#made = !isMade(settings.data) ? undefined : typeof made === 'function' ? made(settings) : made;
    this.#become('opening');
    const opening = openGroup(settings, {
      makeGroup: this.#makeGroup,
      data: this.#data,
      checkpoint: held?.last?.file,
      made: this.#made,
    });
    const { group, info } = await opening.catch((e) => {
      this.why = InkdriftError.from(e);
      this.#become('failed');
      throw this.why;
    });
    this.info = info;
    this.active = settings;
    this.#group = group;
    if (held) this.#kept.run = held;
    else await this.#kept.begin(this.#name(), info.terms);
    this.#figures.opened(info, held ?? null);
    this.#ends = [
      group.on('train', (e) => this.#trained(e)),
      group.on('state', (s, why) => this.#turned(s, why)),
      group.on('trouble', (t) => this.#undid(t)),
      group.on('measuring', (m) => this.emit('measuring', m)),
      group.on('workers', (w) => this.#peopled(w)),
      group.on('checkpoint', (c) => void this.#kept.checkpoint(c)),
    ];
    this.#peak = group.workers.alive;
    this.emit('run');
    this.#become('paused');
    return group;
  }

  /** What a run that begins now is called, and what is kept of its settings. */
  #name() {
    const settings = this.active ?? this.settings;
    return { name: this.#title(settings), settings: this.#notes(settings) };
  }

  /** What is kept of settings: whoever goes on with the run needs the same pictures. @param {Settings} settings */
  #notes(settings) {
    return { page: structuredClone(settings), ...(this.#made && { made: this.#made }) };
  }

  /** Before it runs. */
  async #go() {
    this.stopped = '';
    this.#figures.begin();
    if (!this.#kept.isElsewhere) return;
    await this.#kept.part(this.#name());
    this.emit('run');
  }

  async #close() {
    const group = this.#group;
    if (!group) return;
    if (group.state === 'running') await group.pause().catch(() => {});
    await this.#keep();
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#group = null;
    this.active = null;
    this.info = null;
    this.#watcher.look = null;
    this.detail = null;
    this.#figures = new Figures();
    await group.close().catch(() => {});
    await this.#kept.letGo();
    this.emit('run');
  }

  #keep() {
    const { status, figures, info, look } = this;
    return this.#kept.keep(this.#group, { status, figures, info, look });
  }

  /** Another tab has taken the run over: here it stands still until somebody wants a run of its own. */
  #elsewhere() {
    this.stopped = 'elsewhere';
    if (this.status === 'running') void this.pause();
    else this.emit('change');
  }

  /**
   * The group tells of steps.
   *
   * @param {import('../generated/protocol.js').TrainEvent} e
   */
  #trained(e) {
    for (const p of e.points) this.curves?.train.add(p);
    this.#figures.trained(e);
    this.run?.note({ step: e.step, seconds: this.figures.seconds });
    this.emit('points');
    this.emit('change');
    if (this.#figures.timeIsUp(this.active?.minutes ?? 0)) this.#stop('time');
  }

  /** @param {import('./model-poller.js').Measured} m */
  #measured(m) {
    this.#figures.measured(m);
    const { validation } = this.figures;
    const { columns } = this.curves?.validation ?? { columns: [] };
    const { recon, kl, elbo, terms } = validation;
    /** @type {Record<string, number | null>} */
    const values = { ...terms, step: m.step, recon, kl, elbo };
    const row = columns.map((/** @type {string} */ name) => values[name] ?? NaN);
    this.curves?.validation.add(row);
    this.detail = m;
    this.emit('points');
    this.emit('detail');
    this.emit('change');
    if (this.#figures.isStuck(this.active?.patience ?? 0)) this.#stop('patience');
  }

  /**
   * The group is in another state.
   *
   * @param {Status | {state: Status}} to
   * @param {any} why
   */
  #turned(to, why) {
    const state = /** @type {Status} */ (typeof to === 'string' ? to : to.state);
    const reason = why ?? (typeof to === 'string' ? null : /** @type {any} */ (to).why);
    if (!['running', 'paused', 'done', 'diverged', 'failed'].includes(state) || state === this.status) return;
    this.why = state === 'diverged' || state === 'failed' ? InkdriftError.from(reason ?? this.#group?.why ?? {}) : null;
    if (state === 'done') this.stopped = 'epochs';
    if (state !== 'failed') this.run?.note({ status: state });
    this.#become(state);
    if (state === 'running' || state === 'failed') return;
    void this.#do(async () => {
      if (this.status === 'running') return;
      await this.#watcher.once();
      await this.#keep();
    }).catch((e) => this.#trouble(e));
  }

  /** @param {import('../generated/protocol.js').TrainRollbackEvent} t */
  #undid({ step, layer = '', learningRate }) {
    this.undone.push({ step, layer, learningRate });
    this.emit('change');
  }

  /**
   * There are more workers, or fewer, or others.
   *
   * @param {{wanted: number, alive: number, why?: unknown}} now why: one has died
   */
  #peopled({ wanted, alive, why }) {
    if (this.#peak > alive && alive < wanted) this.emit('said', 'train.worker-lost', { alive });
    else if (why) this.emit('said', 'train.worker-replaced', { step: this.#group?.step ?? 0 });
    this.#peak = alive;
    this.emit('change');
  }

  /** @param {'time' | 'patience'} why */
  #stop(why) {
    if (this.stopped || this.status !== 'running') return;
    this.stopped = why;
    void this.pause();
  }

  /** @param {Status} status */
  #become(status) {
    this.status = status;
    if (status !== 'running') this.figures.imagesPerSecond = 0;
    this.emit('change');
  }

  /** @param {unknown} e told, and lived with */
  #trouble(e) {
    this.emit('trouble', InkdriftError.from(e));
  }

  /**
   * Does one thing after the other.
   *
   * @template T
   * @param {() => Promise<T>} fn
   * @returns {Promise<T>}
   */
  #do(fn) {
    const done = this.#before.then(fn);
    this.#before = done.catch(() => {});
    return done;
  }
}
