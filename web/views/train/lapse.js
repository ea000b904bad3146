/**
 * The time-lapse of a run: its moments, with a slider, as a film, and as a GIF.
 */
import { download, icon, make } from '../../lib/dom.js';
import { fileName } from '../../lib/file-name.js';
import { formatNumber } from '../../lib/format.js';
import { answer } from '../../ui/answer.js';
import { makePalette, Quantiser } from '../../ui/lapse-palette.js';
import { MomentPicture, size } from './lapse-picture.js';

/** Milliseconds between two moments of the film. */
const pace = 250;

/**
 * @typedef {import('../../training/moments.js').Moments} Moments
 * @typedef {(fields: import('../../generated/protocol.js').Film, bufs: ArrayBuffer[]) => Promise<ArrayBuffer>} MakeFilm makes a GIF
 */

/** The time-lapse. */
export class TimeLapse {
  element = make('figure', { className: 'wide lapse', hidden: true });

  #i18n;
  #film;
  #fail;
  #colours;
  #picture;
  #canvas = make('canvas', { width: size.width, height: size.height });
  #play = make('button', { type: 'button', className: 'play' }, icon('play'));
  #slider = make('input', { type: 'range', min: '0', step: '1' });
  #save = make('button', { type: 'button' });
  /** @type {Moments | null} */
  #moments = null;
  /** Where the run's ELBO was measured. @type {import('../../training/curve.js').Curve | null} */
  #validation = null;
  #name = '';
  /** The moment that is shown; the newest one follows the run. */
  #at = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether it is in the window; what is out of sight is not painted while a model trains. */
  #visible = true;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {() => Record<string, string>} from.colours those of the page
   * @param {() => Record<string, string>} from.tones those of the pictures
   * @param {MakeFilm} from.film
   * @param {(error: unknown, cause: Element) => void} from.fail
   */
  constructor({ i18n, colours, tones, film, fail }) {
    this.#i18n = i18n;
    this.#film = film;
    this.#fail = fail;
    this.#colours = colours;
    this.#picture = new MomentPicture(colours, tones);
    const said = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    this.#canvas.setAttribute('role', 'img');
    i18n.attr(this.#slider, 'aria-label', 'lapse.place');
    const ids = /** @type {[string, HTMLElement][]} */ ([
      ['lapse', this.#canvas],
      ['lapse-play', this.#play],
      ['lapse-place', this.#slider],
      ['lapse-save', this.#save],
    ]);
    for (const [id, e] of ids) e.dataset.testid = id;
    this.#save.append(icon('save'), said(make('span'), 'save.gif'));
    this.#play.addEventListener('click', () => this.#want(this.#timer === undefined));
    this.#slider.addEventListener('input', () => {
      this.#want(false);
      this.#seek(Number(this.#slider.value));
    });
    this.#save.addEventListener('click', () => void this.#export());
    this.element.append(
      said(make('h3'), 'lapse.head'),
      this.#canvas,
      make('div', { className: 'transport' }, this.#play, this.#slider, this.#save),
      said(make('figcaption'), 'lapse.about'),
    );
    i18n.onChange(() => this.redraw());
    new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting === true;
      if (this.#visible) this.redraw();
    }).observe(this.#canvas);
    addEventListener('beforeprint', () => {
      if (!this.element.hidden) this.#paint(this.#pen, this.#at);
    });
    this.#want(false);
  }

  /**
   * Shows the moments of a run, or that there are more.
   *
   * @param {Moments | null} moments
   * @param {import('../../training/curve.js').Curve | null} validation the run's curve of validation pictures
   * @param {string} name of the run
   */
  show(moments, validation, name) {
    const followed = this.#moments !== moments || this.#at >= Number(this.#slider.max);
    this.#moments = moments;
    this.#validation = validation;
    this.#name = name;
    const n = moments?.list.length ?? 0;
    this.element.hidden = n < 2;
    if (n < 2) {
      this.#want(false);
      return;
    }
    this.#slider.max = String(n - 1);
    this.#seek(followed && this.#timer === undefined ? n - 1 : Math.min(this.#at, n - 1));
  }

  /** Paints again: other colours, another language. */
  redraw() {
    if (!this.element.hidden) this.#seek(this.#at);
  }

  /** @param {number} i */
  #seek(i) {
    const moments = this.#moments;
    if (!moments || moments.list.length === 0) return;
    this.#at = i;
    this.#slider.value = String(i);
    this.#slider.style.setProperty('--at', `${(100 * i) / Math.max(moments.list.length - 1, 1)}%`);
    const words = this.#words(i);
    this.#slider.setAttribute('aria-valuetext', words);
    this.#canvas.setAttribute('aria-label', this.#i18n.t('lapse.name', { words }));
    if (this.#visible) this.#paint(this.#pen, i);
  }

  /** What is said of a moment. @param {number} i */
  #words(i) {
    const { step, elbo } = /** @type {Moments} */ (this.#moments).list[i];
    if (elbo === null) return this.#i18n.t('watch.step', { step });
    return this.#i18n.t('lapse.value', { step, elbo: formatNumber(elbo, this.#i18n.lang, 1) });
  }

  /** The ELBO of the run, where it was measured. @returns {{step: number, elbo: number}[]} */
  #curve() {
    const curve = this.#validation;
    if (!curve?.columns.includes('elbo')) return [];
    const values = curve.column('elbo');
    return Array.from(curve.column('step'), (step, i) => ({ step, elbo: values[i] })).filter(({ elbo }) => Number.isFinite(elbo));
  }

  get #pen() {
    return /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} i */
  #paint(pen, i) {
    const moments = /** @type {Moments} */ (this.#moments);
    this.#picture.paint(pen, moments.at(i), { shape: moments.shape, labels: moments.labels, curve: this.#curve() }, this.#words(i));
  }

  /** @param {boolean} playing */
  #want(playing) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const key = playing ? 'morph.pause' : 'morph.play';
    this.#play.querySelector('use')?.setAttribute('href', playing ? '#i-pause' : '#i-play');
    for (const name of ['aria-label', 'title']) this.#i18n.attr(this.#play, name, key);
    if (!playing) return;
    const end = Number(this.#slider.max);
    if (this.#at >= end) this.#seek(0);
    const next = () => {
      this.#timer = setTimeout(() => {
        if (!this.element.isConnected || this.element.hidden) return this.#want(false);
        this.#seek(this.#at + 1);
        if (this.#at >= Number(this.#slider.max)) this.#want(false);
        else next();
      }, pace);
    };
    next();
  }

  /** Saves all moments as a film. */
  async #export() {
    const moments = this.#moments;
    if (!moments || this.#save.getAttribute('aria-busy') === 'true') return;
    this.#save.setAttribute('aria-busy', 'true');
    try {
      const count = moments.list.length;
      const { width, height } = size;
      const palette = makePalette(this.#colours());
      const quantiser = new Quantiser(palette);
      const pen = /** @type {CanvasRenderingContext2D} */ (
        make('canvas', { width, height }).getContext('2d', { willReadFrequently: true })
      );
      const frames = new Uint8Array(count * width * height);
      for (let i = 0; i < count; i++) {
        this.#paint(pen, i);
        const { data } = pen.getImageData(0, 0, width, height);
        quantiser.indices(data, frames.subarray(i * width * height, (i + 1) * width * height));
        await new Promise((resolve) => setTimeout(resolve)); // the page goes on meanwhile
      }
      const file = await this.#film({ width, height, count, delayMs: pace }, [palette.slice().buffer, frames.buffer]);
      const name = `${fileName(this.#name, 'run')}.gif`;
      download(file, 'image/gif', name);
      answer(this.#save, this.#i18n.t('answer.saved', { name }));
    } catch (e) {
      this.#fail(e, this.element);
    } finally {
      this.#save.removeAttribute('aria-busy');
    }
  }
}
