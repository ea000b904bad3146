/**
 * Wires the page together. The page holds the truth: what is on the pads, which
 * model is in use, how the drift is played. The engine (a worker) and the stage
 * (an iframe) can die at any moment and are then fed again from here.
 */
import { makeAPI } from './api.js';
import { LatentBars } from '../ui/latent-bars.js';
import { fetchAssets, fetchJSON, Progress } from '../engine/assets.js';
import { Emitter } from '../lib/emitter.js';
import { byId, freshSeed } from '../lib/dom.js';
import { takeFiles } from './file-drop.js';
import { Engine, engineURL } from '../engine/engine.js';
import { ErrorArea, InkdriftError } from '../lib/errors.js';
import { Exports } from '../views/studio/exports.js';
import { PadFill } from '../views/studio/pad-fill.js';
import { choose, I18n, languages } from '../lib/i18n.js';
import { brush } from '../engine/strokes.js';
import { Layout } from '../ui/layout.js';
import { ViewLoader } from './view-loader.js';
import { closeMenus } from '../lib/menus.js';
import { Models } from '../engine/models.js';
import { registerServiceWorker } from '../engine/offline.js';
import { nothing, Pad, PadSync } from '../ui/pad.js';
import { labelValues, PadView } from '../views/studio/pad-view.js';
import { Playback } from '../views/studio/playback.js';
import { Samples } from '../views/studio/samples.js';
import { StageClient } from '../engine/stage-client.js';
import { ProgressBar, Status } from '../ui/status.js';
import { LocalStore } from '../lib/local-storage.js';
import { Theme } from '../ui/theme.js';

const base = new URL('..', import.meta.url).href;
const still = matchMedia('(prefers-reduced-motion: reduce)');

/** Events for scripts: progress, change, error. */
const events = new Emitter();

/** Whether the page can be used. */
let isReady = false;

/** Errors that were shown. @type {WeakSet<InkdriftError>} */
const shown = new WeakSet();

// Words and lists are on their way before anything else.
const i18n = new I18n((lang) => fetchJSON(new URL(`locales/${lang}.json`, base), 'unexpected'));
const store = new LocalStore(
  () => localStorage,
  (e) => fail(new InkdriftError('storage', e.message)),
);
const errors = new ErrorArea(byId('errors', HTMLElement), i18n);
const status = new Status(i18n);
const language = byId('language', HTMLSelectElement);
const kept = store.get('language');
const words = i18n.use(Object.hasOwn(languages, kept ?? '') ? kept : choose(navigator.languages));
const arriving = Promise.all([fetchAssets(base), fetchJSON(new URL('models/index.json', base), 'models-missing')]);
arriving.catch(() => {}); // told of in start()

i18n.adopt(document);
i18n.onChange(() => {
  document.documentElement.lang = languages[i18n.lang];
  language.value = i18n.lang;
});
language.addEventListener('change', () => {
  const lang = language.value === 'zh' ? 'zh' : 'en';
  store.set('language', lang);
  i18n.use(lang).catch((e) => {
    language.value = i18n.lang;
    fail(e);
  });
});
words.catch(fail);

/**
 * Tells of an error, on the page and to scripts.
 *
 * @param {unknown} error
 * @param {() => void} [retry]
 */
function fail(error, retry) {
  const e = InkdriftError.from(error);
  shown.add(e);
  // That the engine is gone is shown once, with the button that helps.
  if (e.code !== 'engine-gone' || retry) errors.show(e, retry);
  if (retry && !isReady) status.say('status.failed');
  events.emit('error', e);
}

window.addEventListener('error', (e) => {
  if (e.error) fail(e.error);
});
window.addEventListener('unhandledrejection', (e) => {
  if (!shown.has(e.reason)) fail(e.reason);
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
  spawn: () => new Worker(engineURL(assets, new URL(location.href).searchParams.get('kernel'))),
  async setup() {
    introduced = false;
    introduce();
    await models.restore();
  },
});
const stage = new StageClient(byId('canvas', HTMLIFrameElement));
let stageReady = false;
let introduced = false;
/** What the stage shows. */
const morph = { frames: 0, path: '' };

/** Gives stage and engine a line of their own. */
function introduce() {
  if (introduced || !stage.connected || (engine.state !== 'ready' && engine.state !== 'starting')) return;
  introduced = true;
  const { port1, port2 } = new MessageChannel();
  engine.request('port', {}, [], { port: port1, first: true }).catch(() => {
    introduced = false;
  });
  stage.send({ type: 'engine' }, [], port2);
}

// What a person handles.

const theme = new Theme(store, () => {
  stage.send({ type: 'theme', ...theme.colours });
  lobby.themed();
});
const player = new Playback(i18n, store);
const models = new Models({ engine, i18n, url: (path) => assets.url(path), onLoad: loaded, onError: fail });
const samples = new Samples(engine, () => samples.feed(stage), fail);
const fills = new PadFill(engine, fail, byId('picture-file', HTMLInputElement));
const pads = { a: new Pad('a', () => changed(pads.a)), b: new Pad('b', () => changed(pads.b)) };
const both = [pads.a, pads.b];
new Exports({
  engine,
  player,
  pads,
  colours: () => ({ ink: theme.colours.ink, paper: theme.colours.paper }),
  onError: fail,
  onSaved: (kind) => status.say(kind === 'gif' ? 'status.saved-gif' : 'status.saved-png'),
});
const layout = new Layout(byId('stage', HTMLElement), byId('canvas', HTMLIFrameElement), () => stage.send(layout.message));
closeMenus();

/** The pad a person turned to last. */
let current = pads.a;
/** Pads whose label is said once it is known: a person has changed them. @type {Set<Pad>} */
const expected = new Set();
let width = store.get('brush');
if (!(width >= brush.min && width <= brush.max)) width = brush.usual;

/** @type {import('../views/studio/pad-view.js').PadCallbacks} */
const hands = {
  i18n,
  fills,
  width: () => width,
  setWidth(w) {
    width = w;
    store.set('brush', w);
    for (const v of Object.values(views)) {
      v.show();
      v.showWidth();
    }
  },
  ready: () => stageReady,
  onUse(pad) {
    current = pad;
    expected.add(pad);
  },
  onFull: () => fail(new InkdriftError('drawing-full', '')),
};
const views = { a: new PadView(pads.a, hands), b: new PadView(pads.b, hands) };
for (const v of Object.values(views)) {
  v.show();
  v.showWidth();
}
const bars = { a: new LatentBars(byId('bars-a', HTMLElement), 'A', i18n), b: new LatentBars(byId('bars-b', HTMLElement), 'B', i18n) };

const sync = new PadSync({
  frame: (fn) => void requestAnimationFrame(fn),
  stage: feedPad,
  async engine(pad) {
    if (engine.state !== 'ready') return; // it is told when it is
    const { bitmap, bufs } = pad.content();
    try {
      const seen = engine.request('pad.set', { pad: pad.name, rev: pad.rev, bitmap }, bufs, { lives: 0 });
      if (pad === pads.a) lobby.touched(); // it need not wait: the engine keeps the order
      await seen;
    } catch (e) {
      const { code } = InkdriftError.from(e);
      if (code !== 'engine-died' && code !== 'engine-gone') fail(e);
    }
  },
});

/** @param {Pad} pad */
function feedPad(pad) {
  const { bitmap, bufs } = pad.content();
  stage.send({ type: 'pad', pad: pad.name, bitmap }, bufs);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let keeping;

/** Keeps the drawings for the next visit. */
function keep() {
  clearTimeout(keeping);
  keeping = undefined;
  store.set('pads', { a: pads.a.toJSON(), b: pads.b.toJSON() });
}
addEventListener('pagehide', () => {
  if (keeping !== undefined) keep();
});

/**
 * Something else is on a pad.
 *
 * @param {Pad} pad
 */
function changed(pad) {
  if (pad.empty) {
    if (expected.delete(pad)) status.say('status.cleared', { pad: pad.name.toUpperCase() });
    judged(pad, nothing());
  }
  sync.touch(pad);
  views[pad.name].show();
  showWaiting();
  clearTimeout(keeping);
  keeping = setTimeout(keep, 400);
}

/**
 * The model has made something of a pad.
 *
 * @param {Pad} pad
 * @param {import('../ui/pad.js').Result} result
 */
function judged(pad, result) {
  pad.result = result;
  views[pad.name].showLabel();
  bars[pad.name].show(result.mu, result.logvar);
  events.emit('change', { pad: pad.name });
}

/** Says what is missing where the drift would be. */
function showWaiting() {
  byId('hint-morph', HTMLElement).hidden = !stageReady || both.every((p) => !p.empty);
}

/** Newest content of each pad that the engine has told of. */
const told = { a: -1, b: -1 };
engine.on('pad', (head, bufs) => {
  const name = head.pad === 'b' ? 'b' : 'a';
  const pad = pads[name];
  if (head.rev < told[name]) return;
  told[name] = head.rev;
  if (head.empty || pad.empty) {
    judged(pad, nothing());
    return;
  }
  const [pixels, mu, logvar, recon] = bufs.map((/** @type {ArrayBuffer} */ b) => Array.from(new Float32Array(b)));
  judged(pad, { empty: false, pixels, mu, logvar, recon, label: head.label ?? null, probs: head.probs ?? null });
  // In the view of the hand its own model says what it takes the drawing for.
  if (head.rev === pad.rev && !pad.drawing && pad.result.label !== null && expected.delete(pad) && !lobby.inHand) {
    status.say('status.label', { pad: name.toUpperCase(), ...labelValues(pad.result) });
  }
});
engine.on('model', () => void samples.draw());
engine.on('loading', (head) => progress.arrived('engine', head.loaded));
// Served with a wrong type but usable: whoever hosts the page should know.
engine.on('engine-warning', (head) => fail(InkdriftError.from(head.error)));
engine.on('state', (state, why) => {
  if (state === 'ready') {
    progress.complete('engine');
    introduce();
    told.a = told.b = -1;
    for (const pad of both) sync.touch(pad);
    if (isReady) status.say('status.again');
  } else if (state === 'restarting' && isReady) {
    status.say('status.restarting');
  } else if (state === 'failed') {
    const known = why.code.startsWith('wasm') || why.code === 'fetch-failed';
    fail(known ? why : new InkdriftError('engine-gone', why.message), again);
  }
});

stage.on('loading', (loaded) => progress.arrived('stage', loaded));
stage.on('connected', () => {
  stageReady = introduced = false;
  introduce();
  stage.send(layout.message);
  stage.send({ type: 'theme', ...theme.colours });
  for (const pad of both) feedPad(pad);
  stage.send(player.command);
  samples.feed(stage);
});
stage.on('ready', (head) => {
  progress.complete('stage');
  stageReady = true;
  const notice = byId('notice', HTMLElement);
  notice.hidden = head.renderer !== 'canvas2d';
  i18n.text(notice, 'status.canvas2d');
  for (const pad of both) views[pad.name].show();
  showWaiting();
  sayReady();
});
stage.on('tick', (head) => player.tick(head.t, head.playing));
stage.on('morph', (head) => {
  morph.frames = head.frames;
  morph.path = head.path;
  events.emit('change', { morph: true });
});
stage.on('error', (head) => fail(new InkdriftError('stage-failed', `${head.error?.code}: ${head.error?.message}`)));
stage.on('failed', (error) => fail(error, again));
player.on('command', () => stage.send(player.command));

takeFiles({
  padFor(target) {
    if (lobby.inHand) return pads.a;
    const side = target?.closest('.side');
    if (side) return side.classList.contains('b') ? pads.b : pads.a;
    return both.find((p) => p.empty) ?? current;
  },
  picture(pad, file) {
    hands.onUse(pad);
    void fills.picture(pad, file);
  },
  model(file) {
    if (!lobby.takeModel(file)) models.load(file).catch(fail);
  },
  data: (files) => lobby.takeData(files),
  inRoom: () => lobby.inRoom,
  onError: fail,
});

const lobby = new ViewLoader({
  base,
  assets: async () => (await arriving)[0],
  words,
  i18n,
  store,
  status,
  errors,
  models,
  engine,
  pad: pads.a,
  colours: () => theme.colours,
  player,
  events,
  fail,
  onView: () => layout.look(),
});

// Start.

/** @type {(value?: any) => void} */
let resolveReady;
/** @type {Promise<void>} */
const ready = new Promise((resolve) => (resolveReady = resolve));
/** What was on the pads when the page was left; null for those who come for the first time. */
const drawings = store.get('pads');

/** The page can be used once the stage draws and the model answers. */
function sayReady() {
  if (isReady || !stageReady || !models.info) return;
  isReady = true;
  bar.done();
  const sentence = {
    train: 'train.idle',
    hand: 'hand.ready',
    lab: 'lab.ready',
    gallery: 'gallery.ready',
    studio: drawings ? 'status.ready' : 'status.ready-examples',
  };
  status.say(sentence[lobby.view]);
  if (still.matches) player.seek(0.5);
  else lobby.play();
  void registerServiceWorker(new URL('sw.js', base).href);
}

/**
 * Another model is in use.
 *
 * @param {boolean} opened whether a person opened it as a file
 * @param {boolean} quiet whether nothing is to be said of it
 */
function loaded(opened, quiet) {
  store.set('model', opened ? null : models.name);
  for (const code of ['bad-model', 'model-missing', 'model-unknown']) errors.clear(code);
  if (isReady && !quiet) status.say('status.model', () => ({ model: models.title }));
  lobby.show();
  events.emit('change', { model: models.name });
}

/** Tries again what has failed. What is drawn is kept over a reload. */
function again() {
  if (isReady && engine.state === 'failed') engine.start();
  else location.reload();
}

/** The snapshot that scripts get. */
function state() {
  const { t, playing, path } = player;
  return {
    model: models.name,
    modelInfo: models.info && { ...models.info },
    backend: engine.backend,
    a: snapshot(pads.a),
    b: snapshot(pads.b),
    morph: { t, playing, frames: morph.frames, path: morph.path || path },
    train: lobby.state,
  };
}

/** @param {Pad} pad */
function snapshot({ empty, result }) {
  const { pixels, mu, logvar, recon, label, probs } = result;
  return {
    empty,
    pixels: [...pixels],
    mu: [...mu],
    logvar: [...logvar],
    recon: [...recon],
    label,
    probs: probs && [...probs],
  };
}

const api = makeAPI({
  ready,
  latent: () => models.info?.latent ?? null,
  request: (type, fields, bufs) => engine.request(type, fields, bufs),
  rects: () => layout.rects(),
  state,
  load: (what) => models.load(what),
  training: () => lobby.training(),
  onError: fail,
  events,
});
/** @typedef {typeof api} Inkdrift the type of window.inkdrift */
Object.defineProperty(window, 'inkdrift', { value: api, enumerable: true });

/** Puts two different examples on the pads. */
function showExamples() {
  const a = freshSeed() % 10;
  const b = (a + 1 + (freshSeed() % 9)) % 10;
  void fills.example(pads.a, a, false);
  void fills.example(pads.b, b, false);
}

async function start() {
  if (typeof WebAssembly !== 'object') throw new InkdriftError('no-wasm', '');
  const [list, index] = await arriving;
  assets = list;
  models.list(index);
  const chosen = models.find(store.get('model'));
  progress.expect('stage', assets.get('stage.wasm').bytes);
  progress.expect('engine', assets.get('engine.wasm').bytes);
  progress.expect('model', assets.get(`models/${chosen.file}`).bytes);
  engine.start();
  stage.start(assets.loader('stage.html', 'stage.wasm'));

  if (drawings) for (const pad of both) pad.restore(drawings[pad.name]);
  else showExamples();
  const onProgress = (/** @type {number} */ bytes) => progress.arrived('model', bytes);
  try {
    await models.load(chosen.name, onProgress);
  } catch (e) {
    // Another than the first may not be there without a network.
    const first = models.find(null);
    if (first === chosen || InkdriftError.from(e).code !== 'model-missing') throw e;
    fail(e);
    await models.load(first.name);
  }
  progress.complete('model');
  resolveReady();
  sayReady();
}

lobby.start();
start().catch((e) => {
  // The engine's own end is told of where it is seen.
  const { code } = InkdriftError.from(e);
  if (code !== 'engine-gone') fail(e, again);
});
