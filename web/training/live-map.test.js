/** The map of a model that trains: what is asked of it, how often, and when no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { mapPoints, pace, LiveMap } from './live-map.js';

/**
 * A session whose model encodes so many pictures of a request and decodes so many places.
 *
 * @param {import('node:test').TestContext} t
 * @param {{latent?: number, count?: number, each?: number}} [how]
 */
function setUp(t, { latent = 2, count = 2000, each = 40 } = {}) {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const real = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ fn, ms = 0) => {
    now += ms;
    return real(fn, 0);
  });
  /** @type {any[]} */
  const asked = [];
  const session = Object.assign(new Emitter(), {
    status: 'running',
    active: /** @type {any} */ ({ latent }),
    run: { id: 'a' },
    info: { validation: { count } },
    figures: { step: 1 },
    async map(/** @type {any} */ what) {
      asked.push(what);
      if (session.status === 'running') session.figures.step++;
      const points = Math.min(what.points, each);
      const plane = what.mu && { origin: new Float32Array(latent), e1: what.mu.slice(0, latent), e2: new Float32Array(latent) };
      return {
        step: session.figures.step,
        points,
        labels: new Array(points).fill(3),
        mu: new Float32Array(points * latent).fill(session.figures.step),
        pixels: new Uint8Array(),
        plane: plane ?? null,
        explained: plane ? [0.5, 0.2] : [],
      };
    },
  });
  /** @type {any[]} */
  const told = [];
  const viewer = {
    visible: true,
    class: 4,
    jobs: 0,
    wanted: (/** @type {number} */ n) => new Array(Math.min(n, viewer.jobs)).fill({ z: new Float32Array(latent) }),
    give() {
      viewer.jobs = Math.max(0, viewer.jobs - 30);
    },
    update: (/** @type {any} */ what) => told.push({ ...what, points: what.points.slice() }),
  };
  /** @type {any[]} */
  const errors = [];
  const live = new LiveMap(/** @type {any} */ (session), viewer, (e) => errors.push(e));
  return { live, session, viewer, asked, told, errors, time: () => now };
}

test('while it trains, more than four times a second, each within its time; points come in turn', async (t) => {
  const { live, session, viewer, asked, told, time } = setUp(t);
  viewer.jobs = 1e9;
  const running = live.start();
  void live.start(); // is running already
  while (time() < 5000) await new Promise((done) => setImmediate(done));
  session.active = null;
  await running;
  const rate = (1000 * asked.length) / time();
  assert.ok(rate > 4 && rate < 6, `${rate} in a second`);
  assert.deepEqual(new Set(asked.map((a) => a.budgetMs)), new Set([pace.training]));
  assert.ok(asked.every((a) => a.class === 4 && a.mu === undefined));
  assert.deepEqual(
    asked.slice(0, 8).map((a) => a.first),
    [0, 40, 80, 120, 160, 200, 240, 0],
  );
  assert.equal(told[7].points[0], told[7].step);
  assert.equal(told[7].labels.length, mapPoints);
  assert.ok(told[0].points.slice(80).every(Number.isNaN), 'what is not known is nowhere');
});

test('of a paused run all is asked for once; when it is hidden or closed nothing', async (t) => {
  const { live, session, viewer, asked } = setUp(t);
  session.status = 'paused';
  viewer.jobs = 100;
  await live.start();
  assert.deepEqual([asked.length, new Set(asked.map((a) => a.budgetMs))], [7, new Set([pace.paused])]);
  await live.start();
  assert.equal(asked.length, 7);
  viewer.jobs = 1;
  await live.start();
  assert.deepEqual([asked.length, asked[7].points], [8, 0], 'a place that came into view');
  session.figures.step++;
  session.emit('change');
  await live.start();
  while (asked.length < 15) await new Promise((done) => setImmediate(done));
  viewer.visible = false;
  session.figures.step++;
  await live.start();
  session.active = null;
  viewer.visible = true;
  await live.start();
  assert.equal(asked.length, 15);
});

test('many dimensions get a plane as soon as there are points, and with each round', async (t) => {
  const { live, session, asked, told } = setUp(t, { latent: 5, count: 100 });
  session.status = 'paused';
  await live.start();
  assert.deepEqual(
    asked.map((a) => a.mu?.length ?? 0),
    [0, 200, 0, 500],
  );
  assert.deepEqual(
    told.map((w) => w.principal !== undefined),
    [false, true, false, true],
  );
  assert.deepEqual(told.at(-1).explained, [0.5, 0.2]);
});

test('a model without an encoder has no points, and nobody waits for them', async (t) => {
  const { live, session, asked } = setUp(t, { each: 0 });
  session.status = 'paused';
  await live.start();
  assert.equal(asked.length, 1);
});

test('an error ends it and is told; of workers that died others tell', async (t) => {
  const { live, session, errors } = setUp(t);
  session.map = async () => Promise.reject(new Error('no'));
  await live.start();
  assert.equal(errors.length, 1);
  session.map = async () => {
    session.status = 'failed';
    throw new Error('gone');
  };
  await live.start();
  assert.equal(errors.length, 1);
});
