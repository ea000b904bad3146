/**
 * The pictures of a morph, of any shape, as an animated picture with
 * controls and as a strip. It turns back at both ends.
 */
import { icon, make } from '../lib/dom.js';
import { scheduleDraw } from '../lib/frame-scheduler.js';
import { paintOne, Pictures } from './pictures.js';
import { stripPlace } from './strip.js';

/** Seconds from one end to the other. */
const duration = 3;

/** Pictures on the strip, the ends included. */
const shown = 9;

/** Milliseconds between two pictures while it moves: the page has other things to do, and often a model trains. */
const pace = 45;

/** The part of it that must be visible for it to move. */
const partly = 0.25;

/** Pixels of the canvas for each of the animated picture: where they are blocks, and where it is smooth, which the browser can enlarge. */
const [block, fine] = [12, 8];

const still = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * The place in a morph that is played back and forth.
 *
 * @param {number} seconds since it began at its first picture
 * @returns {number} from 0, the first picture, to 1, the last
 */
export function swing(seconds) {
  const t = (seconds / duration) % 2;
  return t <= 1 ? t : 2 - t;
}

/**
 * The picture at a place of a film: a mix of the two that are nearest.
 *
 * @param {Float32Array} out
 * @param {Float32Array} film pictures as long as out, one after the other
 * @param {number} t from 0 to 1
 */
export function mix(out, film, t) {
  const n = film.length / out.length;
  const at = Math.min(Math.max(t, 0), 1) * (n - 1);
  const first = Math.min(Math.floor(at), Math.max(n - 2, 0));
  const [a, b, part] = [first * out.length, Math.min(first + 1, n - 1) * out.length, at - first];
  for (let i = 0; i < out.length; i++) out[i] = film[a + i] + part * (film[b + i] - film[a + i]);
}

/** The animated picture, its controls and the strip. */
export class MorphPlayer {
  element;
  #colours;
  #look;
  /** @type {Float32Array} */
  #film = new Float32Array();
  #shape = [1, 28, 28];
  #picture = new Float32Array();
  /** Place, from 0 to 1. */
  #t = 0;
  /** Whether a person wants it to move, and whether it is visible. */
  #wanted = !still.matches;
  #visible = false;
  /** Seconds of moving, and the last frame's time; -1: it does not move. */
  #seconds = 0;
  #last = -1;
  #canvas = make('canvas', { className: 'now', width: 1, height: 1 });
  #play = make('button', { type: 'button', className: 'play' }, icon('play'));
  #slider = make('input', { type: 'range', min: '0', max: '1', step: '0.01', value: '0', disabled: true });
  #strip = make('canvas', { className: 'strip' });
  #pictures;
  #i18n;

  /**
   * @param {object} from
   * @param {import('../lib/i18n.js').I18n} from.i18n
   * @param {() => Record<string, string>} from.colours
   * @param {string} from.name of what is to be seen, a key among the texts
   * @param {string} from.id what data-testids begin with
   * @param {() => import('./pictures.js').Look} [from.look] pixels where it is not said
   */
  constructor({ i18n, colours, name, id, look = () => 'pixels' }) {
    this.#i18n = i18n;
    this.#colours = colours;
    this.#look = look;
    this.#canvas.setAttribute('role', 'img');
    i18n.attr(this.#canvas, 'aria-label', name);
    this.#strip.setAttribute('aria-hidden', 'true'); // the slider says the same
    i18n.attr(this.#slider, 'aria-label', 'morph.place');
    for (const [part, e] of Object.entries({ '': this.#canvas, '-play': this.#play, '-place': this.#slider })) e.dataset.testid = id + part;
    this.#play.addEventListener('click', () => this.#want(!this.#wanted));
    this.#slider.addEventListener('input', () => this.#seek(Number(this.#slider.value)));
    this.#slider.addEventListener('keydown', (e) => {
      if (e.key !== ' ') return;
      e.preventDefault();
      this.#want(!this.#wanted);
    });
    const go = (/** @type {PointerEvent} */ e) => {
      const r = this.#strip.getBoundingClientRect();
      this.#seek(stripPlace((e.clientX - r.left) / r.width, shown));
    };
    this.#strip.addEventListener('pointerdown', (e) => {
      if (e.button !== 0 || this.#film.length === 0) return;
      this.#strip.setPointerCapture(e.pointerId);
      go(e);
    });
    this.#strip.addEventListener('pointermove', (e) => {
      if (this.#strip.hasPointerCapture(e.pointerId)) go(e);
    });
    const film = make('div', {}, this.#strip);
    this.element = make(
      'div',
      { className: 'morph-player' },
      this.#canvas,
      make('div', { className: 'transport' }, this.#play, this.#slider),
      film,
    );
    this.#pictures = new Pictures(this.#strip, { count: shown, rows: 1, columns: shown, tight: true, look, colours });
    new IntersectionObserver(
      (entries) => {
        this.#visible = (entries.at(-1)?.intersectionRatio ?? 0) >= partly;
        this.#move();
      },
      { threshold: partly },
    ).observe(this.element);
    this.#sayPlay();
    this.#sayPlace();
  }

  /** The way so far is no more. */
  clear() {
    this.#film = new Float32Array();
    this.#pictures.show([null]);
    this.#slider.disabled = true;
    this.#canvas.width = this.#canvas.width; // empties it
  }

  /**
   * Shows another film; it goes on where it is.
   *
   * @param {Float32Array} film pictures, one after the other, at least two
   * @param {number[]} shape channels, height, width of each
   */
  show(film, shape) {
    this.#film = film;
    this.#shape = shape;
    const size = shape.reduce((a, b) => a * b, 1);
    this.#picture = new Float32Array(size);
    const n = film.length / size;
    const strip = new Float32Array(shown * size);
    for (let i = 0; i < shown; i++) {
      const at = Math.round((i / (shown - 1)) * (n - 1));
      strip.set(film.subarray(at * size, (at + 1) * size), i * size);
    }
    this.#pictures.show([strip], shown, shape);
    this.#slider.disabled = false;
    if (still.matches && this.#t === 0) {
      this.#t = 0.5;
      this.#seconds = duration * this.#t;
    }
    this.#sayPlace();
    this.redraw();
    this.#move();
  }

  /** Draws again, soon: there are other colours. */
  redraw() {
    this.#pictures.redraw();
    scheduleDraw(this, () => this.#paint());
  }

  /** @param {number} t */
  #seek(t) {
    this.#want(false);
    this.#t = t;
    this.#seconds = t * duration;
    this.#sayPlace();
    scheduleDraw(this, () => this.#paint());
  }

  /** @param {boolean} wanted */
  #want(wanted) {
    this.#wanted = wanted;
    this.#sayPlay();
    this.#move();
  }

  /** Begins to move, if it should and does not. */
  #move() {
    if (this.#last >= 0 || !this.#wanted || !this.#visible || this.#film.length === 0) return;
    this.#last = 0;
    requestAnimationFrame((now) => this.#tick(now));
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.#wanted || !this.#visible || this.#film.length === 0) {
      this.#last = -1;
      return;
    }
    if (this.#last > 0 && now - this.#last < pace) {
      requestAnimationFrame((next) => this.#tick(next));
      return;
    }
    // After a pause, or in a hidden tab, no leap.
    if (this.#last > 0) this.#seconds += Math.min((now - this.#last) / 1000, 0.1);
    this.#last = now;
    this.#t = swing(this.#seconds);
    this.#paint();
    this.#sayPlace();
    requestAnimationFrame((next) => this.#tick(next));
  }

  #paint() {
    if (this.#film.length === 0) return;
    mix(this.#picture, this.#film, this.#t);
    const look = this.#look();
    paintOne(this.#canvas, this.#picture, this.#shape, this.#colours(), look === 'pixels' ? block : fine, look);
  }

  #sayPlay() {
    const key = this.#wanted ? 'morph.pause' : 'morph.play';
    this.#play.querySelector('use')?.setAttribute('href', this.#wanted ? '#i-pause' : '#i-play');
    this.#i18n.attr(this.#play, 'aria-label', key);
    this.#i18n.attr(this.#play, 'title', key);
  }

  #sayPlace() {
    this.#slider.value = String(this.#t);
    this.#slider.style.setProperty('--at', `${this.#t * 100}%`);
    this.#i18n.attr(this.#slider, 'aria-valuetext', 'morph.place-value', { percent: Math.round(this.#t * 100) });
  }
}
