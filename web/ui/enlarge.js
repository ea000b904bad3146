/**
 * Enlarges small pictures smoothly, as the stage does (wasm/scene: resample.go
 * and theme.go).
 */

/** Where the kernel ends. */
const radius = 2;

/**
 * The cubic B-spline, the softest of the cubics of Mitchell and Netravali,
 * "Reconstruction filters in computer graphics" (1988). Others show each of the
 * few pixels along a slanted line as a step.
 *
 * @param {number} x
 */
function kernel(x) {
  const d = Math.abs(x);
  if (d < 1) return (3 * d * d * d - 6 * d * d + 4) / 6;
  return d < radius ? (2 - d) ** 3 / 6 : 0;
}

/** @typedef {{index: Int32Array, weights: Float32Array}} Taps four for each pixel of a line: which pixels it is made of, and of how much of each */

/** Tables that were made. There are few: as many as sizes in which pictures are shown. @type {Map<string, Taps>} */
const tables = new Map();

/** Most tables that are kept while a window is resized. */
const most = 64;

/**
 * @param {number} from
 * @param {number} to at least as many
 * @returns {Taps}
 */
function tapsOf(from, to) {
  const key = `${from} ${to}`;
  const known = tables.get(key);
  if (known) return known;
  if (tables.size >= most) tables.clear();
  const taps = { index: new Int32Array(4 * to), weights: new Float32Array(4 * to) };
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const first = Math.ceil(centre - radius);
    for (let k = 0; k < 4; k++) {
      taps.index[4 * i + k] = Math.min(Math.max(first + k, 0), from - 1); // beyond the borders the outermost is repeated
      taps.weights[4 * i + k] = kernel(first + k - centre);
    }
  }
  tables.set(key, taps);
  return taps;
}

/** A picture that is enlarged across, and not yet down. */
let middle = new Float32Array();

/**
 * Enlarges one channel of a picture.
 *
 * @param {ArrayLike<number>} values h rows of w
 * @param {number} w
 * @param {number} h
 * @param {number} wide at least w
 * @param {number} tall at least h
 * @param {Float32Array} [out] room for tall rows of wide
 */
export function enlarge(values, w, h, wide, tall, out = new Float32Array(wide * tall)) {
  const [across, down] = [tapsOf(w, wide), tapsOf(h, tall)];
  if (middle.length < wide * h) middle = new Float32Array(wide * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < wide; x++) {
      let sum = 0;
      for (let k = 4 * x; k < 4 * x + 4; k++) sum += across.weights[k] * values[y * w + across.index[k]];
      middle[y * wide + x] = sum;
    }
  }
  for (let y = 0; y < tall; y++) {
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => wide * down.index[4 * y + k]);
    const [p, q, r, s] = down.weights.subarray(4 * y, 4 * y + 4);
    for (let x = 0; x < wide; x++) out[y * wide + x] = p * middle[a + x] + q * middle[b + x] + r * middle[c + x] + s * middle[d + x];
  }
  return out;
}

/** Makes thin lines darker, which enlarging has blurred. */
const thin = 1.12;

/**
 * An S-shaped curve for enlarged ink: it sharpens the wide grey fringe that
 * enlarging leaves around a line.
 *
 * @param {Float32Array} values 0 to 1; they are changed
 */
export function ink(values) {
  for (let i = 0; i < values.length; i++) {
    let v = Math.min(Math.max(values[i] * thin, 0), 1);
    for (let n = 0; n < 3; n++) v = v * v * (3 - 2 * v);
    values[i] = v;
  }
  return values;
}
