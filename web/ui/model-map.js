/**
 * A map of the latent space of any model, on a canvas of the page: what the
 * decoder makes of its places, where encoded pictures lie. Whoever points at a
 * place sees its picture and reads where it is; a click keeps it. Where the model
 * is, and who decodes, is the business of the view.
 *
 * @typedef {import('./latent-map-geometry.js').Place} Place
 * @typedef {import('./latent-map-geometry.js').Plane} Plane
 * @typedef {object} Space what there is to be seen
 * @property {string} id another one is another model
 * @property {number} latent dimensions, at least 2
 * @property {number[]} shape of the pictures: channels, height, width
 * @property {((z: Float32Array<ArrayBuffer>) => Promise<Uint8Array | null>) | null} decode gives a byte a value; null: nothing is decoded
 * @property {string[]} classes that a conditional model is told; else none
 * @property {boolean} principal whether there is a plane of principal components, or will be
 * @property {((pixels: Uint8Array) => Promise<number | null>) | null} read says which digit a picture is; null: they are no digits
 *
 * @typedef {{z: number[], pixels: Uint8Array | null, label: number | null, version: number}} Spot a place that somebody looks at or
 *   has kept; label: what its picture is taken for
 * @typedef {{z: ArrayLike<number>, take: (pixels: Uint8Array) => void}} Job something to decode
 * @typedef {{kind: 'principal' | 'dimensions', across: number, up: number}} PlaneChoice
 */
import { coalesce } from '../lib/coalesce.js';
import { make } from '../lib/dom.js';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { MapGeometry } from './latent-map-geometry.js';
import { MapInput } from './latent-map-input.js';
import { MapCanvas } from './model-map-canvas.js';
import { mapControls } from './model-map-controls.js';
import { MapTiles } from './model-map-tiles.js';
import { nearestClasses } from './nearest-classes.js';
import { paintOne } from './pictures.js';

/** Decoded in one request while nothing else is to be done. */
const batch = 32;

/** Nearer to a kept place than this, in CSS pixels, a click takes it away; and most kept places. */
const kept = { reach: 17, most: 20 };

/** The part of the points that is shown at first. */
const inside = 0.98;

/** Milliseconds for which a place must stay the same before it is read out. */
const quiet = 500;

/**
 * Events: `plane` (choice) when another plane is chosen, `place` () when another place is
 * looked at, `keep` (spot) when one is kept, `wanted` () when there is something to decode
 * and the view is to do it, `seen` () when it comes onto the screen.
 *
 * @extends {Emitter<{plane: [choice: PlaneChoice], place: [], keep: [spot: Spot], wanted: [], seen: []}>}
 */
export class ModelMap extends Emitter {
  element = make('div', { className: 'model-map' });
  canvas = make('canvas', { className: 'scatter' });
  /** The plane that is wanted. @type {PlaneChoice} */
  choice = { kind: 'principal', across: 0, up: 1 };
  /** The class that a conditional model decodes. */
  class = 0;
  /** Whether the view has decoded what wanted() says. */
  live = false;
  /** How often it has been brought something new. */
  refreshes = 0;
  /** The step of the model. */
  step = 0;

  #i18n;
  #tones;
  #name;
  #onError;
  #controls;
  #slot;
  #card = make('canvas', { className: 'card', hidden: true });
  #here = make('p', { className: 'here' });
  #said = make('p', { className: 'unseen' });
  #painter;
  #geometry = new MapGeometry();
  #tiles = new MapTiles();
  /** @type {Space | null} */
  #space = null;
  /** What it was told last. */
  #shown = '';
  #generation = 0;
  /** @type {Plane | null} */
  #principal = null;
  /** One after the other. @type {ArrayLike<number>} */
  #points = [];
  /** @type {ArrayLike<number>} */
  #labels = [];
  /** Whether a person has moved or zoomed what is shown. */
  #moved = false;
  /** @type {Spot | null} */
  #look = null;
  /** @type {Spot[]} */
  #kept = [];
  /** What is wanted to be looked at. @type {{z: number[], left: boolean, done: boolean} | null} */
  #target = null;
  #visible = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #askLook;
  #fill;

  /**
   * @param {object} from
   * @param {import('../lib/i18n.js').I18n} from.i18n
   * @param {() => Record<string, string>} from.colours those of the theme
   * @param {() => Record<string, string>} from.tones those of the pictures
   * @param {(label: number) => string} from.name of a class
   * @param {(error: unknown) => void} from.onError
   */
  constructor({ i18n, colours, tones, name, onError }) {
    super();
    this.#i18n = i18n;
    this.#tones = tones;
    this.#name = name;
    this.#onError = onError;
    this.#painter = new MapCanvas(this.canvas, colours, tones);
    this.#controls = mapControls(i18n, {
      zoom: (factor) => this.#zoom(factor, 0.5, 0.5),
      fit: () => this.#fitAll(),
      choose: (choice) => this.#choose(choice),
      clear: () => this.#keepOnly([]),
      classify: (k) => {
        this.class = k;
        this.#tiles.version++;
        this.#need();
      },
    });
    const { slot, row, keys } = this.#controls;
    this.#slot = slot;
    this.row = row;
    this.#said.setAttribute('role', 'status');
    this.canvas.setAttribute('aria-hidden', 'true');
    this.#card.setAttribute('role', 'img');
    i18n.attr(this.#card, 'aria-label', 'map.sample');
    slot.prepend(this.canvas, this.#card);
    this.element.append(slot, this.#here, this.#said, keys);
    this.#askLook = coalesce(() => this.#lookThere(), onError);
    this.#fill = coalesce(() => this.#decodeAll(), onError);
    new MapInput(slot, this.#actions());
    new ResizeObserver(() => this.#changed()).observe(slot);
    new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting ?? false;
      if (!this.#visible) return;
      this.emit('seen');
      this.#need();
    }).observe(slot);
    i18n.onChange(() => this.#say());
    this.#say();
  }

  /** The elements that have a test id while the map is that of the page. */
  get parts() {
    return { map: this.#slot, ...this.#controls.parts, 'map-here': this.#here };
  }

  /** Whether it is on the screen. */
  get visible() {
    return this.#visible && !document.hidden;
  }

  /** Latent dimensions of the model; 0: there is none. */
  get latent() {
    return this.#space?.latent ?? 0;
  }

  /** What scripts see of it. */
  get state() {
    const spot = (/** @type {Spot} */ { z }) => {
      const [u, v] = this.project(z);
      return { u, v, z };
    };
    const ready = this.#geometry.plane !== null;
    return {
      plane: this.choice.kind,
      a: null,
      b: null,
      at: ready && this.#look ? { ...spot(this.#look), label: this.#look.label, pinned: false } : null,
      kept: ready ? this.#kept.map(spot) : [],
      step: this.step,
      refreshes: this.refreshes,
    };
  }

  /** Where a latent point is on the map. @param {ArrayLike<number>} z */
  project(z) {
    this.#check();
    return this.#geometry.placeOf(z);
  }

  /** The latent point of a place on the map. @param {number} u @param {number} v */
  at(u, v) {
    this.#check();
    return this.#geometry.pointAt(u, v);
  }

  /** Its place in the window, CSS pixels. */
  get rect() {
    const { x, y, width, height } = this.#slot.getBoundingClientRect();
    return { x, y, width, height };
  }

  /**
   * Shows another model, or the same with other prospects.
   *
   * @param {Space | null} space
   */
  show(space) {
    const same = space !== null && space.id === this.#space?.id;
    const now = JSON.stringify({ ...space, decode: space?.decode !== null });
    this.#space = space;
    if (now === this.#shown) return;
    this.#shown = now;
    if (!same) {
      this.#generation++;
      this.#points = this.#labels = [];
      this.#principal = null;
      this.#moved = false;
      this.#target = null;
      this.#look = null;
      this.#kept = [];
      this.refreshes = 0;
      const principal = space?.principal ?? false;
      this.choice = { kind: principal ? 'principal' : 'dimensions', across: 0, up: 1 };
      this.class = 0;
      this.#reset();
    }
    this.#controls.show(this.choice, space, this.class);
    this.#say();
    this.#changed();
    this.#need();
  }

  /**
   * Something has changed: the model, the points, their plane.
   *
   * @param {object} what
   * @param {number} [what.step] of the model
   * @param {ArrayLike<number>} [what.points] one after the other; those that are not finite are not there
   * @param {ArrayLike<number>} [what.labels]
   * @param {Plane | null} [what.principal]
   */
  update({ step, points, labels, principal }) {
    if (step !== undefined && step !== this.step) {
      this.step = step;
      this.#tiles.version++;
    }
    if (points) this.#points = points;
    if (labels) this.#labels = labels;
    if (principal !== undefined) {
      this.#principal = principal;
      if (this.choice.kind === 'principal') this.#tiles.version++;
    }
    this.refreshes++;
    this.#geometry.plane = this.#plane;
    if (!this.#moved) this.#fit();
    this.#changed();
    this.#need();
  }

  /**
   * What is to be decoded next, the most urgent first.
   *
   * @param {number} n most
   * @returns {Job[]}
   */
  wanted(n) {
    const space = this.#space;
    if (!space?.decode || !this.#geometry.plane) return [];
    const generation = this.#generation;
    const { version } = this.#tiles;
    const valid = () => generation === this.#generation;
    const spots = [...(this.#look ? [this.#look] : []), ...this.#kept].filter((s) => s.version < version);
    /** @type {Job[]} */
    const jobs = spots.map((spot) => ({
      z: spot.z,
      take: (pixels) => {
        Object.assign(spot, { pixels, version });
        if (spot === this.#look) {
          this.#showCard();
          void this.#read(spot);
        }
        this.#changed();
      },
    }));
    const focus = this.#look ? this.#geometry.project(this.#look.z) : undefined;
    for (const cell of this.#tiles.wanted(this.#geometry, n - jobs.length, focus)) {
      jobs.push({
        z: this.#geometry.latent(cell),
        take: (pixels) => {
          if (!valid()) return;
          this.#tiles.set(cell, pixels, version);
          this.#changed();
        },
      });
    }
    return jobs.slice(0, Math.max(n, 0));
  }

  /** Paints again, in other colours. */
  redraw() {
    this.#painter.redraw();
    this.#showCard();
  }

  /** @returns {import('./latent-map-input.js').MapActions} */
  #actions() {
    const ready = () => {
      this.#measure();
      return this.#geometry.plane !== null;
    };
    return {
      look: (u, v) => {
        if (ready()) this.#want(this.at(u, v));
      },
      leave: () => this.#leave(),
      pin: (u, v) => {
        if (ready()) this.#press(this.at(u, v));
      },
      pan: (du, dv) => {
        if (!ready()) return;
        this.#moved = true;
        this.#geometry.pan(du, dv);
        this.#changed();
        this.#need();
      },
      zoom: (factor, u, v) => this.#zoom(factor, u, v),
      handle: () => null,
      drag: () => {},
      drop: () => {},
      drawing: () => false,
      draw: () => {},
      drawn: () => {},
      walk: (dx, dy) => {
        if (ready()) this.#walk(dx, dy);
      },
      key: (key) => ready() && this.#key(key),
    };
  }

  /** @param {string} key @returns {boolean} whether it means something here */
  #key(key) {
    if (key === 'Enter') {
      const z = this.#look?.z ?? this.at(0.5, 0.5);
      if (!this.#look) this.#want(z);
      this.#press(z);
    } else if (key === 'Escape' && this.#look) this.#leave();
    else if (key === 'Home') this.#fitAll();
    else if (key === 'Delete' && this.#kept.length > 0) this.#keepOnly([]);
    else return false;
    return true;
  }

  /** A click: keeps what is there, or takes away what was kept. @param {number[]} z */
  #press(z) {
    const { width, height } = this.rect;
    const [u, v] = this.project(z);
    const far = (/** @type {Spot} */ s) => {
      const [x, y] = this.project(s.z);
      return Math.hypot((x - u) * width, (y - v) * height);
    };
    const there = this.#kept.filter((s) => far(s) < kept.reach).sort((a, b) => far(a) - far(b))[0];
    if (there) this.#keepOnly(this.#kept.filter((s) => s !== there));
    else void this.#keep(z);
  }

  /** Keeps a latent point, whatever is looked at meanwhile. @param {number[]} z */
  async #keep(z) {
    try {
      const spot = await this.#decode(z);
      if (!spot) return;
      this.emit('keep', spot);
      this.#keepOnly([...this.#kept, spot].slice(-kept.most));
    } catch (e) {
      this.#onError(e);
    }
  }

  /** @param {Spot[]} spots */
  #keepOnly(spots) {
    this.#kept = spots;
    this.#say();
    this.#changed();
    this.emit('place');
  }

  /** @param {number} dx @param {number} dy in CSS pixels */
  #walk(dx, dy) {
    const map = this.#geometry;
    const { width, height } = this.rect;
    const z = this.#target && !this.#target.left ? this.#target.z : (this.#look ?? this.#kept.at(-1))?.z;
    const from = z ? map.project(z) : map.center;
    const { place, panned } = map.walk(from, dx / width, dy / height);
    this.#moved ||= panned;
    this.#want(map.latent(place));
  }

  /** @param {number} factor @param {number} u @param {number} v */
  #zoom(factor, u, v) {
    this.#measure();
    if (!this.#geometry.plane) return;
    this.#moved = true;
    this.#geometry.zoom(factor, u, v);
    this.#changed();
    this.#need();
  }

  #fitAll() {
    this.#moved = false;
    this.#fit();
    this.#changed();
    this.#need();
  }

  /** Another plane, by a person. @param {PlaneChoice} choice */
  #choose(choice) {
    this.choice = choice;
    this.#moved = false;
    this.#reset();
    this.#controls.show(choice, this.#space, this.class);
    this.emit('plane', choice);
    this.#changed();
    this.#need();
  }

  /** Looks at a latent point, as soon as it can be decoded. @param {number[]} z */
  #want(z) {
    if (!this.#space?.decode) return;
    this.#target = { z, left: false, done: false };
    void this.#askLook();
  }

  async #lookThere() {
    const target = this.#target;
    if (!target || target.done || target.left) return;
    target.done = true;
    const spot = await this.#decode(target.z);
    if (!spot || !this.#target || this.#target.left) return;
    this.#look = spot;
    this.#showPlace();
    void this.#read(spot);
  }

  /** Says what the picture of a place is taken for, once that is known. @param {Spot} spot */
  async #read({ pixels }) {
    const { read = null } = this.#space ?? {};
    if (!read || !pixels) return;
    try {
      const label = await read(pixels);
      if (!this.#look || this.#look.pixels !== pixels || this.#look.label === label) return;
      this.#look.label = label;
      this.#say();
    } catch (e) {
      this.#onError(e);
    }
  }

  /** A latent point with its picture; null where the model is another by the time it is known. @param {number[]} z @returns {Promise<Spot | null>} */
  async #decode(z) {
    const generation = this.#generation;
    const { version } = this.#tiles;
    const pixels = await this.#space?.decode?.(Float32Array.from(z));
    return pixels && generation === this.#generation ? { z, pixels, label: null, version } : null;
  }

  #leave() {
    if (this.#target) this.#target.left = true;
    if (!this.#look) return;
    this.#look = null;
    this.#showPlace();
  }

  /** Another place is looked at, or kept. */
  #showPlace() {
    this.#showCard();
    this.#say();
    this.#changed();
    this.emit('place');
  }

  /** Shows the picture of the place, in a corner where the place is not. */
  #showCard() {
    const look = this.#look;
    this.#card.hidden = !look?.pixels;
    if (!look?.pixels || !this.#space) return;
    const values = Float32Array.from(look.pixels, (v) => v / 255);
    paintOne(this.#card, values, this.#space.shape, this.#tones(), 4);
    const [u, v] = this.project(look.z);
    this.#card.classList.toggle('right', u < 0.5 && v > 0.5);
  }

  /** Says where one is. */
  #say() {
    const i18n = this.#i18n;
    const look = this.#look;
    clearTimeout(this.#timer);
    this.#controls.count(this.#kept.length);
    this.#here.hidden = !this.#space?.decode;
    if (!look) {
      i18n.text(this.#here, 'map.hint-model');
      i18n.clear(this.#said);
      return;
    }
    const [a, b] = nearestClasses(this.#points, this.#labels, look.z).map((label) => this.#name(label));
    const key = b !== undefined ? 'map.here-between' : a !== undefined ? 'map.here-among' : 'map.here';
    const values = () => ({
      ...(a !== undefined && { a }),
      ...(b !== undefined && { b }),
      sigma: Math.hypot(...look.z).toFixed(1),
      reads: look.label === null ? '' : i18n.t('map.reads', { digit: String(look.label) }),
    });
    i18n.text(this.#here, key, values);
    this.#timer = setTimeout(() => i18n.text(this.#said, key, values), quiet);
  }

  /** Something may be missing. */
  #need() {
    if (!this.#visible) return;
    if (this.live) this.emit('wanted');
    else void this.#fill();
  }

  /** Decodes all that is missing, while nobody else does. */
  async #decodeAll() {
    while (this.#visible && !this.live) {
      const space = this.#space;
      const jobs = this.wanted(batch);
      if (!space?.decode || jobs.length === 0) return;
      const pixels = await space.decode(Float32Array.from(jobs.flatMap(({ z }) => Array.from(z))));
      if (!pixels) return;
      this.give(jobs, pixels);
    }
  }

  /**
   * Takes pictures, of the first jobs or of all.
   *
   * @param {Job[]} jobs
   * @param {Uint8Array} pixels
   */
  give(jobs, pixels) {
    const size = (this.#space?.shape ?? [1, 1, 1]).reduce((a, b) => a * b, 1);
    jobs.slice(0, pixels.length / size).forEach(({ take }, i) => take(pixels.subarray(i * size, (i + 1) * size)));
  }

  /** Begins with no ground. */
  #reset() {
    this.#generation++;
    if (this.#space) this.#tiles.clear(this.#space.shape);
    this.#geometry.plane = this.#plane;
    this.#fit();
  }

  /** The plane that is shown. @returns {Plane | null} null: it is not known yet */
  get #plane() {
    const { latent = 0 } = this.#space ?? {};
    if (latent < 2) return null;
    if (this.choice.kind === 'principal') return this.#principal;
    const axis = (/** @type {number} */ k) => Float32Array.from({ length: latent }, (_, i) => (i === k ? 1 : 0));
    return { origin: new Float32Array(latent), e1: axis(this.choice.across), e2: axis(this.choice.up) };
  }

  /** Where the points are on the plane. @returns {Place[]} */
  get #places() {
    const { latent } = this;
    const list = Float32Array.from(this.#points);
    return Array.from({ length: Math.min(this.#labels.length, list.length / latent) }, (_, i) =>
      this.#geometry.project(list.subarray(i * latent, (i + 1) * latent)),
    );
  }

  #fit() {
    this.#measure();
    if (!this.#geometry.plane) return;
    const far = this.#places
      .map((p) => Math.hypot(p.x, p.y))
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    // In half units, so that the map does not tremble while it is watched.
    const reach = Math.ceil(2 * (far[Math.floor(inside * far.length)] ?? 0)) / 2;
    this.#geometry.fit([{ x: reach, y: 0 }]);
  }

  #measure() {
    const { width, height } = this.rect;
    if (width > 0 && height > 0) this.#geometry.aspect = width / height;
  }

  #check() {
    if (!this.#geometry.plane) throw new InkdriftError('no-model', 'the map of this view has no plane yet');
    this.#measure();
  }

  /** Paints it, soon. */
  #changed() {
    this.#painter.show(() => this.#scene());
  }

  /** What is painted. @returns {import('./model-map-canvas.js').MapScene | null} */
  #scene() {
    const geometry = this.#geometry;
    const space = this.#space;
    this.#measure();
    if (!space || !geometry.plane) return null;
    return {
      geometry,
      tiles: space.decode && this.#tiles,
      shape: space.shape,
      points: this.#places,
      labels: this.#labels,
      kept: this.#kept.map(({ z, pixels }) => ({ place: geometry.project(z), pixels })),
      look: this.#look && geometry.project(this.#look.z),
    };
  }
}
