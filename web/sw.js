/**
 * The service worker: keeps one version of the page, whole, for use without a
 * network.
 *
 * The build puts the version of assets.json into VERSION. A version is kept
 * under a name of its own and only if every file of it arrived with the hash
 * that assets.json says. A new worker waits until no page of the old version is
 * open or a person takes it, in one tab. To the others it gives, as long as they
 * are open, the files of the version that they were loaded with.
 * So a page is never made of two versions.
 */
// biome-ignore lint/suspicious/noRedundantUseStrict: a classic script, not a module
'use strict';

const VERSION = '__ASSETS_VERSION__';

/** Whether a build has made this file; else it keeps out of the way. */
const built = !VERSION.startsWith('__');

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const scope = worker.registration.scope;
const family = `inkdrift ${new URL(scope).pathname} `;
const cacheName = family + VERSION;

/** The cache that says with which version each page and Web Worker was loaded. */
const clientsName = `${family}clients`;

/** @typedef {{path: string, v: string}} File a file of assets.json */

/** The list of files with the hash of each; it is kept like they are. */
const listName = 'assets.json';

/** The program that trains. */
const trainer = 'engine-trainer.wasm';

/** What a first drawing is compared with, which may be drawn without a network. */
const typical = 'models/typical.json';

/**
 * Whether a file is kept once it was used, not before.
 *
 * @param {string} path
 */
const savedWhenUsed = (path) =>
  (/^(examples|models)\//.test(path) && path !== typical) ||
  /(^|\/)(export|lapse|model-map|tour|try)[.-]/.test(path) ||
  path === trainer ||
  isForeign(path);

/**
 * Whether a file has the words of a language that is neither English nor one that the browser prefers.
 *
 * @param {string} path
 */
function isForeign(path) {
  const lang = /^locales\/(\w+)\.json$/.exec(path)?.[1];
  return lang !== undefined && !['en', ...navigator.languages].some((tag) => tag.toLowerCase().startsWith(lang));
}

worker.addEventListener('install', (event) => {
  event.waitUntil(built ? saveAll() : worker.skipWaiting());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(built ? forgetOthers() : worker.registration.unregister());
});

worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') worker.skipWaiting();
  else if (typeof event.data?.keep === 'string') event.waitUntil(saveUsed(event.data.keep));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (!built || request.method !== 'GET' || !url.href.startsWith(scope)) return;
  if (request.mode === 'navigate' && isEmbedded(url)) return;
  const path = url.pathname.slice(new URL(scope).pathname.length) || 'index.html';
  event.respondWith(answer(path, event));
  if (request.destination === 'document') event.waitUntil(forgetOthers());
});

/**
 * Whether an address is that of a page in a frame of somebody else's, or of the
 * stage in it. The network answers those, and all that they ask for: what is
 * kept has the headers of the page as a whole, which may forbid frames, and an
 * embedded page is not to be made of two versions either.
 *
 * @param {URL} url
 */
const isEmbedded = (url) => url.searchParams.get('embed') === '1';

/**
 * Whether the answer to a request decides whether a page is isolated from others, so
 * that its workers may share memory: a document or a worker does.
 *
 * @param {Request} request
 */
const isolates = ({ mode, destination }) => mode === 'navigate' || destination === 'worker';

/**
 * A response with the headers that isolate.
 *
 * @param {Response} response
 */
function isolated(response) {
  if (response.type === 'opaqueredirect' || response.type === 'error') return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(response.body, { status, statusText, headers });
}

/**
 * Whether a page asks that is embedded. clients.get would wait for a Web Worker that
 * imports a script until it runs, and it would wait for its script: for ever, in Firefox.
 *
 * @param {string} clientId who asks
 */
async function isOfEmbedded(clientId) {
  const windows = clientId ? await worker.clients.matchAll({ type: 'window' }) : [];
  return windows.some(({ id, url }) => id === clientId && isEmbedded(new URL(url)));
}

/** Fetches and keeps every file that a visit without a network needs, and what was used of the version before. */
async function saveAll() {
  const cache = await caches.open(cacheName);
  try {
    /** @type {{files: File[]}} */
    const { files } = JSON.parse(new TextDecoder().decode(await save(cache, listName, VERSION)));
    const models = await save(cache, 'models/index.json', files.find((f) => f.path === 'models/index.json')?.v ?? '');
    const first = `models/${JSON.parse(new TextDecoder().decode(models))[0].file}`;
    for (const { path, v } of files) {
      // Papers nobody needs offline.
      const wanted = savedWhenUsed(path) ? path === first || (await wasUsed(path)) : !/\.(md|txt)$/.test(path);
      if (wanted) await save(cache, path, v);
    }
  } catch (e) {
    await caches.delete(cacheName);
    throw e;
  }
}

/**
 * Whether another version of a file is kept.
 *
 * @param {string} path
 */
async function wasUsed(path) {
  for (const name of await caches.keys()) {
    if (name.startsWith(family) && name !== cacheName && (await (await caches.open(name)).match(new URL(path, scope).href))) return true;
  }
  return false;
}

/**
 * The files of the version in a cache; none if it holds no list.
 *
 * @param {Cache} cache
 * @returns {Promise<File[]>}
 */
async function listed(cache) {
  const list = await cache.match(new URL(listName, scope).href);
  return list ? (await list.json()).files : [];
}

/**
 * Keeps a file that a page used before there was this worker to see it.
 *
 * @param {string} path
 */
async function saveUsed(path) {
  const cache = await caches.open(cacheName);
  const file = (await listed(cache)).find((f) => f.path === path && savedWhenUsed(path));
  if (file && !(await cache.match(new URL(path, scope).href))) await save(cache, path, file.v);
}

/**
 * Fetches a file and keeps it, if it is the one that is meant.
 *
 * @param {Cache} cache
 * @param {string} path
 * @param {string} v the first 16 hexadecimal digits of its SHA-256
 * @returns {Promise<ArrayBuffer>}
 */
async function save(cache, path, v) {
  const address = path === 'index.html' ? scope : new URL(path, scope).href;
  // Large files were fetched by the page under this address a moment ago.
  const versioned = /\.(wasm|safetensors)$/.test(path) ? `${address}?v=${v}` : address;
  for (const mode of /** @type {const} */ (['default', 'reload'])) {
    try {
      const response = await fetch(versioned, { cache: mode });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
      const body = await response.arrayBuffer();
      // It may be an old copy of somebody's cache.
      if ((await hash(body)) !== v) throw new Error(`${path} is not the file of version ${VERSION}`);
      await cache.put(new URL(path, scope).href, copy(response, body));
      return body;
    } catch (e) {
      if (mode === 'reload') throw e;
    }
  }
  throw new Error(path);
}

/** The caches of other versions. */
const findOthers = async () => (await caches.keys()).filter((name) => name.startsWith(family) && ![cacheName, clientsName].includes(name));

/** The same, looked for once. @type {Promise<string[]> | undefined} */
let others;

/** Where it is kept with which version a client was loaded. @param {string} id */
const recordOf = (id) => `${scope}?client=${encodeURIComponent(id)}`;

/**
 * The cache of the version that a page or Web Worker was loaded with.
 *
 * @param {string} id of the client
 * @returns {Promise<string | undefined>} undefined: it was not this page's service worker that loaded it
 */
async function recorded(id) {
  const record = await (await caches.open(clientsName)).match(recordOf(id));
  return record?.text();
}

/**
 * The cache that a request is answered from: that of the version of whoever asks.
 *
 * @param {FetchEvent} event
 */
async function cacheOf({ request, clientId, resultingClientId }) {
  others ??= findOthers();
  const old = await others;
  let name = cacheName;
  if (old.length > 0 && request.destination !== 'document') {
    // Some browsers do not tell who asks for a frame. Its address has a version.
    const asked = clientId ? await recorded(clientId) : await having(new URL(request.url).searchParams.get('v') ?? '', [cacheName, ...old]);
    if (asked && old.includes(asked)) name = asked;
  }
  if (resultingClientId) await (await caches.open(clientsName)).put(recordOf(resultingClientId), new Response(name));
  return name;
}

/**
 * The first cache whose version has a file with a hash.
 *
 * @param {string} v
 * @param {string[]} names
 */
async function having(v, names) {
  for (const name of names) if ((await listed(await caches.open(name))).some((f) => f.v === v)) return name;
  return undefined;
}

/**
 * @param {string} path
 * @param {FetchEvent} event
 * @returns {Promise<Response>}
 */
async function answer(path, event) {
  const { request } = event;
  if (await isOfEmbedded(event.clientId)) return fetch(request);
  const isolate = isolates(request);
  const name = await cacheOf(event);
  const cache = await caches.open(name);
  const kept = await cache.match(new URL(path, scope).href);
  if (kept) return isolate ? isolated(kept) : kept;

  const response = await fetch(request);
  if (isolate) return isolated(response);
  if (!response.ok || !savedWhenUsed(path)) return response;
  const v = (await listed(cache)).find((f) => f.path === path)?.v;
  const put = (/** @type {ArrayBuffer} */ body) => cache.put(new URL(path, scope).href, copy(response, body));
  if (path === trainer) return checked(response, v, put);
  const body = await response.clone().arrayBuffer();
  if (v && (await hash(body)) === v) await put(body);
  // The page is of an older version, and the server has that file no longer.
  else if (v && name !== cacheName) return Response.error();
  return response;
}

/**
 * A response whose body is passed on as it arrives, so that its progress is seen. It
 * ends with an error unless it is the file that is meant: a program of another
 * version would not understand this page.
 *
 * @param {Response} response
 * @param {string | undefined} v
 * @param {(body: ArrayBuffer) => Promise<void>} put keeps it
 */
function checked(response, v, put) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  const passOn = new TransformStream({
    transform(chunk, out) {
      chunks.push(chunk);
      out.enqueue(chunk);
    },
    async flush(out) {
      const body = await new Blob(chunks).arrayBuffer();
      if ((await hash(body)) === v) await put(body);
      else out.error(new Error(`${response.url} is not of version ${VERSION}`));
    },
  });
  return copy(response, response.body?.pipeThrough(passOn));
}

/** Forgets the other versions of this page, once nothing that was loaded with them is open; other pages of the origin keep theirs. */
async function forgetOthers() {
  const clients = await caches.open(clientsName);
  const records = await clients.keys(); // first: a page that is being loaded is not open yet
  const open = await worker.clients.matchAll({ includeUncontrolled: true, type: 'all' });
  const kept = open.map(({ id }) => recordOf(id));
  for (const { url } of records) if (!kept.includes(url)) await clients.delete(url);
  const used = await Promise.all(open.map(({ id }) => recorded(id)));
  for (const name of await findOthers()) if (!used.includes(name)) await caches.delete(name);
  others = findOthers();
}

/**
 * A response as it is kept: its body is no longer compressed.
 *
 * @param {Response} response
 * @param {ArrayBuffer | ReadableStream | undefined} body
 */
function copy(response, body) {
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(body, { headers });
}

/** @param {ArrayBuffer} body */
async function hash(body) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  return Array.from(digest.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join('');
}
