/**
 * The addresses of the views, the links between them, and which is shown.
 *
 * @typedef {import('./context.js').ViewEntry} ViewEntry
 */
import { byId, make } from '../lib/dom.js';

/**
 * The view that an address asks for: #name, which may go on with ? and
 * settings.
 *
 * @param {ViewEntry[]} views the first where the address names none
 * @param {string} hash
 * @returns {string} its name
 */
export function viewOf(views, hash) {
  const name = hash.slice(1).split('?')[0];
  return (views.find((view) => view.name === name) ?? views[0]).name;
}

/** Shows one view or another. */
export class Router {
  #views;
  #current;
  /** @type {Map<string, HTMLAnchorElement>} */
  #links = new Map();
  /** The element of each view but the first, which has the page. @type {Map<string, HTMLElement>} */
  #roots = new Map();
  /** The address of each view when it was left. @type {Map<string, string>} */
  #lastHash = new Map();
  #onChange;
  #onAddress;
  /** Opens the links where there is no room for them. */
  #menu = byId('views-menu', HTMLButtonElement);

  /**
   * @param {object} from
   * @param {ViewEntry[]} from.views
   * @param {import('../lib/i18n.js').I18n} from.i18n
   * @param {(view: string, before: string) => void} from.onChange
   * @param {() => void} from.onAddress called when the view that is shown has another address
   */
  constructor({ views, i18n, onChange, onAddress }) {
    this.#views = views;
    this.#current = views[0].name;
    this.#onChange = onChange;
    this.#onAddress = onAddress;
    const skip = byId('skip', HTMLAnchorElement);
    for (const { name, label } of views) {
      const link = linkTo(name, label, i18n);
      this.#links.set(name, link);
      link.addEventListener('click', (e) => {
        if (e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        this.go(name);
      });
      if (name !== views[0].name) this.#roots.set(name, rootOf(name, label, i18n));
    }
    // The place that the skip link goes to is no address of a view.
    skip.addEventListener('click', (e) => {
      if (this.#current === views[0].name) return;
      e.preventDefault();
      const root = this.root(this.#current);
      if (root.hasAttribute('tabindex')) root.focus();
      else byId(skip.hash.slice(1), HTMLElement).focus();
    });
    this.#menu.addEventListener('click', () => this.#openMenu(this.#menu.getAttribute('aria-expanded') !== 'true'));
    document.addEventListener('keydown', (e) => {
      if (e.key === 'Escape' && this.#menu.getAttribute('aria-expanded') === 'true') {
        this.#openMenu(false);
        this.#menu.focus();
      }
    });
    document.addEventListener('pointerdown', (e) => {
      if (e.target instanceof Element && !e.target.closest('#views, #views-menu')) this.#openMenu(false);
    });
    addEventListener('hashchange', () => this.#look());
    addEventListener('popstate', () => this.#look());
  }

  /** The name of the view that is shown. */
  get current() {
    return this.#current;
  }

  /**
   * The element that a view fills.
   *
   * @param {string} name
   */
  root(name) {
    return this.#roots.get(name) ?? byId('stage', HTMLElement);
  }

  /** Shows the view that the address asks for. */
  start() {
    this.#look();
  }

  /**
   * Shows a view, at the address it had when it was left.
   *
   * @param {string} name
   */
  go(name) {
    if (name === this.#current) return;
    const [{ name: first }] = this.#views;
    if (this.#current !== first) this.#lastHash.set(this.#current, location.hash);
    history.pushState(null, '', name === first ? `${location.pathname}${location.search}` : (this.#lastHash.get(name) ?? `#${name}`));
    this.#look();
    scrollTo(0, 0);
  }

  /** @param {boolean} open */
  #openMenu(open) {
    this.#menu.setAttribute('aria-expanded', String(open));
  }

  #look() {
    this.#openMenu(false);
    const name = viewOf(this.#views, location.hash);
    document.documentElement.dataset.view = name;
    for (const [n, link] of this.#links) {
      if (n === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    for (const [n, root] of this.#roots) root.hidden = n !== name;
    const before = this.#current;
    this.#current = name;
    if (name === before) this.#onAddress();
    else this.#onChange(name, before);
  }
}

/**
 * The link to a view. Those of the HTML are there before scripts run; for any
 * other view one is added.
 *
 * @param {string} name
 * @param {string} label
 * @param {import('../lib/i18n.js').I18n} i18n
 */
function linkTo(name, label, i18n) {
  const id = `to-${name}`;
  if (document.getElementById(id)) return byId(id, HTMLAnchorElement);
  const link = make('a', { id, href: `#${name}` });
  i18n.text(link, label);
  byId('views', HTMLElement).append(link);
  return link;
}

/**
 * The element of a view: that of the HTML, or a new one before the pads.
 *
 * @param {string} name
 * @param {string} label
 * @param {import('../lib/i18n.js').I18n} i18n
 */
function rootOf(name, label, i18n) {
  if (document.getElementById(name)) return byId(name, HTMLElement);
  const root = make('section', { id: name, className: name, tabIndex: -1, hidden: true });
  i18n.attr(root, 'aria-label', label);
  byId('trial', HTMLElement).before(root);
  return root;
}
