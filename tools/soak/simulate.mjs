/**
 * Plays seeds of the simulation of storage (web/test/simulation): from a first one
 * on, for some minutes, on all processors.
 *
 *   node tools/soak/simulate.mjs [-minutes 1] [-from 1000]
 *   node tools/soak/simulate.mjs -trace SEED
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { simulate } from '../../web/test/simulation/scenario.js';

/** @typedef {import('../../web/test/simulation/scenario.js').Outcome} Outcome */

/**
 * @typedef {object} Totals
 * @property {number} from the first seed
 * @property {number} seeds
 * @property {Outcome[]} failed
 * @property {Outcome['counts']} counts
 * @property {number} seconds that it took
 */

if (!isMainThread && workerData?.simulation) {
  const { from, every, end } = workerData.simulation;
  for (let seed = from; Date.now() < end; seed += every) parentPort?.postMessage(await simulate(seed));
}

/**
 * @param {number} minutes
 * @param {number} from first seed
 * @returns {Promise<Totals>}
 */
export async function playSeeds(minutes, from) {
  const began = Date.now();
  const threads = typeof availableParallelism === 'function' ? availableParallelism() : 2;
  /** @type {Totals} */
  const totals = { from, seeds: 0, failed: [], counts: /** @type {any} */ ({}), seconds: 0 };
  await Promise.all(
    Array.from({ length: threads }, (_, i) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { simulation: { from: from + i, every: threads, end: began + minutes * 60_000 } },
      });
      worker.on('message', (/** @type {Outcome} */ outcome) => {
        totals.seeds++;
        if (outcome.problems.length > 0) totals.failed.push(outcome);
        for (const [name, n] of /** @type {[keyof Outcome['counts'], number][]} */ (Object.entries(outcome.counts)))
          totals.counts[name] = (totals.counts[name] ?? 0) + n;
      });
      return new Promise((done, failed) => {
        worker.on('error', failed);
        worker.on('exit', done);
      });
    }),
  );
  totals.seconds = Math.round((Date.now() - began) / 1000);
  return totals;
}

/** @param {string} name @param {number} otherwise */
function option(name, otherwise) {
  const at = process.argv.indexOf(`-${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

if (isMainThread && process.argv[1]?.endsWith('simulate.mjs')) {
  const seed = option('trace', 0);
  if (seed) {
    const { plan, problems } = await simulate(seed, (line) => console.log(line));
    console.log(`seed ${seed}, ${plan}: ${problems.join('; ') || 'passed'}`);
    process.exitCode = problems.length > 0 ? 1 : 0;
  } else {
    const totals = await playSeeds(option('minutes', 1), option('from', 1000));
    for (const { seed, plan, problems } of totals.failed) console.log(`seed ${seed}, ${plan}: ${problems[0]}`);
    console.log(`${totals.seeds} seeds in ${totals.seconds} s, ${totals.failed.length} failed: ${JSON.stringify(totals.counts)}`);
    process.exitCode = totals.failed.length > 0 ? 1 : 0;
  }
}
