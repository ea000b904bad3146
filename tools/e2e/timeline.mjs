/**
 * When each part of a visit happens, in milliseconds from the navigation, for the engine
 * and the stage: on a first and a second visit, on this machine and through a slow line.
 *
 *   node tools/e2e/timeline.mjs [-rounds 3]     of the page in dist/; CHROME, DIST and SERVE as in start.mjs
 *
 * It prints a table of medians in Markdown. Programs are watched from outside: the page
 * is given its WebAssembly, Worker and MessagePort with a clock around them, which
 * compiles and instantiates in two steps what the page does in one.
 */
import { chromium } from 'playwright-core';

import { serve } from './start.mjs';

/** 10 Mbit/s, 60 ms. */
const slowLine = { offline: false, latency: 60, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };

/** The rows: a name, and the thread and what its clock calls it. @type {[string, string, string][]} */
const rows = [
  ['page: its first module runs', 'page', 'module'],
  ['page: the first paint', 'page', 'first-contentful-paint'],
  ['page: pads take ink', 'page', 'drawable'],
  ['page: a prepared morph moves', 'page', 'first-picture'],
  ['stage: its program is asked for', 'stage', 'asked'],
  ['stage: compiled, having arrived', 'stage', 'compiled'],
  ['stage: instantiated', 'stage', 'instantiated'],
  ['stage: its first message', 'stage', 'stage-hello'],
  ['stage: it has painted', 'stage', 'painted'],
  ['engine: its worker runs', 'engine', 'worker'],
  ['engine: its program is asked for', 'engine', 'asked'],
  ['engine: compiled, having arrived', 'engine', 'compiled'],
  ['engine: instantiated', 'engine', 'instantiated'],
  ['engine: its first message', 'engine', 'hello'],
  ['engine: the model is loaded', 'page', 'ready'],
  ['engine: a drawing is encoded and decoded', 'page', 'encoded'],
];

/** Puts the clock around what starts programs; runs in the page, in the stage's frame and in the engine's worker. */
const clock = () => {
  const self = /** @type {any} */ (globalThis);
  if (self.timeline) return;
  /** @type {Record<string, number>} */
  const marks = {};
  self.timeline = marks;
  const mark = (/** @type {string} */ name) => {
    marks[name] ??= performance.timeOrigin + performance.now();
  };
  mark('worker');
  self.timelineMark = mark;
  const { compileStreaming, instantiate } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    mark('asked');
    const module = await compileStreaming.call(WebAssembly, source);
    mark('compiled');
    const instance = await instantiate.call(WebAssembly, module, imports);
    mark('instantiated');
    return { module, instance };
  };
  const told = (/** @type {any} */ message) => {
    const type = /"type":"([^"]+)"/.exec(message?.head ?? '')?.[1];
    if (type) mark(type);
  };
  const ports = MessagePort.prototype;
  const send = ports.postMessage;
  ports.postMessage = function (/** @type {any} */ message, /** @type {any} */ options) {
    told(message);
    return send.call(this, message, options);
  };
  if (typeof window === 'undefined') {
    const post = self.postMessage;
    // The first answer of a program is to hello.
    self.postMessage = (/** @type {any} */ message, /** @type {any} */ options) => {
      told(message);
      if (marks.instantiated && !/"type":"(loading|engine-)/.test(message?.head ?? '')) mark('hello');
      return post.call(self, message, options);
    };
    return;
  }
  const parent = /** @type {any} */ (window.parent);
  if (parent !== window) {
    // The frame's first, empty document has been here before.
    parent.timelinePost ??= parent.postMessage;
    const post = parent.timelinePost;
    parent.postMessage = (/** @type {any} */ message, /** @type {any[]} */ ...more) => {
      told(message);
      return post.call(parent, message, ...more);
    };
    return;
  }
  self.Worker = class extends self.Worker {
    /** @param {string} url @param {any} options */
    constructor(url, options) {
      const address = JSON.stringify(new URL(url, location.href).href);
      const script = `self.inkdriftAddress = ${address}; (${self.timelineClock})(); importScripts(self.inkdriftAddress);`;
      super(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), options);
    }
  };
  const bar = new Array(784).fill(0).map((_, i) => (i % 28 > 11 && i % 28 < 16 && i > 112 && i < 672 ? 1 : 0));
  const look = () => {
    const { inkdrift } = window;
    if (!inkdrift) return void setTimeout(look, 1);
    mark('module');
    void inkdrift.ready
      .then(() => mark('ready'))
      .then(() => inkdrift.encode(bar))
      .then(() => mark('encoded'));
  };
  look();
};

/**
 * The moments of one visit, by "thread name".
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 * @param {boolean} isSlow
 */
async function visit(context, url, isSlow) {
  const page = await context.newPage();
  try {
    await page.addInitScript(`globalThis.timelineClock = ${JSON.stringify(String(clock))}; (${clock})();`);
    if (isSlow) await (await context.newCDPSession(page)).send('Network.emulateNetworkConditions', slowLine);
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(
      () => /** @type {any} */ (window).timeline.encoded && performance.getEntriesByName('first-picture').length > 1,
      null,
      { polling: 50, timeout: 120_000 },
    );
    const stage = page.frames().find((frame) => /stage\.html/.test(frame.url()));
    await stage?.waitForFunction(() => /** @type {any} */ (window).timeline.painted, null, { polling: 50, timeout: 120_000 });
    const all = {
      page: await page.evaluate(() => {
        const entries = Object.fromEntries(
          ['first-contentful-paint', 'drawable', 'first-picture'].map((name) => [
            name,
            performance.timeOrigin + (performance.getEntriesByName(name)[name === 'first-picture' ? 1 : 0]?.startTime ?? NaN),
          ]),
        );
        return { .../** @type {any} */ (window).timeline, ...entries };
      }),
      stage: (await stage?.evaluate(() => /** @type {any} */ (window).timeline)) ?? {},
      engine: (await page.workers()[0]?.evaluate(() => /** @type {any} */ (globalThis).timeline)) ?? {},
    };
    const began = await page.evaluate(() => performance.timeOrigin);
    return rows.map(([, thread, name]) => /** @type {Record<string, any>} */ (all)[thread][name] - began);
  } finally {
    await page.close();
  }
}

const rounds = Number(process.argv[process.argv.indexOf('-rounds') + 1]) || 3;
const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROME ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
/** @type {[string, boolean, boolean][]} */
const columns = [
  ['first visit', false, false],
  ['second visit', true, false],
  ['first, 10 Mbit/s', false, true],
  ['second, 10 Mbit/s', true, true],
];
/** @type {number[][][]} rounds of every column */
const seen = columns.map(() => []);
for (let round = 0; round < rounds; round++) {
  for (const [i, [, again, isSlow]] of columns.entries()) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    if (again) {
      const page = await context.newPage();
      await page.goto(server.url);
      await page.evaluate(() => navigator.serviceWorker.ready); // it has everything now
      await page.close();
    }
    seen[i].push(await visit(context, server.url, isSlow));
    await context.close();
  }
}
await browser.close();
server.end();

const middle = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
const line = (/** @type {string[]} */ cells) => console.log(`| ${cells.join(' | ')} |`);
line(['milliseconds from navigation', ...columns.map(([name]) => name)]);
line(['---', ...columns.map(() => '---')]);
for (const [row, [name]] of rows.entries()) {
  line([name, ...seen.map((all) => middle(all.map((moments) => moments[row])).toFixed(0))]);
}
