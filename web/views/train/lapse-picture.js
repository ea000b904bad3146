/**
 * A moment of a run as one picture: samples on the left, latent space on the right,
 * the validation ELBO up to there below. It is painted at a fixed size, on the page
 * and for a file.
 */
import { paintOne } from '../../ui/pictures.js';
import { ScatterPlot } from '../../ui/scatter-plot.js';

/** Size of the picture, gaps and letters, in pixels of it. */
export const size = { width: 640, height: 372, gap: 16, head: 28, curve: 44, letters: 15 };

/** Columns of samples. */
const columns = 4;

/** Paints moments. */
export class MomentPicture {
  #scatter;
  #colours;
  #tones;
  #one = document.createElement('canvas');

  /**
   * @param {() => Record<string, string>} colours those of the page
   * @param {() => Record<string, string>} tones those of the pictures
   */
  constructor(colours, tones) {
    this.#colours = colours;
    this.#tones = tones;
    this.#scatter = new ScatterPlot(document.createElement('canvas'), colours, tones);
  }

  /**
   * @param {CanvasRenderingContext2D} pen over a canvas of that size
   * @param {ReturnType<import('../../training/moments.js').Moments['at']>} moment
   * @param {object} run
   * @param {number[]} run.shape of its pictures
   * @param {number[]} run.labels of its points
   * @param {{step: number, elbo: number}[]} run.curve where its ELBO was measured
   * @param {string} words what is written over it
   */
  paint(pen, moment, { shape, labels, curve }, words) {
    const colours = this.#colours();
    const { width, height, gap, head, letters } = size;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, width, height);
    pen.font = `${letters}px system-ui, sans-serif`;
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    pen.fillStyle = colours.ink;
    pen.fillText(words, 0, head / 2);
    const side = height - head - size.curve - gap;
    this.#paintSamples(pen, moment.samples, shape, { x: 0, y: head, width: width - side - gap, height: side });
    Object.assign(this.#scatter, { width: side, height: side });
    this.#scatter.show(moment.points, labels, moment.map);
    pen.save();
    pen.translate(width - side, head);
    pen.beginPath();
    pen.rect(0, 0, side, side);
    pen.clip();
    this.#scatter.paint(pen, colours);
    pen.restore();
    this.#paintCurve(pen, curve, moment.step, { x: 0, y: height - size.curve, width, height: size.curve });
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Float32Array} pixels
   * @param {number[]} shape
   * @param {{x: number, y: number, width: number, height: number}} box
   */
  #paintSamples(pen, pixels, shape, box) {
    const [channels, h, w] = shape;
    const each = channels * h * w;
    const count = Math.floor(pixels.length / each);
    const across = Math.min(columns, Math.max(count, 1));
    const unit = Math.min(box.width / across, box.height / Math.ceil(Math.max(count, 1) / across));
    const scale = (0.94 * unit) / Math.max(h, w);
    pen.imageSmoothingEnabled = false;
    for (let k = 0; k < count; k++) {
      paintOne(this.#one, pixels.subarray(k * each, (k + 1) * each), shape, this.#tones(), 1);
      pen.drawImage(this.#one, box.x + (k % across) * unit, box.y + Math.floor(k / across) * unit, w * scale, h * scale);
    }
    pen.imageSmoothingEnabled = true;
  }

  /**
   * The ELBO so far, and faintly what follows.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {{step: number, elbo: number}[]} known
   * @param {number} step
   * @param {{x: number, y: number, width: number, height: number}} box
   */
  #paintCurve(pen, known, step, box) {
    const colours = this.#colours();
    if (known.length === 0) return;
    const values = known.map(({ elbo }) => elbo);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const last = Math.max(...known.map((m) => m.step));
    const x = (/** @type {number} */ s) => box.x + 6 + ((box.width - 12) * s) / last;
    const y = (/** @type {number} */ v) => box.y + box.height - 6 - ((box.height - 12) * (v - low)) / (high - low || 1);
    const line = (/** @type {typeof known} */ part, /** @type {string} */ colour) => {
      pen.strokeStyle = colour;
      pen.beginPath();
      for (const [i, m] of part.entries()) i === 0 ? pen.moveTo(x(m.step), y(m.elbo)) : pen.lineTo(x(m.step), y(m.elbo));
      pen.stroke();
    };
    pen.lineWidth = 2;
    line(known, colours.line);
    const so = known.filter((m) => m.step <= step);
    line(so, colours.accent);
    const now = so.at(-1);
    if (!now) return;
    pen.fillStyle = colours.accent;
    pen.beginPath();
    pen.arc(x(now.step), y(now.elbo), 5, 0, 2 * Math.PI);
    pen.fill();
  }
}
