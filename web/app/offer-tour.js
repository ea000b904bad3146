/**
 * The button of the tour. The tour itself, its style and its words come when
 * it is pressed.
 */
import { fetchJSON } from '../engine/assets.js';
import { cacheLoaded } from '../engine/offline.js';
import { byId } from '../lib/dom.js';
import { loadModule } from '../lib/load-module.js';
import { addStyle } from '../lib/styles.js';

/**
 * Makes the button start the tour.
 *
 * @param {object} page
 * @param {string} page.base address of the page's folder
 * @param {import('../lib/i18n.js').I18n} page.i18n
 * @param {import('../lib/local-storage.js').LocalStore} page.store
 * @param {import('../lib/emitter.js').Emitter} page.events
 * @param {() => import('./tour-steps.js').Now} page.now
 * @param {(view: string) => void} page.go shows a view
 * @param {(error: unknown) => void} page.fail
 */
export function offerTour({ base, i18n, fail, ...page }) {
  const button = byId('tour-start', HTMLButtonElement);
  /** @type {Promise<import('./tour.js').Tour> | null} */
  let opening = null;
  const load = async () => {
    const [{ Tour }, glossary] = await Promise.all([
      loadModule(() => import('./tour.js'), 'tour.js'),
      fetchJSON(new URL('glossary.json', base), 'fetch-failed'),
      i18n.add('tour'),
      addStyle('css/tour.css'),
    ]);
    cacheLoaded(/(^|\/)tour[.-]/);
    const onLeave = (/** @type {boolean} */ focused) => {
      button.setAttribute('aria-expanded', 'false');
      if (focused) button.focus({ preventScroll: true });
    };
    return new Tour({ i18n, glossary, onLeave, ...page });
  };
  button.addEventListener('click', () => {
    opening ??= load();
    opening.then(
      (tour) => {
        tour.start();
        button.setAttribute('aria-expanded', 'true');
      },
      (e) => {
        opening = null; // the network may be back the next time
        fail(e);
      },
    );
  });
}
