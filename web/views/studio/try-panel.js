/**
 * Things to try: small modes of the studio, one at a time. A mode comes when it
 * is chosen, and works only while it is seen.
 *
 * @typedef {object} Mode
 * @property {HTMLElement} element
 * @property {() => void} update it is seen, and what is on the pads or the model may be other than before
 * @property {() => void} redraw the colours are others
 * @property {() => void} [leave] it is not shown any more
 * @property {object | null} state what scripts see of it
 *
 * @typedef {object} TryContext
 * @property {import('../../engine/engine.js').Engine} engine
 * @property {import('../../lib/i18n.js').I18n} i18n
 * @property {import('../../ui/term.js').Terms} terms
 * @property {import('../../engine/models.js').Models} models
 * @property {() => Promise<import('../../engine/assets.js').Assets>} assets
 * @property {{a: import('../../ui/pad.js').Pad, b: import('../../ui/pad.js').Pad}} pads
 * @property {(error: unknown) => void} fail shows an error, unless a request was lost with its engine: the next event of a pad asks again
 * @property {(canvas: HTMLCanvasElement, values: ArrayLike<number>) => void} paint paints a picture of a drawing's size
 * @property {() => void} changed what scripts see has changed
 */
import { cacheLoaded } from '../../engine/offline.js';
import { loadModule } from '../../lib/load-module.js';
import { make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { paintOne } from '../../ui/pictures.js';

/** The modes: name, word, module. @type {[string, string, () => Promise<{open: (context: TryContext) => Mode}>][]} */
const modes = [
  ['digit', 'try.digit', () => loadModule(() => import('./try-digit.js'), 'try-digit.js')],
  ['fill', 'try.fill', () => loadModule(() => import('./try-fill.js'), 'try-fill.js')],
  ['arithmetic', 'try.arithmetic', () => loadModule(() => import('./try-arithmetic.js'), 'try-arithmetic.js')],
  ['match', 'try.match', () => loadModule(() => import('./try-match.js'), 'try-match.js')],
  ['models', 'try.models', () => loadModule(() => import('./try-models.js'), 'try-models.js')],
];

/** Codes of a request that was lost with its engine, or came before there was a model. */
const lost = new Set(['engine-died', 'engine-gone', 'no-model']);

/** The shape of a drawing as the model gets it. */
const shape = [1, 28, 28];

/** What fills the section. */
export class Try {
  /** The modes that have come. @type {Map<string, Mode>} */
  #open = new Map();
  #current = modes[0][0];
  #visible = false;
  /** @type {Map<string, HTMLButtonElement>} */
  #tabs = new Map();
  #panel = make('div', { className: 'try-panel', id: 'try-panel' });
  #context;

  /**
   * @param {HTMLElement} root the section, with its heading
   * @param {Omit<import('../../app/context.js').AppContext, 'studio'>} page
   * @param {TryContext['pads']} pads
   */
  constructor(root, { engine, i18n, terms, models, assets, events, fail }, pads) {
    this.#context = {
      ...{ engine, i18n, terms, models, assets, pads, paint },
      fail: (/** @type {unknown} */ e) => {
        if (!lost.has(InkdriftError.from(e).code)) fail(e);
      },
      changed: () => events.emit('change', { try: this.#current }),
    };
    const list = make('div', { className: 'try-tabs' });
    list.setAttribute('role', 'tablist');
    i18n.attr(list, 'aria-label', 'try.modes');
    this.#panel.setAttribute('role', 'tabpanel');
    for (const [name, word] of modes) {
      const tab = make('button', { type: 'button', id: `try-tab-${name}` });
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', this.#panel.id);
      tab.dataset.testid = tab.id;
      i18n.text(tab, word);
      tab.addEventListener('click', () => this.#choose(name));
      this.#tabs.set(name, tab);
      list.append(tab);
    }
    list.addEventListener('keydown', (e) => this.#key(e));
    root.append(list, this.#panel);
    root.dataset.opened = '';
    for (const event of /** @type {const} */ (['pad', 'model'])) engine.on(event, () => this.#update());
    new IntersectionObserver((entries) => {
      this.#visible = entries[entries.length - 1].isIntersecting;
      this.#update();
    }).observe(root);
    this.#choose(this.#current);
  }

  /** What scripts see of it. */
  get state() {
    return { mode: this.#current, shows: this.#open.get(this.#current)?.state ?? null };
  }

  /** Paints again, in other colours. */
  redraw() {
    for (const mode of this.#open.values()) mode.redraw();
  }

  /** @param {string} name */
  #choose(name) {
    if (name !== this.#current) this.#open.get(this.#current)?.leave?.();
    this.#current = name;
    for (const [n, tab] of this.#tabs) {
      tab.setAttribute('aria-selected', String(n === name));
      tab.tabIndex = n === name ? 0 : -1;
    }
    this.#panel.setAttribute('aria-labelledby', `try-tab-${name}`);
    this.#show().catch(this.#context.fail);
  }

  async #show() {
    const name = this.#current;
    let mode = this.#open.get(name);
    if (!mode) {
      const load = modes.find(([n]) => n === name)?.[2];
      const module = await load?.().catch((e) => {
        throw new InkdriftError('fetch-failed', String(e));
      });
      mode = this.#open.get(name) ?? module?.open(this.#context);
      if (!mode) return;
      this.#open.set(name, mode);
      cacheLoaded(/(^|\/)(try|second-engine)[.-]/);
    }
    if (this.#current !== name) return;
    this.#panel.replaceChildren(mode.element);
    this.#update();
    this.#context.changed();
  }

  /** Lets the mode that is shown keep up, while it is seen. */
  #update() {
    if (this.#visible) this.#open.get(this.#current)?.update();
  }

  /** Arrow keys go from tab to tab. @param {KeyboardEvent} e */
  #key(e) {
    const names = [...this.#tabs.keys()];
    const at = names.indexOf(this.#current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[e.key];
    if (to === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    const name = names[(to + names.length) % names.length];
    this.#choose(name);
    this.#tabs.get(name)?.focus();
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 */
function paint(canvas, values) {
  const style = getComputedStyle(document.documentElement);
  const [paper, ink] = ['--paper', '--ink'].map((name) => style.getPropertyValue(name).trim());
  paintOne(canvas, values, shape, { paper, ink });
}
