import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codes } from './errors.js';
import { choose, fill, I18n, languages } from './i18n.js';

const read = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const catalogue = (/** @type {string} */ lang) => /** @type {Record<string, string>} */ (JSON.parse(read(`locales/${lang}.json`)));

const en = catalogue('en');
const html = read('index.html');
const scripts = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))
  .map((name) => ({ name, text: read(name) }));

/** Keys that the HTML names, with where. */
function keysOfHTML() {
  const keys = new Set();
  for (const [, key] of html.matchAll(/data-i18n="([^"]*)"/g)) keys.add(key);
  for (const [, pairs] of html.matchAll(/data-i18n-attr="([^"]*)"/g)) {
    for (const pair of pairs.split(' ')) keys.add(pair.split(':')[1]);
  }
  return keys;
}

test('every language has a catalogue, and every catalogue a language', () => {
  const files = readdirSync(new URL('locales', import.meta.url)).sort();
  assert.deepEqual(files, Object.keys(languages).map((l) => `${l}.json`).sort());
});

for (const lang of Object.keys(languages)) {
  test(`${lang} has every key, none too many, none empty, each once`, () => {
    const words = catalogue(lang);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(en).sort());
    for (const [key, sentence] of Object.entries(words)) assert.ok(sentence.trim(), `${key} is empty`);
    const written = [...read(`locales/${lang}.json`).matchAll(/^\s*"([^"]+)":/gm)].map((m) => m[1]);
    assert.deepEqual(written.filter((k, i) => written.indexOf(k) !== i), [], 'keys that stand twice');
  });

  test(`${lang} has the same values to put in as en`, () => {
    const slots = (/** @type {string} */ s) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
    const words = catalogue(lang);
    for (const key of Object.keys(en)) assert.deepEqual(slots(words[key]), slots(en[key]), key);
  });
}

test('every key that the page uses is there', () => {
  const used = keysOfHTML();
  for (const { text } of scripts) {
    for (const [, key] of text.matchAll(/\b(?:t|text|attr|say|words|button)\((?:[^()'`]|\([^()]*\))*'([a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z0-9.-]+)'/g)) {
      used.add(key);
    }
  }
  assert.ok(used.size > 60, `only ${used.size} keys were found: has the way of writing them changed?`);
  assert.deepEqual([...used].filter((k) => !(k in en)), []);
});

test('every key that is there is used', () => {
  const used = keysOfHTML();
  for (const { text } of scripts) for (const [, s] of text.matchAll(/'([a-z0-9-]+\.[a-z0-9.-]+)'/g)) used.add(s);
  for (const code of codes) used.add(`error.${code}`);
  assert.deepEqual(Object.keys(en).filter((k) => !used.has(k)), []);
});

test('every error code has a sentence', () => {
  assert.deepEqual(codes.filter((c) => !en[`error.${c}`]), []);
});

test('what the HTML says before a script runs is what the English catalogue says', () => {
  const plain = (/** @type {string} */ s) => s.replace(/&amp;/g, '&');
  for (const [, key, text] of html.matchAll(/data-i18n="([^"]+)"[^>]*>([^<]*)</g)) {
    assert.equal(plain(text), en[key], key);
  }
  for (const [tag] of html.matchAll(/<[^>]*data-i18n-attr="[^"]*"[^>]*>/g)) {
    for (const pair of /data-i18n-attr="([^"]*)"/.exec(tag)?.[1].split(' ') ?? []) {
      const [attr, key] = pair.split(':');
      assert.equal(new RegExp(` ${attr}="([^"]*)"`).exec(tag)?.[1], en[key], `${attr} of ${tag}`);
    }
  }
});

test('the first language that we have is chosen', () => {
  assert.equal(choose(['fr-FR', 'zh-Hant-TW', 'en']), 'zh');
  assert.equal(choose(['EN-gb']), 'en');
  assert.equal(choose(['fr', 'de']), 'en');
  assert.equal(choose([]), 'en');
});

test('values are put in, numbers as the language writes them', () => {
  assert.equal(fill('{a} of {b}', { a: 1.256, b: 'x' }, 'en'), '1.26 of x');
  assert.equal(fill('{missing}', {}, 'en'), '{missing}');
  assert.equal(fill('{a}{a}', { a: '{a}' }, 'en'), '{a}{a}');
});

/** An element as i18n sees it. */
class FakeElement {
  textContent = '';
  isConnected = true;
  /** @type {Record<string, string>} */
  attributes = {};

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
}

test('what was said is said again in another language', async () => {
  /** @type {Record<string, Record<string, string>>} */
  const books = { en: { hi: 'Hello {n}' }, zh: { hi: '{n}，您好' } };
  const i18n = new I18n(async (lang) => books[lang]);
  const e = /** @type {any} */ (new FakeElement());
  let n = 1;
  i18n.text(e, 'hi', () => ({ n }));
  i18n.attr(e, 'title', 'hi', { n: 'x' });
  assert.equal(e.textContent, '', 'nothing is said before there are words');
  await i18n.use('en');
  assert.equal(e.textContent, 'Hello 1');
  n = 2;
  let changes = 0;
  i18n.onChange(() => changes++);
  await i18n.use('zh');
  assert.equal(e.textContent, '2，您好');
  assert.equal(e.attributes.title, 'x，您好');
  assert.equal(changes, 1);
});

test('the language that was asked for last wins, one that fails changes nothing', async () => {
  /** @type {Record<string, (words: any) => void>} */
  const answer = {};
  const i18n = new I18n((lang) => new Promise((resolve) => (answer[lang] = resolve)));
  const first = i18n.use('en');
  const second = i18n.use('zh');
  answer.zh({ hi: '好' });
  await second;
  answer.en({ hi: 'Hi' });
  await first;
  assert.equal(i18n.lang, 'zh');
  assert.equal(i18n.t('hi'), '好');

  const broken = new I18n((lang) => (lang === 'zh' ? Promise.reject(new Error('offline')) : Promise.resolve({ hi: 'Hi' })));
  await broken.use('en');
  await assert.rejects(broken.use('zh'), /offline/);
  assert.equal(broken.t('hi'), 'Hi');
});
