/**
 * window.inkdrift, with good and with bad input, and the choice of a model.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import {
  clearPads,
  dist,
  expectError,
  farthest,
  launch,
  meanDifference,
  models,
  newContext,
  sentences,
  serve,
  settle,
  state,
  testid,
  visit,
  words,
} from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const { page, check, forgive } = await visit(context, url);

/** The first model's file. */
const file = await readFile(join(dist, 'models', models[0].file));

/** Two drawings on the pads, and what is known of them. */
async function arrange() {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8));
  await settle(page);
  return state(page);
}

/**
 * Calls a function of window.inkdrift that must be rejected.
 *
 * @param {string} call JavaScript
 * @returns {Promise<{isError: boolean, name: string, code: string, field: string, message: string}>}
 */
function rejection(call) {
  return page.evaluate(async (call) => {
    try {
      // biome-ignore lint/security/noGlobalEval: the calls are those of this file, in the page
      await eval(call);
    } catch (thrown) {
      const e = /** @type {import('../../web/lib/errors.js').InkdriftError} */ (thrown);
      return { isError: e instanceof Error, name: e.name, code: e.code, field: e.field, message: e.message };
    }
    throw new Error(`${call} was not rejected`);
  }, call);
}

test('state is a snapshot of everything, ready for JSON', async () => {
  const s = await arrange();
  assert.equal(s.model, models[0].name);
  for (const pad of [s.a, s.b]) {
    assert.deepEqual(Object.keys(pad).sort(), ['empty', 'label', 'logvar', 'mu', 'pixels', 'probs', 'read', 'recon']);
    assert.deepEqual(pad.read, { label: pad.label, certainty: 'digit', second: null });
    assert.deepEqual([pad.mu.length, pad.logvar.length], [models[0].latent, models[0].latent]);
    for (const list of [pad.pixels, pad.mu, pad.logvar, pad.recon, pad.probs]) assert.ok(list?.every(Number.isFinite));
  }
  assert.deepEqual(
    ['frames', 'path', 'playing', 't'].filter((k) => !(k in s.morph)),
    [],
  );
  assert.equal('train' in s, true);
  const same = await page.evaluate(
    () => JSON.stringify(JSON.parse(JSON.stringify(window.inkdrift.state().a))) === JSON.stringify(window.inkdrift.state().a),
  );
  assert.equal(same, true);
  // It is a copy: nobody changes the page through it.
  await page.evaluate(() => window.inkdrift.state().a.mu.fill(9));
  assert.deepEqual((await state(page)).a.mu, s.a.mu);
  check();
});

test('rects aim at the regions', async () => {
  const rects = await page.evaluate(() => window.inkdrift.rects());
  for (const name of ['padA', 'padB', 'morph', 'seesA', 'seesB', 'givesA', 'givesB', 'strip', 'samples']) {
    const r = rects[name];
    assert.ok(r && r.width > 20 && r.height > 20, `${name}: ${JSON.stringify(r)}`);
    const box = await page.locator(`[data-slot=${name}]`).boundingBox();
    assert.ok(box && Math.abs(box.x - r.x) < 1 && Math.abs(box.y - r.y) < 1 && Math.abs(box.width - r.width) < 1, name);
  }
  const hit = await page.evaluate(({ x, y, width, height }) => document.elementFromPoint(x + width / 2, y + height / 2)?.id, rects.padB);
  assert.equal(hit, 'pad-b', 'nothing lies over the pad');
  check();
});

test('encode, decode and morph agree with what the page shows', async () => {
  const s = await arrange();
  const [encoded, typed, decoded] = await page.evaluate(
    async ([pixels, mu]) => [
      await window.inkdrift.encode(pixels),
      await window.inkdrift.encode(Float32Array.from(pixels)),
      await window.inkdrift.decode(mu),
    ],
    [s.a.pixels, s.a.mu],
  );
  assert.deepEqual(Object.keys(encoded).sort(), ['label', 'logvar', 'mu', 'probs', 'recon']);
  for (const key of /** @type {const} */ (['mu', 'logvar', 'recon', 'probs']))
    assert.ok(farthest(encoded[key] ?? [], s.a[key] ?? []) < 1e-4, key);
  assert.equal(encoded.label, 3);
  assert.deepEqual(typed, encoded, 'a Float32Array is as good as an array');
  assert.equal(decoded.length, 784);
  assert.ok(decoded.every((v) => v >= 0 && v <= 1));
  assert.ok(farthest(decoded, s.a.recon) < 1e-3);

  const frames = await page.evaluate(([za, zb]) => window.inkdrift.morph(za, zb, { frames: 2, path: 'lerp' }), [s.a.mu, s.b.mu]);
  assert.equal(frames.length, 2);
  assert.ok(farthest(frames[0], s.a.recon) < 1e-3 && farthest(frames[1], s.b.recon) < 1e-3);
  const usual = await page.evaluate(([za, zb]) => window.inkdrift.morph(za, zb), [s.a.mu, s.b.mu]);
  assert.ok(usual.length >= 2 && usual.every((f) => f.length === 784), 'options can be left out');
  check();
});

test('what cannot be encoded, decoded or morphed is rejected, and said on the page', async () => {
  const n = models[0].latent;
  const before = await arrange();
  /** @type {[string, string, string][]} */
  const bad = [
    ['inkdrift.encode(new Array(783).fill(0))', 'bad-length', 'pixels'],
    ['inkdrift.encode([])', 'bad-length', 'pixels'],
    ['inkdrift.encode(new Array(784 * 2).fill(0))', 'bad-length', 'pixels'],
    ['inkdrift.encode(new Array(784).fill(NaN))', 'not-finite', 'pixels'],
    ['inkdrift.encode(new Array(784).fill(0).with(5, Infinity))', 'not-finite', 'pixels'],
    ['inkdrift.encode(new Array(784).fill(2))', 'bad-value', 'pixels'],
    ['inkdrift.encode(new Array(784).fill(-0.1))', 'bad-value', 'pixels'],
    ['inkdrift.encode(new Array(784))', 'bad-value', 'pixels'],
    ['inkdrift.encode(new Array(784).fill("0"))', 'bad-value', 'pixels'],
    ['inkdrift.encode("a picture")', 'bad-value', 'pixels'],
    ['inkdrift.encode({ length: 784 })', 'bad-value', 'pixels'],
    ['inkdrift.encode()', 'bad-value', 'pixels'],
    ['inkdrift.encode(null)', 'bad-value', 'pixels'],
    [`inkdrift.decode(new Array(${n - 1}).fill(0))`, 'bad-length', 'z'],
    [`inkdrift.decode(new Array(${n}).fill(NaN))`, 'not-finite', 'z'],
    [`inkdrift.decode(new Array(${n}).fill(1e300))`, 'not-finite', 'z'],
    ['inkdrift.decode(7)', 'bad-value', 'z'],
    [`inkdrift.morph(new Array(${n}).fill(0), new Array(${n + 1}).fill(0))`, 'bad-length', 'zB'],
    [`inkdrift.morph(new Array(${n}).fill(-Infinity), new Array(${n}).fill(0))`, 'not-finite', 'zA'],
    [`inkdrift.morph(new Array(${n}).fill(0), new Array(${n}).fill(1), { frames: 1 })`, 'bad-value', 'frames'],
    [`inkdrift.morph(new Array(${n}).fill(0), new Array(${n}).fill(1), { frames: 1e9 })`, 'bad-value', 'frames'],
    [`inkdrift.morph(new Array(${n}).fill(0), new Array(${n}).fill(1), { frames: 2.5 })`, 'bad-value', 'frames'],
    [`inkdrift.morph(new Array(${n}).fill(0), new Array(${n}).fill(1), { path: 'around' })`, 'bad-value', 'path'],
    ['inkdrift.load("no such model")', 'model-unknown', 'name'],
    ['inkdrift.load("../index.html")', 'model-unknown', 'name'],
    ['inkdrift.load(5)', 'bad-value', 'model'],
  ];
  for (const [call, code, field] of bad) {
    const e = await rejection(call);
    assert.deepEqual([e.isError, e.name, e.code, e.field], [true, 'InkdriftError', code, field], call);
    assert.notEqual(e.message, '', call);
  }
  for (const call of ['inkdrift.on("sunrise", () => {})', 'inkdrift.on("change", 5)'])
    assert.equal((await rejection(call)).code, 'bad-value', call);
  assert.deepEqual(await sentences(page), [], 'what a script catches is not shown');
  await settle(page);
  const { morph: _, ...after } = await state(page);
  const { morph: __, ...was } = before;
  assert.deepEqual(after, was, 'nothing has changed');

  // Extreme points are points all the same.
  const pixels = await page.evaluate((n) => window.inkdrift.decode(new Array(n).fill(1e30)), n);
  assert.ok(
    pixels.every((v) => v >= 0 && v <= 1),
    'a far away point gives a picture or a rejection, never NaN',
  );

  // A model that is told a class has no place behind the pads.
  assert.equal(await page.evaluate(() => window.inkdrift.load('cvae')), null);
  assert.equal(new URL(page.url()).hash, '#gallery?m=cvae');
  await page.locator(testid('gallery-title')).waitFor();
  await page.evaluate(() => (location.hash = ''));
  check();
});

/** The model file in ways that it must not be, and one that is as it must be. */
function damaged() {
  const flipped = Buffer.from(file);
  flipped[12] ^= 0x40; // in the header's JSON
  const lying = Buffer.from(file);
  lying.writeBigUInt64LE(1n << 62n, 0);
  // The largest exponent there is: every number of the last tensor is NaN.
  const poisoned = Buffer.from(file);
  poisoned.fill(0xff, poisoned.length - 64);
  return {
    'torn in the middle': file.subarray(0, file.length >> 1),
    'one byte short': file.subarray(0, file.length - 1),
    'one byte too long': Buffer.concat([file, Buffer.of(0)]),
    'only a length': file.subarray(0, 8),
    'less than a length': file.subarray(0, 5),
    empty: Buffer.alloc(0),
    'a bit flipped': flipped,
    'a header of 2^62 bytes': lying,
    'NaN weights': poisoned,
    'a web page': Buffer.from('<!doctype html><title>404</title>'.repeat(50)),
  };
}

test('damaged model files are refused, and the model in use stays', async () => {
  const before = await arrange();
  for (const [name, bytes] of Object.entries(damaged())) {
    const e = await page.evaluate(
      async ([name, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        try {
          await window.inkdrift.load(new File([bytes], `${name}.safetensors`));
        } catch (thrown) {
          const { code, name, message } = /** @type {import('../../web/lib/errors.js').InkdriftError} */ (thrown);
          return { code, name, message };
        }
        return null;
      },
      [name, bytes.toString('base64')],
    );
    const code = name === 'a web page' ? 'web-page' : 'bad-model';
    assert.deepEqual([e?.code, e?.name], [code, 'InkdriftError'], `${name}: ${JSON.stringify(e)}`);
    assert.notEqual(e?.message, '', name);
    assert.deepEqual(await sentences(page), [], name);
  }
  const after = await state(page);
  assert.equal(after.model, before.model);
  assert.deepEqual(after.a, before.a);
  await draw(page, 'a', [
    [
      [0.3, 0.9],
      [0.5, 0.9],
      [0.7, 0.9],
    ],
  ]);
  await settle(page);
  assert.ok(farthest((await state(page)).a.mu, before.a.mu) > 0.01, 'the model still works');
  check();
});

test('events come until they are unsubscribed', async () => {
  await arrange();
  await page.evaluate(() => {
    window.heard = { change: [], error: [], progress: [] };
    const names = /** @type {const} */ (['change', 'error', 'progress']);
    window.unsubscribe = names.map((name) => window.inkdrift.on(name, (detail) => window.heard[name].push(detail)));
  });
  await draw(page, 'a', written(1));
  await settle(page);
  await rejection('inkdrift.encode([])');
  const heard = await page.evaluate(() => ({ change: window.heard.change, error: window.heard.error.map((e) => e.code) }));
  assert.ok(
    heard.change.some((c) => c.pad === 'a'),
    JSON.stringify(heard),
  );
  assert.deepEqual(heard.error, ['bad-length']);
  assert.deepEqual(await sentences(page), [], 'what a script catches is not shown');
  await page.evaluate(() => void window.inkdrift.encode([1]));
  await expectError(page, 'bad-length');
  forgive(/should be 784/);
  assert.deepEqual(await page.evaluate(() => window.heard.error.map((e) => e.code)), ['bad-length', 'bad-length'], 'each once');

  await page.evaluate(() => {
    for (const off of window.unsubscribe) off();
    window.heard = { change: [], error: [], progress: [] };
  });
  await draw(page, 'a', [
    [
      [0.2, 0.2],
      [0.8, 0.8],
    ],
  ]);
  await settle(page);
  await rejection('inkdrift.encode([])');
  assert.deepEqual(await page.evaluate(() => window.heard), { change: [], error: [], progress: [] });
  check();
});

test('a file can be opened as a model', async () => {
  const before = await arrange();
  await page.locator('summary', { hasText: words.en['model.head'] }).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#model-open').click()]);
  await chooser.setFiles({ name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: file });
  await page.waitForFunction(() => window.inkdrift.state().model === 'mine.safetensors');
  await settle(page);
  const { a, b } = await state(page);
  assert.ok(farthest(a.mu, before.a.mu) < 1e-5 && farthest(b.mu, before.b.mu) < 1e-5, 'it is the same model');
  assert.match((await page.locator(`${testid('model')} option:checked`).textContent()) ?? '', /^mine /);
  await page.locator(testid('model')).selectOption(models[0].name);
  await page.waitForFunction((name) => window.inkdrift.state().model === name, models[0].name);
  check();
});

test('another model takes the same drawings', async () => {
  assert.ok(models.length >= 2, 'there are two models to choose from');
  const first = await arrange();
  const [one, two] = models;
  await page.locator(testid('model')).selectOption(two.name);
  await page.waitForFunction((name) => window.inkdrift.state().model === name, two.name);
  await settle(page);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  const second = await state(page);
  for (const pad of /** @type {const} */ (['a', 'b'])) {
    assert.deepEqual(second[pad].pixels, first[pad].pixels, 'the drawings are the same');
    assert.equal(second[pad].mu.length, two.latent);
    assert.ok(meanDifference(second[pad].recon, first[pad].recon) > 1e-4, 'they are encoded again');
  }
  assert.match((await page.locator(testid('label-a')).textContent()) ?? '', /\S/);
  assert.equal((await page.evaluate((z) => window.inkdrift.decode(z), second.a.mu)).length, 784);

  const name = await page.evaluate((name) => window.inkdrift.load(name).then(() => window.inkdrift.state().model), one.name);
  assert.equal(name, one.name);
  await settle(page);
  const back = await state(page);
  assert.ok(farthest(back.a.mu, first.a.mu) < 1e-5);
  assert.equal(await page.locator(testid('model')).inputValue(), one.name);
  check();
});
