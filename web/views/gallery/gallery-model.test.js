import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { GalleryModel } from './gallery-model.js';
import { coalesce } from '../../lib/coalesce.js';

const tick = () => new Promise((done) => setTimeout(done));

/** An engine whose answers the test gives. */
class FakeEngine extends Emitter {
  state = 'ready';
  /** @type {{type: string, fields: any, bufs: ArrayBuffer[], ok: (head?: any, ...bufs: Float32Array[]) => Promise<void>, fail: (code: string) => Promise<void>}[]} */
  asked = [];

  /** @param {string} type @param {any} fields @param {ArrayBuffer[]} bufs */
  request(type, fields, bufs) {
    return new Promise((resolve, reject) => {
      this.asked.push({
        type,
        fields,
        bufs: bufs.map((b) => b.slice(0)),
        ok: (head = {}, ...out) => {
          resolve({ head, bufs: out.map((b) => b.slice().buffer) });
          return tick();
        },
        fail: (code) => {
          reject(new InkdriftError(code, ''));
          return tick();
        },
      });
    });
  }

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

/** @param {string} name */
const entry = (name) => /** @type {any} */ ({ name, file: `${name}.safetensors` });
const about = { model: { name: 'a', input: [1, 1, 2], latent: 2 }, conditions: 0, encoder: true };

/** @param {any} [fetch] */
function make(fetch = async () => new ArrayBuffer(3)) {
  const engine = new FakeEngine();
  const exhibit = new GalleryModel({ engine: /** @type {any} */ (engine), fetch });
  /** @type {string[]} */
  const states = [];
  exhibit.on('state', (state, error) => states.push(error ? `${state} ${error.code}` : state));
  return { engine, exhibit, states };
}

/** One whose engine has model a. */
async function ready() {
  const all = make();
  void all.exhibit.choose(entry('a'));
  await tick();
  await all.engine.take().ok(about);
  return all;
}

test('a model is fetched when it is chosen, once, and given to the engine', async () => {
  let fetched = 0;
  const { engine, exhibit, states } = make(async () => {
    fetched++;
    return Uint8Array.of(7, 8, 9).buffer;
  });
  engine.become('ready');
  assert.equal(fetched, 0);
  const a = entry('a');
  void exhibit.choose(a);
  void exhibit.choose(a);
  await tick();
  const { type, fields, bufs, ok } = engine.take();
  assert.deepEqual([type, fields, [...new Uint8Array(bufs[0])]], ['gallery.load', { name: 'a' }, [7, 8, 9]]);
  await ok(about);
  assert.deepEqual([fetched, states, exhibit.about], [1, ['fetching', 'waiting', 'ready'], about]);
});

test('what was asked of another model is not answered any more', async () => {
  const { engine, exhibit } = await ready();
  const samples = exhibit.sample(2, 7, 'fitted', [3]);
  const asked = engine.take();
  assert.deepEqual([asked.type, asked.fields], ['gallery.paint', { n: 2, seed: 7, prior: 'fitted', frames: 0, classes: [3] }]);
  void exhibit.choose(entry('b'));
  await asked.ok({ n: 2 }, Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8));
  assert.equal(await samples, null);
  assert.equal(await exhibit.paint(Float32Array.of(0, 0), []), null, 'nor what is asked before the next is there');
  await engine.take().ok({ ...about, model: { ...about.model, name: 'b' } });
  assert.equal(exhibit.about?.model.name, 'b');
});

test('a slow file of a model that was left is dropped', async () => {
  /** @type {Record<string, (bytes: ArrayBuffer) => void>} */
  const arrive = {};
  const { engine, exhibit } = make((/** @type {any} */ { name }) => new Promise((done) => (arrive[name] = done)));
  void exhibit.choose(entry('slow'));
  void exhibit.choose(entry('quick'));
  arrive.quick(new ArrayBuffer(1));
  await tick();
  arrive.slow(new ArrayBuffer(2));
  await tick();
  assert.deepEqual(
    engine.asked.map((r) => [r.fields.name, r.bufs[0].byteLength]),
    [['quick', 1]],
  );
});

test('samples, points, paths and drawings', async () => {
  const { engine, exhibit } = await ready();
  const samples = exhibit.sample(2, 7, 'normal', []);
  await engine.take().ok({}, Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8));
  assert.deepEqual(await samples, { z: Float32Array.of(1, 2, 3, 4), pictures: Float32Array.of(5, 6, 7, 8) });

  const z = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  const painted = exhibit.paint(z, [4]);
  let asked = engine.take();
  assert.deepEqual(
    [asked.fields, [...new Float32Array(asked.bufs[0])]],
    [{ n: 0, seed: 0, prior: 'normal', frames: 0, classes: [4] }, [1, 2]],
  );
  await asked.ok({}, z, Float32Array.of(0.5, 1));
  assert.deepEqual(await painted, Float32Array.of(0.5, 1));

  const film = exhibit.path(z, Float32Array.of(3, 4), [1, 2], 5);
  asked = engine.take();
  assert.deepEqual(
    [asked.fields, [...new Float32Array(asked.bufs[0])]],
    [{ n: 0, seed: 0, prior: 'normal', frames: 5, classes: [1, 2] }, [1, 2, 3, 4]],
  );
  await asked.ok({}, new Float32Array(10), new Float32Array(10));
  assert.equal((await film)?.length, 10);

  const drawn = exhibit.drawn('b');
  asked = engine.take();
  assert.deepEqual([asked.type, asked.fields], ['gallery.encode', { pad: 'b' }]);
  await asked.ok({ empty: false, class: 3 }, z, Float32Array.of(1, 0));
  assert.deepEqual(await drawn, { z: Float32Array.of(1, 2), picture: Float32Array.of(1, 0), kind: 3 });
  const empty = exhibit.drawn('a');
  await engine.take().ok({ empty: true, class: null });
  assert.equal(await empty, null);
});

test('latent dimensions that change pictures most come first', async () => {
  const { engine, exhibit } = await ready();
  const order = exhibit.order(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  for (let place = 0; place < 2; place++) {
    await tick();
    const { bufs, ok } = engine.take();
    const z = new Float32Array(bufs[0]);
    assert.deepEqual([...z.subarray(0, 4)], place === 0 ? [-2, 2, 2, 2] : [1, -2, 1, 2], 'both ends of one number');
    // The second number changes one pixel, the first none.
    await ok(
      {},
      z,
      Float32Array.from({ length: 16 }, (_, i) => (i % 2 && place === 1 ? z[i] : 0)),
    );
  }
  assert.deepEqual(await order, [1, 0]);
});

test('a new engine is given the model; what went down with the old one is no error', async () => {
  const { engine, exhibit, states } = await ready();
  const samples = exhibit.sample(1, 1, 'normal', []);
  engine.become('restarting');
  await engine.take().fail('engine-died');
  assert.equal(await samples, null);
  engine.become('ready');
  await engine.take().ok(about);
  assert.deepEqual(states.slice(3), ['waiting', 'ready']);
});

test('a file that is none is told of and fetched again when it is chosen again; so is one that engines die of', async () => {
  let fetched = 0;
  const { engine, exhibit, states } = make(async () => {
    fetched++;
    return new ArrayBuffer(3);
  });
  const a = entry('a');
  void exhibit.choose(a);
  await tick();
  await engine.take().fail('bad-model');
  assert.equal(states.at(-1), 'failed bad-model');
  void exhibit.choose(a);
  await tick();
  await engine.take().fail('engine-died');
  assert.equal(states.at(-1), 'waiting', 'it may have been something else');
  engine.become('restarting');
  engine.become('ready');
  await engine.take().fail('engine-died');
  assert.equal(states.at(-1), 'failed engine-died');
  engine.become('restarting');
  engine.become('ready');
  assert.equal(engine.asked.length, 0, 'no third engine is given it');
  assert.equal(fetched, 2);
});

test('a failed download is told of', async () => {
  const { exhibit, states } = make(async () => {
    throw new InkdriftError('model-missing', 'no network');
  });
  await exhibit.choose(entry('a'));
  assert.deepEqual(states, ['fetching', 'failed model-missing']);
});

test('work that is asked for while it is done is done once more', async () => {
  /** @type {(() => void)[]} */
  const ends = [];
  const errors = [];
  const ask = coalesce(
    () => new Promise((done) => void ends.push(() => done())),
    (e) => errors.push(e),
  );
  void ask();
  void ask();
  const last = ask();
  assert.equal(ends.length, 1);
  ends[0]();
  await tick();
  assert.equal(ends.length, 2);
  ends[1]();
  await last;
  await tick();
  assert.equal(ends.length, 2);

  const broken = coalesce(
    () => Promise.reject(new Error('no')),
    (e) => errors.push(e),
  );
  await broken();
  await broken();
  assert.equal(errors.length, 2);
});
