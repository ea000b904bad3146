import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { Hand } from './hand.js';

const tick = () => new Promise((done) => setTimeout(done));

/** An engine whose answers the test gives. */
class FakeEngine extends Emitter {
  state = 'ready';
  /** @type {{type: string, fields: any, bufs: ArrayBuffer[], ok: (head?: any, bufs?: ArrayBuffer[]) => Promise<void>, fail: (code: string) => Promise<void>}[]} */
  asked = [];

  /** @param {string} type @param {any} fields @param {ArrayBuffer[]} bufs */
  request(type, fields, bufs) {
    return new Promise((resolve, reject) => {
      this.asked.push({
        type,
        fields,
        bufs: bufs.map((b) => b.slice(0)),
        ok: (head = {}, out = []) => {
          resolve({ head, bufs: out });
          return tick();
        },
        fail: (code) => {
          reject(new InkdriftError(code, ''));
          return tick();
        },
      });
    });
  }

  /** Takes what was asked for last. */
  take() {
    const last = this.asked.pop();
    assert.ok(last);
    return last;
  }

  /** @param {string} state */
  become(state) {
    this.state = state;
    this.emit('state', state);
  }
}

/** @param {{fetch?: any}} [how] */
function make({ fetch = async () => new ArrayBuffer(3) } = {}) {
  const engine = new FakeEngine();
  const pad = { name: 'a', rev: 1, source: 'drawn', empty: false };
  /** @type {any[]} */
  const written = [];
  /** @type {string[]} */
  const states = [];
  const hand = new Hand({ engine: /** @type {any} */ (engine), pad: /** @type {any} */ (pad), fetch, frame: (fn) => void setTimeout(fn) });
  hand.on('digits', (w) => written.push(w));
  hand.on('state', (state, error) => states.push(error ? `${state} ${error.code}` : state));
  return { engine, pad, hand, written, states };
}

/** One whose engine has the model, and that has been asked for the first time. */
async function opened() {
  const all = make();
  all.hand.padChanged();
  void all.hand.open();
  await tick();
  await all.engine.take().ok({ model: { latent: 8 }, classes: 10 });
  return all;
}

const pictures = () => new Float32Array(7840).buffer;
const answer = { superseded: false, empty: false, label: 3, recognised: 3, probs: [0, 0, 0, 0.9, 0, 0, 0, 0, 0, 0.1] };

test('nothing is fetched or asked before it is opened', async () => {
  let fetched = 0;
  const { hand, engine } = make({
    fetch: async () => {
      fetched++;
      return new ArrayBuffer(3);
    },
  });
  hand.padChanged();
  hand.move(6, 1);
  engine.become('ready');
  await tick();
  assert.deepEqual([fetched, engine.asked.length, hand.state], [0, 0, 'idle']);
});

test('the file is fetched once and is the only buffer of the load', async () => {
  let fetched = 0;
  const { hand, engine, states } = make({
    fetch: async () => {
      fetched++;
      return Uint8Array.of(7, 8, 9).buffer;
    },
  });
  void hand.open();
  void hand.open();
  await tick();
  const { type, fields, bufs, ok } = engine.take();
  assert.deepEqual([type, fields, bufs.length, [...new Uint8Array(bufs[0])]], ['hand.load', { name: 'cvae' }, 1, [7, 8, 9]]);
  await ok({ model: { latent: 8 }, classes: 10 });
  await hand.open();
  assert.equal(fetched, 1);
  assert.deepEqual(states, ['fetching', 'waiting', 'waiting', 'ready']);
});

test('asks with the sliders and tells what was written', async () => {
  const { hand, engine, written } = await opened();
  let asked = engine.take();
  assert.deepEqual([asked.type, asked.fields, asked.bufs[0].byteLength], ['hand', { pad: 'a', label: null }, 0]);
  await asked.ok(answer, [pictures(), new ArrayBuffer(32)]);
  assert.equal(written.length, 1);
  const { pictures: p, ...rest } = written[0];
  assert.deepEqual([p.length, rest], [7840, { empty: false, label: 3, recognised: 3, certainty: 0.9, rev: 1 }]);

  hand.move(6, 1.5);
  hand.move(7, -0.5);
  await tick();
  asked = engine.take();
  assert.equal(engine.asked.length, 0, 'once a frame');
  assert.deepEqual([...new Float32Array(asked.bufs[0])], [0, 0, 0, 0, 0, 0, 1.5, -0.5]);
  hand.reset();
  await tick();
  assert.equal(engine.take().bufs[0].byteLength, 0);
});

test('superseded and late answers are dropped', async () => {
  const { hand, engine, written } = await opened();
  hand.padChanged();
  const [second, first] = [engine.take(), engine.take()];
  await second.ok(answer, [pictures(), new ArrayBuffer(32)]);
  await first.ok(answer, [pictures(), new ArrayBuffer(32)]);
  hand.padChanged();
  await engine.take().ok({ ...answer, superseded: true });
  assert.equal(written.length, 1);
});

test('what a person says holds for one drawing', async () => {
  const { hand, engine, pad } = await opened();
  hand.correct(7);
  await tick();
  assert.equal(engine.take().fields.label, 7);
  pad.rev++;
  hand.padChanged();
  assert.equal(engine.take().fields.label, 7, 'more strokes');
  pad.rev++;
  pad.empty = true;
  hand.padChanged();
  assert.equal(engine.take().fields.label, null, 'cleared');

  Object.assign(pad, { empty: false, source: 'example', rev: pad.rev + 1 });
  hand.padChanged();
  hand.correct(2);
  hand.padChanged();
  assert.equal(engine.take().fields.label, 2, 'the same example');
  pad.rev++;
  hand.padChanged();
  assert.equal(engine.take().fields.label, null, 'another example');
  hand.correct(2);
  Object.assign(pad, { source: 'drawn', rev: pad.rev + 1 });
  hand.padChanged();
  assert.equal(engine.take().fields.label, null, 'drawn over');
});

test('a new engine is given the model, and what it says of an empty pad meanwhile is no news', async () => {
  const { hand, engine, written, states } = await opened();
  const before = engine.take();
  engine.become('restarting');
  await before.fail('engine-died');
  assert.equal(hand.state, 'waiting');
  hand.padChanged();
  assert.equal(engine.asked.length, 0);
  engine.become('ready');
  const load = engine.take();
  assert.equal(load.type, 'hand.load');
  await load.ok({ model: { latent: 8 }, classes: 10 });
  assert.equal(hand.state, 'ready');
  await engine.take().ok({ superseded: false, empty: true, label: null, recognised: null, probs: null }, [pictures(), new ArrayBuffer(32)]);
  assert.equal(written.length, 0);
  assert.ok(!states.some((s) => s.startsWith('failed')));
});

test('an engine that dies with the model in its hands is no fault of the file', async () => {
  const { hand, engine } = make();
  void hand.open();
  await tick();
  engine.become('restarting');
  await engine.take().fail('engine-died');
  engine.become('ready');
  await engine.take().ok({ model: { latent: 8 }, classes: 10 });
  assert.equal(hand.state, 'ready');
});

test('a file that does not come or is none is told of, and fetched again when it is wanted again', async () => {
  let online = false;
  let fetched = 0;
  const fetch = async () => {
    fetched++;
    if (!online) throw new InkdriftError('model-missing', 'no network');
    return new ArrayBuffer(3);
  };
  const { hand, engine, states } = make({ fetch });
  await hand.open();
  assert.deepEqual(states, ['fetching', 'failed model-missing']);
  online = true;
  void hand.open();
  await tick();
  await engine.take().fail('bad-model');
  assert.equal(states.at(-1), 'failed bad-model');
  void hand.open();
  await tick();
  assert.equal(fetched, 3);
  await engine.take().ok({ model: { latent: 8 }, classes: 10 });
  assert.equal(hand.state, 'ready');
});

test('while the engine is away the file waits for it', async () => {
  const { hand, engine } = make();
  engine.state = 'starting';
  await hand.open();
  assert.deepEqual([hand.state, engine.asked.length], ['waiting', 0]);
  engine.become('ready');
  assert.equal(engine.take().type, 'hand.load');
});
