/**
 * Starts what the browser tests drive: the real server over the built page, and
 * browsers.
 *
 *   CHROME     path of Chromium or Chrome     /usr/bin/chromium
 *   DIST       folder of the built page       dist
 *   SERVE      the built tools/serve          go run ./tools/serve
 */
import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

/** Root of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folder of the built page. */
export const dist = resolve(root, process.env.DIST ?? 'dist');

/** A name of this machine that browsers do not know for it: they think the connection unsafe, and have neither files nor locks for it. */
export const elsewhere = 'inkdrift.test';

/** How long anything may take before it counts as hanging; a busy machine is slow. */
export const patience = 60_000;

/**
 * Serves the built page with tools/serve.
 *
 * @param {{prefix?: string, dir?: string}} [options]
 * @returns {Promise<{url: string, end: () => void}>} url: with a slash at the end
 */
export async function serve({ prefix = '', dir = dist } = {}) {
  const args = ['-dir', dir, '-port', '0', '-prefix', prefix, '-hosts', elsewhere];
  /** @type {[string, string[]]} */
  const [program, first] = process.env.SERVE ? [process.env.SERVE, []] : ['go', ['run', './tools/serve']];
  // go run starts the server as a child of its own, so that a group must be ended;
  // else the server stays in the group of the tests and ends with them in any case.
  const detached = !process.env.SERVE;
  const child = spawn(program, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached });
  const end = () => {
    if (child.pid === undefined) return; // it never began
    try {
      process.kill(detached ? -child.pid : child.pid, 'SIGTERM');
    } catch {
      // It has ended.
    }
  };
  process.once('exit', end);
  return new Promise((found, failed) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const address = /^http:\S+$/m.exec(said);
      if (address) found({ url: address[0], end });
    });
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`${program} ended with ${code} before it gave an address: ${said}`)));
  });
}

/** Flags for a browser with WebGL2 on the CPU, which costs half as much again, and for one without. */
export const flags = {
  webgl: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  noWebGL: ['--disable-gpu', '--disable-software-rasterizer'],
};

/** @param {string[]} renderer */
const options = (renderer) => ({
  executablePath: process.env.CHROME ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', // the tests run as root in containers
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Compiling warm functions of our programs once more, optimized, costs a third of a
    // visit; a test is over before that has paid. Loops that are really hot still are.
    '--js-flags=--wasm-tiering-budget=1000000000',
    `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`,
    ...renderer,
  ],
  timeout: patience,
});

/**
 * Starts a browser of one's own.
 *
 * @param {string[]} [renderer]
 */
export const launch = (renderer = flags.noWebGL) => chromium.launch(options(renderer));

/** Starts a browser that several programs connect to. */
export const launchServer = () => chromium.launchServer(options(flags.noWebGL));
