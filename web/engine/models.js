/**
 * The models: shipped ones, and files that a person opens.
 *
 * @typedef {{name: string, file: string, title: Record<string, string>, about: Record<string, string>, latent: number,
 *   nll?: number, nllSamples?: number, images?: number}} ListedModel figures: those of models/gallery.json
 * @typedef {import('../generated/protocol.js').ModelInfo} ModelInfo
 */
import { fetchBytes } from './assets.js';
import { byId, make, readFile } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { loadModule } from '../lib/load-module.js';

/** Largest model file that is read, in bytes; the engine takes no more. */
const maxModel = 64 << 20;

/** Chooses, fetches and loads models. The bytes of the one in use stay for a new engine. */
export class Models {
  /** The engine's description of the model in use. @type {ModelInfo | null} */
  info = null;

  /** @type {ListedModel[]} */
  #list = [];
  /** @type {{name: string, bytes: ArrayBuffer} | null} the model in use */
  #current = null;
  /** @type {string | null} the name of a model that a person opened */
  #opened = null;
  /** Whether it was trained here. */
  #trained = false;
  /** The listed model that its training began with; '' for none. */
  #before = '';
  /** Settles when all loads so far are done. @type {Promise<any>} */
  #queue = Promise.resolve();
  #select = byId('model', HTMLSelectElement);
  #engine;
  #i18n;
  #url;
  #onLoad;
  /** What the list shows. */
  #listShown = '';
  #onUnfit;
  #explain;

  /**
   * @param {object} from
   * @param {import('./engine.js').Engine} from.engine
   * @param {import('../lib/i18n.js').I18n} from.i18n
   * @param {(path: string) => string} from.url the address of a file of this build
   * @param {(opened: boolean, quiet: boolean) => void} from.onLoad called when another model is in use
   * @param {(bytes: ArrayBuffer, name: string) => Promise<void>} from.onUnfit called with a file whose model the pads cannot take
   * @param {(error: unknown) => void} from.onError
   * @param {(term: string, key: string) => HTMLElement} from.explain makes a button that explains a term
   */
  constructor({ engine, i18n, url, onLoad, onUnfit, onError, explain }) {
    this.#engine = engine;
    this.#i18n = i18n;
    this.#url = url;
    this.#onLoad = onLoad;
    this.#onUnfit = onUnfit;
    this.#explain = explain;

    this.#select.addEventListener('change', () => this.load(this.#select.value).catch(onError));
    const chooser = byId('model-file', HTMLInputElement);
    byId('model-open', HTMLButtonElement).addEventListener('click', () => chooser.click());
    chooser.addEventListener('change', () => {
      const file = chooser.files?.[0];
      if (file) this.load(file).catch(onError);
      chooser.value = '';
    });
    i18n.onChange(() => {
      this.#showList();
      this.#showFacts();
    });
  }

  /** The name of the model in use, as load takes it; null before the first. */
  get name() {
    return this.#current?.name ?? null;
  }

  /** Whether the model in use is a listed one, and no file. */
  get listed() {
    return this.#current !== null && this.#opened === null;
  }

  /** The listed model that the training of the one in use began with; '' for none. */
  get before() {
    return this.#before;
  }

  /** The file of the model in use. */
  get bytes() {
    return this.#current?.bytes ?? null;
  }

  /** The title of the model in use. */
  get title() {
    const listed = this.#opened === null ? this.#list.find((m) => m.name === this.name) : undefined;
    return listed?.title?.[this.#i18n.lang] ?? withoutEnding(this.name ?? '');
  }

  /** Names and titles of the listed models, for scripts. */
  get names() {
    return this.#list.map(({ name, title }) => ({ name, title: title?.[this.#i18n.lang] ?? name }));
  }

  /**
   * Sets the list of shipped models.
   *
   * @param {any} json models/index.json
   */
  list(json) {
    const list = Array.isArray(json) ? json.filter((m) => typeof m?.name === 'string' && typeof m.file === 'string') : [];
    if (list.length === 0) throw new InkdriftError('models-missing', 'models/index.json lists no models');
    this.#list = list;
    this.#showList();
  }

  /**
   * A listed model; by default the first.
   *
   * @param {string | null} name
   * @returns {ListedModel}
   */
  find(name) {
    return this.#list.find((m) => m.name === name) ?? this.#list[0];
  }

  /**
   * Adds a shipped model to the list.
   *
   * @param {ListedModel} model
   */
  add(model) {
    if (this.#list.some((m) => m.name === model.name)) return;
    this.#list.push(model);
    this.#showList();
  }

  /**
   * Loads another model, after those requested before. If that fails the one in use
   * stays.
   *
   * @param {string | File | {name: string, bytes: ArrayBuffer, quiet?: boolean, before?: string}} what the name of a listed model, a file, or one that was
   *   trained here; before: the model that its training began with
   * @param {(loaded: number) => void} [onProgress]
   * @returns {Promise<ModelInfo | null>} null: it is a file whose model the pads cannot take, and is shown in the gallery
   */
  load(what, onProgress = () => {}) {
    const loaded = this.#queue.then(() => this.#load(what, onProgress));
    this.#queue = loaded.catch(() => {});
    return loaded;
  }

  /** Loads the model in use into a new engine. */
  async restore() {
    if (!this.#current) return;
    const { name, bytes } = this.#current;
    await this.#engine.request('model.load', { name }, [bytes], { first: true });
  }

  /**
   * @param {string | File | {name: string, bytes: ArrayBuffer, quiet?: boolean, before?: string}} what
   * @param {(loaded: number) => void} onProgress
   */
  async #load(what, onProgress) {
    this.#select.setAttribute('aria-busy', 'true');
    try {
      const opened = typeof what !== 'string';
      const trained = opened && !(what instanceof File);
      const bytes = await (!opened ? this.#fetch(what, onProgress) : trained ? what.bytes : readModel(what));
      const name = opened ? what.name.slice(0, 60) : what;
      // A person's file may crash the engine: it is sent once only.
      let head;
      try {
        ({ head } = await this.#engine.request('model.load', { name }, [bytes], { retries: opened ? 0 : 1 }));
      } catch (e) {
        if (!opened || InkdriftError.from(e).code !== 'model-unfit') throw e;
        await this.#onUnfit(bytes, withoutEnding(name));
        return null;
      }
      this.#current = { name, bytes };
      this.#opened = opened ? name : null;
      this.#trained = trained;
      const before = trained ? (what.before ?? '') : '';
      this.#before = this.#list.some((m) => m.name === before) ? before : '';
      this.info = head.model;
      this.#onLoad(opened, trained && what.quiet === true);
      return head.model;
    } finally {
      this.#select.removeAttribute('aria-busy');
      this.#showList();
      this.#showFacts();
    }
  }

  /**
   * @param {string} name
   * @param {(loaded: number) => void} onProgress
   */
  #fetch(name, onProgress) {
    const listed = this.#list.find((m) => m.name === name);
    if (!listed) {
      const known = this.#list.map((m) => m.name).join(', ');
      throw new InkdriftError('model-unknown', `${JSON.stringify(name)}, should be one of ${known}`, 'name');
    }
    return fetchBytes(this.#url(`models/${listed.file}`), onProgress, 'model-missing');
  }

  #showList() {
    const { lang } = this.#i18n;
    const state = JSON.stringify([lang, this.#list.map((m) => m.name), this.#opened, this.#trained, this.name]);
    // A model that is followed is loaded again and again.
    if (state !== this.#listShown) this.#fillList(lang);
    this.#listShown = state;
    this.#select.value = this.#opened !== null ? '' : (this.name ?? this.#list[0]?.name ?? '');
  }

  /** @param {'en' | 'zh'} lang */
  #fillList(lang) {
    const options = this.#list.map((m) => make('option', { value: m.name }, m.title?.[lang] ?? m.name));
    if (this.#opened !== null) {
      const option = make('option', { value: '' });
      this.#i18n.text(option, this.#trained ? 'model.trained' : 'model.opened', { name: withoutEnding(this.#opened) });
      options.push(option);
    }
    this.#select.replaceChildren(...options);
    this.#select.disabled = this.#list.length === 0;
  }

  #showFacts() {
    const { info } = this;
    if (!info) return;
    const i18n = this.#i18n;
    const listed = this.#opened === null ? this.#list.find((m) => m.name === this.name) : undefined;
    byId('model-about', HTMLElement).textContent = listed?.about?.[i18n.lang] ?? '';

    const inputs = info.input.reduce((a, b) => a * b, 1);
    const arrow = (/** @type {number[]} */ widths) => widths.join(' → ');
    /** @type {[key: string, value: string, term?: string][]} */
    const facts = [
      ['model.encoder', arrow([inputs, ...info.encoder, info.latent]), 'encoder'],
      ['model.decoder', arrow([info.latent, ...info.decoder, inputs]), 'decoder'],
      ['model.activation', info.activation],
      ['model.params', info.params.toLocaleString(i18n.lang)],
    ];
    if (listed?.nll !== undefined) {
      const { nll, nllSamples = 0, images = 0 } = listed;
      const count = (/** @type {number} */ n) => n.toLocaleString(i18n.lang);
      facts.push(['model.nll', i18n.t('gallery.nll-value', { nll, k: count(nllSamples), images: count(images) }), 'nll']);
    }
    byId('model-facts', HTMLElement).replaceChildren(
      ...facts.map(([key, value, term]) => {
        const name = make('span');
        i18n.text(name, key);
        return make('div', {}, make('dt', {}, name, ...(term ? [this.#explain(term, key)] : [])), make('dd', {}, value));
      }),
    );
  }
}

/** What a person's file is called in the page. @param {string} file its name */
export const withoutEnding = (file) => file.replace(/\.safetensors$/i, '');

/**
 * The bytes of a model that a person opened.
 *
 * @param {File} file
 */
export async function readModel(file) {
  if (file.size > maxModel) {
    throw new InkdriftError('bad-model', `${file.size} bytes, at most ${maxModel} are read`, file.name);
  }
  // Needed for files alone, and so no part of a first visit.
  const [{ refuseStandIn }, bytes] = await Promise.all([loadModule(() => import('../lib/stand-in.js'), 'stand-in.js'), readFile(file)]);
  refuseStandIn(bytes, file.name);
  return bytes;
}
