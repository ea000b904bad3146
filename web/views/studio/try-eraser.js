/**
 * A picture of 28 x 28 pixels of which parts can be rubbed out, with mouse,
 * finger, pen or keys.
 */
import { make } from '../../lib/dom.js';
import { picture, says } from './try-parts.js';

/** Pixels to a side, and of the eraser from its middle. */
const side = 28;
const reach = 2.5;

/** @type {Record<string, [number, number]>} */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The picture and what is missing of it. */
export class Eraser {
  /** The picture as the model gets it; none: there is nothing. @type {ArrayLike<number>} */
  pixels = [];
  /** 1 for each pixel that is missing. */
  hole = new Uint8Array(side * side);

  /** Where the eraser is, in pixels, for keys and for those who see it. */
  #at = { x: side / 2, y: side / 2, down: false };
  #mark = make('span', { className: 'eraser', hidden: true });
  #pointer = -1;
  #canvas;
  #paint;
  #onChange;

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {(canvas: HTMLCanvasElement, values: ArrayLike<number>) => void} paint
   * @param {() => void} onChange more or less is missing
   */
  constructor(i18n, paint, onChange) {
    this.#paint = paint;
    this.#onChange = onChange;
    const { canvas, element } = picture(i18n, 'try.fill-picture');
    this.#canvas = canvas;
    const keys = says(i18n, 'try.fill-keys', 'unseen');
    keys.id = 'try-fill-keys';
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-describedby', keys.id);
    canvas.dataset.testid = 'try-eraser';
    const frame = make('div', { className: 'eraser-frame' });
    canvas.replaceWith(frame);
    frame.append(canvas, this.#mark);
    element.append(keys);
    this.element = element;
    this.#listen();
  }

  /** What the keyboard rubs out on. */
  get canvas() {
    return this.#canvas;
  }

  /** How many pixels are missing. */
  get missing() {
    return this.hole.reduce((a, b) => a + b, 0);
  }

  /** Another picture; what is missing stays so. @param {ArrayLike<number>} pixels */
  take(pixels) {
    this.pixels = pixels;
    this.show();
  }

  /** Rubs out a part. @param {number[]} part rows from and to, columns from and to */
  rubOut([top, bottom, left, right]) {
    for (let y = top; y < bottom; y++) this.hole.fill(1, y * side + left, y * side + right);
    this.#changed();
  }

  /** Brings everything back. */
  restore() {
    this.hole.fill(0);
    this.#changed();
  }

  /** Paints it. */
  show() {
    this.#paint(this.#canvas, this.pixels.length > 0 ? this.pixels : new Float32Array(side * side));
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    const style = getComputedStyle(document.documentElement);
    const [light, dark] = ['--wash', '--line'].map((name) => style.getPropertyValue(name).trim());
    const block = this.#canvas.width / side;
    this.hole.forEach((missing, i) => {
      if (!missing) return;
      const [x, y] = [i % side, Math.floor(i / side)];
      pen.fillStyle = (x + y) % 2 ? light : dark; // chequered, as nothing is in picture editors
      pen.fillRect(x * block, y * block, block, block);
    });
  }

  #changed() {
    this.show();
    this.#onChange();
  }

  #listen() {
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', (e) => {
      if (e.button !== 0 || this.#pointer !== -1) return;
      this.#pointer = e.pointerId;
      canvas.setPointerCapture(e.pointerId);
      this.#move(e, true);
    });
    canvas.addEventListener('pointermove', (e) => {
      if (e.pointerId !== this.#pointer) return;
      const between = e.getCoalescedEvents?.() ?? [];
      for (const part of between.length > 0 ? between : [e]) this.#move(part, false);
    });
    for (const type of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
      canvas.addEventListener(type, (e) => {
        if (e.pointerId === this.#pointer) this.#pointer = -1;
      });
    }
    canvas.addEventListener('keydown', (e) => this.#key(e));
    canvas.addEventListener('blur', () => {
      this.#at.down = false;
      this.#mark.hidden = true;
    });
  }

  /** @param {PointerEvent} e @param {boolean} first whether it begins there */
  #move(e, first) {
    const r = this.#canvas.getBoundingClientRect();
    const to = { x: (side * (e.clientX - r.left)) / r.width, y: (side * (e.clientY - r.top)) / r.height };
    this.#mark.hidden = true;
    this.#rub(first ? to : this.#at, to);
    Object.assign(this.#at, to, { down: false });
  }

  /**
   * Rubs along a line.
   *
   * @param {{x: number, y: number}} from
   * @param {{x: number, y: number}} to
   */
  #rub(from, to) {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)));
    let any = false;
    for (let s = 0; s <= steps; s++) {
      const [x, y] = [from.x + ((to.x - from.x) * s) / steps, from.y + ((to.y - from.y) * s) / steps];
      for (let i = 0; i < this.hole.length; i++) {
        if (this.hole[i] || Math.hypot((i % side) + 0.5 - x, Math.floor(i / side) + 0.5 - y) > reach) continue;
        this.hole[i] = 1;
        any = true;
      }
    }
    if (any) this.#changed();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const at = this.#at;
    const step = e.shiftKey ? 1 : 2;
    if (e.key in arrows) {
      const [dx, dy] = arrows[e.key];
      const from = { ...at };
      at.x = Math.min(Math.max(at.x + step * dx, 0), side);
      at.y = Math.min(Math.max(at.y + step * dy, 0), side);
      if (at.down) this.#rub(from, at);
    } else if ((e.key === 'Enter' || e.key === ' ') && !e.repeat) {
      at.down = !at.down;
      if (at.down) this.#rub(at, at);
    } else if (e.key === 'Delete' || e.key === 'Backspace') {
      this.restore();
    } else {
      return;
    }
    e.preventDefault();
    this.#mark.hidden = false;
    this.#mark.style.left = `${(100 * at.x) / side}%`;
    this.#mark.style.top = `${(100 * at.y) / side}%`;
    this.#mark.classList.toggle('down', at.down);
  }
}
