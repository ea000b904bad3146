/**
 * The experiment "Few labels": settings, the curve of errors over the number of
 * labels, from a VAE's latent means and from pixels, beside published ones.
 */
import { fetchBytes } from '../../engine/assets.js';
import { download, make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { answer } from '../../ui/answer.js';
import { explain } from '../../ui/figure-terms.js';
import { compare, error, learn, published, toCSV, trainHere } from './few-labels-run.js';
import { chartOf, legendOf, tableOf } from './parts.js';
import { Settings } from './experiment-settings.js';

/** @typedef {import('./few-labels-run.js').Point} Point */

/** Where the shipped model is. */
const modelFile = 'models/digits.safetensors';

/** @type {Record<string, import('./experiment-settings.js').Field>} */
const fields = {
  data: { type: 'data', usual: 'digits', word: 'train.data', help: 'sweep.data-help' },
  model: {
    type: 'choice',
    usual: 'digits',
    choices: { digits: 'labels.model-digits', here: 'labels.model-here' },
    word: 'labels.model',
    help: 'labels.model-help',
  },
  counts: { type: 'list', usual: [...published.keys()], min: 10, max: 60_000, most: 8, word: 'labels.counts', help: 'labels.counts-help' },
  draws: { type: 'int', usual: 5, min: 1, max: 50, word: 'labels.draws', help: 'labels.draws-help' },
  pool: { type: 'int', usual: 10_000, min: 100, max: 60_000, word: 'labels.pool', help: 'labels.pool-help' },
  tests: { type: 'int', usual: 2000, min: 100, max: 10_000, word: 'labels.tests', help: 'labels.tests-help' },
  seed: { type: 'int', usual: 1, min: 0, max: 2 ** 31 - 100, word: 'set.seed', help: 'set.seed-help' },
};

/** How curves look; the one of published figures is drawn under the others. */
const curves = {
  published: { name: 'labels.published', colour: 'class-4', mark: /** @type {'diamond'} */ ('diamond'), dash: [2, 4] },
  pixels: { name: 'labels.pixels', colour: 'class-3', mark: /** @type {'square'} */ ('square'), dash: [7, 4] },
  mu: { name: 'labels.mu', colour: 'ink', mark: /** @type {'circle'} */ ('circle') },
};

/** Heads of the table. */
const heads = ['labels.count', 'labels.mu', 'labels.pixels', 'labels.published'];

/**
 * Makes the experiment.
 *
 * @param {import('./experiments.js').ExperimentContext} context
 * @returns {import('./experiments.js').Experiment}
 */
export function open(context) {
  return new FewLabels(context);
}

/** The experiment. */
class FewLabels {
  #context;
  #settings;
  /** What the figures were asked for. @type {any} */
  #wanted = null;
  /** @type {Map<string, Point>} */
  #points = new Map();
  /** What the engine said of the pictures. @type {{pool: number, tests: number, classes: number, latent: number} | null} */
  #found = null;
  #chart;
  #canvas;
  #verdict = make('p', { className: 'verdict' });
  #about = make('p');
  #body;
  #out = make('div', { className: 'outcome', hidden: true });
  #save = make('button', { type: 'button', disabled: true });

  /** @param {import('./experiments.js').ExperimentContext} context */
  constructor(context) {
    this.#context = context;
    const { i18n } = context.page;
    this.#settings = new Settings({ name: 'labels', fields, i18n, catalog: context.setup.catalog, changed: context.changed });
    const { canvas, chart } = chartOf(context, 'labels', { about: 'labels.chart', x: 'labels.count', y: 'labels.error' });
    this.#canvas = canvas;
    this.#chart = chart;
    this.#verdict.dataset.testid = 'labels-verdict';
    const { scrolls, table, body } = tableOf(i18n, 'labels.table', heads);
    table.dataset.testid = 'labels-table';
    this.#body = body;
    this.#fill(scrolls);
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
  }

  /** @param {AbortSignal} signal */
  async run(signal) {
    const { setup, progress } = this.#context;
    const wanted = /** @type {any} */ (structuredClone(this.#settings.values));
    this.#begin(wanted);
    /** @type {ReturnType<import('../../training/open-run.js').LoadData> | null} */
    let files = null;
    const data = (/** @type {string} */ name) =>
      (files ??= setup.catalog.open(name, (part) => progress(0, 'train.arriving', { percent: Math.round(100 * part) })));
    const trains = wanted.model === 'here';
    progress(0, trains ? 'labels.trains' : 'labels.describes');
    const model = trains
      ? await trainHere(wanted, { makeGroup: setup.makeGroup, data, signal, onPart: (part) => progress(part / 2, 'labels.trains') })
      : await this.#fetchModel();
    await learn(wanted, {
      makeEngine: setup.makeEngine,
      model,
      data,
      signal,
      onPart: (part, at) => {
        const key = at === null ? 'labels.describes' : at.features === 'mu' ? 'labels.learns-mu' : 'labels.learns-pixels';
        progress(trains ? (1 + part) / 2 : part, key, { n: at?.labels ?? 0 });
      },
      onOpen: (found) => {
        this.#found = found;
        this.#show();
      },
      onPoint: (point) => {
        this.#takePoint(point);
        this.#show();
      },
    });
  }

  result() {
    return { wanted: this.#wanted, found: this.#found, points: [...this.#points.values()] };
  }

  /** @param {any} result */
  showExample({ wanted, found, points }) {
    this.#begin(wanted);
    this.#found = found;
    for (const point of points) this.#takePoint(point);
    this.#show();
  }

  /** Clears what there is. @param {any} wanted */
  #begin(wanted) {
    this.#wanted = wanted;
    this.#points.clear();
    this.#found = null;
    this.#out.hidden = false;
    this.#show();
  }

  /** @param {Point} point */
  #takePoint(point) {
    this.#points.set(`${point.features} ${point.labels}`, point);
  }

  async #fetchModel() {
    const assets = await this.#context.page.assets();
    return fetchBytes(assets.url(modelFile), () => {}, 'model-missing');
  }

  /** @param {HTMLElement} scrolls its table */
  #fill(scrolls) {
    const { i18n } = this.#context.page;
    const { root, actions } = this.#context;
    i18n.text(this.#save, 'lab.csv');
    this.#save.addEventListener('click', () => {
      const bytes = new TextEncoder().encode(toCSV(this.#wanted, this.#wanted.model, [...this.#points.values()]));
      download(bytes.buffer, 'text/csv', 'inkdrift-few-labels.csv');
      answer(this.#save, i18n.t('answer.saved', { name: 'inkdrift-few-labels.csv' }));
    });
    actions.append(this.#save);
    const caption = make('figcaption');
    i18n.text(caption, 'labels.caption');
    this.#out.append(
      make('div', { className: 'concluded' }, this.#verdict, ...explain(this.#context.page.terms, 'labels.propagation')),
      this.#about,
      make(
        'div',
        { className: 'beside' },
        make('figure', {}, this.#canvas, legendOf(this.#context.page, Object.values(curves)), caption),
        scrolls,
      ),
    );
    root.append(this.#out, this.#settings.element);
  }

  #show() {
    const wanted = this.#wanted;
    if (!wanted) return;
    const { i18n } = this.#context.page;
    const counts = /** @type {number[]} */ (wanted.counts);
    const of = (/** @type {'mu' | 'pixels'} */ features) => counts.flatMap((labels) => this.#points.get(`${features} ${labels}`) ?? []);
    const measured = (/** @type {'mu' | 'pixels'} */ features) => ({
      ...curves[features],
      points: of(features).map((p) => {
        const { median, low, high } = error(p);
        return { x: p.labels, y: median, low, high };
      }),
    });
    const known = counts.filter((n) => published.has(n)).map((n) => ({ x: n, y: published.get(n) ?? NaN }));
    this.#chart.show([{ ...curves.published, points: known }, measured('pixels'), measured('mu')], counts);
    this.#save.disabled = this.#points.size === 0;

    const percent = (/** @type {number} */ v) => i18n.t('labels.percent', { n: formatNumber(v, i18n.lang, 2) });
    const figure = (/** @type {Point | undefined} */ p) => {
      if (!p) return ['–'];
      const { median, low, high } = error(p);
      if (p.draws.length < 2) return [percent(median)];
      const range = i18n.t('labels.range', { low: formatNumber(low, i18n.lang, 2), high: formatNumber(high, i18n.lang, 2) });
      return [`${percent(median)} `, make('span', { className: 'small range' }, range)];
    };
    this.#body.replaceChildren(
      ...counts.map((n) => {
        const beside = published.get(n);
        const row = [
          [formatNumber(n, i18n.lang, 0)],
          figure(this.#points.get(`mu ${n}`)),
          figure(this.#points.get(`pixels ${n}`)),
          [beside === undefined ? '–' : percent(beside)],
        ];
        return make('tr', {}, ...row.map((parts) => make('td', {}, ...parts)));
      }),
    );
    this.#conclude(counts, percent);
  }

  /**
   * Says what came out.
   *
   * @param {number[]} counts
   * @param {(v: number) => string} percent
   */
  #conclude(counts, percent) {
    const { i18n } = this.#context.page;
    this.#about.hidden = this.#found === null;
    if (this.#found) {
      const { pool, tests, latent } = this.#found;
      i18n.text(this.#about, this.#wanted.data === 'digits' ? 'labels.about-made' : 'labels.about-files', { pool, tests, latent });
    }
    const n = counts.find((labels) => this.#points.has(`mu ${labels}`) && this.#points.has(`pixels ${labels}`));
    if (n === undefined) {
      i18n.text(this.#verdict, 'labels.waits');
      return;
    }
    const [mu, pixels] = ['mu', 'pixels'].map((features) => error(/** @type {Point} */ (this.#points.get(`${features} ${n}`))));
    const key = { better: 'labels.better', same: 'labels.same', worse: 'labels.worse' }[compare(mu, pixels)];
    i18n.text(this.#verdict, key, () => ({ n, mu: percent(mu.median), pixels: percent(pixels.median) }));
  }
}
