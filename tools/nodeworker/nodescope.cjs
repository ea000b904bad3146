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

const {
  dist,
  script,
  program,
  version = 'test',
  bytes = 0,
  kernel,
  server = {},
  blocked = false,
  noSIMD = false,
  crash = false,
} = workerData;

/** Versions of the files that have one of their own. */
const versions = { 'kernel_relaxed.wasm': `${version}-relaxed`, 'kernel_strict.wasm': `${version}-strict` };
const address = new URL(`http://inkdrift.test/sub/path/worker.js?v=${version}&bytes=${bytes}&program=${program}`);
for (const variant of ['relaxed', 'strict']) address.searchParams.set(variant, versions[`kernel_${variant}.wasm`]);
if (kernel) address.searchParams.set('kernel', kernel);

const events = new EventTarget();
const scope = {
  self: globalThis,
  location: address,
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

/** Files that were asked for. */
const asked = new Set();

/** Which file of the emulated site an address means, and how it is given. */
function fileOf(url) {
  const { pathname, searchParams } = new URL(url, scope.location);
  const name = path.posix.relative('/sub/path', pathname);
  if (searchParams.get('v') !== (versions[name] ?? version)) throw new Error(`${url} is not of this version`);
  const given = server[name] ?? {};
  const isOver = given.once && asked.has(name);
  asked.add(name);
  return { name, given: isOver ? {} : given };
}

if (blocked) {
  const refuse = () => {
    throw new WebAssembly.CompileError('blocked by the policy of the page');
  };
  WebAssembly.Module = refuse;
}

if (noSIMD) WebAssembly.validate = () => false;

if (crash) Object.defineProperty(globalThis, 'takeEarly', { get: () => () => 'nothing that the engine can use', set() {} });

parentPort.on('message', (data) => {
  if (data === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  events.dispatchEvent(new MessageEvent('message', { data }));
});
process.on('uncaughtException', (error) => {
  const event = new Event('error');
  Object.assign(event, { error, message: error.message });
  events.dispatchEvent(event);
});

vm.runInThisContext(fs.readFileSync(script, 'utf8'), { filename: script });
