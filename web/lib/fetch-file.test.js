import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { fetchFile, patience } from './fetch-file.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
/** @type {string[]} what the page was told */
let told = [];
/** @type {(string | undefined)[]} the cache mode of each request */
let modes = [];

beforeEach(() => {
  clock = stopClock();
  told = [];
  modes = [];
  const tell = (/** @type {string} */ what) => (/** @type {string} */ name) => void told.push(`${what} ${name}`);
  globalThis.inkdriftFiles = {
    late: tell('late'),
    came: tell('came'),
    lost: tell('lost'),
    check: async () => [],
    begun() {},
    reload: async () => {},
  };
});
afterEach(() => {
  clock.release();
  mock.restoreAll();
  globalThis.inkdriftFiles = undefined;
});

/** Lets promises settle. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
};

/**
 * A network that answers each request in turn.
 *
 * @param {((signal: AbortSignal) => Response | Promise<Response>)[]} answers
 */
const network = (answers) =>
  mock.method(globalThis, 'fetch', async (/** @type {string} */ _url, /** @type {RequestInit} */ { cache, signal }) => {
    modes.push(cache);
    return /** @type {(signal: AbortSignal) => Response} */ (answers.shift())(/** @type {AbortSignal} */ (signal));
  });

const good = () => new Response('good');
const busy = () => new Response('', { status: 503, statusText: 'busy' });
/** Never answers. */
const silent = (/** @type {AbortSignal} */ signal) =>
  new Promise((/** @type {(r: Response) => void} */ _, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
/** Sends something and then nothing. */
const stuck = (/** @type {AbortSignal} */ signal) =>
  new Response(
    new ReadableStream({
      start(c) {
        c.enqueue(Uint8Array.of(1));
        signal.addEventListener('abort', () => c.error(signal.reason));
      },
    }),
  );
const read = (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => {
  const text = new TextDecoder().decode(bytes);
  if (text !== 'good') throw new Error(`torn: ${text}`);
  return text;
};

/** Fetches with time going by, and what came of it. @param {number} ms */
async function outcome(ms) {
  const result = fetchFile('http://host/a/file.json?v=1', { code: 'fetch-failed', cache: 'no-cache', read }).catch((e) => e);
  await settle();
  for (let t = 0; t < ms; t += 250) {
    clock.tick(250);
    await settle();
  }
  return Promise.race([result, settle().then(() => 'waits')]);
}

for (const [what, bad] of /** @type {[string, () => Response | Promise<Response>][]} */ ([
  ['fails', busy],
  ['breaks off', () => Promise.reject(new TypeError('reset'))],
  ['is torn', () => new Response('go')],
])) {
  test(`a file that ${what} is asked for once more, past the caches, and nothing is said`, async () => {
    network([bad, good]);
    assert.equal(await outcome(250), 'good');
    assert.deepEqual(modes, ['no-cache', 'reload']);
    assert.equal(told.filter((t) => t.startsWith('late')).length, 0);
  });
}

test('one that fails twice is an error that names it', async () => {
  network([busy, busy]);
  const { code, field, message } = await outcome(250);
  assert.deepEqual([code, field, message], ['fetch-failed', 'file.json', '503 busy']);
});

for (const [what, bad] of /** @type {const} */ ([
  ['says nothing', silent],
  ['stops in the middle', stuck],
]))
  test(`one that ${what} for ten seconds is told of and asked for again`, async () => {
    network([bad, good]);
    assert.equal(await outcome(patience - 250), 'waits');
    assert.deepEqual(
      told.filter((t) => t.startsWith('late')),
      [],
    );
    assert.equal(await outcome(0).then(() => modes.length), 2, 'another file does not wait for it');
    clock.tick(250);
    await settle();
    assert.deepEqual(
      told.filter((t) => t.startsWith('late')),
      ['late file.json'],
    );
    clock.tick(250);
    await settle();
    assert.equal(told.at(-1), 'came file.json');
  });

test('the second time it is waited for as long as it takes', async () => {
  /** @type {(r: Response) => void} */
  let answer = () => {};
  network([silent, () => new Promise((resolve) => (answer = resolve))]);
  const result = fetchFile('file.json', { code: 'fetch-failed', read });
  for (let t = 0; t < 60_000; t += 250) {
    clock.tick(250);
    await settle();
  }
  assert.equal(told.at(-1), 'late file.json');
  answer(good());
  assert.equal(await result, 'good');
  assert.equal(told.at(-1), 'came file.json');
});

test('slow is not late: what sends something now and then is let be', async () => {
  let send = (/** @type {string} */ _) => {};
  let end = () => {};
  network([
    () =>
      new Response(
        new ReadableStream({
          start(c) {
            send = (text) => c.enqueue(new TextEncoder().encode(text));
            end = () => c.close();
          },
        }),
      ),
  ]);
  /** @type {number[]} */
  const seen = [];
  const result = fetchFile('file.json', { code: 'fetch-failed', read, onProgress: (n) => seen.push(n) });
  await settle();
  for (const letter of 'good') {
    clock.tick(patience - 1);
    send(letter);
    await settle();
  }
  end();
  assert.equal(await result, 'good');
  assert.deepEqual(seen, [1, 2, 3, 4]);
  assert.deepEqual(
    told.filter((t) => t.startsWith('late')),
    [],
  );
});
