/**
 * People's own pictures in the Train view: archives, folders and photographs
 * are previewed, read, kept, trained on in colour and morphed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { png, zip } from '../../web/test/files.js';
import { download, launch, newContext, screenshot, serve, testid, until, words } from './lib.mjs';
import { barriers, faults, serious } from './faults.mjs';
import { become, enter, past, training } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** @typedef {{name: string, mimeType: string, buffer: Buffer}} Sent */

/**
 * A PNG of a colour that changes across it, with a square of another in it.
 *
 * @param {number} w
 * @param {number} h
 * @param {number} k which of many
 */
const coloured = (w, h, k) =>
  png(w, h, (x, y) => {
    const waves = Math.round(60 * Math.sin((x * (1 + (k % 3))) / 9) * Math.cos(y / 7));
    const inside = Math.abs(x - w / 2) < w / 4 && Math.abs(y - h / 2) < h / 4;
    return inside ? [220 - (k % 5) * 40, 30, 40 + waves] : [20, 80 + Math.round((100 * x) / w), 160 + waves];
  });

/** @param {string} name @param {Buffer} buffer @param {string} [mimeType] @returns {Sent} */
const file = (name, buffer, mimeType = 'application/zip') => ({ name, mimeType, buffer });

/** Pictures of two kinds in folders, something that is none, and what systems put beside them. */
const pets = () =>
  zip([
    { name: '.DS_Store', content: Buffer.from('x') },
    { name: 'pets/notes.txt', content: Buffer.from('no picture') },
    ...Array.from({ length: 60 }, (_, i) => ({ name: `pets/${i % 2 ? 'dogs' : 'cats'}/${i}.png`, content: coloured(40 + (i % 7), 36, i) })),
  ]);

/** @param {import('playwright-core').Page} page @param {Sent[]} files */
const choose = (page, files) => page.locator('.train input[type=file]').first().setInputFiles(files);

/** Waits until the preview is there. @param {import('playwright-core').Page} page */
const previewed = (page) =>
  page.waitForFunction(
    () => document.querySelector('[data-testid=own-pictures]:not([hidden]):not([aria-busy=true]) canvas:not([hidden])') !== null,
  );

/** Takes what is previewed. @param {import('playwright-core').Page} page */
async function use(page) {
  await page.locator(testid('own-use')).click();
  await page.locator(testid('own-pictures')).waitFor({ state: 'hidden' });
}

/**
 * How far pixels of a canvas are from grey, and a sum over all of them.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} selector
 */
const seen = (page, selector) =>
  page.locator(selector).evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const { width, height } = canvas;
    const pen = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
    if (!pen) throw new Error('there is no 2D context');
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    let [colour, sum] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
      colour += Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]);
      sum += (i % 977) * data[i];
    }
    return { colour: (4 * colour) / data.length, sum };
  });

test('an archive is previewed, trained on in colour, morphed, kept and forgotten', async () => {
  const context = await newContext(browser, { reducedMotion: 'no-preference' });
  const { page, check } = await enter(context, url);
  await choose(page, [file('pets.zip', pets())]);
  await previewed(page);
  assert.match((await page.locator(testid('own-left-out')).textContent()) ?? '', /notes\.txt \(not a picture\)/);
  assert.ok((await seen(page, '[data-testid=own-pictures] canvas')).colour > 40);
  await page.locator(testid('own-colours')).selectOption('1');
  await page.waitForFunction(() => document.querySelector('[data-testid=own-pictures]')?.getAttribute('aria-busy') === 'false');
  assert.equal((await seen(page, '[data-testid=own-pictures] canvas')).colour, 0);
  await page.locator(testid('own-colours')).selectOption('3');
  await previewed(page);
  await screenshot(page, 'picture-preview.png');
  assert.deepEqual(serious(await barriers(page)), []);
  assert.deepEqual(await faults(page), []);
  await use(page);

  assert.equal(await page.locator(testid('dataset')).inputValue(), 'pets');
  assert.equal(await page.locator('#train-preset').inputValue(), 'pictures');
  assert.match((await page.locator(testid('data-counts')).textContent()) ?? '', /^48 .* 6 .* 6 .*32 × 32, colour$/);
  await page.locator(testid('train-toggle')).click();
  await past(page, 10);
  await page.locator(testid('room-morph')).scrollIntoViewIfNeeded();
  await page.locator('.morph .strip').waitFor();
  await page.waitForFunction(() => {
    const now = /** @type {HTMLCanvasElement | null} */ (document.querySelector('.morph .now'));
    return now && now.width % 32 === 0 && now.width !== 300;
  });
  assert.ok((await seen(page, '.watch canvas.pictures')).colour > 20);
  assert.equal(await page.locator('.classes').textContent(), '0 cats1 dogs');
  await page.locator(testid('train-toggle')).click();
  await become(page, 'paused');

  const saved = await download(page, page.locator(testid('morph-save')));
  await page.locator(testid('answer'), { hasText: words.en['answer.saved'].replace('{name}', saved.name) }).waitFor();

  // The morph is played, paused, scrubbed and told other ends by the keyboard.
  const play = page.locator(testid('morph-play'));
  assert.equal(await play.getAttribute('aria-label'), words.en['morph.pause']);
  const scrub = page.locator(testid('morph-place'));
  await scrub.focus();
  await page.keyboard.press(' ');
  assert.equal(await play.getAttribute('aria-label'), words.en['morph.play']);
  await page.keyboard.press('Home');
  const before = await seen(page, '.morph .now');
  await page.keyboard.press('End');
  assert.equal(await scrub.inputValue(), '1');
  await until('the other end is painted', async () => (await seen(page, '.morph .now')).sum !== before.sum);
  const first = page.locator('.morph fieldset').first().locator('input:checked');
  await first.focus();
  const strip = await seen(page, '.morph .strip');
  await page.keyboard.press('ArrowRight');
  await until('another way is painted', async () => (await seen(page, '.morph .strip')).sum !== strip.sum);

  const { settings, step } = await training(page);
  assert.deepEqual([settings.data, settings.family], ['pets', 'conv']);
  await page.locator('.run button', { hasText: words.en['runs.export'] }).waitFor();
  await page.reload();
  await page.locator(testid('train-not-now')).click();
  await until('the kept set is listed and chosen', async () => (await page.locator(testid('dataset')).inputValue()) === 'pets');
  await page.evaluate(() => window.inkdrift.train.step(1));
  assert.equal((await training(page)).dataset, 'pets');
  assert.ok(step > 10);
  await page.locator(testid('forget-data')).click();
  await page.waitForFunction(() => !document.querySelector('[data-testid=dataset] option[value=pets]'));
  check();
  await context.close();
});

test('a photograph is learnt from its patches; in grey by the preset of textures, and a GAN morphs between samples', async () => {
  const context = await newContext(browser);
  const { page, check } = await enter(context, url);
  // Dropped on the Train view it is data, and not for a pad.
  await page.route('**/dropped.png', (route) => route.fulfill({ body: coloured(400, 200, 1), contentType: 'image/png' }));
  await page.evaluate(async () => {
    const data = new DataTransfer();
    data.items.add(new File([await (await fetch('dropped.png')).arrayBuffer()], 'rock.png', { type: 'image/png' }));
    const target = document.querySelector('.watch');
    if (!target) throw new Error('there is no .watch');
    for (const type of ['dragenter', 'dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await previewed(page);
  await page.locator(testid('own-size')).selectOption('28');
  await page.locator(testid('own-colours')).selectOption('1');
  await page.locator(testid('own-scale')).selectOption('1');
  await page.locator(testid('own-count')).selectOption('2000');
  await previewed(page);
  assert.match((await page.locator(testid('own-said')).textContent()) ?? '', /^2,000 .* 200 .* 200 /);
  await use(page);
  assert.equal(await page.locator('#train-preset').inputValue(), 'textures');
  await page.evaluate(() => window.inkdrift.train.step(5));
  const { settings, dataset } = await training(page);
  assert.deepEqual([dataset, settings.likelihood, settings.encoder], ['rock', 'gaussian', [128, 64, 32]]);
  assert.equal(await page.locator(testid('use-model')).isEnabled(), true, 'they have the size of the pads');

  // A model without encoder has no pictures to go between but its own.
  await page.evaluate(() =>
    window.inkdrift.train.start({ preset: 'textures', data: 'rock', family: 'dcgan', decoder: [8, 4], discriminator: [4, 8], batch: 8 }),
  );
  await past(page, 2);
  await page.evaluate(() => window.inkdrift.train.pause());
  await become(page, 'paused');
  await page.locator(testid('room-morph')).scrollIntoViewIfNeeded();
  await page.waitForFunction(() => {
    const now = /** @type {HTMLCanvasElement | null} */ (document.querySelector('.morph .now'));
    return now && now.width % 28 === 0;
  });
  assert.equal(await page.locator('.watch canvas.pictures').isVisible(), false);
  check();
  await context.close();
});
