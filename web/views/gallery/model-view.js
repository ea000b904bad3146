/**
 * What can be done with the model that was chosen in the gallery: samples, a
 * morph between two of them or of the drawings on the pads, and sliders for the
 * latent dimensions.
 *
 * @typedef {object} Item a picture with its place in latent space
 * @property {Float32Array} z
 * @property {Float32Array} picture
 * @property {number | null} kind the class that it was painted as; null: the model is told none
 * @property {string} key of its name among the texts
 * @property {string | number} number what the name says: the letter of a pad, or which sample it is
 */
import { freshSeed, icon, make } from '../../lib/dom.js';
import { decodeLatent, encodeLatent } from './latent-code.js';
import { Sliders } from './latent-sliders.js';
import { coalesce } from '../../lib/coalesce.js';
import { explain } from '../../ui/figure-terms.js';
import { paintOne } from '../../ui/pictures.js';
import { ModelMap } from '../../ui/model-map.js';
import { MorphPlayer } from '../../ui/morph-player.js';

/** Samples of a model that is told no classes, and most of one that is. */
const [many, most] = [24, 40];

/** Pictures of a morph. */
const frames = 32;

/** Samples that say how much latent dimensions matter. */
const judges = 4;

/** The chosen model. */
export class ModelView {
  element = make('div', { className: 'model-view', hidden: true });
  #seed = freshSeed();
  /** @type {Item[]} */
  #samples = [];
  /** What is on the pads. @type {Item[]} */
  #drawn = [];
  /** The two ends of the morph. @type {Item[]} */
  #ends = [];
  /** Thumbs by what they show. @type {Map<Item, HTMLButtonElement>} */
  #thumbs = new Map();
  #grid = make('div', { className: 'thumbs' });
  #pads = make('div', { className: 'thumbs few' });
  #padsNote = make('p', { className: 'small' });
  #fromPads;
  #seedNote = make('p', { className: 'small' });
  #caption = make('p', { className: 'small' });
  #prior = make('select');
  #priorPick;
  #kind = make('select');
  #kindPick;
  #player;
  #sliders;
  /** Where an address has the sliders, until they are there. @type {{text: string, kind: string | null} | null} */
  #placed = null;
  /** Says that it has them nowhere. */
  #wrong = make('p', { className: 'small', hidden: true });
  /** The map of latent space, of a model that has two dimensions or more. */
  map;
  #mapSection = make('section', { className: 'mapped', hidden: true });
  /** Grows with each model on the map. */
  #mapped = 0;
  #kept = '';
  /** Brings the points of its model, when it is seen. @type {(() => Promise<void>) | null} */
  #pointsWanted = null;
  #points;
  #read;
  #fail;
  #model;
  #i18n;
  #colours;
  #look;
  #onSeed;
  #drawSamples;
  #drawPads;
  #drawPath;
  #sort;

  /**
   * @param {object} from
   * @param {import('./gallery-model.js').GalleryModel} from.model
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../ui/term.js').Terms} from.terms
   * @param {() => Record<string, string>} from.colours
   * @param {() => import('../../ui/pictures.js').Look} from.look of its pictures
   * @param {(seed: number) => void} from.onSeed called when samples are drawn that the address does not name
   * @param {() => Record<string, string>} from.theme the page's colours
   * @param {(entry: import('./gallery-model.js').Listed) => Promise<ArrayBuffer | null>} from.points file of points of a model, if there is one
   * @param {import('../../engine/read-digit.js').ReadDigit} from.read
   * @param {(error: unknown) => void} from.fail
   */
  constructor({ model, i18n, terms, colours, look, onSeed, theme, points, read, fail }) {
    this.#model = model;
    this.#points = points;
    this.#read = read;
    this.#fail = fail;
    this.#i18n = i18n;
    this.#colours = colours;
    this.#look = look;
    this.#onSeed = onSeed;
    this.#player = new MorphPlayer({ i18n, colours, look, name: 'gallery.morph-name', id: 'gallery-morph' });
    this.#sliders = new Sliders({ i18n, terms, colours, look, paint: (z, classes) => model.paint(z, classes), fail });
    this.map = new ModelMap({ i18n, colours: theme, tones: colours, name: String, onError: fail });
    this.map.on('seen', () => void this.#seen().catch(fail));
    this.map.on('keep', ({ z, pixels }) => {
      if (!pixels) return;
      const picture = Float32Array.from(pixels, (v) => v / 255);
      this.#sliders.take({
        ...{ z: Float32Array.from(z), picture, key: 'map.name', number: '' },
        kind: this.#model.about?.conditions ? this.map.class : null,
      });
    });
    this.#drawSamples = coalesce(() => this.#sample(), fail);
    this.#drawPads = coalesce(() => this.#encode(), fail);
    this.#drawPath = coalesce(() => this.#morph(), fail);
    this.#sort = coalesce(() => this.#order(), fail);

    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const others = make('button', { type: 'button' }, icon('again'), say(make('span'), 'gallery.others'));
    others.dataset.testid = 'gallery-others';
    others.addEventListener('click', () => {
      this.#kept = '';
      this.seed(freshSeed());
    });
    this.#kind.dataset.testid = 'gallery-class';
    this.#kind.addEventListener('change', () => void this.#drawSamples());
    this.#kindPick = make('label', { className: 'pick', hidden: true }, say(make('span'), 'gallery.class'), this.#kind);
    this.#prior.dataset.testid = 'gallery-prior';
    for (const name of ['fitted', 'normal']) this.#prior.append(say(make('option', { value: name }), `samples.${name}`));
    this.#prior.addEventListener('change', () => {
      this.#kept = '';
      this.seed(this.#seed);
    });
    this.#priorPick = make('label', { className: 'pick', hidden: true }, say(make('span'), 'samples.prior'), this.#prior);
    this.#grid.dataset.testid = 'gallery-samples';
    this.#seedNote.dataset.testid = 'gallery-seed';
    const head = (/** @type {string} */ key, /** @type {HTMLElement[]} */ ...more) =>
      make('div', { className: 'head' }, say(make('h3'), key), ...explain(terms, key), ...more);
    this.#fromPads = make('section', { hidden: true }, head('gallery.pads'), this.#padsNote, this.#pads);
    this.#mapSection.append(head('map.head', this.map.row), this.map.element);
    this.element.append(
      make('section', { className: 'morph' }, head('gallery.morph'), this.#player.element),
      make(
        'section',
        { className: 'picked' },
        head('gallery.samples', this.#kindPick, this.#priorPick, others),
        say(make('p', { className: 'small' }), 'gallery.tap'),
        this.#grid,
        this.#caption,
        this.#seedNote,
        this.#fromPads,
      ),
      this.#mapSection,
      say(this.#wrong, 'link.wrong'),
      this.#sliders.element,
    );
  }

  /**
   * Puts the sliders where an address has them, once there are samples.
   *
   * @param {string | null} text the latent point; null: they begin at the first sample
   * @param {string | null} kind the class, of a model that is told one
   */
  place(text, kind) {
    this.#placed = text === null ? null : { text, kind };
    this.#kept = '';
    if (this.#model.state === 'ready' && this.#samples.length > 0) this.#putPlaced();
    else this.#wrong.hidden = true;
  }

  /** Adds to an address where the sliders are, unless that is at the first sample. @param {URLSearchParams} query */
  share(query) {
    const { z, kind } = this.#sliders.point;
    const [first] = this.#samples;
    for (const name of ['z', 'class']) query.delete(name); // where they were when it was opened
    if (this.#model.state !== 'ready' || !first || (kind === first.kind && z.every((v, i) => v === first.z[i]))) return;
    query.set('z', encodeLatent(z));
    if (kind !== null) query.set('class', String(kind));
  }

  #putPlaced() {
    const placed = this.#placed;
    this.#placed = null;
    const [first] = this.#samples;
    const { latent = 0 } = this.#model.about?.model ?? {};
    const conditions = this.#model.about?.conditions ?? 0;
    const z = placed && decodeLatent(placed.text, latent);
    const isClass = conditions === 0 || (/^\d{1,3}$/.test(placed?.kind ?? '') && Number(placed?.kind) < conditions);
    this.#wrong.hidden = !placed || (z !== null && isClass);
    if (placed) (this.#wrong.hidden ? this.#sliders.element : this.#wrong).scrollIntoView({ block: 'center' });
    if (placed && z && isClass) {
      const { text, kind } = placed;
      this.#kept = String(new URLSearchParams({ z: text, ...(conditions > 0 && kind !== null && { class: kind }) }));
      this.#onSeed(this.#seed); // else a reload would forget the place
    }
    if (z && isClass) this.#sliders.take({ ...first, z, kind: conditions > 0 ? Number(placed?.kind) : null });
  }

  /** What the address said of the sliders, as a query; empty: nothing, or something wrong. */
  get kept() {
    return this.#kept;
  }

  /** The seed of the samples. */
  get drawn() {
    return this.#seed;
  }

  /** What samples are drawn from. @returns {'normal' | 'fitted'} */
  get prior() {
    return !this.#priorPick.hidden && this.#prior.value === 'fitted' ? 'fitted' : 'normal';
  }

  /** Other samples. @param {number} seed @param {string} [prior] that of an address */
  seed(seed, prior = this.#prior.value) {
    this.#seed = seed;
    this.#prior.value = prior;
    if (this.#model.state !== 'ready') return;
    this.#onSeed(seed);
    void this.#drawSamples();
  }

  /** There is a model, or a new engine has it. */
  ready() {
    const { about } = this.#model;
    if (!about) return;
    this.element.classList.toggle('conditional', about.conditions > 0);
    this.#kindPick.hidden = about.conditions === 0;
    this.#priorPick.hidden = !about.model.fittedPrior;
    const all = make('option', { value: '' });
    this.#i18n.text(all, 'gallery.all-classes');
    this.#kind.replaceChildren(all, ...Array.from({ length: about.conditions }, (_, c) => make('option', { value: String(c) }, String(c))));
    this.#sliders.begin(about);
    this.#ends = [];
    this.element.hidden = false;
    this.#onSeed(this.#seed);
    void this.#drawSamples();
    this.drawings();
    void this.#showMap().catch(this.#fail);
  }

  /** Shows the latent space of the model, with the points of its data set if they can be had. */
  async #showMap() {
    const { about, entry } = this.#model;
    if (!about || !entry) return;
    const turn = ++this.#mapped;
    const { model, conditions } = about;
    this.#mapSection.hidden = model.latent < 2;
    const space = {
      id: `${turn}`,
      latent: model.latent,
      shape: model.input,
      principal: false,
      classes: Array.from({ length: conditions }, (_, k) => String(k)),
      decode: (/** @type {Float32Array<ArrayBuffer>} */ z) => this.#decode(z),
      read: entry.data === 'mnist' ? this.#read : null,
    };
    this.map.show(model.latent < 2 ? null : space);
    this.map.update({ step: turn });
    this.#pointsWanted = model.latent < 2 ? null : () => this.#showPoints(entry, space);
    if (this.map.visible) await this.#seen();
  }

  /** The map is seen: the points of its model are fetched, once. */
  async #seen() {
    const wanted = this.#pointsWanted;
    this.#pointsWanted = null;
    await wanted?.();
  }

  /**
   * Puts the points of a model's data set on its map, if they can be had.
   *
   * @param {import('./gallery-model.js').Listed} entry
   * @param {import('../../ui/model-map.js').Space} space
   */
  async #showPoints(entry, space) {
    const turn = this.#mapped;
    const file = await this.#points(entry);
    const points = file && turn === this.#mapped ? await this.#model.points(file) : null;
    if (!points || turn !== this.#mapped) return;
    this.map.show({ ...space, id: `${space.id} with points`, principal: space.latent > 2 });
    this.map.update({ points: points.mu, labels: points.labels, principal: points.principal });
  }

  /** Pictures of places of the map, a byte a value. @param {Float32Array<ArrayBuffer>} z */
  async #decode(z) {
    const pictures = await this.#model.paint(z, this.#model.about?.conditions ? [this.map.class] : []);
    return pictures && Uint8Array.from(pictures, (v) => Math.round(255 * Math.min(Math.max(v, 0), 1)));
  }

  /** It is shown again, by an address that does not name its samples. */
  again() {
    if (this.#model.state !== 'ready') return;
    this.#onSeed(this.#seed);
    this.drawings();
  }

  /** What is on the pads may be another. */
  drawings() {
    if (this.#model.state === 'ready') void this.#drawPads();
  }

  themed() {
    for (const [item, thumb] of this.#thumbs) this.#paint(thumb, item);
    this.#player.redraw();
    this.map.redraw();
    this.#sliders.redraw();
  }

  async #sample() {
    const { about } = this.#model;
    if (!about) return;
    const n = about.conditions ? Math.min(2 * about.conditions, most) : many;
    const classes = this.#kind.value === '' ? [] : [Number(this.#kind.value)];
    const got = await this.#model.sample(n, this.#seed, this.prior, classes);
    if (!got || !this.#model.about) return;
    const { model, conditions } = about;
    const size = model.input.reduce((a, b) => a * b, 1);
    this.#samples = Array.from({ length: n }, (_, i) => ({
      z: got.z.slice(i * model.latent, (i + 1) * model.latent),
      picture: got.pictures.slice(i * size, (i + 1) * size),
      kind: conditions ? (classes[0] ?? i % conditions) : null,
      key: conditions ? 'gallery.sample-class' : 'gallery.sample',
      number: i + 1,
    }));
    this.#seedNote.hidden = this.#model.entry?.bytes !== undefined; // no address brings a visitor's file back
    this.#i18n.text(this.#seedNote, 'gallery.seed-note', { seed: String(this.#seed) });
    this.#caption.hidden = !model.fittedPrior;
    this.#i18n.text(this.#caption, this.prior === 'fitted' ? 'samples.caption-fitted' : 'samples.caption');
    this.#hang(this.#grid, this.#samples);
    this.#ends = this.#samples.slice(0, 2);
    this.#sliders.take(this.#samples[0]);
    this.#putPlaced();
    this.#show();
    if (this.#sliders.element.hidden) void this.#sort();
  }

  /** Puts the sliders in order. */
  async #order() {
    const latent = this.#model.about?.model.latent ?? 0;
    const points = new Float32Array(judges * latent);
    this.#samples.slice(0, judges).forEach(({ z }, i) => points.set(z, i * latent));
    this.#sliders.order(await this.#model.order(points));
  }

  /** Encodes what is on the pads. */
  async #encode() {
    const { about } = this.#model;
    const fits = about?.encoder && about.model.input.join() === '1,28,28';
    this.#fromPads.hidden = !fits;
    if (!fits) return;
    /** @type {Item[]} */
    const drawn = [];
    for (const pad of /** @type {const} */ (['a', 'b'])) {
      const got = await this.#model.drawn(pad);
      if (got) drawn.push({ ...got, key: got.kind === null ? 'gallery.pad' : 'gallery.pad-class', number: pad.toUpperCase() });
    }
    // An end that was a drawing stays one.
    const again = this.#ends.map((end) => drawn.find((d) => d.number === end.number) ?? end);
    const changed = again.some((end, i) => end !== this.#ends[i]);
    this.#drawn = drawn;
    this.#hang(this.#pads, drawn);
    this.#i18n.text(this.#padsNote, drawn.length > 0 ? 'gallery.pads-about' : 'gallery.pads-empty');
    this.#ends = again;
    if (changed) this.#show();
    else this.#mark();
  }

  async #morph() {
    const { about } = this.#model;
    const [from, to] = this.#ends;
    if (!about || !to) return;
    const classes = from.kind === null || to.kind === null ? [] : [from.kind, to.kind];
    const film = await this.#model.path(from.z, to.z, classes, frames);
    if (film && film.length === frames * from.picture.length) this.#player.show(film, about.model.input);
  }

  /**
   * Puts pictures up.
   *
   * @param {HTMLElement} wall
   * @param {Item[]} items
   */
  #hang(wall, items) {
    wall.replaceChildren(
      ...items.map((item) => {
        const thumb = make('button', { type: 'button' }, make('canvas'), make('span', { className: 'end' }));
        if (typeof item.number === 'string') thumb.append(make('span', { className: 'pad-name' }, item.number));
        thumb.addEventListener('click', () => this.#pick(item));
        this.#thumbs.set(item, thumb);
        this.#paint(thumb, item);
        return thumb;
      }),
    );
    const up = new Set([...this.#samples, ...this.#drawn]);
    for (const item of this.#thumbs.keys()) if (!up.has(item)) this.#thumbs.delete(item);
  }

  /**
   * @param {HTMLButtonElement} thumb
   * @param {Item} item
   */
  #paint(thumb, { picture }) {
    const canvas = thumb.querySelector('canvas');
    const { about } = this.#model;
    if (canvas && about) paintOne(canvas, picture, about.model.input, this.#colours(), 4, this.#look());
  }

  /**
   * A picture becomes the end of the morph; what was the end becomes its beginning.
   *
   * @param {Item} item
   */
  #pick(item) {
    this.#ends = [this.#ends.at(-1) ?? item, item];
    this.#sliders.take(item);
    this.#show();
  }

  /** Marks the ends and shows the morph between them. */
  #show() {
    this.#mark();
    void this.#drawPath();
  }

  #mark() {
    for (const [item, thumb] of this.#thumbs) {
      const end = this.#ends.lastIndexOf(item);
      thumb.setAttribute('aria-pressed', String(end >= 0));
      const mark = thumb.querySelector('.end');
      if (mark) mark.textContent = end < 0 ? '' : String(end + 1);
      const name = () => this.#i18n.t(item.key, { n: item.number, kind: item.kind ?? '' });
      this.#i18n.attr(thumb, 'aria-label', end < 0 ? 'gallery.thumb' : end === 0 ? 'gallery.thumb-first' : 'gallery.thumb-last', () => ({
        name: name(),
      }));
    }
  }
}
