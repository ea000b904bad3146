import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { makeDocument, settle, until } from '../test/dom.js';
import { read } from '../test/sources.js';
import { viewOf } from './router.js';
import { ViewLoader } from './view-loader.js';
import { dataView, modelView, views } from './views.js';

/** A view that is nowhere else: a module and a line of the table. */
function testView(/** @type {string[]} */ calls, name = 'probe') {
  return {
    name,
    title: `page.title-${name}`,
    label: `page.${name}`,
    styles: [`css/${name}.css`],
    load: async () => ({
      async open(/** @type {any} */ context, /** @type {HTMLElement} */ root) {
        calls.push(`open ${name}`);
        root.textContent = `the ${name} of ${context.base}`;
        return {
          enter: (/** @type {string} */ hash) => void calls.push(`enter ${name} ${hash}`),
          leave: () => void calls.push(`leave ${name}`),
          themed: () => void calls.push(`themed ${name}`),
          status: () => `${name}.ready`,
        };
      },
    }),
  };
}

/**
 * A page with views, at an address.
 *
 * @param {string} [hash]
 * @param {any[]} [more] views besides
 */
function setUp(hash = '', more = []) {
  const window = makeDocument({ hash });
  /** @type {string[]} */
  const calls = [];
  /** @type {{error: any, retry?: () => void}[]} */
  const errors = [];
  /** @type {string[]} */
  const cleared = [];
  /** @type {Map<Element, string>} */
  const words = new Map();
  const context = /** @type {any} */ ({
    base: 'http://localhost/',
    words: Promise.resolve(),
    i18n: {
      text: (/** @type {Element} */ e, /** @type {string} */ key) => words.set(e, key),
      attr: (/** @type {Element} */ e, /** @type {string} */ name, /** @type {string} */ key) => e.setAttribute(name, key),
    },
    fail: (/** @type {any} */ error, /** @type {() => void} */ retry) => errors.push({ error, retry }),
    errors: { clear: (/** @type {string} */ code) => cleared.push(code) },
  });
  const first = { ...testView(calls, 'studio'), styles: [] };
  let said = '';
  /** Views that have said something, which stays. */
  const told = new Set();
  const say = (/** @type {string} */ key) => (said = key);
  const status = /** @type {any} */ ({
    of: (/** @type {string} */ name) => ({ say: (/** @type {string} */ key) => told.add(name) && say(key) }),
    say,
    show: (/** @type {string} */ name, /** @type {string} */ key) => told.has(name) || say(key),
  });
  const loader = new ViewLoader({ views: [first, testView(calls), ...more], context, status, onChange: () => void calls.push('change') });
  // Style sheets arrive at once.
  const append = document.head.append.bind(document.head);
  document.head.append = (/** @type {any} */ link) => {
    append(link);
    queueMicrotask(() => link.dispatchEvent(new Event('load')));
  };
  return { window, calls, errors, cleared, words, loader, sentence: () => said };
}

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

test('a view is seen once what it shows first is there, or after a while', async (t) => {
  for (const { name, comes } of [
    { name: 'quick', comes: true },
    { name: 'slow', comes: false },
  ]) {
    await t.test(name, async (t) => {
      const settled = new Promise((done) => comes && done(undefined));
      const entry = testView([], name);
      /** @type {any} */
      const load = async () => ({
        open: async (/** @type {any} */ context, /** @type {HTMLElement} */ root) => {
          const { open } = await entry.load();
          return { ...(await open(context, root)), settled: () => settled };
        },
      });
      const { loader, errors } = setUp(`#${name}`, [{ ...entry, load }]);
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const pass = async (/** @type {number} */ ms) => {
        for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
        t.mock.timers.tick(ms);
      };
      const { dataset } = document.documentElement;
      loader.start();
      await pass(0);
      assert.deepEqual(errors, []);
      assert.equal(dataset.opened, undefined, 'it was just entered');
      for (let frame = 0; frame < 5; frame++) await pass(16);
      assert.equal(dataset.opened, comes ? name : undefined);
      await pass(5000);
      await pass(0);
      assert.equal(dataset.opened, name);
    });
  }
});

test('a view is seen where its address makes it fail', async () => {
  const entry = testView([], 'strict');
  /** @type {any} */
  const load = async () => ({
    open: async (/** @type {any} */ context, /** @type {HTMLElement} */ root) => {
      const { open } = await entry.load();
      const enter = () => {
        throw new RangeError('no such address');
      };
      return { ...(await open(context, root)), enter };
    },
  });
  const { loader, errors } = setUp('#strict?a=1', [{ ...entry, load }]);
  loader.start();
  await until(() => document.documentElement.dataset.opened === 'strict');
  assert.match(String(errors[0].error), /no such address/);
});

test('a line of the table makes a link, an element and a title, and opens the view at its address', async () => {
  const { calls, words, loader, errors, sentence } = setUp('#probe?a=1');
  loader.start();
  await settle();
  assert.deepEqual(errors, []);
  assert.deepEqual(calls, ['change', 'open probe', 'enter probe #probe?a=1']);
  assert.equal(document.documentElement.dataset.view, 'probe');
  await until(() => document.documentElement.dataset.opened === 'probe');
  const link = /** @type {HTMLAnchorElement} */ (byId('to-probe'));
  assert.equal(link.parentElement?.id, 'views');
  assert.equal(link.hash, '#probe');
  assert.equal(words.get(link), 'page.probe');
  assert.equal(link.getAttribute('aria-current'), 'page');
  assert.equal(byId('to-studio').hasAttribute('aria-current'), false);
  const root = byId('probe');
  assert.equal(root.hidden, false);
  assert.equal(root.getAttribute('aria-label'), 'page.probe');
  assert.equal(root.textContent, 'the probe of http://localhost/');
  assert.equal(words.get(/** @type {Element} */ (document.querySelector('title'))), 'page.title-probe');
  assert.ok(document.querySelector('link[href="css/probe.css"]'));
  assert.equal(sentence(), 'status.loading');
  loader.ready();
  assert.equal(sentence(), 'probe.ready');
});

test('views are left and entered again, each at the address that it had', async () => {
  const { calls, loader } = setUp();
  loader.start();
  await settle();
  assert.deepEqual(calls, ['open studio', 'enter studio ']);
  byId('to-probe').click();
  await settle();
  location.hash = '#probe?b=2';
  await settle();
  byId('to-studio').click();
  await settle();
  assert.equal(location.hash, '');
  assert.equal(byId('probe').hidden, true);
  byId('to-probe').click();
  await settle();
  history.back();
  await settle();
  await settle();
  // An address that changes can be told twice: popstate, hashchange.
  const told = calls.filter((call, i) => call !== calls[i - 1]);
  assert.deepEqual(told.slice(2), [
    'leave studio',
    'change',
    'open probe',
    'enter probe #probe',
    'enter probe #probe?b=2',
    'leave probe',
    'change',
    'enter studio ',
    'leave studio',
    'change',
    'enter probe #probe?b=2',
    'leave probe',
    'change',
    'enter studio ',
  ]);
});

test('a click that asks for a new tab is left to the browser', async () => {
  const { loader, window } = setUp();
  loader.start();
  const event = new window.MouseEvent('click', { ctrlKey: true, bubbles: true, cancelable: true });
  byId('to-probe').dispatchEvent(event);
  assert.equal(event.defaultPrevented, false);
  assert.equal(document.documentElement.dataset.view, 'studio');
});

test('a view that comes after another was asked for is not entered', async () => {
  const { calls, loader } = setUp('#probe');
  loader.start();
  loader.go('studio');
  await settle();
  assert.deepEqual(calls.sort(), ['change', 'change', 'enter studio ', 'open probe', 'open studio']);
});

test('opened views hear of other colours', async () => {
  const { calls, loader } = setUp();
  loader.start();
  await settle();
  loader.themed();
  assert.deepEqual(calls.slice(2), ['themed studio']);
});

/** A view that cannot be loaded before it has arrived. */
function lateView() {
  /** @type {string[]} */
  const calls = [];
  let there = false;
  const late = testView(calls, 'late');
  const load = late.load;
  late.load = async () => {
    if (!there) throw new Error('no network');
    return load();
  };
  return { late, calls, arrive: () => (there = true) };
}

test('a view that cannot be loaded is told of, and tried again', async () => {
  const { late, calls, arrive } = lateView();
  const { errors, loader, sentence } = setUp('#late', [late]);
  loader.start();
  await settle();
  assert.equal(errors.length, 1);
  assert.equal(loader.current, undefined);
  loader.ready();
  assert.equal(sentence(), 'status.view-failed');
  arrive();
  errors[0].retry?.();
  await settle();
  assert.deepEqual(calls, ['open late', 'enter late #late']);
  assert.ok(loader.current);
  assert.equal(sentence(), 'late.ready');
});

test('what is said of a view that cannot be loaded leaves with it, and when the network is back it is loaded', async () => {
  const { late, calls, arrive } = lateView();
  const { cleared, errors, loader, window } = setUp('#late', [late]);
  loader.start();
  await settle();
  loader.go('studio');
  await settle();
  assert.deepEqual([errors.length, cleared], [1, ['fetch-failed']]);
  window.dispatchEvent(new Event('online'));
  await settle();
  assert.deepEqual([errors.length, calls], [1, []], 'it is not the view that is shown');
  loader.go('late');
  await settle();
  assert.deepEqual([errors.length, calls], [2, []]);
  arrive();
  window.dispatchEvent(new Event('online'));
  await settle();
  assert.deepEqual(calls, ['open late', 'enter late #late']);
  assert.deepEqual(cleared, ['fetch-failed', 'fetch-failed']);
});

test('a view is fetched once, however often it is wanted, and need not be shown', async () => {
  const { calls, loader } = setUp();
  assert.equal(await loader.open('probe'), await loader.open('probe'));
  assert.deepEqual(calls, ['open probe']);
  await assert.rejects(loader.open('nowhere'), /no view is called nowhere/);
});

test('the skip link goes to the view that is shown', async () => {
  const { loader } = setUp('#probe');
  loader.start();
  await settle();
  byId('skip').click();
  assert.equal(document.activeElement?.id, 'probe');
});

test('the links are behind a button where there is no room: a choice, Escape and a press elsewhere close them', async () => {
  const { loader } = setUp();
  loader.start();
  await settle();
  const menu = byId('views-menu');
  const open = () => menu.getAttribute('aria-expanded') === 'true';
  menu.click();
  assert.equal(open(), true);
  menu.click();
  assert.equal(open(), false);
  menu.click();
  byId('to-probe').dispatchEvent(new Event('pointerdown', { bubbles: true }));
  assert.equal(open(), true, 'a link is about to be pressed');
  byId('to-probe').click();
  assert.equal(open(), false);
  menu.click();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  assert.deepEqual([open(), document.activeElement], [false, menu]);
  menu.click();
  document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
  assert.equal(open(), false);
});

test('a view whose style sheet cannot be had is told of, and tried again', async () => {
  /** @type {string[]} */
  const calls = [];
  const { errors, loader } = setUp('#bare', [testView(calls, 'bare')]);
  const append = document.head.append;
  let there = false;
  document.head.append = (/** @type {any} */ link) => {
    if (there) return append(link);
    queueMicrotask(() => link.dispatchEvent(new Event('error')));
  };
  loader.start();
  await settle();
  assert.deepEqual([errors[0].error.code, errors[0].error.message], ['fetch-failed', 'css/bare.css']);
  assert.deepEqual(calls, []);
  there = true;
  errors[0].retry?.();
  await settle();
  assert.deepEqual(calls, ['open bare', 'enter bare #bare']);
});

test('what is not fetched in advance is kept by the views that have it', () => {
  const files = readdirSync(new URL('..', import.meta.url), { recursive: true }).map((f) => String(f).replaceAll('\\', '/'));
  const wanted = files.filter(
    (f) =>
      /(^|\/)(export-buttons|export-row|lapse|model-map|start-models|own-hand|own-model|before|second-engine|checkpoint-file|curve-csv|vae-vs-gan)[.-]/.test(
        f,
      ) && !f.endsWith('.test.js'),
  );
  assert.deepEqual([...new Set(views.flatMap((v) => v.parts ?? []))].sort(), wanted.sort());
});

test('addresses name views, with settings or without', () => {
  assert.equal(viewOf(views, ''), 'studio');
  assert.equal(viewOf(views, '#pad-a'), 'studio');
  assert.equal(viewOf(views, '#hand'), 'hand');
  assert.equal(viewOf(views, '#train?preset=quick'), 'train');
  assert.equal(viewOf(views, '#training'), 'studio');
});

test('the HTML has links of views of the table, in its order and with its words', () => {
  const links = [...read('index.html').matchAll(/<a id="to-(\w+)" href="#(\w*)"(?: aria-current="page")? data-i18n="([^"]+)"/g)];
  const order = links.map(([, name]) => views.findIndex((view) => view.name === name));
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  for (const [, name, hash, key] of links) {
    const view = views.find((v) => v.name === name);
    assert.equal(key, view?.label);
    assert.equal(hash, view === views[0] ? '' : name);
  }
});

test('what the table names is there', () => {
  for (const { styles } of views) for (const href of styles) assert.ok(read(href));
  for (const name of [dataView, modelView]) assert.ok(views.some((view) => view.name === name));
});
