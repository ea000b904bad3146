/**
 * The models of the gallery as a list: cards with samples, a table to compare
 * them, a row of links beside the chosen model, and what opens a visitor's own file.
 *
 * @typedef {import('./gallery-model.js').Listed} Listed
 */
import { make } from '../../lib/dom.js';
import { factsOf, sheetOf, speaker, tableOf } from './model-facts.js';
import { Pictures } from '../../ui/pictures.js';
import { setInfo, tones } from '../../training/made-sets.js';

/** What an address of this view begins with. */
export const place = '#gallery';

/** Samples in a row of a card. */
export const across = 5;

/**
 * How pictures of a set look.
 *
 * @param {string} data
 * @returns {import('../../ui/pictures.js').Look}
 */
export const lookOf = (data) => (setInfo(data).ink ? 'ink' : 'smooth');

/**
 * The address that shows a model.
 *
 * @param {Listed} entry
 */
export const addressOf = ({ bytes, name }) => (bytes ? `${place}?own` : `${place}?m=${name}`);

/**
 * What a model is called.
 *
 * @param {Listed} entry
 * @param {import('../../lib/i18n.js').I18n} i18n
 */
export const titleOf = (entry, i18n) => entry.title[i18n.lang] ?? entry.name;

/**
 * A link to a model's card.
 *
 * @param {Listed} entry
 * @param {import('../../lib/i18n.js').I18n} i18n
 */
export function cardLink(entry, i18n) {
  const a = make('a', { href: `models/${entry.name}.md`, target: '_blank', rel: 'noopener', className: 'small' });
  i18n.text(a, 'gallery.card', () => ({ model: titleOf(entry, i18n) }));
  return a;
}

/** The list of the models. */
export class GalleryList {
  /** Intro, cards and table: what is shown while no model is chosen. @type {HTMLElement[]} */
  elements;
  /** What opens a file. */
  opener = make('div', { className: 'opener' });
  /** Links beside the chosen model. */
  row = make('div', { className: 'models' });

  #context;
  #bytesOf;
  #onFile;
  /** Links of the cards. @type {Map<Listed, HTMLAnchorElement>} */
  #openers = new Map();
  /** Links to the visitor's own model, in the list and beside the others. */
  #ownLinks = [0, 1].map(() => make('a', { href: `${place}?own`, hidden: true }));
  /** Says that the visitor's own model is not here any more. */
  #missingNote = make('p', { hidden: true });
  /** Samples that came with the list. @type {Pictures[]} */
  #sheets = [];
  /** Says in the table how long a picture takes. @type {(name: string, milliseconds: number) => void} */
  tellSpeed;

  /**
   * @param {object} from
   * @param {import('../../app/context.js').AppContext} from.context
   * @param {Listed[]} from.list
   * @param {(entry: Listed) => number} from.bytesOf what is fetched of a listed model
   * @param {(file: File) => void} from.onFile called with a file that was chosen
   */
  constructor({ context, list, bytesOf, onFile }) {
    const { i18n } = context;
    this.#context = context;
    this.#bytesOf = bytesOf;
    this.#onFile = onFile;
    const { table, speed } = tableOf(list, { i18n, link: (entry) => this.#link(entry, 'gallery.value'), bytes: bytesOf });
    this.tellSpeed = speed;
    const intro = make('div', { className: 'intro' }, this.#say(make('h2'), 'gallery.head'), this.#say(make('p'), 'gallery.about'));
    this.#fillOpener();
    intro.append(this.opener);
    const cards = make('div', { className: 'cards' }, ...list.map((entry) => this.#card(entry)));
    this.elements = [intro, cards, this.#compare(table)];

    this.row.setAttribute('role', 'navigation');
    i18n.attr(this.row, 'aria-label', 'gallery.models');
    const arrow = make('span', {}, '←');
    arrow.setAttribute('aria-hidden', 'true');
    const all = make('a', { href: place, className: 'back' }, arrow, this.#say(make('span'), 'gallery.all'));
    all.dataset.testid = 'gallery-all';
    this.row.append(all, ...list.map((entry) => this.#thumb(entry)), this.#ownLinks[0]);
  }

  /**
   * Shows the list, or the row with a model.
   *
   * @param {Listed | null} chosen
   * @param {boolean} missing whether the visitor's own model is wanted and not here
   */
  show(chosen, missing) {
    for (const e of this.elements) e.hidden = chosen !== null;
    this.#missingNote.hidden = !missing;
    for (const link of this.row.querySelectorAll('a')) {
      if (chosen && link.hash === addressOf(chosen)) {
        link.setAttribute('aria-current', 'true');
        link.scrollIntoView({ block: 'nearest', inline: 'center' }); // a phone cannot show all of them
      } else link.removeAttribute('aria-current');
    }
  }

  /** Lists the visitor's own model. @param {string} name */
  listOwn(name) {
    for (const link of this.#ownLinks) {
      link.hidden = false;
      this.#context.i18n.text(link, 'gallery.own', { name });
    }
  }

  /** Goes to the card of a model. @param {Listed} entry */
  focus(entry) {
    this.#openers.get(entry)?.focus();
  }

  /** Other colours. */
  themed() {
    for (const sheet of this.#sheets) sheet.redraw();
  }

  /** @template {HTMLElement} T @param {T} e @param {string} key @returns {T} */
  #say(e, key) {
    this.#context.i18n.text(e, key);
    return e;
  }

  /** @param {HTMLTableElement} table */
  #compare(table) {
    const compare = make('details', { className: 'group compare' });
    table.dataset.testid = 'gallery-table';
    compare.dataset.testid = 'gallery-compare';
    compare.append(this.#say(make('summary'), 'gallery.compare'), make('div', { className: 'scrolls' }, table));
    return compare;
  }

  /** Fills in what opens a file. */
  #fillOpener() {
    const file = make('input', { type: 'file', accept: '.safetensors', hidden: true });
    file.addEventListener('change', () => {
      if (file.files?.[0]) this.#onFile(file.files[0]);
      file.value = '';
    });
    const open = this.#say(make('button', { type: 'button' }), 'gallery.open');
    open.dataset.testid = 'gallery-file';
    open.addEventListener('click', () => file.click());
    this.#missingNote.setAttribute('role', 'status');
    this.#say(this.#missingNote, 'gallery.gone');
    this.opener.append(open, file, this.#ownLinks[1], this.#missingNote);
  }

  /** The card of a model. @param {Listed} entry */
  #card(entry) {
    const { i18n } = this.#context;
    const about = make('p');
    i18n.text(about, 'gallery.value', () => ({ value: entry.about[i18n.lang] ?? '' }));
    const link = this.#link(entry, 'gallery.value');
    link.dataset.testid = `gallery-open-${entry.name}`;
    this.#openers.set(entry, link);
    const what = make('summary');
    i18n.text(what, 'gallery.figures', () => ({ size: speaker(i18n).mb(this.#bytesOf(entry)) }));
    const facts = make('details', {}, what, factsOf(entry, this.#context, this.#bytesOf(entry)), cardLink(entry, i18n));
    const sheet = this.#sheet(entry);
    if (sheet instanceof HTMLElement) sheet.addEventListener('click', () => link.click());
    return make('article', {}, sheet, make('h3', {}, link), about, facts);
  }

  /** A link to a model with one of its samples. @param {Listed} entry */
  #thumb(entry) {
    const link = this.#link(entry, '');
    const title = make('span');
    const { i18n } = this.#context;
    i18n.text(title, 'gallery.value', () => ({ value: titleOf(entry, i18n) }));
    link.append(this.#sheet(entry, 1), title);
    return link;
  }

  /**
   * Samples that came with the list.
   *
   * @param {Listed} entry
   * @param {number} [most] how many; all of them are named
   */
  #sheet(entry, most = Infinity) {
    const sheet = sheetOf(entry);
    if (!sheet) return '';
    const { i18n, colours } = this.#context;
    const count = Math.min(sheet.count, most);
    const canvas = make('canvas');
    if (count < sheet.count) canvas.setAttribute('aria-hidden', 'true');
    else {
      canvas.setAttribute('role', 'img');
      i18n.attr(canvas, 'aria-label', 'gallery.sheet', () => ({ model: titleOf(entry, i18n) }));
    }
    const pictures = new Pictures(canvas, {
      count,
      rows: 1,
      columns: Math.min(count, across),
      gap: 0.05,
      look: () => lookOf(entry.data),
      colours: () => tones(entry.data, colours()),
    });
    pictures.show([sheet.pictures], count, entry.input);
    this.#sheets.push(pictures);
    return make('div', { className: 'sheet' }, canvas);
  }

  /**
   * A link that shows a model.
   *
   * @param {Listed} entry
   * @param {string} key of its words; empty: it gets none
   */
  #link(entry, key) {
    const { i18n } = this.#context;
    const a = make('a', { href: `${place}?m=${entry.name}` });
    if (key) i18n.text(a, key, () => ({ value: titleOf(entry, i18n) }));
    return a;
  }
}
