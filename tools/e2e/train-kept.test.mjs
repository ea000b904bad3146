/**
 * Nothing is lost in the Train view: tabs and workers that die in the middle
 * of training, two tabs with one run, a disk that is full, a storage that fails.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { draw, written } from './hand.mjs';
import {
  crash,
  download,
  elsewhere,
  expectError,
  launch,
  meanDifference,
  newContext,
  screenshot,
  sentences,
  serve,
  settle,
  state,
  testid,
  until,
  words,
} from './lib.mjs';
import { become, enter, past, training, weights } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** A small experiment: 20 steps an epoch. */
const small = '?images=1000&batch=50&encoder=128&decoder=128';

/** @param {import('playwright-core').Page} page @param {string} id */
const press = (page, id) => page.locator(testid(id)).click();

/** The run in the list whose facts hold these words. @param {import('playwright-core').Page} page @param {string} text */
const run = (page, text) => page.locator('.run', { hasText: text });

/** @param {import('playwright-core').Page} page @param {string} key */
const says = (page, key) =>
  page.waitForFunction(
    (start) => document.querySelector('[data-testid=status]')?.textContent?.startsWith(start),
    words.en[key].split('{')[0],
  );

/** Names of what is kept: of files that are being written for the first time nothing is there yet. @param {import('playwright-core').Page} page @param {string} base @param {string} prefix @returns {Promise<string[]>} */
const kept = (page, base, prefix) =>
  page.evaluate(
    async ([base, prefix]) => {
      const fileStore = await (await import(`${base}storage/file-store.js`)).openFileStore();
      /** @type {string[]} */
      const names = await fileStore.list(prefix);
      const contents = await Promise.all(names.map((name) => fileStore.get(name)));
      return names.filter((_, i) => contents[i]?.length > 0);
    },
    [base, prefix],
  );

test('a tab that dies while it trains loses little: it goes on bit-identically, with drawings and other runs', async (t) => {
  const context = await newContext(browser, { acceptDownloads: true });
  const { page } = await enter(context, url, `#train${small}&epochs=20`);
  await draw(page, 'a', written(5));
  await settle(page);
  const drawn = (await state(page)).a.pixels;
  await press(page, 'train-toggle');
  await become(page, 'done');
  assert.equal((await training(page)).step, 400);
  const expected = weights((await download(page, page.locator(testid('export-model')))).bytes);

  await press(page, 'train-reset');
  await become(page, 'idle');
  const before = (await kept(page, url, 'slots/')).length;
  await press(page, 'train-toggle');
  await until('a checkpoint is kept', async () => (await kept(page, url, 'slots/')).length > before);
  await past(page, 60);
  const last = await training(page);
  await crash(page);

  const again = await enter(context, url);
  await again.page.locator(testid('go-on')).waitFor();
  await screenshot(again.page, 'train-interrupted.png');
  await press(again.page, 'go-on');
  await again.page.waitForFunction(() => window.inkdrift.state().train.step > 0);
  const first = await training(again.page);
  t.diagnostic(
    `crashed at step ${last.step} after ${last.seconds.toFixed(1)} s, went on at about ${first.step}, ${first.seconds.toFixed(1)} s`,
  );
  assert.ok(last.seconds - first.seconds < 10);
  await screenshot(again.page, 'train-resumed.png', { fullPage: true });
  await become(again.page, 'done');
  assert.equal(weights((await download(again.page, again.page.locator(testid('export-model')))).bytes), expected);
  // Strokes are kept with so many digits, no more.
  assert.ok(meanDifference((await state(again.page)).a.pixels, drawn) < 0.01);
  await again.page.waitForFunction(() => document.querySelectorAll('.run').length === 2);
  assert.equal(
    weights((await download(again.page, again.page.locator('.run button', { hasText: words.en['runs.export'] }).last())).bytes),
    expected,
  );
  again.check();
  await context.close();
});

test('workers that die, one of two and then the last, are told of, and training goes on', async (t) => {
  const context = await newContext(browser);
  const { page, forgive, check } = await enter(context, url, '#train?workers=2&images=2000&batch=64&encoder=64&decoder=64&epochs=1000');
  await draw(page, 'a', written(5));
  await page.evaluate(() => window.inkdrift.train.step(5));
  await press(page, 'train-reset-new');
  await become(page, 'idle');
  const others = page.workers();
  await press(page, 'train-toggle');
  await past(page, 20);
  const { isolated, workers } = await state(page);
  assert.deepEqual([isolated, workers?.active, workers?.exchange], [true, 2, 'shared']);
  for (const [alive, message] of /** @type {const} */ ([
    [2, 'train.worker-lost'],
    [1, 'train.worker-replaced'],
  ])) {
    if (alive === 1) await until('a checkpoint is kept', async () => (await kept(page, url, 'slots/')).length >= 3);
    const mine = page.workers().filter((w) => !others.includes(w));
    assert.equal(mine.length, alive);
    const { step, seconds } = await training(page);
    await mine[alive - 1].evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('a worker dies');
        }),
    );
    await says(page, message);
    const after = await training(page);
    t.diagnostic(`died after step ${step} at ${seconds.toFixed(1)} s, went on from step ${after.step}`);
    assert.ok(seconds - after.seconds < 10);
    await past(page, step + 20);
    const { wanted, active, auto } = (await training(page)).workers;
    assert.deepEqual({ wanted, active, auto }, { wanted: 2, active: 1, auto: false });
    assert.equal((await state(page)).a.empty, false);
    await screenshot(page, `train-worker-lost-${alive}.png`);
  }
  await page.evaluate(() => window.inkdrift.train.pause());
  assert.ok(Number((await training(page)).validation.elbo) < 0);
  await until('both runs are there', async () => (await page.locator('.run').count()) === 2);
  forgive(/a worker dies/);
  check();
  await context.close();
});

test('two tabs with one run: one goes on with it, the other is told, and both keep what they train', async () => {
  const context = await newContext(browser);
  const start = await enter(context, url, `#train${small}&epochs=1000`);
  await start.page.evaluate(() => window.inkdrift.train.step(20));
  await start.page.waitForFunction(
    (word) => [...document.querySelectorAll('.run button')].some((b) => b.textContent === word),
    words.en['runs.export'],
  );
  await start.page.close(); // without a word, as when a browser is closed

  const [one, two] = [await enter(context, url), await enter(context, url)];
  for (const { page } of [one, two]) await page.locator(testid('go-on')).waitFor();
  for (const { page } of [one, two])
    await page.evaluate(() => {
      new BroadcastChannel('both').onmessage = () =>
        /** @type {HTMLElement | null} */ (document.querySelector('[data-testid=go-on]'))?.click();
    });
  await one.page.evaluate(() => new BroadcastChannel('both').postMessage('go on')); // to its own listener as well
  const running = async (/** @type {typeof one} */ tab) => (await training(tab.page)).status === 'running';
  await until('one of them trains', async () => (await running(one)) || (await running(two)));
  const [mine, other] = (await running(one)) ? [one, two] : [two, one];
  await past(mine.page, 21);
  await expectError(other.page, 'run-elsewhere');
  await mine.page.evaluate(() => window.inkdrift.train.pause());
  assert.equal((await training(other.page)).status, 'idle');
  await other.page.locator(testid('go-on')).waitFor({ state: 'hidden' });
  const theirs = run(other.page, words.en['runs.elsewhere']);
  await theirs.waitFor();
  assert.deepEqual(
    await theirs.locator('button', { hasText: new RegExp(`^(${words.en['runs.resume']}|${words.en['runs.delete']})$`) }).count(),
    0,
  );
  await other.page.locator('.runs').scrollIntoViewIfNeeded();
  await screenshot(other.page, 'train-two-tabs.png');

  await press(other.page, 'train-toggle');
  await past(other.page, 5);
  await other.page.evaluate(() => window.inkdrift.train.pause());
  const steps = [(await training(mine.page)).step, (await training(other.page)).step];
  for (const { page } of [mine, other]) {
    await page.bringToFront();
    for (const step of steps) {
      const text = `${step.toLocaleString('en')} step`;
      await page.locator('.run .facts-line', { hasText: new RegExp(`(^|[^\\d,])${text}`) }).waitFor(); // 8, not 388
    }
    assert.equal(await page.locator('.run').count(), 2);
  }
  await press(mine.page, 'train-reset');
  await run(other.page, words.en['runs.resume']).locator('button', { hasText: words.en['runs.resume'] }).click();
  await other.page.waitForFunction((n) => window.inkdrift.state().train.step === n, steps[0]);
  mine.check();
  other.check();
  await context.close();
});

test('without locks, a tab that lost its run stands still and says so, and goes on with a run of its own', async () => {
  const context = await newContext(browser);
  const unsafe = url.replace('127.0.0.1', elsewhere);
  const { page, check } = await enter(context, unsafe, `#train${small}&epochs=10000`);
  await press(page, 'train-toggle');
  await past(page, 10);
  const [name] = await kept(page, unsafe, 'runs/');
  await page.evaluate(
    async ([base, id]) => {
      const [{ openFileStore }, { TabLocks }] = await Promise.all([
        import(`${base}storage/file-store.js`),
        import(`${base}storage/tab-locks.js`),
      ]);
      // Another tab, which this one did not hear asking.
      await new TabLocks(await openFileStore(), undefined, 0).acquire(id);
    },
    [unsafe, name.split('/')[1]],
  );
  await become(page, 'paused');
  const { step } = await training(page);
  const note = page.locator(testid('train-end'));
  await note.waitFor();
  assert.equal(await note.textContent(), words.en['train.stopped-elsewhere'].replace('{step}', step.toLocaleString('en')));
  await screenshot(page, 'train-taken-over.png');
  await press(page, 'train-toggle');
  await past(page, step);
  await page.evaluate(() => window.inkdrift.train.pause());
  await until('both are in the list', async () => (await page.locator('.run').count()) === 2);
  check();
  await context.close();
});

test('a full disk and a storage that fails are told of; training, export and studio work on', async () => {
  // The cache for working offline would be full, too, and is not the point here.
  const context = await newContext(browser, { acceptDownloads: true });
  await context.addInitScript(() => {
    const { createWritable } = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.createWritable = function (...args) {
      if (window.broken) throw new DOMException('the disk is gone', 'InvalidStateError');
      return createWritable.apply(this, args);
    };
    const { persist } = StorageManager.prototype;
    window.asked = 0;
    StorageManager.prototype.persist = function () {
      window.asked++;
      return persist.call(this);
    };
  });
  const { page, check } = await enter(context, url, '#train?images=4000&batch=64');
  const session = await context.newCDPSession(page);
  const { origin } = new URL(url);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 });
  assert.equal(await page.evaluate(() => window.asked), 0);
  await press(page, 'train-toggle');
  const message = page.locator(`${testid('error')} p`, { hasText: words.en['error.disk-full'] });
  await message.waitFor();
  assert.equal(await page.evaluate(() => window.asked), 1);
  await past(page, (await training(page)).step + 50);
  assert.deepEqual(
    await sentences(page),
    [words.en['error.disk-full']],
    (await page.locator(`${testid('error')} .detail`).allTextContents()).join('; '),
  );
  await screenshot(page, 'train-full-disk.png');
  assert.ok((await download(page, page.locator(testid('export-model')))).bytes.length > 1e6);

  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await message.waitFor({ state: 'detached' });
  await page.evaluate(() => (window.broken = true));
  const note = page.locator(testid('storage-note'), { hasText: words.en['error.storage-failed'] });
  await note.waitFor();
  await past(page, (await training(page)).step + 50);
  await press(page, 'use-model');
  await page.locator('#morph').waitFor();
  assert.match((await page.locator('#model option:checked').textContent()) ?? '', /trained here/);
  await page.evaluate(() => (window.broken = false));
  await page.evaluate(() => window.inkdrift.train.pause());
  await until('all is well', async () => (await sentences(page)).length === 0 && !(await note.isVisible())).catch(async (e) =>
    assert.fail(`${e.message}: ${(await page.locator(testid('error')).allTextContents()).join('; ')}`),
  );
  check();
  await context.close();
});

test('where nothing can be kept the Train view says so and works', async () => {
  const context = await newContext(browser);
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'storage', { value: undefined });
    Object.defineProperty(window, 'indexedDB', {
      get: () => {
        throw new DOMException('forbidden', 'SecurityError');
      },
    });
  });
  const { page, check } = await enter(context, url, `#train${small}`);
  await page.locator(testid('storage-note'), { hasText: words.en['error.storage-memory'] }).waitFor();
  assert.deepEqual(await sentences(page), []);
  await page.evaluate(() => window.inkdrift.train.step(5));
  await run(page, words.en['runs.memory']).locator('button', { hasText: words.en['runs.use'] }).waitFor();
  check();
  await context.close();
});
