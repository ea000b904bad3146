import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { cacheLoaded, cacheOffline, registerServiceWorker } from './offline.js';

const g = /** @type {any} */ (globalThis);
const real = Object.getOwnPropertyDescriptor(g, 'navigator');

class FakeElement extends EventTarget {
  hidden = true;
}

/** @param {any} serviceWorker null: the browser has none */
function browser(serviceWorker) {
  const elements = { update: new FakeElement(), 'update-now': new FakeElement() };
  Object.defineProperty(g, 'navigator', { value: serviceWorker ? { serviceWorker } : {}, configurable: true });
  g.HTMLElement = g.HTMLButtonElement = FakeElement;
  g.document = Object.assign(new EventTarget(), { getElementById: (/** @type {'update'} */ id) => elements[id] });
  return elements;
}

afterEach(() => {
  if (real) Object.defineProperty(g, 'navigator', real);
  else delete g.navigator;
  for (const name of ['HTMLElement', 'HTMLButtonElement', 'document', 'location']) delete g[name];
});

/** A container of service workers. @param {object} registration @param {object} [more] */
const container = (registration, more = {}) =>
  Object.assign(new EventTarget(), { register: async () => registration, controller: null, ...more });

function worker(state = 'installing') {
  /** @type {any[]} */
  const got = [];
  return Object.assign(new EventTarget(), { state, got, postMessage: (/** @type {any} */ m) => got.push(m) });
}

test('without service workers, or where they are forbidden, nothing happens', async () => {
  browser(null);
  await registerServiceWorker('sw.js');
  await cacheOffline('models/x');
  const { update } = browser({ register: async () => Promise.reject(new Error('forbidden')) });
  await registerServiceWorker('sw.js');
  assert.equal(update.hidden, true);
});

test('a newer version that waits is offered, takes over when it is accepted, and then the page reloads', async () => {
  const waiting = worker('installed');
  const serviceWorker = container(Object.assign(new EventTarget(), { waiting }));
  const { update, 'update-now': now } = browser(serviceWorker);
  let reloads = 0;
  g.location = { reload: () => reloads++ };
  await registerServiceWorker('sw.js');
  assert.equal(update.hidden, false);
  assert.deepEqual(waiting.got, []);
  now.dispatchEvent(new Event('click'));
  now.dispatchEvent(new Event('click'));
  assert.deepEqual(waiting.got, ['take-over']);
  assert.equal(reloads, 0);
  serviceWorker.dispatchEvent(new Event('controllerchange'));
  serviceWorker.dispatchEvent(new Event('controllerchange'));
  assert.equal(reloads, 1);
});

test('a version that is installed while the page is open is offered, the very first is not', async () => {
  for (const first of [true, false]) {
    const installing = worker();
    const registration = Object.assign(new EventTarget(), { waiting: null, installing });
    const { update } = browser(container(registration, { controller: first ? null : {} }));
    await registerServiceWorker('sw.js');
    registration.dispatchEvent(new Event('updatefound'));
    assert.equal(update.hidden, true);
    installing.state = 'installed';
    installing.dispatchEvent(new Event('statechange'));
    assert.equal(update.hidden, first);
  }
});

test('a version that was accepted in another tab is there after a reload', async () => {
  for (const state of ['activated', 'redundant']) {
    const waiting = worker('installed');
    const { 'update-now': now } = browser(container(Object.assign(new EventTarget(), { waiting })));
    let reloads = 0;
    g.location = { reload: () => reloads++ };
    await registerServiceWorker('sw.js');
    waiting.state = state;
    now.dispatchEvent(new Event('click'));
    assert.deepEqual([reloads, waiting.got], [1, []]);
  }
});

test('a page that stays open looks for a newer version when it is shown again, once an hour', async (t) => {
  t.mock.timers.enable({ apis: ['Date'] });
  let looks = 0;
  const update = async () => {
    looks++;
    throw new TypeError('no network');
  };
  browser(container(Object.assign(new EventTarget(), { waiting: null, update })));
  const show = (/** @type {string} */ visibilityState) => {
    Object.assign(g.document, { visibilityState });
    g.document.dispatchEvent(new Event('visibilitychange'));
  };
  await registerServiceWorker('sw.js');
  show('visible');
  assert.equal(looks, 0, 'the browser has just looked');
  t.mock.timers.tick(3_600_000);
  show('hidden');
  assert.equal(looks, 0);
  show('visible');
  show('visible');
  assert.equal(looks, 1);
});

test('on the first visit the service worker is told what was fetched; later it sees that itself', async () => {
  const active = worker();
  browser(container({}, { ready: Promise.resolve({ active }) }));
  await cacheOffline('models/x');
  assert.deepEqual(active.got, [{ keep: 'models/x' }]);
  browser(container({}, { ready: Promise.resolve({ active }), controller: {} }));
  await cacheOffline('models/y');
  assert.equal(active.got.length, 1);
});

test('a browser that refuses service workers only when they are asked for keeps nothing, without an error', async () => {
  browser(container({}, { ready: Promise.reject(new DOMException('The operation is insecure.', 'SecurityError')) }));
  await cacheOffline('models/x');
});

test('what was loaded of a part before there was a worker is kept when it is named', async (t) => {
  const active = worker('activated');
  browser(container({}, { ready: Promise.resolve({ active }) }));
  g.document.baseURI = 'https://host/ink/#x';
  const names = [
    'https://host/ink/views/try-a.js?v=1',
    'https://host/ink/css/try.css',
    'https://host/ink/entry.js',
    'https://other/try-b.js',
  ];
  const observer = g.PerformanceObserver;
  t.after(() => (g.PerformanceObserver = observer));
  g.PerformanceObserver = class {
    /** @param {(list: any) => void} tell */
    constructor(tell) {
      this.tell = tell;
    }
    observe() {
      for (const name of names) this.tell({ getEntries: () => [{ name }] });
    }
  };
  cacheLoaded(/(^|\/)try[.-]/);
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(active.got, [{ keep: 'views/try-a.js' }, { keep: 'css/try.css' }]);
});
