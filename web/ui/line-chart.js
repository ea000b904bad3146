/**
 * Charts on a canvas: curves over steps, bars of latent dimensions, and a
 * scatter of latent points.
 *
 * @typedef {Record<string, string>} Colours names of tokens to colours
 */
import { domain, logTicks, nearest, ticks, trace } from './chart-scale.js';
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

/**
 * @typedef {object} Curve
 * @property {ArrayLike<number>} steps rising
 * @property {ArrayLike<number>} values
 * @property {string} colour a name of a token
 * @property {'line' | 'faint' | 'dots' | 'dashed'} look
 */

/** Curves over steps. */
export class LineChart extends ChartCanvas {
  /** @type {Curve[]} */
  #curves = [];
  #log = false;
  /** Step under the pointer. @type {number | null} */
  #at = null;
  #number;

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
    const left = Math.min(this.size * 3.4, this.width / 4);
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
    const { left, top, w, h } = this.#frame;
    const all = this.#curves.filter((c) => c.look !== 'faint').map((c) => c.values);
    const [low, high] = domain(all.length ? all : this.#curves.map((c) => c.values), this.#log);
    const log = this.#log && low > 0;
    const end = this.#end;
    const toX = (/** @type {number} */ s) => left + (s / end) * w;
    const part = log
      ? (/** @type {number} */ v) => Math.log(v / low) / Math.log(high / low)
      : (/** @type {number} */ v) => (v - low) / (high - low);
    const toY = (/** @type {number} */ v) => top + h - part(v) * h;

    pen.lineWidth = 1;
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    const empty = this.#curves.every((c) => c.values.length === 0);
    let above = Infinity;
    for (const v of empty ? [] : log ? logTicks(low, high) : ticks(low, high, Math.max(2, h / (this.size * 2.6)))) {
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

/** Bars of latent dimensions: how many nats each carries. */
export class BarChart extends ChartCanvas {
  /** @type {ArrayLike<number>} */
  #values = [];
  /** @type {ArrayLike<boolean>} */
  #active = [];
  #number;

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => Colours} colours
   * @param {(v: number) => string} number
   */
  constructor(element, colours, number) {
    super(element, colours);
    this.#number = number;
  }

  /**
   * @param {ArrayLike<number>} values
   * @param {ArrayLike<boolean>} active
   */
  show(values, active) {
    this.#values = values;
    this.#active = active;
    this.redraw();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   */
  paint(pen, colours) {
    const n = this.#values.length;
    const left = Math.min(this.size * 3.4, this.width / 4);
    const top = this.size * 0.6;
    const h = this.height - this.size * 1.5 - top;
    const w = this.width - left - 4;
    pen.strokeStyle = colours.line;
    pen.fillStyle = colours.muted;
    pen.lineWidth = 1;
    if (n > 0) {
      const high = Math.max(0.5, ...Array.from(this.#values).filter(Number.isFinite)) * 1.05;
      pen.textAlign = 'right';
      pen.textBaseline = 'middle';
      for (const v of ticks(0, high, Math.max(2, h / (this.size * 2.6)))) {
        const y = Math.round(top + h - (v / high) * h) + 0.5;
        pen.beginPath();
        pen.moveTo(left, y);
        pen.lineTo(left + w, y);
        pen.stroke();
        pen.fillText(this.#number(v), left - 5, y);
      }
      const step = w / n;
      const bar = Math.max(1, Math.min(step * 0.7, 28));
      for (let i = 0; i < n; i++) {
        const tall = Math.max((this.#values[i] / high) * h, 1);
        const x = left + i * step + (step - bar) / 2;
        // One that is not active is an outline: seen without its colour too.
        if (this.#active[i]) {
          pen.fillStyle = colours.accent;
          pen.fillRect(x, top + h - tall, bar, tall);
        } else {
          pen.strokeStyle = colours.edge;
          pen.strokeRect(x + 0.5, top + h - tall - 1.5, Math.max(bar - 1, 1), tall + 1.5);
        }
      }
      pen.fillStyle = colours.muted;
      pen.textAlign = 'center';
      pen.textBaseline = 'alphabetic';
      const every = Math.ceil((this.size * 2) / step);
      for (let i = 0; i < n; i += every) pen.fillText(String(i + 1), left + (i + 0.5) * step, this.height - 2);
    }
    pen.strokeStyle = colours.line;
    pen.beginPath();
    pen.moveTo(left, Math.round(top + h) + 0.5);
    pen.lineTo(left + w, Math.round(top + h) + 0.5);
    pen.stroke();
  }
}

/** Points of latent space, each written as the digit that it is, in that digit's colour. */
export class Scatter extends ChartCanvas {
  /** @type {Float32Array} x, y, x, y, ... */
  #points = new Float32Array(0);
  /** @type {ArrayLike<number>} */
  #labels = [];

  /**
   * @param {Float32Array} points
   * @param {ArrayLike<number>} labels
   */
  show(points, labels) {
    this.#points = points;
    this.#labels = labels;
    this.redraw();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   */
  paint(pen, colours) {
    const side = Math.min(this.width, this.height);
    const [cx, cy] = [this.width / 2, this.height / 2];
    const sorted = Float32Array.from(this.#points, Math.abs).sort();
    // In half units, so that the picture does not tremble while it is watched.
    const reach = Math.max(3, Math.ceil((sorted[Math.floor(sorted.length * 0.99)] ?? 3) * 2.1) / 2);
    const scale = side / 2 / reach;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(cx - side / 2, Math.round(cy) + 0.5);
    pen.lineTo(cx + side / 2, Math.round(cy) + 0.5);
    pen.moveTo(Math.round(cx) + 0.5, cy - side / 2);
    pen.lineTo(Math.round(cx) + 0.5, cy + side / 2);
    // Two thirds of what the prior draws lie within one of these, nearly all within the other.
    for (const r of [1.5, 3]) {
      pen.moveTo(cx + r * scale, cy);
      pen.arc(cx, cy, r * scale, 0, 2 * Math.PI);
    }
    pen.stroke();
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.font = pen.font.replace(/[\d.]+px/, `${Math.max(9, side / 34)}px`);
    for (let k = 0; k < this.#points.length / 2; k++) {
      const label = this.#labels[k];
      pen.fillStyle = colours[`class-${label}`] ?? colours.ink;
      const [x, y] = [cx + this.#points[2 * k] * scale, cy - this.#points[2 * k + 1] * scale];
      if (label >= 0 && label <= 9) pen.fillText(String(label), x, y);
      else pen.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
  }
}
