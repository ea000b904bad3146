/**
 * What happens to training when the page is hidden, frozen or shown again, or the
 * machine has slept: browsers, iOS above all, end workers of a hidden page without an
 * event. And keeps the screen on while something trains, if a person wants that.
 */

/**
 * Calls back when the page is shown again, or is thawed.
 *
 * @param {() => void} onReturn
 * @param {{document: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>, window: Pick<Window, 'addEventListener' | 'removeEventListener'>}} page
 * @returns {() => void} ends it
 */
export function onPageReturn(onReturn, { document, window }) {
  const shown = () => document.visibilityState === 'visible' && onReturn();
  document.addEventListener('visibilitychange', shown);
  document.addEventListener('resume', shown);
  window.addEventListener('pageshow', shown);
  return () => {
    document.removeEventListener('visibilitychange', shown);
    document.removeEventListener('resume', shown);
    window.removeEventListener('pageshow', shown);
  };
}

/** Keeps the screen on while it is wanted. Browsers let it go when the page is hidden, and may refuse it. */
export class ScreenWakeLock {
  #wakeLock;
  #wanted = false;
  /** @type {Promise<WakeLockSentinel | null> | null} */
  #held = null;

  /** @param {Pick<WakeLock, 'request'> | undefined} wakeLock navigator.wakeLock */
  constructor(wakeLock) {
    this.#wakeLock = wakeLock;
  }

  /** Whether the browser has such a thing. */
  get isSupported() {
    return this.#wakeLock !== undefined;
  }

  /** @param {boolean} wanted */
  set(wanted) {
    this.#wanted = wanted;
    if (!wanted) {
      const held = this.#held;
      this.#held = null;
      void held?.then((lock) => lock?.release()).catch(() => {});
    } else if (this.#held === null) {
      this.refresh();
    }
  }

  /** Asks again, after the page was hidden. */
  refresh() {
    if (!this.#wanted || !this.#wakeLock) return;
    this.#held = this.#wakeLock.request('screen').catch(() => null); // the battery is low, or the page is hidden
  }
}
