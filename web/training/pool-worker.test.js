import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectPeers, mostAdvanced, PoolWorker, withOtherBackend } from './pool-worker.js';

/**
 * @param {string} [backend]
 * @param {(type: string, fields: any, port?: MessagePort) => any} [answer] head of the answer
 */
function make(backend = 'strict', answer = () => ({})) {
  /** @type {any[]} */
  const asked = [];
  const engine = {
    backend,
    request: async (/** @type {string} */ type, /** @type {any} */ fields, /** @type {any} */ bufs, /** @type {any} */ how) => {
      asked.push({ type, ...fields, port: how?.port });
      return { head: await answer(type, fields), bufs };
    },
  };
  const worker = new PoolWorker(/** @type {any} */ (engine));
  return Object.assign(worker, { asked });
}

/** @type {any} */
const request = { type: 'train.open', fields: {}, bufs: [] };

const opened = (/** @type {string} */ backend) => Object.assign(make(backend), { opened: true });

test('a worker is opened when the engine has answered', async () => {
  const worker = make('strict', () => ({ step: 4, steps: 10 }));
  let calls = 0;
  worker.open(request, () => calls++);
  assert.equal(worker.opened, false);
  const info = await worker.opening;
  assert.deepEqual([info.step, info.steps, worker.opened, calls], [4, 10, true, 1]);
});

test('a worker that cannot open says why it died, if it did', async () => {
  const failing = make('strict', () => Promise.reject(new Error('bad data')));
  failing.open(request, () => assert.fail('it is not opened'));
  await assert.rejects(failing.opening, /bad data/);
  assert.equal(failing.opened, false);
  failing.why = /** @type {any} */ (new Error('out of memory'));
  failing.open(request, () => {});
  await assert.rejects(failing.opening, /out of memory/);
});

test('workers with another kernel than the fastest are left out', () => {
  const [relaxed, strict, go] = ['relaxed', 'strict', 'go'].map(opened);
  assert.deepEqual(withOtherBackend([go, relaxed, strict], []), [go, strict]);
  assert.deepEqual(withOtherBackend([go, make('relaxed')], []), [], 'one that is not opened does not count');
});

test('a group that trains keeps its kernel, unless it is dead', () => {
  const [relaxed, strict] = ['relaxed', 'strict'].map(opened);
  assert.deepEqual(withOtherBackend([relaxed, strict], [strict]), [relaxed]);
  strict.dead = true;
  assert.deepEqual(withOtherBackend([relaxed, strict], [strict]), [strict]);
});

test('the most advanced worker is the first of those with most steps', async () => {
  const [a, b, c] = [3, 8, 8].map((step) => make('strict', () => ({ step })));
  assert.equal(await mostAdvanced([a, b, c]), b);
});

test('each two workers get the two ends of one channel, and the leader’s step is the group’s', async () => {
  const group = [5, 1, 1].map((step) => make('strict', (type) => (type === 'train.group' ? { step } : {})));
  assert.equal(await connectPeers(group, 9, true), 5);
  for (const [rank, w] of group.entries()) {
    const [joined, ...peers] = w.asked;
    assert.deepEqual([joined.type, joined.rank, joined.size, joined.generation, joined.shared], ['train.group', rank, 3, 9, true]);
    assert.deepEqual(
      peers.map((p) => [p.type, p.rank, p.generation]),
      [0, 1, 2].filter((other) => other !== rank).map((other) => ['train.peer', other, 9]),
    );
  }
  const portTo = (/** @type {number} */ from, /** @type {number} */ to) =>
    group[from].asked.find((m) => m.type === 'train.peer' && m.rank === to).port;
  assert.notEqual(portTo(0, 2), portTo(2, 0));
  const received = new Promise((resolve) => portTo(2, 0).on('message', resolve));
  portTo(0, 2).postMessage('gradients');
  assert.equal(await received, 'gradients');
  for (const w of group) for (const { port } of w.asked) port?.close();
});

test('a group whose request fails rejects', async () => {
  const broken = make('strict', (type) => {
    if (type === 'train.group') throw new Error('it died');
    throw new Error('no port'); // is not reported twice
  });
  await assert.rejects(connectPeers([make(), broken], 1, false), /it died/);
});
