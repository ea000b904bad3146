/**
 * Drives WebKitGTK by WebDriver, in a window on a screen of its own.
 *
 *   WEBKIT    path of MiniBrowser, WebKitGTK's own browser
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { start, temporary, viewport } from './driver.mjs';
import { patience } from './start.mjs';

/** After how many milliseconds an answer counts as lost while a page comes, and a page that was asked for. */
const lost = { answer: 3_000, page: 15_000 };

/** A port that is free. @returns {Promise<number>} */
function freePort() {
  const server = createServer();
  return new Promise((found, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => found(port));
    });
  });
}

/**
 * Asks a WebDriver.
 *
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @param {number} [ms] how long it may take: by itself longer than the script that it waits for
 * @returns {Promise<any>} the value of the answer
 */
async function ask(method, url, body, ms = patience + 10_000) {
  const signal = AbortSignal.timeout(ms);
  const response = await fetch(url, { method, body: body && JSON.stringify(body), signal });
  const { value } = /** @type {{value: any}} */ (await response.json());
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** Waits until a server answers. @param {string} url */
async function answers(url) {
  const end = performance.now() + patience;
  while (!(await fetch(url).catch(() => null))) {
    if (performance.now() > end) throw new Error(`${url} does not answer`);
    await pause(20);
  }
}

/** Makes the page note what it would say on the console, which WebDriver does not tell. It runs in the page. */
function listen() {
  /** @type {string[]} */
  const problems = [];
  Object.assign(window, { problems });
  for (const level of /** @type {const} */ (['error', 'warn'])) {
    console[level] = (...said) => problems.push(`console ${level}: ${said.join(' ')}`);
  }
  addEventListener('unhandledrejection', (e) => problems.push(`page error: ${e.reason}`));
  addEventListener(
    'error',
    (e) => {
      const { src, href } = /** @type {any} */ (e.target);
      problems.push(e instanceof ErrorEvent ? `page error: ${e.message} (${e.filename}:${e.lineno})` : `it did not arrive: ${src ?? href}`);
    },
    true, // those of elements do not bubble
  );
}

/** @returns {Promise<import('./driver.mjs').Driver>} */
export async function launch() {
  const folder = temporary('webkit');
  const settings = join(folder.path, '.config', 'gtk-3.0');
  mkdirSync(settings, { recursive: true });
  // Nothing moves unasked, which would keep a processor busy.
  writeFileSync(join(settings, 'settings.ini'), '[Settings]\ngtk-enable-animations=0\n');

  const screen = await start('Xvfb', ['-displayfd', '1', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    env: process.env,
    says: /^(\d+)\s/,
  });
  const port = await freePort();
  const address = `http://127.0.0.1:${port}/session`;
  const env = {
    ...process.env,
    DISPLAY: `:${screen.match[1]}`,
    HOME: folder.path,
    XDG_CONFIG_HOME: '',
    XDG_DATA_HOME: '',
    XDG_CACHE_HOME: '',
    NO_AT_BRIDGE: '1', // there is no bus for screen readers
    // Both halve the processor time: OpenGL on the CPU to put layers together, and compiling warm functions of our
    // programs once more.
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    JSC_useOMGJIT: '0',
  };
  const driver = await start('WebKitWebDriver', ['-p', String(port)], { env });
  async function end() {
    await driver.end();
    await screen.end();
    folder.remove();
  }
  try {
    await answers(`http://127.0.0.1:${port}/status`);
    const browser = { binary: process.env.WEBKIT, args: ['--automation'] };
    const capabilities = { alwaysMatch: { pageLoadStrategy: 'none', 'webkitgtk:browserOptions': browser } };
    const session = await ask('POST', address, { capabilities });
    const send = (/** @type {string} */ command, /** @type {object} */ body, /** @type {number | undefined} */ ms = undefined) =>
      ask('POST', `${address}/${session.sessionId}/${command}`, body, ms);
    await send('timeouts', { script: patience });

    /** @type {import('./driver.mjs').Evaluate} */
    async function evaluate(run, ...args) {
      const script = `const done = arguments[arguments.length - 1];
        (async () => (${run})(...JSON.parse(arguments[0])))().then(
          (value) => done(JSON.stringify({ value })), (e) => done(JSON.stringify({ error: \`\${e}\\n\${e?.stack}\` })))`;
      const { value, error } = JSON.parse(await send('execute/async', { script, args: [JSON.stringify(args)] }));
      if (error) throw new Error(error);
      return value;
    }

    /** Waits until another document is there, and hears it from its beginning. @param {() => Promise<unknown>} leave */
    async function load(leave) {
      // At once, not as promises: those of a document that ends are never kept.
      const now = (/** @type {string} */ script, /** @type {number | undefined} */ ms = undefined) =>
        send('execute/sync', { script, args: [] }, ms);
      await now('window.left = true');
      await leave();
      const begun = performance.now();
      let asked = begun;
      // The answer of a document that ends may not come either.
      const there = () => now("return !('left' in window) && location.protocol.startsWith('http')", lost.answer);
      while (!(await there().catch(() => false))) {
        const time = performance.now();
        if (time > begun + patience) throw new Error('no other page came');
        if (time > asked + lost.page) {
          console.log(`WebKitGTK: no page has come for ${lost.page / 1000} s, so it is asked for once more`);
          asked = time;
          await leave();
        }
        await pause(5);
      }
      await now(`(${listen})()`);
      while (!(await now("return document.readyState === 'complete'"))) await pause(20);
    }

    /** Makes the page in the window as large as it is to be. */
    async function size() {
      const { width, height } = await evaluate(() => ({ width: outerWidth - innerWidth, height: outerHeight - innerHeight }));
      await send('window/rect', { x: 0, y: 0, width: viewport.width + width, height: viewport.height + height });
    }

    await size();
    return {
      version: `WebKitGTK ${session.capabilities.browserVersion}`,
      downloads: folder.path,
      open: (url) => load(() => send('url', { url })),
      reload: () => load(() => send('refresh', {})),
      async restart() {
        // A session forgets all that it stores: its windows end instead, and their processes.
        const { handle } = await send('window/new', { type: 'window' });
        await ask('DELETE', `${address}/${session.sessionId}/window`);
        await send('window', { handle });
        await size();
      },
      evaluate,
      perform: (actions) => send('actions', { actions }),
      screenshot: async () => Buffer.from(await ask('GET', `${address}/${session.sessionId}/screenshot`), 'base64'),
      problems: () => evaluate(() => /** @type {any} */ (window).problems.splice(0)),
      async end() {
        await ask('DELETE', `${address}/${session.sessionId}`).catch(() => {});
        await end();
      },
    };
  } catch (e) {
    await end();
    throw e;
  }
}
