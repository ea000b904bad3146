/**
 * One of the workers that train together, and how they get to know each other.
 * See worker-pool.js.
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
 * @property {ArrayBuffer} [checkpoint] to go on from
 *
 * @typedef {import('../generated/protocol.js').TrainOpenOK} Info
 *
 * @typedef {object} PoolEvents what those who train tell
 * @property {[import('../generated/protocol.js').TrainEvent]} train of the leader
 * @property {[state: import('./worker-pool.js').State, why?: import('../lib/errors.js').InkdriftError]} state
 * @property {[import('../generated/protocol.js').TrainRollbackEvent]} trouble a step was undone
 * @property {[import('../generated/protocol.js').MeasuringEvent]} measuring how far measures are
 * @property {[{wanted: number, alive: number, why?: import('../lib/errors.js').InkdriftError}]} workers why: one has died
 * @property {[Checkpoint]} checkpoint the file is everybody's and must not be transferred
 *
 * @typedef {Pick<import('./worker-pool.js').WorkerPool, keyof import('./worker-pool.js').WorkerPool>} Group
 * @typedef {{step: number, file: ArrayBuffer}} Checkpoint
 */

/**
 * How many workers train unless somebody says otherwise: a core is left for the
 * page.
 *
 * @param {number} [cores] navigator.hardwareConcurrency
 * @returns {number}
 */
export function defaultWorkers(cores = 2) {
  return Math.max(1, Math.min(4, cores - 1));
}

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
}

/** What engines compute with, the fastest first. */
const backends = ['relaxed', 'strict', 'go'];

/**
 * Those who compute with something else than the others: all would wait for the
 * slowest, and steps that differ in a bit would lead apart. Who trains already
 * says what the others need.
 *
 * @param {PoolWorker[]} members
 * @param {PoolWorker[]} group
 * @returns {PoolWorker[]}
 */
export function misfits(members, group) {
  const opened = members.filter((m) => m.opened);
  const speed = (/** @type {PoolWorker} */ m) => backends.indexOf(m.engine.backend);
  const trains = group.find((m) => !m.dead);
  const common = trains ? speed(trains) : Math.min(...opened.map(speed));
  return opened.filter((m) => speed(m) !== common);
}

/**
 * The member that has taken most steps.
 *
 * @param {PoolWorker[]} members
 * @returns {Promise<PoolWorker>}
 */
export async function furthest(members) {
  const known = await Promise.all(members.map(async (m) => ({ m, step: (await m.engine.request('train.status')).head.step })));
  return known.reduce((best, k) => (k.step > best.step ? k : best)).m;
}

/**
 * Gives each two members a line of their own, and waits until all have the
 * state of the first, who leads.
 *
 * @param {PoolWorker[]} group
 * @param {number} generation
 * @returns {Promise<number>} the steps that were taken
 */
export async function introduce(group, generation) {
  const standing = Promise.all(group.map((m, rank) => m.engine.request('train.group', { rank, size: group.length, generation })));
  for (let a = 0; a < group.length; a++) {
    for (let b = a + 1; b < group.length; b++) {
      const { port1, port2 } = new MessageChannel();
      for (const [of, rank, port] of /** @type {[PoolWorker, number, MessagePort][]} */ ([
        [group[a], b, port1],
        [group[b], a, port2],
      ])) {
        // Where that fails the group does not come to stand, which is seen below.
        of.engine.request('train.peer', { rank, generation }, [], { port }).catch(() => {});
      }
    }
  }
  const [first] = await standing;
  return first.head.step;
}

/**
 * Waits for a promise, but no longer than that.
 *
 * @param {number} ms
 * @param {Promise<unknown>} promise
 */
export async function within(ms, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
