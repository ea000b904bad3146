/**
 * A set of one's own drawings, a run that goes on with a shipped model on it, and what is exported of that.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { download, launch, newContext, screenshot, serve, state, testid, until } from './lib.mjs';
import { enter } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** @typedef {import('playwright-core').Page} Page */

/** Draws a bar on the pad of the sheet, a little different each time. @param {Page} page @param {number} i */
async function sign(page, i) {
  const box = await page.locator(testid('own-hand-pad')).boundingBox();
  assert.ok(box);
  const at = (/** @type {number} */ x, /** @type {number} */ y) => /** @type {const} */ ([box.x + x * box.width, box.y + y * box.height]);
  await page.mouse.move(...at(0.4 + 0.02 * i, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.5), { steps: 3 });
  await page.mouse.move(...at(0.6 - 0.02 * i, 0.8), { steps: 3 });
  await page.mouse.up();
}

test('own drawings are learnt by a shipped model, and set, run and curves leave as files', async () => {
  const context = await newContext(browser, { viewport: { width: 1366, height: 768 } });
  const { page, check } = await enter(context, url, '#train');
  await page.locator(testid('own-hand-open')).click();
  await page.locator('#own-hand-classes').fill('bar star');
  await page.locator('#own-hand-classes').blur();
  for (let i = 0; i < 6; i++) {
    await until('the next sign is asked for', async () =>
      ((await page.locator(testid('own-hand-asked')).textContent()) ?? '').includes(i % 2 ? 'star' : 'bar'),
    );
    await sign(page, i);
    await page.locator(testid('own-hand-next')).click();
  }
  await sign(page, 6);
  await page.locator(testid('own-hand-undo')).click();
  assert.match((await page.locator(testid('own-hand-count')).textContent()) ?? '', /^6 /);
  if (process.env.PICTURES) await screenshot(page, 'own-hand');
  await page.locator(testid('own-hand-use')).click();
  await until('the set is chosen', async () => (await page.locator(testid('dataset')).inputValue()) === 'my hand');
  assert.equal(await page.locator(testid('train-from')).inputValue(), 'digits');
  assert.ok(await page.locator('#set-latent').isDisabled(), 'the network is fixed');

  const zip = await download(page, page.locator(testid('export-data')));
  assert.equal(zip.bytes.subarray(0, 2).toString(), 'PK');

  await page.locator(testid('train-step')).click();
  await until('a step is taken', async () => /** @type {any} */ (await state(page)).train.step === 1);
  const { settings } = /** @type {any} */ (await state(page)).train;
  assert.deepEqual([settings.from, settings.latent, settings.data], ['digits', 40, 'my hand']);
  const { recon } = /** @type {any} */ (await state(page)).train;
  assert.ok(recon < 250, `a model without experience begins with 540 nats, not ${recon}`);
  const file = await download(page, page.locator(testid('export-checkpoint')));
  // By its path: it is large, and need not go through the driver.
  const folder = await mkdtemp(join(tmpdir(), 'inkdrift-'));
  await writeFile(join(folder, 'again.checkpoint.safetensors'), file.bytes);
  await page.locator('#runs input[type=file]').setInputFiles(join(folder, 'again.checkpoint.safetensors'));
  await until('the run is listed again', async () => (await page.locator('#runs li').count()) === 2);
  await rm(folder, { recursive: true });

  // On the pads: before and after, also on the next visit.
  await page.locator(testid('use-model')).click();
  const before = page.locator(testid('before-a'));
  const compared = async () =>
    /by “.+”, before training: mean squared error 0.\d+; now 0.\d+/.test((await before.getAttribute('aria-label')) ?? '');
  await until('the first drawing is shown as it was before', compared);
  if (process.env.PICTURES) await screenshot(page, 'own-hand-before');
  const { model } = await state(page);
  assert.notEqual(model, 'digits');
  await until('the model is kept', () => page.evaluate(() => localStorage.getItem('inkdrift.own-model') !== null));
  await page.reload();
  await page.evaluate(() => window.inkdrift.ready);
  assert.equal((await state(page)).model, model);
  await until('the drawing is shown as it was before training', compared);

  // So are the settings of the next run.
  await page.goto(`${url}#train?preset=own-hand&data=my+hand`);
  await page.reload();
  await until('the set is chosen', async () => (await page.locator(testid('dataset')).inputValue()) === 'my hand');
  assert.match(page.url(), /#train\?preset=own-hand&data=my\+hand$/);
  assert.equal(await page.locator(testid('train-from')).inputValue(), 'digits');

  await page.evaluate(() => window.inkdrift.load('digits'));
  await until('the pictures have gone', async () => (await before.count()) === 0);
  await until('the model is forgotten', () => page.evaluate(() => localStorage.getItem('inkdrift.own-model') === null));
  await page.reload();
  await page.evaluate(() => window.inkdrift.ready);
  assert.equal((await state(page)).model, 'digits');
  check();
  await context.close();
});
