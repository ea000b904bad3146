/**
 * Plays seeds in a thread of its own: the test runner of Node follows every promise of
 * its own thread, which costs half as much again.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { simulate } from './scenario.js';

/** @typedef {import('./scenario.js').Outcome & {lines: string[]}} Played lines: what happened, if asked for */

if (!isMainThread && workerData?.play) {
  const { seeds, traced } = workerData.play;
  for (const seed of seeds) {
    /** @type {string[]} */
    const lines = [];
    const outcome = await simulate(seed, traced ? (line) => lines.push(line) : undefined);
    parentPort?.postMessage({ ...outcome, lines });
  }
}

/**
 * @param {number[]} seeds
 * @param {{traced?: boolean}} [how]
 * @returns {Promise<Played[]>}
 */
export function play(seeds, { traced = false } = {}) {
  return new Promise((done, failed) => {
    /** @type {Played[]} */
    const all = [];
    const worker = new Worker(new URL(import.meta.url), { workerData: { play: { seeds, traced } } });
    worker.on('message', (outcome) => all.push(outcome));
    worker.on('error', failed);
    worker.on('exit', () => done(all));
  });
}
