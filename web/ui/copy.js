/**
 * Copies text. Browsers have a clipboard for pages of secure origins only, and
 * may refuse it in a frame: then the text is shown in a field, selected, to be
 * copied by hand.
 */
import { make } from '../lib/dom.js';

/**
 * Copies text.
 *
 * @param {string} text
 * @param {import('../lib/i18n.js').I18n} i18n
 * @returns {Promise<boolean>} false: it is in a field that a person has closed
 */
export async function copyText(text, i18n) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    await showText(text, i18n);
    return false;
  }
}

/**
 * Shows a text to be copied by hand.
 *
 * @param {string} text
 * @param {import('../lib/i18n.js').I18n} i18n
 * @returns {Promise<void>} resolves when it is closed
 */
function showText(text, i18n) {
  const dialog = make('dialog', { className: 'ask copy' });
  const words = make('span');
  i18n.text(words, 'copy.by-hand');
  const field = make('textarea', { value: text, readOnly: true, rows: 4, spellcheck: false });
  field.dataset.testid = 'copy-text';
  field.addEventListener('focus', () => field.select());
  const close = make('button', { type: 'button' });
  i18n.text(close, 'copy.close');
  close.addEventListener('click', () => dialog.close());
  dialog.append(make('label', {}, words, field), make('div', { className: 'buttons' }, close));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
    dialog.showModal();
    field.focus();
    field.select();
    field.scrollTop = 0;
  });
}
