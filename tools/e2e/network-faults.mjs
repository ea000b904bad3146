/**
 * Loses every file of a first visit in every way, one file and one way a visit, and
 * says what the page makes of it. By hand; all of it takes an hour and a half:
 *
 *   go run ./tools/build -out dist
 *   node tools/e2e/network-faults.mjs -json FILE [-only REGEXP] [-faults reset,silence] [-lasting] [-sample N] [-jobs N] [-patience SECONDS] [-again]
 *   node tools/e2e/network-faults.mjs -table [-report docs/reliability.md] FILE ...     adds up what -json has written
 *
 * A fault hits the first request of a file; with -lasting all of them, until somebody
 * presses “Try again”. -sample N takes every Nth of the plain modules. FILE gets a line
 * for each visit as it ends; those that it has are not made again, but with -again lost
 * ones are. -jobs N makes N visits at a time, and twice as many silent ones, which mostly
 * wait. A page has -patience to be well, 120 seconds unless the machine is busy. Visits
 * come in an order that mixes files and faults, so that a part is a sample of the whole.
 * -report puts the totals in their place in that document. CHROME, DIST and SERVE are
 * those of start.mjs.
 *
 * A visit ends in one of these ways:
 *
 *   alone   the page is as it is without a fault, and says nothing any more
 *   again   it named what is missing, and was well after “Try again”
 *   browser the address itself did not answer, or broke off before anything of it ran: the browser tells of that
 *   lost    none of these
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openProxy } from './proxy.mjs';
import { dist, flags, launch, serve } from './start.mjs';

/** @typedef {'reset' | '503' | 'cut' | 'short' | 'silence' | 'hang'} Fault */
/** @typedef {{file: string, view: string, worker: boolean}} Place a file, the view that asks for it, and whether only the service worker does */
/** @typedef {{file: string, kind: string, fault: string, lasting: boolean, of: number, end: string, told: string, toldAfter: number, seconds: number, why: string}} Result of: how many files there are */

const { values: args, positionals } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    faults: { type: 'string', default: 'reset,503,cut,short,silence' },
    lasting: { type: 'boolean', default: false },
    sample: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    patience: { type: 'string', default: '120' },
    again: { type: 'boolean', default: false },
    json: { type: 'string', default: '' },
    table: { type: 'boolean', default: false },
    report: { type: 'string', default: '' },
  },
  allowPositionals: true,
  args: process.argv.slice(2).map((a) => a.replace(/^-(?=[a-z]{2})/, '--')),
});

/** How long a page may take to be well, in milliseconds. */
const patience = 1000 * Number(args.patience);

/** How long a silence is, in milliseconds. */
const silence = 20_000;

/** What a fault does to a file of so many bytes. @type {Record<Fault, (bytes: number) => Partial<import('./proxy.mjs').Rule>>} */
const faults = {
  reset: () => ({ status: 0 }),
  503: () => ({ status: 503 }),
  cut: (bytes) => ({ cutAfter: Math.floor(bytes / 2) }),
  short: () => ({ part: 0.5 }),
  silence: () => ({ wait: silence }),
  hang: () => ({ hold: new Promise(() => {}) }),
};

/** Faults of which most is waiting. @type {string[]} */
const silent = ['silence', 'hang'];

/** Kinds of files, by what becomes of the page without them. @type {[string, RegExp][]} */
const kinds = [
  ['document', /^(index\.html)?$/],
  ['start script', /^(start-failure|initial-view|old-browser)\.js$/],
  ['style', /\.css$/],
  ['program', /\.wasm$/],
  ['program script', /^(worker|kernel|wasm_exec|stage)\.(js|html)$|^stage\.html$/],
  ['service worker', /^sw\.js$/],
  ['catalogue', /^locales\//],
  ['list', /(assets|index|glossary|gallery)\.json$/],
  ['model', /\.safetensors$/],
  ['view', /^views\/(?!studio)/],
  ['module', /\.js$/],
  ['other', /./],
];

const kindOf = (/** @type {string} */ file) => kinds.find(([, name]) => name.test(file))?.[0] ?? 'other';

const words = JSON.parse(readFileSync(join(dist, 'locales/en.json'), 'utf8'));
const bytesOf = (/** @type {string} */ file) => statSync(join(dist, file || 'index.html')).size;

/**
 * What is to be seen of a page.
 *
 * @param {import('playwright-core').Page} page
 */
const look = (page) =>
  page.evaluate(
    ({ again, waiting }) => {
      const shown = (/** @type {Element} */ e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
      const name = (/** @type {Element} */ e) => (e.getAttribute('aria-label') || e.textContent || '').trim();
      const box = document.getElementById('start-failure');
      const messages = [box, ...document.querySelectorAll('[data-testid="error"] .error')].filter((e) => e && shown(e));
      const view = document.documentElement.dataset.view ?? '';
      const status = document.querySelector('[data-testid="status"]')?.textContent ?? '';
      return {
        ready: status !== '' && !waiting.includes(status) && (window.inkdrift?.state().modelInfo ?? null) !== null,
        status,
        opened: (document.documentElement.dataset.opened ?? '').split(' ').includes(view),
        isBlank: !document.body,
        rules: [...document.styleSheets].reduce((n, s) => n + s.cssRules.length, 0),
        elements: document.querySelectorAll('body *').length,
        wordless: [...document.querySelectorAll('button')]
          .filter((b) => shown(b) && !/\p{L}|\d/u.test(name(b)))
          .map((b) => b.id || b.outerHTML),
        messages: messages.map((e) => e?.textContent ?? ''),
        again: messages.some((e) => [...(e?.querySelectorAll('button') ?? [])].some((b) => again.includes(b.textContent ?? ''))),
      };
    },
    { again: [words['error.retry'], 'Try again'], waiting: [words['status.loading'], words['status.failed'], words['status.view-failed']] },
  );

/** @typedef {Awaited<ReturnType<typeof look>>} Looks */

/**
 * Why a page is not as it is without a fault; empty if it is.
 *
 * @param {Looks} now
 * @param {Looks} sound
 */
function wrong(now, sound) {
  if (now.messages.length > 0) return `says ${JSON.stringify(now.messages.join(' | '))}`;
  if (!now.ready) return `status is ${JSON.stringify(now.status)}`;
  if (!now.opened) return 'the view is not open';
  if (now.rules !== sound.rules) return `${now.rules} of ${sound.rules} style rules`;
  if (now.elements < 0.8 * sound.elements) return `${now.elements} of ${sound.elements} elements`;
  const wordless = now.wordless.filter((b) => !sound.wordless.includes(b));
  if (wordless.length > 0) return `buttons without a word: ${wordless.slice(0, 3).join(', ')}`;
  return '';
}

/**
 * Whether the page can be used without a network.
 *
 * @param {import('playwright-core').Page} page
 */
const isKept = (page) =>
  page.evaluate(async (ms) => {
    const late = new Promise((done) => setTimeout(() => done(false), ms));
    return Promise.race([navigator.serviceWorker.ready.then(() => true), late]);
  }, patience);

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Opens a page behind a proxy of its own.
 *
 * @param {{url: string, browser: import('playwright-core').Browser, worker: boolean}} from
 */
async function open({ url, browser, worker }) {
  const proxy = await openProxy(url);
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    reducedMotion: 'reduce',
    serviceWorkers: worker ? 'allow' : 'block',
    proxy: proxy.settings,
  });
  const page = await context.newPage();
  const close = async () => {
    await context.close();
    proxy.close();
  };
  return { proxy, page, close };
}

/**
 * What a page looks like without a fault, and what it asks for.
 *
 * @param {{url: string, browser: import('playwright-core').Browser, view: string, worker?: boolean}} from
 */
async function survey({ url, browser, view, worker = false }) {
  const { proxy, page, close } = await open({ url, browser, worker });
  await page.goto(`${url}${view && `#${view}`}`);
  const end = Date.now() + 2 * patience;
  let now = await look(page);
  while (!(now.opened && now.ready) && Date.now() < end) {
    await sleep(300);
    now = await look(page);
  }
  if (!now.opened || !now.ready) throw new Error(`without a fault ${view} is ${JSON.stringify(now)}`);
  if (worker) await page.evaluate(() => navigator.serviceWorker.ready);
  await sleep(1500);
  now = await look(page);
  await close();
  const base = new URL(url).pathname;
  return { sound: now, files: [...new Set(proxy.seen.map((s) => s.path.slice(base.length)))] };
}

/**
 * One visit with one fault.
 *
 * @param {{url: string, browser: import('playwright-core').Browser, place: Place, fault: Fault, lasting: boolean, of: number, sound: Looks}} from
 * @returns {Promise<Result>}
 */
async function visit({ url, browser, place: { file, view, worker }, fault, lasting, of, sound }) {
  const { proxy, page, close } = await open({ url, browser, worker });
  const path = `${new URL(url).pathname}${file}`.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  /** @type {import('./proxy.mjs').Rule} */
  const rule = { path: new RegExp(`^${path}$`), ...faults[fault](bytesOf(file)), ...(lasting ? {} : { times: 1 }) };
  proxy.rules.push(rule);
  const begin = Date.now();
  /** @type {Result} */
  const result = { ...task({ file }, fault, lasting), kind: kindOf(file), of, end: 'lost', told: '', toldAfter: 0, seconds: 0, why: '' };
  const since = () => Math.round((Date.now() - begin) / 100) / 10;
  const done = (/** @type {string} */ end) => ({ ...result, end, seconds: since() });
  try {
    const gone = await page.goto(`${url}${view && `#${view}`}`, { waitUntil: 'commit', timeout: patience }).then(
      (answer) => !answer?.ok(),
      () => true,
    );
    if (gone) return done('browser');
    const end = Date.now() + patience;
    for (let pressed = false, well = 0; Date.now() < end; await sleep(300)) {
      const now = await look(page).catch(() => null); // it loads
      if (!now) continue;
      if (now.messages.length > 0) {
        result.told ||= now.messages.join(' | ').slice(0, 200);
        result.toldAfter ||= since();
      }
      result.why = wrong(now, sound);
      well = result.why ? 0 : well + 1;
      // A message may come late, and a silence must have been noticed.
      if (well > 3 && (!silent.includes(fault) || pressed || Date.now() - begin > 12_000)) {
        // Of a file that never comes a later visit keeps the page.
        if (worker && file !== 'sw.js' && fault !== 'hang' && !(await isKept(page))) {
          result.why = 'the service worker has not kept the page';
          return done('lost');
        }
        return done(pressed ? 'again' : 'alone');
      }
      // Once only, and not at once: what is late may come, and the page may help itself.
      if (now.again && !pressed && (lasting || Date.now() - begin > silence + 15_000 || fault !== 'silence')) {
        await sleep(2500);
        const still = await look(page).catch(() => null);
        if (!still?.again) continue;
        rule.times = 0;
        const buttons = page.locator('#start-failure button, [data-testid="error"] button', { hasText: /Try again/ });
        pressed = await buttons
          .first()
          .click({ timeout: 5000 })
          .then(() => true)
          .catch(() => false); // it is gone: the page has helped itself
      }
    }
    const blank = await look(page).catch(() => null);
    return done(blank?.isBlank && result.kind === 'document' ? 'browser' : 'lost');
  } catch (e) {
    result.why = String(e).split('\n')[0];
    return done('lost');
  } finally {
    await close().catch(() => {});
  }
}

/**
 * What names a visit.
 *
 * @param {{file: string}} place
 * @param {string} fault
 * @param {boolean} lasting
 */
const task = ({ file }, fault, lasting) => ({ file: file || 'index.html', fault, lasting });

const nameOf = (/** @type {{file: string, fault: string, lasting: boolean}} */ { file, fault, lasting }) => `${file} ${fault} ${lasting}`;

/** The visits that a file has. @param {string} path @returns {Result[]} */
const read = (path) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/**
 * How many visits ended in which way, by kind of file.
 *
 * @param {Result[]} results
 */
function table(results) {
  const count = (/** @type {(r: Result) => boolean} */ which) => results.filter(which).length;
  const lines = ['| files | visits | alone | again | browser | lost |', '|---|---|---|---|---|---|'];
  for (const kind of [...kinds.map(([name]) => name).filter((k) => results.some((r) => r.kind === k)), 'all']) {
    const of = (/** @type {Result} */ r) => kind === 'all' || r.kind === kind;
    const ends = ['alone', 'again', 'browser', 'lost'].map((e) => count((r) => of(r) && r.end === e));
    lines.push(`| ${[kind, count(of), ...ends].join(' | ')} |`);
  }
  return lines.join('\n');
}

/**
 * The totals, as docs/reliability.md has them.
 *
 * @param {Result[]} results
 */
function totals(results) {
  const number = (/** @type {number} */ n) => n.toLocaleString('en');
  const files = new Set(results.map((r) => r.file)).size;
  const kinds = [...new Set(results.map((r) => r.fault))].sort().join(', ');
  const of = Math.max(...results.map((r) => r.of));
  const waits = results.filter((r) => silent.includes(r.fault) && r.toldAfter > 0).length;
  const heard = waits > 0 ? ` Of ${number(waits)} silences a message told.` : '';
  return `${number(results.length)} visits, with faults of ${number(files)} of ${number(of)} files: ${kinds}.${heard}\n\n${table(results)}`;
}

/**
 * Puts text into a document, between two comments.
 *
 * @param {string} path
 * @param {string} place
 * @param {string} text
 */
function put(path, place, text) {
  const before = readFileSync(path, 'utf8');
  const [start, stop] = [`<!-- ${place} -->`, `<!-- end of ${place} -->`];
  const [a, b] = [before.indexOf(start), before.indexOf(stop)];
  if (a < 0 || b < a) throw new Error(`${path} has no place for totals: ${start}`);
  writeFileSync(path, `${before.slice(0, a + start.length)}\n${text}\n${before.slice(b)}`);
}

/** Makes the visits that were asked for. */
async function visitAll() {
  // A visit is short: what optimizes programs would not pay.
  const [{ url, end }, browser] = await Promise.all([serve(), launch([...flags.noWebGL, '--js-flags=--liftoff-only'])]);
  /** @type {Map<string, Looks>} */
  const sound = new Map();
  /** @type {Map<string, Place>} */
  const places = new Map();
  for (const view of ['', 'hand', 'train', 'lab', 'gallery']) {
    const { sound: looks, files } = await survey({ url, browser, view });
    sound.set(view, looks);
    for (const file of files) if (!places.has(file)) places.set(file, { file, view, worker: false });
  }
  for (const file of (await survey({ url, browser, view: '', worker: true })).files) {
    if (!places.has(file)) places.set(file, { file, view: '', worker: true });
  }

  const step = Number(args.sample);
  let plain = 0;
  const chosen = [...places.values()].filter(({ file, worker }) => {
    if (!new RegExp(args.only).test(file || 'index.html')) return false;
    return (!['module', 'view'].includes(kindOf(file)) && !worker) || plain++ % step === 0;
  });
  const kindsOfFault = /** @type {Fault[]} */ (args.faults.split(','));
  /** @type {Result[]} */
  const results = args.json && existsSync(args.json) ? read(args.json) : [];
  const had = new Set(results.filter(({ end }) => !(args.again && end === 'lost')).map(nameOf));
  const order = (/** @type {{place: Place, fault: Fault}} */ { place, fault }) =>
    createHash('sha256').update(`${place.file} ${fault}`).digest('hex');
  const tasks = chosen
    .flatMap((place) => kindsOfFault.map((fault) => ({ place, fault })))
    .filter(({ place, fault }) => !had.has(nameOf(task(place, fault, args.lasting))))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  console.error(`${places.size} files, ${chosen.length} of them in ${tasks.length} visits`);

  const next = async (/** @type {typeof tasks} */ queue) => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      const looks = sound.get(one.place.view);
      if (!looks) throw new Error(`no survey of ${one.place.view}`);
      const result = await visit({ url, browser, ...one, lasting: args.lasting, of: places.size, sound: looks });
      results.push(result);
      if (args.json) appendFileSync(args.json, `${JSON.stringify(result)}\n`);
      const { end, file, fault, seconds, told, why } = result;
      console.error(`${end.padEnd(8)}${fault.padEnd(8)} ${file} ${seconds} s ${end === 'lost' ? why : ''}${told && ` [${told}]`}`);
    }
  };
  // Those that mostly wait do it beside the others.
  const jobs = Number(args.jobs);
  const [busy, waiting] = [false, true].map((w) => tasks.filter(({ fault }) => silent.includes(fault) === w));
  await Promise.all([...Array.from({ length: jobs }, () => next(busy)), ...Array.from({ length: 2 * jobs }, () => next(waiting))]);
  await browser.close();
  end();
  return results;
}

if (args.table) {
  // The last result of a file and a fault counts.
  const all = [...new Map(positionals.flatMap(read).map((r) => [nameOf(r), r])).values()];
  for (const [place, isOne] of /** @type {[string, (r: Result) => boolean][]} */ ([
    ['faults of one request', (r) => !r.lasting],
    ['faults that last', (r) => r.lasting && r.fault !== 'hang'],
    ['files that never come', (r) => r.lasting && r.fault === 'hang'],
  ])) {
    const some = all.filter(isOne);
    if (some.length === 0) continue;
    if (args.report) put(args.report, place, totals(some));
    else console.log(totals(some));
  }
} else console.log(table(await visitAll()));
