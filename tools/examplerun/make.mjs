/**
 * Makes web/models/example-run.json, the finished run that the Train view shows
 * before there is one of one's own: the first preset, trained by the built engine
 * in a thread of Node. With the strict kernel the same file comes out on every
 * machine: -check makes it and fails where it differs from the one that is there.
 *
 *   go run ./tools/build -out dist
 *   node tools/examplerun/make.mjs [-check] [FILE]
 *
 * DIST names the folder of the built page (default: dist/ of the repository).
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { trainerProgram } from '../../web/engine/engine.js';
import { encodeNibbles, encodePoints } from '../../web/lib/compact.js';
import { exampleFile } from '../../web/training/example-run.js';
import { recipe } from '../../web/training/families.js';
import { madeData } from '../../web/training/made-sets.js';
import { evaluationImages, previewCounts, sampleSeed } from '../../web/training/model-poller.js';
import { presetNames } from '../../web/training/presets.js';
import { noCurves } from '../../web/training/run.js';
import { preset } from '../../web/training/settings.js';
import { WorkerPool } from '../../web/training/worker-pool.js';
import { startWorker } from '../nodeworker/nodeworker.mjs';

const inRepo = (/** @type {string} */ name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const dist = path.resolve(process.env.DIST ?? inRepo('dist'));
const args = process.argv.slice(2);
const check = args[0] === '-check';
const file = args[check ? 1 : 0] ?? inRepo(`web/${exampleFile}`);

/** Points of latent space, and rows of each curve. */
const kept = { points: 250, rows: 100 };

/** Epochs of the run, and evaluations. */
const length = { epochs: 10, evaluations: 25 };

const settings = { ...preset(presetNames[0], 1), epochs: length.epochs };
const pool = new WorkerPool({
  spawn: () => startWorker({ dist, program: trainerProgram, kernel: 'strict' }),
  report: (e) => console.error(`${e.code}: ${e.message}`),
});
const { steps } = await pool.open({ recipe: recipe(settings), ...madeData(settings), files: [], workers: 1 });
const curves = noCurves();
pool.on('train', (/** @type {import('../../web/generated/protocol.js').TrainEvent} */ e) => {
  for (const p of e.points) curves.train.add(p);
});

/** Takes some steps. @param {number} n */
async function take(n) {
  const stopped = new Promise((resolve) => {
    const off = pool.on('state', (state) => {
      if (state === 'running') return;
      off();
      resolve(undefined);
    });
  });
  await pool.run(n);
  await stopped;
}

while (pool.step < steps) {
  await take(Math.min(Math.ceil(steps / length.evaluations), steps - pool.step));
  const { step, recon, kl, elbo } = await pool.evaluate(evaluationImages);
  curves.validation.add([step, recon, kl, elbo]);
  console.error(`step ${step} of ${steps}: ELBO ${elbo.toFixed(1)}`);
}
const { klPerDim, active } = await pool.evaluate(evaluationImages);
const { recon, samples } = previewCounts;
const look = await pool.preview({ recon, samples, scatter: kept.points, grid: 0, seed: sampleSeed });
await pool.close();

const short = (/** @type {number} */ v) => Number(v.toPrecision(4));
const thin = (/** @type {import('../../web/training/curve.js').Curve} */ curve) => {
  const { columns, data } = curve.thinned(kept.rows).toJSON();
  return { columns, data: data.map((column) => column.map((v) => v && short(v))) };
};
const made = `${JSON.stringify({
  about: { preset: settings.preset, images: settings.images, epochs: settings.epochs, step: steps },
  shape: look.shape,
  curves: { train: thin(curves.train), validation: thin(curves.validation) },
  klPerDim: klPerDim.map(short),
  active,
  originals: encodeNibbles(look.validation),
  recon: encodeNibbles(look.recon),
  samples: encodeNibbles(look.samples),
  scatter: encodePoints(look.scatter),
  labels: look.labels,
  explained: look.explained.map(short),
})}\n`;
if (!check) {
  fs.writeFileSync(file, made);
  console.error(`wrote ${file}, ${made.length} bytes`);
} else if (fs.readFileSync(file, 'utf8') === made) console.error(`${file} is what comes out`);
else {
  console.error(`${file} is not what comes out: make it again without -check`);
  process.exitCode = 1;
}
