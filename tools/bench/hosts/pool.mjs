/** Inkdrift's own workers, as the page trains with them: web/training/worker-pool.js and the built engine. */
import { startTraining } from './measure.mjs';
import { Absent } from './worker.mjs';

/** How long a number of workers is looked for at most, in milliseconds. */
const tuningMs = 60_000;

/** What a device says of itself. @param {import('./worker.mjs').Env} env */
async function deviceOf(env) {
  if (env.runtime !== 'node') return navigator;
  return { hardwareConcurrency: (await import('node:os')).availableParallelism() }; // Node 20 has no navigator
}

/**
 * Gives what starts an engine with a kernel.
 *
 * @param {import('./worker.mjs').Env} env
 * @param {string} variant
 * @returns {Promise<() => any>}
 */
async function spawner(env, variant) {
  const { engineURL, trainerProgram } = await import(env.url('web/engine/engine.js'));
  if (env.runtime === 'node') {
    const { fileURLToPath } = await import('node:url');
    const { startWorker } = await import(env.url('nodeworker/nodeworker.mjs'));
    const dist = fileURLToPath(env.url('dist'));
    return () => startWorker({ dist, program: trainerProgram, kernel: variant });
  }
  const { Assets } = await import(env.url('web/engine/assets.js'));
  const list = JSON.parse(new TextDecoder().decode(await env.read('dist/assets.json')));
  const url = engineURL(new Assets(list, env.url('dist/')), trainerProgram, variant);
  return () => new Worker(url);
}

/**
 * @param {import('./worker.mjs').Env} env
 * @param {{variant: 'relaxed' | 'strict' | 'off', workers: number}} options workers: 0 to have their number found by trial
 */
export async function open(env, { variant, workers }) {
  await import(env.url('web/kernel.js'));
  if (variant !== 'off' && !globalThis.inkdriftKernel.supports(variant)) {
    return {
      prepare() {
        throw new Absent(`this runtime has no ${variant} SIMD`);
      },
    };
  }
  const { WorkerPool } = await import(env.url('web/training/worker-pool.js'));
  const { mostWorkers } = await import(env.url('web/training/worker-count.js'));
  const spawn = await spawner(env, variant);
  const most = mostWorkers(await deviceOf(env));
  return {
    prepare: (/** @type {any} */ spec) => train(env, new WorkerPool({ spawn, tuning: { most } }), spec, variant, workers),
  };
}

/**
 * @param {import('./worker.mjs').Env} env
 * @param {any} group
 * @param {any} spec
 * @param {string} variant
 * @param {number} workers
 */
async function train(env, group, { recipe, batch, warmUp, data }, variant, workers) {
  const parts = ['images', 'labels'].map((part) => env.read(`bench/${data}-${part}.idx`));
  const [images, labels] = await Promise.all(parts);
  const idx = { kind: 'idx', name: data };
  const own = { model: recipe.model, train: { ...recipe.train, batch } };
  await group.open({ recipe: own, data: idx, validation: idx, workers, files: [images, labels, images, labels] });
  const backend = variant === 'off' ? 'go' : variant;
  if (group.backend !== backend) throw new Error(`the engine computes with ${group.backend} instead of ${backend}`);

  let loss = NaN;
  group.on('train', (/** @type {any} */ { points }) => {
    const [, recon, kl] = points.at(-1);
    loss = recon + kl;
  });
  /** @param {number} steps */
  async function take(steps) {
    const end = group.step + steps;
    const paused = new Promise((resolve, reject) => {
      const off = group.on('state', (/** @type {string} */ state, /** @type {any} */ why) => {
        if (state === 'running') return;
        off();
        if (state === 'paused') resolve(undefined);
        else reject(why ?? new Error(`training is ${state}`));
      });
    });
    await group.run(steps);
    await paused;
    if (group.step !== end) throw new Error(`training stopped at step ${group.step} instead of ${end}`);
    if (workers > 0 && group.workers.alive !== workers) throw new Error(`${group.workers.alive} of ${workers} workers are left`);
    return loss;
  }
  try {
    const training = await startTraining(take, batch, warmUp);
    // By then the number of workers has been found, as for a visitor who stays.
    for (const end = performance.now() + tuningMs; !group.isSettled && performance.now() < end; ) await take(warmUp);
    const measure = async (/** @type {number} */ seconds) => ({ ...(await training.measure(seconds)), exchange: group.exchange ?? '' });
    return { ...training, measure, drop: () => group.close() };
  } catch (e) {
    await group.close();
    throw e;
  }
}
