/**
 * Trains dense-vae-400 on MNIST with the built engine, in threads of Node, and
 * with the native trainer, with the same settings, and compares the test ELBO
 * and the time. Ends with status 1 if they are more than half a nat apart.
 *
 *   node tools/wasmtrain/mnist.mjs DATA [EPOCHS [WORKERS]]
 *
 * DATA holds MNIST's four IDX files, plain or .gz. DIST names the folder of the
 * built page (default: dist/ of the repository). Prints a JSON object a line for
 * each epoch of either, and one that compares them at the end. With
 *
 *   node --experimental-wasm-relaxed-simd tools/wasmtrain/mnist.mjs ...
 *
 * Node 20 has the relaxed kernel too.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

import { trainerProgram } from '../../web/engine/engine.js';
import { WorkerPool } from '../../web/training/worker-pool.js';
import { readMNIST } from './mnistfiles.mjs';
import { startWorker } from '../nodeworker/nodeworker.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.resolve(process.env.DIST ?? path.join(root, 'dist'));
const [dir, epochs = '3', workers = '1'] = process.argv.slice(2);
if (!dir || !(Number(epochs) >= 1) || !(Number(workers) >= 1)) {
  console.error('usage: node tools/wasmtrain/mnist.mjs DATA [EPOCHS [WORKERS]]');
  process.exit(2);
}

/** The preset dense-400, but for the epochs. @type {import('../../web/generated/protocol.js').AskedRecipe} */
const recipe = {
  model: { family: 'dense', input: [1, 28, 28], encoder: [400], decoder: [400], latent: 20, activation: 'relu', likelihood: 'bernoulli' },
  train: { epochs: Number(epochs), batch: 128, learning_rate: 1e-3, schedule: 'constant', beta: 1, binarize: 'dynamic', seed: 1 },
};

const print = (/** @type {object} */ line) => console.log(JSON.stringify(line));

async function engine() {
  const group = new WorkerPool({
    spawn: () => startWorker({ dist, program: trainerProgram }),
    report: (e) => console.error(`${e.code}: ${e.message}`),
  });
  const data = /** @type {const} */ ({ kind: 'idx', name: 'mnist' });
  const { stepsPerEpoch, steps } = await group.open({ recipe, data, validation: data, files: readMNIST(dir), workers: Number(workers) });
  const impl = `inkdrift-${group.backend}`;
  const start = performance.now();
  let test = { elbo: NaN, recon: NaN, kl: NaN };
  while (group.step < steps) {
    const stopped = new Promise((resolve) => {
      const off = group.on('state', (state) => {
        if (state === 'running') return;
        off();
        resolve(state);
      });
    });
    await group.run(stepsPerEpoch);
    const state = await stopped;
    if (state !== 'paused' && state !== 'done') throw group.why ?? new Error(`training ended as ${state}`);
    const { elbo, recon, kl } = await group.evaluate();
    test = { elbo, recon, kl };
    print({ impl, workers: Number(workers), epoch: group.step / stepsPerEpoch, test, seconds: (performance.now() - start) / 1000 });
  }
  const seconds = (performance.now() - start) / 1000;
  await group.close();
  return { impl, elbo: test.elbo, seconds };
}

async function native() {
  const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'inkdrift-mnist-'));
  try {
    const binary = path.join(tmp, 'train');
    const config = path.join(tmp, 'recipe.json');
    fs.writeFileSync(config, JSON.stringify(recipe));
    await run('go', ['build', '-buildvcs=false', '-o', binary, './tools/train'], () => {});
    let last = { test: { elbo: NaN }, seconds: NaN };
    await run(binary, ['-data', path.resolve(dir), '-config', config, '-out', path.join(tmp, 'm.safetensors'), '-json'], (line) => {
      last = JSON.parse(line);
      print({ impl: 'native', ...last });
    });
    return { impl: 'native', elbo: last.test.elbo, seconds: last.seconds };
  } finally {
    fs.rmSync(tmp, { recursive: true });
  }
}

/**
 * Runs a program in the repository, line by line.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {(line: string) => void} onLine
 * @returns {Promise<void>}
 */
function run(program, args, onLine) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    readline.createInterface({ input: child.stdout }).on('line', onLine);
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with status ${code}`))));
  });
}

const here = await engine();
const there = await native();
const apart = Math.abs(here.elbo - there.elbo);
print({ epochs: Number(epochs), engine: here, native: there, apart, faster: there.seconds / here.seconds });
if (!(apart <= 0.5)) {
  console.error(`the test ELBOs are ${apart} nats apart`);
  process.exit(1);
}
