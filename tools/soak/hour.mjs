/**
 * Training for an hour in Chromium, with a drawing that follows the model: the heap
 * and the number of nodes of the page must stay flat.
 */
import { draw, written } from '../e2e/hand.mjs';
import { launch } from '../e2e/start.mjs';

/** Milliseconds between two measurements, and the part of the time in which everything is made that stays. */
const every = 10_000;
const warmUp = 0.25;

/** Growth from then on that is none: of the heap, of nodes and of listeners. */
const flat = { heap: 1.15, nodes: 1.05, listeners: 1.05 };

/** @typedef {{seconds: number, heap: number, nodes: number, listeners: number, step: number}} Sample */

/**
 * @param {string} url of the page
 * @param {number} minutes
 */
export async function trainLong(url, minutes) {
  const browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, serviceWorkers: 'block' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('pageerror', (e) => problems.push(String(e)));
  await page.goto(`${url}#train?images=20000&batch=50&encoder=64&decoder=64&epochs=1000`);
  await page.locator('[data-testid=train-toggle]').waitFor();
  await page.evaluate(() => window.inkdrift.ready);
  await draw(page, 'a', written(3));
  await page.locator('[data-testid=train-toggle]').click();
  await page.waitForFunction(() => window.inkdrift.state().train?.step > 20);
  await page.locator('[data-testid=trial-follow]').first().check();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  /** @type {Sample[]} */
  const samples = [];
  const began = Date.now();
  while (Date.now() - began < minutes * 60_000) {
    await new Promise((done) => setTimeout(done, every));
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (/** @type {string} */ name) => metrics.find((m) => m.name === name)?.value ?? NaN;
    samples.push({
      seconds: Math.round((Date.now() - began) / 1000),
      heap: of('JSHeapUsedSize'),
      nodes: of('Nodes'),
      listeners: of('JSEventListeners'),
      step: await page.evaluate(() => window.inkdrift.state().train?.step ?? 0),
    });
  }
  await browser.close();
  return { minutes, samples, steps: samples.at(-1)?.step ?? 0, problems };
}

/**
 * How the heap, nodes and listeners have grown, and what of it is too much. Browsers
 * free nodes now and then, so that their number goes up and down like a saw: what
 * counts is how low it comes at first and at last.
 *
 * @param {Sample[]} samples
 */
export function growthOf(samples) {
  const rest = samples.slice(Math.floor(samples.length * warmUp));
  const third = Math.max(1, Math.floor(rest.length / 3));
  const least = (/** @type {Sample[]} */ part, /** @type {keyof typeof flat} */ name) => Math.min(...part.map((s) => s[name]));
  const growth = /** @type {Record<keyof typeof flat, number>} */ ({});
  /** @type {string[]} */
  const problems = [];
  for (const name of /** @type {(keyof typeof flat)[]} */ (Object.keys(flat))) {
    growth[name] = least(rest.slice(-third), name) / least(rest.slice(0, third), name);
    if (!(growth[name] <= flat[name])) problems.push(`${name} grow by ${growth[name].toFixed(2)}`);
  }
  return { growth, problems };
}
