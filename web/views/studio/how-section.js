/**
 * The section "How it works" of the studio: it comes when it is about to be
 * seen, and asks the engine only while it is.
 */
import { byId } from '../../lib/dom.js';
import { addStyle } from '../../lib/styles.js';

/** How far from the window it begins to load. */
const near = '100px';

/** The section, whether it has come or not. */
export class HowSection {
  /** @type {import('./how.js').How | null} */
  #how = null;
  #context;
  #root = byId('how-it-works', HTMLElement);

  /** @param {Pick<import('../../app/context.js').AppContext, 'engine' | 'i18n' | 'models' | 'fail'>} context */
  constructor(context) {
    this.#context = context;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer.disconnect();
        this.#open().catch((e) => {
          observer.observe(this.#root); // the network may be back the next time
          context.fail(e);
        });
      },
      { rootMargin: near },
    );
    observer.observe(this.#root);
  }

  /** What scripts see of it; null before it has been seen. */
  get state() {
    return this.#how?.state ?? null;
  }

  /** The colours are others. */
  themed() {
    this.#how?.redraw();
  }

  async #open() {
    const [{ How }] = await Promise.all([import('./how.js'), addStyle('css/how.css')]);
    this.#how = new How(this.#root, this.#context);
  }
}
