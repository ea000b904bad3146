/**
 * Does with the built engines what the page does:
 *
 *   node page.mjs make DIST PLAN DIR   trains the models of PLAN and exports them
 *   node page.mjs open DIST FILE ...   opens models and samples from them
 *
 * PLAN is a JSON file, a list of {name, recipe}; DIR then has NAME.safetensors,
 * NAME-onnx.zip and NAME-pytorch.zip. open prints a line of JSON for each file:
 * {file, family}.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import '../../web/kernel.js';
import { studioProgram, trainerProgram } from '../../web/engine/engine.js';
import { startEngine } from '../nodeworker/nodeworker.mjs';

const [what, dist, ...rest] = process.argv.slice(2);

/** @param {string} program */
async function start(program) {
  const engine = startEngine({ dist, program, bytes: (await stat(path.join(dist, program))).size });
  await engine.client.event((h) => h.type === 'engine-ready');
  return engine;
}

const digits = (/** @type {number} */ count, first = 0) => ({ kind: 'digits', count, first, seed: 1 });

if (what === 'make') {
  const [plan, dir] = rest;
  const { client, stop } = await start(trainerProgram);
  for (const { name, recipe } of JSON.parse(await readFile(plan, 'utf8'))) {
    await client.good('train.open', { recipe, data: digits(64), validation: digits(16, 5000) });
    client.events.length = 0;
    await client.good('train.run', { steps: 0 });
    await client.event((h) => h.type === 'train-state' && h.state === 'done');
    const { bufs } = await client.good('train.model');
    await writeFile(path.join(dir, `${name}.safetensors`), new Uint8Array(bufs[0]));
    for (const format of ['onnx', 'pytorch']) {
      const archive = await client.good('export', { format, name }, [bufs[0], new TextEncoder().encode(`card of ${name}`)]);
      await writeFile(path.join(dir, `${name}-${format}.zip`), new Uint8Array(archive.bufs[0]));
    }
  }
  await stop();
} else {
  const { client, stop } = await start(studioProgram);
  for (const file of rest) {
    const { head } = await client.good('gallery.load', { name: path.basename(file) }, [await readFile(file)]);
    await client.good('gallery.paint', { n: 2, seed: 1, frames: 0, classes: head.conditions ? [0] : [] });
    console.log(JSON.stringify({ file, family: head.model.family }));
  }
  await stop();
}
