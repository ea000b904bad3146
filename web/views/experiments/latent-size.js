/**
 * The experiment "Which latent size?": settings, the curve of scores over latent
 * sizes, a table, and what each size makes of the same pictures.
 */
import { download, make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { explain } from '../../ui/figure-terms.js';
import { answer } from '../../ui/answer.js';
import { pack, shorter, unpack } from './example.js';
import { chartOf, legendOf, tableOf } from './parts.js';
import { Settings } from './experiment-settings.js';
import { asGood, conclude, shown, sweep, toCSV } from './latent-size-run.js';
import { Pictures } from '../../ui/pictures.js';

/** @typedef {import('./latent-size-run.js').Row} Row */

/** @type {Record<string, import('./experiment-settings.js').Field>} */
const fields = {
  data: { type: 'data', usual: 'digits', word: 'train.data', help: 'sweep.data-help' },
  sizes: { type: 'list', usual: [2, 4, 8, 16, 32], min: 1, max: 128, most: 8, word: 'sweep.sizes', help: 'sweep.sizes-help' },
  images: { type: 'int', usual: 8000, min: 500, max: 60_000, word: 'set.images', help: 'sweep.images-help' },
  epochs: { type: 'int', usual: 5, min: 1, max: 100, word: 'set.epochs', help: 'set.epochs-help' },
  seed: { type: 'int', usual: 1, min: 0, max: 2 ** 31 - 1, word: 'set.seed', help: 'set.seed-help' },
};

/** The curves: what they show of a row, and how. */
const curves = [
  { name: 'watch.kl', colour: 'class-4', mark: /** @type {'triangle'} */ ('triangle'), dash: [2, 4], of: (/** @type {Row} */ r) => r.kl },
  { name: 'watch.recon', colour: 'class-3', mark: /** @type {'square'} */ ('square'), dash: [7, 4], of: (/** @type {Row} */ r) => r.recon },
  { name: 'watch.loss', colour: 'ink', mark: /** @type {'circle'} */ ('circle'), of: (/** @type {Row} */ r) => -r.elbo },
];

/** Columns of the table. @type {[string, (r: Row, number: (v: number) => string) => string][]} */
const columns = [
  ['set.latent', (r) => String(r.latent)],
  ['sweep.elbo', (r, number) => number(r.elbo)],
  ['watch.recon', (r, number) => number(r.recon)],
  ['watch.kl', (r, number) => number(r.kl)],
  ['sweep.active', (r) => String(r.active)],
];

/**
 * Makes the experiment.
 *
 * @param {import('./experiments.js').ExperimentContext} context
 * @returns {import('./experiments.js').Experiment}
 */
export function open(context) {
  return new LatentSize(context);
}

/** The experiment. */
class LatentSize {
  #context;
  #settings;
  /** What the figures were asked for. @type {import('./latent-size-run.js').Wanted | null} */
  #wanted = null;
  /** @type {Map<number, Row>} */
  #rows = new Map();
  /** Pictures that are held back, and how each size gives them back. @type {Map<string, Pictures>} */
  #pictures = new Map();
  /** The pictures that are held back, and their shape. @type {{values: Float32Array, shape: number[]} | null} */
  #originals = null;
  #chart;
  #canvas;
  #verdict = make('p', { className: 'verdict' });
  /** Says what the curves are of. */
  #caption = make('figcaption', { hidden: true });
  #body = make('tbody');
  #gallery = make('div', { className: 'rebuilt' });
  #out = make('div', { className: 'outcome', hidden: true });
  #save = make('button', { type: 'button', disabled: true });

  /** @param {import('./experiments.js').ExperimentContext} context */
  constructor(context) {
    this.#context = context;
    const { i18n } = context.page;
    this.#settings = new Settings({ name: 'sweep', fields, i18n, catalog: context.setup.catalog, changed: context.changed });
    const { canvas, chart } = chartOf(context, 'sweep', { about: 'sweep.chart', x: 'set.latent', y: 'lab.nats' });
    this.#canvas = canvas;
    this.#chart = chart;
    this.#verdict.dataset.testid = 'sweep-verdict';
    this.#save.dataset.testid = 'sweep-csv';
    this.#fill();
    i18n.onChange(() => this.#show());
  }

  /** @param {URLSearchParams} query */
  prepare(query) {
    this.#settings.prepare(query);
  }

  settings() {
    return this.#settings.query();
  }

  themed() {
    this.#chart.redraw();
    for (const p of this.#pictures.values()) p.redraw();
  }

  /** @param {AbortSignal} signal */
  async run(signal) {
    const { setup, progress } = this.#context;
    const wanted = /** @type {import('./latent-size-run.js').Wanted} */ (structuredClone(this.#settings.values));
    this.#begin(wanted);
    /** @type {ReturnType<import('../../training/open-run.js').LoadData> | null} */
    let files = null;
    const report = (/** @type {number} */ latent, part = 0) =>
      progress((wanted.sizes.indexOf(latent) + part) / wanted.sizes.length, 'sweep.at', { latent });
    report(wanted.sizes[0]);
    await sweep(wanted, {
      makeGroup: setup.makeGroup,
      data: (name) => (files ??= setup.catalog.open(name, (part) => progress(0, 'train.arriving', { percent: Math.round(100 * part) }))),
      workers: 1,
      signal,
      onPictures: (values, shape) => this.#takeOriginals(values, shape),
      onRow: (row) => {
        report(row.latent, row.step / row.steps);
        this.#takeRow(row);
        this.#show();
      },
    });
  }

  result() {
    const { values, shape } = this.#originals ?? { values: [], shape: [] };
    const rows = [...this.#rows.values()].map(({ pictures, elbo, recon, kl, ...row }) => ({
      ...row,
      elbo: shorter(elbo),
      recon: shorter(recon),
      kl: shorter(kl),
      pictures: pack(pictures),
    }));
    return { wanted: this.#wanted, shape, originals: pack(values), rows };
  }

  /** @param {any} result */
  showExample({ wanted, shape, originals, rows }) {
    this.#begin(wanted);
    this.#takeOriginals(unpack(originals), shape);
    for (const row of rows) this.#takeRow({ ...row, pictures: unpack(row.pictures) });
    this.#show();
  }

  /**
   * @param {Float32Array} values pictures that are held back
   * @param {number[]} shape of each
   */
  #takeOriginals(values, shape) {
    this.#originals = { values, shape };
    this.#pictures.get('')?.show([values], shown, shape);
  }

  /** @param {Row} row */
  #takeRow(row) {
    this.#rows.set(row.latent, row);
    this.#pictures.get(String(row.latent))?.show([row.pictures], shown);
  }

  #fill() {
    const { i18n, terms } = this.#context.page;
    const { root, actions } = this.#context;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key, values = {}) => {
      i18n.text(e, key, values);
      return e;
    };
    say(this.#save, 'lab.csv');
    this.#save.addEventListener('click', () => {
      const bytes = new TextEncoder().encode(
        toCSV(/** @type {import('./latent-size-run.js').Wanted} */ (this.#wanted), [...this.#rows.values()]),
      );
      download(bytes.buffer, 'text/csv', 'inkdrift-latent-size.csv');
      answer(this.#save, i18n.t('answer.saved', { name: 'inkdrift-latent-size.csv' }));
    });
    actions.append(this.#save);

    const { scrolls, table, body } = tableOf(
      i18n,
      'sweep.table',
      columns.map(([key]) => key),
    );
    this.#body = body;
    table.dataset.testid = 'sweep-table';
    this.#out.append(
      make('div', { className: 'concluded' }, this.#verdict, ...explain(terms, 'sweep.active')),
      make(
        'div',
        { className: 'beside' },
        make('figure', {}, this.#gallery, make('figcaption', {}, say(make('span'), 'sweep.pictures'), ...explain(terms, 'sweep.pictures'))),
        make('figure', {}, this.#canvas, legendOf(this.#context.page, curves), this.#caption),
      ),
      scrolls,
    );
    root.append(this.#out, this.#settings.element);
  }

  /**
   * Clears what there is and makes rows for the sizes that are wanted.
   *
   * @param {import('./latent-size-run.js').Wanted} wanted
   */
  #begin(wanted) {
    const { i18n } = this.#context.page;
    this.#wanted = wanted;
    this.#rows.clear();
    this.#pictures.clear();
    this.#gallery.replaceChildren();
    for (const size of ['', ...wanted.sizes.map(String)]) {
      const canvas = make('canvas');
      canvas.setAttribute('role', 'img');
      const label = make('span', { className: 'small' });
      if (size) label.textContent = size;
      else i18n.text(label, 'sweep.held');
      i18n.attr(canvas, 'aria-label', size ? 'sweep.row' : 'sweep.row-held', { latent: size });
      this.#gallery.append(label, make('div', {}, canvas));
      const pictures = new Pictures(canvas, {
        count: shown,
        rows: 1,
        columns: shown,
        gap: 0.05,
        look: () => 'ink',
        colours: this.#context.colours,
      });
      pictures.show([null]);
      this.#pictures.set(size, pictures);
    }
    this.#out.hidden = false;
    this.#show();
  }

  #show() {
    if (!this.#wanted) return;
    const { i18n } = this.#context.page;
    const rows = [...this.#rows.values()].sort((a, b) => a.latent - b.latent);
    const series = curves.map(({ name, colour, mark, dash, of }) => ({
      name,
      colour,
      mark,
      dash,
      points: rows.map((r) => ({ x: r.latent, y: of(r), open: !r.done })),
    }));
    this.#chart.show(series, this.#wanted.sizes);
    this.#caption.hidden = rows.length === 0;
    i18n.text(this.#caption, 'sweep.caption', () => ({ n: (rows[0]?.images ?? 0).toLocaleString(i18n.lang) }));
    this.#save.disabled = rows.length === 0;
    const number = (/** @type {number} */ v) => (Number.isFinite(v) ? formatNumber(v, i18n.lang, 1) : '–');
    this.#body.replaceChildren(
      ...rows.map((r) => {
        const cells = columns.map(([, of]) => make('td', {}, of(r, number)));
        if (!r.done) cells[0].append(` (${i18n.t('gauge.of', { at: r.step, all: r.steps })})`);
        return make('tr', {}, ...cells);
      }),
    );
    this.#conclude(rows, number);
  }

  /**
   * Says what came out.
   *
   * @param {Row[]} rows
   * @param {(v: number) => string} number
   */
  #conclude(rows, number) {
    const { i18n } = this.#context.page;
    const found = conclude(rows);
    if (!found) {
      i18n.text(this.#verdict, 'sweep.waits');
      return;
    }
    const { best, small, large } = found;
    const key = small !== best ? 'sweep.found' : best === rows[0] ? 'sweep.found-first' : 'sweep.found-best';
    i18n.text(this.#verdict, key, () => ({
      best: best.latent,
      small: small.latent,
      elbo: number(best.elbo),
      nats: asGood,
      large: large.latent,
      active: large.active,
    }));
  }
}
