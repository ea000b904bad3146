import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { byTest, english, enter, find, makeDocument, settle, until } from '../../test/dom.js';
import { combine, leaning } from './try-arithmetic.js';
import { verdict } from './try-digit.js';
import { scoreOf, shareBelow } from './typicality.js';
import { largest, score } from './try-match.js';

const floats = (/** @type {ArrayLike<number>} */ v) => Float32Array.from(v).buffer;
const filled = (/** @type {number} */ n, /** @type {number} */ v) => new Array(n).fill(v);

/** Measured scores: 100 digits from -100 to 0, 50 others below; the 392 of ink on a pad usually have -15. @type {{one: import('./typicality.js').Reference}} */
const references = {
  one: { set: 'mnist-test', usual: [-407, 1], from: -200, step: 50, digits: [0, 2, 48, 50], others: [50, 0, 0, 0], auroc: 0.99 },
};

/** A pad with a drawing. @param {number} mu */
const pad = (mu) => ({
  empty: false,
  result: { pixels: filled(784, 0.5), mu: [mu, 0], recon: filled(784, 0.5) },
  /** @type {any[]} */
  filled: [],
  fill(/** @type {any} */ content) {
    this.filled.push(content);
  },
});

/** @param {Record<string, (fields: any, bufs: ArrayBuffer[]) => {head: object, bufs?: ArrayBuffer[]}>} answers of the engine, by type */
async function setUp(answers) {
  makeDocument();
  /** @type {(seen: boolean) => void} */
  let see = () => {};
  /** @type {any} */ (globalThis).IntersectionObserver = class {
    constructor(/** @type {(entries: any[]) => void} */ fn) {
      see = (isIntersecting) => fn([{ isIntersecting }]);
    }
    observe() {}
  };
  /** @type {any} */ (globalThis).fetch = async () => new Response(JSON.stringify(references));
  HTMLCanvasElement.prototype.setPointerCapture = () => {};
  const { Try } = await import('./try-panel.js');
  /** @type {[string, any, ArrayBuffer[]][]} */
  const asked = [];
  /** @type {any[]} */
  const errors = [];
  const engine = Object.assign(new Emitter(), {
    request: async (/** @type {string} */ type, /** @type {any} */ fields, /** @type {ArrayBuffer[]} */ bufs = []) => {
      asked.push([type, fields, bufs]);
      const answer = answers[type];
      if (!answer) throw { code: 'unexpected', message: type };
      return { bufs: [], ...answer(fields, bufs) };
    },
  });
  const i18n = await english();
  await i18n.add('try');
  const models = { name: 'one', listed: true, info: { latent: 2 }, title: 'One', names: [{ name: 'one', title: 'One' }] };
  const assets = async () => ({ url: (/** @type {string} */ path) => path });
  const pads = { a: { name: 'a', ...pad(1) }, b: { name: 'b', ...pad(-1) } };
  const terms = { button: () => document.createElement('span') };
  const page = { engine, i18n, terms, models, assets, events: new Emitter(), fail: (/** @type {any} */ e) => errors.push(e) };
  const panel = new Try(find('try'), /** @type {any} */ (page), /** @type {any} */ (pads));
  /** @param {string} name */
  const choose = async (name) => {
    byTest(`try-tab-${name}`).click();
    see(true);
    await until(() => panel.state.mode === name && panel.state.shows !== null);
    await settle();
  };
  return { panel, engine, asked, errors, pads, models, see, choose, shows: () => /** @type {any} */ (panel.state.shows) };
}

test('what a drawing is said to be follows from the share of test digits below it', () => {
  const r = references.one;
  assert.equal(shareBelow(r, -1000), 0);
  assert.equal(shareBelow(r, -150), 0);
  assert.equal(shareBelow(r, -125), 0.01);
  assert.equal(shareBelow(r, -50), 0.5);
  assert.equal(shareBelow(r, -25), 0.75);
  assert.equal(shareBelow(r, 1000), 1);
  assert.deepEqual([0, 0.009, 0.01, 0.049, 0.05, 1].map(verdict), ['unlike', 'unlike', 'unusual', 'unusual', 'like', 'like']);
});

test('the score is the ELBO with KL counted twice, less what is usual for so much ink', () => {
  const usual = /** @type {[number, number]} */ ([-10, -0.5]);
  const score = scoreOf({ ...references.one, usual }, { elbo: -80, kl: 20 }, [1, 0.5, 0, 0.5]);
  assert.equal(score, -80 - 20 + 10 + 0.5 * 2);
});

test('is this a digit: both drawings are judged, by test digits of the model in use', async () => {
  const elbos = { a: -60, b: -180 };
  const { choose, asked, engine, models, pads, errors, shows } = await setUp({
    explain: ({ pad }) => ({
      head: {
        least: 40,
        draws: 2,
        kl: pad === 'a' ? 15 : 9,
        negELBO: [40 - elbos[pad === 'a' ? 'a' : 'b'] - 5, 40 - elbos[pad === 'a' ? 'a' : 'b'] + 5],
        example: false,
      },
    }),
  });
  await choose('digit');
  await until(() => shows().b);
  assert.deepEqual(
    asked.slice(0, 2).map(([type, fields]) => [type, fields]),
    [
      ['explain', { pad: 'a', draws: 9, seed: 1 }],
      ['explain', { pad: 'b', draws: 9, seed: 1 }],
    ],
  );
  assert.equal(shows().a.elbo, -60);
  assert.equal(shows().a.score, -60 - 15 + 15);
  assert.deepEqual([shows().a.verdict, shows().b.verdict], ['like', 'unlike']);
  assert.match(byTest('try-verdict-a').textContent, /^A: like the digits .* 40\.4 % of/);
  assert.match(byTest('try-verdict-b').textContent, /^B: unlike anything .* < 0\.1 % of/);
  assert.match(find('try').textContent, /100 MNIST test digits and 50 letters.*99 % of all pairs \(AUROC 0\.990\)/);
  // An empty pad is said to be so, and a model of one's own has no test digits.
  pads.b.empty = true;
  models.listed = false;
  engine.emit('model', {});
  await until(() => shows().b === null);
  assert.match(byTest('try-verdict-a').textContent, /ELBO of −60 nats.*no test digits/);
  assert.match(byTest('try-verdict-b').textContent, /nothing is drawn/);
  assert.deepEqual(errors, []);
});

test('fill in: what is rubbed out is asked for, with pointer and keys, and the likeliest goes to B', async () => {
  const { choose, asked, errors, pads, shows, engine } = await setUp({
    fill: (fields) => ({
      head: { n: fields.n, nats: filled(fields.n, 9), labels: [8, 8, 3, 8, 8, 8, 8, 8] },
      bufs: [floats(filled(fields.n * 784, 1)), floats(filled(784, 0.25))],
    }),
  });
  await choose('fill');
  assert.equal(asked.length, 0, 'nothing is missing');
  const canvas = byTest('try-eraser');
  canvas.getBoundingClientRect = () => ({ left: 0, top: 0, width: 280, height: 280 });
  const pointer = (/** @type {string} */ type, /** @type {number} */ x, /** @type {number} */ y) =>
    canvas.dispatchEvent(new PointerEvent(type, { pointerId: 3, clientX: x, clientY: y, button: 0 }));
  pointer('pointermove', 50, 50);
  assert.equal(shows().missing, 0, 'the pointer is not down');
  pointer('pointerdown', 100, 140);
  pointer('pointermove', 180, 140);
  pointer('pointerup', 180, 140);
  pointer('pointermove', 20, 20);
  await until(() => shows().completions);
  const { missing } = shows();
  assert.ok(missing > 40 && missing < 60, `${missing} pixels: a band of five, eight long, with round ends`);
  const hole = new Uint8Array(asked[asked.length - 1][2][1]);
  assert.deepEqual([hole[14 * 28 + 14], hole[2 * 28 + 2]], [1, 0]);
  assert.match(byTest('try-fill-said').textContent, /read as 8, 3/);
  byTest('try-fill-use').click();
  assert.equal(pads.b.filled[0].bitmap.data[0], 255);

  // Others, with another seed; then everything back.
  const { seed } = shows();
  byTest('try-fill-again').click();
  await until(() => shows().seed !== seed);
  byTest('try-fill-restore').focus();
  byTest('try-fill-restore').click();
  assert.equal(document.activeElement, canvas, 'the focus goes on');
  await until(() => shows().completions === null);
  const key = (/** @type {string} */ name) =>
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  key('Delete');
  await until(() => shows().completions === null);
  key('ArrowUp');
  assert.equal(shows().missing, 0, 'the eraser is lifted');
  key('Enter');
  key('ArrowLeft');
  assert.ok(shows().missing > 20);
  byTest('try-fill-restore').click();
  byTest('try-fill-lower').click();
  assert.equal(shows().missing, 392);
  // An empty pad: nothing to fill in.
  pads.a.empty = true;
  engine.emit('pad', {});
  await until(() => shows().completions === null);
  assert.match(byTest('try-fill-said').textContent, /Draw a digit on pad A/);
  assert.deepEqual(errors, []);
});

test('arithmetic adds what A has and B has not', async () => {
  assert.deepEqual([...combine([1, 2], [0, 1], [5, 5], 2)], [7, 7]);
  const [leant] = leaning([{ width: 0.1, points: Float32Array.from([0.5, 0, 1, 0.5, 1, 1]) }], 0.5);
  assert.deepEqual([...leant.points], [0.75, 0, 1, 0.25, 1, 1], 'the top goes to the right');
  const stroke = floats([2, 0.125, 0.5, 0.25, 1, 0.5, 0.75, 1]);
  const { choose, errors, pads, shows } = await setUp({
    example: () => ({ head: { label: 1 }, bufs: [stroke] }),
    sketch: () => ({ head: { empty: false }, bufs: [floats(filled(784, 0)), floats([3, 3])] }),
    'map.look': (_, [z]) => ({ head: { label: Math.round(new Float32Array(z)[0]) }, bufs: [floats(filled(784, 1))] }),
  });
  await choose('arithmetic');
  await until(() => shows().z); // a digit is there to begin with
  byTest('try-arithmetic-clear').click();
  await until(() => shows().z === null);
  assert.match(byTest('try-arithmetic-said').textContent, /Draw on A, B and C/);
  byTest('try-sketch').dispatchEvent(new KeyboardEvent('keydown', { key: '4', bubbles: true, cancelable: true }));
  await until(() => shows().z);
  assert.deepEqual(shows().z, [5, 3], '3 + (1 − −1), 3 + 0');
  assert.match(byTest('try-arithmetic-said').textContent, /reads as 5/);
  enter(byTest('try-amount'), '0.5', 'input');
  await until(() => shows().z?.[0] === 4);
  byTest('try-arithmetic-example').click();
  await until(() => pads.b.filled.length > 0);
  const [a, b] = [pads.a, pads.b].map((p) => p.filled[0].strokes[0].points);
  assert.ok(a[0] > b[0] && a[a.length - 3] < b[b.length - 3], 'A leans, B is upright');
  byTest('try-arithmetic-clear').click();
  await until(() => shows().z === null);
  assert.deepEqual(errors, []);
});

test('match the target: the score is the part of the difference that is gone', async () => {
  assert.equal(score([0, 0], [0, 0], [1, 1]), 0);
  assert.equal(score([0, 0], [1, 1], [1, 1]), 1);
  assert.equal(score([0, 0], [0.5, 0.5], [1, 1]), 0.75);
  assert.equal(score([0, 0], [9, 9], [1, 1]), 0);
  assert.equal(score([1, 1], [1, 1], [1, 1]), 1);
  assert.deepEqual(largest([0.1, -3, 2, 0.5, 0], 3), [1, 2, 3]);
  const { choose, errors, models, engine, shows } = await setUp({
    example: () => ({ head: { label: 1 }, bufs: [floats([1])] }),
    sketch: () => ({ head: { empty: false }, bufs: [floats(filled(784, 0)), floats([1.5, -0.5])] }),
    decode: (_, [z]) => ({ head: { n: 1 }, bufs: [floats([...new Float32Array(z), ...filled(782, 0)])] }),
  });
  await choose('match');
  await until(() => shows().target);
  assert.deepEqual(shows().dimensions, [0, 1]);
  assert.deepEqual([shows().z, shows().score, shows().met], [[0, 0], 0, false]);
  enter(byTest('try-z-0'), '1.5', 'input');
  byTest('try-z-0').dispatchEvent(new Event('change'));
  await until(() => shows().score > 0);
  assert.ok(Math.abs(shows().score - 0.9) < 1e-6);
  assert.match(byTest('try-match-said').textContent, /90 % of the difference.*Moves: 1/);
  enter(byTest('try-z-1'), '-0.5', 'input');
  await until(() => shows().met);
  assert.match(byTest('try-match-said').textContent, /You have met the target: 100 %/);
  byTest('try-match-new').click();
  await until(() => !shows().met);
  byTest('try-match-solve').click();
  await until(() => shows().score === 1);
  assert.equal(shows().met, false, 'who has the answer shown has not met it');
  assert.match(byTest('try-match-said').textContent, /This is the answer/);
  // Another model has other dimensions.
  models.name = 'two';
  engine.emit('model', {});
  await until(() => shows().score < 1);
  assert.deepEqual(errors, []);
});

test('tabs are gone through with arrow keys, and nothing is asked while nobody looks', async () => {
  const { panel, see, asked, engine, errors } = await setUp({
    fill: () => ({ head: { n: 0, nats: [], labels: null }, bufs: [new ArrayBuffer(0)] }),
    explain: () => ({ head: { least: 0, draws: 1, negELBO: [1], example: false } }),
  });
  await settle();
  engine.emit('pad', {});
  await settle();
  assert.equal(asked.length, 0);
  const list = find('try').querySelector('[role=tablist]');
  const key = (/** @type {string} */ name) =>
    list.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  key('ArrowRight');
  assert.equal(panel.state.mode, 'fill');
  assert.equal(document.activeElement, byTest('try-tab-fill'));
  key('ArrowLeft');
  key('ArrowLeft');
  assert.equal(panel.state.mode, 'models');
  key('Home');
  assert.equal(panel.state.mode, 'digit');
  assert.deepEqual(
    [...list.children].map((tab) => [tab.getAttribute('aria-selected'), tab.tabIndex]),
    [['true', 0], ...Array.from({ length: 4 }, () => ['false', -1])],
  );
  see(true);
  await until(() => asked.length > 0);
  assert.deepEqual(errors, []);
});
