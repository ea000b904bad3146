/**
 * The sheet on which a person draws a set: one sign after the other, each when it is asked for.
 */
import { brush, decodeStrokes, pressure } from '../../engine/strokes.js';
import { make, passFocus } from '../../lib/dom.js';
import { drawings } from '../../training/own-hand.js';
import { Pad } from '../../ui/pad.js';

/** Side of the pad in pixels of its canvas, and how far an arrow key moves the pen, in pads. */
const side = 560;
const keyStep = 0.04;

/** Where the arrow keys go. @type {Record<string, [number, number]>} */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Opens the sheet in a dialog.
 *
 * @param {object} from
 * @param {import('../../lib/i18n.js').I18n} from.i18n
 * @param {() => Record<string, string>} from.colours
 * @param {import('../../training/own-hand.js').HandSheet} from.sheet what has been drawn before
 * @returns {Promise<boolean>} false: it was closed, and the sheet keeps what has been drawn
 */
export function drawOwnHand({ i18n, colours, sheet }) {
  return new Promise((resolve) => {
    const view = new OwnHandSheet({ i18n, colours, sheet });
    const closed = new AbortController();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => view.show(), { signal: closed.signal });
    view.dialog.addEventListener('close', () => {
      closed.abort();
      view.take();
      view.dialog.remove();
      resolve(view.dialog.returnValue === 'use');
    });
    document.body.append(view.dialog);
    view.dialog.showModal();
    view.focus();
  });
}

/** The dialog. */
class OwnHandSheet {
  dialog = make('dialog', { className: 'ask own-hand' });

  #i18n;
  #colours;
  #sheet;
  #pad = new Pad('a', () => this.#paint());
  #canvas = make('canvas', { width: side, height: side, tabIndex: 0 });
  #asked = make('p', { className: 'asked' });
  #count = make('p', { className: 'small' });
  #thumbs = make('div', { className: 'drawn' });
  #classes = make('input', { type: 'text', id: 'own-hand-classes', autocomplete: 'off', spellcheck: false });
  #undo = make('button', { type: 'button' });
  #back = make('button', { type: 'button' });
  #next = make('button', { type: 'button', className: 'strong' });
  #use = make('button', { type: 'button' });
  /** Where the arrow keys have the pen, and whether it is down. */
  #pen = { x: 0.5, y: 0.5, down: false, shown: false };

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {() => Record<string, string>} from.colours
   * @param {import('../../training/own-hand.js').HandSheet} from.sheet
   */
  constructor({ i18n, colours, sheet }) {
    this.#i18n = i18n;
    this.#colours = colours;
    this.#sheet = sheet;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const title = say(make('h2', { id: 'own-hand-head' }), 'own-hand.head');
    this.dialog.setAttribute('aria-labelledby', title.id);
    this.dialog.dataset.testid = 'own-hand';
    this.#asked.setAttribute('role', 'status');
    this.#asked.dataset.testid = 'own-hand-asked';
    this.#count.dataset.testid = 'own-hand-count';
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.dataset.testid = 'own-hand-pad';
    i18n.attr(this.#canvas, 'aria-label', 'own-hand.pad');
    i18n.attr(this.#thumbs, 'aria-label', 'own-hand.drawn');
    this.#thumbs.setAttribute('role', 'img');
    this.#classes.value = sheet.classes.join(' ');
    this.#classes.addEventListener('change', () => {
      sheet.setClasses(this.#classes.value);
      this.#classes.value = sheet.classes.join(' ');
      this.show();
    });
    const button = (
      /** @type {HTMLButtonElement} */ b,
      /** @type {string} */ key,
      /** @type {string} */ id,
      /** @type {() => void} */ fn,
    ) => {
      say(b, key);
      b.dataset.testid = id;
      b.addEventListener('click', fn);
      return b;
    };
    const cancel = button(make('button', { type: 'button' }), 'own-hand.cancel', 'own-hand-cancel', () => this.dialog.close(''));
    button(this.#undo, 'pad.undo', 'own-hand-undo', () => this.#pad.undo());
    button(this.#back, 'own-hand.back', 'own-hand-back', () => this.#goBack());
    button(this.#next, 'own-hand.next', 'own-hand-next', () => this.#goOn());
    button(this.#use, 'own-hand.use', 'own-hand-use', () => this.dialog.close('use'));
    this.#listen();
    this.dialog.append(
      title,
      say(make('p'), 'own-hand.about'),
      make(
        'div',
        { className: 'sheet-of-hand' },
        make(
          'div',
          { className: 'paper' },
          this.#asked,
          this.#canvas,
          make('div', { className: 'buttons' }, this.#undo, this.#back, this.#next),
        ),
        make(
          'div',
          { className: 'beside' },
          make('label', { className: 'names small', htmlFor: this.#classes.id }, say(make('span'), 'own-hand.classes'), this.#classes),
          say(make('p', { className: 'small' }), 'own-hand.classes-about'),
          this.#count,
          this.#thumbs,
          say(make('p', { className: 'small' }), 'own-hand.keys'),
        ),
      ),
      make('div', { className: 'buttons' }, this.#use, cancel),
    );
    this.show();
  }

  focus() {
    this.#canvas.focus();
  }

  /** Takes strokes from pointers and keys. */
  #listen() {
    const canvas = this.#canvas;
    const place = (/** @type {PointerEvent} */ e) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return /** @type {const} */ ([(e.clientX - left) / width, (e.clientY - top) / height]);
    };
    let pointer = -1;
    canvas.addEventListener('pointerdown', (e) => {
      if (pointer >= 0 || e.button !== 0 || !this.#pad.begin(brush.usual)) return;
      pointer = e.pointerId;
      canvas.setPointerCapture?.(pointer);
      this.#pen.shown = false;
      this.#pad.draw(...place(e), pressure(e));
      e.preventDefault();
    });
    canvas.addEventListener('pointermove', (e) => {
      if (e.pointerId !== pointer) return;
      const all = e.getCoalescedEvents?.() ?? [];
      for (const one of all.length > 0 ? all : [e]) this.#pad.draw(...place(one), pressure(one));
    });
    const end = (/** @type {PointerEvent} */ e) => {
      if (e.pointerId !== pointer) return;
      pointer = -1;
      if (e.type === 'pointerup') this.#pad.end();
      else this.#pad.cancel();
    };
    for (const type of /** @type {const} */ (['pointerup', 'pointercancel'])) canvas.addEventListener(type, end);
    canvas.addEventListener('keydown', (e) => {
      if (e.ctrlKey || e.metaKey) {
        if (e.key !== 'z') return;
        this.#pad.undo();
      } else if (arrows[e.key]) {
        const [dx, dy] = arrows[e.key];
        const pen = this.#pen;
        Object.assign(pen, { x: within(pen.x + dx * keyStep), y: within(pen.y + dy * keyStep), shown: true });
        if (pen.down) this.#pad.draw(pen.x, pen.y, 1);
        this.#paint();
      } else if (e.key === ' ') {
        this.#togglePen();
      } else if (e.key === 'Enter') {
        this.#goOn();
      } else return;
      e.preventDefault();
    });
  }

  #togglePen() {
    const pen = this.#pen;
    pen.shown = true;
    if (pen.down) {
      pen.down = false;
      this.#pad.end();
    } else if (this.#pad.begin(brush.usual)) {
      pen.down = true;
      this.#pad.draw(pen.x, pen.y, 1);
    }
    this.#paint();
  }

  /** Takes what is on the pad. */
  take() {
    this.#pen.down = false;
    this.#pad.end();
    const { strokes } = this.#pad.content;
    if (strokes.length === 0) return;
    this.#sheet.add(strokes);
    this.#pad = new Pad('a', () => this.#paint());
  }

  #goOn() {
    this.take();
    this.show();
    this.#canvas.focus();
  }

  /** Puts the last drawing on the pad again. */
  #goBack() {
    const strokes = this.#sheet.back();
    this.#pad = new Pad('a', () => this.#paint());
    this.#pad.fill({ strokes, bitmap: null, source: 'drawn' }, false);
    this.show();
  }

  /** Says what to draw, and how far it is. */
  show() {
    const { drawn, next, full } = this.#sheet;
    this.#i18n.text(this.#asked, full ? 'own-hand.full' : 'own-hand.ask', { name: next });
    this.#i18n.text(this.#count, 'own-hand.count', { n: drawn.length, advised: drawings.advised });
    if (drawn.length === 0) passFocus(this.#back, this.#canvas);
    this.#back.disabled = drawn.length === 0;
    this.#thumbs.replaceChildren(
      ...drawn.slice(-40).map(({ strokes }) => {
        const canvas = make('canvas', { width: 64, height: 64 });
        this.#draw(canvas, strokes);
        return canvas;
      }),
    );
    this.#paint();
  }

  /** Draws the pad, and says what can be done with it. */
  #paint() {
    const strokes = decodeStrokes(this.#pad.encode().bufs[0]);
    this.#draw(this.#canvas, strokes);
    const { x, y, shown, down } = this.#pen;
    const pen = this.#canvas.getContext('2d');
    if (pen && shown) {
      pen.beginPath();
      pen.arc(x * side, y * side, (brush.usual / 2) * side, 0, 2 * Math.PI);
      pen.lineWidth = down ? 6 : 2;
      pen.strokeStyle = this.#colours().ink;
      pen.stroke();
    }
    const empty = strokes.length === 0;
    if (!this.#pad.undoable) passFocus(this.#undo, this.#canvas);
    this.#undo.disabled = !this.#pad.undoable;
    this.#next.disabled = empty || this.#sheet.full;
    this.#use.disabled = this.#sheet.drawn.length + (empty ? 0 : 1) < drawings.least;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {readonly import('../../engine/strokes.js').Stroke[]} strokes
   */
  #draw(canvas, strokes) {
    const pen = canvas.getContext('2d');
    if (!pen) return;
    const { paper, ink } = this.#colours();
    const { width: w } = canvas;
    pen.fillStyle = paper;
    pen.fillRect(0, 0, w, w);
    pen.strokeStyle = ink;
    pen.lineCap = pen.lineJoin = 'round';
    for (const { width, points } of strokes) {
      pen.lineWidth = width * w;
      pen.beginPath();
      pen.moveTo(points[0] * w, points[1] * w);
      for (let i = 0; i < points.length; i += 3) pen.lineTo(points[i] * w, points[i + 1] * w);
      pen.stroke();
    }
  }
}

/** @param {number} v */
const within = (v) => Math.min(Math.max(v, 0.04), 0.96);
