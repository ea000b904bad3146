/**
 * What all files of the browser tests share: one server of the built page and one
 * browser, which tools/testrun starts before them.
 *
 *   node tools/e2e/browsers.mjs
 *
 * It prints one line of JSON, the environment to give the tests (see lib.mjs), and
 * ends with its standard input.
 */
import { launchServer, serve } from './start.mjs';

const [server, browser] = await Promise.all([serve(), launchServer()]);
console.log(JSON.stringify({ SERVER: server.url, BROWSER: browser.wsEndpoint() }));

process.stdin.resume().once('end', async () => {
  await browser.close();
  server.end();
});
