/**
 * The views of the page: which of them the address asks for, and the links
 * between them. All but the studio are fetched when they are opened for the
 * first time.
 *
 * @typedef {'studio' | 'hand' | 'train' | 'lab' | 'gallery'} ViewName
 */
import { byId } from '../lib/dom.js';

/** Views with an address of their own, which may go on with ? and settings. @type {Exclude<ViewName, 'studio'>[]} */
const others = ['hand', 'train', 'lab', 'gallery'];

/**
 * The view that an address asks for.
 *
 * @param {string} hash
 * @returns {ViewName}
 */
export function viewOf(hash) {
  const name = hash.slice(1).split('?')[0];
  return others.find((view) => view === name) ?? 'studio';
}

/** Shows one view or another. */
export class Router {
  /** @type {ViewName} */
  current = 'studio';

  #links = {
    studio: byId('to-studio', HTMLAnchorElement),
    hand: byId('to-hand', HTMLAnchorElement),
    train: byId('to-train', HTMLAnchorElement),
    lab: byId('to-lab', HTMLAnchorElement),
    gallery: byId('to-gallery', HTMLAnchorElement),
  };
  /** Where each view stands, and what of the page is it alone. @type {Record<ViewName, HTMLElement[]>} */
  #parts = {
    studio: [],
    hand: [byId('hand', HTMLElement)],
    train: [byId('train', HTMLElement), byId('runs', HTMLElement)],
    lab: [byId('lab', HTMLElement)],
    gallery: [byId('gallery', HTMLElement)],
  };
  /** The address of each view when it was left. @type {Partial<Record<ViewName, string>>} */
  #last = {};
  #onChange;
  #onAddress;

  /**
   * @param {(view: ViewName, before: ViewName) => void} onChange
   * @param {(hash: string) => void} onAddress called when somebody gives the open view another address
   */
  constructor(onChange, onAddress) {
    this.#onChange = onChange;
    this.#onAddress = onAddress;
    for (const [view, link] of Object.entries(this.#links)) {
      link.addEventListener('click', (e) => {
        if (e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        this.go(/** @type {ViewName} */ (view));
      });
    }
    // The place that the skip link goes to is no address of a view.
    byId('skip', HTMLAnchorElement).addEventListener('click', (e) => {
      if (this.current === 'studio') return;
      e.preventDefault();
      (this.current === 'hand' ? byId('pad-a', HTMLElement) : this.#parts[this.current][0]).focus();
    });
    addEventListener('hashchange', () => this.#look());
    addEventListener('popstate', () => this.#look());
  }

  /** Shows the view that the address asks for. */
  start() {
    this.#look();
  }

  /**
   * Goes to a view.
   *
   * @param {ViewName} view
   */
  go(view) {
    if (view === this.current) return;
    if (this.current !== 'studio') this.#last[this.current] = location.hash;
    history.pushState(null, '', view === 'studio' ? `${location.pathname}${location.search}` : (this.#last[view] ?? `#${view}`));
    this.#look();
    scrollTo(0, 0);
  }

  #look() {
    const { hash } = location;
    const view = viewOf(hash);
    document.documentElement.dataset.view = view;
    for (const [name, link] of Object.entries(this.#links)) {
      if (name === view) {
        link.setAttribute('aria-current', 'page');
        link.scrollIntoView({ block: 'nearest', inline: 'center' }); // a phone has not room for all
      } else link.removeAttribute('aria-current');
    }
    for (const [name, parts] of Object.entries(this.#parts)) for (const part of parts) part.hidden = name !== view;
    if (view !== this.current) {
      const before = this.current;
      this.current = view;
      this.#onChange(view, before);
    } else this.#onAddress(hash);
  }
}
