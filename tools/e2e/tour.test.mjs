/**
 * The tour, taken as somebody new would: each step's task is done on the page,
 * and the tour notices.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import { launch, newContext, screenshot, serve, state, testid, until, visit, words } from './lib.mjs';
import { become } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { viewport: { width: 1366, height: 768 } });
const { page, requests, check } = await visit(context, url);

const start = page.locator(testid('tour-start'));
const next = page.locator(testid('tour-next'));
const panel = page.locator('#tour');
const done = panel.locator('.done');

/** @param {number} n */
const isAt = (n) => panel.getByText(`Step ${n} of 8`).waitFor();

/** Waits until the tour has noticed. */
const noticed = async () => until('the tour has noticed', async () => (await done.textContent()) !== '');

/** Goes on, and what was there before is not taken for the next task. @param {number} n the step that follows */
async function goOn(n) {
  await screenshot(page, `tour-${n - 1}.png`);
  await next.click();
  await isAt(n);
  assert.equal(await done.textContent(), '');
}

/** Whether panel and lit element are in the window, and apart. */
async function apart() {
  const [a, b] = await Promise.all([panel.boundingBox(), page.locator('.tour-lit').boundingBox()]);
  assert.ok(a && b);
  const clear = a.x >= b.x + b.width || a.x + a.width <= b.x || a.y >= b.y + b.height || a.y + a.height <= b.y;
  return clear && b.y < 768 && b.y + b.height > 0;
}

test('nothing of it is fetched before it is asked for; then the focus goes to it', async () => {
  assert.ok(!requests.some((r) => /\/tour[.-]/.test(r)));
  await start.click();
  await isAt(1);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tour-head');
  assert.equal(await start.getAttribute('aria-expanded'), 'true');
  await until('the panel stands beside the pad', apart);
});

test('drawing, new samples, another z and the KL term are noticed; the page stays usable', async () => {
  await draw(page, 'a', written(3));
  await noticed();
  await goOn(2);
  await until('the panel stands beside the samples', apart);
  await page.locator(testid('resample')).click();
  await noticed();
  await goOn(3);
  await page.locator(testid('draw-z')).click();
  await noticed();
  await until('the panel stands beside z', apart);
  await goOn(4);
  await page.locator('[data-term=kl]').focus();
  await noticed();
});

test('Escape leaves it; a reload goes on where it was', async () => {
  await goOn(5);
  await page.locator('#set-beta').waitFor();
  await start.click(); // to the panel
  await page.keyboard.press('Escape');
  assert.equal(await panel.isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tour-start');
  await page.goto(url);
  await page.evaluate(() => window.inkdrift.ready);
  assert.equal(await panel.count(), 0, 'it does not open by itself');
  await start.press('Enter');
  await isAt(5);
});

test('beta 40 makes a posterior collapse, beta 1 brings it back', async () => {
  await page.locator('#set-beta').fill('40');
  await page.locator('#set-beta').blur();
  await noticed();
  await goOn(6);
  await page.locator(testid('train-toggle')).click();
  await noticed();
  const { train } = await state(page);
  assert.ok(train.kl !== null && train.kl < 1, `KL ${train.kl}`);
  await goOn(7);
  await page.locator('#set-beta').fill('1');
  await page.locator('#set-beta').blur();
  await noticed();
  assert.ok((await state(page)).train.step > train.step);
  if ((await state(page)).train.status === 'running') {
    await page.locator(testid('train-toggle')).click();
    await become(page, 'paused');
  }
});

test('at the end it asks six questions, has their answers and six lessons, in both languages', async () => {
  await goOn(8);
  await page.locator(testid('scrub')).fill('0.5');
  await noticed();
  await screenshot(page, 'tour-8.png');
  await next.click();
  assert.equal(await panel.locator('details').count(), 12, 'six questions and six lessons');
  await panel.locator('summary').first().click();
  assert.ok((await panel.locator('details[open] p').textContent())?.length);
  await page.locator(testid('language')).selectOption('zh');
  await panel.getByText('您看到了什么').waitFor();
  await screenshot(page, 'tour-end.png');
  await next.click();
  assert.equal(await panel.isVisible(), false);
  assert.equal(await start.textContent(), words.zh['tour.start']);
  check();
});

test('by keyboard alone: the focus goes to what is to be done and back, and is never lost', async () => {
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('data-testid') || '');
  /** Presses a key until something has the focus. @param {string} wanted */
  const tabTo = async (wanted, key = 'Tab') => {
    for (let i = 0; i < 6 && (await focused()) !== wanted; i++) await keyboard.press(key);
    assert.equal(await focused(), wanted);
  };
  /** What has the focus in each step, and the keys that do its task; training was tried above. @type {[string, string[]][]} */
  const tasks = [
    ['pad-a', ['Enter', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']],
    ['resample', ['Enter']],
    ['draw-z', ['Enter']],
    ['', []], // the KL term: the focus is all
    ['set-beta', []],
    ['train-toggle', []],
    ['set-beta', []],
    ['scrub', ['ArrowRight']],
  ];
  await start.focus();
  await keyboard.press('Enter');
  for (const [i, [at, keys]] of tasks.entries()) {
    await panel.getByText(`第 ${i + 1} 步`).waitFor();
    await tabTo('tour-show', i === 0 ? 'Tab' : 'Shift+Tab');
    await keyboard.press('Enter');
    if (at) await until(`the focus is on ${at}`, async () => (await focused()) === at);
    else await noticed();
    for (const key of keys) await keyboard.press(key);
    if (keys.length > 0) await noticed();
    await keyboard.press('Escape');
    assert.equal(await focused(), 'tour-head');
    await tabTo('tour-next');
    await keyboard.press('Enter');
    assert.equal(await focused(), 'tour-next');
  }
  await panel.getByText('您看到了什么').waitFor();
  await keyboard.press('Enter'); // “Finish”
  assert.equal(await panel.isVisible(), false);
  assert.equal(await focused(), 'tour-start');
});

test('on a phone it is at the bottom, and what it is about can be seen and used', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await start.click();
  await panel.getByText('第 1 步，共 8 步').waitFor();
  const box = await panel.boundingBox();
  assert.ok(box && Math.abs(box.y + box.height - 844) < 2 && box.height < 0.5 * 844, JSON.stringify(box));
  for (const n of [2, 3]) {
    await next.click();
    await panel.getByText(`第 ${n} 步，共 8 步`).waitFor();
    await until('the element is above the panel', async () => {
      const lit = await page.locator('.tour-lit').boundingBox();
      return lit !== null && lit.y >= -1 && lit.y < 844 - box.height - 40;
    });
  }
  await page.locator(testid('draw-z')).click();
  await noticed();
  await screenshot(page, 'tour-phone.png');
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  check();
});
