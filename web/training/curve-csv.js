/**
 * The curves of a run as a table that spreadsheets read: a row for each step that has figures, validation beside training.
 */

/**
 * @param {import('./run.js').Curves} curves
 * @returns {string} CSV with a header
 */
export function curvesCSV({ train, validation }) {
  const [, ...trained] = train.columns;
  const [, ...validated] = validation.columns;
  /** @type {Map<number, (number | string)[]>} */
  const rows = new Map();
  const fill = (/** @type {import('./curve.js').Curve} */ curve, /** @type {string[]} */ names, /** @type {number} */ from) => {
    const steps = curve.column('step');
    for (const [k, name] of names.entries()) {
      const values = curve.column(name);
      for (const [i, step] of steps.entries()) {
        const row = rows.get(step) ?? Array(trained.length + validated.length).fill('');
        rows.set(step, row);
        if (Number.isFinite(values[i])) row[from + k] = values[i];
      }
    }
  };
  fill(train, trained, 0);
  fill(validation, validated, trained.length);
  const head = ['step', ...trained, ...validated.map((name) => `validation ${name}`)];
  const body = [...rows].sort(([a], [b]) => a - b).map(([step, row]) => [step, ...row].join(','));
  return `${[head.join(','), ...body].join('\n')}\n`;
}
