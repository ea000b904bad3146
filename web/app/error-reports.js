/**
 * Where errors go: the page shows them, and scripts are told of each once. One that
 * a script's own call is rejected with is shown only if the script does not catch it.
 */
import { InkdriftError } from '../lib/errors.js';

/** Passes errors on to the page and to scripts. */
export class ErrorReports {
  /** Errors that were shown. @type {WeakSet<InkdriftError>} */
  #shown = new WeakSet();
  /** Errors that scripts were told of. @type {WeakSet<InkdriftError>} */
  #told = new WeakSet();
  #area;
  #events;
  #onRetry;

  /**
   * @param {object} from
   * @param {import('../lib/errors.js').ErrorArea} from.area
   * @param {import('../lib/emitter.js').Emitter} from.events for scripts: error
   * @param {() => void} from.onRetry called when something has failed that can be tried again
   */
  constructor({ area, events, onRetry }) {
    this.#area = area;
    this.#events = events;
    this.#onRetry = onRetry;
  }

  /**
   * Shows an error, and tells scripts.
   *
   * @param {unknown} error
   * @param {() => void} [retry] tries again what has failed
   * @param {Element} [cause] the part of the page that it is of
   */
  fail(error, retry, cause) {
    const e = InkdriftError.from(error);
    if (e.reload) retry = () => globalThis.inkdriftFiles?.reload();
    this.#shown.add(e);
    // That the engine is gone is shown once, with the button that helps.
    if (e.code !== 'engine-gone' || retry) this.#area.show(e, retry, cause);
    if (retry) this.#onRetry();
    this.tell(e);
  }

  /**
   * Tells scripts of an error that is not shown yet.
   *
   * @param {InkdriftError} e
   */
  tell(e) {
    if (this.#told.has(e)) return;
    this.#told.add(e);
    this.#events.emit('error', e);
  }

  /**
   * Shows what nobody has caught.
   *
   * @param {EventTarget} window
   */
  listen(window) {
    window.addEventListener('error', (e) => {
      const { error } = /** @type {ErrorEvent} */ (e);
      if (error) this.fail(error);
    });
    window.addEventListener('unhandledrejection', (e) => {
      const { reason } = /** @type {PromiseRejectionEvent} */ (e);
      if (!this.#shown.has(reason)) this.fail(reason);
    });
  }
}
