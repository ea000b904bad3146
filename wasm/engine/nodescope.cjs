/**
 * What a browser gives to a classic worker, made of what Node has. Runs
 * web/worker.js in it. See nodeworker.mjs.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { parentPort, workerData } = require('node:worker_threads');

// Node 18 has it here only.
globalThis.crypto ??= require('node:crypto').webcrypto;

const { dist, script, version = 'test', bytes = 0, server = {}, blocked = false, crash = false } = workerData;

const events = new EventTarget();
const scope = {
  self: globalThis,
  location: new URL(`http://inkdrift.test/sub/path/worker.js?v=${version}&bytes=${bytes}`),
  addEventListener: events.addEventListener.bind(events),
  removeEventListener: events.removeEventListener.bind(events),
  postMessage: (message, transfer) => parentPort.postMessage(message, transfer),

  importScripts(url) {
    const { name, given } = fileOf(url);
    if (given.fail) throw new Error(`${name} cannot be had`);
    vm.runInThisContext(fs.readFileSync(path.join(dist, name), 'utf8'), { filename: name });
  },

  async fetch(url) {
    const { name, given } = fileOf(url);
    if (given.fail) throw new TypeError('fetch failed');
    const body = given.body ?? fs.readFileSync(path.join(dist, name));
    return new Response(body, { status: given.status ?? 200, headers: { 'Content-Type': given.type ?? 'application/wasm' } });
  },
};
for (const [name, value] of Object.entries(scope)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Which file of the emulated site an address means, and how it is given. */
function fileOf(url) {
  const { pathname, searchParams } = new URL(url, scope.location);
  if (searchParams.get('v') !== version) throw new Error(`${url} is not of version ${version}`);
  const name = path.posix.relative('/sub/path', pathname);
  return { name, given: server[name] ?? {} };
}

if (blocked) {
  const refuse = () => {
    throw new WebAssembly.CompileError('blocked by the policy of the page');
  };
  WebAssembly.Module = refuse;
}

if (crash) Object.defineProperty(globalThis, 'takeEarly', { get: () => () => 'nothing that the engine can use', set() {} });

parentPort.on('message', (data) => events.dispatchEvent(new MessageEvent('message', { data })));
process.on('uncaughtException', (error) => {
  const event = new Event('error');
  Object.assign(event, { error, message: error.message });
  events.dispatchEvent(event);
});

vm.runInThisContext(fs.readFileSync(script, 'utf8'), { filename: script });
