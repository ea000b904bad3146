/**
 * The map of latent space in the studio, with what is beside it: the picture
 * and the words of a place, the plane, the classes of the points.
 */
import { fetchBytes } from '../../engine/assets.js';
import { cacheOffline } from '../../engine/offline.js';
import { planes } from '../../generated/protocol.js';
import { byId, make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { formatPercent } from '../../lib/format.js';
import { LatentMap } from '../../ui/latent-map.js';

/** Milliseconds for which a place must stay the same before it is read out. */
const quiet = 500;

/** Which classes there are colours for. */
const classes = 10;

/**
 * @typedef {import('../../ui/latent-map.js').Look} Look
 * @typedef {import('../../ui/latent-map.js').PadName} PadName
 * @typedef {{mu: ArrayBuffer, labels: ArrayBuffer}} Points
 */

/**
 * Says what is around A on the map; nothing where there is nothing.
 *
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {HTMLElement} element
 * @param {import('../../ui/latent-map.js').Cloud | null} cloud
 */
export function sayCloud(i18n, element, cloud) {
  const words = make('span');
  // The posteriors of few dimensions are narrow.
  const distance = (/** @type {number} */ v) => v.toFixed(v < 1 ? 2 : 1);
  if (cloud) i18n.text(words, 'map.draws', { n: cloud.n, near: distance(cloud.near), far: distance(cloud.far) });
  element.replaceChildren(words);
}

/**
 * The mean of each class.
 *
 * @param {Float32Array} mu of the points, one after the other
 * @param {Uint8Array} labels one for each point; empty: there are none
 * @returns {{label: number, z: Float32Array}[]} in the order of the labels
 */
export function classMeans(mu, labels) {
  const latent = labels.length > 0 ? mu.length / labels.length : 0;
  return [...new Set(labels)]
    .sort((a, b) => a - b)
    .map((label) => {
      const z = new Float32Array(latent);
      let n = 0;
      labels.forEach((l, i) => {
        if (l !== label) return;
        n++;
        for (let k = 0; k < latent; k++) z[k] += mu[i * latent + k];
      });
      return { label, z: z.map((v) => v / n) };
    });
}

/** The panel. */
export class MapPanel {
  #context;
  #pads;
  #play;
  #map;
  #panel = byId('latent-map', HTMLElement);
  #here = byId('map-here', HTMLElement);
  #said = byId('map-said', HTMLElement);
  #plane = byId('map-plane', HTMLSelectElement);
  #across = byId('map-across', HTMLSelectElement);
  #up = byId('map-up', HTMLSelectElement);
  #off = byId('map-off', HTMLElement);
  #share = byId('map-share', HTMLElement);
  #draws = byId('map-draws', HTMLElement);
  #path = byId('map-path', HTMLButtonElement);
  #use = { a: byId('map-use-a', HTMLButtonElement), b: byId('map-use-b', HTMLButtonElement) };
  /** The points of the model in use. @type {Points | null} */
  #points = null;
  /** The classes on the map. @type {HTMLElement[]} */
  #signs = [];
  /** The model that points were looked for. */
  #pointsOf = '';
  /** The place that is looked at, pinned, or that a drawing is dragged to. @type {Look | null} */
  #look = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Omit<import('../../app/context.js').AppContext, 'studio'>} context
   * @param {{a: import('../../ui/pad.js').Pad, b: import('../../ui/pad.js').Pad}} pads
   * @param {() => void} play plays the morph
   */
  constructor(context, pads, play) {
    const { engine, stage, events, i18n, terms, fail } = context;
    this.#context = context;
    this.#pads = pads;
    this.#play = play;
    const marks = { a: byId('map-a', HTMLElement), b: byId('map-b', HTMLElement) };
    this.#map = new LatentMap({ slot: byId('map', HTMLElement), marks, engine, stage, onError: fail });
    this.#map.on('plane', (facts) => this.#showPlane(facts));
    this.#map.on('place', (look) => {
      this.#look = look;
      this.#showPlace();
      events.emit('change', { map: true });
    });
    this.#map.on('drag', (name, look, first) => this.#fill(name, look, first));
    this.#map.on('path', (drawn) => {
      this.#showPath();
      if (drawn) this.#play();
    });

    this.#map.on('draws', (cloud) => {
      this.#draws.hidden = !cloud;
      sayCloud(i18n, this.#draws, cloud);
    });

    for (const kind of planes) {
      const option = make('option', { value: kind });
      i18n.text(option, `map.plane-${kind}`);
      this.#plane.append(option);
    }
    this.#plane.addEventListener('change', () => this.#choose());
    for (const select of [this.#across, this.#up]) select.addEventListener('change', () => this.#choose(select));
    byId('map-zoom-in', HTMLButtonElement).addEventListener('click', () => this.#map.zoom(0.7));
    byId('map-zoom-out', HTMLButtonElement).addEventListener('click', () => this.#map.zoom(1 / 0.7));
    byId('map-fit', HTMLButtonElement).addEventListener('click', () => this.#map.fit());
    for (const name of /** @type {const} */ (['a', 'b'])) this.#use[name].addEventListener('click', () => this.#map.use(name));
    this.#path.addEventListener('click', () => {
      if (this.#map.path) this.#map.removePath();
      else this.#map.drawing = !this.#map.drawing;
      this.#showPath();
    });
    const legend = byId('map-legend', HTMLElement);
    for (let c = 0; c < classes; c++) legend.append(' ', make('span', { className: `class c${c}` }, String(c)));
    byId('head-map', HTMLElement).after(terms.button('latent-space', 'map.head'));

    engine.on('model', (head) => {
      this.#panel.hidden = head.model.latent < 2;
      this.#showDimensions(head.model.latent);
      void this.#findPoints();
    });
    events.on('change', ({ model }) => {
      if (model !== undefined) void this.#findPoints();
    });
    stage.on('connected', () => {
      if (this.#points) this.#sendPoints();
    });
    new IntersectionObserver(
      (entries) => {
        if (!entries.some((e) => e.isIntersecting)) return;
        this.#map.paint();
        delete this.#panel.dataset.blank;
        void this.#findPoints();
      },
      // An edge at the foot of the first screen is not worth the work while the page starts.
      { rootMargin: '0px 0px -160px' },
    ).observe(this.#panel);
  }

  /** What scripts call. */
  get map() {
    return this.#map;
  }

  /**
   * A pad was encoded.
   *
   * @param {import('../../ui/pad.js').Pad} pad
   * @param {boolean} settled
   */
  encoded(pad, settled) {
    this.#map.encoded(pad.name, pad.result.mu, settled);
  }

  /** Shows the plane that was chosen. @param {HTMLSelectElement} [changed] */
  #choose(changed) {
    let [across, up] = [Number(this.#across.value), Number(this.#up.value)];
    if (across === up) {
      const { dimensions } = this.#map;
      if (changed === this.#up) across = dimensions.up;
      else up = dimensions.across;
    }
    this.#map.choose(this.#plane.value, { across, up });
    this.#showDimensions(this.#map.latent);
  }

  /** @param {number} latent dimensions of the model */
  #showDimensions(latent) {
    const { kind, dimensions } = this.#map;
    byId('map-plane-pick', HTMLElement).hidden = latent === 2;
    byId('map-dimensions', HTMLElement).hidden = kind !== 'dimensions' || latent === 2;
    for (const [select, value] of /** @type {const} */ ([
      [this.#across, dimensions.across],
      [this.#up, dimensions.up],
    ])) {
      if (select.length !== latent) {
        select.replaceChildren(...Array.from({ length: latent }, (_, i) => make('option', { value: String(i) }, String(i + 1))));
      }
      select.value = String(value < latent ? value : 0);
    }
  }

  /** @param {import('../../ui/latent-map.js').PlaneFacts} facts */
  #showPlane({ offA, offB, share }) {
    const { i18n } = this.#context;
    const whole = this.#map.latent === 2;
    const far = (/** @type {number} */ d) => d.toFixed(1);
    if (whole) i18n.text(this.#off, 'map.whole');
    else if (offA !== null && offB !== null) i18n.text(this.#off, 'map.off', { a: far(offA), b: far(offB) });
    else if (offA !== null || offB !== null)
      i18n.text(this.#off, 'map.off-one', { name: offA !== null ? 'A' : 'B', off: far(offA ?? offB ?? 0) });
    // Nothing is said of what is on it.
    this.#off.hidden = !whole && [offA, offB].every((off) => Number(far(off ?? 0)) === 0);
    this.#share.hidden = whole || share === null;
    if (share !== null) i18n.text(this.#share, 'map.share', { percent: formatPercent(share) });
  }

  #showPlace() {
    const { i18n } = this.#context;
    // Whoever is to draw a line is told so, wherever the pointer is.
    const look = this.#map.drawing ? null : this.#look;
    for (const button of Object.values(this.#use)) button.disabled = !look;
    clearTimeout(this.#timer);
    if (!look) {
      i18n.text(this.#here, this.#map.drawing ? 'map.path-now' : 'map.hint');
      i18n.clear(this.#said);
      return;
    }
    const [a, b] = look.near.map(String);
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

  #showPath() {
    const { drawing, path } = this.#map;
    this.#context.i18n.text(this.#path, path ? 'map.path-remove' : 'map.path');
    this.#path.setAttribute('aria-pressed', String(drawing));
    this.#showPlace();
    byId('map', HTMLElement).classList.toggle('draws', drawing);
  }

  /**
   * Puts what was decoded on a pad.
   *
   * @param {PadName} name
   * @param {Look} look
   * @param {boolean} first whether it is a step that can be undone
   */
  #fill(name, { pixels }, first) {
    const data = Uint8Array.from(pixels, (v) => Math.round(v * 255));
    this.#pads[name].fill({ strokes: [], bitmap: { width: 28, height: 28, ready: true, data }, source: 'picture' }, first);
  }

  /** Fetches the points of the model, once the map is seen, and gives them to the engine and the stage. */
  async #findPoints() {
    if (!this.#map.painted) return;
    const { assets, engine, fail, models } = this.#context;
    const { name, listed } = models;
    if (name === null) return;
    // A new engine, and a model that was loaded again, have none.
    const wanted = listed ? name : '';
    this.#setPoints(null);
    this.#pointsOf = wanted;
    if (!wanted) return;
    const file = `models/${wanted}.points.json`;
    try {
      const list = await assets();
      if (!list.has(file)) return;
      const bytes = await fetchBytes(list.url(file), () => {}, 'fetch-failed');
      void cacheOffline(file);
      if (this.#pointsOf !== wanted || models.name !== wanted) return;
      const { bufs } = await engine.request('map.points', {}, [bytes], { retries: 0 });
      if (this.#pointsOf !== wanted) return;
      this.#setPoints({ mu: bufs[0], labels: bufs[1] });
      this.#map.refresh();
    } catch (e) {
      if (!['engine-died', 'engine-gone'].includes(InkdriftError.from(e).code)) fail(e);
    }
  }

  /** @param {Points | null} points */
  #setPoints(points) {
    this.#points = points;
    byId('map-legend', HTMLElement).hidden = !points || points.labels.byteLength === 0;
    this.#signClasses(points);
    const option = this.#plane.querySelector('[value=principal]');
    if (option instanceof HTMLOptionElement) option.disabled = !points;
    if (!points && this.#map.kind === 'principal') {
      this.#plane.value = 'drawings';
      this.#choose();
    }
    this.#sendPoints();
  }

  /** Writes each class where the mean of its points is: ten colours are not apart for everybody. @param {Points | null} points */
  #signClasses(points) {
    for (const sign of this.#signs) sign.remove();
    const means = points ? classMeans(new Float32Array(points.mu), new Uint8Array(points.labels)) : [];
    const signs = means.map(({ label, z }) => ({ element: make('span', { className: `sign c${label}` }, String(label)), z }));
    this.#signs = signs.map(({ element }) => element);
    for (const element of this.#signs) element.setAttribute('aria-hidden', 'true');
    byId('map', HTMLElement).append(...this.#signs);
    this.#map.signs = signs;
  }

  #sendPoints() {
    const { stage } = this.#context;
    const points = this.#points;
    if (points) stage.send({ type: 'map-data', latent: this.#map.latent }, [points.mu.slice(0), points.labels.slice(0)]);
    else stage.send({ type: 'map-data', latent: 0 });
  }
}
