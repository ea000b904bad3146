/**
 * Which map of latent space is the page's: that of the view that is shown. Scripts
 * ask it, and its elements have the test ids, which no two elements have at once.
 */
import { Emitter } from '../lib/emitter.js';

/** Test ids of the parts of a map. */
const ids = ['map', 'map-plane', 'map-across', 'map-up', 'map-here'];

/** @typedef {import('./model-map.js').ModelMap} ModelMap */

/**
 * Event: `place` () when another place is looked at on a map that is not the studio's.
 *
 * @extends {Emitter<{place: []}>}
 */
export class CurrentMap extends Emitter {
  /** The map of a view other than the studio; null: none. @type {ModelMap | null} */
  shown = null;
  #own;
  #listened = new WeakSet();

  /** @param {Document} page which begins with the studio's map */
  constructor(page) {
    super();
    /** @type {Record<string, Element | null>} */
    this.#own = Object.fromEntries(ids.map((id) => [id, page.getElementById(id)]));
  }

  /** @param {ModelMap | null} map that of the view that is shown; null: that of the studio */
  show(map) {
    if (map === this.shown) return;
    this.#mark(false);
    this.shown = map;
    this.#mark(true);
    if (!map || this.#listened.has(map)) return;
    this.#listened.add(map);
    map.on('place', () => this.emit('place'));
  }

  /** @param {boolean} on */
  #mark(on) {
    /** @type {Record<string, Element | null>} */
    const parts = this.shown?.parts ?? this.#own;
    for (const id of ids) {
      if (on) parts[id]?.setAttribute('data-testid', id);
      else parts[id]?.removeAttribute('data-testid');
    }
  }
}
