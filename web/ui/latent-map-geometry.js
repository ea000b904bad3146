/**
 * Where latent points are on a map: arithmetic on a plane that Go computed, and
 * on the part of it that is shown. Places on the plane are x and y in units of
 * latent space, y upwards; places on the map are u and v from 0 to 1, v downwards.
 *
 * @typedef {{x: number, y: number}} Place
 * @typedef {{origin: Float32Array, e1: Float32Array, e2: Float32Array}} Plane e1 and e2 are orthonormal
 */

/** The least and the greatest part of a plane that is shown, in units of latent space. */
export const spans = { min: 0.01, max: 200 };

/** How far from the origin the middle of the map may be. */
const farthest = 100;

/** How near to an edge of the map one may walk, in parts of it. */
const margin = 0.04;

/** A part of a plane. */
export class MapGeometry {
  /** @type {Plane | null} */
  plane = null;
  /** What is in the middle. @type {Place} */
  center = { x: 0, y: 0 };
  /** The part of the plane along the shorter side, in units of latent space. */
  span = 8;
  /** The map's width through its height. */
  aspect = 1;

  /** What is shown from left to right, in units of latent space. */
  get width() {
    return this.span * Math.max(this.aspect, 1);
  }

  /** What is shown from bottom to top. */
  get height() {
    return this.span / Math.min(this.aspect, 1);
  }

  /**
   * The place on the plane that is nearest to a latent point.
   *
   * @param {ArrayLike<number>} z
   * @returns {Place}
   */
  project(z) {
    const { origin, e1, e2 } = this.#given;
    let [x, y] = [0, 0];
    for (let i = 0; i < origin.length; i++) {
      const v = z[i] - origin[i];
      x += v * e1[i];
      y += v * e2[i];
    }
    return { x, y };
  }

  /**
   * The latent point of a place on the plane.
   *
   * @param {Place} place
   * @param {ArrayLike<number>} [beside] a latent point that is off the plane; the answer is as far off, and on the same side
   * @returns {number[]}
   */
  latent({ x, y }, beside) {
    const { origin, e1, e2 } = this.#given;
    const foot = beside && this.project(beside);
    return Array.from(origin, (o, i) => {
      const off = foot ? beside[i] - o - foot.x * e1[i] - foot.y * e2[i] : 0;
      return o + x * e1[i] + y * e2[i] + off;
    });
  }

  /**
   * Where a place on the plane is on the map.
   *
   * @param {Place} place
   * @returns {[u: number, v: number]}
   */
  toMap({ x, y }) {
    return [0.5 + (x - this.center.x) / this.width, 0.5 - (y - this.center.y) / this.height];
  }

  /**
   * @param {number} u
   * @param {number} v
   * @returns {Place}
   */
  fromMap(u, v) {
    return { x: this.center.x + (u - 0.5) * this.width, y: this.center.y - (v - 0.5) * this.height };
  }

  /**
   * Where the place on the plane that is nearest to a latent point is on the map.
   *
   * @param {ArrayLike<number>} z
   * @returns {[u: number, v: number]}
   */
  placeOf(z) {
    return this.toMap(this.project(z));
  }

  /**
   * The latent point of a place on the map.
   *
   * @param {number} u
   * @param {number} v
   */
  pointAt(u, v) {
    return this.latent(this.fromMap(u, v));
  }

  /**
   * Shows more (a factor above 1) or less; what is at u, v stays there.
   *
   * @param {number} factor
   * @param {number} [u]
   * @param {number} [v]
   */
  zoom(factor, u = 0.5, v = 0.5) {
    const there = this.fromMap(u, v);
    this.span = clamp(this.span * factor, spans.min, spans.max);
    const now = this.fromMap(u, v);
    this.#move(there.x - now.x, there.y - now.y);
  }

  /**
   * Moves what is shown with a hand that moved by du and dv.
   *
   * @param {number} du
   * @param {number} dv
   */
  pan(du, dv) {
    this.#move(-du * this.width, dv * this.height);
  }

  /**
   * Goes from a place on the plane; what is shown comes along where the way leads out of it.
   *
   * @param {Place} from
   * @param {number} du to the right, in parts of the map's width
   * @param {number} dv down, in parts of its height
   * @returns {{place: Place, panned: boolean}} where the way leads; panned: whether another part is shown
   */
  walk(from, du, dv) {
    const place = { x: from.x + du * this.width, y: from.y - dv * this.height };
    const beyond = (/** @type {number} */ w) => Math.min(w - margin, 0) + Math.max(w - (1 - margin), 0);
    const [u, v] = this.toMap(place).map(beyond);
    if (u || v) this.pan(-u, -v);
    return { place, panned: u !== 0 || v !== 0 };
  }

  /**
   * Shows three standard deviations of the prior, and places with the paths between them.
   *
   * @param {Place[]} places
   */
  fit(places) {
    // A path between two places on a sphere stays within their distance from the middle.
    const reach = Math.max(3, ...places.map((p) => Math.hypot(p.x, p.y)));
    this.center = { x: 0, y: 0 };
    this.span = clamp(2.2 * reach, spans.min, spans.max);
  }

  /**
   * Whether places, and the paths between them, are well inside of the map.
   *
   * @param {Place[]} places
   */
  shows(places) {
    // A path stays within their distance from the middle, as in fit.
    const reach = (0.98 * Math.min(this.width, this.height)) / 2 - Math.hypot(this.center.x, this.center.y);
    return places.every((p) => Math.hypot(p.x, p.y) < reach);
  }

  /** @param {number} dx @param {number} dy */
  #move(dx, dy) {
    this.center = { x: clamp(this.center.x + dx, -farthest, farthest), y: clamp(this.center.y + dy, -farthest, farthest) };
  }

  get #given() {
    if (!this.plane) throw new TypeError('the map has no plane yet');
    return this.plane;
  }
}

/**
 * n places along a line, at even distances, both ends included.
 *
 * @param {Place[]} line at least two places
 * @param {number} n
 * @returns {Place[]}
 */
export function along(line, n) {
  const lengths = line.slice(1).map((p, i) => Math.hypot(p.x - line[i].x, p.y - line[i].y));
  const total = lengths.reduce((a, b) => a + b, 0);
  /** @type {Place[]} */
  const out = [];
  let [piece, before] = [0, 0];
  for (let k = 0; k < n; k++) {
    const at = (total * k) / (n - 1);
    while (piece < lengths.length - 1 && before + lengths[piece] < at) before += lengths[piece++];
    const mix = lengths[piece] > 0 ? Math.min((at - before) / lengths[piece], 1) : 0;
    const [a, b] = [line[piece], line[piece + 1]];
    out.push({ x: a.x + (b.x - a.x) * mix, y: a.y + (b.y - a.y) * mix });
  }
  return out;
}

/** @param {number} v @param {number} min @param {number} max */
function clamp(v, min, max) {
  return Math.min(Math.max(v, min), max);
}
