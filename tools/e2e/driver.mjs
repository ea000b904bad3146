/**
 * What the drivers of other browsers than Chromium share. Firefox is driven by
 * WebDriver BiDi (firefox.mjs) and WebKitGTK by WebDriver (webkit.mjs); smoke.mjs
 * runs on both.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { patience } from './start.mjs';

/**
 * A browser with one page.
 *
 * @typedef {object} Driver
 * @property {string} version
 * @property {string} downloads the folder where it saves files
 * @property {(url: string) => Promise<void>} open
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} restart ends as much of the browser as can be ended without losing what it stores, and
 *   starts that again
 * @property {Evaluate} evaluate
 * @property {(actions: object[]) => Promise<void>} perform actions of the WebDriver standard
 * @property {() => Promise<Buffer>} screenshot a PNG
 * @property {() => Promise<string[]>} problems errors and warnings of the page since the last call
 * @property {() => Promise<void>} end
 */

/**
 * Runs a function in the page and waits for what it promises.
 *
 * @typedef {<A extends any[], R>(run: (...args: A) => R | Promise<R>, ...args: A) => Promise<R>} Evaluate
 */

/** The part of the window that is the page. */
export const viewport = { width: 1366, height: 768 };

/** A folder that ends with the browser. @param {string} name */
export function temporary(name) {
  const path = mkdtempSync(join(tmpdir(), `inkdrift-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * Starts a program and waits until it says that it is ready.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {object} how
 * @param {NodeJS.ProcessEnv} how.env
 * @param {RegExp} [how.says] what it says then; else this does not wait
 * @returns {Promise<{match: RegExpExecArray, end: (grace?: number) => Promise<void>}>} end: it may end by itself first, within so
 *   many milliseconds
 */
export async function start(program, args, { env, says = /^/ }) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise((done) => child.once('exit', done));
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const end = async (grace = 0) => {
    if (grace > 0) await Promise.race([gone, pause(grace, null, { ref: false })]);
    child.kill();
    const late = setTimeout(killed, 5000);
    await gone;
    clearTimeout(late);
    process.off('exit', killed);
  };
  let said = '';
  /** @type {Promise<RegExpExecArray>} */
  const ready = new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error(`${program} did not start: ${said}`)), patience);
    const look = () => {
      const match = says.exec(said);
      if (!match) return;
      clearTimeout(late);
      found(match);
    };
    child.once('spawn', look);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said = (said + text).slice(-10_000);
        look();
      });
    }
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`${program} ended with ${code}: ${said}`)));
  });
  try {
    return { match: await ready, end };
  } catch (e) {
    if (child.pid !== undefined) await end();
    throw e;
  }
}
