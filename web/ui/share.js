/**
 * The buttons that pass on what is shown: copy a link to it, and the system's
 * share sheet where there is one.
 */
import { byId } from '../lib/dom.js';
import { answer, answerPlace } from './answer.js';
import { copyText } from './copy.js';

/**
 * @typedef {object} Shareable
 * @property {string} address
 * @property {string} remark what it leaves out, in the language of the page; empty: nothing
 */

/**
 * Makes the buttons in the head of the page work.
 *
 * @param {object} from
 * @param {import('../lib/i18n.js').I18n} from.i18n
 * @param {() => Shareable} from.link to what is shown now
 * @param {(error: unknown) => void} from.onError
 */
export function makeShareButtons({ i18n, link, onError }) {
  copyButton(byId('copy-link', HTMLButtonElement), i18n, () => {
    const { address, remark } = link();
    return { text: address, copied: [i18n.t('link.copied'), remark].filter(Boolean).join(' ') };
  });
  const share = byId('share', HTMLButtonElement);
  share.hidden = typeof navigator.share !== 'function';
  answerPlace(share);
  share.addEventListener('click', async () => {
    if (share.hidden) return; // a script pressed it
    const { address, remark } = link();
    if (remark) answer(share, remark);
    try {
      await navigator.share({ title: document.title, url: address });
    } catch (e) {
      // A person who closes the sheet has changed their mind.
      if (!(e instanceof Error && e.name === 'AbortError')) onError(e);
    }
  });
}

/**
 * Makes a button copy a text and say so.
 *
 * @param {HTMLButtonElement} button
 * @param {import('../lib/i18n.js').I18n} i18n
 * @param {() => {text: string, copied: string}} get what is copied, and what is said then
 */
export function copyButton(button, i18n, get) {
  answerPlace(button);
  button.addEventListener('click', async () => {
    const { text, copied } = get();
    if (await copyText(text, i18n)) answer(button, copied);
  });
}
