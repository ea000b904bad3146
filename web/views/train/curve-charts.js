/**
 * The curves of a run over its steps, and those of runs that it is compared with:
 * a chart for each figure, its last value beside it, a legend, and how they are
 * drawn. Main curves are on the board.
 */
import { explain } from '../../ui/figure-terms.js';
import { LineChart } from '../../ui/line-chart.js';
import { nearest, smooth } from '../../ui/chart-scale.js';
import { make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { scheduleDraw } from '../../lib/frame-scheduler.js';

/** Milliseconds between two drawings of the curves. */
const pace = 200;

/** Milliseconds between two times that the texts beside them are written. */
const describeEvery = 2000;

/** Steps that smoothing forgets over, at least, and as a part of the run. */
const memory = { least: 2, part: 0.012 };

/** @typedef {(column: string) => Float64Array} Columns the numbers of a column, valid for the moment */

/**
 * The curves: what is on them, out of the columns that they need, and how they are called. The ELBO and its parts are those of models
 * that have one. The ELBO is a bound on a log-likelihood, and so below 0, here as everywhere. Main curves are on the board.
 */
const charts = [
  {
    key: 'elbo',
    elbo: true,
    main: true,
    needs: ['recon', 'kl'],
    head: 'watch.elbo',
    about: 'watch.elbo-about',
    of: (/** @type {Columns} */ c) => minus(sum(c('recon'), c('kl'))),
  },
  { key: 'recon', elbo: true, main: true, ...plain('recon'), head: 'watch.recon', about: 'watch.recon-about' },
  { key: 'kl', elbo: true, main: true, ...plain('kl'), head: 'watch.kl', about: 'watch.kl-about' },
  { key: 'discriminator', main: true, ...plain('discriminator'), head: 'watch.discriminator', about: 'watch.discriminator-about' },
  { key: 'generator', main: true, ...plain('generator'), head: 'watch.generator', about: 'watch.generator-about' },
  { key: 'real', ...plain('real'), head: 'watch.real', about: 'watch.real-about' },
  { key: 'fake', ...plain('fake'), head: 'watch.fake', about: 'watch.fake-about' },
  { key: 'features', ...plain('features'), head: 'watch.features', about: 'watch.features-about' },
  { key: 'label', ...plain('label'), head: 'watch.label', about: 'watch.label-about' },
  {
    key: 'iwae',
    needs: ['iwae'],
    head: 'watch.iwae',
    about: 'watch.bound-about',
    of: (/** @type {Columns} */ c) => minus(c('iwae')),
  },
  { key: 'gradNorm', ...plain('gradNorm'), head: 'watch.grad', about: 'watch.grad-about' },
];

/** One column as it is. @param {string} column */
function plain(column) {
  return { needs: [column], of: (/** @type {Columns} */ c) => c(column).slice() };
}

/** @param {Float64Array} a @param {Float64Array} b */
function sum(a, b) {
  return a.map((v, i) => v + b[i]);
}

/** @param {Float64Array} a */
function minus(a) {
  return a.map((v) => -v);
}

/** @typedef {{name: string, colour: string, curves: {train: any, validation: any}}} Compared */

/**
 * What the curves are of; encoder: whether its model has one.
 *
 * @typedef {{curves: {train: any, validation: any} | null, encoder: boolean}} Shown
 */

/** The charts. */
export class CurveCharts {
  /** Other runs on the curves. @type {Compared[]} */
  compared = [];
  /** What is on the board. @type {HTMLElement[]} */
  main = [];
  /** What is below it. @type {HTMLElement[]} */
  more = [];

  #i18n;
  #store;
  #shown;
  #isVisible;
  /** @type {Map<string, {chart: LineChart, text: HTMLElement, canvas: HTMLCanvasElement, section: HTMLElement}>} */
  #charts = new Map();
  #log = make('input', { type: 'checkbox', id: 'watch-log' });
  #smooth = make('input', { type: 'checkbox', id: 'watch-smooth' });
  #terms;
  #legend = make('p', { className: 'legend small' });
  #legendShown = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Step under the pointer. @type {number | null} */
  #at = null;
  /** When the texts beside the charts were last written. */
  #describedAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #describing;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../ui/term.js').Terms} from.terms
   * @param {() => Record<string, string>} from.colours
   * @param {import('../../lib/local-storage.js').LocalStore} from.store
   * @param {(head: string, about: string) => {figure: HTMLElement, canvas: HTMLCanvasElement, text: HTMLElement}} from.frame
   *   makes the place of a chart, from the keys of its texts
   * @param {() => Shown} from.shown
   * @param {() => boolean} from.isVisible whether anybody could see them
   */
  constructor({ i18n, terms, colours, store, frame, shown, isVisible }) {
    this.#i18n = i18n;
    this.#terms = terms;
    this.#store = store;
    this.#shown = shown;
    this.#isVisible = isVisible;
    this.main.push(this.#legend);
    this.more.push(this.#options());
    for (const { key, head, about, main = false } of charts) {
      const { figure, canvas, text } = frame(head, about);
      const chart = new LineChart(
        canvas,
        colours,
        (v) => axisNumber(v, i18n.lang),
        (step) => this.#point(step),
      );
      this.#charts.set(key, { chart, text, canvas, section: figure });
      figure.dataset.tab = 'curves';
      (main ? this.main : this.more).push(figure);
    }
  }

  /** Draws them anew, in other colours. */
  refresh() {
    for (const { chart } of this.#charts.values()) chart.redraw();
  }

  /**
   * Draws them, soon.
   *
   * @param {boolean} [words] with their texts
   */
  redraw(words = false) {
    if (words) this.#describedAt = -Infinity;
    const wait = this.#describedAt === -Infinity ? 0 : pace; // what was never drawn has no size yet
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#drawCurves();
    }, wait);
  }

  #options() {
    const i18n = this.#i18n;
    const saved = this.#store.get('curves') ?? {};
    this.#log.checked = saved.log === true;
    this.#smooth.checked = saved.smooth !== false;
    const box = (/** @type {HTMLInputElement} */ input, /** @type {string} */ key) => {
      const span = make('span');
      i18n.text(span, key);
      input.addEventListener('change', () => {
        this.#store.set('curves', { log: this.#log.checked, smooth: this.#smooth.checked });
        this.redraw();
      });
      return make('label', { className: 'check' }, input, span);
    };
    const head = make('h3');
    i18n.text(head, 'watch.curves');
    const options = make(
      'div',
      { className: 'options wide' },
      head,
      make('div', { className: 'checks' }, box(this.#smooth, 'watch.smooth'), box(this.#log, 'watch.log')),
    );
    options.dataset.tab = 'curves';
    return options;
  }

  /** @param {number} v */
  #number(v) {
    return formatNumber(v, this.#i18n.lang);
  }

  /** @param {number | null} step */
  #point(step) {
    this.#at = step;
    for (const { chart } of this.#charts.values()) chart.point(step);
    this.redraw();
  }

  #drawCurves() {
    if (!this.#isVisible()) return;
    const since = performance.now() - this.#describedAt;
    const said = since > describeEvery;
    if (said) this.#describedAt = performance.now();
    else {
      // What was drawn last is described, too.
      this.#describing ??= setTimeout(() => {
        this.#describing = undefined;
        this.redraw();
      }, describeEvery - since);
    }
    for (const what of charts) scheduleDraw(what, () => this.#drawCurve(what, said));
    this.#showLegend();
  }

  /**
   * @param {typeof charts[number]} what
   * @param {boolean} said whether the text beside it is written, too
   */
  #drawCurve({ key, elbo = false, needs, head, of }, said) {
    const { curves, encoder } = this.#shown();
    const shown = this.#charts.get(key);
    if (!shown) return;
    const soft = this.#smooth.checked;
    const all = [...this.compared, ...(curves ? [{ colour: '', curves }] : [])];
    const runs = all.filter(({ curves: { train, validation } }) =>
      needs.every((name) => [train, validation].some((c) => c.columns.includes(name))),
    );
    shown.section.hidden = elbo ? !encoder && this.compared.length === 0 : key !== 'gradNorm' && runs.length === 0;
    if (shown.section.hidden) return;
    /** @type {import('../../ui/line-chart.js').Curve[]} */
    const lines = [];
    /** @type {{words: string, value: string, look: string}[]} */
    let now = [];
    for (const run of runs) {
      const { train, validation } = run.curves;
      const own = run.colour === '';
      const steps = train.column('step').slice();
      const values = of((c) => train.column(c));
      const end = steps[steps.length - 1] ?? 0;
      const calm = soft ? smooth(steps, values, Math.max(memory.least, memory.part * end)) : values;
      if (soft && own) lines.push({ steps, values, colour: 'ink', look: 'faint' });
      lines.push({ steps, values: calm, colour: run.colour || 'ink', look: 'line' });
      const at = validation.column('step').slice();
      const known = needs.every((name) => validation.columns.includes(name));
      const found = known ? of((c) => validation.column(c)) : new Float64Array(0);
      const measured = found.some(Number.isFinite) ? found : new Float64Array(0);
      if (measured.length) lines.push({ steps: at, values: measured, colour: run.colour || 'accent', look: own ? 'dots' : 'dashed' });
      if (own) now = this.#now(steps, calm, at, measured);
    }
    shown.chart.show(lines, this.#log.checked);
    // In the colours of the legend; the words are in the name of the picture.
    shown.text.replaceChildren(...now.map(({ value, look }) => make('span', { className: look }, value)));
    const words = now.map((n) => n.words).join(', ');
    if (said) shown.canvas.setAttribute('aria-label', `${this.#i18n.t(head)}: ${words || this.#i18n.t('watch.nothing')}`);
  }

  /**
   * What the curves say, at the pointer or at their end.
   *
   * @param {ArrayLike<number>} steps
   * @param {ArrayLike<number>} values
   * @param {ArrayLike<number>} at
   * @param {ArrayLike<number>} measured
   */
  #now(steps, values, at, measured) {
    const i18n = this.#i18n;
    /** @type {{words: string, value: string, look: string}[]} */
    const out = [];
    const add = (/** @type {string} */ look, /** @type {string} */ key, /** @type {number} */ v) =>
      out.push({ look, value: this.#number(v), words: i18n.t(key, { value: this.#number(v) }) });
    const i = this.#at === null ? steps.length - 1 : nearest(steps, this.#at);
    if (i < 0) return [];
    if (this.#at !== null) {
      const words = i18n.t('watch.step', { step: steps[i] });
      out.push({ look: '', value: words, words });
    }
    if (Number.isFinite(values[i])) add('ink', 'watch.train-value', values[i]);
    const j = this.#at === null ? at.length - 1 : nearest(at, this.#at);
    if (j >= 0 && measured.length) add('accent', 'watch.validation-value', measured[j]);
    return out;
  }

  #showLegend() {
    const item = (/** @type {string} */ look, /** @type {string} */ name) => make('span', { className: `key ${look}` }, name);
    const t = (/** @type {string} */ key) => this.#i18n.t(key);
    const { curves } = this.#shown();
    const state = JSON.stringify([this.#i18n.lang, curves !== null, this.compared.map((c) => [c.colour, c.name])]);
    if (state === this.#legendShown) return;
    this.#legendShown = state;
    const own = curves
      ? [item('ink', t('watch.train')), item('accent', t('watch.validation')), ...explain(this.#terms, 'watch.validation')]
      : [];
    this.#legend.replaceChildren(...own, ...this.compared.map((c) => item(c.colour, c.name)));
  }
}

/**
 * A number beside an axis, where there is little space.
 *
 * @param {number} v
 * @param {string} lang
 */
export function axisNumber(v, lang) {
  return Math.abs(v) >= 1e4 && Math.abs(v) < 1e6
    ? v.toLocaleString(lang, { notation: 'compact', maximumFractionDigits: 1 })
    : formatNumber(v, lang);
}
