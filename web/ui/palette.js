/**
 * The page's colours, for charts and pictures.
 */

/** Tokens that they are painted in. */
const tokens = ['paper', 'ink', 'muted', 'line', 'edge', 'accent', ...Array.from({ length: 10 }, (_, i) => `class-${i}`)];

/** The colours of the theme in use. */
export class Palette {
  /** @type {Record<string, string> | null} */
  #colours = null;

  get colours() {
    if (!this.#colours) {
      const style = getComputedStyle(document.documentElement);
      this.#colours = Object.fromEntries(tokens.map((t) => [t, style.getPropertyValue(`--${t}`).trim()]));
    }
    return this.#colours;
  }

  /** There are other colours. */
  forget() {
    this.#colours = null;
  }
}
