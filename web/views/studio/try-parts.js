/**
 * What the things to try are made of: pictures with words under them, buttons
 * and sentences.
 */
import { make } from '../../lib/dom.js';

/**
 * A picture with words under it.
 *
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {string} key its name
 * @param {import('../../lib/i18n.js').Values} [values]
 */
export function picture(i18n, key, values = {}) {
  const canvas = make('canvas', { width: 28, height: 28 });
  canvas.setAttribute('role', 'img');
  i18n.attr(canvas, 'aria-label', key, values);
  const caption = make('figcaption');
  i18n.text(caption, key, values);
  return { canvas, caption, element: make('figure', {}, canvas, caption) };
}

/**
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {string} key
 * @param {string} id for scripts and tests
 * @param {() => void} onPress
 */
export function button(i18n, key, id, onPress) {
  const element = make('button', { type: 'button' });
  element.dataset.testid = id;
  i18n.text(element, key);
  element.addEventListener('click', onPress);
  return element;
}

/**
 * A sentence.
 *
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {string} key
 * @param {string} [className]
 */
export function says(i18n, key, className = '') {
  const element = make('p', { className });
  i18n.text(element, key);
  return element;
}

/** A place for sentences that come and go, which are read out politely. @param {string} id for scripts and tests */
export function live(id) {
  const element = make('p', { className: 'live' });
  element.setAttribute('role', 'status');
  element.dataset.testid = id;
  return element;
}
