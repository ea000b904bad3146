/**
 * Match the target: sliders move a few latent dimensions until the decoded
 * picture is that of a given digit (interactive reconstruction, Ross et al. 2021).
 */
import { coalesce } from '../../lib/coalesce.js';
import { freshSeed, make } from '../../lib/dom.js';
import { button, live, picture, says } from './try-parts.js';

/** How many dimensions there are sliders for. */
const most = 5;

/** The farthest a slider goes, in standard deviations of the prior. */
const far = 3;

/** The target is met where so much of the difference at the start is gone. */
const enough = 0.95;

/**
 * How much of the difference to the target is gone.
 *
 * @param {ArrayLike<number>} start pixels
 * @param {ArrayLike<number>} now
 * @param {ArrayLike<number>} target
 * @returns {number} 1: all; 0: none, or it is larger
 */
export function score(start, now, target) {
  let [before, after] = [0, 0];
  for (let i = 0; i < target.length; i++) {
    before += (start[i] - target[i]) ** 2;
    after += (now[i] - target[i]) ** 2;
  }
  return before > 0 ? Math.max(0, 1 - after / before) : 1;
}

/**
 * The dimensions in which a latent point is farthest from 0.
 *
 * @param {ArrayLike<number>} z
 * @param {number} n
 */
export function largest(z, n) {
  return Array.from(z, (_, i) => i)
    .sort((a, b) => Math.abs(z[b]) - Math.abs(z[a]) || a - b)
    .slice(0, n)
    .sort((a, b) => a - b);
}

/** @param {import('./try-panel.js').TryContext} context */
export function open(context) {
  return new Match(context);
}

/** The mode. */
class Match {
  /** @type {{z: Float32Array, pixels: Float32Array, start: Float32Array, dimensions: number[], model: string} | null} */
  #target = null;
  /** @type {Float32Array | null} */
  #now = null;
  #score = 0;
  /** How often a slider was moved: again and again, one after the other, is once. */
  #moves = 0;
  /** The slider that was moved last. @type {HTMLInputElement | null} */
  #moved = null;
  #met = false;
  /** Whether the answer was shown. */
  #shown = false;
  /** @type {HTMLInputElement[]} */
  #sliders = [];
  /** Whether another target is wanted. */
  #another = true;
  #context;
  #pictures;
  #field = make('div', { className: 'sliders' });
  #said = live('try-match-said');
  #bar = make('meter', { min: 0, max: 1, low: 0.5, high: enough, optimum: 1 });
  #show;

  /** @param {import('./try-panel.js').TryContext} context */
  constructor(context) {
    const { i18n, fail } = context;
    this.#context = context;
    this.#show = coalesce(() => this.#ask(), fail);
    this.#pictures = { target: picture(i18n, 'try.match-target'), now: picture(i18n, 'try.match-now') };
    this.#bar.dataset.testid = 'try-score';
    i18n.attr(this.#bar, 'aria-label', 'try.match-score');
    this.element = make(
      'div',
      { className: 'try-match' },
      says(i18n, 'try.match-about'),
      make('div', { className: 'try-row' }, this.#pictures.target.element, this.#pictures.now.element, this.#field),
      this.#bar,
      this.#said,
      make(
        'div',
        { className: 'buttons' },
        button(i18n, 'try.match-new', 'try-match-new', () => {
          this.#another = true;
          void this.#show();
        }),
        button(i18n, 'try.match-solve', 'try-match-solve', () => this.#solve()),
      ),
      says(i18n, 'try.match-note', 'small'),
    );
  }

  get state() {
    const target = this.#target;
    return {
      dimensions: target?.dimensions ?? [],
      target: target ? [...target.z] : null,
      z: target ? [...this.#z()] : null,
      score: this.#score,
      moves: this.#moves,
      met: this.#met,
    };
  }

  update() {
    if (this.#target && this.#target.model === this.#modelKey) return;
    this.#another = true;
    void this.#show();
  }

  redraw() {
    this.#paint();
  }

  /** What the target belongs to. */
  get #modelKey() {
    const { name, info } = this.#context.models;
    return `${name} ${info?.latent}`;
  }

  /** The point that the sliders are at: in the other dimensions that of the target. */
  #z() {
    const z = this.#target?.z.slice() ?? new Float32Array();
    this.#target?.dimensions.forEach((d, i) => (z[d] = Number(this.#sliders[i].value)));
    return z;
  }

  async #ask() {
    if (this.#another) {
      this.#another = false;
      await this.#choose();
    }
    const target = this.#target;
    if (!target) return;
    this.#now = await this.#decode(this.#z());
    if (this.#target !== target) return;
    this.#score = score(target.start, this.#now, target.pixels);
    if (this.#score >= enough && !this.#shown) this.#met = true;
    this.#paint();
    this.#say();
    this.#context.changed();
  }

  /** Takes another target: an example digit as the model encodes it. */
  async #choose() {
    const { engine, models } = this.#context;
    const model = this.#modelKey;
    const { bufs: drawn } = await engine.request('example', { digit: -1, seed: freshSeed() });
    const { bufs } = await engine.request('sketch', {}, [drawn[0]]);
    const mu = new Float32Array(bufs[1]);
    if (!models.info || mu.length !== models.info.latent) return;
    const z = mu.map((v) => Math.min(Math.max(v, -far), far));
    const dimensions = largest(z, Math.min(most, z.length));
    const from = z.slice();
    for (const d of dimensions) from[d] = 0;
    const [pixels, start] = [await this.#decode(z), await this.#decode(from)];
    this.#target = { z, pixels, start, dimensions, model };
    this.#moves = 0;
    this.#moved = null;
    this.#met = false;
    this.#shown = false;
    this.#makeSliders(dimensions);
  }

  /** @param {Float32Array} z */
  async #decode(z) {
    const { bufs } = await this.#context.engine.request('decode', {}, [z.slice().buffer]);
    return new Float32Array(bufs[0]);
  }

  /** @param {number[]} dimensions */
  #makeSliders(dimensions) {
    const { i18n } = this.#context;
    this.#sliders = dimensions.map((d, i) => {
      const slider = make('input', { type: 'range', min: String(-far), max: String(far), step: '0.05', value: '0', id: `try-z-${i}` });
      slider.dataset.testid = slider.id;
      slider.style.setProperty('--at', '50%');
      slider.addEventListener('input', () => {
        slider.style.setProperty('--at', `${(100 * (Number(slider.value) + far)) / (2 * far)}%`);
        void this.#show();
      });
      slider.addEventListener('change', () => {
        if (!this.#met && this.#moved !== slider) this.#moves++;
        this.#moved = slider;
        this.#say();
      });
      i18n.attr(slider, 'aria-label', 'try.match-dimension', { n: d + 1 });
      return slider;
    });
    this.#field.replaceChildren(
      ...this.#sliders.map((slider, i) => make('label', {}, make('span', {}, 'z', make('sub', {}, String(dimensions[i] + 1))), slider)),
    );
  }

  #solve() {
    if (!this.#met) this.#shown = true;
    this.#target?.dimensions.forEach((d, i) => {
      this.#sliders[i].value = String(this.#target?.z[d]);
      this.#sliders[i].dispatchEvent(new Event('input'));
    });
  }

  #paint() {
    const { paint } = this.#context;
    const nothing = new Float32Array(784);
    paint(this.#pictures.target.canvas, this.#target?.pixels ?? nothing);
    paint(this.#pictures.now.canvas, this.#now ?? nothing);
  }

  #say() {
    const percent = Math.floor(100 * this.#score);
    this.#bar.value = this.#score;
    const reached = this.#shown ? 'try.match-shown' : 'try.match-met';
    this.#context.i18n.text(this.#said, this.#score >= enough ? reached : 'try.match-far', {
      percent: String(percent),
      moves: this.#moves,
    });
  }
}
