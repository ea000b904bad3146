/**
 * Answers at the place of an action: "Copied." beside the button that copied.
 * It is read out politely, moves nothing, covers as little as can be, and goes
 * by itself, or when another comes.
 */
import { make } from '../lib/dom.js';

/** How long an answer stays, in milliseconds. */
const stayMs = 4000;

/** Space between an answer, its button and the window's edges, in CSS pixels. */
const margin = 8;

/** The answer beside each button. @type {WeakMap<Element, {line: HTMLElement, timer: ReturnType<typeof setTimeout> | undefined}>} */
const answers = new WeakMap();

/** The button whose answer is seen. @type {Element | null} */
let answered = null;

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
  if (answered && answered !== button) end(answered);
  const place = answerPlace(button);
  clearTimeout(place.timer);
  place.line.classList.remove('fades');
  // A repeated sentence is a change, too.
  place.line.textContent = '';
  answered = button;
  addEventListener('scroll', follow, scrolls);
  setTimeout(() => {
    if (answered !== button) return;
    place.line.textContent = sentence;
    putClear(button, place.line);
  });
  place.timer = setTimeout(() => {
    place.line.classList.add('fades');
    place.timer = setTimeout(() => end(button), 400);
  }, stayMs);
}

/** @param {Element} button whose answer goes */
function end(button) {
  const { line, timer } = answerPlace(button);
  clearTimeout(timer);
  line.textContent = '';
  if (answered !== button) return;
  answered = null;
  removeEventListener('scroll', follow, scrolls);
}

/** It goes with its button. */
const follow = () => answered && putClear(answered, answerPlace(answered).line);
const scrolls = /** @type {const} */ ({ capture: true, passive: true });

/** Whether there is something to be read, seen or pressed at a place of the window. @param {number} x @param {number} y */
function isTaken(x, y) {
  const e = document.elementFromPoint(x, y);
  if (!e) return false;
  return (
    e.matches('button, a, input, select, summary, canvas, svg, .slot') ||
    [...e.childNodes].some((n) => n.nodeType === 3 && n.nodeValue?.trim())
  );
}

/**
 * Puts an answer where it covers least: below its button, else above or beside it.
 *
 * @param {Element} button
 * @param {HTMLElement} line of fixed position
 */
function putClear(button, line) {
  const at = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth: width, offsetHeight: height } = line;
  const [below, above] = [at.bottom + margin, at.top - height - margin];
  const middle = (at.top + at.bottom - height) / 2;
  const [atStart, atEnd] = [at.left, at.right - width];
  const inside = (/** @type {number} */ v, /** @type {number} */ most) => Math.max(margin, Math.min(v, most - margin));
  let [best, least] = [{ x: margin, y: margin }, Infinity];
  for (const [left, top] of [
    [atStart, below],
    [atEnd, below],
    [atStart, above],
    [atEnd, above],
    [at.right + margin, middle],
    [at.left - width - margin, middle],
  ]) {
    const [x, y] = [inside(left, clientWidth - width), inside(top, clientHeight - height)];
    const hides = x < at.right && x + width > at.left && y < at.bottom && y + height > at.top;
    let taken = hides ? 1000 : 0;
    for (let i = 0; i <= 12; i++) for (const part of [0.1, 0.5, 0.9]) if (isTaken(x + (width * i) / 12, y + height * part)) taken++;
    if (taken < least) [best, least] = [{ x, y }, taken];
  }
  line.style.left = `${best.x}px`;
  line.style.top = `${best.y}px`;
}
