/**
 * The morph as files: an animated GIF, a video, and a PNG strip of still pictures.
 */
import { byId, download } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { loadModule } from '../../lib/load-module.js';
import { answerPlace } from '../../ui/answer.js';
import { duration, frames } from './playback.js';

/** @typedef {'gif' | 'png' | 'webm'} Kind */

/**
 * How a picture gets the side that was chosen: a whole number of pixels for
 * each of its 28, and paper around it. Gap: between the pictures of a strip.
 *
 * @type {Record<string, {scale: number, margin: number, gap: number}>}
 */
export const sizes = {
  224: { scale: 8, margin: 0, gap: 8 },
  512: { scale: 18, margin: 4, gap: 18 },
  1024: { scale: 36, margin: 8, gap: 36 },
};

/** What is said when a file is saved. @type {Record<Kind, string>} */
const saved = { gif: 'status.saved-gif', png: 'status.saved-png', webm: 'status.saved-webm' };

/** Pictures in the strip. */
const stripCount = 12;

/** Whether the browser records WebM. */
function canRecord() {
  return (
    typeof MediaRecorder === 'function' &&
    typeof HTMLCanvasElement.prototype.captureStream === 'function' &&
    MediaRecorder.isTypeSupported('video/webm')
  );
}

/** The buttons that save. */
export class Exports {
  #size = byId('export-size', HTMLSelectElement);
  #busy = false;
  #engine;
  #player;
  #pads;
  #drawn;
  #colours;

  /**
   * @param {object} from
   * @param {import('../../engine/engine.js').Engine} from.engine
   * @param {import('./playback.js').Playback} from.player
   * @param {{a: import('../../ui/pad.js').Pad, b: import('../../ui/pad.js').Pad}} from.pads
   * @param {() => Float32Array | null} from.drawn latent points of the path that is played instead of the one from A to B
   * @param {() => {ink: string, paper: string}} from.colours
   * @param {(error: unknown) => void} from.onError
   * @param {(button: HTMLElement, key: string) => void} from.onAnswer called with what is to be said beside a button
   */
  constructor({ engine, player, pads, drawn, colours, onError, onAnswer }) {
    this.#engine = engine;
    this.#player = player;
    this.#pads = pads;
    this.#drawn = drawn;
    this.#colours = colours;
    const video = byId('export-webm', HTMLButtonElement);
    video.hidden = !canRecord();
    /** @type {[HTMLButtonElement, Kind][]} */
    const buttons = [
      [byId('export-gif', HTMLButtonElement), 'gif'],
      [byId('export-png', HTMLButtonElement), 'png'],
      [video, 'webm'],
    ];
    for (const [button, kind] of buttons) {
      answerPlace(button);
      button.addEventListener('click', async () => {
        if (this.#busy) return;
        this.#busy = true;
        button.setAttribute('aria-busy', 'true');
        try {
          await this.#save(kind, () => onAnswer(button, 'save.recording'));
          onAnswer(button, saved[kind]);
        } catch (e) {
          onError(e);
        } finally {
          this.#busy = false;
          button.removeAttribute('aria-busy');
        }
      });
    }
  }

  /**
   * @param {Kind} kind
   * @param {() => void} onRecord called when a recording begins
   */
  async #save(kind, onRecord) {
    const name = `${this.#name()}.${kind}`;
    if (kind === 'gif') download(await this.#gif(), 'image/gif', name);
    else if (kind === 'png') download(await this.#png(), 'image/png', name);
    else download(await this.#webm(onRecord), 'video/webm', name);
  }

  async #gif() {
    const { scale, margin } = sizes[this.#size.value];
    const head = { count: frames, scale, margin, delayMs: Math.round(this.#delayMs), mode: this.#player.mode };
    const { width, height, pixels } = await this.#decode(frames);
    const { bufs } = await this.#engine.request('gif', { width, height, ...head, ...this.#colours() }, [pixels], { patient: true });
    return bufs[0];
  }

  async #png() {
    const { width, height, pixels } = await this.#decode(stripCount);
    const head = { width, height, count: stripCount, ...sizes[this.#size.value], ...this.#colours() };
    const { bufs } = await this.#engine.request('strip', head, [pixels], { patient: true });
    return bufs[0];
  }

  /** @param {() => void} onRecord */
  async #webm(onRecord) {
    const [{ record }, { width, height, pixels }] = await Promise.all([
      loadModule(() => import('./record.js'), 'record.js'),
      this.#decode(frames),
    ]);
    const all = new Float32Array(pixels);
    const n = width * height;
    const there = Array.from({ length: frames }, (_, i) => all.subarray(i * n, (i + 1) * n));
    const back = this.#player.mode === 'pingpong' ? there.slice(0, -1).reverse() : [];
    onRecord();
    return record({ frames: [...there, ...back], delayMs: this.#delayMs, size: sizes[this.#size.value], colours: this.#colours() });
  }

  /** From one frame to the next. */
  get #delayMs() {
    return (duration * 1000) / this.#player.speed / (frames - 1);
  }

  /**
   * Decodes the path.
   *
   * @param {number} count frames
   */
  async #decode(count) {
    const drawn = this.#drawn();
    if (drawn) {
      const latent = drawn.length / frames;
      const z = new Float32Array(count * latent);
      for (let i = 0; i < count; i++) {
        const frame = Math.round((i * (frames - 1)) / (count - 1));
        z.set(drawn.subarray(frame * latent, (frame + 1) * latent), i * latent);
      }
      const { bufs } = await this.#engine.request('decode', {}, [z.buffer]);
      return { width: 28, height: 28, pixels: bufs[0] };
    }
    const { a, b } = this.#pads;
    if (a.result.mu.length === 0 || b.result.mu.length !== a.result.mu.length) {
      throw new InkdriftError('nothing-to-save', '');
    }
    const ends = [a, b].map((pad) => Float32Array.from(pad.result.mu).buffer);
    const morph = await this.#engine.request('morph', { frames: count, path: this.#player.path }, ends);
    return { width: 28, height: 28, pixels: morph.bufs[0] };
  }

  /** A name for a file: inkdrift-3-to-8. */
  #name() {
    const { a, b } = this.#pads;
    const label = (/** @type {number | null} */ l) => (l === null ? 'x' : String(l));
    return `inkdrift-${label(a.result.label)}-to-${label(b.result.label)}`;
  }
}
