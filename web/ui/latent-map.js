/**
 * A map of a plane of latent space: what is shown of it, what is looked at,
 * pinned, dragged and drawn there. The engine computes the plane and decodes,
 * the stage paints; this asks the one and tells the other.
 *
 * @typedef {import('./latent-map-geometry.js').Place} Place
 * @typedef {{place: Place, z: number[], pixels: Float32Array<ArrayBuffer>, label: number | null, near: number[]}} Look
 *   a place and what is there: the decoded picture, what it is taken for (null: nobody says), and of which classes the points around are
 * @typedef {{offA: number | null, offB: number | null, share: number | null}} PlaneFacts
 * @typedef {{n: number, near: number, far: number}} Cloud draws from a posterior: how many, how near its mean the nearest is, how far the farthest
 * @typedef {'a' | 'b'} PadName
 */
import { coalesce } from '../lib/coalesce.js';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { along, MapGeometry } from './latent-map-geometry.js';
import { MapInput } from './latent-map-input.js';

/** Frames of a path that was drawn. */
const pathFrames = 48;

/** Codes of a request that was lost with its engine, or came too late for its model. */
const lost = new Set(['engine-died', 'engine-gone', 'no-model']);

/** Nearer to the pin than this, in CSS pixels, a click takes it away. */
const pinReach = 12;

/** Two signs are at least so far apart, in CSS pixels: of those that would lie over each other the first is shown. */
const signReach = 20;

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const sameNumbers = (a, b) => a.length === b.length && Array.prototype.every.call(a, (v, i) => v === b[i]);

/** @type {readonly PadName[]} */
const names = ['a', 'b'];

/**
 * Events: `plane` (facts) when the plane is another, `place` (look or null) when
 * another place is shown, `drag` (name, look, first) when a drawing is to become
 * what is at a place, `path` (drawn) when a path was drawn or taken away, `draws`
 * (cloud or null) when draws from the posterior of A are shown, or are not any more.
 *
 * @extends {Emitter<{plane: [facts: PlaneFacts], place: [look: Look | null], drag: [name: PadName, look: Look, first: boolean], path: [drawn: boolean], draws: [cloud: Cloud | null]}>}
 */
export class LatentMap extends Emitter {
  /** The kind of plane; see planes in generated/protocol.js. */
  kind = 'drawings';
  /** The dimensions of the plane of that kind. */
  dimensions = { across: 0, up: 1 };
  /** Whether a drag draws a path. */
  drawing = false;

  #geometry = new MapGeometry();
  #slot;
  #marks;
  #engine;
  #stage;
  #onError;
  #frame;
  /** Latent dimensions of the model; 0: there is none that has a plane. */
  #latent = 0;
  /** Grows with each model. */
  #generation = 0;
  /** Whether it is painted: before it is seen it is not. */
  #painted = false;
  /** Whether a person has moved or zoomed what is shown. */
  #moved = false;
  /** Whether the next plane is shown whole. */
  #refit = true;
  /** @type {Record<PadName, ArrayLike<number>>} means of the drawings; empty: none */
  #mu = { a: [], b: [] };
  /** Where a drawing is dragged to. @type {Record<PadName, Place | null>} */
  #held = { a: null, b: null };
  /**
   * The place that was wanted last, and what for. left: whoever wanted it has left; done: the engine has answered.
   *
   * @type {{place: Place, z: number[], pad: PadName | null, left: boolean, done: boolean} | null}
   */
  #target = null;
  /** The place that is shown because somebody looks there. @type {Look | null} */
  #look = null;
  /** @type {Look | null} */
  #pin = null;
  /** Grows with each press, and when what a press pins is not wanted any more. */
  #presses = 0;
  /** Drags whose first picture is on its pad. @type {Set<PadName>} */
  #begun = new Set();
  /** Drawings whose last picture of a drag the model has not encoded yet. @type {Set<PadName>} */
  #unread = new Set();
  /** What is where a drawing is dragged to. @type {Look | null} */
  #dragged = null;
  /** What a drawing that is dragged was encoded to. @type {Partial<Record<PadName, ArrayLike<number>>>} */
  #from = {};
  /** A line that is drawn. @type {Place[]} */
  #trail = [];
  /** The path that is played, n latent points. @type {Float32Array<ArrayBuffer> | null} */
  #path = null;
  /** Texts at latent points. @type {{element: HTMLElement, z: ArrayLike<number>}[]} */
  #signs = [];
  /** Draws from the posterior of A, one after the other. @type {Float32Array<ArrayBuffer> | null} */
  #draws = null;
  #scheduled = false;
  #askPlane;
  #askLook;

  /**
   * @param {object} from
   * @param {HTMLElement} from.slot
   * @param {Record<PadName, HTMLElement>} from.marks the letters of the drawings, in the slot
   * @param {import('../engine/engine.js').Engine} from.engine
   * @param {import('../engine/stage-client.js').StageClient} from.stage
   * @param {(error: unknown) => void} from.onError
   * @param {(fn: () => void) => void} [from.frame] calls fn at the next animation frame
   */
  constructor({ slot, marks, engine, stage, onError, frame = (fn) => void requestAnimationFrame(fn) }) {
    super();
    this.#slot = slot;
    this.#marks = marks;
    this.#engine = engine;
    this.#stage = stage;
    this.#onError = onError;
    this.#frame = frame;
    this.#askPlane = coalesce(() => this.#newPlane(), onError);
    this.#askLook = coalesce(() => this.#lookThere(), onError);
    new MapInput(slot, this.#actions());
    new ResizeObserver(() => this.#changed()).observe(slot);
    engine.on('model', (head) => this.#newModel(head.model.latent));
    stage.on('connected', () => {
      if (!this.#painted) return;
      this.#changed();
      this.#showSample();
      this.#sendPath();
      this.#sendDraws();
    });
    stage.on('morph', (head) => {
      if (head.path !== 'drawn' && this.#path) this.#forgetPath();
    });
  }

  /** Begins to paint it. */
  paint() {
    if (this.#painted) return;
    this.#painted = true;
    this.#changed();
  }

  /** Whether it is painted. */
  get painted() {
    return this.#painted;
  }

  /** Latent dimensions of the model; 0: there is none that has a plane. */
  get latent() {
    return this.#latent;
  }

  /** The path that was drawn, n latent points; null: none. */
  get path() {
    return this.#path;
  }

  /** What scripts see of it. */
  get state() {
    const on = (/** @type {PadName} */ name) => (this.#geometry.plane && this.#has(name) ? this.project(this.#mu[name]) : null);
    const at = this.#look ?? this.#pin;
    const [u, v] = at && this.#geometry.plane ? this.#geometry.toMap(at.place) : [0, 0];
    return {
      plane: this.kind,
      a: on('a'),
      b: on('b'),
      draws: this.#geometry.plane ? (this.#rowsOfDraws?.map((z) => this.project(z)) ?? null) : null,
      at: at && { u, v, z: at.z, label: at.label, pinned: !this.#look },
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

  /**
   * Shows another plane.
   *
   * @param {string} kind
   * @param {{across: number, up: number}} [dimensions]
   */
  choose(kind, dimensions = this.dimensions) {
    this.kind = kind;
    this.dimensions = dimensions;
    this.#refit = true;
    void this.#askPlane();
  }

  /**
   * Drawings were encoded.
   *
   * @param {PadName} name
   * @param {ArrayLike<number>} mu empty: there is none
   * @param {boolean} settled whether nobody is drawing
   */
  encoded(name, mu, settled) {
    // What was drawn from the posterior of another drawing says nothing of this one.
    if (name === 'a' && !sameNumbers(mu, this.#mu.a)) this.forgetDraws();
    this.#mu[name] = mu;
    if (!settled) return;
    this.#unread.delete(name);
    if (!this.#begun.has(name)) this.#held[name] = null;
    this.#changed();
    if (!this.#begun.size) void this.#askPlane();
  }

  /** @param {{element: HTMLElement, z: ArrayLike<number>}[]} signs texts in the slot, and the latent points where they stand */
  set signs(signs) {
    this.#signs = signs;
    this.#changed();
  }

  /** The points that the engine has are others. */
  refresh() {
    void this.#askPlane();
  }

  /** Goes there: it comes into sight, and takes keys. */
  focus() {
    this.#slot.focus();
  }

  /** Shows all that matters. */
  fit() {
    this.#moved = false;
    this.#fit();
    this.#changed();
  }

  /** @param {number} factor above 1: more is shown */
  zoom(factor) {
    this.#zoom(factor, 0.5, 0.5);
  }

  /**
   * Makes a drawing of what is looked at or pinned.
   *
   * @param {PadName} name
   */
  use(name) {
    const look = this.#look ?? this.#pin;
    if (look) this.emit('drag', name, look, true);
  }

  /** Takes the path that was drawn away: the morph goes between the drawings again. */
  removePath() {
    this.#forgetPath();
    this.#stage.send({ type: 'map-path' });
  }

  /**
   * Shows latent points that were drawn from the posterior of A, until A is encoded to another.
   *
   * @param {Float32Array} z one after the other
   * @param {ArrayLike<number>} mu of that posterior; where it is not that of A, nothing is shown
   */
  showDraws(z, mu) {
    if (!this.#has('a') || !sameNumbers(mu, this.#mu.a)) return;
    this.#draws = Float32Array.from(z);
    this.#sendDraws();
    this.emit('draws', this.cloud);
  }

  /** The draws that are shown. @returns {Cloud | null} */
  get cloud() {
    const rows = this.#rowsOfDraws;
    if (!rows) return null;
    const far = rows.map((z) => Math.hypot(...z.map((v, i) => v - this.#mu.a[i])));
    return { n: far.length, near: Math.min(...far), far: Math.max(...far) };
  }

  /** Shows no draws any more. */
  forgetDraws() {
    if (!this.#draws) return;
    this.#draws = null;
    this.#sendDraws();
    this.emit('draws', null);
  }

  /** @returns {import('./latent-map-input.js').MapActions} */
  #actions() {
    const place = (/** @type {number} */ u, /** @type {number} */ v) => this.#geometry.fromMap(u, v);
    const ready = () => {
      this.#measure();
      return this.#geometry.plane !== null;
    };
    return {
      look: (u, v) => {
        if (ready()) this.#want(place(u, v));
      },
      leave: () => this.#leave(),
      pin: (u, v) => {
        if (ready()) this.#press(u, v);
      },
      pan: (du, dv) => {
        if (!ready()) return;
        this.#moved = true;
        this.#geometry.pan(du, dv);
        this.#changed();
      },
      zoom: (factor, u, v) => this.#zoom(factor, u, v),
      handle: (u, v, reach) => (ready() ? this.#handle(u, v, reach) : null),
      drag: (name, u, v) => {
        this.#from[name] ??= this.#mu[name];
        this.#look = null;
        this.#held[name] = place(u, v);
        this.#want(place(u, v), name);
        this.#changed();
      },
      drop: (name) => this.#drop(name),
      drawing: () => this.drawing && ready(),
      draw: (u, v, first) => {
        if (first) this.#trail = [];
        this.#trail.push(place(u, v));
        this.#changed();
      },
      drawn: () => this.#drawn(),
      walk: (dx, dy) => {
        if (ready()) this.#walk(dx, dy);
      },
      key: (key) => ready() && this.#key(key),
    };
  }

  /** @param {string} key @returns {boolean} whether it means something here */
  #key(key) {
    const at = this.#look ?? this.#pin;
    if (key === 'Enter') this.#press(...this.#geometry.toMap(at?.place ?? this.#geometry.center));
    else if (key === 'Escape' && (at || this.#trail.length > 0)) this.#escape();
    else if (key === 'Home') this.fit();
    else if ((key === 'a' || key === 'b') && at) this.use(key);
    else if (key === 'p' && at) this.#extend(at.place);
    else return false;
    return true;
  }

  /** Adds a place to a path; two are enough to play it. @param {Place} place */
  #extend(place) {
    if (this.#path) this.removePath();
    this.#trail.push({ ...place });
    if (this.#trail.length > 1) this.#play();
    this.#changed();
  }

  #drawn() {
    this.drawing = false;
    if (this.#trail.length > 1) this.#play();
    else this.#forgetPath();
    this.#changed();
  }

  /** Plays the line that was drawn. */
  #play() {
    const points = along(this.#trail, pathFrames).map((p) => this.#geometry.latent(p));
    this.#path = Float32Array.from(points.flat());
    this.#sendPath();
    this.emit('path', true);
  }

  #sendPath() {
    if (this.#path) this.#stage.send({ type: 'map-path' }, [this.#path.slice().buffer]);
  }

  #sendDraws() {
    this.#stage.send({ type: 'map-draws' }, this.#draws ? [this.#draws.slice().buffer] : []);
  }

  /** The draws, one by one; null: none are shown. */
  get #rowsOfDraws() {
    const [all, d] = [this.#draws, this.#latent];
    return all && Array.from({ length: all.length / d }, (_, i) => [...all.subarray(i * d, (i + 1) * d)]);
  }

  #forgetPath() {
    this.#trail = [];
    this.#path = null;
    this.#changed();
    this.emit('path', false);
  }

  #escape() {
    if (!this.#path) this.#trail = [];
    this.#pin = null;
    this.#presses++;
    if (this.#target) this.#target.left = true;
    this.#show(null);
  }

  /** A click: pins what is there, or takes the pin away. @param {number} u @param {number} v */
  #press(u, v) {
    const pinned = this.#pin && this.#pixels(this.#geometry.toMap(this.#pin.place), [u, v]) < pinReach;
    if (pinned) {
      this.#pin = null;
      this.#show(this.#look);
      return;
    }
    void this.#pinThere(this.#geometry.fromMap(u, v));
  }

  /**
   * Pins a place, whatever is looked at meanwhile.
   *
   * @param {Place} place
   */
  async #pinThere(place) {
    const press = ++this.#presses;
    const pin = await this.#decode(place, this.#geometry.latent(place));
    if (!pin || press !== this.#presses) return;
    this.#pin = pin;
    this.#show(this.#look);
  }

  /** @param {number} dx @param {number} dy in CSS pixels */
  #walk(dx, dy) {
    const map = this.#geometry;
    const { width, height } = this.#slot.getBoundingClientRect();
    const target = this.#target && !this.#target.left ? this.#target : null;
    const from = target?.place ?? this.#look?.place ?? this.#pin?.place ?? map.center;
    this.#want(map.walk(from, dx / width, dy / height).place);
  }

  /** @param {number} factor @param {number} u @param {number} v */
  #zoom(factor, u, v) {
    this.#measure();
    if (!this.#geometry.plane) return;
    this.#moved = true;
    this.#geometry.zoom(factor, u, v);
    this.#changed();
  }

  /**
   * The drawing whose mark is at a place.
   *
   * @param {number} u
   * @param {number} v
   * @param {number} reach
   */
  #handle(u, v, reach) {
    const [nearest] = names
      .filter((name) => this.#has(name))
      .map((name) => ({ name, far: this.#pixels(this.project(this.#mu[name]), [u, v]) }))
      .filter(({ far }) => far <= reach)
      .sort((p, q) => p.far - q.far);
    return nearest?.name ?? null;
  }

  /** How far two places on the map are from each other, in CSS pixels. @param {[number, number]} a @param {[number, number]} b */
  #pixels([u0, v0], [u1, v1]) {
    const { width, height } = this.#slot.getBoundingClientRect();
    return Math.hypot((u1 - u0) * width, (v1 - v0) * height);
  }

  /**
   * Looks at a place, as soon as the engine can.
   *
   * @param {Place} place
   * @param {PadName | null} [pad] to drag a drawing there
   */
  #want(place, pad = null) {
    const z = this.#geometry.latent(place, pad ? this.#from[pad] : undefined);
    this.#target = { place, z, pad, left: false, done: false };
    void this.#askLook();
  }

  async #lookThere() {
    const target = this.#target;
    if (!target || target.done || (target.left && !target.pad)) return;
    const { place, z, pad } = target;
    const look = await this.#decode(place, z);
    target.done = true;
    if (look && pad) {
      this.emit('drag', pad, look, !this.#begun.has(pad));
      this.#begun.add(pad);
      this.#unread.add(pad);
      this.#dragged = look;
      this.#showPlace();
    } else if (look && this.#target && !this.#target.left && !this.#target.pad) {
      // Whoever has left or drags something else looks at nothing.
      this.#show(look);
    }
    if (pad && target.left) this.#dropped(pad);
  }

  /**
   * What is at a place; null where the model is another by the time it is known.
   *
   * @param {Place} place
   * @param {number[]} z
   * @returns {Promise<Look | null>}
   */
  async #decode(place, z) {
    const generation = this.#generation;
    const answer = await this.#ask('map.look', {}, [Float32Array.from(z).buffer]);
    if (!answer || generation !== this.#generation) return null;
    const { label, near } = answer.head;
    return { place, z, pixels: new Float32Array(answer.bufs[0]), label, near: near ?? [] };
  }

  /** @param {Look | null} look */
  #show(look) {
    this.#look = look;
    this.#showPlace();
  }

  /** The place whose picture is shown. */
  get #place() {
    return this.#dragged ?? this.#look ?? this.#pin;
  }

  /** Shows the place, and tells which it is. */
  #showPlace() {
    this.#showSample();
    // The mark goes with the picture: to wait for a frame would have the stage paint it in the frame after.
    this.#tell();
    this.emit('place', this.#place);
  }

  /** Shows the place's picture in the place of the morph. */
  #showSample() {
    const pixels = this.#place?.pixels;
    if (pixels) this.#stage.send({ type: 'map-sample' }, [pixels.slice().buffer]);
    else this.#stage.send({ type: 'map-sample' });
  }

  #leave() {
    if (this.#target) this.#target.left = true;
    if (this.#look) this.#show(null);
  }

  /** @param {PadName} name whose mark was let go */
  #drop(name) {
    if (this.#target?.pad === name && !this.#target.done) this.#target.left = true;
    else this.#dropped(name);
  }

  /** @param {PadName} name whose last place is on its pad */
  #dropped(name) {
    delete this.#from[name];
    if (this.#dragged) {
      this.#dragged = null;
      this.#showPlace();
    }
    // Its mark stays until the model has encoded the picture.
    if (!this.#begun.delete(name) || !this.#unread.has(name)) this.#held[name] = null;
    this.#changed();
    void this.#askPlane();
  }

  /** @param {number} latent of the model that is used now */
  #newModel(latent) {
    this.#generation++;
    this.forgetDraws();
    const same = latent === this.#latent;
    this.#latent = latent >= 2 ? latent : 0;
    this.#target = null;
    this.#begun.clear();
    this.#unread.clear();
    this.#from = {};
    this.#held = { a: null, b: null };
    this.#dragged = null;
    if (this.#path) this.#forgetPath();
    this.#trail = [];
    this.#pin = null;
    this.#show(null);
    if (!same) {
      this.#geometry.plane = null;
      this.#refit = true;
      this.#moved = false;
      this.#mu = { a: [], b: [] };
      if (this.dimensions.across >= latent || this.dimensions.up >= latent) this.dimensions = { across: 0, up: 1 };
    }
    this.#changed();
    void this.#askPlane();
  }

  async #newPlane() {
    if (!this.#latent || this.#begun.size) return;
    const generation = this.#generation;
    const mu = names.map((name) => (this.#has(name) ? Float32Array.from(this.#mu[name]).buffer : new ArrayBuffer(0)));
    const answer = await this.#ask('map.plane', { plane: this.kind, ...this.dimensions }, mu);
    if (!answer || generation !== this.#generation) return;
    const [origin, e1, e2] = answer.bufs.map((b) => new Float32Array(b));
    this.#geometry.plane = { origin, e1, e2 };
    if (this.#refit || (!this.#moved && !this.#geometry.shows(this.#places))) this.#fit();
    this.#refit = false;
    if (this.#pin) this.#pin.place = this.#geometry.project(this.#pin.z);
    if (this.#look && this.#target && !this.#target.left) this.#want(this.#look.place); // whoever looks there sees this plane
    this.#changed();
    const { offA, offB, share } = answer.head;
    this.emit('plane', { offA, offB, share });
  }

  /**
   * Asks the engine; null where the answer is not wanted any more, or was lost with an engine.
   *
   * @template {'map.plane' | 'map.look'} T
   * @param {T} type
   * @param {import('../generated/protocol.js').Requests[T]['request']} fields
   * @param {ArrayBuffer[]} bufs
   */
  async #ask(type, fields, bufs) {
    const generation = this.#generation;
    try {
      return await this.#engine.request(type, fields, bufs, { retries: 0 });
    } catch (e) {
      if (!lost.has(InkdriftError.from(e).code) && generation === this.#generation) this.#onError(e);
      return null;
    }
  }

  /** Where the drawings are on the plane. */
  get #places() {
    return names.filter((name) => this.#has(name)).map((name) => this.#geometry.project(this.#mu[name]));
  }

  #fit() {
    this.#measure();
    if (this.#geometry.plane) this.#geometry.fit(this.#places);
  }

  #measure() {
    const { width, height } = this.#slot.getBoundingClientRect();
    if (width > 0 && height > 0) this.#geometry.aspect = width / height;
  }

  /** Whether there is a drawing that this model has encoded. @param {PadName} name */
  #has(name) {
    return this.#latent > 0 && this.#mu[name].length === this.#latent;
  }

  #check() {
    if (!this.#geometry.plane) throw new InkdriftError('no-model', 'the map has no plane yet; await inkdrift.ready');
    this.#measure();
  }

  /** Tells the stage, at the next frame. */
  #changed() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#frame(() => {
      if (this.#scheduled) this.#tell();
    });
  }

  /** Tells the stage now. */
  #tell() {
    this.#scheduled = false;
    this.#measure();
    this.#showMarks();
    if (this.#painted) this.#send();
  }

  #send() {
    const { plane, center, span } = this.#geometry;
    const { a, b } = this.#held;
    const trail = Float32Array.from(this.#trail.flatMap(({ x, y }) => [x, y]));
    const bufs = plane ? [plane.origin, plane.e1, plane.e2, trail].map((v) => v.slice().buffer) : [];
    const places = { at: this.#look?.place ?? null, pin: this.#pin?.place ?? null, a, b };
    this.#stage.send({ type: 'map', center, span, ground: true, ...places }, bufs);
  }

  #showMarks() {
    for (const name of names) {
      const mark = this.#marks[name];
      const place = this.#held[name] ?? (this.#has(name) && this.#geometry.plane ? this.#geometry.project(this.#mu[name]) : null);
      const [u, v] = place ? this.#geometry.toMap(place) : [-1, -1];
      mark.hidden = !this.#painted || u < 0 || u > 1 || v < 0 || v > 1;
      mark.style.left = `${100 * u}%`;
      mark.style.top = `${100 * v}%`;
    }
    if (this.#signs.length > 0) this.#showSigns();
  }

  #showSigns() {
    const { width, height } = this.#slot.getBoundingClientRect();
    /** @type {[number, number][]} */
    const taken = [];
    for (const { element, z } of this.#signs) {
      const there = this.#painted && this.#geometry.plane !== null && z.length === this.#latent;
      const [u, v] = there ? this.#geometry.placeOf(z) : [-1, -1];
      element.hidden =
        u < 0 || u > 1 || v < 0 || v > 1 || taken.some(([x, y]) => Math.hypot((u - x) * width, (v - y) * height) < signReach);
      if (element.hidden) continue;
      taken.push([u, v]);
      element.style.left = `${100 * u}%`;
      element.style.top = `${100 * v}%`;
    }
  }
}
