import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, find, makeDocument } from '../test/dom.js';

test('the status line says a sentence at once, and of several soon after it the last', async (t) => {
  makeDocument();
  const { Status } = await import('./status.js');
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  /** @type {Map<number, () => void>} */
  const timers = new Map();
  t.mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ fn, /** @type {number} */ ms) => {
    timers.set(now + ms, fn);
    return now + ms;
  });
  t.mock.method(globalThis, 'clearTimeout', (/** @type {number} */ at) => timers.delete(at));
  const status = new Status(await english());
  const line = find('status');
  status.say('status.failed');
  const first = line.textContent;
  assert.equal(first, 'Inkdrift could not start.');
  now += 100;
  status.say('status.saved-gif');
  now += 100;
  status.say('status.cleared', { pad: 'A' });
  assert.equal(line.textContent, first, 'a screen reader has to finish');
  assert.deepEqual([...timers.keys()], [2500], 'only the newest waits');
  now = 2500;
  timers.get(now)?.();
  assert.match(line.textContent, /A/);
});

test('what one view said is not left standing in the next, and comes back with its view', async () => {
  makeDocument();
  const { Status } = await import('./status.js');
  const status = new Status(await english());
  const line = find('status');
  status.show('studio', 'status.ready');
  status.of('studio').say('status.cleared', { pad: 'A' });
  status.show('train', 'status.loading');
  assert.equal(line.textContent, 'Loading …');
  status.show('train', 'train.idle');
  const idle = line.textContent;
  assert.notEqual(idle, 'Loading …', 'the view is open');
  status.of('studio').say('status.cleared', { pad: 'B' });
  assert.equal(line.textContent, idle, 'the studio is not shown');
  status.show('studio', 'status.ready');
  assert.match(line.textContent, /B/);
});

test('the bar shows what has arrived, in megabytes, and goes', async () => {
  makeDocument();
  const { ProgressBar } = await import('./status.js');
  const bar = new ProgressBar(await english());
  bar.show(1_500_000, 6_000_000);
  assert.equal(find('progress').value, 1_500_000);
  assert.equal(find('progress').max, 6_000_000);
  assert.match(find('bytes').textContent, /1\.5.*6\.0/);
  bar.show(0, 0);
  assert.equal(find('progress').max, 1);
  bar.done();
  assert.ok(find('progress').hidden && find('bytes').hidden);
});

test('one menu is open at a time, and Escape or a click elsewhere closes it', async () => {
  makeDocument();
  const { closeMenus } = await import('../lib/menus.js');
  closeMenus();
  const [a, b] = [find('menu-a'), find('menu-b')];
  const toggle = (/** @type {any} */ menu) => {
    menu.open = true;
    menu.dispatchEvent(new Event('toggle'));
  };
  toggle(a);
  toggle(b);
  assert.deepEqual([a.open, b.open], [false, true]);
  b.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
  assert.equal(b.open, true);
  b.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  assert.equal(b.open, false);
  toggle(a);
  find('panel-a').dispatchEvent(new Event('pointerdown', { bubbles: true }));
  assert.equal(a.open, true);
  document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
  assert.equal(a.open, false);
});

test('the theme follows the system until a person says otherwise, and then again when that is the same', async () => {
  makeDocument();
  const { Theme } = await import('./theme.js');
  const store = new Map();
  let changes = 0;
  const theme = new Theme(
    /** @type {any} */ ({ get: (/** @type {string} */ k) => store.get(k), set: store.set.bind(store) }),
    () => changes++,
  );
  assert.equal(theme.dark, false);
  find('theme').click();
  assert.equal(theme.dark, true);
  assert.equal(document.documentElement.dataset.theme, 'dark');
  assert.equal(store.get('theme'), 'dark');
  find('theme').click();
  assert.equal(theme.dark, false);
  assert.equal(store.get('theme'), null);
  assert.equal(document.documentElement.dataset.theme, undefined);
  assert.equal(changes, 2);
});

test('a system that is dark makes the page dark, a person can make it light, and other colours are told of', async () => {
  makeDocument();
  const { Theme } = await import('./theme.js');
  /** @type {any} */
  const system = { matches: true, addEventListener: (/** @type {string} */ _, /** @type {() => void} */ fn) => (system.change = fn) };
  Object.assign(globalThis, { matchMedia: () => system });
  const store = new Map([['theme', 'purple']]);
  let changes = 0;
  const theme = new Theme(/** @type {any} */ (store), () => changes++);
  assert.deepEqual([theme.dark, document.documentElement.dataset.theme], [true, undefined], 'what is stored is no theme');
  find('theme').click();
  assert.deepEqual([theme.dark, store.get('theme'), changes], [false, 'light', 1]);
  document.documentElement.style.setProperty('--ink', ' #123456');
  assert.equal(theme.colours.ink, '#123456');
  find('theme').click();
  system.matches = false;
  system.change();
  assert.deepEqual([theme.dark, store.get('theme'), changes], [false, null, 3]);
});

test('the stage is told where the slots are, relative to a frame around those that are shown', async () => {
  makeDocument();
  const { Layout } = await import('./layout.js');
  const stage = find('stage');
  const box = (/** @type {Element | null} */ e, /** @type {number[]} */ [x, y, width, height]) => {
    if (e) e.getBoundingClientRect = () => /** @type {any} */ ({ x, y, width, height });
  };
  box(stage, [100, 50, 800, 600]);
  box(document.querySelector('[data-slot=padA]'), [110.126, 60, 200, 200]);
  box(document.querySelector('[data-slot=morph]'), [400, 60, 300, 300]);
  let told = 0;
  const layout = new Layout(stage, find('canvas'), () => told++);
  await new Promise((done) => setTimeout(done, 5));
  assert.equal(told, 1);
  const { width, height, slots } = /** @type {any} */ (layout.message);
  assert.deepEqual(Object.keys(slots), ['padA', 'morph'], 'a slot of no size is not shown');
  assert.deepEqual(slots.padA, { x: 2.13, y: 2, w: 200, h: 200 });
  assert.deepEqual([width, height], [594, 304]);
  assert.equal(find('canvas').style.width, '594px');
  assert.deepEqual(layout.rects().morph, { x: 400, y: 60, width: 300, height: 300 });
  layout.look();
  await new Promise((done) => setTimeout(done, 5));
  assert.equal(told, 1, 'nothing has changed');
  box(document.querySelector('[data-slot=morph]'), [400, 60, 310, 300]);
  layout.look();
  layout.look();
  await new Promise((done) => setTimeout(done, 5));
  assert.equal(told, 2);
});

test('where CSS zooms the page the stage has its own pixels, and scripts those of the window', async () => {
  makeDocument();
  const { Layout } = await import('./layout.js');
  const stage = find('stage');
  const box = (/** @type {any} */ e, /** @type {number[]} */ [x, y, width, height]) =>
    Object.assign(e, { getBoundingClientRect: () => ({ x, y, width, height }) });
  box(stage, [100, 50, 1200, 900]);
  Object.defineProperty(stage, 'offsetWidth', { value: 800 });
  box(document.querySelector('[data-slot=padA]'), [250, 200, 300, 300]);
  const layout = new Layout(stage, find('canvas'), () => {});
  const { dpr, slots } = layout.message;
  assert.equal(dpr, 1.5);
  assert.deepEqual([slots.padA.w, slots.padA.h], [200, 200]);
  assert.deepEqual(layout.rects().padA, { x: 250, y: 200, width: 300, height: 300 });
});

test('latent dimensions are bars from zero, a sentence and a table', async () => {
  makeDocument();
  const { LatentBars } = await import('./latent-bars.js');
  const root = find('bars-a');
  const bars = new LatentBars(root, 'A', await english());
  const label = (/** @type {string} */ name) => root.querySelector(`svg.${name}`)?.getAttribute('aria-label') ?? '';
  assert.match(label('mu'), /A/);
  bars.show([1.5, -3, 0], [0, Math.log(4), Math.log(0.25)]);
  const of = (/** @type {string} */ name) =>
    [...root.querySelectorAll(`svg.${name} rect`)].map((e) => [Number(e.getAttribute('y')), Number(e.getAttribute('height'))]);
  // 60 units high, zero in the middle, 3 at its ends.
  assert.deepEqual(of('mu'), [
    [15, 15],
    [30, 30],
    [30, 0],
  ]);
  // 34 units high, the largest sigma, 2, at the top; a line at the prior's 1.
  assert.deepEqual(of('sigma'), [
    [17, 17],
    [0, 34],
    [25.5, 8.5],
  ]);
  assert.equal(root.querySelector('svg.sigma line')?.getAttribute('y1'), '17');
  assert.match(label('mu'), /3/);
  const details = /** @type {HTMLDetailsElement} */ (root.querySelector('details'));
  assert.equal(root.querySelectorAll('tbody tr').length, 0, 'made when it is opened');
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  assert.deepEqual(
    [...root.querySelectorAll('tbody tr')].map((row) => row.textContent),
    ['11.5001.000', '2-3.0002.000', '30.0000.500'],
  );
  bars.show([], []);
  assert.equal(of('mu').length, 0);
  assert.ok(details.classList.contains('void'));
});
