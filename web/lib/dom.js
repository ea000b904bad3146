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
