/**
 * The main job: digits drawn with real pointer events, what the model makes of
 * them, and the way from one to the other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import {
  clearPads,
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
import { readPNG } from './pictures.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { hasTouch: true }); // else the browser takes two fingers for none
const { page, check } = await visit(context, url);

/** @param {number} width the brush's diameter, as a part of the pad */
async function setBrush(width) {
  await page.evaluate((width) => {
    const slider = /** @type {HTMLInputElement} */ (document.querySelector('#panel-a input[type=range]'));
    slider.value = String(width);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, width);
}

/** The text that says what a drawing is taken for. @param {'a' | 'b'} pad */
const label = (pad) => page.locator(testid(`label-${pad}`)).textContent();

test('an empty pad predicts nothing', async () => {
  await clearPads(page);
  const { a, b } = await state(page);
  for (const pad of [a, b]) {
    assert.equal(pad.empty, true);
    assert.deepEqual([pad.pixels, pad.mu, pad.logvar, pad.recon, pad.label, pad.probs], [[], [], [], [], null, null]);
  }
  assert.equal(await label('a'), words.en['label.empty']);
  assert.equal(await label('b'), words.en['label.empty']);
  assert.equal(await page.locator('#hint-morph').isVisible(), true, 'the place of the morph says what is missing');
  check();
});

test('a 3 and an 8 are drawn, read, rebuilt and become each other', async () => {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8, { slant: 0.1 }));
  await settle(page);

  const { a, b } = await state(page);
  assert.equal(a.label, 3);
  assert.equal(b.label, 8);
  assert.match((await label('a')) ?? '', /\b3\b.*\d %/);
  assert.match((await label('b')) ?? '', /\b8\b.*\d %/);
  for (const pad of [a, b]) {
    assert.equal(pad.pixels.length, 784);
    assert.equal(pad.recon.length, 784);
    assert.equal(pad.probs?.length, 10);
    assert.ok(Math.abs(pad.probs.reduce((s, p) => s + p, 0) - 1) < 1e-3, 'the probabilities add up to 1');
    const ink = pad.pixels.reduce((s, p) => s + p, 0) / 784;
    const off = meanDifference(pad.recon, pad.pixels);
    // A blank picture is as far off as there is ink.
    assert.ok(off < 0.06 && off < ink / 2, `the reconstruction is ${off.toFixed(3)} off a drawing with ${ink.toFixed(3)} ink`);
  }
  checkPrepared(a.pixels);
  checkPrepared(b.pixels);

  for (const path of /** @type {const} */ (['slerp', 'lerp'])) {
    const frames = await page.evaluate(({ from, to, path }) => window.inkdrift.morph(from, to, { frames: 9, path }), {
      from: a.mu,
      to: b.mu,
      path,
    });
    assert.equal(frames.length, 9);
    assert.ok(farthest(frames[0], a.recon) < 1e-3, `${path}: the first frame is the reconstruction of A`);
    assert.ok(farthest(frames[8], b.recon) < 1e-3, `${path}: the last frame is the reconstruction of B`);
    for (let i = 1; i < 9; i++)
      assert.ok(meanDifference(frames[i], frames[i - 1]) > 1e-4, `${path}: frame ${i} is another than the one before`);
  }
  // The stage asks for the frames it shows by itself.
  await page.waitForFunction(() => window.inkdrift.state().morph.frames >= 12);
  assert.equal(await page.locator('#hint-morph').isVisible(), false);
  check();
});

/**
 * MNIST: the ink fits a square of 20 in the middle of 28, and its centre of mass
 * is the picture's.
 *
 * @param {number[]} pixels
 */
function checkPrepared(pixels) {
  let [mass, mx, my] = [0, 0, 0];
  let [left, top, right, bottom] = [28, 28, -1, -1];
  pixels.forEach((v, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    mass += v;
    mx += v * x;
    my += v * y;
    if (v > 0.1) [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  });
  const size = Math.max(right - left, bottom - top) + 1;
  assert.ok(size >= 18 && size <= 21, `the drawing is ${right - left + 1} x ${bottom - top + 1}`);
  assert.ok(Math.abs(mx / mass - 13.5) < 1 && Math.abs(my / mass - 13.5) < 1, `its centre of mass is at ${mx / mass}, ${my / mass}`);
}

test('the reconstruction follows the stroke while it is drawn', async () => {
  await clearPads(page);
  /** @type {any[]} */
  const seen = [];
  const stroke = written(3)[0];
  const cut = Math.floor(stroke.length / 2);
  await draw(page, 'a', [stroke], {
    halfway: async () => {
      await settle(page);
      seen.push((await state(page)).a);
    },
    before: async () => {
      await settle(page);
      seen.push((await state(page)).a);
    },
  });
  const [half, whole] = seen;
  assert.equal(half.empty, false, `${cut} positions in, the model has seen the stroke`);
  assert.equal(half.recon.length, 784);
  assert.equal(whole.label, 3);
  assert.ok(meanDifference(half.recon, whole.recon) > 0.005, 'more of the stroke gives another reconstruction');
  await settle(page);
  assert.ok(meanDifference((await state(page)).a.recon, whole.recon) < 0.01, 'the pointer going up changes little');
  check();
});

test('pen and finger draw as well', async () => {
  for (const [kind, pad, digit] of /** @type {const} */ ([
    ['pen', 'a', 2],
    ['touch', 'b', 7],
  ])) {
    await clearPads(page);
    const scrolled = await page.evaluate(() => scrollY);
    await draw(page, pad, written(digit), { kind });
    await settle(page);
    const drawn = (await state(page))[pad];
    assert.equal(drawn.empty, false, kind);
    assert.equal(drawn.label, digit, kind);
    assert.equal(await page.evaluate(() => scrollY), scrolled, `${kind}: the page stays where it is`);
  }
  check();
});

test('a finger that is taken away by the system leaves its stroke', async () => {
  await clearPads(page);
  const session = await context.newCDPSession(page);
  const { padA: r } = await page.evaluate(() => window.inkdrift.rects());
  const at = (/** @type {number} */ x, /** @type {number} */ y) => [{ x: r.x + x * r.width, y: r.y + y * r.height }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0.5, 0.2) });
  for (let y = 0.25; y < 0.8; y += 0.05) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(0.5, y) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchCancel', touchPoints: [] });
  await session.detach();
  await settle(page);
  const before = (await state(page)).a;
  assert.equal(before.label, 1);
  // The pad is free for the next stroke.
  await draw(page, 'a', [
    [
      [0.3, 0.8],
      [0.4, 0.8],
      [0.5, 0.8],
      [0.6, 0.8],
      [0.7, 0.8],
    ],
  ]);
  await settle(page);
  assert.ok(meanDifference((await state(page)).a.pixels, before.pixels) > 0.005);
  check();
});

test('two fingers on a pad scroll and zoom the page, and leave no ink', async () => {
  await clearPads(page);
  await draw(page, 'a', written(1));
  await settle(page);
  const before = (await state(page)).a.pixels;
  const session = await context.newCDPSession(page);
  const { padA: r } = await page.evaluate(() => window.inkdrift.rects());
  const at = (/** @type {number} */ x, /** @type {number} */ y, id = 0) => ({ x: r.x + x * r.width, y: r.y + y * r.height, id });
  const touch = (/** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type, /** @type {any[]} */ touchPoints) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints });
  /** Moves, frame by frame: the browser looks at fingers once a frame. @param {any[]} touchPoints */
  const move = async (touchPoints) => {
    await touch('touchMove', touchPoints);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  };
  // The second comes when the first has drawn something.
  await touch('touchStart', [at(0.2, 0.3)]);
  await move([at(0.25, 0.35)]);
  await touch('touchStart', [at(0.25, 0.35), at(0.7, 0.35, 1)]);
  for (let y = 0.4; y < 0.6; y += 0.05) await move([at(0.25, y), at(0.7, y, 1)]);
  await touch('touchEnd', [at(0.7, 0.6, 1)]);
  await touch('touchEnd', []);
  await page.evaluate(() => scrollTo(0, 0));
  // Both come together.
  await touch('touchStart', [at(0.3, 0.8)]);
  await touch('touchStart', [at(0.3, 0.8), at(0.7, 0.8, 1)]);
  for (let y = 0.75; y > 0.05; y -= 0.05) await move([at(0.3, y), at(0.7, y, 1)]);
  await touch('touchEnd', []);
  await until('the page has scrolled', () => page.evaluate(() => scrollY > 20));
  await page.evaluate(() => scrollTo(0, 0));
  await touch('touchStart', [at(0.45, 0.5), at(0.55, 0.5, 1)]);
  for (let d = 0.08; d < 0.45; d += 0.03) await move([at(0.5 - d, 0.5), at(0.5 + d, 0.5, 1)]);
  await touch('touchEnd', []);
  await until('the page is zoomed', () => page.evaluate(() => (visualViewport?.scale ?? 1) > 1.2));
  await session.send('Emulation.setPageScaleFactor', { pageScaleFactor: 1 });
  await session.detach();
  await settle(page);
  await page.evaluate(() => scrollTo(0, 0));
  assert.deepEqual((await state(page)).a.pixels, before);
  check();
});

test('on paper pads, morph and strip are where the stage has painted them', async () => {
  const places = () =>
    page.evaluate(() => {
      const box = (/** @type {string} */ of) => (document.querySelector(of) ?? document.body).getBoundingClientRect();
      const stage = box('#stage');
      return ['padA', 'padB', 'morph', 'strip', 'givesB'].flatMap((slot) => {
        const { x, y, width } = box(`[data-slot=${slot}]`);
        return [x - stage.x, y - stage.y, width].map((v) => v / stage.width);
      });
    });
  const before = await places();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  assert.ok(farthest(await places(), before) < 0.005, `${await places()} should be ${before}`);
  const seen = (/** @type {string[]} */ of) => Promise.all(of.map((e) => page.locator(e).isVisible()));
  assert.deepEqual(await seen(['#pad-a', '#label-a', '#head-map', '#bars-a', '#play', '#map-fit']), [true, true, true, true, false, false]);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.ok(farthest(await places(), before) < 0.005, 'afterwards all is as it was');
  check();
});

test('the pen wins over a palm that rests on the pad, and the palm’s blot goes', async () => {
  await clearPads(page);
  await page.evaluate(() => {
    const pad = /** @type {HTMLElement} */ (document.querySelector('#pad-a'));
    const r = pad.getBoundingClientRect();
    const send = (
      /** @type {string} */ type,
      /** @type {string} */ pointerType,
      /** @type {number} */ pointerId,
      /** @type {number} */ x,
      /** @type {number} */ y,
    ) =>
      pad.dispatchEvent(
        new PointerEvent(type, {
          pointerType,
          pointerId,
          clientX: r.x + x * r.width,
          clientY: r.y + y * r.height,
          bubbles: true,
          pressure: 0.5,
        }),
      );
    pad.setPointerCapture = () => {}; // there is no such pointer
    send('pointerdown', 'touch', 71, 0.8, 0.9);
    send('pointermove', 'touch', 71, 0.9, 0.9);
    send('pointerdown', 'pen', 72, 0.5, 0.2);
    for (let y = 0.25; y < 0.85; y += 0.05) {
      send('pointermove', 'pen', 72, 0.5, y);
      send('pointermove', 'touch', 71, 0.8, 0.9);
    }
    send('pointerdown', 'touch', 73, 0.1, 0.9);
    send('pointermove', 'touch', 73, 0.2, 0.9);
    for (const [id, kind] of /** @type {const} */ ([
      [72, 'pen'],
      [71, 'touch'],
      [73, 'touch'],
    ]))
      send('pointerup', kind, id, 0.5, 0.85);
    Reflect.deleteProperty(pad, 'setPointerCapture');
  });
  await settle(page);
  assert.equal((await state(page)).a.label, 1, 'the pen’s stroke alone');
  await page.locator(testid('undo-a')).click();
  await settle(page);
  assert.equal((await state(page)).a.empty, true);
  check();
});

test('where the page is zoomed, by its style or by two fingers, ink and map stay under the pointer', async () => {
  await clearPads(page);
  for (const [zoom, pad] of /** @type {const} */ ([
    ['1.5', 'a'],
    ['2', 'b'],
  ])) {
    await page.evaluate((zoom) => (document.documentElement.style.zoom = zoom), zoom);
    await page.locator(`#pad-${pad}`).scrollIntoViewIfNeeded();
    const { padA, padB } = await page.evaluate(() => window.inkdrift.rects());
    const r = pad === 'a' ? padA : padB;
    const at = { x: r.x + 0.3 * r.width, y: r.y + 0.3 * r.height };
    await page.mouse.move(at.x, at.y);
    await page.mouse.down();
    await page.mouse.move(at.x + 20, at.y, { steps: 4 });
    await page.mouse.up();
    await settle(page);
    const clip = { x: at.x + 5, y: at.y - 5, width: 10, height: 10 };
    await until(`at ${zoom} there is ink under the pointer on ${pad}`, async () =>
      readPNG(await page.screenshot({ clip })).greys.every((g) => g < 120),
    );
  }
  await page.locator('#latent-map').evaluate((e) => e.scrollIntoView({ block: 'start' }));
  await page.waitForFunction(() => window.inkdrift.state().map.a);
  await until('the map looks where the pointer is', async () => {
    const { map: r } = await page.evaluate(() => window.inkdrift.rects());
    await page.mouse.move(r.x + 0.3 * r.width, r.y + 0.4 * r.height);
    const { at } = (await state(page)).map;
    return at !== null && Math.hypot(at.u - 0.3, at.v - 0.4) < 0.01;
  });
  await page.mouse.move(1, 1);
  await page.evaluate(() => (document.documentElement.style.zoom = ''));
  await page.evaluate(() => scrollTo(0, 0));

  const session = await context.newCDPSession(page);
  const drawings = [];
  for (const pageScaleFactor of [1, 2]) {
    await clearPads(page);
    await session.send('Emulation.setPageScaleFactor', { pageScaleFactor });
    await draw(page, 'a', written(1));
    await settle(page);
    drawings.push(/[?&]a=([^&]+)/.exec(await page.evaluate(() => window.inkdrift.link()))?.[1]);
  }
  assert.ok(drawings[0]);
  assert.equal(drawings[1], drawings[0], 'zoomed by two fingers, the same way of the pointer is the same drawing');
  await session.send('Emulation.setPageScaleFactor', { pageScaleFactor: 1 });
  await session.detach();
  check();
});

test('thin and thick brushes, slanted digits', async () => {
  for (const [width, slant, digits] of /** @type {const} */ ([
    [0.035, 0.3, [2, 6]],
    [0.13, 0.15, [4, 9]],
  ])) {
    await setBrush(width);
    await clearPads(page);
    await draw(page, 'a', written(digits[0], { slant }));
    await draw(page, 'b', written(digits[1], { slant }));
    await settle(page);
    const { a, b } = await state(page);
    assert.deepEqual([a.label, b.label], digits);
  }
  await setBrush(0.08);
  check();
});

test('drawings outlive a reload', async () => {
  await clearPads(page);
  await draw(page, 'a', written(5));
  await draw(page, 'b', written(6));
  await settle(page);
  const before = await state(page);
  await page.reload();
  await untilReady(page);
  await settle(page);
  const now = await state(page);
  for (const pad of /** @type {const} */ (['a', 'b'])) {
    assert.equal(now[pad].label, before[pad].label);
    assert.ok(meanDifference(now[pad].pixels, before[pad].pixels) < 0.01, `pad ${pad} is the same after a reload`);
  }
  check();
});
