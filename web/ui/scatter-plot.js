/**
 * Points of a latent space of two dimensions, on a canvas.
 *
 * @typedef {import('./chart-canvas.js').Colours} Colours
 */
import { ChartCanvas } from './chart-canvas.js';

/** Points of latent space, each written as the digit that it is, in that digit's colour. */
export class ScatterPlot extends ChartCanvas {
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
