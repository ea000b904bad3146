/**
 * Trains one model in several workers. Each worker is a whole engine; they
 * exchange gradients over ports of their own (worker-group.js). The pool tells the
 * leader what to do, takes checkpoints, and continues after deaths of workers.
 *
 * @typedef {import('../engine/engine.js').WorkerLike} WorkerLike
 * @typedef {'idle' | 'opening' | 'running' | 'paused' | 'done' | 'diverged' | 'failed'} State
 * @typedef {import('./pool-worker.js').RunSpec} RunSpec
 * @typedef {import('./pool-worker.js').Info} Info
 * @typedef {import('./pool-worker.js').Checkpoint} Checkpoint
 * @typedef {import('./pool-worker.js').OpenRequest} OpenRequest
 * @typedef {import('../generated/protocol.js').TrainOpen} TrainOpen
 * @typedef {{most: number, choices?: Pick<import('./worker-count.js').WorkerChoices, 'recall' | 'remember'>, policy?: Partial<typeof import('./worker-tuner.js').defaultPolicy>}} Tuning
 *   most: the most workers that are tried; choices: what was found before
 */
import { InkdriftError } from '../lib/errors.js';
import { CheckpointSchedule } from './checkpoint-schedule.js';
import { LeaderWatchdog } from './leader-watchdog.js';
import { ModelQueries } from './model-queries.js';
import { defaultTimes } from './pool-timing.js';
import { auto, shapeOf } from './worker-count.js';
import { WorkerGroup } from './worker-group.js';
import { WorkerTuner } from './worker-tuner.js';

/** Steps between two snapshots that a worker keeps of its state: train.SnapshotEvery. */
const snapshotEvery = 100;

/** Settings that are as the run has them. */
const unchanged = { learningRate: null, beta: null };

/** How often a run is restored from the same checkpoint before it fails. */
const maxRestores = 3;

/** How often the leader is asked to train while its group changes, and how long after it has refused. */
const mostTries = 10;
const retryMs = 20;

/**
 * Events: `train` (head of the leader's event), `state` (state, why?), `rollback`
 * ({step, layer, learningRate}: a step was undone), `measuring` ({what, done, of}), `workers` ({wanted, alive,
 * why?}) and `checkpoint` ({step, file}; the file is shared and must not be
 * transferred).
 */
export class WorkerPool extends ModelQueries {
  /** @type {State} */
  state = 'idle';
  /** Why it failed or diverged. @type {InkdriftError | null} */
  why = null;
  /** Steps taken, as far as is known. */
  step = 0;

  #times;
  #group;
  #watchdog;
  #schedule;
  /** @type {OpenRequest | null} */
  #openRequest = null;
  /** What the leader is to do; until: steps, 0 for the end. */
  #goal = { running: false, until: 0 };
  /** Settings changed since the run was opened. @type {import('../generated/protocol.js').TrainChange} */
  #changedSettings = unchanged;
  #restores = 0;
  /** Seconds of training under former leaders, and under the present one. */
  #seconds = { before: 0, last: 0 };
  /** Finds the number of workers; null: it was chosen. @type {WorkerTuner | null} */
  #tuner = null;
  #tuning;
  /** Of the run, for what is remembered of it. */
  #shape = '';
  /** Whether the number of workers is being changed. */
  #resizing = false;

  /**
   * @param {object} options
   * @param {(again: number) => WorkerLike} options.spawn starts a worker
   * @param {(error: InkdriftError) => void} [options.report] gets errors that no promise carries
   * @param {Partial<typeof defaultTimes>} [options.times]
   * @param {Tuning} [options.tuning] how a number of workers is found
   * @param {boolean} [options.mayShare] whether workers share memory where that can be done
   */
  constructor({ spawn, report = () => {}, times = {}, tuning = { most: 1 }, mayShare = true }) {
    super((type, fields, bufs) => this.#request(type, fields, bufs));
    this.#times = { ...defaultTimes, ...times };
    this.#tuning = tuning;
    this.#schedule = new CheckpointSchedule(this.#times.checkpoint);
    this.#group = new WorkerGroup({
      spawn,
      mayShare,
      times: this.#times,
      pool: {
        report,
        onSteps: (head) => this.#onSteps(head),
        onState: (head) => this.#onState(head),
        onRollback: (head) => this.emit('rollback', head),
        onMeasuring: (head) => this.emit('measuring', head),
        onNewLeader: () => {
          this.#seconds = { before: this.#seconds.before + this.#seconds.last, last: 0 };
        },
        onGroup: (group) => this.#onGroup(group),
        restoreRequest: () => this.#restoreRequest(),
        onFailed: (error) => this.#fail(error),
        pingTimeout: () => this.#watchdog.pingTimeout(this.backend),
      },
    });
    this.#watchdog = new LeaderWatchdog(this.#times, () => this.#group.pingLeader());
  }

  /** How many workers were asked for, and how many train. */
  get workers() {
    return this.#group.counts;
  }

  /** How workers exchange what they compute; null: there is one. */
  get exchange() {
    return this.#group.exchange;
  }

  /** Whether the number of workers is found by trial. */
  get isAuto() {
    return this.#tuner !== null;
  }

  /** Whether the number of workers is not being looked for any more, or was given. */
  get isSettled() {
    return this.#tuner?.isSettled ?? true;
  }

  /** Kernel of the leader: relaxed, strict or go. */
  get backend() {
    return this.#group.backend;
  }

  /**
   * Opens a run, in place of another. It does not train yet.
   *
   * @param {RunSpec} spec
   * @returns {Promise<Info>}
   */
  async open({ recipe, data, validation, workers = 1, files = [], init, checkpoint }) {
    this.#reset();
    this.#setState('opening');
    this.#openRequest = checkpoint
      ? { type: 'train.restore', fields: { data, validation }, bufs: [checkpoint, ...files] }
      : {
          type: 'train.open',
          fields: { recipe: /** @type {TrainOpen['recipe']} */ (recipe), data, validation, ...(init && { init: true }) },
          bufs: init ? [init, ...files] : files,
        };
    this.#schedule = new CheckpointSchedule(this.#times.checkpoint);
    this.#changedSettings = unchanged;
    this.#restores = 0;
    this.#seconds = { before: 0, last: 0 };
    this.#watchdog.stepMs = 0;
    this.#shape = shapeOf(recipe);
    const count = this.#countOf(workers);
    const run = this.#group.runNumber;
    try {
      const info = await this.#group.open(this.#openRequest, count, ({ step }) => {
        this.step = step;
        if (checkpoint) this.#schedule.add({ step, file: checkpoint });
      });
      this.#setState('paused');
      return info;
    } catch (e) {
      const error = InkdriftError.from(e instanceof AggregateError ? e.errors[0] : e);
      if (this.#group.runNumber === run) this.#fail(error);
      throw error;
    }
  }

  /**
   * Trains, for a number of steps or to the end.
   *
   * @param {number} [steps]
   */
  async run(steps = 0) {
    this.#requireOpen();
    await this.#group.settled();
    this.#goal = { running: true, until: steps > 0 ? this.step + steps : 0 };
    try {
      await this.#begin(steps);
    } catch (e) {
      if (this.state !== 'running') this.#goal.running = false;
      throw e;
    }
  }

  /**
   * Has the leader train. It refuses while a worker that the tuner has asked for joins, which may begin at any moment: then
   * it is asked again.
   *
   * @param {number} steps
   */
  async #begin(steps) {
    for (let tries = 1; ; tries++) {
      try {
        await this.#request('train.run', { steps });
        return;
      } catch (e) {
        if (InkdriftError.from(e).code !== 'no-training' || tries === mostTries) throw e;
      }
      await new Promise((done) => setTimeout(done, retryMs));
      await this.#group.settled();
    }
  }

  /** Pauses, after the step in progress. */
  async pause() {
    this.#requireOpen();
    this.#goal.running = false;
    await this.#group.settled();
    if (this.state !== 'running') return;
    await this.#request('train.pause', {});
    await this.#group.settled();
    if (this.state === 'running') this.#setState('paused'); // the leader died before it could report it
  }

  /**
   * Changes settings, also while it trains.
   *
   * @param {{learningRate?: number, beta?: number}} settings
   */
  async change(settings) {
    this.#requireOpen();
    const { learningRate = null, beta = null } = settings;
    await this.#request('train.change', { learningRate, beta });
    const changed = this.#changedSettings;
    this.#changedSettings = { learningRate: learningRate ?? changed.learningRate, beta: beta ?? changed.beta };
  }

  /**
   * Changes the number of workers, also while they train.
   *
   * @param {number} n auto: found by trial
   */
  async setWorkers(n) {
    this.#requireOpen();
    await this.#group.resize(this.#countOf(n));
  }

  /**
   * How many workers there are to be in the beginning.
   *
   * @param {number} workers
   */
  #countOf(workers) {
    this.#tuner = null;
    if (workers !== auto) return workers;
    const { most, choices, policy } = this.#tuning;
    this.#tuner = new WorkerTuner({ most, policy, remembered: choices?.recall(this.#shape) });
    return this.#tuner.workers;
  }

  /** Has another number of workers tried, now and then. */
  #tune() {
    const tuner = this.#tuner;
    if (!tuner || this.#resizing || this.state !== 'running') return;
    const before = tuner.choice;
    const changed = tuner.progress(this.step, this.#seconds.before + this.#seconds.last);
    const found = tuner.choice;
    if (found && found.workers !== before?.workers) this.#tuning.choices?.remember(this.#shape, found);
    if (!changed) return;
    this.#resizing = true;
    this.#group
      .resize(tuner.workers)
      .then(() => {
        const { alive } = this.#group.counts;
        if (alive < tuner.workers) tuner.lost(alive);
      })
      .catch(() => {}) // whoever could not be started is told of by the group
      .finally(() => (this.#resizing = false));
  }

  /**
   * The state of the run, to resume from. While it trains that is the last
   * snapshot, at most a hundred steps old, unless the latest state is wanted, which
   * makes a file twice as large; when it is paused it is up to date.
   *
   * @param {{latest?: boolean}} [options]
   * @returns {Promise<Checkpoint>}
   */
  async checkpoint({ latest = false } = {}) {
    const schedule = this.#schedule;
    const { head, bufs } = await this.#request('train.checkpoint', { latest });
    const checkpoint = { step: head.step, file: bufs[0] };
    if (schedule.add(checkpoint) && schedule === this.#schedule) {
      this.#restores = 0;
      this.emit('checkpoint', checkpoint);
    }
    return checkpoint;
  }

  /**
   * Asks all workers for a sign of life at once: the page was hidden, or the machine
   * slept, and a browser may have ended them without a word. Without workers the run
   * goes on from its last checkpoint.
   */
  async check() {
    if (this.#openRequest === null || this.state === 'idle' || this.state === 'failed') return;
    await this.#group.checkAll(Math.max(this.#times.returned, this.#watchdog.pingTimeout(this.backend) / 2));
  }

  /** Ends the run and all workers. */
  async close() {
    this.#reset();
    this.#group.stop();
    this.#openRequest = null;
    this.#setState('idle');
  }

  /** Throws unless a run is open. */
  #requireOpen() {
    if (this.#openRequest === null || this.state === 'idle' || this.state === 'failed') {
      throw this.why ?? new InkdriftError('no-training', 'no run is open');
    }
  }

  #reset() {
    this.#watchdog.stop();
    this.#goal.running = false;
    this.#group.reset();
  }

  /** @param {InkdriftError} why */
  #fail(why) {
    this.#reset();
    this.#group.stop();
    this.#openRequest = null;
    this.#setState('failed', why);
  }

  /** How new workers open the run after all have died. @returns {OpenRequest | null} */
  #restoreRequest() {
    if (this.#restores++ >= maxRestores) return null;
    const request = /** @type {OpenRequest} */ (this.#openRequest);
    if (this.#schedule.newest) {
      const { data, validation } = request.fields;
      const files = request.type === 'train.restore' || request.fields.init ? request.bufs.slice(1) : request.bufs;
      this.#openRequest = { type: 'train.restore', fields: { data, validation }, bufs: [this.#schedule.newest.file, ...files] };
    }
    return this.#openRequest;
  }

  /**
   * Tells the leader of a new group what the former one knew.
   *
   * @param {{step: number, died: InkdriftError | null}} group
   */
  async #onGroup({ step, died }) {
    this.step = step;
    if (died) this.#tuner?.lost(this.#group.counts.alive);
    this.emit('workers', { ...this.workers, ...(died && { why: died }) });
    const leader = /** @type {import('../engine/engine.js').Engine} */ (this.#group.leader);
    if (this.#changedSettings !== unchanged) await leader.request('train.change', this.#changedSettings);
    const { running, until } = this.#goal;
    if (running && (until === 0 || until > this.step)) {
      await leader.request('train.run', { steps: until && until - this.step });
    } else if (this.state === 'running') {
      this.#goal.running = false;
      this.#setState('paused');
    }
  }

  /**
   * Asks the leader, and the next one if it dies meanwhile.
   *
   * @template {keyof import('../engine/engine.js').Requests} T
   * @param {T} type
   * @param {import('../engine/engine.js').Requests[T]['request']} fields
   * @param {ArrayBuffer[]} [bufs]
   * @returns {Promise<import('../engine/engine.js').Answer<T>>}
   */
  async #request(type, fields, bufs = []) {
    for (;;) {
      this.#requireOpen();
      await this.#group.settled();
      const { leader } = this.#group;
      if (!leader) throw this.why ?? new InkdriftError('no-training', 'no run is open');
      try {
        return await leader.request(type, fields, bufs, { retries: 0, patient: type === 'measure' });
      } catch (e) {
        const { code } = InkdriftError.from(e);
        if ((code !== 'engine-gone' && code !== 'engine-died') || !this.#group.isRegrouping) throw e;
        // A new group is being formed, and told the goal.
        await this.#group.settled();
        if (type === 'train.run' || type === 'train.pause') return { head: { type: 'ok' }, bufs: [] };
      }
    }
  }

  /** @param {import('../generated/protocol.js').TrainEvent} head */
  #onSteps(head) {
    this.#watchdog.progress(head.step - this.step);
    this.step = head.step;
    this.#seconds.last = head.seconds;
    this.emit('train', { ...head, seconds: this.#seconds.before + head.seconds });
    if (this.#schedule.isDue(head.step, head.steps)) this.#takeCheckpoint();
    this.#tune();
  }

  /** @param {import('../generated/protocol.js').TrainStateEvent} head */
  #onState(head) {
    this.step = head.step;
    this.#watchdog.progress(0);
    if (head.state !== 'running') {
      this.#goal.running = false;
      this.#takeCheckpoint();
    }
    this.#setState(/** @type {State} */ (head.state), head.why && InkdriftError.from(head.why));
  }

  #takeCheckpoint() {
    this.#schedule.requested(this.step);
    const slow = this.state === 'running' && snapshotEvery * this.#watchdog.stepMs > this.#times.stale;
    this.checkpoint({ latest: slow }).catch(() => {}); // a worker that dies meanwhile is noticed by the group
  }

  /**
   * @param {State} state
   * @param {InkdriftError | null} [why]
   */
  #setState(state, why = null) {
    if (state === this.state && state !== 'failed') return;
    this.state = state;
    this.why = why;
    if (state === 'running') this.#watchdog.start();
    else this.#watchdog.stop();
    this.emit('state', state, why ?? undefined);
  }
}
