/**
 * What is on a pad: strokes over a picture, how it came there, what was there
 * before, and what the model made of it.
 *
 * @typedef {import('../engine/strokes.js').Stroke} Stroke
 * @typedef {{width: number, height: number, ready: boolean, data: Uint8Array<ArrayBuffer>}} Bitmap
 *   0 is paper, 255 ink; ready: 28 x 28 and prepared for the model
 * @typedef {'drawn' | 'example' | 'sample' | 'picture'} Source
 * @typedef {{strokes: readonly Stroke[], bitmap: Bitmap | null, source: Source}} Content
 *
 * @typedef {object} Result
 * @property {boolean} empty
 * @property {number[]} pixels
 * @property {number[]} mu
 * @property {number[]} logvar
 * @property {number[]} recon
 * @property {number | null} label
 * @property {number[] | null} probs
 */
import { countPoints, encodeStrokes, maxPoints, settle, Smoother, strokesFromJSON, strokesToJSON } from '../engine/strokes.js';

/** How many steps can be undone. */
const memory = 100;

/** That of an empty pad. @type {Content} */
export const blank = Object.freeze({ strokes: Object.freeze([]), bitmap: null, source: 'drawn' });

/** @returns {Result} that of an empty pad */
export function noResult() {
  return { empty: true, pixels: [], mu: [], logvar: [], recon: [], label: null, probs: null };
}

/** One of the two pads. */
export class Pad {
  /** What the model made of the newest content it has seen. @type {Result} */
  result = noResult();
  /** Grows with every change. */
  rev = 0;

  /** @type {Content} */
  #content = blank;
  /** @type {Content[]} */
  #past = [];
  /** @type {Smoother | null} */
  #live = null;
  #onChange;

  /**
   * @param {'a' | 'b'} name
   * @param {(settled: boolean) => void} onChange called after each change; settled: no stroke is being drawn
   */
  constructor(name, onChange) {
    this.name = name;
    this.#onChange = onChange;
  }

  /** Whether nothing is on the pad. */
  get empty() {
    return !this.#content.bitmap && this.#content.strokes.length === 0 && !this.#live?.stroke();
  }

  /** Where the content came from. */
  get source() {
    return this.empty ? 'drawn' : this.#content.source;
  }

  /** The finished strokes, whether there is a picture under them, and where it all came from. */
  get content() {
    const { strokes, bitmap, source } = this.#content;
    return { strokes, hasBitmap: bitmap !== null, source };
  }

  /** Whether a stroke is being drawn. */
  get drawing() {
    return this.#live !== null;
  }

  /** Whether there is something to undo. */
  get undoable() {
    return this.#past.length > 0;
  }

  /**
   * Begins a stroke. An example makes way for it: it was there to be drawn over.
   *
   * @param {number} width
   * @returns {boolean} false if the pad takes no more ink
   */
  begin(width) {
    this.end();
    const base = this.#content.source === 'example' ? blank : this.#content;
    const live = new Smoother(width, maxPoints - countPoints(base.strokes));
    if (live.full) return false;
    this.#remember();
    this.#content = base;
    this.#live = live;
    return true;
  }

  /**
   * Leads the stroke that was begun to a position, in pad units.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} [pressure]
   * @returns {boolean} whether that changed anything
   */
  draw(x, y, pressure) {
    if (!this.#live?.add(x, y, pressure)) return false;
    this.#changed();
    return true;
  }

  /** Ends the stroke that was begun, as it is. */
  end() {
    const stroke = this.#live?.stroke();
    const was = this.#live;
    this.#live = null;
    if (stroke) {
      const { strokes, bitmap } = this.#content;
      this.#content = { strokes: [...strokes, settle(stroke)], bitmap, source: 'drawn' };
      this.#changed();
    } else if (was) {
      this.undo();
    }
  }

  /** Takes back the stroke that was begun. */
  cancel() {
    if (!this.#live) return;
    this.#live = null;
    this.#content = this.#past.pop() ?? blank;
    this.#changed();
  }

  /**
   * Puts something else on the pad.
   *
   * @param {Content} content
   * @param {boolean} [undoable] whether it is a step that can be undone
   */
  fill(content, undoable = true) {
    this.end();
    if (undoable) this.#remember();
    this.#content = { ...content, strokes: content.strokes.map(settle) };
    this.#changed();
  }

  /** Takes everything off the pad. */
  clear() {
    this.end();
    if (this.empty) return;
    this.fill(blank);
  }

  /** Puts on the pad what was there before the last stroke, filling or clearing. */
  undo() {
    this.end();
    const before = this.#past.pop();
    if (!before) return;
    this.#content = before;
    this.#changed();
  }

  /**
   * The content as messages carry it.
   *
   * @returns {{bitmap: {width: number, height: number, ready: boolean} | null, bufs: [ArrayBuffer, ArrayBuffer]}}
   *   fresh buffers: strokes, bitmap
   */
  encode() {
    const { strokes, bitmap } = this.#content;
    const live = this.#live?.stroke();
    const ink = encodeStrokes(live ? [...strokes, live] : strokes);
    if (!bitmap) return { bitmap: null, bufs: [ink, new ArrayBuffer(0)] };
    const { width, height, ready, data } = bitmap;
    return { bitmap: { width, height, ready }, bufs: [ink, data.slice().buffer] };
  }

  /** The content as JSON, null for an empty pad. */
  toJSON() {
    const { strokes, bitmap, source } = this.#content;
    if (strokes.length === 0 && !bitmap) return null;
    const { width, height, ready, data } = bitmap ?? {};
    return {
      source,
      strokes: strokesToJSON(strokes),
      bitmap: data ? { width, height, ready, data: btoa(Array.from(data, (b) => String.fromCharCode(b)).join('')) } : null,
    };
  }

  /**
   * Puts on the pad what toJSON gave. What is not sound is left out.
   *
   * @param {any} json
   * @returns {boolean} whether there is something on the pad now
   */
  restore(json) {
    const content = contentFromJSON(json);
    if (content === blank) return false;
    this.#content = content;
    this.#changed();
    return true;
  }

  #remember() {
    this.#past.push(this.#content);
    if (this.#past.length > memory) this.#past.shift();
  }

  #changed() {
    this.rev++;
    this.#onChange(this.#live === null);
  }
}

/**
 * Reads what toJSON gave. What is not sound is left out.
 *
 * @param {any} json
 * @returns {Content}
 */
export function contentFromJSON(json) {
  const strokes = strokesFromJSON(json?.strokes);
  const bitmap = bitmapFromJSON(json?.bitmap);
  if (strokes.length === 0 && !bitmap) return blank;
  return { strokes, bitmap, source: ['example', 'sample', 'picture'].includes(json.source) ? json.source : 'drawn' };
}

/**
 * @param {any} json
 * @returns {Bitmap | null}
 */
function bitmapFromJSON(json) {
  const { width, height, ready, data } = json ?? {};
  const side = (/** @type {any} */ n) => Number.isInteger(n) && n >= 1 && n <= 512;
  if (!side(width) || !side(height) || typeof data !== 'string') return null;
  try {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    if (bytes.length !== width * height) return null;
    return { width, height, ready: ready === true && width === 28 && height === 28, data: bytes };
  } catch {
    return null;
  }
}
