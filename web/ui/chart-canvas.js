/**
 * The canvas of a chart.
 *
 * @typedef {Record<string, string>} Colours names of tokens to colours
 */
import { scheduleDraw } from '../lib/frame-scheduler.js';

/** A canvas as sharp as the screen. */
export class ChartCanvas {
  /** Size in CSS pixels. */
  width = 0;
  height = 0;
  /** Size and letters, as they were when they last changed: asking for them at each drawing would lay out the page each time. */
  #box = { width: 0, height: 0 };
  #font = '';

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => Colours} colours
   */
  constructor(element, colours) {
    this.element = element;
    this.colours = colours;
    this.pen = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'));
    new ResizeObserver(([entry]) => {
      const { width, height } = entry?.contentRect ?? { width: 0, height: 0 };
      const { fontSize, fontFamily } = getComputedStyle(element);
      this.#box = { width, height };
      this.size = parseFloat(fontSize);
      this.#font = `${fontSize} ${fontFamily}`;
      this.redraw();
    }).observe(element);
  }

  /** Draws again, soon. */
  redraw() {
    scheduleDraw(this, () => this.#draw());
  }

  #draw() {
    const { width, height } = this.#box;
    if (width === 0 || height === 0) return;
    const dpr = Math.min(window.devicePixelRatio, 3);
    const [w, h] = [Math.round(width * dpr), Math.round(height * dpr)];
    if (this.element.width !== w || this.element.height !== h) Object.assign(this.element, { width: w, height: h });
    this.width = width;
    this.height = height;
    this.pen.setTransform(dpr, 0, 0, dpr, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    this.pen.font = this.#font;
    this.paint(this.pen, this.colours());
  }

  /**
   * @param {CanvasRenderingContext2D} _pen
   * @param {Colours} _colours
   */
  paint(_pen, _colours) {}

  /** Height of letters, CSS pixels. */
  size = 12;
}
