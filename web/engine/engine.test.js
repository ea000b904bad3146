import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Assets } from './assets.js';
import { pack, unpack } from './channel.js';
import { Engine, engineURL, studioProgram, trainerProgram } from './engine.js';
import { stopClock } from '../test/clock.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => clock.release());

/** Lets promises settle and, before, time go by. */
async function settle(ms = 0) {
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  await settled();
  for (let i = 0; i < ms; i++) {
    clock.tick(1);
    await settled();
  }
}

/** A worker that the test plays. */
class FakeWorker {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onerror = null;
  terminated = false;
  /** @type {import('./channel.js').Opened[]} */
  got = [];
  /** @type {(m: import('./channel.js').Opened) => void} */
  behave = () => {};

  /** @param {any} message */
  postMessage(message) {
    const m = unpack(message);
    assert.ok(m);
    this.got.push(m);
    this.behave(m);
  }

  terminate() {
    this.terminated = true;
  }

  /** @param {import('./channel.js').Head} head @param {ArrayBuffer[]} [bufs] */
  say(head, bufs) {
    this.onmessage?.({ data: pack(head, bufs)[0] });
  }

  ready() {
    this.say({ type: 'engine-ready', backend: 'fake' });
  }

  /** The types of the requests it got. */
  get types() {
    return this.got.map((m) => m.head.type);
  }
}

/** Answers every request at once. @type {(w: FakeWorker) => FakeWorker} */
function obedient(w) {
  w.behave = (m) => queueMicrotask(() => w.say({ type: 'ok', re: m.head.id, echo: m.head.type }));
  return w;
}

/**
 * An engine that is asked what no engine serves.
 *
 * @typedef {Omit<Engine, 'request'> & {request: (type: string, fields?: object, bufs?: ArrayBuffer[], how?: import('./engine.js').How)
 *   => Promise<{head: any, bufs: ArrayBuffer[]}>}} Loose
 *
 * @param {Partial<import('./engine.js').Options>} [options]
 */
function rig(options = {}) {
  /** @type {FakeWorker[]} */
  const workers = [];
  const engine = /** @type {Loose} */ (
    /** @type {unknown} */ (
      new Engine({
        spawn() {
          const w = new FakeWorker();
          workers.push(w);
          return w;
        },
        answerMs: 30,
        pingMs: 15,
        startMs: 40,
        backoffMs: 1,
        ...options,
      })
    )
  );
  /** @type {[string, string | undefined][]} */
  const states = [];
  engine.on('state', (state, why) => states.push([state, why?.code]));
  return { engine, workers, states };
}

test('the address of the worker names the versions of what it fetches', () => {
  const files = [studioProgram, 'kernel_relaxed.wasm', 'kernel_strict.wasm', trainerProgram].map((path, i) => ({
    path,
    v: `v${i}`,
    bytes: 7,
  }));
  const assets = new Assets({ files }, 'https://host/ink/');
  const address = 'https://host/ink/worker.js?v=v0&bytes=7&program=engine-studio.wasm&relaxed=v1&strict=v2';
  assert.equal(engineURL(assets, studioProgram), address);
  assert.equal(engineURL(assets, studioProgram, 'off'), `${address}&kernel=off`);
  assert.equal(engineURL(assets, studioProgram, null, 2), `${address}&again=2`);
  assert.match(engineURL(assets, trainerProgram), /\?v=v3&bytes=7&program=engine-trainer\.wasm&/);
  assert.throws(() => engineURL(new Assets({ files: files.slice(0, 1) }, 'https://host/ink/'), studioProgram), { code: 'assets-missing' });
});

test('the type check refuses what the engine does not serve', () => {
  // What runs here does nothing: tsc fails where one of these lines is no error.
  const e = /** @type {Engine} */ (/** @type {unknown} */ ({ request: async () => ({ head: {}, bufs: [] }), on: () => {} }));
  // @ts-expect-error there is no such request
  void e.request('pad.sets', { pad: 'a', rev: 1, bitmap: null });
  // @ts-expect-error there is no such field
  void e.request('pad.set', { pad: 'a', rev: 1, bitmap: null, revision: 1 });
  // @ts-expect-error a field is missing
  void e.request('pad.set', { pad: 'a', rev: 1 });
  // @ts-expect-error it has no fields
  void e.request('hello', { name: 'x' });
  // @ts-expect-error the answer has no such field
  void e.request('morph', { frames: 2, path: 'lerp' }).then(({ head }) => head.frame);
  // @ts-expect-error there is no such event
  e.on('train-trouble', () => {});
  // @ts-expect-error the event has no such field
  e.on('train', (head) => head.steps.length);
});

test('requests wait for the engine and are answered by id', async () => {
  const { engine, workers } = rig();
  engine.start();
  const one = engine.request('one', { x: 1 }, [Uint8Array.of(1, 2).buffer]);
  const two = engine.request('two');
  await settle();
  assert.deepEqual(workers[0].types, []);
  workers[0].ready();
  await settle();
  const [a, b] = workers[0].got;
  assert.equal(a.head.x, 1);
  assert.deepEqual(new Uint8Array(a.bufs[0]), Uint8Array.of(1, 2));
  workers[0].say({ type: 'ok', re: b.head.id, who: 'two' });
  workers[0].say({ type: 'ok', re: a.head.id, who: 'one' }, [new ArrayBuffer(3)]);
  assert.equal((await two).head.who, 'two');
  const answer = await one;
  assert.equal(answer.head.who, 'one');
  assert.equal(answer.bufs[0].byteLength, 3);
});

test('an error answer rejects with its code, message and field', async () => {
  const { engine, workers } = rig();
  engine.start();
  workers[0].ready();
  await settle();
  const r = engine.request('encode');
  await settle();
  const { id } = workers[0].got[0].head;
  workers[0].say({ type: 'error', re: id, error: { code: 'bad-length', message: 'too short', field: 'pixels' } });
  await assert.rejects(r, { name: 'InkdriftError', code: 'bad-length', message: 'too short', field: 'pixels' });
});

test('the caller’s buffers stay whole', async () => {
  const { engine, workers } = rig();
  engine.start();
  workers[0].ready();
  await settle();
  const buffer = new ArrayBuffer(8);
  void engine.request('x', {}, [buffer]).catch(() => {});
  await settle();
  assert.notEqual(workers[0].got[0].bufs[0], buffer);
  assert.equal(buffer.byteLength, 8);
});

test('messages that are no envelopes are ignored', async () => {
  const { engine, workers } = rig();
  engine.start();
  for (const data of [null, 7, 'x', {}, { head: 7 }, { head: '{' }, { head: '[]' }, { head: '{"no":"type"}' }]) {
    workers[0].onmessage?.({ data });
  }
  workers[0].say({ type: 'ok', re: 99 });
  assert.equal(engine.state, 'starting');
});

test('events reach those who listen', async () => {
  const { engine, workers } = rig();
  /** @type {any[]} */
  const heard = [];
  const off = engine.on('pad', (head, bufs) => heard.push([head.pad, bufs.length]));
  engine.start();
  workers[0].say({ type: 'pad', pad: 'a' }, [new ArrayBuffer(1)]);
  off();
  workers[0].say({ type: 'pad', pad: 'b' });
  assert.deepEqual(heard, [['a', 1]]);
});

test('a worker that dies is replaced, set up, and asked again', async () => {
  let setups = 0;
  const { engine, workers, states } = rig({
    async setup() {
      setups++;
      await engine.request('model.load', {}, [], { first: true });
    },
  });
  engine.start();
  obedient(workers[0]).ready();
  await settle(2);
  assert.equal(engine.state, 'ready');
  workers[0].behave = () => {};
  const r = engine.request('morph');
  await settle();
  workers[0].onerror?.({ message: 'out of memory', preventDefault() {} });
  assert.ok(workers[0].terminated);
  await settle(10);
  assert.equal(workers.length, 2);
  obedient(workers[1]).ready();
  assert.equal((await r).head.echo, 'morph');
  assert.deepEqual(workers[1].types, ['model.load', 'morph']);
  assert.equal(setups, 2);
  assert.deepEqual(
    states.map(([s]) => s),
    ['starting', 'ready', 'restarting', 'starting', 'ready'],
  );
});

test('a request is not given to a third worker after two died of it', async () => {
  const { engine, workers } = rig();
  engine.start();
  workers[0].ready();
  await settle();
  const r = engine.request('poison');
  const rejected = assert.rejects(r, { code: 'engine-died' });
  await settle();
  workers[0].say({ type: 'engine-error', error: { code: 'exited', message: 'trap' } });
  await settle(10);
  workers[1].ready();
  await settle();
  assert.deepEqual(workers[1].types, ['poison']);
  workers[1].say({ type: 'engine-error', error: { code: 'exited', message: 'trap' } });
  await rejected;
  await settle(15);
  workers[2].ready();
  await settle();
  assert.deepEqual(workers[2].types, []);
});

test('a request without retries is rejected at once', async () => {
  const { engine, workers } = rig();
  engine.start();
  workers[0].ready();
  await settle();
  const r = engine.request('pad.set', {}, [], { retries: 0 });
  await settle();
  workers[0].onerror?.({ message: '' });
  await assert.rejects(r, { code: 'engine-died' });
});

test('words of a buried worker are not heard', async () => {
  const { engine, workers } = rig();
  engine.start();
  const [first] = workers;
  const { onmessage } = first;
  first.onerror?.({ message: 'x' });
  await settle(5);
  onmessage?.({ data: pack({ type: 'engine-ready' })[0] });
  assert.equal(engine.state, 'starting');
});

test('a worker that gives no sign of life is replaced', async () => {
  const { engine, workers, states } = rig();
  engine.start();
  workers[0].ready();
  await settle();
  const r = engine.request('long');
  await settle(50);
  assert.ok(workers[0].types.includes('hello'), 'it was asked for a sign of life');
  assert.deepEqual(states[2], ['restarting', 'timeout']);
  obedient(workers[1]).ready();
  assert.equal((await r).head.echo, 'long');
});

test('a worker that lives is kept when one answer does not come', async () => {
  const { engine, workers } = rig({ periods: 3 });
  engine.start();
  workers[0].behave = (m) => {
    if (m.head.type === 'hello') queueMicrotask(() => workers[0].say({ type: 'ok', re: m.head.id }));
  };
  workers[0].ready();
  await settle();
  let rejected = false;
  const lost = assert.rejects(engine.request('lost'), { code: 'timeout' }).then(() => (rejected = true));
  await settle(70);
  assert.equal(rejected, false, 'a worker that lives may be slow');
  await settle(50);
  await lost;
  assert.equal(workers.length, 1);
  assert.equal(engine.state, 'ready');
});

test('what takes its time is waited for while the worker lives', async () => {
  const { engine, workers } = rig();
  engine.start();
  workers[0].behave = (m) => {
    if (m.head.type === 'hello') queueMicrotask(() => workers[0].say({ type: 'ok', re: m.head.id }));
    else if (m.head.type === 'long') setTimeout(() => workers[0].say({ type: 'ok', re: m.head.id, n: 7 }), 100);
  };
  workers[0].ready();
  await settle();
  const answer = engine.request('long', {}, [], { patient: true });
  await settle(150);
  assert.equal((await answer).head.n, 7);
  assert.ok(workers[0].types.filter((t) => t === 'hello').length >= 2, 'it was asked for signs of life');
});

test('a worker is asked for a sign of life, and buried without one', async () => {
  const { engine, workers, states } = rig({ restarts: 0 });
  assert.equal(await engine.check(5), false);
  engine.start();
  assert.equal(await engine.check(5), true, 'one that starts is left in peace');
  obedient(workers[0]).ready();
  await settle();
  assert.equal(await engine.check(5), true);
  workers[0].behave = () => {};
  const lost = assert.rejects(engine.request('x'), { code: 'engine-gone' });
  const checked = engine.check(5);
  await settle(6);
  assert.equal(await checked, false);
  await lost;
  assert.ok(workers[0].terminated);
  assert.deepEqual(states.at(-1), ['failed', 'timeout']);
});

test('one that is stopped answers nothing and is not started again by itself', async () => {
  const { engine, workers, states } = rig();
  engine.start();
  workers[0].ready();
  await settle();
  const asked = assert.rejects(engine.request('x'), { code: 'engine-gone' });
  engine.stop();
  await asked;
  await settle(50);
  assert.ok(workers[0].terminated);
  assert.equal(workers.length, 1);
  assert.deepEqual(states.at(-1), ['idle', undefined]);
  engine.start();
  obedient(workers[1]).ready();
  await settle();
  assert.equal((await engine.request('y')).head.echo, 'y');
  // Nor one that was about to be started again.
  workers[1].onerror?.({ message: 'x' });
  engine.stop();
  await settle(50);
  assert.equal(workers.length, 2);
});

test('a worker that does not start is replaced, one that makes progress is not', async () => {
  const { engine, workers } = rig();
  engine.start();
  for (let i = 0; i < 4; i++) {
    await settle(25);
    workers[0].say({ type: 'loading', loaded: i, total: 9 });
  }
  assert.equal(workers.length, 1);
  await settle(70);
  assert.equal(workers.length, 2);
  assert.ok(workers[0].terminated);
});

test('after five restarts in a minute it is given up, until somebody tries again', async () => {
  const { engine, workers, states } = rig();
  engine.start();
  const waiting = engine.request('x');
  const rejected = assert.rejects(waiting, { code: 'engine-gone' });
  for (let i = 0; i < 6; i++) {
    assert.equal(workers.length, i + 1);
    workers[i].onerror?.({ message: 'again' });
    await settle(2 ** i + 10);
  }
  await rejected;
  assert.equal(workers.length, 6);
  assert.equal(engine.state, 'failed');
  assert.equal(states.at(-1)?.[0], 'failed');
  await assert.rejects(engine.request('y'), { code: 'engine-gone' });
  engine.start();
  obedient(workers[6]).ready();
  await settle();
  assert.equal((await engine.request('z')).head.echo, 'z');
});

test('what no restart can help is not restarted', async () => {
  const { engine, workers, states } = rig();
  engine.start();
  workers[0].say({ type: 'engine-error', error: { code: 'wasm-blocked', message: 'CSP' } });
  await settle(10);
  assert.equal(workers.length, 1);
  assert.deepEqual(states.at(-1), ['failed', 'wasm-blocked']);
});

test('a first start that fails is tried again in any case, with its files anew', async () => {
  /** @type {number[]} */
  const starts = [];
  /** @type {FakeWorker[]} */
  const workers = [];
  const spawn = (/** @type {number} */ again) => {
    starts.push(again);
    workers.push(new FakeWorker());
    return /** @type {FakeWorker} */ (workers.at(-1));
  };
  const { engine, states } = rig({ spawn, restarts: 0 });
  const lose = () => workers.at(-1)?.say({ type: 'engine-error', error: { code: 'fetch-failed', message: 'lost' } });
  engine.start();
  lose();
  await settle(2);
  assert.deepEqual(starts, [0, 1]);
  workers[1].ready();
  await settle();
  assert.equal(engine.state, 'ready');
  lose();
  await settle(2);
  assert.deepEqual(states.at(-1), ['failed', 'fetch-failed'], 'later ones are not');
  engine.start();
  lose();
  await settle(2);
  lose();
  await settle(2);
  assert.deepEqual([starts, engine.state], [[0, 1, 0, 1], 'failed']);
});

test('a program that sends nothing for ten seconds is told of and started again; then it has longer', async () => {
  /** @type {string[]} */
  const told = [];
  globalThis.inkdriftFiles = /** @type {any} */ ({
    late: (/** @type {string} */ name) => told.push(`late ${name}`),
    came: (/** @type {string} */ name) => told.push(`came ${name}`),
  });
  const { engine, workers } = rig({ program: 'p.wasm', startMs: 60_000 });
  engine.start();
  workers[0].say({ type: 'loading', loaded: 1, total: 2 });
  clock.tick(9_999);
  assert.equal(workers.length, 1);
  clock.tick(2);
  assert.equal(workers.length, 2);
  assert.equal(told.at(-1), 'late p.wasm');
  clock.tick(50_000);
  assert.equal(workers.length, 2);
  workers[1].say({ type: 'loading', loaded: 2, total: 2 });
  assert.equal(told.at(-1), 'came p.wasm');
  globalThis.inkdriftFiles = undefined;
  engine.stop();
});

test('a file that a worker waits for is told of until it has all, or has ended', async () => {
  /** @type {string[]} */
  const told = [];
  globalThis.inkdriftFiles = /** @type {any} */ ({
    late: (/** @type {string} */ name) => told.push(`late ${name}`),
    came: (/** @type {string} */ name) => told.push(`came ${name}`),
  });
  const { engine, workers } = rig({ program: 'p.wasm' });
  engine.start();
  workers[0].say({ type: 'late', file: 'kernel.wasm' });
  workers[0].say({ type: 'loading', loaded: 2, total: 2 });
  assert.equal(told.includes('came kernel.wasm'), false);
  obedient(workers[0]).ready();
  await settle();
  assert.deepEqual(told, ['late kernel.wasm', 'came p.wasm', 'came kernel.wasm']);
  engine.stop();
  engine.start();
  workers[1].say({ type: 'late', file: 'kernel.wasm' });
  engine.stop();
  assert.deepEqual(told.slice(-3), ['late kernel.wasm', 'came kernel.wasm', 'came p.wasm']);
  globalThis.inkdriftFiles = undefined;
});

test('a setup that fails does not keep the engine from being used', async () => {
  const { engine, workers } = rig({ setup: () => Promise.reject(new Error('no model')) });
  engine.start();
  obedient(workers[0]).ready();
  await settle();
  assert.equal((await engine.request('hello')).head.echo, 'hello');
});

test('a worker that dies during the setup is replaced', async () => {
  const { engine, workers } = rig({ setup: async () => void (await engine.request('model.load', {}, [], { first: true })) });
  engine.start();
  workers[0].ready();
  await settle();
  workers[0].onerror?.({ message: 'died of the model' });
  await settle(10);
  obedient(workers[1]).ready();
  await settle();
  assert.equal(engine.state, 'ready');
});
