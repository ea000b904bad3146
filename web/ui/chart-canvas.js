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

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => Colours} colours
   */
  constructor(element, colours) {
    this.element = element;
    this.colours = colours;
    this.pen = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'));
    new ResizeObserver(() => this.redraw()).observe(element);
  }

  /** Draws again, soon. */
  redraw() {
    scheduleDraw(this, () => this.#draw());
  }

  #draw() {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === 0 || clientHeight === 0) return;
    const dpr = Math.min(window.devicePixelRatio, 3);
    const [w, h] = [Math.round(clientWidth * dpr), Math.round(clientHeight * dpr)];
    if (this.element.width !== w || this.element.height !== h) Object.assign(this.element, { width: w, height: h });
    this.width = clientWidth;
    this.height = clientHeight;
    this.pen.setTransform(dpr, 0, 0, dpr, 0, 0);
    this.pen.clearRect(0, 0, clientWidth, clientHeight);
    const style = getComputedStyle(this.element);
    this.size = parseFloat(style.fontSize);
    this.pen.font = `${style.fontSize} ${style.fontFamily}`;
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
