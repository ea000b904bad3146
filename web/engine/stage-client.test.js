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

test('a stage that sends nothing has failed after a minute, sooner once its page has loaded', () => {
  const { client, say, events, iframe } = page();
  client.start('x');
  clock.tick(50_000);
  say({ type: 'loading', loaded: 10 });
  clock.tick(59_999);
  assert.deepEqual(events, [['loading', 10]]);
  clock.tick(1);
  assert.deepEqual(events.at(-1), ['failed', 'stage-silent']);
  client.start('x');
  iframe.dispatchEvent(new Event('load'));
  clock.tick(20_000);
  assert.equal(events.length, 3);
});

test('an error of the stage is passed on, and its silence after it is none', () => {
  const { client, say, events, iframe } = page();
  client.start('x');
  say({ type: 'stage-error', error: { code: 'stage-failed', message: 'none' } });
  iframe.dispatchEvent(new Event('load'));
  clock.tick(100_000);
  assert.deepEqual(events, [['failed', 'stage-failed']]);
});
