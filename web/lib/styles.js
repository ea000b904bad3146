/**
 * Style sheets that come when they are needed.
 */
import { make } from './dom.js';
import { InkdriftError } from './errors.js';
import { came, late, patience } from './fetch-file.js';

/** Style sheets that were added. @type {Map<string, Promise<void>>} */
const styles = new Map();

/**
 * Adds a style sheet to the page, once. It is asked for again, under another address,
 * if it does not come.
 *
 * @param {string} href relative to the page
 * @returns {Promise<void>} resolves when it applies
 */
export function addStyle(href) {
  let adding = styles.get(href);
  if (adding) return adding;
  adding = link(href, false)
    .catch(() => link(`${href}?again=1`, true))
    .catch(() => {
      styles.delete(href);
      throw new InkdriftError('fetch-failed', href, href.split('/').at(-1));
    })
    .finally(() => came(href));
  styles.set(href, adding);
  return adding;
}

/**
 * @param {string} href
 * @param {boolean} isLast whether it is waited for, however long it takes
 * @returns {Promise<void>}
 */
function link(href, isLast) {
  return new Promise((resolve, reject) => {
    const link = make('link', { rel: 'stylesheet', href });
    link.dataset.lazy = ''; // start-failure.js leaves it to us
    const give = () => {
      clearTimeout(timer);
      link.remove();
      reject();
    };
    const timer = setTimeout(() => {
      late(href.split('?')[0]);
      if (!isLast) give();
    }, patience);
    link.addEventListener('load', () => {
      clearTimeout(timer);
      resolve();
    });
    link.addEventListener('error', give);
    document.head.append(link);
  });
}
