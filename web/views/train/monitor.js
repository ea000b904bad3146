/**
 * What is to be seen of a run: reconstructions, samples from the prior, latent
 * space, curves. The board has what belongs on one screen, three columns of it;
 * further curves and the morph are below. Before the first run the board shows
 * an example. All of it is drawn from what the run has, at most a few times a
 * second.
 */
import { KLBars } from '../../ui/kl-bars.js';
import { LineChart } from '../../ui/line-chart.js';
import { ScatterPlot } from '../../ui/scatter-plot.js';
import { nearest, smooth } from '../../ui/chart-scale.js';
import { make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { scheduleDraw } from '../../lib/frame-scheduler.js';
import { explain } from '../../ui/figure-terms.js';
import { Pictures } from '../../ui/pictures.js';
import { traits } from '../../training/families.js';
import { className, madeSets, shapeOf, tones } from '../../training/made-sets.js';
import { MorphPanel } from './morph-panel.js';
import { previewCounts } from '../../training/model-poller.js';

/** Milliseconds between two drawings of the curves. */
const pace = 200;

/** Steps that smoothing forgets over, at least, and as a part of the run. */
const memory = { least: 2, part: 0.012 };

/** Classes that have a colour of their own. */
const coloured = 10;

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

/** The pictures and charts of a run. */
export class Monitor {
  element = make('div', { className: 'watch' });
  /** What is below the board. */
  more = make('div', { className: 'more' });
  /** Other runs on the curves. @type {Compared[]} */
  compared = [];

  #i18n;
  #terms;
  #training;
  #store;
  /** @type {Map<string, {chart: LineChart, text: HTMLElement, canvas: HTMLCanvasElement, section: HTMLElement}>} */
  #charts = new Map();
  #log = make('input', { type: 'checkbox', id: 'watch-log' });
  #smooth = make('input', { type: 'checkbox', id: 'watch-smooth' });
  #legend = make('p', { className: 'legend small' });
  #legendShown = '';
  #classes = make('p', { className: 'legend small classes' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Step under the pointer. @type {number | null} */
  #at = null;
  /** When the texts beside the charts were last written. */
  #describedAt = -Infinity;
  /** A run that is shown before there is one. @type {import('../../training/example-run.js').ExampleRun | null} */
  #example = null;
  #exampleNote = make('p', { className: 'example-note', hidden: true });
  #board = make('div', { className: 'board' });

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {() => Record<string, string>} from.colours
   * @param {import('../../lib/local-storage.js').LocalStore} from.store
   * @param {import('../../ui/term.js').Terms} from.terms
   */
  constructor({ i18n, training, colours, store, terms }) {
    this.#i18n = i18n;
    this.#terms = terms;
    this.#training = training;
    this.#store = store;

    const validation = this.#figure('watch.pictures', 'watch.pictures-caption', 'pictures');
    const samples = this.#figure('watch.samples', 'watch.samples-caption', 'samples');
    this.validationFigure = validation.figure;
    const paints = () => tones(this.#settings.data, colours());
    this.validation = new Pictures(validation.canvas, { count: previewCounts.recon, rows: 2, columns: 6, colours: paints });
    this.samples = new Pictures(samples.canvas, { count: previewCounts.samples, rows: 1, colours: paints });
    this.morph = new MorphPanel({ i18n, training, colours: paints });
    const column = (/** @type {string} */ tab, /** @type {HTMLElement[]} */ ...children) => {
      const section = make('div', { className: `column ${tab}` }, ...children);
      section.dataset.tab = tab;
      return section;
    };
    const pictures = column('pictures', validation.figure, samples.figure);
    const curves = column('curves', this.#legend);
    const more = this.more;
    more.append(this.morph.element, this.#options());
    this.morph.element.dataset.tab = 'pictures';

    for (const { key, head, about, main = false } of charts) {
      const { figure, canvas, text } = this.#chart(head, about);
      const chart = new LineChart(
        canvas,
        colours,
        (v) => tick(v, i18n.lang),
        (step) => this.#point(step),
      );
      this.#charts.set(key, { chart, text, canvas, section: figure });
      figure.dataset.tab = 'curves';
      (main ? curves : more).append(figure);
    }

    const bars = this.#chart('watch.dims', 'watch.dims-about');
    this.bars = new KLBars(bars.canvas, colours, (v) => tick(v, i18n.lang));
    this.barsText = bars.text;
    this.barsCanvas = bars.canvas;
    bars.canvas.dataset.testid = 'kl-bars';
    this.barsFigure = bars.figure;

    const scatter = this.#figure('watch.scatter', 'watch.scatter-caption', 'scatter');
    this.scatter = new ScatterPlot(scatter.canvas, colours, paints);
    this.scatterFigure = scatter.figure;
    this.scatterCaption = scatter.caption;
    this.scatterCanvas = scatter.canvas;
    scatter.figure.append(this.#classes);
    this.latentColumn = column('latent', scatter.figure, bars.figure);
    this.#exampleNote.dataset.testid = 'example-note';
    this.#board.append(this.#exampleNote, pictures, this.latentColumn, curves);
    this.element.append(this.#board, more);

    training.on('points', () => this.redraw());
    training.on('settings', () => {
      if (training.active) return;
      this.#showAll();
    });
    training.on('change', () => this.#showStatus());
    training.on('preview', () => this.#showPreview());
    training.on('detail', () => this.#showDetail());
    training.on('run', () => this.#showAll());
    i18n.onChange(() => {
      this.#showClasses();
      this.redraw(true);
    });
    this.#showAll();
  }

  /**
   * Takes an example, which is shown until there is a run.
   *
   * @param {import('../../training/example-run.js').ExampleRun} example
   */
  takeExample(example) {
    this.#example = example;
    this.#showAll();
  }

  /** What is shown: the run, before there is one the example. */
  get #shown() {
    const { status, active, preview, detail, curves } = this.#training;
    const example = status === 'idle' && !active ? this.#example : null;
    return example ?? { preview, detail, curves };
  }

  #showAll() {
    this.#showStatus();
    this.#showPreview();
    this.#showDetail();
    this.redraw(true);
  }

  /** Shows in which state the board is. */
  #showStatus() {
    const { status } = this.#training;
    this.#board.dataset.status = status;
    const example = this.#shown === this.#example ? this.#example : null;
    if (this.#exampleNote.hidden === (example === null)) return;
    this.#board.classList.toggle('ghost', example !== null);
    this.#exampleNote.hidden = example === null;
    if (example) {
      this.#i18n.text(this.#exampleNote, 'watch.example', () => ({
        preset: this.#i18n.t(`preset.${example.about.preset}`),
        data: this.#i18n.t(madeSets[example.settings.data].word),
        images: example.about.images,
        epochs: example.about.epochs,
      }));
    }
  }

  /** Draws everything anew: other colours, another language. */
  refresh() {
    for (const { chart } of this.#charts.values()) chart.redraw();
    for (const c of [this.validation, this.samples, this.scatter, this.bars, this.morph]) c.redraw();
  }

  /** The shape of the data is known now. */
  shaped() {
    if (!this.#training.preview) this.#showPreview();
  }

  /**
   * Draws the curves, soon.
   *
   * @param {boolean} [words] with their texts
   */
  redraw(words = false) {
    if (words) this.#describedAt = -Infinity;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#drawCurves();
    }, pace);
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

  /**
   * @param {string} head
   * @param {string} caption
   * @param {string} name
   */
  #figure(head, caption, name) {
    const title = make('h3');
    const words = make('span');
    this.#i18n.text(title, head);
    this.#i18n.text(words, caption);
    const canvas = make('canvas', { className: name });
    canvas.setAttribute('role', 'img');
    this.#i18n.attr(canvas, 'aria-label', head);
    canvas.dataset.testid = name;
    const figure = make('figure', {}, title, canvas, this.#caption(words, head));
    return { figure, canvas, caption: words };
  }

  /**
   * @param {string} head
   * @param {string} about
   */
  #chart(head, about) {
    const title = make('h3');
    const text = make('p', { className: 'now small' });
    const words = make('span');
    this.#i18n.text(title, head);
    this.#i18n.text(words, about);
    const canvas = make('canvas', { className: 'plot' });
    canvas.setAttribute('role', 'img');
    this.#i18n.attr(canvas, 'aria-label', head);
    return {
      figure: make('figure', {}, make('div', { className: 'over' }, title, text), canvas, this.#caption(words, head)),
      canvas,
      text,
    };
  }

  /**
   * @param {HTMLElement} words
   * @param {string} head
   */
  #caption(words, head) {
    return make('figcaption', {}, words, ...explain(this.#terms, head));
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
    if (!this.element.isConnected || this.element.clientWidth === 0) return;
    const said = performance.now() - this.#describedAt > 2000;
    if (said) this.#describedAt = performance.now();
    for (const what of charts) scheduleDraw(what, () => this.#drawCurve(what, said));
    this.#showLegend();
  }

  /**
   * @param {typeof charts[number]} what
   * @param {boolean} said whether the text beside it is written, too
   */
  #drawCurve({ key, elbo = false, needs, head, of }, said) {
    const { curves } = this.#shown;
    const shown = this.#charts.get(key);
    if (!shown) return;
    const soft = this.#smooth.checked;
    const all = [...this.compared, ...(curves ? [{ colour: '', curves }] : [])];
    const runs = all.filter(({ curves: { train, validation } }) =>
      needs.every((name) => [train, validation].some((c) => c.columns.includes(name))),
    );
    shown.section.hidden = elbo ? !this.#model.encoder && this.compared.length === 0 : key !== 'gradNorm' && runs.length === 0;
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
    const state = JSON.stringify([this.#i18n.lang, this.#shown.curves !== null, this.compared.map((c) => [c.colour, c.name])]);
    if (state === this.#legendShown) return;
    this.#legendShown = state;
    const own = this.#shown.curves ? [item('ink', t('watch.train')), item('accent', t('watch.validation'))] : [];
    this.#legend.replaceChildren(...own, ...this.compared.map((c) => item(c.colour, c.name)));
  }

  /** Those of the run, or of the one that would begin now. */
  get #settings() {
    return this.#shown === this.#example && this.#example ? this.#example.settings : (this.#training.active ?? this.#training.settings);
  }

  /** What there is in the model. */
  get #model() {
    return traits(this.#settings);
  }

  #showPreview() {
    const { preview } = this.#shown;
    const shape = preview?.shape ?? shapeOf(this.#settings.data);
    const size = shape[0] * shape[1] * shape[2];
    const { encoder } = this.#model;
    for (const figure of [this.validationFigure, this.latentColumn, this.scatterFigure, this.barsFigure]) figure.hidden = !encoder;
    this.#board.classList.toggle('two', !encoder);
    this.samples.columns = encoder ? 8 : 6;
    this.validation.show(
      preview ? [preview.originals, preview.recon] : [null, null],
      preview ? preview.recon.length / size : previewCounts.recon,
      shape,
    );
    this.samples.show([preview ? preview.samples : null], preview ? preview.samples.length / size : previewCounts.samples, shape);
    const flat = preview ? preview.latent === 2 : this.#settings.latent === 2;
    const side = preview?.grid.length ? Math.round(Math.sqrt(preview.grid.length / size)) : 0;
    const map = flat && preview && side ? { pixels: preview.grid, side, shape } : null;
    this.scatter.show(preview?.scatter ?? new Float32Array(0), preview?.labels ?? [], map);
    this.#showClasses();
    const [a = 0, b = 0] = preview?.explained ?? [];
    if (preview && !flat && preview.latent > 2)
      this.#i18n.text(this.scatterCaption, 'watch.scatter-pca', { n: preview.latent, percent: Math.round(100 * (a + b)) });
    else this.#i18n.text(this.scatterCaption, map ? 'watch.map-caption' : 'watch.scatter-caption');
  }

  /** Says what the numbers among the points are, where they have a meaning. */
  #showClasses() {
    const { info } = this.#training;
    const { preview } = this.#shown;
    const { data } = this.#settings;
    const count = Math.min(coloured, preview ? Math.max(-1, ...preview.labels) + 1 : 0);
    const names = Array.from({ length: count }, (_, k) => className(data, k, this.#i18n) || (info?.classes[k] ?? ''));
    const plain = names.every((name, k) => name === '' || name === String(k));
    this.#classes.hidden = plain;
    this.#classes.replaceChildren(...(plain ? [] : names.map((name, k) => make('span', { className: `key class-${k}` }, `${k} ${name}`))));
  }

  #showDetail() {
    const { detail } = this.#shown;
    this.bars.show(detail?.klPerDim ?? [], detail?.active ?? []);
    const i18n = this.#i18n;
    if (!detail) {
      i18n.text(this.barsText, 'watch.dims-none');
      i18n.attr(this.barsCanvas, 'aria-label', 'watch.dims');
      return;
    }
    const values = { active: detail.active.filter(Boolean).length, n: detail.active.length };
    i18n.text(this.barsText, 'watch.dims-active', values);
    i18n.attr(this.barsCanvas, 'aria-label', 'watch.dims-label', () => ({
      ...values,
      list: detail.klPerDim.map((v) => this.#number(v)).join(', '),
    }));
  }
}

/**
 * A number beside an axis, where there is little space.
 *
 * @param {number} v
 * @param {string} lang
 */
function tick(v, lang) {
  return Math.abs(v) >= 1e4 && Math.abs(v) < 1e6
    ? v.toLocaleString(lang, { notation: 'compact', maximumFractionDigits: 1 })
    : formatNumber(v, lang);
}
