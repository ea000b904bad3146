/**
 * Style sheets that come when they are needed.
 */
import { make } from './dom.js';
import { InkdriftError } from './errors.js';

/** Style sheets that were added. @type {Map<string, Promise<void>>} */
const styles = new Map();

/**
 * Adds a style sheet to the page, once.
 *
 * @param {string} href relative to the page
 * @returns {Promise<void>} resolves when it applies
 */
export function addStyle(href) {
  let adding = styles.get(href);
  if (adding) return adding;
  adding = new Promise((resolve, reject) => {
    const link = make('link', { rel: 'stylesheet', href });
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      link.remove();
      styles.delete(href);
      reject(new InkdriftError('fetch-failed', href));
    });
    document.head.append(link);
  });
  styles.set(href, adding);
  return adding;
}
