/**
 * A newer version comes while the page is open: it is told of, and accepting it changes
 * to it, with drawings and runs, in each tab.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { draw, written } from './hand.mjs';
import { dist, launch, newContext, serve, settle, state, testid, untilReady, visit, words } from './lib.mjs';
import { past, training } from './train.mjs';

const folder = mkdtempSync(join(tmpdir(), 'inkdrift-update-'));
after(() => rmSync(folder, { recursive: true, force: true }));
cpSync(dist, folder, { recursive: true });
const [url, browser] = await Promise.all([serve({ dir: folder }), launch()]);

/** The first 16 digits of the SHA-256, as the build has them. @param {string | Buffer} content */
const version = (content) => createHash('sha256').update(content).digest('hex').slice(0, 16);

/** What a view that is loaded late is of: the newer version marks the page. */
const late = { path: 'views/hand/hand-view.js', mark: '\ndocument.documentElement.dataset.newer = "";\n' };

/** Puts a version in the place of the one that is served, as a build with one other word and another view. @param {string} tagline */
function publish(tagline) {
  const put = (/** @type {string} */ path, /** @type {string} */ content) => {
    writeFileSync(join(folder, path), content);
    for (const packed of ['.br', '.gz']) rmSync(join(folder, path + packed), { force: true });
  };
  const read = (/** @type {string} */ path) => readFileSync(join(folder, path), 'utf8');
  const before = read('assets.json');
  const path = 'locales/en.json';
  put(path, JSON.stringify({ ...JSON.parse(read(path)), 'page.tagline': tagline }));
  put(late.path, read(late.path) + late.mark);
  const list = JSON.parse(before);
  for (const changed of [path, late.path]) {
    const file = list.files.find((/** @type {{path: string}} */ f) => f.path === changed);
    const content = readFileSync(join(folder, changed));
    Object.assign(file, { bytes: content.length, v: version(content), gz: undefined, br: undefined });
  }
  put('assets.json', JSON.stringify(list));
  put('sw.js', read('sw.js').replace(version(before), version(read('assets.json'))));
}

test('a newer version is offered to a page that is open; accepted, it is there, with drawings and runs, and trains on', async () => {
  const context = await newContext(browser, { serviceWorkers: 'allow' });
  const { page, check } = await visit(context, url);
  await draw(page, 'a', written(3));
  await settle(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.goto(`${url}#train?images=1000&batch=50&encoder=16&decoder=16&epochs=1000&workers=2`);
  await page.reload();
  await page.locator(testid('train-toggle')).waitFor();
  assert.equal(await page.evaluate(() => navigator.serviceWorker.controller !== null && crossOriginIsolated), true);
  const { page: other, check: checkOther } = await visit(context, url);
  await page.bringToFront();
  await page.locator(testid('train-toggle')).click();
  await past(page, 20);
  // Another tab says what is going on.
  await other.goto(`${url}#train`);
  await other.locator(testid('train-elsewhere')).waitFor();
  await other.goto(`${url}#`);

  publish('A newer word.');
  const offer = page.locator('#update');
  assert.equal(await offer.isVisible(), false);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  await offer.getByText(words.en['page.update']).waitFor();
  assert.equal(await page.locator('[role=status]', { has: offer }).count(), 1, 'it is read aloud');
  await past(page, (await training(page)).step + 20); // nothing changes unasked
  assert.equal(await page.locator('.tagline').textContent(), words.en['page.tagline']);

  await Promise.all([page.waitForEvent('load'), offer.getByRole('button').click()]);
  await page.locator(testid('go-on')).waitFor();
  assert.equal(await page.locator('.tagline').textContent(), 'A newer word.');
  assert.equal(await offer.isVisible(), false);
  const now = await state(page);
  assert.deepEqual([now.a.label, now.isolated], [3, true]);
  await page.locator(testid('go-on')).click();
  await page.waitForFunction(() => window.inkdrift.state().train.status === 'running');
  const { step, workers } = await training(page);
  assert.ok(step > 20, `it goes on from step ${step}`);
  await past(page, step + 50);
  assert.deepEqual(workers, { ...workers, alive: 2, wanted: 2 });

  // The other tab is of the version before, and is offered the newer one.
  assert.equal(await other.locator('.tagline').textContent(), words.en['page.tagline']);
  // What it loads late is of its own version.
  const isNewer = (/** @type {string} */ hash) =>
    other.evaluate(async (hash) => {
      location.hash = hash;
      const { dataset } = document.documentElement;
      while (!dataset.opened?.split(' ').includes(hash)) await new Promise((done) => setTimeout(done, 20));
      return 'newer' in dataset;
    }, hash);
  assert.equal(await isNewer('hand'), false);
  await other.evaluate(() => {
    location.hash = 'studio';
  });
  await Promise.all([other.waitForEvent('load'), other.locator('#update-now').click()]);
  await untilReady(other);
  assert.equal(await other.locator('.tagline').textContent(), 'A newer word.');
  assert.equal(await isNewer('hand'), true);
  check();
  checkOther();
  await context.close();
});
