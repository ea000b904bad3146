/**
 * What the end-to-end tests share: the real server over the built page, one
 * browser a file, and pages that watch themselves for trouble.
 *
 *   CHROME     path of Chromium or Chrome     /usr/bin/chromium
 *   DIST       folder of the built page       dist
 *   SERVE      the built tools/serve          go run ./tools/serve
 *   ARTIFACTS  folder for screenshots         artifacts
 *
 *   go run ./tools/build -out dist
 *   node --test --test-concurrency=1 tools/e2e/*.test.mjs
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folder of the built page. */
export const dist = resolve(root, process.env.DIST ?? 'dist');

/** Folder for screenshots. */
export const artifacts = resolve(root, process.env.ARTIFACTS ?? 'artifacts');
mkdirSync(artifacts, { recursive: true });

/** How long anything may take before it counts as hanging; a busy machine is slow. */
export const patience = 60_000;

/** The words of the page by language. @type {Record<string, Record<string, string>>} */
export const words = Object.fromEntries(['en', 'zh'].map((lang) => [lang, readJSON(`locales/${lang}.json`)]));

/** What models/index.json lists. @type {any[]} */
export const models = readJSON('models/index.json');

/** @typedef {{path: string, bytes: number, v: string}} AssetFile */

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
 * Serves the built page with tools/serve.
 *
 * @param {{prefix?: string, dir?: string}} [options]
 * @returns {Promise<string>} its address, with a slash at the end
 */
export async function serve({ prefix = '', dir = dist } = {}) {
  const args = ['-dir', dir, '-port', '0', '-prefix', prefix];
  const [program, first] = process.env.SERVE ? [process.env.SERVE, []] : ['go', ['run', './tools/serve']];
  // go run starts the server as a child of its own, so that a group must be ended;
  // else the server stays in the group of the tests and ends with them in any case.
  const detached = !process.env.SERVE;
  const child = spawn(program, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached });
  const end = () => {
    if (child.pid === undefined) return; // it never began
    try {
      process.kill(detached ? -child.pid : child.pid, 'SIGTERM');
    } catch {
      // It has ended.
    }
  };
  ends.push(end);
  process.once('exit', end);
  return new Promise((found, failed) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const address = /^http:\S+$/m.exec(said);
      if (address) found(address[0]);
    });
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`${program} ended with ${code} before it gave an address: ${said}`)));
  });
}

const quiet = [
  '--no-sandbox', // the tests run as root in containers
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Flags for a browser with WebGL2 on the CPU, and for one without. */
export const flags = {
  webgl: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  noWebGL: ['--disable-gpu', '--disable-software-rasterizer'],
};

/**
 * Starts a browser that ends with the tests of this file.
 *
 * @param {string[]} [renderer]
 */
export async function launch(renderer = flags.webgl) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    args: [...quiet, ...renderer],
    timeout: patience,
  });
  ends.push(() => browser.close());
  return browser;
}

/**
 * A new context of the browser. Its defaults: a desktop window, light, English.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    colorScheme: 'light',
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
  const ready = ['en', 'zh'].flatMap((lang) => ['status.ready', 'status.ready-examples'].map((key) => words[lang][key]));
  await page.waitForFunction((ready) => ready.includes(document.querySelector('[data-testid=status]')?.textContent ?? ''), ready);
}

/**
 * Opens the page, waits until it is ready and stops the drift: to paint it all
 * the time keeps a machine without a GPU busy.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 */
export async function visit(context, url) {
  const page = await context.newPage();
  const watcher = watch(page);
  await page.goto(url);
  await untilReady(page);
  await page.locator(testid('play')).click();
  assert.equal((await state(page)).morph.playing, false);
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
 * Looks again and again until something holds.
 *
 * @param {string} what in the message when it never does
 * @param {() => Promise<boolean>} holds
 */
export async function until(what, holds) {
  const end = performance.now() + patience;
  while (!(await holds())) assert.ok(performance.now() < end, `it never came about that ${what}`);
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
