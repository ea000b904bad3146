/**
 * Measures in Chromium what map.mjs measures under Node: one run in the Train view,
 * with its map in sight and without in turn. Then it moves the pointer over the map of
 * Draw, and takes the time to the decoded picture. It prints one JSON object; nothing
 * else should run meanwhile.
 *
 *   node tools/wasmtrain/livemap.mjs [PRESET] [ROUNDS]
 *
 * PRESET is one of the page (default: quick), ROUNDS how often the map comes into sight
 * (default: 20). It uses the browser, and the build, of tools/e2e/start.mjs.
 */
import { percentile, timesToPicture } from '../e2e/map-times.mjs';
import { flags, launch, patience, serve } from '../e2e/start.mjs';

const [preset = 'quick', rounds = '20'] = process.argv.slice(2);

/** Milliseconds with the map, and without it. */
const slice = 2000;

/** Moves of the pointer, and those of them that come while the ground is decoded for the first time. */
const moves = { moves: 120, first: 20 };

const { url, end } = await serve();
// Hot functions are compiled once more, as in any other browser; those of the tests leave that out.
const browser = await launch([...flags.noWebGL, '--js-flags=']);
try {
  const page = await browser.newPage({ serviceWorkers: 'block', viewport: { width: 1366, height: 900 } });
  page.setDefaultTimeout(patience);
  page.on('pageerror', (e) => console.error(e));
  await page.goto(`${url}#train?preset=${preset}&workers=1&epochs=1000`);
  const map = page.locator('[data-testid=map]').first();
  await map.waitFor();
  await page.evaluate((settings) => window.inkdrift.train.start(settings), { preset, workers: 1, epochs: 1000 });

  /** @param {boolean} on */
  const show = (on) =>
    map.evaluate((slot, on) => {
      const whole = /** @type {HTMLElement} */ (slot.closest('section, figure'));
      whole.style.display = on ? '' : 'none';
      if (on) slot.scrollIntoView({ block: 'center' });
    }, on);
  const now = () =>
    page.evaluate(() => ({
      time: performance.now(),
      step: window.inkdrift.state().train.step,
      refreshes: /** @type {{refreshes?: number} | null} */ (window.inkdrift.state().map)?.refreshes ?? 0,
    }));
  const none = () => ({ seconds: 0, steps: 0, refreshes: 0 });
  const counted = { on: none(), off: none() };
  /** @param {boolean} on whether the map is in sight @param {typeof counted.on} to */
  const measure = async (on, to) => {
    await show(on);
    await page.waitForTimeout(300); // the page is laid out anew
    const before = await now();
    await page.waitForTimeout(slice);
    const after = await now();
    to.seconds += (after.time - before.time) / 1000;
    to.steps += after.step - before.step;
    to.refreshes += after.refreshes - before.refreshes;
  };
  for (const on of [true, false]) await measure(on, none()); // until the engine is warm
  for (let k = 0; k < Number(rounds); k++) {
    // What comes first changes, so that a machine that becomes slower favours neither.
    for (const on of k % 2 === 0 ? [true, false] : [false, true]) await measure(on, counted[on ? 'on' : 'off']);
  }
  await page.evaluate(() => window.inkdrift.train.reset());
  const { on, off } = counted;
  const rate = (/** @type {typeof counted.on} */ { steps, seconds }) => steps / seconds;

  await page.evaluate(() => (location.hash = '#studio'));
  const times = await timesToPicture(page, moves);
  console.log(
    JSON.stringify({
      ...{ preset, rounds: Number(rounds), refreshesPerSecond: { on: on.refreshes / on.seconds, off: off.refreshes / off.seconds } },
      ...{ stepsPerSecond: { on: rate(on), off: rate(off) }, speed: rate(on) / rate(off) },
      pointerToPictureMs: { median: percentile(times, 0.5), of95: percentile(times, 0.95) },
    }),
  );
} finally {
  await browser.close();
  end();
}
