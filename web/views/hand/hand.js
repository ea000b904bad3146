/**
 * All ten digits in the hand of what is on a pad: fetches the conditional model
 * that writes them, gives it to each new engine, and asks while the pen moves.
 *
 * @typedef {Pick<import('../../generated/protocol.js').HandOK, 'empty' | 'label' | 'recognised'>
 *   & {certainty: number, rev: number, pictures: Float32Array}} HandDigits certainty: of what was recognised, 0 to 1; rev: of the pad's
 *   content; pictures: of 0 to 9, one after the other
 */
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';

/** Where the model is. It is not one of the studio's: it decodes nothing without a digit. */
export const modelFile = 'models/cvae.safetensors';

/** Codes of a request that went down with its engine: the next engine is asked again. */
const lost = new Set(['engine-died', 'engine-gone']);

/**
 * Events: `state` (state, error?), `loading` (bytes that have arrived),
 * `digits` (HandDigits).
 */
export class Hand extends Emitter {
  /** @type {'idle' | 'fetching' | 'waiting' | 'ready' | 'failed'} waiting: for an engine that has the model */
  state = 'idle';
  /** What a person says the drawing is; null: what the model takes it for. @type {number | null} */
  label = null;

  /** The file. @type {ArrayBuffer | null} */
  #bytes = null;
  /** Added to the latent point of the drawing, by place. @type {Map<number, number>} */
  #offsets = new Map();
  #latent = 0;
  /** The revision that the engine was sent, and where it came from. */
  #sent = { rev: -1, source: '' };
  /** Requests so far, and the newest one that was answered. */
  #asked = 0;
  #answered = 0;
  #scheduled = false;
  #engine;
  #pad;
  #fetch;
  #frame;

  /**
   * @param {object} from
   * @param {import('../../engine/engine.js').Engine} from.engine
   * @param {import('../../ui/pad.js').Pad} from.pad
   * @param {(onProgress: (loaded: number) => void) => Promise<ArrayBuffer>} from.fetch fetches the model
   * @param {(fn: () => void) => void} [from.frame] calls fn at the next animation frame
   */
  constructor({ engine, pad, fetch, frame = (fn) => void requestAnimationFrame(fn) }) {
    super();
    this.#engine = engine;
    this.#pad = pad;
    this.#fetch = fetch;
    this.#frame = frame;
    engine.on('state', (state) => {
      if (!this.#bytes) return;
      if (state === 'ready') void this.#sendModel();
      else this.#setState('waiting');
    });
  }

  /** Fetches the model, unless it is there or on its way. */
  async open() {
    if (this.#bytes || this.state === 'fetching') return;
    this.#setState('fetching');
    try {
      this.#bytes = await this.#fetch((loaded) => this.emit('loading', loaded));
    } catch (e) {
      this.#setState('failed', InkdriftError.from(e));
      return;
    }
    this.#setState('waiting');
    if (this.#engine.state === 'ready') await this.#sendModel();
  }

  /** The engine has just been sent what is on the pad: asks for the digits in that hand. */
  padChanged() {
    const { rev, source, empty } = this.#pad;
    if (rev !== this.#sent.rev) {
      // What a person said is true of one drawing, and for more strokes on it.
      if (empty || source !== 'drawn' || source !== this.#sent.source) this.label = null;
      this.#sent = { rev, source };
    }
    this.ask();
  }

  /**
   * Moves the hand along one latent dimension.
   *
   * @param {number} place
   * @param {number} by
   */
  move(place, by) {
    this.#offsets.set(place, by);
    this.#schedule();
  }

  /** The hand as it was drawn. */
  reset() {
    this.#offsets.clear();
    this.#schedule();
  }

  /**
   * Says what the drawing is.
   *
   * @param {number | null} label null: what the model takes it for
   */
  correct(label) {
    this.label = label;
    this.#schedule();
  }

  /** Asks for the digits, if there is a model. */
  ask() {
    if (this.state !== 'ready') return;
    const id = ++this.#asked;
    const { rev } = this.#sent;
    const offsets = new Float32Array(this.#offsets.size > 0 ? this.#latent : 0);
    for (const [place, by] of this.#offsets) offsets[place] = by;
    this.#engine.request('hand', { pad: this.#pad.name, label: this.label }, [offsets.buffer], { retries: 0 }).then(
      ({ head, bufs }) => {
        // A new engine knows of no drawing yet.
        if (head.superseded || id < this.#answered || (head.empty && !this.#pad.empty)) return;
        this.#answered = id;
        const { empty, label, recognised, probs } = head;
        const certainty = (recognised !== null && probs?.[recognised]) || 0;
        this.emit('digits', { empty, label, recognised, certainty, rev, pictures: new Float32Array(bufs[0]) });
      },
      (e) => {
        if (!lost.has(e.code)) this.#setState('failed', e);
      },
    );
  }

  /** Asks at the next frame, once however often. */
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#frame(() => {
      this.#scheduled = false;
      this.ask();
    });
  }

  /** Gives the model to the engine. */
  async #sendModel() {
    if (!this.#bytes) return;
    this.#setState('waiting');
    try {
      const { head } = await this.#engine.request('hand.load', { name: 'cvae' }, [this.#bytes], { retries: 0 });
      this.#latent = head.model.latent;
      this.#setState('ready');
      this.ask();
    } catch (e) {
      const error = InkdriftError.from(e);
      if (lost.has(error.code)) return;
      this.#setState('failed', error);
    }
  }

  /**
   * @param {Hand['state']} state
   * @param {InkdriftError} [error]
   */
  #setState(state, error) {
    if (state === 'failed') this.#bytes = null; // it may be the file that is at fault
    this.state = state;
    this.emit('state', state, error);
  }
}
