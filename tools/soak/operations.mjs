/**
 * In Chromium, each operation of storage in turn throws or never ends: for k from 1
 * to 30, on both kinds of storage.
 */
import { launch, patience } from '../e2e/start.mjs';
import { failOnce, mostLost } from '../e2e/operations.mjs';

/** Cases at the same time: each waits most of its time. */
const together = 4;

/**
 * @param {string} url of the page
 * @param {number} [last] the highest k
 */
export async function failOperations(url, last = 30) {
  const browser = await launch();
  const newContext = async (/** @type {import('playwright-core').Browser} */ b) => {
    const context = await b.newContext({ serviceWorkers: 'block' });
    context.setDefaultTimeout(patience);
    context.setDefaultNavigationTimeout(patience);
    return context;
  };
  /** @type {{platform: 'files' | 'database', fault: 'throws' | 'hangs', k: number}[]} */
  const cases = [];
  for (const platform of /** @type {const} */ (['files', 'database'])) {
    for (const fault of /** @type {const} */ (['throws', 'hangs'])) for (let k = 1; k <= last; k++) cases.push({ platform, fault, k });
  }
  const totals = { cases: cases.length, injected: 0, survived: 0, lost: /** @type {string[]} */ ([]), most: 0 };
  const queue = [...cases];
  await Promise.all(
    Array.from({ length: together }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { platform, fault, k } = next;
        const seen = await failOnce(browser, newContext, url, platform, fault, k);
        if (seen.injected) totals.injected++;
        totals.most = Math.max(totals.most, seen.last - seen.found);
        if (seen.whole && seen.found >= seen.last - mostLost) totals.survived++;
        else totals.lost.push(`${platform}, operation ${k} ${fault}: ${JSON.stringify(seen)}`);
      }
    }),
  );
  await browser.close();
  return totals;
}
