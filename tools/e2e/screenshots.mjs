/**
 * Every view in every state, on windows of all sizes, in both themes and both
 * languages: a picture of each for people to look at, and what a program can see
 * to be wrong. By hand; all of it takes most of an hour:
 *
 *   go run ./tools/build -out dist
 *   node tools/e2e/screenshots.mjs -out DIR [-only REGEXP] [-sizes 1366x768,390x844] [-ways light-en,dark-zh] [-axe] [-fold]
 *
 * DIR gets STATE.WIDTHxHEIGHT.THEME-LANGUAGE.png. -only chooses states by their
 * names, -list prints them; -ways chooses themes and languages. Without -out nothing
 * is written. -axe runs axe-core, too, once in each
 * state; -fold takes the first screen, not the whole
 * page. Each fault is a line; the last line counts them. CHROME, DIST and SERVE are
 * those of start.mjs.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { barriers, clipped, faults, serious } from './faults.mjs';
import { draw, written } from './hand.mjs';
import { dist, launch, patience, serve } from './start.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContext} Context */

/**
 * @typedef {object} State
 * @property {string} name its view first
 * @property {string} [address] behind that of the page
 * @property {(page: Page, context: Context) => Promise<unknown>} [reach] brings the page, which is ready, into the state
 * @property {string[]} [sizes] those it has; else all
 * @property {import('playwright-core').BrowserContextOptions} [options] of the browser's context
 * @property {boolean} [here] the window stays where it has been scrolled to, and only that part is in the picture
 * @property {boolean} [goesOn] it begins where the state before it in the list is, not with a new visit
 */

const { values: options } = parseArgs({
  args: process.argv.slice(2).map((a) => a.replace(/^-(?=\w\w)/, '--')),
  options: {
    out: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    sizes: { type: 'string', default: '1366x768,390x844,1920x1080,360x640,844x390,3840x2160' },
    ways: { type: 'string', default: 'light-en,dark-zh,dark-en,light-zh' },
    axe: { type: 'boolean', default: false },
    fold: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

/** @param {Page} page @param {string} id */
const at = (page, id) => page.locator(`[data-testid="${id}"]`);

/** Waits until something of what scripts see holds. @param {Page} page @param {(state: any) => unknown} holds */
async function reaches(page, holds) {
  const end = performance.now() + 2 * patience;
  while (!holds(await page.evaluate(() => window.inkdrift.state()))) {
    if (performance.now() > end) throw new Error(`it never came about: ${holds}`);
    await page.waitForTimeout(50);
  }
}

/** Two drawings, and the morph at rest. @param {Page} page */
async function drawn(page) {
  for (const pad of ['a', 'b']) if (await at(page, `clear-${pad}`).isEnabled()) await at(page, `clear-${pad}`).click();
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8));
  await reaches(page, (s) => s.a.label === 3 && s.b.label === 8 && s.morph.frames > 0);
  await at(page, 'scrub').fill('0.3');
}

/** What comes when it is about to be seen is there. @param {Page} page */
async function unfolded(page) {
  await at(page, 'try').scrollIntoViewIfNeeded();
  await reaches(page, (s) => s.try?.shows);
  await at(page, 'how').scrollIntoViewIfNeeded();
  await reaches(page, (s) => s.how);
}

/** @param {string} mode @returns {State} */
const trying = (mode) => ({
  name: `draw-try-${mode}`,
  goesOn: true,
  reach: async (page) => {
    await at(page, 'try').scrollIntoViewIfNeeded();
    await at(page, `try-tab-${mode}`).click();
    await page.waitForFunction((m) => window.inkdrift.state().try?.mode === m && window.inkdrift.state().try?.shows, mode);
    if (mode === 'fill') {
      await at(page, 'try-eraser').focus();
      for (const key of ['Delete', 'Enter', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
      await reaches(page, (s) => s.try.shows.completions);
    }
    if (mode === 'models') await reaches(page, (s) => s.try.shows.second);
  },
});

const training = {
  /** @param {Page} page @param {string} status */
  become: (page, status) => page.waitForFunction((s) => window.inkdrift.state().train.status === s, status),
  /** @param {Page} page @param {number} step */
  past: (page, step) => page.waitForFunction((n) => window.inkdrift.state().train.step > n, step, { timeout: 4 * patience }),
  /** @param {Page} page */
  play: (page) => at(page, 'train-toggle').click(),
};

/** A small experiment: 20 steps an epoch. */
const small = 'images=1000&batch=50&encoder=128&decoder=128';

/** @param {number} n of the step, from 1; 9: the questions at the end @returns {State} */
const touring = (n) => ({
  name: `tour-${n}`,
  here: true,
  goesOn: n > 1,
  reach: async (page) => {
    await at(page, n === 1 ? 'tour-start' : 'tour-next').click();
    if (n <= 8) await page.locator('.tour-lit').waitFor();
  },
});

/** @param {string} name of an experiment @returns {State} */
const experiment = (name) => ({
  name: `experiments-${name}`,
  address: `#lab?e=${name}`,
  goesOn: name !== 'sweep',
  reach: (page) => at(page, `lab-${name}-example`).waitFor(),
});

/** @param {string} name of a model @returns {State} */
const model = (name) => ({
  name: `models-${name}`,
  address: `#gallery?m=${name}`,
  goesOn: true,
  reach: async (page) => {
    await page.waitForFunction(() => !document.querySelector('#gallery .dials')?.checkVisibility());
    await page.locator('#gallery .dials:visible').waitFor();
  },
});

/** @param {Page} page @param {string} selector @param {string} file @param {Buffer} content */
async function drop(page, selector, file, content) {
  await page.evaluate(
    ([selector, name, base64]) => {
      const files = new DataTransfer();
      files.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      document.querySelector(selector)?.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
    },
    [selector, file, content.toString('base64')],
  );
}

const phones = ['390x844', '360x640'];

/** @type {State[]} */
const states = [
  { name: 'draw-examples', reach: (page) => reaches(page, (s) => s.morph.frames > 0) },
  {
    name: 'draw-empty',
    goesOn: true,
    reach: async (page) => {
      for (const pad of ['a', 'b']) await at(page, `clear-${pad}`).click();
      await reaches(page, (s) => s.a.empty && s.b.empty);
      await unfolded(page);
    },
  },
  {
    name: 'draw-drawn',
    goesOn: true,
    reach: async (page) => {
      await drawn(page);
      await unfolded(page);
      await page.locator('#latent-map').scrollIntoViewIfNeeded();
      await reaches(page, (s) => s.map.a && s.map.b);
      await at(page, 'map').press('Enter');
    },
  },
  ...['digit', 'fill', 'arithmetic', 'match', 'models'].map(trying),
  {
    name: 'draw-flat',
    goesOn: true,
    reach: async (page) => {
      await page.evaluate(() => window.inkdrift.load('digits-2d'));
      await unfolded(page);
    },
  },
  {
    name: 'draw-own-model',
    goesOn: true,
    reach: async (page) => {
      await page.locator('#model-file').setInputFiles(join(dist, 'models/vae-50.safetensors'));
      await reaches(page, (s) => s.model === 'vae-50.safetensors');
      await page.locator('details.about > summary').click();
    },
  },
  {
    name: 'draw-error',
    goesOn: true,
    reach: async (page) => {
      await drop(page, '#pad-a', 'torn.png', Buffer.from('no picture'));
      await page.locator('[data-testid=error] .error').first().waitFor();
      await page.evaluate(() => dispatchEvent(new ErrorEvent('error', { error: new Error('a fault') })));
      await page.locator('[data-testid=error] .error').nth(1).waitFor();
    },
  },
  {
    name: 'draw-model-not-for-pads',
    goesOn: true,
    reach: async (page) => {
      await page.locator('#model-file').setInputFiles(join(dist, 'models/faces.safetensors'));
      await page.locator('#gallery .dials:visible').waitFor();
    },
  },
  {
    name: 'draw-offline',
    options: { serviceWorkers: 'allow' },
    reach: async (page, context) => {
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.reload(); // what the first visit fetched is kept now
      await page.evaluate(() => window.inkdrift.ready);
      await context.setOffline(true);
      await page.reload();
      await page.evaluate(() => window.inkdrift.ready);
    },
  },
  {
    name: 'draw-link',
    reach: async (page) => {
      await drawn(page);
      const link = await page.evaluate(() => window.inkdrift.link());
      await page.locator('#examples-a button', { hasText: '7' }).click();
      await page.waitForFunction(() => (localStorage.getItem('inkdrift.pads') ?? '').includes('example'));
      await page.goto('about:blank');
      await page.goto(link);
      await page.locator('#kept').waitFor();
      await reaches(page, (s) => s.morph.frames > 0);
    },
  },
  { name: 'draw-link-damaged', address: '#studio?a=%00%ff&b=!!', reach: (page) => page.locator('#link-wrong').waitFor() },
  ...['a', 'b'].map(
    /** @returns {State} */ (pad) => ({
      name: `draw-menu-${pad}`,
      here: true,
      reach: (page) => page.locator(`#menu-${pad} > summary`).click(),
    }),
  ),
  {
    name: 'draw-views-menu',
    here: true,
    sizes: phones,
    reach: (page) => page.evaluate(() => document.getElementById('views-menu')?.click()),
  },
  {
    name: 'draw-followed',
    address: '#train?images=4000&epochs=1000',
    reach: async (page) => {
      await training.play(page);
      await training.past(page, 20);
      await at(page, 'trial-follow').check();
      await page.evaluate(() => location.assign('#'));
      await page.waitForFunction(() => !(window.inkdrift.state().model ?? 'digits').startsWith('digits'));
    },
  },

  { name: 'hand-example', address: '#hand', reach: (page) => page.locator('[data-testid=hand-verdict]:not(:empty)').waitFor() },
  {
    name: 'hand-empty',
    goesOn: true,
    reach: async (page) => {
      await at(page, 'clear-a').click();
      await reaches(page, (s) => s.a.empty);
    },
  },
  {
    name: 'hand-drawn',
    goesOn: true,
    reach: async (page) => {
      await draw(page, 'a', written(4, { slant: 0.2 }));
      await reaches(page, (s) => !s.a.empty);
    },
  },

  { name: 'train-idle', address: '#train', reach: (page) => at(page, 'example-note').waitFor({ state: 'attached' }) },
  {
    name: 'train-loading',
    address: '#train',
    reach: async (page, context) => {
      await at(page, 'example-note').waitFor({ state: 'attached' });
      await context.route(/engine-trainer.*\.wasm/, () => {}); // it never comes
      await training.play(page);
      await training.become(page, 'opening');
    },
  },
  {
    name: 'train-running',
    address: '#train?epochs=1000',
    reach: async (page) => {
      await training.play(page);
      await training.past(page, 150);
    },
  },
  {
    name: 'train-paused',
    goesOn: true,
    reach: async (page) => {
      await page.evaluate(() => window.inkdrift.train.pause());
      await page.waitForFunction(() => {
        const { step, validation } = window.inkdrift.state().train;
        return validation.step === step;
      });
    },
  },
  {
    name: 'train-done',
    address: `#train?${small}&epochs=3`,
    reach: async (page) => {
      await training.play(page);
      await training.become(page, 'done');
    },
  },
  {
    name: 'train-diverged',
    address: '#train',
    reach: async (page) => {
      const rates = { optimizer: 'sgd', learningRate: 50, clipNorm: 0, momentum: 0.9 };
      await page.evaluate((rates) => void window.inkdrift.train.start({ images: 1000, batch: 50, ...rates }).catch(() => {}), rates);
      await training.become(page, 'diverged');
    },
  },
  {
    name: 'train-wrong-setting',
    address: '#train?beta=minus&latent=2',
    reach: async (page) => {
      await page.locator('.row .wrong').first().waitFor({ state: 'attached' });
      await training.play(page);
    },
  },
  { name: 'train-unusual-rate', goesOn: true, address: '#train?learningRate=50', reach: (page) => training.play(page) },
  {
    name: 'train-changed',
    goesOn: true,
    address: '#train?preset=quick&beta=2.5&latent=8&seed=7',
    reach: (page) => at(page, 'changed').waitFor({ state: 'attached' }),
  },
  {
    name: 'train-explained',
    goesOn: true,
    reach: async (page) => {
      await page.evaluate(() => {
        for (const d of document.querySelectorAll('#train details')) d.toggleAttribute('open', true);
        /** @type {HTMLElement | null} */ (document.querySelector('.settings-side .link'))?.click();
      });
      await at(page, 'example-note').waitFor({ state: 'attached' });
    },
  },
  {
    name: 'train-compared',
    address: `#train?${small}`,
    reach: async (page) => {
      for (const latent of [16, 2]) {
        await page.evaluate(
          (latent) => window.inkdrift.train.start({ images: 1000, batch: 50, encoder: [128], decoder: [128], latent }),
          latent,
        );
        await training.past(page, 25);
        await page.evaluate(() => window.inkdrift.train.pause());
      }
      await page.waitForFunction(() => document.querySelectorAll('.run input[type=checkbox]').length === 2);
      await page.evaluate(() => {
        for (const box of document.querySelectorAll('.run input[type=checkbox]')) /** @type {HTMLElement} */ (box).click();
      });
      await page.waitForFunction(() => document.querySelectorAll('.compared').length === 2);
    },
  },
  { name: 'train-own-hand', address: '#train', here: true, reach: (page) => press(page, 'own-hand-open') },
  {
    name: 'train-gan',
    address: '#train?preset=dcgan',
    reach: (page) => page.evaluate(() => window.inkdrift.train.step(3)),
  },
  {
    name: 'train-faces',
    address: '#train?preset=faces',
    reach: (page) => page.evaluate(() => window.inkdrift.train.step(3)),
  },
  {
    name: 'train-interrupted',
    address: `#train?${small}&epochs=1000`,
    reach: async (page) => {
      await page.evaluate(() => window.inkdrift.train.step(20));
      await page.waitForFunction(() => document.querySelectorAll('.run input[type=checkbox]').length === 1);
      await page.goto('about:blank');
      await page.goBack();
      await at(page, 'go-on').waitFor();
    },
  },

  ...['sweep', 'labels', 'versus'].map(experiment),
  {
    name: 'experiments-running',
    address: '#lab?e=sweep&sizes=2-5&images=20000&epochs=100',
    reach: async (page) => {
      await at(page, 'lab-sweep-start').click();
      await page.waitForFunction(() => document.querySelectorAll('[data-testid=sweep-table] tbody tr').length > 0);
    },
  },

  { name: 'models-cards', address: '#gallery', reach: (page) => at(page, 'gallery-open-digits').waitFor() },
  {
    name: 'models-table',
    goesOn: true,
    reach: async (page) => {
      await page.locator('[data-testid=gallery-compare] > summary').click();
      await at(page, 'gallery-table').waitFor();
    },
  },
  ...['digits', 'digits-2d', 'cvae', 'faces', 'dcgan'].map(model),
  {
    name: 'models-error',
    address: '#gallery',
    reach: async (page) => {
      await at(page, 'gallery-open-digits').waitFor();
      await drop(page, '#gallery', 'torn.safetensors', Buffer.from('torn'));
      await page.locator('#gallery [role=alert]:visible').waitFor();
    },
  },

  ...Array.from({ length: 9 }, (_, i) => touring(i + 1)),
  {
    name: 'embed',
    address: '?embed=1&title=Two%20digits&note=Is%20the%20middle%20a%20digit%3F',
    sizes: ['480x320', '320x480', '800x400'],
    reach: (page) => reaches(page, (s) => s.morph.frames > 0),
  },
];

/** Presses what may be behind a tab. @param {Page} page @param {string} id */
async function press(page, id) {
  await at(page, id).waitFor({ state: 'attached' });
  await page.evaluate((id) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-testid="${id}"]`))?.click(), id);
}

/** Frames, so that what follows a change of the window is there. @param {Page} page */
const painted = (page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
  });

/** @param {Page} page @param {string} lang */
async function speak(page, lang) {
  const words = JSON.parse(readFileSync(join(dist, `locales/${lang}.json`), 'utf8'));
  await page.evaluate((lang) => {
    const select = /** @type {HTMLSelectElement | null} */ (document.querySelector('#language'));
    if (!select || select.value === lang) return;
    select.value = lang;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }, lang);
  await page.waitForFunction((word) => document.querySelector('#to-studio')?.textContent === word, words['page.studio']);
}

/** The tabs of the Train view, where the window is too small for all of it. @param {Page} page */
const tabs = async (page) =>
  (await page.locator('.train .tabs').isVisible()) ? ['pictures', 'latent', 'curves', 'settings', 'runs'] : [''];

/**
 * Words of another language, which no test knows to be a name.
 *
 * @param {Page} page
 */
const english = (page) =>
  page.evaluate(() => {
    const names =
      /Inkdrift|English|WebGL2|Canvas 2D|[a-z]+-(\d+d?|rgb)|[\w ]+\.(safetensors|png|zip)|ELBO|KL|C?β?-?VAEs?|ReLU|leaky|tanh|Adam|AdamW|SGD|(DC|VAE-)?GANs?|IWAE|sigmoid|safetensors|zip|PNG|GIF|WebM|Delete|Enter|Esc|Home|Control|[KMG]B|NLL|E?MNIST|CIFAR|IDX|NumPy|CSV|PCA|FID|AUROC|ONNX|PyTorch|WebAssembly|JavaScript|SIMD|tools\/\w+( -\w+)?|log|ln|exp|px|ms|lerp|slerp|nats?|bit|seed|mu|BCE|MSE|https?:\S+|v?\d+(\.\d+)+\S*|et al\.?|Ross|Kingma|Burda|Goodfellow|Inception|PSNR|encoder\.\S+|engine-trainer\.wasm|torn|arXiv\S*|doi\S*/gi;
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      const e = n.parentElement;
      if (!e?.checkVisibility({ visibilityProperty: true }) || e.closest('[lang=en], .run .name, math, svg, code, #version, .embed-head'))
        continue;
      const left = (n.textContent ?? '').replace(names, '');
      if (/[a-z]{3,}/i.test(left) && !/^(faces|vae-50)|：faces/.test(left))
        found.add(`English in Chinese: "${(n.textContent ?? '').trim().slice(0, 80)}"`);
    }
    return [...found];
  });

/** Pictures that are seen and are of one colour. @param {Page} page */
const blank = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas')].flatMap((c) => {
      if (!c.checkVisibility({ visibilityProperty: true }) || c.clientWidth < 8 || c.clientHeight < 8 || c.width === 0 || c.height === 0)
        return c.clientWidth > 8 && c.width === 0 ? [`canvas ${c.className} has no pixels`] : [];
      const copy = new OffscreenCanvas(c.width, c.height);
      const pen = copy.getContext('2d');
      pen?.drawImage(c, 0, 0);
      const data = pen?.getImageData(0, 0, c.width, c.height).data ?? [];
      for (let i = 4; i < data.length; i++) if (data[i] !== data[i % 4]) return [];
      return [`canvas ${c.className} "${c.getAttribute('aria-label') ?? ''}" in ${c.parentElement?.className} is blank`];
    }),
  );

/**
 * Looks at a page in one state.
 *
 * @param {Page} page
 * @param {State} state
 */
async function lookAt(page, state) {
  /** @type {string[]} */
  const found = [];
  /** Tabs that axe-core has seen: it takes seconds, and finds nearly the same in all windows. @type {Set<string>} */
  const seen = new Set();
  for (const size of state.sizes ?? options.sizes.split(',')) {
    const [width, height] = size.split('x').map(Number);
    await page.setViewportSize({ width, height });
    for (const way of options.ways.split(',')) {
      const [theme, lang] = way.split('-');
      await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light' });
      await speak(page, lang);
      for (const tab of await tabs(page)) {
        if (tab)
          await page.evaluate((t) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-testid=tab-${t}]`))?.click(), tab);
        if (!state.here) await page.evaluate(() => scrollTo(0, 0));
        else await page.evaluate(() => document.querySelector('.menu[open] > .panel')?.scrollIntoView({ block: 'nearest' }));
        await painted(page);
        const name = `${state.name}${tab && `-${tab}`}.${size}.${way}`;
        if (options.out) await page.screenshot({ path: join(options.out, `${name}.png`), fullPage: !options.fold && !state.here });
        const all = [...(await faults(page)), ...(await clipped(page)), ...(await blank(page))];
        if (lang === 'zh') all.push(...(await english(page)));
        if (options.axe && !seen.has(tab)) all.push(...serious(await barriers(page)));
        seen.add(tab);
        for (const f of all) found.push(`${name}: ${f}`);
      }
    }
  }
  return found;
}

const only = new RegExp(options.only);
/** With those that they go on from. */
const chosen = states.filter((_, i) => {
  for (let k = i; k < states.length && (k === i || states[k].goesOn); k++) if (only.test(states[k].name)) return true;
  return false;
});
if (options.list) {
  for (const { name } of states.filter((s) => only.test(s.name))) console.log(name);
  process.exit(0);
}
if (options.out) mkdirSync(options.out, { recursive: true });
const [server, browser] = await Promise.all([serve(), launch()]);

/** Opens the page, for the first time. @param {State} state */
async function visit(state) {
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    locale: 'en-US',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...state.options,
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  return { page, context };
}

let count = 0;
/** @type {{page: Page, context: Context} | null} */
let visited = null;
for (const state of chosen) {
  const began = Date.now();
  /** @type {string[]} */
  let found = [];
  try {
    if (!state.goesOn || !visited) {
      await visited?.context.close();
      visited = await visit(state);
      await visited.page.goto(server.url + (state.address ?? ''));
    } else {
      await visited.page.setViewportSize({ width: 1366, height: 768 });
      await speak(visited.page, 'en');
      const { address } = state;
      if (address) await visited.page.evaluate((hash) => (location.hash = hash), address);
    }
    const { page, context } = visited;
    await page.evaluate(() => window.inkdrift.ready);
    await page.waitForFunction(() => {
      const { opened = '', view = '' } = document.documentElement.dataset;
      return opened.split(' ').includes(view) || document.documentElement.hasAttribute('data-embed');
    });
    await state.reach?.(page, context);
    if (only.test(state.name)) found = await lookAt(page, state);
  } catch (e) {
    found = [`${state.name}: ${e}`];
  }
  for (const f of found) console.log(f);
  count += found.length;
  console.error(`${state.name}: ${found.length} found, ${((Date.now() - began) / 1000).toFixed(0)} s`);
}
console.log(`${count} found in ${chosen.length} states`);
await browser.close();
server.end();
process.exit(count > 0 ? 1 : 0);
