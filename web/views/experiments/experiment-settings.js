/**
 * The settings of an experiment: what each may be, their form, and their part of
 * the address.
 *
 * @typedef {{type: 'int', usual: number, min: number, max: number}
 *   | {type: 'list', usual: number[], min: number, max: number, most: number}
 *   | {type: 'choice', usual: string, choices: Record<string, string>}
 *   | {type: 'data', usual: string}} Kind list: different whole numbers; choices: values to keys among the texts, data: a set of the
 *   catalog with pictures of a pen
 * @typedef {Kind & {word: string, help: string}} Field keys of its name and of what it does
 */
import { make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { isMade, setInfo, madeSets } from '../../training/made-sets.js';

/**
 * A value as a setting has it.
 *
 * @param {string} name
 * @param {Field} field
 * @param {string} text what a form or an address says
 * @returns {any}
 * @throws {InkdriftError} bad-value, with the setting as its field
 */
export function read(name, field, text) {
  const bad = (/** @type {string} */ wanted) => new InkdriftError('bad-value', `${JSON.stringify(text)}, should be ${wanted}`, name);
  const whole = (/** @type {string} */ s) => (/^\d+$/.test(s) ? Number(s) : NaN);
  switch (field.type) {
    case 'int': {
      const n = whole(text.trim());
      if (!(n >= field.min && n <= field.max)) throw bad(`a whole number from ${field.min} to ${field.max}`);
      return n;
    }
    case 'list': {
      const list = [
        ...new Set(
          text
            .split(/[\s,;，、-]+/)
            .filter(Boolean)
            .map(whole),
        ),
      ].sort((a, b) => a - b);
      if (list.length === 0 || list.length > field.most || !list.every((n) => n >= field.min && n <= field.max)) {
        throw bad(`at most ${field.most} whole numbers from ${field.min} to ${field.max}`);
      }
      return list;
    }
    case 'choice':
      if (!Object.hasOwn(field.choices, text)) throw bad(`one of ${Object.keys(field.choices).join(', ')}`);
      return text;
    case 'data':
      if (!text || text.length > 200 || !suits(text)) throw bad('the name of a data set with pictures of a pen');
      return text;
  }
}

/**
 * Whether experiments can take a data set: its pictures are of a pen, and as
 * large as MNIST's.
 *
 * @param {string} name
 */
function suits(name) {
  const { ink, shape } = setInfo(name);
  return ink && String(shape) === '1,28,28';
}

/**
 * A value as an address has it.
 *
 * @param {any} value
 */
const plain = (value) => (Array.isArray(value) ? value.join('-') : String(value));

/** The settings of one experiment, and their form. */
export class Settings {
  element = make('details', { className: 'group' });
  /** @type {Record<string, any>} */
  values;

  /** @type {Map<string, {input: HTMLInputElement | HTMLSelectElement, wrong: HTMLElement}>} */
  #rows = new Map();
  #fields;
  #i18n;
  #catalog;
  #changed;
  #name;

  /**
   * @param {object} from
   * @param {string} from.name of the experiment
   * @param {Record<string, Field>} from.fields
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/data-catalog.js').DataCatalog} from.catalog
   * @param {() => void} from.changed called when a person has changed one
   */
  constructor({ name, fields, i18n, catalog, changed }) {
    this.#name = name;
    this.#fields = fields;
    this.#i18n = i18n;
    this.#catalog = catalog;
    this.#changed = changed;
    this.values = this.#usual();
    const summary = make('summary');
    i18n.text(summary, 'lab.settings');
    this.element.append(summary, make('div', { className: 'rows' }, ...Object.keys(fields).map((n) => this.#row(n))));
    catalog.on('change', () => void this.#list());
    i18n.onChange(() => void this.#list());
    this.#show();
    void this.#list();
  }

  /**
   * Takes settings from an address, all or none.
   *
   * @param {URLSearchParams} query
   * @throws {InkdriftError} bad-value
   */
  prepare(query) {
    const values = this.#usual();
    for (const [name, text] of query) {
      if (!Object.hasOwn(this.#fields, name)) throw new InkdriftError('setting-unknown', 'the address names it', name);
      values[name] = read(name, this.#fields[name], text);
    }
    this.values = values;
    this.#show();
    void this.#list();
  }

  /** Those that are not as usual, for the address. */
  query() {
    const query = new URLSearchParams();
    for (const [name, { usual }] of Object.entries(this.#fields)) {
      const text = plain(this.values[name]);
      if (text !== plain(usual)) query.set(name, text);
    }
    return query;
  }

  /** @returns {Record<string, any>} */
  #usual() {
    return Object.fromEntries(Object.entries(this.#fields).map(([name, { usual }]) => [name, structuredClone(usual)]));
  }

  /** @param {string} name */
  #row(name) {
    const i18n = this.#i18n;
    const field = this.#fields[name];
    const id = `lab-${this.#name}-${name}`;
    const label = make('label', { htmlFor: id, className: 'name' });
    i18n.text(label, field.word);
    const help = make('p', { className: 'small', id: `${id}-help` });
    i18n.text(help, field.help);
    const wrong = make('p', { className: 'wrong small', id: `${id}-wrong`, hidden: true });
    const chooses = field.type === 'choice' || field.type === 'data';
    const input = chooses
      ? make('select')
      : make('input', { type: 'text', autocomplete: 'off', spellcheck: false, inputMode: field.type === 'int' ? 'numeric' : 'text' });
    if (field.type === 'choice') {
      for (const [value, word] of Object.entries(field.choices)) {
        const option = make('option', { value });
        i18n.text(option, word);
        input.append(option);
      }
    }
    input.id = id;
    input.dataset.testid = id;
    input.setAttribute('aria-describedby', `${help.id} ${wrong.id}`);
    input.addEventListener('change', () => this.#take(name, input.value));
    this.#rows.set(name, { input, wrong });
    return make('div', { className: 'row' }, label, chooses ? make('div', { className: 'pick' }, input) : input, help, wrong);
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #take(name, text) {
    const field = this.#fields[name];
    try {
      this.values[name] = read(name, field, text);
    } catch {
      const row = /** @type {{input: HTMLElement, wrong: HTMLElement}} */ (this.#rows.get(name));
      row.input.setAttribute('aria-invalid', 'true');
      row.wrong.hidden = false;
      if (field.type === 'int') this.#i18n.text(row.wrong, 'set.wrong-number', { min: String(field.min), max: String(field.max) });
      else if (field.type === 'list')
        this.#i18n.text(row.wrong, 'lab.wrong-list', { n: field.most, min: String(field.min), max: String(field.max) });
      return;
    }
    this.#show();
    this.#changed();
  }

  #show() {
    for (const [name, { input, wrong }] of this.#rows) {
      const value = this.values[name];
      input.value = Array.isArray(value) ? value.join(', ') : String(value);
      input.removeAttribute('aria-invalid');
      wrong.hidden = true;
    }
  }

  /** Shows which data sets there are. */
  async #list() {
    const all = await this.#catalog.list();
    for (const [name, { type }] of Object.entries(this.#fields)) {
      if (type !== 'data') continue;
      const names = all.map((s) => s.name).filter(suits);
      if (!names.includes(this.values[name])) names.push(this.values[name]);
      const options = names.map((n) => make('option', { value: n }, isMade(n) ? this.#i18n.t(madeSets[n].word) : n));
      const { input } = /** @type {{input: HTMLElement}} */ (this.#rows.get(name));
      input.replaceChildren(...options);
      /** @type {HTMLSelectElement} */ (input).value = this.values[name];
    }
  }
}
