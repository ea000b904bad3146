/**
 * Pointers, wheel and keys over a map, as what they mean there. Whoever moves a
 * mouse looks; a drag moves the plane, or A or B, or draws a path; one finger
 * looks, two move and zoom.
 *
 * @typedef {object} MapActions places are u and v, from 0 to 1
 * @property {(u: number, v: number) => void} look
 * @property {() => void} leave
 * @property {(u: number, v: number) => void} pin
 * @property {(du: number, dv: number) => void} pan
 * @property {(factor: number, u: number, v: number) => void} zoom
 * @property {(u: number, v: number, reach: number) => 'a' | 'b' | null} handle the drawing whose mark is there; reach: in CSS pixels
 * @property {(name: 'a' | 'b', u: number, v: number) => void} drag
 * @property {(name: 'a' | 'b') => void} drop
 * @property {() => boolean} drawing whether a drag draws a path
 * @property {(u: number, v: number, first: boolean) => void} draw
 * @property {() => void} drawn
 * @property {(dx: number, dy: number) => void} walk in CSS pixels
 * @property {(key: string) => boolean} key one that is none of the above; whether it was used
 */

/** How far a pointer moves before it drags, in CSS pixels. */
const still = 4;

/** How near to a mark a pointer must be, in CSS pixels. */
const reach = { mouse: 14, touch: 26 };

/** Milliseconds for which a wheel goes on scrolling the page that it scrolled before the map came under a mouse that lies still. */
const scrolling = 300;

/** How much a notch of a wheel zooms. */
const notch = 1.2;

/** How far an arrow key walks, in CSS pixels; with shift and without. */
const steps = { fine: 2, coarse: 12 };

/** @type {Record<string, [number, number]>} */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @typedef {{x: number, y: number}} Point */

/** Listens to a map. */
export class MapInput {
  #slot;
  #actions;
  /** Where the pointers are that are down, in CSS pixels of the map. @type {Map<number, Point>} */
  #down = new Map();
  /** What the pointer that came first does. @type {'press' | 'walk' | 'pan' | 'draw' | 'a' | 'b' | null} */
  #act = null;
  /** Where it came down. */
  #start = { x: 0, y: 0 };
  /** When the page scrolled last, unless the mouse has moved since. */
  #scrolled = -Infinity;
  /** Where the mouse was last, on the screen. */
  #mouse = '';

  /**
   * @param {HTMLElement} slot
   * @param {MapActions} actions
   */
  constructor(slot, actions) {
    this.#slot = slot;
    this.#actions = actions;
    slot.addEventListener('pointerdown', (e) => this.#press(e));
    slot.addEventListener('pointermove', (e) => this.#move(e));
    for (const type of ['pointerup', 'pointercancel']) slot.addEventListener(type, (e) => this.#lift(/** @type {PointerEvent} */ (e)));
    slot.addEventListener('pointerleave', (e) => {
      if (e.pointerType === 'mouse' && this.#down.size === 0) actions.leave();
    });
    slot.addEventListener('wheel', (e) => this.#wheel(e), { passive: false });
    slot.addEventListener('keydown', (e) => this.#key(e));
    slot.addEventListener('blur', () => actions.leave());
    addEventListener('scroll', () => (this.#scrolled = performance.now()), { passive: true });
  }

  /** @param {PointerEvent | WheelEvent} e */
  #point(e) {
    const r = this.#slot.getBoundingClientRect();
    return { x: e.clientX - r.left, y: e.clientY - r.top };
  }

  /** @param {Point} p @returns {[number, number]} */
  #place({ x, y }) {
    const r = this.#slot.getBoundingClientRect();
    return [Math.min(Math.max(x / r.width, 0), 1), Math.min(Math.max(y / r.height, 0), 1)];
  }

  /** @param {PointerEvent} e */
  #press(e) {
    if (e.button !== 0 || this.#down.size > 1 || (e.target instanceof Element && e.target.closest('button'))) return;
    const touch = e.pointerType === 'touch';
    const p = this.#point(e);
    this.#down.set(e.pointerId, p);
    this.#slot.setPointerCapture(e.pointerId);
    if (this.#down.size === 2) {
      this.#end(false);
      this.#act = null;
      this.#actions.leave();
      return;
    }
    const [u, v] = this.#place(p);
    this.#start = p;
    if (this.#actions.drawing()) {
      this.#act = 'draw';
      this.#actions.draw(u, v, true);
      return;
    }
    this.#act = this.#actions.handle(u, v, touch ? reach.touch : reach.mouse) ?? 'press';
    if (touch && this.#act === 'press') {
      this.#act = 'walk';
      this.#actions.look(u, v);
    }
  }

  /** @param {PointerEvent} e */
  #move(e) {
    const p = this.#point(e);
    const before = this.#down.get(e.pointerId);
    // Browsers tell of a move when the page scrolls under a mouse that lies still.
    const mouse = `${e.screenX} ${e.screenY}`;
    if (mouse !== this.#mouse) this.#scrolled = -Infinity;
    this.#mouse = mouse;
    if (!before) {
      if (e.pointerType === 'mouse' && this.#down.size === 0) this.#actions.look(...this.#place(p));
      return;
    }
    if (this.#down.size === 2) {
      this.#pinch(e.pointerId, p);
      return;
    }
    this.#down.set(e.pointerId, p);
    const [u, v] = this.#place(p);
    const moved = Math.hypot(p.x - this.#start.x, p.y - this.#start.y) > still;
    if (this.#act === 'press' && moved) {
      this.#act = 'pan';
      this.#actions.leave();
    }
    const { width, height } = this.#slot.getBoundingClientRect();
    if (this.#act === 'pan') this.#actions.pan((p.x - before.x) / width, (p.y - before.y) / height);
    else if (this.#act === 'walk') this.#actions.look(u, v);
    else if (this.#act === 'draw') this.#actions.draw(u, v, false);
    else if (this.#act === 'a' || this.#act === 'b') this.#actions.drag(this.#act, u, v);
  }

  /** Two fingers move and zoom. @param {number} id @param {Point} p */
  #pinch(id, p) {
    const before = [...this.#down.values()];
    this.#down.set(id, p);
    const after = [...this.#down.values()];
    const { width, height } = this.#slot.getBoundingClientRect();
    const middle = (/** @type {Point[]} */ [a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    const apart = (/** @type {Point[]} */ [a, b]) => Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);
    const [from, to] = [middle(before), middle(after)];
    this.#actions.pan((to.x - from.x) / width, (to.y - from.y) / height);
    this.#actions.zoom(apart(before) / apart(after), ...this.#place(to));
  }

  /** @param {PointerEvent} e */
  #lift(e) {
    const at = this.#down.get(e.pointerId);
    if (!at) return;
    this.#down.delete(e.pointerId);
    this.#end(e.type === 'pointerup', at);
    if (e.pointerType === 'touch') this.#actions.leave();
  }

  /**
   * Ends what the first pointer does.
   *
   * @param {boolean} done whether it was lifted, and not taken away
   * @param {Point} [at]
   */
  #end(done, at) {
    const act = this.#act;
    this.#act = null;
    if (act === 'a' || act === 'b') this.#actions.drop(act);
    if (act === 'draw') this.#actions.drawn();
    if (!done || !at || (act !== 'press' && act !== 'walk')) return;
    if (Math.hypot(at.x - this.#start.x, at.y - this.#start.y) <= still) this.#actions.pin(...this.#place(at));
  }

  /** @param {WheelEvent} e */
  #wheel(e) {
    const now = performance.now();
    if (!e.ctrlKey && now - this.#scrolled < scrolling) return; // the page scrolls on under the pointer
    e.preventDefault();
    const lines = e.deltaMode === 1 ? e.deltaY / 3 : e.deltaMode === 2 ? e.deltaY : e.deltaY / 100;
    this.#actions.zoom(notch ** Math.min(Math.max(e.ctrlKey ? 4 * lines : lines, -4), 4), ...this.#place(this.#point(e)));
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.target !== this.#slot || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key in arrows) {
      const step = e.shiftKey ? steps.fine : steps.coarse;
      const [dx, dy] = arrows[e.key];
      this.#actions.walk(dx * step, dy * step);
    } else if (e.key === '+' || e.key === '=') {
      this.#actions.zoom(1 / notch, 0.5, 0.5);
    } else if (e.key === '-' || e.key === '_') {
      this.#actions.zoom(notch, 0.5, 0.5);
    } else if (!this.#actions.key(e.key)) {
      return;
    }
    e.preventDefault();
  }
}
