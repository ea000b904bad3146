/**
 * What is to be seen of a run: reconstructions, samples from the prior, latent
 * space, curves. The board has what belongs on one screen, three columns of it;
 * further curves and the morph are below. Before the first run the board shows
 * an example. All of it is drawn from what the run has, at most a few times a
 * second.
 */
import { KLBars } from '../../ui/kl-bars.js';
import { ModelMap } from '../../ui/model-map.js';
import { make } from '../../lib/dom.js';
import { formatNumber, formatPercent } from '../../lib/format.js';
import { explain } from '../../ui/figure-terms.js';
import { Pictures } from '../../ui/pictures.js';
import { traits } from '../../training/families.js';
import { LiveMap } from '../../training/live-map.js';
import { className, madeSets, shapeOf, tones } from '../../training/made-sets.js';
import { axisNumber, CurveCharts } from './curve-charts.js';
import { MorphPanel } from './morph-panel.js';
import { TimeLapse } from './lapse.js';
import { previewCounts } from '../../training/model-poller.js';
import { shownName } from '../../training/run-names.js';

/** With fewer validation pictures it is not said which dimensions are active. */
const fewest = 10;

/** Classes that have a colour of their own. */
const coloured = 10;

/** The set that is surely of digits: files that are called like MNIST's may hold other pictures. */
const digits = 'digits';

/** The pictures and charts of a run. */
export class Monitor {
  element = make('div', { className: 'watch' });
  /** What is below the board. */
  more = make('div', { className: 'more' });

  #i18n;
  #terms;
  #training;
  #read;
  #curves;
  #classes = make('p', { className: 'legend small classes' });
  /** A run that is shown before there is one. @type {import('../../training/example-run.js').ExampleRun | null} */
  #example = null;
  #exampleNote = make('p', { className: 'example-note', hidden: true });
  #board = make('div', { className: 'board' });
  #prior = make('select');
  #priorPick = make('div', { className: 'row-of-map' });
  #live;
  /** Whether what the map shows is the model that trains. */
  #alive = false;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {() => Record<string, string>} from.colours
   * @param {import('../../lib/local-storage.js').LocalStore} from.store
   * @param {import('../../ui/term.js').Terms} from.terms
   * @param {(error: unknown, cause: Element) => void} from.fail
   * @param {import('./lapse.js').MakeFilm} from.film
   * @param {import('../../engine/read-digit.js').ReadDigit} from.read
   */
  constructor({ i18n, training, colours, store, terms, fail, film, read }) {
    this.#i18n = i18n;
    this.#read = read;
    this.#terms = terms;
    this.#training = training;

    const validation = this.#figure('watch.pictures', 'watch.pictures-caption', 'pictures');
    const samples = this.#figure('watch.samples', 'watch.samples-caption', 'samples', { row: this.#priorPick });
    this.samplesCaption = samples.caption;
    this.#fillPrior((e) => fail(e, samples.figure));
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
    this.#curves = new CurveCharts({
      ...{ i18n, terms, colours, store },
      frame: (head, about) => this.#chart(head, about),
      shown: () => ({ curves: this.#shown.curves, encoder: this.#model.encoder }),
      isVisible: () => this.element.isConnected && this.element.clientWidth > 0,
    });
    const curves = column('curves', ...this.#curves.main);
    const more = this.more;
    this.lapse = new TimeLapse({ i18n, colours, tones: paints, film, fail });
    more.append(this.morph.element, this.lapse.element, ...this.#curves.more);
    for (const { element } of [this.morph, this.lapse]) element.dataset.tab = 'pictures';

    const bars = this.#chart('watch.dims', 'watch.dims-about');
    this.bars = new KLBars(bars.canvas, colours, (v) => axisNumber(v, i18n.lang));
    this.barsText = bars.text;
    this.barsCanvas = bars.canvas;
    bars.canvas.dataset.testid = 'kl-bars';
    this.barsFigure = bars.figure;

    const onError = (/** @type {unknown} */ e) => fail(e, this.map.element);
    this.map = new ModelMap({ i18n, colours, tones: paints, name: (label) => this.#className(label) || String(label), onError });
    this.map.live = true;
    this.#live = new LiveMap(training, this.#viewer(), onError);
    this.map.on('wanted', () => void this.#live.start());
    const scatter = this.#figure('watch.scatter', 'watch.scatter-caption', 'scatter', this.map);
    this.scatterFigure = scatter.figure;
    this.scatterCaption = scatter.caption;
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
    const look = () => {
      const { run } = training;
      this.lapse.show(run?.moments ?? null, run?.curves.validation ?? null, run ? shownName(run, i18n) : '');
    };
    training.on('moments', look);
    training.on('run', () => {
      look();
      this.#showAll();
    });
    i18n.onChange(() => {
      this.#showClasses();
      this.redraw(true);
    });
    this.#showAll();
  }

  /** The choice of the prior that samples are of. @param {(error: unknown) => void} fail */
  #fillPrior(fail) {
    const names = { normal: 'watch.prior-normal', fitted: 'watch.prior-fitted' };
    for (const [value, word] of Object.entries(names)) {
      const option = make('option', { value });
      this.#i18n.text(option, word);
      this.#prior.append(option);
    }
    this.#i18n.attr(this.#prior, 'aria-label', 'samples.prior');
    const pick = make('div', { className: 'pick' });
    pick.append(this.#prior);
    this.#priorPick.append(pick);
    this.#prior.dataset.testid = 'train-prior';
    this.#prior.addEventListener('change', async () => {
      this.#prior.disabled = true;
      if (this.#prior.value === 'fitted') this.#i18n.text(this.samplesCaption, 'watch.samples-fits');
      try {
        await this.#training.showPrior(this.#prior.value === 'fitted' ? 'fitted' : 'normal');
      } catch (e) {
        fail(e);
      }
      this.#showPrior();
    });
  }

  /** Says what samples are of. While a model trains it changes, so nothing is fitted to it. */
  #showPrior() {
    const { active, status, preview } = this.#training;
    const prior = preview?.prior ?? 'normal';
    this.#priorPick.hidden = !this.#model.encoder;
    this.#prior.value = prior;
    this.#prior.disabled = active === null || status === 'running' || status === 'opening';
    this.#i18n.text(this.samplesCaption, prior === 'fitted' ? 'watch.samples-fitted' : 'watch.samples-caption');
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
    this.#showPrior();
    const example = this.#shown === this.#example ? this.#example : null;
    if (this.#exampleNote.hidden === (example === null)) return;
    this.#board.classList.toggle('ghost', example !== null);
    this.#exampleNote.hidden = example === null;
    this.#showPreview();
    this.#showDetail();
    if (example) {
      this.#i18n.text(this.#exampleNote, 'watch.example', () => ({
        preset: this.#i18n.t(`preset.${example.about.preset}`),
        data: this.#i18n.t(madeSets[example.settings.data].word),
        images: example.about.images,
        epochs: example.about.epochs,
      }));
    }
    // Its figures come and go with its pictures.
    this.#showPreview();
    this.#showDetail();
    this.redraw(true);
  }

  /** Draws everything anew: other colours, another language. */
  refresh() {
    this.#curves.refresh();
    for (const c of [this.validation, this.samples, this.map, this.bars, this.morph, this.lapse]) c.redraw();
  }

  /** Other runs on the curves. @param {import('./curve-charts.js').Compared[]} runs */
  set compared(runs) {
    this.#curves.compared = runs;
  }

  /**
   * Draws the curves, soon.
   *
   * @param {boolean} [words] with their texts
   */
  redraw(words = false) {
    this.#curves.redraw(words);
  }

  /** The shape of the data is known now. */
  shaped() {
    if (!this.#training.preview) this.#showPreview();
  }

  /**
   * @param {string} head
   * @param {string} caption
   * @param {string} name
   * @param {{row: HTMLElement, canvas?: HTMLCanvasElement, element?: HTMLElement}} [more] beside the title; a canvas that there is
   */
  #figure(head, caption, name, more) {
    const title = make('h3');
    const words = make('span');
    this.#i18n.text(title, head);
    this.#i18n.text(words, caption);
    const canvas = more?.canvas ?? make('canvas', { className: name });
    if (!more?.canvas) {
      canvas.setAttribute('role', 'img');
      this.#i18n.attr(canvas, 'aria-label', head);
    }
    canvas.dataset.testid = name;
    const over = more ? make('div', { className: 'map-head' }, title, more.row) : title;
    const figure = make('figure', {}, over, more?.element ?? canvas, this.#caption(words, head));
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
    this.#showPrior();
    this.#showMap();
    this.#showClasses();
  }

  /** Shows what there is of latent space: a model that can be looked into, or points that were kept. */
  #showMap() {
    const { preview } = this.#shown;
    const { active, info, run } = this.#training;
    const { conditions, latent } = this.#settings;
    const whole = { classes: /** @type {string[]} */ ([]), principal: false, read: null };
    this.#alive = active !== null && info !== null && latent >= 2 && this.#shown !== this.#example;
    if (!this.#alive || !info) {
      const points = preview?.scatter ?? [];
      const shape = preview?.shape ?? shapeOf(this.#settings.data);
      this.map.show(preview && { ...whole, id: this.#shown === this.#example ? 'example' : 'points', latent: 2, shape, decode: null });
      if (preview) this.map.update({ points, labels: preview.labels });
    } else {
      this.map.show({
        id: run?.id ?? '',
        latent,
        shape: info.dataset.shape,
        decode: (z) => this.#live.decode(z),
        principal: latent > 2,
        read: this.#settings.data === digits ? this.#read : null,
        classes: this.#model.conditional ? Array.from({ length: conditions }, (_, k) => this.#className(k) || String(k)) : [],
      });
    }
    this.#sayPlane(preview?.explained ?? []);
  }

  /** Who keeps the map up to date. @returns {import('../../training/live-map.js').Viewer} */
  #viewer() {
    const { map } = this;
    const isAlive = () => this.#alive;
    return {
      get visible() {
        return map.visible && isAlive();
      },
      get class() {
        return map.class;
      },
      wanted: (n) => map.wanted(n),
      give: (jobs, pixels) => map.give(jobs, pixels),
      update: ({ explained, ...what }) => {
        map.update(what);
        if (explained) this.#sayPlane(explained);
      },
    };
  }

  /** Says what is on the map. @param {number[]} explained parts of the variance, of two principal components */
  #sayPlane([a = 0, b = 0]) {
    const { preview } = this.#shown;
    const latent = preview?.latent ?? 0;
    const flat = preview ? latent === 2 : this.#settings.latent === 2;
    if (latent > 2 && this.map.choice.kind === 'dimensions' && this.map.latent > 2)
      this.#i18n.text(this.scatterCaption, 'watch.scatter-caption');
    else if (latent > 2 && !flat) this.#i18n.text(this.scatterCaption, 'watch.scatter-pca', { n: latent, percent: formatPercent(a + b) });
    else this.#i18n.text(this.scatterCaption, flat && preview?.grid.length ? 'watch.map-caption' : 'watch.scatter-caption');
  }

  /** What the pictures of a class are, or ''. @param {number} label */
  #className(label) {
    return className(this.#settings.data, label, this.#i18n) || (this.#training.info?.classes[label] ?? '');
  }

  /** Says what the numbers among the points are, where they have a meaning. */
  #showClasses() {
    const { preview } = this.#shown;
    const count = Math.min(coloured, preview ? Math.max(-1, ...preview.labels) + 1 : 0);
    const names = Array.from({ length: count }, (_, k) => this.#className(k));
    const plain = names.every((name, k) => name === '' || name === String(k));
    this.#classes.hidden = plain;
    this.#classes.replaceChildren(...(plain ? [] : names.map((name, k) => make('span', { className: `key class-${k}` }, `${k} ${name}`))));
  }

  #showDetail() {
    const { detail } = this.#shown;
    // Whether a dimension is active shows in how means vary over pictures.
    const isKnown = detail !== null && (!('images' in detail) || detail.images >= fewest);
    this.bars.show(detail?.klPerDim ?? [], isKnown ? detail.active : (detail?.klPerDim.map(() => true) ?? []));
    const i18n = this.#i18n;
    if (!detail) {
      i18n.text(this.barsText, 'watch.dims-none');
      i18n.attr(this.barsCanvas, 'aria-label', 'watch.dims');
      return;
    }
    const values = { active: detail.active.filter(Boolean).length, n: detail.active.length };
    i18n.text(this.barsText, isKnown ? 'watch.dims-active' : 'watch.dims-few', values);
    i18n.attr(this.barsCanvas, 'aria-label', 'watch.dims-label', () => ({
      ...values,
      list: detail.klPerDim.map((v) => formatNumber(v, i18n.lang)).join(', '),
    }));
  }
}
