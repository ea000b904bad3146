/**
 * The words of the page. One catalogue a language, locales/LANG.json: a flat
 * object of key -> sentence, with {name} where a value goes, and {name|one|many}
 * where a word depends on whether a value is 1. Further ones,
 * locales/PART.LANG.json, come with the part of the page that they belong to.
 *
 * Elements of the HTML name their words with data-i18n="KEY" (their text) and
 * data-i18n-attr="ATTRIBUTE:KEY ATTRIBUTE:KEY". Scripts say text(element, KEY,
 * values). Both are said again when the language changes.
 *
 * @typedef {Record<string, string>} Catalogue
 * @typedef {Record<string, string | number>} Values
 */
import { formatNumber, numberFormat } from './format.js';

/** Languages there are catalogues for, with the tag the document gets. */
export const languages = { en: 'en', zh: 'zh-Hans' };

/**
 * Chooses the first of the wanted languages that we have.
 *
 * @param {readonly string[]} wanted tags such as "zh-CN", best first
 * @returns {keyof typeof languages}
 */
export function choose(wanted) {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    if (Object.hasOwn(languages, base)) return /** @type {keyof typeof languages} */ (base);
  }
  return 'en';
}

/**
 * Puts values into a sentence.
 *
 * @param {string} sentence
 * @param {Values} values
 * @param {string} lang
 */
export function fill(sentence, values, lang) {
  return sentence.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name, one, many) => {
    const v = values[name];
    if (v === undefined) return whole;
    if (many !== undefined) return String(v) === '1' ? one : many;
    if (typeof v !== 'number') return v;
    // Two digits after the point would make 0 of small numbers.
    return Math.abs(v) < 0.1 ? formatNumber(v, lang) : numberFormat(lang, { maximumFractionDigits: 2 }).format(v);
  });
}

/**
 * The catalogue in use and everything that was said from it. What is said
 * before the first catalogue has come is said when it comes.
 */
export class I18n {
  /** @type {keyof typeof languages} */
  lang = 'en';
  /** @type {Catalogue} */
  #words = {};
  /** @type {(name: string) => Promise<Catalogue>} */
  #fetch;
  /** The further catalogues in use. @type {Set<string>} */
  #parts = new Set();
  /** @type {Map<Element, Map<string, {key: string, values: Values | (() => Values)}>>} */
  #said = new Map();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #latest = '';
  /** How many elements there may be before those that have left the page are looked for. */
  #most = 500;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #sweeping;

  /** @param {(name: string) => Promise<Catalogue>} fetch has the catalogue of a name: "en", "tour.en" */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /**
   * Uses a language. If its catalogue cannot be had the one in use stays and
   * the promise is rejected; if another is asked for meanwhile, that one wins.
   *
   * @param {keyof typeof languages} lang
   */
  async use(lang) {
    this.#latest = lang;
    const parts = await Promise.all([lang, ...[...this.#parts].map((part) => `${part}.${lang}`)].map((name) => this.#fetch(name)));
    if (this.#latest !== lang) return;
    this.lang = lang;
    this.#words = Object.assign({}, ...parts);
    for (const [element, parts] of this.#said) {
      for (const [attr, { key, values }] of parts) this.#put(element, attr, key, values);
    }
    for (const fn of this.#listeners) fn();
  }

  /**
   * Adds the sentences of a part that is not in every visit. If they cannot be had
   * the promise is rejected, and they can be added again.
   *
   * @param {string} part
   */
  async add(part) {
    this.#parts.add(part);
    try {
      await this.use(choose([this.#latest || this.lang]));
    } catch (e) {
      this.#parts.delete(part);
      throw e;
    }
  }

  /**
   * Calls fn after each change of the language.
   *
   * @param {() => void} fn
   */
  onChange(fn) {
    this.#listeners.add(fn);
  }

  /**
   * The sentence for a key. A key without a sentence gives the key, so that it
   * is seen; a test sees to it that there is none.
   *
   * @param {string} key
   * @param {Values} [values]
   */
  t(key, values = {}) {
    return fill(this.#words[key] ?? key, values, this.lang);
  }

  /**
   * Says a sentence as an element's text. Values that change with the language
   * are given by a function.
   *
   * @param {Element} element
   * @param {string} key
   * @param {Values | (() => Values)} [values]
   */
  text(element, key, values = {}) {
    this.attr(element, '', key, values);
  }

  /** Says nothing any more as an element's text, in no language. @param {Element} element */
  clear(element) {
    this.#said.get(element)?.delete('');
    element.textContent = '';
  }

  /**
   * Says a sentence as an element's attribute.
   *
   * @param {Element} element
   * @param {string} attr the empty string: its text
   * @param {string} key
   * @param {Values | (() => Values)} [values]
   */
  attr(element, attr, key, values = {}) {
    let parts = this.#said.get(element);
    if (!parts) {
      parts = new Map();
      this.#said.set(element, parts);
    }
    parts.set(attr, { key, values });
    this.#put(element, attr, key, values);
    // Later: what is being made is not in the page yet.
    if (this.#said.size > this.#most) this.#sweeping ??= setTimeout(() => this.#sweep());
  }

  /**
   * Finds the elements under root that name their words. They are said when a
   * catalogue is there; until then the HTML's own English is shown.
   *
   * @param {ParentNode} root
   */
  adopt(root) {
    for (const e of root.querySelectorAll('[data-i18n], [data-i18n-attr]')) {
      const parts = new Map();
      const key = e.getAttribute('data-i18n');
      if (key) parts.set('', { key, values: {} });
      for (const pair of (e.getAttribute('data-i18n-attr') ?? '').split(' ').filter(Boolean)) {
        const [attr, k] = pair.split(':');
        parts.set(attr, { key: k, values: {} });
      }
      this.#said.set(e, parts);
    }
  }

  /**
   * @param {Element} element
   * @param {string} attr
   * @param {string} key
   * @param {Values | (() => Values)} values
   */
  #put(element, attr, key, values) {
    if (!(key in this.#words)) return; // no catalogue has come yet
    const sentence = this.t(key, typeof values === 'function' ? values() : values);
    if (attr) element.setAttribute(attr, sentence);
    else if (element.textContent !== sentence) element.textContent = sentence;
  }

  /** Forgets elements that have left the page. */
  #sweep() {
    this.#sweeping = undefined;
    for (const element of this.#said.keys()) if (!element.isConnected) this.#said.delete(element);
    this.#most = Math.max(500, 2 * this.#said.size);
  }
}
