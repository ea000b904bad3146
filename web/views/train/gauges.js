/**
 * The figures of the run in progress: ELBO, losses, epoch, step, time, speed, workers.
 */
import { make } from '../../lib/dom.js';
import { formatDuration, formatNumber } from '../../lib/format.js';
import { traits } from '../../training/families.js';
import { valueText } from '../../training/setting-words.js';

/** Each by its name: the key of its words, and its test id. */
const names = /** @type {const} */ ({
  validation: ['gauge.validation', 'validation-elbo'],
  elbo: ['gauge.elbo', 'elbo'],
  discriminator: ['gauge.discriminator', 'discriminator-loss'],
  generator: ['gauge.generator', 'generator-loss'],
  epoch: ['gauge.epoch', 'epoch'],
  step: ['gauge.step', 'step'],
  time: ['gauge.time', 'train-time'],
  throughput: ['gauge.throughput', 'throughput'],
  workers: ['gauge.workers', 'workers'],
});

/** @typedef {keyof typeof names} Name */

/** Shows them; show writes what the session has now. */
export class Gauges {
  #i18n;
  #training;
  /** On how many pictures the validation ELBO was measured. */
  #images = make('span', { className: 'basis' });
  /** Over how many steps the training ELBO is the mean. */
  #averaged = make('span', { className: 'basis' });
  #values = /** @type {Record<Name, HTMLElement>} */ ({});

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {import('../../training/training-session.js').TrainingSession} training
   */
  constructor(i18n, training) {
    this.#i18n = i18n;
    this.#training = training;
    this.#images.dataset.testid = 'validation-images';
    this.#averaged.dataset.testid = 'averaged-steps';
    const boxes = Object.entries(names).map(([name, [key, id]]) => {
      const term = make('dt');
      i18n.text(term, key);
      const value = make('dd', {}, '–');
      value.dataset.testid = id;
      this.#values[/** @type {Name} */ (name)] = value;
      const basis = new Map([
        ['validation', this.#images],
        ['elbo', this.#averaged],
      ]).get(name);
      return make('div', { className: name }, term, value, ...(basis ? [make('dd', {}, basis)] : []));
    });
    this.element = make('dl', { className: 'gauges' }, ...boxes);
  }

  /** @param {Name} name @param {string} text */
  #put(name, text) {
    if (this.#values[name].textContent !== text) this.#values[name].textContent = text;
  }

  show() {
    const i18n = this.#i18n;
    const { active, settings, info, status, figures } = this.#training;
    const number = (/** @type {number | null} */ v, most = 1) =>
      v === null || !Number.isFinite(v) ? '–' : formatNumber(v, i18n.lang, most);
    const { encoder, adversarial } = traits(active ?? settings);
    const shown = { elbo: encoder, validation: encoder, discriminator: adversarial, generator: adversarial };
    for (const [name, on] of /** @type {[Name, boolean][]} */ (Object.entries(shown))) {
      /** @type {HTMLElement} */ (this.#values[name].parentElement).hidden = !on;
    }
    this.#put('discriminator', number(figures.terms.discriminator ?? null, 2));
    this.#put('generator', number(figures.terms.generator ?? null, 2));
    this.#put('elbo', number(figures.elbo));
    this.#put('validation', number(figures.validation.elbo));
    const { images, step: measured } = figures.validation;
    this.#images.hidden = images === 0;
    // While it trains, the training ELBO is of a later step.
    if (images > 0) i18n.text(this.#images, measured < figures.step ? 'gauge.images-at' : 'gauge.images', { n: images, step: measured });
    const { averagedSteps } = figures;
    this.#averaged.hidden = averagedSteps === 0;
    if (averagedSteps > 0) i18n.text(this.#averaged, averagedSteps === 1 ? 'gauge.averaged-one' : 'gauge.averaged', { n: averagedSteps });
    this.#put('step', info ? i18n.t('gauge.steps', { at: figures.step, all: figures.steps }) : '–');
    this.#put('epoch', info ? i18n.t('gauge.of', { at: figures.currentEpoch, all: active?.epochs ?? 0 }) : '–');
    this.#put('time', info ? formatDuration(figures.seconds) : '–');
    this.#put('throughput', status === 'running' || figures.imagesPerSecond > 0 ? number(figures.imagesPerSecond, 0) : '–');
    this.#put('workers', this.#workers());
  }

  /** How many workers train, in words. */
  #workers() {
    const i18n = this.#i18n;
    const { info, workers, settings } = this.#training;
    if (!info) return valueText('workers', settings.workers, i18n);
    if (workers.alive < workers.wanted) return i18n.t('gauge.of', { at: workers.alive, all: workers.wanted });
    return workers.auto ? i18n.t('gauge.workers-auto', { n: workers.alive }) : String(workers.alive);
  }
}
