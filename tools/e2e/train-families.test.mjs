/**
 * The families of models in the Train view: a preset brings its data, trains,
 * shows pictures of their shape, and leaves a file. What is drawn over the curves of
 * each family is tested in web/views/train/.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { download, launch, newContext, screenshot, serve, testid, words } from './lib.mjs';
import { enter, training } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** What a preset in colour and one without an encoder are: their data, their pictures, whether they paint again what they see, and whether the studio can take them. */
const presets = {
  faces: { data: 'faces', input: [3, 32, 32], encodes: true, fits: false, curves: ['watch.elbo', 'watch.recon', 'watch.kl', 'watch.grad'] },
  gan: {
    data: 'digits',
    input: [1, 28, 28],
    encodes: false,
    fits: false,
    curves: ['watch.discriminator', 'watch.generator', 'watch.real', 'watch.fake', 'watch.grad'],
  },
};

/**
 * What a canvas of pictures has: how far its greys spread, and its colours are
 * from grey.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
const seen = (page, name) =>
  page.locator(`.watch canvas.${name}`).evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    // A copy: the page's own canvas is not made to be read.
    const { width, height } = canvas;
    const pen = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
    if (!pen) throw new Error('there is no 2D context');
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    let [sum, squares, colour, n] = [0, 0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      sum += data[i];
      squares += data[i] ** 2;
      colour += Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]);
      n++;
    }
    return { spread: Math.sqrt(squares / n - (sum / n) ** 2), colour: colour / n };
  });

/** The config in a model file. @param {Buffer} file */
function config(file) {
  const { __metadata__: about } = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE())).toString());
  return JSON.parse(Object.values(about).find((text) => text.includes('"family"'))).config;
}

test('presets in colour and without an encoder bring their data, train, show their pictures and are exported', async (t) => {
  const context = await newContext(browser);
  const { page, check } = await enter(context, url);
  for (const [name, { data, input, encodes, fits, curves }] of Object.entries(presets)) {
    await page.locator('#train-preset').selectOption(name);
    (await page.locator(testid('train-reset')).isEnabled()) && (await page.locator(testid('train-reset')).click());
    await page.evaluate(() => window.inkdrift.train.step(12));
    const { settings, dataset, recon, validation, terms } = await training(page);
    assert.deepEqual([settings.preset, settings.data], [name, data], `${name} of ${dataset}`);
    assert.equal(await page.locator(testid('dataset')).inputValue(), data);
    for (const v of encodes ? [recon, validation.elbo] : [terms.discriminator, validation.terms.generator])
      assert.ok(Number.isFinite(v), name);
    assert.equal(validation.elbo === null, !encodes);

    assert.equal(await page.locator('.watch canvas.pictures').isVisible(), encodes, name);
    assert.equal(await page.locator('.watch canvas.scatter').isVisible(), encodes, name);
    for (const canvas of encodes ? ['pictures', 'samples'] : ['samples']) {
      const { spread, colour } = await seen(page, canvas);
      assert.ok(spread > 2, `${name}, ${canvas}: ${spread}`);
      assert.ok(input[0] === 3 ? colour > 3 : colour < 30, `${name}, ${canvas}: ${colour}`);
    }
    for (const [id, on] of Object.entries({
      elbo: encodes,
      'validation-elbo': encodes,
      'discriminator-loss': curves.includes('watch.discriminator'),
    })) {
      assert.equal(await page.locator(testid(id)).isVisible(), on, `${name}: ${id}`);
    }
    await page.waitForFunction(
      (n) => [...document.querySelectorAll('.watch canvas.plot')].filter((c) => c.checkVisibility()).length === n,
      curves.length + (encodes ? 1 : 0),
    );
    const heads = await page
      .locator('.watch .over h3')
      .evaluateAll((all) => all.filter((h) => h.checkVisibility()).map((h) => h.textContent));
    assert.deepEqual(heads.sort(), [...curves, ...(encodes ? ['watch.dims'] : [])].map((key) => words.en[key]).sort(), name);
    assert.equal(await page.locator(testid('use-model')).textContent(), words.en[fits ? 'train.use' : 'train.show'], name);
    assert.equal(await page.locator('#train-unfit').isVisible(), !fits, name);

    const model = config((await download(page, page.locator(testid('export-model')))).bytes);
    assert.deepEqual([model.family, model.input], [settings.family, input]);
    await screenshot(page, `train-${name}.png`);
  }
  let kept = Object.keys(presets).length;
  t.diagnostic(`${kept} presets`);

  // The last one, for other programs.
  for (const [format, held] of Object.entries({ onnx: 'decoder.onnx', pytorch: 'model.py' })) {
    const button = page.locator(testid(`export-${format}`));
    const archive = await download(page, button);
    assert.match(archive.name, new RegExp(`-${format}\\.zip$`));
    assert.ok(archive.bytes.includes(`/${held}`), format);
    await button.locator('+ [data-testid=answer]', { hasText: held }).waitFor();
  }

  // What the studio cannot take the gallery shows, from the list of runs and of the run itself.
  const shown = page.locator(testid('gallery-title'));
  await page.locator('.run', { hasText: words.en['preset.faces'] }).getByRole('button', { name: words.en['train.show'] }).click();
  await shown.getByText(words.en['preset.faces']).waitFor();
  await page.locator('#gallery .dials:visible').waitFor();
  const archive = await download(page, page.locator(testid('gallery-export-onnx')));
  assert.ok(archive.bytes.includes('/encoder.onnx'));
  await page.locator('#to-train').click();
  await page.locator('#train-preset').selectOption('gan');
  await page.locator(testid('train-reset')).click();
  await page.evaluate(() => window.inkdrift.train.step(2));
  await page.locator(testid('use-model')).click();
  await shown.getByText(words.en['preset.gan']).waitFor();
  await page.locator('#gallery .dials:visible').waitFor();
  await page.locator('#to-train').click();
  kept++;

  // What was kept is beside each other, each in its own shape.
  for (const box of await page.locator('.run input[type=checkbox]').all()) await box.check();
  await page.waitForFunction((n) => document.querySelectorAll('.side-by-side canvas.pictures').length === n, kept);
  check();
  await context.close();
});
