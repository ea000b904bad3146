/**
 * The section "On your own drawings": puts the model that trains behind the
 * pads, once or again and again.
 */
import { byId } from '../../lib/dom.js';
import { FollowModel } from './follow-model.js';

/** The head over the small pads. */
export class Trial {
  #use = byId('trial-use', HTMLButtonElement);
  #model = byId('trial-model', HTMLElement);
  #context;
  #session;

  /**
   * @param {import('../../app/context.js').AppContext} context
   * @param {import('../../training/training-session.js').TrainingSession} session
   */
  constructor(context, session) {
    this.#context = context;
    this.#session = session;
    const { i18n, models, events, fail } = context;
    this.#use.addEventListener('click', () => {
      session
        .model()
        .then((bytes) => models.load({ name: session.run?.name ?? '', bytes, before: session.active?.from }))
        .catch((e) => fail(e, undefined, this.#use));
    });
    const follow = new FollowModel({
      i18n,
      training: session,
      behind: () => models.name,
      use: async (bytes, name) => void (await models.load({ name, bytes, quiet: true, before: session.active?.from })),
      fail,
    });
    this.#use.before(follow.element);
    session.on('change', () => this.show());
    events.on('change', ({ model }) => model !== undefined && this.show());
    this.show();
  }

  /** Shows which model is behind the pads, and whether it can be another. */
  show() {
    const { i18n, models } = this.#context;
    const session = this.#session;
    this.#use.disabled = !session.active || session.figures.step === 0 || session.unfit !== '';
    i18n.text(this.#model, 'trial.model', () => ({ model: models.title }));
  }
}
