/**
 * Rows of small pictures on a canvas, in the page's ink and paper.
 *
 * @typedef {'pixels' | 'smooth' | 'ink'} Look pixels: each of a picture's is a block; smooth: enlarged smoothly; ink: so, and sharpened as
 *   lines of ink are
 */

import { scheduleDraw } from '../lib/frame-scheduler.js';
import { enlarge, ink as sharpen } from './enlarge.js';

/** Gap between pictures, in parts of a picture, where none is said. */
const usualGap = 0.12;

/**
 * Grey values as the page's colours: 0 is paper, 1 is ink.
 *
 * @param {ArrayLike<number>} values
 * @param {Uint8ClampedArray} rgba four for each value
 * @param {string} paper #rrggbb
 * @param {string} ink
 */
export function colour(values, rgba, paper, ink) {
  const [p, q] = [paper, ink].map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
  for (let i = 0; i < values.length; i++) {
    const v = Math.min(Math.max(values[i], 0), 1) || 0;
    for (let k = 0; k < 3; k++) rgba[4 * i + k] = p[k] + v * (q[k] - p[k]);
    rgba[4 * i + 3] = 255;
  }
}

/**
 * Pictures of three channels, one after the other as the engine has them, in
 * their own colours.
 *
 * @param {ArrayLike<number>} values
 * @param {Uint8ClampedArray} rgba four for each pixel
 * @param {number} size pixels of a picture
 */
export function colourful(values, rgba, size) {
  for (let i = 0; i < rgba.length / 4; i++) {
    const first = 3 * size * Math.floor(i / size) + (i % size);
    for (let k = 0; k < 3; k++) rgba[4 * i + k] = 255 * values[first + k * size];
    rgba[4 * i + 3] = 255;
  }
}

/** The largest side of a picture that is enlarged smoothly here; from there the browser scales it. */
const limit = 224;

/** The part of its room that a picture may leave empty, so that its pixels are whole ones of the screen. */
const spare = 0.1;

/**
 * How large a picture is whose pixels are to be seen as blocks.
 *
 * @param {number} unit room for it, in pixels of the screen
 * @param {number} w its width
 * @returns {{side: number, blocks: number}} its width on the screen, and pixels to each of its own in what the browser scales to that
 *   width: 1 where it need not, or where there are too few pixels for blocks
 */
export function blockSize(unit, w) {
  const whole = Math.floor(unit / w) * w;
  if (unit < 2 * w) return { side: Math.max(1, Math.floor(unit)), blocks: 1 };
  if (unit - whole <= spare * unit) return { side: whole, blocks: 1 };
  return { side: Math.floor(unit), blocks: Math.ceil(unit / w) };
}

/**
 * A picture with blocks for its pixels.
 *
 * @param {Float32Array} source
 * @param {number} w
 * @param {number} h
 * @param {number} wide a multiple of w
 * @param {number} tall a multiple of h
 * @param {Float32Array} out
 */
function repeat(source, w, h, wide, tall, out) {
  const [across, down] = [wide / w, tall / h];
  for (let y = 0; y < tall; y++)
    for (let x = 0; x < wide; x++) out[y * wide + x] = source[Math.floor(y / down) * w + Math.floor(x / across)];
}

/**
 * Pictures of one shape, one below the other, as pixels to paint.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {ArrayLike<number>} values
 * @param {number} count of pictures
 * @param {number[]} shape channels, height, width
 * @param {Record<string, string>} colours
 * @param {number} wide what each is enlarged to
 * @param {number} tall
 * @param {Look} look
 */
function develop(pen, values, count, [channels, h, w], { paper, ink }, wide, tall, look) {
  const image = pen.createImageData(wide, count * tall);
  let all = values;
  if (wide !== w || tall !== h) {
    const enlarged = new Float32Array(count * channels * wide * tall);
    const source = Float32Array.from(values);
    for (let i = 0; i < count * channels; i++) {
      const [from, to] = [source.subarray(i * w * h, (i + 1) * w * h), enlarged.subarray(i * wide * tall, (i + 1) * wide * tall)];
      (look === 'pixels' ? repeat : enlarge)(from, w, h, wide, tall, to);
    }
    all = look === 'ink' && channels === 1 ? sharpen(enlarged) : enlarged;
  }
  if (channels === 3) colourful(all, image.data, wide * tall);
  else colour(all, image.data, paper, ink);
  return image;
}

/** Where single pictures are painted before they are enlarged. @type {HTMLCanvasElement | undefined} */
let sheet;

/**
 * Paints one picture over all of a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number[]} shape channels, height, width
 * @param {Record<string, string>} colours
 * @param {number} [block] pixels of the canvas for each of the picture's, to either side: blocks stay blocks at any size that the browser
 *   gives the canvas
 * @param {Look} [look]
 */
export function paintOne(canvas, values, shape, colours, block = 4, look = 'pixels') {
  const [, h, w] = shape;
  if (canvas.width !== w * block || canvas.height !== h * block) Object.assign(canvas, { width: w * block, height: h * block });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  if (look !== 'pixels') {
    pen.putImageData(develop(pen, values, 1, shape, colours, canvas.width, canvas.height, look), 0, 0);
    return;
  }
  sheet ??= document.createElement('canvas');
  if (sheet.width !== w || sheet.height !== h) Object.assign(sheet, { width: w, height: h });
  const small = /** @type {CanvasRenderingContext2D} */ (sheet.getContext('2d'));
  small.putImageData(develop(small, values, 1, shape, colours, w, h, look), 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(sheet, 0, 0, canvas.width, canvas.height);
}

/**
 * The places of pictures.
 *
 * @param {number} count in each row of pictures
 * @param {number} rows that belong together, one above the other
 * @param {number} columns
 * @returns {{row: number, index: number, x: number, y: number}[]} x and y in pictures; between blocks of rows there is a little more space
 */
export function arrange(count, rows, columns) {
  const out = [];
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < count; index++) {
      const block = Math.floor(index / columns);
      out.push({ row, index, x: index % columns, y: block * rows + row + (rows > 1 ? block * 0.3 : 0) });
    }
  }
  return out;
}

/** A canvas of pictures of one shape: grey ones in ink and paper, those of three channels in their colours. */
export class Pictures {
  /** @type {(Float32Array | null)[]} */
  #rows = [];
  /** All pictures, unscaled, one below the other. */
  #atlas = document.createElement('canvas');
  #count;
  #least;
  #most;
  #tight;
  #look;
  #gap;
  /** Channels, height and width of a picture. @type {number[]} */
  #shape = [1, 28, 28];

  /**
   * @param {HTMLCanvasElement} element
   * @param {object} how
   * @param {number} how.count pictures in a row
   * @param {number} how.rows rows that belong together
   * @param {number} [how.least] least width of a picture, CSS pixels: else there are fewer columns
   * @param {number} [how.most] most columns
   * @param {number} [how.columns] always this many
   * @param {boolean} [how.tight] without gaps
   * @param {number} [how.gap] between pictures, in parts of a picture
   * @param {() => Look} [how.look] pixels where it is not said
   * @param {() => Record<string, string>} how.colours
   */
  constructor(
    element,
    { count, rows, least = 44, most = Infinity, columns, tight = false, gap = usualGap, look = () => 'pixels', colours },
  ) {
    this.element = element;
    this.colours = colours;
    this.#count = count;
    this.#least = least;
    this.#most = most;
    this.#tight = tight;
    this.#gap = gap;
    this.#look = look;
    this.columns = columns;
    this.#rows = Array(rows).fill(null);
    // All have their height in the next frame; painting them may take more than that one.
    const resized = () => {
      requestAnimationFrame(() => this.#fit());
      this.redraw();
    };
    new ResizeObserver(resized).observe(element.parentElement ?? element);
  }

  /**
   * Shows other pictures.
   *
   * @param {(Float32Array | null)[]} rows each count pictures, one after the other; null: none yet
   * @param {number} [count]
   * @param {number[]} [shape] channels, height, width
   */
  show(rows, count = this.#count, shape = this.#shape) {
    const other = rows.length !== this.#rows.length || count !== this.#count || shape.join() !== this.#shape.join();
    this.#shape = shape;
    this.#rows = rows;
    this.#count = count;
    if (other) this.#fit();
    this.redraw();
  }

  /** Draws again, soon. */
  redraw() {
    scheduleDraw(this, () => this.#paint());
  }

  /** Gives the element the height of what will be painted on it. */
  #fit() {
    const places = this.#arrange();
    if (places) this.element.style.aspectRatio = `${places.width} / ${places.height}`;
  }

  /** Where everything goes, in pixels of the canvas; null while it has no width. */
  #arrange() {
    const wide = this.element.clientWidth;
    if (wide === 0) return null;
    const gaps = this.#tight ? 0 : this.#gap;
    let columns = this.columns ?? Math.min(this.#count, this.#most);
    // Halves, thirds, ...: no row is left half empty.
    while (!this.columns && columns > 1 && (wide / columns < this.#least || this.#count % columns !== 0)) columns--;
    const places = arrange(this.#count, this.#rows.length, columns);
    const lines = Math.max(...places.map((p) => p.y)) + 1;
    const dpr = Math.min(window.devicePixelRatio, 3);
    const [, h, w] = this.#shape;
    const unit = (wide * dpr) / (columns * (1 + gaps) - gaps);
    const look = this.#look();
    const { side, blocks } = look === 'pixels' ? blockSize(unit, w) : { side: Math.max(1, Math.floor(unit)), blocks: 1 };
    const step = columns > 1 ? (wide * dpr - side) / (columns - 1) : 0;
    const pitch = columns > 1 ? Math.min(step, side * (1 + 2 * this.#gap)) : side;
    const high = h / w;
    const height = Math.round(((lines - 1) * pitch + side) * high);
    return { width: Math.round(wide * dpr), height, places, look, side, blocks, pitch, high };
  }

  #paint() {
    const arranged = this.#arrange();
    if (!arranged) return;
    const { width, height, places, look, side, blocks, pitch, high } = arranged;
    const [, h, w] = this.#shape;
    if (this.element.width !== width || this.element.height !== height) Object.assign(this.element, { width, height });
    this.element.style.aspectRatio = `${width} / ${height}`;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.element.getContext('2d'));
    const { line } = this.colours();
    pen.clearRect(0, 0, this.element.width, this.element.height);
    pen.imageSmoothingEnabled = look !== 'pixels' || blocks > 1;
    // Smaller than they are, pictures are left to the browser.
    const smooth = look !== 'pixels' && side > w;
    const across = smooth ? Math.min(side, limit) : w * blocks;
    const down = smooth ? Math.max(h, Math.round(across * high)) : h * blocks;
    const atlas = this.#fill(across, down, look);
    for (const { row, index, x, y } of places) {
      const [left, top] = [Math.round(x * pitch), Math.round(y * pitch * high)];
      if (this.#rows[row]) pen.drawImage(atlas, 0, (row * this.#count + index) * down, across, down, left, top, side, side * high);
      if (this.#tight) continue;
      pen.strokeStyle = line;
      pen.lineWidth = 1;
      pen.strokeRect(left + 0.5, top + 0.5, side - 1, side * high - 1);
    }
  }

  /**
   * Paints all pictures, one below the other.
   *
   * @param {number} wide of each
   * @param {number} tall
   * @param {Look} look
   */
  #fill(wide, tall, look) {
    const atlas = this.#atlas;
    const [channels, h, w] = this.#shape;
    const all = Math.max(1, this.#rows.length * this.#count * tall);
    if (atlas.width !== wide || atlas.height !== all) Object.assign(atlas, { width: wide, height: all });
    const pen = /** @type {CanvasRenderingContext2D} */ (atlas.getContext('2d'));
    this.#rows.forEach((values, row) => {
      if (!values || values.length < this.#count * channels * w * h) return;
      const image = develop(pen, values, this.#count, this.#shape, this.colours(), wide, tall, look);
      pen.putImageData(image, 0, row * this.#count * tall);
    });
    return atlas;
  }
}
