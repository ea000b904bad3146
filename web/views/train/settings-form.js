/**
 * The form of an experiment's settings: each with a name and a few words that
 * say what it does.
 *
 * @typedef {import('../../training/settings.js').Settings} Settings
 */
import { make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { fields } from '../../generated/catalog.js';
import { choices, hasUse, words } from '../../training/setting-words.js';
import { check, network } from '../../training/settings.js';
import { auto } from '../../training/worker-count.js';
import { termOfSetting } from './terms.js';

/** The groups of settings. The first is always open. */
const groups = [
  { head: 'set.at-once', open: true, names: ['learningRate', 'beta', 'workers'] },
  {
    head: 'set.model',
    open: false,
    names: [
      'family',
      'latent',
      'encoder',
      'decoder',
      'hidden',
      'recogniser',
      'conditions',
      'discriminator',
      'kernel',
      'activation',
      'likelihood',
      'sigma',
      'output',
    ],
  },
  {
    head: 'set.learning',
    open: false,
    names: [
      'objective',
      'samples',
      'freeBits',
      'klWarmUp',
      'betaStart',
      'labelSmoothing',
      'noise',
      'noiseSteps',
      'discriminatorRate',
      'optimizer',
      'momentum',
      'weightDecay',
      'l1',
      'l2',
      'clipNorm',
      'schedule',
      'warmUp',
      'batch',
      'binarize',
      'images',
      'seed',
    ],
  },
  { head: 'set.stop', open: false, names: ['epochs', 'minutes', 'patience'] },
];

/** Sliders: from the value to a place from 0 to 1 and back. @type {Record<string, {to: (v: number) => number, from: (t: number) => number}>} */
const sliders = {
  learningRate: {
    to: (v) => (Math.log10(v) + 5) / 5,
    from: (t) => Number((10 ** (t * 5 - 5)).toPrecision(2)),
  },
  beta: {
    to: (v) => Math.log1p(v * 2) / Math.log1p(80),
    from: (t) => Number(Math.expm1(t * Math.log1p(80)).toPrecision(3)) / 2,
  },
};

/** Numbers of workers to choose from. */
const offeredWorkers = [1, 2, 3, 4];

/** The form. It tells of each change and shows what it is given. */
export class SettingsForm {
  element = make('form', { className: 'knobs' });

  /** @type {Map<string, HTMLInputElement | HTMLSelectElement>} */
  #inputs = new Map();
  /** @type {Map<string, HTMLInputElement>} */
  #sliders = new Map();
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  /** @type {Map<string, HTMLElement>} */
  #wrong = new Map();
  /** What was entered and is no value of its setting. @type {Map<string, string>} */
  #invalid = new Map();
  /** Of these it is written over, although one of them has the focus. @type {Set<string>} */
  #forgiven = new Set();
  /** Says why the network cannot be changed. */
  #fixed = make('p', { className: 'small', id: 'set-fixed', hidden: true });
  #i18n;
  #terms;
  #onChange;

  /**
   * @param {import('../../lib/i18n.js').I18n} i18n
   * @param {(part: Partial<Settings>) => void} onChange
   * @param {import('../../ui/term.js').Terms} terms
   */
  constructor(i18n, onChange, terms) {
    this.#i18n = i18n;
    this.#terms = terms;
    this.#onChange = onChange;
    this.element.noValidate = true;
    this.element.addEventListener('submit', (e) => e.preventDefault());
    for (const { head, open, names } of groups) {
      const summary = make('summary');
      i18n.text(summary, head);
      const rows = make('div', { className: 'rows' }, ...names.map((n) => this.#row(n)));
      if (head === 'set.model') rows.prepend(this.#fixed);
      this.element.append(make('details', { className: 'group', open }, summary, rows));
    }
    i18n.text(this.#fixed, 'start-from.fixed');
  }

  /**
   * Shows settings.
   *
   * @param {Settings} settings
   * @param {string[]} pending names of those that wait for another run
   */
  show(settings, pending) {
    for (const [name, input] of this.#inputs) {
      this.#rows.get(name)?.classList.toggle('waits', pending.includes(name));
      if (this.#invalid.has(name)) continue;
      const value = /** @type {any} */ (settings)[name];
      const text = Array.isArray(value) ? value.join(', ') : String(value);
      // A link or a script may have asked for a number that is not offered.
      if (input instanceof HTMLSelectElement && ![...input.options].some((o) => o.value === text))
        input.append(make('option', { value: text }, text));
      if (input !== document.activeElement || input instanceof HTMLSelectElement || this.#forgiven.delete(name)) input.value = text;
      this.#complain(name, null);
      const slider = this.#sliders.get(name);
      if (slider) {
        const t = Math.min(Math.max(sliders[name].to(value), 0), 1);
        if (slider !== document.activeElement) slider.value = String(t);
        slider.style.setProperty('--at', `${t * 100}%`);
        slider.setAttribute('aria-valuetext', text);
      }
    }
    for (const [name, row] of this.#rows) row.hidden = !hasUse(name, settings);
    this.#fixed.hidden = settings.from === '';
    for (const name of network) {
      const input = this.#inputs.get(name);
      if (!input) continue;
      input.disabled = settings.from !== '';
      if (input.disabled) input.setAttribute('aria-describedby', `set-${name}-help ${this.#fixed.id}`);
      else input.setAttribute('aria-describedby', `set-${name}-help set-${name}-wrong`);
    }
  }

  /**
   * Marks a setting for which something else was given than a value of it.
   *
   * @param {string} name
   * @param {string} text what was given; it stays in the form
   */
  mark(name, text) {
    const input = this.#inputs.get(name);
    if (!input) return false;
    if (input instanceof HTMLInputElement) input.value = text;
    this.#changed(name, text);
    return true;
  }

  /** Forgets what was wrong: other settings were chosen. */
  forgive() {
    for (const name of this.#invalid.keys()) this.#forgiven.add(name);
    this.#invalid.clear();
  }

  /**
   * Whether all that is entered can be used; else the first setting that cannot
   * is focused.
   */
  valid() {
    for (const name of this.#invalid.keys()) {
      const row = this.#rows.get(name);
      if (!row || row.hidden) continue;
      row.closest('details')?.setAttribute('open', '');
      this.#inputs.get(name)?.focus();
      return false;
    }
    return true;
  }

  /** @param {string} name */
  #row(name) {
    const i18n = this.#i18n;
    const field = fields[name];
    const [title, help] = words[name];
    const id = `set-${name}`;
    const label = make('label', { htmlFor: id, className: 'name' });
    i18n.text(label, title);
    const says = make('span', { id: `${id}-help` });
    i18n.text(says, help);
    const explained = make('p', { className: 'help' }, says);
    if (termOfSetting[name]) explained.append(this.#terms.button(termOfSetting[name], title));
    const wrong = make('p', { className: 'wrong small', id: `${id}-wrong`, hidden: true });
    wrong.setAttribute('role', 'alert');

    /** @type {HTMLInputElement | HTMLSelectElement} */
    let input;
    let holder;
    if (name === 'workers') {
      const option = make('option', { value: String(auto) });
      i18n.text(option, 'set.workers-auto');
      input = make('select', {}, option, ...offeredWorkers.map((n) => make('option', { value: String(n) }, String(n))));
      holder = make('div', { className: 'pick' }, input);
    } else if (field.type === 'choice') {
      const options = field.choices.map((value) => {
        const option = make('option', { value }, choices[value]);
        if (choices[value].startsWith('set.')) i18n.text(option, choices[value]);
        return option;
      });
      input = make('select', {}, ...options);
      holder = make('div', { className: 'pick' }, input);
    } else {
      input = make('input', {
        type: 'text',
        autocomplete: 'off',
        spellcheck: false,
        inputMode: field.type === 'widths' ? 'text' : 'decimal',
      });
      holder = input;
    }
    input.id = id;
    input.setAttribute('aria-describedby', `${id}-help ${id}-wrong`);
    input.addEventListener('change', () => this.#changed(name, input.value));
    this.#inputs.set(name, input);
    this.#wrong.set(name, wrong);

    const row = make('div', { className: 'row' }, label);
    if (sliders[name]) {
      const slider = make('input', { type: 'range', min: '0', max: '1', step: '0.01' });
      slider.setAttribute('aria-describedby', `${id}-help`);
      i18n.attr(slider, 'aria-label', title);
      slider.addEventListener('input', () => {
        slider.style.setProperty('--at', `${Number(slider.value) * 100}%`);
        this.#changed(name, String(sliders[name].from(Number(slider.value))));
      });
      this.#sliders.set(name, slider);
      row.append(slider);
    }
    row.append(holder, explained, wrong);
    row.classList.toggle('slides', name in sliders);
    this.#rows.set(name, row);
    return row;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #changed(name, value) {
    try {
      const checked = check(name, value);
      this.#invalid.delete(name);
      this.#complain(name, null);
      this.#onChange({ [name]: checked });
    } catch (e) {
      this.#invalid.set(name, value);
      this.#complain(name, InkdriftError.from(e));
      this.#rows.get(name)?.closest('details')?.setAttribute('open', '');
    }
  }

  /**
   * @param {string} name
   * @param {InkdriftError | null} error
   */
  #complain(name, error) {
    const input = this.#inputs.get(name);
    const wrong = this.#wrong.get(name);
    if (!input || !wrong) return;
    wrong.hidden = error === null;
    if (!error) {
      input.removeAttribute('aria-invalid');
      return;
    }
    input.setAttribute('aria-invalid', 'true');
    const field = fields[name];
    if (field.type === 'choice') this.#i18n.text(wrong, 'set.wrong-choice');
    else if (field.type === 'int' || field.type === 'number')
      this.#i18n.text(wrong, 'set.wrong-number', { min: String(field.min), max: String(field.max) });
    else this.#i18n.text(wrong, 'set.wrong-widths');
  }
}
