import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from './dom.js';
import { read } from './sources.js';

/** @type {any} */
const g = globalThis;
let imports = 0;

/** A page whose first script has run. */
async function open({ lang = 'en', protocol = 'https:' } = {}) {
  const window = makeDocument({ html: '<body><p id=status>Loading …</p></body>' });
  Object.defineProperty(g, 'location', { value: { protocol }, configurable: true });
  Object.defineProperty(g, 'navigator', { value: { language: lang }, configurable: true });
  await import(`../old-browser.js?${imports++}`);
  window.dispatchEvent(new Event('DOMContentLoaded'));
}

const said = () => document.getElementById('start-failure')?.textContent ?? '';

/** Takes something from the browser. @param {import('node:test').TestContext} t @param {string} name */
function lack(t, name) {
  const had = g[name];
  t.after(() => (g[name] = had));
  g[name] = undefined;
}

for (const [lang, words] of /** @type {const} */ ([
  ['en', /^This browser is too old for Inkdrift\. .*Chrome or Edge 98, Firefox 102, Safari 15\.4/],
  ['zh-CN', /^此浏览器版本过旧，无法运行 Inkdrift。.*Chrome 或 Edge 98、Firefox 102、Safari 15\.4/],
]))
  for (const name of ['structuredClone', 'TransformStream'])
    test(`a browser without ${name} is told to be too old, in ${lang}`, async (t) => {
      lack(t, name);
      await open({ lang });
      assert.match(said(), words);
      assert.equal(document.getElementById('status')?.textContent, '');
      assert.equal(document.querySelector('button'), null, 'trying again does not help');
    });

test('then nothing else is said, nor of a page from the disk that it is old', async (t) => {
  lack(t, 'structuredClone');
  await open();
  await import(`../start-failure.js?${imports++}`);
  assert.equal(g.inkdriftFiles, undefined);
  await open({ protocol: 'file:' });
  assert.equal(said(), '');
});

test('a browser that has what is needed hears nothing', async () => {
  await open();
  assert.equal(said(), '');
});

test('the language that was chosen wins', async (t) => {
  lack(t, 'structuredClone');
  const area = Object.getOwnPropertyDescriptor(g, 'localStorage');
  t.after(() => area && Object.defineProperty(g, 'localStorage', area));
  const opening = open();
  Object.defineProperty(g, 'localStorage', { value: { getItem: () => '"zh"' }, configurable: true });
  await opening;
  assert.match(said(), /^此浏览器/);
});

test('the versions that it names are those of docs/browsers.md', () => {
  const source = read('old-browser.js');
  const rows = [...read('../docs/browsers.md').matchAll(/^\| (Chrome|Firefox|Safari).*? \| ([\d.]+) \| [\d.]+ \|$/gm)];
  const [chrome, firefox, safari] = rows.map((row) => row[2]);
  for (const words of [
    `Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari},`,
    `Chrome 或 Edge ${chrome}、Firefox ${firefox}、Safari ${safari} `,
  ])
    assert.ok(source.includes(words), words);
});

test('it is written so that old browsers read it', () => {
  const code = read('old-browser.js')
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    .replace(/'[^']*'/g, "''");
  for (const young of [/\?\./, /\?\?/, /catch \{/, /\.at\(/, /#\w/, /\b(await|async)\b/, /replaceChildren/, /\.prepend\(/])
    assert.doesNotMatch(code, young);
});
