import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const source = readFileSync(new URL('../sw.js', import.meta.url), 'utf8');
const scope = 'https://host/ink/';

const hash = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A site of one version. @param {string} word what differs between versions */
function site(word) {
  /** @type {Record<string, string>} */
  const files = {
    'index.html': `page ${word}`,
    'main.js': 'same in all versions',
    'engine-studio.wasm': `engine ${word}`,
    'engine-trainer.wasm': `trainer ${word}`,
    'models/index.json': '[{"file":"one.safetensors"},{"file":"two.safetensors"}]',
    'models/one.safetensors': 'one',
    'models/two.safetensors': 'two',
    'models/one.md': 'card',
    'examples/one.json': 'example',
    'locales/en.json': 'words',
    'locales/zh.json': 'characters',
    'locales/tour.en.json': 'words',
    'views/studio/try-fill.js': 'fill',
  };
  files['assets.json'] = JSON.stringify({ files: Object.entries(files).map(([path, text]) => ({ path, v: hash(text) })) });
  return files;
}

/**
 * A browser that runs the worker of a version.
 *
 * @param {Map<string, Map<string, Response>>} kept the caches of the origin
 * @param {(path: string, mode: string) => string | undefined} serve what the network gives
 * @param {string} version
 * @param {string[]} [languages] that the browser prefers
 * @param {{id: string, url: string}[]} [windows] that are open, besides one that is embedded
 */
function run(kept, serve, version, languages = ['de-DE', 'fr'], windows = [{ id: 'page', url: scope }]) {
  /** @type {Record<string, (event: any) => void>} */
  const handlers = {};
  let skipped = 0;
  let unregistered = 0;
  const open = async (/** @type {string} */ name) => {
    const c = kept.get(name) ?? new Map();
    kept.set(name, c);
    return {
      match: async (/** @type {string} */ url) => c.get(url)?.clone(),
      put: async (/** @type {string} */ url, /** @type {Response} */ r) => void c.set(url, r),
      delete: async (/** @type {string} */ url) => c.delete(url),
      keys: async () => [...c.keys()].map((url) => ({ url })),
    };
  };
  /** @type {string[]} */
  const fetched = [];
  const all = () => [...windows, { id: 'embedded', url: `${scope}?embed=1` }];
  const self = {
    registration: { scope, unregister: async () => ++unregistered },
    addEventListener: (/** @type {string} */ type, /** @type {any} */ fn) => (handlers[type] = fn),
    skipWaiting: async () => ++skipped,
    clients: {
      // A Web Worker that still imports scripts is not there yet: get waits for it, matchAll leaves it out.
      get: async (/** @type {string} */ id) => all().find((w) => w.id === id) ?? new Promise(() => {}),
      matchAll: async () => all(),
    },
  };
  vm.runInNewContext(source.replace('__ASSETS_VERSION__', version), {
    self,
    navigator: { languages },
    caches: { open, keys: async () => [...kept.keys()], delete: async (/** @type {string} */ n) => kept.delete(n) },
    fetch: async (/** @type {any} */ request, /** @type {any} */ options) => {
      const url = new URL(typeof request === 'string' ? request : request.url);
      const path = url.pathname.slice('/ink/'.length) || 'index.html';
      fetched.push(path);
      const text = serve(path, options?.cache ?? 'default');
      return text === undefined ? new Response('', { status: 404 }) : new Response(text, { headers: { 'content-encoding': 'br' } });
    },
    crypto,
    Blob,
    TransformStream,
    URL,
    Headers,
    Response,
    TextDecoder,
    Uint8Array,
  });
  const extend = async (/** @type {string} */ type) => {
    /** @type {any} */
    let done;
    handlers[type]({ waitUntil: (/** @type {any} */ p) => (done = p) });
    await done;
  };
  return {
    fetched,
    get skipped() {
      return skipped;
    },
    get unregistered() {
      return unregistered;
    },
    install: () => extend('install'),
    activate: () => extend('activate'),
    async message(/** @type {any} */ data) {
      /** @type {any} */
      let done;
      handlers.message({ data, waitUntil: (/** @type {any} */ p) => (done = p) });
      await done;
    },
    /** @returns {Promise<Response | undefined>} undefined: the worker leaves it to the browser */
    async get(
      /** @type {string} */ url,
      method = 'GET',
      /** @type {{mode?: string, clientId?: string, resultingClientId?: string, destination?: string}} */ how = {},
    ) {
      const { mode = 'cors', clientId = '', resultingClientId = '' } = how;
      const { destination = mode === 'navigate' ? 'document' : '' } = how;
      /** @type {any} */
      let answer;
      /** @type {any} */
      let done;
      const request = { url: new URL(url, scope).href, method, mode, destination };
      const respondWith = (/** @type {any} */ p) => (answer = p);
      handlers.fetch({ request, clientId, resultingClientId, respondWith, waitUntil: (/** @type {any} */ p) => (done = p) });
      await done;
      return answer;
    },
  };
}

const versionOf = (/** @type {Record<string, string>} */ files) => hash(files['assets.json']);

test('a file that does not arrive, or torn, is fetched once more', async () => {
  const files = site('1');
  const serve = (/** @type {string} */ path, /** @type {string} */ mode) => {
    if (mode === 'reload') return files[path];
    return path === 'main.js' ? undefined : files[path].slice(0, path === 'index.html' ? 3 : undefined);
  };
  const w = run(new Map(), serve, versionOf(files));
  await w.install();
  assert.equal(await (await w.get('main.js'))?.text(), files['main.js']);
  assert.equal(await (await w.get('./'))?.text(), 'page 1');
});

test('a version is kept whole and answers without a network', async () => {
  const files = site('1');
  let online = true;
  const w = run(new Map(), (path) => (online ? files[path] : undefined), versionOf(files));
  await w.install();
  assert.equal(w.skipped, 0, 'it waits for the old version’s pages');
  online = false;
  for (const url of ['./', 'index.html', 'main.js', 'engine-studio.wasm?v=anything', 'models/one.safetensors?v=x', 'assets.json']) {
    const path = url.split('?')[0].replace('./', '') || 'index.html';
    const r = await w.get(url);
    assert.equal(await r?.text(), files[path], url);
    assert.equal(r?.headers.get('content-encoding'), null);
  }
});

test('papers, examples, the tour and other models are not fetched in advance; all but papers are kept once used', async () => {
  const files = site('1');
  let online = true;
  const w = run(new Map(), (path) => (online ? files[path] : undefined), versionOf(files));
  await w.install();
  for (const path of ['models/two.safetensors', 'models/one.md', 'examples/one.json', 'locales/tour.en.json', 'views/studio/try-fill.js'])
    assert.ok(!w.fetched.includes(path), path);
  for (const state of ['with a network', 'without']) {
    online = state === 'with a network';
    assert.equal(await (await w.get('models/two.safetensors'))?.text(), 'two', state);
    assert.equal(await (await w.get('examples/one.json'))?.text(), 'example', state);
    assert.equal(await (await w.get('locales/tour.en.json'))?.text(), 'words', state);
  }
});

test('a model that was used before there was a worker is kept when it is named, and nothing else', async () => {
  const files = site('1');
  let online = true;
  const w = run(new Map(), (path) => (online ? files[path] : undefined), versionOf(files));
  await w.install();
  for (const keep of ['models/two.safetensors', 'models/two.safetensors', 'models/none.safetensors', 'elsewhere', 3])
    await w.message({ keep });
  assert.equal(w.fetched.filter((p) => p === 'models/two.safetensors').length, 1);
  assert.ok(!w.fetched.includes('models/none.safetensors') && !w.fetched.includes('elsewhere'));
  online = false;
  assert.equal(await (await w.get('models/two.safetensors'))?.text(), 'two');
});

test('the words of a language that the browser prefers are kept in advance, and English ones', async () => {
  const files = site('1');
  for (const [languages, expected] of /** @type {[string[], string[]][]} */ ([
    [['fr'], ['locales/en.json']],
    [
      ['fr', 'zh-CN'],
      ['locales/en.json', 'locales/zh.json'],
    ],
  ])) {
    const w = run(new Map(), (path) => files[path], versionOf(files), languages);
    await w.install();
    assert.deepEqual(
      w.fetched.filter((path) => path.startsWith('locales/')),
      expected,
    );
    assert.equal(await (await w.get('locales/zh.json'))?.text(), 'characters');
  }
});

test('what was used of one version is kept of the next', async () => {
  const [one, two] = [site('1'), site('2')];
  const kept = new Map();
  await run(kept, (path) => one[path], versionOf(one)).install();
  await run(kept, (path) => one[path], versionOf(one)).message({ keep: 'models/two.safetensors' });
  let online = true;
  const w = run(kept, (path) => (online ? two[path] : undefined), versionOf(two));
  await w.install();
  assert.ok(!w.fetched.includes('locales/tour.en.json'), 'what was not used is not');
  online = false;
  assert.equal(await (await w.get('models/two.safetensors'))?.text(), 'two');
});

test('the program that trains is kept once it was used, and is of this version or none', async () => {
  const [one, two] = [site('1'), site('2')];
  let serve = (/** @type {string} */ path) => /** @type {Record<string, string | undefined>} */ (one)[path];
  const w = run(new Map(), (path) => serve(path), versionOf(one));
  await w.install();
  assert.ok(!w.fetched.includes('engine-trainer.wasm'));
  serve = (path) => two[path];
  await assert.rejects((await w.get('engine-trainer.wasm'))?.text() ?? Promise.resolve(), /version/);
  serve = (path) => one[path];
  assert.equal(await (await w.get('engine-trainer.wasm'))?.text(), 'trainer 1');
  serve = () => undefined;
  const kept = await w.get('engine-trainer.wasm');
  assert.equal(await kept?.text(), 'trainer 1');
  assert.equal(kept?.headers.get('content-encoding'), null);

  // The page may have used it before there was this worker.
  const v = run(new Map(), (path) => one[path], versionOf(one));
  await v.install();
  await v.message({ keep: 'engine-trainer.wasm' });
  assert.ok(v.fetched.includes('engine-trainer.wasm'));
});

test('files of another version are not kept', async () => {
  const [old, next] = [site('1'), site('2')];
  const kept = new Map();
  // The list is new already, the engine still old: a deployment is under way.
  const w = run(kept, (path) => (path === 'engine-studio.wasm' ? old : next)[path], versionOf(next));
  await assert.rejects(w.install(), /engine-studio\.wasm/);
  assert.equal(kept.size, 0);
  const v = run(kept, (path) => old[path], versionOf(next));
  await assert.rejects(v.install(), /assets\.json/);
});

test('an old copy in the browser’s own cache is not taken', async () => {
  const [old, next] = [site('1'), site('2')];
  const w = run(new Map(), (path, mode) => (mode === 'reload' || path === 'assets.json' ? next : old)[path], versionOf(next));
  await w.install();
  assert.equal(await (await w.get('engine-studio.wasm'))?.text(), 'engine 2');
});

test('each version answers from its own files, and the new one forgets the old', async () => {
  const [one, two] = [site('1'), site('2')];
  const kept = new Map([['somebody else’s', new Map()]]);
  const first = run(kept, (path) => one[path], versionOf(one));
  await first.install();
  const second = run(kept, (path) => two[path], versionOf(two));
  await second.install();
  assert.equal(await (await first.get('./'))?.text(), 'page 1');
  assert.equal(await (await second.get('./'))?.text(), 'page 2');
  second.message('take-over');
  assert.equal(second.skipped, 1);
  await second.activate();
  assert.deepEqual(
    [...kept.keys()].filter((name) => !name.endsWith(' clients')),
    ['somebody else’s', `inkdrift /ink/ ${versionOf(two)}`],
  );
});

test('a page of an older version gets the files of that one as long as it is open', async () => {
  const [one, two] = [site('1'), site('2')];
  const kept = new Map();
  const windows = [{ id: 'tab', url: scope }];
  const run1 = run(kept, (path) => one[path], versionOf(one), [], windows);
  await run1.install();
  await run1.activate();
  await run1.get('./', 'GET', { mode: 'navigate', resultingClientId: 'old' });
  windows.push({ id: 'old', url: scope });
  /** @type {(path: string) => string | undefined} */
  let serve = (path) => two[path];
  const run2 = () => run(kept, (path) => serve(path), versionOf(two), [], windows);
  await run2().install();
  await run2().activate();
  const text = async (/** @type {Parameters<typeof run1.get>} */ ...request) => (await run2().get(...request))?.text();

  const page = { clientId: 'old' };
  assert.equal(await text('index.html', 'GET', page), 'page 1');
  assert.equal(await text('engine-studio.wasm', 'GET', page), 'engine 1');
  const v = hash(one['engine-studio.wasm']);
  // So do its Web Workers and its frames, of which some browsers do not tell whose they are.
  await run2().get(`main.js?v=${v}`, 'GET', { ...page, destination: 'worker', resultingClientId: 'worker' });
  assert.equal(await text('index.html', 'GET', { clientId: 'worker' }), 'page 1');
  await run2().get(`main.js?v=${v}`, 'GET', { mode: 'navigate', destination: 'iframe', resultingClientId: 'frame' });
  assert.equal(await text('engine-studio.wasm', 'GET', { clientId: 'frame' }), 'engine 1');
  // What was not kept of it is no longer there, or is the same.
  assert.equal(await text('models/two.safetensors', 'GET', page), 'two');
  two['examples/one.json'] = 'another example';
  assert.equal((await run2().get('examples/one.json', 'GET', page))?.type, 'error');
  await assert.rejects((await run2().get('engine-trainer.wasm', 'GET', page))?.text() ?? Promise.resolve(), /version/);
  serve = () => undefined;
  assert.equal(await text('index.html', 'GET', page), 'page 1', 'without a network, too');
  serve = (path) => two[path];

  // A page that is loaded now is of the newer one, by whatever it was asked for.
  assert.equal(await text('./', 'GET', { mode: 'navigate', clientId: 'old', resultingClientId: 'new' }), 'page 2');
  assert.equal(await text('engine-studio.wasm', 'GET', { clientId: 'new' }), 'engine 2');
  assert.equal(await text('index.html', 'GET', page), 'page 1');

  // Once it is closed its version goes, with what was recorded of it.
  windows.pop();
  windows.push({ id: 'new', url: scope });
  await run2().get('./', 'GET', { mode: 'navigate', resultingClientId: 'newest' });
  const name = `inkdrift /ink/ ${versionOf(two)}`;
  assert.deepEqual([...kept.keys()].sort(), [name, 'inkdrift /ink/ clients'].sort());
  assert.deepEqual(
    [...(kept.get('inkdrift /ink/ clients')?.keys() ?? [])].map((url) => new URL(url).searchParams.get('client')),
    ['new', 'newest'],
  );
});

test('other methods and other places are left to the browser', async () => {
  const files = site('1');
  const w = run(new Map(), (path) => files[path], versionOf(files));
  assert.equal(await w.get('./', 'POST'), undefined);
  assert.equal(await w.get('https://host/other/'), undefined);
  assert.equal(await w.get('https://elsewhere/ink/'), undefined);
});

test('without a build it takes itself away', async () => {
  const kept = new Map();
  const w = run(kept, () => assert.fail('fetched'), '__ASSETS_VERSION__');
  await w.install();
  await w.activate();
  assert.equal(w.unregistered, 1);
  assert.equal(kept.size, 0);
  assert.equal(await w.get('./'), undefined);
});

test('a Web Worker gets the scripts that it imports before it runs', { timeout: 5000 }, async () => {
  const files = site('1');
  const w = run(new Map(), (path) => files[path], versionOf(files));
  await w.install();
  await w.activate();
  assert.equal(await (await w.get('main.js', 'GET', { clientId: 'worker that begins' }))?.text(), files['main.js']);
});

test('documents and workers get the headers that isolate the page, kept or not; other files and what is embedded do not', async () => {
  const files = site('1');
  const w = run(new Map(), (path) => files[path], versionOf(files));
  await w.install();
  await w.activate();
  const isolates = async (/** @type {string} */ url, /** @type {object} */ how) => {
    const headers = (await w.get(url, 'GET', how))?.headers;
    return [headers?.get('cross-origin-opener-policy'), headers?.get('cross-origin-embedder-policy')];
  };
  const both = ['same-origin', 'require-corp'];
  assert.deepEqual(await isolates('', { mode: 'navigate' }), both);
  assert.deepEqual(await isolates('nothing.html', { mode: 'navigate' }), both);
  assert.deepEqual(await isolates('main.js', { destination: 'worker' }), both);
  assert.equal(await (await w.get('', 'GET', { mode: 'navigate' }))?.text(), 'page 1');
  assert.equal((await w.get('nothing.html', 'GET', { mode: 'navigate' }))?.status, 404);
  assert.deepEqual(await isolates('main.js', {}), [null, null]);
  assert.deepEqual(await isolates('main.js', { destination: 'worker', clientId: 'embedded' }), [null, null]);
});

test('what is embedded comes from the network, whole', async () => {
  const files = site('1');
  const w = run(new Map(), (path) => files[path], versionOf(files));
  await w.install();
  await w.activate();
  const navigate = { mode: 'navigate' };
  assert.equal(await w.get('?embed=1&note=x', 'GET', navigate), undefined, 'the page itself is left to the browser');
  assert.equal(await w.get('stage.html?v=1&embed=1', 'GET', navigate), undefined);
  assert.equal(await (await w.get('', 'GET', navigate))?.text(), 'page 1');
  w.fetched.length = 0;
  assert.equal(await (await w.get('main.js', 'GET', { clientId: 'page' }))?.text(), files['main.js']);
  assert.deepEqual(w.fetched, []);
  await w.get('main.js', 'GET', { clientId: 'embedded' });
  assert.deepEqual(w.fetched, ['main.js']);
});
