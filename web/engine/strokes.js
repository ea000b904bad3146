/**
 * From pointer positions to ink: smooth, dense polylines, and the format of strokes
 * in messages (see wasm/proto/strokes.go).
 *
 * A pad is the square [0,1] x [0,1], y down. A stroke's width is the diameter
 * of its brush in these units; each point has a pressure that multiplies it.
 *
 * @typedef {{width: number, points: Float32Array}} Stroke points are x, y, pressure one after another
 */

/** The brush's diameter. */
export const brush = { min: 0.03, usual: 0.08, max: 0.16 };

/** How many points all strokes of one pad may have together. */
export const maxPoints = 20_000;

/** How far outside of the pad a point may be. */
const outside = 0.5;

/** Distance between the points of a polyline. */
const spacing = 0.008;

/** Pointer positions nearer to the last one than this are ignored. */
const nearest = 0.007;

/**
 * Positions are averaged with their neighbours, but move no farther than this,
 * about a pixel: the grid of pixels does not show, and corners stay.
 */
const jitter = 0.003;

/**
 * Makes a stroke of pointer positions. The curve is a
 * centripetal Catmull-Rom spline: it goes through the positions, so a corner
 * drawn with few of them stays a corner, and it never loops between them.
 */
export class Smoother {
  /** @type {number[]} the positions: x, y, pressure */
  #raw = [];
  /** @type {number[]} the part of the curve that no later position changes */
  #done = [];
  /** Index of the position that #done ends at. */
  #doneTo = 0;
  #width;
  #limit;

  /**
   * @param {number} width
   * @param {number} [limit] on the stroke's points
   */
  constructor(width, limit = maxPoints) {
    this.#width = width;
    this.#limit = limit;
  }

  /**
   * Adds a pointer position.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} [pressure]
   * @returns {boolean} false where it changes nothing, because it is where the
   *   last one was, not finite, or the stroke is full
   */
  add(x, y, pressure = 1) {
    if (!Number.isFinite(x + y + pressure) || this.full) return false;
    x = clamp(x, -outside, 1 + outside);
    y = clamp(y, -outside, 1 + outside);
    pressure = clamp(pressure, 0, 4);
    const raw = this.#raw;
    const n = raw.length / 3;
    if (n > 0 && Math.hypot(x - raw[3 * n - 3], y - raw[3 * n - 2]) < nearest) return false;
    raw.push(x, y, pressure);
    if (n === 0) this.#done.push(x, y, pressure);
    // A segment is settled once the averaged positions around it are: two more
    // behind its end.
    while (this.#doneTo + 3 < n + 1) {
      this.#segment(this.#doneTo, this.#done);
      this.#doneTo++;
    }
    return true;
  }

  /** Whether another position could exceed the limit. */
  get full() {
    // Each of the three open segments may add as much as the diagonal of all that
    // can be reached.
    return this.#done.length / 3 + 3 * (1 + (Math.SQRT2 * (1 + 2 * outside)) / spacing) > this.#limit;
  }

  /**
   * The stroke as it is now.
   *
   * @returns {Stroke | null} null before the first position
   */
  stroke() {
    const n = this.#raw.length / 3;
    if (n === 0) return null;
    const points = this.#done.slice();
    for (let i = this.#doneTo; i < n - 1; i++) this.#segment(i, points);
    return { width: this.#width, points: Float32Array.from(points) };
  }

  /**
   * Position i, averaged with its neighbours.
   *
   * @param {number} i clamped to the positions there are
   * @returns {[number, number, number]}
   */
  #at(i) {
    const raw = this.#raw;
    const last = raw.length / 3 - 1;
    i = clamp(i, 0, last);
    const [x, y, p] = [raw[3 * i], raw[3 * i + 1], raw[3 * i + 2]];
    if (i === 0 || i === last) return [x, y, p];
    const [ax, ay, ap] = [raw[3 * i - 3], raw[3 * i - 2], raw[3 * i - 1]];
    const [bx, by, bp] = [raw[3 * i + 3], raw[3 * i + 4], raw[3 * i + 5]];
    const [dx, dy, dp] = [(ax + bx) / 4 - x / 2, (ay + by) / 4 - y / 2, (ap + bp) / 4 - p / 2];
    const share = Math.min(1, jitter / Math.max(Math.hypot(dx, dy), 1e-9));
    return [x + share * dx, y + share * dy, p + dp];
  }

  /**
   * Appends the curve from position i to i+1, without its first point.
   *
   * @param {number} i
   * @param {number[]} out
   */
  #segment(i, out) {
    const [p0, p1, p2, p3] = [this.#at(i - 1), this.#at(i), this.#at(i + 1), this.#at(i + 2)];
    const length = Math.hypot(p2[0] - p1[0], p2[1] - p1[1]);
    const steps = Math.max(1, Math.ceil(length / spacing));
    // Knots at the square roots of the distances: centripetal.
    const knot = (/** @type {number[]} */ a, /** @type {number[]} */ b) => Math.max(1e-4, Math.sqrt(Math.hypot(b[0] - a[0], b[1] - a[1])));
    const t1 = knot(p0, p1);
    const t2 = t1 + knot(p1, p2);
    const t3 = t2 + knot(p2, p3);
    for (let s = 1; s <= steps; s++) {
      const u = s / steps;
      const t = t1 + (t2 - t1) * u;
      for (let c = 0; c < 2; c++) {
        const a1 = mix(p0[c], p1[c], t / t1);
        const a2 = mix(p1[c], p2[c], (t - t1) / (t2 - t1));
        const a3 = mix(p2[c], p3[c], (t - t2) / (t3 - t2));
        const b1 = mix(a1, a2, t / t2);
        const b2 = mix(a2, a3, (t - t1) / (t3 - t1));
        out.push(mix(b1, b2, u));
      }
      out.push(mix(p1[2], p2[2], u));
    }
  }
}

/**
 * A stroke made dense and smooth, whatever distance its points have.
 *
 * @param {Stroke} stroke
 * @returns {Stroke}
 */
export function smooth({ width, points }) {
  const s = new Smoother(width);
  for (let i = 0; i < points.length; i += 3) s.add(points[i], points[i + 1], points[i + 2]);
  return s.stroke() ?? { width, points };
}

/**
 * Factor on the brush's width for a pointer event: a pen's pressure counts,
 * other pointers have none.
 *
 * @param {{pointerType: string, pressure: number}} event
 */
export function pressure(event) {
  if (event.pointerType !== 'pen' || !(event.pressure > 0)) return 1;
  return 0.5 + Math.min(event.pressure, 1);
}

/**
 * @param {readonly Stroke[]} strokes
 * @returns {number} points in all
 */
export function countPoints(strokes) {
  return strokes.reduce((n, s) => n + s.points.length / 3, 0);
}

/**
 * Writes strokes as float32: for each n, width, x0, y0, p0, x1, ...
 *
 * @param {readonly Stroke[]} strokes
 * @returns {ArrayBuffer}
 */
export function encodeStrokes(strokes) {
  const out = new Float32Array(strokes.reduce((n, s) => n + 2 + s.points.length, 0));
  let i = 0;
  for (const s of strokes) {
    out[i++] = s.points.length / 3;
    out[i++] = s.width;
    out.set(s.points, i);
    i += s.points.length;
  }
  return out.buffer;
}

/**
 * Reads what encodeStrokes, or the engine, wrote.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Stroke[]}
 * @throws {RangeError} if it is torn, has numbers that make no sense or too many points
 */
export function decodeStrokes(buffer) {
  if (buffer.byteLength % 4 !== 0) throw new RangeError(`strokes: ${buffer.byteLength} bytes`);
  const v = new Float32Array(buffer);
  /** @type {Stroke[]} */
  const strokes = [];
  let total = 0;
  for (let i = 0; i < v.length; ) {
    const n = v[i];
    const width = v[i + 1];
    const end = i + 2 + 3 * n;
    if (!Number.isInteger(n) || n < 1 || end > v.length) throw new RangeError(`strokes: ${n} points`);
    if (!(width > 0 && width <= 4)) throw new RangeError(`strokes: width ${width}`);
    const points = v.slice(i + 2, end);
    if (!points.every(Number.isFinite)) throw new RangeError('strokes: a number that is not finite');
    total += n;
    if (total > maxPoints) throw new RangeError(`strokes: more than ${maxPoints} points`);
    strokes.push({ width, points });
    i = end;
  }
  return strokes;
}

/**
 * Finished strokes lie on a grid, so that what is stored or sent in a link is
 * the drawing itself: parts of a pad for places and widths, parts of 1 for the
 * pressure. Each divides the grid of stored points.
 */
export const precision = { place: 1000, pressure: 40 };

/** How far the edge of a finished stroke may be from where it was drawn, before rounding, in pad units: a quarter of a pixel of most pads. */
const tolerance = 0.0008;

/** Points of a stroke that are simplified at once: the time grows with its square at worst. */
const chunk = 512;

/**
 * A finished stroke: as few points as show the same line, on the grid. One
 * that is on the grid already stays as it is.
 *
 * @param {Stroke} stroke
 * @returns {Stroke}
 */
export function settle(stroke) {
  const { place, pressure } = precision;
  const parts = [place, place, pressure];
  const onGrid = (/** @type {number} */ v, /** @type {number} */ n) => Math.abs(v * n - Math.round(v * n)) < 1e-3;
  const { width, points } = stroke;
  if (onGrid(width, place) && points.every((v, i) => onGrid(v, parts[i % 3]))) return stroke;
  const round = (/** @type {number} */ v, /** @type {number} */ n, /** @type {number} */ lo, /** @type {number} */ hi) =>
    Math.round(clamp(v, lo, hi) * n) / n + 0; // and no -0
  /** @type {number[]} */
  const out = [];
  for (const i of outline(stroke)) {
    const x = round(points[3 * i], place, -outside, 1 + outside);
    const y = round(points[3 * i + 1], place, -outside, 1 + outside);
    const p = round(points[3 * i + 2], pressure, 0, 4);
    const n = out.length;
    if (n === 0 || out[n - 3] !== x || out[n - 2] !== y || out[n - 1] !== p) out.push(x, y, p);
  }
  return { width: round(width, place, 1 / place, 4), points: Float32Array.from(out) };
}

/**
 * The points that a stroke can be drawn with, by the rule of Ramer, Douglas
 * and Peucker: a point between two is left out if none is farther than
 * tolerance from the line between them.
 *
 * @param {Stroke} stroke
 * @returns {number[]} their indices, in order
 */
function outline({ width, points }) {
  const last = points.length / 3 - 1;
  /** @type {[number, number][]} */
  const pieces = [];
  for (let from = 0; from < last; from += chunk) pieces.push([from, Math.min(from + chunk, last)]);
  const kept = new Set([0, ...pieces.map(([, to]) => to)]);
  for (let piece = pieces.pop(); piece; piece = pieces.pop()) {
    const [from, to] = piece;
    let [farthest, most] = [from, tolerance];
    for (let i = from + 1; i < to; i++) {
      const d = deviation(points, from, to, i, width / 2);
      if (d > most) [farthest, most] = [i, d];
    }
    if (farthest === from) continue;
    kept.add(farthest);
    pieces.push([from, farthest], [farthest, to]);
  }
  return [...kept].sort((a, b) => a - b);
}

/**
 * How far the edge at point i is from that of the line between two points.
 *
 * @param {Float32Array} points
 * @param {number} from
 * @param {number} to
 * @param {number} i
 * @param {number} radius of the brush at pressure 1
 */
function deviation(points, from, to, i, radius) {
  const [a, b, c] = [3 * from, 3 * to, 3 * i];
  const dx = points[b] - points[a];
  const dy = points[b + 1] - points[a + 1];
  const x = points[c] - points[a];
  const y = points[c + 1] - points[a + 1];
  const length2 = dx * dx + dy * dy;
  const t = length2 > 0 ? clamp((x * dx + y * dy) / length2, 0, 1) : 0;
  const dr = radius * (points[c + 2] - points[a + 2] - t * (points[b + 2] - points[a + 2]));
  return Math.hypot(x - t * dx, y - t * dy) + Math.abs(dr);
}

/** Stored points are rounded to 1/grid of a pad. */
const grid = 2000;

/**
 * Strokes as short JSON: whole numbers, differences.
 *
 * @param {readonly Stroke[]} strokes
 * @returns {{w: number, p: number[]}[]}
 */
export function strokesToJSON(strokes) {
  return strokes.map(({ width, points }) => {
    const last = [0, 0, 0];
    const p = Array.from(points, (v, i) => {
      const q = Math.round(v * grid);
      const d = q - last[i % 3];
      last[i % 3] = q;
      return d;
    });
    return { w: Math.round(width * 1e4) / 1e4, p };
  });
}

/**
 * Reads what strokesToJSON made; strokes that are not sound are left out.
 *
 * @param {any} json
 * @returns {Stroke[]}
 */
export function strokesFromJSON(json) {
  if (!Array.isArray(json)) return [];
  /** @type {Stroke[]} */
  const strokes = [];
  for (const s of json) {
    const { w, p } = s ?? {};
    if (!(w > 0 && w <= 4) || !Array.isArray(p) || p.length === 0 || p.length % 3 !== 0) continue;
    if (!p.every(Number.isFinite)) continue;
    const last = [0, 0, 0];
    const points = Float32Array.from(p, (d, i) => {
      last[i % 3] += d;
      return clamp(last[i % 3] / grid, -outside, 4);
    });
    strokes.push({ width: w, points });
  }
  return countPoints(strokes) > maxPoints ? [] : strokes;
}

/**
 * @param {number} x
 * @param {number} lo
 * @param {number} hi
 */
function clamp(x, lo, hi) {
  return Math.min(Math.max(x, lo), hi);
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} t
 */
function mix(a, b, t) {
  return a + (b - a) * t;
}
