/**
 * Answers at the place of an action: "Copied." beside the button that copied.
 * It is read out politely, moves nothing, and goes by itself.
 */
import { make, putBeside } from '../lib/dom.js';

/** How long an answer stays, in milliseconds. */
const stayMs = 4000;

/** The answer beside each button. @type {WeakMap<Element, {line: HTMLElement, timer: ReturnType<typeof setTimeout> | undefined}>} */
const answers = new WeakMap();

/**
 * Prepares the place of an answer: screen readers read what changes in a live
 * region that was there before.
 *
 * @param {Element} button the answer stands after it
 */
export function answerPlace(button) {
  let place = answers.get(button);
  if (!place?.line.isConnected) {
    const line = make('span', { className: 'answer' });
    line.setAttribute('role', 'status');
    line.dataset.testid = 'answer';
    button.after(line);
    place = { line, timer: undefined };
    answers.set(button, place);
  }
  return place;
}

/**
 * Says beside a button what it has done.
 *
 * @param {Element} button
 * @param {string} sentence in the language of the page
 */
export function answer(button, sentence) {
  const place = answerPlace(button);
  clearTimeout(place.timer);
  place.line.classList.remove('fades');
  // A repeated sentence is a change, too.
  place.line.textContent = '';
  setTimeout(() => {
    place.line.textContent = sentence;
    putBeside(button, place.line);
  });
  place.timer = setTimeout(() => {
    place.line.classList.add('fades');
    place.timer = setTimeout(() => (place.line.textContent = ''), 400);
  }, stayMs);
}
