/**
 * Workers that train one model together. Each is a whole engine; what they say
 * to each other goes over ports of their own, and all that this class does is to
 * bring them together, to tell the leader what is wanted, and to go on with the
 * others, or with the last checkpoint, when one dies. See
 * wasm/engine/training/group.go for the other end.
 *
 * @typedef {import('../engine/engine.js').WorkerLike} WorkerLike
 * @typedef {'idle' | 'opening' | 'running' | 'paused' | 'done' | 'diverged' | 'failed'} State
 * @typedef {import('./pool-worker.js').RunSpec} What
 * @typedef {import('./pool-worker.js').Info} Info
 * @typedef {import('./pool-worker.js').Checkpoint} Checkpoint
 * @typedef {import('../generated/protocol.js').TrainOpen} TrainOpen
 * @typedef {import('../generated/protocol.js').TrainRestore} TrainRestore
 * @typedef {({type: 'train.open', fields: TrainOpen} | {type: 'train.restore', fields: TrainRestore}) & {bufs: ArrayBuffer[]}} Opening
 */
import { Engine } from '../engine/engine.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';
import { LeaderWatchdog } from './leader-watchdog.js';
import { CheckpointSchedule, defaultTimes } from './checkpoint-schedule.js';
import { defaultWorkers, furthest, introduce, PoolWorker, misfits, within } from './pool-worker.js';
import { ModelQueries } from './model-queries.js';

export { defaultWorkers };

/** Steps after which workers remember their state: train.SnapshotEvery. */
const snapshotEvery = 100;

/** Settings that are as the run has them. */
const unchanged = { learningRate: null, beta: null };

/** How often a run is begun again from the same checkpoint before it is given up. */
const recoveries = 3;

/**
 * Events: `train` (head of the leader's event), `state` (state, why?), `trouble`
 * ({step, layer, learningRate}: a step was undone), `measuring` ({what, done, of}), `workers` ({wanted, alive,
 * why?}) and `checkpoint` ({step, file}; the file is everybody's and must not be
 * transferred).
 */
export class WorkerPool extends ModelQueries {
  /** @type {State} */
  state = 'idle';
  /** Why it failed or diverged. @type {InkdriftError | null} */
  why = null;
  /** How many workers were asked for, and how many train. */
  workers = { wanted: 0, alive: 0 };
  /** What the leader computes with. */
  backend = '';
  /** Steps taken, as far as is known. */
  step = 0;

  #spawn;
  #report;
  #times;
  /** @type {PoolWorker[]} all that live */
  #members = [];
  /** @type {PoolWorker[]} those who train together, the leader first */
  #group = [];
  #generation = 0;
  /** How many members there should be: those who died are not replaced. */
  #target = 0;
  /** @type {Opening | null} how a member opens the run */
  #opening = null;
  /** @type {Info | null} */
  #info = null;
  /** What is wanted of the leader; until: steps, 0 for the end. */
  #goal = { running: false, until: 0 };
  /** Settings changed since the run began. @type {import('../generated/protocol.js').TrainChange} */
  #changed = unchanged;
  #keeper;
  #recoveries = 0;
  /** Why one died of whom nobody has been told. @type {InkdriftError | null} */
  #loss = null;
  /** @type {Promise<void> | null} the work of bringing members together */
  #working = null;
  #dirty = false;
  /** Counts runs, so that what belongs to a former one is known. */
  #epoch = 0;
  /** How many wait for members to come. */
  #expecting = 0;
  #ear;
  /** The goal for which the workers stand still for a moment. @type {object | null} */
  #resting = null;
  /** Seconds of training before the present leader. */
  #seconds = { before: 0, last: 0 };

  /**
   * @param {object} options
   * @param {() => WorkerLike} options.spawn starts a worker
   * @param {(error: InkdriftError) => void} [options.report] gets what no promise tells
   * @param {Partial<typeof defaultTimes>} [options.times]
   */
  constructor({ spawn, report = () => {}, times = {} }) {
    super((type, fields, bufs) => this.#ask(type, fields, bufs));
    this.#spawn = spawn;
    this.#report = report;
    this.#times = { ...defaultTimes, ...times };
    this.#keeper = new CheckpointSchedule(this.#times.checkpoint);
    this.#ear = new LeaderWatchdog(this.#times, () => void this.#group[0]?.engine.check(this.#patience()));
  }

  /**
   * Opens a run, in place of another. It does not train yet.
   *
   * @param {What} what
   * @returns {Promise<Info>}
   */
  async open({ recipe, data, validation, workers = 1, files = [], checkpoint }) {
    this.#halt();
    this.#become('opening');
    this.#opening = checkpoint
      ? { type: 'train.restore', fields: { data, validation }, bufs: [checkpoint, ...files] }
      : { type: 'train.open', fields: { recipe: /** @type {TrainOpen['recipe']} */ (recipe), data, validation }, bufs: files };
    this.#keeper = new CheckpointSchedule(this.#times.checkpoint);
    this.#changed = unchanged;
    this.#recoveries = 0;
    this.#seconds = { before: 0, last: 0 };
    this.#ear.stepMs = 0;
    this.#want(workers);
    const epoch = this.#epoch;
    try {
      const members = this.#fill();
      for (const m of members) this.#prepare(m);
      const info = await Promise.any(members.map((m) => m.opening));
      if (this.#epoch === epoch) {
        this.#info = info;
        this.step = info.step;
        if (checkpoint) this.#keeper.take({ step: info.step, file: checkpoint });
        await this.#gathered(members);
      }
      if (this.#epoch !== epoch) throw new InkdriftError('no-training', 'the run was closed while it was opened');
      this.#become('paused');
      return info;
    } catch (e) {
      const error = InkdriftError.from(e instanceof AggregateError ? e.errors[0] : e);
      if (this.#epoch === epoch) this.#giveUp(error);
      throw error;
    }
  }

  /**
   * Trains, for so many steps or to the end.
   *
   * @param {number} [steps]
   */
  async run(steps = 0) {
    this.#need();
    await this.#steady();
    this.#goal = { running: true, until: steps > 0 ? this.step + steps : 0 };
    try {
      await this.#ask('train.run', { steps });
    } catch (e) {
      if (this.state !== 'running') this.#goal.running = false;
      throw e;
    }
  }

  /** Pauses, after the step in progress. */
  async pause() {
    this.#need();
    this.#goal.running = false;
    await this.#steady();
    if (this.state !== 'running') return;
    await this.#ask('train.pause', {});
    await this.#steady();
    if (this.state === 'running') this.#become('paused'); // the one who would have told has died
  }

  /**
   * Changes settings, also while it trains.
   *
   * @param {{learningRate?: number, beta?: number}} settings
   */
  async change(settings) {
    this.#need();
    const { learningRate = null, beta = null } = settings;
    await this.#ask('train.change', { learningRate, beta });
    this.#changed = { learningRate: learningRate ?? this.#changed.learningRate, beta: beta ?? this.#changed.beta };
  }

  /**
   * Changes how many train, also while they do.
   *
   * @param {number} n
   */
  async setWorkers(n) {
    this.#need();
    this.#want(n);
    const before = new Set(this.#members);
    const fresh = this.#fill().filter((m) => !before.has(m));
    for (const m of fresh) this.#prepare(m);
    await this.#gathered(fresh);
  }

  /**
   * The run, to go on from. While it trains that is as of at most a hundred
   * steps ago, when it is paused as of now.
   *
   * @returns {Promise<Checkpoint>}
   */
  async checkpoint() {
    const keeper = this.#keeper;
    const { head, bufs } = await this.#ask('train.checkpoint', {});
    const checkpoint = { step: head.step, file: bufs[0] };
    if (keeper.take(checkpoint) && keeper === this.#keeper) {
      this.#recoveries = 0;
      this.emit('checkpoint', checkpoint);
    }
    return checkpoint;
  }

  /** Ends the run and all workers. */
  async close() {
    this.#halt();
    this.#stopAll();
    this.#opening = null;
    this.#become('idle');
  }

  /** Fails unless a run is open. */
  #need() {
    if (this.#opening === null || this.state === 'idle' || this.state === 'failed') {
      throw this.why ?? new InkdriftError('no-training', 'no run is open');
    }
  }

  /** Nothing is wanted of the group any more. */
  #halt() {
    this.#ear.stop();
    this.#goal.running = false;
    this.#info = null;
    this.#dirty = false;
    this.#working = null;
    this.#group = [];
    this.#generation++;
    this.#epoch++;
  }

  /**
   * Waits until those who come have come, but for those who take too long, and
   * all stand together.
   *
   * @param {PoolWorker[]} coming
   */
  async #gathered(coming) {
    this.#expecting++;
    try {
      await within(this.#times.join, Promise.allSettled(coming.map((m) => m.opening)));
    } finally {
      this.#expecting--;
    }
    this.#review();
    await this.#steady();
  }

  #stopAll() {
    for (const m of this.#members.splice(0)) {
      m.dead = true;
      m.engine.stop();
    }
    this.#target = 0;
    this.workers = { wanted: 0, alive: 0 };
  }

  /** @param {number} n */
  #want(n) {
    this.#target = Math.max(1, Math.min(limits.workers, Math.round(n) || 1));
    this.workers.wanted = this.#target;
  }

  /** Makes the members as many as there should be. @returns {PoolWorker[]} all */
  #fill() {
    while (this.#members.length < this.#target) this.#members.push(this.#start());
    const order = [...this.#group, ...this.#members.filter((m) => !this.#group.includes(m))];
    for (const m of order.slice(this.#target)) this.#dismiss(m);
    return this.#members;
  }

  /** @param {PoolWorker} m */
  #dismiss(m) {
    m.dead = true;
    this.#members = this.#members.filter((other) => other !== m);
    m.engine.stop();
  }

  /** Starts a worker. @returns {PoolWorker} */
  #start() {
    const engine = new Engine({ spawn: this.#spawn, restarts: 0, answerMs: 60_000, pingMs: this.#times.sign });
    const m = new PoolWorker(engine);
    engine.on('state', (state, why) => {
      if (state === 'failed' && !m.dead) this.#lost(m, why ?? new InkdriftError('engine-died', ''));
    });
    engine.on('engine-warning', (head) => this.#report(InkdriftError.from(head.error)));
    engine.on('train', (head) => this.#leads(m) && this.#trained(head));
    engine.on('train-state', (head) => this.#leads(m) && this.#turned(head));
    engine.on('train-rollback', (head) => this.#leads(m) && this.emit('trouble', head));
    engine.on('measuring', (head) => this.#leads(m) && this.emit('measuring', head));
    engine.on('train-late', (head) => head.generation === this.#generation && this.#late(head.ranks));
    engine.start();
    return m;
  }

  /** Has a member open the run. @param {PoolWorker} m */
  #prepare(m) {
    const { type, fields, bufs } = /** @type {Opening} */ (this.#opening);
    m.opened = false;
    m.opening = m.engine.request(type, fields, bufs, { patient: true }).then(
      ({ head }) => {
        m.opened = true;
        if (this.#expecting === 0) this.#review();
        return head;
      },
      (e) => {
        throw m.why ?? e;
      },
    );
    m.opening.catch((e) => {
      if (m.dead || this.state === 'opening') return;
      this.#dismiss(m);
      this.#target = Math.max(1, this.#members.length);
      this.#report(InkdriftError.from(e));
      this.#review();
    });
  }

  /** @param {PoolWorker} m */
  #leads(m) {
    return this.#group[0] === m;
  }

  /**
   * A worker has died.
   *
   * @param {PoolWorker} m
   * @param {InkdriftError} why
   */
  #lost(m, why) {
    m.dead = true;
    m.why = why;
    this.#members = this.#members.filter((other) => other !== m);
    this.#target = Math.max(1, this.#members.length);
    this.#loss = why;
    if (this.#info) this.#review();
  }

  /** Brings the members together, unless they are. */
  #review() {
    if (!this.#info) return;
    this.#dirty = true;
    if (this.#working) return;
    const working = this.#work(this.#epoch).finally(() => {
      if (this.#working === working) this.#working = null;
    });
    this.#working = working;
  }

  /** @param {number} epoch */
  async #work(epoch) {
    while (this.#dirty && this.#epoch === epoch) {
      this.#dirty = false;
      try {
        await this.#gather(epoch);
      } catch (e) {
        // If somebody has died over it the others are brought together anew.
        if (!this.#dirty && this.#epoch === epoch) this.#giveUp(InkdriftError.from(e));
      }
    }
  }

  /** Waits until the members stand together. */
  async #steady() {
    while (this.#working) await this.#working;
  }

  /**
   * Forms the group of all members that have opened the run.
   *
   * @param {number} epoch
   */
  async #gather(epoch) {
    if (this.#members.length === 0 && !this.#recover()) return;
    // Where one has died others may have, too.
    if (this.#loss) await Promise.all(this.#members.map((m) => m.engine.check(this.#patience())));
    if (this.#members.length > 0 && this.#members.every((m) => !m.opened)) await Promise.any(this.#members.map((m) => m.opening));
    if (this.#epoch !== epoch) return;
    for (const m of misfits(this.#members, this.#group)) this.#dismiss(m);
    this.#target = Math.max(1, this.#members.length);
    const ready = this.#members.filter((m) => m.opened);
    if (ready.length === 0) {
      this.#dirty = true;
      return;
    }
    if (ready.length === this.#group.length && ready.every((m) => this.#group.includes(m))) return;

    const old = this.#group[0];
    const lead = ready.includes(old) ? old : this.#group.length === 0 ? ready[0] : await furthest(ready);
    if (this.#epoch !== epoch) return;
    if (lead !== old) {
      this.#seconds = { before: this.#seconds.before + this.#seconds.last, last: 0 };
      this.backend = lead.engine.backend;
    }
    const group = [lead, ...ready.filter((m) => m !== lead)];
    this.#group = group;
    const impatience = setInterval(() => group.forEach((m) => void m.engine.check(this.#patience())), this.#times.quiet);
    try {
      const step = await introduce(group, ++this.#generation);
      if (this.#epoch !== epoch) return;
      this.step = step;
    } finally {
      clearInterval(impatience);
    }
    const lost = this.#loss;
    this.#loss = null;
    this.workers = { wanted: this.workers.wanted, alive: group.length };
    this.emit('workers', { ...this.workers, ...(lost && { why: lost }) });
    await this.#resume(lead);
  }

  /** Tells a leader what the former one knew. @param {PoolWorker} lead */
  async #resume(lead) {
    if (this.#changed !== unchanged) await lead.engine.request('train.change', this.#changed);
    const { running, until } = this.#goal;
    if (running && (until === 0 || until > this.step)) {
      await lead.engine.request('train.run', { steps: until && until - this.step });
    } else if (this.state === 'running') {
      this.#goal.running = false;
      this.#become('paused');
    }
  }

  /** Nobody is left: a new worker goes on from the last checkpoint. */
  #recover() {
    if (this.#recoveries++ >= recoveries) {
      this.#giveUp(this.#loss ?? new InkdriftError('engine-gone', 'all workers have died'));
      return false;
    }
    const opening = /** @type {Opening} */ (this.#opening);
    if (this.#keeper.newest) {
      const { data, validation } = opening.fields;
      const files = opening.type === 'train.restore' ? opening.bufs.slice(1) : opening.bufs;
      this.#opening = { type: 'train.restore', fields: { data, validation }, bufs: [this.#keeper.newest.file, ...files] };
    }
    this.#group = [];
    for (const m of this.#fill()) this.#prepare(m);
    return true;
  }

  /** @param {InkdriftError} why */
  #giveUp(why) {
    this.#halt();
    this.#stopAll();
    this.#opening = null;
    this.#become('failed', why);
  }

  /**
   * Asks the leader, and the next one if this one dies over it.
   *
   * @template {keyof import('../engine/engine.js').Requests} T
   * @param {T} type
   * @param {import('../engine/engine.js').Requests[T]['request']} fields
   * @param {ArrayBuffer[]} [bufs]
   * @returns {Promise<import('../engine/engine.js').Answer<T>>}
   */
  async #ask(type, fields, bufs = []) {
    for (;;) {
      this.#need();
      await this.#steady();
      const lead = this.#group[0];
      if (!lead) throw this.why ?? new InkdriftError('no-training', 'no run is open');
      try {
        return await lead.engine.request(type, fields, bufs, { lives: 0, patient: type === 'measure' });
      } catch (e) {
        const { code } = InkdriftError.from(e);
        if ((code !== 'engine-gone' && code !== 'engine-died') || !this.#working) throw e;
        // The members are being brought together, and told what is wanted.
        await this.#steady();
        if (type === 'train.run' || type === 'train.pause') return { head: { type: 'ok' }, bufs: [] };
      }
    }
  }

  /** @param {import('../generated/protocol.js').TrainEvent} head */
  #trained(head) {
    this.#ear.hear(head.step - this.step);
    this.step = head.step;
    this.#seconds.last = head.seconds;
    this.emit('train', { ...head, seconds: this.#seconds.before + head.seconds });
    if (this.#keeper.isDue(head.step, head.steps)) this.#keep();
  }

  /** @param {import('../generated/protocol.js').TrainStateEvent} head */
  #turned(head) {
    this.step = head.step;
    this.#ear.hear(0);
    if (this.#resting === this.#goal && (head.state === 'paused' || head.state === 'running')) return; // for a moment only
    if (head.state !== 'running') {
      this.#goal.running = false;
      this.#keep();
    }
    this.#become(/** @type {State} */ (head.state), head.why && InkdriftError.from(head.why));
  }

  /** Keeps a checkpoint. */
  #keep() {
    this.#keeper.begin(this.step);
    const slow = this.state === 'running' && snapshotEvery * this.#ear.stepMs > this.#times.stale;
    (slow ? this.#rest() : this.checkpoint()).catch(() => {}); // whoever dies over it is missed elsewhere
  }

  /**
   * Takes a checkpoint of this very step: workers remember their state when they
   * pause, and else too seldom where steps are slow.
   */
  async #rest() {
    const goal = this.#goal;
    if (this.#resting || !goal.running) return;
    this.#resting = goal;
    /** @type {number | undefined} */
    let step;
    try {
      step = (await this.#ask('train.pause', {})).head.step;
      if (step !== undefined) this.step = step;
      await this.checkpoint();
    } finally {
      this.#resting = null;
      // Unless somebody wants something else by now, or those who came after a death were told already.
      if (this.#goal === goal && goal.running && this.state === 'running' && step !== undefined) await this.#goOn(goal.until);
    }
  }

  /** Goes on after a rest. @param {number} until */
  async #goOn(until) {
    if (until === 0 || this.step < until) {
      await this.#ask('train.run', { steps: until && until - this.step });
      return;
    }
    this.#goal.running = false;
    this.#become('paused'); // it was over anyway
  }

  #patience() {
    return this.#ear.patience(this.backend);
  }

  /**
   * Members are said to be silent.
   *
   * @param {number[]} ranks
   */
  #late(ranks) {
    for (const rank of ranks) void this.#group[rank]?.engine.check(this.#patience());
  }

  /**
   * @param {State} state
   * @param {InkdriftError | null} [why]
   */
  #become(state, why = null) {
    if (state === this.state && state !== 'failed') return;
    this.state = state;
    this.why = why;
    if (state === 'running') this.#ear.listen();
    else this.#ear.stop();
    this.emit('state', state, why ?? undefined);
  }
}
