/**
 * What a person sees and uses of a pad: pointers and keys that draw, the words
 * around the drawing, undo, clear and what is behind "More".
 */
import { byId, icon, make, passFocus } from '../../lib/dom.js';
import { formatProbability } from '../../lib/format.js';
import { brush, pressure } from '../../engine/strokes.js';

/** How far an arrow key moves the pen, in pad units; with shift and without. */
const steps = { fine: 0.01, coarse: 0.04 };

/** @type {Record<string, [number, number]>} */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * What pads have in common.
 *
 * @typedef {object} PadCallbacks
 * @property {import('../../lib/i18n.js').I18n} i18n
 * @property {import('./pad-fill.js').PadFill} fill
 * @property {import('./pad-pointers.js').PadPointers} pointers
 * @property {() => number} width the brush's diameter
 * @property {(width: number) => void} setWidth
 * @property {(pad: import('../../ui/pad.js').Pad) => void} onUse called when a person turns to a pad
 * @property {(pad: import('../../ui/pad.js').Pad) => import('../../ui/reading.js').Reading} read
 * @property {(pad: import('../../ui/pad.js').Pad) => boolean} isRead whether what read says is final
 * @property {() => void} onFull called when a pad takes no more ink
 */

/** The page's end of one pad. */
export class PadView {
  /** Where the pen of the keyboard is. */
  #pen = { x: 0.5, y: 0.3, down: false };
  #penMark = make('span', { className: 'pen', hidden: true });
  /** @type {HTMLInputElement} */
  #width;
  #pad;
  #callbacks;
  /** Whether the label says what the drawing is read as. */
  #isSaid = false;

  /**
   * @param {import('../../ui/pad.js').Pad} pad
   * @param {PadCallbacks} callbacks
   */
  constructor(pad, callbacks) {
    this.#pad = pad;
    this.#callbacks = callbacks;
    const name = pad.name;
    this.slot = byId(`pad-${name}`, HTMLElement);
    this.label = byId(`label-${name}`, HTMLElement);
    this.hint = byId(`hint-${name}`, HTMLElement);
    this.over = byId(`over-${name}`, HTMLElement);
    this.again = byId(`again-${name}`, HTMLButtonElement);
    this.undo = byId(`undo-${name}`, HTMLButtonElement);
    this.clear = byId(`clear-${name}`, HTMLButtonElement);
    this.slot.append(this.#penMark);

    this.#width = this.#fillPanel(byId(`panel-${name}`, HTMLElement));
    this.#listenToPointers();
    this.slot.addEventListener('keydown', (e) => this.#key(e));
    this.slot.addEventListener('blur', () => this.#liftPen(true));
    this.undo.addEventListener('click', () => this.#act(() => pad.undo()));
    this.clear.addEventListener('click', () => this.#act(() => pad.clear()));
    this.again.addEventListener('click', () => this.#act(() => callbacks.fill.again(pad)));
  }

  /** Shows the pad as it is. */
  show() {
    const { i18n } = this.#callbacks;
    const pad = this.#pad;
    const { empty, source } = pad;
    if (!pad.undoable) passFocus(this.undo, this.slot);
    this.undo.disabled = !pad.undoable;
    if (empty) passFocus(this.clear, this.slot);
    this.clear.disabled = empty;
    this.slot.classList.add('ready');

    const others = source === 'example' || source === 'sample';
    if (!others) passFocus(this.again, this.slot);
    this.again.hidden = !others;
    const again = source === 'sample' ? 'pad.again-sample' : 'pad.again-example';
    i18n.attr(this.again, 'aria-label', again);
    i18n.attr(this.again, 'title', again);

    this.hint.hidden = !empty;
    i18n.text(this.hint, 'pad.hint');
    this.over.hidden = source !== 'example';
    this.showLabel();
  }

  /**
   * Says what the drawing is read as. While a stroke is drawn that changes with it, and stands
   * until the whole drawing is read; else nothing is said before it is final.
   */
  showLabel() {
    const { i18n, isRead, read } = this.#callbacks;
    const { empty, drawing, result } = this.#pad;
    this.label.classList.toggle('quiet', empty || result.label === null);
    const waits = result.empty || result.mu.length === 0;
    const final = isRead(this.#pad);
    if (!empty && !waits && !final && !drawing && this.#isSaid) return;
    this.#isSaid = !empty && !waits && result.label !== null && (final || drawing);
    if (empty) i18n.text(this.label, 'label.empty');
    else if (this.#isSaid) i18n.text(this.label, ...labelWords('label', read(this.#pad), result));
    else i18n.text(this.label, waits || !final ? 'label.wait' : 'label.none');
  }

  /** Shows the brush's width. */
  showWidth() {
    const width = this.#callbacks.width();
    this.#width.value = String(width);
    const percent = Math.round(width * 100);
    this.#callbacks.i18n.attr(this.#width, 'aria-valuetext', 'pad.brush-value', { percent });
  }

  #listenToPointers() {
    const { slot } = this;
    const { pointers } = this.#callbacks;
    slot.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      if (!pointers.down(e, this)) return;
      this.#liftPen(true);
      this.#act(() => {
        if (!this.#pad.begin(this.#callbacks.width())) {
          pointers.up(e);
          this.#callbacks.onFull();
          return;
        }
        slot.setPointerCapture(e.pointerId);
        this.#drawTo([e]);
      });
    });
    slot.addEventListener('pointermove', (e) => {
      if (!pointers.draws(e)) return;
      const between = e.getCoalescedEvents?.() ?? [];
      this.#drawTo(between.length > 0 ? between : [e]);
    });
    const end = (/** @type {PointerEvent} */ e) => {
      const drew = pointers.draws(e);
      pointers.up(e);
      if (drew) this.#pad.end();
    };
    slot.addEventListener('pointerup', (e) => {
      if (pointers.draws(e)) this.#drawTo([e]);
      end(e);
    });
    slot.addEventListener('pointercancel', end);
    slot.addEventListener('lostpointercapture', end);
    slot.addEventListener('contextmenu', (e) => {
      if (this.drawing) e.preventDefault();
    });
  }

  /** Whether a pointer draws here. */
  get drawing() {
    return this.#callbacks.pointers.drawsOn(this);
  }

  /** Takes back the stroke of a pointer, or the one that it has left. */
  takeBack() {
    if (this.#pad.drawing) this.#pad.cancel();
    else this.#pad.undo();
  }

  /** Grows with every change of the drawing. */
  get rev() {
    return this.#pad.rev;
  }

  /** @param {PointerEvent[]} events */
  #drawTo(events) {
    const r = this.slot.getBoundingClientRect();
    for (const e of events) {
      // The pointer that goes up has no pressure left, which is no width.
      const p = e.type === 'pointerup' && e.pointerType === 'pen' ? NaN : pressure(e);
      this.#pad.draw((e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height, p);
    }
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const pad = this.#pad;
    const command = e.ctrlKey || e.metaKey;
    if (command && !e.shiftKey && !e.altKey && e.key.toLowerCase() === 'z') {
      this.#act(() => pad.undo());
    } else if (command || e.altKey) {
      return;
    } else if (e.key in arrows) {
      this.#movePen(arrows[e.key], e.shiftKey ? steps.fine : steps.coarse);
    } else if (e.key === 'Enter' && !e.repeat) {
      if (this.#pen.down) this.#liftPen(false);
      else this.#lowerPen();
    } else if (e.key === 'Delete' || e.key === 'Backspace') {
      this.#act(() => pad.clear());
    } else if (/^[0-9]$/.test(e.key) && !e.repeat) {
      this.#act(() => this.#callbacks.fill.example(pad, Number(e.key)));
    } else {
      return;
    }
    e.preventDefault();
  }

  /**
   * @param {[number, number]} direction
   * @param {number} step
   */
  #movePen([dx, dy], step) {
    const pen = this.#pen;
    pen.x = Math.min(Math.max(pen.x + dx * step, 0), 1);
    pen.y = Math.min(Math.max(pen.y + dy * step, 0), 1);
    if (pen.down) this.#pad.draw(pen.x, pen.y);
    this.#showPen();
  }

  #lowerPen() {
    if (this.drawing) return;
    this.#act(() => {
      if (!this.#pad.begin(this.#callbacks.width())) {
        this.#callbacks.onFull();
        return;
      }
      this.#pen.down = true;
      this.#pad.draw(this.#pen.x, this.#pen.y);
      this.#showPen();
    });
  }

  /** @param {boolean} away whether the pen is not shown any more */
  #liftPen(away) {
    if (this.#pen.down) {
      this.#pen.down = false;
      this.#pad.end();
    }
    if (away) this.#penMark.hidden = true;
    else this.#showPen();
  }

  #showPen() {
    const mark = this.#penMark;
    mark.hidden = false;
    mark.style.left = `${this.#pen.x * 100}%`;
    mark.style.top = `${this.#pen.y * 100}%`;
    mark.classList.toggle('down', this.#pen.down);
  }

  /** @param {() => void} act */
  #act(act) {
    this.#callbacks.onUse(this.#pad);
    act();
  }

  /**
   * Makes what is behind "More".
   *
   * @param {HTMLElement} panel
   * @returns {HTMLInputElement} the slider of the brush
   */
  #fillPanel(panel) {
    const { i18n, fill, setWidth } = this.#callbacks;
    const pad = this.#pad;
    const words = (/** @type {string} */ key, /** @type {string} */ className) => {
      const e = make('span', { className });
      i18n.text(e, key);
      return e;
    };
    const width = make('input', { type: 'range', min: String(brush.min), max: String(brush.max), step: '0.005' });
    width.addEventListener('input', () => setWidth(Number(width.value)));

    const digits = byId(`examples-${pad.name}`, HTMLElement);
    for (let d = 0; d < 10; d++) {
      const b = make('button', { type: 'button' }, String(d));
      b.addEventListener('click', () => this.#act(() => fill.example(pad, d)));
      digits.append(b);
    }

    const sample = make('button', { type: 'button' }, icon('again'), words('pad.sample', ''));
    sample.addEventListener('click', () => this.#act(() => fill.sample(pad)));
    const picture = make('button', { type: 'button' }, icon('picture'), words('pad.picture', ''));
    picture.addEventListener('click', () => this.#act(() => fill.choosePicture(pad)));

    panel.append(make('label', { className: 'brush' }, words('pad.brush', 'name'), width), sample, picture, words('pad.drop', 'small'));
    return width;
  }
}

/** What is said of a drawing: below it, and in the status line. */
const sentences = {
  label: { looks: 'label.looks', perhaps: 'label.perhaps', unknown: 'label.unknown' },
  status: { looks: 'status.looks', perhaps: 'status.perhaps', unknown: 'status.unknown' },
};

/**
 * The sentence that says what a drawing is read as.
 *
 * @param {'label' | 'status'} place of the sentence
 * @param {import('../../ui/reading.js').Reading} reading of a drawing that has a label
 * @param {import('../../ui/pad.js').Result} result
 * @returns {[string, Record<string, string>]} its key and its values
 */
export function labelWords(place, { label, certainty, second }, { probs }) {
  const digit = String(label ?? 0);
  const words = sentences[place];
  if (certainty === 'unknown') return [words.unknown, {}];
  if (certainty === 'perhaps') return [words.perhaps, { digit, second: String(second) }];
  return [words.looks, { digit, percent: formatProbability(probs?.[label ?? 0] ?? 0) }];
}
