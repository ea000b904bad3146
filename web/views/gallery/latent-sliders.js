/**
 * Sliders for the latent dimensions of the chosen model, the most active ones first,
 * and the picture that they make.
 */
import { icon, make } from '../../lib/dom.js';
import { coalesce } from '../../lib/coalesce.js';
import { explain } from '../../ui/figure-terms.js';
import { paintOne } from '../../ui/pictures.js';

/** How far a slider goes to either side: few numbers of the prior lie beyond. */
const reach = 3;

/** How many are shown at first, and how many more at a time. */
const some = 8;

/** The sliders and their picture. */
export class Sliders {
  element = make('section', { className: 'dials', hidden: true });
  /** The point that they began at, and where they are. */
  /** @type {Float32Array} */
  #begun = new Float32Array();
  /** @type {Float32Array} */
  #z = new Float32Array();
  /** @type {number | null} */
  #kind = null;
  /** @type {Float32Array | null} */
  #picture = null;
  #shape = [1, 28, 28];
  /** Latent dimensions in the order of their sliders. @type {number[]} */
  #order = [];
  #shown = some;
  /** Inputs by the place of their number. @type {Map<number, HTMLInputElement>} */
  #inputs = new Map();
  #canvas = make('canvas', { className: 'now', width: 1, height: 1 });
  #knobs = make('div', { className: 'knobs' });
  #more = make('button', { type: 'button' });
  #kinds = make('select');
  #kindPick;
  #i18n;
  #colours;
  #look;
  #draw;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../ui/term.js').Terms} from.terms
   * @param {() => Record<string, string>} from.colours
   * @param {() => import('../../ui/pictures.js').Look} from.look of the picture
   * @param {(z: Float32Array, classes: number[]) => Promise<Float32Array | null>} from.paint
   * @param {(error: unknown) => void} from.fail
   */
  constructor({ i18n, terms, colours, look, paint, fail }) {
    this.#i18n = i18n;
    this.#colours = colours;
    this.#look = look;
    this.#draw = coalesce(async () => {
      const picture = await paint(this.#z, this.#kind === null ? [] : [this.#kind]);
      if (!picture || picture.length !== this.#shape.reduce((a, b) => a * b, 1)) return;
      this.#picture = picture;
      this.redraw();
    }, fail);
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const button = (/** @type {string} */ key, /** @type {string} */ id, /** @type {() => void} */ fn) => {
      const b = make('button', { type: 'button' }, ...(id === 'back' ? [icon('undo')] : []), say(make('span'), key));
      b.dataset.testid = `gallery-${id}`;
      b.addEventListener('click', fn);
      return b;
    };
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.dataset.testid = 'gallery-picture';
    i18n.attr(this.#canvas, 'aria-label', 'gallery.picture-name');
    this.#kinds.dataset.testid = 'gallery-picture-class';
    this.#kinds.addEventListener('change', () => {
      this.#kind = Number(this.#kinds.value);
      void this.#draw();
    });
    this.#kindPick = make('label', { className: 'pick', hidden: true }, say(make('span'), 'gallery.class'), this.#kinds);
    this.#more.dataset.testid = 'gallery-more';
    this.#more.addEventListener('click', () => {
      const next = this.#order[this.#shown];
      this.#shown += some;
      this.#fill();
      this.#inputs.get(next)?.focus();
    });
    const tools = make(
      'div',
      { className: 'tools' },
      this.#kindPick,
      button('gallery.back', 'back', () => this.#go(this.#begun)),
      button('gallery.middle', 'middle', () => this.#go(new Float32Array(this.#z.length))),
    );
    this.element.append(
      make('div', { className: 'head' }, say(make('h3'), 'gallery.numbers'), ...explain(terms, 'gallery.numbers')),
      say(make('p', { className: 'small' }), 'gallery.numbers-about'),
      make(
        'div',
        { className: 'board' },
        make('div', { className: 'shown' }, this.#canvas, tools),
        make('div', {}, this.#knobs, this.#more),
      ),
    );
  }

  /**
   * Another model.
   *
   * @param {import('./gallery-model.js').About} about
   */
  begin({ model, conditions }) {
    this.element.hidden = true;
    this.#picture = null;
    this.#shape = model.input;
    this.#shown = some;
    this.#order = Array.from({ length: model.latent }, (_, i) => i);
    this.#inputs.clear();
    this.#kindPick.hidden = conditions === 0;
    this.#kinds.replaceChildren(...Array.from({ length: conditions }, (_, c) => make('option', { value: String(c) }, String(c))));
  }

  /**
   * Begins at a picture.
   *
   * @param {import('./model-view.js').Item} item
   */
  take({ z, kind }) {
    this.#begun = z;
    this.#kind = kind;
    if (kind !== null) this.#kinds.value = String(kind);
    this.#go(z);
  }

  /**
   * The order of the sliders.
   *
   * @param {number[] | null} order places of latent dimensions; null: it is not known
   */
  order(order) {
    if (!order || order.length !== this.#z.length) return;
    this.#order = order;
    this.#fill();
    this.element.hidden = false;
  }

  /** Where the sliders are, and the class of a model that is told one. */
  get point() {
    return { z: this.#z, kind: this.#kind };
  }

  redraw() {
    if (this.#picture) paintOne(this.#canvas, this.#picture, this.#shape, this.#colours(), 8, this.#look());
  }

  /** @param {Float32Array} z */
  #go(z) {
    this.#z = z.slice();
    for (const place of this.#inputs.keys()) this.#tell(place);
    void this.#draw();
  }

  /** Makes the sliders that are shown. */
  #fill() {
    this.#inputs.clear();
    this.#knobs.replaceChildren(...this.#order.slice(0, this.#shown).map((place) => this.#slider(place)));
    const left = this.#order.length - this.#shown;
    this.#more.hidden = left <= 0;
    this.#i18n.text(this.#more, 'gallery.more', { n: Math.min(left, some), left });
  }

  /** @param {number} place */
  #slider(place) {
    const input = make('input', { type: 'range', min: String(-reach), max: String(reach), step: '0.05' });
    input.dataset.testid = `gallery-z-${place}`;
    this.#i18n.attr(input, 'aria-label', 'gallery.number', { n: place + 1 });
    input.addEventListener('input', () => {
      this.#z[place] = Number(input.value);
      this.#tell(place);
      void this.#draw();
    });
    this.#inputs.set(place, input);
    const value = make('span', { className: 'small value' });
    const knob = make('label', { className: 'dial' }, make('span', { className: 'small' }, `z${place + 1}`), input, value);
    this.#tell(place, value);
    return knob;
  }

  /**
   * Says where a slider is.
   *
   * @param {number} place
   * @param {Element | null} [value]
   */
  #tell(place, value = this.#inputs.get(place)?.nextElementSibling ?? null) {
    const input = this.#inputs.get(place);
    if (!input) return;
    const z = this.#z[place];
    input.value = String(z);
    const say = () => ({ value: z.toLocaleString(this.#i18n.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) });
    this.#i18n.attr(input, 'aria-valuetext', 'gallery.value', say);
    if (value) this.#i18n.text(value, 'gallery.value', say);
  }
}
