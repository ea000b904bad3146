/**
 * The workers of a pool: starts them, connects them to a group with a leader,
 * takes in those that become ready later, and forms a new group when one dies.
 * The other end is in wasm/engine/training/group.go.
 *
 * @typedef {import('../engine/engine.js').WorkerLike} WorkerLike
 * @typedef {import('./pool-worker.js').Info} Info
 * @typedef {import('./pool-worker.js').OpenRequest} OpenRequest
 *
 * @typedef {object} Pool what a group asks of its pool
 * @property {(head: import('../generated/protocol.js').TrainEvent) => void} onSteps the leader has taken steps
 * @property {(head: import('../generated/protocol.js').TrainStateEvent) => void} onState the leader has another state
 * @property {(head: import('../generated/protocol.js').TrainRollbackEvent) => void} onRollback a step was undone
 * @property {(head: import('../generated/protocol.js').MeasuringEvent) => void} onMeasuring progress of measures
 * @property {() => void} onNewLeader another worker becomes the leader
 * @property {(group: {step: number, died: InkdriftError | null}) => Promise<void>} onGroup a group is connected; died: why a worker died
 *   before
 * @property {() => OpenRequest | null} restoreRequest how to continue after all workers have died; null: not any more
 * @property {(error: InkdriftError) => void} onFailed the run cannot continue
 * @property {(error: InkdriftError) => void} report gets errors that no promise carries
 * @property {() => number} pingTimeout milliseconds
 */
import { Engine, trainerProgram } from '../engine/engine.js';
import { InkdriftError } from '../lib/errors.js';
import { canShareMemory, connectPeers, mostAdvanced, PoolWorker, withOtherBackend } from './pool-worker.js';
import { clampWorkers } from './worker-count.js';

export class WorkerGroup {
  /** How many workers were asked for, and how many train. */
  counts = { wanted: 0, alive: 0 };
  /** How workers exchange what they compute; null: there is one. @type {'shared' | 'messages' | null} */
  exchange = null;
  /** Kernel of the leader. */
  backend = '';
  /** Counts runs, so that results of a former one are dropped. */
  runNumber = 0;

  #spawn;
  #mayShare;
  #times;
  #pool;
  /** @type {PoolWorker[]} all that live */
  #workers = [];
  /** @type {PoolWorker[]} those that train together, the leader first */
  #group = [];
  /** Counts groups, so that messages of a former one are dropped. */
  #generation = 0;
  /** How many workers there should be: dead ones are not replaced. */
  #target = 0;
  /** @type {OpenRequest | null} */
  #openRequest = null;
  /** Whether the run is being opened. */
  #isOpening = false;
  /** Whether a worker has opened the run. */
  #isOpen = false;
  /** Why a worker died, until it is reported. @type {InkdriftError | null} */
  #deathCause = null;
  /** Settles when no group is being formed. @type {Promise<void> | null} */
  #regrouping = null;
  #needsRegroup = false;
  /** How many calls wait for workers to open the run. */
  #joining = 0;

  /**
   * @param {object} options
   * @param {(again: number) => WorkerLike} options.spawn starts a worker
   * @param {typeof import('./pool-timing.js').defaultTimes} options.times
   * @param {Pool} options.pool
   * @param {boolean} options.mayShare whether memory is shared where that can be done
   */
  constructor({ spawn, times, pool, mayShare }) {
    this.#mayShare = mayShare;
    this.#spawn = spawn;
    this.#times = times;
    this.#pool = pool;
  }

  /** The engine that talks for the group. */
  get leader() {
    return this.#group[0]?.engine ?? null;
  }

  /** Whether a group is being formed. */
  get isRegrouping() {
    return this.#regrouping !== null;
  }

  /** Waits until no group is being formed. */
  async settled() {
    while (this.#regrouping) await this.#regrouping;
  }

  /**
   * Opens a run in all workers, and connects those that are ready in time.
   *
   * @param {OpenRequest} request
   * @param {number} workers
   * @param {(info: Info) => void} onOpened called before the workers are connected
   * @returns {Promise<Info>}
   * @throws {InkdriftError} no-training, if it was closed meanwhile
   */
  async open(request, workers, onOpened) {
    this.#openRequest = request;
    this.#isOpening = true;
    this.#setTarget(workers);
    const run = this.runNumber;
    const all = this.#adjustCount();
    for (const w of all) this.#open(w);
    const info = await Promise.any(all.map((w) => w.opening));
    if (this.runNumber === run) {
      this.#isOpen = true;
      onOpened(info);
      await this.#join(all);
    }
    if (this.runNumber !== run) throw new InkdriftError('no-training', 'the run was closed while it was opened');
    this.#isOpening = false;
    return info;
  }

  /**
   * Changes how many workers there are.
   *
   * @param {number} n
   */
  async resize(n) {
    this.#setTarget(n);
    const before = new Set(this.#workers);
    const fresh = this.#adjustCount().filter((w) => !before.has(w));
    for (const w of fresh) this.#open(w);
    await this.#join(fresh);
  }

  /** Dissolves the group. The workers stay for the next run. */
  reset() {
    this.exchange = null;
    this.#isOpening = false;
    this.#isOpen = false;
    this.#needsRegroup = false;
    this.#regrouping = null;
    this.#group = [];
    this.#generation++;
    this.runNumber++;
  }

  /** Ends all workers. */
  stop() {
    for (const w of this.#workers.splice(0)) {
      w.dead = true;
      w.engine.stop();
    }
    this.#target = 0;
    this.counts = { wanted: 0, alive: 0 };
  }

  /** Asks all workers for a sign of life; those that give none in time are dead. @param {number} ms */
  async checkAll(ms) {
    await Promise.all(this.#workers.map((w) => w.engine.check(ms)));
  }

  /** Pings the leader; it is dead if it does not answer in time. */
  pingLeader() {
    this.#ping(this.#group[0]);
  }

  /** @param {PoolWorker | undefined} worker */
  #ping(worker) {
    void worker?.engine.check(this.#pool.pingTimeout());
  }

  /**
   * Waits until workers have opened the run, for a limited time, and until they
   * are connected.
   *
   * @param {PoolWorker[]} workers
   */
  async #join(workers) {
    this.#joining++;
    try {
      await waitAtMost(this.#times.join, Promise.allSettled(workers.map((w) => w.opening)));
    } finally {
      this.#joining--;
    }
    this.#scheduleRegroup();
    await this.settled();
  }

  /** @param {number} n */
  #setTarget(n) {
    this.#target = clampWorkers(n);
    this.counts.wanted = this.#target;
  }

  /** Starts or stops workers until there are as many as there should be. @returns {PoolWorker[]} all */
  #adjustCount() {
    while (this.#workers.length < this.#target) this.#workers.push(this.#start());
    const order = [...this.#group, ...this.#workers.filter((w) => !this.#group.includes(w))];
    for (const w of order.slice(this.#target)) this.#stop(w);
    return this.#workers;
  }

  /** @param {PoolWorker} worker */
  #stop(worker) {
    worker.dead = true;
    this.#workers = this.#workers.filter((w) => w !== worker);
    worker.engine.stop();
  }

  /** @returns {PoolWorker} */
  #start() {
    const engine = new Engine({ spawn: this.#spawn, program: trainerProgram, restarts: 0, answerMs: 60_000, pingMs: this.#times.sign });
    const worker = new PoolWorker(engine);
    engine.on('state', (state, why) => {
      if (state === 'failed' && !worker.dead) this.#onDeath(worker, why ?? new InkdriftError('engine-died', ''));
    });
    engine.on('engine-warning', (head) => this.#pool.report(InkdriftError.from(head.error)));
    const { onSteps, onState, onRollback, onMeasuring } = this.#pool;
    engine.on('train', this.#ifLeader(worker, onSteps));
    engine.on('train-state', this.#ifLeader(worker, onState));
    engine.on('train-rollback', this.#ifLeader(worker, onRollback));
    engine.on('measuring', this.#ifLeader(worker, onMeasuring));
    engine.on('train-late', (head) => head.generation === this.#generation && this.#onLate(head.ranks));
    engine.start();
    return worker;
  }

  /**
   * A listener for events of a worker; those of workers that do not lead are ignored.
   *
   * @template T
   * @param {PoolWorker} worker
   * @param {(head: T) => void} fn
   * @returns {(head: T) => void}
   */
  #ifLeader(worker, fn) {
    return (head) => {
      if (this.#group[0] === worker) fn(head);
    };
  }

  /** Has a worker open the run. @param {PoolWorker} worker */
  #open(worker) {
    worker.open(/** @type {OpenRequest} */ (this.#openRequest), () => {
      if (this.#joining === 0) this.#scheduleRegroup();
    });
    worker.opening.catch((e) => {
      if (worker.dead || this.#isOpening) return;
      this.#stop(worker);
      this.#target = Math.max(1, this.#workers.length);
      this.#pool.report(InkdriftError.from(e));
      this.#scheduleRegroup();
    });
  }

  /**
   * @param {PoolWorker} worker
   * @param {InkdriftError} why
   */
  #onDeath(worker, why) {
    worker.dead = true;
    worker.why = why;
    this.#workers = this.#workers.filter((w) => w !== worker);
    this.#target = Math.max(1, this.#workers.length);
    this.#deathCause = why;
    if (this.#isOpen) this.#scheduleRegroup();
  }

  /**
   * A worker reports that others are silent.
   *
   * @param {number[]} ranks
   */
  #onLate(ranks) {
    for (const rank of ranks) this.#ping(this.#group[rank]);
  }

  /** Forms a group of the workers, unless they are one. */
  #scheduleRegroup() {
    if (!this.#isOpen) return;
    this.#needsRegroup = true;
    if (this.#regrouping) return;
    const regrouping = this.#regroupLoop(this.runNumber).finally(() => {
      if (this.#regrouping === regrouping) this.#regrouping = null;
    });
    this.#regrouping = regrouping;
  }

  /** @param {number} run */
  async #regroupLoop(run) {
    while (this.#needsRegroup && this.runNumber === run) {
      this.#needsRegroup = false;
      try {
        await this.#regroup(run);
      } catch (e) {
        // If a worker died meanwhile the others are grouped again.
        if (!this.#needsRegroup && this.runNumber === run) this.#pool.onFailed(InkdriftError.from(e));
      }
    }
  }

  /**
   * Forms the group of all workers that have opened the run.
   *
   * @param {number} run
   */
  async #regroup(run) {
    if (this.#workers.length === 0 && !this.#restore()) return;
    // If one has died others may have, too.
    if (this.#deathCause) await Promise.all(this.#workers.map((w) => w.engine.check(this.#pool.pingTimeout())));
    if (this.#workers.length > 0 && this.#workers.every((w) => !w.opened)) await Promise.any(this.#workers.map((w) => w.opening));
    if (this.runNumber !== run) return;
    for (const w of withOtherBackend(this.#workers, this.#group)) this.#stop(w);
    this.#target = Math.max(1, this.#workers.length);
    const ready = this.#workers.filter((w) => w.opened);
    if (ready.length === 0) {
      this.#needsRegroup = true;
      return;
    }
    if (ready.length === this.#group.length && ready.every((w) => this.#group.includes(w))) return;

    const old = this.#group[0];
    const leader = ready.includes(old) ? old : this.#group.length === 0 ? ready[0] : await mostAdvanced(ready);
    if (this.runNumber !== run) return;
    if (leader !== old) {
      this.backend = leader.engine.backend;
      this.#pool.onNewLeader();
    }
    await this.#connect([leader, ...ready.filter((w) => w !== leader)], run);
  }

  /**
   * @param {PoolWorker[]} group the leader first
   * @param {number} run
   */
  async #connect(group, run) {
    this.#group = group;
    const pings = setInterval(() => group.forEach((w) => void this.#ping(w)), this.#times.quiet);
    const shared = this.#mayShare && canShareMemory();
    /** @type {number} */
    let step;
    try {
      step = await connectPeers(group, ++this.#generation, shared);
    } finally {
      clearInterval(pings);
    }
    if (this.runNumber !== run) return;
    const died = this.#deathCause;
    this.#deathCause = null;
    this.exchange = group.length === 1 ? null : shared ? 'shared' : 'messages';
    this.counts = { wanted: this.counts.wanted, alive: group.length };
    await this.#pool.onGroup({ step, died });
  }

  /** All workers are dead: new ones open the run from its last checkpoint. @returns {boolean} whether they do */
  #restore() {
    const request = this.#pool.restoreRequest();
    if (!request) {
      this.#pool.onFailed(this.#deathCause ?? new InkdriftError('engine-gone', 'all workers have died'));
      return false;
    }
    this.#openRequest = request;
    this.#group = [];
    for (const w of this.#adjustCount()) this.#open(w);
    return true;
  }
}

/**
 * Waits for a promise, but no longer than that.
 *
 * @param {number} ms
 * @param {Promise<unknown>} promise
 */
async function waitAtMost(ms, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
