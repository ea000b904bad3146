/**
 * A run of training, as people and scripts handle it: play, pause, step, begin
 * anew, change what can be changed, watch, keep. No DOM: the room shows what is
 * here, window.inkdrift.train drives it.
 *
 * The workers that train are behind a group (trainers.js), what is kept is
 * behind a run (runs.js); both are given.
 *
 * @typedef {import('./room-settings.js').Settings} Settings
 * @typedef {'idle' | 'opening' | 'running' | 'paused' | 'done' | 'diverged' | 'failed'} Status
 * @typedef {{recon: Float32Array, originals: Float32Array, samples: Float32Array, scatter: Float32Array, labels: number[],
 *   grid: Float32Array, latent: number, explained: number[]}} Look
 */
import { Emitter } from './channel.js';
import { freshSeed } from './dom.js';
import { InkdriftError } from './errors.js';
import { check, complete, differences, fields, needReset, preset, presetNames, recipe } from './room-settings.js';

/** How many of each are looked at. */
export const looked = { recon: 12, samples: 24, scatter: 500, grid: 14 };

/** The seed of the points that samples are painted from: always the same, so that the eye can follow them. */
const sampleSeed = 7;

/** Pictures that an evaluation takes while it trains, and when it has stopped. */
const measured = { running: 400, stopped: 2000 };

/** Times in milliseconds: between looks, and of a look to the time between looks. */
const pace = { look: 250, evaluate: 1500, share: 8 };

/** Made-up digits that are held back for validation. */
const heldBack = 2000;

/** The seed of the made-up digits: runs that differ in their seed see the same. */
const digitSeed = 1;

/** What counts as an improvement, as a part of the loss. */
const improvement = 1e-3;

/** Steps whose mean is told as the present figure. */
const recent = 40;

/**
 * Events: `change` (status or figures), `points` (curves have grown), `look`
 * (pictures), `detail` (figures for each latent dimension), `settings`,
 * `said` (key, values: something to be said), `trouble` (error), `run` (another run, or none).
 */
export class Training extends Emitter {
  /** @type {Status} */
  status = 'idle';
  /** What the next run will have, and what of it can change in this one. @type {Settings} */
  settings;
  /** What this run was begun with, and what has been changed since. @type {Settings | null} */
  active = null;
  /** Why it stopped by itself. @type {'' | 'epochs' | 'time' | 'patience'} */
  stopped = '';
  /** Why it failed or diverged. @type {InkdriftError | null} */
  why = null;
  /** Steps that were undone. @type {{step: number, layer: string, learningRate: number}[]} */
  undone = [];
  /** What the engine said of the run. @type {any} */
  info = null;
  /** @type {Look | null} */
  look = null;
  /** @type {{step: number, klPerDim: number[], active: boolean[]} | null} */
  detail = null;
  /** The run that is kept. @type {any} */
  run = null;

  figures = nothing();

  /** @type {any} */
  #group = null;
  /** @type {(() => void)[]} what ends listening to the group */
  #ends = [];
  #makeGroup;
  #keeper;
  #data;
  #title;
  #usualWorkers;
  /** Settles when all that was asked for so far is done. @type {Promise<any>} */
  #before = Promise.resolve();
  /** The last steps' figures. @type {number[][]} */
  #tail = [];
  #watching = false;
  /** For stopping without improvement. */
  #best = { loss: Infinity, epoch: 0 };
  /** Seconds at which it was last told to run: the time limit counts from there. */
  #from = 0;
  /** Run, step and status that were kept last. */
  #keptAt = '';
  /** Seconds that the run had when it was taken up again. */
  #earlier = 0;
  /** Workers that were alive when last heard of. */
  #peak = 0;

  /**
   * @param {object} from
   * @param {() => any} from.makeGroup makes the workers' group
   * @param {{start: (what: {name: string, settings: any}) => Promise<any>, hold: (id: string) => Promise<any>, remove: (id: string) => Promise<any>}} from.keeper keeps runs
   * @param {(name: string) => Promise<{name: string, files: ArrayBuffer[], opened?: (info: any) => void}>} from.data gives a data
   *   set by its name; opened is told what the engine said of it
   * @param {(settings: Settings) => string} [from.title] names a run
   * @param {number} from.workers how many there are where nothing is said
   */
  constructor({ makeGroup, keeper, data, title = () => '', workers }) {
    super();
    this.#makeGroup = makeGroup;
    this.#keeper = keeper;
    this.#data = data;
    this.#title = title;
    this.#usualWorkers = workers;
    this.settings = preset(presetNames[0], workers);
  }

  /** How many workers there are where nothing is said. */
  get usualWorkers() {
    return this.#usualWorkers;
  }

  get workers() {
    return this.#group?.workers ?? { wanted: this.settings.workers, alive: 0 };
  }

  get curves() {
    return this.run?.curves ?? null;
  }

  /** Settings that differ from those of the run and wait for another. */
  get pending() {
    return this.active ? differences(this.active, this.settings) : [];
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
    /** @type {any} */
    const changes = {};
    for (const name of Object.keys(fields)) {
      if (fields[name].when !== 'live' || /** @type {any} */ (active)[name] === /** @type {any} */ (next)[name]) continue;
      /** @type {any} */ (active)[name] = /** @type {any} */ (changes)[name] = /** @type {any} */ (next)[name];
    }
    if (Object.keys(changes).length === 0) return;
    this.run?.note({ settings: this.#kept() });
    if (changes.minutes !== undefined) this.#from = this.figures.seconds;
    const { learningRate, beta, workers } = changes;
    void this.#do(async () => {
      if (!this.#group) return;
      if (learningRate !== undefined || beta !== undefined) await this.#group.change({ learningRate, beta });
      if (workers !== undefined) await this.#group.setWorkers(workers);
    }).catch((e) => this.emit('trouble', InkdriftError.from(e)));
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
   * @param {any} [config] settings that differ; another run begins where they need one
   */
  async start(config) {
    if (config !== undefined) {
      const next = complete(config, this.#usualWorkers);
      if (this.active && needReset(this.active, next).length > 0) await this.reset();
      this.#set(next, true);
    }
    if (['done', 'diverged', 'failed'].includes(this.status)) await this.reset();
    return this.#do(async () => {
      await this.#open();
      this.#go();
      await this.#group.run(0);
      this.#watch();
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
      if (this.status === 'running') await this.#group.pause();
      await this.#open();
      if (this.status === 'done' || this.status === 'diverged') return;
      this.#go();
      const stopped = new Promise((resolve) => {
        const off = this.#group.on('state', () => {
          if (this.#group?.state === 'running') return;
          off();
          resolve(undefined);
        });
      });
      await this.#group.run(n);
      await stopped;
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
      const run = await this.#keeper.hold(id);
      try {
        const settings = complete({ preset: presetNames[0], ...run.settings?.page }, this.#usualWorkers);
        this.settings = structuredClone(settings);
        this.emit('settings');
        await this.#open(run);
      } catch (e) {
        await run.release();
        throw e;
      }
      await this.#lookAtAll();
    });
  }

  /** The model as it is now, a safetensors file. @returns {Promise<ArrayBuffer>} */
  model() {
    return this.#do(async () => {
      if (!this.#group) throw new InkdriftError('no-model', 'nothing has been trained yet');
      return this.#group.model();
    });
  }

  /** Leaves everything in a state that can be gone on with. */
  close() {
    return this.#do(() => this.#close());
  }

  /**
   * Opens what is not open yet.
   *
   * @param {any} [held] a run to go on with
   */
  async #open(held) {
    if (this.#group) return;
    const settings = structuredClone(this.settings);
    this.why = null;
    this.stopped = '';
    this.undone = [];
    this.figures = { ...nothing(), learningRate: settings.learningRate, beta: settings.beta };
    this.#become('opening');
    const group = this.#makeGroup();
    try {
      const { files, data, validation, opened } = await this.#dataOf(settings);
      const what = { recipe: recipe(settings), data, validation, workers: settings.workers, files };
      this.info = await group.open({ ...what, ...(held?.last && { checkpoint: held.last.file }) });
      opened?.(this.info);
      this.#group = group;
      this.active = settings;
      this.run = held ?? (await this.#keeper.start({ name: this.#title(settings), settings: this.#kept() }));
    } catch (e) {
      this.#group = null;
      this.active = null;
      await group.close().catch(() => {});
      this.why = InkdriftError.from(e);
      this.#become('failed');
      throw this.why;
    }
    const { figures, info } = this;
    figures.step = info.step ?? 0;
    figures.steps = info.steps;
    figures.seconds = this.#earlier = held?.seconds ?? 0;
    figures.epoch = Math.floor(figures.step / Math.max(info.stepsPerEpoch, 1));
    this.#tail = [];
    this.#best = { loss: Infinity, epoch: figures.epoch };
    const last = this.curves?.validation;
    if (held && last?.length) {
      const at = (/** @type {string} */ c) => last.column(c)[last.length - 1];
      figures.validation = { step: at('step'), recon: at('recon'), kl: at('kl'), elbo: -(at('recon') + at('kl')) };
    }
    this.#ends = [
      group.on('train', (/** @type {any} */ e) => this.#trained(e)),
      group.on('state', (/** @type {any} */ s, /** @type {any} */ why) => this.#turned(s, why)),
      group.on('trouble', (/** @type {any} */ t) => this.#undid(t)),
      group.on('workers', () => this.#peopled()),
      group.on('checkpoint', (/** @type {any} */ c) => void this.run?.checkpoint(c)),
    ];
    this.#peak = group.workers.alive;
    this.emit('run');
    this.#become('paused');
  }

  /** What a run keeps of its settings. */
  #kept() {
    return { page: structuredClone(this.active ?? this.settings) };
  }

  /** @param {Settings} settings */
  async #dataOf(settings) {
    if (settings.data === 'digits') {
      const kind = 'digits';
      return {
        data: { kind, first: 0, count: settings.images, seed: digitSeed },
        validation: { kind, first: settings.images, count: heldBack, seed: digitSeed },
      };
    }
    const { name, files, opened } = await this.#data(settings.data);
    return { data: { kind: 'idx', name }, validation: { kind: 'idx', name }, files, opened };
  }

  /** Before it runs. */
  #go() {
    this.stopped = '';
    this.#from = this.figures.seconds;
    this.#best = { loss: Infinity, epoch: this.figures.epoch };
  }

  async #close() {
    const { run } = this;
    const group = this.#group;
    if (!group) return;
    if (group.state === 'running') await group.pause().catch(() => {});
    await this.#keep();
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#group = null;
    this.active = null;
    this.info = null;
    this.run = null;
    this.look = null;
    this.detail = null;
    this.figures = nothing();
    await group.close().catch(() => {});
    if (run && run.step > 0) await run.release();
    else if (run) await this.#keeper.remove(run.id);
    this.emit('run');
  }

  /** Keeps the state and the weights of a run that stands still. */
  async #keep() {
    const { run } = this;
    const group = this.#group;
    if (!run || !group || this.figures.step === 0 || this.status === 'failed') return;
    const now = `${run.id} ${this.figures.step} ${this.status}`;
    if (now === this.#keptAt) return;
    this.#keptAt = now;
    run.note({ step: this.figures.step, seconds: this.figures.seconds, figures: this.#summary() });
    try {
      if (this.status !== 'done') await run.checkpoint(await group.checkpoint());
      await run.weights(await group.model());
      if (this.status === 'done' || this.status === 'diverged') await run.finish({ status: this.status });
    } catch (e) {
      this.emit('trouble', InkdriftError.from(e));
    }
  }

  /** What the list of runs shows. */
  #summary() {
    const { recon, kl, elbo, validation } = this.figures;
    return { recon, kl, elbo, validation, params: this.info?.params ?? 0, dataset: this.info?.dataset?.name ?? '', pictures: this.look && shrink(this.look) };
  }

  /**
   * The group tells of steps.
   *
   * @param {any} e
   */
  #trained(e) {
    const { figures } = this;
    for (const p of e.points) {
      this.curves?.train.add(p);
      if (!p[6] && Number.isFinite(p[1]) && Number.isFinite(p[2])) this.#tail.push(p);
    }
    this.#tail.splice(0, Math.max(0, this.#tail.length - recent));
    const mean = (/** @type {number} */ i) => this.#tail.reduce((sum, p) => sum + p[i], 0) / this.#tail.length;
    if (this.#tail.length > 0) {
      const [recon, kl] = [mean(1), mean(2)];
      const last = this.#tail[this.#tail.length - 1];
      Object.assign(figures, { recon, kl, elbo: -(recon + kl), gradNorm: last[3], learningRate: last[4], beta: last[5] });
    }
    Object.assign(figures, { step: e.step, epoch: e.epoch, steps: e.steps, seconds: this.#earlier + e.seconds, imagesPerSecond: e.imagesPerSecond });
    this.run?.note({ step: e.step, seconds: figures.seconds });
    this.emit('points');
    this.emit('change');
    const { minutes = 0 } = this.active ?? {};
    if (minutes > 0 && figures.seconds - this.#from >= minutes * 60) this.#stop('time');
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
      await this.#lookAtAll();
      await this.#keep();
    }).catch((e) => this.emit('trouble', InkdriftError.from(e)));
  }

  /** @param {any} t */
  #undid({ step, layer = '', learningRate }) {
    this.undone.push({ step, layer, learningRate });
    this.emit('change');
  }

  /** There are more workers, or fewer. */
  #peopled() {
    const { wanted, alive } = this.workers;
    if (this.#peak > alive && alive < wanted) this.emit('said', 'train.worker-lost', { alive });
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

  /** While it runs: looks and measures, taking a small part of the workers' time. */
  async #watch() {
    if (this.#watching) return;
    this.#watching = true;
    const group = this.#group;
    let looks = 0;
    let nextLook = 0;
    let nextEvaluation = performance.now() + pace.evaluate / 2;
    try {
      while (this.#group === group && this.status === 'running') {
        const began = performance.now();
        if (began >= nextEvaluation) {
          await this.#evaluate(group, measured.running);
          nextEvaluation = performance.now() + Math.max(pace.evaluate, pace.share * (performance.now() - began));
        } else if (began >= nextLook) {
          await this.#lookAt(group, this.active?.latent === 2 || looks++ % 3 === 0);
          nextLook = performance.now() + Math.max(pace.look, pace.share * (performance.now() - began));
        }
        const wait = Math.min(nextLook, nextEvaluation) - performance.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 20)));
      }
    } catch (e) {
      // That the workers have died or were let go is told elsewhere.
      if (this.#group === group && this.status === 'running') this.emit('trouble', InkdriftError.from(e));
    } finally {
      this.#watching = false;
    }
    if (this.#group && this.#group !== group && this.status === 'running') void this.#watch();
  }

  /** Looks and measures once, where it stands still. */
  async #lookAtAll() {
    if (!this.#group) return;
    try {
      await this.#lookAt(this.#group, true);
      await this.#evaluate(this.#group, measured.stopped);
    } catch (e) {
      this.emit('trouble', InkdriftError.from(e));
    }
  }

  /**
   * @param {any} group
   * @param {boolean} latent with what is in latent space
   */
  async #lookAt(group, latent) {
    const flat = this.active?.latent === 2;
    const { recon, samples } = looked;
    const what = { recon, samples, scatter: latent ? looked.scatter : 0, grid: latent && flat ? looked.grid : 0, seed: sampleSeed };
    const seen = await group.look(what);
    if (this.#group !== group) return;
    this.look = {
      originals: seen.validation,
      recon: seen.recon,
      samples: seen.samples,
      scatter: latent ? seen.scatter : (this.look?.scatter ?? new Float32Array(0)),
      labels: latent ? seen.labels : (this.look?.labels ?? []),
      grid: latent && flat ? seen.grid : (this.look?.grid ?? new Float32Array(0)),
      latent: this.active?.latent ?? 0,
      explained: latent ? seen.explained : (this.look?.explained ?? []),
    };
    this.emit('look');
  }

  /**
   * @param {any} group
   * @param {number} images
   */
  async #evaluate(group, images) {
    const { step, recon, kl, elbo, klPerDim, active } = await group.evaluate(images);
    if (this.#group !== group) return;
    this.figures.validation = { step, recon, kl, elbo };
    this.curves?.validation.add([step, recon, kl, elbo]);
    this.detail = { step, klPerDim, active };
    this.emit('points');
    this.emit('detail');
    this.emit('change');
    const loss = recon + kl;
    const { epoch } = this.figures;
    if (loss < this.#best.loss * (1 - improvement)) this.#best = { loss, epoch };
    const { patience = 0 } = this.active ?? {};
    if (patience > 0 && epoch - this.#best.epoch >= patience) this.#stop('patience');
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

/** Figures before there are any. */
export function nothing() {
  return {
    step: 0,
    epoch: 0,
    steps: 0,
    seconds: 0,
    imagesPerSecond: 0,
    elbo: /** @type {number | null} */ (null),
    recon: /** @type {number | null} */ (null),
    kl: /** @type {number | null} */ (null),
    gradNorm: /** @type {number | null} */ (null),
    learningRate: /** @type {number | null} */ (null),
    beta: /** @type {number | null} */ (null),
    validation: /** @type {{step: number, elbo: number | null, recon: number | null, kl: number | null}} */ ({ step: 0, elbo: null, recon: null, kl: null }),
  };
}

/** Pictures that are kept of a run, to compare it with others. */
const keptPictures = 8;

/**
 * The first reconstructions and samples as text, a byte a pixel.
 *
 * @param {Look} look
 */
function shrink({ originals, recon, samples }) {
  const text = (/** @type {Float32Array} */ values) => {
    const size = values.length / (values === samples ? looked.samples : looked.recon);
    return btoa(Array.from(values.subarray(0, keptPictures * size), (v) => String.fromCharCode(Math.round(Math.min(Math.max(v, 0), 1) * 255) || 0)).join(''));
  };
  return { count: keptPictures, originals: text(originals), recon: text(recon), samples: text(samples) };
}

/**
 * Pictures out of kept text.
 *
 * @param {any} text
 * @returns {Float32Array}
 */
export function grow(text) {
  try {
    return Float32Array.from(atob(text), (c) => c.charCodeAt(0) / 255);
  } catch {
    return new Float32Array(0);
  }
}
