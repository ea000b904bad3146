/**
 * Data sets in the Train view: MNIST's files dropped, or served beside
 * the page. They are not part of this repository: without them in
 * ../shared/data/mnist these tests are skipped.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

import { dist, launch, newContext, serve, testid, until, words } from './lib.mjs';
import { enter, training } from './train.mjs';

const root = resolve(import.meta.dirname, '../..');
const mnist = resolve(root, '../shared/data/mnist');
const skip = existsSync(mnist) ? false : `MNIST is not in ${mnist}`;

const folder = mkdtempSync(join(tmpdir(), 'inkdrift-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The built page with MNIST beside it, as make data leaves it. */
function withMNIST() {
  const site = join(folder, 'site');
  cpSync(dist, site, { recursive: true });
  execFileSync('go', ['run', '-buildvcs=false', './tools/data', '-out', site, '-from', mnist], { cwd: root, stdio: 'pipe' });
  return site;
}

const [url, browser] = await Promise.all([serve({ dir: skip ? dist : withMNIST() }), launch()]);

/** The names of MNIST's files as they come, packed. */
const packed = () => readdirSync(mnist).filter((name) => name.endsWith('.gz'));

/** Takes the first steps of the same experiment. @param {import('playwright-core').Page} page */
async function first(page) {
  await page.evaluate(() => window.inkdrift.train.step(5));
  const { dataset, settings } = await training(page);
  assert.deepEqual([dataset, settings.preset, settings.data], ['mnist', 'quick', 'mnist']);
}

/** @param {import('playwright-core').Page} page */
const forget = async (page) => {
  await page.locator(testid('forget-data')).click();
  await until('it is forgotten', async () => (await page.locator(testid('forget-data')).isVisible()) === false);
};

test('MNIST beside the page is there by one choice, and stays for the next visit', { skip }, async () => {
  const context = await newContext(browser);
  const { page, requests, check } = await enter(context, url);
  const option = page.locator(`${testid('dataset')} option[value=mnist]`);
  await option.waitFor({ state: 'attached' });
  assert.match((await option.textContent()) ?? '', /mnist.*11\.3 MB/i);
  assert.ok(!requests.some((r) => r.includes('idx')), 'nothing of it is fetched before');
  await page.locator(testid('dataset')).selectOption('mnist');
  await first(page);
  await page.locator(testid('forget-data')).waitFor();
  const fetched = () => requests.filter((r) => r.includes('idx'));
  assert.equal(new Set(fetched()).size, 4, fetched().join(', '));
  const before = fetched().length;

  await page.locator('.run button', { hasText: words.en['runs.export'] }).waitFor(); // the run is kept
  await page.reload();
  await page.locator(testid('train-not-now')).click();
  await page.evaluate(() => window.inkdrift.train.step(1));
  assert.equal((await training(page)).dataset, 'mnist');
  assert.equal(fetched().length, before, 'it was kept');
  await forget(page);
  check();
  await context.close();
});

test('MNIST’s files are dropped as they come, and train the same experiment', { skip }, async () => {
  const context = await newContext(browser);
  const { page, check } = await enter(context, url);
  // The page gets the files as if from its own server, and is given them as a person drops them.
  await page.route('**/dropped/*', (route) =>
    route.fulfill({ path: join(mnist, route.request().url().split('/').at(-1) ?? ''), contentType: 'application/octet-stream' }),
  );
  await page.evaluate(async (names) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File([await (await fetch(`dropped/${name}`)).arrayBuffer()], name));
    const target = document.querySelector('.watch') ?? document.body;
    for (const type of ['dragenter', 'dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, packed());
  await page.waitForFunction(
    () => /** @type {HTMLSelectElement | null} */ (document.querySelector('[data-testid=dataset]'))?.value === 'mnist',
  );
  await first(page);
  assert.equal((await training(page)).settings.seed, 1);
  check();
  await context.close();
});
