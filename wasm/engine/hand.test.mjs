/**
 * Writes with the shipped conditional model in the built engine. DIST as in
 * studio.test.mjs.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startEngine } from '../../tools/nodeworker/nodeworker.mjs';
import { studioProgram } from '../../web/engine/engine.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.resolve(process.env.DIST ?? path.join(root, 'dist'));
const bytes = fs.statSync(path.join(dist, 'engine-studio.wasm')).size;
const model = (/** @type {string} */ name) => fs.readFileSync(path.join(root, 'web/models', name));

const floats = (/** @type {ArrayBuffer} */ b) => new Float32Array(b);
const none = new ArrayBuffer(0);

/** A one from the upper to the lower edge, in the form of the protocol. */
const one = (lean = 0, width = 0.08) => Float32Array.from([2, width, 0.5 + lean, 0.15, 1, 0.5 - lean, 0.85, 1]);

/** How far ink leans to the right for each pixel upwards. */
function slant(/** @type {Float32Array} */ ink) {
  const sum = (/** @type {(x: number, y: number) => number} */ f) => ink.reduce((s, v, i) => s + v * f(i % 28, Math.floor(i / 28)), 0);
  const n = sum(() => 1);
  const [mx, my] = [sum((x) => x) / n, sum((_, y) => y) / n];
  return -sum((x, y) => (x - mx) * (y - my)) / sum((_, y) => (y - my) ** 2);
}

const total = (/** @type {Float32Array} */ ink) => ink.reduce((s, v) => s + v, 0);
const picture = (/** @type {ArrayBuffer} */ b, /** @type {number} */ digit) => floats(b).subarray(digit * 784, (digit + 1) * 784);

/** @type {ReturnType<typeof startEngine>} */
let engine;
/** @type {import('../../tools/nodeworker/nodeworker.mjs').Client} */
let client;
let rev = 0;

before(() => {
  engine = startEngine({ dist, program: studioProgram, bytes });
  client = engine.client;
});
after(() => engine.stop());

/** Puts a drawing on pad a and has all digits written in its hand. */
async function written(/** @type {Float32Array} */ stroke, fields = {}, offsets = none) {
  const set = client.good('pad.set', { pad: 'a', rev: ++rev, bitmap: null }, [stroke, none]);
  const answer = client.good('hand', { pad: 'a', label: null, ...fields }, [offsets]);
  await set;
  return answer;
}

test('says that there is no model to write with', async () => {
  const { head } = await client.ask('hand', { pad: 'a' });
  assert.equal(head.error.code, 'no-model');
  const bad = await client.ask('hand.load', { name: 'digits' }, [model('digits.safetensors')]);
  assert.equal(bad.head.error.code, 'bad-model');
});

test('writes all digits as the drawing leans and as thick', async () => {
  const { head: loaded } = await client.good('hand.load', { name: 'cvae' }, [model('cvae.safetensors')]);
  assert.deepEqual([loaded.classes, loaded.model.family], [10, 'cvae']);
  const hands = [];
  for (const [lean, width] of [
    [0, 0.07],
    [0.2, 0.07],
    [0, 0.14],
  ]) {
    const { head, bufs } = await written(one(lean, width));
    assert.deepEqual([head.superseded, head.empty, head.label, head.recognised, head.probs.length], [false, false, 1, 1, 10]);
    assert.deepEqual([bufs[0].byteLength, bufs[1].byteLength], [10 * 784 * 4, loaded.model.latent * 4]);
    hands.push(bufs[0]);
  }
  const [upright, leaning, thick] = hands;
  for (let digit = 0; digit < 10; digit++) {
    const leans = slant(picture(leaning, digit)) - slant(picture(upright, digit));
    assert.ok(leans > 0.1, `${digit} leans by ${leans} more`);
    const more = total(picture(thick, digit)) / total(picture(upright, digit));
    assert.ok(more > 1.1, `${digit} has ${more} times the ink`);
  }
});

test('takes what it is told for the class, and sliders', async () => {
  const { head, bufs: plain } = await written(one(), { label: 7 });
  assert.deepEqual([head.label, head.recognised], [7, 1]);
  const offsets = new Float32Array(floats(plain[1]).length).fill(0);
  offsets[0] = 1.5;
  const { bufs: moved } = await written(one(), { label: 7 }, offsets.buffer);
  assert.ok(Math.abs(floats(moved[1])[0] - floats(plain[1])[0] - 1.5) < 1e-5);
  assert.notDeepEqual(floats(moved[0]), floats(plain[0]));
});

test('keeps up with a pen', async (t) => {
  const times = [];
  for (let i = 0; i < 40; i++) {
    const start = performance.now();
    await written(one(i / 200));
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`pad.set and hand: median ${times[20].toFixed(1)} ms, worst ${times[39].toFixed(1)} ms`);
  assert.ok(times[20] < 500, `${times[20]} ms`);
  // Faster than it can see, only the newest are written.
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => written(one(i / 500))));
  assert.equal(answers.at(-1)?.head.superseded, false);
  const superseded = answers.filter((a) => a.head.superseded);
  assert.ok(superseded.length > 50, `${100 - superseded.length} of 100 were written`);
  assert.ok(superseded.every((a) => a.bufs.length === 0));
});
