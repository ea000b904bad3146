/**
 * Fill in: a part of the drawing on pad A is rubbed out, and the model completes
 * it, several times.
 */
import { coalesce } from '../../lib/coalesce.js';
import { freshSeed, make, passFocus } from '../../lib/dom.js';
import { Eraser } from './try-eraser.js';
import { button, live, picture, says } from './try-parts.js';

/** How many completions there are. */
const count = 8;

/** Parts that a button rubs out: rows and columns from and to. @type {[string, string, number[]][]} */
const parts = [
  ['upper', 'try.fill-upper', [0, 14, 0, 28]],
  ['lower', 'try.fill-lower', [14, 28, 0, 28]],
  ['middle', 'try.fill-middle', [7, 21, 7, 21]],
];

/** @param {import('./try-panel.js').TryContext} context */
export function open(context) {
  return new Fill(context);
}

/** The mode. */
class Fill {
  /** @type {{pictures: Float32Array, mean: Float32Array, labels: number[] | null, nats: number[], seed: number} | null} */
  #shown = null;
  #seed = freshSeed();
  #context;
  #eraser;
  #pictures;
  #said = live('try-fill-said');
  /** The mean of all that was drawn on the way. */
  #mean;
  #restore;
  #again;
  #use;
  #fill;

  /** @param {import('./try-panel.js').TryContext} context */
  constructor(context) {
    const { i18n, fail } = context;
    this.#context = context;
    this.#fill = coalesce(() => this.#ask(), fail);
    this.#eraser = new Eraser(i18n, context.paint, () => this.#changed());
    this.#pictures = Array.from({ length: count }, (_, i) =>
      picture(i18n, i === 0 ? 'try.fill-likeliest' : 'try.fill-other', { n: i + 1 }),
    );
    this.#mean = picture(i18n, 'try.fill-mean');
    this.#restore = button(i18n, 'try.fill-restore', 'try-fill-restore', () => this.#eraser.restore());
    this.#again = button(i18n, 'try.fill-again', 'try-fill-again', () => {
      this.#seed = freshSeed();
      void this.#fill();
    });
    this.#use = button(i18n, 'try.fill-use', 'try-fill-use', () => this.#put());
    const quick = parts.map(([name, key, part]) => button(i18n, key, `try-fill-${name}`, () => this.#eraser.rubOut(part)));
    const [likeliest, ...others] = this.#pictures.map(({ element }) => element);
    this.element = make(
      'div',
      { className: 'try-fill' },
      says(i18n, 'try.fill-about'),
      make(
        'div',
        { className: 'try-row' },
        this.#eraser.element,
        likeliest,
        make('div', { className: 'small-pictures' }, this.#mean.element, ...others),
      ),
      this.#said,
      make('div', { className: 'buttons' }, ...quick, this.#restore, this.#again, this.#use),
      says(i18n, 'try.fill-note', 'small'),
    );
  }

  get state() {
    const shown = this.#shown;
    return {
      missing: this.#eraser.missing,
      seed: shown?.seed ?? null,
      completions: shown && Array.from({ length: count }, (_, i) => [...shown.pictures.subarray(784 * i, 784 * (i + 1))]),
      mean: shown && [...shown.mean],
      labels: shown?.labels ?? null,
      nats: shown?.nats ?? null,
    };
  }

  /** What is on pad A may be something else, or the model another one. */
  update() {
    const { empty, result } = this.#context.pads.a;
    this.#eraser.take(empty ? [] : result.pixels);
    this.#changed();
  }

  redraw() {
    this.#eraser.show();
    this.#show();
  }

  #changed() {
    const whole = this.#eraser.missing === 0;
    if (whole) passFocus(this.#restore, this.#eraser.canvas);
    this.#restore.disabled = whole;
    void this.#fill();
  }

  async #ask() {
    const { engine } = this.#context;
    const { pixels, hole, missing } = this.#eraser;
    if (pixels.length > 0 && missing > 0) {
      const seed = this.#seed;
      const { head, bufs } = await engine.request('fill', { n: count, seed }, [Float32Array.from(pixels).buffer, hole.slice().buffer]);
      this.#shown = {
        pictures: new Float32Array(bufs[0]),
        mean: new Float32Array(bufs[1]),
        labels: head.labels ?? null,
        nats: head.nats,
        seed,
      };
    } else this.#shown = null;
    this.#show();
    this.#context.changed();
  }

  #show() {
    const { i18n, paint } = this.#context;
    const shown = this.#shown;
    const { pixels, missing } = this.#eraser;
    const nothing = new Float32Array(784);
    this.#pictures.forEach(({ canvas, caption }, i) => {
      paint(canvas, shown ? shown.pictures.subarray(784 * i, 784 * (i + 1)) : i === 0 && pixels.length > 0 ? pixels : nothing);
      if (i > 0 && shown?.labels) i18n.text(caption, 'try.reads', { digit: String(shown.labels[i]) });
      else i18n.text(caption, i === 0 ? 'try.fill-likeliest' : 'try.fill-other', { n: i + 1 });
    });
    paint(this.#mean.canvas, shown?.mean ?? nothing);
    for (const b of [this.#again, this.#use]) {
      if (!shown) passFocus(b, this.#eraser.canvas);
      b.disabled = !shown;
    }
    if (pixels.length === 0) i18n.text(this.#said, 'try.fill-empty');
    else if (!shown) i18n.text(this.#said, 'try.fill-hint');
    else {
      const percent = Math.round((100 * missing) / pixels.length);
      const digits = shown.labels ? [...new Set(shown.labels)].join(', ') : '';
      i18n.text(this.#said, digits ? 'try.fill-said' : 'try.fill-said-plain', digits ? { percent, digits } : { percent });
    }
  }

  /** Puts the likeliest completion on pad B. */
  #put() {
    if (!this.#shown) return;
    const data = Uint8Array.from(this.#shown.pictures.subarray(0, 784), (v) => Math.round(v * 255));
    this.#context.pads.b.fill({ strokes: [], bitmap: { width: 28, height: 28, ready: true, data }, source: 'picture' });
  }
}
