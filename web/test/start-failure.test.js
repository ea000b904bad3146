import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, test } from 'node:test';
import { makeDocument } from './dom.js';

/** @type {any} */
const g = globalThis;
let imports = 0;
let reloads = 0;
/** @type {(() => void)[]} what runs after the page's patience */
let late = [];
/** @type {Window} */
let window;

/** A page whose script has run, at an address. */
async function open({ protocol = 'https:', lang = 'en' } = {}) {
  window = makeDocument({
    html: '<head><link rel=stylesheet href=a.css><script type=module src=main.js></script></head><body><p id=status>Loading …</p></body>',
  });
  reloads = 0;
  late = [];
  Object.defineProperty(g, 'location', { value: { protocol, reload: () => reloads++ }, configurable: true });
  Object.defineProperty(g, 'navigator', { value: { language: lang }, configurable: true });
  g.setTimeout = (/** @type {() => void} */ fn) => late.push(fn);
  delete g.window.inkdrift;
  await import(`../start-failure.js?${imports++}`);
}

const lose = (/** @type {string} */ selector) => document.querySelector(selector)?.dispatchEvent(new Event('error'));
const said = () => document.getElementById('start-failure')?.textContent ?? '';
/** A storage of the session. */
function storage() {
  /** @type {Map<string, string>} */
  const values = new Map();
  return {
    getItem: (/** @type {string} */ k) => values.get(k) ?? null,
    setItem: (/** @type {string} */ k, /** @type {string} */ v) => void values.set(k, v),
    removeItem: (/** @type {string} */ k) => void values.delete(k),
  };
}

beforeEach(() => {
  g.sessionStorage = storage();
});

for (const selector of ['script', 'link'])
  test(`a ${selector} that does not arrive: the page is loaded once more, then there is a sentence and a button`, async () => {
    await open();
    lose(selector);
    assert.deepEqual([reloads, said()], [1, '']);
    await open();
    lose(selector);
    assert.equal(reloads, 0);
    assert.match(said(), /^A part of the page did not arrive\..*Try again$/);
    assert.equal(document.getElementById('status')?.textContent, '');
    document.querySelector('button')?.click();
    assert.equal(reloads, 1);
  });

test('a page that has started is loaded once more the next time, too', async () => {
  await open();
  lose('script');
  await open();
  g.window.inkdrift = {};
  window.dispatchEvent(new Event('load'));
  for (const fn of late) fn();
  await open();
  lose('script');
  assert.equal(reloads, 1);
});

test('without storage it does not load for ever', async () => {
  g.sessionStorage = undefined;
  await open();
  lose('script');
  assert.equal(reloads, 0);
  assert.match(said(), /Try again/);
});

test('a page from the disk says what to do, in the visitor’s language', async () => {
  await open({ protocol: 'file:', lang: 'zh-CN' });
  lose('script');
  assert.match(said(), /make run/);
  assert.match(said(), /网页服务器/);
  assert.equal(document.querySelector('button'), null);
});

test('what never comes is told, and the sentence leaves when it has come', async () => {
  await open();
  window.dispatchEvent(new Event('load'));
  late.shift()?.();
  assert.match(said(), /unusually long.*Try again/);
  late.shift()?.();
  assert.match(said(), /unusually long/, 'it is there once');
  g.window.inkdrift = {};
  late.shift()?.();
  assert.deepEqual([said(), late], ['', []]);
});

test('errors of scripts and of pictures are no matter of it', async () => {
  await open();
  window.dispatchEvent(new Event('error'));
  document.body.append(document.createElement('img'));
  lose('img');
  assert.deepEqual([reloads, said()], [0, '']);
});

for (const [lang, words] of /** @type {const} */ ([
  ['en', /^This browser is too old for Inkdrift\. .*Chrome or Edge 98, Firefox 102, Safari 15\.4/],
  ['zh-CN', /^此浏览器版本过旧，无法运行 Inkdrift。.*Chrome 或 Edge 98、Firefox 102、Safari 15\.4/],
]))
  for (const lacks of ['structuredClone', 'TransformStream'])
    test(`a browser without ${lacks} is told to be too old, in ${lang}`, async (t) => {
      const had = g[lacks];
      t.after(() => (g[lacks] = had));
      g[lacks] = undefined;
      await open({ lang });
      window.dispatchEvent(new Event('DOMContentLoaded'));
      assert.match(said(), words);
      assert.equal(document.getElementById('status')?.textContent, '');
      assert.equal(document.querySelector('button'), null, 'trying again does not help');
    });

test('the versions that it names are those of docs/browsers.md', () => {
  const [source, document] = ['../start-failure.js', '../../docs/browsers.md'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  const rows = [...document.matchAll(/^\| (Chrome|Firefox|Safari).*? \| ([\d.]+) \| [\d.]+ \|$/gm)];
  const [chrome, firefox, safari] = rows.map((row) => row[2]);
  for (const words of [
    `Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari},`,
    `Chrome 或 Edge ${chrome}、Firefox ${firefox}、Safari ${safari} `,
  ]) {
    assert.ok(source.includes(words), words);
  }
});

test('a browser that has what is needed hears nothing', async () => {
  await open();
  window.dispatchEvent(new Event('DOMContentLoaded'));
  assert.equal(said(), '');
});

test('it is written so that old browsers read it', () => {
  const source = readFileSync(new URL('../start-failure.js', import.meta.url), 'utf8');
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replace(/'[^']*'/g, "''");
  for (const young of [/\?\./, /\?\?/, /catch \{/, /\.at\(/, /#\w/, /\bawait\b/, /replaceChildren/]) assert.doesNotMatch(code, young);
});
