import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { english, makeDocument, settle } from '../test/dom.js';
import { glossary, glossaryDocument } from '../test/glossary.js';
import { termOfFigure } from './figure-terms.js';
import { termOfSetting } from '../views/train/terms.js';
import { modules, read } from '../test/sources.js';

const ids = glossary.terms.map((t) => t.id);

async function setUp(fetch = async () => glossary) {
  const window = makeDocument({ html: '<p id="place"></p><p id="other"></p>' });
  const i18n = await english();
  const { Terms } = await import('./term.js');
  /** @type {any[]} */
  const errors = [];
  const terms = new Terms({ i18n, fetch, onError: (e) => errors.push(e) });
  const place = /** @type {HTMLElement} */ (document.getElementById('place'));
  place.append(terms.button('elbo', 'watch.elbo'), terms.button('kl-divergence', 'watch.kl'));
  const [elbo, kl] = /** @type {HTMLButtonElement[]} */ ([...place.querySelectorAll('button')]);
  const panel = (/** @type {HTMLElement} */ b) =>
    /** @type {HTMLElement} */ (document.getElementById(b.getAttribute('aria-controls') ?? ''));
  return { window, i18n, errors, terms, elbo, kl, panel };
}

test('a button opens one sentence and a reference, and closes it', async () => {
  const { elbo, panel, errors } = await setUp();
  assert.equal(elbo.getAttribute('aria-label'), 'What is: ELBO?');
  assert.equal(elbo.getAttribute('aria-expanded'), 'false');
  elbo.click();
  await settle();
  assert.equal(elbo.getAttribute('aria-expanded'), 'true');
  assert.equal(panel(elbo).hidden, false);
  assert.match(panel(elbo).textContent ?? '', /lower bound of the log-likelihood/);
  assert.match(panel(elbo).querySelector('a')?.href ?? '', /^https:/);
  elbo.click();
  assert.equal(panel(elbo).hidden, true);
  assert.equal(elbo.getAttribute('aria-expanded'), 'false');
  assert.deepEqual(errors, []);
});

test('one is open at a time; Escape, a touch elsewhere and another language close it', async () => {
  const { window, i18n, elbo, kl, panel } = await setUp();
  const open = async () => {
    elbo.click();
    await settle();
    assert.equal(panel(elbo).hidden, false);
  };
  await open();
  kl.click();
  await settle();
  assert.deepEqual([panel(elbo).hidden, panel(kl).hidden], [true, false]);
  document.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  assert.equal(panel(kl).hidden, true);
  assert.equal(document.activeElement, kl);
  await open();
  document.getElementById('other')?.dispatchEvent(new window.Event('pointerdown', { bubbles: true }));
  assert.equal(panel(elbo).hidden, true);
  await open();
  await i18n.use('zh');
  assert.equal(panel(elbo).hidden, true);
  await open();
  assert.match(panel(elbo).textContent ?? '', /证据下界/);
});

test('where the glossary cannot be fetched it is said, and the next click tries again', async () => {
  let there = false;
  const { elbo, panel, errors } = await setUp(async () => {
    if (!there) throw new Error('offline');
    return glossary;
  });
  elbo.click();
  await settle();
  assert.equal(errors.length, 1);
  assert.equal(panel(elbo).hidden, true);
  there = true;
  elbo.click();
  await settle();
  assert.equal(panel(elbo).hidden, false);
});

test('every term has one sentence in both languages and a reference; each once', () => {
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length >= 35);
  for (const { id, en, zh, reference } of glossary.terms) {
    for (const text of [en.term, en.about, zh.term, zh.about]) assert.ok(text?.trim(), id);
    assert.ok(glossary.references[reference]?.title, id);
  }
  const used = new Set(glossary.terms.map((t) => t.reference));
  for (const [name, { url }] of Object.entries(glossary.references)) {
    assert.ok(used.has(name), name);
    assert.match(url, /^https:\/\//, name);
  }
});

test('every term that the page explains is in the glossary', () => {
  const named = [...Object.values(termOfSetting), ...Object.values(termOfFigure)];
  const inModules = modules().flatMap(({ text }) => [...text.matchAll(/terms\.button\('([a-z-]+)'/g)].map(([, id]) => id));
  assert.ok(inModules.includes('latent-space'), 'has the way of writing them changed?');
  named.push(...inModules);
  assert.deepEqual(
    named.filter((id) => !ids.includes(id)),
    [],
  );
});

test('every term of the glossary is explained somewhere in the page', () => {
  const inModules = modules().flatMap(({ text }) => [...text.matchAll(/terms\.button\('([a-z-]+)'/g)].map(([, id]) => id));
  const inFacts = [...read('engine/models.js').matchAll(/, '([a-z-]+)'\]/g)].map(([, id]) => id);
  const named = new Set([...Object.values(termOfSetting), ...Object.values(termOfFigure), ...inModules, ...inFacts]);
  assert.deepEqual(
    ids.filter((id) => !named.has(id)),
    [],
  );
  const texts = modules().filter(({ name }) => name !== 'ui/figure-terms.js');
  assert.deepEqual(
    Object.keys(termOfFigure).filter((key) => !texts.some(({ text }) => text.includes(`'${key}'`))),
    [],
  );
});

test('docs/glossary.md is what glossary.json says; node web/test/glossary.js writes it', () => {
  assert.equal(readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8'), glossaryDocument());
});
