/**
 * One worker of a pool, and what it takes to make several train together: the
 * same kernel, a port between each two, one leader.
 *
 * @typedef {import('../generated/protocol.js').Data} Data
 *
 * @typedef {object} RunSpec
 * @property {import('../generated/protocol.js').AskedRecipe} [recipe] not with a checkpoint
 * @property {Data} data to train on
 * @property {Data} validation
 * @property {number} [workers]
 * @property {ArrayBuffer[]} [files] of IDX data: training images, training labels,
 *   test images, test labels
 * @property {ArrayBuffer} [init] the file of a model that a new run begins with
 * @property {ArrayBuffer} [checkpoint] to resume from
 *
 * @typedef {import('../generated/protocol.js').TrainOpenOK} Info
 * @typedef {{step: number, file: ArrayBuffer}} Checkpoint
 *
 * @typedef {import('../generated/protocol.js').TrainOpen} TrainOpen
 * @typedef {import('../generated/protocol.js').TrainRestore} TrainRestore
 * @typedef {({type: 'train.open', fields: TrainOpen} | {type: 'train.restore', fields: TrainRestore}) & {bufs: ArrayBuffer[]}} OpenRequest
 *   the request by which a worker opens a run
 *
 * @typedef {object} PoolEvents
 * @property {[import('../generated/protocol.js').TrainEvent]} train of the leader
 * @property {[state: import('./worker-pool.js').State, why?: import('../lib/errors.js').InkdriftError]} state
 * @property {[import('../generated/protocol.js').TrainRollbackEvent]} rollback a step was undone
 * @property {[import('../generated/protocol.js').MeasuringEvent]} measuring progress of measures
 * @property {[{wanted: number, alive: number, why?: import('../lib/errors.js').InkdriftError}]} workers why: one has died
 * @property {[Checkpoint]} checkpoint the file is shared and must not be transferred
 *
 * @typedef {Pick<import('./worker-pool.js').WorkerPool, keyof import('./worker-pool.js').WorkerPool>} Group what uses a pool needs of it
 */

/** A worker. */
export class PoolWorker {
  /** Whether it has the data and the model. */
  opened = false;
  dead = false;
  /** Why it died. @type {import('../lib/errors.js').InkdriftError | null} */
  why = null;
  /** Settles when it has opened the run, or cannot. @type {Promise<Info>} */
  opening = Promise.reject(new Error('not begun'));

  /** @param {import('../engine/engine.js').Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.opening.catch(() => {});
  }

  /**
   * Opens the run.
   *
   * @param {OpenRequest} request
   * @param {() => void} onOpened
   */
  open({ type, fields, bufs }, onOpened) {
    this.opened = false;
    this.opening = this.engine.request(type, fields, bufs, { patient: true }).then(
      ({ head }) => {
        this.opened = true;
        onOpened();
        return head;
      },
      (e) => {
        throw this.why ?? e;
      },
    );
  }
}

/** Kernels of engines, the fastest first. */
const backends = ['relaxed', 'strict', 'go'];

/**
 * The workers whose kernel differs from that of the others: all would wait for
 * the slowest, and steps that differ in a bit would make the copies of the model
 * diverge. A group that trains already decides, else the fastest kernel.
 *
 * @param {PoolWorker[]} workers
 * @param {PoolWorker[]} group those who train already
 * @returns {PoolWorker[]}
 */
export function withOtherBackend(workers, group) {
  const opened = workers.filter((w) => w.opened);
  const speed = (/** @type {PoolWorker} */ w) => backends.indexOf(w.engine.backend);
  const active = group.find((w) => !w.dead);
  const common = active ? speed(active) : Math.min(...opened.map(speed));
  return opened.filter((w) => speed(w) !== common);
}

/**
 * The worker that has taken most steps.
 *
 * @param {PoolWorker[]} workers
 * @returns {Promise<PoolWorker>}
 */
export async function mostAdvanced(workers) {
  const all = await Promise.all(workers.map(async (worker) => ({ worker, step: (await worker.engine.request('train.status')).head.step })));
  return all.reduce((best, w) => (w.step > best.step ? w : best)).worker;
}

/** Whether workers of this page can share memory: only those of a page that is isolated from others can. */
export const canShareMemory = () => typeof SharedArrayBuffer === 'function' && (globalThis.crossOriginIsolated ?? true);

/**
 * Gives each two workers a port to each other, and waits until all have the
 * state of the first, the leader.
 *
 * @param {PoolWorker[]} group
 * @param {number} generation tells messages of this group from those of earlier ones
 * @param {boolean} shared whether they exchange what they compute through shared memory
 * @returns {Promise<number>} the steps taken
 */
export async function connectPeers(group, generation, shared) {
  const joined = Promise.all(group.map((w, rank) => w.engine.request('train.group', { rank, size: group.length, generation, shared })));
  for (let a = 0; a < group.length; a++) {
    for (let b = a + 1; b < group.length; b++) {
      const { port1, port2 } = new MessageChannel();
      for (const [worker, rank, port] of /** @type {[PoolWorker, number, MessagePort][]} */ ([
        [group[a], b, port1],
        [group[b], a, port2],
      ])) {
        // If that fails the group is not complete, and the requests above fail.
        worker.engine.request('train.peer', { rank, generation }, [], { port }).catch(() => {});
      }
    }
  }
  const [first] = await joined;
  return first.head.step;
}
