/**
 * What the shipped model made of the drawings that a model began with, beside what that model makes of them now: a third picture
 * under each pad. The shipped model has an engine of its own, which ends when another model is in use.
 */
import { fetchBytes } from '../../engine/assets.js';
import { startSecond } from '../../engine/second-engine.js';
import { coalesce } from '../../lib/coalesce.js';
import { make } from '../../lib/dom.js';
import { numberFormat } from '../../lib/format.js';
import { paintOne } from '../../ui/pictures.js';

/** The shape of a drawing as the model gets it. */
const shape = [1, 28, 28];

/** The third picture under a pad. */
class Picture {
  canvas = make('canvas', { width: 28, height: 28 });
  element = make('figure', { className: 'before' });

  /**
   * @param {import('../../ui/pad.js').Pad} pad
   * @param {import('../../lib/i18n.js').I18n} i18n
   */
  constructor(pad, i18n) {
    const caption = make('figcaption');
    i18n.text(caption, 'seen.before');
    this.canvas.setAttribute('role', 'img');
    this.canvas.dataset.testid = `before-${pad.name}`;
    this.element.append(this.canvas, caption);
  }
}

export class Before {
  /** The model of the engine; '' for none. */
  #name = '';
  /** @type {ReturnType<typeof startSecond> | null} */
  #engine = null;
  /** What it made of each pad. @type {Record<'a' | 'b', Float32Array | null>} */
  #shown = { a: null, b: null };
  #pictures;
  #context;
  #pads;
  #update;

  /**
   * @param {Pick<import('../../app/context.js').AppContext, 'i18n' | 'engine' | 'models' | 'assets' | 'fail' | 'colours'>} context
   * @param {{a: import('../../ui/pad.js').Pad, b: import('../../ui/pad.js').Pad}} pads
   */
  constructor(context, pads) {
    this.#context = context;
    this.#pads = pads;
    this.#pictures = { a: new Picture(pads.a, context.i18n), b: new Picture(pads.b, context.i18n) };
    this.#update = coalesce(() => this.#ask(), context.fail);
    context.engine.on('pad', () => void this.#update());
    context.i18n.onChange(() => this.redraw());
  }

  /**
   * Shows what a model made of the drawings before it was trained on.
   *
   * @param {string} name of a listed model; '': none, and the pictures go
   */
  show(name) {
    if (name === this.#name) {
      void this.#update();
      return;
    }
    this.#name = name;
    void this.#engine?.then((engine) => engine.stop());
    this.#engine = name ? startSecond(this.#context.assets, (engine) => this.#give(engine, name)) : null;
    this.#shown = { a: null, b: null };
    for (const pad of /** @type {const} */ (['a', 'b'])) {
      const { element } = this.#pictures[pad];
      const row = document.querySelector(`.side.${pad} .seen`);
      row?.classList.toggle('compared', name !== '');
      if (name) row?.children[0].after(element);
      else element.remove();
    }
    void this.#update();
  }

  /** Other colours, or other words. */
  redraw() {
    for (const pad of /** @type {const} */ (['a', 'b'])) this.#paint(pad);
  }

  /**
   * @param {import('../../engine/engine.js').Engine} engine
   * @param {string} name
   */
  async #give(engine, name) {
    const { assets, models } = this.#context;
    const bytes = await fetchBytes((await assets()).url(`models/${models.find(name).file}`), () => {}, 'model-missing');
    await engine.request('model.load', { name }, [bytes], { first: true });
  }

  async #ask() {
    const engine = await this.#engine;
    if (!engine) return;
    for (const pad of /** @type {const} */ (['a', 'b'])) {
      const { empty, pixels } = this.#pads[pad].result;
      if (empty || pixels.length === 0) this.#shown[pad] = null;
      else {
        const { bufs } = await engine.request('encode', {}, [Float32Array.from(pixels).buffer]);
        this.#shown[pad] = new Float32Array(bufs[2]);
      }
      this.#paint(pad);
    }
  }

  /** @param {'a' | 'b'} pad */
  #paint(pad) {
    const { i18n, models, colours } = this.#context;
    const { canvas } = this.#pictures[pad];
    const { pixels, recon } = this.#pads[pad].result;
    const before = this.#shown[pad];
    paintOne(canvas, before ?? new Float32Array(784), shape, colours());
    if (!before || pixels.length === 0) {
      i18n.attr(canvas, 'aria-label', 'seen.before');
      canvas.title = '';
      return;
    }
    const error = (/** @type {ArrayLike<number>} */ of) => pixels.reduce((sum, v, i) => sum + (v - of[i]) ** 2 / pixels.length, 0);
    const values = () => {
      const say = (/** @type {number} */ v) => numberFormat(i18n.lang, { maximumSignificantDigits: 2 }).format(v);
      const { title } = models.names.find(({ name }) => name === this.#name) ?? { title: this.#name };
      return { pad: pad.toUpperCase(), model: title, before: say(error(before)), now: say(error(recon)) };
    };
    for (const name of ['aria-label', 'title']) i18n.attr(canvas, name, 'seen.before-name', values);
  }
}
