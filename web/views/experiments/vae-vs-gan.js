/**
 * The experiment "VAE against GAN": both learn from the same pictures, side by
 * side, with their samples, morphs, losses, and what a classifier makes of them
 * over time.
 */
import { LineChart } from '../../ui/line-chart.js';
import { smooth } from '../../ui/chart-scale.js';
import { Curve, trainColumns } from '../../training/curve.js';
import { icon, make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { explain } from '../../ui/figure-terms.js';
import { Gate, settingsOf, modelKinds, trainBoth } from './vae-vs-gan-run.js';
import { pack, shorter, unpack } from './example.js';
import { Settings } from './experiment-settings.js';
import { ModelPanel } from './vae-vs-gan-model.js';
import { settingsInWords } from '../../training/setting-words.js';
import { toHash } from '../../training/settings.js';

/** @typedef {import('./vae-vs-gan-run.js').ModelKind} Side */
/** @typedef {import('./vae-vs-gan-run.js').Wanted} Wanted */

/** @type {Record<string, import('./experiment-settings.js').Field>} */
const fields = {
  data: { type: 'data', usual: 'digits', word: 'train.data', help: 'vae-vs-gan.data-help' },
  vae: {
    type: 'choice',
    usual: 'dense',
    choices: { dense: 'vae-vs-gan.vae-dense', conv: 'vae-vs-gan.vae-conv' },
    word: 'vae-vs-gan.vae',
    help: 'vae-vs-gan.vae-help',
  },
  gan: {
    type: 'choice',
    usual: 'usual',
    choices: { usual: 'vae-vs-gan.gan-usual', collapse: 'vae-vs-gan.gan-collapse' },
    word: 'vae-vs-gan.gan',
    help: 'vae-vs-gan.gan-help',
  },
  pictures: { type: 'int', usual: 60_000, min: 200, max: 1_000_000, word: 'vae-vs-gan.pictures', help: 'vae-vs-gan.pictures-help' },
  every: { type: 'int', usual: 2000, min: 100, max: 50_000, word: 'vae-vs-gan.every', help: 'vae-vs-gan.every-help' },
  samples: { type: 'int', usual: 1000, min: 100, max: 5000, word: 'measures.samples', help: 'vae-vs-gan.samples-help' },
  minutes: { type: 'int', usual: 5, min: 0, max: 600, word: 'vae-vs-gan.minutes', help: 'vae-vs-gan.minutes-help' },
  seed: { type: 'int', usual: 1, min: 0, max: 2 ** 31 - 1, word: 'set.seed', help: 'set.seed-help' },
};

/** Names, colours and lines of the two. @type {Record<Side, {word: string, colour: string, look: 'dots' | 'dashed'}>} */
const players = {
  vae: { word: 'vae-vs-gan.vae', colour: 'class-3', look: 'dots' },
  gan: { word: 'vae-vs-gan.gan', colour: 'class-4', look: 'dashed' },
};

/** The losses of each, out of the columns of its curve. */
const losses = {
  vae: [
    { word: 'watch.kl', colour: 'class-4', of: (/** @type {Curve} */ c) => c.column('kl').slice() },
    { word: 'watch.recon', colour: 'class-3', of: (/** @type {Curve} */ c) => c.column('recon').slice() },
    { word: 'watch.loss', colour: 'ink', of: (/** @type {Curve} */ c) => c.column('recon').map((v, i) => v + c.column('kl')[i]) },
  ],
  gan: [
    { word: 'watch.discriminator', colour: 'class-3', of: (/** @type {Curve} */ c) => c.column('discriminator').slice() },
    { word: 'watch.generator', colour: 'ink', of: (/** @type {Curve} */ c) => c.column('generator').slice() },
  ],
};

/** Milliseconds between two drawings of the losses. */
const pace = 300;

/** Rows that a result keeps of a curve of losses, and its columns. */
const kept = 100;
/** @type {Record<Side, string[]>} */
const lossColumns = { vae: ['step', 'recon', 'kl'], gan: ['step', 'discriminator', 'generator'] };

/** What is drawn over rounds; whole: in whole numbers. */
const courses = [
  {
    name: 'fid',
    head: 'measures.fid',
    about: 'vae-vs-gan.fid-about',
    log: true,
    whole: false,
    of: (/** @type {import('./vae-vs-gan-run.js').SampleReport} */ j) => j.fid,
  },
  {
    name: 'covered',
    head: 'measures.covered',
    about: 'vae-vs-gan.covered-about',
    log: false,
    whole: true,
    of: (/** @type {import('./vae-vs-gan-run.js').SampleReport} */ j) => (j.judged ? j.covered : NaN),
  },
];

/**
 * Makes the experiment.
 *
 * @param {import('./experiments.js').ExperimentContext} context
 * @returns {import('./experiments.js').Experiment}
 */
export function open(context) {
  return new VAEAndGAN(context);
}

/** The experiment. */
class VAEAndGAN {
  #context;
  #settings;
  /** @type {Wanted | null} */
  #wanted = null;
  #gate = new Gate();
  /** @type {Record<Side, ModelPanel>} */
  #views;
  /** @type {Record<Side, Curve>} */
  #curves = { vae: new Curve(), gan: new Curve() };
  /** @type {Map<string, {chart: LineChart, canvas: HTMLCanvasElement, head: string}>} */
  #charts = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #pause = make('button', { type: 'button', disabled: true });
  #provoke = make('button', { type: 'button' });
  #recipes = make('div', { className: 'beside' });
  #verdict = make('p', { className: 'verdict' });
  #out = make('div', { className: 'outcome vae-vs-gan', hidden: true });
  /** Parameters of each, as the engine counts them. @type {Partial<Record<Side, number>>} */
  #params = {};
  #running = false;
  /** Whether it was said that the GAN has collapsed. */
  #announced = false;

  /** @param {import('./experiments.js').ExperimentContext} context */
  constructor(context) {
    this.#context = context;
    const { i18n, terms } = context.page;
    this.#settings = new Settings({ name: 'versus', fields, i18n, catalog: context.setup.catalog, changed: context.changed });
    this.#views = {
      vae: new ModelPanel('vae', { i18n, terms, colours: context.colours }),
      gan: new ModelPanel('gan', { i18n, terms, colours: context.colours }),
    };
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
    for (const { chart } of this.#charts.values()) chart.redraw();
    for (const side of modelKinds) this.#views[side].redraw();
  }

  /** @param {AbortSignal} signal */
  async run(signal) {
    const { setup, progress } = this.#context;
    const wanted = /** @type {Wanted} */ (structuredClone(this.#settings.values));
    this.#begin(wanted);
    /** @type {ReturnType<import('../../training/open-run.js').LoadData> | null} */
    let files = null;
    progress(0, 'vae-vs-gan.opening');
    try {
      await trainBoth(wanted, {
        makeGroup: setup.makeGroup,
        classifier: setup.classifier,
        data: (name) => (files ??= setup.catalog.open(name, (part) => progress(0, 'train.arriving', { percent: Math.round(100 * part) }))),
        signal,
        gate: this.#gate,
        onOpen: (side, { params, terms }) => {
          this.#params[side] = params;
          this.#curves[side] = new Curve([...trainColumns, ...terms]);
          this.#show();
        },
        onTrain: (side, { points, seconds }) => {
          this.#views[side].seconds = seconds;
          for (const p of points) this.#curves[side].add(p);
          this.#soon();
        },
        onRound: (round) => {
          const view = this.#views[round.side];
          view.take(round);
          this.#drawCourses();
          if (view.collapsed && !this.#announced) this.#context.page.status.say('vae-vs-gan.named');
          this.#announced ||= view.collapsed;
        },
        onSeen: (seen) =>
          progress(seen / wanted.pictures, 'vae-vs-gan.at', () => ({
            seen: seen.toLocaleString(this.#context.page.i18n.lang),
            all: wanted.pictures.toLocaleString(this.#context.page.i18n.lang),
          })),
      });
    } finally {
      this.#running = false;
      this.#gate.open();
      this.#showPause();
      this.#drawLosses();
    }
  }

  result() {
    const sideOf = (/** @type {Side} */ side) => {
      const { history, last, seconds } = this.#views[side];
      const { columns, data } = this.#curves[side].thinned(kept).toJSON();
      const drawn = columns.flatMap((name, i) => (lossColumns[side].includes(name) ? [i] : []));
      return {
        params: this.#params[side],
        seconds: Math.round(seconds),
        curve: { columns: drawn.map((i) => columns[i]), data: drawn.map((i) => data[i].map((v) => (v === null ? v : shorter(v)))) },
        history: history.map(({ fid, score, largest, counts, refCounts, samples, reference, covered, collapsed, judged, pictures }, i) => ({
          ...{ samples, reference, covered, collapsed, judged, pictures },
          ...{ fid: shorter(fid), score: shorter(score), largest: shorter(largest) },
          // Shares are shown of the last round only.
          ...(i === history.length - 1 ? { counts, refCounts } : { counts: [], refCounts: [] }),
        })),
        shape: last?.shape,
        samples: pack(last?.samples ?? []),
        path: pack(last?.path ?? []),
      };
    };
    return { wanted: this.#wanted, ...Object.fromEntries(modelKinds.map((side) => [side, sideOf(side)])) };
  }

  /** That of the lesson about mode collapse has a GAN that collapses. */
  example() {
    return this.#settings.values.gan === 'collapse' ? 'versus-collapse' : 'versus';
  }

  /** @param {any} result */
  showExample({ wanted, ...sides }) {
    this.#begin(wanted);
    this.#running = false;
    for (const side of modelKinds) {
      const { params, seconds, curve, history, shape, samples, path } = sides[side];
      const pictures = { samples: unpack(samples), path: unpack(path), shape };
      this.#params[side] = params;
      this.#curves[side] = Curve.read(curve, curve.columns, side);
      this.#views[side].seconds = seconds;
      for (const judgment of history) this.#views[side].take({ side, judgment, ...pictures });
    }
    this.#show();
  }

  #fill() {
    const { i18n, terms } = this.#context.page;
    const { root, actions } = this.#context;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    this.#pause.dataset.testid = 'versus-pause';
    this.#provoke.dataset.testid = 'versus-provoke';
    this.#pause.addEventListener('click', () => {
      if (this.#gate.closed) this.#gate.open();
      else this.#gate.close();
      this.#showPause();
    });
    this.#provoke.append(icon('again'), say(make('span'), 'vae-vs-gan.provoke'));
    i18n.attr(this.#provoke, 'title', 'vae-vs-gan.gan-help');
    this.#provoke.addEventListener('click', () => {
      const query = this.#settings.query();
      query.set('gan', 'collapse');
      this.#settings.prepare(query);
      this.#context.changed();
      void this.#context.restart();
    });
    actions.append(this.#pause, this.#provoke);
    this.#showPause();

    const legend = (/** @type {{word: string, colour: string, look?: string}[]} */ lines) =>
      make(
        'p',
        { className: 'legend small' },
        ...lines.map(({ word, colour, look = '' }) =>
          make('span', { className: `key ${colour} ${look}` }, say(make('span'), word), ...explain(terms, word)),
        ),
      );
    const chart = (
      /** @type {string} */ name,
      /** @type {string} */ head,
      /** @type {string} */ about,
      /** @type {{word: string, colour: string, look?: string}[]} */ lines,
      whole = false,
    ) => {
      const canvas = make('canvas', { className: 'plot' });
      canvas.setAttribute('role', 'img');
      canvas.dataset.testid = `versus-chart-${name}`;
      i18n.attr(canvas, 'aria-label', head);
      this.#charts.set(name, {
        chart: new LineChart(canvas, this.#context.colours, (v) => (whole && !Number.isInteger(v) ? '' : formatNumber(v, i18n.lang))),
        canvas,
        head,
      });
      return make(
        'figure',
        {},
        say(make('h4'), head),
        legend(lines),
        canvas,
        make('figcaption', { className: 'small' }, say(make('span'), about), ...explain(terms, head)),
      );
    };
    const both = modelKinds.map((side) => players[side]);
    this.#verdict.dataset.testid = 'versus-verdict';
    this.#out.append(
      this.#verdict,
      make('div', { className: 'beside' }, ...modelKinds.map((side) => this.#views[side].element)),
      make(
        'div',
        { className: 'beside charts' },
        ...courses.map(({ name, head, about, whole }) => chart(name, head, about, both, whole)),
        chart('vae', 'vae-vs-gan.losses-vae', 'vae-vs-gan.losses-vae-about', losses.vae),
        chart('gan', 'vae-vs-gan.losses-gan', 'vae-vs-gan.losses-gan-about', losses.gan),
      ),
      say(make('p', { className: 'small' }), 'vae-vs-gan.own'),
      say(make('h4'), 'vae-vs-gan.recipes'),
      this.#recipes,
    );
    root.append(this.#out, this.#settings.element);
  }

  /** Clears what there is. @param {Wanted} wanted */
  #begin(wanted) {
    this.#wanted = wanted;
    this.#running = true;
    this.#announced = false;
    this.#params = {};
    this.#out.hidden = false;
    for (const side of modelKinds) {
      this.#curves[side] = new Curve();
      const word = side === 'vae' ? `vae-vs-gan.vae-${wanted.vae}` : `vae-vs-gan.gan-${wanted.gan}`;
      this.#views[side].begin(word, side === 'gan' && wanted.gan === 'collapse');
    }
    this.#show();
  }

  #show() {
    this.#showPause();
    if (!this.#wanted) return;
    for (const side of modelKinds) this.#views[side].show();
    this.#drawCourses();
    this.#drawLosses();
    this.#showRecipes();
  }

  #showPause() {
    const { i18n } = this.#context.page;
    const paused = this.#gate.closed;
    this.#pause.disabled = !this.#running;
    const words = make('span');
    i18n.text(words, paused ? 'vae-vs-gan.resume' : 'train.pause');
    this.#pause.replaceChildren(icon(paused ? 'play' : 'pause'), words);
  }

  /** Draws the losses, soon. */
  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#drawLosses();
    }, pace);
  }

  #drawLosses() {
    if (!this.#wanted) return;
    const settings = settingsOf(this.#wanted);
    for (const side of modelKinds) {
      const curve = this.#curves[side];
      if (side === 'gan' && !curve.columns.includes('generator')) continue;
      const pictures = curve.column('step').map((s) => s * settings[side].batch);
      const memory = Math.max(2 * settings[side].batch, 0.02 * (pictures.at(-1) ?? 0));
      const lines = losses[side].map(({ word, colour, of }) => ({
        word,
        steps: pictures,
        values: smooth(pictures, of(curve), memory),
        colour,
        look: /** @type {'line'} */ ('line'),
      }));
      this.#draw(side, lines, false);
    }
  }

  #drawCourses() {
    this.#conclude();
    for (const { name, of, log } of courses) {
      const lines = modelKinds.map((side) => {
        const { history } = this.#views[side];
        return {
          word: players[side].word,
          steps: history.map((j) => j.pictures),
          values: history.map(of),
          colour: players[side].colour,
          look: players[side].look,
        };
      });
      this.#draw(name, lines, log);
    }
  }

  /** Says who is ahead, and in what. */
  #conclude() {
    const { i18n } = this.#context.page;
    const [vae, gan] = modelKinds.map((side) => this.#views[side].history.at(-1));
    if (!vae?.judged || !gan?.judged) {
      i18n.text(this.#verdict, 'vae-vs-gan.waits');
      return;
    }
    const number = (/** @type {number} */ v) => (Number.isFinite(v) ? formatNumber(v, i18n.lang, 0) : '–');
    i18n.text(this.#verdict, gan.fid < vae.fid ? 'vae-vs-gan.ahead-gan' : 'vae-vs-gan.ahead-vae', () => ({
      pictures: Math.min(vae.pictures, gan.pictures).toLocaleString(i18n.lang),
      vae: number(vae.fid),
      gan: number(gan.fid),
      vaeCovered: vae.covered,
      ganCovered: gan.covered,
      all: vae.counts.length,
    }));
  }

  /**
   * Draws a chart, and says what is at the end of its lines.
   *
   * @param {string} name
   * @param {(import('../../ui/line-chart.js').Curve & {word: string})[]} lines
   * @param {boolean} log
   */
  #draw(name, lines, log) {
    const { i18n } = this.#context.page;
    const { chart, canvas, head } = /** @type {{chart: LineChart, canvas: HTMLCanvasElement, head: string}} */ (this.#charts.get(name));
    chart.show(lines, log);
    const ends = lines
      .filter((l) => l.values.length > 0)
      .map((l) => `${i18n.t(l.word)} ${formatNumber(l.values[l.values.length - 1], i18n.lang)}`);
    canvas.setAttribute('aria-label', `${i18n.t(head)}: ${ends.join(', ') || i18n.t('watch.nothing')}`);
  }

  /** The settings of both, with links to the train view. */
  #showRecipes() {
    const { i18n } = this.#context.page;
    const settings = settingsOf(/** @type {Wanted} */ (this.#wanted));
    this.#recipes.replaceChildren(
      ...modelKinds.map((side) => {
        const params = this.#params[side];
        // It ends by the number of pictures, not of epochs.
        const lines = settingsInWords(settings[side], i18n, ['epochs']);
        if (params) lines.unshift([i18n.t('model.params'), params.toLocaleString(i18n.lang)]);
        const link = make('a', { className: 'link small', href: toHash(settings[side], 1) }, i18n.t('vae-vs-gan.train'));
        return make(
          'div',
          { className: 'recipe' },
          make('h5', {}, i18n.t(players[side].word)),
          make('dl', {}, ...lines.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)))),
          link,
        );
      }),
    );
  }
}
