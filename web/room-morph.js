/**
 * A morph by the model that trains: two pictures are chosen, and the model as it
 * is now paints the way between them, again and again while it learns.
 */
import { download, icon, make } from './dom.js';
import { colour, colourful, Pictures } from './pictures.js';
import { traits } from './room-families.js';
import { className } from './room-made.js';
import { sampleSeed } from './training-watcher.js';

/** Pictures to choose from, frames of a way, and frames on the strip. */
const sizes = { choice: 8, frames: 24, strip: 12 };

/** Times in milliseconds: a way, there; between two frames; between two ways that are asked for, and how many times as long as the last one took. */
const pace = { way: 3000, frame: 45, again: 1000, share: 8 };

/** The part of it that must be in sight for it to move. */
const partly = 0.25;

/** How much larger the strip is saved. */
const saved = 4;

/** @typedef {'a' | 'b'} End */

/** The morph. */
export class Morph {
  element = make('figure', { className: 'wide morph', hidden: true });

  #i18n;
  #training;
  #colours;
  #play = make('button', { type: 'button', className: 'play small-play' });
  #slider = make('input', { type: 'range', min: '0', max: '1', step: '0.01', value: '0' });
  #frame = make('canvas', { className: 'frame' });
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
  #t = 0;
  #forward = true;
  #playing = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  #visible = false;
  #busy = false;
  /** Whether what is shown is not of the newest model or choice. */
  #stale = false;
  #next = 0;
  #last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ticking = false;

  /**
   * @param {object} from
   * @param {import('./i18n.js').I18n} from.i18n
   * @param {import('./training.js').Training} from.training
   * @param {() => Record<string, string>} from.colours that pictures are painted in
   */
  constructor({ i18n, training, colours }) {
    this.#i18n = i18n;
    this.#training = training;
    this.#colours = colours;
    const strip = make('canvas', { className: 'strip' });
    this.strip = new Pictures(strip, { count: sizes.strip, rows: 1, columns: sizes.strip, colours });
    this.#fill(strip);
    training.on('look', () => this.#looked());
    training.on('run', () => this.#looked());
    i18n.onChange(() => this.#name());
    new IntersectionObserver((entries) => {
      this.#visible = (entries.at(-1)?.intersectionRatio ?? 0) >= partly;
      if (this.#visible) {
        this.#soon();
        this.#tick();
      }
    }, { threshold: partly }).observe(this.element);
    this.#showPlay();
  }

  /** Paints again, in other colours. */
  redraw() {
    this.#looked();
    this.strip.redraw();
    this.#paint();
  }

  /** @param {HTMLCanvasElement} strip */
  #fill(strip) {
    const i18n = this.#i18n;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    this.element.dataset.testid = 'room-morph';
    this.#play.dataset.testid = 'morph-play';
    this.#play.append(icon('play'));
    this.#play.addEventListener('click', () => this.#toggle());
    this.#slider.dataset.testid = 'morph-scrub';
    i18n.attr(this.#slider, 'aria-label', 'morph.place');
    this.#slider.addEventListener('input', () => {
      this.#playing = false;
      this.#t = Number(this.#slider.value);
      this.#showPlay();
      this.#paint();
    });
    this.element.addEventListener('keydown', (e) => {
      if (e.key !== ' ' || !(e.target === this.#slider)) return;
      e.preventDefault();
      this.#toggle();
    });
    for (const canvas of [this.#frame, strip]) canvas.setAttribute('role', 'img');
    i18n.attr(this.#frame, 'aria-label', 'morph.frame');
    i18n.attr(strip, 'aria-label', 'morph.strip');
    const save = make('button', { type: 'button' }, icon('save'), 'PNG');
    save.dataset.testid = 'morph-save';
    i18n.attr(save, 'title', 'morph.save');
    save.addEventListener('click', () => this.#save());
    this.#class.dataset.testid = 'morph-class';
    this.#class.addEventListener('change', () => this.#ask());
    this.#classPick.append(say(make('span'), 'morph.class'), this.#class);
    const choose = make('div', { className: 'ends' }, this.#choice('a', 'morph.from'), this.#choice('b', 'morph.to'));
    const controls = make('div', { className: 'controls' }, this.#play, this.#slider, this.#classPick, save);
    this.element.append(
      say(make('h3'), 'morph.head'),
      make('div', { className: 'morph-body' }, this.#frame, make('div', { className: 'morph-side' }, choose, controls)),
      strip,
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
    const { look } = this.#training;
    if (!look) return null;
    const { encoder } = traits(this.#settings);
    const values = encoder ? look.originals : look.samples;
    const size = look.shape.reduce((a, b) => a * b, 1);
    return { values, size, shape: look.shape, count: Math.min(sizes.choice, Math.floor(values.length / size)), labels: encoder ? look.labels : [] };
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
        if (i < count) paint(canvases[i], values.subarray(i * size, (i + 1) * size), shape, this.#colours());
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
      inputs.forEach((input, i) => this.#i18n.attr(input, 'aria-label', label(i) ? 'morph.picture-of' : 'morph.picture', { n: i + 1, ...(label(i) && { label: label(i) }) }));
    }
    this.#classPick.hidden = !conditional;
    if (!conditional) return;
    const own = make('option', { value: '' });
    this.#i18n.text(own, 'morph.class-own');
    const { value } = this.#class;
    this.#class.replaceChildren(own, ...Array.from({ length: this.#settings.conditions }, (_, k) => make('option', { value: String(k) }, names(k))));
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
      const way = await this.#training.morph({ a, b, frames: sizes.frames, path: 'slerp', class: this.#wanted(choices.labels[a]), seed: sampleSeed });
      if (way && this.#choices) this.#show(way);
    } catch {
      // That the workers have died or the run was let go is told elsewhere.
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
    const size = way.shape.reduce((a, b) => a * b, 1);
    const shown = new Float32Array(sizes.strip * size);
    for (let i = 0; i < sizes.strip; i++) {
      const k = Math.round((i * (way.frames - 1)) / (sizes.strip - 1));
      shown.set(way.pixels.subarray(k * size, (k + 1) * size), i * size);
    }
    this.strip.show([shown], sizes.strip, way.shape);
    this.#paint();
    this.#tick();
  }

  #toggle() {
    this.#playing = !this.#playing;
    this.#showPlay();
    this.#tick();
  }

  #showPlay() {
    const key = this.#playing ? 'morph.pause' : 'morph.play';
    this.#play.querySelector('use')?.setAttribute('href', this.#playing ? '#i-pause' : '#i-play');
    this.#i18n.attr(this.#play, 'aria-label', key);
    this.#i18n.attr(this.#play, 'title', key);
  }

  /** Goes on playing, in each frame. */
  #tick() {
    if (this.#ticking || !this.#playing || !this.#visible || !this.#way) return;
    this.#ticking = true;
    requestAnimationFrame((now) => this.#step(now));
  }

  /** @param {number} now */
  #step(now) {
    this.#ticking = false;
    if (!this.#playing || !this.#visible || !this.#way || !this.element.isConnected) return;
    const since = now - this.#last;
    if (since < pace.frame) {
      this.#ticking = true;
      requestAnimationFrame((next) => this.#step(next));
      return;
    }
    this.#last = now;
    const moved = Math.min(since, 100) / pace.way;
    const t = this.#t + (this.#forward ? moved : -moved);
    if (t >= 1 || t <= 0) this.#forward = t <= 0;
    this.#t = Math.min(Math.max(t, 0), 1);
    this.#paint();
    this.#tick();
  }

  #paint() {
    this.#slider.value = String(this.#t);
    this.#slider.style.setProperty('--at', `${this.#t * 100}%`);
    if (!this.#playing) this.#i18n.attr(this.#slider, 'aria-valuetext', 'morph.percent', { percent: Math.round(this.#t * 100) });
    if (this.#way) paint(this.#frame, frameAt(this.#way, this.#t), this.#way.shape, this.#colours());
  }

  /** Saves the strip. */
  #save() {
    if (!this.#way) return;
    const { shape, pixels, frames } = this.#way;
    const [, h, w] = shape;
    const size = shape[0] * h * w;
    const sheet = make('canvas', { width: frames * w * saved, height: h * saved });
    const pen = /** @type {CanvasRenderingContext2D} */ (sheet.getContext('2d'));
    pen.imageSmoothingEnabled = false;
    const one = make('canvas');
    for (let k = 0; k < frames; k++) {
      paint(one, pixels.subarray(k * size, (k + 1) * size), shape, this.#colours());
      pen.drawImage(one, k * w * saved, 0, w * saved, h * saved);
    }
    sheet.toBlob((blob) => void blob?.arrayBuffer().then((bytes) => download(bytes, 'image/png', 'morph.png')), 'image/png');
  }
}

/**
 * What is between two frames of a way.
 *
 * @param {{frames: number, shape: number[], pixels: Float32Array}} way
 * @param {number} t from 0 to 1
 */
export function frameAt({ frames, shape, pixels }, t) {
  const size = shape.reduce((a, b) => a * b, 1);
  const place = t * (frames - 1);
  const k = Math.min(Math.floor(place), frames - 2);
  const part = place - k;
  const out = new Float32Array(size);
  for (let i = 0; i < size; i++) out[i] = (1 - part) * pixels[k * size + i] + part * pixels[(k + 1) * size + i];
  return out;
}

/**
 * Paints one picture, unscaled.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} values
 * @param {number[]} shape channels, height, width
 * @param {Record<string, string>} colours
 */
function paint(canvas, values, [channels, h, w], { paper, ink }) {
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = pen.createImageData(w, h);
  if (channels === 3) colourful(values, image.data, w * h);
  else colour(values, image.data, paper, ink);
  pen.putImageData(image, 0, 0);
}
