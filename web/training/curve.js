/**
 * A curve of a run: rows of numbers by step, stored in columns. Any number of rows
 * can be added; the curve is thinned to a limited number.
 */
import { InkdriftError } from '../lib/errors.js';

/** Columns of the training curve: a row for each step. */
export const trainColumns = ['step', 'recon', 'kl', 'gradNorm', 'learningRate', 'beta', 'undone'];

/** Columns of the validation curve: a row for each evaluation. */
export const validationColumns = ['step', 'recon', 'kl', 'elbo'];

/** Most columns and rows that are read from a file. */
const limits = { columns: 64, rows: 100_000 };

/** Significant digits; the numbers are float32. */
const significantDigits = 7;

/** Columns of numbers; the first is the step and never falls. */
export class Curve {
  /** @type {string[]} */
  columns;
  length = 0;

  #limit;
  /** @type {Float64Array[]} */
  #data;

  /**
   * @param {string[]} [columns] names; the first is that of the step
   * @param {number} [limit] rows that stay when it is thinned, at twice as many
   */
  constructor(columns = trainColumns, limit = 2000) {
    this.columns = [...columns];
    this.#limit = limit;
    this.#data = columns.map(() => new Float64Array(256));
  }

  /**
   * Adds a row. A row of an earlier step replaces all rows after it: training has
   * gone back to a checkpoint. Values that are not numbers become NaN.
   *
   * @param {ArrayLike<number | null>} row
   */
  add(row) {
    const step = Number(row[0]);
    if (!Number.isFinite(step)) return;
    if (this.length > 0 && step < this.#data[0][this.length - 1]) this.cut(step - 1);
    if (this.length >= 2 * this.#limit) this.#thin(this.#limit);
    if (this.length === this.#data[0].length) this.#data = this.#data.map(doubled);
    this.#data.forEach((column, i) => {
      const v = row[i];
      // Rounded here, one row at a time: rounding all rows when they are written would block the page.
      column[this.length] = typeof v === 'number' && Number.isFinite(v) ? (i === 0 ? v : Number(v.toPrecision(significantDigits))) : NaN;
    });
    this.length++;
  }

  /**
   * The numbers of a column, NaN where there is none. They are a view: valid
   * until the curve changes.
   *
   * @param {string} name
   * @returns {Float64Array}
   */
  column(name) {
    const i = this.columns.indexOf(name);
    if (i < 0) throw new RangeError(`the curve has no column ${name}`);
    return this.#data[i].subarray(0, this.length);
  }

  /**
   * Removes the rows after a step.
   *
   * @param {number} step
   */
  cut(step) {
    while (this.length > 0 && this.#data[0][this.length - 1] > step) this.length--;
  }

  /**
   * A copy with about limit rows at most.
   *
   * @param {number} limit
   * @returns {Curve}
   */
  thinned(limit) {
    const copy = new Curve(this.columns, limit);
    copy.length = this.length;
    copy.#data = this.#data.map((column) => column.slice());
    if (copy.length > limit) copy.#thin(limit);
    return copy;
  }

  /**
   * Keeps the first and the last row, those with the least and the greatest of
   * every column, and of equal stretches of steps the rows with the least and
   * the greatest sum of the second and third column, the loss.
   *
   * @param {number} limit
   */
  #thin(limit) {
    const n = this.length;
    const keep = new Uint8Array(n);
    keep[0] = keep[n - 1] = 1;
    for (const column of this.#data) {
      const { least, greatest } = extremes(column, 0, n);
      if (least >= 0) keep[least] = keep[greatest] = 1;
    }
    const loss = new Float64Array(n);
    for (let i = 0; i < n; i++) loss[i] = this.#data[1][i] + (this.#data[2]?.[i] ?? 0);
    const steps = this.#data[0];
    const stretches = Math.max(1, Math.floor((limit - 2 - 2 * this.columns.length) / 2));
    const stretch = (steps[n - 1] - steps[0]) / stretches || 1;
    for (let from = 0; from < n; ) {
      const end = steps[0] + stretch * (Math.floor((steps[from] - steps[0]) / stretch) + 1);
      let to = from + 1;
      while (to < n && steps[to] < end) to++;
      const { least, greatest } = extremes(loss, from, to);
      keep[least < 0 ? from : least] = 1;
      if (greatest >= 0) keep[greatest] = 1;
      from = to;
    }
    let k = 0;
    for (let i = 0; i < n; i++) {
      if (!keep[i]) continue;
      for (const column of this.#data) column[k] = column[i];
      k++;
    }
    this.length = k;
  }

  /**
   * The curve in a form that can be written as JSON.
   *
   * @returns {{columns: string[], data: (number | null)[][]}}
   */
  toJSON() {
    const written = (/** @type {number} */ v) => (Number.isNaN(v) ? null : v);
    return { columns: this.columns, data: this.#data.map((column) => Array.from(column.subarray(0, this.length), written)) };
  }

  /**
   * Reads what toJSON returned, from an untrusted file.
   *
   * @param {any} json
   * @param {string[]} columns required columns; others are left out
   * @param {string} field its name in an error
   * @returns {Curve}
   * @throws {InkdriftError} bad-run
   */
  static read(json, columns, field) {
    const bad = (/** @type {string} */ why) => new InkdriftError('bad-run', why, field);
    if (!Array.isArray(json?.columns) || !Array.isArray(json.data)) throw bad('is no curve');
    if (json.columns.length > limits.columns) throw bad(`has ${json.columns.length} columns`);
    const data = columns.map((name) => json.data[json.columns.indexOf(name)]);
    const n = data[0]?.length;
    if (!(n <= limits.rows)) throw bad(`has ${n} rows, at most ${limits.rows} are read`);
    data.forEach((column, i) => {
      if (!Array.isArray(column) || column.length !== n) throw bad(`has no ${columns[i]} for every row`);
      for (const v of column) if (v !== null && !Number.isFinite(v)) throw bad(`has a ${columns[i]} that is no number`);
    });
    const curve = new Curve(columns);
    for (let i = 0; i < n; i++) {
      const step = data[0][i];
      if (step === null || step < 0 || (i > 0 && step < data[0][i - 1])) throw bad('has steps out of order');
      curve.add(data.map((column) => column[i]));
    }
    return curve;
  }
}

/** @param {Float64Array} column */
function doubled(column) {
  const next = new Float64Array(2 * column.length);
  next.set(column);
  return next;
}

/**
 * Indices of the least and the greatest number; -1 where all are NaN.
 *
 * @param {Float64Array} x
 * @param {number} from
 * @param {number} to
 */
function extremes(x, from, to) {
  let least = -1;
  let greatest = -1;
  for (let i = from; i < to; i++) {
    if (Number.isNaN(x[i])) continue;
    if (least < 0 || x[i] < x[least]) least = i;
    if (greatest < 0 || x[i] > x[greatest]) greatest = i;
  }
  return { least, greatest };
}
