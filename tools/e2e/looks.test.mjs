/**
 * How the page looks on screens of all sizes, in both themes and both
 * languages; what the keyboard reaches; what axe-core finds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriers, faults, serious } from './faults.mjs';
import { draw, written } from './hand.mjs';
import { clearPads, launch, newContext, screenshot, serve, settle, testid, until, visit, words } from './lib.mjs';
import { readPNG } from './pictures.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** @typedef {['light' | 'dark', 'en' | 'zh']} Way */

/** @type {Way[]} */
const allWays = [
  ['light', 'en'],
  ['light', 'zh'],
  ['dark', 'en'],
  ['dark', 'zh'],
];
/** Where a picture takes long, or is much like another. @type {Way[]} */
const someWays = [
  ['light', 'en'],
  ['dark', 'zh'],
];

const sizes = [
  { name: 'small-phone', width: 360, height: 740, ways: allWays },
  { name: 'lying-phone', width: 740, height: 360, ways: someWays },
  { name: 'tablet', width: 768, height: 1024, ways: someWays },
  { name: 'laptop', width: 1024, height: 640, ways: someWays },
  { name: 'desktop', width: 1280, height: 900, ways: someWays },
  { name: '4k', width: 3840, height: 2160, ways: someWays },
];
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };

/** @typedef {import('playwright-core').Page} Page */

const [desk, hand] = await Promise.all([
  newContext(browser).then((c) => visit(c, url)),
  newContext(browser, phone).then((c) => visit(c, url)),
]);

/** Two drawings, and the morph at rest in the middle. @param {Page} page */
async function arrange(page) {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8));
  await settle(page);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  await page.locator(testid('scrub')).fill('0.3');
  await page.locator('h1').scrollIntoViewIfNeeded();
}

/** @param {Page} page @param {'en' | 'zh'} lang */
async function speak(page, lang) {
  await page.locator(testid('language')).selectOption(lang);
  await page.locator('h2', { hasText: words[lang]['how.head'] }).waitFor();
}

/**
 * Looks at a page in themes and languages.
 *
 * @param {Page} page
 * @param {string} name of the pictures
 * @param {Way[]} ways
 */
async function lookAt(page, name, ways) {
  /** @type {string[]} */
  const all = [];
  for (const [colorScheme, lang] of ways) {
    await page.emulateMedia({ colorScheme });
    await speak(page, lang);
    await untilThemed(page);
    await page.evaluate(() => scrollTo(0, 0));
    await screenshot(page, `${name}-${colorScheme}-${lang}.png`, { fullPage: true });
    all.push(...(await faults(page)).map((f) => `${colorScheme}, ${lang}: ${f}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await speak(page, 'en');
  assert.deepEqual(all, []);
}

/**
 * Waits until the canvas has the colour of the page's paper.
 *
 * @param {Page} page
 */
async function untilThemed(page) {
  const pad = page.locator('#pad-a');
  await pad.scrollIntoViewIfNeeded();
  await until('the canvas has the theme of the page', async () => {
    const box = await pad.boundingBox();
    assert.ok(box);
    const paper = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--paper').trim());
    const wanted = [1, 3, 5].reduce((sum, i) => sum + parseInt(paper.slice(i, i + 2), 16), 0) / 3;
    const { greys } = readPNG(await page.screenshot({ clip: { x: box.x + 6, y: box.y + 6, width: 4, height: 4 } }));
    return greys.every((g) => Math.abs(g - wanted) < 2);
  });
}

test('nothing is cut off, nothing overlaps, on any screen', async (t) => {
  await arrange(desk.page);
  for (const { name, width, height, ways } of sizes) {
    await t.test(`${name}, ${width} x ${height}`, async () => {
      await desk.page.setViewportSize({ width, height });
      await lookAt(desk.page, name, ways);
    });
  }
  await desk.page.setViewportSize({ width: 1280, height: 900 });
  await t.test('phone, 390 x 844, three pixels to one', async () => {
    await arrange(hand.page);
    await lookAt(hand.page, 'phone', allWays);
  });
  desk.check();
  hand.check();
});

test('menus open over the page, inside of the window', async () => {
  for (const [page, name] of /** @type {const} */ ([
    [hand.page, 'phone'],
    [desk.page, 'desktop'],
  ])) {
    for (const pad of ['a', 'b']) {
      await page.locator(`#menu-${pad} > summary`).click();
      const panel = page.locator(`#panel-${pad}`);
      const box = await panel.boundingBox();
      const { width } = page.viewportSize() ?? { width: 0 };
      assert.ok(box && box.x >= 0 && box.x + box.width <= width, `${name}: panel ${pad} is from ${box?.x} to ${box && box.x + box.width}`);
      for (const part of await panel.locator('button, input').all()) {
        await part.scrollIntoViewIfNeeded();
        const hit = await part.evaluate((e) => {
          const r = e.getBoundingClientRect();
          const at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
          return e === at || e.contains(at);
        });
        assert.equal(hit, true, `${name}: ${await part.textContent()} of panel ${pad} can be pressed`);
      }
      await screenshot(page, `${name}-menu-${pad}.png`);
      await page.locator('h1').click();
      assert.equal(await panel.isVisible(), false, 'a click elsewhere closes it');
    }
    await page.evaluate(() => scrollTo(0, 0));
  }
});

test('axe-core finds nothing serious', async (t) => {
  const { page } = desk;
  for (const [colorScheme, lang] of someWays) {
    await page.emulateMedia({ colorScheme });
    await speak(page, lang);
    const found = await barriers(page);
    if (found.length > 0) t.diagnostic(`${colorScheme}, ${lang}: ${found.join('; ')}`);
    assert.deepEqual(serious(found), [], `${colorScheme}, ${lang}`);
    // With all that is folded unfolded, and an error.
    await page.evaluate(() => {
      for (const d of document.querySelectorAll('details:not(.menu), #menu-a')) if (d instanceof HTMLDetailsElement) d.open = true;
      dispatchEvent(new ErrorEvent('error', { error: new Error('a fault') }));
    });
    await page.locator(`${testid('error')} .error`).waitFor();
    assert.deepEqual(serious(await barriers(page)), [], `${colorScheme}, unfolded`);
    await screenshot(page, `unfolded-${colorScheme}.png`, { fullPage: true });
    await page
      .locator(`${testid('error')} button`)
      .last()
      .click();
    await page.evaluate(() => {
      for (const d of document.querySelectorAll('details')) d.open = false;
    });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await speak(page, 'en');
  desk.check();
});

test('the Tab key reaches everything, in order, and what it reaches is seen', async () => {
  const { page } = desk;
  // What comes when it is about to be seen is there.
  await page.locator(testid('try')).scrollIntoViewIfNeeded();
  await page.waitForFunction(() => window.inkdrift.state().try?.shows);
  await page.locator(testid('how')).scrollIntoViewIfNeeded();
  await page.waitForFunction(() => window.inkdrift.state().how);
  await page.evaluate(() => {
    for (const d of document.querySelectorAll('details')) d.open = false;
    let n = 0;
    const wanted = 'button, select, summary, input, a[href], [tabindex="0"]';
    window.reachable = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(wanted)]).filter(
      // Of radio buttons and tabs the chosen one is reached; arrow keys go to the others.
      (e) =>
        e.checkVisibility({ visibilityProperty: true }) && !e.matches(':disabled, [type=radio]:not(:checked), [role=tab][tabindex="-1"]'),
    );
    for (const e of window.reachable) e.dataset.order = String(n++);
    // The next Tab goes to what comes after this: the first of all.
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
  });
  const count = await page.evaluate(() => window.reachable.length);
  assert.ok(count > 20);
  const order = [];
  for (let i = 0; i <= count; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (!(e instanceof HTMLElement) || e === document.body) return null;
      const style = getComputedStyle(e);
      const r = e.getBoundingClientRect();
      return {
        name: `${e.tagName}#${e.id}`,
        order: Number(e.dataset.order ?? NaN),
        seen:
          (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== 'rgba(0, 0, 0, 0)') ||
          e.matches('.skip'),
        inside: r.top >= -1 && r.bottom <= innerHeight + 1,
      };
    });
    if (!at) break; // the browser's own controls come next
    assert.notEqual(at.name.split('#')[0], 'IFRAME', 'the canvas never has the focus');
    assert.equal(at.seen, true, `the focus is seen on ${at.name}`);
    assert.equal(at.inside, true, `${at.name} is scrolled into view`);
    order.push(at.order);
  }
  assert.deepEqual(
    order,
    Array.from({ length: count }, (_, i) => i),
    'all of it, as it comes in the page',
  );

  // The way back, and out of the pads.
  await page.locator('#pad-b').focus();
  await page.keyboard.press('Shift+Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement?.id), 'pad-b');

  // Menus open, are walked and close.
  const summary = page.locator('#menu-a > summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.closest('#panel-a') !== null), true);
  await page.keyboard.press('Escape');
  assert.equal(
    await page.evaluate(() => document.activeElement === document.querySelector('#menu-a > summary')),
    true,
    'Escape goes back to what opened it',
  );
  assert.equal(await page.locator('#panel-a').isVisible(), false);

  await page.locator(testid('scrub')).focus();
  const before = await page.locator(testid('scrub')).inputValue();
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await page.locator(testid('scrub')).inputValue(), before);
  await screenshot(page, 'focus.png');
  desk.check();
});

test('in Chinese nothing is left in English', async () => {
  const { page } = desk;
  await speak(page, 'zh');
  assert.match(await page.evaluate(() => document.documentElement.lang), /^zh/);
  await page.evaluate(() => {
    for (const d of document.querySelectorAll('details')) d.open = true;
    dispatchEvent(new ErrorEvent('error', { error: new Error('a fault') }));
  });
  await page.locator(`${testid('error')} .error`).waitFor();
  const texts = await page.evaluate(() => {
    const texts = [document.title, document.querySelector('meta[name=description]')?.getAttribute('content') ?? ''];
    for (const e of document.querySelectorAll('body *')) {
      // Names of languages are in those languages; details of errors are for developers.
      if (e.closest('option[lang], .detail, script, noscript, .not-started')) continue;
      for (const attr of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'])
        if (e.hasAttribute(attr)) texts.push(e.getAttribute(attr) ?? '');
      for (const n of e.childNodes) if (n.nodeType === Node.TEXT_NODE && n.textContent?.trim()) texts.push(n.textContent.trim());
    }
    return texts;
  });
  const names =
    /Inkdrift|MB|PNG|JPEG|GIF|MNIST|\.safetensors|WebGL2?|Enter|Delete|Control|Ctrl|Esc|NLL|ELBO|AUROC|KL|log|IWAE|C?VAE|s?lerp|Canvas 2D|(leaky-)?relu|tanh|Home|px|(?<=构建 )[0-9a-f]{8}/gi;
  const english = texts.filter((text) => /[a-z]{2,}/i.test(text.replace(names, '')));
  assert.deepEqual(english, []);
  const said = new Set(texts);
  for (const key of ['pad.undo', 'studio-morph.head', 'how.slerp', 'about.vae', 'save.gif', 'seen.sees', 'error.unexpected', 'page.title'])
    assert.ok(said.has(words.zh[key]), key);

  // It stays so, and a new visitor's browser decides.
  assert.equal(await page.evaluate(() => localStorage.getItem('inkdrift.language')), '"zh"');
  await page
    .locator(`${testid('error')} button`)
    .last()
    .click();
  await page.evaluate(() => {
    for (const d of document.querySelectorAll('details')) d.open = false;
  });
  await speak(page, 'en');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  const visitor = await newContext(browser, { locale: 'zh-CN' });
  const theirs = await visitor.newPage();
  await theirs.goto(url);
  await theirs.getByRole('heading', { name: words.zh['studio-morph.head'], exact: true }).waitFor();
  await visitor.close();
  desk.check();
});

test('light and dark by a button, which is remembered', async () => {
  const { page } = desk;
  const paper = () => page.evaluate(() => getComputedStyle(document.body).getPropertyValue('--paper').trim());
  const light = await paper();
  await page.locator('#theme').click();
  const dark = await paper();
  assert.notEqual(dark, light);
  await untilThemed(page);
  await page.reload();
  assert.equal(await paper(), dark);
  await page.locator('#theme').click();
  assert.equal(await paper(), light);
  desk.check();
});
