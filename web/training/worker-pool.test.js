import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { pack, unpack } from '../engine/channel.js';
import { stopClock } from '../test/clock.js';
import { WorkerPool } from './worker-pool.js';

/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => clock.release());

/** Lets promises settle and, before, time go by. */
async function settle(ms = 0, stride = 50) {
  const settled = async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  await settled();
  for (let i = 0; i < ms; i += stride) {
    clock.tick(stride);
    await settled();
  }
}

/** A worker that does as asked, but for what the test says. */
class FakeWorker {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onerror = null;
  terminated = false;
  mute = false;
  step = 0;
  /** @type {import('../engine/channel.js').Opened[]} */
  got = [];
  /** Answers to requests of a type, errors among them. @type {Record<string, (m: import('../engine/channel.js').Opened) => object | null>} */
  answers = {};

  constructor() {
    queueMicrotask(() => this.say({ type: 'engine-ready', backend: 'strict' }));
  }

  /** @param {any} message */
  postMessage(message) {
    const m = unpack(message);
    assert.ok(m);
    this.got.push(m);
    m.port?.close();
    queueMicrotask(() => {
      if (this.mute) return;
      const given = this.answers[m.head.type]?.(m);
      if (given === null) return;
      this.say(
        { type: 'ok', re: m.head.id, ...this.usual(m.head), ...given },
        m.head.type === 'train.checkpoint' ? [new ArrayBuffer(8)] : [],
      );
    });
  }

  /** @param {import('../engine/channel.js').Head} head */
  usual({ type }) {
    if (type === 'train.evaluate') return { step: this.step, klPerDim: [] };
    if (type === 'train.open' || type === 'train.restore') return { step: this.step, steps: 1000, stepsPerEpoch: 10, params: 5 };
    return { step: this.step, running: false };
  }

  terminate() {
    this.terminated = true;
  }

  /** @param {object} head @param {ArrayBuffer[]} [bufs] */
  say(head, bufs) {
    this.onmessage?.({ data: pack(/** @type {any} */ (head), bufs)[0] });
  }

  /** It has trained. @param {number} step */
  train(step) {
    this.step = step;
    this.say({ type: 'train', step, steps: 1000, stepsPerEpoch: 10, seconds: step / 10, imagesPerSecond: 1, points: [] });
  }

  /** @param {string} type */
  of(type) {
    return this.got.filter((m) => m.head.type === type).map((m) => m.head);
  }

  /** The types of what it got, but for signs of life and ports. */
  get types() {
    return this.got.map((m) => m.head.type).filter((t) => t !== 'hello' && t !== 'train.peer');
  }
}

const what = {
  recipe: { model: /** @type {any} */ ({}) },
  data: /** @type {const} */ ({ kind: 'digits', count: 5 }),
  validation: /** @type {const} */ ({ kind: 'digits', count: 5 }),
};

/** @param {(w: FakeWorker, n: number) => void} [prepare] */
function rig(prepare = () => {}) {
  /** @type {FakeWorker[]} */
  const workers = [];
  /** @type {any[]} */
  const errors = [];
  const group = new WorkerPool({
    spawn() {
      const w = new FakeWorker();
      prepare(w, workers.length);
      workers.push(w);
      return w;
    },
    report: (e) => errors.push(e),
  });
  /** @type {string[]} */
  const states = [];
  group.on('state', (s, why) => states.push(why ? `${s} ${why.code}` : s));
  return { group, workers, errors, states };
}

/** @param {number} workers @param {(w: FakeWorker, n: number) => void} [prepare] */
async function opened(workers, prepare) {
  const r = rig(prepare);
  const opening = r.group.open({ ...what, workers });
  await settle(100);
  await opening;
  return r;
}

test('each two workers get a line, and the first leads', async () => {
  const { group, workers, states } = await opened(3);
  assert.deepEqual(group.workers, { wanted: 3, alive: 3 });
  assert.equal(group.backend, 'strict');
  for (const [rank, w] of workers.entries()) {
    const [given] = w.of('train.group');
    assert.deepEqual([given.rank, given.size], [rank, 3]);
    assert.deepEqual(
      w
        .of('train.peer')
        .map((p) => p.rank)
        .sort(),
      [0, 1, 2].filter((r) => r !== rank),
    );
    assert.ok(w.of('train.peer').every((p) => p.generation === given.generation));
  }
  assert.deepEqual(states, ['opening', 'paused']);
  await group.run(5);
  assert.equal(workers[0].of('train.run')[0].steps, 5);
  assert.deepEqual(workers[1].of('train.run'), []);
});

test('a leader whose group is not complete yet is asked again', async () => {
  const { group, workers } = await opened(1);
  const [lead] = workers;
  let refusals = 2;
  lead.answers['train.run'] = () =>
    refusals-- > 0 ? { type: 'error', error: { code: 'no-training', message: 'the group is not complete yet' } } : {};
  const running = group.run(5);
  await settle(200);
  await running;
  assert.equal(lead.of('train.run').length, 3);

  refusals = Infinity;
  const refused = assert.rejects(group.run(5), { code: 'no-training' });
  await settle(1000);
  await refused;
});

test('only the leader is listened to', async () => {
  const { group, workers } = await opened(2);
  /** @type {number[]} */
  const steps = [];
  group.on('train', (e) => steps.push(e.step));
  workers[1].train(5);
  workers[0].train(3);
  assert.deepEqual(steps, [3]);
  assert.equal(group.step, 3);
});

test('the leader tells of steps that were undone', async () => {
  const { group, workers } = await opened(2);
  /** @type {string[]} */
  const layers = [];
  group.on('rollback', (t) => layers.push(t.layer));
  for (const [i, w] of workers.entries()) w.say({ type: 'train-rollback', step: 3, layer: `decoder.${i}`, learningRate: 0.1 });
  assert.deepEqual(layers, ['decoder.0']);
});

test('a leader that falls silent is asked, then left, and the one who is furthest goes on', async () => {
  const { group, workers, states } = await opened(3);
  await group.change({ beta: 2 });
  await group.run(100);
  workers[0].say({ type: 'train-state', state: 'running', step: 0 });
  workers[0].train(40);
  workers[1].step = 40;
  workers[2].step = 41;
  await settle(20_000);
  assert.equal(group.workers.alive, 3, 'it answers, so it is left in peace');
  workers[0].mute = true;
  await settle(40_000);
  assert.ok(workers[0].terminated);
  assert.deepEqual(group.workers, { wanted: 3, alive: 2 });
  assert.deepEqual([workers[2].of('train.group').at(-1)?.rank, workers[1].of('train.group').at(-1)?.rank], [0, 1]);
  // What the former leader knew: the settings, and how far to go.
  assert.equal(workers[2].of('train.change')[0].beta, 2);
  assert.equal(workers[2].of('train.run')[0].steps, 59);
  assert.equal(group.state, 'running');
  /** @type {number[]} */
  const seconds = [];
  group.on('train', (e) => seconds.push(e.seconds));
  workers[2].train(50);
  assert.deepEqual(seconds, [4 + 5]);
  assert.deepEqual(states, ['opening', 'paused', 'running']);
});

test('those who are said to be late are asked, unless that is about a former group', async () => {
  const { group, workers } = await opened(2);
  const { generation } = workers[0].of('train.group')[0];
  const signs = () => workers[1].of('hello').length;
  const before = signs();
  workers[0].say({ type: 'train-late', ranks: [1], step: 0, generation: generation - 1 });
  await settle(100);
  assert.equal(signs(), before);
  workers[1].mute = true;
  workers[1].step = 7;
  workers[0].say({ type: 'train-late', ranks: [1], step: 0, generation });
  await settle(10_000);
  assert.ok(signs() > before);
  assert.deepEqual(group.workers, { wanted: 2, alive: 1 });
  assert.equal(workers[0].of('train.group').at(-1)?.size, 1);
});

test('an evaluation of numbers beyond all bounds has NaN where JSON has null', async () => {
  const { group, workers } = await opened(1);
  workers[0].answers['train.evaluate'] = () => ({ images: 5, recon: null, kl: 2, elbo: null, klPerDim: [null, 2], active: [false, true] });
  const { recon, kl, elbo, klPerDim } = await group.evaluate(5);
  assert.deepEqual([recon, kl, elbo, ...klPerDim], [NaN, 2, NaN, NaN, 2]);
});

test('a request outlives the leader', async () => {
  const { group, workers } = await opened(2);
  workers[0].answers['train.evaluate'] = () => null;
  workers[1].answers['train.evaluate'] = () => ({ elbo: -100 });
  const evaluated = group.evaluate();
  await settle(100);
  workers[0].onerror?.({ message: 'out of memory' });
  await settle(1000);
  assert.equal((await evaluated).elbo, -100);
});

test('a pause outlives the leader', async () => {
  const { group, workers, states } = await opened(2);
  await group.run();
  workers[0].say({ type: 'train-state', state: 'running', step: 0 });
  workers[0].answers['train.pause'] = () => null;
  const paused = group.pause();
  await settle(100);
  workers[0].say({ type: 'engine-error', error: { code: 'exited', message: 'trap' } });
  await settle(1000);
  await paused;
  assert.equal(group.state, 'paused');
  assert.deepEqual(workers[1].of('train.run'), []);
  assert.deepEqual(states.slice(2), ['running', 'paused']);
});

test('with nobody left a new worker goes on from the last checkpoint, but not for ever', async () => {
  const { group, workers, states } = await opened(2, (w, n) => {
    if (n >= 2) w.step = 30;
  });
  /** @type {number[]} */
  const kept = [];
  group.on('checkpoint', (c) => kept.push(c.step));
  await group.run();
  workers[0].say({ type: 'train-state', state: 'running', step: 0 });
  workers[0].train(10);
  await settle(11_000);
  workers[0].train(30);
  await settle(100);
  assert.deepEqual(kept, [30]);
  workers[0].onerror?.({ message: 'x' });
  workers[1].onerror?.({ message: 'x' });
  await settle(1000);
  assert.equal(workers.length, 3);
  assert.equal(workers[2].types[0], 'train.restore');
  assert.equal(workers[2].got[0].bufs[0].byteLength, 8);
  assert.deepEqual(workers[2].types.slice(1, 3), ['train.group', 'train.run']);
  assert.equal(group.state, 'running');
  for (let i = 2; i < 5; i++) {
    workers[i].onerror?.({ message: 'again' });
    await settle(1000);
  }
  assert.equal(workers.length, 5);
  assert.equal(states.at(-1), 'failed engine-died');
  await assert.rejects(group.run(), { code: 'engine-died' });
  // Whoever opens a run anew begins anew.
  const again = group.open({ ...what, workers: 1 });
  await settle(100);
  await again;
  assert.equal(group.state, 'paused');
});

test('checkpoints come every four seconds, in short runs more often, and when it stops', async () => {
  const { group, workers } = await opened(1);
  const asked = () => workers[0].of('train.checkpoint').length;
  await group.run();
  workers[0].say({ type: 'train-state', state: 'running', step: 0 });
  await settle(600);
  workers[0].train(80); // more than a twentieth, but too soon
  await settle(150);
  assert.equal(asked(), 0);
  workers[0].train(110);
  await settle(100);
  assert.equal(asked(), 1);
  await settle(3000);
  workers[0].train(120);
  await settle(950);
  assert.equal(asked(), 1);
  workers[0].train(121);
  await settle(50);
  workers[0].train(141);
  await settle(100);
  assert.equal(asked(), 2);
  workers[0].say({ type: 'train-state', state: 'paused', step: 141 });
  await settle(100);
  assert.equal(asked(), 3);
});

test('where steps are slow a checkpoint is of the latest step, and training goes on meanwhile', async () => {
  const { group, workers, states } = await opened(2);
  const [lead] = workers;
  const latest = () => lead.of('train.checkpoint').map((m) => m.latest);
  await group.run();
  lead.say({ type: 'train-state', state: 'running', step: 0 });
  for (let step = 1; step <= 3; step++) {
    await settle(2000);
    lead.train(step);
  }
  await settle(100);
  assert.deepEqual(latest(), [true]);
  await settle(1900);
  lead.train(203);
  await settle(100);
  assert.deepEqual(latest(), [true, false], 'a snapshot of fast steps is new enough');
  assert.deepEqual(lead.of('train.pause'), []);
  assert.equal(lead.of('train.run').length, 1);
  assert.deepEqual(states, ['opening', 'paused', 'running']);
});

test('growing waits for those who come, shrinking sends the last away', async () => {
  const { group, workers } = await opened(1);
  const grown = group.setWorkers(3);
  await settle(100);
  await grown;
  assert.deepEqual(group.workers, { wanted: 3, alive: 3 });
  assert.equal(workers[0].of('train.group').at(-1)?.rank, 0, 'who led leads');
  const shrunk = group.setWorkers(1);
  await settle(100);
  await shrunk;
  assert.deepEqual(
    workers.map((w) => w.terminated),
    [false, true, true],
  );
  assert.deepEqual(group.workers, { wanted: 1, alive: 1 });
});

test('one who comes too late joins when it is there', async () => {
  /** @type {(() => void)[]} */
  const open = [];
  const { group, workers } = rig((w, n) => {
    if (n !== 1) return;
    w.answers['train.open'] = (m) => {
      open.push(() => w.say({ type: 'ok', re: m.head.id, step: 0 }));
      return null;
    };
  });
  const opening = group.open({ ...what, workers: 2 });
  await settle(20_000);
  await opening;
  assert.deepEqual(group.workers, { wanted: 2, alive: 1 });
  open[0]();
  await settle(100);
  assert.deepEqual(group.workers, { wanted: 2, alive: 2 });
  assert.equal(workers[1].of('train.group')[0].rank, 1);
});

test('a run that cannot be opened says why', async () => {
  const { group, states } = rig((w) => {
    w.answers['train.open'] = (m) => {
      w.say({ type: 'error', re: m.head.id, error: { code: 'too-large', message: 'too many', field: 'recipe.model' } });
      return null;
    };
  });
  const refused = assert.rejects(group.open({ ...what, workers: 2 }), { code: 'too-large', field: 'recipe.model' });
  await settle(100);
  await refused;
  assert.deepEqual(states, ['opening', 'failed too-large']);
  await assert.rejects(group.preview({}), { code: 'too-large' });
});

test('closed while it opens, it stays closed', async () => {
  const { group, workers } = rig((w) => {
    w.answers['train.open'] = () => null;
  });
  const rejected = assert.rejects(group.open({ ...what, workers: 2 }));
  await settle(50);
  await group.close();
  await settle(100);
  await rejected;
  assert.equal(group.state, 'idle');
  assert.ok(workers.every((w) => w.terminated));
  await assert.rejects(group.run(), { code: 'no-training' });
});
