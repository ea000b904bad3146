/**
 * The morph as files: an animated GIF, and a PNG strip of still pictures.
 */
import { byId, download } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { answerPlace } from '../../ui/answer.js';
import { duration, frames } from './playback.js';

/** Size of a picture in the files, as a multiple of the model's. */
const scale = { gif: 8, png: 4 };

/** Pictures in the strip, and the paper between them in its pixels. */
const strip = { count: 12, gap: 8 };

/** The buttons that save. */
export class Exports {
  #gif = byId('export-gif', HTMLButtonElement);
  #png = byId('export-png', HTMLButtonElement);
  #busy = false;
  #engine;
  #player;
  #pads;
  #colours;

  /**
   * @param {object} from
   * @param {import('../../engine/engine.js').Engine} from.engine
   * @param {import('./playback.js').Playback} from.player
   * @param {{a: import('../../ui/pad.js').Pad, b: import('../../ui/pad.js').Pad}} from.pads
   * @param {() => {ink: string, paper: string}} from.colours
   * @param {(error: unknown) => void} from.onError
   * @param {(kind: 'gif' | 'png', button: HTMLElement) => void} from.onSaved
   */
  constructor({ engine, player, pads, colours, onError, onSaved }) {
    this.#engine = engine;
    this.#player = player;
    this.#pads = pads;
    this.#colours = colours;
    /** @type {[HTMLButtonElement, 'gif' | 'png'][]} */
    const buttons = [
      [this.#gif, 'gif'],
      [this.#png, 'png'],
    ];
    for (const [button, kind] of buttons) {
      answerPlace(button);
      button.addEventListener('click', async () => {
        if (this.#busy) return;
        this.#busy = true;
        button.setAttribute('aria-busy', 'true');
        try {
          await (kind === 'gif' ? this.#saveGIF() : this.#savePNG());
          onSaved(kind, button);
        } catch (e) {
          onError(e);
        } finally {
          this.#busy = false;
          button.removeAttribute('aria-busy');
        }
      });
    }
  }

  async #saveGIF() {
    const { speed, mode } = this.#player;
    const head = {
      count: frames,
      scale: scale.gif,
      delayMs: Math.round((duration * 1000) / speed / (frames - 1)),
      mode,
    };
    const { width, height, pixels } = await this.#decode(frames);
    const { bufs } = await this.#engine.request('gif', { width, height, ...head, ...this.#colours() }, [pixels]);
    const [gif] = bufs;
    download(gif, 'image/gif', `${this.#name()}.gif`);
  }

  async #savePNG() {
    const head = { count: strip.count, scale: scale.png, gap: strip.gap };
    const { width, height, pixels } = await this.#decode(strip.count);
    const { bufs } = await this.#engine.request('strip', { width, height, ...head, ...this.#colours() }, [pixels]);
    const [png] = bufs;
    download(png, 'image/png', `${this.#name()}.png`);
  }

  /**
   * Decodes the path.
   *
   * @param {number} count frames
   */
  async #decode(count) {
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
