/**
 * Drives Firefox by WebDriver BiDi, without a window.
 *
 *   FIREFOX   path of Firefox
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { WebSocket } from 'ws';

import { start, temporary, viewport } from './driver.mjs';
import { patience } from './start.mjs';

/** Settings of the profile, beside those that Firefox makes when it is driven. */
const preferences = (/** @type {string} */ downloads) => ({
  'browser.download.dir': downloads,
  'browser.download.folderList': 2, // that folder
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'dom.ipc.processPrelaunch.enabled': false,
  'intl.accept_languages': 'en-US',
  'toolkit.telemetry.enabled': false,
  'ui.prefersReducedMotion': 1, // nothing moves unasked, which would keep a processor busy
  'ui.systemUsesDarkTheme': 0,
});

/** Both save a third of the processor time: compiling our programs once more, optimized, and painting every frame. */
const savings = { 'javascript.options.wasm_optimizingjit': false, 'layout.frame_rate': 30 };

/** A connection that answers each command. */
class Connection {
  #socket;
  #id = 0;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();

  /**
   * @param {WebSocket} socket
   * @param {(method: string, params: any) => void} onEvent
   */
  constructor(socket, onEvent) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { id, type, result, error, message, method, params } = JSON.parse(String(data));
      if (type === 'event') return onEvent(method, params);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (type === 'success') waiting?.resolve(result);
      else waiting?.reject(new Error(`${error}: ${message}`));
    });
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox has ended'));
    });
  }

  /**
   * @param {string} url
   * @param {(method: string, params: any) => void} onEvent
   * @returns {Promise<Connection>}
   */
  static open(url, onEvent) {
    const socket = new WebSocket(url, { handshakeTimeout: patience });
    return new Promise((opened, failed) => {
      socket.once('error', failed);
      socket.once('open', () => opened(new Connection(socket, onEvent)));
    });
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @returns {Promise<any>}
   */
  send(method, params = {}) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

/**
 * @param {object} [how]
 * @param {boolean} [how.asVisitors] with what visitors have, although it takes more time
 * @returns {Promise<import('./driver.mjs').Driver>}
 */
export async function launch({ asVisitors = false } = {}) {
  const folder = temporary('firefox');
  const [profile, downloads] = ['profile', 'downloads'].map((name) => join(folder.path, name));
  for (const path of [profile, downloads]) mkdirSync(path);
  const lines = Object.entries({ ...preferences(downloads), ...(asVisitors ? {} : savings) }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));

  /** @type {string[]} */
  const problems = [];
  /** @type {Connection} */
  let connection;
  /** @type {Awaited<ReturnType<typeof start>>} */
  let program;
  let context = '';
  let version = '';

  async function begin() {
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
    const env = { ...process.env, HOME: folder.path, MOZ_CRASHREPORTER_DISABLE: '1' };
    program = await start(process.env.FIREFOX ?? 'firefox-esr', args, { env, says: /WebDriver BiDi listening on (ws:\S+)/ });
    connection = await Connection.open(`${program.match[1]}/session`, (method, { level, text, source }) => {
      if (method !== 'log.entryAdded' || !['error', 'warn'].includes(level)) return;
      problems.push(`console ${level}: ${text} (${source?.realm ?? ''})`);
    });
    const { capabilities } = await connection.send('session.new', { capabilities: {} });
    version = `${capabilities.browserName} ${capabilities.browserVersion}`;
    await connection.send('session.subscribe', { events: ['log.entryAdded'] });
    context = (await connection.send('browsingContext.getTree')).contexts[0].context;
    await connection.send('browsingContext.setViewport', { context, viewport });
  }

  async function finish() {
    await connection.send('browser.close').catch(() => {}); // it may end before it answers
    await program.end(10_000); // what the page stores is still to be written
  }

  await begin();
  return {
    get version() {
      return version;
    },
    downloads,
    async open(url) {
      await connection.send('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    async reload() {
      await connection.send('browsingContext.reload', { context, wait: 'complete' });
    },
    async restart() {
      await finish();
      await begin();
    },
    async evaluate(run, ...args) {
      const { type, result, exceptionDetails } = await connection.send('script.callFunction', {
        // The page's own JSON: values of BiDi have a form of their own.
        functionDeclaration: `async (args) => JSON.stringify(await (${run})(...JSON.parse(args)))`,
        arguments: [{ type: 'string', value: JSON.stringify(args) }],
        target: { context },
        awaitPromise: true,
      });
      if (type === 'exception') throw new Error(exceptionDetails.text);
      return result.type === 'string' ? JSON.parse(result.value) : undefined;
    },
    async perform(actions) {
      await connection.send('input.performActions', { context, actions });
    },
    async screenshot() {
      return Buffer.from((await connection.send('browsingContext.captureScreenshot', { context })).data, 'base64');
    },
    problems: async () => problems.splice(0),
    async end() {
      await finish();
      folder.remove();
    },
  };
}
