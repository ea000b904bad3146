/**
 * What the tests of training share: web/training/worker-pool.js with the built engine,
 * in threads of Node. DIST as in studio.test.mjs.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startWorker } from '../../tools/nodeworker/nodeworker.mjs';
import { trainerProgram } from '../../web/engine/engine.js';
import '../../web/kernel.js';
import { WorkerPool } from '../../web/training/worker-pool.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = path.resolve(process.env.DIST ?? path.join(root, 'dist'));

/** @typedef {import('../../tools/nodeworker/nodeworker.mjs').Options} Options */

/** The best kernel that this Node can run. */
export const fastest = globalThis.inkdriftKernel.candidates()[0] ?? 'go';

/** @type {import('../../web/generated/protocol.js').Config} */
export const model = {
  family: 'dense',
  input: [1, 28, 28],
  encoder: [24],
  decoder: [24],
  latent: 4,
  activation: 'tanh',
  likelihood: 'bernoulli',
};
export const digits = (/** @type {number} */ count, first = 0) => /** @type {const} */ ({ kind: 'digits', count, first, seed: 1 });
export const few = {
  data: digits(60),
  validation: digits(30, 5000),
  recipe: { model, train: { epochs: 4, batch: 16, learning_rate: 0.002, seed: 3 } },
};
export const many = { ...few, recipe: { model, train: { epochs: 100_000, batch: 16, learning_rate: 0.002, seed: 3 } } };

/** @type {(() => Promise<void>)[]} */
const cleanup = [];
afterEach(async () => {
  for (const fn of cleanup.splice(0)) await fn();
});

/**
 * A group, the workers it has started and what it told.
 *
 * @param {Partial<Options>} [options]
 * @param {(n: number) => Partial<Options>} [each] options of the n-th worker
 * @param {Partial<ConstructorParameters<typeof WorkerPool>[0]>} [pool] options of the pool
 */
export function rig(options = {}, each = () => ({}), pool = {}) {
  /** @type {ReturnType<typeof startWorker>[]} */
  const workers = [];
  /** @type {any[]} */
  const errors = [];
  const group = new WorkerPool({
    spawn() {
      const w = startWorker({ dist, program: trainerProgram, ...options, ...each(workers.length) });
      workers.push(w);
      return w;
    },
    report: (e) => errors.push(e),
    times: { quiet: 1500, sign: 3000, signWithoutSIMD: 10_000 },
    ...pool,
  });
  cleanup.push(() => group.close());
  /** @type {number[][]} */
  const points = [];
  /** @type {string[]} */
  const states = [];
  /** @type {any[]} */
  const rollbacks = [];
  /** @type {{wanted: number, alive: number}[]} */
  const staff = [];
  group.on('train', (e) => points.push(...e.points.map((p) => p.map((v) => v ?? NaN))));
  group.on('state', (s) => states.push(s));
  group.on('rollback', (t) => rollbacks.push(t));
  group.on('workers', ({ wanted, alive }) => staff.push({ wanted, alive }));
  return { group, workers, errors, points, states, rollbacks, staff };
}

/** Waits until something is so. @param {() => boolean} what */
export async function until(what, ms = 60_000) {
  for (const end = Date.now() + ms; !what(); ) {
    assert.ok(Date.now() < end, `it did not come to: ${what}`);
    await new Promise((r) => setTimeout(r, 10));
  }
}

/** Trains from start to end. @param {number} workers @param {Partial<import('../../web/training/worker-pool.js').RunSpec>} [what] @param {Parameters<typeof rig>[2]} [pool] */
export async function whole(workers, what = {}, pool = {}) {
  const r = rig({}, undefined, pool);
  const info = await r.group.open({ ...few, ...what, workers });
  await r.group.run();
  await until(() => r.group.state !== 'running');
  assert.equal(r.group.state, 'done');
  const { exchange } = r.group;
  const file = await r.group.model();
  await r.group.close();
  return { ...r, info, exchange, weights: weightsOf(file), file };
}

/** All numbers of a safetensors file, in their order there. @param {ArrayBuffer} file */
export function weightsOf(file) {
  const head = Number(new DataView(file).getBigUint64(0, true));
  return new Float32Array(file.slice(8 + head));
}

/** @param {Float32Array} a @param {Float32Array} b */
export function distance(a, b) {
  assert.equal(a.length, b.length);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
}

/** @param {number[][]} points of steps @param {number} from @param {number} to */
export const loss = (points, from, to) => points.slice(from, to).reduce((s, p) => s + p[1] + p[2], 0) / (to - from);
