/**
 * The KL divergence of each latent dimension as bars, on a canvas.
 *
 * @typedef {import('./chart-canvas.js').Colours} Colours
 */
import { ChartCanvas } from './chart-canvas.js';
import { ticks } from './chart-scale.js';

/** A bar for each latent dimension: how many nats it carries. */
export class KLBars extends ChartCanvas {
  /** @type {ArrayLike<number>} */
  #values = [];
  /** @type {ArrayLike<boolean>} */
  #active = [];
  /** What the axis has room for at least. */
  #least = 0.5;
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
   * @param {number} [least] what the axis has room for at least, in nats: charts side by side have one scale
   */
  show(values, active, least = 0.5) {
    this.#least = least;
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
      const high = Math.max(this.#least, ...Array.from(this.#values).filter(Number.isFinite)) * 1.05;
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
