/**
 * What goes wrong outside of the page's own power: files that do not arrive,
 * programs that die, a network that is gone, a person who clicks twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import {
  dismissErrors,
  expectError,
  launch,
  models,
  newContext,
  sentences,
  serve,
  settle,
  state,
  testid,
  until,
  untilReady,
  visit,
  watch,
  words,
} from './lib.mjs';
import { startProxy } from './proxy.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

test('what does not arrive as it should is told in a sentence, and can be tried again', async (t) => {
  const proxy = await startProxy(url, { forget: true });
  const context = await newContext(browser, { proxy: proxy.settings });
  const page = await context.newPage();
  const { forgive, check } = watch(page);
  const policy = "default-src 'self'; script-src 'self'";
  /** @type {[string, string, import('./proxy.mjs').Rule][]} */
  const cases = [
    ['assets.json is missing', 'assets-missing', { path: /assets\.json$/, status: 404 }],
    ['WebAssembly is blocked', 'wasm-blocked', { path: /./, headers: { 'content-security-policy': policy } }],
    ['stage.wasm is missing', 'fetch-failed', { path: /stage\.wasm$/, status: 404 }],
    ['stage.wasm is torn', 'fetch-failed', { path: /stage\.wasm$/, cutAfter: 100_000 }],
    [
      'a page comes for engine-studio.wasm',
      'wasm-type',
      { path: /engine-studio\.wasm$/, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
    ],
    ['the model is missing', 'model-missing', { path: /\.safetensors$/, status: 404 }],
  ];
  for (const [name, code, rule] of cases) {
    await t.test(name, async () => {
      proxy.rules.splice(0, 1, rule);
      await page.goto(url);
      await page
        .locator(`${testid('error')} p`, { hasText: words.en[`error.${code}`] })
        .first()
        .waitFor();
      assert.ok((await page.locator(testid('error')).getByText(words.en['error.retry']).count()) > 0, 'it can be tried again');
      assert.notDeepEqual(await page.locator(testid('status')).textContent(), words.en['status.ready']);
      assert.equal(typeof (await state(page)).a.empty, 'boolean', 'the page is alive');
    });
  }
  proxy.rules.splice(0);
  await page.locator(testid('error')).getByText(words.en['error.retry']).first().click();
  await page.waitForEvent('load');
  await untilReady(page);
  assert.deepEqual(await sentences(page), []);
  // The browser itself tells the console of each.
  forgive(/Failed to load resource/, /request failed/, /Content Security Policy/, /CompileError|wasm/i);
  check();
  await context.close();
});

/**
 * Has a page keep the messages that it shows, however short.
 *
 * @param {import('playwright-core').Page} page
 */
const listen = (page) =>
  page.addInitScript(() => {
    window.sayings = [];
    new MutationObserver(() => {
      for (const e of document.querySelectorAll('#start-failure, [data-testid="error"] .error')) window.sayings.push(e.textContent ?? '');
    }).observe(document, { subtree: true, childList: true });
  });

test('one fault of every kind of file, all in one visit: the page gets each again by itself and says nothing', async () => {
  const proxy = await startProxy(url);
  const context = await newContext(browser, { proxy: proxy.settings });
  const page = await context.newPage();
  const once = (/** @type {RegExp} */ path, /** @type {Partial<import('./proxy.mjs').Rule>} */ fault) =>
    proxy.rules.push({ path, times: 1, ...fault });
  once(/css\/page\.css$/, { part: 0.5 });
  once(/css\/tokens\.css$/, { status: 503 });
  once(/lib\/dom\.js$/, { part: 0.5 });
  once(/assets\.json$/, { cutAfter: 5000 });
  once(/models\/index\.json$/, { status: 0 });
  once(/locales\/en\.json$/, { status: 503 });
  once(/\/stage\.js$/, { part: 0.5 });
  once(/stage\.wasm$/, { status: 503 });
  once(/worker\.js$/, { part: 0.5 });
  once(/engine-studio\.wasm$/, { part: 0.5 });
  once(/kernel_relaxed\.wasm$/, { part: 0.5 });
  once(/\.safetensors$/, { part: 0.5 });
  await listen(page);
  await page.goto(url);
  await until(
    'the page is ready',
    async () =>
      (
        await page
          .locator(testid('status'))
          .textContent()
          .catch(() => '')
      )?.startsWith('Ready') ?? false,
  );
  assert.deepEqual(
    proxy.rules.filter((r) => r.times !== 0).map((r) => String(r.path)),
    [],
    'each fault has come',
  );
  const styles = await page.evaluate(async () => {
    const sheets = [...document.styleSheets].map((s) => ({ href: s.href ?? '', rules: s.cssRules.length }));
    const whole = await Promise.all(
      sheets.map(async ({ href }) => {
        const sheet = new CSSStyleSheet();
        await sheet.replace(await (await fetch(`${href.split('?')[0]}?whole`)).text());
        return sheet.cssRules.length;
      }),
    );
    return sheets.map(({ href, rules }, i) => `${new URL(href).pathname.split('/').at(-1)} ${rules - whole[i]}`);
  });
  assert.equal(new Set(styles).size, styles.length, 'each style is there once');
  assert.deepEqual(
    styles.filter((s) => !s.endsWith(' 0')),
    [],
    'and whole',
  );
  assert.equal(await page.locator(testid('clear-a')).getAttribute('aria-label'), words.en['pad.clear']);
  assert.equal((await state(page)).backend, 'relaxed');
  assert.deepEqual(await page.evaluate(() => window.sayings), []);
  await context.close();
});

test('a module that never comes is told of, and “Try again” helps once it is there; without any script styles say so', async () => {
  const proxy = await startProxy(url);
  const context = await newContext(browser, { proxy: proxy.settings });
  const page = await context.newPage();
  /** @type {import('./proxy.mjs').Rule} */
  const rule = { path: /lib\/dom\.js$/, status: 503 };
  proxy.rules.push({ path: /(start-failure|main)\.js$/, status: 503 }, rule);
  await listen(page);
  const session = await context.newCDPSession(page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: 100 }); // it comes after a while
  await page.goto(url);
  const unstarted = page.locator('.not-started');
  await unstarted.waitFor();
  proxy.rules.shift();
  await unstarted.getByRole('link', { name: 'Load it again' }).click();
  const failure = page.locator('#start-failure');
  await failure.getByText('did not arrive').waitFor();
  assert.match((await failure.textContent()) ?? '', /dom\.js/);
  assert.equal(await page.locator(testid('status')).textContent(), '');
  assert.equal(await unstarted.isVisible(), false);
  // What is hung is told of as well.
  rule.times = 0;
  proxy.rules.push({ path: /locales\/en\.json$/, wait: 20_000, times: 1 });
  await failure.getByRole('button').click();
  await page.waitForFunction(() => window.sayings?.some((text) => text.includes('(en.json)')));
  await failure.waitFor({ state: 'detached' });
  await untilReady(page);
  assert.deepEqual(await sentences(page), []);
  await context.close();
});

test('without its SIMD kernel the engine computes more slowly, and says so', async () => {
  const proxy = await startProxy(url);
  proxy.rules.push({ path: /kernel_\w+\.wasm$/, status: 404 });
  const context = await newContext(browser, { proxy: proxy.settings });
  const { page, forgive, check } = await visit(context, url);
  assert.equal((await state(page)).backend, 'go');
  await expectError(page, 'kernel-failed');
  await draw(page, 'a', written(3));
  await settle(page);
  assert.equal((await state(page)).a.label, 3);
  forgive(/Failed to load resource/, /request failed/);
  check();
  await context.close();
});

test('a catalogue that is missing leaves the page in English, with a sentence and a button that helps', async () => {
  const proxy = await startProxy(url);
  proxy.rules.push({ path: /locales\//, status: 404 });
  const context = await newContext(browser, { proxy: proxy.settings, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(() => window.inkdrift.ready);
  const failure = page.locator('#start-failure');
  await failure.getByText('zh.json').waitFor();
  assert.equal(await page.locator(testid('clear-a')).getAttribute('aria-label'), words.en['pad.clear']);
  proxy.rules.splice(0);
  await failure.getByRole('button', { name: words.zh['error.retry'] }).click();
  await page.locator(`${testid('clear-a')}[aria-label="${words.zh['pad.clear']}"]`).waitFor();
  assert.equal(await failure.count(), 0);
  await context.close();
});

test('a model that cannot be had leaves the one in use', async () => {
  const proxy = await startProxy(url);
  const second = models[1];
  proxy.rules.push({ path: new RegExp(`${second.file}$`), status: 404 });
  const context = await newContext(browser, { proxy: proxy.settings });
  const { page, forgive, check } = await visit(context, url);
  await page.locator(testid('model')).selectOption(second.name);
  await expectError(page, 'model-missing');
  assert.equal((await state(page)).model, models[0].name);
  assert.equal(await page.locator(testid('model')).inputValue(), models[0].name, 'the choice shows the one in use');
  forgive(/Failed to load resource/);
  check();
  await context.close();
});

test('the engine traps and comes back, and the drawings are there', async () => {
  const context = await newContext(browser);
  const { page, forgive, check } = await visit(context, url);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8));
  await settle(page);
  const before = await state(page);
  const born = page.waitForEvent('worker');
  const [worker] = page.workers();
  // Asked while it dies: the next engine answers.
  const [answer] = await Promise.all([
    born.then(() => page.evaluate((pixels) => window.inkdrift.encode(pixels), before.a.pixels)),
    worker.evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('made up by a test');
        }),
    ),
  ]);
  assert.equal(answer.label, 3);
  await page.locator(testid('status'), { hasText: words.en['status.again'] }).waitFor();
  await settle(page);
  const after = await state(page);
  assert.deepEqual([after.a.label, after.b.label, after.model], [3, 8, before.model]);
  assert.deepEqual(after.a.pixels, before.a.pixels);
  await draw(page, 'a', [
    [
      [0.3, 0.92],
      [0.5, 0.92],
      [0.7, 0.92],
    ],
  ]);
  await settle(page);
  await page.locator(testid('undo-a')).click();
  await settle(page);
  assert.equal((await state(page)).a.label, 3, 'the new engine works');
  assert.deepEqual(await sentences(page), []);
  forgive(/made up by a test/);
  check();
  await context.close();
});

test('everything can be clicked twice', async () => {
  const context = await newContext(browser);
  const { page, forgive, check } = await visit(context, url);
  await draw(page, 'a', written(1));
  for (const id of ['undo-a', 'undo-a', 'clear-b', 'clear-b', 'play', 'resample', 'export-png', 'export-gif', 'theme']) {
    const button = page.locator(`#${id}`);
    if (await button.isEnabled()) await button.dblclick();
  }
  // And all there are, at once, also those that are folded away.
  const count = await page.evaluate(() => {
    const buttons = document.querySelectorAll('#stage button, header button, .about button, summary');
    for (const b of buttons) if (b instanceof HTMLElement) for (let i = 0; i < 2; i++) b.click();
    return buttons.length;
  });
  assert.ok(count > 30, `${count} buttons`);
  await settle(page);
  forgive(/File chooser dialog can only be shown with a user activation/);
  check();
  // Saving an empty morph is no fault.
  assert.deepEqual(
    (await sentences(page)).filter((s) => s !== words.en['error.nothing-to-save']),
    [],
  );
  await dismissErrors(page);
  // A browser keeps the clipboard from a script: what was to be copied stands in a dialog.
  await page.evaluate(() => {
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  });
  for (const pad of /** @type {const} */ (['a', 'b'])) {
    const clear = page.locator(testid(`clear-${pad}`));
    await until('fillings have come', async () => {
      if (await clear.isEnabled()) await clear.click();
      await settle(page);
      return (await state(page))[pad].empty;
    });
    await draw(page, pad, written(2));
  }
  await settle(page);
  const { a, b } = await state(page);
  assert.deepEqual([a.label, b.label], [2, 2], 'the page works as before');
  check();
  await context.close();
});

test('after the first visit it works without a network', async () => {
  const context = await newContext(browser, { serviceWorkers: 'allow' });
  const { page, check, forgive } = await visit(context, url);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(6));
  await settle(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.reload();
  await untilReady(page);
  await settle(page);
  const { a, b } = await state(page);
  assert.deepEqual([a.label, b.label], [3, 6]);
  await draw(page, 'b', written(8));
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
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
  await context.close();
});
