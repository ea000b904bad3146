/**
 * A section of the studio whose content, and its style, come when it is about
 * to be seen.
 *
 * @typedef {{state: object | null, redraw(): void}} Content state: what scripts see of it
 */

/** How far from the window it begins to load. */
const near = '100px';

/**
 * The section, whether its content has come or not.
 *
 * @template {Content} T
 */
export class LazySection {
  /** @type {T | null} */
  #content = null;

  /**
   * @param {HTMLElement} root
   * @param {(root: HTMLElement) => Promise<T>} open fills it
   * @param {(error: unknown) => void} fail
   */
  constructor(root, open, fail) {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer.disconnect();
        open(root).then(
          (content) => (this.#content = content),
          (e) => {
            observer.observe(root); // the network may be back the next time
            fail(e);
          },
        );
      },
      { rootMargin: near },
    );
    observer.observe(root);
  }

  /** What scripts see of it; null before it has been seen. @returns {T['state'] | null} */
  get state() {
    return this.#content?.state ?? null;
  }

  /** The colours are others. */
  themed() {
    this.#content?.redraw();
  }
}
