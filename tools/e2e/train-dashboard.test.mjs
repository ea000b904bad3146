/**
 * The Train view as a dashboard: what belongs together is on one screen, at rest
 * and running; on phones it is behind tabs; figures are the same running and
 * paused; following a model keeps the page free.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { faults } from './faults.mjs';
import { launch, newContext, screenshot, serve, testid, until } from './lib.mjs';
import { become, enter as enterAt, training } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** @param {import('playwright-core').BrowserContext} context @param {string} [hash] */
const enter = (context, hash) => enterAt(context, url, hash);

/** What is on one screen. */
const parts = [
  testid('train-settings'),
  testid('train-toggle'),
  'canvas.pictures',
  'canvas.samples',
  'canvas.scatter',
  '.board .curves canvas.plot >> nth=0',
  testid('kl-bars'),
];

/** Those of the parts that are not wholly in the window. @param {import('playwright-core').Page} page */
async function outside(page) {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const out = [];
  for (const part of parts) {
    const box = await page.locator(part).boundingBox();
    const seen = box && box.width > 20 && box.height > 20;
    if (!seen || box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height)
      out.push(`${part} ${JSON.stringify(box)}`);
  }
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('.board .column')]
      .filter((c) => c.clientHeight > 0 && c.scrollHeight > c.clientHeight + 1)
      .map((c) => `${c.className} is ${c.scrollHeight} high and ${c.clientHeight} are seen`),
  );
  return [...out, ...cut];
}

test('at 1366 x 768 settings, pictures, latent space, ELBO and KL are in one screen, at rest and running', async () => {
  const context = await newContext(browser, { viewport: { width: 1366, height: 768 } });
  const skeleton = (/** @type {import('playwright-core').Page} */ page) =>
    page.evaluate(() => getComputedStyle(document.querySelector('.news') ?? document.body, '::after').content).catch(() => 'none');
  /** @type {(value?: unknown) => void} */
  let fetched = () => {};
  const held = new Promise((resolve) => (fetched = resolve));
  await context.route('**/train-view.js', async (route) => {
    await held;
    await route.continue();
  });
  const entering = enter(context);
  await until('its skeleton is shown', async () => context.pages().length > 0 && (await skeleton(context.pages()[0])) !== 'none');
  fetched();
  const { page, check } = await entering;
  assert.equal(await skeleton(page), 'none');
  await page.locator(testid('example-note')).waitFor();
  await until('all is on one screen at rest', async () => (await outside(page)).length === 0).catch(() => {});
  assert.deepEqual(await outside(page), [], 'at rest');
  assert.ok(await page.locator(testid('start-data')).isVisible());
  assert.ok(await page.locator(testid('start-network')).isVisible());
  await screenshot(page, 'train-dashboard-idle.png');

  await page.locator(testid('train-toggle')).click();
  await page.waitForFunction(() => window.inkdrift.state().train.validation.images > 0);
  await page.locator(testid('example-note')).waitFor({ state: 'hidden' });
  assert.deepEqual(await outside(page), [], 'running');
  await screenshot(page, 'train-dashboard-running.png');
  const running = (await training(page)).validation.images;
  await page.locator(testid('train-toggle')).click();
  await become(page, 'paused');
  await until('it is evaluated at rest', async () => {
    const { step, validation } = await training(page);
    return validation.step === step;
  });
  assert.equal((await training(page)).validation.images, running, 'the same pictures, running and paused');
  assert.match((await page.locator(testid('validation-images')).textContent()) ?? '', new RegExp(`${running.toLocaleString('en')} `));

  // Settings stay visible below the board.
  await page.mouse.wheel(0, 600);
  await until('it has scrolled', () => page.evaluate(() => scrollY > 100));
  const box = await page.locator(testid('train-settings')).boundingBox();
  assert.ok(box && box.y >= 0 && box.y < 100, JSON.stringify(box));
  check();
  await context.close();
});

test('on a phone there are tabs, and play is always in reach', async () => {
  const context = await newContext(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
  const { page, check } = await enter(context);
  await page.locator(testid('example-note')).waitFor();
  /** @type {[string, string, string][]} */
  const tabs = [
    ['pictures', 'canvas.pictures', 'canvas.scatter'],
    ['latent', 'canvas.scatter', 'canvas.pictures'],
    ['curves', '.board .curves canvas.plot >> nth=0', 'canvas.samples'],
    ['settings', '#set-beta', 'canvas.pictures'],
    ['runs', '#head-runs', '#set-beta'],
  ];
  for (const [name, shown, hidden] of tabs) {
    await page.locator(testid(`tab-${name}`)).click();
    assert.equal(await page.locator(testid(`tab-${name}`)).getAttribute('aria-pressed'), 'true');
    await page.locator(shown).waitFor();
    assert.equal(await page.locator(hidden).isVisible(), false, `${name}: ${hidden}`);
    await page.mouse.wheel(0, 2000);
    const play = await page.locator(testid('train-toggle')).boundingBox();
    assert.ok(play && play.y > 700 && play.y + play.height <= 844 && play.width >= 44, `${name}: ${JSON.stringify(play)}`);
    assert.deepEqual(await faults(page), [], name);
  }
  await page.emulateMedia({ media: 'print' });
  for (const part of ['canvas.pictures', 'canvas.scatter', '.board .curves canvas.plot >> nth=0'])
    assert.equal(await page.locator(part).isVisible(), true, `on paper: ${part}`);
  assert.equal(await page.locator('.tabs').isVisible(), false, 'paper has no tabs');
  check();
  await context.close();
});
