/**
 * What the tests of the Train view share.
 */
import { createHash } from 'node:crypto';

import { state, testid, watch } from './lib.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @typedef {import('../../web/training/training-session.js').TrainingSession['state']} TrainState what scripts see of a run */

/** @param {Page} page one that has shown the train view */
export const training = async (page) => /** @type {TrainState} */ ((await state(page)).train);

/**
 * Opens the Train view.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} address of the page
 * @param {string} [hash]
 */
export async function enter(context, address, hash = '#train') {
  const page = await context.newPage();
  const watcher = watch(page);
  await page.goto(address + hash);
  await page.locator(testid('train-toggle')).waitFor();
  await page.evaluate(() => window.inkdrift.ready);
  return { page, ...watcher };
}

/** @param {Page} page @param {string} status */
export const become = (page, status) => page.waitForFunction((s) => window.inkdrift.state().train.status === s, status);

/** Waits until more steps than that were taken. @param {Page} page @param {number} step */
export const past = (page, step) => page.waitForFunction((n) => window.inkdrift.state().train.step > n, step);

/**
 * A checksum of the weights of a safetensors file, without the free text before them
 * and the moments of a run behind them, which are those of one visit.
 *
 * @param {Buffer} file
 */
export function weights(file) {
  const start = 8 + Number(file.readBigUInt64LE());
  const { 'inkdrift.moments': moments } = JSON.parse(file.toString('utf8', 8, start));
  const end = moments ? start + moments.data_offsets[0] : file.length;
  return createHash('sha256').update(file.subarray(start, end)).digest('hex');
}
