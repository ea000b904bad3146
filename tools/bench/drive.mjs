/**
 * Runs what tools/bench measures, in workers of this Node or of a headless
 * Chromium. It reads requests from standard input and writes answers to standard
 * output, one JSON object a line:
 *
 *   {id, call: 'open', runtime, host, options}   {id, result: worker}
 *   {id, call: 'prepare', worker, spec}          {id, result: {id, loss} or {absent}}
 *   {id, call: 'measure', worker, task, seconds} {id, result: {value, steps?, loss?}}
 *   {id, call: 'drop', worker, task}
 *   {id, call: 'close', worker}
 *   {id, call: 'startup', url}                   {id, result: {ms, bytes}}
 *
 * What fails is answered {id, error}. It ends with standard input.
 *
 *   node drive.mjs '{"mounts": {"hosts": "...", ...}, "chrome": "/usr/bin/chromium"}'
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { startServer } from './server.mjs';
import { startWire } from './wire.mjs';

const { mounts, chrome } = JSON.parse(process.argv[2]);

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

/** Each worker has a page, and so a process, of its own. @returns {Promise<Remote>} */
async function browserWorker() {
  server ??= await startServer(mounts);
  const context = await (await launch()).newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  page.on('console', (m) => console.error(`chromium: ${m.text()}`));
  await page.goto(server.url);
  await page.evaluate(async () => {
    if (!crossOriginIsolated) throw new Error('the page is not isolated');
    const worker = new window.Worker('/hosts/worker.mjs', { type: 'module' });
    /** @type {Map<number, {resolve: (v: any) => void, reject: (e: Error) => void}>} */
    const waiting = new Map();
    let next = 0;
    /** @type {any} */ (window).call = (/** @type {string} */ name, /** @type {any[]} */ args) =>
      new Promise((resolve, reject) => {
        waiting.set(++next, { resolve, reject });
        worker.postMessage({ id: next, call: name, args });
      });
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
  });
  const call = (/** @type {string} */ name, /** @type {any[]} */ ...args) =>
    page.evaluate(([name, args]) => /** @type {any} */ (window).call(name, args), /** @type {const} */ ([name, args]));
  return { call, close: () => context.close() };
}

/**
 * A first visit: milliseconds from navigation to the first reconstruction, and
 * bytes that came over the wire until then.
 *
 * @param {string} url
 */
async function startup(url) {
  const wire = await startWire(url);
  const context = await (await launch()).newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
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
    await page.goto(wire.url, { waitUntil: 'commit' });
    const ms = await page.evaluate(() => /** @type {any} */ (window).firstReconstruction);
    return { ms, bytes: wire.received() };
  } finally {
    await context.close();
    wire.close();
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
    const worker = await (runtime === 'node' ? nodeWorker() : browserWorker());
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
    process.exit(0);
  });
