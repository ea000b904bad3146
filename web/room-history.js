/**
 * The curves of a run: training figures of every step, thinned as they grow,
 * and validation figures of the steps that were measured.
 */

/** What is kept of each step, in the order in which the engine tells it after the step's number. */
const columns = /** @type {const} */ (['recon', 'kl', 'gradNorm']);

/** @typedef {typeof columns[number]} Column */
/** @typedef {{step: number, recon: number, kl: number}} Validation */

/** Buckets that are held; at twice that many, neighbours are joined. */
const capacity = 1024;

/**
 * Steps are gathered in buckets of equally many, of which the mean is kept.
 * When there are too many buckets two become one, so that a run of any length
 * takes the same room and the same time to draw.
 */
export class History {
  /** Steps in a bucket. */
  width = 1;
  /** Buckets that are complete. */
  count = 0;
  /** Last step that was added. */
  last = 0;
  /** Measured on the validation set. @type {Validation[]} */
  validation = [];

  /** @type {Record<Column, Float32Array>} */
  #sums = { recon: new Float32Array(2 * capacity), kl: new Float32Array(2 * capacity), gradNorm: new Float32Array(2 * capacity) };
  /** Steps at the end of each bucket. */
  #steps = new Float32Array(2 * capacity);
  /** The bucket in progress: how many steps it has, and their sums. */
  #open = { n: 0, recon: 0, kl: 0, gradNorm: 0 };

  /**
   * Adds a step. One that came before is not added again; undone steps, which
   * have no figures, are left out.
   *
   * @param {ArrayLike<number>} point [step, recon, kl, gradNorm, ...]
   */
  add(point) {
    const step = point[0];
    if (!(step > this.last)) return;
    this.last = step;
    if (!Number.isFinite(point[1]) || !Number.isFinite(point[2])) return;
    const open = this.#open;
    open.n++;
    columns.forEach((c, i) => (open[c] += Number.isFinite(point[i + 1]) ? point[i + 1] : 0));
    if (open.n >= this.width) this.#close();
  }

  /**
   * Adds a measurement.
   *
   * @param {Validation} v
   */
  measured({ step, recon, kl }) {
    if (!Number.isFinite(recon) || !Number.isFinite(kl)) return;
    const list = this.validation;
    while (list.length && list[list.length - 1].step >= step) list.pop();
    list.push({ step, recon, kl });
    if (list.length > capacity) this.validation = list.filter((_, i) => i % 2 === 1);
  }

  /** Steps at which the values of series() are. @returns {Float32Array} */
  get steps() {
    return this.#steps.subarray(0, this.count);
  }

  /**
   * The values of a curve.
   *
   * @param {Column | 'loss'} name loss: recon + kl, the negative ELBO
   * @returns {Float32Array}
   */
  series(name) {
    if (name !== 'loss') return this.#sums[name].subarray(0, this.count);
    const { recon, kl } = this.#sums;
    const out = new Float32Array(this.count);
    for (let i = 0; i < out.length; i++) out[i] = recon[i] + kl[i];
    return out;
  }

  /** Figures that can be kept as JSON. */
  toJSON() {
    const list = (/** @type {Float32Array} */ a) => Array.from(a.subarray(0, this.count), (v) => Number(v.toPrecision(6)));
    return {
      width: this.width,
      last: this.last,
      steps: list(this.#steps),
      ...Object.fromEntries(columns.map((c) => [c, list(this.#sums[c])])),
      validation: this.validation,
    };
  }

  /**
   * Curves that were kept.
   *
   * @param {any} json
   * @returns {History} without what cannot be read
   */
  static from(json) {
    const h = new History();
    const list = (/** @type {any} */ v) => (Array.isArray(v) ? v.filter(Number.isFinite) : []);
    const steps = list(json?.steps);
    const values = columns.map((c) => list(json?.[c]));
    if (!(json?.width >= 1) || steps.length >= 2 * capacity || values.some((v) => v.length !== steps.length)) return h;
    h.width = json.width;
    h.count = steps.length;
    h.last = Math.max(Number(json.last) || 0, steps.at(-1) ?? 0);
    h.#steps.set(steps);
    columns.forEach((c, i) => h.#sums[c].set(values[i]));
    for (const v of Array.isArray(json.validation) ? json.validation : []) if (v?.step >= 0) h.measured(v);
    return h;
  }

  /**
   * Forgets what came after a step: the run has gone back to it.
   *
   * @param {number} step
   */
  rewind(step) {
    while (this.count > 0 && this.#steps[this.count - 1] > step) this.count--;
    this.last = Math.min(this.last, step);
    this.#open = { n: 0, recon: 0, kl: 0, gradNorm: 0 };
    this.validation = this.validation.filter((v) => v.step <= step);
  }

  #close() {
    const open = this.#open;
    this.#steps[this.count] = this.last;
    for (const c of columns) this.#sums[c][this.count] = open[c] / open.n;
    this.count++;
    this.#open = { n: 0, recon: 0, kl: 0, gradNorm: 0 };
    if (this.count < 2 * capacity) return;
    for (let i = 0; i < capacity; i++) {
      this.#steps[i] = this.#steps[2 * i + 1];
      for (const c of columns) this.#sums[c][i] = (this.#sums[c][2 * i] + this.#sums[c][2 * i + 1]) / 2;
    }
    this.count = capacity;
    this.width *= 2;
  }
}

/**
 * A curve without its jitter: an exponential moving average that begins at
 * what it has, not at 0.
 *
 * @param {Float32Array} values
 * @param {number} memory values over which it forgets
 * @returns {Float32Array}
 */
export function smooth(values, memory) {
  const out = new Float32Array(values.length);
  const keep = Math.exp(-1 / memory);
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    sum = keep * sum + (1 - keep) * values[i];
    weight = keep * weight + (1 - keep);
    out[i] = sum / weight;
  }
  return out;
}
