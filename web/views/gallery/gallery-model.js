/**
 * The model of the gallery that was chosen: fetches it, gives it to each new
 * engine, and asks what it paints.
 *
 * @typedef {object} Listed an entry of models/gallery.json
 * @property {string} name
 * @property {string} file in models/
 * @property {ArrayBuffer} [bytes] the file of one that did not come with the page
 * @property {Record<string, string>} title by language
 * @property {Record<string, string>} about by language
 * @property {string} family
 * @property {string} data the set that it was trained on
 * @property {number[]} input channels, height, width
 * @property {number} latent
 * @property {number} params
 * @property {Record<string, number>} [figures]
 * @property {string} [sheet] a few samples, a hexadecimal digit for each value
 *
 * @typedef {import('../../generated/protocol.js').GalleryLoadOK} About what the engine says of it
 */
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';

/** Codes of a request that went down with its engine: the next engine is asked again. */
const lost = new Set(['engine-died', 'engine-gone']);

/** Points at which the effect of each latent dimension is measured, and how far it is moved to either side. */
const [orderPoints, reach] = [4, 2];

/**
 * Events: `state` (state, error?), `loading` (bytes that have arrived), `speed`
 * (milliseconds that a picture took). A new
 * `ready` says that there is a new engine, or another model, and nothing that was
 * asked before will be answered.
 */
export class GalleryModel extends Emitter {
  /** @type {'idle' | 'fetching' | 'waiting' | 'ready' | 'failed'} waiting: for an engine that has the model */
  state = 'idle';
  /** @type {Listed | null} */
  entry = null;
  /** Known when it is ready. @type {About | null} */
  about = null;

  /** The file. @type {ArrayBuffer | null} */
  #bytes = null;
  /** Grows when something else is chosen. */
  #choices = 0;
  /** Engines that ended while they read the file. */
  #lostEngines = 0;
  #engine;
  #fetch;

  /**
   * @param {object} from
   * @param {import('../../engine/engine.js').Engine} from.engine
   * @param {(entry: Listed, onProgress: (loaded: number) => void) => Promise<ArrayBuffer>} from.fetch
   */
  constructor({ engine, fetch }) {
    super();
    this.#engine = engine;
    this.#fetch = fetch;
    engine.on('state', (state) => {
      if (!this.#bytes) return;
      if (state === 'ready') void this.#sendModel();
      else this.#setState('waiting');
    });
  }

  /** The file of the chosen model, once it is there. */
  get bytes() {
    return this.#bytes;
  }

  /**
   * Another model; the same again, if it could not be had.
   *
   * @param {Listed} entry
   */
  async choose(entry) {
    if (entry === this.entry && this.state !== 'failed') return;
    const turn = ++this.#choices;
    this.entry = entry;
    this.about = null;
    this.#bytes = null;
    this.#lostEngines = 0;
    this.#setState('fetching');
    try {
      const bytes = await this.#fetch(entry, (loaded) => {
        if (turn === this.#choices) this.emit('loading', loaded);
      });
      if (turn !== this.#choices) return;
      this.#bytes = bytes;
    } catch (e) {
      if (turn === this.#choices) this.#fail(e);
      return;
    }
    this.#setState('waiting');
    if (this.#engine.state === 'ready') await this.#sendModel();
  }

  /**
   * Pictures out of nothing.
   *
   * @param {number} n
   * @param {number} seed
   * @param {'normal' | 'fitted'} prior
   * @param {number[]} classes of a conditional model, in turn; none: all that there are
   * @returns {Promise<{z: Float32Array, pictures: Float32Array} | null>} null: nobody waits for it any more
   */
  async sample(n, seed, prior, classes) {
    const began = performance.now();
    const bufs = await this.#ask('gallery.paint', { n, seed, prior, frames: 0, classes });
    if (bufs) this.emit('speed', (performance.now() - began) / n);
    return bufs && { z: new Float32Array(bufs[0]), pictures: new Float32Array(bufs[1]) };
  }

  /**
   * The pictures of latent points.
   *
   * @param {Float32Array} z
   * @param {number[]} classes
   */
  async paint(z, classes) {
    const bufs = await this.#ask('gallery.paint', { n: 0, seed: 0, prior: 'normal', frames: 0, classes }, [copied(z)]);
    return bufs && new Float32Array(bufs[1]);
  }

  /**
   * The pictures of a data set as the model encodes them, and the plane along their principal components.
   *
   * @param {ArrayBuffer} file of points
   */
  async points(file) {
    const bufs = await this.#ask('gallery.points', {}, [file]);
    if (!bufs) return null;
    const [mu, , origin, e1, e2] = bufs.map((b, i) => (i === 1 ? new Float32Array() : new Float32Array(b)));
    return { mu, labels: new Uint8Array(bufs[1]), principal: { origin, e1, e2 } };
  }

  /**
   * The pictures on the way from one latent point to another.
   *
   * @param {Float32Array} from
   * @param {Float32Array} to
   * @param {number[]} classes of both ends
   * @param {number} frames
   */
  async path(from, to, classes, frames) {
    const ends = new Float32Array(2 * from.length);
    ends.set(from);
    ends.set(to, from.length);
    const bufs = await this.#ask('gallery.paint', { n: 0, seed: 0, prior: 'normal', frames, classes }, [ends.buffer]);
    return bufs && new Float32Array(bufs[1]);
  }

  /**
   * What the model makes of a drawing.
   *
   * @param {'a' | 'b'} pad
   * @returns {Promise<{z: Float32Array, picture: Float32Array, kind: number | null} | null>} null also of an empty pad
   */
  async drawn(pad) {
    /** @type {number | null} */
    let kind = null;
    const bufs = await this.#ask('gallery.encode', { pad }, [], (head) => (kind = head.class));
    if (!bufs || bufs.length < 2) return null;
    return { z: new Float32Array(bufs[0]), picture: new Float32Array(bufs[1]), kind };
  }

  /**
   * The places of the latent dimensions, from the one that changes pictures most on.
   *
   * @param {Float32Array} z a few points
   * @returns {Promise<number[] | null>}
   */
  async order(z) {
    const latent = this.about?.model.latent ?? 0;
    /** @type {number[]} */
    const change = [];
    for (let place = 0; place < latent; place++) {
      const ends = new Float32Array(2 * orderPoints * latent);
      for (let i = 0; i < 2 * orderPoints; i++) {
        ends.set(z.subarray((i >> 1) * latent, ((i >> 1) + 1) * latent), i * latent);
        ends[i * latent + place] = i % 2 ? reach : -reach;
      }
      const pictures = await this.paint(ends, this.about?.conditions ? [0] : []);
      if (!pictures) return null;
      change.push(difference(pictures, orderPoints));
    }
    return change.map((_, i) => i).sort((a, b) => change[b] - change[a] || a - b);
  }

  /**
   * @template {keyof import('../../engine/engine.js').Requests} T
   * @param {T} type
   * @param {import('../../engine/engine.js').Requests[T]['request']} fields
   * @param {ArrayBuffer[]} [bufs]
   * @param {(head: import('../../engine/engine.js').Answer<T>['head']) => void} [read]
   * @returns {Promise<ArrayBuffer[] | null>}
   */
  async #ask(type, fields, bufs = [], read = () => {}) {
    if (this.state !== 'ready') return null;
    const turn = this.#choices;
    try {
      const answer = await this.#engine.request(type, fields, bufs, { retries: 0 });
      if (turn !== this.#choices) return null;
      read(answer.head);
      return answer.bufs;
    } catch (e) {
      if (turn !== this.#choices || lost.has(InkdriftError.from(e).code)) return null;
      throw e;
    }
  }

  /** Gives the model to the engine. */
  async #sendModel() {
    if (!this.#bytes || !this.entry) return;
    const turn = this.#choices;
    this.#setState('waiting');
    try {
      const { head } = await this.#engine.request('gallery.load', { name: this.entry.name }, [this.#bytes], { retries: 0 });
      if (turn !== this.#choices) return;
      this.#lostEngines = 0;
      this.about = head;
      this.#setState('ready');
    } catch (e) {
      if (turn !== this.#choices) return;
      // Another engine is on its way; but a file that two of them died of is at fault.
      if (lost.has(InkdriftError.from(e).code) && ++this.#lostEngines < 2) return;
      this.#fail(e);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#bytes = null;
    this.#setState('failed', InkdriftError.from(error));
  }

  /**
   * @param {GalleryModel['state']} state
   * @param {InkdriftError} [error]
   */
  #setState(state, error) {
    if (state === 'waiting' && this.state === state) return;
    this.state = state;
    this.emit('state', state, error);
  }
}

/** @param {Float32Array} z */
function copied(z) {
  return /** @type {ArrayBuffer} */ (z.slice().buffer);
}

/**
 * How much pictures differ from their neighbours: the mean square over pairs.
 *
 * @param {Float32Array} pictures
 * @param {number} pairs
 */
function difference(pictures, pairs) {
  const size = pictures.length / (2 * pairs);
  let sum = 0;
  for (let pair = 0; pair < pairs; pair++) {
    for (let i = 2 * pair * size; i < (2 * pair + 1) * size; i++) sum += (pictures[i + size] - pictures[i]) ** 2;
  }
  return sum / (pairs * size);
}
