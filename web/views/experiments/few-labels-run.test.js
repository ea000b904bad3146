import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstValidation } from '../../generated/catalog.js';
import { Emitter } from '../../lib/emitter.js';
import { compare, drawsOf, error, learn, plan, published, toCSV, trainHere } from './few-labels-run.js';
import { FakeGroup } from '../../test/fake-group.js';

const wanted = { data: 'digits', pool: 500, tests: 200, counts: [100, 3000], draws: 2, seed: 7 };

/** An engine that counts what it is asked. */
class FakeEngine extends Emitter {
  /** @type {any[]} */
  asked = [];
  stopped = false;
  start() {}
  stop() {
    this.stopped = true;
  }
  /** @param {string} type @param {any} fields @param {ArrayBuffer[]} bufs */
  async request(type, fields, bufs) {
    this.asked.push({ type, fields, bufs });
    this.emit('data', { done: 1, of: 2 });
    if (type === 'labels.open') return { head: { pool: 500, tests: 200, classes: 10, latent: 40 } };
    return { head: { wrong: fields.features === 'mu' ? 10 + fields.seed : 40, tests: 200 } };
  }
}

/** @param {Partial<Parameters<typeof learn>[1]>} [differences] */
function bench(differences = {}) {
  const engine = new FakeEngine();
  /** @type {number[]} */
  const parts = [];
  /** @type {import('./few-labels-run.js').Point[]} */
  const points = [];
  const stopper = new AbortController();
  const from = {
    makeEngine: () => /** @type {any} */ (engine),
    model: new ArrayBuffer(3),
    data: () => Promise.reject(new Error('made sets need no files')),
    signal: stopper.signal,
    onPart: (/** @type {number} */ part) => void parts.push(part),
    onOpen: () => {},
    onPoint: (/** @type {any} */ p) => void points.push(p),
    ...differences,
  };
  return { engine, parts, points, stopper, from };
}

test('latent means come first, then pixels, with the same labels for both', async () => {
  const b = bench();
  await learn(wanted, b.from);
  const [open, ...fits] = b.engine.asked;
  assert.deepEqual(open.fields, {
    data: { kind: 'digits', first: 0, count: 500, seed: 1 },
    validation: { kind: 'digits', first: firstValidation, count: 200, seed: 1 },
    pool: 500,
    tests: 200,
  });
  assert.equal(open.bufs[0].byteLength, 3);
  assert.deepEqual(
    fits.map((f) => [f.fields.features, f.fields.labels, f.fields.seed].join(' ')),
    ['mu 100 7', 'mu 100 8', 'mu 3000 7', 'pixels 100 7', 'pixels 100 8', 'pixels 3000 7'],
  );
  assert.deepEqual(
    b.points.map((p) => p.draws.length),
    [1, 2, 1, 1, 2, 1],
  );
  assert.deepEqual(
    b.parts,
    [...b.parts].sort((a, b) => a - b),
    'it only goes forward',
  );
  assert.ok(b.parts[b.parts.length - 1] < 1);
  assert.ok(b.engine.stopped);
});

test('files are opened as one set; the engine ends with the signal', async () => {
  const files = [1, 2, 3, 4].map((n) => new ArrayBuffer(n));
  /** @type {any[]} */
  const told = [];
  const b = bench({ data: async (name) => ({ name, files, classes: [], opened: (info) => void told.push(info) }) });
  b.from.onPoint = () => b.stopper.abort();
  await assert.rejects(learn({ ...wanted, data: 'mnist' }, b.from), { name: 'AbortError' });
  const [open] = b.engine.asked;
  assert.deepEqual(open.fields.data, { kind: 'idx', name: 'mnist' });
  assert.deepEqual(
    open.bufs.map((/** @type {ArrayBuffer} */ f) => f.byteLength),
    [3, 1, 2, 3, 4],
  );
  assert.equal(b.engine.asked.length, 2);
  assert.equal(told[0].latent, 40, 'who gave them is told, and keeps them');
  assert.ok(b.engine.stopped);
});

test('the more labels, the fewer draws; the median counts', () => {
  assert.deepEqual(
    [...published.keys()].map((n) => drawsOf(n, 5)),
    [5, 5, 3, 1],
  );
  assert.equal(plan(wanted).length, 6);
  const draws = (/** @type {number[]} */ ...wrong) => wrong.map((w, seed) => ({ seed, wrong: w }));
  const point = { features: /** @type {'mu'} */ ('mu'), labels: 100, tests: 200 };
  assert.deepEqual(error({ ...point, draws: draws(30, 10, 14) }), { median: 7, low: 5, high: 15 });
  assert.deepEqual(error({ ...point, draws: draws(10, 20) }), { median: 7.5, low: 5, high: 10 });
  assert.equal(
    toCSV(wanted, 'digits', [{ ...point, draws: draws(3) }]),
    'data,model,pool,features,labels,seed,wrong,tests,error_percent\r\ndigits,digits,500,mu,100,0,3,200,1.50\r\n',
  );
});

test('an error is better only beyond the reach of the draws', () => {
  const e = (/** @type {number} */ low, /** @type {number} */ median, /** @type {number} */ high) => ({ low, median, high });
  assert.equal(compare(e(3, 4, 5), e(5, 6, 8)), 'better');
  assert.equal(compare(e(5, 6, 8), e(3, 4, 5)), 'worse');
  assert.equal(compare(e(3, 4, 6.5), e(5, 6, 8)), 'same');
  assert.equal(compare(e(3, 4, 5), e(3.9, 6, 8)), 'same');
  assert.equal(compare(e(4, 4, 4), e(4, 4, 4)), 'same');
});

test('a model is trained here without labels, and its workers end', async () => {
  const group = new FakeGroup();
  group.pace.every = 1;
  /** @type {number[]} */
  const parts = [];
  const from = {
    makeGroup: () => group,
    data: bench().from.data,
    signal: new AbortController().signal,
    onPart: (/** @type {number} */ p) => void parts.push(p),
  };
  assert.ok((await trainHere({ ...wanted, pool: 20 }, from)) instanceof ArrayBuffer);
  const [, { recipe, data }] = group.asked.find(([what]) => what === 'open');
  assert.deepEqual([data.count, recipe.model.family, recipe.train.seed], [500, 'dense', 7]);
  assert.equal(parts.at(-1), 1);
  assert.equal(group.state, 'idle');
});
