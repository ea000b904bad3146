/**
 * The latent dimensions of a drawing as bars: mu up and down from zero, sigma up
 * from zero with a line at the prior's 1. For those who do not see them there
 * is a sentence, and a table of all numbers to unfold.
 */
import { make, makeSVG } from '../lib/dom.js';

/** Width of a bar's place, in units of the pictures; they are stretched to fit. */
const place = 10;

/** Heights of the two pictures, in their units. */
const tall = { mu: 60, sigma: 34 };

/** The bars of one pad. */
export class LatentBars {
  /** @type {SVGRectElement[]} */
  #mu = [];
  /** @type {SVGRectElement[]} */
  #sigma = [];
  #muPicture = makeSVG('svg', { class: 'mu', role: 'img', preserveAspectRatio: 'none' });
  #sigmaPicture = makeSVG('svg', { class: 'sigma', role: 'img', preserveAspectRatio: 'none' });
  #caption = make('p', { className: 'small' });
  #rows = make('tbody');
  #numbers = make('details', { className: 'numbers' });
  /** @type {{mu: number[], sigma: number[]}} */
  #shown = { mu: [], sigma: [] };
  #i18n;
  #name;

  /**
   * @param {HTMLElement} root
   * @param {string} name of the pad: A or B
   * @param {import('../lib/i18n.js').I18n} i18n
   */
  constructor(root, name, i18n) {
    this.#i18n = i18n;
    this.#name = name;

    const summary = make('summary');
    i18n.text(summary, 'latent.table');
    const table = make('table');
    const head = ['latent.number', 'latent.mu', 'latent.sigma'].map((key) => {
      const th = make('th', { scope: 'col' });
      i18n.text(th, key);
      return th;
    });
    table.append(make('thead', {}, make('tr', {}, ...head)), this.#rows);
    const scroll = make('div', { className: 'scroll', tabIndex: 0 }, table);
    scroll.setAttribute('role', 'region');
    i18n.attr(scroll, 'aria-label', 'latent.table-of', { name });
    this.#numbers.append(summary, scroll);
    this.#numbers.addEventListener('toggle', () => this.#fillTable());
    i18n.onChange(() => this.#fillTable());

    const chart = (/** @type {string} */ sign, /** @type {string} */ role, /** @type {SVGSVGElement} */ picture) => {
      const mark = make('span', { className: `sign ${role}` }, sign);
      mark.setAttribute('aria-hidden', 'true');
      return make('div', { className: 'chart' }, mark, picture);
    };
    root.append(chart('μ', 'mu', this.#muPicture), chart('σ', 'sigma', this.#sigmaPicture), this.#caption, this.#numbers);
    this.show([], []);
  }

  /**
   * Shows the numbers of a drawing; none for an empty pad.
   *
   * @param {number[]} mu
   * @param {number[]} logvar
   */
  show(mu, logvar) {
    const sigma = logvar.map((v) => Math.exp(v / 2));
    this.#shown = { mu, sigma };
    if (mu.length !== this.#mu.length || mu.length === 0) this.#build(mu.length);

    const reach = Math.max(3, ...mu.map(Math.abs));
    const top = Math.max(1.25, ...sigma);
    mu.forEach((v, i) => {
      const h = (Math.abs(v) / reach) * (tall.mu / 2);
      this.#mu[i].setAttribute('y', String(v > 0 ? tall.mu / 2 - h : tall.mu / 2));
      this.#mu[i].setAttribute('height', String(h));
    });
    sigma.forEach((v, i) => {
      const h = (v / top) * tall.sigma;
      this.#sigma[i].setAttribute('y', String(tall.sigma - h));
      this.#sigma[i].setAttribute('height', String(h));
    });
    const one = this.#sigmaPicture.querySelector('line');
    one?.setAttribute('y1', String(tall.sigma - tall.sigma / top));
    one?.setAttribute('y2', String(tall.sigma - tall.sigma / top));

    const n = mu.length;
    const name = this.#name;
    if (n === 0) {
      this.#i18n.attr(this.#muPicture, 'aria-label', 'latent.nothing', { name });
      this.#i18n.attr(this.#sigmaPicture, 'aria-label', 'latent.nothing', { name });
      this.#i18n.text(this.#caption, 'latent.caption-empty');
    } else {
      const span = (/** @type {number[]} */ v) => ({ n, name, low: Math.min(...v), high: Math.max(...v) });
      this.#i18n.attr(this.#muPicture, 'aria-label', 'latent.mu-of', span(mu));
      this.#i18n.attr(this.#sigmaPicture, 'aria-label', 'latent.sigma-of', span(sigma));
      this.#i18n.text(this.#caption, 'latent.caption', { n });
    }
    this.#numbers.classList.toggle('void', n === 0);
    if (this.#numbers.open) this.#fillTable();
  }

  /** @param {number} n */
  #build(n) {
    const width = Math.max(n, 24) * place;
    const step = n > 0 ? width / n : 0;
    const bar = Math.min(step * 0.7, 40);
    const bars = () => Array.from({ length: n }, (_, i) => makeSVG('rect', { x: i * step + (step - bar) / 2, width: bar }));
    this.#mu = bars();
    this.#sigma = bars();
    this.#muPicture.setAttribute('viewBox', `0 0 ${width} ${tall.mu}`);
    this.#sigmaPicture.setAttribute('viewBox', `0 0 ${width} ${tall.sigma}`);
    const line = (/** @type {number} */ y) => makeSVG('line', { x1: 0, x2: width, y1: y, y2: y });
    this.#muPicture.replaceChildren(line(tall.mu / 2), ...this.#mu);
    this.#sigmaPicture.replaceChildren(line(0), ...this.#sigma);
  }

  #fillTable() {
    if (!this.#numbers.open) return;
    const { mu, sigma } = this.#shown;
    const say = (/** @type {number} */ v) => v.toLocaleString(this.#i18n.lang, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    this.#rows.replaceChildren(
      ...mu.map((m, i) =>
        make('tr', {}, make('th', { scope: 'row' }, String(i + 1)), make('td', {}, say(m)), make('td', {}, say(sigma[i]))),
      ),
    );
  }
}
