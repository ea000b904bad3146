/**
 * Measures what the live map of the Train view costs: one run, with the map and
 * without it in turn. It counts steps by processor time, so that other programs of
 * the machine count less, and prints one JSON object: the speed with the map, 1 being
 * that without, as it was and as it is where the run has a core of its own.
 *
 *   node --experimental-wasm-relaxed-simd tools/wasmtrain/map.mjs [PRESET] [ROUNDS]
 *
 * PRESET is one of the page (default: quick), ROUNDS how often the map is switched on
 * (default: 20). DIST names the folder of the built page (default: dist/ of the
 * repository).
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { trainerProgram } from '../../web/engine/engine.js';
import { Emitter } from '../../web/lib/emitter.js';
import { LiveMap } from '../../web/training/live-map.js';
import { madeData } from '../../web/training/made-sets.js';
import { recipe } from '../../web/training/families.js';
import { preset } from '../../web/training/settings.js';
import { WorkerPool } from '../../web/training/worker-pool.js';
import { MapGeometry } from '../../web/ui/latent-map-geometry.js';
import { MapTiles } from '../../web/ui/model-map-tiles.js';
import { startWorker } from '../nodeworker/nodeworker.mjs';

const dist = path.resolve(process.env.DIST ?? fileURLToPath(new URL('../../dist', import.meta.url)));
const [name = 'quick', rounds = '20'] = process.argv.slice(2);

/** Milliseconds with the map, and without it. */
const slice = 600;

const settings = { ...preset(name, 1), epochs: 1000, images: 4000 };
const group = new WorkerPool({ spawn: () => startWorker({ dist, program: trainerProgram }), report: (e) => console.error(e) });
const info = await group.open({ recipe: recipe(settings), ...madeData(settings), files: [], workers: 1 });

/** What LiveMap sees of a session. */
const session = Object.assign(new Emitter(), {
  ...{ status: 'running', active: settings, run: { id: 'run' }, info, figures: { step: 0 } },
  map: group.map.bind(group),
});
group.on('train', ({ step }) => (session.figures.step = step));

const geometry = new MapGeometry();
geometry.fit([]);
const tiles = new MapTiles();
tiles.clear(info.dataset.shape);
const axis = (/** @type {number} */ k) => Float32Array.from({ length: settings.latent }, (_, i) => Number(i === k));
geometry.plane = { origin: new Float32Array(settings.latent), e1: axis(0), e2: axis(1) };
const size = info.dataset.shape.reduce((a, b) => a * b, 1);
let refreshes = 0;
const viewer = {
  ...{ visible: false, class: 0 },
  wanted: (/** @type {number} */ n) => tiles.wanted(geometry, n).map((cell) => ({ cell, z: geometry.latent(cell) })),
  give(/** @type {any[]} */ jobs, /** @type {Uint8Array} */ pixels) {
    jobs.slice(0, pixels.length / size).forEach(({ cell }, i) => {
      tiles.set(cell, pixels.subarray(i * size, (i + 1) * size), tiles.version);
    });
  },
  update() {
    tiles.version++;
    refreshes++;
  },
};
const live = new LiveMap(/** @type {any} */ (session), viewer, (e) => console.error(e));

/** Trains for a while, and adds to what was counted. @param {boolean} on whether there is a map @param {typeof counted.on} to */
async function measure(on, to) {
  viewer.visible = on;
  const done = on ? live.start() : null;
  const before = { cpu: process.cpuUsage(), step: session.figures.step, refreshes, time: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, slice));
  const { user, system } = process.cpuUsage(before.cpu);
  to.cpu += (user + system) / 1e6;
  to.steps += session.figures.step - before.step;
  to.refreshes += refreshes - before.refreshes;
  to.seconds += (performance.now() - before.time) / 1000;
  viewer.visible = false;
  await done;
}

const none = () => ({ cpu: 0, steps: 0, refreshes: 0, seconds: 0 });
const counted = { on: none(), off: none() };
await group.run(0);
for (const on of [true, false]) await measure(on, none()); // until the engine is warm
for (let k = 0; k < Number(rounds); k++) {
  // What comes first changes, so that a machine that becomes slower favours neither.
  for (const on of k % 2 === 0 ? [true, false] : [false, true]) await measure(on, counted[on ? 'on' : 'off']);
}
const rate = (/** @type {typeof counted.on} */ { steps, cpu }) => steps / cpu;
const { on, off } = counted;
const perRefresh = (on.cpu - on.steps / rate(off)) / on.refreshes;
console.log(
  JSON.stringify({
    ...{ preset: name, rounds: Number(rounds), refreshesPerSecond: on.refreshes / on.seconds },
    // What the process had of a core: beside other programs the map takes a larger part of less.
    cores: (on.cpu + off.cpu) / (on.seconds + off.seconds),
    stepsPerCPUSecond: { on: rate(on), off: rate(off) },
    cpuMsPerRefresh: 1000 * perRefresh,
    ...{ speed: rate(on) / rate(off), speedWithACore: 1 - (perRefresh * on.refreshes) / on.seconds },
  }),
);
await group.close();
process.exit(0);
