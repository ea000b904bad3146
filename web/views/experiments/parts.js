/**
 * What experiments show alike: a table, the legend of a chart, a file of
 * figures.
 */
import { make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { explain } from '../../ui/figure-terms.js';
import { marks, PointChart } from '../../ui/point-chart.js';

/**
 * A table with a row of heads and an empty body, in a box that scrolls sideways where it is too wide: keys reach it, too.
 *
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {string} about a key: what it is
 * @param {string[]} heads keys of its columns
 */
export function tableOf(i18n, about, heads) {
  const caption = make('caption', { className: 'small' });
  i18n.text(caption, about);
  const cells = heads.map((key) => {
    const cell = make('th');
    cell.setAttribute('scope', 'col');
    i18n.text(cell, key);
    return cell;
  });
  const body = make('tbody');
  const table = make('table', {}, caption, make('thead', {}, make('tr', {}, ...cells)), body);
  const scrolls = make('div', { className: 'scrolls', tabIndex: 0 }, table);
  scrolls.setAttribute('role', 'region');
  i18n.attr(scrolls, 'aria-label', about);
  return { scrolls, table, body };
}

/**
 * A chart of points, and the canvas that it is drawn on.
 *
 * @param {import('./experiments.js').ExperimentContext} context
 * @param {string} name of the experiment
 * @param {{about: string, x: string, y: string}} words keys: of the whole, of its axes
 */
export function chartOf({ page: { i18n }, colours }, name, words) {
  const canvas = make('canvas', { className: 'plot' });
  canvas.setAttribute('role', 'img');
  canvas.dataset.testid = `${name}-chart`;
  i18n.attr(canvas, 'aria-label', words.about);
  const axes = () => ({ x: i18n.t(words.x), y: i18n.t(words.y) });
  return { canvas, chart: new PointChart(canvas, colours, axes, (v) => formatNumber(v, i18n.lang)) };
}

/**
 * Names the signs of a chart, and explains them.
 *
 * @param {import('../../app/context.js').AppContext} page
 * @param {{name: string, colour: string, mark: keyof typeof marks}[]} curves name: a key; the last is named first
 */
export function legendOf({ i18n, terms }, curves) {
  const legend = make('p', { className: 'legend small' });
  for (const { name, colour, mark } of [...curves].reverse()) {
    const words = make('span');
    i18n.text(words, name);
    legend.append(make('span', {}, make('span', { className: `sign ${colour}` }, `${marks[mark].sign} `, words), ...explain(terms, name)));
  }
  return legend;
}

/**
 * Figures for other programs: RFC 4180.
 *
 * @param {string[]} columns
 * @param {(string | number)[][]} rows
 */
export function csv(columns, rows) {
  const cell = (/** @type {string | number} */ v) => (/[",\r\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : v);
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
