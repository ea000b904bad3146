/**
 * The gallery: the list of all models, and what the chosen one paints.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { dist, launch, newContext, screenshot, serve, settle, state, testid, until, visit, words } from './lib.mjs';

/** @type {any[]} */
const list = JSON.parse(readFileSync(join(dist, 'models/gallery.json'), 'utf8'));

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { serviceWorkers: 'allow' });
const { page, requests, forgive, check } = await visit(context, url);

const samples = page.locator(`${testid('gallery-samples')} button`);
const morph = testid('gallery-morph');

/** What is on a canvas. @param {string} selector */
const seen = (selector) =>
  page
    .locator(selector)
    .first()
    .evaluate((e) => /** @type {HTMLCanvasElement} */ (e).toDataURL());

/** Whether there is any colour on a canvas. @param {string} selector */
const colourful = (selector) =>
  page
    .locator(selector)
    .first()
    .evaluate((e) => {
      const canvas = /** @type {HTMLCanvasElement} */ (e);
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4) if (Math.abs(data[i] - data[i + 2]) > 60) return true;
      return false;
    });

const fetched = () => new Set(requests.filter((r) => r.includes('.safetensors')).map((r) => /models\/([\w-]+)\./.exec(r)?.[1]));

/** Waits until the model has painted, and its sliders are there. @param {string} name */
async function shown(name) {
  const { title } = list.find((m) => m.name === name);
  const either = [title.en, title.zh].map((t) => t.replace(/[()]/g, '\\$&')).join('|');
  await page.locator(testid('gallery-title'), { hasText: new RegExp(`^(${either})$`) }).waitFor();
  await page.locator('#gallery .dials:visible').waitFor();
}

/** Opens a model from the list. @param {string} name */
async function open(name) {
  await page.evaluate(() => location.assign('#gallery'));
  await page.locator(testid(`gallery-open-${name}`)).click();
  await shown(name);
}

/** Goes to a place of the morph and stays. @param {string} key Home or End */
async function seek(key) {
  await page.locator(`${testid('gallery-morph-place')}`).focus();
  await page.keyboard.press(key);
  await settle(page);
}

test('every model is listed, and only the chosen one is fetched; a broken file is told of and can be tried again', async () => {
  await page.locator('#to-gallery').click();
  await page.locator(testid('gallery-open-digits-2d')).waitFor();
  assert.equal(await page.locator('#gallery article').count(), list.length);
  assert.equal(await page.locator('#gallery article canvas[role=img]').count(), list.length, 'each with samples');
  assert.equal(await page.locator('#gallery article details[open]').count(), 0, 'figures are folded');
  assert.deepEqual([...fetched()], ['digits']); // the studio's
  const file = /models\/digits-2d\.safetensors/;
  await page.route(file, (route) => route.fulfill({ body: 'no model at all', contentType: 'application/octet-stream' }));
  await page.locator(testid('gallery-open-digits-2d')).click();
  const alert = page.locator('#gallery [role=alert]');
  await alert.getByText(words.en['error.model-missing']).waitFor();
  await page.unroute(file);
  // While the model is on its way there are the samples that came with the list.
  await page.route(file, async (route) => {
    await until('samples are shown', () => page.locator('#gallery .preview canvas').isVisible());
    await route.continue();
  });
  await alert.getByRole('button').click();
  await shown('digits-2d');
  assert.equal(await alert.isVisible(), false);
  assert.deepEqual([...fetched()], ['digits', 'digits-2d']);
  assert.equal(await samples.count(), 24);
  assert.equal(await page.locator('#gallery .dial').count(), 2);
  assert.equal(await page.locator('#gallery .preview').isVisible(), false);
  await page.unroute(file);
  await page.locator(testid('gallery-all')).click();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
  await until('the list is back where one was', async () => (await focused()) === 'gallery-open-digits-2d');
  await page.locator(`${testid('gallery-compare')} > summary`).click();
  const row = page.locator(`${testid('gallery-table')} tbody tr`, { hasText: list.find((m) => m.name === 'digits-2d').title.en });
  assert.match((await row.locator('td').last().textContent()) ?? '', /^[\d.]+ ms/, 'how fast it decodes here is known');
  check();
});

test('a model file of anybody’s is shown, whatever it paints, from the chooser and dropped; a broken one is told of', async () => {
  await page.evaluate(() => location.assign('#gallery'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator(testid('gallery-file')).click()]);
  await chooser.setFiles(join(dist, 'models/faces.safetensors'));
  const title = page.locator(testid('gallery-title'));
  await title.getByText(/^faces$/).waitFor();
  await page.locator('#gallery .dials:visible').waitFor();
  assert.match(page.url(), /#gallery\?own/);
  assert.equal(await colourful(`${testid('gallery-samples')} canvas`), true);
  assert.match((await page.locator('#gallery .known').textContent()) ?? '', /32 × 32, colour/);
  assert.equal(await page.locator(testid('gallery-use')).isVisible(), false, 'the pads are not for colour');
  assert.equal(await page.locator(testid('gallery-seed')).isVisible(), false, 'the address cannot bring the file back');
  await seek('Home');
  const first = await seen(morph);
  await until('it morphs', async () => {
    await seek('End');
    return (await seen(morph)) !== first;
  });

  const drop = (/** @type {string} */ name, /** @type {string} */ base64) =>
    page.evaluate(
      ([name, base64]) => {
        const files = new DataTransfer();
        files.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
        document.querySelector('#gallery')?.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
      },
      [name, base64],
    );
  await drop('torn.safetensors', 'AAAA');
  const alert = page.locator('#gallery [role=alert]');
  await alert.getByText(words.en['gallery.bad']).waitFor();
  await drop('mine.safetensors', readFileSync(join(dist, 'models/digits-2d.safetensors')).toString('base64'));
  await title.getByText(/^mine$/).waitFor();
  await page.locator('#gallery .dials:visible').waitFor();
  assert.equal(await alert.isVisible(), false);

  // It stays while others are looked at, and can be put behind the pads.
  await page.locator('#gallery .models a').first().click();
  await page.locator(testid('gallery-open-cvae')).click();
  await shown('cvae');
  await page.locator('#gallery .models a').first().click();
  await page.locator('#gallery .opener a').click();
  await title.getByText(/^mine$/).waitFor();
  await page.locator('#gallery .dials:visible').waitFor();
  await page.locator(testid('gallery-use')).click();
  await page.locator('#pad-a').waitFor();
  const { model, modelInfo } = await state(page);
  assert.deepEqual([model, modelInfo?.latent], ['mine', 2]);
  check();

  // Another visit does not have it, says so, and lists the others.
  const later = await newContext(browser);
  const { page: again, check: checkAgain } = await visit(later, url);
  await again.evaluate(() => location.assign('#gallery?own'));
  await again.locator('#gallery .opener').getByText(words.en['gallery.gone']).waitFor();
  await again.locator(testid('gallery-open-digits')).click();
  await again.locator(testid('gallery-title')).waitFor();
  assert.equal(await again.locator('#gallery .opener').isVisible(), false);
  checkAgain();
  await later.close();
});

test('pictures in colour are in colour, and models without an encoder paint', async () => {
  await page.locator('#to-gallery').click();
  const others = [list.find((m) => m.input[0] === 3), list.find((m) => m.family === 'dcgan')].filter(Boolean);
  for (const { name, input } of others) {
    await open(name);
    assert.equal(await colourful(`${testid('gallery-samples')} canvas`), input[0] === 3);
    assert.equal(await page.getByRole('button', { name: /^your drawing/ }).count(), 0);
  }
  check();
});

test('the view is whole on a phone and on a desktop, light and dark, in both languages; an engine may die, the network may go', async () => {
  await open('cvae');
  /** @type {string[]} */
  const all = [];
  /** @type {[string, number, number, ['light' | 'dark', 'en' | 'zh'][]][]} */
  const looks = [
    [
      'phone',
      390,
      780,
      [
        ['light', 'en'],
        ['dark', 'zh'],
      ],
    ],
    [
      'desktop',
      1280,
      900,
      [
        ['light', 'zh'],
        ['dark', 'en'],
      ],
    ],
  ];
  for (const [name, width, height, ways] of looks) {
    await page.setViewportSize({ width, height });
    for (const [colorScheme, lang] of ways) {
      await page.emulateMedia({ colorScheme });
      await page.locator(testid('language')).selectOption(lang);
      await page.locator('#gallery .dials h3', { hasText: words[lang]['gallery.numbers'] }).waitFor();
      await settle(page);
      await screenshot(page, `gallery-${name}-${colorScheme}-${lang}.png`, { fullPage: true });
      all.push(...(await faults(page)).map((f) => `${name}, ${colorScheme}, ${lang}: ${f}`));
    }
  }
  assert.deepEqual(all, []);
  assert.deepEqual(serious(await barriers(page)), []);
  await page.locator('#gallery .models a').first().click();
  assert.deepEqual([...(await faults(page)), ...serious(await barriers(page))], []);
  await page.emulateMedia({ colorScheme: 'light' });

  await open('cvae');
  const born = page.waitForEvent('worker');
  await page.workers()[0].evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('made up by a test');
      }),
  );
  await born;
  const before = await seen(`${testid('gallery-samples')} canvas`);
  await until('the new engine paints', async () => {
    await page.locator(testid('gallery-others')).click();
    return (await seen(`${testid('gallery-samples')} canvas`)) !== before;
  });
  forgive(/made up by a test/);

  for (const file of ['cvae.safetensors', 'gallery.json']) {
    await until(`${file} is kept`, () => page.evaluate(async (f) => Boolean(await caches.match(`models/${f}`)), file));
  }
  await context.setOffline(true);
  await page.reload();
  await shown('cvae');
  assert.equal(
    await page.evaluate(() =>
      fetch('elsewhere.txt').then(
        () => 'there',
        () => 'gone',
      ),
    ),
    'gone',
    'the network is gone indeed',
  );
  await page.evaluate(() => location.assign('#gallery?m=iwae-50'));
  await page.locator('#gallery [role=alert]').getByText(words.en['error.model-missing']).waitFor();
  await open('cvae');
  forgive(/elsewhere\.txt/, /iwae-50/, /Failed to load resource/);
  check();
});
