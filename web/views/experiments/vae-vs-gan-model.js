/**
 * One of the two models of "VAE against GAN": what it paints, a way between two
 * of its pictures, which digits its samples are taken for, and its figures.
 */
import { make } from '../../lib/dom.js';
import { formatDuration, formatNumber, formatPercent } from '../../lib/format.js';
import { explain } from '../../ui/figure-terms.js';
import { shown, verdict } from './vae-vs-gan-run.js';
import { Pictures } from '../../ui/pictures.js';
import { MorphPlayer } from '../../ui/morph-player.js';

/** @typedef {import('./vae-vs-gan-run.js').ModelKind} Side */
/** @typedef {import('./vae-vs-gan-run.js').SampleReport} Judgment */

/** What is said of the samples, by their state. */
const verdicts = {
  none: 'vae-vs-gan.none',
  young: 'vae-vs-gan.young',
  fine: 'vae-vs-gan.fine',
  lacks: 'vae-vs-gan.lacks',
  collapse: 'vae-vs-gan.collapse',
  same: 'vae-vs-gan.same',
  'same-all': 'vae-vs-gan.same-all',
};

/** Experiments take pictures of a pen only. */
const look = () => /** @type {'ink'} */ ('ink');

/** The model. */
export class ModelPanel {
  element = make('section', { className: 'side' });
  /** What the classifier made of it, round by round. @type {Judgment[]} */
  history = [];
  /** Seconds that it has trained. */
  seconds = 0;
  /** The newest round. @type {import('./vae-vs-gan-run.js').Round | null} */
  last = null;
  /** Whether mode collapse is named. */
  collapsed = false;

  #i18n;
  #side;
  #title = make('h4');
  #samples;
  #player;
  #bars = make('div', { className: 'shares' });
  #words = make('p', { className: 'verdict' });
  #why = make('p', { className: 'small' });
  #figures = make('dl', { className: 'gauges' });
  #provoked = false;

  /**
   * @param {Side} side
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../ui/term.js').Terms} from.terms
   * @param {() => Record<string, string>} from.colours
   */
  constructor(side, { i18n, terms, colours }) {
    this.#side = side;
    this.#i18n = i18n;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const caption = (/** @type {string} */ key) =>
      make('figcaption', { className: 'small' }, say(make('span'), key), ...explain(terms, key));
    const samples = make('canvas');
    samples.setAttribute('role', 'img');
    i18n.attr(samples, 'aria-label', 'vae-vs-gan.samples');
    this.#player = new MorphPlayer({ i18n, colours, look, name: 'vae-vs-gan.moving', id: `versus-${side}-morph` });
    samples.dataset.testid = `versus-${side}-samples`;
    this.#words.dataset.testid = `versus-${side}-verdict`;
    this.#figures.dataset.testid = `versus-${side}-figures`;
    this.#bars.dataset.testid = `versus-${side}-shares`;
    this.#bars.setAttribute('role', 'img');
    this.#title.id = `head-versus-${side}`;
    this.element.setAttribute('aria-labelledby', this.#title.id);
    this.element.append(
      this.#title,
      make('figure', {}, make('div', {}, samples), caption('vae-vs-gan.samples')),
      make('figure', { className: 'moves' }, this.#player.element, caption('vae-vs-gan.way')),
      make('div', { className: 'concluded' }, this.#words, ...(side === 'gan' ? explain(terms, 'vae-vs-gan.mode-collapse') : [])),
      this.#why,
      make('figure', {}, this.#bars, caption('vae-vs-gan.shares')),
      this.#figures,
    );
    this.#samples = new Pictures(samples, { count: shown.samples, rows: 1, least: 30, most: 10, gap: 0.05, look, colours });
  }

  /**
   * Begins anew.
   *
   * @param {string} title a key among the texts
   * @param {boolean} provoked whether it is made to collapse
   */
  begin(title, provoked) {
    this.history = [];
    this.seconds = 0;
    this.last = null;
    this.#provoked = provoked;
    this.#i18n.text(this.#title, title);
    this.#samples.show([null]);
    this.#player.clear();
    this.show();
  }

  /** @param {import('./vae-vs-gan-run.js').Round} round */
  take(round) {
    const { judgment, samples, path, shape } = round;
    this.history.push(judgment);
    this.last = round;
    this.#samples.show([samples], shown.samples, shape);
    this.#player.show(path, shape);
    this.show();
  }

  /** Other colours. */
  redraw() {
    for (const p of [this.#samples, this.#player]) p.redraw();
  }

  /** Figures and words. */
  show() {
    const i18n = this.#i18n;
    const last = this.history.at(-1);
    const number = (/** @type {number | null} */ v, /** @type {number} */ digits) =>
      v === null || !Number.isFinite(v) ? '–' : formatNumber(v, i18n.lang, digits);
    /** @type {[string, string, string][]} */
    const figures = [
      ['vae-vs-gan.pictures', last ? last.pictures.toLocaleString(i18n.lang) : '–', 'pictures'],
      ['gauge.time', last ? formatDuration(this.seconds) : '–', 'time'],
      ['vae-vs-gan.fid', last ? number(last.fid, 0) : '–', 'fid'],
      ['measures.score', last ? number(last.score, 2) : '–', 'score'],
      ['measures.covered', last?.judged ? i18n.t('gauge.of', { at: last.covered, all: last.counts.length }) : '–', 'covered'],
      ['vae-vs-gan.largest', last?.judged && Number.isFinite(last.largest) ? `${formatPercent(last.largest)} %` : '–', 'largest'],
    ];
    this.#figures.replaceChildren(
      ...figures.map(([key, text, name]) => {
        const value = make('dd', {}, text);
        value.dataset.testid = `versus-${this.#side}-${name}`;
        return make('div', {}, make('dt', {}, i18n.t(key)), value);
      }),
    );
    this.#showShares(last);
    const { state, missing, top, share } = verdict(this.#side, this.history, this.#provoked);
    const values = { samples: last?.samples ?? 0, missing: missing.join(i18n.t('vae-vs-gan.comma')), top, share: formatPercent(share) };
    i18n.text(this.#words, verdicts[state === 'same' && missing.length === 0 ? 'same-all' : state], values);
    this.#words.dataset.state = state;
    const named = state === 'collapse' || state === 'same';
    this.collapsed = named;
    this.#words.classList.toggle('alarm', named);
    this.#why.hidden = !named;
    if (named) i18n.text(this.#why, 'vae-vs-gan.collapse-why');
  }

  /** @param {Judgment | undefined} last */
  #showShares(last) {
    const i18n = this.#i18n;
    const counts = last?.counts ?? Array(10).fill(0);
    const real = last?.refCounts ?? Array(10).fill(0);
    const part = (/** @type {number} */ n, /** @type {number} */ of) => (of > 0 ? n / of : 0);
    const shares = counts.map((c) => part(c, last?.samples ?? 0));
    const top = Math.max(0.25, ...shares);
    this.#bars.replaceChildren(
      ...counts.map((_, i) => {
        const bar = make('span', { className: 'bar' });
        const fill = make('span', { className: 'fill' });
        const mark = make('span', { className: 'real' });
        fill.style.height = `${(100 * shares[i]) / top}%`;
        mark.style.bottom = `${(100 * part(real[i], last?.reference ?? 0)) / top}%`;
        mark.hidden = !last;
        bar.append(fill, mark);
        return make(
          'span',
          { className: 'share' },
          make('span', { className: 'number small' }, last ? String(Math.round(100 * shares[i])) : ''),
          bar,
          make('span', { className: 'small' }, String(i)),
        );
      }),
    );
    const list = shares.map((s, i) => `${i}: ${Math.round(100 * s)} %`).join(', ');
    this.#bars.setAttribute('aria-label', last ? i18n.t('vae-vs-gan.shares-label', { list }) : i18n.t('watch.nothing'));
  }
}
