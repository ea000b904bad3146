import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assets } from './assets.js';
import { classifierLoader } from './classifier.js';

const assets = new Assets({ files: [{ path: 'models/classifier.safetensors', bytes: 3, v: 'abc' }] }, 'http://host/');
Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true }); // without service workers

const settled = () => new Promise((done) => setImmediate(done));

test('the classifier is fetched once, and again only after it has failed', async (t) => {
  const answers = [new Response('', { status: 503 }), new Response('', { status: 503 }), new Response(Uint8Array.of(1, 2, 3))];
  const fetch = t.mock.method(globalThis, 'fetch', async (/** @type {string} */ _url) => answers.shift());
  const load = classifierLoader(assets);
  assert.equal(fetch.mock.callCount(), 0, 'not before it is needed');
  await assert.rejects(load(), { code: 'model-missing' });
  await settled();
  const [a, b] = await Promise.all([load(), load()]);
  assert.equal(a, b);
  assert.equal(a.byteLength, 3);
  assert.equal(await load(), a);
  assert.equal(fetch.mock.callCount(), 3);
  assert.equal(fetch.mock.calls[0].arguments[0], 'http://host/models/classifier.safetensors?v=abc');
});
