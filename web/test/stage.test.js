import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

/** The smallest module there is. */
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** @type {{head: any, origin: string}[]} what the window above was told */
let told;
/** @type {FrameRequestCallback[]} what the browser was asked for */
let asked;
/** @type {any} what was there before */
let saved;
let imports = 0;

const g = /** @type {any} */ (globalThis);

class Canvas {
  /** @param {any[]} args */
  getContext(...args) {
    return args;
  }
}

beforeEach(() => {
  told = [];
  asked = [];
  saved = { WebAssembly: g.WebAssembly };
  g.location = { search: '?v=abc&bytes=8' };
  g.window = {
    origin: 'https://here.example',
    parent: { postMessage: (/** @type {any} */ m, /** @type {string} */ origin) => told.push({ head: JSON.parse(m.head), origin }) },
    requestAnimationFrame: (/** @type {any} */ f) => asked.push(f),
  };
  g.HTMLCanvasElement = class extends Canvas {};
  g.HTMLCanvasElement.prototype.getContext = Canvas.prototype.getContext;
  g.Go = class {
    importObject = {};
    async run() {
      g.ran = true;
    }
  };
  g.ran = false;
  serve(empty);
});

afterEach(() => {
  g.WebAssembly = saved.WebAssembly;
});

/**
 * @param {Uint8Array} body
 * @param {number} [status]
 * @param {string} [type]
 */
function serve(body, status = 200, type = 'application/wasm') {
  g.fetch = async (/** @type {string} */ url) => {
    g.fetched = url;
    return new Response(/** @type {any} */ (body), { status, headers: { 'content-type': type } });
  };
}

/** Runs stage.js afresh until it has told of an error, which it always does in the end. */
async function boot() {
  await import(`../stage.js?${imports++}`);
  for (let i = 0; i < 500 && !told.some((t) => t.head.type === 'stage-error'); i++) await new Promise((r) => setTimeout(r, 2));
  for (const t of told) assert.equal(t.origin, 'https://here.example');
  return told.at(-1)?.head.error;
}

test('fetches the version it is told, runs it, and tells of its end', async () => {
  const error = await boot();
  assert.equal(g.fetched, 'stage.wasm?v=abc');
  assert.ok(g.ran);
  assert.equal(error.code, 'exited');
});

test('tells how much has arrived', async () => {
  await boot();
  const last = told.filter((t) => t.head.type === 'loading').at(-1)?.head;
  assert.deepEqual(last, { type: 'loading', loaded: 8, total: 8 });
});

for (const [name, code, prepare] of /** @type {[string, string, () => void][]} */ ([
  ['an answer that is no success', 'fetch-failed', () => serve(empty, 404)],
  ['no answer', 'fetch-failed', () => (g.fetch = async () => Promise.reject(new TypeError('no network')))],
  [
    'a page in place of the program',
    'wasm-type',
    () => serve(new TextEncoder().encode('<!doctype html>'), 200, 'text/html; charset=utf-8'),
  ],
  ['half a program', 'fetch-failed', () => serve(empty.slice(0, 6))],
  ['a damaged program', 'internal', () => serve(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 9))],
  ['no WebAssembly', 'wasm-blocked', () => delete g.WebAssembly],
  ['WebAssembly that is forbidden', 'wasm-blocked', () => (g.WebAssembly = forbidden())],
  ['no wasm_exec.js', 'fetch-failed', () => delete g.Go],
])) {
  test(`tells of ${name}`, async () => {
    prepare();
    const error = await boot();
    assert.equal(error.code, code, error.message);
    assert.ok(error.message);
    assert.ok(!g.ran);
  });
}

function forbidden() {
  const no = () => {
    throw new saved.WebAssembly.CompileError('violates the Content Security Policy');
  };
  return { Module: no, instantiateStreaming: async () => no() };
}

for (const type of ['application/octet-stream', 'text/plain', ''])
  test(`runs a program that is served as "${type}"`, async () => {
    serve(empty, 200, type);
    await boot();
    assert.ok(g.ran);
  });

test('works where programs cannot be compiled as they arrive', async () => {
  g.WebAssembly = new Proxy(saved.WebAssembly, { get: (t, k) => (k === 'instantiateStreaming' ? undefined : t[k]) });
  await boot();
  assert.ok(g.ran);
});

test('frames come only when the program wants them', async () => {
  await boot();
  const [a, b, c] = [() => {}, () => {}, () => {}];
  g.window.requestAnimationFrame(a);
  assert.equal(asked.length, 0);
  g.inkdriftWake();
  assert.deepEqual(asked, [a]);
  g.inkdriftWake(); // while a frame is on its way: one more
  g.inkdriftWake();
  g.window.requestAnimationFrame(b);
  assert.deepEqual(asked, [a, b]);
  g.window.requestAnimationFrame(c);
  assert.deepEqual(asked, [a, b]);
});

test('WebGL contexts do not smooth, others are as asked', async () => {
  await boot();
  const canvas = new g.HTMLCanvasElement();
  const [type, options] = canvas.getContext('webgl2', { alpha: true, antialias: true });
  assert.deepEqual([type, options.alpha, options.antialias, options.depth], ['webgl2', true, false, false]);
  assert.deepEqual(canvas.getContext('2d'), ['2d', undefined]);
});
