/**
 * Drives the built engine-studio.wasm through its messages. DIST names the folder with
 * engine-studio.wasm and wasm_exec.js (default: dist/ of the repository).
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';

import { Client, startEngine } from '../../tools/nodeworker/nodeworker.mjs';
import { studioProgram } from '../../web/engine/engine.js';
import '../../web/kernel.js';
import { png } from '../../web/test/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.resolve(process.env.DIST ?? path.join(root, 'dist'));
const bytes = fs.statSync(path.join(dist, 'engine-studio.wasm')).size;
const model = fs.readFileSync(path.join(root, 'web/models/digits.safetensors'));

/** The best kernel that this Node can run. */
const fastest = globalThis.inkdriftKernel.candidates()[0] ?? 'go';

const floats = (/** @type {ArrayBuffer} */ b) => new Float32Array(b);

/**
 * A stroke in the form of the protocol.
 *
 * @param {[number, number][]} points
 * @param {number} [width]
 */
function stroke(points, width = 0.08) {
  return Float32Array.from([points.length, width, ...points.flatMap(([x, y]) => [x, y, 1])]);
}

const one = stroke([
  [0.5, 0.15],
  [0.48, 0.5],
  [0.47, 0.85],
]);
const seven = stroke([
  [0.25, 0.2],
  [0.75, 0.2],
  [0.45, 0.85],
]);

/** The largest difference between two lists of numbers. */
function distance(/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) {
  assert.equal(a.length, b.length);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
}

describe('engine-studio.wasm', () => {
  /** @type {ReturnType<typeof startEngine>} */
  let engine;
  /** @type {Client} */
  let client;
  let rev = 1;
  /** @type {any} */
  let info;

  before(async () => {
    engine = startEngine({ dist, program: studioProgram, bytes });
    client = engine.client;
    const early = client.ask('hello'); // before there is anybody to answer
    const ready = await client.event((h) => h.type === 'engine-ready');
    assert.deepEqual(ready.head, { type: 'engine-ready', backend: fastest, version: 'test' });
    const hello = await early;
    assert.deepEqual([hello.head.version, hello.head.backend], ['test', fastest]);
    assert.ok(!client.events.some((e) => e.head.type === 'engine-warning'));
  });
  after(() => engine.stop());

  /** Proves that the engine still does its work. */
  async function alive() {
    const { bufs } = await client.good('sample', { n: 1, seed: 1 });
    assert.equal(floats(bufs[1]).length, 784);
  }

  /** @param {[number, number][]} points */
  async function encoded(points) {
    await client.good('pad.set', { pad: 'a', rev: ++rev, bitmap: null }, [stroke(points), new ArrayBuffer(0)]);
    return client.event((h) => h.type === 'pad' && h.pad === 'a' && h.rev === rev);
  }

  test('tells every byte of its arrival', () => {
    const loading = client.events.filter((e) => e.head.type === 'loading');
    assert.deepEqual(loading.at(-1)?.head, { type: 'loading', loaded: bytes, total: bytes });
    for (let i = 1; i < loading.length; i++) assert.ok(loading[i].head.loaded >= loading[i - 1].head.loaded);
  });

  test('says that there is no model', async () => {
    const { head } = await client.ask('encode', {}, [new Float32Array(784)]);
    assert.equal(head.error.code, 'no-model');
  });

  test('prepares a drawing without a model', async () => {
    const { head, bufs } = await encoded([[0.5, 0.5]]);
    assert.equal(head.empty, false);
    assert.deepEqual(
      bufs.map((b) => b.byteLength),
      [784 * 4, 0, 0, 0],
    );
  });

  test('loads a model and encodes what is drawn again', async () => {
    const { head } = await client.good('model.load', { name: 'digits' }, [model]);
    info = head.model;
    assert.equal(info.name, 'digits');
    assert.deepEqual(info.input, [1, 28, 28]);
    assert.ok(info.latent > 0 && info.params > 0);
    const told = await client.event((h) => h.type === 'model');
    assert.deepEqual(told.head.model, info);
    const again = client.events.filter((e) => e.head.type === 'pad').at(-1);
    assert.equal(again?.head.rev, rev);
    assert.equal(again?.bufs[1].byteLength, 4 * info.latent);
  });

  test('takes a 1 for a 1 and a 7 for a 7', async (t) => {
    if (!info.classes) return t.skip('the model has no classifier');
    for (const [digit, drawn] of /** @type {[number, Float32Array][]} */ ([
      [1, one],
      [7, seven],
    ])) {
      await client.good('pad.set', { pad: 'b', rev: ++rev, bitmap: null }, [drawn, new ArrayBuffer(0)]);
      const { head } = await client.event((h) => h.type === 'pad' && h.pad === 'b' && h.rev === rev);
      assert.equal(head.label, digit);
      assert.ok(head.probs[digit] > 0.5, `only ${head.probs[digit]}`);
      assert.ok(Math.abs(head.probs.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b) - 1) < 1e-3);
    }
  });

  test('encodes pixels as it encodes a pad, and reconstructs them', async () => {
    const { bufs: pad } = await encoded([
      [0.25, 0.2],
      [0.75, 0.2],
      [0.45, 0.85],
    ]);
    const { bufs } = await client.good('encode', {}, [pad[0]]);
    for (let i = 0; i < 3; i++) assert.equal(distance(floats(bufs[i]), floats(pad[i + 1])), 0);
    const { bufs: decoded } = await client.good('decode', {}, [pad[1]]);
    assert.ok(distance(floats(decoded[0]), floats(pad[3])) < 1e-6);
    const [seen, given] = [floats(pad[0]), floats(pad[3])];
    const wrong = seen.reduce((s, v, i) => s + Math.abs(v - given[i]), 0) / seen.reduce((s, v) => s + v, 0);
    assert.ok(wrong < 0.5, `the reconstruction is ${wrong} of the ink away from the drawing`);
  });

  for (const kind of ['slerp', 'lerp']) {
    test(`drifts along a ${kind} from one reconstruction to the other`, async () => {
      const { bufs: a } = await encoded([
        [0.25, 0.2],
        [0.75, 0.2],
        [0.45, 0.85],
      ]);
      const { bufs: b } = await encoded([
        [0.5, 0.1],
        [0.5, 0.9],
      ]);
      const { head, bufs } = await client.good('morph', { frames: 24, path: kind }, [a[1], b[1]]);
      assert.equal(head.frames, 24);
      const [pixels, z] = bufs.map(floats);
      assert.equal(pixels.length, 24 * 784);
      assert.equal(distance(z.subarray(0, info.latent), floats(a[1])), 0);
      assert.equal(distance(z.subarray(23 * info.latent), floats(b[1])), 0);
      assert.ok(distance(pixels.subarray(0, 784), floats(a[3])) < 1e-5);
      assert.ok(distance(pixels.subarray(23 * 784), floats(b[3])) < 1e-5);
      assert.ok(distance(pixels.subarray(0, 784), pixels.subarray(23 * 784)) > 0.3);
    });
  }

  test('samples, the same for the same seed', async () => {
    const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => client.good('sample', { n: 20, seed })));
    assert.equal(floats(a.bufs[0]).length, 20 * info.latent);
    assert.equal(floats(a.bufs[1]).length, 20 * 784);
    assert.equal(distance(floats(a.bufs[1]), floats(b.bufs[1])), 0);
    assert.ok(distance(floats(a.bufs[1]), floats(c.bufs[1])) > 0.1);
    for (const v of floats(a.bufs[1])) assert.ok(v >= 0 && v <= 1);
  });

  test('draws examples that the pad takes', async () => {
    let right = 0;
    for (let digit = 0; digit < 10; digit++) {
      const { head, bufs } = await client.good('example', { digit, seed: 7 });
      assert.equal(head.label, digit);
      await client.good('pad.set', { pad: 'a', rev: ++rev, bitmap: null }, [bufs[0], new ArrayBuffer(0)]);
      const pad = await client.event((h) => h.type === 'pad' && h.pad === 'a' && h.rev === rev);
      assert.equal(pad.head.empty, false);
      if (pad.head.label === digit) right++;
    }
    if (info.classes) assert.ok(right >= 8, `only ${right} of 10 examples are recognised`);
  });

  test('reads a picture', async () => {
    const { head, bufs } = await client.good('picture', { name: 'bar.png' }, [barPNG()]);
    assert.equal(head.ready, false);
    assert.equal(bufs[0].byteLength, head.width * head.height);
    const { width, height, ready } = head;
    await client.good('pad.set', { pad: 'b', rev: ++rev, bitmap: { width, height, ready } }, [new ArrayBuffer(0), bufs[0]]);
    const pad = await client.event((h) => h.type === 'pad' && h.pad === 'b' && h.rev === rev);
    assert.equal(pad.head.empty, false);
    if (info.classes) assert.equal(pad.head.label, 1);
  });

  test('makes a GIF with all its frames, twice the same', async () => {
    const { bufs } = await client.good('sample', { n: 12, seed: 3 });
    const how = { width: 28, height: 28, count: 12, scale: 5, delayMs: 60, ink: '#20242c', paper: '#fbf8f1' };
    for (const [mode, frames] of /** @type {[string, number][]} */ ([
      ['loop', 12],
      ['pingpong', 22],
      ['once', 12],
    ])) {
      const a = await client.good('gif', { ...how, mode }, [bufs[1]]);
      const b = await client.good('gif', { ...how, mode }, [bufs[1]]);
      assert.equal(a.head.frames, frames);
      const file = readGIF(new Uint8Array(a.bufs[0]));
      assert.deepEqual(file, { width: 140, height: 140, frames, forever: mode !== 'once' });
      assert.ok(Buffer.from(a.bufs[0]).equals(Buffer.from(b.bufs[0])));
    }
  });

  test('makes a PNG strip', async () => {
    const { bufs } = await client.good('sample', { n: 6, seed: 3 });
    const { head, bufs: file } = await client.good(
      'strip',
      { width: 28, height: 28, count: 6, scale: 4, gap: 5, ink: '#000000', paper: '#ffffff' },
      [bufs[1]],
    );
    const png = Buffer.from(file[0]);
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [6 * 112 + 5 * 5, 112]);
    assert.deepEqual([head.width, head.height], [6 * 112 + 5 * 5, 112]);
  });

  describe('goes on after', () => {
    const z = () => new Float32Array(info.latent);
    const nan = (/** @type {Float32Array} */ v) => v.map((x, i) => (i === 5 ? NaN : x));
    const huge = (/** @type {Float32Array} */ v) => v.fill(1e38);
    /** @type {[string, () => Parameters<Client['ask']>, string, string?][]} */
    const bad = [
      ['an unknown type', () => ['nonsense'], 'unknown-type'],
      ['a type of no words', () => ['constructor'], 'unknown-type'],
      ['the type of an event', () => ['pad'], 'unknown-type'],
      ['an empty encode', () => ['encode'], 'bad-length', 'pixels'],
      ['783 pixels', () => ['encode', {}, [new Float32Array(783)]], 'bad-length', 'pixels'],
      ['bytes for pixels', () => ['encode', {}, [new Uint8Array(784)]], 'bad-length', 'pixels'],
      ['NaN in the pixels', () => ['encode', {}, [nan(new Float32Array(784))]], 'not-finite', 'pixels'],
      ['pixels to 255', () => ['encode', {}, [new Float32Array(784).fill(255)]], 'bad-value', 'pixels'],
      ['NaN in z', () => ['decode', {}, [nan(z())]], 'not-finite', 'z'],
      ['half a z', () => ['decode', {}, [new Float32Array(1)]], 'bad-length', 'z'],
      ['a megabyte of z', () => ['decode', {}, [new Float32Array(info.latent * 6000)]], 'bad-value', 'z'],
      ['a path of one frame', () => ['morph', { frames: 1, path: 'slerp' }, [z(), z()]], 'bad-value', 'frames'],
      ['a path of a million', () => ['morph', { frames: 1e6, path: 'slerp' }, [z(), z()]], 'bad-value', 'frames'],
      ['1e99 frames', () => ['morph', { frames: 1e99, path: 'slerp' }, [z(), z()]], 'bad-value', 'frames'],
      ['half a frame', () => ['morph', { frames: 2.5, path: 'slerp' }, [z(), z()]], 'bad-value', 'frames'],
      ['another path', () => ['morph', { frames: 8, path: '../..' }, [z(), z()]], 'bad-value', 'path'],
      ['a path to nowhere', () => ['morph', { frames: 8, path: 'lerp' }, [z()]], 'bad-length', 'zB'],
      ['a billion samples', () => ['sample', { n: 1e9, seed: 1 }], 'bad-value', 'n'],
      ['no samples', () => ['sample', { n: 0, seed: 1 }], 'bad-value', 'n'],
      ['a negative seed', () => ['sample', { n: 1, seed: -1 }], 'bad-value', 'seed'],
      ['the digit 12', () => ['example', { digit: 12, seed: 1 }], 'bad-value', 'digit'],
      ['no picture', () => ['picture', { name: 'x' }, [Buffer.from('no picture at all')]], 'bad-picture', 'file'],
      ['no bytes of a picture', () => ['picture', { name: 'x' }], 'bad-picture', 'file'],
      ['a picture of 60,000 x 60,000', () => ['picture', { name: 'x' }, [hugePNG()]], 'picture-too-large', 'file'],
      ['an enormous GIF', () => ['gif', { width: 28, height: 28, count: 512, scale: 32, mode: 'loop' }, []], 'bad-value', 'scale'],
      [
        'a GIF without frames',
        () => ['gif', { width: 28, height: 28, count: 5, scale: 2, mode: 'loop', ink: '#000000', paper: '#ffffff' }, []],
        'bad-length',
        'frames',
      ],
      ['a torn model', () => ['model.load', { name: 'torn' }, [model.subarray(0, model.length >> 1)]], 'bad-model', 'file'],
      ['a model of eight bytes', () => ['model.load', { name: 'torn' }, [Buffer.alloc(8, 255)]], 'bad-model', 'file'],
      ['no model', () => ['model.load', { name: 'none' }], 'bad-model', 'file'],
      ['a third pad', () => ['pad.set', { pad: 'c', rev: 1, bitmap: null }, []], 'bad-value', 'pad'],
      ['torn strokes', () => ['pad.set', { pad: 'a', rev: 1e9, bitmap: null }, [one.subarray(1)]], 'bad-value', 'strokes'],
      ['NaN in strokes', () => ['pad.set', { pad: 'a', rev: 1e9, bitmap: null }, [nan(one)]], 'not-finite', 'strokes'],
      ['a stroke from afar', () => ['pad.set', { pad: 'a', rev: 1e9, bitmap: null }, [stroke([[1e30, 0]])]], 'bad-value', 'strokes'],
      [
        'a bitmap without pixels',
        () => ['pad.set', { pad: 'a', rev: 1e9, bitmap: { width: 9e9, height: 9e9, ready: false } }, []],
        'bad-value',
        'bitmap.width',
      ],
      ['a port without port', () => ['port'], 'bad-message', 'port'],
    ];
    for (const [name, request, code, field] of bad) {
      test(name, async () => {
        const { head } = await client.ask(...request());
        assert.equal(head.type, 'error');
        assert.equal(head.error.code, code, head.error.message);
        if (field) assert.equal(head.error.field, field);
        assert.ok(head.error.message.length > 5);
        await alive();
      });
    }

    test('z beyond all numbers', async () => {
      const { head } = await client.ask('decode', {}, [huge(z())]);
      if (head.type === 'error') assert.equal(head.error.code, 'not-finite');
      await alive();
    });

    test('messages that are none', async () => {
      /** @type {any[]} */
      const messages = [null, 42, 'text', [], {}, { head: 7 }, { head: '' }, { head: '{' }, { head: '[]' }, { head: '{}', bufs: 3 }];
      for (const m of messages) engine.worker.postMessage(m);
      engine.worker.postMessage({ head: '{"type":"encode"}', bufs: [1, null, {}] });
      engine.worker.postMessage({ head: '['.repeat(100_000), bufs: [] });
      await alive();
      for (const [id, message] of /** @type {[number, any][]} */ ([
        [100_001, { head: '{"type":"encode","id":100001}', bufs: [1] }],
        [100_002, { head: '{"type":"encode","id":100002}', bufs: 'x' }],
        [100_003, { head: '{"type":5,"id":100003}', bufs: [] }],
        [100_004, { head: '{"type":"port","id":100004}', bufs: [], port: 'no port' }],
        [100_005, { head: '{"type":"encode","id":100005}', bufs: Array.from({ length: 9 }, () => new ArrayBuffer(1)) }],
      ])) {
        const answer = client.answer(id);
        engine.worker.postMessage(message);
        assert.equal((await answer).head.error.code, 'bad-message');
      }
      await alive();
    });

    test('strokes faster than it can see', async () => {
      const n = 200;
      const first = rev + 1;
      const answers = [];
      for (let i = 0; i < n; i++) {
        const drawn = stroke([
          [0.3, 0.2],
          [0.3 + (0.4 * i) / n, 0.8],
        ]);
        answers.push(client.good('pad.set', { pad: 'a', rev: ++rev, bitmap: null }, [drawn, new ArrayBuffer(0)]));
      }
      const superseded = (await Promise.all(answers)).filter((a) => a.head.superseded).length;
      const told = client.events.filter((e) => e.head.type === 'pad' && e.head.pad === 'a' && e.head.rev >= first).map((e) => e.head.rev);
      assert.equal(told.at(-1), rev);
      assert.equal(told.length, n - superseded);
      assert.deepEqual(
        told,
        [...told].sort((a, b) => a - b),
      );
      assert.ok(superseded > n / 2, `${told.length} of ${n} were computed`);
    });

    test('a long morph, drawing in the middle of it', async () => {
      const morph = client.ask('morph', { frames: 512, path: 'lerp' }, [z(), z().fill(1)]);
      let over = false;
      void morph.then(() => (over = true));
      await client.good('pad.set', { pad: 'a', rev: ++rev, bitmap: null }, [one, new ArrayBuffer(0)]);
      assert.equal(over, false, 'the stroke waited for the morph');
      assert.equal((await morph).head.frames, 512);
    });
  });

  test('serves a second client on a port of its own', async () => {
    const { port1, port2 } = new MessageChannel();
    const stage = new Client(port1);
    await client.good('port', {}, [], port2);
    assert.equal((await stage.event((h) => h.type === 'model')).head.model.name, 'digits');
    await stage.event((h) => h.type === 'pad' && h.pad === 'a');
    await client.good('pad.set', { pad: 'b', rev: ++rev, bitmap: null }, [seven, new ArrayBuffer(0)]);
    const [mine, other] = await Promise.all([client, stage].map((c) => c.event((h) => h.type === 'pad' && h.pad === 'b' && h.rev === rev)));
    assert.deepEqual(other.head, mine.head);
    assert.ok(Buffer.from(other.bufs[3]).equals(Buffer.from(mine.bufs[3])));
    const { head } = await stage.good('morph', { frames: 4, path: 'slerp' }, [mine.bufs[1], mine.bufs[1]]);
    assert.equal(head.frames, 4);
    port1.close();
    await alive();
  });

  test('empties a pad', async () => {
    await client.good('pad.set', { pad: 'a', rev: ++rev, bitmap: null }, [new ArrayBuffer(0), new ArrayBuffer(0)]);
    const { head, bufs } = await client.event((h) => h.type === 'pad' && h.pad === 'a' && h.rev === rev);
    assert.deepEqual([head.empty, head.label, head.probs], [true, null, null]);
    for (const b of bufs) assert.equal(b.byteLength, 0);
  });

  test('keeps up with a pen', async (t) => {
    const times = [];
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      const told = client.event((h) => h.type === 'pad' && h.rev === rev + 1);
      await client.good('pad.set', { pad: 'a', rev: rev + 1, bitmap: null }, [seven, new ArrayBuffer(0)]);
      await told;
      rev++;
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    t.diagnostic(`pad.set to pad event: median ${times[30].toFixed(1)} ms, worst ${times[59].toFixed(1)} ms`);
    assert.ok(times[30] < 500, `${times[30]} ms`);
  });
});

describe('worker.js', () => {
  /** @type {[string, Partial<import('../../tools/nodeworker/nodeworker.mjs').Options>, string][]} */
  const failures = [
    ['engine-studio.wasm cannot be fetched', { server: { 'engine-studio.wasm': { fail: true } } }, 'fetch-failed'],
    [
      'engine-studio.wasm is not there',
      { server: { 'engine-studio.wasm': { status: 404, type: 'text/html', body: 'none' } } },
      'fetch-failed',
    ],
    ['engine-studio.wasm is torn', { server: { 'engine-studio.wasm': { body: '\0asm\x01\0\0\0\x01' } } }, 'fetch-failed'],
    [
      'a page comes for engine-studio.wasm',
      { server: { 'engine-studio.wasm': { type: 'text/html', body: '<!doctype html>' } } },
      'wasm-type',
    ],
    ['wasm_exec.js cannot be fetched', { server: { 'wasm_exec.js': { fail: true } } }, 'fetch-failed'],
    ['WebAssembly is forbidden', { blocked: true }, 'wasm-blocked'],
  ];
  for (const [name, options, code] of failures) {
    test(`says ${code} when ${name}`, async () => {
      const { client, stop } = startEngine({ dist, program: studioProgram, bytes, ...options });
      const { head } = await client.event((h) => h.type === 'engine-error');
      assert.equal(head.error.code, code, head.error.message);
      assert.ok(!client.events.some((e) => e.head.type === 'engine-ready'));
      await stop();
    });
  }

  test('runs a program of a wrong type, without a word', async () => {
    for (const type of ['application/octet-stream', 'text/plain']) {
      const { client, stop } = startEngine({ dist, program: studioProgram, bytes, server: { 'engine-studio.wasm': { type } } });
      await client.event((h) => h.type === 'engine-ready');
      await client.good('hello');
      assert.ok(!client.events.some((e) => e.head.type === 'engine-warning'));
      await stop();
    }
  });

  test('uses the kernel that is wanted', async () => {
    for (const kernel of /** @type {const} */ (['strict', 'off'])) {
      const { client, stop } = startEngine({ dist, program: studioProgram, bytes, kernel });
      const { head } = await client.event((h) => h.type === 'engine-ready');
      assert.equal(head.backend, kernel === 'off' ? 'go' : kernel);
      assert.ok(!client.events.some((e) => e.head.type === 'engine-warning'));
      await stop();
    }
  });

  const torn = { body: fs.readFileSync(path.join(dist, 'kernel_strict.wasm')).subarray(0, 500) };
  test('a kernel that is lost or torn is fetched once more, and nothing is said', async () => {
    for (const fault of [{ fail: true }, { status: 503 }, torn]) {
      const server = { 'kernel_strict.wasm': { ...fault, once: true } };
      const { client, stop } = startEngine({ dist, program: studioProgram, bytes, kernel: 'strict', server });
      const { head } = await client.event((h) => h.type === 'engine-ready');
      assert.equal(head.backend, 'strict');
      assert.ok(!client.events.some((e) => e.head.type === 'engine-warning'));
      await stop();
    }
  });

  for (const [name, options, code] of /** @type {[string, Partial<import('../../tools/nodeworker/nodeworker.mjs').Options>, string][]} */ ([
    ['there is no SIMD', { noSIMD: true }, 'no-simd'],
    [
      'the kernel cannot be fetched',
      { server: { 'kernel_strict.wasm': { fail: true }, 'kernel_relaxed.wasm': { fail: true } } },
      'kernel-failed',
    ],
    [
      'the kernel is not there',
      { server: { 'kernel_strict.wasm': { status: 404 }, 'kernel_relaxed.wasm': { status: 404 } } },
      'kernel-failed',
    ],
    ['the kernel is torn', { server: { 'kernel_strict.wasm': torn, 'kernel_relaxed.wasm': torn } }, 'kernel-failed'],
  ])) {
    test(`runs in plain Go and says ${code} when ${name}`, async () => {
      const { client, stop } = startEngine({ dist, program: studioProgram, bytes, ...options });
      const { head } = await client.event((h) => h.type === 'engine-ready');
      assert.equal(head.backend, 'go');
      const warning = await client.event((h) => h.type === 'engine-warning');
      assert.equal(warning.head.error.code, code, warning.head.error.message);
      await client.good('model.load', { name: 'digits' }, [model]);
      await client.good('sample', { n: 1, seed: 1 });
      await stop();
    });
  }

  test('says that the engine has ended', async () => {
    const { client, stop } = startEngine({ dist, program: studioProgram, bytes, crash: true });
    const { head } = await client.event((h) => h.type === 'engine-error');
    assert.equal(head.error.code, 'exited');
    assert.match(head.error.message, /status 2/);
    await stop();
  });

  test('says that the engine was stopped by a trap', async () => {
    const { client, stop } = startEngine({ dist, program: studioProgram, bytes, server: { 'engine-studio.wasm': { body: trap } } });
    const { head } = await client.event((h) => h.type === 'engine-error');
    assert.equal(head.error.code, 'exited');
    assert.match(head.error.message, /unreachable/);
    assert.equal(client.events.filter((e) => e.head.type === 'engine-error').length, 1);
    await stop();
  });
});

/** A module like a Go program to its loader, whose run is one `unreachable`. */
const trap = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x06, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x00], // type: (i32, i32) -> ()
  ...[0x03, 0x02, 0x01, 0x00], // function of that type
  ...[0x05, 0x03, 0x01, 0x00, 0x01], // memory of a page
  ...[0x07, 0x0d, 0x02, 0x03, 0x6d, 0x65, 0x6d, 0x02, 0x00, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x00], // exports mem and run
  ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b], // code: unreachable
);

/**
 * What a GIF file holds, read block by block.
 *
 * @param {Uint8Array} b
 */
function readGIF(b) {
  assert.equal(Buffer.from(b.subarray(0, 6)).toString('latin1'), 'GIF89a');
  const word = (/** @type {number} */ i) => b[i] | (b[i + 1] << 8);
  const table = (/** @type {number} */ flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  const out = { width: word(6), height: word(8), frames: 0, forever: false };
  let i = 13 + table(b[10]);
  const skipBlocks = () => {
    while (b[i] !== 0) i += b[i] + 1;
    i++;
  };
  while (b[i] !== 0x3b) {
    if (b[i] === 0x21) {
      if (b[i + 1] === 0xff) out.forever = true;
      i += 2;
    } else {
      assert.equal(b[i], 0x2c, 'a frame or an extension');
      out.frames++;
      i += 10 + table(b[i + 9]) + 1;
    }
    skipBlocks();
  }
  assert.equal(i, b.length - 1);
  return out;
}

/** A dark upright bar on white. */
const barPNG = () => png(40, 60, (x, y) => (x >= 18 && x < 23 && y >= 10 && y < 50 ? 0 : 255));

/** A few bytes that say they are 3.6 billion pixels. */
const hugePNG = () => png(60_000, 60_000);
