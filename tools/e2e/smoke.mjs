/**
 * The main job, whole, in one visit: drawn, read, morphed, saved, passed on, trained,
 * kept, and used without a network. It runs in browsers that the other tests do not
 * use (smoke-*.test.mjs), with real pointer events.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { written } from './hand.mjs';
import { readGIF, readPNG } from './pictures.mjs';
import { dist, patience, root, serve } from './start.mjs';

/** @typedef {import('./driver.mjs').Driver} Driver */

/** The words of the page. @type {Record<string, string>} */
const words = JSON.parse(readFileSync(join(dist, 'locales/en.json'), 'utf8'));

/** What the page says when it can be used. */
const ready = ['status.ready', 'status.ready-examples'].map((key) => words[key]);

/** A small experiment that takes longer than the test. */
const experiment = '#train?images=500&batch=50&encoder=64&decoder=64&epochs=1000';

/** What shows that a view is there, beside the pads'. */
const views = {
  hand: '[data-testid=hand-pictures]',
  lab: '[data-testid^=lab-][data-testid$=-start]',
  gallery: '[data-testid=gallery-open-digits-2d]',
  train: '[data-testid=train-toggle]',
};

const artifacts = process.env.ARTIFACTS ? resolve(root, process.env.ARTIFACTS) : '';
if (artifacts) mkdirSync(artifacts, { recursive: true });

/**
 * Does it all.
 *
 * @param {import('node:test').TestContext} t
 * @param {() => Promise<Driver>} launch
 */
export async function smoke(t, launch) {
  const server = await serve();
  /** @type {Driver | undefined} */
  let driver;
  try {
    driver = await launch();
    t.diagnostic(driver.version);
    const visit = new Visit(driver, server);
    for (const step of steps) {
      const began = performance.now();
      try {
        await visit[step]();
        await visit.check();
      } catch (e) {
        await visit.picture(`failed-${step}`).catch(() => {});
        throw new Error(`${step}: ${e instanceof Error ? e.message : e}\n${await visit.seen().catch(String)}`, { cause: e });
      }
      t.diagnostic(`${step}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
  } finally {
    await driver?.end();
    server.end();
  }
}

/** What is done, in this order: each builds on those before. */
const steps = /** @type {const} */ ([
  'opens',
  'draws',
  'morphs',
  'savesGIF',
  'copiesLink',
  'showsViews',
  'trains',
  'keepsRun',
  'followsLink',
  'scrolls',
  'worksOffline',
]);

/**
 * Looks again and again until there is something.
 *
 * @template T
 * @param {string} what in the message when it never is
 * @param {() => T | Promise<T>} look
 * @returns {Promise<NonNullable<T>>}
 */
async function eventually(what, look) {
  const end = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(performance.now() < end, `it never came about that ${what}`);
    await pause(100);
  }
}

/**
 * The middle of what a selector finds, once it rests there and nothing covers it. It runs in the page.
 *
 * @param {string} what
 */
async function place(what) {
  const element = document.querySelector(what);
  if (!(element instanceof HTMLElement) || element.matches(':disabled')) return null;
  const middle = () => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
  };
  element.scrollIntoView({ block: 'nearest' });
  const before = middle();
  for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
  const { x, y } = middle();
  const top = document.elementFromPoint(x, y);
  return x === before.x && y === before.y && top && element.contains(top) ? { x, y } : null;
}

class Visit {
  #driver;
  #server;
  /** The link to what was drawn, and what that is. */
  #link = '';
  /** @type {{labels: (number | null)[], mu: number[]}} */
  #drawn = { labels: [], mu: [] };

  /**
   * @param {Driver} driver
   * @param {Awaited<ReturnType<typeof serve>>} server
   */
  constructor(driver, server) {
    this.#driver = driver;
    this.#server = server;
  }

  /** Runs a function in the page. @type {import('./driver.mjs').Evaluate} */
  page(run, ...args) {
    return this.#driver.evaluate(run, ...args);
  }

  /** There is no error, neither on the console nor in words. */
  async check() {
    const said = await this.page(() => [...document.querySelectorAll('[data-testid=error] p, #start-failure p')].map((p) => p.textContent));
    assert.deepEqual([...(await this.#driver.problems()), ...said], []);
  }

  /** What the page says, for who looks into a failure. @returns {Promise<string>} */
  seen() {
    return this.page(() => {
      const { a, b, morph, train } = window.inkdrift.state();
      const status = document.querySelector('[data-testid=status]')?.textContent;
      return JSON.stringify({
        url: location.href,
        status,
        labels: [a.label, b.label],
        t: morph.t,
        run: [train.status, train.step, train.elbo],
      });
    });
  }

  /** A picture for people to look at, where they asked for them. @param {string} what */
  async picture(what) {
    if (artifacts)
      writeFileSync(join(artifacts, `${this.#driver.version.split(' ')[0].toLowerCase()}-${what}.png`), await this.#driver.screenshot());
  }

  /**
   * Looks again and again until something holds in the page.
   *
   * @template {any[]} A
   * @param {string} what in the message when it never does
   * @param {(...args: A) => unknown} holds runs in the page
   * @param {A} args
   */
  until(what, holds, ...args) {
    return eventually(what, () => this.page(holds, ...args));
  }

  /**
   * Presses something with the pointer.
   *
   * @param {string} what a selector
   */
  async press(what) {
    await this.page((what) => {
      const listen = (/** @type {Event} */ e) => {
        if (!(e.target instanceof Element && e.target.closest(what))) return;
        document.documentElement.dataset.pressed = what;
        removeEventListener('click', listen, true);
      };
      delete document.documentElement.dataset.pressed;
      addEventListener('click', listen, true);
    }, what);
    // On a slow machine what stands above it may still come, between two looks and the press.
    await eventually(`${what} is pressed`, async () => {
      const at = await this.page(place, what);
      if (!at) return false;
      await this.#move([
        { type: 'pointerMove', ...at },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ]);
      return this.page((what) => document.documentElement.dataset.pressed === what, what);
    });
  }

  /** @param {object[]} actions */
  #move(actions) {
    return this.#driver.perform([{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }]);
  }

  /** @param {'a' | 'b'} pad @param {number} digit */
  async #draw(pad, digit) {
    if (await this.page((id) => !(/** @type {HTMLButtonElement} */ (document.getElementById(id)).disabled), `clear-${pad}`)) {
      await this.press(`#clear-${pad}`);
    }
    const rect = await this.page((pad) => {
      document.getElementById(`pad-${pad}`)?.scrollIntoView({ block: 'nearest' });
      return window.inkdrift.rects()[pad === 'a' ? 'padA' : 'padB'];
    }, pad);
    const actions = written(digit, { between: 1 }).flatMap((stroke) => {
      const [first, ...rest] = stroke.map(([x, y]) => ({
        type: 'pointerMove',
        duration: 0,
        x: Math.round(rect.x + x * rect.width),
        y: Math.round(rect.y + y * rect.height),
      }));
      return [first, { type: 'pointerDown', button: 0 }, ...rest, { type: 'pointerUp', button: 0 }];
    });
    await this.#move(actions);
    // What was changed goes out at the next frame, and a request behind it comes back after it.
    await this.page(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      for (let i = 0; i < 2; i++) await frame();
      for (let i = 0; i < 2; i++) await window.inkdrift.encode(new Array(784).fill(0));
    });
    await this.until(`pad ${pad} shows a ${digit}`, (pad, digit) => window.inkdrift.state()[pad].label === digit, pad, digit);
  }

  async #ready() {
    await this.until('the modules run', () => 'inkdrift' in window);
    await this.page(() => window.inkdrift.ready);
    await this.until('it is ready', (ready) => ready.includes(document.querySelector('[data-testid=status]')?.textContent ?? ''), ready);
  }

  async opens() {
    await this.#driver.open(this.#server.url);
    await this.#ready();
    const backend = await this.page(() => window.inkdrift.state().backend);
    assert.match(backend ?? '', /^(strict|relaxed)$/, 'the SIMD kernel computes');
  }

  async draws() {
    await this.#draw('a', 3);
    await this.#draw('b', 8);
    const { a, b } = await this.page(() => window.inkdrift.state());
    this.#drawn = { labels: [a.label, b.label], mu: [...a.mu, ...b.mu] };
    const labels = await this.page(() => ['a', 'b'].map((pad) => document.querySelector(`[data-testid=label-${pad}]`)?.textContent));
    assert.match(labels.join(), /\b3\b.*\d %.*\b8\b.*\d %/);
    for (const { pixels, recon } of [a, b]) {
      const off = recon.reduce((/** @type {number} */ sum, p, i) => sum + Math.abs(p - pixels[i]), 0) / 784;
      assert.ok(off < 0.06, `the reconstruction is ${off} off`);
    }
    await this.picture('drawn');
  }

  async morphs() {
    const show = (/** @type {string} */ t) =>
      this.page((t) => {
        const slider = /** @type {HTMLInputElement} */ (document.querySelector('[data-testid=scrub]'));
        slider.value = t;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }, t);
    await show('0');
    const from = await eventually('A is painted', async () => {
      const seen = await this.#morph();
      return seen.dark > 0.01 ? seen : null;
    });
    await show('1');
    await eventually('the picture of B is another', async () => {
      const { greys, dark } = await this.#morph();
      return dark > 0.01 && from.greys.filter((g, i) => Math.abs(g - greys[i]) > 64).length > 0.01 * greys.length;
    });

    const place = () => this.page(() => window.inkdrift.state().morph.t);
    const began = await place();
    await this.press('[data-testid=play]');
    await this.until('it moves', (began) => Math.abs(window.inkdrift.state().morph.t - began) > 0.2, began);
    await this.press('[data-testid=play]');
    assert.equal(await this.page(() => window.inkdrift.state().morph.playing), false);
  }

  /** What is seen of the morph: greys, and how much of it is dark. */
  async #morph() {
    const { x, y, width, height } = await this.page(() => {
      document.getElementById('morph')?.scrollIntoView({ block: 'nearest' });
      return window.inkdrift.rects().morph;
    });
    const shot = readPNG(await this.#driver.screenshot());
    /** @type {number[]} */
    const greys = [];
    for (let v = Math.ceil(y) + 4; v < y + height - 4; v++) {
      for (let u = Math.ceil(x) + 4; u < x + width - 4; u++) greys.push(shot.grey(u, v));
    }
    return { greys, dark: greys.filter((g) => g < 100).length / greys.length };
  }

  async savesGIF() {
    await this.press('[data-testid=export-gif]');
    const path = join(this.#driver.downloads, 'inkdrift-3-to-8.gif');
    const read = () => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
    await eventually(`${path} is saved`, () => read().at(-1) === 0x3b); // it is there before it is whole
    const gif = readGIF(read());
    assert.ok(gif.frames > 2 && gif.width >= 224, JSON.stringify(gif));
  }

  async copiesLink() {
    this.#link = await this.page(() => window.inkdrift.link());
    await this.press('[data-testid=copy-link]');
    await this.until(
      'it is copied',
      (said) => document.querySelector('.settings .answer')?.textContent?.startsWith(said),
      words['link.copied'],
    );
    // Another person draws something else.
    await this.#draw('a', 1);
  }

  async showsViews() {
    for (const [name, what] of Object.entries(views)) {
      await this.press(`#to-${name}`);
      await this.until(`${name} shows itself`, (what) => document.querySelector(what)?.checkVisibility?.(), what);
      await this.check();
      await this.picture(name);
    }
  }

  async trains() {
    await this.page((hash) => (location.hash = hash), experiment);
    await this.until('the address is followed', () => window.inkdrift.state().train.settings?.epochs === 1000);
    await this.press('[data-testid=train-toggle]');
    await this.until('it trains', () => window.inkdrift.state().train.elbo !== null);
    const first = await this.page(() => window.inkdrift.state().train);
    assert.match(first.backend ?? '', /^(strict|relaxed)$/, 'the SIMD kernel computes');
    const better = (/** @type {number} */ elbo) => (window.inkdrift.state().train.elbo ?? -Infinity) > elbo;
    await this.until('the ELBO has risen', better, (first.elbo ?? 0) + 100);
    await this.picture('trained');
    await this.#rest();
  }

  /** The run pauses, which writes its state. */
  async #rest() {
    await this.press('[data-testid=train-toggle]');
    await this.until('it rests', () => window.inkdrift.state().train.status === 'paused');
  }

  async keepsRun() {
    const { step } = await this.page(() => window.inkdrift.state().train);
    await this.until(
      'the state of the run is written',
      async (base, step) => {
        const [{ openFileStore }, { Checkpoints }] = await Promise.all(
          ['storage/file-store.js', 'training/checkpoints.js'].map((path) => import(base + path)),
        );
        const files = await openFileStore();
        const [name] = await files.list('slots/');
        return name && (await new Checkpoints(files, name.split('/')[1]).latest())?.step === step;
      },
      ...[this.#server.url, step],
    );
    await this.#driver.restart();
    await this.#driver.open(`${this.#server.url}#train`);
    await this.press('.run [data-for^="resume "]');
    await this.until('the run is there again', (step) => window.inkdrift.state().train.step === step, step);
    await this.press('[data-testid=train-toggle]');
    await this.until('it goes on', (step) => window.inkdrift.state().train.step > step, step);
    await this.picture('kept');
    await this.#rest();
  }

  async followsLink() {
    await this.press('#to-studio');
    await this.until('the other drawing is there again', () => window.inkdrift.state().a.label === 1);
    await this.page((hash) => (location.hash = hash), new URL(this.#link).hash);
    await this.until(
      'it shows what the link has',
      (labels) => {
        const { a, b } = window.inkdrift.state();
        return a.label === labels[0] && b.label === labels[1];
      },
      this.#drawn.labels,
    );
    const { a, b } = await this.page(() => window.inkdrift.state());
    const off = Math.max(...[...a.mu, ...b.mu].map((v, i) => Math.abs(v - this.#drawn.mu[i])));
    assert.ok(off < 1e-6, `mu is ${off} off`);
  }

  /** Everything of the first view is used once: only what was used is there without a network. */
  async scrolls() {
    for (const [part, content] of [
      ['latent-map', '#map-legend'],
      ['try', '#try button'],
    ]) {
      await this.page((part) => document.getElementById(part)?.scrollIntoView(), part);
      await this.until(`${part} has come`, (what) => document.querySelector(what)?.checkVisibility?.(), content);
    }
    await this.picture('map');
    await this.page(() => scrollTo(0, 0));
  }

  async worksOffline() {
    await this.page(() => navigator.serviceWorker.ready.then(() => true));
    await this.until('what was used is kept', async () => {
      const used = performance.getEntriesByType('resource').filter(({ name }) => /\/try[.-]/.test(name));
      const kept = await Promise.all(used.map(({ name }) => caches.match(name.split('?')[0])));
      // try-parts.js is the last of them: the others import it.
      return used.some(({ name }) => /\/try-parts\.js/.test(name)) && kept.every(Boolean);
    });
    this.#server.end();
    await this.#driver.reload();
    await this.#ready();
    await this.#draw('b', 6);
    await this.until('it morphs', () => window.inkdrift.state().morph.frames > 0);
    await this.picture('offline');
  }
}
