import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { Terms } from '../../ui/term.js';
import { english, find, makeDocument, settle } from '../../test/dom.js';
import { glossary } from '../../test/glossary.js';
import { read } from '../../test/sources.js';

const names = ['sweep', 'labels', 'versus'];

/** The view, in a document of its own. @param {{online?: boolean}} [how] */
async function setUp({ online = true } = {}) {
  makeDocument();
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
  /** @type {string[]} */
  const fetched = [];
  globalThis.fetch = async (address) => {
    const path = String(address).replace('http://localhost/', '');
    fetched.push(path);
    if (path.startsWith('models/')) return new Response(new Uint8Array(8));
    return online ? new Response(read(path)) : new Response('', { status: 404 });
  };
  const engine = Object.assign(new Emitter(), {
    start() {},
    stop() {},
    async request(/** @type {string} */ type) {
      return { head: type === 'labels.open' ? { pool: 50, tests: 10, classes: 10, latent: 4 } : { tests: 10, wrong: 3 } };
    },
  });
  const setup = {
    catalog: { on() {}, list: async () => [], findServed: async () => {} },
    training: { status: 'idle', setOtherWork() {} },
    makeEngine: () => engine,
  };
  /** @type {any[]} */
  const errors = [];
  const i18n = await english();
  const page = /** @type {any} */ ({
    base: 'http://localhost/',
    i18n,
    terms: new Terms({ i18n, fetch: async () => glossary, onError: (e) => errors.push(e) }),
    status: { say() {} },
    fail: (/** @type {any} */ e) => errors.push(e),
    colours: () => ({}),
    assets: async () => ({ url: (/** @type {string} */ path) => path }),
    training: async () => setup,
  });
  const root = document.createElement('section');
  root.className = 'lab';
  document.body.append(root);
  const { open } = await import('./experiments.js');
  const view = await open(page, root);
  const enter = async (hash = '#lab') => {
    view.enter(hash);
    await settle();
  };
  return { enter, errors, fetched };
}

/** Which is shown. */
const shown = () => names.filter((name) => !find(`lab-${name}`).hidden);

/** @param {string} id */
const by = (id) => /** @type {any} */ (document.querySelector(`[data-testid="${id}"]`));

test('one experiment is shown at a time, the first where the address names none, with its question', async () => {
  const { enter, errors } = await setUp();
  await enter();
  assert.deepEqual(shown(), ['sweep']);
  await enter('#lab?e=labels&draws=2');
  assert.deepEqual(shown(), ['labels']);
  assert.equal(by('lab-choose-labels').getAttribute('aria-current'), 'true');
  assert.equal(by('lab-choose-labels').getAttribute('href'), '#lab?e=labels&draws=2', 'its settings stay while another is shown');
  assert.ok(by('lab-choose-labels').textContent.includes(find('head-lab-labels').textContent), 'the card has the question');
  await enter('#lab');
  assert.deepEqual(shown(), ['labels']);
  assert.deepEqual(errors, []);
  await enter('#lab?e=none');
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['bad-value'],
  );
  assert.deepEqual(shown(), ['labels']);
});

test('each opens with an example result, which is fetched when it is shown, and says where it is from', async () => {
  const { enter, errors, fetched } = await setUp();
  for (const name of names) {
    assert.ok(!fetched.includes(`examples/${name}.json`));
    await enter(`#lab?e=${name}`);
    const { version, result } = JSON.parse(read(`examples/${name}.json`));
    assert.equal(by(`lab-${name}-example`).hidden, false, name);
    assert.match(
      by(`lab-${name}-example`).textContent,
      new RegExp(`^Example result.*Inkdrift ${version.replaceAll('.', '\\.')} on .*Start`),
    );
    assert.equal(find(`lab-${name}`).querySelector('.outcome').hidden, false, name);
    assert.match(find(`lab-${name}`).querySelector('.outcome .verdict').textContent, /\d/, name);
    if (name === 'versus') continue;
    const table = by(`${name}-table`);
    assert.equal(table.tBodies[0].rows.length, (result.rows ?? result.wanted.counts).length);
    assert.equal(table.parentElement.tabIndex, 0, 'keys scroll it where it is too wide');
    assert.equal(table.parentElement.getAttribute('aria-label'), table.caption.textContent);
  }
  assert.equal(fetched.filter((path) => path.startsWith('examples/')).length, 3);
  assert.deepEqual(errors, []);
});

test('the lesson about mode collapse opens with an example result of its own', async () => {
  const { enter, errors, fetched } = await setUp();
  const examples = () => fetched.filter((path) => path.startsWith('examples/'));
  const verdict = () => find('lab-versus').querySelector('.outcome .verdict').textContent;
  await enter('#lab?e=versus&gan=collapse');
  assert.deepEqual(examples(), ['examples/versus-collapse.json']);
  assert.equal(by('versus-gan-verdict').dataset.state, 'same');
  const before = verdict();
  await enter('#lab?e=versus&gan=collapse');
  assert.equal(examples().length, 1, 'it is there already');
  await enter('#lab?e=versus&gan=usual');
  assert.deepEqual(examples().slice(1), ['examples/versus.json']);
  assert.notEqual(verdict(), before);
  assert.deepEqual(errors, []);
});

test('the terms of its figures are explained beside them', async () => {
  const { enter } = await setUp();
  const terms = {
    sweep: ['elbo', 'kl-divergence', 'reconstruction', 'active-unit'],
    labels: ['mu'],
    versus: ['elbo', 'gan', 'mode-collapse', 'fid', 'coverage'],
  };
  for (const [name, wanted] of Object.entries(terms)) {
    await enter(`#lab?e=${name}`);
    const there = [...find(`lab-${name}`).querySelectorAll('.term-open')].map((b) => /** @type {HTMLElement} */ (b).dataset.term);
    for (const term of wanted) assert.ok(there.includes(term), `${name}: ${term}`);
  }
});

test('one’s own run takes the place of the example, and is told to who listens', async () => {
  const { enter } = await setUp();
  await enter('#lab?e=labels&counts=10-20&draws=1');
  assert.match(by('labels-table').tBodies[0].textContent, /100/);
  /** @type {any} */
  let result;
  find('lab-labels').addEventListener('result', (/** @type {any} */ e) => {
    result = e.detail;
  });
  by('lab-labels-start').click();
  for (let i = 0; i < 100 && !result; i++) await settle();
  assert.equal(by('lab-labels-example').hidden, true);
  const rows = [...by('labels-table').tBodies[0].rows].map((r) => [...r.cells].map((c) => c.textContent));
  assert.deepEqual(rows, [
    ['10', '30.00 %', '30.00 %', '–'],
    ['20', '30.00 %', '30.00 %', '–'],
  ]);
  assert.deepEqual([result.wanted.counts, result.points.length, result.found.pool], [[10, 20], 4, 50]);
});

test('the settings of both models have the names that they have in Train', async () => {
  const { enter } = await setUp();
  await enter('#lab?e=versus');
  const [vae, gan] = [...find('lab-versus').querySelectorAll('.recipe')].map((e) =>
    [...e.querySelectorAll('dt')].map((t) => t.textContent),
  );
  assert.ok(vae.includes('Learning rate') && vae.includes('Encoder widths') && vae.includes('KL warm-up, steps'), vae.join());
  assert.ok(gan.includes('Learning rate') && !gan.includes('Encoder widths'), gan.join());
  assert.doesNotMatch(find('lab-versus').querySelector('.recipe').parentElement.textContent, /learning_rate|klWarmUp|F32/);
});

test('without an example there is the experiment all the same', async () => {
  const { enter, errors } = await setUp({ online: false });
  await enter();
  assert.deepEqual(shown(), ['sweep']);
  assert.equal(by('lab-sweep-example').hidden, true);
  assert.equal(find('lab-sweep').querySelector('.outcome').hidden, true);
  assert.deepEqual(errors, []);
});
