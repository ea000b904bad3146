/**
 * The pads and the morph until the stage can draw them: ink on plain canvases that lie
 * in the slots, and for the examples of a first visit the prepared pictures between them.
 * The stage draws the same, so nothing moves when it takes over.
 */
import { make } from '../../lib/dom.js';
import { decodeNibbles } from '../../lib/compact.js';
import { scheduleDraw } from '../../lib/frame-scheduler.js';
import { firstMorph } from '../../generated/first-morph.js';
import { decodeStrokes } from '../../engine/strokes.js';
import { paintOne } from '../../ui/pictures.js';
import { duration } from './playback.js';

/** @typedef {import('../../ui/pad.js').Pad} Pad */

/** The side of the prepared pictures. */
const side = 28;

/** Pixels of the canvas for each of a picture's: as many as the stage enlarges it to. */
const block = 8;

/** The longest time that the morph moves on at once, in milliseconds, as on the stage. */
const longest = 100;

/**
 * The outlines of a stroke, which is round at each point and straight between two, as
 * a path in the language of SVG (wasm/scene/outline.go).
 *
 * @param {import('../../engine/strokes.js').Stroke} stroke
 * @param {number} scale of the pad
 */
export function outlines({ width, points }, scale) {
  const at = (/** @type {number} */ i) => [points[3 * i] * scale, points[3 * i + 1] * scale, (points[3 * i + 2] * width * scale) / 2];
  const round = (/** @type {number} */ v) => v.toFixed(2);
  let path = '';
  for (let i = 0, n = points.length / 3; i < n; i++) {
    const [x0, y0, r0] = at(i);
    const [x1, y1, r1] = at(Math.min(i + 1, n - 1));
    const length = Math.hypot(x1 - x0, y1 - y0);
    const disc = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ r) =>
      `M${round(x - r)} ${round(y)}a${round(r)} ${round(r)} 0 0 1 ${round(2 * r)} 0a${round(r)} ${round(r)} 0 0 1 ${round(-2 * r)} 0Z`;
    path += disc(x0, y0, r0);
    if (length <= Math.abs(r0 - r1)) continue; // one lies within the other
    const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
    const along = (r0 - r1) / length;
    const across = Math.sqrt(1 - along * along);
    // The normals of the tangents on either side.
    const [ax, ay] = [along * ux + across * uy, along * uy - across * ux];
    const [bx, by] = [along * ux - across * uy, along * uy + across * ux];
    const corners = [
      [x0 + r0 * ax, y0 + r0 * ay],
      [x1 + r1 * ax, y1 + r1 * ay],
      [x1 + r1 * bx, y1 + r1 * by],
      [x0 + r0 * bx, y0 + r0 * by],
    ];
    path += `M${corners.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}Z`;
  }
  return path;
}

/**
 * Where the morph is a while later (wasm/scene/clock.go).
 *
 * @param {{t: number, back: boolean}} from
 * @param {number} way parts of the way from A to B
 * @param {string} mode
 */
export function moved({ t, back }, way, mode) {
  if (mode === 'once') return { t: Math.min(t + way, 1), back: false };
  if (mode === 'loop') return { t: t + way > 1 ? t + way - Math.floor(t + way) : t + way, back: false };
  const at = ((back ? 2 - t : t) + way) % 2; // a ball between two walls
  return { t: at > 1 ? 2 - at : at, back: at > 1 };
}

/** Names of the moments at which ink can follow a pointer, and at which a picture of the morph is painted. */
const marks = { drawable: 'drawable', picture: 'first-picture' };

/** Paints until the stage does. */
export class FirstPictures {
  /** @type {Map<Pad, {canvas: HTMLCanvasElement, slot: HTMLElement}>} */
  #pads = new Map();
  #morph = make('canvas', { className: 'first' });
  /** The prepared pictures, once they are needed. @type {Float32Array | null} */
  #frames = null;
  #mixed = new Float32Array(side * side);
  /** Whether the stage draws the pads, and the morph. */
  #drawn = { pads: false, morph: false };
  /** The pads that are as they were prepared. @type {Set<Pad>} */
  #prepared = new Set();
  #back = false;
  #last = 0;
  #ticking = false;
  #player;
  #colours;

  /**
   * @param {object} from
   * @param {[Pad, HTMLElement][]} from.pads with their slots
   * @param {HTMLElement} from.morph its slot
   * @param {import('./playback.js').Playback} from.player
   * @param {import('../../engine/stage-client.js').StageClient} from.stage
   * @param {() => Record<string, string>} from.colours
   */
  constructor({ pads, morph, player, stage, colours }) {
    this.#player = player;
    this.#colours = colours;
    const resized = new ResizeObserver(() => this.redraw());
    for (const [pad, slot] of pads) {
      const canvas = make('canvas', { className: 'first' });
      canvas.setAttribute('aria-hidden', 'true');
      slot.prepend(canvas);
      this.#pads.set(pad, { canvas, slot });
      resized.observe(slot);
    }
    this.#morph.setAttribute('aria-hidden', 'true');
    this.#morph.hidden = true;
    morph.prepend(this.#morph);
    player.on('moved', () => this.#drawMorph());
    player.on('command', () => this.#tick());
    performance.mark(marks.drawable);
    // A stage that was lost and comes again has drawn nothing yet.
    stage.on('connected', () => this.#show({ pads: false, morph: this.#drawn.morph }));
    stage.on('painted', ({ morph }) => requestAnimationFrame(() => this.#show({ pads: true, morph: morph || this.#drawn.morph })));
  }

  /**
   * Puts the prepared examples on the pads.
   *
   * @param {string} model that will decode the morph: the pictures are of one
   */
  begin(model) {
    for (const [pad] of this.#pads) {
      pad.restore(firstMorph[pad.name]);
      this.#prepared.add(pad);
    }
    if (model !== firstMorph.model || this.#player.path !== 'slerp') return;
    this.#frames = decodeNibbles(firstMorph.pixels);
    this.#drawMorph();
  }

  /** The content of a pad has changed. @param {Pad} pad */
  changed(pad) {
    this.#prepared.delete(pad);
    this.#drawPad(pad);
    this.#drawMorph();
  }

  /** Draws all of it: other colours, or another size. */
  redraw() {
    for (const [pad] of this.#pads) this.#drawPad(pad);
    this.#drawMorph();
  }

  /** @param {{pads: boolean, morph: boolean}} drawn by the stage */
  #show(drawn) {
    this.#drawn = drawn;
    for (const { canvas } of this.#pads.values()) canvas.hidden = drawn.pads;
    if (drawn.morph) this.#frames = null;
    this.redraw();
  }

  /** Whether the prepared pictures are those between what is on the pads. */
  get #isMorph() {
    return this.#frames !== null && this.#prepared.size === this.#pads.size;
  }

  /** @param {Pad} pad */
  #drawPad(pad) {
    if (this.#drawn.pads) return;
    scheduleDraw(pad, () => {
      const { canvas, slot } = /** @type {{canvas: HTMLCanvasElement, slot: HTMLElement}} */ (this.#pads.get(pad));
      const size = Math.round(slot.clientWidth * devicePixelRatio);
      if (canvas.width !== size || canvas.height !== size) Object.assign(canvas, { width: size, height: size });
      const pen = canvas.getContext('2d');
      if (!pen || size === 0) return;
      pen.clearRect(0, 0, size, size);
      pen.fillStyle = this.#colours().ink;
      const { bitmap, bufs } = pad.encode();
      if (bitmap) {
        const picture = make('canvas');
        const values = Float32Array.from(new Uint8Array(bufs[1]), (v) => v / 255);
        const times = Math.max(Math.floor((side * block) / Math.max(bitmap.width, bitmap.height)), 1);
        paintOne(picture, values, [1, bitmap.height, bitmap.width], this.#colours(), times, 'ink');
        const scale = size / Math.max(picture.width, picture.height);
        const [w, h] = [picture.width * scale, picture.height * scale];
        pen.drawImage(picture, (size - w) / 2, (size - h) / 2, w, h);
      }
      const strokes = decodeStrokes(bufs[0]);
      pen.fill(new Path2D(strokes.map((stroke) => outlines(stroke, size)).join('')));
    });
  }

  #drawMorph() {
    this.#morph.hidden = !this.#isMorph;
    const frames = this.#frames;
    if (this.#morph.hidden || !frames) return;
    scheduleDraw(this, () => {
      const at = this.#player.t * (firstMorph.frames - 1);
      const first = Math.min(Math.floor(at), firstMorph.frames - 2) * side * side;
      const part = at - Math.floor(first / side / side);
      const mixed = this.#mixed;
      for (let i = 0; i < mixed.length; i++) mixed[i] = (1 - part) * frames[first + i] + part * frames[first + mixed.length + i];
      performance.mark(marks.picture);
      paintOne(this.#morph, mixed, [1, side, side], this.#colours(), block, 'ink');
    });
    this.#tick();
  }

  /** Moves the morph on, while it plays and the stage does not move it. */
  #tick() {
    if (this.#ticking || !this.#player.playing || !this.#isMorph) return;
    this.#ticking = true;
    this.#last = performance.now();
    const step = () => {
      const player = this.#player;
      this.#ticking = player.playing && this.#isMorph;
      if (!this.#ticking) return;
      const now = performance.now();
      const way = (Math.min(now - this.#last, longest) * player.speed) / (1000 * duration);
      this.#last = now;
      const { t, back } = moved({ t: player.t, back: this.#back }, way, player.mode);
      this.#back = back;
      player.tick(t, player.mode !== 'once' || t < 1);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
