/**
 * Makes the example results that the experiments open with: runs each in the
 * browser, with its usual settings or those of a lesson, and writes what came out to web/examples/.
 *
 *   go run ./tools/build -out dist
 *   node tools/examples/examples.mjs [sweep] [labels] [versus] [versus-collapse]
 *
 * It uses the browser, and the build, of tools/e2e/start.mjs. Alone on a usual
 * computer all take about twelve minutes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { launch, root, serve } from '../e2e/start.mjs';

/**
 * The examples, with their experiments and settings that do not depend on how fast the computer is. A GAN that is made to
 * collapse does so early.
 *
 * @type {Record<string, {experiment: string, settings: string}>}
 */
const examples = {
  sweep: { experiment: 'sweep', settings: '' },
  labels: { experiment: 'labels', settings: '' },
  versus: { experiment: 'versus', settings: '&minutes=0' },
  'versus-collapse': { experiment: 'versus', settings: '&gan=collapse&pictures=12000&minutes=0' },
};

/** How long one may take. */
const most = 3_600_000;

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(examples);
const folder = join(root, 'web/examples');
mkdirSync(folder, { recursive: true });

const { url, end } = await serve();
const browser = await launch();
try {
  for (const name of names) {
    if (!Object.hasOwn(examples, name)) throw new Error(`${name} is no example: ${Object.keys(examples).join(', ')}`);
    const { experiment, settings } = examples[name];
    const page = await browser.newPage({ serviceWorkers: 'block' });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (e) => console.error(e));
    await page.goto(`${url}#lab?e=${experiment}${settings}`);
    const start = page.locator(`[data-testid="lab-${experiment}-start"]`);
    await start.waitFor();
    const began = Date.now();
    /** @type {Promise<any>} */
    const running = page.evaluate(
      (id) =>
        new Promise((done) => document.getElementById(id)?.addEventListener('result', (e) => done(/** @type {CustomEvent} */ (e).detail))),
      `lab-${experiment}`,
    );
    await start.click();
    const timer = setTimeout(() => void browser.close(), most);
    const result = await running;
    clearTimeout(timer);
    const seconds = Math.round((Date.now() - began) / 1000);
    const version = await page.evaluate(async () => {
      const { version } = await import(new URL('app/version.js', location.href).href);
      return version;
    });
    const example = { version, date: new Date().toISOString().slice(0, 10), seconds, cores: availableParallelism(), result };
    const text = `${JSON.stringify(example)}\n`;
    writeFileSync(join(folder, `${name}.json`), text);
    console.log(`${name}: ${text.length} bytes, ${seconds} s`);
    await page.close();
  }
} finally {
  await browser.close();
  end();
}
