/**
 * "How it works": the numbers of what is on pad A, from pixels to the ELBO.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, serious } from './faults.mjs';
import { draw, written } from './hand.mjs';
import { clearPads, launch, newContext, screenshot, serve, settle, state, testid, until, visit } from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { viewport: { width: 1280, height: 700 } });
const { page, requests, check } = await visit(context, url);

const how = page.locator(testid('how'));

/** @typedef {NonNullable<Awaited<ReturnType<typeof state>>['how']>} Shown */

/**
 * What the section shows, once that is so.
 *
 * @param {string} what
 * @param {(how: Shown) => boolean} holds
 * @returns {Promise<Shown>}
 */
async function reach(what, holds) {
  /** @type {Shown | null} */
  let how = null;
  await until(what, async () => {
    how = (await state(page)).how;
    return how !== null && holds(how);
  });
  return /** @type {Shown} */ (/** @type {unknown} */ (how));
}

/** What is shown of the newest drawing on pad A. */
async function shown() {
  await settle(page);
  const { a } = await state(page);
  return reach('the section shows what is on the pad', (how) => how.example === a.empty);
}

/** The figures as they are written. */
const figures = () =>
  page.evaluate(() => {
    const of = (/** @type {string} */ id) => Number(document.querySelector(`[data-testid="how-${id}"]`)?.textContent);
    return { recon: of('recon'), kl: of('kl'), elbo: of('elbo') };
  });

const sum = (/** @type {number[]} */ v) => v.reduce((a, b) => a + b, 0);
const near = (/** @type {number} */ got, /** @type {number} */ want, /** @type {number} */ most, /** @type {string} */ what) =>
  assert.ok(Math.abs(got - want) <= most, `${what}: ${got}, want ${want}`);

test('it is not fetched, and asks nothing, before it is about to be seen', async () => {
  assert.ok(!requests.some((r) => /views\/studio\/how\.js|how\.css/.test(r)));
  assert.equal((await state(page)).how, null);
});

test('figures are the sums of their parts, and these follow from the drawing', async () => {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await how.scrollIntoViewIfNeeded();
  const { z, nats, dimensions, recon, kl, elbo, rev } = await shown();
  const figure = await figures();
  near(figure.recon, sum(nats), 0.006, 'reconstruction is the sum of the pixels');
  near(figure.kl, sum(dimensions), 0.006, 'KL is the sum of the dimensions');
  assert.equal(Math.round(100 * figure.elbo), Math.round(100 * (figure.recon + figure.kl)), 'the sum is that of what is written');
  near(figure.elbo, -elbo, 0.011, 'the negative ELBO');
  near(recon + kl, -elbo, 1e-9, 'both terms');

  // Again, from what the page's other functions say of the drawing.
  const { a } = await state(page);
  const p = await page.evaluate((z) => window.inkdrift.decode(z), z);
  const crossEntropy = a.pixels.map((x, i) => -x * Math.log(p[i] || 1e-30) - (1 - x) * Math.log(1 - p[i] || 1e-30));
  near(recon, sum(crossEntropy), 0.02 * recon, 'reconstruction term');
  const byDimension = a.mu.map((mu, i) => (mu ** 2 + Math.exp(a.logvar[i]) - a.logvar[i] - 1) / 2);
  for (const [i, v] of byDimension.entries()) near(dimensions[i], v, 1e-4, `KL of dimension ${i + 1}`);
  await screenshot(how, 'how.png');

  // Another drawing has others, without anything being pressed.
  await page.evaluate(() => scrollTo(0, 0));
  await clearPads(page);
  await draw(page, 'a', written(8));
  await how.scrollIntoViewIfNeeded();
  const other = await reach('the other drawing is shown', (how) => how.rev !== rev && !how.example);
  assert.notEqual(other.recon, recon);
});

test('“Draw z again” draws nine others; one of them is chosen with the keyboard', async () => {
  const before = await shown();
  await page.locator(testid('draw-z')).click();
  const after = await reach('there is other noise', (how) => how.z[0] !== before.z[0]);
  assert.deepEqual(after.dimensions, before.dimensions, 'the posterior is the same');
  const { draws } = /** @type {{draws?: unknown[] | null}} */ ((await state(page)).map);
  assert.equal(draws?.length, 9, 'they are on the map as well');
  const pictures = how.locator('.nine canvas');
  assert.equal(await pictures.count(), 9);
  const different = new Set(await pictures.evaluateAll((all) => all.map((c) => c instanceof HTMLCanvasElement && c.toDataURL())));
  assert.equal(different.size, 9, 'nine different reconstructions');
  await how.locator('.nine input').first().focus();
  await page.keyboard.press('ArrowRight');
  const second = await shown();
  assert.equal(second.seed, after.seed);
  assert.notEqual(second.recon, after.recon);
  const { recon } = await figures();
  near(recon, sum(second.nats), 0.006, 'the figure is that of the chosen draw');
});

test('a term lights its parts under the pointer and the focus, and parts their terms', async () => {
  const lit = () =>
    how.locator('.lit').evaluateAll((all) => all.map((e) => (e instanceof HTMLElement && (e.dataset.term ?? e.dataset.part)) || ''));
  await how.locator('[data-term=likelihood]').hover();
  assert.deepEqual((await lit()).sort(), ['decoder', 'likelihood', 'nats', 'recon']);
  await how.locator('figure[data-part=sigma]').focus();
  await page.mouse.move(0, 0);
  await how.locator('figure[data-part=mu]').focus();
  assert.deepEqual([...new Set(await lit())].sort(), ['kl', 'mu']);
  await page.locator(testid('draw-z')).focus();
  assert.equal(
    await how
      .locator('math')
      .first()
      .evaluate((e) => e.namespaceURI),
    'http://www.w3.org/1998/Math/MathML',
  );
  assert.deepEqual(serious(await barriers(page)), []);
});

test('an empty pad has an example, and another model says how it was trained', async () => {
  await page.evaluate(() => scrollTo(0, 0));
  await clearPads(page);
  await how.scrollIntoViewIfNeeded();
  const example = await shown();
  assert.equal(example.example, true);
  assert.ok(example.recon > 20, 'the example is a digit');
  await page.evaluate(() => window.inkdrift.load('iwae-50'));
  await reach('the other model is shown', (how) => how.dimensions.length === 50);
  assert.match((await how.locator('.how-notes').textContent()) ?? '', /importance-weighted bound of 5 draws/);
  check();
});
