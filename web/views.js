/**
 * The two views of the page, Studio and Training room: which of them the
 * address asks for, and the links between them. The room itself is fetched when
 * it is opened for the first time.
 */
import { byId } from './dom.js';

/** What addresses of the room begin with. */
const room = '#train';

/** Shows one view or the other. */
export class Views {
  /** @type {'studio' | 'train'} */
  current = 'studio';

  #links = { studio: byId('to-studio', HTMLAnchorElement), train: byId('to-train', HTMLAnchorElement) };
  /** The room's address when it was left. */
  #last = room;
  #onChange;
  #onAddress;

  /**
   * @param {(view: 'studio' | 'train') => void} onChange
   * @param {(hash: string) => void} onAddress called when somebody gives the open room another address
   */
  constructor(onChange, onAddress) {
    this.#onChange = onChange;
    this.#onAddress = onAddress;
    for (const [view, link] of Object.entries(this.#links)) {
      link.addEventListener('click', (e) => {
        if (e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        this.go(view === 'train' ? 'train' : 'studio');
      });
    }
    // The place that the skip link goes to is no address of a view.
    byId('skip', HTMLAnchorElement).addEventListener('click', (e) => {
      if (this.current !== 'train') return;
      e.preventDefault();
      byId('train', HTMLElement).focus();
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
   * @param {'studio' | 'train'} view
   */
  go(view) {
    if (view === this.current) return;
    if (this.current === 'train') this.#last = location.hash;
    history.pushState(null, '', view === 'train' ? this.#last : `${location.pathname}${location.search}`);
    this.#look();
    scrollTo(0, 0);
  }

  #look() {
    const { hash } = location;
    const view = hash === room || hash.startsWith(`${room}?`) ? 'train' : 'studio';
    document.documentElement.dataset.view = view;
    for (const [name, link] of Object.entries(this.#links)) {
      if (name === view) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    byId('train', HTMLElement).hidden = byId('runs', HTMLElement).hidden = view !== 'train';
    if (view !== this.current) {
      this.current = view;
      this.#onChange(view);
    } else if (view === 'train') this.#onAddress(hash);
  }
}
