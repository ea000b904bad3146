/**
 * Things to try, with mouse, finger and keys.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { draw, written } from './hand.mjs';
import { clearPads, launch, newContext, screenshot, serve, settle, state, testid, until, visit } from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
const { page, requests, check, forgive } = await visit(context, url);
forgive(/WebGL/);

/** A house: what no digit looks like. @type {[number, number][][]} */
const house = [
  [
    [0.2, 0.45],
    [0.2, 0.85],
    [0.5, 0.85],
    [0.8, 0.85],
    [0.8, 0.45],
    [0.2, 0.45],
    [0.35, 0.3],
    [0.5, 0.12],
    [0.65, 0.3],
    [0.8, 0.45],
  ],
];

/** What the mode shows. @returns {Promise<any>} */
const shows = async () => (await state(page)).try?.shows;

/** Chooses a mode, and waits until it is there. @param {string} mode */
async function choose(mode) {
  await page.locator(testid(`try-tab-${mode}`)).click();
  await until(`${mode} is shown`, async () => {
    const now = (await state(page)).try;
    return now?.mode === mode && now.shows !== null;
  });
}

/** Places on an element, in pixels of the window. @param {string} id @param {[number, number][]} places in parts of it */
async function over(id, places) {
  const element = page.locator(testid(id));
  await element.scrollIntoViewIfNeeded();
  const box = (await element.boundingBox()) ?? assert.fail(`${id} is not seen`);
  return places.map(([u, v]) => ({ x: box.x + u * box.width, y: box.y + v * box.height }));
}

test('it comes when it is about to be seen; a digit is told from a house', async () => {
  assert.ok(!requests.some((r) => /\/try[.-]/.test(r)), 'nothing of it is part of the first visit');
  assert.equal((await state(page)).try, null);
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', house);
  await settle(page);
  await page.locator(testid('try')).scrollIntoViewIfNeeded();
  await until('both drawings are judged', async () => (await shows())?.b);
  const { a, b, auroc } = await shows();
  assert.notEqual(a.verdict, 'unlike', `a 3 has an ELBO of ${a.elbo}, a share of ${a.share}`);
  assert.equal(b.verdict, 'unlike', `a house has an ELBO of ${b.elbo}, a share of ${b.share}`);
  assert.ok(auroc >= 0.95);
  assert.match((await page.locator(testid('try-verdict-b')).textContent()) ?? '', /^B: unlike anything the model has learnt/);
  await screenshot(page.locator(testid('try')), 'try-digit.png');
});

test('fill in: a finger rubs out, keys rub out, and the completion is near what was there', async () => {
  await choose('fill');
  const session = await context.newCDPSession(page);
  const [first, ...more] = await over('try-eraser', [
    [0.3, 0.75],
    [0.5, 0.75],
    [0.7, 0.75],
    [0.7, 0.65],
    [0.3, 0.65],
  ]);
  const send = (/** @type {string} */ type, /** @type {{x: number, y: number}[]} */ touchPoints) =>
    session.send('Input.dispatchTouchEvent', { type: /** @type {any} */ (type), touchPoints });
  await send('touchStart', [first]);
  for (const at of more) await send('touchMove', [at]);
  await send('touchEnd', []);
  await until('it is completed', async () => (await shows()).completions);
  const { missing, completions, labels } = await shows();
  assert.ok(missing > 40, `${missing} pixels are missing`);
  const { pixels } = (await state(page)).a;
  const away = completions[0].reduce(
    (/** @type {number} */ s, /** @type {number} */ v, /** @type {number} */ i) => s + (v - pixels[i]) ** 2,
    0,
  );
  const whole = pixels.reduce((s, v) => s + v ** 2, 0);
  assert.ok(away < 0.5 * whole, `${away} of ${whole}`);
  assert.equal(labels[0], 3);
  await screenshot(page.locator(testid('try')), 'try-fill.png');
  await page.locator(testid('try-eraser')).focus();
  for (const key of ['Delete', 'Enter', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await until('keys have rubbed out another part', async () => (await shows()).missing > 20 && (await shows()).missing !== missing);
  await page.locator(testid('try-fill-use')).click();
  await until('B has the completion', async () => (await state(page)).b.label === 3);
});

test('arithmetic: C is drawn with the mouse, and what A has and B has not is added', async () => {
  await choose('arithmetic');
  await until('a digit is on C, and there is a result', async () => (await shows()).z);
  await page.locator(testid('try-arithmetic-clear')).click();
  await until('C is empty', async () => (await shows()).z === null);
  const [first, ...more] = await over('try-sketch', written(1)[0]);
  await page.mouse.move(first.x, first.y);
  await page.mouse.down();
  for (const at of more) await page.mouse.move(at.x, at.y);
  await page.mouse.up();
  await until('there is a result', async () => (await shows()).z);
  const { a, b } = await state(page);
  const { c, z } = await shows();
  z.forEach((/** @type {number} */ v, /** @type {number} */ i) => assert.ok(Math.abs(v - (c[i] + a.mu[i] - b.mu[i])) < 1e-4));
  await page.locator(testid('try-amount')).focus();
  await page.keyboard.press('Home');
  await until('nothing is added', async () => (await shows()).label === 1);
  await screenshot(page.locator(testid('try')), 'try-arithmetic.png');
});

test('match the target with keys; a second model beside the first', async () => {
  await choose('match');
  await until('there is a target', async () => (await shows()).target);
  const { dimensions, target } = await shows();
  const slider = (/** @type {number} */ i) => page.locator(testid(`try-z-${i}`));
  for (const [i, d] of dimensions.entries()) if (i > 0) await slider(i).fill(String(Math.round(20 * target[d]) / 20));
  await slider(0).focus();
  const steps = Math.round(target[dimensions[0]] / 0.05);
  for (let k = 0; k < Math.abs(steps); k++) await page.keyboard.press(steps > 0 ? 'ArrowRight' : 'ArrowLeft');
  await until('the target is met', async () => (await shows()).met);
  await screenshot(page.locator(testid('try')), 'try-match.png');

  await choose('models');
  await until('both models have answered', async () => (await shows()).second);
  const { model, first, second } = await shows();
  assert.equal(model, 'digits-2d');
  assert.ok(first.elbo.a > second.elbo.a, 'two dimensions explain less than forty');
  assert.notDeepEqual(first.morph, second.morph);
  await screenshot(page.locator(testid('try')), 'try-models.png');
  await page.locator(testid('try-second')).selectOption('collapsed');
  await until('the collapsed one has answered', async () => (await shows()).model === 'collapsed' && (await shows()).second);
  const { second: flat } = await shows();
  assert.ok(Math.max(flat.kl.a, flat.kl.b) < 0.1 && first.kl.a > 10, 'its posterior is the prior');
  const ends = [flat.morph.slice(0, 784), flat.morph.slice(-784)];
  assert.ok(
    Math.max(...ends[0].map((/** @type {number} */ v, /** @type {number} */ i) => Math.abs(v - ends[1][i]))) < 0.1,
    'A and B are the same',
  );
  assert.ok(await page.getByText(/trained with β = 40, and its posterior collapsed/).isVisible());
  await screenshot(page.locator(testid('try')), 'try-collapsed.png');
  await page.locator(testid('how')).evaluate((e) => e.remove()); // it is looked at elsewhere
  for (const mode of ['models', 'match', 'arithmetic', 'fill', 'digit']) {
    await choose(mode);
    assert.deepEqual(await faults(page), [], mode);
  }
  assert.deepEqual(serious(await barriers(page)), []);
  check();
});
