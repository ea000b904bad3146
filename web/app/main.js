/**
 * Assembles the page: words, errors, the engine (a worker), the stage (an
 * iframe), models, views and the interface for scripts. Engine and stage can
 * die at any moment; the page has all that they need to begin again.
 */
import { fetchAssets, fetchJSON, Progress } from '../engine/assets.js';
import { Engine, engineURL, startWorker, studioProgram } from '../engine/engine.js';
import { Models, readModel, withoutEnding } from '../engine/models.js';
import { cacheOffline, registerServiceWorker } from '../engine/offline.js';
import { StageClient } from '../engine/stage-client.js';
import { byId } from '../lib/dom.js';
import { Emitter } from '../lib/emitter.js';
import { ErrorArea, InkdriftError } from '../lib/errors.js';
import { choose, I18n, languages } from '../lib/i18n.js';
import { loadModule } from '../lib/load-module.js';
import { LocalStore, memoryArea } from '../lib/local-storage.js';
import { closeMenus } from '../lib/menus.js';
import { CurrentMap } from '../ui/current-map.js';
import { Layout } from '../ui/layout.js';
import { preparePrint } from '../ui/print.js';
import { copyButton, makeShareButtons } from '../ui/share.js';
import { ProgressBar, Status } from '../ui/status.js';
import { Terms } from '../ui/term.js';
import { Theme } from '../ui/theme.js';
import { Studio } from '../views/studio/studio.js';
import { makeAPI } from './api.js';
import { askAboutModel } from './ask-model.js';
import { embedCode } from './embed-code.js';
import { ErrorReports } from './error-reports.js';
import { listenForFiles } from './file-drop.js';
import { addressOf, LinkVisit } from './link-visit.js';
import { offerTour } from './offer-tour.js';
import { LazyTraining } from './training.js';
import { ViewLoader } from './view-loader.js';
import { version } from './version.js';
import { dataView, modelView, views } from './views.js';

const base = new URL('..', import.meta.url).href;

/** Whether the page is in a frame of somebody else's. It stores nothing there. */
const isEmbedded = document.documentElement.dataset.embed !== undefined;

/** Events for scripts: progress, change, error. */
const events = new Emitter();

/** Whether the page can be used. */
let isReady = false;

/** The names of the models that everybody has. @type {Set<string>} */
let listed = new Set();

document.documentElement.dataset.watched = ''; // start-failure.js may be missing

// Words and lists are on their way before anything else.
const i18n = new I18n(async (name) => {
  const file = `locales/${name}.json`;
  // initial-view.js may have asked for them.
  const words = (name === 'zh' && (await globalThis.inkdriftWords)) || (await fetchJSON(new URL(file, base), 'fetch-failed'));
  void cacheOffline(file);
  return words;
});
const store = new LocalStore(isEmbedded ? memoryArea() : () => localStorage, (e) => fail(new InkdriftError('storage', e.message)));
const errors = new ErrorArea(byId('errors', HTMLElement), byId('storage-note', HTMLElement), i18n);
const status = new Status(i18n);
const reports = new ErrorReports({ area: errors, events, onRetry: () => isReady || status.say('status.failed') });
reports.listen(window);
/** Shows an error, and tells scripts. @type {import('./context.js').AppContext['fail']} */
const fail = (error, retry, cause) => reports.fail(error, retry, cause);
const terms = new Terms({ i18n, fetch: () => fetchJSON(new URL('glossary.json', base), 'fetch-failed'), onError: fail });
const language = byId('language', HTMLSelectElement);
const words = i18n.use(choose([document.documentElement.lang]));
const lists = Promise.all([fetchAssets(base), fetchJSON(new URL('models/index.json', base), 'models-missing')]);
lists.catch(() => {}); // start() tells of it

i18n.adopt(document);
i18n.onChange(() => {
  document.documentElement.lang = languages[i18n.lang];
  delete document.documentElement.dataset.words;
  language.value = i18n.lang;
});
/** @param {keyof typeof languages} lang */
function speak(lang) {
  store.set('language', lang);
  i18n.use(lang).then(
    () => errors.clear('fetch-failed'),
    (e) => {
      language.value = i18n.lang;
      fail(e, () => speak(lang));
    },
  );
}
language.addEventListener('change', () => speak(choose([language.value])));
// Without words the script in the head has some.
words.catch((e) => {
  delete document.documentElement.dataset.words;
  globalThis.inkdriftFiles?.lost(e.field);
  reports.tell(e);
});

/** Codes of errors that whoever goes on with the pads has found a way round. */
const passing = [
  ...['nothing-to-save', 'bad-picture', 'blank-picture', 'picture-too-large', 'file-of-data', 'file-unknown', 'format'],
  ...['lfs-pointer', 'no-archive', 'no-data', 'web-page'],
];
events.on('change', ({ pad }) => {
  if (pad) for (const code of passing) errors.clear(code);
});

const bar = new ProgressBar(i18n);
const progress = new Progress((loaded, total) => {
  bar.show(loaded, total);
  events.emit('progress', { loaded, total });
});

// The two programs.

/** @type {import('../engine/assets.js').Assets} */
let assets;
const engine = new Engine({
  program: studioProgram,
  periods: 3, // a busy machine is slow
  spawn: (again) => startWorker(engineURL(assets, studioProgram, new URL(location.href).searchParams.get('kernel'), again)),
  async setup() {
    connected = false;
    connect();
    await models.restore();
  },
});
const stage = new StageClient(byId('canvas', HTMLIFrameElement));
/** Whether stage and engine have a channel. */
let connected = false;

/** Gives stage and engine a channel of their own. */
function connect() {
  if (connected || !stage.connected || (engine.state !== 'ready' && engine.state !== 'starting')) return;
  connected = true;
  const { port1, port2 } = new MessageChannel();
  engine.request('port', {}, [], { port: port1, first: true }).catch(() => {
    connected = false;
  });
  stage.send({ type: 'engine' }, [], port2);
}

engine.on('loading', (head) => progress.arrived('engine', head.loaded));
// Without its kernel it is much slower. Fetching that again may help, once all else is there.
engine.on(
  'engine-warning',
  ({ error }) => void ready.then(() => fail(error, error.code === 'kernel-failed' ? () => location.reload() : undefined)),
);
engine.on('state', (state, why) => {
  if (state === 'ready') {
    progress.complete('engine');
    connect();
    if (isReady) status.say('status.again');
  } else if (state === 'restarting' && isReady) {
    status.say('status.restarting');
  } else if (state === 'failed') {
    const known = why?.code.startsWith('wasm') || why?.code === 'fetch-failed';
    fail(known ? why : new InkdriftError('engine-gone', why?.message ?? ''), again);
  }
});

/** Tells the stage the colours. */
function sendTheme() {
  const { paper, ink, muted, line, accent, mu, sigma } = theme.colours;
  stage.send({ type: 'theme', paper, ink, muted, line, accent, mu, sigma, classes: theme.classes });
}

stage.on('loading', (loaded) => progress.arrived('stage', loaded));
stage.on('connected', () => {
  connected = false;
  connect();
  stage.send(layout.message);
  sendTheme();
});
stage.on('ready', (head) => {
  progress.complete('stage');
  const notice = byId('notice', HTMLElement);
  notice.hidden = head.renderer !== 'canvas2d';
  i18n.text(notice, 'status.canvas2d');
  sayReady();
});
stage.on('error', (head) => fail(new InkdriftError('stage-failed', `${head.error?.code}: ${head.error?.message}`)));
stage.on('failed', (error) => fail(error, again));

// What the views share, and the views.

const theme = new Theme(store, () => {
  sendTheme();
  loader.themed();
});
const models = new Models({
  engine,
  i18n,
  url: (path) => assets.url(path),
  onLoad: loaded,
  onUnfit: (bytes, name) => shared.showModel(bytes, name),
  onError: fail,
  explain: (term, key) => terms.button(term, key),
});
const stageElement = byId('stage', HTMLElement);
const layout = new Layout(stageElement, byId('canvas', HTMLIFrameElement), () => stage.send(layout.message));
closeMenus();
preparePrint(stageElement, () => theme.dark);

const maps = new CurrentMap(document);
maps.on('place', () => events.emit('change', { map: true }));
const services = {
  base,
  assets: async () => (await lists)[0],
  words,
  i18n,
  store,
  status: status.of('studio'),
  terms,
  errors,
  events,
  engine,
  stage,
  models,
  maps,
  fail,
};
const training = new LazyTraining(services, !isEmbedded);
/** @type {Omit<import('./context.js').AppContext, 'studio'>} */
const shared = {
  ...services,
  colours: () => theme.colours,
  training: () => training.load(),
  async useModel(bytes, name, before) {
    await models.load({ name, bytes, before });
    loader.go('studio');
  },
  async useListedModel(model) {
    models.add(model);
    await models.load(model.name);
    loader.go('studio');
  },
  async showModel(bytes, name) {
    (await loader.open(modelView)).showModel?.(bytes, name);
  },
};
const studio = new Studio(shared);
const visit = new LinkVisit({ studio, store, load: (name) => models.load(name) });
const loader = new ViewLoader({
  views: isEmbedded ? views.slice(0, 1) : views,
  context: { ...shared, studio },
  status,
  onChange: viewChanged,
});

offerTour({
  ...{ base, i18n, store, events, fail },
  go: (view) => loader.go(view),
  now() {
    const { rev, source, drawing, empty } = studio.pads.a;
    const { step, status: run, kl, settings } = training.state;
    return { a: { rev, source, drawing, empty }, train: { step, status: run, kl, settings } };
  },
});
listenForFiles({
  view: () => loader.current,
  pictures: (files, target) => studio.putPictures(files, target),
  model: (file) => void takeModel(file).catch(fail),
  data(files) {
    if (isEmbedded) return;
    loader.go(dataView);
    loader.open(dataView).then((view) => view.takeData?.(files), fail);
  },
  onError: fail,
});

// Start.

/** @type {(value?: any) => void} */
let resolveReady;
/** @type {Promise<void>} */
const ready = new Promise((resolve) => (resolveReady = resolve));

/**
 * Asks what to do with a model file, and does it.
 *
 * @param {File} file
 */
async function takeModel(file) {
  const bytes = await readModel(file); // before anything is asked about it
  const answer = isEmbedded ? 'use' : await askAboutModel(i18n, file.name);
  if (answer === 'use') await models.load(file);
  else if (answer === 'show') await shared.showModel(bytes, withoutEnding(file.name));
}

/** Another view is shown. */
function viewChanged() {
  layout.look();
  sayReady();
  errors.leave();
}

/** The page can be used once the stage draws and the model answers. */
function sayReady() {
  const drawn = stage.ready || stageElement.clientHeight === 0; // it does not draw where it is not seen
  if (isReady || !drawn || !models.info) return;
  isReady = true;
  bar.done();
  loader.ready();
  const play = new URLSearchParams(location.search).get('play') === '1';
  if (play || !isEmbedded) studio.play(play);
  else if (!studio.isPlaced) studio.seek(0.5);
  if (!isEmbedded) void registerServiceWorker(new URL('sw.js', base).href);
}

/**
 * Another model is in use.
 *
 * @param {boolean} opened whether a person opened it as a file
 * @param {boolean} quiet whether nothing is to be said of it
 */
function loaded(opened, quiet) {
  if (models.name !== visit.model) {
    store.set('model', opened ? null : models.name);
    if (!quiet) void keepOwn(opened).catch(fail);
  }
  for (const code of ['bad-model', 'model-missing', 'model-unknown']) errors.clear(code);
  if (isReady && !quiet) status.say('status.model', () => ({ model: models.title }));
  events.emit('change', { model: models.name });
}

/** What names the kept model of a person's own. @type {string} */
const ownModel = 'own-model';

/**
 * Keeps the model in use for the next visit, if it is a person's own; else the one that was kept is forgotten.
 *
 * @param {boolean} own
 */
async function keepOwn(own) {
  const { name, before, bytes } = models;
  if (isEmbedded || (!own && store.get(ownModel) === null)) return;
  const { keepModel, forgetModel } = await loadModule(() => import('./own-model.js'), 'own-model.js');
  void cacheOffline('app/own-model.js');
  if (models.bytes !== bytes) return; // another came meanwhile
  if (own && bytes && bytes !== kept) await keepModel(bytes);
  else if (!own) await forgetModel();
  store.set(ownModel, own ? { name, before } : null);
}

/** The file of the model that was kept from the last visit. @type {ArrayBuffer | null} */
let kept = null;

/**
 * Loads the model of a person's own that is kept.
 *
 * @returns {Promise<boolean>} false: there is none, or it cannot be had
 */
async function loadOwn() {
  const own = isEmbedded || visit.model !== null ? null : store.get(ownModel);
  if (typeof own?.name !== 'string') return false;
  // Not tried again if it ends the page.
  store.set(ownModel, null);
  try {
    const { keptModel } = await loadModule(() => import('./own-model.js'), 'own-model.js');
    kept = await keptModel();
    if (!kept) return false;
    await models.load({ name: own.name, bytes: kept, before: String(own.before ?? '') });
    return true;
  } catch (e) {
    fail(e);
    return false;
  }
}

/** Tries again what has failed. What is drawn is saved and comes back after a reload. */
function again() {
  if (isReady && engine.state === 'failed') engine.start();
  else location.reload();
}

/** The snapshot that scripts get. */
function state() {
  const own = studio.state;
  const train = training.state;
  return {
    model: models.name,
    modelInfo: models.info && { ...models.info },
    backend: engine.backend,
    isolated: globalThis.crossOriginIsolated === true,
    workers: train.workers ?? null,
    ...own,
    map: maps.shown?.state ?? own.map,
    train,
  };
}

/**
 * Loads a model for scripts: behind the pads, or where they cannot take it, in the view of all models.
 *
 * @param {string | File} what
 * @returns {Promise<object | null>} null: it is shown there
 */
async function load(what) {
  await lists;
  if (typeof what === 'string' && !listed.has(what) && !isEmbedded) {
    /** @type {{name: string}[]} */
    const all = await fetchJSON(new URL('models/gallery.json', base), 'models-missing');
    if (all.some(({ name }) => name === what)) {
      location.hash = `#${modelView}?m=${what}`;
      return null;
    }
  }
  return models.load(what);
}

/** The address of what is shown, and what it leaves out. */
function link() {
  const model = listed.has(models.name ?? '') ? models.name : null;
  const more = loader.current?.share?.bind(loader.current);
  const { address, missing } = addressOf({ view: document.documentElement.dataset.view ?? 'studio', studio, model, more });
  return { address, missing, isOwnModel: model === null && models.name !== null };
}

/** The same, as the buttons in the head pass it on. */
function shareable() {
  const { address, missing, isOwnModel } = link();
  const pads = missing.map((pad) => pad.toUpperCase()).join(', ');
  const remarks = [pads && i18n.t('link.left-out', { pads }), isOwnModel && i18n.t('link.own-model')];
  return { address, remark: remarks.filter(Boolean).join(' ') };
}

makeShareButtons({ i18n, link: shareable, onError: fail });
copyButton(byId('embed-code', HTMLButtonElement), i18n, () => {
  const { address, remark } = shareable();
  return { text: embedCode(address, i18n.t('page.title')), copied: [i18n.t('embed.copied'), remark].filter(Boolean).join(' ') };
});

const api = makeAPI({
  ready,
  latent: () => models.info?.latent ?? null,
  request: (type, fields, bufs) => engine.request(type, fields, bufs),
  rects() {
    const rects = layout.rects();
    if (maps.shown) rects.map = maps.shown.rect;
    return rects;
  },
  state,
  map: () => maps.shown ?? studio.map,
  load,
  models: () => models.names,
  link: () => link().address,
  training: async () => (await training.load()).training,
  onError: (e) => reports.tell(e),
  events,
});
/** @typedef {typeof api} Inkdrift the type of window.inkdrift */
Object.defineProperty(window, 'inkdrift', { value: api, enumerable: true });
if (isEmbedded)
  loadModule(() => import('./embed.js'), 'embed.js')
    .then(({ openEmbed }) => openEmbed({ api, studio, i18n, events }))
    .catch(fail);

async function start() {
  if (typeof WebAssembly !== 'object') throw new InkdriftError('no-wasm', '');
  const [list, index] = await lists;
  assets = list;
  const whole = globalThis.inkdriftFiles?.check((path) => (assets.has(path) ? assets.get(path).bytes : undefined));
  void showVersion();
  models.list(index);
  listed = new Set(models.names.map(({ name }) => name));
  const wanted = visit.model;
  if (wanted !== null && !listed.has(wanted)) visit.refuse();
  const chosen = models.find(visit.model ?? store.get('model'));
  const parts = { stage: 'stage.wasm', engine: studioProgram, model: `models/${chosen.file}` };
  for (const [part, file] of Object.entries(parts)) progress.expect(part, assets.get(file).bytes, assets.sent(file));
  engine.start();
  stage.start(assets.loader('stage.html', 'stage.wasm') + (isEmbedded ? '&embed=1' : ''));

  studio.begin(chosen.name, !isEmbedded);
  visit.begin();
  const onProgress = (/** @type {number} */ bytes) => progress.arrived('model', bytes);
  try {
    if (!(await loadOwn())) await models.load(chosen.name, onProgress);
  } catch (e) {
    // Another than the first may not be there without a network.
    const first = models.find(null);
    if (first === chosen || InkdriftError.from(e).code !== 'model-missing') throw e;
    fail(e);
    await models.load(first.name);
  }
  progress.complete('model');
  globalThis.inkdriftFiles?.begun((await whole) ?? []);
  resolveReady();
  sayReady();
}

/** Says which version this is, and which build. */
async function showVersion() {
  const build = (await assets.build()).slice(0, 8);
  i18n.text(byId('version', HTMLElement), build ? 'page.version-build' : 'page.version', { version, build });
}

loader.start();
start().catch((e) => {
  // Of the end of the engine its own event tells.
  const { code } = InkdriftError.from(e);
  if (code !== 'engine-gone') fail(e, again);
});
