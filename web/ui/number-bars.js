/**
 * A bar for each number of a list, up and down from zero, as one path: cheap
 * enough to change with every stroke.
 */
import { make, makeSVG } from '../lib/dom.js';

/** Width of a bar's place and height of the picture, in its units; it is stretched to fit. */
const place = 10;
const tall = 100;

/** The share of its place that a bar takes. */
const share = 0.7;

/**
 * The path of all bars.
 *
 * @param {ArrayLike<number>} values
 * @param {number} low value at the bottom of the picture
 * @param {number} high value at its top
 */
export function barPath(values, low, high) {
  const y = (/** @type {number} */ v) => (tall * (high - Math.min(Math.max(v, low), high))) / (high - low);
  const zero = y(0);
  const gap = ((1 - share) / 2) * place;
  let path = '';
  for (let i = 0; i < values.length; i++) {
    path += `M${(i * place + gap).toFixed(1)} ${zero.toFixed(2)}V${y(values[i]).toFixed(2)}h${share * place}V${zero.toFixed(2)}z`;
  }
  return path;
}

/** The bars of one list. One of them can be marked. */
export class NumberBars {
  #svg;
  #path = makeSVG('path');
  #mark = makeSVG('rect', { class: 'mark', y: 0, width: place, height: tall, visibility: 'hidden' });
  #lines;
  #scale = make('span', { className: 'scale' });
  #count = 0;

  /**
   * @param {string} role class of the picture, which gives its colour
   * @param {number[]} lines values at which there is a line
   */
  constructor(role, lines) {
    this.#svg = makeSVG('svg', { class: role, role: 'img', preserveAspectRatio: 'none' });
    this.#lines = lines.map((value) => ({ value, line: makeSVG('line', { x1: 0 }) }));
    this.#svg.append(this.#mark, ...this.#lines.map(({ line }) => line), this.#path);
    this.#scale.setAttribute('aria-hidden', 'true');
    this.element = make('div', { className: 'number-bars' }, this.#scale, this.#svg);
  }

  /** The picture, for its name. */
  get picture() {
    return this.#svg;
  }

  /**
   * @param {ArrayLike<number>} values
   * @param {number} low value at the bottom of the picture
   * @param {number} high value at its top
   * @param {string} scale says what that is
   */
  show(values, low, high, scale) {
    if (values.length !== this.#count) {
      this.#count = values.length;
      this.#svg.setAttribute('viewBox', `0 0 ${values.length * place} ${tall}`);
    }
    this.#path.setAttribute('d', barPath(values, low, high));
    for (const { value, line } of this.#lines) {
      const y = String((tall * (high - value)) / (high - low));
      line.setAttribute('x2', String(values.length * place));
      line.setAttribute('y1', y);
      line.setAttribute('y2', y);
    }
    if (this.#scale.textContent !== scale) this.#scale.textContent = scale;
  }

  /** @param {number} i the bar to mark */
  mark(i) {
    this.#mark.setAttribute('x', String(i * place));
    this.#mark.setAttribute('visibility', 'visible');
  }

  /**
   * The bar at a place in the window.
   *
   * @param {number} x
   */
  at(x) {
    const { left, width } = this.#svg.getBoundingClientRect();
    const i = Math.floor(((x - left) / Math.max(width, 1)) * this.#count);
    return Math.min(Math.max(i, 0), this.#count - 1);
  }
}
