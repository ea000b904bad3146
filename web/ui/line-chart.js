/**
 * Curves over training steps, on a canvas.
 *
 * @typedef {import('./chart-canvas.js').Colours} Colours
 */
import { ChartCanvas } from './chart-canvas.js';
import { domain, logTicks, nearest, ticks, trace } from './chart-scale.js';

/**
 * @typedef {object} Curve
 * @property {ArrayLike<number>} steps rising
 * @property {ArrayLike<number>} values
 * @property {string} colour a name of a token
 * @property {'line' | 'faint' | 'dots' | 'dashed'} look
 */

/**
 * Ticks of an axis that is mirrored where sign is -1; rising.
 *
 * @param {number[]} ticks
 * @param {number} sign
 */
const signed = (ticks, sign) => (sign < 0 ? ticks.map((v) => -v).reverse() : ticks);

/** Curves over steps. */
export class LineChart extends ChartCanvas {
  /** @type {Curve[]} */
  #curves = [];
  #log = false;
  /** Step under the pointer. @type {number | null} */
  #at = null;
  #number;
  /** Width of the widest number beside the axis, in CSS pixels. */
  #widest = 0;

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => Colours} colours
   * @param {(v: number) => string} number writes a number
   * @param {(step: number | null) => void} [onPoint] called with the step under the pointer
   */
  constructor(element, colours, number, onPoint = () => {}) {
    super(element, colours);
    this.#number = number;
    element.addEventListener('pointermove', (e) => onPoint(this.#stepAt(e.offsetX)));
    element.addEventListener('pointerleave', () => onPoint(null));
  }

  /**
   * @param {Curve[]} curves the last is drawn over the others
   * @param {boolean} log
   */
  show(curves, log) {
    this.#curves = curves;
    this.#log = log;
    this.redraw();
  }

  /**
   * Marks a step; null: none.
   *
   * @param {number | null} step
   */
  point(step) {
    if (step === this.#at) return;
    this.#at = step;
    this.redraw();
  }

  /** Where the picture is: left, top, width, height. */
  get #frame() {
    const left = Math.min(Math.max(this.size * 3.4, this.#widest + 7), this.width / 3);
    const bottom = this.size * 1.5;
    const top = this.size * 0.6;
    return { left, top, w: this.width - left - 4, h: this.height - bottom - top };
  }

  get #end() {
    return Math.max(10, ...this.#curves.map((c) => c.steps[c.steps.length - 1] ?? 0));
  }

  /** @param {number} x */
  #stepAt(x) {
    const { left, w } = this.#frame;
    const t = (x - left) / w;
    return t < -0.02 || t > 1.02 || this.#curves.length === 0 ? null : Math.round(Math.min(Math.max(t, 0), 1) * this.#end);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   */
  paint(pen, colours) {
    const all = this.#curves.filter((c) => c.look !== 'faint').map((c) => c.values);
    const shown = all.length ? all : this.#curves.map((c) => c.values);
    // Values below 0 have a logarithmic axis, too: upside down.
    const sign = this.#log && shown.some((v) => v.length > 0) && shown.every((values) => !Array.from(values).some((v) => v > 0)) ? -1 : 1;
    const [low, high] = domain(sign < 0 ? shown.map((values) => Float64Array.from(values, (v) => -v)) : shown, this.#log);
    const log = this.#log && low > 0;
    const empty = this.#curves.every((c) => c.values.length === 0);
    const { top, h } = this.#frame;
    const marks = empty ? [] : log ? signed(logTicks(low, high), sign) : ticks(low, high, Math.max(2, h / (this.size * 2.6)));
    this.#widest = Math.max(0, ...marks.map((v) => pen.measureText(this.#number(v)).width));
    const { left, w } = this.#frame;
    const end = this.#end;
    const toX = (/** @type {number} */ s) => left + (s / end) * w;
    const part = log
      ? (/** @type {number} */ v) => (sign < 0 ? 1 - Math.log(-v / low) / Math.log(high / low) : Math.log(v / low) / Math.log(high / low))
      : (/** @type {number} */ v) => (v - low) / (high - low);
    const toY = (/** @type {number} */ v) => top + h - part(v) * h;

    pen.lineWidth = 1;
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    let above = Infinity;
    for (const v of marks) {
      const y = Math.round(toY(v)) + 0.5;
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(left + w, y);
      pen.stroke();
      if (above - y < this.size * 1.15) continue;
      above = y;
      pen.fillText(this.#number(v), left - 5, y);
    }
    pen.beginPath();
    pen.moveTo(left, Math.round(top + h) + 0.5);
    pen.lineTo(left + w, Math.round(top + h) + 0.5);
    pen.stroke();
    pen.textBaseline = 'alphabetic';
    for (const s of empty ? [] : ticks(0, end, Math.max(2, w / (this.size * 6)))) {
      const text = this.#number(s);
      const half = pen.measureText(text).width / 2;
      pen.textAlign = 'center';
      pen.fillText(text, Math.min(toX(s), left + w - half), this.height - 2);
    }

    pen.save();
    pen.beginPath();
    pen.rect(left, 0, w + 4, top + h + 1);
    pen.clip();
    pen.lineJoin = 'round';
    for (const curve of this.#curves) this.#draw(pen, colours, curve, toX, toY);
    pen.restore();
    if (this.#at !== null && this.#at <= end) this.#mark(pen, colours, toX, toY, top, h);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   * @param {Curve} curve
   * @param {(s: number) => number} toX
   * @param {(v: number) => number} toY
   */
  #draw(pen, colours, { steps, values, colour, look }, toX, toY) {
    pen.strokeStyle = pen.fillStyle = colours[colour];
    pen.globalAlpha = look === 'faint' ? 0.25 : 1;
    pen.lineWidth = look === 'faint' ? 1 : look === 'line' ? 1.75 : 1.5;
    pen.setLineDash(look === 'dashed' ? [5, 4] : []);
    const points = trace(steps, values, toX, toY);
    pen.beginPath();
    let up = true;
    for (let i = 0; i < points.length; i += 2) {
      if (Number.isNaN(points[i])) up = true;
      else if (up) {
        pen.moveTo(points[i], points[i + 1]);
        up = false;
      } else pen.lineTo(points[i], points[i + 1]);
    }
    pen.stroke();
    if (look === 'dots') {
      const each = Math.ceil(values.length / 60);
      for (let i = values.length - 1; i >= 0; i -= each) {
        pen.beginPath();
        pen.arc(toX(steps[i]), toY(values[i]), 2.6, 0, 7);
        pen.fill();
      }
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   * @param {(s: number) => number} toX
   * @param {(v: number) => number} toY
   * @param {number} top
   * @param {number} h
   */
  #mark(pen, colours, toX, toY, top, h) {
    const x = toX(this.#at ?? 0);
    pen.strokeStyle = colours.edge;
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, top + h);
    pen.stroke();
    for (const { steps, values, colour, look } of this.#curves) {
      const i = nearest(steps, this.#at ?? 0);
      if (look === 'faint' || i < 0) continue;
      pen.fillStyle = colours[colour];
      pen.beginPath();
      pen.arc(toX(steps[i]), toY(values[i]), 3.5, 0, 7);
      pen.fill();
    }
  }
}
