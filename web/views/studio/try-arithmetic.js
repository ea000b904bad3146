/**
 * Arithmetic: C + A − B in latent space, with the drawings on both pads and a
 * third one.
 */
import { decodeStrokes, encodeStrokes, smooth } from '../../engine/strokes.js';
import { coalesce } from '../../lib/coalesce.js';
import { freshSeed, make } from '../../lib/dom.js';
import { button, live, picture, says } from './try-parts.js';
import { Sketch } from './try-sketch.js';

/** How far A of the example leans: the top, to the right of the bottom, in heights. */
const slant = 0.35;

/** How many examples are tried until one comes out as it should. */
const tries = 12;

/** The digit that is on C at first, so that there is a result. */
const exampleDigit = 7;

/** @typedef {import('../../engine/strokes.js').Stroke[]} Strokes */

/**
 * The latent point c + amount (a − b).
 *
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @param {ArrayLike<number>} c
 * @param {number} amount
 */
export function combine(a, b, c, amount) {
  return Float32Array.from(c, (v, i) => v + amount * (a[i] - b[i]));
}

/**
 * Strokes that lean.
 *
 * @param {readonly import('../../engine/strokes.js').Stroke[]} strokes
 * @param {number} by widths a height
 */
export function leaning(strokes, by) {
  return strokes.map(({ width, points }) => ({
    width,
    points: points.map((v, i) => (i % 3 === 0 ? v + by * (0.5 - points[i + 1]) : v)),
  }));
}

/** @param {import('./try-panel.js').TryContext} context */
export function open(context) {
  return new Arithmetic(context);
}

/** The mode. */
class Arithmetic {
  /** The mean of C's posterior; null: nothing is drawn. @type {Float32Array | null} */
  #c = null;
  /** @type {{z: Float32Array, pixels: Float32Array, label: number | null} | null} */
  #result = null;
  /** Counts what was asked for on C: the newest wish counts. */
  #wish = 0;
  #context;
  #sketch;
  #pictures;
  #amount = make('input', { type: 'range', min: '0', max: '2', step: '0.05', value: '1', id: 'try-amount' });
  #said = live('try-arithmetic-said');
  #compute;

  /** @param {import('./try-panel.js').TryContext} context */
  constructor(context) {
    const { i18n, fail } = context;
    this.#context = context;
    this.#compute = coalesce(() => this.#ask(), fail);
    this.#sketch = new Sketch(
      i18n,
      'try.arithmetic-c',
      () => void this.#compute(),
      (digit) => void this.#putDigit(digit),
    );
    this.#pictures = {
      a: picture(i18n, 'try.arithmetic-a'),
      b: picture(i18n, 'try.arithmetic-b'),
      result: picture(i18n, 'try.arithmetic-result'),
    };
    this.#pictures.result.canvas.dataset.testid = 'try-result';
    this.#amount.dataset.testid = 'try-amount';
    this.#amount.addEventListener('input', () => {
      this.#showAmount();
      void this.#compute();
    });
    const label = make('label', { htmlFor: this.#amount.id });
    i18n.text(label, 'try.amount');
    const sign = (/** @type {string} */ s) => make('span', { className: 'sign' }, s);
    const caption = make('figcaption');
    i18n.text(caption, 'try.arithmetic-c');
    const { a, b, result } = this.#pictures;
    const [plus, minus, equals] = ['+', '−', '='].map(sign);
    this.element = make(
      'div',
      { className: 'try-arithmetic' },
      says(i18n, 'try.arithmetic-about'),
      make(
        'div',
        { className: 'try-row sum' },
        ...[make('figure', {}, this.#sketch.element, caption), plus, a.element, minus, b.element, equals, result.element],
      ),
      this.#said,
      make('div', { className: 'amount' }, label, this.#amount),
      make(
        'div',
        { className: 'buttons' },
        button(i18n, 'try.arithmetic-example', 'try-arithmetic-example', () => void this.#example()),
        button(i18n, 'try.arithmetic-clear', 'try-arithmetic-clear', () => this.#clear()),
      ),
      says(i18n, 'try.arithmetic-note', 'small'),
    );
    i18n.onChange(() => this.#showAmount());
    this.#showAmount();
    void this.#putDigit(exampleDigit);
  }

  get state() {
    const { z, pixels, label } = this.#result ?? {};
    return {
      amount: Number(this.#amount.value),
      c: this.#c && [...this.#c],
      z: z ? [...z] : null,
      pixels: pixels ? [...pixels] : null,
      label: label ?? null,
    };
  }

  update() {
    void this.#compute();
  }

  redraw() {
    this.#sketch.show();
    this.#show();
  }

  async #ask() {
    const { engine, pads } = this.#context;
    const { strokes } = this.#sketch;
    this.#c = null;
    if (strokes.length > 0) {
      const { head, bufs } = await engine.request('sketch', {}, [encodeStrokes(strokes)]);
      this.#c = head.empty ? null : new Float32Array(bufs[1]);
    }
    const [a, b] = [pads.a.result.mu, pads.b.result.mu];
    const c = this.#c;
    this.#result = null;
    if (c && a.length === c.length && b.length === c.length) {
      const z = combine(a, b, c, Number(this.#amount.value));
      const { head, bufs } = await engine.request('map.look', {}, [z.slice().buffer]);
      this.#result = { z, pixels: new Float32Array(bufs[0]), label: head.label ?? null };
    }
    this.#show();
    this.#context.changed();
  }

  #show() {
    const { i18n, pads, paint } = this.#context;
    const nothing = new Float32Array(784);
    for (const name of /** @type {const} */ (['a', 'b'])) {
      const { empty, result } = pads[name];
      paint(this.#pictures[name].canvas, empty || result.recon.length === 0 ? nothing : result.recon);
    }
    paint(this.#pictures.result.canvas, this.#result?.pixels ?? nothing);
    if (!this.#result) i18n.text(this.#said, 'try.arithmetic-empty');
    else if (this.#result.label === null) i18n.text(this.#said, 'try.arithmetic-plain');
    else i18n.text(this.#said, 'try.arithmetic-said', { digit: String(this.#result.label) });
  }

  #showAmount() {
    this.#context.i18n.attr(this.#amount, 'aria-valuetext', 'try.amount-value', { amount: Number(this.#amount.value) });
    this.#amount.style.setProperty('--at', `${50 * Number(this.#amount.value)}%`);
  }

  #clear() {
    this.#wish++;
    this.#sketch.clear();
  }

  /** @param {number} digit @param {number} [seed] */
  async #strokesOf(digit, seed = freshSeed()) {
    const { bufs } = await this.#context.engine.request('example', { digit, seed });
    return decodeStrokes(bufs[0]).map(smooth);
  }

  /** Puts an example on C. @param {number} digit */
  async #putDigit(digit) {
    const wish = ++this.#wish;
    try {
      const strokes = await this.#strokesOf(digit);
      if (wish === this.#wish) this.#sketch.fill(strokes);
    } catch (e) {
      this.#context.fail(e);
    }
  }

  /** The mean of the posterior of a drawing. @param {readonly import('../../engine/strokes.js').Stroke[]} strokes */
  async #mean(strokes) {
    const { bufs } = await this.#context.engine.request('sketch', {}, [encodeStrokes(strokes)]);
    return new Float32Array(bufs[1]);
  }

  /**
   * A digit, upright, and another. Adding how the first leans does not make of each
   * digit the same digit that leans: some are tried.
   *
   * @returns {Promise<[one: Strokes, other: Strokes]>}
   */
  async #suited() {
    for (let i = 1; ; i++) {
      const seed = freshSeed();
      const first = seed % 10;
      const second = (first + 1 + ((seed >> 8) % 9)) % 10;
      const [one, other] = await Promise.all([this.#strokesOf(first, seed), this.#strokesOf(second, seed)]);
      const [a, b, c] = await Promise.all([leaning(one, slant), one, other].map((strokes) => this.#mean(strokes)));
      const { head } = await this.#context.engine.request('map.look', {}, [combine(a, b, c, 1).buffer]);
      if (i === tries || (head.label ?? second) === second) return [one, other];
    }
  }

  /** The same digit leaning and upright on A and B, another on C: what is added is how it leans. */
  async #example() {
    const { pads, fail } = this.#context;
    const wish = ++this.#wish;
    try {
      const [one, other] = await this.#suited();
      if (wish !== this.#wish) return;
      this.#amount.value = '1';
      this.#showAmount();
      pads.a.fill({ strokes: leaning(one, slant), bitmap: null, source: 'example' });
      pads.b.fill({ strokes: one, bitmap: null, source: 'example' });
      this.#sketch.fill(other);
    } catch (e) {
      fail(e);
    }
  }
}
