import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assets, fetchBytes, fetchAssets, fetchJSON, Progress } from './assets.js';

const base = 'http://host/some/path/';

test('addresses carry the version, under any path', () => {
  const a = new Assets({ files: [{ path: 'engine-studio.wasm', bytes: 10, v: 'abc' }] }, base);
  assert.equal(a.url('engine-studio.wasm'), 'http://host/some/path/engine-studio.wasm?v=abc');
  assert.equal(a.loader('worker.js', 'engine-studio.wasm'), 'http://host/some/path/worker.js?v=abc&bytes=10');
});

test('a list that is none, or lacks a file, is told of', () => {
  for (const json of [null, {}, { files: 1 }, []]) {
    assert.throws(() => new Assets(json, base), { code: 'assets-missing' });
  }
  const a = new Assets({ files: [null, { path: 'x' }, { path: 'y', v: 'v', bytes: -1 }] }, base);
  assert.throws(() => a.get('x'), { code: 'assets-missing', message: /x/ });
  assert.throws(() => a.get('y'), { code: 'assets-missing' });
});

test('bytes are counted as they are sent, where that is known', async (t) => {
  const json = {
    files: [
      { path: 'x', v: 'v', bytes: 100, gz: 40, br: 30 },
      { path: 'y', v: 'v', bytes: 50 },
    ],
  };
  const sent = async (/** @type {Record<string, string>} */ headers) => {
    t.mock.method(globalThis, 'fetch', async () => Response.json(json, { headers }));
    const assets = await fetchAssets(base);
    return [assets.sent('x'), assets.sent('y')];
  };
  assert.deepEqual(await sent({ 'content-encoding': 'gzip' }), [40, 50]);
  assert.deepEqual(await sent({ 'content-encoding': 'br' }), [30, 50]);
  assert.deepEqual(await sent({}), [100, 50]);
  /** @type {[number, number][]} */
  const seen = [];
  const p = new Progress((loaded, total) => seen.push([loaded, total]));
  p.expect('x', 100, 40);
  p.arrived('x', 50);
  p.complete('x');
  assert.deepEqual(seen, [
    [0, 40],
    [20, 40],
    [40, 40],
  ]);
});

test('progress adds up bytes and never goes back', () => {
  /** @type {[number, number][]} */
  const seen = [];
  const p = new Progress((loaded, total) => seen.push([loaded, total]));
  p.expect('stage', 100);
  p.expect('model', 50);
  p.arrived('stage', 40);
  p.arrived('stage', 20); // it was started again
  p.arrived('model', 80); // more than was announced
  p.arrived('nobody', 5);
  p.complete('stage');
  assert.deepEqual(seen, [
    [0, 100],
    [0, 150],
    [40, 150],
    [90, 150],
    [150, 150],
  ]);
});

test('bytes are counted as they come', async (t) => {
  const chunks = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  t.mock.method(
    globalThis,
    'fetch',
    async () =>
      new Response(
        new ReadableStream({
          pull(c) {
            const next = chunks.shift();
            if (next) c.enqueue(next);
            else c.close();
          },
        }),
      ),
  );
  /** @type {number[]} */
  const seen = [];
  const all = await fetchBytes('x', (n) => seen.push(n), 'model-missing');
  assert.deepEqual(seen, [2, 3]);
  assert.deepEqual(new Uint8Array(all), Uint8Array.of(1, 2, 3));
});

test('a file whose address names its hash must have it', async (t) => {
  const answers = [new Response('to'), new Response('torn')];
  const { mock } = t.mock.method(globalThis, 'fetch', async () => answers.shift() ?? new Response('other'));
  const v = '00cc10cc5ab0a89f'; // of "torn", which is whole here
  const get = () => fetchBytes(`http://host/m?v=${v}`, () => {}, 'model-missing');
  assert.equal(new TextDecoder().decode(await get()), 'torn');
  assert.equal(mock.callCount(), 2);
  await assert.rejects(get(), { code: 'model-missing', field: 'm', message: /5 bytes/ });
});

test('what cannot be fetched has the code that was asked for', async (t) => {
  const fetch = t.mock.method(globalThis, 'fetch', async () => new Response('', { status: 404, statusText: 'Not Found' }));
  await assert.rejects(
    fetchBytes('m', () => {}, 'model-missing'),
    { code: 'model-missing', message: /404/ },
  );
  await assert.rejects(fetchJSON('l', 'assets-missing'), { code: 'assets-missing', message: /404/ });
  fetch.mock.mockImplementation(async () => new Response('<html>'));
  await assert.rejects(fetchJSON('l', 'assets-missing'), { code: 'assets-missing' });
  fetch.mock.mockImplementation(async () => Promise.reject(new TypeError('offline')));
  await assert.rejects(
    fetchBytes('m', () => {}, 'model-missing'),
    { code: 'model-missing', message: /offline/ },
  );
});

test('the build is the version that the service worker has: of the text of assets.json', async (t) => {
  const text = '{"files": [\n{"path":"a.js","bytes":1,"v":"x"}\n]}\n';
  t.mock.method(globalThis, 'fetch', async () => new Response(text));
  const assets = await fetchAssets('http://localhost/');
  assert.equal(assets.get('a.js').bytes, 1);
  const { createHash, webcrypto } = await import('node:crypto');
  globalThis.crypto ??= /** @type {any} */ (webcrypto); // Node 18 has it there only
  assert.equal(await assets.build(), createHash('sha256').update(text).digest('hex').slice(0, 16));
});
