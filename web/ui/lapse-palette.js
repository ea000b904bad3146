/**
 * Pictures of the page in few colours, for files that have no more than 256.
 */

/** Shades between paper and ink, between paper and the colour of a class, and of each channel of the other colours. */
const counts = { grey: 64, blend: 3, cube: 5 };

/** @param {string} colour #rrggbb */
const parse = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

/**
 * A palette for what the page paints: greys, classes, the accent, and a coarse cube of all colours.
 *
 * @param {Record<string, string>} colours of the theme
 * @returns {Uint8Array<ArrayBuffer>} three bytes a colour, at most 256 colours
 */
export function makePalette(colours) {
  const [paper, ink] = [colours.paper, colours.ink].map(parse);
  const mix = (/** @type {number[]} */ a, /** @type {number[]} */ b, /** @type {number} */ t) =>
    a.map((v, i) => Math.round(v + t * (b[i] - v)));
  const list = Array.from({ length: counts.grey }, (_, i) => mix(paper, ink, i / (counts.grey - 1)));
  for (const name of ['accent', 'line', 'edge', ...Array.from({ length: 10 }, (_, k) => `class-${k}`)]) {
    if (!/^#[0-9a-f]{6}$/i.test(colours[name] ?? '')) continue;
    for (let k = 1; k <= counts.blend; k++) list.push(mix(paper, parse(colours[name]), k / counts.blend));
  }
  const step = 255 / (counts.cube - 1);
  for (let r = 0; r < counts.cube; r++)
    for (let g = 0; g < counts.cube; g++) for (let b = 0; b < counts.cube; b++) list.push([r, g, b].map((v) => Math.round(v * step)));
  return Uint8Array.from(list.slice(0, 256).flat());
}

/** Finds the nearest colours of a palette. */
export class Quantiser {
  #palette;
  /** By the five upper bits of red, green and blue; -1: not looked for yet. */
  #found = new Int16Array(1 << 15).fill(-1);

  /** @param {Uint8Array} palette three bytes a colour */
  constructor(palette) {
    this.#palette = palette;
  }

  /**
   * @param {Uint8ClampedArray} rgba
   * @param {Uint8Array} out a quarter as long
   */
  indices(rgba, out) {
    for (let i = 0; i < out.length; i++) {
      const [r, g, b] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
      const key = ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
      if (this.#found[key] < 0) this.#found[key] = this.#nearest((r & 0xf8) + 4, (g & 0xf8) + 4, (b & 0xf8) + 4);
      out[i] = this.#found[key];
    }
  }

  /** @param {number} r @param {number} g @param {number} b */
  #nearest(r, g, b) {
    const p = this.#palette;
    let [best, least] = [0, Infinity];
    for (let k = 0; k < p.length / 3; k++) {
      const far = (p[3 * k] - r) ** 2 + (p[3 * k + 1] - g) ** 2 + (p[3 * k + 2] - b) ** 2;
      if (far < least) [best, least] = [k, far];
    }
    return best;
  }
}
