/**
 * The prepared lessons: each address opens what it says, and what it promises
 * comes about.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lessons } from '../../web/app/lessons.js';
import { draw, written } from './hand.mjs';
import { launch, newContext, screenshot, serve, state, testid, until, visit, words } from './lib.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { viewport: { width: 1366, height: 768 } });
const { page, check } = await visit(context, url);

/** Opens a lesson in the page. @param {string} name */
async function open(name) {
  const lesson = lessons.find((l) => l.name === name);
  assert.ok(lesson, name);
  await page.evaluate((hash) => (location.hash = hash), lesson.address);
}

/** What scripts see of the run. */
const train = async () => (await state(page)).train;

/** Ends the run, and opens a lesson about training, with the beta that it names. @param {string} name @param {number} beta */
async function begin(name, beta) {
  await page.evaluate(() => window.inkdrift.train.reset());
  await open(name);
  await until('the settings are those of the lesson', async () => (await train()).settings?.beta === beta && (await train()).step === 0);
  await page.locator(testid('train-toggle')).click();
}

/** @param {string} what @param {(run: Awaited<ReturnType<typeof train>>) => boolean} holds */
const comesAbout = (what, holds) => until(what, async () => holds(await train()));

test('beta 0: the KL divergence grows far beyond that of a VAE', async () => {
  await begin('autoencoder', 0);
  await comesAbout('the KL divergence is above 50 nats', ({ kl }) => kl !== null && kl > 50);
  await screenshot(page, 'lesson-autoencoder.png');
});

test('a map: with beta 4 the KL divergence falls', async () => {
  await begin('kl', 0.1);
  await comesAbout('some steps are taken', ({ step }) => step >= 60);
  const { kl } = await train();
  await page.locator('#set-beta').fill('4');
  await page.locator('#set-beta').blur();
  await comesAbout('it falls to less than half', (run) => run.kl !== null && kl !== null && run.kl < kl / 2);
  assert.equal((await train()).settings?.latent, 2);
});

test('beta 40: the posterior collapses', async () => {
  await begin('collapse', 40);
  await comesAbout('the KL divergence is below 1 nat', ({ kl, step }) => step > 20 && kl !== null && kl < 1);
  await page.evaluate(() => window.inkdrift.train.pause());
});

/** Waits for an example result and what it comes to. @param {string} experiment */
async function example(experiment) {
  await page.locator(testid(`lab-${experiment}-example`)).waitFor();
  await until('it says what came out', async () => ((await page.locator(testid(`${experiment}-verdict`)).textContent()) ?? '') !== '');
}

test('two dimensions and forty: an example result is there, and the experiment is prepared', async () => {
  await open('dimensions');
  await example('sweep');
  assert.match(await page.evaluate(() => location.hash), /sizes=2-40/);
  await screenshot(page, 'lesson-dimensions.png');
});

test('a GAN that collapses beside a VAE: the result of one is there, and what starts is made to collapse', async () => {
  await open('gan');
  await example('versus');
  const verdict = page.locator(testid('versus-gan-verdict'));
  await until('mode collapse is named', async () => /^Mode collapse/.test((await verdict.textContent()) ?? ''));
  const covered = async (/** @type {string} */ side) =>
    Number.parseInt((await page.locator(testid(`versus-${side}-covered`)).textContent()) ?? '', 10);
  assert.ok((await covered('gan')) < (await covered('vae')));
  assert.match(await page.evaluate(() => location.hash), /gan=collapse/);
  await screenshot(page, 'lesson-gan.png');
});

test('one drawing gives ten digits in the same handwriting', async () => {
  await open('hand');
  const verdict = page.locator(testid('hand-verdict'));
  await until('the model writes', async () => ((await verdict.textContent()) ?? '') !== '');
  await page.locator(testid('clear-a')).click();
  await until('the pad is empty', async () => (await verdict.textContent()) === words.en['hand.empty']);
  await draw(page, 'a', written(3));
  await until('it is written like the drawing', async () => (await verdict.textContent()) !== words.en['hand.empty']);
  await screenshot(page, 'lesson-hand.png');
  check();
});
