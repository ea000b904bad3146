/**
 * The picture of "How it works": the parts of the model from left to right,
 * the formulas, and what lights what.
 *
 * @typedef {object} Explained
 * @property {import('../../generated/protocol.js').ExplainOK} head
 * @property {Float32Array} x 784 pixels
 * @property {Float32Array} mu
 * @property {Float32Array} sigma
 * @property {Float32Array} eps a row for each draw, as z, recon (784 pixels) and nats (784)
 * @property {Float32Array} z
 * @property {Float32Array} recon
 * @property {Float32Array} nats
 * @property {Float32Array} kl
 */
import { make } from '../../lib/dom.js';
import { numberFormat } from '../../lib/format.js';
import { formula, makeMath, mathSpace } from '../../lib/math.js';
import { explain } from '../../ui/figure-terms.js';
import { NumberBars } from '../../ui/number-bars.js';
import { paintOne } from '../../ui/pictures.js';

/** The shape of a drawing as the model gets it. */
const shape = [1, 28, 28];

/** The parts of the picture that each term of the formulas stands for. @type {Record<string, string[]>} */
export const partsOfTerm = {
  mu: ['mu'],
  sigma: ['sigma'],
  epsilon: ['epsilon'],
  z: ['z'],
  likelihood: ['decoder', 'recon', 'nats'],
  kl: ['encoder', 'mu', 'sigma', 'kl'],
  elbo: ['nats', 'kl', 'elbo'],
};

/**
 * What is lit with a part or term.
 *
 * @param {string} name empty: nothing
 * @param {'part' | 'term'} kind
 * @returns {{parts: string[], terms: string[]}}
 */
export function litWith(name, kind) {
  if (kind === 'term') return { parts: partsOfTerm[name] ?? [], terms: name ? [name] : [] };
  return { parts: [name], terms: Object.keys(partsOfTerm).filter((t) => partsOfTerm[t].includes(name)) };
}

/**
 * A sum as it is shown: rounded parts, whose sum is that of what is shown.
 *
 * @param {number[]} parts
 * @param {number} digits after the point
 */
export function shownSum(parts, digits = 2) {
  const unit = 10 ** digits;
  const rounded = parts.map((v) => Math.round(v * unit));
  return { parts: rounded.map((v) => v / unit), sum: rounded.reduce((a, b) => a + b, 0) / unit };
}

/** The picture. */
export class HowPicture {
  /** The draw that is shown. */
  draw = 0;

  /** @type {Explained | null} */
  #shown = null;
  /** The latent dimension that is marked; null: that of the largest KL. @type {number | null} */
  #chosen = null;
  /** The term that was pressed: it stays lit. */
  #pinned = '';
  #i18n;
  #terms;
  #bars = {
    mu: new NumberBars('mu', [0]),
    sigma: new NumberBars('sigma', [0, 1]),
    epsilon: new NumberBars('epsilon', [0]),
    z: new NumberBars('z', [0]),
    kl: new NumberBars('kl', [0]),
  };
  #canvases = { pixels: canvas(), recon: canvas(), nats: canvas() };
  #drawn;
  #figures = { recon: make('b'), kl: make('b'), elbo: make('b') };
  #most = make('p', { className: 'small' });
  #cloud = make('span');
  #there = make('button', { type: 'button', hidden: true });
  #dimension = make('input', { type: 'range', min: '1', max: '1', step: '1', value: '1', id: 'how-dimension' });
  #sum = make('p', { className: 'of-dimension' });

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {object} options
   * @param {number} options.draws
   * @param {import('../../ui/term.js').Terms} options.terms
   * @param {() => void} options.onDraw another noise is wanted
   * @param {() => void} options.onMap the map is wanted
   */
  constructor(i18n, { draws, terms, onDraw, onMap }) {
    this.#i18n = i18n;
    this.#terms = terms;
    this.#drawn = Array.from({ length: draws }, (_, i) => this.#makeDraw(i));
    const again = make('button', { type: 'button' });
    again.dataset.testid = 'draw-z';
    i18n.text(again, 'explain.draw');
    again.addEventListener('click', onDraw);
    i18n.text(this.#there, 'explain.to-map');
    this.#there.addEventListener('click', onMap);
    const { recon, kl, elbo } = this.#figures;
    recon.dataset.testid = 'how-recon';
    kl.dataset.testid = 'how-kl';
    elbo.dataset.testid = 'how-elbo';
    this.element = make(
      'div',
      { className: 'how-picture' },
      make('div', { className: 'flow' }, ...this.#makeFlow(again)),
      this.#makeDraws(),
    );
    this.#listen();
    i18n.onChange(() => this.#shown && this.show(this.#shown));
  }

  /**
   * @param {Explained} e
   */
  show(e) {
    this.#shown = e;
    const n = e.mu.length;
    const row = (/** @type {Float32Array} */ rows, width = n) => rows.subarray(this.draw * width, (this.draw + 1) * width);
    const pixels = e.x.length;
    const colours = this.#colours();

    paintOne(this.#canvases.pixels, e.x, shape, colours);
    paintOne(this.#canvases.recon, row(e.recon, pixels), shape, colours);
    const nats = row(e.nats, pixels);
    const [least, most] = [Math.min(0, ...nats), Math.max(...nats)];
    const heat = Float32Array.from(nats, (v) => (v - least) / (most - least || 1));
    paintOne(this.#canvases.nats, heat, shape, { paper: colours.paper, ink: colours.bad });
    this.#i18n.text(this.#most, 'explain.most', { most });

    const z = row(e.z);
    const eps = row(e.eps);
    const reach = Math.max(3, ...e.mu.map(Math.abs), ...z.map(Math.abs));
    const noise = Math.max(3, ...eps.map(Math.abs));
    const wide = Math.max(1.25, ...e.sigma);
    const high = Math.max(0.5, ...e.kl);
    const upTo = (/** @type {number} */ v) => this.#number(v, 1);
    this.#bars.mu.show(e.mu, -reach, reach, `±${upTo(reach)}`);
    this.#bars.sigma.show(e.sigma, 0, wide, upTo(wide));
    this.#bars.epsilon.show(eps, -noise, noise, `±${upTo(noise)}`);
    this.#bars.z.show(z, -reach, reach, `±${upTo(reach)}`);
    this.#bars.kl.show(e.kl, 0, high, upTo(high));
    this.#nameBars(e, z, eps);

    const { recon, kl } = e.head;
    const shown = shownSum([recon[this.draw], kl]);
    this.#figures.recon.textContent = this.#number(shown.parts[0]);
    this.#figures.kl.textContent = this.#number(shown.parts[1]);
    this.#figures.elbo.textContent = this.#number(shown.sum);

    this.#drawn.forEach(({ picture, words, input }, i) => {
      paintOne(picture, e.recon.subarray(i * pixels, (i + 1) * pixels), shape, colours, 2);
      words.textContent = this.#number(recon[i], 1);
      this.#i18n.attr(input, 'aria-label', 'explain.draw-of', { n: i + 1, nats: recon[i] });
    });
    this.#showDimension();
  }

  /**
   * Says that the draws are on the map.
   *
   * @param {(element: HTMLElement) => void} say
   * @param {boolean} shown whether they are
   */
  showCloud(say, shown) {
    say(this.#cloud);
    this.#there.hidden = !shown;
  }

  /** @param {number} i the draw to show */
  #choose(i) {
    this.draw = i;
    if (this.#shown) this.show(this.#shown);
  }

  /** Shows the marked dimension: its place in all bars, and how z comes about in it. */
  #showDimension() {
    const e = this.#shown;
    if (!e) return;
    const n = e.mu.length;
    if (this.#chosen !== null && this.#chosen >= n) this.#chosen = null;
    const i = this.#chosen ?? e.kl.indexOf(Math.max(...e.kl));
    for (const bars of Object.values(this.#bars)) bars.mark(i);
    if (this.#dimension.max !== String(n)) this.#dimension.max = String(n);
    this.#dimension.value = String(i + 1);
    this.#dimension.style.setProperty('--at', `${n > 1 ? (100 * i) / (n - 1) : 0}%`);
    const at = this.draw * n + i;
    const coloured = (/** @type {string} */ role, /** @type {number} */ v) => make('b', { className: role }, this.#number(v));
    const factor = coloured('epsilon', e.eps[at]);
    if (e.eps[at] < 0) factor.textContent = `(${factor.textContent})`;
    const small = make('sub', {}, String(i + 1));
    this.#sum.replaceChildren(
      ...['z', small, ' = ', coloured('mu', e.mu[i]), ' + ', coloured('sigma', e.sigma[i]), ' × ', factor],
      ...[' = ', coloured('z', e.z[at])],
      this.#i18n.t('explain.kl-of', { kl: e.kl[i] }),
    );
    this.#i18n.attr(this.#dimension, 'aria-valuetext', 'explain.dimension-of', {
      ...{ n: i + 1, mu: e.mu[i], sigma: e.sigma[i], epsilon: e.eps[at], z: e.z[at], kl: e.kl[i] },
    });
  }

  /** @param {Explained} e @param {Float32Array} z @param {Float32Array} eps */
  #nameBars(e, z, eps) {
    const span = (/** @type {Float32Array} */ v) => ({ n: v.length, low: Math.min(...v), high: Math.max(...v) });
    const i18n = this.#i18n;
    i18n.attr(this.#bars.mu.picture, 'aria-label', 'explain.mu-of', span(e.mu));
    i18n.attr(this.#bars.sigma.picture, 'aria-label', 'explain.sigma-of', span(e.sigma));
    i18n.attr(this.#bars.epsilon.picture, 'aria-label', 'explain.epsilon-of', span(eps));
    i18n.attr(this.#bars.z.picture, 'aria-label', 'explain.z-of', span(z));
    i18n.attr(this.#bars.kl.picture, 'aria-label', 'explain.kl-bars', span(e.kl));
  }

  /** @param {HTMLElement} again */
  #makeFlow(again) {
    const { pixels, recon, nats } = this.#canvases;
    const i18n = this.#i18n;
    i18n.attr(pixels, 'aria-label', 'explain.pixels');
    i18n.attr(recon, 'aria-label', 'explain.recon');
    i18n.attr(nats, 'aria-label', 'explain.nats');
    const head = (/** @type {string} */ key) =>
      make('div', { className: 'head-of' }, this.#say(make('h3'), key), ...explain(this.#terms, key));
    const column = (/** @type {string} */ name, /** @type {Node[]} */ ...content) =>
      make('div', { className: `column ${name}` }, ...content);
    const label = make('label', { htmlFor: 'how-dimension' });
    i18n.text(label, 'explain.dimension');
    return [
      column('input', head('explain.head-input'), this.#part('pixels', formula('x'), 'explain.pixels', pixels)),
      this.#network('encoder', 'explain.encoder'),
      column(
        'posterior',
        head('explain.head-posterior'),
        this.#part('mu', formula('μ'), 'explain.mu', this.#bars.mu.element),
        this.#part('sigma', formula('σ'), 'explain.sigma', this.#bars.sigma.element),
        this.#part('kl', formula('KL'), 'explain.kl', this.#bars.kl.element),
      ),
      column(
        'sample',
        head('explain.head-sample'),
        this.#part('epsilon', formula('ε'), 'explain.epsilon', this.#bars.epsilon.element),
        this.#part('z', formula('z'), 'explain.z', this.#bars.z.element),
        this.#makeSampling(again),
        make('div', { className: 'dimension' }, label, this.#dimension, this.#sum),
      ),
      this.#network('decoder', 'explain.decoder'),
      column('output', head('explain.head-output'), this.#part('recon', makeMath('math', hat('x')), 'explain.recon', recon)),
      column('cost', head('explain.head-cost'), this.#part('nats', logLikelihood(), 'explain.nats', nats, this.#most)),
      this.#makeLoss(),
    ];
  }

  /** The formula of z, and the button for another. @param {HTMLElement} again */
  #makeSampling(again) {
    const term = (/** @type {string} */ name, /** @type {string} */ letter) => this.#term(name, formula(letter), `explain.${name}`);
    return make(
      'div',
      { className: 'formula sampling' },
      make(
        'span',
        { className: 'terms' },
        term('z', 'z'),
        operator('='),
        term('mu', 'μ'),
        operator('+'),
        term('sigma', 'σ'),
        operator('⊙'),
        term('epsilon', 'ε'),
      ),
      again,
    );
  }

  /** The loss: its terms and their figures, one below the other as in a sum. */
  #makeLoss() {
    const row = (
      /** @type {string} */ sign,
      /** @type {string} */ name,
      /** @type {Node} */ math,
      /** @type {HTMLElement} */ figure,
      /** @type {string} */ key,
    ) =>
      make(
        'div',
        { className: `row ${name}` },
        make('span', { className: 'sign' }, sign),
        this.#term(name, math, key),
        figure,
        this.#say(make('span', { className: 'small' }), key),
      );
    const { recon, kl, elbo } = this.#figures;
    const box = make(
      'div',
      { className: 'formula loss', tabIndex: 0 },
      row('', 'likelihood', logLikelihood(), recon, 'explain.recon-term'),
      row('+', 'kl', divergence(), kl, 'explain.kl-term'),
      row('=', 'elbo', formula('−', 'ELBO'), elbo, 'explain.elbo'),
    );
    box.dataset.part = 'elbo';
    box.setAttribute('role', 'group');
    this.#i18n.attr(box, 'aria-label', 'explain.head-loss');
    return make(
      'div',
      { className: 'column total' },
      make('div', { className: 'head-of' }, this.#say(make('h3'), 'explain.head-loss'), ...explain(this.#terms, 'explain.head-loss')),
      box,
    );
  }

  #makeDraws() {
    const set = make('fieldset', { className: 'draws' }, this.#say(make('legend'), 'explain.nine'));
    this.#cloud.setAttribute('role', 'status');
    set.append(
      make('div', { className: 'nine' }, ...this.#drawn.map(({ element }) => element)),
      this.#say(make('p'), 'explain.nine-about'),
      make('p', { className: 'cloud' }, this.#cloud, this.#there),
    );
    return set;
  }

  /** @param {number} i */
  #makeDraw(i) {
    const picture = canvas();
    picture.removeAttribute('role'); // the radio has the words
    picture.setAttribute('aria-hidden', 'true');
    const words = make('span', { className: 'small' });
    const input = make('input', { type: 'radio', name: 'how-draw', value: String(i), checked: i === 0, className: 'unseen' });
    input.addEventListener('change', () => this.#choose(i));
    return { element: make('label', {}, input, picture, words), picture, words, input };
  }

  /**
   * A part of the picture with its symbol and name.
   *
   * @param {string} name
   * @param {Node} symbol
   * @param {string} key
   * @param {...HTMLElement} content
   */
  #part(name, symbol, key, ...content) {
    const words = this.#say(make('span'), key);
    const caption = make('figcaption', {}, make('b', { className: `symbol ${name}` }, symbol), ' ', words, ...explain(this.#terms, key));
    const figure = make('figure', { tabIndex: 0 }, caption, ...content);
    figure.dataset.part = name;
    return figure;
  }

  /** @param {string} name @param {string} key */
  #network(name, key) {
    const element = make('div', { className: `network ${name}`, tabIndex: 0 }, this.#say(make('span'), key));
    element.dataset.part = name;
    element.setAttribute('role', 'group');
    this.#i18n.attr(element, 'aria-label', key);
    return element;
  }

  /**
   * A term of a formula. Pressed, it and its parts stay lit.
   *
   * @param {string} name
   * @param {Node} math
   * @param {string} key what it is
   */
  #term(name, math, key) {
    const button = make('button', { type: 'button', className: `term-of ${name}` }, math);
    // Formulas are not part of what browsers call a button.
    const symbol = math.textContent ?? '';
    this.#i18n.attr(button, 'aria-label', 'explain.term', () => ({ symbol, words: this.#i18n.t(key) }));
    button.dataset.term = name;
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      this.#pinned = this.#pinned === name ? '' : name;
      for (const b of this.element.querySelectorAll('.term-of')) {
        b.setAttribute('aria-pressed', String(b instanceof HTMLElement && b.dataset.term === this.#pinned));
      }
      this.#light(button);
    });
    return button;
  }

  #listen() {
    for (const [on, off] of [
      ['pointerover', 'pointerleave'],
      ['focusin', 'focusout'],
    ]) {
      this.element.addEventListener(on, (e) => this.#light(e.target));
      this.element.addEventListener(off, () => this.#light(null));
    }
    this.#dimension.addEventListener('input', () => {
      this.#chosen = Number(this.#dimension.value) - 1;
      this.#showDimension();
    });
    for (const bars of Object.values(this.#bars)) {
      for (const event of ['pointermove', 'pointerdown']) {
        bars.element.addEventListener(event, (e) => {
          if (!(e instanceof MouseEvent)) return;
          this.#chosen = bars.at(e.clientX);
          this.#showDimension();
        });
      }
    }
  }

  /** Lights what belongs to an element, or to the term that was pressed. @param {EventTarget | null} target */
  #light(target) {
    const found = target instanceof Element ? target.closest('[data-term], [data-part]') : null;
    const { term, part } = found instanceof HTMLElement ? found.dataset : {};
    const { parts, terms } = term ? litWith(term, 'term') : part ? litWith(part, 'part') : litWith(this.#pinned, 'term');
    for (const e of this.element.querySelectorAll('[data-term], [data-part]')) {
      if (!(e instanceof HTMLElement)) continue;
      e.classList.toggle('lit', (e.dataset.term ? terms : parts).includes(e.dataset.term ?? e.dataset.part ?? ''));
    }
  }

  /**
   * @template {HTMLElement} E
   * @param {E} element
   * @param {string} key
   */
  #say(element, key) {
    this.#i18n.text(element, key);
    return element;
  }

  /** @param {number} v @param {number} [digits] after the point */
  #number(v, digits = 2) {
    return numberFormat(this.#i18n.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(v).replace('-', '−');
  }

  #colours() {
    const style = getComputedStyle(document.documentElement);
    const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    return { paper: token('--paper'), ink: token('--ink'), bad: token('--bad') };
  }
}

/** A canvas that is named. */
function canvas() {
  const element = make('canvas', { width: 28, height: 28 });
  element.setAttribute('role', 'img');
  return element;
}

/** @param {string} s */
const operator = (s) => make('span', { className: 'sign' }, s);

/** @param {string} name */
const hat = (name) => makeMath('mover', makeMath('mi', name), makeMath('mo', '^'));

/** −log p(x|z) */
const logLikelihood = () => formula('−', 'log', mathSpace(), 'p', '(', 'x', '|', 'z', ')');

/** KL(q(z|x) ‖ p(z)) */
const divergence = () => formula('KL', '(', 'q', '(', 'z', '|', 'x', ')', '‖', 'p', '(', 'z', ')', ')');
