/**
 * What goes on, in words and as a bar.
 */
import { byId } from '../lib/dom.js';
import { formatMegabytes } from '../lib/format.js';

/**
 * @typedef {import('../lib/i18n.js').Values | (() => import('../lib/i18n.js').Values)} SentenceValues
 * @typedef {{key: string, values: SentenceValues}} Sentence
 * @typedef {{say: (key: string, values?: SentenceValues) => void}} StatusOfView
 */

/** The least time between two sentences: a screen reader has to finish one. */
const pauseMs = 1500;

/**
 * The polite live region. It belongs to the view that is shown: what another
 * view says waits until that one is shown.
 */
export class Status {
  #element = byId('status', HTMLElement);
  #i18n;
  #last = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** The view that is shown. */
  #view = '';
  /** The last sentence of each view. @type {Map<string, Sentence>} */
  #sentences = new Map();

  /** @param {import('../lib/i18n.js').I18n} i18n */
  constructor(i18n) {
    this.#i18n = i18n;
  }

  /**
   * Says a sentence in the view that is shown; soon after another one it
   * waits, and a newer one takes its place.
   *
   * @param {string} key
   * @param {SentenceValues} [values]
   */
  say(key, values = {}) {
    this.#sentences.set(this.#view, { key, values });
    this.#say(key, values);
  }

  /**
   * @param {string} key
   * @param {SentenceValues} values
   */
  #say(key, values) {
    clearTimeout(this.#timer);
    const wait = this.#last + pauseMs - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#say(key, values), wait);
      return;
    }
    this.#last = performance.now();
    this.#i18n.text(this.#element, key, values);
  }

  /**
   * The status of one view.
   *
   * @param {string} view
   * @returns {StatusOfView}
   */
  of(view) {
    return {
      say: (key, values = {}) => {
        if (view === this.#view) this.say(key, values);
        else this.#sentences.set(view, { key, values });
      },
    };
  }

  /**
   * A view is shown: what it said last is said again.
   *
   * @param {string} view
   * @param {string} otherwise key of the sentence if it has said nothing yet
   */
  show(view, otherwise) {
    const said = this.#sentences.get(view);
    if (view === this.#view && said) return;
    this.#view = view;
    this.#last = -Infinity;
    this.#say(said?.key ?? otherwise, said?.values ?? {});
  }
}

/** The bar of what has arrived. */
export class ProgressBar {
  #bar = byId('progress', HTMLProgressElement);
  #bytes = byId('bytes', HTMLElement);
  #i18n;

  /** @param {import('../lib/i18n.js').I18n} i18n */
  constructor(i18n) {
    this.#i18n = i18n;
  }

  /**
   * @param {number} loaded
   * @param {number} total
   */
  show(loaded, total) {
    this.#bar.max = Math.max(total, 1);
    this.#bar.value = loaded;
    const { lang } = this.#i18n;
    this.#i18n.text(this.#bytes, 'status.bytes', () => ({ loaded: formatMegabytes(loaded, lang), total: formatMegabytes(total, lang) }));
  }

  /** Everything is there. */
  done() {
    this.#bar.hidden = this.#bytes.hidden = true;
  }
}
