/**
 * The views of the page, Studio, Your hand and Training room: which of them the
 * address asks for, and the links between them. All but the studio are fetched
 * when they are opened for the first time.
 *
 * @typedef {'studio' | 'hand' | 'train'} View
 */
import { byId } from './dom.js';

/** What addresses of the room begin with. */
const room = '#train';
const hand = '#hand';

/** Shows one view or another. */
export class Views {
  /** @type {View} */
  current = 'studio';

  #links = {
    studio: byId('to-studio', HTMLAnchorElement),
    hand: byId('to-hand', HTMLAnchorElement),
    train: byId('to-train', HTMLAnchorElement),
  };
  /** The room's address when it was left. */
  #last = room;
  #onChange;
  #onAddress;

  /**
   * @param {(view: View, before: View) => void} onChange
   * @param {(hash: string) => void} onAddress called when somebody gives the open room another address
   */
  constructor(onChange, onAddress) {
    this.#onChange = onChange;
    this.#onAddress = onAddress;
    for (const [view, link] of Object.entries(this.#links)) {
      link.addEventListener('click', (e) => {
        if (e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        this.go(/** @type {View} */ (view));
      });
    }
    // The place that the skip link goes to is no address of a view.
    byId('skip', HTMLAnchorElement).addEventListener('click', (e) => {
      if (this.current === 'studio') return;
      e.preventDefault();
      byId(this.current === 'train' ? 'train' : 'pad-a', HTMLElement).focus();
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
   * @param {View} view
   */
  go(view) {
    if (view === this.current) return;
    if (this.current === 'train') this.#last = location.hash;
    const addresses = { train: this.#last, hand, studio: `${location.pathname}${location.search}` };
    history.pushState(null, '', addresses[view]);
    this.#look();
    scrollTo(0, 0);
  }

  #look() {
    const { hash } = location;
    const view = hash === room || hash.startsWith(`${room}?`) ? 'train' : hash === hand ? 'hand' : 'studio';
    document.documentElement.dataset.view = view;
    for (const [name, link] of Object.entries(this.#links)) {
      if (name === view) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    byId('train', HTMLElement).hidden = byId('runs', HTMLElement).hidden = view !== 'train';
    byId('hand', HTMLElement).hidden = view !== 'hand';
    if (view !== this.current) {
      const before = this.current;
      this.current = view;
      this.#onChange(view, before);
    } else if (view === 'train') this.#onAddress(hash);
  }
}
