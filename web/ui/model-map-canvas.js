/**
 * A map of latent space on a canvas of the page: decoded pictures as its ground,
 * the rings of the prior, encoded pictures as the digits of their classes, kept
 * places, and the place that is looked at.
 *
 * @typedef {import('./latent-map-geometry.js').Place} Place
 * @typedef {{place: Place, pixels: Uint8Array | null}} Kept
 * @typedef {object} MapScene
 * @property {import('./latent-map-geometry.js').MapGeometry} geometry
 * @property {import('./model-map-tiles.js').MapTiles | null} tiles null: nothing is decoded
 * @property {number[]} shape of the pictures: channels, height, width
 * @property {Place[]} points
 * @property {ArrayLike<number>} labels of the points, -1 for none
 * @property {Kept[]} kept
 * @property {Place | null} look
 */
import { ChartCanvas } from './chart-canvas.js';
import { colour, colourful } from './pictures.js';

/** How strongly the ground is painted: points have to be read over it, rings anyway. */
const groundAlpha = { points: 0.45, alone: 0.85 };

/** Radii of the rings, in standard deviations of the prior. */
const rings = [1, 2, 3];

/** Width of the picture of a kept place, and radius of the mark of the place that is looked at; CSS pixels. */
const sizes = { kept: 34, look: 6 };

/** The map. */
export class MapCanvas extends ChartCanvas {
  /** @type {() => MapScene | null} */
  #read = () => null;
  #tones;
  /** The tiles' pictures, unscaled, in rows of so many. */
  #sheet = document.createElement('canvas');
  #columns = 1;
  /** Shape and colours of what is on it. */
  #painted = '';
  #one = document.createElement('canvas');

  /**
   * @param {HTMLCanvasElement} element
   * @param {() => import('./chart-canvas.js').Colours} colours
   * @param {() => import('./chart-canvas.js').Colours} tones those of its pictures
   */
  constructor(element, colours, tones) {
    super(element, colours);
    this.#tones = tones;
  }

  /** @param {() => MapScene | null} read called when it is painted; null: there is nothing yet */
  show(read) {
    this.#read = read;
    this.redraw();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {import('./chart-canvas.js').Colours} colours
   */
  paint(pen, colours) {
    const scene = this.#read();
    if (!scene) return;
    const { geometry } = scene;
    const unit = this.width / geometry.width;
    /** @param {Place} p @returns {[number, number]} */
    const at = (p) => {
      const [u, v] = geometry.toMap(p);
      return [u * this.width, v * this.height];
    };
    if (scene.tiles) this.#paintGround(pen, scene, scene.tiles, unit, at);
    this.#paintRings(pen, colours, scene, unit, at);
    this.#paintPoints(pen, colours, scene, at);
    for (const { place, pixels } of scene.kept) this.#paintKept(pen, colours, scene.shape, pixels, at(place));
    const { look } = scene;
    // A picture that is kept there is its own mark.
    if (look && !scene.kept.some(({ place }) => Math.hypot(place.x - look.x, place.y - look.y) * unit < sizes.look))
      mark(pen, colours, at(look));
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {MapScene} scene
   * @param {import('./model-map-tiles.js').MapTiles} tiles
   * @param {number} unit
   * @param {(p: Place) => [number, number]} at
   */
  #paintGround(pen, scene, tiles, unit, at) {
    const { shape } = scene;
    const [, h, w] = shape;
    const shown = tiles.shown(scene.geometry);
    this.#prepare(tiles, shape);
    const sheet = /** @type {CanvasRenderingContext2D} */ (this.#sheet.getContext('2d'));
    for (const tile of shown) {
      if (tile.painted) continue;
      sheet.putImageData(this.#develop(sheet, tile.pixels, shape), ...this.#slot(tile.slot, w, h));
      tile.painted = true;
    }
    const { paper } = this.#tones();
    // Over a ground of the pictures' own paper, so that what lies below an unfinished level does not shine through.
    pen.globalAlpha = scene.points.length > 0 ? groundAlpha.points : groundAlpha.alone;
    let size = 0;
    for (const tile of shown) {
      const side = tile.size * unit;
      const [x, y] = at(tile);
      if (size > 0 && tile.size < size) pen.clearRect(x - side / 2, y - side / 2, side, side);
      size ||= tile.size;
      const [sx, sy] = this.#slot(tile.slot, w, h);
      const [wide, tall] = w > h ? [side, (side * h) / w] : [(side * w) / h, side];
      if (w !== h) {
        pen.fillStyle = paper;
        pen.fillRect(x - side / 2, y - side / 2, side, side);
      }
      pen.drawImage(this.#sheet, sx, sy, w, h, x - wide / 2, y - tall / 2, wide, tall);
    }
    pen.globalAlpha = 1;
  }

  /** The sheet fits the tiles. @param {import('./model-map-tiles.js').MapTiles} tiles @param {number[]} shape */
  #prepare(tiles, shape) {
    const { paper, ink } = this.#tones();
    const now = `${shape} ${tiles.capacity} ${paper} ${ink}`;
    if (now === this.#painted) return;
    this.#painted = now;
    this.#columns = Math.ceil(Math.sqrt(tiles.capacity));
    Object.assign(this.#sheet, { width: this.#columns * shape[2], height: this.#columns * shape[1] });
    tiles.unpaint();
  }

  /** @param {number} slot @param {number} w @param {number} h @returns {[number, number]} */
  #slot(slot, w, h) {
    return [(slot % this.#columns) * w, Math.floor(slot / this.#columns) * h];
  }

  /** @param {CanvasRenderingContext2D} pen @param {Uint8Array} pixels @param {number[]} shape */
  #develop(pen, pixels, [channels, h, w]) {
    const image = pen.createImageData(w, h);
    const { paper, ink } = this.#tones();
    const values = Float32Array.from(pixels, (v) => v / 255);
    if (channels === 3) colourful(values, image.data, w * h);
    else colour(values.subarray(0, w * h), image.data, paper, ink);
    return image;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {import('./chart-canvas.js').Colours} colours
   * @param {MapScene} scene
   * @param {number} unit
   * @param {(p: Place) => [number, number]} at
   */
  #paintRings(pen, colours, { geometry: { plane } }, unit, at) {
    const middle = plane ? prior(plane) : { place: { x: 0, y: 0 }, off: 0 };
    const [x, y] = at(middle.place);
    pen.strokeStyle = colours.edge ?? colours.line;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const r of rings) {
      const radius = Math.sqrt(r * r - middle.off * middle.off) * unit;
      if (!(radius > 0)) continue;
      pen.moveTo(x + radius, y);
      pen.arc(x, y, radius, 0, 2 * Math.PI);
    }
    pen.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {import('./chart-canvas.js').Colours} colours
   * @param {MapScene} scene
   * @param {(p: Place) => [number, number]} at
   */
  #paintPoints(pen, colours, { points, labels }, at) {
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.font = pen.font.replace(/[\d.]+px/, `${Math.max(9, Math.min(this.width, this.height) / 34)}px`);
    points.forEach((p, k) => {
      const label = labels[k];
      const [x, y] = at(p);
      if (x < -9 || y < -9 || x > this.width + 9 || y > this.height + 9) return;
      pen.fillStyle = colours[`class-${label}`] ?? colours.ink;
      if (label >= 0 && label <= 9) pen.fillText(String(label), x, y);
      else pen.fillRect(x - 1.5, y - 1.5, 3, 3);
    });
  }

  /**
   * A framed picture at its place.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {import('./chart-canvas.js').Colours} colours
   * @param {number[]} shape
   * @param {Uint8Array | null} pixels
   * @param {[number, number]} at
   */
  #paintKept(pen, colours, shape, pixels, [x, y]) {
    const [, h, w] = shape;
    const scale = sizes.kept / Math.max(w, h);
    const [wide, tall] = [w * scale, h * scale];
    if (pixels) {
      if (this.#one.width !== w || this.#one.height !== h) Object.assign(this.#one, { width: w, height: h });
      const one = /** @type {CanvasRenderingContext2D} */ (this.#one.getContext('2d'));
      one.putImageData(this.#develop(one, pixels, shape), 0, 0);
      pen.drawImage(this.#one, x - wide / 2, y - tall / 2, wide, tall);
    }
    pen.strokeStyle = colours.accent ?? colours.ink;
    pen.lineWidth = 2;
    pen.strokeRect(x - wide / 2, y - tall / 2, wide, tall);
  }
}

/** A ring around a place. @param {CanvasRenderingContext2D} pen @param {Record<string, string>} colours @param {[number, number]} at */
function mark(pen, colours, [x, y]) {
  for (const [style, width] of /** @type {const} */ ([
    [colours.paper, 4],
    [colours.ink, 2],
  ])) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.beginPath();
    pen.arc(x, y, sizes.look, 0, 2 * Math.PI);
    pen.stroke();
  }
}

/**
 * Where the middle of the prior is: the place of the plane that is nearest to it, and how far off.
 *
 * @param {import('./latent-map-geometry.js').Plane} plane
 */
export function prior({ origin, e1, e2 }) {
  let [x, y, square] = [0, 0, 0];
  for (let i = 0; i < origin.length; i++) {
    x -= origin[i] * e1[i];
    y -= origin[i] * e2[i];
    square += origin[i] * origin[i];
  }
  return { place: { x, y }, off: Math.sqrt(Math.max(0, square - x * x - y * y)) };
}
