/**
 * VAE against GAN: both models learn and are judged, and a collapse is named.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { launch, newContext, patience, screenshot, serve, testid, until, watch, words } from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const page = await context.newPage();
page.setDefaultTimeout(3 * patience); // two models train beside the page
const { check } = watch(page);
const start = page.locator(testid('lab-versus-start'));

/** The text of an element. @param {string} id */
const text = async (id) => (await page.locator(testid(id)).textContent()) ?? '';

/** A figure of one of the two. @param {string} side @param {string} name */
const figure = async (side, name) => Number((await text(`versus-${side}-${name}`)).split(/ (of|%)/)[0].replaceAll(',', ''));

/** Waits until the experiment has ended. */
async function untilEnded() {
  const sentence = words.en['lab.done'].replace('{name}', words.en['vae-vs-gan.head']);
  await page
    .locator(testid('lab-versus-state'))
    .getByText(sentence)
    .waitFor({ timeout: 3 * patience });
}

test('both learn from the same pictures, side by side, and are judged; it can be paused', async () => {
  await page.goto(`${url}#lab?e=versus&pictures=2600&every=1200&samples=100`);
  await start.click();
  const pause = page.locator(testid('versus-pause'));
  await until('the first round is over', async () => (await figure('vae', 'pictures')) > 0);
  await pause.click();
  await pause.getByText(words.en['vae-vs-gan.resume']).waitFor();
  await pause.click();
  await untilEnded();
  assert.ok(await pause.isDisabled());
  for (const side of ['vae', 'gan']) {
    assert.ok((await figure(side, 'pictures')) >= 2600, side);
    const [fid, score, covered, largest] = await Promise.all(['fid', 'score', 'covered', 'largest'].map((name) => figure(side, name)));
    assert.ok(
      fid > 10 && score >= 1 && score <= 10 && covered >= 1 && covered <= 10 && largest >= 10 && largest <= 100,
      `${side}: ${[fid, score, covered, largest]}`,
    );
    const shares = await page.locator(testid(`versus-${side}-shares`)).getAttribute('aria-label');
    assert.match(shares ?? '', /0: \d+ %, .*9: \d+ %/);
    assert.match((await page.locator(testid(`versus-${side}-verdict`)).getAttribute('data-state')) ?? '', /young|fine|lacks/);
    // Courses and losses say where they ended.
    assert.match(
      (await page.locator(testid(`versus-chart-${side}`)).getAttribute('aria-label')) ?? '',
      side === 'vae'
        ? /KL divergence [\d.]+, Reconstruction error [\d.]+, Loss: the sum of both [\d.]+/
        : /Discriminator [\d.]+, Generator [\d.]+/,
    );
    const spread = await page.locator(testid(`versus-${side}-samples`)).evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
      const pen = canvas.getContext('2d');
      if (!pen) throw new Error('there is no 2D context');
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(data.filter((_, i) => i % 4 === 0)).size;
    });
    assert.ok(spread > 20, `samples of ${side} have ${spread} shades`);
  }
  assert.match((await page.locator(testid('versus-chart-fid')).getAttribute('aria-label')) ?? '', /VAE [\d.,]+, GAN [\d.,]+/);
  assert.match(await text('versus-verdict'), /^After 2,\d+ pictures the (VAE|GAN) is ahead: .*the VAE covers \d+ and the GAN \d+\.$/);
  check();
});

test('a GAN that is made to collapse is named, and covers fewer classes than the VAE, as its lesson says', async () => {
  await page.goto(`${url}#lab?e=versus&pictures=2600&every=1200&samples=100`);
  await page.locator(testid('versus-provoke')).click();
  await until('it begins again', async () => /gan=collapse/.test(page.url()) && (await start.textContent()) === words.en['lab.stop']);
  await untilEnded();
  const verdict = page.locator(testid('versus-gan-verdict'));
  assert.match((await verdict.getAttribute('data-state')) ?? '', /collapse|same/);
  assert.match((await verdict.textContent()) ?? '', /^Mode collapse: .*\d+ %/);
  assert.ok((await figure('gan', 'covered')) < (await figure('vae', 'covered')));
  await page.getByText(words.en['vae-vs-gan.collapse-why']).waitFor();

  /** @type {string[]} */
  const all = [];
  /** @type {[number, number, 'light' | 'dark', 'en' | 'zh'][]} */
  const looks = [
    [390, 780, 'dark', 'zh'],
    [1280, 900, 'light', 'en'],
  ];
  for (const [width, height, colorScheme, lang] of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.locator(testid('language')).selectOption(lang);
    await page.locator('#lab-versus h3', { hasText: words[lang]['vae-vs-gan.question'] }).waitFor();
    await screenshot(page.locator('#lab-versus'), `versus-${width}-${colorScheme}-${lang}.png`);
    all.push(...(await faults(page)).map((f) => `${width}, ${colorScheme}, ${lang}: ${f}`));
  }
  assert.deepEqual(all, []);
  assert.deepEqual(serious(await barriers(page)), []);
  check();
});
