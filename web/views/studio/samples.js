/**
 * The grid of samples from the prior: N(0, I), or where the model's file has one, a
 * mixture of Gaussians that was fitted to the aggregate posterior.
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
  #i18n;
  #store;
  #onError;
  #onChange;
  #field = byId('prior-field', HTMLElement);
  #choice = byId('prior', HTMLSelectElement);

  /**
   * @param {import('../../engine/engine.js').Engine} engine
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {import('../../lib/local-storage.js').LocalStore} store
   * @param {() => void} onChange
   * @param {(error: unknown) => void} onError
   */
  constructor(engine, i18n, store, onChange, onError) {
    this.#engine = engine;
    this.#i18n = i18n;
    this.#store = store;
    this.#onChange = onChange;
    this.#onError = onError;
    byId('resample', HTMLButtonElement).addEventListener('click', () => {
      this.#seed = freshSeed();
      void this.draw();
    });
    if (store.get('prior') === 'normal') this.#choice.value = 'normal';
    this.#choice.addEventListener('change', () => {
      this.#store.set('prior', this.#choice.value);
      void this.draw();
    });
  }

  /** The distribution that samples are drawn from. @returns {'normal' | 'fitted'} */
  get prior() {
    return !this.#field.hidden && this.#choice.value === 'fitted' ? 'fitted' : 'normal';
  }

  /** Another model is in use. @param {{fittedPrior: boolean}} model */
  show({ fittedPrior }) {
    this.#field.hidden = !fittedPrior;
    void this.draw();
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
        const { head, bufs } = await this.#engine.request('sample', { n: count, seed: this.#seed, prior: this.prior });
        this.#pixels = new Float32Array(bufs[1]);
        this.#i18n.text(byId('samples-caption', HTMLElement), head.prior === 'fitted' ? 'samples.caption-fitted' : 'samples.caption');
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
