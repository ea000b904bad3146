/**
 * Which pointers draw. Two fingers on a pad scroll and zoom the page, and what
 * the first of them drew goes. A pen wins over a finger or a palm, whichever
 * came first, and their strokes go.
 *
 * @typedef {{pointerId: number, pointerType: string, timeStamp: number, type?: string}} Pointer
 * @typedef {object} Surface a pad
 * @property {() => void} takeBack takes back the stroke that is drawn, or the newest one
 * @property {number} rev grows with every change
 */

/** How long before the pen a palm's stroke may have ended and still go with it, in milliseconds: browsers end touches when a pen comes. */
const palmMs = 800;

/** The pointers on all pads. */
export class PadPointers {
  /** The pointers that draw, and where. @type {Map<number, {surface: Surface, pen: boolean, touch: boolean}>} */
  #drawing = new Map();
  /** Fingers that are down, and where. @type {Map<number, Surface>} */
  #touches = new Map();
  /** Pads where two fingers are: nothing draws there until all are up. @type {Set<Surface>} */
  #pinched = new Set();
  /** Strokes of fingers that have ended. @type {{surface: Surface, rev: number, at: number}[]} */
  #ended = [];

  /**
   * A pointer comes down on a pad.
   *
   * @param {Pointer} pointer
   * @param {Surface} surface
   * @returns {boolean} whether it draws
   */
  down({ pointerId, pointerType, timeStamp }, surface) {
    const touch = pointerType === 'touch';
    const pen = pointerType === 'pen';
    if (touch) {
      this.#touches.set(pointerId, surface);
      if ([...this.#touches.values()].filter((s) => s === surface).length > 1) {
        this.#pinched.add(surface);
        this.#takeBack((d) => d.touch && d.surface === surface);
      }
      if (this.#pinched.has(surface) || [...this.#drawing.values()].some((d) => d.pen)) return false;
    }
    if (pen) {
      this.#takeBack((d) => d.touch);
      for (const { surface: s, rev, at } of this.#ended.splice(0)) {
        if (s.rev === rev && timeStamp - at < palmMs) s.takeBack();
      }
    }
    if ([...this.#drawing.values()].some((d) => d.surface === surface)) return false;
    this.#drawing.set(pointerId, { surface, pen, touch });
    return true;
  }

  /** @param {Pointer} pointer */
  draws({ pointerId }) {
    return this.#drawing.has(pointerId);
  }

  /** @param {Surface} surface */
  drawsOn(surface) {
    return [...this.#drawing.values()].some((d) => d.surface === surface);
  }

  /**
   * A pointer is lifted, or taken away by the browser; its stroke is to be ended.
   *
   * @param {Pointer} pointer
   */
  up({ pointerId, timeStamp, type }) {
    const drew = this.#drawing.get(pointerId);
    this.#drawing.delete(pointerId);
    const surface = this.#touches.get(pointerId);
    this.#touches.delete(pointerId);
    if (surface && ![...this.#touches.values()].includes(surface)) this.#pinched.delete(surface);
    if (drew?.touch && type === 'pointercancel') {
      // The revision that it has once the stroke is ended.
      queueMicrotask(() => (this.#ended = [{ surface: drew.surface, rev: drew.surface.rev, at: timeStamp }]));
    }
  }

  /**
   * Takes back the strokes of some pointers.
   *
   * @param {(d: {surface: Surface, pen: boolean, touch: boolean}) => boolean} which
   */
  #takeBack(which) {
    for (const [id, d] of this.#drawing) {
      if (!which(d)) continue;
      this.#drawing.delete(id);
      d.surface.takeBack();
    }
  }
}
