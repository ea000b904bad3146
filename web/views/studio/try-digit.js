/**
 * Is this a digit? A score of both drawings among those of test digits, and of
 * letters and doodles: the ELBO, in which KL counts twice, less what is usual
 * for digits with as much ink.
 */
import { coalesce } from '../../lib/coalesce.js';
import { make, makeSVG } from '../../lib/dom.js';
import { numberFormat } from '../../lib/format.js';
import { explain } from '../../ui/figure-terms.js';
import { live, says } from './try-parts.js';
import { total, TypicalityMeter } from './typicality.js';

/** A drawing counts as unlike all digits, or as unusual, where so small a share of the test digits has a lower score. */
const limits = { unlike: 0.01, unusual: 0.05 };

/**
 * What is said of a drawing.
 *
 * @param {number} share of the test digits that have a lower score
 * @returns {'like' | 'unusual' | 'unlike'}
 */
export function verdict(share) {
  if (share < limits.unlike) return 'unlike';
  return share < limits.unusual ? 'unusual' : 'like';
}

/** @param {import('./try-panel.js').TryContext} context */
export function open(context) {
  return new Digit(context);
}

/** The mode. */
class Digit {
  /** @type {Record<'a' | 'b', {elbo: number, score: number | null, share: number | null, verdict: string | null} | null>} */
  #shown = { a: null, b: null };
  #context;
  #meter;
  #said = { a: live('try-verdict-a'), b: live('try-verdict-b') };
  #bars = makeSVG('svg', { role: 'img', preserveAspectRatio: 'none', class: 'histogram' });
  #marks = { a: make('span', { className: 'mark' }, 'A'), b: make('span', { className: 'mark' }, 'B') };
  #axis = make('div', { className: 'axis' });
  #chart = make('div', { className: 'try-chart' });
  #legend = make('p', { className: 'legend small' });
  #measured = make('p', { className: 'small' });
  #update;

  /** @param {import('./try-panel.js').TryContext} context */
  constructor(context) {
    const { i18n, fail } = context;
    this.#context = context;
    this.#meter = new TypicalityMeter(context);
    for (const mark of Object.values(this.#marks)) mark.setAttribute('aria-hidden', 'true');
    this.#axis.setAttribute('aria-hidden', 'true');
    const plot = make('div', { className: 'plot' });
    plot.append(this.#bars, this.#marks.a, this.#marks.b, this.#axis);
    this.#chart.append(plot);
    const key = (/** @type {string} */ role, /** @type {string} */ word) => {
      const e = make('span', { className: role });
      i18n.text(e, word);
      return e;
    };
    this.#legend.append(key('digits', 'try.legend-digits'), ' ', key('others', 'try.legend-others'));
    this.element = make(
      'div',
      { className: 'try-digit' },
      says(i18n, 'try.digit-about'),
      make('div', { className: 'verdicts' }, this.#said.a, this.#said.b),
      this.#chart,
      this.#legend,
      make('div', {}, this.#measured, ...explain(context.terms, 'try.auroc')),
    );
    this.#update = coalesce(() => this.#ask(), fail);
    i18n.onChange(() => this.#show());
  }

  get state() {
    return { ...this.#shown, auroc: this.#meter.reference?.auroc ?? null };
  }

  update() {
    void this.#update();
  }

  redraw() {}

  async #ask() {
    const { pads } = this.#context;
    for (const name of /** @type {const} */ (['a', 'b'])) {
      const measured = pads[name].empty ? null : await this.#meter.measure(pads[name]);
      this.#shown[name] = measured && { ...measured, verdict: measured.share === null ? null : verdict(measured.share) };
    }
    this.#show();
    this.#context.changed();
  }

  #show() {
    const { i18n } = this.#context;
    const { reference } = this.#meter;
    for (const name of /** @type {const} */ (['a', 'b'])) {
      const shown = this.#shown[name];
      const said = this.#said[name];
      const pad = name.toUpperCase();
      said.dataset.verdict = shown?.verdict ?? '';
      if (!shown) i18n.text(said, 'try.verdict-empty', { pad });
      else if (shown.share === null) i18n.text(said, 'try.verdict-none', { pad, elbo: this.#number(shown.elbo) });
      else {
        const share = shown.share < 0.0005 ? '< 0.1 %' : `${this.#number(100 * shown.share)} %`;
        const words = { like: 'try.verdict-like', unusual: 'try.verdict-unusual', unlike: 'try.verdict-unlike' };
        const [elbo, score] = [this.#number(shown.elbo), this.#number(shown.score ?? 0)];
        i18n.text(said, words[verdict(shown.share)], { pad, elbo, score, share });
      }
    }
    for (const e of [this.#chart, this.#legend, this.#measured]) e.hidden = !reference;
    if (reference) this.#draw(reference);
  }

  /** @param {import('./typicality.js').Reference} reference */
  #draw({ from, step, digits, others, auroc }) {
    const { i18n } = this.#context;
    const n = digits.length;
    const [d, o] = [total(digits), total(others)];
    const most = Math.max(...digits.map((v) => v / d), ...others.map((v) => v / o));
    this.#bars.setAttribute('viewBox', `0 0 ${n} 100`);
    const path = (/** @type {number[]} */ counts, /** @type {number} */ all) =>
      counts.map((v, i) => (v ? `M${i} 100V${(100 - (100 * v) / all / most).toFixed(1)}h1V100z` : '')).join('');
    this.#bars.replaceChildren(
      makeSVG('path', { class: 'others', d: path(others, o) }),
      makeSVG('path', { class: 'digits', d: path(digits, d) }),
    );
    i18n.attr(this.#bars, 'aria-label', 'try.histogram', { digits: this.#number(d, 0), others: this.#number(o, 0) });
    i18n.text(this.#measured, 'try.measured', {
      ...{ digits: this.#number(d, 0), others: this.#number(o, 0), auroc: auroc.toFixed(3), percent: this.#number(100 * auroc) },
    });
    const end = from + n * step;
    const place = (/** @type {number} */ v) => `${Math.min(Math.max((100 * (v - from)) / (end - from), 0), 100)}%`;
    for (const name of /** @type {const} */ (['a', 'b'])) {
      const score = this.#shown[name]?.score ?? null;
      this.#marks[name].hidden = score === null;
      if (score === null) continue;
      this.#marks[name].style.left = place(score);
      const other = this.#shown[name === 'a' ? 'b' : 'a']?.score ?? -Infinity;
      this.#marks[name].classList.toggle('lower', score < other || (score === other && name === 'a'));
    }
    const tick = [20, 50, 100, 200].find((t) => (end - from) / t <= 6) ?? 500;
    const ticks = [];
    for (let v = Math.ceil(from / tick) * tick; v <= end; v += tick) {
      const label = make('span', {}, this.#number(v, 0));
      label.style.left = place(v);
      ticks.push(label);
    }
    this.#axis.replaceChildren(...ticks);
  }

  /** @param {number} v @param {number} [digits] after the point */
  #number(v, digits = 1) {
    return numberFormat(this.#context.i18n.lang, { maximumFractionDigits: digits, minimumFractionDigits: 0 }).format(v).replace('-', '−');
  }
}
