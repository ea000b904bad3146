import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { pack, unpack } from './channel.js';
import { StageClient } from './stage-client.js';

const g = /** @type {any} */ (globalThis);
/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  clock.release();
  delete g.window;
  delete g.location;
});

/** A page with an iframe whose stage the test plays. */
function page() {
  const window = Object.assign(new EventTarget(), { origin: 'http://host' });
  Object.assign(g, { window });
  /** @type {any[]} */
  const got = [];
  const iframe = Object.assign(new EventTarget(), {
    src: '',
    contentWindow: {
      postMessage: (/** @type {any} */ data, /** @type {string} */ origin, /** @type {any[]} */ transfer) =>
        got.push({ data, origin, transfer }),
    },
  });
  const client = new StageClient(/** @type {any} */ (iframe));
  /** @type {any[]} */
  const events = [];
  client.on('connected', () => events.push(['connected']));
  client.on('loading', (loaded) => events.push(['loading', loaded]));
  client.on('failed', (e) => events.push(['failed', e.code]));
  client.on('tick', (/** @type {any} */ head) => events.push(['tick', head.x]));
  const say = (/** @type {any} */ head, { source = /** @type {any} */ (iframe.contentWindow), origin = 'http://host' } = {}) =>
    window.dispatchEvent(Object.assign(new Event('message'), { data: pack(head)[0], source, origin }));
  return { client, iframe, got, events, say };
}

test('a stage that says hello gets a port, by which both talk', async () => {
  const { client, got, events, say, iframe } = page();
  client.start('http://host/stage.html');
  assert.equal(iframe.src, 'http://host/stage.html');
  assert.equal(client.connected, false);
  client.send(/** @type {any} */ ({ type: 'theme' }));
  say({ type: 'stage-hello' });
  assert.equal(client.connected, true);
  assert.deepEqual(events, [['connected']]);
  const [{ data, origin }] = got;
  assert.equal(origin, 'http://host');
  assert.equal(unpack(data)?.head.type, 'stage-port');
  const { port } = data;
  const received = new Promise((resolve) => port.on('message', resolve));
  client.send(/** @type {any} */ ({ type: 'pad' }), [new ArrayBuffer(2)]);
  const message = unpack(await received);
  assert.deepEqual([message?.head.type, message?.bufs[0].byteLength], ['pad', 2]);
  const heard = new Promise((resolve) => client.on('tick', resolve));
  port.postMessage(pack({ type: 'tick', x: 5 })[0]);
  await heard;
  clock.tick(100_000);
  assert.deepEqual(events, [['connected'], ['tick', 5]]);
  // A reload of the stage connects again.
  say({ type: 'stage-hello' });
  assert.equal(got.length, 2);
  assert.equal(events.at(-1)?.[0], 'connected');
  for (const { data } of got) data.port.close();
});

test('messages of other windows and other origins are ignored', () => {
  const { client, say, got, events } = page();
  client.start('x');
  say({ type: 'stage-hello' }, { source: {} });
  say({ type: 'stage-hello' }, { origin: 'http://other' });
  assert.deepEqual([got, events], [[], []]);
});

/** Lets promises settle. */
const settle = async () => {
  for (let i = 0; i < 5; i++) await new Promise((done) => setImmediate(done));
};

/** A network that has every file. @param {import('node:test').TestContext} t */
const network = (t) => t.mock.method(globalThis, 'fetch', async (/** @type {string} */ _url) => new Response(''));

test('a stage that sends nothing for ten seconds is told of, given its scripts anew and started again', async (t) => {
  /** @type {string[]} */
  const told = [];
  g.inkdriftFiles = {
    late: (/** @type {string} */ n) => told.push(`late ${n}`),
    came: (/** @type {string} */ n) => told.push(`came ${n}`),
  };
  const fetch = network(t);
  const { client, say, events, iframe } = page();
  client.start('http://host/stage.html?v=1&bytes=9');
  clock.tick(9_000);
  say({ type: 'loading', loaded: 3, total: 9 });
  clock.tick(9_999);
  assert.deepEqual([told.at(-1), fetch.mock.callCount()], ['came stage.wasm', 0]);
  clock.tick(1);
  assert.equal(told.at(-1), 'late stage.wasm');
  await settle();
  assert.deepEqual(
    fetch.mock.calls.map((c) => c.arguments[0]),
    ['http://host/stage.js', 'http://host/wasm_exec.js'],
  );
  assert.equal(iframe.src, 'http://host/stage.html?v=1&bytes=9&again=1');
  say({ type: 'loading', loaded: 0, total: 9 });
  assert.equal(told.at(-1), 'late stage.wasm', 'its script has come again, and it has not');
  clock.tick(60_000);
  await settle();
  clock.tick(59_999);
  assert.equal(events.length, 2);
  clock.tick(1);
  assert.deepEqual(events.at(-1), ['failed', 'stage-silent']);
  assert.equal(told.at(-1), 'came stage.wasm', 'the error says it now');
  g.inkdriftFiles = undefined;
});

test('a program that is whole may take a minute to begin', () => {
  const { client, say, iframe } = page();
  client.start('http://host/stage.html?v=1');
  say({ type: 'loading', loaded: 9, total: 9 });
  clock.tick(59_999);
  assert.equal(iframe.src, 'http://host/stage.html?v=1');
});

test('an iframe that has loaded and is silent is started again at once, then has longer', async (t) => {
  network(t);
  const { client, events, iframe } = page();
  client.start('http://host/stage.html?v=1');
  for (const again of [1, 2]) {
    iframe.dispatchEvent(new Event('load'));
    clock.tick(2_000);
    await settle();
    assert.equal(iframe.src, `http://host/stage.html?v=1&again=${again}`);
  }
  iframe.dispatchEvent(new Event('load'));
  clock.tick(9_999);
  assert.deepEqual(events, []);
  clock.tick(1);
  assert.deepEqual(events, [['failed', 'stage-silent']]);
});

test('an error of the stage is passed on if two more starts end in one too, and its silence after it is none', async (t) => {
  network(t);
  const { client, say, events, iframe } = page();
  client.start('http://host/stage.html?v=1');
  for (let i = 0; i < 2; i++) {
    say({ type: 'stage-error', error: { code: 'fetch-failed', message: 'none' } });
    await settle();
    assert.deepEqual(events, []);
  }
  say({ type: 'stage-error', error: { code: 'fetch-failed', message: 'none' } });
  iframe.dispatchEvent(new Event('load'));
  clock.tick(100_000);
  assert.deepEqual(events, [['failed', 'fetch-failed']]);
});

test('what no other start can help is told of at once', () => {
  const { client, say, events } = page();
  client.start('http://host/stage.html?v=1');
  say({ type: 'stage-error', error: { code: 'wasm-blocked', message: 'none' } });
  assert.deepEqual(events, [['failed', 'wasm-blocked']]);
});
