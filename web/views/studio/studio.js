/**
 * The view "Studio": two pads, their latent dimensions, the morph between them
 * and samples. Its pads are in other views as well, so it is made when the
 * page begins, whichever view that begins with.
 */
import { byId } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { loadModule } from '../../lib/load-module.js';
import { addStyle } from '../../lib/styles.js';
import { cacheLoaded } from '../../engine/offline.js';
import { classifierLoader } from '../../engine/classifier.js';
import { brush } from '../../engine/strokes.js';
import { answer } from '../../ui/answer.js';
import { LatentBars } from '../../ui/latent-bars.js';
import { firstMorph } from '../../generated/first-morph.js';
import { blank, contentFromJSON } from '../../ui/pad.js';
import { isDot, needsShare, reading } from '../../ui/reading.js';
import { Exports } from './exports.js';
import { FirstPictures } from './first-pictures.js';
import { LazySection } from './lazy-section.js';
import { MapPanel } from './map-panel.js';
import { PadFill } from './pad-fill.js';
import { PadPointers } from './pad-pointers.js';
import { PadSync } from './pad-sync.js';
import { labelWords, PadView } from './pad-view.js';
import { Playback } from './playback.js';
import { Samples } from './samples.js';

/**
 * @typedef {import('../../app/context.js').AppContext} AppContext
 * @typedef {import('../../ui/pad.js').Pad} Pad
 * @typedef {{a: ReturnType<Pad['toJSON']>, b: ReturnType<Pad['toJSON']>}} SavedPads
 *
 * @typedef {{strokes: readonly import('../../engine/strokes.js').Stroke[], example: boolean}} LinkedDrawing example: it makes way for the first stroke
 * @typedef {{a?: LinkedDrawing | null, b?: LinkedDrawing | null, path?: string, mode?: string, t?: number}} Linked what a link shows; null: an
 *   empty pad; undefined: it says nothing of it
 */

/** Milliseconds without a change after which the drawings are saved. */
const saveDelay = 400;

const still = matchMedia('(prefers-reduced-motion: reduce)');

/** @param {AppContext} context */
export async function open({ studio }) {
  return studio;
}

/** The view. */
export class Studio {
  /** The only pad that the view in front shows, and says the label of; null: both are shown, and the studio says it. @type {Pad | null} */
  onlyPad = null;

  #context;
  #sync;
  #fill;
  #how;
  #try;
  /** @type {import('./before.js').Before | null} */
  #before = null;
  #player;
  #samples;
  #padViews;
  #bars;
  #map;
  /** The pad that was used last. */
  #lastUsed;
  /** Pads that a person has changed and whose label has not been said. @type {Set<Pad>} */
  #unsaid = new Set();
  #pointers = new PadPointers();
  #brushWidth;
  /** How typical of digits what is on a pad is, once it has been measured. @type {Map<Pad, {rev: number, share: number | null}>} */
  #typical = new Map();
  /** Whether the model has no classifier and the one that reads drawings for it is on its way. */
  #readerComes = false;
  /** @type {Promise<import('./typicality.js').TypicalityMeter> | null} */
  #meter = null;
  /** Fetches the classifier. @type {(() => Promise<ArrayBuffer>) | null} */
  #classifier = null;
  /** What was on the pads when the page was left; null at the first visit. */
  #saved;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saveTimer;
  #shown = false;
  /** Whether the morph is played once the studio is shown. */
  #playWhenShown = false;
  /** The morph that the stage shows. */
  #morph = { frames: 0, path: '' };
  /** Whether what is on the pads came with a link and nobody has changed it: it is not saved. */
  #isGuest = false;
  /** Whether the pads are being filled with what came with a link. */
  #filling = false;
  /** Whether the morph stays where a link put it. */
  #placed = false;
  /** Whether the morph was played or placed as the page began. */
  #begun = false;
  #first;
  /** Called when a person changes what came with a link. @type {(() => void)[]} */
  #onTaken = [];

  /** @param {Omit<AppContext, 'studio'>} context */
  constructor(context) {
    const { engine, stage, i18n, store, terms, fail } = context;
    this.#context = context;
    this.#saved = store.get('pads');
    const width = store.get('brush');
    this.#brushWidth = width >= brush.min && width <= brush.max ? width : brush.usual;
    this.#sync = new PadSync({ engine, stage, onError: fail });
    this.#lastUsed = this.pads.a;
    this.#player = new Playback(i18n, store);
    this.#samples = new Samples(engine, i18n, store, () => this.#samples.feed(stage), fail);
    this.#first = new FirstPictures({
      pads: this.#sync.both.map((pad) => [pad, byId(`pad-${pad.name}`, HTMLElement)]),
      morph: byId('morph', HTMLElement),
      player: this.#player,
      stage,
      colours: context.colours,
    });
    this.#fill = new PadFill(engine, fail, byId('picture-file', HTMLInputElement), () => this.#samples.prior);
    this.#bars = {
      a: new LatentBars(byId('bars-a', HTMLElement), 'A', i18n),
      b: new LatentBars(byId('bars-b', HTMLElement), 'B', i18n),
    };
    this.#map = new MapPanel(context, this.pads, () => this.#player.start());
    const callbacks = this.#padCallbacks();
    this.#padViews = { a: new PadView(this.pads.a, callbacks), b: new PadView(this.pads.b, callbacks) };
    for (const view of this.#bothViews) {
      view.show();
      view.showWidth();
    }
    new Exports({
      engine,
      player: this.#player,
      pads: this.pads,
      drawn: () => this.#map.map.path,
      colours: () => ({ ink: context.colours().ink, paper: context.colours().paper }),
      onError: fail,
      onAnswer: (button, key) => answer(button, i18n.t(key)),
    });
    for (const name of ['a', 'b']) byId(`head-latent-${name}`, HTMLElement).after(terms.button('posterior', `latent.head-${name}`));
    this.#try = new LazySection(byId('try', HTMLElement), (root) => this.#openTry(root), fail);
    this.#how = new LazySection(byId('how-it-works', HTMLElement), (root) => this.#openHow(root), fail);
    this.#listen();
  }

  /** The two pads. */
  get pads() {
    return this.#sync.pads;
  }

  /**
   * Calls fn when the content of a pad is on its way to the engine.
   *
   * @param {(pad: Pad) => void} fn
   */
  onSent(fn) {
    return this.#sync.on('sent', fn);
  }

  enter() {
    this.#shown = true;
    if (!this.#playWhenShown) return;
    this.#playWhenShown = false;
    this.#player.start();
  }

  leave() {
    this.#shown = false;
    this.#playWhenShown = this.#player.playing;
    if (this.#player.playing) this.#player.seek(this.#player.t);
  }

  /** The stage is told of the colours by the page. */
  themed() {
    this.#try.themed();
    this.#how.themed();
    this.#before?.redraw();
    this.#first.redraw();
  }

  status() {
    const isUntouched = this.#sync.both.every((pad) => pad.source === 'example' || (pad.empty && !this.#saved));
    return isUntouched ? 'status.ready-examples' : 'status.ready';
  }

  /**
   * Puts on the pads what was there when the page was left, or two different examples, whose morph begins at once.
   *
   * @param {string} model that will decode it
   * @param {boolean} plays whether it moves before it is asked for
   */
  begin(model, plays) {
    if (this.#saved) {
      for (const pad of this.#sync.both) pad.restore(this.#saved[pad.name]);
      return;
    }
    this.#filling = true; // nobody has drawn that: it is not saved
    this.#first.begin(model);
    this.#filling = false;
    for (const pad of this.#sync.both) this.#fill.knows(pad, firstMorph.digits[pad.name]);
    if (plays) this.play();
  }

  /**
   * Shows what a link holds. It is not saved before a person changes it.
   *
   * @param {Linked} link
   * @returns {SavedPads | null} what a person had drawn and is on the pads no more
   */
  show(link) {
    this.#placed = link.t !== undefined;
    this.#player.follow(link);
    const own = this.#own;
    const contents = this.#sync.both.map((pad) => {
      const drawing = link[pad.name];
      if (drawing === undefined) return null;
      /** @type {import('../../ui/pad.js').Content} */
      const content = drawing ? { strokes: drawing.strokes, bitmap: null, source: drawing.example ? 'example' : 'drawn' } : blank;
      return content;
    });
    return this.#replace(contents, true) ? own : null;
  }

  /**
   * Puts on the pads what a person had drawn before.
   *
   * @param {SavedPads} saved
   * @returns {SavedPads | null} what a person had drawn since, and is on the pads no more
   */
  putBack(saved) {
    const own = this.#own;
    const replaced = this.#replace([contentFromJSON(saved.a), contentFromJSON(saved.b)], false);
    this.#save();
    return replaced ? own : null;
  }

  /**
   * Calls fn when a person changes what came with a link.
   *
   * @param {() => void} fn
   */
  onTaken(fn) {
    this.#onTaken.push(fn);
  }

  /**
   * Calls fn when the morph has moved.
   *
   * @param {() => void} fn
   */
  onMoved(fn) {
    return this.#player.on('moved', fn);
  }

  /** Plays the morph from where it is. */
  start() {
    this.#player.start();
  }

  /** Pauses the morph. */
  pause() {
    this.seek(this.#player.t);
  }

  /**
   * Goes to a place of the morph and stays there.
   *
   * @param {number} t from 0, which is A, to 1
   */
  seek(t) {
    this.#player.seek(t);
  }

  /** Whether a link has put the morph where it is. */
  get isPlaced() {
    return this.#placed;
  }

  /** What a link holds of the studio. */
  get shown() {
    const { path, mode, t } = this.#player;
    return { a: this.pads.a.content, b: this.pads.b.content, path, mode, t };
  }

  /** What a person has drawn or put on the pads, if that is what is there. @returns {SavedPads | null} */
  get #own() {
    const { a, b } = this.pads;
    if (this.#isGuest || [a, b].every((pad) => pad.empty || pad.source === 'example')) return null;
    return { a: a.toJSON(), b: b.toJSON() };
  }

  /**
   * @param {(import('../../ui/pad.js').Content | null)[]} contents of both pads; null: it stays as it is
   * @param {boolean} isGuest whether they came with a link
   * @returns {boolean} whether something else is on the pads now
   */
  #replace(contents, isGuest) {
    if (this.#saveTimer !== undefined) this.#save();
    const json = () => JSON.stringify(this.#sync.both.map((pad) => pad.toJSON()));
    const before = json();
    this.#filling = true;
    for (const [i, pad] of this.#sync.both.entries()) {
      const content = contents[i];
      if (content) pad.fill(content, !pad.empty);
    }
    this.#filling = false;
    const replaced = json() !== before;
    this.#isGuest = isGuest && (replaced || this.#isGuest);
    return replaced;
  }

  /**
   * Plays the morph, once the studio is shown, unless a link has put it
   * somewhere; where motion is not wanted its middle is shown.
   *
   * @param {boolean} [asked] whether the address asks for it
   */
  play(asked = false) {
    if (this.#begun || (this.#placed && (!asked || still.matches))) return;
    this.#begun = true;
    if (still.matches) this.#player.seek(0.5);
    else if (this.#shown) this.#player.start();
    else this.#playWhenShown = true;
  }

  /**
   * Puts a picture on a pad, or the first two of several on both.
   *
   * @param {File[]} files
   * @param {Element | null} target where they were dropped, or what has the focus
   */
  putPictures(files, target) {
    const { a, b } = this.pads;
    const first = this.#padFor(target);
    const pads = this.onlyPad ? [first] : [first, first === a ? b : a];
    for (const [i, pad] of pads.entries()) {
      if (!files[i]) break;
      this.#used(pad);
      void this.#fill.picture(pad, files[i]);
    }
  }

  /** The map of latent space. */
  get map() {
    return this.#map.map;
  }

  /** What scripts see of it. */
  get state() {
    const { t, playing, path } = this.#player;
    return {
      map: this.#map.map.state,
      read: this.#reading(this.#lastUsed),
      a: { ...snapshot(this.pads.a), read: this.#reading(this.pads.a) },
      b: { ...snapshot(this.pads.b), read: this.#reading(this.pads.b) },
      morph: { t, playing, frames: this.#morph.frames, path: this.#morph.path || path },
      how: this.#how.state,
      try: this.#try.state,
    };
  }

  /** @param {HTMLElement} root */
  async #openHow(root) {
    const [{ How }] = await Promise.all([loadModule(() => import('./how.js'), 'how.js'), addStyle('css/how.css')]);
    return new How(root, this.#context, this.#map.map);
  }

  /** Shows what the model made of the drawings that the one in use began with, if there is such a model. */
  async #showBefore() {
    const { models } = this.#context;
    if (!models.before && !this.#before) return;
    const { Before } = await loadModule(() => import('./before.js'), 'before.js');
    this.#before ??= new Before(this.#context, this.pads);
    this.#before.show(models.before);
  }

  /** @param {HTMLElement} root */
  async #openTry(root) {
    const { i18n } = this.#context;
    const [{ Try }] = await Promise.all([
      loadModule(() => import('./try-panel.js'), 'try-panel.js'),
      i18n.add('try'),
      addStyle('css/try.css'),
    ]);
    return new Try(root, this.#context, this.pads);
  }

  get #bothViews() {
    return [this.#padViews.a, this.#padViews.b];
  }

  /** @returns {import('./pad-view.js').PadCallbacks} */
  #padCallbacks() {
    const { i18n, store, fail } = this.#context;
    return {
      i18n,
      fill: this.#fill,
      pointers: this.#pointers,
      width: () => this.#brushWidth,
      setWidth: (width) => {
        this.#brushWidth = width;
        store.set('brush', width);
        for (const view of this.#bothViews) {
          view.show();
          view.showWidth();
        }
      },
      read: (pad) => this.#reading(pad),
      isRead: (pad) => this.#isRead(pad),
      onUse: (pad) => this.#used(pad),
      onFull: () => fail(new InkdriftError('drawing-full', '')),
    };
  }

  #listen() {
    const { engine, stage, events, fail } = this.#context;
    events.on('change', ({ model }) => model !== undefined && void this.#showBefore().catch(fail));
    this.#sync.on('change', (pad) => this.#changed(pad));
    this.#sync.on('result', (pad, settled) => this.#showResult(pad, settled));
    engine.on('model', (head) => {
      this.#samples.show(head.model);
      this.#typical.clear(); // it was measured with another model
      this.#readerComes = head.model.classes === 0;
      if (this.#readerComes) void this.#readDrawings();
    });
    stage.on('connected', () => {
      stage.send(this.#player.command);
      this.#samples.feed(stage);
    });
    stage.on('tick', (head) => this.#player.tick(head.t, head.playing));
    stage.on('morph', (head) => {
      this.#morph = { frames: head.frames, path: head.path };
      events.emit('change', { morph: true });
    });
    this.#player.on('command', () => stage.send(this.#player.command));
    addEventListener('pagehide', () => {
      if (this.#saveTimer !== undefined) this.#save();
    });
    this.#showHint();
  }

  /** @param {Pad} pad that a person turned to */
  #used(pad) {
    this.#lastUsed = pad;
    this.#unsaid.add(pad);
  }

  /** @param {Pad} pad whose content has changed */
  #changed(pad) {
    if (pad.empty && this.#unsaid.delete(pad)) this.#context.status.say('status.cleared', { pad: pad.name.toUpperCase() });
    this.#padViews[pad.name].show();
    this.#showHint();
    this.#first.changed(pad);
    if (this.#filling) return;
    if (this.#isGuest) {
      this.#isGuest = false;
      for (const fn of this.#onTaken) fn();
    }
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => this.#save(), saveDelay);
  }

  /**
   * @param {Pad} pad
   * @param {boolean} settled whether it is of the newest content
   */
  #showResult(pad, settled) {
    const { name, result } = pad;
    this.#padViews[name].showLabel();
    this.#bars[name].show(result.mu, result.logvar);
    this.#map.encoded(pad, settled);
    this.#context.events.emit('change', { pad: name });
    if (settled && result.label !== null) void this.#read(pad);
  }

  /** How what is on a pad is read. @param {Pad} pad */
  #reading(pad) {
    const measured = this.#typical.get(pad);
    const share = measured?.rev === pad.rev ? measured.share : null;
    return reading(pad.result, share, isDot(pad.content));
  }

  /** Whether no more is to be found out about what is on a pad. @param {Pad} pad */
  #isRead(pad) {
    if (pad.result.label === null) return !this.#readerComes;
    const isMeasured = !this.#isMeasurable(pad) || this.#typical.get(pad)?.rev === pad.rev;
    return isMeasured || isDot(pad.content) || !needsShare(pad.result);
  }

  /** Whether it is found out how typical of digits what is on a pad is. @param {Pad} pad */
  #isMeasurable(pad) {
    return this.#context.models.listed && pad.source !== 'example';
  }

  /**
   * Finds out whether what a person drew is like digits at all, and says what it is read as.
   *
   * @param {Pad} pad
   */
  async #read(pad) {
    const { status, events } = this.#context;
    const { name, rev } = pad;
    if (this.#isMeasurable(pad) && this.#typical.get(pad)?.rev !== rev) {
      const share = await this.#shareBelow(pad);
      if (pad.rev !== rev) return; // what is there now is read when it is encoded
      this.#typical.set(pad, { rev, share });
      this.#padViews[name].showLabel();
      events.emit('change', { pad: name });
    }
    if (!this.#unsaid.delete(pad) || this.onlyPad) return;
    const [key, values] = labelWords('status', this.#reading(pad), pad.result);
    status.say(key, { pad: name.toUpperCase(), ...values });
  }

  /** @param {Pad} pad @returns {Promise<number | null>} null where it cannot be measured: then its digit is said */
  async #shareBelow(pad) {
    try {
      this.#meter ??= this.#makeMeter();
      return (await (await this.#meter).measure(pad))?.share ?? null;
    } catch {
      this.#meter = null;
      return null;
    }
  }

  async #makeMeter() {
    const { TypicalityMeter } = await loadModule(() => import('./typicality.js'), 'typicality.js');
    cacheLoaded(/\/typicality\.js$/);
    return new TypicalityMeter(this.#context);
  }

  /** Gives the engine the classifier that reads drawings for a model that has none. Without it there are no labels. */
  async #readDrawings() {
    const { assets, engine, fail } = this.#context;
    try {
      this.#classifier ??= classifierLoader(await assets());
      await engine.request('classifier.load', {}, [await this.#classifier()]);
    } catch (e) {
      this.#readerComes = false;
      for (const view of this.#bothViews) view.showLabel();
      if (InkdriftError.from(e).code !== 'model-missing') fail(e);
    }
  }

  /** Says what is missing where the morph would be. */
  #showHint() {
    byId('hint-morph', HTMLElement).hidden = this.#sync.both.every((p) => !p.empty);
  }

  /** Saves the drawings for the next visit. */
  #save() {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#context.store.set('pads', { a: this.pads.a.toJSON(), b: this.pads.b.toJSON() });
  }

  /**
   * The pad that an element belongs to, or an empty one, or the one that was
   * used last.
   *
   * @param {Element | null} target
   */
  #padFor(target) {
    if (this.onlyPad) return this.onlyPad;
    const side = target?.closest('.side');
    if (side) return side.classList.contains('b') ? this.pads.b : this.pads.a;
    return this.#sync.both.find((p) => p.empty) ?? this.#lastUsed;
  }
}

/** What scripts see of a pad. @param {Pad} pad */
function snapshot({ empty, result }) {
  const { pixels, mu, logvar, recon, label, probs } = result;
  return {
    empty,
    pixels: [...pixels],
    mu: [...mu],
    logvar: [...logvar],
    recon: [...recon],
    label,
    probs: probs && [...probs],
  };
}
