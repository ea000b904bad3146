import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { stopClock } from './clock.js';
import { makeDocument } from './dom.js';

/** @type {any} */
const g = globalThis;
const base = 'http://localhost/';
let imports = 0;
let reloads = 0;
/** @type {ReturnType<typeof stopClock>} */
let clock;
/** @type {Window} */
let window;
/** What the browser tells of the files that were asked for. @type {{name: string, responseStatus: number, decodedBodySize: number, responseEnd: number}[]} */
let entries = [];
/** What the server has: bytes, and the type where it is not that of the ending. @type {Record<string, [bytes: number, type?: string]>} */
let server = {};
/** What the files end in. */
let ending = '}';
/** @type {string[]} what was fetched past the caches */
let renewed = [];

const page =
  '<head><link rel=stylesheet href=a.css><script type=module src=main.js></script><link rel=modulepreload href=b.js></head>' +
  '<body><p id=status>Loading …</p><p data-end></p></body>';

/** Lets promises settle. */
const settle = async () => {
  for (let i = 0; i < 10; i++) await new Promise((done) => setImmediate(done));
};

/** A page whose script has run, at an address. */
async function open({
  protocol = 'http:',
  lang = 'en',
  html = page,
  view = 'studio',
  origin = 'http://localhost',
  state = 'complete',
  before = () => {},
} = {}) {
  window = makeDocument({ html });
  Object.defineProperty(document, 'readyState', { value: state, configurable: true });
  reloads = 0;
  entries = [];
  renewed = [];
  server = { 'assets.json': [0], 'main.js': [10], 'b.js': [20], 'a.css': [30] };
  Object.defineProperty(g, 'location', { value: { protocol, href: base, reload: () => reloads++ }, configurable: true });
  Object.defineProperty(g, 'navigator', { value: { language: lang }, configurable: true });
  Object.defineProperty(g.window, 'origin', { value: origin, configurable: true });
  g.performance.getEntriesByType = () => entries;
  g.performance.now = () => Date.now();
  g.fetch = async (/** @type {string} */ url) => {
    const path = url.slice(base.length);
    renewed.push(path);
    const files = Object.entries(server).map(([path, [bytes]]) => ({ path, bytes }));
    const [bytes, type = 'text/javascript'] = server[path] ?? [-1];
    if (bytes < 0) return new Response('', { status: 404 });
    return new Response(path === 'assets.json' ? JSON.stringify({ files }) : ending.padStart(bytes), { headers: { 'content-type': type } });
  };
  delete g.window.inkdrift;
  if (view) document.documentElement.dataset.view = view;
  before();
  await import(`../start-failure.js?${imports++}`);
}

/** A file has arrived. */
const arrive = (/** @type {string} */ path, /** @type {number} */ bytes, status = 200) =>
  entries.push({ name: base + path, responseStatus: status, decodedBodySize: bytes, responseEnd: Date.now() || 1 });
const tell = async (/** @type {string} */ selector, what = 'error') => {
  document.querySelector(selector)?.dispatchEvent(new Event(what));
  await settle();
};
const said = () => document.getElementById('start-failure')?.textContent ?? '';
const files = () => /** @type {NonNullable<typeof inkdriftFiles>} */ (/** @type {any} */ (g.window).inkdriftFiles);
const hrefs = () => [...document.querySelectorAll('link[rel=stylesheet]')].map((l) => l.getAttribute('href'));
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
  clock = stopClock();
  g.sessionStorage = storage();
});
afterEach(() => clock.release());

test('a module that does not arrive: caches get it anew and the page is loaded once more, then there is a sentence and a button', async () => {
  await open();
  arrive('main.js', 10);
  arrive('b.js', 0, 503);
  await tell('script');
  assert.deepEqual([reloads, said(), renewed], [1, '', ['assets.json', 'b.js']]);
  await open();
  arrive('b.js', 7);
  await tell('script');
  assert.equal(reloads, 0);
  assert.equal(said(), 'A part of the page did not arrive. (b.js)Try again');
  assert.equal(document.getElementById('status')?.textContent, '');
  renewed = [];
  document.querySelector('button')?.click();
  await settle();
  assert.deepEqual([reloads, renewed], [1, ['assets.json', 'b.js']]);
});

test('a module that cannot be read is loaded again; errors of elsewhere are no matter of it', async () => {
  await open();
  const error = (/** @type {string} */ filename) => window.dispatchEvent(Object.assign(new Event('error'), { filename }));
  error('moz-extension://x/y.js');
  error('');
  document.body.append(document.createElement('img'));
  await tell('img');
  assert.deepEqual([reloads, said()], [0, '']);
  error(`${base}b.js`);
  await settle();
  assert.equal(reloads, 1);
});

test('a style that does not arrive is asked for under another address; one that fails twice is told of', async () => {
  await open();
  await tell('link');
  assert.deepEqual(hrefs(), ['a.css', `${base}a.css?again=1`]);
  await tell('link[data-again]', 'load');
  assert.deepEqual(hrefs(), [`${base}a.css?again=1`]);
  assert.deepEqual([reloads, said()], [0, '']);
  await tell('link');
  assert.match(said(), /did not arrive\. \(a\.css\)/);
});

test('what arrived torn without an error is found by its length', async () => {
  await open();
  arrive('main.js', 10);
  arrive('a.css', 12);
  arrive('b.js', 20);
  const bytesOf = (/** @type {string} */ path) => server[path]?.[0];
  let checked = files().check(bytesOf);
  await settle();
  assert.deepEqual(hrefs(), ['a.css', `${base}a.css?again=1`]);
  await tell('link[data-again]', 'load');
  assert.deepEqual(await checked, []);
  arrive('a.css', 30);
  arrive('b.js', 5);
  checked = files().check();
  assert.deepEqual(await checked, ['b.js']);
  g.window.inkdrift = {};
  files().begun(['b.js']);
  assert.equal(reloads, 1);
  files().begun(['b.js']);
  assert.match(said(), /b\.js.*Try again/);
});

test('a server that always sends another length is let be, unless a style is cut off', async () => {
  await open();
  arrive('a.css', 12);
  arrive('b.js', 5);
  const names = files().check(() => 99);
  assert.deepEqual([await names, hrefs(), said()], [[], ['a.css'], '']);
  ending = '{ color:';
  await files().check(() => 99);
  ending = '}';
  assert.match(said(), /did not arrive\. \(a\.css\)/);
});

test('a page that has started is loaded once more the next time, too', async () => {
  await open();
  await tell('script');
  await open();
  g.window.inkdrift = {};
  files().begun([]);
  await open();
  await tell('script');
  assert.equal(reloads, 1);
});

test('without storage it does not load for ever', async () => {
  g.sessionStorage = undefined;
  await open();
  await tell('script');
  assert.equal(reloads, 0);
  assert.match(said(), /Try again/);
});

for (const state of ['loading', 'complete'])
  test(`a document that is cut off is loaded once more, where it is ${state} when the script comes`, async () => {
    const opened = async (/** @type {object} */ how) => {
      await open({ ...how, state });
      document.dispatchEvent(new Event('readystatechange'));
      await settle();
      return reloads;
    };
    assert.equal(await opened({ html: '<head></head><body><p>half a page</p></body>' }), 1);
    g.sessionStorage = storage();
    assert.equal(await opened({}), 0);
    assert.equal(await opened({ view: '' }), 1, 'initial-view.js has failed');
  });

test('what failed before the script came is seen: a style is asked for again, for a script the page is loaded once more', async () => {
  await open({ before: () => arrive('a.css', 0, 503) });
  assert.deepEqual(hrefs(), ['a.css', `${base}a.css?again=1`]);
  await open({ before: () => arrive('icon.svg', 0, 404) });
  await settle();
  assert.equal(reloads, 0);
  await open({ before: () => arrive('main.js', 0, 503) });
  await settle();
  assert.deepEqual([reloads, said()], [1, '']);
});

test('a page that has everything and does not start is not loaded again unless something is wrong', async () => {
  const wait = async () => {
    for (const [path, [bytes]] of Object.entries(server).slice(1)) arrive(path, bytes);
    clock.tick(11_000);
    await settle();
    return [reloads, said()];
  };
  await open();
  assert.deepEqual(await wait(), [0, 'A part of the page takes unusually long to arrive.Try again'], 'the machine may be slow');
  await open();
  server['main.js'] = [10, 'text/plain'];
  assert.match(String((await wait())[1]), /text\/javascript/);
  await open({ protocol: 'file:' });
  assert.match(String((await wait())[1]), /make run/);
});

test('where the parser waits for a script, which nothing is painted before, the page is loaded once more; then waiting ends', async () => {
  const wait = async () => {
    await open({ html: '<head><script src=initial-view.js></script></head>', view: '', state: 'loading' });
    document.body.remove();
    clock.tick(11_000);
    document.dispatchEvent(new Event('readystatechange')); // what was stopped has been read
    await settle();
    return [reloads, said()];
  };
  assert.deepEqual(await wait(), [1, '']);
  assert.deepEqual(await wait(), [0, 'A part of the page did not arrive. (initial-view.js)Try again']);
});

/** @type {[string, Parameters<typeof open>[0], RegExp, RegExp][]} */
const cases = [
  ['from the disk', { protocol: 'file:' }, /make run/, /网页服务器/],
  ['in a frame without an origin', { origin: 'null' }, /Access-Control-Allow-Origin/, /沙盒/],
  ['whose scripts have a wrong type', {}, /text\/javascript/, /类型/],
];
for (const [what, how, en, zh] of cases)
  for (const lang of ['en', 'zh-CN'])
    test(`a page ${what} says what to do, in ${lang}`, async () => {
      await open({ ...how, lang });
      server['main.js'] = [10, 'text/plain'];
      await tell('script');
      assert.match(said(), lang === 'en' ? en : zh);
      assert.deepEqual([reloads, document.querySelector('button')], [0, null]);
    });

test('what does not come for ten seconds is told, and the sentence leaves when something comes', async () => {
  await open();
  arrive('main.js', 10);
  arrive('a.css', 30);
  clock.tick(9_000);
  assert.equal(said(), '');
  clock.tick(2_000);
  assert.equal(said(), 'A part of the page takes unusually long to arrive. (b.js)Try again');
  clock.tick(5_000);
  assert.equal(document.querySelectorAll('.error').length, 1, 'it is there once');
  arrive('b.js', 20);
  clock.tick(1_000);
  assert.equal(said(), '');
  g.window.inkdrift = {};
  clock.tick(60_000);
  assert.equal(said(), '');
});

test('a style that does not come is asked for again: without it nothing is painted', async () => {
  await open();
  arrive('main.js', 10);
  arrive('b.js', 20);
  clock.tick(11_000);
  assert.deepEqual(hrefs(), [`${base}a.css?again=1`]);
  assert.match(said(), /\(a\.css\)/);
  g.window.inkdrift = {};
  clock.tick(20_000);
  assert.match(said(), /\(a\.css\)/, 'also while the page has started without it');
  await tell('link[rel=stylesheet]', 'load');
  assert.equal(said(), '');
});

test('modules tell of files that are late until they have come', async () => {
  await open();
  g.window.inkdrift = {};
  files().late('x.json');
  files().late('y.wasm');
  assert.match(said(), /\(x\.json, y\.wasm\)/);
  files().came('x.json');
  assert.match(said(), /\(y\.wasm\)/);
  files().came('y.wasm');
  assert.equal(said(), '');
  files().lost('en.json');
  files().came('en.json');
  files().late('z.json');
  assert.match(said(), /did not arrive\. \(en\.json\)/, 'what is lost is not only late');
});
