/**
 * Points of a latent space of two dimensions, on a canvas. With a map they lie
 * over what the decoder paints at each place, in one picture with one scale.
 *
 * @typedef {import('./chart-canvas.js').Colours} Colours
 * @typedef {{pixels: Float32Array, side: number, shape: number[]}} LatentMap pictures row by row from the top, side * side of them, at the
 *   middles of cells of equal probability under the prior
 */
import { ChartCanvas } from './chart-canvas.js';
import { colour, colourful } from './pictures.js';

/** Where the axes have marks, in standard deviations of the prior. */
const marks = [-2, -1, 0, 1, 2];

/** How strongly the map is painted: points have to be read over it. */
const mapAlpha = 0.4;

/** Points of latent space, each written as the digit that it is, in that digit's colour. */
export class ScatterPlot extends ChartCanvas {
  /** @type {Float32Array} x, y, x, y, ... */
  #points = new Float32Array(0);
  /** @type {ArrayLike<number>} */
  #labels = [];
  /** @type {LatentMap | null} */
  #map = null;
  #tones;
  /** The map, unscaled; painted again when it or the colours change. */
  #atlas = document.createElement('canvas');
  #painted = '';
  /** The map on the atlas. @type {LatentMap | null} */
  #onAtlas = null;

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => Colours} colours
   * @param {() => Colours} [tones] those of the map's pictures
   */
  constructor(element, colours, tones = colours) {
    super(element, colours);
    this.#tones = tones;
  }

  /**
   * @param {Float32Array} points
   * @param {ArrayLike<number>} labels
   * @param {LatentMap | null} [map]
   */
  show(points, labels, map = null) {
    this.#points = points;
    this.#labels = labels;
    this.#map = map;
    this.redraw();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   */
  paint(pen, colours) {
    const side = Math.min(this.width, this.height);
    const [cx, cy] = [this.width / 2, this.height / 2];
    const place = this.#map ? this.#paintMap(pen, colours, this.#map, side) : this.#paintRings(pen, colours, side);
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.font = pen.font.replace(/[\d.]+px/, `${Math.max(9, side / 34)}px`);
    for (let k = 0; k < this.#points.length / 2; k++) {
      const label = this.#labels[k];
      pen.fillStyle = colours[`class-${label}`] ?? colours.ink;
      const [x, y] = [cx + place(this.#points[2 * k]), cy - place(this.#points[2 * k + 1])];
      if (label >= 0 && label <= 9) pen.fillText(String(label), x, y);
      else pen.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
  }

  /**
   * Axes and the rings of the prior; returns where a coordinate is, from the middle.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   * @param {number} side
   */
  #paintRings(pen, colours, side) {
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
    return (/** @type {number} */ v) => v * scale;
  }

  /**
   * The map, over all of a square: its scale is that of the prior's
   * probabilities. Returns where a coordinate is, from the middle.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Colours} colours
   * @param {LatentMap} map
   * @param {number} side
   */
  #paintMap(pen, colours, map, side) {
    const [left, top] = [(this.width - side) / 2, (this.height - side) / 2];
    const place = (/** @type {number} */ v) => (normal(v) - 0.5) * side;
    this.#fill(map);
    pen.globalAlpha = mapAlpha;
    pen.drawImage(this.#atlas, left, top, side, side);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.edge;
    pen.fillStyle = colours.muted;
    pen.lineWidth = 1;
    pen.textAlign = 'center';
    pen.textBaseline = 'alphabetic';
    for (const v of marks) {
      const [x, y] = [left + side / 2 + place(v), top + side / 2 - place(v)];
      pen.beginPath();
      pen.moveTo(x, top + side - 4);
      pen.lineTo(x, top + side);
      pen.moveTo(left, y);
      pen.lineTo(left + 4, y);
      pen.stroke();
      pen.fillText(String(v).replace('-', '−'), x, top + side - 6);
    }
    return place;
  }

  /** Paints the map's pictures, unscaled. @param {LatentMap} map */
  #fill(map) {
    const { pixels, side, shape } = map;
    const { paper, ink } = this.#tones();
    if (this.#onAtlas === map && this.#painted === paper + ink) return;
    this.#onAtlas = map;
    this.#painted = paper + ink;
    const [channels, h, w] = shape;
    Object.assign(this.#atlas, { width: side * w, height: side * h });
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#atlas.getContext('2d'));
    const size = channels * h * w;
    for (let k = 0; k < side * side; k++) {
      const image = pen.createImageData(w, h);
      const values = pixels.subarray(k * size, (k + 1) * size);
      if (channels === 3) colourful(values, image.data, h * w);
      else colour(values, image.data, paper, ink);
      pen.putImageData(image, (k % side) * w, Math.floor(k / side) * h);
    }
  }
}

/**
 * The probability that a standard normal variable is below v, to about 1e-7
 * (Abramowitz and Stegun, 26.2.17).
 *
 * @param {number} v
 */
export function normal(v) {
  const t = 1 / (1 + 0.2316419 * Math.abs(v));
  const tail =
    (Math.exp((-v * v) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return v < 0 ? tail : 1 - tail;
}
