/**
 * Where the window is too small for a board, its parts are behind tabs, beside
 * the play button at the bottom of the window. Parts that have a data-tab belong
 * to one; what belongs to a tab outside the view is chosen in css/train.css.
 */
import { make } from '../../lib/dom.js';

/** The tabs, and their words. */
const tabs = [
  ['pictures', 'tabs.pictures'],
  ['latent', 'tabs.latent'],
  ['curves', 'tabs.curves'],
  ['settings', 'tabs.settings'],
  ['runs', 'tabs.runs'],
];

/** The tabs. */
export class Tabs {
  element = make('div', { className: 'tabs' });

  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  #root;
  #current = tabs[0][0];

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {HTMLElement} root of the view
   */
  constructor(i18n, root) {
    this.#root = root;
    this.element.setAttribute('role', 'group');
    i18n.attr(this.element, 'aria-label', 'tabs.name');
    for (const [name, word] of tabs) {
      const button = make('button', { type: 'button' });
      i18n.text(button, word);
      button.dataset.testid = `tab-${name}`;
      button.addEventListener('click', () => {
        this.choose(name);
        scrollTo(0, 0);
      });
      this.#buttons.set(name, button);
      this.element.append(button);
    }
    this.choose(this.#current);
  }

  /** @param {string} name */
  choose(name) {
    this.#current = name;
    this.#root.dataset.shows = name;
    document.documentElement.dataset.trainTab = name;
    for (const [n, b] of this.#buttons) b.setAttribute('aria-pressed', String(n === name));
  }

  /** The view is shown. */
  enter() {
    document.documentElement.dataset.trainTab = this.#current;
  }

  /** The view is left. */
  leave() {
    delete document.documentElement.dataset.trainTab;
  }
}
