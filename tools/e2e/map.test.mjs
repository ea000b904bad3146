/**
 * The map of latent space in the studio, with pointers, fingers, a wheel and keys.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import { farthest, launch, newContext, screenshot, serve, settle, state, testid, until, visit, words } from './lib.mjs';
import { readPNG } from './pictures.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const { page, check, forgive } = await visit(context, url);
forgive(/WebGL/);

/** @param {import('playwright-core').Page} on */
const rect = (on = page) => on.evaluate(() => window.inkdrift.rects().map);

/** A place on the map in pixels of the window. @param {number} u @param {number} v */
const pixel = async (u, v, on = page) => {
  const r = await rect(on);
  return /** @type {const} */ ([r.x + u * r.width, r.y + v * r.height]);
};

/** @param {number} u @param {number} v */
const decoded = (u, v) => page.evaluate(([u, v]) => window.inkdrift.decode(window.inkdrift.map.at(u, v)), [u, v]);

/** How much of latent space is shown from left to right. */
const width = (on = page) =>
  on.evaluate(() => {
    const [a, b] = [window.inkdrift.map.at(0, 0.5), window.inkdrift.map.at(1, 0.5)];
    return Math.hypot(...a.map((x, i) => x - b[i]));
  });

/** Scrolls to the map and waits until there is a plane. */
async function toMap(on = page) {
  await on.locator('#latent-map').evaluate((e) => e.scrollIntoView({ block: 'start' }));
  await on.waitForFunction(() => {
    const { a, b } = window.inkdrift.state().map;
    return a && b && getComputedStyle(document.getElementById('map-a') ?? document.body).display !== 'none';
  });
}

/** A picture on the page as 28 x 28 numbers: the part of each that is not paper. @param {string} slot */
async function shown(slot) {
  const { width, height, grey } = readPNG(await page.locator(`[data-slot=${slot}]`).screenshot());
  const paper = grey(2, 2);
  return Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [((i % 28) + 0.5) / 28, (Math.floor(i / 28) + 0.5) / 28];
    return Math.abs(grey(Math.floor(x * width), Math.floor(y * height)) - paper);
  });
}

/** How alike two pictures are: their correlation. @param {number[]} a @param {number[]} b */
function alike(a, b) {
  const centred = (/** @type {number[]} */ v) => {
    const mean = v.reduce((s, x) => s + x, 0) / v.length;
    return v.map((x) => x - mean);
  };
  const [x, y] = [centred(a), centred(b)];
  const dot = (/** @type {number[]} */ p, /** @type {number[]} */ q) => p.reduce((s, v, i) => s + v * q[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

test('the map shows A, B and what is decoded between them', async () => {
  await page.evaluate(() => window.inkdrift.ready);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(7));
  await settle(page);
  await toMap();
  const { a, b, map } = await state(page);
  assert.equal(map.plane, 'drawings');
  for (const [mu, at] of /** @type {const} */ ([
    [a.mu, map.a],
    [b.mu, map.b],
  ])) {
    const place = await page.evaluate((z) => window.inkdrift.map.project(z), mu);
    assert.deepEqual(place, at);
    const back = await page.evaluate(([u, v]) => window.inkdrift.map.at(u, v), place);
    assert.ok(farthest(back, mu) < 1e-5, `${farthest(back, mu)} off the plane`);
  }
  assert.ok(map.a && map.b && map.a[0] < map.b[0], 'A is on the left');
  await until('the ground is decoded', async () => readPNG(await page.locator(testid('map')).screenshot()).contrast > 100);
  await screenshot(page, 'map.png');
  check();
});

test('the picture of the place under the pointer is shown at once, and said; leaving brings the morph back', async () => {
  await page.locator(testid('scrub')).fill('0');
  await toMap();
  await until('the morph is shown beside the map', async () => alike(await shown('mapSample'), (await state(page)).a.recon) > 0.9);
  for (const [u, v] of [
    [0.5, 0.6],
    [0.8, 0.9],
  ]) {
    await page.mouse.move(...(await pixel(u, v)));
    await until('the pointer is there', async () => Math.abs(((await state(page)).map.at?.u ?? 0) - u) < 0.002);
    const at = (await state(page)).map.at ?? assert.fail('nowhere');
    const want = await decoded(at.u, at.v);
    assert.deepEqual(
      at.z,
      await page
        .evaluate(([u, v]) => window.inkdrift.map.at(u, v), [at.u, at.v])
        .then((z) => z.map((x, i) => (Math.abs(x - at.z[i]) < 1e-5 ? at.z[i] : x))),
    );
    await until('that picture is shown', async () => alike(await shown('mapSample'), want) > 0.9);
    assert.match((await page.locator(testid('map-here')).textContent()) ?? '', /σ from the origin; reads as \d/);
  }
  await page.mouse.move(3, 3);
  await until('the morph is back', async () => alike(await shown('mapSample'), (await state(page)).a.recon) > 0.9);
  assert.equal((await state(page)).map.at, null);
  assert.equal(await page.locator(testid('map-here')).textContent(), words.en['map.hint']);
  check();
});

test('a click pins, and A is put where it is; undo brings the drawing back', async () => {
  const before = (await state(page)).a;
  await page.mouse.click(...(await pixel(0.3, 0.8)));
  await until('it is pinned', async () => (await state(page)).map.at !== null);
  await page.mouse.move(3, 3);
  await until('it stays', async () => (await state(page)).map.at?.pinned === true);
  const at = (await state(page)).map.at ?? assert.fail('nowhere');
  const want = await page.evaluate((z) => window.inkdrift.decode(z), at.z);
  await page.locator(testid('map-use-a')).click();
  const near = async () => (await state(page)).a.pixels.length === 784 && farthest((await state(page)).a.pixels, want) < 0.01;
  await until('it is on pad A', near);
  await page.locator(testid('undo-a')).click();
  await until('the drawing is back', async () => farthest((await state(page)).a.pixels, before.pixels) < 1e-6);
  await page.locator(testid('map')).focus();
  await page.keyboard.press('Escape');
  assert.equal((await state(page)).map.at, null);
  check();
});

test('A is dragged over the map: its pad shows the digit there, as one step', async () => {
  await settle(page);
  await toMap();
  const before = (await state(page)).a;
  const { a } = (await state(page)).map;
  await page.mouse.move(...(await pixel(...(a ?? assert.fail('A is nowhere')))));
  await page.mouse.down();
  for (const [u, v] of [
    [0.3, 0.6],
    [0.4, 0.7],
    [0.5, 0.8],
  ])
    await page.mouse.move(...(await pixel(u, v)), { steps: 4 });
  const want = await decoded(0.5, 0.8);
  await page.mouse.up();
  await until('the digit is on the pad', async () => farthest((await state(page)).a.pixels, want) < 0.02);
  await page.locator(testid('undo-a')).click();
  await until('one step back is the drawing', async () => farthest((await state(page)).a.pixels, before.pixels) < 1e-6);
  check();
});

test('the wheel zooms where the pointer is, a drag moves, and buttons do it for others', async () => {
  await settle(page);
  await toMap();
  let turn = 0;
  await until('the wheel zooms', async () => {
    const before = await width();
    await page.mouse.move(...(await pixel(0.25 + 0.01 * (turn++ % 2), 0.5))); // a mouse that lies still would scroll the page on
    await page.mouse.wheel(0, -120);
    return (await width()) < before;
  });
  await page.mouse.move(...(await pixel(0.25, 0.5)));
  const under = await page.evaluate(() => window.inkdrift.map.at(0.25, 0.5));
  const zoomed = await width();
  await page.mouse.wheel(0, -120);
  await until('it zooms again', async () => (await width()) < zoomed);
  const [u, v] = await page.evaluate((z) => window.inkdrift.map.project(z), under);
  assert.ok(Math.hypot(u - 0.25, v - 0.5) < 0.005, `what was under the pointer is at ${u}, ${v}`);

  await page.mouse.down();
  await page.mouse.move(...(await pixel(0.5, 0.75)), { steps: 5 });
  await page.mouse.up();
  const [x, y] = await page.evaluate((z) => window.inkdrift.map.project(z), under);
  assert.ok(Math.hypot(x - 0.5, y - 0.75) < 0.005, `dragged to ${x}, ${y}`);

  const small = await width();
  await page.locator('#map-zoom-out').click();
  assert.ok((await width()) > small);
  await page.locator('#map-fit').click();
  const { a, b } = (await state(page)).map;
  for (const at of [a, b]) assert.ok(at?.every((w) => w > 0 && w < 1));
  check();
});

test('planes: what is off them is said, and the words follow the language', async () => {
  const select = page.locator(testid('map-plane'));
  await until('there are points', async () => page.locator('#map-share').isVisible());
  assert.equal(await page.locator('#map-off').isVisible(), false, 'A and B are on it');
  await select.selectOption('principal');
  await page.locator('#map-off', { hasText: /^A lies \d\.\d off this plane/ }).waitFor();
  assert.equal((await state(page)).map.plane, 'principal');
  await select.selectOption('dimensions');
  await page.locator(testid('map-across')).selectOption('3');
  await page.locator(testid('map-up')).selectOption('3');
  const axes = await page.evaluate(() => {
    const o = window.inkdrift.map.at(0.5, 0.5);
    const step = (/** @type {number[]} */ z) => z.flatMap((v, i) => (Math.abs(v - o[i]) > 1e-6 ? i : []));
    return [step(window.inkdrift.map.at(0.6, 0.5)), step(window.inkdrift.map.at(0.5, 0.6))];
  });
  await until('they change places', async () => (await page.locator(testid('map-across')).inputValue()) === '1');
  assert.equal(axes.flat().length, 2);
  await page.locator(testid('language')).selectOption('zh');
  await page.mouse.move(...(await pixel(0.4, 0.4)));
  await until('the words are Chinese', async () =>
    /距原点 .* σ；识别为 \d/.test((await page.locator(testid('map-here')).textContent()) ?? ''),
  );
  await page.locator(testid('language')).selectOption('en');
  await page.mouse.move(3, 3);
  await select.selectOption('drawings');
  check();
});

test('a path is drawn by hand and played; removing it brings the morph back', async () => {
  await until('the plane is that of the drawings', async () => ((await state(page)).map.a?.[0] ?? 1) < 0.5);
  await page.locator(testid('map-path')).click();
  assert.equal(await page.locator(testid('map-here')).textContent(), words.en['map.path-now']);
  await page.mouse.move(...(await pixel(0.3, 0.3)));
  await page.mouse.down();
  assert.equal(await page.locator(testid('map-here')).textContent(), words.en['map.path-now'], 'wherever the pointer is');
  await page.mouse.move(...(await pixel(0.6, 0.4)), { steps: 6 });
  await page.mouse.move(...(await pixel(0.7, 0.8)), { steps: 6 });
  await page.mouse.up();
  const end = await page.evaluate(() => window.inkdrift.map.at(0.7, 0.8));
  await until('it is played', async () => (await state(page)).morph.path === 'drawn' && (await state(page)).morph.playing);
  await page.locator(testid('scrub')).fill('1');
  await page.mouse.move(3, 3);
  await toMap();
  const want = await page.evaluate((z) => window.inkdrift.decode(z), end);
  await until('it ends where the line does', async () => alike(await shown('mapSample'), want) > 0.9);
  await page.locator(testid('map-path')).click();
  await until('the morph is back', async () => (await state(page)).morph.path === 'slerp');
  check();
});

test('all of it with keys', async () => {
  const map = page.locator(testid('map'));
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await until('the place is there', async () => (await state(page)).map.at !== null);
  await until('it is said', async () => /reads as/.test((await page.locator('#map-said').textContent()) ?? ''));
  await page.keyboard.press('Enter');
  const at = (await state(page)).map.at ?? assert.fail('nowhere');
  await page.keyboard.press('p');
  await page.keyboard.press('b');
  const want = await page.evaluate((z) => window.inkdrift.decode(z), at.z);
  await until('it is on pad B', async () => farthest((await state(page)).b.pixels, want) < 0.01);
  await page.keyboard.press('Escape');
  assert.equal((await state(page)).map.at, null);
  for (const lang of ['zh', 'en']) {
    await page.locator(testid('language')).selectOption(lang);
    await page.locator(testid('map-here'), { hasText: words[lang]['map.hint'] }).waitFor();
    assert.equal(await page.locator('#map-said').textContent(), '', 'a place that was left is not read out');
  }
  const before = await width();
  await page.keyboard.press('+');
  assert.ok((await width()) < before);
  await page.locator(testid('undo-b')).click();
  check();
});

test('a model of two dimensions is all there is; its map has points', async () => {
  await page.evaluate(() => window.inkdrift.load('digits-2d'));
  await settle(page);
  await toMap();
  await until('there is no choice of planes', async () => !(await page.locator(testid('map-plane')).isVisible()));
  const z = await page.evaluate(() => window.inkdrift.map.at(0.5, 0.5));
  assert.ok(Math.hypot(...z) < 1e-6);
  const [u, v] = await page.evaluate(() => window.inkdrift.map.project([1, 1]));
  assert.ok(u > 0.5 && v < 0.5, 'the first dimension goes right, the second up');
  await until('the classes are named', async () => page.locator('#map-legend').isVisible());
  await page.mouse.move(...(await pixel(u, v)));
  await until('it says between which classes a place is', async () =>
    /^(Between|Among)/.test((await page.locator(testid('map-here')).textContent()) ?? ''),
  );
  await screenshot(page, 'map-2d.png');
  check();
});

test('fingers: one looks, a tap pins, two zoom, one draws a path', async () => {
  const phone = await newContext(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page: small, check: checkSmall, forgive: forgiveSmall } = await visit(phone, url);
  forgiveSmall(/WebGL/);
  await small.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  await toMap(small);
  const session = await phone.newCDPSession(small);
  const touch = (/** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type, /** @type {(readonly [number, number])[]} */ ...points) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const at = (/** @type {number} */ u, /** @type {number} */ v) => pixel(u, v, small);
  const place = async () => (await state(small)).map.at;
  const scrolled = await small.evaluate(() => scrollY);
  const { y, height } = await rect(small);
  const buttons = await small.locator('#map .zoom').boundingBox();
  assert.ok(buttons && buttons.y > y + height / 2, 'no button is over A and B, which are in the upper half');

  await touch('touchStart', await at(0.4, 0.4));
  await touch('touchMove', await at(0.5, 0.7));
  await until('the finger looks', async () => Math.abs(((await place())?.v ?? 0) - 0.7) < 0.01);
  await touch('touchEnd');
  await until('lifting it ends that', async () => (await place()) === null);
  await touch('touchStart', await at(0.4, 0.4));
  await touch('touchEnd');
  await until('a tap pins', async () => (await place())?.pinned === true);

  const before = await width(small);
  await touch('touchStart', await at(0.4, 0.5), await at(0.6, 0.5));
  await touch('touchMove', await at(0.2, 0.5), await at(0.8, 0.5));
  await touch('touchEnd');
  const after = await width(small);
  assert.ok(after < 0.5 * before, `${before} is ${after} after a pinch`);
  assert.equal(await small.evaluate(() => scrollY), scrolled, 'the page stays where it is');
  await screenshot(small, 'map-phone.png');

  const here = small.locator(testid('map-here'));
  const pinned = await here.textContent();
  await small.locator(testid('map-path')).tap();
  assert.equal(await here.textContent(), words.en['map.path-now']);
  await touch('touchStart', await at(0.3, 0.6));
  await touch('touchMove', await at(0.7, 0.7));
  await touch('touchEnd');
  await until('the path is played', async () => (await state(small)).morph.path === 'drawn');
  assert.equal(await here.textContent(), pinned, 'no line is asked for any more');
  checkSmall();
  await phone.close();
});
