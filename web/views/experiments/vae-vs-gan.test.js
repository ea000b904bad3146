import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate, settingsOf, modelKinds, verdict, trainBoth } from './vae-vs-gan-run.js';
import { recipe } from '../../training/families.js';
import { FakeGroup } from '../../test/fake-group.js';

/** @type {import('./vae-vs-gan-run.js').Wanted} */
const wanted = { data: 'digits', vae: 'conv', gan: 'usual', pictures: 640, every: 256, samples: 100, minutes: 0, seed: 3 };

const even = Array(10).fill(100);

/** @param {number[]} counts @param {number} pictures */
function judgment(counts, pictures) {
  const samples = counts.reduce((a, b) => a + b, 0);
  const covered = counts.filter((c) => 10 * c * counts.length >= samples).length;
  const largest = Math.max(...counts) / samples;
  return {
    pictures,
    fid: 1,
    score: 2,
    counts,
    refCounts: even,
    samples,
    reference: samples,
    covered,
    largest,
    collapsed: covered < 10 || largest > 0.5,
    judged: true,
  };
}

/** Groups that were made, and what was told. */
function bench() {
  /** @type {any[]} */
  const groups = [];
  /** @type {any[]} */
  const rounds = [];
  const stopper = new AbortController();
  const gate = new Gate();
  const from = {
    makeGroup() {
      const g = Object.assign(new FakeGroup(), {
        async measure(/** @type {any} */ what, /** @type {any} */ files) {
          g.asked.push(['measure', { what, files, step: g.step }]);
          return { judged: judgment(even, 0) };
        },
      });
      g.pace.every = 1;
      groups.push(g);
      return /** @type {any} */ (g);
    },
    data: () => Promise.reject(new Error('made sets need no files')),
    classifier: async () => new ArrayBuffer(8),
    signal: stopper.signal,
    gate,
    onOpen() {},
    onTrain() {},
    onRound: (/** @type {any} */ r) => void rounds.push(r),
    onSeen() {},
  };
  return { groups, rounds, stopper, gate, from };
}

test('both learn from as many pictures of the same set, and are judged after each round', async () => {
  const b = bench();
  await trainBoth(wanted, b.from);
  assert.equal(b.groups.length, 2);
  for (const [i, side] of modelKinds.entries()) {
    const own = b.rounds.filter((r) => r.side === side);
    // Short rounds first: 64, 192, 448, 640, in whole batches.
    assert.deepEqual(
      own.map((r) => r.judgment.pictures > 0),
      [true, true, true, true],
    );
    const [, { recipe, data }] = b.groups[i].asked.find((/** @type {any} */ [what]) => what === 'open');
    assert.deepEqual([data.kind, recipe.train.seed, recipe.model.family], ['digits', 3, side === 'vae' ? 'conv' : 'dcgan']);
    const measured = b.groups[i].asked.filter((/** @type {any} */ [what]) => what === 'measure').map((/** @type {any} */ [, m]) => m);
    assert.deepEqual(
      measured.map((/** @type {any} */ m) => m.step * recipe.train.batch),
      [64, 192, 448, 640],
    );
    assert.deepEqual([measured[0].what.samples, measured[0].files.length], [100, 1]);
    assert.equal(b.groups[i].state, 'idle', 'its workers are ended');
  }
});

test('it stands still while it is paused, and time does not count', async () => {
  const b = bench();
  let time = 0;
  const { onRound } = b.from;
  b.from.onRound = (r) => {
    onRound(r);
    time += 40_000;
    if (b.rounds.length === 2) b.gate.close();
  };
  const done = trainBoth({ ...wanted, pictures: 60_000, minutes: 2 }, { ...b.from, now: () => time });
  while (b.rounds.length < 2) await new Promise((r) => setTimeout(r, 1));
  await new Promise((r) => setTimeout(r, 20));
  assert.equal(b.rounds.length, 2);
  time += 1e9;
  b.gate.open();
  await done;
  assert.equal(b.rounds.length, 4, 'two rounds of 80 seconds are two minutes');
});

test('who stops it leaves no worker behind', async () => {
  const b = bench();
  const { onRound } = b.from;
  b.from.onRound = (r) => {
    onRound(r);
    b.stopper.abort();
  };
  await assert.rejects(trainBoth(wanted, b.from), { name: 'AbortError' });
  assert.ok(b.groups.every((g) => g.state === 'idle'));
});

test('a GAN is made to collapse by its discriminator alone', () => {
  const usual = recipe(settingsOf(wanted).gan);
  const hasty = recipe(settingsOf({ ...wanted, gan: 'collapse' }).gan);
  assert.deepEqual(hasty.model, usual.model);
  assert.deepEqual([hasty.train.discriminator_rate, hasty.train.instance_noise, hasty.train.label_smoothing], [0.03, 0, 0]);
  assert.equal(settingsOf({ ...wanted, vae: 'dense' }).vae.family, 'dense');
});

test('collapse is named, and what has not learnt yet is not called so', () => {
  const one = [0, 0, 0, 0, 0, 0, 0, 3, 997, 0];
  const some = [1, 8, 68, 283, 16, 129, 14, 93, 224, 164];
  const state = (/** @type {Parameters<typeof verdict>} */ ...args) => verdict(...args).state;
  assert.equal(state('gan', [], false), 'none');
  assert.equal(state('gan', [{ ...judgment(even, 500), judged: false }], false), 'none');
  assert.equal(state('gan', [judgment(one, 500)], false), 'young');
  assert.equal(state('gan', [judgment(one, 500)], true), 'young');
  assert.equal(state('gan', [judgment(one, 5000)], false), 'young');
  assert.equal(state('gan', [judgment(one, 5000)], true), 'same');
  assert.equal(state('gan', [judgment(one, 20_000)], false), 'same');
  assert.equal(state('gan', [judgment(even, 5000), judgment(one, 6000)], false), 'same', 'coverage fell');
  assert.deepEqual(verdict('gan', [judgment(some, 20_000)], false), { state: 'collapse', missing: [0, 1], top: 3, share: 0.283 });
  assert.equal(state('vae', [judgment(some, 20_000)], false), 'lacks');
  assert.equal(state('gan', [judgment(one, 20_000), judgment(even, 30_000)], false), 'fine');
});
