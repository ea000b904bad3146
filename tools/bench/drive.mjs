/**
 * Runs what tools/bench measures, in workers of this Node, of a headless Chromium or
 * of Firefox. It reads requests from standard input and writes answers to standard
 * output, one JSON object a line:
 *
 *   {id, call: 'open', runtime, host, options}   {id, result: worker}
 *   {id, call: 'prepare', worker, spec}          {id, result: {id, loss} or {absent}}
 *   {id, call: 'measure', worker, task, seconds} {id, result: {value, steps?, loss?}}
 *   {id, call: 'drop', worker, task}
 *   {id, call: 'close', worker}
 *   {id, call: 'startup', url}                   {id, result: {firstPaint, drawable, ...}}
 *
 * What fails is answered {id, error}. It ends with standard input.
 *
 *   node drive.mjs '{"mounts": {"hosts": "...", ...}, "chrome": "/usr/bin/chromium", "firefox": "/usr/bin/firefox"}'
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { startServer } from './server.mjs';
import { startWire } from './wire.mjs';

const { mounts, chrome, firefox } = JSON.parse(process.argv[2]);

process.stderr.setMaxListeners(0); // every worker speaks through it
process.on('SIGINT', () => {}); // Ctrl-C ends standard input as well, and that is the end

/** A worker somewhere: call asks it, close ends it. @typedef {{call: (name: string, ...args: any[]) => Promise<any>, close: () => unknown}} Remote */

/** @returns {Promise<Remote>} */
async function nodeWorker() {
  const worker = new Worker(join(mounts.hosts, 'worker.mjs'), { workerData: { mounts }, env: {}, execArgv: [], stdout: true });
  worker.stdout.pipe(process.stderr);
  /** @type {Map<number, {resolve: (v: any) => void, reject: (e: Error) => void}>} */
  const waiting = new Map();
  let next = 0;
  const call = (/** @type {string} */ name, /** @type {any[]} */ ...args) =>
    new Promise((resolve, reject) => {
      waiting.set(++next, { resolve, reject });
      worker.postMessage({ id: next, call: name, args });
    });
  const lost = (/** @type {Error} */ e) => {
    for (const w of waiting.values()) w.reject(e);
    waiting.clear();
  };
  await new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', ({ id, result, error }) => {
      if (id === undefined) return void resolve(undefined);
      const w = waiting.get(id);
      waiting.delete(id);
      if (error) w?.reject(new Error(error));
      else w?.resolve(result);
    });
  });
  worker.on('error', lost);
  worker.on('exit', (code) => lost(new Error(`the worker ended with ${code}`)));
  return { call, close: () => worker.terminate() };
}

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;
async function startBrowser() {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: chrome,
    handleSIGINT: false,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });
}

/** The browser, which starts when it is first asked for. */
function launch() {
  browser ??= startBrowser();
  return browser;
}

/** @type {Awaited<ReturnType<typeof startServer>> | undefined} */
let server;

/** Starts a worker in a page, that `askWorker` asks then by its name. Both run there. @param {string} name */
async function startInPage(name) {
  if (!crossOriginIsolated) throw new Error('the page is not isolated');
  const worker = new window.Worker('/hosts/worker.mjs', { type: 'module', name });
  /** @type {Map<number, {resolve: (v: any) => void, reject: (e: Error) => void}>} */
  const waiting = new Map();
  let next = 0;
  const call = (/** @type {string} */ name, /** @type {any[]} */ args) =>
    new Promise((resolve, reject) => {
      waiting.set(++next, { resolve, reject });
      worker.postMessage({ id: next, call: name, args });
    });
  const page = /** @type {any} */ (window);
  page.workers = { ...page.workers, [name]: { call, end: () => worker.terminate() } };
  await new Promise((resolve, reject) => {
    worker.addEventListener('error', (e) => {
      const error = new Error(e.message || 'the worker could not be loaded');
      reject(error);
      for (const w of waiting.values()) w.reject(error);
      waiting.clear();
    });
    worker.addEventListener('message', ({ data: { id, result, error } }) => {
      if (id === undefined) return void resolve(undefined);
      const w = waiting.get(id);
      waiting.delete(id);
      if (error) w?.reject(new Error(error));
      else w?.resolve(result);
    });
  });
}

/** @param {[string, string, any[]]} question of a worker, with a name, and arguments */
const askWorker = ([worker, name, args]) => /** @type {any} */ (window).workers[worker].call(name, args);

/** Each worker has a page, and so a process, of its own. @returns {Promise<Remote>} */
async function chromiumWorker() {
  server ??= await startServer(mounts);
  const context = await (await launch()).newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  page.on('console', (m) => console.error(`chromium: ${m.text()}`));
  await page.goto(server.url);
  await page.evaluate(startInPage, 'worker');
  return {
    call: (name, ...args) => page.evaluate(askWorker, /** @type {[string, string, any[]]} */ (['worker', name, args])),
    close: () => context.close(),
  };
}

/** Firefox with one page. @type {Promise<import('../e2e/driver.mjs').Driver> | undefined} */
let firefoxPage;
async function startFirefox() {
  process.env.FIREFOX = firefox;
  const { launch } = await import('../e2e/firefox.mjs');
  const driver = await launch({ asVisitors: true });
  server ??= await startServer(mounts);
  await driver.open(server.url);
  return driver;
}

let firefoxWorkers = 0;

/** @returns {Promise<Remote>} */
async function firefoxWorker() {
  firefoxPage ??= startFirefox();
  const driver = await firefoxPage;
  const worker = `worker ${++firefoxWorkers}`;
  await driver.evaluate(startInPage, worker);
  return {
    call: (name, ...args) => driver.evaluate(askWorker, /** @type {[string, string, any[]]} */ ([worker, name, args])),
    close: () => driver.evaluate((name) => /** @type {any} */ (window).workers[name].end(), worker),
  };
}

/** @type {Record<string, () => Promise<Remote>>} */
const runtimes = { node: nodeWorker, chromium: chromiumWorker, firefox: firefoxWorker };

/** A phone's line: 10 Mbit/s, 60 ms. */
const slowLine = { offline: false, latency: 60, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };

/**
 * What visitors see, in milliseconds from the navigation: the first paint, pads that take
 * ink, a morph that moves, a reconstruction by the model; the last once more on a second
 * visit; pads that take ink through a slow line; and the bytes that came over the wire
 * until the first reconstruction.
 *
 * @param {string} url
 */
async function startup(url) {
  const wire = await startWire(url);
  const context = await (await launch()).newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const first = await visit(context, wire.url);
    const bytes = wire.received();
    const page = await context.newPage();
    await page.goto(wire.url);
    await page.evaluate(() => navigator.serviceWorker.ready); // it has everything now
    await page.close();
    const { firstReconstruction: secondVisit } = await visit(context, wire.url);
    const slow = await (await launch()).newContext({ viewport: { width: 1280, height: 900 } });
    const { drawable: drawableSlow } = await visit(slow, wire.url, true).finally(() => slow.close());
    return { ...first, secondVisit, drawableSlow, bytes };
  } finally {
    await context.close();
    wire.close();
  }
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 * @param {boolean} [isSlow] through the slow line, and only until pads take ink
 */
async function visit(context, url, isSlow = false) {
  const page = await context.newPage();
  try {
    await page.addInitScript(() => {
      if (window !== top) return;
      const bar = new Array(784).fill(0).map((_, i) => (i % 28 > 11 && i % 28 < 16 && i > 112 && i < 672 ? 1 : 0));
      /** @type {any} */ (window).firstReconstruction = new Promise((resolve, reject) => {
        const look = () => {
          const { inkdrift } = window;
          if (!inkdrift) return void setTimeout(look, 1);
          inkdrift.ready
            .then(() => inkdrift.encode(bar))
            .then(({ recon }) => (recon.length === 784 ? resolve(performance.now()) : reject(new Error('no reconstruction'))))
            .catch(reject);
        };
        look();
      });
    });
    if (isSlow) await (await context.newCDPSession(page)).send('Network.emulateNetworkConditions', slowLine);
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(() => performance.getEntriesByName('drawable').length > 0, null, { polling: 20 });
    const firstReconstruction = isSlow ? NaN : await page.evaluate(() => /** @type {any} */ (window).firstReconstruction);
    if (!isSlow) await page.waitForFunction(() => performance.getEntriesByName('first-picture').length > 1, null, { polling: 20 });
    return await page.evaluate((firstReconstruction) => {
      const at = (/** @type {string} */ name, i = 0) => performance.getEntriesByName(name)[i]?.startTime ?? NaN;
      // A morph moves when it is painted for the second time.
      return {
        firstPaint: at('first-contentful-paint'),
        drawable: at('drawable'),
        firstPicture: at('first-picture', 1),
        firstReconstruction,
      };
    }, firstReconstruction);
  } finally {
    await page.close();
  }
}

/** @type {Map<number, Remote>} */
const workers = new Map();
let nextWorker = 0;

/** @param {number} n */
function at(n) {
  const worker = workers.get(n);
  if (!worker) throw new Error(`there is no worker ${n}`);
  return worker;
}

/** @type {Record<string, (request: any) => unknown>} */
const calls = {
  async open({ runtime, host, options }) {
    const worker = await runtimes[runtime]();
    workers.set(++nextWorker, worker);
    await worker.call('open', host, options);
    return nextWorker;
  },
  prepare: ({ worker, spec }) => at(worker).call('prepare', spec),
  measure: ({ worker, task, seconds }) => at(worker).call('measure', task, seconds),
  drop: ({ worker, task }) => at(worker).call('drop', task),
  async close({ worker }) {
    await at(worker).close();
    workers.delete(worker);
  },
  startup: ({ url }) => startup(url),
};

/** @param {string} line */
async function answer(line) {
  const request = JSON.parse(line);
  /** @type {object} */
  let answer;
  try {
    answer = { id: request.id, result: (await calls[request.call](request)) ?? null };
  } catch (e) {
    answer = { id: request.id, error: e instanceof Error ? e.message : String(e) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

let last = Promise.resolve();
createInterface({ input: process.stdin })
  .on('line', (line) => (last = last.then(() => answer(line))))
  .on('close', async () => {
    await (await browser)?.close();
    await (await firefoxPage)?.end();
    process.exit(0);
  });
