import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeSets, presets } from '../generated/catalog.js';
import { planes } from '../generated/protocol.js';
import { codes } from '../lib/errors.js';
import { languages } from '../lib/i18n.js';
import { list, modules, read } from './sources.js';

/** Catalogues of a language: that of every visit, and those that come with a part of the page. */
const parts = ['', 'export.', 'tour.', 'train-words.', 'try.'];

const catalogue = (/** @type {string} */ lang, part = '') =>
  /** @type {Record<string, string>} */ (JSON.parse(read(`locales/${part}${lang}.json`)));

const everything = (/** @type {string} */ lang) =>
  /** @type {Record<string, string>} */ (Object.assign({}, ...parts.map((part) => catalogue(lang, part))));

const first = catalogue('en');
const en = everything('en');
const html = read('index.html');
const scripts = modules();

/** Keys that are made of names in the catalog. */
const wordsOfCatalog = [
  ...planes.map((kind) => `map.plane-${kind}`),
  ...Object.keys(presets).flatMap((name) => (presets[name].offered ? [`preset.${name}`, `preset.${name}-about`] : [])),
  ...Object.values(madeSets).flatMap(({ classes }) => classes.filter((c) => !/^\d$/.test(c)).map((c) => `class.${c}`)),
];

/** Keys that the HTML names, with where. */
function keysOfHTML() {
  const keys = new Set();
  for (const [, key] of html.matchAll(/data-i18n="([^"]*)"/g)) keys.add(key);
  for (const [, pairs] of html.matchAll(/data-i18n-attr="([^"]*)"/g)) {
    for (const pair of pairs.split(' ')) keys.add(pair.split(':')[1]);
  }
  return keys;
}

test('every language has its catalogues, and every catalogue a language', () => {
  const files = list('locales').sort();
  assert.deepEqual(
    files,
    Object.keys(languages)
      .flatMap((l) => parts.map((part) => `${part}${l}.json`))
      .sort(),
  );
});

test('catalogues have no key in common', () => {
  const keys = parts.flatMap((part) => Object.keys(catalogue('en', part)));
  assert.deepEqual(
    keys.filter((k, i) => keys.indexOf(k) !== i),
    [],
  );
});

for (const lang of Object.keys(languages)) {
  test(`${lang} has every key, none too many, none empty, each once`, () => {
    for (const part of parts) {
      const words = catalogue(lang, part);
      assert.deepEqual(Object.keys(words).sort(), Object.keys(catalogue('en', part)).sort());
      for (const [key, sentence] of Object.entries(words)) assert.ok(sentence.trim(), `${key} is empty`);
      const written = [...read(`locales/${part}${lang}.json`).matchAll(/^\s*"([^"]+)":/gm)].map((m) => m[1]);
      assert.deepEqual(
        written.filter((k, i) => written.indexOf(k) !== i),
        [],
        'keys that occur twice',
      );
    }
  });

  test(`${lang} has the same values to put in as en`, () => {
    const slots = (/** @type {string} */ s) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
    const words = everything(lang);
    for (const key of Object.keys(en)) assert.deepEqual(slots(words[key]), slots(en[key]), key);
  });
}

test('English says one picture, and two pictures', () => {
  const counted = /\{\w+\}( latent| training| test)? (pictures|steps|dimensions|labels|files|draws|epochs|samples)\b/;
  assert.deepEqual(
    Object.keys(en).filter((key) => counted.test(en[key])),
    [],
    'write {n|picture|pictures}',
  );
});

test('every key that the page uses is there', () => {
  const used = keysOfHTML();
  for (const { text } of scripts) {
    for (const [, key] of text.matchAll(
      /\b(?:t|text|attr|say|words|button)\((?:[^()'`]|\([^()]*\))*'([a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z0-9.-]+)'/g,
    )) {
      used.add(key);
    }
  }
  assert.ok(used.size > 60, `only ${used.size} keys were found: has the way of writing them changed?`);
  assert.deepEqual(
    [...used].filter((k) => !(k in en)),
    [],
  );
});

test('what views say when they are ready is there', () => {
  const said = scripts.flatMap(({ name, text }) =>
    [...text.matchAll(/\bstatus\(\) \{[^}]*\}/g)].flatMap(([body]) =>
      [...body.matchAll(/'([a-z-]+\.[a-z-]+)'/g)].map(([, key]) => `${name}: ${key}`),
    ),
  );
  assert.ok(said.length >= 5, `only ${said.length} were found: has the way of writing them changed?`);
  assert.deepEqual(
    said.filter((s) => !(s.split(': ')[1] in en)),
    [],
  );
});

test('every key that is there is used', () => {
  const used = keysOfHTML();
  for (const { text } of scripts) for (const [, s] of text.matchAll(/'([a-z0-9-]+\.[a-z0-9.-]+)'/g)) used.add(s);
  for (const code of codes) used.add(`error.${code}`);
  for (const key of wordsOfCatalog) used.add(key);
  assert.deepEqual(
    Object.keys(en).filter((k) => !used.has(k)),
    [],
  );
});

test('everything in the catalog that is shown has words', () => {
  assert.deepEqual(
    wordsOfCatalog.filter((key) => !en[key]),
    [],
  );
});

test('every error code has a sentence', () => {
  assert.deepEqual(
    codes.filter((c) => !en[`error.${c}`]),
    [],
  );
});

test('what the HTML says before a script runs is what the English catalogue says', () => {
  const plain = (/** @type {string} */ s) => s.replace(/&amp;/g, '&');
  for (const [, key, text] of html.matchAll(/data-i18n="([^"]+)"[^>]*>([^<]*)</g)) {
    assert.equal(plain(text), first[key], key);
  }
  for (const [tag] of html.matchAll(/<[^>]*data-i18n-attr="[^"]*"[^>]*>/g)) {
    for (const pair of /data-i18n-attr="([^"]*)"/.exec(tag)?.[1].split(' ') ?? []) {
      const [attr, key] = pair.split(':');
      assert.equal(new RegExp(` ${attr}="([^"]*)"`).exec(tag)?.[1], first[key], `${attr} of ${tag}`);
    }
  }
});
