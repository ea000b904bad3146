/**
 * The grid of pictures that the model makes up.
 */
import { byId, freshSeed } from '../../lib/dom.js';

/** How many there are: 12 x 2 on wide screens, 6 x 4 on others. */
const count = 24;

/** The samples shown and the button that asks for others. */
export class Samples {
  /** @type {Float32Array<ArrayBuffer> | null} */
  #pixels = null;
  /** Whether an answer is awaited, and whether others were asked for meanwhile. */
  #asking = false;
  #again = false;
  #seed = freshSeed();
  #engine;
  #onError;
  #onChange;

  /**
   * @param {import('../../engine/engine.js').Engine} engine
   * @param {() => void} onChange
   * @param {(error: unknown) => void} onError
   */
  constructor(engine, onChange, onError) {
    this.#engine = engine;
    this.#onChange = onChange;
    this.#onError = onError;
    byId('resample', HTMLButtonElement).addEventListener('click', () => {
      this.#seed = freshSeed();
      void this.draw();
    });
  }

  /** Draws the samples of the model in use; the same points as last time until others are asked for. */
  async draw() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      do {
        this.#again = false;
        const { bufs } = await this.#engine.request('sample', { n: count, seed: this.#seed });
        this.#pixels = new Float32Array(bufs[1]);
      } while (this.#again);
      this.#onChange();
    } catch (e) {
      this.#onError(e);
    } finally {
      this.#asking = false;
    }
  }

  /**
   * Shows the samples on a stage.
   *
   * @param {import('../../engine/stage-client.js').StageClient} stage
   */
  feed(stage) {
    if (this.#pixels) stage.send({ type: 'samples', n: count }, [this.#pixels.slice().buffer]);
  }
}
