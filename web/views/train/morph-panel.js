/**
 * A morph by the model that trains: two pictures are chosen, and the model as it
 * is now paints the way between them, again and again while it learns.
 */
import { download, icon, make } from '../../lib/dom.js';
import { answer } from '../../ui/answer.js';
import { paintOne } from '../../ui/pictures.js';
import { MorphPlayer } from '../../ui/morph-player.js';
import { traits } from '../../training/families.js';
import { className } from '../../training/made-sets.js';
import { sampleSeed } from '../../training/model-poller.js';

/** Pictures to choose from, and of a way. */
const sizes = { choice: 8, frames: 25 };

/** Milliseconds between two ways that are asked for, and how many times as long as the last one took. */
const pace = { again: 1000, share: 8 };

/** The part of it that must be visible for the model to be asked. */
const partly = 0.25;

/** How much larger the strip is saved, and its name. */
const saved = 4;
const fileName = 'morph.png';

/** @typedef {'a' | 'b'} End */

/** The morph. */
export class MorphPanel {
  element = make('figure', { className: 'wide morph', hidden: true });

  #i18n;
  #training;
  #colours;
  #player;
  #class = make('select');
  #classPick = make('label', { className: 'pick' });
  /** @type {Record<End, {inputs: HTMLInputElement[], canvases: HTMLCanvasElement[]}>} */
  #ends = { a: { inputs: [], canvases: [] }, b: { inputs: [], canvases: [] } };
  /** Numbers of the chosen pictures. @type {Record<End, number>} */
  #chosen = { a: 0, b: 1 };
  /** Whether a person has chosen. */
  #touched = false;
  /** What the model painted last. @type {{frames: number, shape: number[], pixels: Float32Array} | null} */
  #way = null;
  #visible = false;
  #busy = false;
  /** Whether what is shown is not of the newest model or choice. */
  #stale = false;
  #next = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {() => Record<string, string>} from.colours that pictures are painted in
   */
  constructor({ i18n, training, colours }) {
    this.#i18n = i18n;
    this.#training = training;
    this.#colours = colours;
    this.#player = new MorphPlayer({ i18n, colours, name: 'morph.frame', id: 'morph' });
    this.#fill();
    training.on('preview', () => this.#looked());
    training.on('run', () => this.#looked());
    i18n.onChange(() => this.#name());
    new IntersectionObserver(
      (entries) => {
        this.#visible = (entries.at(-1)?.intersectionRatio ?? 0) >= partly;
        if (this.#visible) this.#soon();
      },
      { threshold: partly },
    ).observe(this.element);
  }

  /** Paints again, in other colours. */
  redraw() {
    this.#looked();
    this.#player.redraw();
  }

  #fill() {
    const i18n = this.#i18n;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    this.element.dataset.testid = 'room-morph';
    const save = make('button', { type: 'button' }, icon('save'), 'PNG');
    save.dataset.testid = 'morph-save';
    i18n.attr(save, 'title', 'morph.save');
    save.addEventListener('click', () => this.#save(save));
    this.#class.dataset.testid = 'morph-class';
    this.#class.addEventListener('change', () => this.#ask());
    this.#classPick.append(say(make('span'), 'morph.class'), this.#class);
    const choose = make('div', { className: 'ends' }, this.#choice('a', 'morph.from'), this.#choice('b', 'morph.to'));
    const controls = make('div', { className: 'controls' }, this.#classPick, save);
    this.element.append(
      say(make('h3'), 'morph.head'),
      make('div', { className: 'morph-body' }, this.#player.element, make('div', { className: 'morph-side' }, choose, controls)),
      say(make('figcaption'), 'morph.caption'),
    );
  }

  /**
   * @param {End} end
   * @param {string} key
   */
  #choice(end, key) {
    const legend = make('legend', { className: 'small' });
    this.#i18n.text(legend, key);
    const { inputs, canvases } = this.#ends[end];
    const thumbs = Array.from({ length: sizes.choice }, (_, i) => {
      const input = make('input', { type: 'radio', name: `morph-${end}`, value: String(i) });
      const canvas = make('canvas', { width: 1, height: 1 });
      input.addEventListener('change', () => {
        this.#touched = true;
        this.#chosen[end] = i;
        this.#ask();
      });
      inputs.push(input);
      canvases.push(canvas);
      return make('label', { className: 'thumb' }, input, canvas);
    });
    return make('fieldset', {}, legend, make('div', { className: 'thumbs' }, ...thumbs));
  }

  /** Settings of the run. */
  get #settings() {
    return this.#training.active ?? this.#training.settings;
  }

  /** The pictures to choose from: validation pictures, or samples of a model that cannot encode. */
  get #choices() {
    const { preview } = this.#training;
    if (!preview) return null;
    const { encoder } = traits(this.#settings);
    const values = encoder ? preview.originals : preview.samples;
    const size = preview.shape.reduce((a, b) => a * b, 1);
    return {
      values,
      size,
      shape: preview.shape,
      count: Math.min(sizes.choice, Math.floor(values.length / size)),
      labels: encoder ? preview.labels : [],
    };
  }

  /** The model was looked at: other pictures, perhaps. */
  #looked() {
    const choices = this.#choices;
    this.element.hidden = !choices || choices.count < 2;
    if (!choices || this.element.hidden) {
      this.#way = null;
      this.#touched = false;
      return;
    }
    const { values, size, shape, count, labels } = choices;
    if (!this.#touched) {
      const other = labels.findIndex((l, i) => i < count && l !== labels[0]);
      this.#chosen = { a: 0, b: other > 0 ? other : 1 };
    }
    for (const end of /** @type {End[]} */ (['a', 'b'])) {
      const { inputs, canvases } = this.#ends[end];
      this.#chosen[end] = Math.min(this.#chosen[end], count - 1);
      inputs.forEach((input, i) => {
        /** @type {HTMLElement} */ (input.parentElement).hidden = i >= count;
        input.checked = i === this.#chosen[end];
        if (i < count) paintOne(canvases[i], values.subarray(i * size, (i + 1) * size), shape, this.#colours(), 1);
      });
    }
    this.#name();
    this.#stale = true;
    this.#soon();
  }

  /** Says what can be chosen. */
  #name() {
    const choices = this.#choices;
    if (!choices) return;
    const { conditional } = traits(this.#settings);
    const names = (/** @type {number} */ k) => className(this.#settings.data, k, this.#i18n) || String(k);
    const label = (/** @type {number} */ i) => (choices.labels[i] >= 0 ? names(choices.labels[i]) : '');
    for (const { inputs } of Object.values(this.#ends)) {
      inputs.forEach((input, i) =>
        this.#i18n.attr(input, 'aria-label', label(i) ? 'morph.picture-of' : 'morph.picture', {
          n: i + 1,
          ...(label(i) && { label: label(i) }),
        }),
      );
    }
    this.#classPick.hidden = !conditional;
    if (!conditional) return;
    const own = make('option', { value: '' });
    this.#i18n.text(own, 'morph.class-own');
    const { value } = this.#class;
    this.#class.replaceChildren(
      own,
      ...Array.from({ length: this.#settings.conditions }, (_, k) => make('option', { value: String(k) }, names(k))),
    );
    this.#class.value = value;
    if (this.#class.selectedIndex < 0) this.#class.value = '';
  }

  /** Somebody has chosen: at once. */
  #ask() {
    this.#stale = true;
    this.#next = 0;
    this.#soon();
  }

  /** Has the way painted, when it is time. */
  #soon() {
    if (!this.#visible || !this.#stale || this.#busy) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(), Math.max(0, this.#next - performance.now()));
  }

  async #fetch() {
    const choices = this.#choices;
    if (!choices || this.#busy) return;
    const began = performance.now();
    const { a, b } = this.#chosen;
    this.#busy = true;
    this.#stale = false;
    try {
      const way = await this.#training.morph({
        a,
        b,
        frames: sizes.frames,
        path: 'slerp',
        class: this.#wanted(choices.labels[a]),
        seed: sampleSeed,
      });
      if (way && this.#choices) this.#show(way);
    } catch {
      // That the workers have died or the run was closed is shown elsewhere.
    } finally {
      this.#busy = false;
      const now = performance.now();
      if (this.#next !== 0 || !this.#stale) this.#next = now + Math.max(pace.again, pace.share * (now - began));
      this.#soon();
    }
  }

  /** The class that is painted. @param {number} own that of the first picture */
  #wanted(own) {
    if (!traits(this.#settings).conditional) return 0;
    return this.#class.value === '' ? Math.max(own ?? 0, 0) : Number(this.#class.value);
  }

  /** @param {{frames: number, shape: number[], pixels: Float32Array}} way */
  #show(way) {
    this.#way = way;
    this.#player.show(way.pixels, way.shape);
  }

  /** Saves the strip. @param {HTMLElement} button that was pressed */
  #save(button) {
    if (!this.#way) return;
    const { shape, pixels, frames } = this.#way;
    const [, h, w] = shape;
    const size = shape[0] * h * w;
    const sheet = make('canvas', { width: frames * w * saved, height: h * saved });
    const pen = /** @type {CanvasRenderingContext2D} */ (sheet.getContext('2d'));
    pen.imageSmoothingEnabled = false;
    const one = make('canvas');
    for (let k = 0; k < frames; k++) {
      paintOne(one, pixels.subarray(k * size, (k + 1) * size), shape, this.#colours(), 1);
      pen.drawImage(one, k * w * saved, 0, w * saved, h * saved);
    }
    sheet.toBlob(async (blob) => {
      if (!blob) return;
      download(await blob.arrayBuffer(), 'image/png', fileName);
      answer(button, this.#i18n.t('answer.saved', { name: fileName }));
    }, 'image/png');
  }
}
