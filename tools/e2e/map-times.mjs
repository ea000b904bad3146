/**
 * How long it takes from a move of the pointer over the map of Draw to the decoded
 * picture.
 */

/**
 * Shows the map, moves the pointer over it, and waits for each picture.
 *
 * @param {import('playwright-core').Page} page in Draw
 * @param {{moves: number, first: number}} count of the moves, and of the first of them, which come while the ground is
 *   decoded for the first time: their times are left out
 * @returns {Promise<number[]>} milliseconds, sorted
 */
export async function timesToPicture(page, { moves, first }) {
  await page.locator('#latent-map').evaluate((e) => e.scrollIntoView({ block: 'start' }));
  await page.waitForFunction(() => (window.inkdrift.state().map?.a ?? null) !== null);
  await page.evaluate(() => {
    window.looks = [];
    /** @type {number | null} */
    let begun = null;
    window.addEventListener('pointermove', (e) => (begun ??= e.timeStamp), { capture: true });
    window.inkdrift.on('change', ({ map }) => {
      if (map && begun !== null) window.looks.push(performance.now() - begun);
      begun = null;
    });
  });
  const r = await page.evaluate(() => window.inkdrift.rects().map);
  for (let i = 0; i < moves; i++) {
    await page.mouse.move(r.x + r.width * (0.1 + (0.8 * i) / moves), r.y + r.height * 0.7);
    await page.waitForFunction((n) => window.looks.length > n, i);
  }
  return (await page.evaluate(() => window.looks)).slice(first).sort((a, b) => a - b);
}

/**
 * The value that a part of all are not above.
 *
 * @param {number[]} times sorted
 * @param {number} part
 */
export const percentile = (times, part) => times[Math.ceil(part * times.length) - 1];
