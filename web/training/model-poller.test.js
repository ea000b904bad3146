import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLatent, encodeLatent, evaluationImages, ModelPoller, previewCounts, sampleSeed } from './model-poller.js';

const settled = () => new Promise((done) => setImmediate(done));

/** A pool that answers at once. */
function fakePool() {
  const asked = { previews: /** @type {any[]} */ ([]), evaluations: /** @type {number[]} */ ([]) };
  return {
    asked,
    async preview(/** @type {any} */ counts) {
      asked.previews.push(counts);
      const values = (/** @type {number} */ n) => new Float32Array(n).fill(asked.previews.length);
      const [scatter, grid] = [values(2 * counts.scatter), values(counts.grid ** 2)];
      return {
        validation: values(1),
        recon: values(1),
        samples: values(1),
        scatter,
        grid,
        labels: [asked.previews.length],
        explained: [1],
        shape: [1, 1, 1],
      };
    },
    async evaluate(/** @type {number} */ images) {
      asked.evaluations.push(images);
      return { step: asked.evaluations.length };
    },
  };
}

/** @param {any} current */
function make(current) {
  const poller = new ModelPoller(() => current);
  /** @type {any[]} */
  const events = [];
  poller.on('preview', () => events.push('preview'));
  poller.on('evaluation', (e) => events.push(e.step));
  poller.on('error', (e) => events.push(e.message));
  return { poller, events };
}

test('a paused run gets one preview and a thorough evaluation', async () => {
  const group = fakePool();
  const { poller, events } = make({ group, latent: 2, running: false });
  await poller.pollOnce();
  assert.deepEqual(events, ['preview', 1]);
  const { recon, samples, scatter, grid } = previewCounts;
  assert.deepEqual(group.asked.previews, [{ recon, samples, scatter, grid, seed: sampleSeed, prior: 'normal' }]);
  assert.deepEqual(group.asked.evaluations, [evaluationImages]);
  assert.equal(poller.preview?.latent, 2);
  assert.deepEqual(poller.preview?.labels, [1]);
});

test('the grid is of a plane: of more dimensions smaller, of one there is none', async () => {
  for (const [latent, grid] of [
    [16, previewCounts.plane],
    [1, 0],
  ]) {
    const group = fakePool();
    const { poller } = make({ group, latent, running: false });
    await poller.pollOnce();
    assert.equal(group.asked.previews[0].grid, grid);
    assert.equal(group.asked.previews[0].scatter, previewCounts.scatter);
  }
});

test('without a pool nothing happens, and an error is reported', async () => {
  const idle = make({ group: null, latent: 2, running: false });
  await idle.poller.pollOnce();
  assert.deepEqual(idle.events, []);
  const group = { ...fakePool(), evaluate: async () => Promise.reject(new Error('out of memory')) };
  const { poller, events } = make({ group, latent: 2, running: false });
  await poller.pollOnce();
  assert.deepEqual(events, ['preview', 'out of memory']);
});

test('the answer of a pool that was closed meanwhile is dropped', async () => {
  const group = fakePool();
  const current = { group: /** @type {any} */ (group), latent: 2, running: false };
  const { poller, events } = make(current);
  const polling = poller.pollOnce();
  current.group = null;
  await polling.catch(() => {});
  assert.deepEqual(
    events.filter((e) => e === 'preview'),
    [],
  );
  assert.equal(poller.preview, null);
});

test('it polls while training runs, evaluates on the same pictures as at rest, and stops with it', async (t) => {
  const group = fakePool();
  const current = { group, latent: 16, running: true };
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const real = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ fn, /** @type {number} */ ms) => {
    now += ms;
    return real(fn, 0);
  });
  const { poller, events } = make(current);
  const polling = poller.start();
  void poller.start(); // is running already
  while (now < 6000) await settled();
  current.running = false;
  await polling;
  const { previews, evaluations } = group.asked;
  assert.ok(previews.length >= 20 && previews.length <= 26, `${previews.length} previews in 6 s`);
  assert.ok(evaluations.length >= 3 && evaluations.length <= 5, `${evaluations.length} evaluations in 6 s`);
  assert.deepEqual(new Set(evaluations), new Set([evaluationImages]), 'the same pictures, running and paused');
  assert.deepEqual(
    previews.slice(0, 9).map((p) => p.scatter > 0),
    [true, true, true, false, true, false, false, false, true],
    'points of latent space come with each eighth preview, and some of the first',
  );
  assert.deepEqual(poller.preview?.scatter.length, 2 * previewCounts.scatter, 'and stay between');
  const seen = events.length;
  await settled();
  assert.equal(events.length, seen);
});

test('an error while it trains is reported, and one of a closed pool is not', async () => {
  for (const closed of [false, true]) {
    const current = { group: /** @type {any} */ (null), latent: 2, running: true };
    current.group = {
      ...fakePool(),
      preview: async () => {
        if (closed) current.running = false;
        throw new Error('it died');
      },
    };
    const { poller, events } = make(current);
    await poller.start();
    assert.deepEqual(events, closed ? [] : ['it died']);
  }
});

test('a run of two latent dimensions keeps its map with half the pixels, in a small part of its file', () => {
  const { grid: side } = previewCounts;
  const pixels = 28 * 28;
  const preview = {
    ...{ originals: new Float32Array(0), recon: new Float32Array(0), samples: new Float32Array(0) },
    ...{ scatter: Float32Array.of(1, -1), labels: [3], explained: [], latent: 2, shape: [1, 28, 28] },
    // Each picture of the map is of one grey.
    grid: Float32Array.from({ length: side * side * pixels }, (_, i) => (Math.floor(i / pixels) % 16) / 15),
  };
  const saved = JSON.parse(JSON.stringify(encodeLatent(preview, null)));
  assert.ok(JSON.stringify(saved).length < 32_000);
  const { map } = decodeLatent(saved) ?? {};
  assert.deepEqual([map?.side, map?.shape], [side, [1, 14, 14]]);
  for (let k = 0; k < side * side; k++)
    assert.ok(
      map?.pixels.subarray(k * 196, (k + 1) * 196).every((v) => Math.abs(v - (k % 16) / 15) < 0.04),
      `picture ${k}`,
    );
  assert.equal(decodeLatent(encodeLatent({ ...preview, latent: 16 }, null))?.map, null);
  const hostile = [{ side: 1e9 }, { shape: [1, -1, 14] }, { shape: 7 }, { pixels: 'no base64!' }, { pixels: 'AAAA' }, { pixels: 3 }];
  for (const wrong of [...hostile.map((part) => ({ ...saved.map, ...part })), null, 5])
    assert.equal(decodeLatent({ ...saved, map: wrong })?.map, null, JSON.stringify(wrong)?.slice(0, 40));
});
