/**
 * The panel "Measures": which figures of a model are wanted, on how many
 * pictures; what came out, beside what came out before; and what each means.
 */
import { make } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { InkdriftError } from '../../lib/errors.js';
import { explain } from '../../ui/figure-terms.js';
import { measureKinds } from '../../training/measures.js';

/** @typedef {import('../../training/measures.js').MeasureKind} Kind */
/** @typedef {{name: string, step: number, answers: import('../../generated/protocol.js').MeasureOK, request: Record<string, number>}} Column */

/** Columns beside each other. */
const most = 5;

/** Signs of the direction that is better, with their names among the texts. */
const signs = { up: ['↑', 'measures.up'], down: ['↓', 'measures.down'] };

/** The panel. */
export class MeasuresPanel {
  element = make('details', { className: 'group measures' });

  #from;
  /** @type {Column[]} */
  #columns = [];
  /** @type {AbortController | null} */
  #stopper = null;
  /** @type {Map<string, {kind: Kind, box: HTMLInputElement, inputs: Map<string, HTMLInputElement>, parts: HTMLElement}>} */
  #choices = new Map();
  #button = make('button', { type: 'button', className: 'strong' });
  #clear = make('button', { type: 'button', className: 'link', hidden: true });
  #line = make('p', { className: 'small' });
  #none = make('p', { className: 'small' });
  #bar = make('progress', { className: 'way', max: 1, hidden: true });
  #table = make('table');
  #out = make('div', { className: 'scrolls', hidden: true });

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../ui/term.js').Terms} from.terms
   * @param {(request: Partial<import('../../generated/protocol.js').Measure>, classifier: ArrayBuffer[], signal: AbortSignal) =>
   *   Promise<import('../../generated/protocol.js').MeasureOK>} from.ask
   * @param {() => Promise<ArrayBuffer>} from.classifier gives the file of the one that judges samples
   * @param {() => {name: string, what: import('../../training/measures.js').Measured} | null} from.model what is measured now; null: there is nothing yet
   * @param {(error: unknown, cause: Element) => void} from.fail
   */
  constructor(from) {
    this.#from = from;
    const { i18n } = from;
    const say = this.#say;
    this.element.dataset.testid = 'measures';
    this.#button.dataset.testid = 'measure';
    this.#line.dataset.testid = 'measure-state';
    this.#table.dataset.testid = 'measure-table';
    this.#line.setAttribute('role', 'status');
    i18n.attr(this.#bar, 'aria-label', 'measures.progress');
    say(this.#clear, 'measures.clear');
    this.#button.addEventListener('click', () => (this.#stopper ? this.#stopper.abort() : void this.#measure()));
    this.#clear.addEventListener('click', () => {
      this.#columns = [];
      this.#show();
      this.#button.focus();
    });
    this.#out.tabIndex = 0;
    this.#out.setAttribute('role', 'region');
    i18n.attr(this.#out, 'aria-label', 'measures.table');
    this.#out.append(this.#table);
    this.element.append(
      say(make('summary'), 'measures.head'),
      make(
        'div',
        { className: 'inside' },
        say(make('p'), 'measures.about'),
        make('div', { className: 'kinds' }, ...measureKinds.map((kind) => this.#choice(kind))),
        say(make('p'), 'measures.own'),
        make('div', { className: 'go' }, this.#button, say(this.#none, 'measures.nothing'), this.#line, this.#clear),
        this.#bar,
        this.#out,
      ),
    );
    i18n.onChange(() => this.#show());
    this.refresh();
    this.#show();
  }

  /** What could be measured may be something else now. */
  refresh() {
    const model = this.#from.model();
    for (const { kind, box, parts } of this.#choices.values()) {
      box.disabled = model !== null && !kind.fits(model.what);
      parts.hidden = !box.checked || box.disabled;
    }
    this.#button.disabled = !this.#stopper && (model === null || this.#wanted().length === 0);
    this.#none.hidden = model !== null;
  }

  /**
   * The engine tells how far it is.
   *
   * @param {{what: string, done: number, of: number}} event
   */
  progress({ what, done, of }) {
    if (!this.#stopper) return;
    this.#bar.value = of > 0 ? done / of : 0;
    const kind = measureKinds.find((k) => k.name === what);
    if (kind)
      this.#from.i18n.text(this.#line, 'measures.at', () => ({
        what: this.#from.i18n.t(kind.word),
        percent: Math.round((100 * done) / Math.max(of, 1)),
      }));
  }

  /** @template {HTMLElement} T @param {T} e @param {string} key @returns {T} */
  #say = (e, key) => {
    this.#from.i18n.text(e, key);
    return e;
  };

  /** @param {Kind} kind */
  #choice(kind) {
    const id = `measures-${kind.name}`;
    const box = make('input', { type: 'checkbox', id, checked: kind.on });
    box.dataset.testid = id;
    const about = this.#say(make('p', { id: `${id}-about` }), kind.about);
    box.setAttribute('aria-describedby', about.id);
    /** @type {Map<string, HTMLInputElement>} */
    const inputs = new Map();
    const parts = make('div', { className: 'parts' });
    for (const [name, { usual, min, max, word }] of Object.entries(kind.counts)) {
      const input = make('input', { type: 'number', min: String(min), max: String(max), value: String(usual), inputMode: 'numeric' });
      input.dataset.testid = `measures-n-${name}`;
      // What cannot be taken becomes the nearest that can.
      input.addEventListener(
        'change',
        () => (input.value = String(Math.min(Math.max(Math.round(Number(input.value)) || usual, min), max))),
      );
      inputs.set(name, input);
      parts.append(make('label', { className: 'small' }, this.#say(make('span'), word), input));
    }
    box.addEventListener('change', () => this.refresh());
    this.#choices.set(kind.name, { kind, box, inputs, parts });
    return make('div', { className: 'kind' }, make('label', { className: 'check' }, box, this.#say(make('span'), kind.word)), about, parts);
  }

  #wanted() {
    return [...this.#choices.values()].filter(({ box }) => box.checked && !box.disabled);
  }

  async #measure() {
    const { i18n, model, ask, classifier, fail } = this.#from;
    const now = model();
    if (!now) return;
    const stopper = new AbortController();
    this.#stopper = stopper;
    this.#bar.hidden = false;
    i18n.text(this.#button, 'measures.stop');
    let how = 'measures.done';
    try {
      const wanted = this.#wanted();
      // All at once: the next step of training is another model.
      const request = Object.fromEntries(wanted.flatMap(({ inputs }) => [...inputs].map(([name, input]) => [name, Number(input.value)])));
      this.progress({ what: wanted[0].kind.name, done: 0, of: 1 });
      const judge = request.samples ? [await classifier()] : [];
      const answers = await ask({ ...request, seed: 1 }, judge, stopper.signal);
      this.#columns = [...this.#columns, { name: now.name, step: answers.step, answers, request }].slice(-most);
    } catch (e) {
      const { code } = InkdriftError.from(e);
      how = code === 'stopped' ? 'measures.stopped' : 'measures.failed';
      if (code !== 'stopped') fail(e, this.#bar);
    }
    this.#stopper = null;
    this.#bar.hidden = true;
    i18n.text(this.#line, how);
    this.#show();
  }

  #show() {
    const { i18n } = this.#from;
    if (!this.#stopper) i18n.text(this.#button, 'measures.start');
    this.#clear.hidden = this.#columns.length === 0 || this.#stopper !== null;
    this.#out.hidden = this.#columns.length === 0;
    this.refresh();
    const number = (/** @type {number} */ v) => (Number.isFinite(v) ? formatNumber(v, i18n.lang) : '–');
    const head = make(
      'tr',
      {},
      make('th', { scope: 'col' }, i18n.t('measures.figure')),
      ...this.#columns.map((c) => make('th', { scope: 'col' }, c.name, make('br'), i18n.t('watch.step', { step: c.step }))),
    );
    const rows = measureKinds
      .flatMap(({ rows }) => rows)
      .flatMap(({ word, about, better, of }) => {
        const figures = this.#columns.map((c) => of(c.answers, number));
        if (figures.every((f) => f === null)) return [];
        const name = make('th', { scope: 'row' }, i18n.t(word));
        if (better) {
          const [sign, meaning] = signs[better];
          name.append(make('span', { className: 'sign small' }, ` ${sign} ${i18n.t(meaning)}`));
        }
        name.append(...explain(this.#from.terms, word), make('p', { className: 'small' }, i18n.t(about)));
        return [make('tr', {}, name, ...figures.map((f) => make('td', {}, f ?? '')))];
      });
    const counts = make(
      'tr',
      {},
      make('th', { scope: 'row' }, i18n.t('measures.taken')),
      ...this.#columns.map((c) => make('td', { className: 'small' }, ...this.#counts(c))),
    );
    this.#table.replaceChildren(make('thead', {}, head), make('tbody', {}, ...rows, counts));
  }

  /** On how many pictures figures were measured. @param {Column} column */
  #counts({ request }) {
    const { i18n } = this.#from;
    return measureKinds.flatMap(({ word, counts }) => {
      const taken = Object.entries(counts).filter(([name]) => request[name] !== undefined);
      const list = taken.map(([name, count]) => `${i18n.t(count.word)} ${request[name].toLocaleString(i18n.lang)}`).join('; ');
      return list ? [make('p', {}, `${i18n.t(word)}: ${list}`)] : [];
    });
  }
}
