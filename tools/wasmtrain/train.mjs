/**
 * Trains with the built engine and its SIMD kernel, in threads of Node, just as
 * the page does. Where there are a C compiler and OpenBLAS, tools/train is several
 * times as fast.
 *
 *   node --experimental-wasm-relaxed-simd tools/wasmtrain/train.mjs DATA RECIPE CHECKPOINT [WORKERS]
 *
 * DATA is the folder of MNIST's four IDX files, plain or .gz, or the name of a
 * set that is made ("faces"), RECIPE a file as tools/train takes it. The run is
 * kept in CHECKPOINT, every minute and when it is stopped with Ctrl-C; if that
 * file is there the run goes on from it. Of a finished one
 *
 *   go run ./tools/train -data DATA -config RECIPE -resume CHECKPOINT -out FILE
 *
 * makes the model's file. DIST names the folder of the built page (default: dist/
 * of the repository). Prints a JSON object a line for each epoch. Without the
 * flag Node 20 has the strict kernel only.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { trainerProgram } from '../../web/engine/engine.js';
import { WorkerPool } from '../../web/training/worker-pool.js';
import { readMNIST } from './mnistfiles.mjs';
import { startWorker } from '../nodeworker/nodeworker.mjs';

const dist = path.resolve(process.env.DIST ?? fileURLToPath(new URL('../../dist', import.meta.url)));
const [from, recipeFile, file, workers = '1'] = process.argv.slice(2);
if (!from || !recipeFile || !file || !(Number(workers) >= 1)) {
  console.error('usage: node --experimental-wasm-relaxed-simd tools/wasmtrain/train.mjs DATA RECIPE CHECKPOINT [WORKERS]');
  process.exit(2);
}

/** How much of a made set is trained on, and how much is held back: as tools/train has it. */
const made = { count: 60_000, heldBack: 10_000, seed: 1 };

/** Held-back pictures that an epoch is judged by: all would take a busy machine longer than an answer may. */
const judged = 1000;

/** Milliseconds between two checkpoints. */
const checkpoint = 60_000;

const recipe = JSON.parse(fs.readFileSync(recipeFile, 'utf8'));
const isFolder = fs.existsSync(from);
const files = isFolder ? readMNIST(from) : [];
const data = isFolder
  ? { kind: /** @type {const} */ ('idx'), name: 'mnist' }
  : { kind: from, first: 0, count: made.count, seed: made.seed };
const validation = isFolder ? data : { kind: from, first: made.count, count: made.heldBack, seed: made.seed };

/** Writes the file whole or not at all. @param {ArrayBuffer} bytes */
function keep(bytes) {
  fs.writeFileSync(`${file}.part`, new Uint8Array(bytes));
  fs.renameSync(`${file}.part`, file);
}

const group = new WorkerPool({
  spawn: () => startWorker({ dist, program: trainerProgram }),
  report: (e) => console.error(`${e.code}: ${e.message}`),
  times: { checkpoint, stale: checkpoint, join: checkpoint },
});
group.on('checkpoint', (c) => keep(c.file));

let stopping = false;
process.on('SIGINT', () => {
  stopping = true;
  group.pause().catch(() => {});
});

const kept = fs.existsSync(file) ? new Uint8Array(fs.readFileSync(file)).buffer : undefined;
const { steps, stepsPerEpoch } = await group.open({ recipe, data, validation, files, workers: Number(workers), checkpoint: kept });
const begin = { step: group.step, time: performance.now() };
while (group.step < steps && !stopping) {
  const stopped = new Promise((resolve) => {
    const off = group.on('state', (state) => {
      if (state === 'running') return;
      off();
      resolve(state);
    });
  });
  await group.run(stepsPerEpoch - (group.step % stepsPerEpoch));
  const state = await stopped;
  if (state !== 'paused' && state !== 'done') throw group.why ?? new Error(`training ended as ${state}`);
  if (stopping) break;
  const { elbo, recon, kl } = await group.evaluate(judged);
  const seconds = (performance.now() - begin.time) / 1000;
  const imagesPerSecond = ((group.step - begin.step) * recipe.train.batch) / seconds;
  console.log(
    JSON.stringify({ epoch: group.step / stepsPerEpoch, step: group.step, steps, test: { elbo, recon, kl }, imagesPerSecond, seconds }),
  );
}
keep((await group.checkpoint()).file);
await group.close();
if (stopping) console.error(`stopped at step ${group.step}; the same command goes on`);
