/**
 * The pads follow the model while it trains: whoever has drawn something sees
 * how it is learnt.
 */
import { make } from '../../lib/dom.js';

/** Milliseconds between two models, at least, and as a multiple of what one costs. */
const pace = { least: 600, share: 5 };

/** A box to tick, and what it does. */
export class FollowModel {
  element = make('label', { className: 'check' });

  #box = make('input', { type: 'checkbox' });
  #options;
  /** Whether a model is on its way to the pads. */
  #busy = false;
  #next = 0;
  /** The name of the model that was put behind the pads last. */
  #lastName = '';

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {() => string | null} from.behind the name of the model behind the pads
   * @param {(bytes: ArrayBuffer, name: string) => Promise<void>} from.use puts a model behind the pads, without a word
   * @param {(error: unknown) => void} from.fail
   */
  constructor(from) {
    this.#options = from;
    const words = make('span');
    from.i18n.text(words, 'trial.follow');
    this.#box.dataset.testid = 'trial-follow';
    this.element.append(this.#box, words);
    this.#box.addEventListener('change', () => {
      this.#lastName = '';
      this.#next = 0;
      void this.#update();
    });
    from.training.on('preview', () => void this.#update());
    const fit = () => {
      this.#box.disabled = from.training.unfit !== '';
    };
    for (const event of ['run', 'settings']) from.training.on(event, fit);
    fit();
  }

  async #update() {
    const { training, behind, use, fail } = this.#options;
    if (!this.#box.checked || this.#box.disabled || this.#busy || !training.active || training.figures.step === 0) return;
    if (this.#lastName && behind() !== this.#lastName) {
      this.#box.checked = false; // somebody has chosen another
      return;
    }
    const began = performance.now();
    if (training.status === 'running' && began < this.#next) return;
    this.#busy = true;
    try {
      const name = training.run?.name ?? '';
      await use(await training.model(), name);
      this.#lastName = behind() ?? '';
    } catch (e) {
      this.#box.checked = false;
      fail(e);
    } finally {
      this.#busy = false;
      const now = performance.now();
      this.#next = now + Math.max(pace.least, pace.share * (now - began));
    }
  }
}
