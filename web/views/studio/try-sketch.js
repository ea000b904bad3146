/**
 * A small third pad, painted on a canvas of the page: what is drawn on it is of
 * use to one mode only, so stage and engine need not know it.
 *
 * @typedef {import('../../engine/strokes.js').Stroke} Stroke
 */
import { countPoints, brush, maxPoints, pressure, Smoother } from '../../engine/strokes.js';
import { make } from '../../lib/dom.js';

/** Pixels of the canvas, to a side. */
const side = 336;

/** The pad. */
export class Sketch {
  /** The finished strokes. @type {readonly Stroke[]} */
  #strokes = [];
  /** Whether they were put there to be drawn over. */
  #isExample = false;
  /** @type {Smoother | null} */
  #live = null;
  #pointer = -1;
  #onChange;
  #onDigit;

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {string} key its name
   * @param {() => void} onChange
   * @param {(digit: number) => void} onDigit a key asks for an example
   */
  constructor(i18n, key, onChange, onDigit) {
    this.#onChange = onChange;
    this.#onDigit = onDigit;
    this.element = make('canvas', { width: side, height: side, className: 'sketch', tabIndex: 0 });
    this.element.setAttribute('role', 'application');
    this.element.dataset.testid = 'try-sketch';
    i18n.attr(this.element, 'aria-label', key);
    this.#listen();
  }

  /** What is on it. */
  get strokes() {
    const live = this.#live?.stroke();
    return live ? [...this.#strokes, live] : this.#strokes;
  }

  /** @param {readonly Stroke[]} strokes to be drawn over */
  fill(strokes) {
    this.#live = null;
    this.#strokes = strokes;
    this.#isExample = true;
    this.#changed();
  }

  /** Takes everything off. */
  clear() {
    this.fill([]);
  }

  /** Paints it. */
  show() {
    const pen = /** @type {CanvasRenderingContext2D} */ (this.element.getContext('2d'));
    pen.clearRect(0, 0, side, side);
    pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--ink').trim();
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
    for (const { width, points } of this.strokes) {
      for (let i = 0; i < points.length; i += 3) {
        const next = i + 3 < points.length ? i + 3 : i;
        pen.lineWidth = width * points[i + 2] * side;
        pen.beginPath();
        pen.moveTo(points[i] * side, points[i + 1] * side);
        pen.lineTo(points[next] * side, points[next + 1] * side);
        pen.stroke();
      }
    }
  }

  #changed() {
    this.show();
    this.#onChange();
  }

  #listen() {
    const canvas = this.element;
    canvas.addEventListener('pointerdown', (e) => {
      if (e.button !== 0 || this.#pointer !== -1) return;
      if (this.#isExample) this.#strokes = [];
      this.#isExample = false;
      const live = new Smoother(brush.usual, maxPoints - countPoints(this.#strokes));
      if (live.full) return;
      this.#live = live;
      this.#pointer = e.pointerId;
      canvas.setPointerCapture(e.pointerId);
      this.#drawTo([e]);
    });
    canvas.addEventListener('pointermove', (e) => {
      if (e.pointerId !== this.#pointer) return;
      const between = e.getCoalescedEvents?.() ?? [];
      this.#drawTo(between.length > 0 ? between : [e]);
    });
    for (const type of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
      canvas.addEventListener(type, (e) => {
        if (e.pointerId !== this.#pointer) return;
        this.#pointer = -1;
        this.#strokes = this.strokes;
        this.#live = null;
        this.#changed();
      });
    }
    canvas.addEventListener('keydown', (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      if (/^[0-9]$/.test(e.key)) this.#onDigit(Number(e.key));
      else if (e.key === 'Delete' || e.key === 'Backspace') this.clear();
      else return;
      e.preventDefault();
    });
  }

  /** @param {PointerEvent[]} events */
  #drawTo(events) {
    const r = this.element.getBoundingClientRect();
    let any = false;
    for (const e of events) any = this.#live?.add((e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height, pressure(e)) || any;
    if (any) this.#changed();
  }
}
