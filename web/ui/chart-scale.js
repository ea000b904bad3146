/**
 * The arithmetic of charts: what an axis shows, how a curve is thinned to the
 * pixels there are and freed of its jitter. No DOM.
 */

/**
 * Round numbers on an axis.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} most how many at most, about
 * @returns {number[]}
 */
export function ticks(low, high, most) {
  if (!(high > low) || most < 1) return [];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? rough;
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-12) + step * 1e-9; i++)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}

/**
 * Round numbers on a logarithmic axis: powers of ten, with their 2s and 5s
 * where few powers are in view.
 *
 * @param {number} low above 0
 * @param {number} high
 * @returns {number[]}
 */
export function logTicks(low, high) {
  if (!(low > 0) || !(high > low)) return [];
  const decades = Math.log10(high / low);
  const parts = decades > 4 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const out = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) {
    for (const part of parts) {
      const v = Number((part * 10 ** p).toPrecision(3));
      if (v >= low * 0.9999 && v <= high * 1.0001) out.push(v);
    }
  }
  return out;
}

/**
 * What the value axis shows. The first steps of training are far from 0 and from
 * what follows and would flatten it, so that on a linear axis the few percent
 * farthest from 0 are left to run out of the picture.
 *
 * @param {ArrayLike<number>[]} curves
 * @param {boolean} log
 * @returns {[number, number]} low and high; [0, 1] where there is nothing to see
 */
export function domain(curves, log) {
  /** @type {number[]} */
  let all = [];
  for (const c of curves) {
    const stride = Math.max(1, Math.floor(c.length / 500));
    for (let i = 0; i < c.length; i += stride) if (Number.isFinite(c[i]) && (!log || c[i] > 0)) all.push(c[i]);
    const last = c[c.length - 1];
    if (Number.isFinite(last) && (!log || last > 0)) all.push(last);
  }
  if (all.length === 0) return [0, 1];
  all.sort((a, b) => a - b);
  const below = all[all.length - 1] < 0; // a bound on a log-likelihood
  if (below) all = all.map((v) => -v).reverse();
  const low = all[0];
  const high = all[log || all.length < 20 ? all.length - 1 : Math.floor((all.length - 1) * 0.95)];
  if (log) return [low * 0.95, Math.max(high * 1.05, low * 1.2)];
  const margin = Math.max((high - low) * 0.06, Math.abs(high) * 1e-3, 1e-9);
  const [from, to] = [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
  return below ? [-to, -from] : [from, to];
}

/**
 * A curve without its jitter: an exponential moving average over steps. It
 * begins at what it has, not at 0, and passes over what is no number.
 *
 * @param {ArrayLike<number>} steps rising
 * @param {ArrayLike<number>} values
 * @param {number} memory steps over which it forgets
 * @returns {Float64Array}
 */
export function smooth(steps, values, memory) {
  const out = new Float64Array(values.length);
  let sum = 0;
  let weight = 0;
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    const keep = Math.exp(-Math.max(steps[i] - before, 0) / memory);
    before = steps[i];
    sum *= keep;
    weight *= keep;
    if (Number.isFinite(values[i])) {
      sum += (1 - keep) * values[i];
      weight += 1 - keep;
    }
    out[i] = weight > 0 ? sum / weight : NaN;
  }
  return out;
}

/**
 * A curve as points of a picture: of all points in a column of pixels only the
 * first, lowest, highest and last are drawn, so that the line looks the same
 * and drawing takes no longer than the picture is wide.
 *
 * @param {ArrayLike<number>} xs rising
 * @param {ArrayLike<number>} ys
 * @param {(x: number) => number} toX
 * @param {(y: number) => number} toY
 * @returns {Float32Array} x, y, x, y, ...; a pair of NaN where the line is interrupted
 */
export function trace(xs, ys, toX, toY) {
  /** @type {number[]} */
  const out = [];
  let column = NaN;
  let [first, low, high, last, n] = [0, 0, 0, 0, 0];
  const flush = () => {
    if (n === 0) return;
    out.push(column, first);
    if (n > 2) out.push(column, low, column, high);
    if (n > 1) out.push(column, last);
    n = 0;
  };
  for (let i = 0; i < xs.length; i++) {
    const y = toY(ys[i]);
    if (!Number.isFinite(y)) {
      flush();
      if (out.length && !Number.isNaN(out[out.length - 1])) out.push(NaN, NaN);
      column = NaN;
      continue;
    }
    const x = Math.round(toX(xs[i]) * 2) / 2;
    if (x !== column) {
      flush();
      column = x;
    }
    if (n === 0) first = low = high = y;
    low = Math.min(low, y);
    high = Math.max(high, y);
    last = y;
    n++;
  }
  flush();
  return Float32Array.from(out);
}

/**
 * The place of the value nearest to x.
 *
 * @param {ArrayLike<number>} xs rising
 * @param {number} x
 * @returns {number} -1 if there is none
 */
export function nearest(xs, x) {
  if (xs.length === 0) return -1;
  let [low, high] = [0, xs.length - 1];
  while (high - low > 1) {
    const mid = (low + high) >> 1;
    if (xs[mid] <= x) low = mid;
    else high = mid;
  }
  return Math.abs(xs[low] - x) <= Math.abs(xs[high] - x) ? low : high;
}
