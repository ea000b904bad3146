/**
 * The view "Experiments": a link opens one with its settings, a sweep over
 * latent sizes runs to its end and can be stopped, classes are learnt from few
 * labels, and only one trains at a time unless somebody wants it so.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { download, expectError, launch, newContext, patience, screenshot, serve, testid, until, watch, words } from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const page = await context.newPage();
const { check } = watch(page);

/** @param {string} name of an experiment */
const start = (name) => page.locator(testid(`lab-${name}-start`));

/** @param {string} name of an experiment @param {string} key of what the line beside its button says in the end */
async function untilEnded(name, key) {
  const sentence = words.en[key].replace('{name}', words.en[`${name}.head`]);
  await page
    .locator(testid(`lab-${name}-state`))
    .getByText(sentence)
    .waitFor({ timeout: 3 * patience });
  assert.equal(await start(name).textContent(), words.en['lab.start']);
}

/** How many pixels of a canvas are painted. @param {import('playwright-core').Locator} canvas */
const inked = (canvas) =>
  canvas.evaluate((e) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (e);
    // A copy: the page's own canvas is not made to be read.
    const pen = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!pen) throw new Error('there is no 2D context');
    pen.drawImage(/** @type {HTMLCanvasElement} */ (e), 0, 0);
    return pen.getImageData(0, 0, width, height).data.filter((v, i) => i % 4 === 3 && v > 0).length;
  });

/** The same. @param {string} selector */
const painted = (selector) => inked(page.locator(selector));

/** The texts in the body of a table, by row. @param {string} id */
const cells = (id) =>
  page.locator(`${testid(id)} tbody tr`).evaluateAll((rows) => rows.map((r) => [...r.children].map((c) => c.textContent)));

test('each experiment opens with an example result; what is ready is said', async () => {
  await page.goto(`${url}#lab`);
  for (const name of ['sweep', 'labels', 'versus']) {
    await page.locator(testid(`lab-choose-${name}`)).click();
    await page.locator(testid(`lab-${name}-example`)).waitFor();
    assert.equal(await page.locator('#lab .experiment:visible').count(), 1);
    const charts = await page.locator(`#lab-${name} canvas.plot`).all();
    for (const chart of charts) await until(`a chart of ${name} is drawn`, async () => (await inked(chart)) > 500);
  }
  await until('the view says that it is ready', async () => (await page.locator(testid('status')).textContent()) === words.en['lab.ready']);
  await page.locator(testid('lab-choose-sweep')).click();
  await page.setViewportSize({ width: 3840, height: 2160 });
  const height = async (/** @type {string} */ which) => (await page.locator(`#lab-sweep ${which}`).boundingBox())?.height ?? 0;
  await until('on a large screen the chart is about as tall as the pictures beside it', async () => {
    const [chart, pictures] = [await height('.plot'), await height('.rebuilt')];
    return pictures > 500 && Math.abs(chart / pictures - 1) < 0.2;
  });
  await page.setViewportSize({ width: 1280, height: 900 });
  check();
});

test('a link opens an experiment; the sweep runs to its end, draws and is saved', async () => {
  await page.goto(`${url}#lab?e=sweep&sizes=6-2&images=500&epochs=2&data=faces`);
  await expectError(page, 'bad-value');
  await page.goto(`${url}#lab?e=sweep&sizes=6-2&images=500&epochs=2`);
  const sizes = page.locator(testid('lab-sweep-sizes'));
  await until('the settings are there', async () => (await sizes.inputValue()) === '2, 6');
  await page.locator('#lab-sweep .findings summary').click();
  await sizes.fill('2, many');
  await sizes.press('Tab');
  assert.equal(await sizes.getAttribute('aria-invalid'), 'true');
  await sizes.fill('2 5');
  await sizes.press('Tab');
  assert.match(page.url(), /#lab\?e=sweep&sizes=2-5&images=500&epochs=2$/);

  await start('sweep').click();
  await untilEnded('sweep', 'lab.done');
  const rows = await cells('sweep-table');
  assert.deepEqual(
    rows.map((r) => r[0]),
    ['2', '5'],
  );
  for (const [, ...figures] of rows)
    assert.ok(
      figures.every((f) => Number.isFinite(Number(f))),
      String(figures),
    );
  assert.match((await page.locator(testid('sweep-verdict')).textContent()) ?? '', /-\d+\.\d nats/);
  assert.ok((await painted(testid('sweep-chart'))) > 2000);
  const { bytes } = await download(page, page.locator(testid('sweep-csv')));
  const lines = bytes.toString().trim().split('\r\n');
  assert.equal(lines.length, 3);
  assert.match(lines[2], /^digits,1,500,2,5,16,16,2000,-\d/);
  check();
});

test('few labels: errors from latent means and from pixels, beside the published ones', async () => {
  await page.goto(`${url}#lab?e=labels&counts=20-100&pool=1200&tests=400&draws=3`);
  await start('labels').click();
  await untilEnded('labels', 'lab.done');
  const [few, more] = await cells('labels-table');
  assert.deepEqual([few[0], few[3], more[0], more[3]], ['20', '–', '100', '11.82 %']);
  const [[mu, pixels], [mu100, pixels100]] = [few, more].map((row) => [row[1], row[2]].map((text) => parseFloat(text ?? '')));
  for (const [a, b] of [
    [mu100, mu],
    [pixels100, pixels],
    [mu, pixels],
  ])
    assert.ok(a > 0 && a < b, `${a} is less than ${b}`);
  assert.ok(mu100 < 20, `${mu100} %`);
  const said = (await page.locator(testid('labels-verdict')).textContent()) ?? '';
  assert.ok(said.includes(`${mu.toFixed(2)} %`) && said.includes(`${pixels.toFixed(2)} %`), said);
  assert.ok((await painted(testid('labels-chart'))) > 2000);

  // What cannot be is told, and one that is stopped leaves what there is.
  await page.goto(`${url}#lab?e=labels&counts=600&pool=500`);
  await start('labels').click();
  await expectError(page, 'bad-value');
  await untilEnded('labels', 'lab.failed');
  await page.goto(`${url}#lab?e=labels&counts=100&pool=10000&tests=2000`);
  await start('labels').click();
  await until('it has begun', async () => (await page.locator(testid('lab-labels-state')).textContent()) === words.en['labels.describes']);
  await start('labels').click();
  await untilEnded('labels', 'lab.stopped');
  check();
});

test('one trains at a time, unless somebody wants it so; what was stopped keeps what it has', async () => {
  await page.goto(`${url}#lab?e=sweep&sizes=2-5&images=20000&epochs=100`); // longer than anybody waits
  await page.evaluate(() => window.inkdrift.train.start());
  await start('sweep').click();
  const note = page.locator(testid('lab-sweep-note'));
  await note.getByText(words.en['lab.beside']).waitFor();
  assert.equal(await start('sweep').textContent(), words.en['lab.start']);
  await note.getByRole('button', { name: words.en['lab.beside-both'] }).click();
  await until('the first size is measured', async () => (await cells('sweep-table')).length > 0);
  await page.locator('#to-train').click();
  await page.getByText(words.en['lab.also'].replace('{name}', words.en['sweep.head'])).waitFor();
  await page.evaluate(() => window.inkdrift.train.reset());
  await page.locator('#to-lab').click();
  await page.locator(testid('lab-choose-labels')).click();
  await start('labels').click();
  const busy = page.locator(testid('lab-labels-note'));
  await busy.getByText(words.en['lab.busy'].replace('{name}', words.en['sweep.head'])).waitFor();
  assert.equal(await start('labels').textContent(), words.en['lab.start']);
  const running = page.locator(testid('lab-choose-sweep'));
  await running.getByText(words.en['lab.running']).waitFor();
  await running.click();
  await start('sweep').click();
  await untilEnded('sweep', 'lab.stopped');
  assert.ok((await cells('sweep-table')).length > 0);
  check();
});

test('the view is whole on a phone and on a desktop, light and dark, in both languages', async () => {
  await page.goto(`${url}#lab?e=sweep`);
  /** @type {string[]} */
  const all = [];
  /** @type {[string, number, number, 'light' | 'dark', 'en' | 'zh'][]} */
  const looks = [
    ['phone', 390, 780, 'dark', 'zh'],
    ['phone', 390, 780, 'light', 'en'],
    ['desktop', 1280, 900, 'dark', 'en'],
    ['desktop', 1280, 900, 'light', 'zh'],
  ];
  for (const [name, width, height, colorScheme, lang] of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.locator(testid('language')).selectOption(lang);
    await page.locator('#lab h2', { hasText: words[lang]['lab.head'] }).waitFor();
    await screenshot(page, `lab-${name}-${colorScheme}-${lang}.png`, { fullPage: true });
    all.push(...(await faults(page)).map((f) => `${name}, ${colorScheme}, ${lang}: ${f}`));
  }
  assert.deepEqual(all, []);
  assert.deepEqual(serious(await barriers(page)), []);
  check();
});
