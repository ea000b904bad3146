import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { english, find, makeDocument, settle } from '../../test/dom.js';
import { aboutObjective } from './how-notes.js';
import { litWith, partsOfTerm, shownSum } from './how-picture.js';

/** Observers of whether something is seen; the test says so. @type {((seen: boolean) => void)[]} */
let observers = [];

const floats = (/** @type {number[]} */ v) => Float32Array.from(v).buffer;
const filled = (/** @type {number} */ n, /** @type {number} */ v) => floats(new Array(n).fill(v));

/** An answer with two dimensions and nine draws: each pixel adds 0.1 nats, the dimensions 2 and 0.5. */
function answer({ example = false, rev = 1 } = {}) {
  const recon = Array.from({ length: 9 }, (_, i) => 78.4 + i);
  const kl = 2.5;
  const head = {
    ...{ example, rev, draws: 9, recon, kl, negELBO: recon.map((v) => v + kl), weights: new Array(9).fill(1 / 9) },
    ...{ bound: 80, least: 40 },
  };
  const z = Array.from({ length: 18 }, (_, i) => i / 10);
  return {
    head,
    bufs: [
      filled(784, 0.5),
      floats([1, -0.5]),
      floats([0, -2]),
      floats(z),
      floats(z),
      filled(9 * 784, 0.5),
      filled(9 * 784, 0.1),
      floats([2, 0.5]),
    ],
  };
}

async function setUp() {
  makeDocument();
  observers = [];
  /** @type {any} */ (globalThis).IntersectionObserver = class {
    constructor(/** @type {(entries: any[]) => void} */ fn) {
      observers.push((isIntersecting) => fn([{ isIntersecting }]));
    }
    observe() {}
    disconnect() {}
  };
  const { How } = await import('./how.js');
  /** @type {{fields: any, answer: (a?: any) => void, refuse: (e: any) => void}[]} */
  const asked = [];
  /** @type {any[]} */
  const errors = [];
  const engine = Object.assign(new Emitter(), {
    request: (/** @type {string} */ type, /** @type {any} */ fields) =>
      new Promise((resolve, reject) => {
        assert.equal(type, 'explain');
        asked.push({ fields, answer: (a = answer()) => resolve(a), refuse: reject });
      }),
  });
  const info = { family: 'dense', likelihood: 'bernoulli', objective: 'elbo', samples: 0, beta: 1 };
  const terms = { button: (/** @type {string} */ id) => Object.assign(document.createElement('button'), { id: `term-of-${id}` }) };
  const context = { engine, terms, i18n: await english(), models: { info }, fail: (/** @type {any} */ e) => errors.push(e) };
  const root = find('how-it-works');
  /** @type {any[]} */
  const drawn = [];
  const map = Object.assign(new Emitter(), {
    showDraws: (/** @type {any} */ z, /** @type {any} */ mu) => drawn.push([[...z], [...mu]]),
    focus: () => drawn.push('focus'),
  });
  const how = new How(root, /** @type {any} */ (context), /** @type {any} */ (map));
  const [see] = observers;
  return { how, root, engine, asked, errors, see, info, map, drawn };
}

const text = (/** @type {HTMLElement} */ root, /** @type {string} */ id) => root.querySelector(`[data-testid="how-${id}"]`)?.textContent;

test('the engine is asked while the section is seen, with one request at a time and the newest at the end', async () => {
  const { engine, asked, see, root } = await setUp();
  engine.emit('pad', { pad: 'a' });
  await settle();
  assert.equal(asked.length, 0, 'nobody looks');
  see(true);
  engine.emit('pad', { pad: 'a' });
  await settle();
  assert.equal(asked.length, 1);
  assert.deepEqual([asked[0].fields.pad, asked[0].fields.draws], ['a', 9]);
  for (let i = 0; i < 5; i++) engine.emit('pad', { pad: 'a' });
  engine.emit('pad', { pad: 'b' });
  await settle();
  assert.equal(asked.length, 1, 'one is on its way');
  asked[0].answer();
  await settle();
  await settle();
  assert.equal(asked.length, 2, 'five changes meanwhile are one more request');
  assert.equal(root.dataset.state, 'drawing');
  asked[1].answer();
  await settle();
  see(false);
  engine.emit('pad', { pad: 'a' });
  engine.emit('model', {});
  await settle();
  assert.equal(asked.length, 2);
  see(true);
  await settle();
  assert.equal(asked.length, 3, 'what was missed is asked for when it is seen again');
});

test('figures are sums of what is shown, of the draw that is chosen', async () => {
  const { how, asked, see, root } = await setUp();
  const seen = () => /** @type {any} */ (how.state);
  see(true);
  await settle();
  assert.equal(seen(), null);
  asked[0].answer(answer({ example: true, rev: 4 }));
  await settle();
  assert.deepEqual([text(root, 'recon'), text(root, 'kl'), text(root, 'elbo')], ['78.40', '2.50', '80.90']);
  assert.match(String(root.querySelector('.live')?.textContent), /example/);
  assert.match(String(root.querySelector('.how-notes')?.textContent), /cost 40 nats/);
  const { example, rev, elbo, dimensions, nats } = seen();
  assert.deepEqual([example, rev, elbo, dimensions], [true, 4, -80.9, [2, 0.5]]);
  assert.equal(nats.length, 784);

  const third = /** @type {HTMLInputElement} */ (root.querySelectorAll('.nine input')[2]);
  third.click();
  assert.deepEqual([text(root, 'recon'), text(root, 'elbo')], ['80.40', '82.90']);
  assert.deepEqual(
    seen().z.map((/** @type {number} */ v) => v.toFixed(1)),
    ['0.4', '0.5'],
  );
  assert.equal(third.getAttribute('aria-label'), 'Draw 3: reconstruction error 80.4 nats');
  const names = [...root.querySelectorAll('.term-of')].map((e) => e.getAttribute('aria-label'));
  assert.deepEqual(names.slice(0, 2), ['z: latent variables', 'μ: mean']);
  assert.equal(names.at(-1), '−ELBO: lower is better');
  for (const e of root.querySelectorAll('[role=img], .term-of')) assert.ok(e.getAttribute('aria-label'), e.outerHTML);
});

test('“Draw z again” asks with another seed, for the same drawing', async () => {
  const { asked, see, root } = await setUp();
  see(true);
  await settle();
  asked[0].answer();
  await settle();
  /** @type {HTMLElement} */ (root.querySelector('[data-testid="draw-z"]')).click();
  await settle();
  assert.equal(asked.length, 2);
  assert.notEqual(asked[1].fields.seed, asked[0].fields.seed);
});

test('the draws that were asked for go on the map, which is said; those of another drawing do not', async () => {
  const { asked, see, root, engine, map, drawn } = await setUp();
  const press = () => /** @type {HTMLElement} */ (root.querySelector('[data-testid="draw-z"]')).click();
  const said = () => root.querySelector('[role=status]')?.textContent;
  const there = () =>
    /** @type {HTMLButtonElement} */ ([...root.querySelectorAll('button')].find((b) => b.textContent === 'Go to the map'));
  see(true);
  await settle();
  asked[0].answer();
  await settle();
  assert.equal(drawn.length, 0, 'nobody has asked for draws');
  press();
  await settle();
  asked[1].answer();
  await settle();
  assert.deepEqual(
    drawn.map(([z, mu]) => [z.length, mu]),
    [[18, [1, -0.5]]],
  );
  assert.deepEqual([said(), there().hidden], ['', true]);
  map.emit('draws', { n: 9, near: 0.71, far: 2.04 });
  assert.equal(said(), 'Dots around A on the map: 9 draws of z from its posterior, 0.71 to 2.0 away from its mean.');
  assert.equal(there().hidden, false);
  there().click();
  assert.equal(drawn.pop(), 'focus');
  map.emit('draws', null);
  assert.deepEqual([said(), there().hidden], ['', true]);

  press();
  await settle();
  engine.emit('pad', { pad: 'a' }); // another drawing while the draws are on their way
  asked[2].answer();
  await settle();
  press();
  await settle();
  asked[3].answer(answer({ example: true }));
  await settle();
  assert.equal(drawn.length, 1, 'the example is not on the map');
});

test('the dimension of the largest KL is marked until another is chosen', async () => {
  const { asked, see, root } = await setUp();
  see(true);
  await settle();
  asked[0].answer();
  await settle();
  const line = () => root.querySelector('.of-dimension')?.textContent;
  // mu 1, logvar 0, epsilon 0, z 0 in the first dimension.
  assert.equal(line(), 'z1 = 1.00 + 1.00 × 0.00 = 0.00; KL 2 nats');
  const slider = find('how-dimension');
  slider.value = '2';
  slider.dispatchEvent(new Event('input'));
  assert.equal(line(), 'z2 = −0.50 + 0.37 × 0.10 = 0.10; KL 0.5 nats');
  assert.match(slider.getAttribute('aria-valuetext'), /^dimension 2: μ -0.5/);
  assert.deepEqual(
    [...root.querySelectorAll('.mark')].map((m) => m.getAttribute('x')),
    new Array(5).fill('10'),
  );
});

test('terms and parts light each other, by pointer and by focus; a pressed term stays lit', async () => {
  const { root } = await setUp();
  const term = (/** @type {string} */ name) => root.querySelector(`[data-term="${name}"]`);
  const part = (/** @type {string} */ name) => root.querySelector(`[data-part="${name}"]`);
  const lit = () => [...root.querySelectorAll('.lit')].map((e) => (e.dataset.term ? `${e.dataset.term}!` : e.dataset.part));
  const over = (/** @type {Element} */ e, type = 'pointerover') => e.dispatchEvent(new Event(type, { bubbles: true }));
  over(term('kl'));
  assert.deepEqual(lit(), ['encoder', 'mu', 'sigma', 'kl', 'kl!']);
  over(part('sigma'), 'focusin');
  assert.deepEqual([...new Set(lit())], ['sigma', 'sigma!', 'kl!']);
  over(root.querySelector('.how-picture'), 'pointerleave');
  assert.deepEqual(lit(), []);
  term('likelihood').click();
  over(root.querySelector('.how-picture'), 'pointerleave');
  assert.deepEqual(lit(), ['decoder', 'recon', 'nats', 'likelihood!']);
  assert.equal(term('likelihood').getAttribute('aria-pressed'), 'true');
  term('likelihood').click();
  over(root.querySelector('.how-picture'), 'pointerleave');
  assert.deepEqual(lit(), []);
  // Every part and every term that the table names is there.
  for (const [name, parts] of Object.entries(partsOfTerm)) {
    assert.ok(term(name), name);
    for (const p of parts) assert.ok(part(p), p);
  }
  for (const e of root.querySelectorAll('[data-part]')) {
    const { terms } = litWith(e.dataset.part, 'part');
    assert.ok(terms.length > 0 || e.dataset.part === 'pixels', `${e.dataset.part} has no term`);
  }
});

test('a request that was lost with its engine is no error; any other is', async () => {
  const { engine, asked, errors, see } = await setUp();
  see(true);
  await settle();
  asked[0].refuse({ code: 'engine-died', message: '' });
  await settle();
  assert.equal(errors.length, 0);
  engine.emit('pad', { pad: 'a' });
  await settle();
  asked[1].refuse({ code: 'not-finite', message: '' });
  await settle();
  assert.equal(errors.length, 1);
});

test('what is shown adds up', () => {
  // Each part alone would be rounded to 0.01, the sum to 0.01 as well.
  assert.deepEqual(shownSum([0.005, 0.004]), { parts: [0.01, 0], sum: 0.01 });
  assert.deepEqual(shownSum([60.005, 23.644]), { parts: [60.01, 23.64], sum: 83.65 });
});

test('the note says what the model was trained with', () => {
  const head = { bound: 80, negELBO: [82, 84], draws: 2 };
  const of = (/** @type {object} */ info) => aboutObjective({ family: 'dense', objective: 'elbo', samples: 0, beta: 1, ...info }, head);
  assert.equal(of({}).key, 'explain.by-elbo');
  assert.deepEqual(of({ beta: 4 }), { key: 'explain.beta', values: { beta: 4 } });
  assert.deepEqual(of({ objective: 'iwae', samples: 5 }), { key: 'explain.iwae', values: { samples: 5, draws: 2, bound: 80, mean: 83 } });
  assert.equal(of({ objective: '' }).key, 'explain.unknown');
  assert.equal(of({ family: 'vae-gan' }).key, 'explain.adversarial');
});
