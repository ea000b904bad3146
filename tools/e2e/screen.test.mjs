/**
 * What stands in the first screen of windows of all sizes, and what moves there
 * while the page loads.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { flags, launch, newContext, serve, testid, until } from './lib.mjs';

/**
 * Pictures that are seen in other proportions than they have.
 *
 * @param {import('playwright-core').Page} page
 */
const stretched = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas')]
      .filter((c) => c.clientHeight > 0 && Math.abs((c.clientWidth * c.height) / (c.clientHeight * c.width) - 1) > 0.05)
      .map((c) => `${c.className} ${c.width} x ${c.height} in ${c.clientWidth} x ${c.clientHeight}`),
  );

/** What each view shows once all of it has come. @type {Record<string, string>} */
const whole = {
  hand: '.hand .verdict:not(:empty)',
  train: testid('example-note'),
  lab: '.experiment:not([hidden]) .example',
  gallery: '.gallery article',
};

/** How much has moved since the last time. @param {import('playwright-core').Page} page */
const shifted = (page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
    const { shifts } = /** @type {any} */ (window);
    const { sum } = shifts;
    shifts.sum = 0;
    return sum;
  });

const [url, browser] = await Promise.all([serve(), launch(flags.noWebGL)]);

for (const [width, height] of [
  [1920, 1080],
  [1366, 768],
  [390, 844],
  [360, 640],
  [844, 390],
]) {
  test(`the whole idea is in the first screen of ${width} x ${height}, and stays where it is`, async () => {
    const context = await newContext(browser, { viewport: { width, height }, hasTouch: width < 900 });
    const page = await context.newPage();
    await page.addInitScript(() => {
      const shifts = { sum: 0 };
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const e of /** @type {any[]} */ (list.getEntries())) if (!e.hadRecentInput) shifts.sum += e.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    // A slow phone paints the page while it still arrives.
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: width === 390 ? 8 : 1 });
    await page.goto(url);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await page.evaluate(() => window.inkdrift.ready);
    await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    for (const what of ['#pad-a', '#pad-b', '#morph', testid('play'), testid('scrub'), testid('label-a'), testid('label-b'), '.tagline']) {
      const box = await page.locator(what).boundingBox();
      assert.ok(
        box && box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1,
        `${what}: ${JSON.stringify(box)}`,
      );
    }
    const captions = await page.locator('.seen figcaption').all();
    assert.equal(captions.length, 4);
    for (const caption of captions) assert.ok(await caption.isVisible(), 'input and reconstruction say what they are');
    const shift = await shifted(page);
    assert.ok(shift <= 0.02, `layout shift ${shift}`);
    /** @type {Set<number>} */
    const heights = new Set();
    // Other views in one wide and one narrow window.
    for (const view of width === 1366 || width === 390 ? ['', '#hand', '#train', '#lab', '#gallery'] : ['']) {
      await page.evaluate((hash) => location.replace(hash || '#'), view);
      const name = view.slice(1) || 'studio';
      await page.waitForFunction((name) => document.documentElement.dataset.view === name, name);
      await shifted(page); // that another view is shown moves all of it
      await page.waitForFunction((name) => document.documentElement.dataset.opened?.split(' ').includes(name), name);
      await page.waitForFunction(() => document.querySelector('[data-testid=status]')?.textContent !== 'Loading …');
      if (whole[name]) await page.locator(whole[name]).first().waitFor();
      heights.add(await page.evaluate(() => document.querySelector('header')?.getBoundingClientRect().height ?? 0));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${view} is wider than the window`);
      assert.equal(await page.evaluate(() => scrollY), 0, `${view} begins at its top`);
      await until(`no picture of ${name} is stretched`, async () => (await stretched(page)).length === 0);
      const moved = await shifted(page);
      assert.ok(moved <= 0.02, `layout shift ${moved} in ${name}`);
    }
    assert.equal(heights.size, 1, 'the header is of one height');
    await context.close();
  });
}
