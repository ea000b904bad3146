/**
 * Makes web/generated/first-morph.js, what a first visit shows before any program has
 * arrived: an example on each pad, and pictures on the way from one to the other,
 * decoded by the built engine in a thread of Node. With the strict kernel the same
 * file comes out on every machine: -check makes it and fails where it differs.
 *
 *   go run ./tools/build -out dist
 *   node tools/firstmorph/make.mjs [-check]
 *
 * DIST names the folder of the built page (default: dist/ of the repository).
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { studioProgram } from '../../web/engine/engine.js';
import { decodeStrokes, smooth } from '../../web/engine/strokes.js';
import { encodeNibbles } from '../../web/lib/compact.js';
import { Pad } from '../../web/ui/pad.js';
import { startEngine } from '../nodeworker/nodeworker.mjs';

const inRepo = (/** @type {string} */ name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const dist = path.resolve(process.env.DIST ?? inRepo('dist'));
const file = inRepo('web/generated/first-morph.js');
const check = process.argv[2] === '-check';

/** The examples, and the pictures on the way; what lies between two is mixed. */
const digits = { a: { digit: 3, seed: 5 }, b: { digit: 6, seed: 8 } };
const frames = 16;
const model = 'digits';

const bytes = fs.statSync(path.join(dist, studioProgram)).size;
const { client, stop } = startEngine({ dist, program: studioProgram, bytes, kernel: 'strict' });
await client.event((h) => h.type === 'engine-ready');
await client.good('model.load', { name: model }, [fs.readFileSync(inRepo(`web/models/${model}.safetensors`))]);

/** What an example is on a pad, and its latent mean. @param {'a' | 'b'} name */
async function drawn(name) {
  const { bufs } = await client.good('example', digits[name]);
  const first = new Pad(name, () => {});
  first.fill({ strokes: decodeStrokes(bufs[0]).map(smooth), bitmap: null, source: 'example' });
  const json = first.toJSON();
  const pad = new Pad(name, () => {}); // as it is read
  pad.restore(json);
  const { bitmap, bufs: ink } = pad.encode();
  await client.good('pad.set', { pad: name, rev: 1, bitmap }, ink);
  const { bufs: seen } = await client.event((h) => h.type === 'pad' && h.pad === name && h.rev === 1);
  return { json, mu: seen[1] };
}

const [a, b] = [await drawn('a'), await drawn('b')];
const { bufs } = await client.good('morph', { frames, path: 'slerp' }, [a.mu, b.mu]);
await stop();

const made = `/** Made by tools/firstmorph. */
export const firstMorph = Object.freeze({
  a: ${JSON.stringify(a.json)},
  b: ${JSON.stringify(b.json)},
  digits: { a: ${digits.a.digit}, b: ${digits.b.digit} },
  model: '${model}',
  frames: ${frames},
  pixels:
    '${encodeNibbles(new Float32Array(bufs[0]))}',
});
`;
if (!check) {
  fs.writeFileSync(file, made);
  console.error(`wrote ${file}, ${made.length} bytes`);
} else if (fs.readFileSync(file, 'utf8') === made) console.error(`${file} is what comes out`);
else {
  console.error(`${file} is not what comes out: make it again without -check`);
  process.exitCode = 1;
}
