import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conclude, sweep, toCSV } from './latent-size-run.js';
import { FakeGroup } from '../../test/fake-group.js';

/** @param {number} latent @param {number} elbo @param {boolean} [done] */
const row = (latent, elbo, done = true) => ({
  latent,
  elbo,
  done,
  step: 10,
  steps: 10,
  images: 2000,
  recon: -elbo - 10,
  kl: 10,
  active: latent,
  pictures: new Float32Array(0),
});

const wanted = { data: 'digits', sizes: [2, 8], images: 640, epochs: 2, seed: 3 };

/** Groups that were made, and what each told. */
function bench() {
  /** @type {any[]} */
  const groups = [];
  /** @type {import('./latent-size-run.js').Row[]} */
  const rows = [];
  const stopper = new AbortController();
  let pictures = 0;
  const from = {
    makeGroup() {
      const g = new FakeGroup();
      g.pace.every = 1;
      groups.push(g);
      return /** @type {any} */ (g);
    },
    data: () => Promise.reject(new Error('made sets need no files')),
    workers: 1,
    signal: stopper.signal,
    onPictures: () => pictures++,
    onRow: (/** @type {any} */ r) => void rows.push(r),
  };
  return { groups, rows, stopper, from, pictures: () => pictures };
}

test('each size is trained for the same steps, with the same data and seed, and measured as it goes', async () => {
  const b = bench();
  await sweep(wanted, b.from);
  assert.equal(b.groups.length, 2);
  assert.equal(b.pictures(), 1);
  for (const [i, latent] of wanted.sizes.entries()) {
    const own = b.rows.filter((r) => r.latent === latent);
    assert.ok(own.length > 3);
    assert.deepEqual(
      own.map((r) => r.done),
      own.map((_, k) => k === own.length - 1),
    );
    assert.equal(own.at(-1)?.step, 20);
    const [, { recipe, data, workers }] = b.groups[i].asked.find((/** @type {any} */ [what]) => what === 'open');
    assert.deepEqual([recipe.model.latent, recipe.train.seed, recipe.train.epochs, data.count, workers], [latent, 3, 2, 640, 1]);
    assert.equal(b.groups[i].state, 'idle', 'its workers are ended');
    const evaluated = b.groups[i].asked.filter((/** @type {any} */ [what]) => what === 'evaluate');
    assert.ok(
      evaluated.length === own.length && evaluated.every((/** @type {any} */ [, images]) => images === 0),
      'always the same pictures',
    );
  }
});

test('who stops it keeps what there is, and no worker is left', async () => {
  const b = bench();
  const { onRow } = b.from;
  b.from.onRow = (r) => {
    onRow(r);
    if (r.latent === 8) b.stopper.abort();
  };
  await assert.rejects(sweep(wanted, b.from), { name: 'AbortError' });
  assert.equal(b.rows.filter((r) => r.done).length, 1);
  assert.equal(b.rows.at(-1)?.latent, 8);
  assert.ok(b.groups.every((g) => g.state === 'idle'));
});

test('what fails is told', async () => {
  const b = bench();
  const { makeGroup } = b.from;
  b.from.makeGroup = () => Object.assign(makeGroup(), { diverges: 5 });
  await assert.rejects(sweep(wanted, b.from), { code: 'diverged' });
  assert.ok(b.groups.every((g) => g.state === 'idle'));
});

test('the best size and the smallest that is as good are found', () => {
  assert.equal(conclude([row(2, -150)]), null);
  assert.equal(conclude([row(2, -150), row(4, -100, false), row(8, NaN)]), null);
  const rows = [row(32, -100.5), row(2, -150), row(8, -100.9), row(16, -100)];
  const found = conclude(rows);
  assert.deepEqual([found?.best.latent, found?.small.latent, found?.large.latent], [16, 8, 32]);
  assert.equal(conclude([row(2, -150), row(4, -120)])?.small.latent, 4);
});

test('the table is saved as CSV', () => {
  const text = toCSV({ ...wanted, data: 'a "b", c' }, [row(2, -150.12345)]);
  const [head, line, end] = text.split('\r\n');
  assert.equal(head.split(',').length, 12);
  assert.equal(line, '"a ""b"", c",3,640,2,2,10,10,2000,-150.123,140.123,10.000,2');
  assert.equal(end, '');
});
