/**
 * Takes what is drawn on a pad to the stage and to the engine, and the result of
 * the engine back to the pad.
 *
 * Stage and engine hear of a pad at most once an animation frame, and the
 * engine has at most one request a pad in progress; the newest content always
 * gets there. Each revision of a pad is encoded once. A new stage and a new
 * engine are sent everything again.
 */
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { noResult, Pad } from '../../ui/pad.js';

/** Codes of a request that was lost with its engine: the next engine is sent the pads again. */
const lost = new Set(['engine-died', 'engine-gone']);

/**
 * Events: `change` (pad) when its content has changed, `sent` (pad) when that
 * is on its way to the engine, `result` (pad, settled) when pad.result has
 * changed; settled: it is that of the newest content, and no stroke is being
 * drawn.
 */
export class PadSync extends Emitter {
  pads = { a: new Pad('a', () => this.#changed(this.pads.a)), b: new Pad('b', () => this.#changed(this.pads.b)) };

  /** The newest encoding of each pad. @type {Map<Pad, {rev: number} & ReturnType<Pad['encode']>>} */
  #encodings = new Map();
  /** Pads whose content the stage does not have. @type {Set<Pad>} */
  #dirtyOnStage = new Set();
  /** Pads whose content the engine does not have. @type {Set<Pad>} */
  #dirtyInEngine = new Set();
  /** Pads with a request in progress. @type {Set<Pad>} */
  #inProgress = new Set();
  /** The newest revision of each pad that this engine has answered. */
  #answered = { a: -1, b: -1 };
  #scheduled = false;
  #engine;
  #stage;
  #onError;
  #frame;

  /**
   * @param {object} from
   * @param {import('../../engine/engine.js').Engine} from.engine
   * @param {import('../../engine/stage-client.js').StageClient} from.stage
   * @param {(error: unknown) => void} from.onError
   * @param {(fn: () => void) => void} [from.frame] calls fn at the next animation frame
   */
  constructor({ engine, stage, onError, frame = (fn) => void requestAnimationFrame(fn) }) {
    super();
    this.#engine = engine;
    this.#stage = stage;
    this.#onError = onError;
    this.#frame = frame;
    engine.on('state', (state) => {
      if (state !== 'ready') return;
      this.#answered = { a: -1, b: -1 };
      for (const pad of this.both) this.#schedule(pad);
    });
    engine.on('pad', (head, bufs) => this.#receive(head, bufs));
    stage.on('connected', () => {
      for (const pad of this.both) this.#sendToStage(pad);
    });
  }

  /** Both pads. */
  get both() {
    return [this.pads.a, this.pads.b];
  }

  /** @param {Pad} pad */
  #changed(pad) {
    if (pad.empty) this.#setResult(pad, noResult(), true);
    this.#schedule(pad);
    this.emit('change', pad);
  }

  /** @param {Pad} pad */
  #schedule(pad) {
    this.#dirtyOnStage.add(pad);
    this.#dirtyInEngine.add(pad);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#frame(() => {
      this.#scheduled = false;
      for (const p of this.#dirtyOnStage) this.#sendToStage(p);
      this.#dirtyOnStage.clear();
      for (const p of [...this.#dirtyInEngine]) void this.#sendToEngine(p);
    });
  }

  /** @param {Pad} pad */
  #encode(pad) {
    let encoding = this.#encodings.get(pad);
    if (encoding?.rev !== pad.rev) {
      encoding = { rev: pad.rev, ...pad.encode() };
      this.#encodings.set(pad, encoding);
    }
    return encoding;
  }

  /** @param {Pad} pad */
  #sendToStage(pad) {
    const { bitmap, bufs } = this.#encode(pad);
    const copies = bufs.map((b) => b.slice(0)); // they are transferred
    this.#stage.send({ type: 'pad', pad: pad.name, bitmap }, copies);
  }

  /** @param {Pad} pad */
  async #sendToEngine(pad) {
    if (this.#inProgress.has(pad)) return;
    this.#dirtyInEngine.delete(pad);
    if (this.#engine.state !== 'ready') return; // it is sent all pads when it is
    this.#inProgress.add(pad);
    const { rev, bitmap, bufs } = this.#encode(pad);
    try {
      const answered = this.#engine.request('pad.set', { pad: pad.name, rev, bitmap }, bufs, { retries: 0 });
      this.emit('sent', pad); // what listeners request now the engine does afterwards
      await answered;
    } catch (e) {
      if (!lost.has(InkdriftError.from(e).code)) this.#onError(e);
    } finally {
      this.#inProgress.delete(pad);
      if (this.#dirtyInEngine.has(pad)) void this.#sendToEngine(pad);
    }
  }

  /**
   * The engine has encoded a pad and reconstructed it.
   *
   * @param {import('../../generated/protocol.js').PadEvent} head
   * @param {ArrayBuffer[]} bufs pixels, mu, logvar, reconstruction
   */
  #receive(head, bufs) {
    const name = head.pad === 'b' ? 'b' : 'a';
    const pad = this.pads[name];
    if (head.rev < this.#answered[name]) return;
    this.#answered[name] = head.rev;
    const settled = head.rev === pad.rev && !pad.drawing;
    if (head.empty || pad.empty) {
      this.#setResult(pad, noResult(), settled);
      return;
    }
    const [pixels, mu, logvar, recon] = bufs.map((b) => Array.from(new Float32Array(b)));
    this.#setResult(pad, { empty: false, pixels, mu, logvar, recon, label: head.label ?? null, probs: head.probs ?? null }, settled);
  }

  /**
   * @param {Pad} pad
   * @param {import('../../ui/pad.js').Result} result
   * @param {boolean} settled
   */
  #setResult(pad, result, settled) {
    pad.result = result;
    this.emit('result', pad, settled);
  }
}
