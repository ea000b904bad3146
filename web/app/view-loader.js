/**
 * The way into the views besides the studio. The training room and all that
 * trains are fetched when it is opened for the first time, or when a script
 * trains, and every other view when that is; what the rest of the page has to
 * know of them is here.
 */
import { fetchBytes } from '../engine/assets.js';
import { byId, make } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { cacheOffline } from '../engine/offline.js';
import { Router } from './router.js';

/** What the page is called in each view. */
const titles = {
  studio: 'page.title',
  hand: 'page.title-hand',
  train: 'page.title-train',
  lab: 'page.title-lab',
  gallery: 'page.title-gallery',
};

/**
 * Views that stand by themselves: their module, with a function open, and their
 * style sheets.
 *
 * @type {Record<'lab' | 'gallery', {load: () => Promise<{open: (page: AppContext, root: HTMLElement, lobby: ViewLoader) => Promise<View>}>, styles: string[]}>}
 */
const sides = {
  lab: { load: () => import('../views/experiments/experiments.js'), styles: ['css/train.css', 'css/experiments.css', 'css/compare.css'] },
  gallery: { load: () => import('../views/gallery/gallery.js'), styles: ['css/gallery.css'] },
};

/**
 * @typedef {object} View a view that stands by itself
 * @property {(hash: string) => void} enter it is shown, or has another address
 * @property {() => void} leave another view is shown
 * @property {() => void} themed there are other colours
 * @property {(bytes: ArrayBuffer, name: string) => void} [show] shows a model
 * @property {(file: File) => Promise<void>} [take] takes a model's file
 */

/**
 * What scripts see of training before there is any: of what a run has, nothing.
 *
 * @typedef {import('../training/training-session.js').TrainingSession['state']} TrainState
 * @typedef {'status' | 'dataset' | 'step' | 'epoch' | 'imagesPerSecond' | 'elbo' | 'recon' | 'kl' | 'terms' | 'validation'} Always
 * @type {Readonly<Pick<TrainState, Always> & Partial<TrainState>>}
 */
const untrained = Object.freeze({
  status: 'idle',
  dataset: 'digits',
  step: 0,
  epoch: 0,
  imagesPerSecond: 0,
  elbo: null,
  recon: null,
  kl: null,
  terms: Object.freeze({}),
  validation: Object.freeze({ step: 0, elbo: null, recon: null, kl: null, terms: Object.freeze({}) }),
});

/**
 * @typedef {object} AppContext what the views need of the page
 * @property {string} base address of the page's folder
 * @property {() => Promise<import('../engine/assets.js').Assets>} assets
 * @property {Promise<any>} words resolves when there are words
 * @property {import('../lib/i18n.js').I18n} i18n
 * @property {import('../lib/local-storage.js').LocalStore} store
 * @property {import('../ui/status.js').Status} status
 * @property {import('../lib/errors.js').ErrorArea} errors
 * @property {import('../engine/models.js').Models} models
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../ui/pad.js').Pad} pad what the hand is taken from
 * @property {() => Record<string, string>} colours
 * @property {import('../views/studio/playback.js').Playback} player
 * @property {import('../lib/emitter.js').Emitter} events
 * @property {(error: unknown, retry?: () => void) => void} fail
 * @property {() => void} onView called when the other view is shown
 */

/** Opens the room and the hand and keeps what is known of them. */
export class ViewLoader {
  /** @type {import('../training/training-session.js').TrainingSession | null} */
  #training = null;
  /** @type {import('../views/train/train-view.js').TrainView | null} */
  #room = null;
  /** @type {ReturnType<typeof import('../training/setup.js').setUp> | null} */
  #setup = null;
  /** @type {Promise<import('../views/train/train-view.js').TrainView> | null} */
  #opening = null;
  /** @type {import('../views/hand/hand.js').Hand | null} */
  #hand = null;
  /** @type {import('../views/hand/hand-view.js').HandView | null} */
  #handView = null;
  /** @type {Promise<import('../views/hand/hand.js').Hand> | null} */
  #handOpening = null;
  /** The views that stand by themselves and were opened. @type {Map<string, Promise<View>>} */
  #sides = new Map();
  /** Whether the drift was playing when the studio was left. */
  #played = false;
  #trialUse = byId('trial-use', HTMLButtonElement);
  #trialModel = byId('trial-model', HTMLElement);
  #page;
  #views;

  /** @param {AppContext} page */
  constructor(page) {
    this.#page = page;
    this.#views = new Router(
      (view, before) => this.#turn(view, before),
      () => this.#enterAny(),
    );
    this.#trialUse.addEventListener('click', () => {
      const t = this.#training;
      t?.model()
        .then((bytes) => this.#use(bytes, t.run?.name ?? '', false))
        .catch(page.fail);
    });
  }

  /** Shows the view that the address asks for. */
  start() {
    this.#views.start();
  }

  /** The view that is shown. */
  get view() {
    return this.#views.current;
  }

  /** Whether the room is shown. */
  get inRoom() {
    return this.#views.current === 'train';
  }

  /** Whether the hand is shown. */
  get inHand() {
    return this.#views.current === 'hand';
  }

  /** What scripts see of training. */
  get state() {
    return this.#training?.state ?? untrained;
  }

  /** Plays the drift, once the studio is shown. */
  play() {
    if (this.#views.current === 'studio') this.#page.player.start();
    else this.#played = true;
  }

  /** Other colours. */
  themed() {
    this.#room?.themed();
    this.#handView?.pictures.redraw();
    for (const side of this.#sides.values())
      side.then(
        (s) => s.themed(),
        () => {},
      );
  }

  /** The engine has just been sent what is on the pad that the hand is taken from. */
  touched() {
    if (this.inHand) this.#hand?.touched();
  }

  /** Brings in what trains. @returns {Promise<import('../training/training-session.js').TrainingSession>} */
  async training() {
    return (await this.setUp()).training;
  }

  /**
   * Takes the files of a data set, in the room.
   *
   * @param {import('../training/data-reader.js').NamedFile[]} files
   */
  takeData(files) {
    this.#views.go('train');
    this.#open().then((room) => room.takeData(files), this.#page.fail);
  }

  /**
   * Takes a model's file, if the view that is shown is where it goes.
   *
   * @param {File} file
   */
  takeModel(file) {
    if (this.#views.current === 'gallery') {
      this.#side('gallery').then((side) => side.take?.(file), this.#page.fail);
      return true;
    }
    if (!this.inRoom || !this.#room) return false;
    void this.#room.takeRun(file);
    return true;
  }

  /** Shows which model is behind the pads. */
  show() {
    const t = this.#training;
    this.#trialUse.disabled = !t?.active || t.figures.step === 0 || t.unfit !== '';
    const { i18n, models } = this.#page;
    i18n.text(this.#trialModel, 'trial.model', () => ({ model: models.title }));
  }

  /** Brings in what trains, and what is kept of it. */
  setUp() {
    const { base, assets, i18n, fail, errors, events } = this.#page;
    this.#setup ??= (async () => {
      const [{ setUp, runTitle }, list] = await Promise.all([import('../training/setup.js'), assets()]);
      const setup = await setUp({
        assets: list,
        base,
        kernel: new URL(location.href).searchParams.get('kernel'),
        title: (settings) => runTitle(settings, i18n),
        fail,
        clearError: (code) => errors.clear(code),
      });
      const { training } = setup;
      this.#training = training;
      for (const event of ['change', 'detail']) training.on(event, () => events.emit('progress', { train: training.state }));
      training.on('change', () => this.show());
      return setup;
    })();
    this.#setup.catch(() => (this.#setup = null)); // the network may be back the next time
    return this.#setup;
  }

  /** Opens the room, for the first time. */
  #open() {
    const { i18n, store, status, fail, words, models } = this.#page;
    this.#opening ??= (async () => {
      const root = byId('train', HTMLElement);
      const [{ TrainView }, { FollowModel }, setup] = await Promise.all([
        import('../views/train/train-view.js'),
        import('../views/train/follow-model.js'),
        this.setUp(),
        addStyle('css/train.css'),
        addStyle('css/compare.css'),
        words,
      ]);
      const use = this.#use.bind(this);
      const show = (/** @type {ArrayBuffer} */ bytes, /** @type {string} */ name) => this.#exhibit(bytes, name);
      this.#room = new TrainView({ root, runsRoot: byId('runs', HTMLElement), i18n, store, setup, status, fail, use, show });
      const follow = new FollowModel({
        i18n,
        training: setup.training,
        behind: () => models.name,
        use: async (bytes, name) => void (await models.load({ name, bytes, quiet: true })),
        fail,
      });
      this.#trialUse.before(follow.element);
      document.documentElement.dataset.room = 'open';
      return this.#room;
    })();
    this.#opening.catch(() => (this.#opening = null));
    return this.#opening;
  }

  /**
   * Shows the room as its address says.
   *
   * @param {string} hash
   */
  async #enter(hash) {
    try {
      const room = await this.#open();
      if (this.inRoom) room.enter(hash);
    } catch (e) {
      this.#page.fail(e, () => void this.#enter(location.hash));
    }
  }

  /** Opens the hand, for the first time. */
  #openHand() {
    const { i18n, status, engine, pad, colours, assets, words } = this.#page;
    this.#handOpening ??= (async () => {
      const [{ Hand, modelFile }, { HandView }, list] = await Promise.all([
        import('../views/hand/hand.js'),
        import('../views/hand/hand-view.js'),
        assets(),
        addStyle('css/hand.css'),
        words,
      ]);
      const fetch = async (/** @type {(loaded: number) => void} */ onProgress) => {
        const bytes = await fetchBytes(list.url(modelFile), onProgress, 'model-missing');
        void cacheOffline(modelFile);
        return bytes;
      };
      const hand = new Hand({ engine, pad, fetch });
      const root = byId('hand', HTMLElement);
      this.#handView = new HandView({ root, hand, pad, i18n, status, bytes: list.get(modelFile).bytes, colours });
      this.#hand = hand;
      document.documentElement.dataset.hand = 'open';
      return hand;
    })();
    this.#handOpening.catch(() => (this.#handOpening = null));
    return this.#handOpening;
  }

  /** Shows the hand. */
  async #enterHand() {
    try {
      const hand = await this.#openHand();
      if (!this.inHand) return;
      hand.touched();
      await hand.open();
    } catch (e) {
      this.#page.fail(e, () => void this.#enterHand());
    }
  }

  /**
   * Shows a view that stands by itself.
   *
   * @param {'lab' | 'gallery'} name
   */
  async #enterSide(name) {
    try {
      const side = await this.#side(name);
      if (this.#views.current === name) side.enter(location.hash);
    } catch (e) {
      this.#page.fail(e, () => void this.#enterSide(name));
    }
  }

  /**
   * Brings a view in that stands by itself.
   *
   * @param {'lab' | 'gallery'} name
   */
  #side(name) {
    let opening = this.#sides.get(name);
    if (!opening) {
      const { load, styles } = sides[name];
      opening = Promise.all([load(), ...styles.map(addStyle), this.#page.words]).then(([{ open }]) =>
        open(this.#page, byId(name, HTMLElement), this),
      );
      this.#sides.set(name, opening);
      opening.catch(() => this.#sides.delete(name));
    }
    return opening;
  }

  /**
   * Shows a model that was trained here in the gallery.
   *
   * @param {ArrayBuffer} bytes
   * @param {string} name
   */
  async #exhibit(bytes, name) {
    (await this.#side('gallery')).show?.(bytes, name);
  }

  /** Shows what the address asks for. */
  #enterAny() {
    const view = this.#views.current;
    if (view === 'train') void this.#enter(location.hash);
    else if (view === 'hand') void this.#enterHand();
    else if (view !== 'studio') void this.#enterSide(view);
  }

  /**
   * @param {import('./router.js').ViewName} view
   * @param {import('./router.js').ViewName} before
   */
  #turn(view, before) {
    const { i18n, player, onView } = this.#page;
    const title = document.querySelector('title');
    if (title) i18n.text(title, titles[view]);
    if (before === 'studio') {
      this.#played = player.playing;
      if (this.#played) player.seek(player.t);
    }
    if (before === 'train') this.#room?.leave();
    else
      this.#sides.get(before)?.then(
        (s) => s.leave(),
        () => {},
      );
    if (view === 'train') this.show();
    this.#enterAny();
    if (view === 'studio' && this.#played) player.start();
    onView();
  }

  /**
   * Puts a model behind the pads and goes to the studio.
   *
   * @param {ArrayBuffer} bytes
   * @param {string} name
   */
  use(bytes, name) {
    return this.#use(bytes, name, true);
  }

  /**
   * Puts a shipped model behind the pads and goes to the studio.
   *
   * @param {import('../engine/models.js').ListedModel} model
   */
  async useListed(model) {
    this.#page.models.add(model);
    await this.#page.models.load(model.name);
    this.#views.go('studio');
  }

  /**
   * Puts a model that was trained here behind the pads.
   *
   * @param {ArrayBuffer} bytes
   * @param {string} name
   * @param {boolean} go whether to go to the studio
   */
  async #use(bytes, name, go) {
    await this.#page.models.load({ name, bytes });
    if (go) this.#views.go('studio');
  }
}

/** Style sheets that were added. @type {Map<string, Promise<void>>} */
const styles = new Map();

/**
 * Adds a style sheet of the page, once.
 *
 * @param {string} href
 */
function addStyle(href) {
  let adding = styles.get(href);
  if (adding) return adding;
  adding = new Promise((resolve, reject) => {
    const link = make('link', { rel: 'stylesheet', href });
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      link.remove();
      styles.delete(href);
      reject(new InkdriftError('fetch-failed', href));
    });
    document.head.append(link);
  });
  styles.set(href, adding);
  return adding;
}
