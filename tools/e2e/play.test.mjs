/**
 * The morph: how it is played, what is seen of it, and the files it is saved
 * to.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import {
  clearPads,
  download,
  expectError,
  farthest,
  launch,
  meanDifference,
  newContext,
  serve,
  settle,
  state,
  testid,
  until,
  untilReady,
  visit,
  words,
} from './lib.mjs';
import { pngSize, readGIF, readPNG } from './pictures.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { acceptDownloads: true });
const { page, check } = await visit(context, url);

const button = page.locator(testid('play'));
const scrub = page.locator(testid('scrub'));

/** Puts two drawings on the pads and the morph to rest at A. */
async function arrange() {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8));
  await settle(page);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  await rest(0);
}

/** Stops at a place, by the scrubber. @param {number} t */
async function rest(t) {
  await scrub.fill(String(t));
  const { morph } = await state(page);
  assert.deepEqual([morph.playing, morph.t], [false, t]);
  await painted();
}

/** Waits until the stage has painted what it was told before. */
const painted = () =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
  });

/** A picture of a slot of the stage. @param {string} selector */
const look = (selector) => page.locator(selector).screenshot();

/** Whether what is seen of the morph changes within a second of its own time. */
async function moves() {
  const { morph } = await state(page);
  const before = await look('#morph');
  if (morph.playing) await page.waitForFunction((t) => Math.abs(window.inkdrift.state().morph.t - t) > 0.15, morph.t);
  else for (let i = 0; i < 5; i++) await painted();
  const now = await look('#morph');
  return !now.equals(before);
}

test('the morph plays and pauses, by button, space bar and a click on it', async () => {
  await arrange();
  assert.equal(await moves(), false, 'at rest it stands still');
  assert.equal(await button.getAttribute('aria-label'), words.en['morph.play']);

  await button.click();
  assert.equal((await state(page)).morph.playing, true);
  assert.equal(await button.getAttribute('aria-label'), words.en['morph.pause']);
  assert.equal(await moves(), true, 'pixels change while it plays');

  await page.locator('body').focus();
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  const scrolled = await page.evaluate(() => scrollY);
  await page.keyboard.press(' ');
  assert.equal((await state(page)).morph.playing, false);
  assert.equal(await page.evaluate(() => scrollY), scrolled, 'the space bar does not scroll');
  await painted();
  assert.equal(await moves(), false, 'paused, it stands still');

  // On the pad, which has the focus after drawing, it is the same key.
  await page.locator('#pad-a').focus();
  await page.keyboard.press(' ');
  assert.equal((await state(page)).morph.playing, true);
  await page.locator('#morph').click();
  assert.equal((await state(page)).morph.playing, false);
  // On a button it presses the button.
  await button.focus();
  await page.keyboard.press(' ');
  assert.equal((await state(page)).morph.playing, true);
  await page.keyboard.press(' ');
  assert.equal((await state(page)).morph.playing, false);
  check();
});

test('its ends look like what the model gives of A and of B', async () => {
  await arrange();
  const start = await look('#morph');
  await rest(1);
  const end = await look('#morph');
  await rest(0.5);
  const atHalf = await look('#morph');
  const { a, b } = await state(page);
  const middle = await page.evaluate(
    async ([za, zb]) => (await window.inkdrift.morph(za, zb, { frames: 3, path: 'slerp' }))[1],
    [a.mu, b.mu],
  );
  const [atA, atB, between] = [start, end, atHalf].map((png) => shrink(readPNG(png)));
  assert.ok(likeness(atA, a.recon) > 0.95, `at 0 it looks like A: ${likeness(atA, a.recon)}`);
  assert.ok(likeness(atB, b.recon) > 0.95, `at 1 it looks like B: ${likeness(atB, b.recon)}`);
  assert.ok(likeness(between, middle) > 0.95, `at ½ it looks like the middle: ${likeness(between, middle)}`);
  assert.ok(likeness(atA, a.recon) > likeness(atA, b.recon) + 0.05);
  for (const [slot, pixels] of /** @type {const} */ ([
    ['seesA', 'pixels'],
    ['givesA', 'recon'],
  ])) {
    const seen = likeness(shrink(readPNG(await look(`[data-slot=${slot}]`))), a[pixels]);
    assert.ok(seen > 0.95, `${slot} shows ${pixels}: ${seen}`);
  }
  check();
});

/**
 * A picture as 28 x 28 means, ink positive.
 *
 * @param {ReturnType<typeof readPNG>} picture
 */
function shrink({ width, height, grey }) {
  const out = new Array(784).fill(0);
  const count = new Array(784).fill(0);
  // The outermost pixels belong to the line around the slot.
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      const cell = Math.floor((y / height) * 28) * 28 + Math.floor((x / width) * 28);
      out[cell] += 255 - grey(x, y);
      count[cell]++;
    }
  }
  return out.map((v, i) => v / Math.max(count[i], 1));
}

/**
 * The correlation of two pictures.
 *
 * @param {number[]} a
 * @param {number[]} b
 */
function likeness(a, b) {
  const centred = (/** @type {number[]} */ v) => {
    const mean = v.reduce((s, x) => s + x, 0) / v.length;
    return v.map((x) => x - mean);
  };
  const dot = (/** @type {number[]} */ v, /** @type {number[]} */ w) => v.reduce((s, x, i) => s + x * w[i], 0);
  const [p, q] = [centred(a), centred(b)];
  return dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q));
}

test('the film strip shows the way, and a touch goes there', async () => {
  await arrange();
  const strip = page.locator('#strip');
  assert.ok(readPNG(await strip.screenshot()).contrast > 100, 'there are pictures in the strip');
  const box = await strip.boundingBox();
  assert.ok(box);
  for (const [x, t] of [
    [0.98, 1],
    [0.5, 0.5],
    [0.01, 0],
  ]) {
    const before = await strip.screenshot();
    await strip.click({ position: { x: x * box.width, y: box.height / 2 } });
    const { morph } = await state(page);
    assert.equal(morph.playing, false);
    assert.ok(Math.abs(morph.t - t) < 0.03, `a click at ${x} of the strip goes to ${morph.t}`);
    assert.ok(Math.abs(Number(await scrub.inputValue()) - t) < 0.03, 'the scrubber goes along');
    await until('another picture is marked', async () => !(await strip.screenshot()).equals(before));
  }
  // And a drag along it.
  await page.mouse.move(box.x + 5, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.75 * box.width, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  assert.ok(Math.abs((await state(page)).morph.t - 0.75) < 0.05);
  check();
});

test('speed, and what comes at the end', async () => {
  await arrange();
  const mode = page.locator('#mode');
  const speed = page.locator('#speed');
  await speed.selectOption('4');

  await mode.selectOption('once');
  await button.click();
  await page.waitForFunction(() => !window.inkdrift.state().morph.playing);
  assert.equal((await state(page)).morph.t, 1, 'it stops at B');
  await button.click();
  await page.waitForFunction(() => window.inkdrift.state().morph.t < 1);
  await page.waitForFunction(() => !window.inkdrift.state().morph.playing);

  /** Where it goes, until it has turned or jumped. */
  const course = async () => {
    await rest(0.5);
    await button.click();
    const places = await page.evaluate(async () => {
      const places = [window.inkdrift.state().morph.t];
      for (let falls = 0; falls < 2; ) {
        await new Promise((done) => requestAnimationFrame(done));
        const { t } = window.inkdrift.state().morph;
        const last = places[places.length - 1];
        if (t === last) continue;
        places.push(t);
        if (t < last) falls++;
      }
      return places;
    });
    await button.click();
    const fall = places.findIndex((t, i) => i > 0 && t < places[i - 1]);
    return { before: places[fall - 1], after: places[fall], next: places.slice(fall + 1) };
  };
  await mode.selectOption('loop');
  const jump = await course();
  assert.ok(jump.before > 0.7 && jump.after < 0.3, `from B it jumps back to A: ${JSON.stringify(jump)}`);
  assert.ok(jump.next[0] > jump.after, 'and goes on from there');
  await mode.selectOption('pingpong');
  const turn = await course();
  assert.ok(turn.before > 0.7 && turn.after > 0.5, `near B it turns: ${JSON.stringify(turn)}`);
  assert.ok(turn.next[0] < turn.after, 'and goes back');

  await speed.selectOption('1');
  await mode.selectOption('pingpong');
  check();
});

test('spherical and straight are two ways', async () => {
  await arrange();
  await rest(0.5);
  const path = page.locator(testid('path'));
  assert.equal(await path.inputValue(), 'slerp');
  const spherical = await look('#morph');
  await path.selectOption('lerp');
  await page.waitForFunction(() => window.inkdrift.state().morph.path === 'lerp');
  await until('the middle is another', async () => !(await look('#morph')).equals(spherical));
  await rest(0);
  const start = await look('#morph');
  await path.selectOption('slerp');
  await page.waitForFunction(() => window.inkdrift.state().morph.path === 'slerp');
  await painted();
  const again = readPNG(await look('#morph'));
  assert.ok(meanDifference(again.greys, readPNG(start).greys) < 0.5, 'both begin at A');

  const { a, b } = await state(page);
  const [round, straight] = await page.evaluate(
    ([za, zb]) => Promise.all(/** @type {const} */ (['slerp', 'lerp']).map((path) => window.inkdrift.morph(za, zb, { frames: 5, path }))),
    [a.mu, b.mu],
  );
  assert.ok(farthest(round[2], straight[2]) > 0.01);
  const halfway = await page.evaluate(([za, zb]) => window.inkdrift.decode(za.map((v, i) => (v + zb[i]) / 2)), [a.mu, b.mu]);
  assert.ok(farthest(straight[2], halfway) < 1e-3, 'the middle of the straight way is the mean');
  check();
});

test('the morph is saved as an animated GIF and as a PNG strip', async () => {
  await arrange();
  const { morph } = await state(page);
  for (const [mode, frames, loops] of /** @type {const} */ ([
    ['loop', morph.frames, 0],
    ['pingpong', 2 * morph.frames - 2, 0],
    ['once', morph.frames, null],
  ])) {
    await page.locator('#mode').selectOption(mode);
    const { name, bytes } = await download(page, page.locator(testid('export-gif')));
    assert.equal(name, 'inkdrift-3-to-8.gif');
    const gif = readGIF(bytes);
    assert.equal(gif.frames, frames, `${mode}: frames`);
    assert.equal(gif.loops, loops, `${mode}: ${loops === 0 ? 'for ever' : 'no more than once'}`);
    assert.deepEqual([gif.width % 28, gif.height, gif.width > 100], [0, gif.width, true]);
    assert.equal(gif.delays.length, frames);
    const seconds = gif.delays.slice(0, morph.frames - 1).reduce((s, d) => s + d, 0) / 100;
    assert.ok(seconds > 2.5 && seconds < 3.5, `${mode}: from A to B in ${seconds} s`);
  }
  await page.locator('#mode').selectOption('pingpong');

  const { name, bytes } = await download(page, page.locator(testid('export-png')));
  assert.equal(name, 'inkdrift-3-to-8.png');
  const [count, scale, gap] = [12, 8, 8];
  const { width, height } = pngSize(bytes);
  const [inner, outer] = [0, 2].map((ends) => [count * 28 * scale + (count - 1 + ends) * gap, 28 * scale + ends * gap]);
  assert.ok(
    [inner, outer].some(([w, h]) => w === width && h === height),
    `the strip is ${width} x ${height}`,
  );
  assert.ok((await page.locator(testid('status')).textContent()) !== '', 'the page says something');

  await clearPads(page);
  await page.locator(testid('export-gif')).click();
  await expectError(page, 'nothing-to-save');
  await page.locator(testid('export-png')).click();
  await expectError(page, 'nothing-to-save');
  check();
});

test('who wants less motion gets none unasked', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await draw(page, 'a', written(1));
  await draw(page, 'b', written(2));
  await settle(page);
  await page.reload();
  await untilReady(page);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  assert.equal((await state(page)).morph.playing, false);
  assert.equal(await moves(), false);
  await button.click();
  assert.equal(await moves(), true, 'asked to play, it plays');
  await page.emulateMedia({ reducedMotion: null });
  check();
});
