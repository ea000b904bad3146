/**
 * The first visit: what is there at once, what arrives, what it weighs, and
 * that nobody else is asked for anything.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import { assets, launch, models, newContext, serve, settle, state, testid, untilReady, visit, watch, words } from './lib.mjs';
import { readPNG } from './pictures.mjs';
import { startProxy } from './proxy.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/**
 * What is seen of an element.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} selector
 */
async function shot(page, selector) {
  const clip = await page.locator(selector).boundingBox();
  assert.ok(clip);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.screenshot({ clip });
}

/** How much two screenshots differ, of 1. @param {Buffer} a @param {Buffer} b */
function difference(a, b) {
  const [p, q] = [readPNG(a).greys, readPNG(b).greys];
  assert.equal(p.length, q.length);
  return p.reduce((sum, v, i) => sum + Math.abs(v - q[i]), 0) / p.length / 255;
}

/** Most bytes of a first visit, also where a host has no brotli. */
const budget = 6e6;

test('without scripts there are words and a sentence that says what is missing', async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  assert.equal(await page.locator('h1').textContent(), 'Inkdrift');
  assert.equal(await page.locator('noscript p').isVisible(), true);
  assert.match((await page.locator('noscript p').textContent()) ?? '', /JavaScript/);
  await context.close();
});

test('words are painted and pads take ink before any program arrives, and the bar counts bytes', async () => {
  const proxy = await startProxy(url);
  /** @type {() => void} */
  let release = () => {};
  proxy.rules.push({ path: /\.(wasm|safetensors)$/, hold: new Promise((resolve) => (release = () => resolve(undefined))) });
  const context = await newContext(browser, { proxy: proxy.settings });
  const page = await context.newPage();
  const { check } = watch(page);
  await page.addInitScript(() => {
    /** @type {typeof window.bars} */
    const bars = [];
    window.bars = bars;
    new MutationObserver(() => {
      const bar = document.getElementById('progress');
      if (bar instanceof HTMLProgressElement && bar.hasAttribute('value'))
        bars.push([bar.value, bar.max, document.getElementById('bytes')?.textContent ?? '']);
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ['value', 'max'] });
  });
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  assert.equal(await page.locator('h1').isVisible(), true);
  assert.equal(await page.locator(testid('status')).textContent(), words.en['status.loading']);
  assert.equal(await page.locator('#over-a').isVisible(), true, 'an example is there to be drawn over');
  assert.equal(await page.locator('progress').isVisible(), true);
  assert.equal(await page.evaluate(() => 'inkdrift' in window), true, 'the interface for scripts is there, its ready to be awaited');
  await page.waitForFunction(() => window.bars.some(([, max]) => max > 1e6));
  const before = await shot(page, '#pad-a');
  await draw(page, 'a', written(0));
  assert.ok(difference(await shot(page, '#pad-a'), before) > 0.01, 'there is ink on the pad');
  assert.equal((await state(page)).model, null);

  release();
  await untilReady(page);
  await settle(page);
  assert.equal((await state(page)).a.label, 0, 'the drawing is still there, and read');
  const bars = await page.evaluate(() => window.bars);
  const files = ['stage.wasm', 'engine-studio.wasm', `models/${models[0].file}`].map((path) => assets.get(path));
  const totals = [files.map((f) => f?.gz), files.map((f) => f?.br)].map((sizes) => sizes.reduce((n = NaN, size = NaN) => n + size, 0));
  const total = totals.find((n) => bars.some(([, max]) => max === n)) ?? NaN;
  const counted = bars.filter(([, max]) => max === total).map(([value]) => value);
  assert.ok(
    counted.every((v, i) => i === 0 || v >= counted[i - 1]),
    'the bar never goes back',
  );
  assert.ok(new Set(counted).size >= 3, `the bar has shown ${[...new Set(counted)].join(', ')}`);
  assert.equal(counted.at(-1), total, 'the bar ends at all the bytes that are sent');
  assert.ok(
    bars.some(([, , text]) => /\d\.\d of \d+\.\d MB/.test(text)),
    `the bytes are said in words, as in ${bars.at(-1)?.[2]}`,
  );
  assert.equal(await page.locator('progress').isVisible(), false, 'and then it is gone');

  const { paint, ready } = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    ready: performance.now(),
  }));
  assert.ok(paint < ready);
  check();
  await context.close();
});

test(`a first visit is at most ${budget} bytes, also without brotli, all of it from here`, async (t) => {
  const proxy = await startProxy(url, { accept: 'gzip' });
  const context = await newContext(browser, { proxy: proxy.settings, serviceWorkers: 'allow' });
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective}: ${e.blockedURI}`));
  });
  const { page, requests, check } = await visit(context, url);
  // Its last part: the service worker keeps what has come.
  await page.evaluate(async () => {
    const { active, installing, waiting } = await navigator.serviceWorker.ready;
    if (!active && !installing && !waiting) throw new Error('there is no service worker');
  });
  for (const frame of page.frames()) assert.deepEqual(await frame.evaluate(() => window.violations), [], frame.url());
  const { body, headers, requests: count } = proxy.sum();
  t.diagnostic(`${(body / 1e6).toFixed(3)} MB of files and ${(headers / 1e3).toFixed(1)} kB of headers in ${count} answers`);
  assert.deepEqual(proxy.elsewhere, []);
  const { origin } = new URL(url);
  assert.deepEqual(
    requests.filter((r) => !r.startsWith(`${origin}/`) && !r.startsWith('blob:')),
    [],
  );
  assert.deepEqual(
    proxy.seen.filter((s) => s.status >= 400).map((s) => `${s.status} ${s.path}`),
    [],
  );
  assert.ok(body <= budget, `${body} bytes`);
  check();
  await context.close();
});

test('from the address to a page that is ready', async (t) => {
  const context = await newContext(browser, { reducedMotion: 'no-preference' });
  const page = await context.newPage();
  const { check } = watch(page);
  await page.addInitScript(() => {
    if (window !== top) return; // the stage has frames of its own
    window.times = {};
    const look = () => {
      if (!window.inkdrift) return void requestAnimationFrame(look);
      window.inkdrift.ready.then(() => (window.times.model = performance.now()));
      const pads = () => {
        if (document.querySelector('#pad-a.ready')) window.times.pads = performance.now();
        else requestAnimationFrame(pads);
      };
      pads();
    };
    look();
  });
  await page.goto(url);
  await untilReady(page);
  await page.waitForFunction(() => window.times.pads && window.times.model);
  const { times, paint } = await page.evaluate(() => ({
    times: window.times,
    paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  }));
  t.diagnostic(
    `first paint ${paint.toFixed(0)} ms, pads can be drawn on ${times.pads?.toFixed(0)} ms, model ready ${times.model?.toFixed(0)} ms`,
  );
  assert.match((await page.locator(testid('status')).textContent()) ?? '', /^Ready\b/);

  // Two examples, on their way from one to the other.
  const { a, b, morph } = await state(page);
  assert.equal(a.empty || b.empty, false);
  assert.notEqual(a.label, null);
  assert.equal(morph.playing, true);
  await page.waitForFunction((t) => window.inkdrift.state().morph.t !== t, morph.t);
  assert.equal(await page.locator('#over-a').isVisible(), true);

  // Drawing over an example takes its place.
  await draw(page, 'a', written(4));
  await settle(page);
  assert.equal((await state(page)).a.label, 4);
  check();
  await context.close();
});

test('before any program is there the morph of two examples moves, and nothing jumps when the stage draws', async () => {
  const proxy = await startProxy(url);
  /** @type {() => void} */
  let release = () => {};
  proxy.rules.push({ path: /(\.wasm|\.safetensors)$/, hold: new Promise((resolve) => (release = () => resolve(undefined))) });
  const context = await newContext(browser, { proxy: proxy.settings, reducedMotion: 'no-preference' });
  const page = await context.newPage();
  const { check } = watch(page);
  await page.goto(url);
  await page.waitForFunction(() => window.inkdrift?.state().morph.t > 0.1);
  const early = await shot(page, '#morph');
  await page.waitForFunction((t) => Math.abs(window.inkdrift.state().morph.t - t) > 0.1, (await state(page)).morph.t);
  assert.equal((await shot(page, '#morph')).equals(early), false, 'the morph moves');
  await page.locator(testid('play')).click();
  const still = await shot(page, '#morph');
  const example = await shot(page, '#pad-b');
  release();
  await page.waitForFunction(() => document.querySelectorAll('canvas.first:not([hidden])').length === 0);
  await untilReady(page);
  assert.ok(difference(await shot(page, '#pad-b'), example) < 0.01, 'the example is as it was');
  assert.ok(difference(await shot(page, '#morph'), still) < 0.03, 'so is the picture of the morph');
  check();
  await context.close();
});

test('it works under a path', async () => {
  const below = await serve({ prefix: '/some/where' });
  assert.match(below, /\/some\/where\/$/);
  const context = await newContext(browser, { serviceWorkers: 'allow' });
  const { page, requests, check } = await visit(context, below);
  await draw(page, 'a', written(2));
  await settle(page);
  assert.equal((await state(page)).a.label, 2);
  assert.deepEqual(
    requests.filter((r) => !r.startsWith(below) && !r.startsWith('blob:')),
    [],
  );
  check();
  await context.close();
});
