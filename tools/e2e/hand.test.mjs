/**
 * Every digit in the hand of one drawing: the view, its model that is fetched
 * only for it, sliders and the correction.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { draw, written } from './hand.mjs';
import { download, launch, meanDifference, newContext, screenshot, serve, settle, state, testid, until, visit, words } from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { serviceWorkers: 'allow' });
const { page, requests, forgive, check } = await visit(context, url);

const model = /models\/cvae\.safetensors/;
const pictures = page.locator(testid('hand-pictures'));
const verdict = page.locator(testid('hand-verdict'));

/** Waits until something is written. */
const untilLoaded = () => until('the model writes', async () => ((await verdict.textContent()) ?? '') !== '');

/** Opens the view, if it is not. */
async function open() {
  if (new URL(page.url()).hash === '#hand') return;
  await page.locator('#to-hand').click();
  await untilLoaded();
}

/** The ink of the ten pictures, 0 to 1, as small as the model writes them. @returns {Promise<number[][]>} */
async function ten() {
  await settle(page);
  return page.evaluate((selector) => {
    const shown = /** @type {HTMLCanvasElement} */ (document.querySelector(selector));
    const [side, canvas] = [28, document.createElement('canvas')];
    Object.assign(canvas, { width: 5 * side, height: 2 * side });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
    pen.drawImage(shown, 0, 0, canvas.width, canvas.height);
    return Array.from({ length: 10 }, (_, d) => {
      const { data } = pen.getImageData((d % 5) * side, Math.floor(d / 5) * side, side, side);
      // Paper, and the thin lines around pictures, count as nothing.
      return Array.from({ length: side * side }, (_, i) => (data[4 * i + 3] < 128 ? 0 : Math.max(0, (190 - data[4 * i + 1]) / 190)));
    });
  }, testid('hand-pictures'));
}

/** How far ink leans to the right for each pixel upwards. @param {number[]} ink */
function lean(ink) {
  const sum = (/** @type {(x: number, y: number) => number} */ f) => ink.reduce((s, v, i) => s + v * f(i % 28, Math.floor(i / 28)), 0);
  const n = sum(() => 1);
  const [mx, my] = [sum((x) => x) / n, sum((_, y) => y) / n];
  return -sum((x, y) => (x - mx) * (y - my)) / sum((_, y) => (y - my) ** 2);
}

/** @param {number} digit @param {number} slant */
async function drawOnA(digit, slant) {
  await open();
  if (await page.locator(testid('clear-a')).isEnabled()) await page.locator(testid('clear-a')).click();
  await until('an empty pad gives an average hand', async () => (await verdict.textContent()) === words.en['hand.empty']);
  await draw(page, 'a', written(digit, { slant }));
  await settle(page);
}

/** @param {string} key @param {Record<string, string>} [values] */
const sentence = (key, values = {}) =>
  new RegExp(`^${words.en[key].replace(/[.?]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '(?:> )?[\\d.]+')}$`);

/** @param {string} key @param {Record<string, string>} [values] */
const untilVerdict = (key, values) =>
  until(`the verdict is ${key}`, async () => sentence(key, values).test((await verdict.textContent()) ?? ''));

test('the model is fetched when the view is opened, and not before; a failure is told of', async () => {
  assert.deepEqual(
    requests.filter((r) => model.test(r)),
    [],
  );
  await page.route(model, (route) => route.abort());
  await page.locator('#to-hand').click();
  const alert = page.locator('#hand [role=alert]');
  await alert.getByText(words.en['hand.missing']).waitFor();
  await page.unroute(model);
  forgive(/Failed to load resource|request failed.*cvae/);
  await alert.getByRole('button').click();
  await untilLoaded();
  assert.equal(await alert.isVisible(), false);
  assert.equal(requests.filter((r) => model.test(r)).length, 3, 'it was asked for once more before anything was said');
  assert.equal(await page.locator('#pad-b').isVisible(), false);
  check();
});

test('ten digits lean as the drawing does, and follow the pen', async () => {
  await drawOnA(1, 0);
  await untilVerdict('hand.taken', { digit: '1' });
  const upright = (await ten()).map(lean);
  await page.locator(testid('clear-a')).click();
  /** @type {number[][][]} */
  const seen = [];
  await draw(page, 'a', written(1, { slant: 0.5 }), { halfway: async () => void seen.push(await ten()) });
  await untilVerdict('hand.taken', { digit: '1' });
  const leaning = await ten();
  assert.ok(meanDifference(seen[0][8], leaning[8]) > 0.003, 'half of the stroke gives another hand');
  const more = leaning.map((p, d) => lean(p) - upright[d]);
  assert.ok(
    more.every((m) => m > 0.1),
    `the digits lean by ${more.map((m) => m.toFixed(2)).join(', ')} more`,
  );
  await until('it is said', async () =>
    sentence('hand.said', { digit: '1' }).test((await page.locator(testid('status')).textContent()) ?? ''),
  );
  check();
});

test('a slider changes the hand, by keyboard too, and says how far; reset takes it back', async () => {
  await open();
  let before = await ten();
  await until('the hand is that of the drawing', async () => {
    await settle(page);
    const last = before;
    before = await ten();
    return last.every((p, d) => meanDifference(p, before[d]) === 0);
  });
  const slider = page.locator(testid('hand-7'));
  await slider.focus();
  await page.keyboard.press('End');
  await settle(page);
  const thick = await ten();
  const ink = (/** @type {number[]} */ p) => p.reduce((s, v) => s + v, 0);
  thick.forEach((p, d) => assert.ok(ink(p) > 1.1 * ink(before[d]), `${d} is thicker`));
  assert.equal(await slider.getAttribute('aria-valuetext'), `100 % towards ${words.en['hand.pen-to']}`);
  await page.locator(testid('hand-reset')).click();
  await until('the hand is as it was', async () => {
    const now = await ten();
    return now.every((p, d) => meanDifference(p, before[d]) < 1e-6);
  });
  assert.equal(await slider.getAttribute('aria-valuetext'), words.en['hand.as-drawn']);
  check();
});

test('what the drawing was taken for can be corrected, until it is another drawing', async () => {
  await drawOnA(1, 0);
  await untilVerdict('hand.taken', { digit: '1' });
  const before = await ten();
  await page.locator(testid('hand-label')).selectOption('7');
  await untilVerdict('hand.told', { digit: '7', read: '1' });
  const told = await ten();
  assert.ok(before.some((p, d) => meanDifference(p, told[d]) > 1e-3));
  await drawOnA(3, 0);
  await untilVerdict('hand.taken', { digit: '3' });
  assert.equal(await page.locator(testid('hand-label')).inputValue(), '');
  check();
});

test('the view is whole on a phone and on a desktop, light and dark, in both languages', async () => {
  await drawOnA(4, 0.2);
  await untilVerdict('hand.taken', { digit: '4' });
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
      await page.locator('h2', { hasText: words[lang]['hand.head'] }).waitFor();
      await settle(page);
      await screenshot(page, `hand-${name}-${colorScheme}-${lang}.png`, { fullPage: true });
      all.push(...(await faults(page)).map((f) => `${name}, ${colorScheme}, ${lang}: ${f}`));
    }
    const [box, pad] = await Promise.all([pictures.boundingBox(), page.locator('#pad-a').boundingBox()]);
    assert.ok(
      box && pad && box.y + box.height <= height,
      `${name}: the digits end at ${box && box.y + box.height}, visible beside the pad`,
    );
    if (name === 'desktop') assert.ok(box.height > 0.9 * pad.height, `${name}: ${box.height} of ${pad.height}: as high as the pad`);
    else assert.ok(box.width > 0.95 * pad.width, `${name}: ${box.width} of ${pad.width}: as wide as the pad`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  assert.deepEqual(all, []);
  assert.deepEqual(serious(await barriers(page)), []);
  check();
});

test('digits are smooth: no pixel of the model is a block; they are saved as PNG', async () => {
  await drawOnA(0, 0);
  await untilVerdict('hand.taken', { digit: '0' });
  await settle(page);
  /** Steps between neighbours in a row of the picture, where there are any. */
  const steps = await pictures.evaluate((e) => {
    const canvas = /** @type {HTMLCanvasElement} */ (e);
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
    if (!copy) throw new Error('there is no 2D context');
    copy.drawImage(canvas, 0, 0);
    const side = Math.floor(canvas.width / 5);
    const { data } = copy.getImageData(Math.round(0.1 * side), Math.round(0.5 * side), Math.round(0.8 * side), 1);
    const greys = data.filter((_, i) => i % 4 === 1);
    return Array.from(greys.slice(1), (v, i) => Math.abs(v - greys[i]));
  });
  const edges = steps.filter((s) => s > 4);
  assert.ok(edges.length > 12, `ink rises over ${edges.length} pixels`);
  assert.ok(Math.max(...steps) < 110, `the largest step is ${Math.max(...steps)}`);
  const { name, bytes } = await download(page, page.locator(testid('hand-png')));
  assert.equal(name, 'inkdrift-handwriting.png');
  assert.deepEqual([bytes.toString('latin1', 1, 4), bytes.readUInt32BE(16), bytes.readUInt32BE(20)], ['PNG', 1264, 520]);
  await page.locator('#hand .saved').getByText(words.en['hand.saved'].replace('{name}', name)).waitFor();
  check();
});

test('an engine that dies takes no hand with it', async () => {
  await open();
  const before = await ten();
  const born = page.waitForEvent('worker');
  await page.workers()[0].evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('made up by a test');
      }),
  );
  await born;
  await page.locator(testid('status'), { hasText: words.en['status.again'] }).waitFor();
  await page.locator(testid('hand-6')).focus();
  await page.keyboard.press('End');
  await until('the new engine writes', async () => (await ten()).every((p, d) => meanDifference(p, before[d]) > 1e-3));
  forgive(/made up by a test/);
  check();
});

test('the studio is as it was; once loaded the view works without a network', async () => {
  await drawOnA(4, 0.2);
  await page.locator('#to-studio').click();
  await page.locator('#pad-b').waitFor();
  assert.equal((await state(page)).a.empty, false);
  await until('the model is kept', () => page.evaluate(async () => Boolean(await caches.match('models/cvae.safetensors'))));
  await context.setOffline(true);
  await page.reload();
  await page.locator('#to-hand').click();
  await untilLoaded();
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
  forgive(/elsewhere\.txt/);
  check();
});
