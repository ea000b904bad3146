/**
 * The view "Your hand": beside pad A the ten digits in the hand of what is on
 * it, what that was taken for, and sliders that change the hand.
 */
import { fetchBytes } from '../../engine/assets.js';
import { cacheOffline } from '../../engine/offline.js';
import { download, icon, make, passFocus } from '../../lib/dom.js';
import { InkdriftError, particulars } from '../../lib/errors.js';
import { formatMegabytes, formatProbability } from '../../lib/format.js';
import { paintOne, Pictures } from '../../ui/pictures.js';
import { Hand, modelFile } from './hand.js';

/** How far a slider goes to either side. */
const reach = 2.5;

/**
 * The sliders: which latent dimension each moves, and the words for it and for its
 * ends. What the numbers of the model mean says its card, models/cvae.md; turned:
 * the number falls to the right.
 */
const sliders = [
  { place: 6, turned: false, name: 'hand.slant', from: 'hand.slant-from', to: 'hand.slant-to' },
  { place: 7, turned: true, name: 'hand.pen', from: 'hand.pen-from', to: 'hand.pen-to' },
  { place: 0, turned: false, name: 'hand.width', from: 'hand.width-from', to: 'hand.width-to' },
  { place: 1, turned: true, name: 'hand.size', from: 'hand.size-from', to: 'hand.size-to' },
  { place: 2, turned: true, name: 'hand.top', from: 'hand.top-from', to: 'hand.top-to' },
];

/** Shape of a digit. */
const shape = [1, 28, 28];

/** The file that is saved: digits in a row, pixels of each of a digit's pixels, and of the paper around each digit. */
const file = { columns: 5, block: 8, gap: 24, name: 'inkdrift-handwriting.png' };

/**
 * Opens the view, for the first time.
 *
 * @param {import('../../app/context.js').AppContext} context
 * @param {HTMLElement} root
 */
export async function open(context, root) {
  const { engine, studio } = context;
  const assets = await context.assets();
  const fetch = async (/** @type {(loaded: number) => void} */ onProgress) => {
    const bytes = await fetchBytes(assets.url(modelFile), onProgress, 'model-missing');
    void cacheOffline(modelFile);
    return bytes;
  };
  const hand = new Hand({ engine, pad: studio.pads.a, fetch });
  return new HandView({ context, root, hand, bytes: assets.get(modelFile).bytes });
}

/** The view. */
export class HandView {
  #context;
  #hand;
  #pad;
  #i18n;
  #status;
  /** Whether the view is shown. */
  #visible = false;
  /** The revision of the pad that the live region named last. */
  #announced = -1;
  /** @type {import('./hand.js').HandDigits | null} */
  #digits = null;
  #wait = make('p', { className: 'wait' });
  #bar = make('progress');
  #alert = make('div', { className: 'alert', hidden: true });
  #sentence = make('p');
  #detail = make('div');
  #canvas = make('canvas', { className: 'ten' });
  #pictures;
  #verdict = make('p', { className: 'verdict' });
  #select = make('select', { disabled: true });
  #save = make('button', { type: 'button', disabled: true });
  #saved = make('span', { className: 'small saved' });
  /** The sliders by the latent dimension that they move. @type {Map<number, {input: HTMLInputElement, set: (value: number) => void}>} */
  #sliders = new Map();
  /** How far the model is, as the status says it: once it was there, an engine that begins anew is told of elsewhere. */
  #told = 'hand.wait';
  /** The address whose style is shown. */
  #hash = '';

  /**
   * @param {object} from
   * @param {import('../../app/context.js').AppContext} from.context
   * @param {HTMLElement} from.root
   * @param {import('./hand.js').Hand} from.hand
   * @param {number} from.bytes of the model
   */
  constructor({ context, root, hand, bytes }) {
    this.#context = context;
    this.#hand = hand;
    this.#pad = context.studio.pads.a;
    this.#i18n = context.i18n;
    this.#status = context.status;
    this.#fill(root);
    this.#pictures = new Pictures(this.#canvas, { count: 10, rows: 1, most: 5, gap: 0.06, look: () => 'ink', colours: context.colours });
    this.#pictures.show([null]);

    this.#bar.max = bytes;
    hand.on('loading', (loaded) => {
      this.#bar.value = Math.min(loaded, bytes);
      this.#show();
    });
    hand.on('state', (_state, error) => this.#show(error));
    hand.on('digits', (written) => this.#receive(written));
    context.studio.onSent((pad) => {
      if (this.#visible && pad === this.#pad) hand.padChanged();
    });
    this.#show();
  }

  /** @param {string} hash */
  enter(hash) {
    const { studio, fail } = this.#context;
    this.#visible = true;
    studio.onlyPad = this.#pad;
    this.#hand.padChanged();
    this.#readStyle(hash);
    this.#hand.open().catch(fail);
  }

  /**
   * Adds to an address what a person said the digit is, and the style.
   *
   * @param {URLSearchParams} query
   */
  share(query) {
    if (this.#hand.label !== null) query.set('is', String(this.#hand.label));
    for (const [place, { input }] of this.#sliders) if (Number(input.value) !== 0) query.set(`s${place}`, input.value);
  }

  /**
   * Takes what share has added to an address, once.
   *
   * @param {string} hash
   */
  #readStyle(hash) {
    if (hash === this.#hash || !hash.includes('?')) return;
    this.#hash = hash;
    const query = new URLSearchParams(hash.slice(hash.indexOf('?')));
    const is = query.get('is') ?? '';
    this.#hand.correct(/^[0-9]$/.test(is) ? Number(is) : null);
    for (const [place, { set }] of this.#sliders) {
      const value = Number(query.get(`s${place}`) ?? 0);
      set(Math.abs(value) <= reach ? value : 0);
    }
  }

  leave() {
    this.#visible = false;
    this.#context.studio.onlyPad = null;
  }

  themed() {
    this.#pictures.redraw();
  }

  status() {
    return this.#told;
  }

  /** @param {import('./hand.js').HandDigits} written */
  #receive(written) {
    this.#digits = written;
    this.#save.disabled = false;
    this.#i18n.clear(this.#saved);
    this.#pictures.show([written.pictures]);
    this.#showLabel();
    const { empty, rev, label } = written;
    if (empty || rev !== this.#pad.rev || rev === this.#announced || this.#pad.drawing) return;
    const first = this.#announced < 0;
    this.#announced = rev;
    // Nobody has drawn the example that is there in the beginning: the status says what to do.
    if (first && this.#pad.source === 'example') return;
    this.#status.say('hand.said', { digit: String(label) });
  }

  /** Says what the drawing was taken for. */
  #showLabel() {
    if (!this.#digits) return;
    const { empty, label, recognised, certainty } = this.#digits;
    this.#select.disabled = empty;
    this.#select.value = this.#hand.label === null ? '' : String(this.#hand.label);
    const values = { digit: String(label), read: String(recognised), percent: formatProbability(certainty) };
    if (empty) this.#i18n.text(this.#verdict, 'hand.empty');
    else if (label === recognised) this.#i18n.text(this.#verdict, 'hand.taken', values);
    else this.#i18n.text(this.#verdict, 'hand.told', values);
    this.#i18n.attr(this.#canvas, 'aria-label', empty ? 'hand.pictures-empty' : 'hand.pictures');
  }

  /**
   * Shows how far the model is.
   *
   * @param {import('../../lib/errors.js').InkdriftError} [error]
   */
  #show(error) {
    const { state } = this.#hand;
    const waits = state === 'fetching' || state === 'waiting' || state === 'idle';
    this.#wait.hidden = !waits;
    this.#bar.hidden = state !== 'fetching';
    const mb = (/** @type {number} */ n) => formatMegabytes(n, this.#i18n.lang);
    if (state === 'fetching')
      this.#i18n.text(this.#wait, 'hand.fetching', () => ({ loaded: mb(this.#bar.value), total: mb(this.#bar.max) }));
    else if (waits) this.#i18n.text(this.#wait, 'hand.wait');
    this.#tell(state === 'failed' ? 'hand.failed' : state === 'ready' || this.#told === 'hand.ready' ? 'hand.ready' : 'hand.wait');
    if (state !== 'failed') passFocus(this.#alert, document.getElementById('pad-a'));
    this.#alert.hidden = state !== 'failed';
    if (error) {
      this.#i18n.text(this.#sentence, error.code === 'model-missing' ? 'hand.missing' : `error.${error.code}`);
      this.#detail.replaceChildren(...particulars(error, this.#i18n));
    }
  }

  /** @param {string} key of what the status says of the model */
  #tell(key) {
    if (key === this.#told) return;
    this.#told = key;
    this.#status.say(key);
  }

  /** Saves the ten digits as a PNG, as they look on the page. */
  async #savePNG() {
    if (!this.#digits) return;
    const { columns, block, gap, name } = file;
    const [, h, w] = shape;
    const [wide, tall] = [w * block + gap, h * block + gap];
    const [page, one] = [make('canvas'), make('canvas')];
    Object.assign(page, { width: columns * wide + gap, height: (10 / columns) * tall + gap });
    const pen = /** @type {CanvasRenderingContext2D} */ (page.getContext('2d'));
    const colours = this.#context.colours();
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, page.width, page.height);
    for (let digit = 0; digit < 10; digit++) {
      paintOne(one, this.#digits.pictures.subarray(digit * w * h, (digit + 1) * w * h), shape, colours, block, 'ink');
      pen.drawImage(one, gap + (digit % columns) * wide, gap + Math.floor(digit / columns) * tall);
    }
    /** @type {Blob | null} */
    const blob = await new Promise((done) => page.toBlob(done, 'image/png'));
    if (!blob) throw new InkdriftError('unexpected', 'the browser gave no PNG');
    download(await blob.arrayBuffer(), 'image/png', name);
    this.#i18n.text(this.#saved, 'hand.saved', { name });
  }

  /** @param {HTMLElement} root */
  #fill(root) {
    const i18n = this.#i18n;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const head = make('div', { className: 'head' }, say(make('h2'), 'hand.head'), say(make('p'), 'hand.about'));
    this.#save.append(icon('save'), say(make('span'), 'save.png'));
    this.#save.dataset.testid = 'hand-png';
    this.#save.addEventListener('click', () => void this.#savePNG().catch(this.#context.fail));
    this.#saved.setAttribute('role', 'status');
    i18n.attr(this.#bar, 'aria-label', 'status.progress');
    const retry = make('button', { type: 'button' });
    retry.addEventListener('click', () => void this.#hand.open());
    this.#alert.setAttribute('role', 'alert');
    this.#alert.append(this.#sentence, this.#detail, say(retry, 'error.retry'));
    this.#canvas.setAttribute('role', 'img');
    i18n.attr(this.#canvas, 'aria-label', 'hand.pictures-empty');
    this.#canvas.dataset.testid = 'hand-pictures';
    this.#verdict.dataset.testid = 'hand-verdict';
    this.#select.dataset.testid = 'hand-label';

    const asRead = make('option', { value: '' });
    i18n.text(asRead, 'hand.as-read');
    this.#select.append(asRead, ...Array.from({ length: 10 }, (_, d) => make('option', { value: String(d) }, String(d))));
    this.#select.addEventListener('change', () => this.#hand.correct(this.#select.value === '' ? null : Number(this.#select.value)));
    const pick = make('label', { className: 'pick' }, say(make('span'), 'hand.is'), this.#select);

    const reset = make('button', { type: 'button' }, icon('undo'), say(make('span'), 'hand.reset'));
    reset.dataset.testid = 'hand-reset';
    reset.addEventListener('click', () => {
      for (const { set } of this.#sliders.values()) set(0);
      this.#hand.reset();
    });
    const title = say(make('h3', { id: 'head-hand-style' }), 'hand.style');
    const style = make(
      'div',
      { className: 'style' },
      make('div', { className: 'head' }, title, reset),
      ...sliders.map((s) => this.#slider(s)),
    );
    style.setAttribute('role', 'group');
    style.setAttribute('aria-labelledby', title.id);

    root.append(
      head,
      make('div', { className: 'loading' }, this.#wait, this.#bar, this.#alert),
      make('figure', { className: 'digits' }, this.#canvas),
      make('div', { className: 'judged' }, this.#verdict, pick, make('div', { className: 'keep' }, this.#save, this.#saved)),
      style,
    );
  }

  /** @param {typeof sliders[number]} slider */
  #slider({ place, turned, name, from, to }) {
    const i18n = this.#i18n;
    const input = make('input', { type: 'range', min: String(-reach), max: String(reach), step: '0.05', value: '0' });
    input.dataset.testid = `hand-${place}`;
    const words = (/** @type {string} */ key, /** @type {string} */ className) => {
      const e = make('span', { className });
      i18n.text(e, key);
      return e;
    };
    const tell = () => {
      const v = Number(input.value);
      if (v === 0) i18n.attr(input, 'aria-valuetext', 'hand.as-drawn');
      else
        i18n.attr(input, 'aria-valuetext', 'hand.towards', () => ({
          percent: Math.round((Math.abs(v) / reach) * 100),
          end: i18n.t(v < 0 ? from : to),
        }));
    };
    const move = () => {
      tell();
      this.#hand.move(place, (turned ? -1 : 1) * Number(input.value));
    };
    input.addEventListener('input', move);
    this.#sliders.set(place, {
      input,
      set(value) {
        input.value = String(value);
        move();
      },
    });
    tell();
    i18n.attr(input, 'aria-label', name);
    return make('label', { className: 'knob' }, words(name, 'name'), words(from, 'end from small'), input, words(to, 'end to small'));
  }
}
