/**
 * The view "Gallery": every model that comes with Inkdrift, with its figures, and
 * what the chosen one paints. Which one that is says the address,
 * #gallery?m=NAME&seed=NUMBER; a link adds where the sliders are,
 * &z=POINT[&class=NUMBER] (latent-code.js). A model of the visitor's own, from a file or from
 * the train view, is shown in the same way, at #gallery?own.
 */
import { fetchBytes, fetchJSON } from '../../engine/assets.js';
import { starts } from '../../generated/start-models.js';
import { make, passFocus } from '../../lib/dom.js';
import { InkdriftError, particulars } from '../../lib/errors.js';
import { GalleryModel } from './gallery-model.js';
import { exportRow } from './export-row.js';
import { across, addressOf, cardLink, GalleryList, lookOf, place, titleOf } from './gallery-list.js';
import { factsOf, sheetOf, speaker, trainedOn } from './model-facts.js';
import { ModelView } from './model-view.js';
import { readModel, withoutEnding } from '../../engine/models.js';
import { cacheOffline } from '../../engine/offline.js';
import { digitReader } from '../../engine/read-digit.js';
import { Palette } from '../../ui/palette.js';
import { Pictures } from '../../ui/pictures.js';
import { tones } from '../../training/made-sets.js';

/** The list of the models. */
const listFile = 'models/gallery.json';

/**
 * Opens the view, for the first time.
 *
 * @param {import('../../app/context.js').AppContext} context
 * @param {HTMLElement} root
 * @returns {Promise<import('../../app/context.js').View>}
 */
export async function open(context, root) {
  const [list, assets] = await Promise.all([fetchJSON(new URL(listFile, context.base), 'models-missing'), context.assets()]);
  if (!Array.isArray(list) || list.length === 0) throw new InkdriftError('models-missing', `${listFile} lists no models`);
  void cacheOffline(listFile);
  return new Gallery(context, root, list, assets);
}

/** The view. */
class Gallery {
  #context;
  #list;
  /** Shows the list. */
  #listView;
  #assets;
  #model;
  #view;
  #palette = new Palette();
  /** Whether it is shown, and whether it was before. */
  #visible = false;
  #wasShown = false;
  /** The visitor's own model. @type {import('./gallery-model.js').Listed | null} */
  #own = null;
  /** The model that the live region named last. @type {import('./gallery-model.js').Listed | null} */
  #announced = null;
  /** Those of the chosen model, until it decodes. */
  #preview = make('div', { className: 'preview' });
  #previewPictures;
  /** Says how long the chosen model takes for a picture. */
  #speed = make('p', { className: 'small', hidden: true });
  #chosen = make('div', { className: 'shown-model', hidden: true });
  #title = make('h2', { tabIndex: -1 });
  #sentence = make('p');
  #wait = make('p', { className: 'wait' });
  #bar = make('progress');
  #alert = make('div', { className: 'alert', hidden: true });
  #errorText = make('p');
  #errorDetail = make('div');
  #use = make('button', { type: 'button', hidden: true });
  /** Opens Train, where a run begins with the model: with a listed one by its address. */
  #goOn = make('a', { className: 'button', hidden: true });
  #goOnOwn = make('button', { type: 'button', hidden: true });
  #facts = make('section', { className: 'known' });
  /** Saves the chosen model, as it is or for other programs. */
  #exports;

  /**
   * @param {import('../../app/context.js').AppContext} context
   * @param {HTMLElement} root
   * @param {import('./gallery-model.js').Listed[]} list
   * @param {import('../../engine/assets.js').Assets} assets
   */
  constructor(context, root, list, assets) {
    const { i18n, engine } = context;
    this.#context = context;
    this.#list = list;
    this.#assets = assets;
    this.#listView = new GalleryList({
      ...{ context, list },
      bytesOf: (entry) => this.#bytesOf(entry),
      onFile: (file) => void this.#open(file),
    });
    this.#model = new GalleryModel({
      engine,
      async fetch({ file, bytes: own }, onProgress) {
        if (own) return own;
        const path = `models/${file}`;
        const bytes = await fetchBytes(assets.url(path), onProgress, 'model-missing');
        void cacheOffline(path);
        return bytes;
      },
    });
    this.#view = new ModelView({
      model: this.#model,
      i18n,
      terms: context.terms,
      colours: () => tones(this.#model.entry?.data ?? '', context.colours()),
      look: () => lookOf(this.#model.entry?.data ?? ''),
      onSeed: (seed) => this.#writeAddress(seed),
      theme: () => this.#palette.colours,
      points: (entry) => this.#pointsOf(entry),
      read: digitReader(context.engine),
      fail: context.fail,
    });
    this.#exports = exportRow(context, assets, this.#model);
    const preview = make('canvas');
    preview.setAttribute('aria-hidden', 'true'); // soon the samples are there, with names
    this.#preview.append(preview);
    this.#previewPictures = new Pictures(preview, {
      count: 2 * across,
      rows: 1,
      columns: across,
      gap: 0.05,
      look: () => lookOf(this.#model.entry?.data ?? ''),
      colours: () => tones(this.#model.entry?.data ?? '', context.colours()),
    });
    this.#model.on('loading', (loaded) => {
      this.#bar.value = loaded;
      this.#show();
    });
    this.#model.on('speed', (milliseconds) => {
      const { entry } = this.#model;
      if (!entry) return;
      this.#speed.hidden = false;
      i18n.text(this.#speed, 'gallery.speed-here', () => ({ ms: speaker(i18n).fixed(milliseconds, milliseconds < 1 ? 2 : 1) }));
      this.#listView.tellSpeed(entry.name, milliseconds);
    });
    this.#model.on('state', (state, error) => {
      this.#show(error);
      if (state === 'ready') this.#showReady();
    });
    engine.on('pad', () => {
      if (this.#visible) this.#view.drawings();
    });
    this.#fill(root);
    i18n.onChange(() => this.#showTitle());
  }

  /** @param {string} hash */
  enter(hash) {
    this.#visible = true;
    this.#context.maps.show(this.#view.map);
    const query = new URLSearchParams(hash.slice(place.length).replace(/^\?/, ''));
    const name = query.get('m');
    const own = query.has('own');
    const entry = own ? this.#own : this.#list.find((m) => m.name === name);
    if (name !== null && !entry)
      this.#context.fail(
        new InkdriftError('model-unknown', `${JSON.stringify(name)}, should be one of ${this.#list.map((m) => m.name).join(', ')}`, 'm'),
      );
    const back = this.#chosen.hidden ? null : this.#model.entry;
    this.#listView.show(entry ?? null, own && !entry);
    this.#chosen.hidden = !entry;
    if (entry) this.#choose(entry, query);
    // Back in the list, at the model that was looked at; later, because the browser goes to the target of the link first.
    else if (back) setTimeout(() => this.#listView.focus(back));
    this.#wasShown = true;
  }

  /** Adds where the sliders are to the address. @param {URLSearchParams} query */
  share(query) {
    const { entry } = this.#model;
    if (entry && !entry.bytes && query.get('m') === entry.name) this.#view.share(query);
  }

  leave() {
    this.#visible = false;
    this.#context.maps.show(null);
  }

  /**
   * Shows a model that is not listed.
   *
   * @param {ArrayBuffer} bytes its file
   * @param {string} name
   */
  showModel(bytes, name) {
    // What it is, the engine says when it has read it.
    this.#own = {
      name: name.slice(0, 60),
      bytes,
      file: '',
      title: {},
      about: {},
      family: '',
      data: trainedOn(bytes),
      input: [],
      latent: 0,
      params: 0,
    };
    this.#listView.listOwn(this.#own.name);
    const address = addressOf(this.#own);
    if (location.hash === address) this.enter(address);
    else location.hash = address;
  }

  /**
   * Shows the model in a file that was dropped.
   *
   * @param {File} file
   */
  takeModel(file) {
    void this.#open(file);
    return true;
  }

  status() {
    return 'gallery.ready';
  }

  /**
   * Shows the model in a file.
   *
   * @param {File} file
   */
  async #open(file) {
    try {
      this.showModel(await readModel(file), withoutEnding(file.name));
    } catch (e) {
      this.#context.fail(e, undefined, this.#listView.opener);
    }
  }

  themed() {
    this.#palette.forget();
    this.#view.themed();
    this.#previewPictures.redraw();
    this.#listView.themed();
  }

  /**
   * Shows a model.
   *
   * @param {import('./gallery-model.js').Listed} entry
   * @param {URLSearchParams} query of the address
   */
  #choose(entry, query) {
    const seed = Number(query.get('seed') ?? NaN);
    const wanted = Number.isSafeInteger(seed) && seed >= 0;
    // An address that names samples and no prior is of a time when there was one.
    const prior = query.get('prior') === 'fitted' ? 'fitted' : 'normal';
    if (entry === this.#model.entry) {
      if (query.has('z')) this.#view.place(query.get('z'), query.get('class'));
      if (wanted && (seed !== this.#view.drawn || prior !== this.#view.prior)) this.#view.seed(seed, prior);
      this.#view.again();
      return;
    }
    this.#view.element.hidden = this.#speed.hidden = true;
    this.#bar.value = 0;
    this.#facts.replaceChildren();
    const sheet = sheetOf(entry);
    if (sheet) this.#previewPictures.show([sheet.pictures], sheet.count, entry.input);
    else this.#previewPictures.show([null]);
    if (!entry.bytes) {
      this.#bar.max = this.#assets.get(`models/${entry.file}`).bytes;
      this.#showFacts(factsOf(entry, this.#context, this.#bytesOf(entry)), cardLink(entry, this.#context.i18n));
    }
    void this.#model.choose(entry);
    this.#view.place(query.get('z'), query.get('class'));
    if (wanted) this.#view.seed(seed, prior);
    this.#showTitle();
    if (this.#wasShown) this.#title.focus();
  }

  /** The points of a listed model, if it has some. @param {import('./gallery-model.js').Listed} entry */
  async #pointsOf(entry) {
    const file = `models/${entry.name}.points.json`;
    if (entry.bytes || !this.#assets.has(file)) return null;
    const bytes = await fetchBytes(this.#assets.url(file), () => {}, 'fetch-failed');
    void cacheOffline(file);
    return bytes;
  }

  /** The model can paint. */
  #showReady() {
    const { entry, about } = this.#model;
    if (!entry || !about) return;
    const { bytes } = entry;
    if (bytes) this.#showFacts(factsOf({ ...entry, ...about.model }, this.#context, bytes.byteLength));
    this.#use.hidden = !about.encoder || about.conditions > 0 || about.model.input.join() !== '1,28,28';
    this.#view.ready();
    if (this.#visible && this.#announced !== entry)
      this.#context.status.say('gallery.shown', () => ({ model: titleOf(entry, this.#context.i18n) }));
    this.#announced = entry;
  }

  /** The address opens these samples. @param {number} seed */
  #writeAddress(seed) {
    const { entry } = this.#model;
    if (this.#visible && entry)
      history.replaceState(
        history.state,
        '',
        [`${addressOf(entry)}&seed=${seed}`, this.#view.prior === 'fitted' && 'prior=fitted', this.#view.kept].filter(Boolean).join('&'),
      );
  }

  /** Says what is chosen, in the language of the page. */
  #showTitle() {
    const { entry } = this.#model;
    if (!entry) return;
    this.#goOn.hidden = !Object.hasOwn(starts, entry.name) || entry.bytes !== undefined;
    this.#goOn.href = `#train?from=${entry.name}`;
    this.#title.textContent = titleOf(entry, this.#context.i18n);
    this.#context.i18n.text(this.#sentence, entry.bytes ? 'gallery.own-about' : 'gallery.value', () => ({
      value: entry.about[this.#context.i18n.lang] ?? '',
    }));
  }

  /** @param {InkdriftError} [error] */
  #show(error) {
    const { state } = this.#model;
    const { i18n } = this.#context;
    const waits = state === 'fetching' || state === 'waiting';
    this.#wait.hidden = !waits;
    this.#bar.hidden = state !== 'fetching';
    this.#preview.hidden = !waits;
    const { mb } = speaker(i18n);
    if (state === 'fetching') i18n.text(this.#wait, 'gallery.fetching', () => ({ loaded: mb(this.#bar.value), total: mb(this.#bar.max) }));
    else if (waits) i18n.text(this.#wait, 'gallery.wait');
    if (state !== 'failed') passFocus(this.#alert, this.#title);
    this.#alert.hidden = state !== 'failed';
    if (state !== 'ready') this.#use.hidden = true;
    this.#goOnOwn.hidden = state !== 'ready' || this.#model.entry?.bytes === undefined;
    this.#exports.hidden = state !== 'ready';
    if (error) {
      i18n.text(this.#errorText, error.code === 'bad-model' ? 'gallery.bad' : `error.${error.code}`);
      this.#errorDetail.replaceChildren(...particulars(error, i18n));
    }
  }

  /** @param {HTMLElement} root */
  #fill(root) {
    const { i18n, fail } = this.#context;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const retry = make('button', { type: 'button' });
    retry.addEventListener('click', () => {
      if (this.#model.entry) void this.#model.choose(this.#model.entry);
    });
    this.#alert.setAttribute('role', 'alert');
    this.#alert.append(this.#errorText, this.#errorDetail, say(retry, 'error.retry'));
    i18n.attr(this.#bar, 'aria-label', 'status.progress');
    this.#title.dataset.testid = 'gallery-title';
    this.#use.dataset.testid = 'gallery-use';
    say(this.#use, 'runs.use');
    this.#use.addEventListener('click', () => {
      const { entry } = this.#model;
      if (entry) (entry.bytes ? this.#context.useModel(entry.bytes, entry.name) : this.#context.useListedModel(entry)).catch(fail);
    });
    this.#goOn.dataset.testid = 'gallery-go-on';
    say(this.#goOn, 'gallery.go-on');
    this.#goOnOwn.dataset.testid = 'gallery-go-on-own';
    say(this.#goOnOwn, 'gallery.go-on').addEventListener('click', () => {
      const { entry } = this.#model;
      if (entry?.bytes) this.#trainOn(entry.name, entry.bytes).catch((e) => fail(e, undefined, this.#goOnOwn));
    });
    this.#chosen.append(
      this.#listView.row,
      make(
        'div',
        { className: 'one' },
        make('div', { className: 'head' }, this.#title, this.#use, this.#goOn, this.#goOnOwn),
        this.#sentence,
        this.#wait,
        this.#bar,
        this.#alert,
        this.#preview,
        this.#view.element,
        this.#exports,
        this.#facts,
      ),
    );
    root.append(...this.#listView.elements, this.#chosen);
  }

  /**
   * Opens Train, where a run begins with a model that is not listed; it is kept among the runs. A run with its optimiser goes on.
   *
   * @param {string} name
   * @param {ArrayBuffer} bytes
   */
  async #trainOn(name, bytes) {
    const { runs, training } = await this.#context.training();
    const id = await runs.import(bytes, { name });
    const { settings, weights } = await runs.read(id);
    if (!weights) await training.resume(id);
    else if (settings) training.set({ ...settings.page, from: `run:${id}` });
    else throw new InkdriftError('bad-run', 'the file does not say what its model is', name);
    location.hash = '#train';
  }

  /** What is fetched of a listed model. @param {import('./gallery-model.js').Listed} entry */
  #bytesOf(entry) {
    const file = this.#assets.get(`models/${entry.file}`);
    return file.gz ?? file.bytes;
  }

  /** @param {...HTMLElement} parts */
  #showFacts(...parts) {
    const what = make('summary');
    this.#context.i18n.text(what, 'gallery.known');
    this.#facts.replaceChildren(make('details', { className: 'group' }, what, ...parts, this.#speed));
  }
}
