/**
 * A chart of a few measured points over a logarithmic axis: how a figure
 * depends on a size.
 */
import { ChartCanvas } from './chart-canvas.js';
import { domain, ticks } from './chart-scale.js';

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {string} colour a name of a token
 * @property {keyof typeof marks} mark
 * @property {number[]} [dash] of its line; nothing: solid
 * @property {{x: number, y: number, low?: number, high?: number, open?: boolean}[]} points x rising; low and high: how far single
 *   measurements reach, open: not finished
 */

/** Half the height of a mark, CSS pixels. */
const size = 4.5;

/** Signs of points, so that colour is not all that tells series apart. */
export const marks = {
  circle: {
    sign: '●',
    path: (/** @type {CanvasRenderingContext2D} */ pen, /** @type {number} */ x, /** @type {number} */ y) => pen.arc(x, y, size, 0, 7),
  },
  square: {
    sign: '■',
    path: (/** @type {CanvasRenderingContext2D} */ pen, /** @type {number} */ x, /** @type {number} */ y) =>
      pen.rect(x - size, y - size, 2 * size, 2 * size),
  },
  triangle: {
    sign: '▲',
    path: shape([
      [0, -1.2],
      [1.1, 0.9],
      [-1.1, 0.9],
    ]),
  },
  diamond: {
    sign: '◆',
    path: shape([
      [0, -1.3],
      [1.3, 0],
      [0, 1.3],
      [-1.3, 0],
    ]),
  },
};

/** @param {[number, number][]} corners */
function shape(corners) {
  return (/** @type {CanvasRenderingContext2D} */ pen, /** @type {number} */ x, /** @type {number} */ y) => {
    corners.forEach(([dx, dy], i) => (i ? pen.lineTo(x + dx * size, y + dy * size) : pen.moveTo(x + dx * size, y + dy * size)));
    pen.closePath();
  };
}

/** The chart. */
export class PointChart extends ChartCanvas {
  /** @type {Series[]} */
  #series = [];
  /** @type {number[]} */
  #xs = [1, 2];
  #words;
  #number;

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => import('./chart-canvas.js').Colours} colours
   * @param {() => {x: string, y: string}} words what is along the axes, with units
   * @param {(v: number) => string} number writes a number
   */
  constructor(element, colours, words, number) {
    super(element, colours);
    this.#words = words;
    this.#number = number;
  }

  /**
   * @param {Series[]} series the last is drawn over the others
   * @param {number[]} xs what is written along the axis, rising, above 0
   */
  show(series, xs) {
    this.#series = series;
    this.#xs = xs;
    this.redraw();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {import('./chart-canvas.js').Colours} colours
   */
  paint(pen, colours) {
    const { width, height, size: letters } = this;
    const left = letters * 3;
    const top = letters * 2;
    const w = width - left - letters;
    const h = height - top - letters * 3;
    const all = this.#series.flatMap((s) => s.points.flatMap(({ y, low = y, high = y }) => [y, low, high])).filter(Number.isFinite);
    const [, high] = domain([all], false);
    const low = 0; // all figures here have a natural zero
    const [first, last] = [this.#xs[0], this.#xs[this.#xs.length - 1]];
    const span = Math.log(last / first) || 1;
    // Half a step of margin beside the first and the last.
    const edge = w / (2 * Math.max(this.#xs.length, 2));
    const toX = (/** @type {number} */ x) => left + edge + (Math.log(x / first) / span) * (w - 2 * edge);
    const toY = (/** @type {number} */ y) => top + h - ((y - low) / (high - low)) * h;

    pen.lineWidth = 1;
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    for (const v of all.length ? ticks(low, high, Math.max(2, h / (letters * 2.6))) : [0]) {
      const y = Math.round(toY(v)) + 0.5;
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(left + w, y);
      pen.stroke();
      pen.fillText(this.#number(v), left - 5, y);
    }
    const words = this.#words();
    pen.textBaseline = 'alphabetic';
    pen.textAlign = 'left';
    pen.fillText(words.y, 0, letters);
    pen.textAlign = 'right';
    pen.fillText(words.x, left + w, height - 2);
    pen.textAlign = 'center';
    let right = -Infinity;
    for (const x of this.#xs) {
      const text = this.#number(x);
      const half = pen.measureText(text).width / 2;
      if (toX(x) - half < right) continue;
      right = toX(x) + half + letters / 2;
      pen.fillText(text, toX(x), top + h + letters * 1.4);
    }
    for (const series of this.#series) this.#draw(pen, colours, series, toX, toY);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {import('./chart-canvas.js').Colours} colours
   * @param {Series} series
   * @param {(x: number) => number} toX
   * @param {(y: number) => number} toY
   */
  #draw(pen, colours, { colour, mark, dash = [], points }, toX, toY) {
    const known = points.filter((p) => Number.isFinite(p.y));
    pen.strokeStyle = pen.fillStyle = colours[colour];
    pen.lineWidth = 2;
    pen.setLineDash(dash);
    pen.beginPath();
    known.forEach(({ x, y }, i) => (i ? pen.lineTo(toX(x), toY(y)) : pen.moveTo(toX(x), toY(y))));
    pen.stroke();
    pen.setLineDash([]);
    for (const { x, y, low, high, open } of known) {
      if (low !== undefined && high !== undefined) {
        pen.lineWidth = 1.5;
        pen.beginPath();
        pen.moveTo(toX(x), toY(low));
        pen.lineTo(toX(x), toY(high));
        pen.stroke();
      }
      pen.beginPath();
      marks[mark].path(pen, toX(x), toY(y));
      if (open) {
        pen.fillStyle = colours.paper;
        pen.fill();
        pen.fillStyle = colours[colour];
        pen.lineWidth = 2;
        pen.stroke();
      } else pen.fill();
    }
  }
}
