/**
 * What the figures of "How it works" mean for the model in use: what a pixel
 * is for its likelihood, with which objective it was trained, and what is
 * different with a conditional one.
 *
 * @typedef {import('../../generated/protocol.js').ExplainOK} ExplainOK
 * @typedef {import('../../generated/protocol.js').ModelInfo} ModelInfo
 */
import { make } from '../../lib/dom.js';
import { explain } from '../../ui/figure-terms.js';

/**
 * The sentence about the objective.
 *
 * @param {Pick<ModelInfo, 'family' | 'objective' | 'samples' | 'beta'>} info
 * @param {Pick<ExplainOK, 'bound' | 'negELBO' | 'draws'>} head
 * @returns {{key: string, values: Record<string, number>}}
 */
export function aboutObjective({ family, objective, samples, beta }, { bound, negELBO, draws }) {
  if (family === 'vae-gan') return { key: 'explain.adversarial', values: {} };
  if (objective === 'iwae') {
    const mean = negELBO.reduce((a, b) => a + b, 0) / negELBO.length;
    return { key: 'explain.iwae', values: { samples: Math.max(samples, 1), draws, bound, mean } };
  }
  if (objective === '') return { key: 'explain.unknown', values: {} };
  return beta === 1 ? { key: 'explain.by-elbo', values: {} } : { key: 'explain.beta', values: { beta } };
}

/** The notes. */
export class HowNotes {
  #i18n;
  #likelihood = make('p');
  #objective = make('p');

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {import('../../ui/term.js').Terms} terms
   */
  constructor(i18n, terms) {
    this.#i18n = i18n;
    const note = (/** @type {string} */ head, /** @type {HTMLElement[]} */ ...content) => {
      const h3 = make('h3');
      i18n.text(h3, head);
      return make('div', {}, h3, ...content);
    };
    const conditional = make('p');
    i18n.text(conditional, 'explain.conditional');
    const link = make('a', { href: '#gallery?m=cvae' });
    i18n.text(link, 'explain.conditional-link');
    const [latent, morph] = [make('p'), make('p')];
    i18n.text(latent, 'about.latent');
    i18n.text(morph, 'about.morph');
    this.element = make(
      'div',
      { className: 'how-notes' },
      note('explain.head-posterior-note', latent),
      note('explain.head-objective', this.#objective),
      note('explain.head-likelihood', this.#likelihood),
      note('explain.head-conditional', ...explain(terms, 'set.cvae'), conditional, link),
      note('explain.head-morph', ...explain(terms, 'studio-morph.scrub'), morph),
    );
  }

  /**
   * @param {ExplainOK} head
   * @param {ModelInfo | null} info
   */
  show(head, info) {
    if (!info) return;
    this.#i18n.text(this.#likelihood, info.likelihood === 'bernoulli' ? 'explain.bernoulli' : 'explain.gaussian', { least: head.least });
    const { key, values } = aboutObjective(info, head);
    this.#i18n.text(this.#objective, key, values);
  }
}
