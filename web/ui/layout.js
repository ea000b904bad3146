/**
 * Where the slots are. HTML owns the layout: the page's style places the slots,
 * and the iframe of the stage lies under them, no larger than it must be.
 *
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 */

/** Margin around the slots, so that nothing is cut off by rounding; CSS pixels. */
const margin = 2;

/** Watches the slots and tells where they are. */
export class Layout {
  /** @type {Map<string, Element>} */
  #slots = new Map();
  #stage;
  #iframe;
  #onChange;
  #sent = '';
  #scheduled = false;

  /**
   * @param {HTMLElement} stage what the slots and the iframe are in
   * @param {HTMLIFrameElement} iframe
   * @param {() => void} onChange called when the message would be another
   */
  constructor(stage, iframe, onChange) {
    this.#stage = stage;
    this.#iframe = iframe;
    this.#onChange = onChange;
    const look = () => this.look();
    const observer = new ResizeObserver(look);
    observer.observe(stage);
    for (const child of stage.children) if (child !== iframe) observer.observe(child);
    for (const slot of stage.querySelectorAll('[data-slot]')) {
      this.#slots.set(slot.getAttribute('data-slot') ?? '', slot);
      observer.observe(slot);
    }
    window.addEventListener('resize', look);
    this.#watchDensity();
    look();
  }

  /** Looks again, at the next frame. */
  look() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      const message = JSON.stringify(this.message);
      if (message === this.#sent) return;
      this.#sent = message;
      this.#place();
      this.#onChange();
    });
  }

  /** Each slot's place in the window, CSS pixels. */
  rects() {
    /** @type {Record<string, {x: number, y: number, width: number, height: number}>} */
    const out = {};
    for (const [name, slot] of this.#slots) {
      const { x, y, width, height } = slot.getBoundingClientRect();
      out[name] = { x, y, width, height };
    }
    return out;
  }

  /** The message that tells the stage. */
  get message() {
    const { frame, boxes } = this.#measure();
    /** @type {Record<string, Box>} */
    const slots = {};
    for (const [name, b] of boxes) slots[name] = { ...b, x: round(b.x - frame.x), y: round(b.y - frame.y) };
    const dpr = window.devicePixelRatio * this.#zoom();
    return { type: /** @type {const} */ ('layout'), width: frame.w, height: frame.h, dpr, slots };
  }

  /** Pixels of the window in one of the stage: other than 1 where CSS zooms the page. */
  #zoom() {
    const { width } = this.#stage.getBoundingClientRect();
    const own = this.#stage.offsetWidth;
    if (!own || !width) return 1;
    // offsetWidth is rounded, which is no zoom
    return Math.abs(width / own - 1) * own < 1 ? 1 : width / own;
  }

  /** Places of the slots and, around them, of the iframe; relative to the stage, in its pixels. */
  #measure() {
    const origin = this.#stage.getBoundingClientRect();
    const zoom = this.#zoom();
    /** @type {Map<string, Box>} */
    const boxes = new Map();
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [name, slot] of this.#slots) {
      const r = slot.getBoundingClientRect();
      if (r.width < 1 || r.height < 1) continue;
      const box = {
        x: round((r.x - origin.x) / zoom),
        y: round((r.y - origin.y) / zoom),
        w: round(r.width / zoom),
        h: round(r.height / zoom),
      };
      boxes.set(name, box);
      left = Math.min(left, box.x);
      top = Math.min(top, box.y);
      right = Math.max(right, box.x + box.w);
      bottom = Math.max(bottom, box.y + box.h);
    }
    if (boxes.size === 0) return { frame: { x: 0, y: 0, w: 1, h: 1 }, boxes }; // nothing is shown
    const x = Math.floor(left - margin);
    const y = Math.floor(top - margin);
    const frame = { x, y, w: Math.ceil(right + margin) - x, h: Math.ceil(bottom + margin) - y };
    return { frame, boxes };
  }

  #place() {
    const { x, y, w, h } = this.#measure().frame;
    const { style } = this.#iframe;
    style.left = `${x}px`;
    style.top = `${y}px`;
    style.width = `${w}px`;
    style.height = `${h}px`;
  }

  /** Looks again whenever the window moves to a screen of another density, or is zoomed. */
  #watchDensity() {
    matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener(
      'change',
      () => {
        this.#watchDensity();
        this.look();
      },
      { once: true },
    );
  }
}

/** @param {number} v */
function round(v) {
  return Math.round(v * 100) / 100;
}
