/**
 * What must not take long. These tests measure time: testrun runs them when no
 * others are running.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launch, newContext, serve, testid, visit } from './lib.mjs';
import { enter, past } from './train.mjs';
import { openTab } from './storage.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);

/** Bytes of the checkpoint of a model with 0.65 million parameters. */
const real = 3 * 4 * 652_824;

for (const platform of ['files', 'database']) {
  const kind = platform === 'files' ? 'opfs' : 'indexeddb';

  test(`${kind}: keeping a checkpoint of ${(real / 1e6).toFixed(1)} MB does not hold the page up`, async (t) => {
    const context = await newContext(browser);
    const page = await openTab(context, url, platform);
    const { times, tasks } = await page.evaluate(async (length) => {
      const slots = new keep.Checkpoints(keep.files, 'speed');
      const file = keep.file(1, length);
      await slots.save({ step: 0, file });
      /** @type {number[]} */
      const tasks = [];
      const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)));
      observer.observe({ entryTypes: ['longtask'] });
      const times = [];
      for (let step = 1; step <= 8; step++) {
        const start = performance.now();
        if (!(await slots.save({ step, file }))) throw new Error('it was not written');
        times.push(performance.now() - start);
        await new Promise((done) => setTimeout(done, 100));
      }
      observer.disconnect();
      return { times, tasks };
    }, real);
    times.sort((a, b) => a - b);
    t.diagnostic(
      `${times[4].toFixed(0)} ms each (${times[0].toFixed(0)} to ${times[7].toFixed(0)}), tasks over 50 ms: ${tasks.map((d) => d.toFixed(0)).join(', ') || 'none'}`,
    );
    // Other programs may hold a tab up once; what keeping does it does every time.
    assert.ok(tasks.length <= 2, `${tasks.length} long tasks in 8 checkpoints: ${tasks}`);
    await context.close();
  });
}

/**
 * The tasks of the pages' threads in a trace of the browser, longest first: how long each took, and how long of that it had a
 * processor, in milliseconds.
 *
 * @param {Buffer} trace
 * @returns {{wall: number, processor: number}[]}
 */
function tasksOf(trace) {
  /** @type {any[]} */
  const events = JSON.parse(trace.toString()).traceEvents;
  const thread = (/** @type {any} */ e) => `${e.pid} ${e.tid}`;
  const pages = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map(thread));
  const tasks = events.filter((e) => /RunTask$/.test(e.name) && e.ph === 'X' && pages.has(thread(e)));
  return tasks.map((e) => ({ wall: e.dur / 1000, processor: (e.tdur ?? e.dur) / 1000 })).sort((a, b) => b.processor - a.processor);
}

/**
 * Looks at a page for six seconds.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<{tasks: {wall: number, processor: number}[], long: number[]}>} the tasks of the pages' threads, longest
 *   first, and those that the Long Tasks API tells of
 */
async function tasksIn(page) {
  await page.evaluate(() => window.long.splice(0));
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.waitForTimeout(6000); // a checkpoint is among it
  const tasks = tasksOf(await browser.stopTracing());
  return { tasks, long: await page.evaluate(() => window.long) };
}

test('the page stays at hand while it trains, and while the pads follow the model', async (t) => {
  // A task waits where other programs share the processor, and a virtual machine counts what its host takes as the task's own: one
  // build's longest was 25 ms in one visit and 63 ms in the next. What is there in all of five visits is the page's.
  const looks = [
    { name: 'training', follow: false, most: 50, longest: Infinity },
    { name: 'following', follow: true, most: 50, longest: Infinity },
  ];
  for (let visit = 1; visit <= 5 && looks.some((l) => l.longest >= l.most); visit++) {
    const context = await newContext(browser);
    const { page, check } = await enter(context, url);
    await page.evaluate(() => {
      window.long = [];
      new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({
        type: 'longtask',
      });
    });
    await page.locator(testid('train-toggle')).click();
    await past(page, 20);
    for (const look of looks) {
      if (look.follow) await page.locator(testid('trial-follow')).check();
      const { tasks, long } = await tasksIn(page);
      t.diagnostic(
        `${look.name}: tasks over 50 ms: ${long.length ? `${long.join(', ')} ms` : 'none'}; longest of ${tasks.length} by processor time: ${tasks[0].processor.toFixed(1)} ms (${tasks[0].wall.toFixed(1)} ms in all)`,
      );
      assert.ok(tasks.length > 200);
      assert.ok(Math.max(0, ...long) < 500 && long.reduce((a, b) => a + b, 0) < 2000, `${long}`);
      look.longest = Math.min(look.longest, tasks[0].processor);
    }
    await page.evaluate(() => window.inkdrift.train.pause());
    check();
    await context.close();
  }
  for (const { name, longest, most } of looks) assert.ok(longest < most, `${name}: ${longest} ms`);
});

test('the morph takes its time, and twice as fast half of it', async () => {
  const context = await newContext(browser);
  const { page, check } = await visit(context, url);
  await page.waitForFunction(() => window.inkdrift.state().morph.frames > 0);
  await page.locator('#mode').selectOption('once');
  /** How long it takes from A to B, in milliseconds. @param {string} speed */
  const way = async (speed) => {
    await page.locator('#speed').selectOption(speed);
    await page.locator(testid('scrub')).fill('0');
    return page.evaluate(async () => {
      const started = performance.now();
      document.getElementById('play')?.click();
      while (window.inkdrift.state().morph.playing) await new Promise((done) => requestAnimationFrame(done));
      return performance.now() - started;
    });
  };
  const slow = await way('2');
  const fast = Math.min(await way('4'), await way('4')); // a busy machine may hold up one of them
  assert.ok(slow > 1450 && fast > 700, `at 2 x and 4 x it takes ${slow} and ${fast} ms`);
  assert.ok(slow > 1.2 * fast, `at 2 x and 4 x it takes ${slow} and ${fast} ms`);
  check();
  await context.close();
});
