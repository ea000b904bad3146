/**
 * What goes on, in words and as a bar.
 */
import { byId } from '../lib/dom.js';
import { formatMegabytes } from '../lib/format.js';

/** The least time between two sentences: a screen reader has to finish one. */
const pauseMs = 1500;

/** The polite live region. */
export class Status {
  #element = byId('status', HTMLElement);
  #i18n;
  #last = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import('../lib/i18n.js').I18n} i18n */
  constructor(i18n) {
    this.#i18n = i18n;
  }

  /**
   * Says a sentence; soon after another one it waits, and a newer one takes
   * its place.
   *
   * @param {string} key
   * @param {import('../lib/i18n.js').Values | (() => import('../lib/i18n.js').Values)} [values]
   */
  say(key, values = {}) {
    clearTimeout(this.#timer);
    const wait = this.#last + pauseMs - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.say(key, values), wait);
      return;
    }
    this.#last = performance.now();
    this.#i18n.text(this.#element, key, values);
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
