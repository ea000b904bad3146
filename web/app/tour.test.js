import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { I18n } from '../lib/i18n.js';
import { find, makeDocument, settle, until } from '../test/dom.js';
import { read } from '../test/sources.js';
import { readFileSync } from 'node:fs';
import { lessonsDocument } from '../test/lessons.js';
import { lessons } from './lessons.js';
import { questions, steps } from './tour-steps.js';

const glossary = JSON.parse(read('glossary.json'));

/** Tours that may be open, and look at the page again and again. @type {{leave: () => void}[]} */
const tours = [];
afterEach(() => {
  for (const tour of tours.splice(0)) tour.leave();
});

/** A tour in the page's document, with pads and a run that the test changes. */
async function setUp(/** @type {any} */ saved = null) {
  makeDocument();
  const { Tour } = await import('./tour.js');
  const i18n = new I18n(async (name) => JSON.parse(read(`locales/${name}.json`)));
  await i18n.use('en');
  await i18n.add('tour');
  /** @type {any} */
  const now = {
    a: { rev: 3, source: 'example', drawing: false, empty: false },
    train: { step: 0, status: 'idle', kl: null, settings: { beta: 1 } },
  };
  const store = new Map(saved === null ? [] : [['tour', saved]]);
  /** @type {string[]} */
  const gone = [];
  const events = new Emitter();
  /** Whether the focus was in it, each time that it was left. @type {boolean[]} */
  const left = [];
  const tour = new Tour({
    ...{ i18n, events, glossary },
    store: /** @type {any} */ ({
      get: (/** @type {string} */ k) => store.get(k) ?? null,
      set: (/** @type {string} */ k, /** @type {any} */ v) => store.set(k, v),
    }),
    now: () => now,
    go: (view) => gone.push(view),
    onLeave: (focused) => left.push(focused),
  });
  tours.push(tour);
  const panel = /** @type {HTMLElement} */ (find('tour'));
  const press = (/** @type {string} */ id) => /** @type {HTMLElement} */ (panel.querySelector(`[data-testid="${id}"]`)).click();
  const next = () => panel.querySelector('[data-testid="tour-next"]')?.textContent;
  const done = () => panel.querySelector('.done')?.textContent;
  return { tour, panel, press, next, done, now, store, gone, events, i18n, left };
}

test('it begins at the first step, takes the focus, and lights the element', async () => {
  const { tour, panel, next, gone } = await setUp();
  assert.equal(panel.hidden, true);
  tour.start();
  assert.equal(panel.hidden, false);
  assert.match(String(panel.textContent), /Step 1 of 8/);
  assert.equal(document.activeElement?.id, 'tour-head');
  assert.deepEqual(gone, ['studio']);
  assert.equal(document.querySelector('.tour-lit'), document.querySelector('.side.a .draw'));
  assert.equal(next(), 'Skip');
  const link = /** @type {HTMLAnchorElement} */ (panel.querySelector('.references a'));
  assert.equal(link.href, glossary.references.rezende.url);
});

test('it notices a drawing, but neither an example nor a stroke that is not finished', async () => {
  const { tour, done, next, now, events } = await setUp();
  tour.start();
  now.a = { rev: 4, source: 'example', drawing: false, empty: false };
  events.emit('change', { pad: 'a' });
  assert.equal(done(), '');
  now.a = { rev: 5, source: 'drawn', drawing: true, empty: false };
  events.emit('change', { pad: 'a' });
  assert.equal(done(), '');
  now.a = { rev: 6, source: 'drawn', drawing: false, empty: false };
  events.emit('change', { pad: 'a' });
  assert.match(String(done()), /^The reconstruction/);
  assert.equal(next(), 'Next');
});

test('each step notices what it asks for, and nothing else', async () => {
  const { tour, press, done, now, events, gone } = await setUp();
  /** What is done in each step. @type {Record<string, () => void>} */
  const act = {
    latent: () => {
      now.a = { rev: 9, source: 'drawn', drawing: false, empty: false };
      events.emit('change', { pad: 'a' });
    },
    autoencoder: () => find('resample').click(),
    sampling: () => document.querySelector('[data-testid="draw-z"]')?.dispatchEvent(new Event('click', { bubbles: true })),
    kl: () => document.querySelector('[data-term="kl"]')?.dispatchEvent(new Event('pointerover', { bubbles: true })),
    beta: () => {
      now.train.settings.beta = 40;
      events.emit('progress', {});
    },
    collapse: () => {
      now.train = { step: 20, status: 'running', kl: 0.4, settings: { beta: 40 } };
      events.emit('progress', {});
      assert.equal(done(), '', 'its reconstructions are still noise');
      now.train = { step: 100, status: 'running', kl: 0.4, settings: { beta: 40 } };
      events.emit('progress', {});
    },
    training: () => {
      now.train = { step: 190, status: 'running', kl: 6, settings: { beta: 1 } };
      events.emit('progress', {});
    },
    interpolation: () => find('scrub').dispatchEvent(new Event('input', { bubbles: true })),
  };
  // The section that comes when it is seen.
  const how = find('how-it-works');
  how.append(Object.assign(document.createElement('button'), { innerHTML: '' }), Object.assign(document.createElement('button'), {}));
  how.children[how.children.length - 2].dataset.testid = 'draw-z';
  how.children[how.children.length - 1].dataset.term = 'kl';
  assert.deepEqual(
    Object.keys(act),
    steps.map((s) => s.name),
    'every step is tried',
  );
  tour.start();
  for (const step of steps) {
    document.body.click();
    events.emit('progress', {});
    await settle();
    assert.equal(done(), '', `${step.name} before`);
    act[step.name]();
    assert.notEqual(done(), '', `${step.name} after`);
    press('tour-next');
  }
  assert.deepEqual(
    gone,
    steps.map((s) => s.view),
  );
});

test('it can be left with Escape and goes on where it was, over a reload too; at the end it begins anew', async () => {
  const { tour, panel, press, store, left } = await setUp();
  tour.start();
  press('tour-next');
  press('tour-next');
  panel.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  assert.equal(panel.hidden, true);
  assert.deepEqual(left, [true]);
  assert.equal(document.querySelector('.tour-lit'), null);
  assert.equal(store.get('tour'), 2);
  tour.start();
  assert.match(String(panel.textContent), /Step 3 of 8/);

  const later = await setUp(7);
  later.tour.start();
  assert.match(String(later.panel.textContent), /Step 8 of 8/);
  later.press('tour-next');
  assert.equal(later.panel.querySelectorAll('details').length, questions.length + lessons.length);
  const links = [...later.panel.querySelectorAll('details a')].map((a) => a.getAttribute('href'));
  assert.deepEqual(
    links,
    lessons.map((l) => l.address),
  );
  assert.equal(later.next(), 'Finish');
  later.press('tour-next');
  assert.equal(later.panel.hidden, true);
  assert.equal(later.store.get('tour'), 0);

  const wrong = await setUp('x');
  wrong.tour.start();
  assert.match(String(wrong.panel.textContent), /Step 1 of 8/);
});

test('Escape in a field of the page is the field’s', async () => {
  const { tour, panel } = await setUp();
  tour.start();
  find('model').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  assert.equal(panel.hidden, false);
});

test('it is said again in another language, with what was done', async () => {
  const { tour, panel, next, i18n } = await setUp(1);
  tour.start();
  find('resample').click();
  assert.equal(next(), 'Next');
  await i18n.use('zh');
  assert.match(String(panel.textContent), /第 2 步，共 8 步/);
  assert.equal(next(), '下一步');
});

test('“Show me where” by a key takes the focus there, by a pointer it leaves it', async () => {
  Object.assign(globalThis, { innerHeight: 768 });
  const { tour, panel } = await setUp(4);
  tour.start();
  const row = document.createElement('div');
  row.className = 'row';
  row.innerHTML = '<button>?</button><input disabled><input id="set-beta">';
  row.getBoundingClientRect = () => /** @type {any} */ ({ top: 10, bottom: 20, left: 0, width: 10, height: 10, right: 10 });
  document.body.append(row);
  const show = /** @type {HTMLElement} */ (panel.querySelector('[data-testid="tour-show"]'));
  show.dispatchEvent(new CustomEvent('click', { bubbles: true, detail: 1 }));
  assert.equal(document.activeElement?.id, 'tour-head');
  const pressEscape = () => document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  find('set-beta').focus();
  pressEscape();
  assert.equal(document.activeElement?.id, 'set-beta', 'it did not come from the panel');
  show.dispatchEvent(new CustomEvent('click', { bubbles: true, detail: 0 }));
  assert.equal(document.activeElement?.id, 'set-beta', 'what the step is done with, not the first that takes the focus');
  pressEscape();
  assert.equal(document.activeElement?.id, 'tour-head');
  pressEscape();
  assert.equal(panel.hidden, true);
});

test('each step is said while the focus stays on “Next”; “Back” that goes gives the focus on', async () => {
  const { tour, panel, press, i18n } = await setUp();
  tour.start();
  const said = () => [...panel.querySelectorAll('[aria-live="polite"]')].map((e) => e.textContent).join(' ');
  const button = (/** @type {string} */ id) => /** @type {HTMLElement} */ (panel.querySelector(`[data-testid="${id}"]`));
  for (const [i, step] of steps.entries()) {
    for (const words of [i18n.t('tour.place', { at: i + 1, all: 8 }), i18n.t(step.title), i18n.t(step.task)])
      assert.ok(said().includes(words), words);
    button('tour-next').focus();
    press('tour-next');
    assert.equal(document.activeElement, button('tour-next'));
  }
  assert.ok(said().includes(i18n.t('tour.end')));
  assert.ok(!said().includes(i18n.t('tour.answer-kl')), 'answers are read when they are opened');
  for (let i = 0; i < 8; i++) {
    button('tour-back').focus();
    press('tour-back');
  }
  assert.match(String(panel.textContent), /Step 1 of 8/);
  assert.equal(document.activeElement, button('tour-next'));
});

test('a tab that has the element is opened once the view has come, and not again', async () => {
  const { tour } = await setUp(4);
  tour.start();
  await settle();
  for (const old of document.querySelectorAll('[data-testid="tab-settings"]')) old.remove();
  const tab = document.createElement('button');
  tab.dataset.testid = 'tab-settings';
  Object.defineProperty(tab, 'offsetParent', { value: document.body });
  let opened = 0;
  tab.addEventListener('click', () => opened++);
  const row = document.createElement('div');
  row.className = 'row';
  row.innerHTML = '<input id="set-beta">';
  document.body.append(tab, row);
  await until(() => opened > 0);
  assert.ok(row.classList.contains('tour-lit'));
  await new Promise((done) => setTimeout(done, 600));
  assert.equal(opened, 1);
});

test('the table is sound: eight steps, each with one way to be done, known references, six questions', () => {
  assert.equal(steps.length, 8);
  assert.equal(questions.length, 6);
  for (const step of steps) {
    assert.ok(Boolean(step.event) !== Boolean(step.holds), step.name);
    for (const id of step.references) assert.ok(glossary.references[id], `${step.name}: ${id}`);
  }
});

test('docs/lessons.md is what the lessons say; node web/test/lessons.js writes it', () => {
  assert.equal(lessons.length, 6);
  assert.equal(readFileSync(new URL('../../docs/lessons.md', import.meta.url), 'utf8'), lessonsDocument());
});
