/**
 * Fakes of the worker pool and of the list of runs: same interface and events,
 * without computing anything.
 */
import { Emitter } from '../lib/emitter.js';
import { Moments } from '../training/moments.js';

const side = 28;

/** @param {number} seed */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @typedef {object} Recipe as much of it as is used
 * @property {{family: string, latent: number}} model
 * @property {{batch: number, epochs: number, learning_rate: number, beta: number, objective?: string}} train
 * @typedef {{recipe: Recipe, data: {kind: string, name?: string, count?: number}, validation: object, workers: number,
 *   checkpoint?: ArrayBuffer}} Spec
 */

/** Terms of families whose objective has some besides recon and kl. @type {Record<string, string[]>} */
const terms = {
  cvae: ['label'],
  dcgan: ['discriminator', 'generator', 'real', 'fake'],
  'vae-gan': ['features', 'discriminator', 'generator'],
};

/** As WorkerPool of worker-pool.js; `steps` are taken as fast as `pace` says. */
export class FakeGroup extends Emitter {
  state = 'idle';
  backend = 'fake';
  workers = { wanted: 0, alive: 0 };
  isAuto = false;
  exchange = null;
  /** What was asked for. @type {any[]} */
  asked = [];
  /** Milliseconds between two events of training, and steps in each. */
  pace = { every: 100, steps: 8 };
  step = 0;
  seconds = 0;
  /** A step at which it diverges. @type {number | null} */
  diverges = null;

  /** Why it diverged. @type {{code: string, message: string, field: string} | null} */
  why = null;
  /** @type {Recipe} */
  recipe = { model: { family: 'dense', latent: 0 }, train: { batch: 1, epochs: 0, learning_rate: 0, beta: 1 } };
  perEpoch = 1;
  /** Steps of the whole run. */
  steps = 0;

  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #random = random(1);
  #until = 0;
  /** The step at which a prior was fitted. */
  #fittedAt = -1;

  /** @param {Spec} spec */
  async open({ recipe, data, validation, workers, checkpoint }) {
    this.asked.push(['open', { recipe, data, validation, workers, checkpoint }]);
    this.recipe = recipe;
    this.isAuto = workers === 0;
    this.workers = { wanted: workers || 1, alive: workers || 1 };
    this.perEpoch = Math.ceil((data.count ?? 60_000) / recipe.train.batch);
    this.steps = this.perEpoch * recipe.train.epochs;
    if (checkpoint) this.step = new Uint32Array(checkpoint)[0];
    if (recipe.train.learning_rate >= 1) this.diverges = 60;
    this.#become('paused');
    const dataset = { name: data.kind === 'idx' ? data.name : 'digits', count: data.count ?? 60_000, shape: [1, 28, 28] };
    return {
      steps: this.steps,
      stepsPerEpoch: this.perEpoch,
      params: 652_824,
      dataset,
      validation: { count: 2000 },
      step: this.step,
      terms: this.#terms(),
      classes: [],
    };
  }

  /** What the objective has besides recon and kl. @returns {string[]} */
  #terms() {
    if (this.recipe.train.objective === 'iwae') return ['iwae'];
    return terms[this.recipe.model.family] ?? [];
  }

  async run(steps = 0) {
    this.asked.push(['run', steps]);
    this.#until = steps ? Math.min(this.step + steps, this.steps) : this.steps;
    this.#become('running');
    this.#timer = setInterval(() => this.#tick(), this.pace.every);
  }

  async pause() {
    this.asked.push(['pause']);
    clearInterval(this.#timer);
    if (this.state === 'running') this.#become('paused');
  }

  /** @param {{learningRate?: number, beta?: number}} what */
  async change(what) {
    this.asked.push(['change', what]);
    if (what.learningRate !== undefined) this.recipe.train.learning_rate = what.learningRate;
    if (what.beta !== undefined) this.recipe.train.beta = what.beta;
  }

  async check() {
    this.asked.push(['check']);
  }

  /** @param {number} n */
  async setWorkers(n) {
    this.asked.push(['setWorkers', n]);
    this.workers = { wanted: n, alive: n };
    this.emit('workers', this.workers);
  }

  /** One worker is lost; of one, another takes its place. */
  lose() {
    this.workers = { ...this.workers, alive: Math.max(1, this.workers.alive - 1) };
    this.emit('workers', { ...this.workers, why: new Error('it died') });
  }

  /** @param {Record<'recon' | 'samples' | 'scatter' | 'grid', number> & {prior?: string}} counts */
  async preview({ recon, samples, scatter, grid, prior }) {
    const blur = Math.max(0.02, Math.exp(-this.step / 150));
    const next = random(3);
    /** Grey squares for pictures of digits: the higher the digit, the darker. */
    const row = (/** @type {number} */ n, of = (/** @type {number} */ i) => i % 10) => {
      const out = new Float32Array(n * side * side);
      for (let i = 0; i < n; i++) out.fill(of(i) / 10, i * side * side, (i + 1) * side * side);
      return out;
    };
    const labels = Array.from({ length: scatter }, (_, i) => i % 10);
    const xy = new Float32Array(2 * scatter);
    const spread = 1 - blur;
    for (let i = 0; i < scatter; i++) {
      const a = (labels[i] / 10) * 2 * Math.PI;
      xy[2 * i] = spread * 2 * Math.cos(a) + (next() + next() - 1) * 0.9;
      xy[2 * i + 1] = spread * 2 * Math.sin(a) + (next() + next() - 1) * 0.9;
    }
    return {
      step: this.step,
      prior: prior === 'fitted' && this.#fittedAt === this.step ? 'fitted' : 'normal',
      validation: row(recon),
      recon: row(recon),
      samples: row(samples, (i) => (i * 7) % 10),
      scatter: xy,
      labels,
      grid: row(grid * grid, (i) => (i * 3) % 10),
      latent: this.recipe.model.latent,
      explained: [0.21, 0.14],
    };
  }

  /** @param {number} images */
  async evaluate(images) {
    this.asked.push(['evaluate', images]);
    const [recon, kl] = this.#figures(0);
    const { latent } = this.recipe.model;
    const klPerDim = Array.from({ length: latent }, (_, i) => (i % 5 === 4 ? 0.004 : (kl / latent) * (0.6 + (0.8 * ((i * 7) % 10)) / 10)));
    return {
      step: this.step,
      images,
      recon: recon + 1.5,
      kl,
      elbo: -(recon + 1.5 + kl),
      klPerDim,
      active: klPerDim.map((v) => v > 0.05),
      terms: this.#terms(),
      other: this.#terms().map((_, i) => 0.5 + i),
    };
  }

  /** @param {{frames: number}} what */
  async morph(what) {
    this.asked.push(['morph', what]);
    return { step: this.step, frames: what.frames, shape: [1, side, side], pixels: new Float32Array(what.frames * side * side) };
  }

  /** @param {{prior?: number}} what */
  async measure(what) {
    this.asked.push(['measure', what]);
    if (what.prior) this.#fittedAt = this.step;
    return { step: this.step };
  }

  async model() {
    return new ArrayBuffer(8);
  }

  async checkpoint() {
    return { step: this.step, file: Uint32Array.of(this.step).buffer };
  }

  async close() {
    this.asked.push(['close']);
    clearInterval(this.#timer);
    this.#become('idle');
  }

  /** @param {number} jitter */
  #figures(jitter) {
    const e = Math.exp(-this.step / 70);
    return [88 + 450 * e + (this.#random() - 0.5) * jitter, 22 * (1 - Math.exp(-this.step / 120)) + (this.#random() - 0.5) * jitter * 0.2];
  }

  #tick() {
    const points = [];
    const { learning_rate: lr, beta, batch } = this.recipe.train;
    for (let i = 0; i < this.pace.steps && this.step < this.#until; i++) {
      this.step++;
      points.push([
        this.step,
        ...this.#figures(8),
        12 + 30 * Math.exp(-this.step / 80) + this.#random() * 4,
        lr,
        beta,
        0,
        ...this.#terms().map((_, i) => 0.7 + i / 10),
      ]);
    }
    this.seconds += this.pace.every / 1000;
    this.emit('train', {
      step: this.step,
      epoch: Math.floor(this.step / this.perEpoch),
      steps: this.steps,
      stepsPerEpoch: this.perEpoch,
      seconds: this.seconds,
      imagesPerSecond: (this.pace.steps * batch * 1000) / this.pace.every,
      points,
    });
    if (this.diverges !== null && this.step >= this.diverges) {
      clearInterval(this.#timer);
      this.emit('rollback', { step: this.step, layer: 'decoder.2', learningRate: lr / 2 });
      this.#become('diverged', {
        code: 'diverged',
        message: 'the loss was not finite 5 times in a row; first in decoder.2',
        field: 'decoder.2',
      });
    } else if (this.step >= this.#until) {
      clearInterval(this.#timer);
      this.#become(this.step >= this.steps ? 'done' : 'paused');
    }
  }

  /**
   * @param {string} state
   * @param {typeof this.why} [why]
   */
  #become(state, why = null) {
    this.state = state;
    this.why = why;
    this.emit('state', state, why);
  }
}

/** Rows of figures, as in curve.js. */
class FakeCurve {
  /** @type {number[][]} */
  rows = [];
  /** @param {string[]} columns */
  constructor(columns) {
    this.columns = columns;
  }
  get length() {
    return this.rows.length;
  }
  /** @param {number[]} row */
  add(row) {
    this.rows.push(row);
  }
  /** @param {string} name */
  column(name) {
    const i = this.columns.indexOf(name);
    return Float64Array.from(this.rows, (r) => r[i]);
  }
  /** @param {number} step */
  cut(step) {
    this.rows = this.rows.filter((r) => r[0] <= step);
  }
}

/** As Runs of runs.js, in memory. */
export class FakeRunList extends Emitter {
  /** @type {Map<string, any>} */
  all = new Map();
  #next = 1;

  /** @param {{name: string, settings: object}} what */
  begin({ name, settings }) {
    const id = `run-${this.#next++}`;
    const run = {
      id,
      name: name || `Run ${this.#next - 1}`,
      settings,
      status: 'running',
      step: 0,
      seconds: 0,
      figures: {},
      created: Date.now(),
      where: 'here',
      /** @type {ArrayBuffer | null} */
      weights_: null,
      /** @type {{step: number, file: ArrayBuffer} | null} */
      lastCheckpoint: null,
      curves: {
        train: new FakeCurve(['step', 'recon', 'kl', 'gradNorm', 'learningRate', 'beta', 'undone']),
        validation: new FakeCurve(['step', 'recon', 'kl', 'elbo']),
      },
      moments: new Moments(),
      update: (/** @type {object} */ changes) => Object.assign(run, changes),
      saveCheckpoint: async (/** @type {{step: number, file: ArrayBuffer}} */ c) => {
        run.lastCheckpoint = c;
        return true;
      },
      saveWeights: async (/** @type {ArrayBuffer} */ w) => {
        run.weights_ = w;
        this.emit('change');
      },
      finish: async (/** @type {object} */ end) => {
        Object.assign(run, end);
        this.emit('change');
      },
      release: async () => {
        run.where = '';
        this.emit('change');
      },
    };
    this.all.set(id, run);
    this.emit('change');
    return run;
  }
  /** @param {{name: string, settings: object}} what */
  async start(what) {
    return this.begin(what);
  }
  /** @param {string} id */
  async acquire(id) {
    const run = this.all.get(id);
    if (!run) throw Object.assign(new Error(id), { code: 'run-missing' });
    run.where = 'here';
    return run;
  }
  async list() {
    return [...this.all.values()]
      .reverse()
      .map((r) => ({ ...r, updated: r.created, weights: !!r.weights_, checkpoint: !!r.lastCheckpoint, saved: true, damaged: false }));
  }
  async interrupted() {
    return (await this.list()).filter((r) => r.checkpoint && !r.where && r.status !== 'done');
  }
  /** @param {string} id */
  async read(id) {
    return this.all.get(id);
  }
  /** @param {string} id */
  async moments(id) {
    return this.all.get(id)?.moments ?? new Moments();
  }
  /** @param {string} id */
  async model(id) {
    return new Uint8Array(this.all.get(id).weights_ ?? 0);
  }
  /**
   * @param {string} id
   * @param {string} name
   */
  async rename(id, name) {
    this.all.get(id).name = name;
    this.emit('change');
  }
  /** @param {string} id */
  async remove(id) {
    this.all.delete(id);
    this.emit('change');
  }
  /** @param {string} id */
  async export(id) {
    return { name: `${id}.safetensors`, bytes: new Uint8Array(8) };
  }
  async import() {
    return (await this.start({ name: 'imported', settings: {} })).id;
  }
  async removeLeftovers() {}
}
