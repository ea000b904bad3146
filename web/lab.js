/**
 * The view "Experiments".
 */
import { make } from './dom.js';

/**
 * Opens the view, for the first time.
 *
 * @param {import('./lobby.js').Page} page
 * @param {HTMLElement} root
 * @returns {Promise<import('./lobby.js').Side>}
 */
export async function open({ i18n }, root) {
  const head = make('h2');
  i18n.text(head, 'lab.head');
  const about = make('p', { className: 'small' });
  i18n.text(about, 'lab.about');
  root.append(head, about);
  return { enter() {}, leave() {}, themed() {} };
}
