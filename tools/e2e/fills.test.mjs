/**
 * What pads can do besides being drawn on: undo, clear, brush, examples,
 * samples, pictures, the keyboard; and files that are no pictures.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { png } from '../../web/test/files.js';
import { draw, written } from './hand.mjs';
import {
  clearPads,
  expectError,
  launch,
  meanDifference,
  newContext,
  sentences,
  serve,
  settle,
  state,
  testid,
  until,
  visit,
  words,
} from './lib.mjs';
import { pngOf, readPNG } from './pictures.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const { page, check } = await visit(context, url);

/** @param {'a' | 'b'} pad */
async function openMenu(pad) {
  const menu = page.locator(`#menu-${pad}`);
  if ((await menu.getAttribute('open')) === null) await menu.locator('summary').click();
  return page.locator(`#panel-${pad}`);
}

/** What is seen of a pad. @param {'a' | 'b'} pad */
async function look(pad) {
  return readPNG(await page.locator(`#pad-${pad}`).screenshot());
}

test('undo takes back one stroke after the other, and a clearing', async () => {
  await clearPads(page);
  const [body, roof] = written(5);
  await draw(page, 'a', [body]);
  await settle(page);
  const one = (await state(page)).a.pixels;
  await draw(page, 'a', [roof]);
  await settle(page);
  const two = (await state(page)).a.pixels;
  assert.ok(meanDifference(one, two) > 0.01);

  const undo = page.locator(testid('undo-a'));
  await undo.click();
  await settle(page);
  assert.deepEqual((await state(page)).a.pixels, one);
  await page.locator('#pad-a').focus();
  await page.keyboard.press('Control+z');
  await settle(page);
  assert.equal((await state(page)).a.empty, true);

  await draw(page, 'a', [body, roof]);
  await page.locator(testid('clear-a')).click();
  await settle(page);
  assert.equal((await state(page)).a.empty, true);
  assert.equal(await page.locator(testid('clear-a')).isDisabled(), true);
  await undo.click();
  await settle(page);
  assert.equal((await state(page)).a.label, 5);
  check();
});

test('the brush is as wide as is wished, on both pads', async () => {
  const inks = [];
  for (const width of ['0.03', '0.16']) {
    await clearPads(page);
    await (await openMenu('a')).locator('input[type=range]').fill(width);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#panel-b input[type=range]').inputValue(), width);
    await draw(page, 'b', [
      [
        [0.5, 0.3],
        [0.5, 0.4],
        [0.5, 0.5],
        [0.5, 0.6],
        [0.5, 0.7],
      ],
    ]);
    await settle(page);
    const { width: w, height: h, grey } = await look('b');
    let dark = 0;
    for (let x = 0; x < w; x++) if (grey(x, Math.round(h / 2)) < 128) dark++;
    inks.push(dark / w);
  }
  assert.ok(Math.abs(inks[0] - 0.03) < 0.012 && Math.abs(inks[1] - 0.16) < 0.02, `strokes of 0.03 and 0.16 are ${inks} wide`);
  await (await openMenu('a')).locator('input[type=range]').fill('0.08');
  await page.keyboard.press('Escape');
  check();
});

test('example digits, another of the same, and drawing over one', async () => {
  await clearPads(page);
  await page.locator('#examples-b button', { hasText: '7' }).click();
  await page.waitForFunction(() => !window.inkdrift.state().b.empty);
  await settle(page);
  const first = (await state(page)).b.pixels;
  assert.equal(await page.locator('#over-b').textContent(), words.en['pad.over']);
  await page.locator('#again-b').click();
  await page.waitForFunction((first) => window.inkdrift.state().b.pixels.some((v, i) => v !== first[i]), first);
  assert.equal(await page.locator('#again-b').getAttribute('aria-label'), words.en['pad.again-example']);
  await draw(page, 'b', written(1));
  await settle(page);
  assert.equal((await state(page)).b.label, 1, 'the drawing took the place of the example');
  assert.equal(await page.locator('#again-b').isVisible(), false);
  check();
});

test('a sample from the prior, and others in its place', async () => {
  await clearPads(page);
  const panel = await openMenu('a');
  await panel.getByText(words.en['pad.sample']).click();
  await page.waitForFunction(() => !window.inkdrift.state().a.empty);
  await settle(page);
  const first = (await state(page)).a;
  assert.equal(first.mu.length > 0, true);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#again-a').getAttribute('aria-label'), words.en['pad.again-sample']);
  await page.locator('#again-a').click();
  await page.waitForFunction((first) => window.inkdrift.state().a.pixels.some((v, i) => v !== first[i]), first.pixels);
  await page.locator(testid('undo-a')).click();
  await settle(page);
  assert.deepEqual((await state(page)).a.pixels, first.pixels);

  // The grid of samples, and others.
  const grid = page.locator('#samples');
  await grid.scrollIntoViewIfNeeded();
  const one = await grid.screenshot();
  assert.ok(readPNG(one).contrast > 100, 'there are pictures in the grid');
  await page.locator(testid('resample')).click();
  await until('the grid shows others', async () => !(await grid.screenshot()).equals(one));
  check();
});

/**
 * Drops a file on an element.
 *
 * @param {string} selector
 * @param {{name: string, mimeType: string, buffer: Buffer}} file
 */
async function drop(selector, { name, mimeType, buffer }) {
  const dataTransfer = await page.evaluateHandle(
    ({ name, type, base64 }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
      return transfer;
    },
    { name, type: mimeType, base64: buffer.toString('base64') },
  );
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(selector, type, { dataTransfer });
  await dataTransfer.dispose();
}

/**
 * Chooses a picture file for pad A.
 *
 * @param {{name: string, mimeType: string, buffer: Buffer}} file
 */
async function choosePicture(file) {
  const panel = await openMenu('a');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), panel.getByText(words.en['pad.picture']).click()]);
  await chooser.setFiles(file);
  await page.keyboard.press('Escape');
}

test('pictures of digits are read, dark on light and light on dark', async () => {
  await clearPads(page);
  await choosePicture({ name: 'five.png', mimeType: 'image/png', buffer: pngOf(written(5)) });
  await page.waitForFunction(() => !window.inkdrift.state().a.empty);
  const negative = pngOf(written(3), { side: 240, ink: 240, paper: 15 });
  await drop('#pad-b', { name: 'three.png', mimeType: 'image/png', buffer: negative });
  await page.waitForFunction(() => !window.inkdrift.state().b.empty);
  await settle(page);
  const { a, b } = await state(page);
  assert.equal(a.label, 5);
  assert.equal(b.label, 3);
  for (const pad of /** @type {const} */ (['a', 'b'])) {
    const { width: w, height: h, grey } = await look(pad);
    assert.ok(grey(Math.round(w * 0.04), Math.round(h * 0.5)) > 200, `the paper of ${pad} stays paper`);
  }
  // Ink goes over it.
  await draw(page, 'a', [
    [
      [0.2, 0.9],
      [0.4, 0.9],
      [0.6, 0.9],
      [0.8, 0.9],
    ],
  ]);
  await settle(page);
  assert.ok(meanDifference((await state(page)).a.pixels, a.pixels) > 0.01);
  check();
});

test('what is no picture is refused with a sentence, and the drawings stay', async () => {
  await clearPads(page);
  await draw(page, 'a', written(4));
  await draw(page, 'b', written(9));
  await settle(page);
  const before = await state(page);
  assert.equal(before.a.label, 4);
  const whole = pngOf(written(2));
  /** @type {[string, string, Buffer][]} */
  const bad = [
    ['empty.png', 'bad-picture', Buffer.alloc(0)],
    ['words.png', 'bad-picture', Buffer.from('These are words and no picture at all.\n'.repeat(20))],
    ['torn.png', 'bad-picture', whole.subarray(0, whole.length / 2)],
    ['huge.png', 'picture-too-large', png(60_000, 60_000)],
    ['flat.png', 'bad-picture', png(0, 0)],
  ];
  for (const [name, code, buffer] of bad) {
    await choosePicture({ name, mimeType: 'image/png', buffer });
    await expectError(page, code);
  }
  await drop('#pad-b', { name: 'words.png', mimeType: 'image/png', buffer: bad[1][2] });
  await expectError(page, 'bad-picture');
  await drop('#pad-a', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
  await expectError(page, 'file-unknown');
  await settle(page);
  const after = await state(page);
  for (const pad of /** @type {const} */ (['a', 'b'])) {
    assert.deepEqual(after[pad].pixels, before[pad].pixels);
    assert.equal(after[pad].label, before[pad].label);
  }
  assert.equal(after.model, before.model);
  check();
});

test('a blank picture is no drawing', async () => {
  await clearPads(page);
  await choosePicture({ name: 'blank.png', mimeType: 'image/png', buffer: png(64, 64, () => 255) });
  await expectError(page, 'blank-picture');
  await settle(page);
  assert.equal((await state(page)).a.empty, true);
  check();
});

test('the keyboard draws, fills and clears', async () => {
  await clearPads(page);
  await page.locator('#pad-a').focus();
  await page.keyboard.press('Enter');
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await settle(page);
  assert.equal((await state(page)).a.label, 1);
  await page.keyboard.press('Delete');
  await settle(page);
  assert.equal((await state(page)).a.empty, true);
  await page.keyboard.press('3');
  await page.waitForFunction(() => !window.inkdrift.state().a.empty);
  assert.equal((await sentences(page)).length, 0);
  check();
});
