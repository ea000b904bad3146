/**
 * Explanations of the field's terms: a small button beside a word opens one
 * sentence and a reference. They come from glossary.json, as docs/glossary.md
 * does, fetched when the first one is opened.
 *
 * @typedef {{term: string, about: string}} Explanation
 * @typedef {object} Glossary
 * @property {Record<string, {title: string, url: string}>} references
 * @property {({id: string, reference: string} & Record<'en' | 'zh', Explanation>)[]} terms
 */
import { make, putBeside } from '../lib/dom.js';

/** Makes the buttons. One explanation is open at a time. */
export class Terms {
  #i18n;
  #fetch;
  #onError;
  /** @type {Promise<Glossary> | null} */
  #glossary = null;
  /** @type {{button: HTMLButtonElement, panel: HTMLElement, id: string} | null} */
  #open = null;
  #count = 0;

  /**
   * @param {object} from
   * @param {import('../lib/i18n.js').I18n} from.i18n
   * @param {() => Promise<Glossary>} from.fetch
   * @param {(error: unknown) => void} from.onError
   */
  constructor({ i18n, fetch, onError }) {
    this.#i18n = i18n;
    this.#fetch = fetch;
    this.#onError = onError;
    i18n.onChange(() => this.close());
    document.addEventListener('pointerdown', (e) => {
      if (this.#open && e.target instanceof Node && !this.#open.button.parentNode?.contains(e.target)) this.close();
    });
    document.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !this.#open) return;
      const { button } = this.#open;
      e.stopPropagation();
      this.close();
      button.focus();
    });
    addEventListener('scroll', () => this.close(), { capture: true, passive: true });
    addEventListener('resize', () => this.close());
    addEventListener('hashchange', () => this.close());
  }

  /**
   * A button that explains a term, to be put after the word, not into a label or heading.
   *
   * @param {string} id of the term in glossary.json
   * @param {string} key of the word that it stands beside
   * @returns {HTMLElement}
   */
  button(id, key) {
    const panel = make('span', { className: 'term-panel', id: `term-${++this.#count}`, hidden: true });
    panel.setAttribute('role', 'note');
    const button = make('button', { type: 'button', className: 'term-open' }, '?');
    button.dataset.term = id;
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-controls', panel.id);
    this.#i18n.attr(button, 'aria-label', 'term.explain', () => ({ term: this.#i18n.t(key) }));
    button.addEventListener('click', () => {
      if (this.#open?.button === button) this.close();
      else void this.#show({ button, panel, id });
    });
    return make('span', { className: 'term' }, button, panel);
  }

  /** Closes the explanation that is open. */
  close() {
    if (!this.#open) return;
    const { button, panel } = this.#open;
    this.#open = null;
    panel.hidden = true;
    button.setAttribute('aria-expanded', 'false');
  }

  /** @param {{button: HTMLButtonElement, panel: HTMLElement, id: string}} what */
  async #show(what) {
    this.close();
    this.#open = what;
    const { button, panel, id } = what;
    try {
      this.#glossary ??= this.#fetch();
      const { terms, references } = await this.#glossary;
      if (this.#open !== what) return;
      const entry = terms.find((t) => t.id === id);
      if (!entry) throw new TypeError(`glossary.json has no ${id}`);
      const { term, about } = entry[this.#i18n.lang];
      const { title, url } = references[entry.reference];
      const link = make('a', { href: url, target: '_blank', rel: 'noopener', lang: 'en' }, title);
      panel.replaceChildren(make('strong', {}, term), ` ${about} `, make('small', {}, link));
    } catch (e) {
      this.#glossary = null; // the network may be back the next time
      if (this.#open === what) this.close();
      this.#onError(e);
      return;
    }
    panel.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    putBeside(button, panel);
  }
}
