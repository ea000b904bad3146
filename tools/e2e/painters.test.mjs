/**
 * What paints the stage: WebGL, where there is, else a 2D canvas; and the same is
 * seen. The other files of tests have the second, which costs a third as much on a
 * machine without a graphics card.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import {
  clearPads,
  flags,
  launch,
  meanDifference,
  newContext,
  screenshot,
  sentences,
  serve,
  settle,
  state,
  testid,
  until,
  visit,
  words,
} from './lib.mjs';
import { readPNG } from './pictures.mjs';

const url = await serve();

/** A window in which the stage is small: painting takes long. */
const viewport = { width: 700, height: 500 };

/** Both digits on the pads, the morph at rest at A. @param {import('playwright-core').Page} page */
async function arrange(page) {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8), { kind: 'touch' });
  await settle(page);
  const { a, b } = await state(page);
  assert.deepEqual([a.label, b.label], [3, 8]);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  await page.locator(testid('scrub')).fill('0');
}

/** What is seen of a slot of the stage. @param {import('playwright-core').Page} page @param {string} slot */
const look = async (page, slot) => readPNG(await page.locator(`[data-slot=${slot}]`).screenshot());

/** The slots of the stage in which nothing is seen. @param {import('playwright-core').Page} page */
async function blank(page) {
  const slots = ['padA', 'padB', 'seesA', 'givesA', 'seesB', 'givesB', 'morph', 'strip', 'samples'];
  const boxes = await page.evaluate((slots) => {
    const box = (/** @type {string} */ selector) => {
      const r = document.querySelector(selector)?.getBoundingClientRect();
      return r ? [r.left, r.top, r.right, r.bottom] : [];
    };
    const [left, top] = box('#stage');
    return slots.map((slot) => box(`[data-slot=${slot}]`).map((v, i) => Math.round(v - (i % 2 ? top : left))));
  }, slots);
  // All of them at once: a screenshot takes long.
  const picture = readPNG(await page.locator('#stage').screenshot());
  return slots.filter((_, i) => {
    const [left, top, right, bottom] = boxes[i];
    let [darkest, lightest] = [255, 0];
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++)
        [darkest, lightest] = [Math.min(darkest, picture.grey(x, y)), Math.max(lightest, picture.grey(x, y))];
    }
    return !(lightest - darkest > 100);
  });
}

/** Looks at all that is painted, at rest, playing, light and dark. @param {import('playwright-core').Page} page @param {string} name */
async function lookAtAll(page, name) {
  await arrange(page);
  await until('something is painted everywhere', async () => (await blank(page)).length === 0);
  const start = await look(page, 'morph');
  await page.locator(testid('scrub')).fill('1');
  await until('B is another picture than A', async () => meanDifference((await look(page, 'morph')).greys, start.greys) > 1);
  await page.locator(testid('scrub')).fill('0');
  await page.locator(testid('play')).click();
  await page.waitForFunction(() => window.inkdrift.state().morph.t > 0.3);
  await until('pixels change while it plays', async () => meanDifference((await look(page, 'morph')).greys, start.greys) > 0.5);
  await page.locator(testid('play')).click();

  const corner = async () => (await look(page, 'padA')).grey(8, 40);
  assert.ok((await corner()) > 200);
  await screenshot(page, `${name}-light.png`, { fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await until('the canvas is dark as well', async () => (await corner()) < 60);
  await screenshot(page, `${name}-dark.png`, { fullPage: true });
  await page.emulateMedia({ colorScheme: 'light' });
}

test('without WebGL2 a 2D canvas is painted on, and the page says so', async () => {
  const context = await newContext(await launch(), { viewport });
  const { page, check, forgive } = await visit(context, url);
  assert.equal(await page.evaluate(() => document.createElement('canvas').getContext('webgl2')), null);
  assert.equal(await page.locator('#notice').textContent(), words.en['status.canvas2d']);
  assert.equal(await page.locator('#notice').isVisible(), true);
  await lookAtAll(page, 'canvas2d');
  forgive(/WebGL/);
  check();
  await context.close();
});

test('with WebGL2 it looks the same, also after the canvas has lost its context', async () => {
  const context = await newContext(await launch(flags.webgl), { viewport });
  const { page, check, forgive } = await visit(context, url);
  assert.equal(await page.locator('#notice').isVisible(), false);
  await lookAtAll(page, 'webgl');

  await page.locator(testid('scrub')).fill('0.4');
  const stage = page.locator('#stage');
  let whole = readPNG(await stage.screenshot());
  // At rest, that is when two looks are the same.
  await until('all is painted', async () => {
    const last = whole;
    whole = readPNG(await stage.screenshot());
    return meanDifference(last.greys, whole.greys) === 0;
  });
  const frame = page.frames().find((f) => f.url().includes('stage.html'));
  assert.ok(frame);
  const again = page.waitForEvent('framenavigated', (f) => f === frame);
  await frame.evaluate(() => {
    const gl = document.querySelector('canvas')?.getContext('webgl2');
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
  });
  await again;
  await until('the same picture is back', async () => meanDifference(readPNG(await stage.screenshot()).greys, whole.greys) < 0.05);
  await page.locator(testid('play')).click();
  await page.waitForFunction(() => window.inkdrift.state().morph.t > 0.5);
  await page.locator(testid('play')).click();
  assert.deepEqual(await sentences(page), []);
  forgive(/CONTEXT_LOST|context lost|WebGL/i);
  check();
  await context.close();
});
