/**
 * Ways to fill a pad without drawing: an example digit, a sample from the
 * model's prior, a picture.
 */
import { freshSeed, readFile } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { decodeStrokes, smooth } from '../../engine/strokes.js';

/**
 * @typedef {import('../../ui/pad.js').Pad} Pad
 * @typedef {import('../../ui/pad.js').Content} Content
 */

/** Largest picture file that is read, in bytes. */
const maxPicture = 32 << 20;

/** Fills pads with what the engine gives. */
export class PadFill {
  /** @type {Map<Pad, number>} the newest wish for each pad */
  #requests = new Map();
  /** @type {Map<Pad, number>} the digit an example was asked for; -1: any */
  #digits = new Map();
  /** @type {Pad | null} the pad a picture is being chosen for */
  #choosing = null;
  #engine;
  #prior;
  #onError;
  #chooser;

  /**
   * @param {import('../../engine/engine.js').Engine} engine
   * @param {(error: unknown) => void} onError
   * @param {HTMLInputElement} chooser the page's file chooser for pictures
   * @param {() => 'normal' | 'fitted'} prior what samples are drawn from
   */
  constructor(engine, onError, chooser, prior) {
    this.#engine = engine;
    this.#prior = prior;
    this.#onError = onError;
    this.#chooser = chooser;
    chooser.addEventListener('change', () => {
      const file = chooser.files?.[0];
      if (file && this.#choosing) void this.picture(this.#choosing, file);
      chooser.value = '';
    });
  }

  /**
   * Puts an example digit on a pad.
   *
   * @param {Pad} pad
   * @param {number} [digit] -1: any
   * @param {boolean} [undoable]
   */
  example(pad, digit = -1, undoable = true) {
    this.#digits.set(pad, digit);
    const get = async () => {
      const { bufs } = await this.#engine.request('example', { digit, seed: freshSeed() });
      return /** @type {Content} */ ({ strokes: decodeStrokes(bufs[0]).map(smooth), bitmap: null, source: 'example' });
    };
    return this.#fill(pad, get, undoable);
  }

  /**
   * Another example will be of this digit.
   *
   * @param {Pad} pad
   * @param {number} digit that is on it
   */
  knows(pad, digit) {
    this.#digits.set(pad, digit);
  }

  /**
   * Puts a sample from the prior on a pad.
   *
   * @param {Pad} pad
   */
  sample(pad) {
    return this.#fill(pad, async () => {
      const { bufs } = await this.#engine.request('sample', { n: 1, seed: freshSeed(), prior: this.#prior() });
      const data = Uint8Array.from(new Float32Array(bufs[1]), (v) => Math.round(v * 255));
      return { strokes: [], bitmap: { width: 28, height: 28, ready: true, data }, source: 'sample' };
    });
  }

  /**
   * Puts something else of the kind that is there on a pad.
   *
   * @param {Pad} pad
   */
  again(pad) {
    if (pad.source === 'sample') return this.sample(pad);
    return this.example(pad, this.#digits.get(pad) ?? -1);
  }

  /**
   * Puts a picture file on a pad.
   *
   * @param {Pad} pad
   * @param {File} file
   */
  picture(pad, file) {
    return this.#fill(pad, async () => {
      if (file.size > maxPicture) {
        throw new InkdriftError('picture-too-large', `${file.size} bytes, at most ${maxPicture} are read`, file.name);
      }
      const bytes = await readFile(file);
      const { head, bufs } = await this.#engine.request('picture', { name: file.name.slice(0, 60) }, [bytes]);
      const { width, height } = head;
      return {
        strokes: [],
        bitmap: { width, height, ready: head.ready === true, data: new Uint8Array(bufs[0]) },
        source: 'picture',
      };
    });
  }

  /**
   * Lets a person choose a picture for a pad.
   *
   * @param {Pad} pad
   */
  choosePicture(pad) {
    this.#choosing = pad;
    this.#chooser.click();
  }

  /**
   * Fills a pad with what comes, unless it was filled or drawn on meanwhile.
   *
   * @param {Pad} pad
   * @param {() => Promise<Content>} get
   * @param {boolean} [undoable]
   * @returns {Promise<boolean>} whether it was filled
   */
  async #fill(pad, get, undoable = true) {
    const wish = (this.#requests.get(pad) ?? 0) + 1;
    this.#requests.set(pad, wish);
    const { rev } = pad;
    try {
      const content = await get();
      if (this.#requests.get(pad) !== wish || pad.rev !== rev) return false;
      pad.fill(content, undoable);
      return true;
    } catch (e) {
      this.#onError(e);
      return false;
    }
  }
}
