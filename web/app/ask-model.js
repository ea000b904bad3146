/**
 * Asks what to do with a model file that was dropped where a view did not take it.
 */
import { make } from '../lib/dom.js';

/**
 * Asks in a dialog.
 *
 * @param {import('../lib/i18n.js').I18n} i18n
 * @param {string} name of the file
 * @returns {Promise<'use' | 'show' | ''>} use it behind the pads, show it in the gallery, or neither
 */
export function askAboutModel(i18n, name) {
  const dialog = make('dialog', { className: 'ask' });
  const words = make('p');
  i18n.text(words, 'ask-model.what', { name });
  const buttons = make('div', { className: 'buttons' });
  for (const [value, key] of [
    ['use', 'ask-model.use'],
    ['show', 'ask-model.show'],
    ['', 'ask-model.cancel'],
  ]) {
    const button = make('button', { type: 'button', value });
    i18n.text(button, key);
    button.addEventListener('click', () => dialog.close(value));
    buttons.append(button);
  }
  dialog.append(words, buttons);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'use' || dialog.returnValue === 'show' ? dialog.returnValue : '');
    });
    dialog.showModal();
  });
}
