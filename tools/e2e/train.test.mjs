/**
 * The training room: from the first press on play to a model of one's own
 * behind the pads, what is kept, and what goes wrong.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { draw, written } from './hand.mjs';
import {
  download,
  farthest,
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
  untilReady,
  watch,
  words,
} from './lib.mjs';
import { become, enter as enterAt, training } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** Validation ELBO that the default experiment has after so many steps, at the least; nats. */
const goal = { steps: 300, elbo: -128 };

/** @typedef {import('playwright-core').Page} Page */

/** @param {import('playwright-core').BrowserContext} context @param {string} [hash] */
const enter = (context, hash) => enterAt(context, url, hash);

/** How much ink a canvas has: the spread of its greys. @param {Page} page @param {string} selector */
const ink = (page, selector) =>
  page.locator(selector).evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('there is no 2D context');
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    let [sum, squares, n] = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      sum += data[i];
      squares += data[i] ** 2;
      n++;
    }
    return Math.sqrt(squares / n - (sum / n) ** 2);
  });

/** Looks at the map of the model that trains, with a pointer and with keys, and keeps a picture. @param {Page} page */
async function lookAround(page) {
  const map = async () => /** @type {any} */ ((await state(page)).map);
  const told = (/** @type {string} */ what, /** @type {(m: any) => boolean} */ is) => until(what, async () => is(await map()));
  await told('the map has its plane and moves on', ({ plane, refreshes }) => plane === 'principal' && refreshes > 3);
  let tries = 0;
  await until('the pointer looks', async () => {
    // Figures that come while it trains move the map; the pointer goes after it.
    const { x, y, width, height } = await page.evaluate(() => window.inkdrift.rects().map);
    await page.mouse.move(x + 0.5 * width + (tries++ % 2), y + 0.6 * height);
    const { at } = await map();
    return Math.abs(at?.u - 0.5) < 0.01 && Math.abs(at?.v - 0.6) < 0.01;
  });
  await page
    .locator(testid('map-here'))
    .getByText(/σ from the origin; reads as \d\./)
    .waitFor();
  const z = await page.evaluate(() => window.inkdrift.map.at(0.25, 0.75));
  assert.equal(z.length, 16);
  await page.mouse.move(0, 0);
  await page.locator(testid('map')).focus();
  for (const key of ['ArrowRight', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
  await told('Enter keeps', ({ kept }) => kept.length === 1);
  const { refreshes } = await map();
  await told('it is alive', (m) => m.refreshes > refreshes + 2);
}

test('press play, see digits, draw a five, see one’s own model paint it', async (t) => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const { check } = watch(page);
  await page.goto(url);
  await untilReady(page);
  await draw(page, 'b', written(3));
  await page.locator('#to-train').click();
  assert.match(page.url(), /#train$/);
  assert.equal(await page.locator('#to-train').getAttribute('aria-current'), 'page');
  await page.locator(testid('train-toggle')).click();
  const began = Date.now();
  await page.waitForFunction(() => (window.inkdrift.state().train.validation.elbo ?? -Infinity) > -150);
  t.diagnostic(`a validation ELBO of -150 after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await lookAround(page);
  assert.notEqual(await page.locator(testid('throughput')).textContent(), '–');
  assert.notEqual(await page.locator(testid('elbo')).textContent(), '–');
  await page.locator(testid('train-toggle')).click();
  await become(page, 'paused');
  for (const name of ['pictures', 'samples', 'scatter', 'plot']) assert.ok((await ink(page, `.watch canvas.${name} >> nth=0`)) > 3, name);

  const { step } = await training(page);
  await page.evaluate((n) => window.inkdrift.train.step(n), Math.max(1, goal.steps - step));
  await until('the time-lapse has moments', async () => Number(await page.locator(testid('lapse-place')).getAttribute('max')) > 1);
  await page.locator(testid('lapse-place')).press('Home');
  const film = await download(page, page.locator(testid('lapse-save')));
  assert.deepEqual([film.bytes.toString('latin1', 0, 6), film.bytes.length > 10_000], ['GIF89a', true]);
  const { validation, status } = await training(page);
  const elbo = validation.elbo ?? NaN;
  t.diagnostic(`validation ELBO after ${goal.steps} steps: ${elbo.toFixed(1)}`);
  assert.equal(status, 'paused');
  assert.equal(validation.step, Math.max(goal.steps, step + 1));
  assert.ok(elbo > goal.elbo, `${elbo}`);
  assert.match((await page.locator(testid('status')).textContent()) ?? '', /./);

  await page.locator(testid('use-model')).click();
  await page.locator('#morph').waitFor();
  assert.match((await page.locator('#model option:checked').textContent()) ?? '', /trained here/);
  assert.equal((await state(page)).b.empty, false, 'drawings are still there');
  await page.locator(testid('clear-a')).click();
  await draw(page, 'a', written(5));
  await settle(page);
  const { a } = await state(page);
  assert.ok(meanDifference(a.pixels, a.recon) < 0.1, `${meanDifference(a.pixels, a.recon)}`);
  await screenshot(page, 'train-own-five.png');
  await page.goBack();
  await page.locator(testid('train-toggle')).waitFor();
  await page.goForward();
  await page.locator('#morph').waitFor();
  assert.deepEqual(await sentences(page), []);
  check();
  await context.close();
});

test('a run is renamed, compared, and its file gives the same pictures in another browser', async () => {
  const context = await newContext(browser, { acceptDownloads: true });
  const { page, check } = await enter(context, '#train?batch=32&images=2000&encoder=64&decoder=64');
  for (const seed of [1, 2]) {
    await page.evaluate((seed) => window.inkdrift.train.start({ batch: 32, images: 2000, encoder: [64], decoder: [64], seed }), seed);
    await page.waitForFunction(() => window.inkdrift.state().train.step > 5);
    await page.evaluate(() => window.inkdrift.train.pause());
  }
  await until(
    'both runs are kept',
    async () =>
      (await page.locator('.run').count()) === 2 && (await page.locator('.run button', { hasText: words.en['runs.export'] }).count()) === 2,
  );
  await page.locator('.run button.name').first().click();
  await page.locator('.run input.name').fill('Second of two');
  await page.keyboard.press('Enter');
  await page.locator('.run button.name', { hasText: 'Second of two' }).waitFor();
  for (const box of await page.locator('.run input[type=checkbox]').all()) await box.check();
  await page.locator('.compared').nth(1).waitFor();
  assert.equal(await page.locator(testid('compare')).textContent(), 'Differs in: seed 2 / 1');
  for (const canvas of ['pictures', 'scatter', 'plot', 'bars'])
    assert.ok((await page.locator(`.compared canvas.${canvas}`).count()) >= 2, canvas);
  await until('the other run is on the curves', async () => (await page.locator('.legend .key').count()) === 3);
  await page.locator('.runs').scrollIntoViewIfNeeded();
  await screenshot(page, 'train-compared.png', { fullPage: true });

  const exporter = page.locator('.run', { hasText: 'Second of two' }).locator('button', { hasText: words.en['runs.export'] });
  const { name, bytes: buffer } = await download(page, exporter);
  await page.locator(testid('answer'), { hasText: words.en['answer.saved'].replace('{name}', name) }).waitFor();
  const paint = (/** @type {Page} */ p) => p.evaluate(() => window.inkdrift.decode(Array.from({ length: 16 }, (_, i) => Math.sin(i))));
  await page.locator('.run', { hasText: 'Second of two' }).locator('button', { hasText: words.en['runs.use'] }).click();
  await page.locator('#morph').waitFor();
  const painted = await paint(page);

  const profile = await newContext(browser);
  const other = await enter(profile);
  await other.page.locator('.runs input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  const imported = other.page.locator('.run', { hasText: 'Second of two' });
  await imported.locator('button', { hasText: words.en['runs.settings'] }).click();
  assert.deepEqual(
    [await other.page.locator('#set-encoder').inputValue(), await other.page.locator('#set-seed').inputValue()],
    ['64', '2'],
  );
  await imported.locator('button', { hasText: words.en['runs.use'] }).click();
  await other.page.locator('#morph').waitFor();
  assert.equal(farthest(await paint(other.page), painted), 0);
  other.check();
  await profile.close();

  await page.locator('#to-train').click();
  const deleter = page.locator('.run button', { hasText: words.en['runs.delete'] }).first();
  await deleter.click();
  await page.locator('.run .sure').click();
  await until('it is gone', async () => (await page.locator('.run').count()) === 1);
  check();
  await context.close();
});

/** @type {Record<string, ['light' | 'dark', 'en' | 'zh'][]>} */
const ways = {
  'small-phone': [
    ['light', 'en'],
    ['dark', 'zh'],
  ],
  tablet: [['dark', 'en']],
  desktop: [['light', 'zh']],
  '4k': [['light', 'zh']],
};
const sizes = [
  { size: 'small-phone', width: 360, height: 740 },
  { size: 'tablet', width: 768, height: 1024 },
  { size: 'desktop', width: 1280, height: 900 },
  { size: '4k', width: 3840, height: 2160 },
];

test('how it looks, at rest and trained, in both themes and languages; what axe-core finds', async (t) => {
  const context = await newContext(browser);
  const { page, check } = await enter(context, '#train?preset=map&images=2000');
  for (const [name, run] of /** @type {const} */ ([
    ['idle', false],
    ['trained', true],
  ])) {
    if (run) await page.evaluate(() => window.inkdrift.train.step(30));
    for (const { size, width, height } of run ? sizes : sizes.filter((s) => s.width < 400 || s.width === 1280)) {
      await page.setViewportSize({ width, height });
      for (const [colorScheme, lang] of ways[size]) {
        await page.emulateMedia({ colorScheme });
        await page.locator(testid('language')).selectOption(lang);
        await page.locator('h3', { hasText: words[lang]['set.head'] }).waitFor({ state: 'attached' });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        await screenshot(page, `train-${name}-${size}-${colorScheme}-${lang}.png`, { fullPage: true });
        assert.deepEqual(await faults(page), [], `${name}, ${size}, ${colorScheme}, ${lang}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(() =>
      /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('.group')).forEach((d) => d.toggleAttribute('open', true)),
    );
    await page.locator('.settings-side .link').click();
    for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
      await page.emulateMedia({ colorScheme });
      const found = await barriers(page);
      if (found.length) t.diagnostic(found.join('; '));
      assert.deepEqual(serious(found), [], `${name}, ${colorScheme}`);
    }
    assert.deepEqual(await faults(page), [], `${name}, explained`);
    const english = await page.evaluate(() => {
      /** @type {string[]} */
      const out = [];
      for (const e of document.querySelectorAll('#train *, #runs *, .trial *')) {
        if (e.closest('.run')) continue; // named when it was begun
        for (const attr of ['aria-label', 'title']) if (e.hasAttribute(attr)) out.push(e.getAttribute(attr) ?? '');
        for (const n of e.childNodes) if (n.nodeType === Node.TEXT_NODE && n.textContent?.trim()) out.push(n.textContent.trim());
      }
      return out.filter((s) =>
        /[a-z]{2,}/i.test(
          s.replace(
            /[a-z]+-(\d+d?|rgb)|ELBO|KL|C?VAE|ReLU|leaky|tanh|Adam|AdamW|SGD|(DC)?GAN|IWAE|sigmoid|safetensors|zip|PNG|GIF|Delete|Esc|Home|MB|NLL|MNIST|Burda|PCA|FID|ONNX|PyTorch|CSV|tools\/train -resume|log|ln/gi,
            '',
          ),
        ),
      );
    });
    assert.deepEqual(english, [], 'in Chinese nothing is left in English');
    await page.locator('.settings-side .link').click();
  }
  check();
  await context.close();
});

test('a link into the Train view shows nothing of the studio, however late the view is', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const { check } = watch(page);
  await page.route(/\/(train-view\.js|css\/train\.css)$/, async (route) => {
    await page.waitForFunction(() => window.painted.frames > 10); // what there is without it
    await route.continue();
  });
  await page.addInitScript(() => {
    window.painted = { parts: new Set(), frames: 0 };
    const look = () => {
      for (const s of ['.studio-morph', '.film', '.dreams', '.tagline', '.latent', '.stage', '#pad-a', '#canvas']) {
        const e = document.querySelector(s);
        if (e?.checkVisibility({ visibilityProperty: true }) && !document.querySelector('.train .top')) window.painted.parts.add(s);
      }
      const tab = document.querySelector('#to-studio');
      if (tab && getComputedStyle(tab).boxShadow !== 'none') window.painted.parts.add('#to-studio');
      window.painted.frames++;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(`${url}#train?preset=map`);
  await page.locator(testid('train-toggle')).waitFor();
  await page.locator('#pad-a').waitFor();
  assert.deepEqual(await page.evaluate(() => [[...window.painted.parts], window.painted.frames > 10]), [[], true]);
  assert.equal(await page.locator('#train-preset').inputValue(), 'map');
  check();
  await context.close();
});
