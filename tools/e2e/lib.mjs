/**
 * What the end-to-end tests share: the real server over the built page, a browser,
 * and pages that watch themselves for errors.
 *
 *   ARTIFACTS  folder for screenshots; without it none are made
 *   SERVER     address of the server of all files    each starts its own
 *   BROWSER    where the browser of all files is     each starts its own
 *
 * start.mjs has those for programs.
 *
 *   go run ./tools/build -out dist
 *   node --test --test-concurrency=1 tools/e2e/*.test.mjs
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after } from 'node:test';

import { chromium } from 'playwright-core';

import * as start from './start.mjs';

export { dist, elsewhere, flags, patience } from './start.mjs';
const { dist, patience, root } = start;

const artifacts = process.env.ARTIFACTS ? resolve(root, process.env.ARTIFACTS) : '';
if (artifacts) mkdirSync(artifacts, { recursive: true });

/**
 * A picture for people to look at, where they asked for them.
 *
 * @param {import('playwright-core').Page | import('playwright-core').Locator} what
 * @param {string} name of the file
 * @param {{fullPage?: boolean}} [options]
 */
export async function screenshot(what, name, options) {
  if (artifacts) await what.screenshot({ path: join(artifacts, name), ...options });
}

/** The words of the page by language. @type {Record<string, Record<string, string>>} */
export const words = Object.fromEntries(['en', 'zh'].map((lang) => [lang, readJSON(`locales/${lang}.json`)]));

/** What models/index.json lists. @type {any[]} */
export const models = readJSON('models/index.json');

/** @typedef {{path: string, bytes: number, v: string, gz?: number, br?: number}} AssetFile */

/** What assets.json lists, by path. @type {Map<string, AssetFile>} */
export const assets = new Map(readJSON('assets.json').files.map((/** @type {AssetFile} */ f) => [f.path, f]));

/** @param {string} path inside the built page */
function readJSON(path) {
  return JSON.parse(readFileSync(join(dist, path), 'utf8'));
}

/** Things to end when the tests of this file are over, newest first. @type {(() => unknown)[]} */
const ends = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

/**
 * The server of the built page: the one of all files, where it was started for them
 * and will do, else one that ends with the tests of this file.
 *
 * @param {{prefix?: string, dir?: string}} [options]
 * @returns {Promise<string>} its address, with a slash at the end
 */
export async function serve(options) {
  if (!options && process.env.SERVER) return process.env.SERVER;
  const { url, end } = await start.serve(options);
  ends.push(end);
  return url;
}

/**
 * A browser: the one of all files, where it was started for them and will do, else
 * one that ends with the tests of this file.
 *
 * @param {string[]} [renderer] flags.webgl where it matters what paints the stage
 */
export async function launch(renderer) {
  const shared = !renderer && process.env.BROWSER;
  const browser = shared ? await chromium.connect(shared, { timeout: patience }) : await start.launch(renderer);
  ends.push(() => browser.close());
  return browser;
}

/**
 * Presses something that saves a file.
 *
 * @param {import('playwright-core').Page} page
 * @param {import('playwright-core').Locator} button
 */
export async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const parts = [];
  for await (const part of await file.createReadStream()) parts.push(part); // the browser may be of another process
  return { name: file.suggestedFilename(), bytes: Buffer.concat(parts) };
}

/**
 * A new context of the browser. Its defaults: a desktop window, light, English;
 * nothing that moves unasked, which would keep a processor busy, and no service
 * worker, which fetches all files once more.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...options,
  });
  context.setDefaultTimeout(patience);
  context.setDefaultNavigationTimeout(patience);
  return context;
}

/**
 * Watches a page for what must not happen.
 *
 * @param {import('playwright-core').Page} page
 * @returns {{problems: string[], requests: string[], forgive: (...expected: RegExp[]) => void, check: () => void}}
 *   check fails if there was any problem that was not forgiven
 */
export function watch(page) {
  /** @type {string[]} */
  const problems = [];
  /** @type {string[]} */
  const requests = [];
  page.on('console', (m) => {
    if (m.text().includes('Service Worker registration blocked')) return; // by newContext
    if (m.type() === 'error' || m.type() === 'warning') problems.push(`console ${m.type()}: ${m.text()} (${m.location().url})`);
  });
  page.on('pageerror', (e) => problems.push(`page error: ${e.stack ?? e}`));
  page.on('crash', () => problems.push('the page crashed'));
  page.on('request', (r) => requests.push(r.url()));
  page.on('requestfailed', (r) => {
    const why = r.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') problems.push(`request failed: ${r.url()} ${why}`);
  });
  return {
    problems,
    requests,
    forgive(...expected) {
      const left = problems.filter((p) => !expected.some((e) => e.test(p)));
      problems.splice(0, problems.length, ...left);
    },
    check() {
      assert.deepEqual(problems.splice(0), []);
    },
  };
}

/**
 * Waits until the page says in words that it is ready.
 *
 * @param {import('playwright-core').Page} page
 */
export async function untilReady(page) {
  await page.evaluate(() => window.inkdrift.ready);
  // Again: on a busy machine an engine that computes may be taken for one that hangs, and begin anew.
  const keys = ['status.ready', 'status.ready-examples', 'status.again'];
  const ready = ['en', 'zh'].flatMap((lang) => keys.map((key) => words[lang][key]));
  try {
    await page.waitForFunction((ready) => ready.includes(document.querySelector('[data-testid=status]')?.textContent ?? ''), ready);
  } catch (e) {
    const said = await page.locator(`${testid('status')}, ${testid('error')}`).allInnerTexts();
    throw new Error(`it is not ready, but says ${JSON.stringify(said)}`, { cause: e });
  }
}

/**
 * Opens the page, waits until it is ready and stops the morph, if it plays.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 */
export async function visit(context, url) {
  const page = await context.newPage();
  const watcher = watch(page);
  await page.goto(url);
  await untilReady(page);
  if ((await state(page)).morph.playing) await page.locator(testid('play')).click();
  return { page, ...watcher };
}

/** @param {string} id */
export const testid = (id) => `[data-testid="${id}"]`;

/**
 * What scripts see of the page.
 *
 * @param {import('playwright-core').Page} page
 */
export const state = (page) => page.evaluate(() => window.inkdrift.state());

/**
 * Waits until the engine has looked at all that is on the pads: what was
 * changed goes out at the next frame, and a request behind it comes back
 * after it. There may be one content on its way and one behind.
 *
 * @param {import('playwright-core').Page} page
 */
export async function settle(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    const blank = new Array(784).fill(0);
    for (let i = 0; i < 2; i++) await window.inkdrift.encode(blank);
  });
}

/**
 * The sentences in the error area.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export const sentences = (page) => page.locator(`${testid('error')} .error p:first-child`).allTextContents();

/**
 * Waits for the sentence of an error code and takes all errors away.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} code
 * @param {'en' | 'zh'} [lang]
 */
export async function expectError(page, code, lang = 'en') {
  const sentence = words[lang][`error.${code}`];
  assert.ok(sentence, `there is no sentence for ${code}`);
  await page
    .locator(`${testid('error')} p`, { hasText: sentence })
    .first()
    .waitFor();
  await dismissErrors(page);
}

/** @param {import('playwright-core').Page} page */
export async function dismissErrors(page) {
  const texts = [words.en['error.dismiss'], words.zh['error.dismiss']];
  await page.evaluate((texts) => {
    for (const b of document.querySelectorAll('[data-testid="error"] button')) {
      if (texts.includes(b.textContent ?? '') && b instanceof HTMLElement) b.click();
    }
  }, texts);
  assert.deepEqual(await sentences(page), []);
}

/**
 * Takes everything off both pads.
 *
 * @param {import('playwright-core').Page} page
 */
export async function clearPads(page) {
  for (const pad of ['a', 'b']) {
    const button = page.locator(testid(`clear-${pad}`));
    if (await button.isEnabled()) await button.click();
  }
  await settle(page);
}

/**
 * Ends the program behind a page as a crash does.
 *
 * @param {import('playwright-core').Page} page
 */
export async function crash(page) {
  const gone = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  void session.send('Page.crash').catch(() => {});
  await gone;
  await page.close();
}

/**
 * Looks again and again until something holds.
 *
 * @param {string} what in the message when it never does
 * @param {() => Promise<boolean>} holds
 */
export async function until(what, holds) {
  const end = performance.now() + patience;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `it never came about that ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/**
 * The greatest difference of two lists of numbers.
 *
 * @param {number[]} a
 * @param {number[]} b
 */
export function farthest(a, b) {
  assert.equal(a.length, b.length);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
}

/**
 * The mean difference of two lists of numbers.
 *
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export function meanDifference(a, b) {
  assert.equal(a.length, b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}
