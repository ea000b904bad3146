/**
 * People's own pictures: a photograph whose patches are learnt, pictures or
 * archives of them, batches of CIFAR-10 or CIFAR-100, and sets in arrays whose pictures
 * lie on their side. Before any of it is read as a whole a preview shows what becomes of it.
 *
 * @typedef {import('../../training/data-reader.js').NamedFile} Given
 * @typedef {import('../../training/data-reader.js').Found} Found
 * @typedef {{kind: 'album' | 'patches' | 'cifar' | 'idx', name: string, given: Given[], found: Found}} Opened
 * @typedef {import('../../training/data-catalog.js').OwnDataInfo} About
 */
import { disableAWhile, make, passFocus } from '../../lib/dom.js';
import { particulars } from '../../lib/errors.js';
import { putSheet } from './data-summary.js';
import { leftOutList } from './left-out.js';
import { arraysName, dataError, inspect, suggestName, packFiles } from '../../training/data-reader.js';

/** Pictures of the preview, and bytes up to which all files are read for it. */
const preview = { columns: 12, rows: 3 };
const wholeBytes = 1 << 20;

/** What can be chosen of each: its values, the usual one first, and its words. */
const options = {
  size: { key: 'pictures.size', values: ['32', '28'] },
  colours: { key: 'pictures.colours', values: ['3', '1'], words: ['pictures.in-colour', 'pictures.in-grey'] },
  fit: { key: 'pictures.fit', values: ['crop', 'whole'], words: ['pictures.crop', 'pictures.whole'] },
  scale: { key: 'pictures.scale', values: ['2', '1', '4', '8'] },
  count: { key: 'pictures.count', values: ['6000', '2000', '20000'] },
  turn: { key: 'pictures.turn', values: ['always', 'never'], words: ['pictures.turned', 'pictures.as-stored'] },
};

/** Which of them apply. @type {Record<string, (keyof typeof options)[]>} */
const applying = { album: ['size', 'colours', 'fit'], patches: ['size', 'colours', 'scale', 'count'], cifar: [], idx: ['turn'] };

/** What is said of each kind. @type {Record<string, string>} */
const kindWords = { album: 'pictures.album', patches: 'pictures.patches', cifar: 'pictures.cifar', idx: 'pictures.arrays' };

/** Seed of the places of patches and of the choice of examples. */
const seed = 1;

/** The panel. */
export class OwnPictures {
  element = make('section', { className: 'own', hidden: true });

  #i18n;
  #reader;
  #onReady;
  #home;
  #title = make('h3', { id: 'own-head', tabIndex: -1 });
  #about = make('p', { className: 'small' });
  #canvas = make('canvas', { className: 'sheet', hidden: true });
  #said = make('p', { className: 'small' });
  #classes = make('p', { className: 'small', hidden: true });
  #left = make('p', { className: 'small', hidden: true });
  #wrong = make('div', { className: 'note', hidden: true });
  #bar = make('progress', { className: 'way', hidden: true });
  #use = make('button', { type: 'button', className: 'strong' });
  /** @type {Record<string, {select: HTMLSelectElement, label: HTMLElement}>} */
  #picks = {};
  /** @type {Opened | null} */
  #open = null;
  /** Counts what was asked, so that only the newest answer is shown. */
  #asked = 0;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/data-reader.js').DataReader} from.reader
   * @param {(set: {name: string, files: import('../../training/own-data.js').DataFiles, info: About}) => Promise<void>} from.onReady takes a set that was read
   * @param {HTMLElement} from.home has the focus after it is closed
   */
  constructor({ i18n, reader, onReady, home }) {
    this.#i18n = i18n;
    this.#reader = reader;
    this.#onReady = onReady;
    this.#home = home;
    const { element } = this;
    element.dataset.testid = 'own-pictures';
    element.setAttribute('aria-labelledby', this.#title.id);
    this.#wrong.setAttribute('role', 'alert');
    this.#said.setAttribute('role', 'status');
    this.#said.dataset.testid = 'own-said';
    this.#left.dataset.testid = 'own-left-out';
    this.#canvas.setAttribute('role', 'img');
    i18n.attr(this.#canvas, 'aria-label', 'pictures.preview');
    i18n.attr(this.#bar, 'aria-label', 'pictures.reading');
    this.#use.dataset.testid = 'own-use';
    i18n.text(this.#use, 'pictures.use');
    this.#use.addEventListener('click', () => void this.#read());
    const cancel = make('button', { type: 'button' });
    cancel.dataset.testid = 'own-cancel';
    i18n.text(cancel, 'pictures.cancel');
    cancel.addEventListener('click', () => this.close());
    const picks = Object.entries(options).map(([name, option]) => this.#pick(name, option));
    element.append(
      this.#title,
      this.#about,
      make('div', { className: 'picks' }, ...picks),
      this.#canvas,
      this.#said,
      this.#classes,
      this.#left,
      this.#wrong,
      this.#bar,
      make('div', { className: 'buttons' }, this.#use, cancel),
    );
  }

  /**
   * Begins with files that somebody chose.
   *
   * @param {Found} found what they are
   */
  begin(found) {
    const { given } = found;
    const kind = /** @type {Opened['kind']} */ (found.head.kind);
    this.#open = { kind, name: kind === 'idx' ? arraysName(given, found.head) : suggestName(given), given, found };
    this.#picks.turn.select.value = found.head.unsure ? 'never' : 'always';
    this.element.hidden = false;
    this.#i18n.text(this.#title, 'pictures.head', { name: this.#open.name });
    this.#i18n.text(this.#about, found.head.unsure ? 'pictures.arrays-unsure' : kindWords[kind], { files: given.length });
    for (const [name, { label }] of Object.entries(this.#picks)) label.hidden = !applying[kind].includes(/** @type {any} */ (name));
    this.#canvas.hidden = true;
    this.element.scrollIntoView?.({ block: 'nearest' });
    this.#title.focus({ preventScroll: true });
    void this.#preview();
  }

  /**
   * Lets go of the files.
   *
   * @param {boolean} [stop] what reads them ends, too
   */
  close(stop = true) {
    this.#asked++;
    this.#open = null;
    passFocus(this.element, this.#home);
    this.element.hidden = true;
    if (stop) this.#reader.stop();
  }

  /**
   * @param {string} name
   * @param {{key: string, values: string[], words?: string[]}} option
   */
  #pick(name, { key, values, words }) {
    const select = make('select');
    select.dataset.testid = `own-${name}`;
    const span = make('span');
    this.#i18n.text(span, key);
    select.append(
      ...values.map((value, i) => {
        const option = make('option', { value });
        if (words) this.#i18n.text(option, words[i]);
        else if (name === 'size') option.textContent = `${value} × ${value}`;
        else if (name === 'scale')
          this.#i18n.text(option, value === '1' ? 'pictures.scale-one' : 'pictures.scale-of', { n: Number(value) });
        else this.#i18n.text(option, 'pictures.number', { n: Number(value) });
        return option;
      }),
    );
    select.addEventListener('change', () => void this.#preview());
    const label = make('label', { className: 'pick' }, span, select);
    this.#picks[name] = { select, label };
    return label;
  }

  /** The set as the engine is to read it. */
  get #data() {
    const { kind, name } = /** @type {Opened} */ (this.#open);
    const value = (/** @type {string} */ of) => this.#picks[of].select.value;
    if (kind === 'cifar' || kind === 'idx') return { kind, name };
    const side = Number(value('size'));
    /** @type {import('../../generated/protocol.js').Frame} */
    const frame = { shape: [Number(value('colours')), side, side], ...(kind === 'album' && { fit: value('fit') }) };
    return { kind, name, frame, ...(kind === 'patches' && { scale: Number(value('scale')), count: Number(value('count')), seed }) };
  }

  /** Shows some examples. */
  async #preview() {
    const open = this.#open;
    if (!open) return;
    const asked = ++this.#asked;
    this.#busy(true, 'pictures.looking');
    try {
      const { files, give } = await this.#files(open, asked);
      if (asked !== this.#asked) return;
      const { head, bufs } = await this.#reader.request(
        'data.sheet',
        { data: this.#data, ...preview, byClass: false, whole: !give || files[1].byteLength <= wholeBytes, seed },
        files,
        (part) => this.#progress(asked, part),
        give,
      );
      if (asked !== this.#asked) return;
      putSheet(this.#canvas, { head, bytes: new Uint8ClampedArray(bufs[0]) }, null);
      this.#canvas.hidden = false;
      this.#busy(false);
      this.#tell(head);
    } catch (e) {
      if (asked === this.#asked) this.#fault(e);
    }
  }

  /**
   * What a request about the files takes: these, or the arrays that were read. They are read again where they
   * are to be turned in another way.
   *
   * @param {Opened} open
   * @param {number} asked
   * @returns {Promise<{files: ArrayBuffer[], give: boolean}>} give: nobody else needs them
   */
  async #files(open, asked) {
    if (open.kind !== 'idx') return { files: await packFiles(open.given), give: true };
    const turn = /** @type {'always' | 'never'} */ (this.#picks.turn.select.value);
    if (open.found.head.turned !== (turn === 'always')) {
      const found = await inspect(this.#reader, open.given, { turn, onProgress: (part) => this.#progress(asked, part) });
      const { left } = open.found;
      found.head.leftOut.unshift(...left);
      found.head.passed += left.length;
      if (this.#open === open && asked === this.#asked) open.found = { ...found, left };
    }
    return { files: (open.found.files ?? []).map((f) => f?.bytes ?? new ArrayBuffer(0)), give: false };
  }

  /** Says how many there are. @param {import('../../generated/protocol.js').DataSheetOK} head */
  #tell(head) {
    const { train, validation, test, report, classes } = head;
    this.#classes.hidden = classes.length < 2;
    this.#i18n.text(this.#classes, 'data.classes', () => ({ list: new Intl.ListFormat(this.#i18n.lang).format(classes) }));
    if (train > 0) this.#i18n.text(this.#said, 'pictures.counted', { train, validation, test });
    else this.#i18n.text(this.#said, 'pictures.files', { files: report?.files ?? 0 });
    const passed = this.#open?.found.head;
    const left = this.#open?.found.left ?? [];
    if (report) this.#tellLeft([...left, ...report.leftOut], left.length + report.unreadable + report.hidden);
    else if (passed) this.#tellLeft(passed.leftOut, passed.passed);
  }

  /**
   * @param {import('./left-out.js').LeftOut[]} list
   * @param {number} count
   */
  #tellLeft(list, count) {
    this.#left.hidden = count === 0;
    this.#i18n.text(this.#left, 'data.left-out', () => ({ count, list: leftOutList(list, count, this.#i18n) }));
  }

  /** Reads all of it. */
  async #read() {
    const open = this.#open;
    if (!open) return;
    const asked = ++this.#asked;
    if (open.kind === 'idx') {
      await this.#takeArrays(open, asked);
      return;
    }
    this.#busy(true, 'pictures.reading');
    try {
      const files = await packFiles(open.given);
      const { head, bufs } = await this.#reader.request(
        'data.read',
        { data: this.#data },
        files,
        (part) => this.#progress(asked, part),
        true,
      );
      if (asked !== this.#asked) return;
      const { shape, train, validation, test, classes, report } = head;
      const named = ['train-images', 'train-labels', 'test-images', 'test-labels'].map((name, i) =>
        bufs[i].byteLength > 0 ? { name, bytes: bufs[i] } : null,
      );
      const info = { shape, ink: false, classes, train, validation, test, origin: open.kind, ...(report && { report }) };
      await this.#onReady({ name: open.name, files: /** @type {import('../../training/own-data.js').DataFiles} */ (named), info });
      this.close();
    } catch (e) {
      if (asked === this.#asked) this.#fault(e);
    }
  }

  /**
   * Takes arrays as they were read for the preview.
   *
   * @param {Opened} open
   * @param {number} asked
   */
  async #takeArrays(open, asked) {
    try {
      const { head, files } = open.found;
      if (files) await this.#onReady({ name: open.name, files, info: arraysInfo(head) });
      this.close();
    } catch (e) {
      if (asked === this.#asked) this.#fault(e);
    }
  }

  /**
   * @param {boolean} on
   * @param {string} [key] what goes on
   */
  #busy(on, key) {
    this.#wrong.hidden = true;
    this.#left.hidden = this.#left.hidden || on;
    this.#classes.hidden = this.#classes.hidden || on;
    disableAWhile(this.#use, on);
    this.#bar.hidden = !on;
    this.#bar.removeAttribute('value');
    this.element.setAttribute('aria-busy', String(on));
    if (key) this.#i18n.text(this.#said, key);
  }

  /**
   * @param {number} asked
   * @param {number} part
   */
  #progress(asked, part) {
    if (asked === this.#asked) this.#bar.value = part;
  }

  /** Says what is wrong. @param {unknown} e */
  #fault(e) {
    const error = dataError(e);
    this.#busy(false);
    this.#use.disabled = true;
    this.#canvas.hidden = true;
    this.#i18n.text(this.#said, 'pictures.none');
    const sentence = make('span');
    this.#i18n.text(sentence, `error.${error.code}`);
    if (error.leftOut.length > 0) this.#tellLeft(error.leftOut, error.leftOut.length);
    this.#wrong.replaceChildren(sentence, ...particulars(error, this.#i18n));
    this.#wrong.hidden = false;
  }
}

/**
 * What is known of a set in arrays that the engine has read.
 *
 * @param {import('../../training/data-reader.js').Inspected} head
 * @returns {About}
 */
export function arraysInfo({ shape, train, validation, classes, passed, leftOut }) {
  const report = { files: passed + train + validation, pictures: train + validation, hidden: 0, unreadable: passed, leftOut };
  return { shape, ink: shape[0] === 1, train, validation, ...(classes.length > 0 && { classes }), ...(passed > 0 && { report }) };
}
