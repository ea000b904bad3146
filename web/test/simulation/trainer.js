/**
 * Workers that train nothing: they answer as the trainer does, take steps of a fixed
 * length, and their model is the number of its step.
 */
import { pack, unpack } from '../../engine/channel.js';

/** Steps between two snapshots: train.SnapshotEvery. */
const snapshotEvery = 100;

/** @param {object} what @param {number} [length] */
const bytesOf = (what, length = 0) => new TextEncoder().encode(JSON.stringify(what).padEnd(length)).buffer;

/** @param {ArrayBuffer | Uint8Array} file */
export const contentOf = (file) => JSON.parse(new TextDecoder().decode(file));

/** The workers of one run in one tab. */
export class Trainer {
  /** Which run it is. */
  model = '';
  /** @type {SimWorker[]} */
  workers = [];
  /** Workers by generation and rank. @type {Map<number, SimWorker[]>} */
  groups = new Map();

  /**
   * @param {import('./world.js').World} world
   * @param {import('./world.js').Life} life
   * @param {{stepMs: number, tickMs: number, divergesAt: number, bytes: number}} pace
   * @param {{onRun: () => void, onSteps: (worker: SimWorker) => void}} events
   */
  constructor(world, life, pace, events) {
    this.world = world;
    this.life = life;
    this.pace = pace;
    this.events = events;
  }

  spawn() {
    const worker = new SimWorker(this);
    this.workers.push(worker);
    return worker;
  }

  /** Those that live. */
  get alive() {
    return this.workers.filter((w) => !w.terminated);
  }

  /** Ends a worker, or makes it fall silent. @param {'dies' | 'mute'} how */
  harm(how) {
    const { alive, world } = this;
    if (alive.length === 0) return;
    const worker = world.pick(alive);
    if (how === 'mute') worker.mute = true;
    else world.later(1, () => worker.onerror?.({ message: 'a worker dies' }), this.life);
  }
}

export class SimWorker {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onerror = null;
  terminated = false;
  mute = false;
  step = 0;
  steps = 0;
  /** Of which run. */
  model = '';
  running = false;

  #trainer;
  #snapshot = 0;
  #until = 0;
  #ticks = 0;
  #generation = -1;
  #seconds = 0;

  /** @param {Trainer} trainer */
  constructor(trainer) {
    this.#trainer = trainer;
    trainer.world.later(trainer.world.int(5, 200), () => this.#say({ type: 'engine-ready', backend: 'strict' }), trainer.life);
  }

  terminate() {
    this.terminated = true;
    this.running = false;
  }

  /** @param {any} message */
  postMessage(message) {
    const { world, life } = this.#trainer;
    const m = unpack(message);
    if (!m) throw new TypeError('that is no message');
    const slow = m.head.type === 'train.preview' || m.head.type === 'train.evaluate';
    world.later(
      slow ? 300 : world.int(1, 6),
      () => {
        if (this.terminated || this.mute) return;
        const { fields = {}, bufs = [] } = this.#answer(m) ?? {};
        this.#say({ type: 'ok', re: m.head.id, ...fields }, bufs);
      },
      life,
    );
  }

  /**
   * @param {import('../../engine/channel.js').Opened} m
   * @returns {{fields?: object, bufs?: ArrayBuffer[]} | null}
   */
  #answer({ head, bufs }) {
    const { step, steps } = this;
    switch (head.type) {
      case 'train.open': {
        const { epochs, batch } = head.recipe.train;
        this.#trainer.model ||= `${head.recipe.train.seed} ${this.#trainer.world.int(0, 1e9)}`;
        this.model = this.#trainer.model;
        this.steps = Math.ceil(head.data.count / batch) * epochs;
        return { fields: this.#info() };
      }
      case 'train.restore': {
        Object.assign(this, contentOf(bufs[0]));
        this.#snapshot = this.step;
        return { fields: this.#info() };
      }
      case 'train.group': {
        const group = this.#trainer.groups.get(head.generation) ?? [];
        this.#trainer.groups.set(head.generation, group);
        group[head.rank] = this;
        this.#generation = head.generation;
        this.running = false;
        const leader = group[0];
        if (leader) for (const w of group) if (w && w !== leader) w.#copy(leader);
        return { fields: { step: leader?.step ?? step } };
      }
      case 'train.run':
        this.#trainer.events.onRun();
        this.#until = head.steps > 0 ? step + head.steps : steps;
        this.#start();
        return null;
      case 'train.pause':
        this.#stop('paused');
        return null;
      case 'train.checkpoint': {
        const at = head.latest || !this.running ? step : this.#snapshot;
        return { fields: { step: at }, bufs: [bytesOf({ model: this.model, step: at, steps }, this.#trainer.pace.bytes)] };
      }
      case 'train.model':
        return { bufs: [bytesOf({ model: this.model, step })] };
      case 'train.status':
        return { fields: { step, running: this.running } };
      case 'train.preview': {
        const size = (/** @type {number} */ n) => new ArrayBuffer(4 * n);
        return {
          fields: { step, latent: 2, shape: [1, 2, 2], labels: [1, 2], explained: [0.5, 0.5] },
          bufs: [size(8), size(8), size(8), size(4), size(0), size(0)],
        };
      }
      case 'train.evaluate':
        return { fields: { step, images: 10, recon: 9, kl: 1, elbo: -10, klPerDim: [1], active: [true] } };
      default:
        return null; // hello, train.peer, train.change
    }
  }

  /** What a worker says that has opened a run. */
  #info() {
    return {
      step: this.step,
      steps: this.steps,
      stepsPerEpoch: 10,
      params: 5,
      terms: [],
      classes: [],
      dataset: { name: 'digits', count: 1, shape: [1, 2, 2] },
      validation: { count: 1 },
    };
  }

  /** @param {SimWorker} leader */
  #copy(leader) {
    const { step, steps, model } = leader;
    Object.assign(this, { step, steps, model });
    this.#snapshot = leader.#snapshot;
  }

  #start() {
    if (this.running) return;
    this.running = true;
    this.#say({ type: 'train-state', state: 'running', step: this.step });
    this.#tick(++this.#ticks);
  }

  /** @param {string} state */
  #stop(state) {
    if (!this.running) return;
    this.running = false;
    const why = state === 'diverged' ? { code: 'diverged', message: 'the loss was not finite', field: 'decoder.0' } : undefined;
    this.#say({ type: 'train-state', state, step: this.step, why });
  }

  /** @param {number} n which chain of ticks this is */
  #tick(n) {
    const { world, life, pace, events, groups } = this.#trainer;
    world.later(
      pace.tickMs,
      () => {
        if (!this.running || this.terminated || this.mute || n !== this.#ticks) return;
        const group = groups.get(this.#generation) ?? [this];
        const late = [...group.keys()].filter((rank) => group[rank].terminated || group[rank].mute);
        if (late.length > 0) {
          this.#say({ type: 'train-late', generation: this.#generation, ranks: late });
        } else {
          const before = this.step;
          const diverges = pace.divergesAt > before && pace.divergesAt <= before + pace.tickMs / pace.stepMs;
          this.step = Math.min(this.#until, diverges ? pace.divergesAt : before + Math.round(pace.tickMs / pace.stepMs));
          const at = this.step - (this.step % snapshotEvery);
          if (at > this.#snapshot) this.#snapshot = at;
          for (const w of group) if (w !== this) w.#copy(this);
          this.#seconds += pace.tickMs / 1000;
          // Of the steps the last two: all of them would take most of the time of a simulation.
          const points = [];
          for (let s = Math.max(before + 1, this.step - 1); s <= this.step; s++) points.push([s, 10, 1, 1, 0.001, 1, 0]);
          events.onSteps(this);
          this.#say({
            type: 'train',
            step: this.step,
            epoch: Math.floor(this.step / 10),
            steps: this.steps,
            stepsPerEpoch: 10,
            seconds: this.#seconds,
            imagesPerSecond: 1,
            points,
          });
          if (diverges) return this.#stop('diverged');
          if (this.step >= this.#until) return this.#stop(this.step >= this.steps ? 'done' : 'paused');
        }
        this.#tick(n);
      },
      life,
    );
  }

  /** @param {object} head @param {ArrayBuffer[]} [bufs] */
  #say(head, bufs) {
    if (this.terminated || this.mute) return;
    this.onmessage?.({ data: pack(/** @type {any} */ (head), bufs)[0] });
  }
}
