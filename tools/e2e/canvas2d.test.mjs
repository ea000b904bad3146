/**
 * A browser without WebGL: the same page, drawn on a 2D canvas.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import { clearPads, launch, meanDifference, newContext, screenshot, serve, settle, state, testid, until, visit, words } from './lib.mjs';
import { readPNG } from './pictures.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const { page, check, forgive } = await visit(context, url);

test('there is no WebGL2, and the page says so', async () => {
  const gl = await page.evaluate(() => document.createElement('canvas').getContext('webgl2'));
  assert.equal(gl, null);
  assert.equal(await page.locator('#notice').textContent(), words.en['status.canvas2d']);
  assert.equal(await page.locator('#notice').isVisible(), true);
  forgive(/WebGL/);
  check();
});

test('drawing, reading, the morph and its ends are as ever', async () => {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8), { kind: 'touch' });
  await settle(page);
  const { a, b } = await state(page);
  assert.deepEqual([a.label, b.label], [3, 8]);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  const look = async (/** @type {string} */ slot) => readPNG(await page.locator(`[data-slot=${slot}]`).screenshot());
  for (const slot of ['padA', 'padB', 'seesA', 'givesA', 'seesB', 'givesB', 'morph', 'strip', 'samples']) {
    assert.ok((await look(slot)).contrast > 100, `something is painted in ${slot}`);
  }

  const scrub = page.locator(testid('scrub'));
  await scrub.fill('1');
  const rest = await look('morph');
  await scrub.fill('0');
  await until('A is another picture than B', async () => meanDifference((await look('morph')).greys, rest.greys) > 1);
  const start = await look('morph');
  await page.locator(testid('play')).click();
  await page.waitForFunction(() => window.inkdrift.state().morph.t > 0.3);
  await until('pixels change while it plays', async () => meanDifference((await look('morph')).greys, start.greys) > 0.5);
  await page.locator(testid('play')).click();
  check();
});

test('light and dark, each looked at', async () => {
  const corner = async () => readPNG(await page.locator('#pad-a').screenshot()).grey(8, 40);
  assert.ok((await corner()) > 200);
  await screenshot(page, 'canvas2d-light.png', { fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await until('the canvas is dark as well', async () => (await corner()) < 60);
  await screenshot(page, 'canvas2d-dark.png', { fullPage: true });
  check();
});
