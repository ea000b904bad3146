/**
 * How long looking at a place of the map takes, and drawing while the map is decoded. These tests measure time: testrun
 * runs them when no others are running.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launch, newContext, serve, visit } from './lib.mjs';
import { percentile, timesToPicture } from './map-times.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser);
const { page, check, forgive } = await visit(context, url);
forgive(/WebGL/);

/** What it must not be beyond on the busiest machine, in milliseconds. The aim is 50 on a quiet one: see what the tests print, and tools/wasmtrain/livemap.mjs. */
const bound = 400;

test('the picture under the pointer is decoded at once', async (t) => {
  const times = await timesToPicture(page, { moves: 80, first: 20 });
  t.diagnostic(`median ${percentile(times, 0.5).toFixed(1)} ms, 95th percentile ${percentile(times, 0.95).toFixed(1)} ms`);
  assert.ok(percentile(times, 0.95) < bound, `${times.map(Math.round)}`);
  check();
});

test('drawing comes first while the ground is decoded', async (t) => {
  const times = await page.evaluate(async () => {
    const blank = new Array(784).fill(0);
    const plane = /** @type {HTMLSelectElement} */ (document.getElementById('map-plane'));
    const times = [];
    for (const kind of ['dimensions', 'drawings', 'dimensions', 'drawings']) {
      plane.value = kind;
      plane.dispatchEvent(new Event('change'));
      for (let i = 0; i < 15; i++) {
        const begun = performance.now();
        await window.inkdrift.encode(blank);
        times.push(performance.now() - begun);
        await new Promise((done) => requestAnimationFrame(done));
      }
    }
    return times.sort((a, b) => a - b);
  });
  t.diagnostic(`median ${percentile(times, 0.5).toFixed(1)} ms, 95th percentile ${percentile(times, 0.95).toFixed(1)} ms`);
  assert.ok(percentile(times, 0.95) < bound, `${times.map(Math.round)}`);
  check();
});
