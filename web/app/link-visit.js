/**
 * Links as the page deals with them: shows what the address holds, keeps what a
 * person had drawn before, and writes the address of what is shown now.
 *
 * @typedef {import('../views/studio/studio.js').SavedPads} SavedPads
 */
import { byId, passFocus } from '../lib/dom.js';
import { readLink, writeLink } from './link.js';

/** How many drawings are kept; the oldest make way. */
const mostKept = 5;

/** The link that the page was opened with, those that come later, and the drawings that they covered. */
export class LinkVisit {
  /** The address whose link is shown. */
  #hash = '';
  /** The model that came with it. @type {string | null} */
  #model = null;
  /** The newest last. @type {SavedPads[]} */
  #kept;
  #studio;
  #store;
  #load;
  #line = byId('kept', HTMLElement);
  #wrong = byId('link-wrong', HTMLElement);

  /**
   * @param {object} from
   * @param {import('../views/studio/studio.js').Studio} from.studio
   * @param {import('../lib/local-storage.js').LocalStore} from.store
   * @param {(model: string) => Promise<unknown>} from.load puts a model behind the pads
   */
  constructor({ studio, store, load }) {
    this.#studio = studio;
    this.#store = store;
    this.#load = load;
    const kept = store.get('kept');
    this.#kept = Array.isArray(kept) ? kept.filter((pads) => pads?.a || pads?.b).slice(-mostKept) : [];
    this.#model = readLink(location.hash)?.model ?? null;
    byId('kept-back', HTMLButtonElement).addEventListener('click', () => this.#bringBack());
    byId('kept-forget', HTMLButtonElement).addEventListener('click', () => this.#save(this.#kept.slice(0, -1)));
    studio.onTaken(() => this.#taken());
    addEventListener('hashchange', () => this.#look());
    this.#showKept();
  }

  /** The model that the link asks for; it is that of the link, not one that a person has chosen. */
  get model() {
    return this.#model;
  }

  /** Shows what the address holds that the page was opened with. Its model is loaded by the page. */
  begin() {
    this.#show();
  }

  /** Says that the link asks for something that is not there. */
  refuse() {
    this.#model = null;
    this.#wrong.hidden = false;
  }

  /** The address has changed while the page is open. */
  #look() {
    const model = this.#show();
    if (model === undefined) return;
    this.#model = model;
    this.#load(model).catch(() => this.refuse());
  }

  /**
   * Shows what the address holds, once.
   *
   * @returns {string | undefined} the model that it asks for
   */
  #show() {
    const { hash } = location;
    const link = readLink(hash);
    if (!link || hash === this.#hash) return undefined;
    this.#hash = hash;
    const covered = this.#studio.show(link);
    if (covered) this.#save([...this.#kept, covered].slice(-mostKept));
    this.#wrong.hidden = link.wrong.length === 0;
    return link.model;
  }

  /** What came with the link is the person's own now: the address says it no more. */
  #taken() {
    this.#wrong.hidden = true;
    if (location.hash !== this.#hash) return;
    const [view] = this.#hash.split('?');
    this.#hash = '';
    try {
      history.replaceState(history.state, '', view);
    } catch {
      // A sandboxed frame keeps its address.
    }
  }

  #bringBack() {
    const back = this.#kept.at(-1);
    if (!back) return;
    const covered = this.#studio.putBack(back);
    this.#taken();
    this.#save([...(covered ? [covered] : []), ...this.#kept.slice(0, -1)]);
  }

  /** @param {SavedPads[]} kept */
  #save(kept) {
    this.#kept = kept;
    this.#store.set('kept', kept.length > 0 ? kept : null);
    this.#showKept();
  }

  #showKept() {
    if (this.#kept.length === 0) passFocus(this.#line, byId('pad-a', HTMLElement));
    this.#line.hidden = this.#kept.length === 0;
  }
}

/**
 * The address of what is shown.
 *
 * @param {object} from
 * @param {string} from.view the name of the view
 * @param {import('../views/studio/studio.js').Studio} from.studio
 * @param {string | null} from.model that others have, too
 * @param {(query: URLSearchParams) => void} [from.more] adds what else the view shows
 * @returns {{address: string, missing: ('a' | 'b')[]}} missing: pads whose content does not fit
 */
export function addressOf({ view, studio, model, more }) {
  const url = new URL(location.href);
  url.search = '';
  if (view !== 'studio' && view !== 'hand') {
    if (!url.hash) url.hash = view;
    if (more) {
      const [place, text = ''] = url.hash.split('?');
      const own = new URLSearchParams(text);
      more(own);
      if (own.size > 0) url.hash = `${place}?${own}`;
    }
    return { address: url.href, missing: [] };
  }
  const { query, missing } = writeLink(view, studio.shown, model);
  more?.(query);
  url.hash = `${view}?${query}`;
  return { address: url.href, missing };
}
