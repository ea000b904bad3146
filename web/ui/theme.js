/**
 * Light and dark. The colours are the tokens of css/tokens.css; the page
 * follows the system until a person says otherwise.
 */
import { byId } from '../lib/dom.js';

/** The page's theme and the button that changes it. */
export class Theme {
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #onChange;

  /**
   * @param {import('../lib/local-storage.js').LocalStore} store
   * @param {() => void} onChange
   */
  constructor(store, onChange) {
    this.#onChange = onChange;
    this.#apply(store.get('theme'));
    this.#dark.addEventListener('change', () => this.#onChange());
    byId('theme', HTMLButtonElement).addEventListener('click', () => {
      const dark = !this.dark;
      // Back to what the system says anyway: follow it again.
      const theme = dark === this.#dark.matches ? null : dark ? 'dark' : 'light';
      store.set('theme', theme);
      this.#apply(theme);
      this.#onChange();
    });
  }

  /** Whether the page is dark. */
  get dark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === 'dark' : this.#dark.matches;
  }

  /** The colours of the pictures, each #rrggbb. */
  get colours() {
    const style = getComputedStyle(document.documentElement);
    const token = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
    return {
      paper: token('paper'),
      ink: token('ink'),
      muted: token('muted'),
      line: token('line'),
      accent: token('accent'),
      mu: token('mu'),
      sigma: token('sigma'),
    };
  }

  /** The colours of classes. */
  get classes() {
    const style = getComputedStyle(document.documentElement);
    return Array.from({ length: 10 }, (_, i) => style.getPropertyValue(`--class-${i}`).trim());
  }

  /** @param {any} theme */
  #apply(theme) {
    const { dataset } = document.documentElement;
    if (theme === 'dark' || theme === 'light') dataset.theme = theme;
    else delete dataset.theme;
  }
}
