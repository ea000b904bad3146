/**
 * How the morph is played: the page decides, the stage plays it and reports
 * its place.
 */
import { Emitter } from '../../lib/emitter.js';
import { byId } from '../../lib/dom.js';
import { stripPlace } from '../../ui/strip.js';

/** Pictures on the way from A to B, both ends included. */
export const frames = 48;

/** The time from A to B at speed 1, in seconds. */
export const duration = 3;

const speeds = [0.25, 0.5, 1, 2, 4];
/** What happens at the end. */
export const modes = ['pingpong', 'loop', 'once'];
/** Ways through latent space. */
export const paths = ['slerp', 'lerp'];

/**
 * Events: `command` when the stage has to be sent it (again), `moved` when it has
 * moved.
 */
export class Playback extends Emitter {
  playing = false;
  /** Place between A (0) and B (1). */
  t = 0;
  speed = 1;
  mode = 'pingpong';
  path = 'slerp';

  #play = byId('play', HTMLButtonElement);
  #icon = this.#play.querySelector('use');
  #scrub = byId('scrub', HTMLInputElement);
  #i18n;
  #store;

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {import('../../lib/local-storage.js').LocalStore} store
   */
  constructor(i18n, store) {
    super();
    this.#i18n = i18n;
    this.#store = store;
    const saved = store.get('play') ?? {};
    this.speed = one(speeds, saved.speed, this.speed);
    this.mode = one(modes, saved.mode, this.mode);
    this.path = one(paths, saved.path, this.path);

    this.#play.addEventListener('click', () => this.toggle());
    this.#scrub.addEventListener('input', () => this.seek(Number(this.#scrub.value)));
    this.#pick('speed', (v) => (this.speed = one(speeds, Number(v), 1)), this.speed);
    this.#pick('mode', (v) => (this.mode = one(modes, v, 'pingpong')), this.mode);
    this.#pick('path', (v) => (this.path = one(paths, v, 'slerp')), this.path);
    document.addEventListener('keydown', (e) => this.#key(e));
    this.#strip(byId('strip', HTMLElement));
    byId('morph', HTMLElement).addEventListener('click', () => this.toggle());
    this.#show();
  }

  /** The message to the stage. */
  get command() {
    const { playing, t, speed, mode, path } = this;
    return { type: /** @type {const} */ ('play'), playing, t, speed, mode, path, frames };
  }

  /** Plays, or pauses. */
  toggle() {
    this.#set(!this.playing, !this.playing && this.mode === 'once' && this.t >= 1 ? 0 : this.t);
  }

  /** Plays from where it is. */
  start() {
    this.#set(true, this.t);
  }

  /**
   * Goes to a place and stays there.
   *
   * @param {number} t
   */
  seek(t) {
    this.#set(false, Math.min(Math.max(t, 0), 1));
  }

  /**
   * Plays as a link says, for this visit.
   *
   * @param {{path?: string, mode?: string, t?: number}} link
   */
  follow({ path = this.path, mode = this.mode, t }) {
    this.path = byId('path', HTMLSelectElement).value = path;
    this.mode = byId('mode', HTMLSelectElement).value = mode;
    if (t !== undefined) this.seek(t);
    else this.emit('command');
  }

  /**
   * The stage has moved.
   *
   * @param {number} t
   * @param {boolean} playing
   */
  tick(t, playing) {
    if (!Number.isFinite(t)) return;
    // A tick that was on its way when the person paused says nothing any more.
    if (!this.playing && playing) return;
    this.t = t;
    if (this.playing && !playing && this.mode === 'once' && t >= 1) this.playing = false;
    this.#show();
    this.emit('moved');
  }

  /**
   * @param {boolean} playing
   * @param {number} t
   */
  #set(playing, t) {
    this.playing = playing;
    this.t = t;
    this.#show();
    this.emit('command');
    this.emit('moved');
  }

  #show() {
    const name = this.playing ? 'morph.pause' : 'morph.play';
    if (this.#play.dataset.shown !== name) {
      this.#play.dataset.shown = name;
      this.#icon?.setAttribute('href', this.playing ? '#i-pause' : '#i-play');
      this.#i18n.attr(this.#play, 'aria-label', name);
      this.#i18n.attr(this.#play, 'title', name);
    }
    const percent = Math.round(this.t * 100);
    if (Number(this.#scrub.value) !== this.t) this.#scrub.value = String(this.t);
    this.#scrub.style.setProperty('--at', `${this.t * 100}%`);
    this.#i18n.attr(this.#scrub, 'aria-valuetext', 'studio-morph.place', { percent });
  }

  /**
   * @param {string} id
   * @param {(value: string) => void} set
   * @param {string | number} value
   */
  #pick(id, set, value) {
    const select = byId(id, HTMLSelectElement);
    select.value = String(value);
    select.addEventListener('change', () => {
      set(select.value);
      this.#store.set('play', { speed: this.speed, mode: this.mode, path: this.path });
      this.emit('command');
    });
  }

  /**
   * The space bar plays and pauses, unless it belongs to what has the focus.
   *
   * @param {KeyboardEvent} e
   */
  #key(e) {
    if (e.key !== ' ' || e.repeat || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    const target = e.target instanceof Element ? e.target : null;
    if (target?.closest('input:not([type=range]), select, textarea, button, summary, a[href], [contenteditable]')) return;
    e.preventDefault();
    this.toggle();
  }

  /**
   * A click on the strip, or a drag along it, goes to the picture there.
   *
   * @param {HTMLElement} strip
   */
  #strip(strip) {
    const go = (/** @type {PointerEvent} */ e) => {
      const r = strip.getBoundingClientRect();
      this.seek(stripPlace((e.clientX - r.left) / r.width, r.width / r.height));
    };
    strip.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      strip.setPointerCapture(e.pointerId);
      go(e);
    });
    strip.addEventListener('pointermove', (e) => {
      if (strip.hasPointerCapture(e.pointerId)) go(e);
    });
  }
}

/**
 * @template T
 * @param {T[]} choices
 * @param {any} wanted
 * @param {T} otherwise
 * @returns {T}
 */
function one(choices, wanted, otherwise) {
  return choices.includes(wanted) ? wanted : otherwise;
}
