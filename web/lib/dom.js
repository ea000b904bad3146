/**
 * Small helpers for elements of the page and for files.
 */
import { InkdriftError } from './errors.js';

/**
 * The element with this id. The page is written with its scripts, so one that
 * is missing is a fault.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const e = document.getElementById(id);
  if (!(e instanceof type)) throw new TypeError(`the page has no ${type.name} #${id}`);
  return e;
}

/**
 * Makes an element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
}

/**
 * Makes an element of a picture.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {SVGElementTagNameMap[K]}
 */
export function makeSVG(tag, attributes = {}) {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, String(v));
  return e;
}

/**
 * Makes one of the icons that the page has.
 *
 * @param {string} name
 */
export function icon(name) {
  const svg = makeSVG('svg', { 'aria-hidden': 'true' });
  svg.append(makeSVG('use', { href: `#i-${name}` }));
  return svg;
}

/**
 * Gives the focus on before an element goes, is hidden or is disabled: a focus that is lost is at the top of
 * the page for a screen reader.
 *
 * @param {Element} from that, or that with the element, which has the focus; else nothing is done
 * @param {HTMLElement | null} to
 */
export function passFocus(from, to) {
  if (from.contains(document.activeElement)) to?.focus({ preventScroll: true });
}

/** Buttons that had the focus when they were disabled. @type {WeakSet<HTMLButtonElement>} */
const unfocused = new WeakSet();

/**
 * Disables a button for a while. If it had the focus, it gets it back, unless something else has it by then.
 *
 * @param {HTMLButtonElement} button
 * @param {boolean} disabled
 */
export function disableAWhile(button, disabled) {
  if (disabled && document.activeElement === button) unfocused.add(button);
  button.disabled = disabled;
  if (disabled || !unfocused.delete(button)) return;
  if (document.activeElement === document.body) button.focus({ preventScroll: true });
}

/** Space between something that is put beside a button, the button and the window's edges, in CSS pixels. */
const margin = 8;

/**
 * Puts an element of fixed position below a button, or above where there is no room.
 *
 * @param {Element} button
 * @param {HTMLElement} element
 */
export function putBeside(button, element) {
  const at = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth: width, offsetHeight: height } = element;
  const below = at.bottom + margin;
  const above = below + height > clientHeight - margin && at.top > height + 2 * margin;
  element.style.top = `${above ? at.top - height - margin : below}px`;
  element.style.left = `${Math.max(margin, Math.min(at.left, clientWidth - width - margin))}px`;
}

/**
 * Offers a file to be kept.
 *
 * @param {ArrayBuffer} bytes
 * @param {string} type
 * @param {string} name
 */
export function download(bytes, type, name) {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const a = make('a', { href: url, download: name, hidden: true });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * The bytes of a chosen or dropped file.
 *
 * @param {Blob} file
 * @returns {Promise<ArrayBuffer>}
 */
export async function readFile(file) {
  try {
    return await file.arrayBuffer();
  } catch (e) {
    throw new InkdriftError('file-unreadable', String(e instanceof Error ? e.message : e));
  }
}

/**
 * A chosen file, under its name with the folders that were chosen with it.
 *
 * @param {File} file
 */
export function namedFile(file) {
  return { name: file.webkitRelativePath || file.name, file };
}

/**
 * A number nobody can foresee, for the seed of something new.
 *
 * @returns {number} a whole number from 0 to 2^31-1
 */
export function freshSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
}
