/**
 * What the chosen data set is: a sentence, how many pictures there are and how
 * they are dealt out, what was left out, and a sheet of examples.
 */
import { make } from '../../lib/dom.js';
import { leftOutList } from './left-out.js';
import { colour } from '../../ui/pictures.js';
import { className, isMade, madeSets, setInfo } from '../../training/made-sets.js';

/** Pictures across a sheet, and down where its rows are not classes. */
const sheet = { columns: 12, rows: 4, mostClasses: 10 };

/** What is said of a set that came in files. @type {Record<string, string>} */
const originWords = { album: 'data.album-about', patches: 'data.patches-about', cifar: 'data.cifar-about' };

/** @typedef {import('../../training/data-catalog.js').CatalogEntry} Shelved */

/** What is known of the data, and a sheet of examples. */
export class DataSummary {
  element = make('details', { className: 'data-about' });

  #i18n;
  #catalog;
  #reader;
  #colours;
  #fail;
  #counts = make('span', { className: 'small' });
  #about = make('p', { className: 'small' });
  #classes = make('p', { className: 'small' });
  #left = make('p', { className: 'small', hidden: true });
  #canvas = make('canvas', { className: 'sheet', hidden: true });
  #wait = make('p', { className: 'small', hidden: true });
  /** The set that is described, and the one whose sheet is shown. */
  #name = '';
  #shown = '';
  /** What the engine painted. @type {{head: import('../../generated/protocol.js').DataSheetOK, bytes: Uint8ClampedArray} | null} */
  #sheet = null;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/data-catalog.js').DataCatalog} from.catalog
   * @param {import('../../training/data-reader.js').DataReader} from.reader
   * @param {() => Record<string, string>} from.colours
   * @param {import('../../lib/local-storage.js').LocalStore} from.store
   * @param {(error: unknown) => void} from.fail
   */
  constructor({ i18n, catalog, reader, colours, store, fail }) {
    this.#i18n = i18n;
    this.#catalog = catalog;
    this.#reader = reader;
    this.#colours = colours;
    this.#fail = fail;
    const title = make('span', { className: 'name' });
    i18n.text(title, 'data.about');
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.dataset.testid = 'data-sheet';
    this.#counts.dataset.testid = 'data-counts';
    this.#left.dataset.testid = 'data-left-out';
    i18n.text(this.#wait, 'data.sheet-wait');
    this.element.open = store.get('data-about') === true;
    this.element.append(
      make('summary', {}, title, ' ', this.#counts),
      make('div', { className: 'data-body' }, this.#about, this.#classes, this.#left, this.#wait, this.#canvas),
    );
    this.element.addEventListener('toggle', () => {
      store.set('data-about', this.element.open);
      void this.#paint();
    });
  }

  /** Other colours. */
  refresh() {
    this.#put();
  }

  /**
   * Tells of a set.
   *
   * @param {string} name
   * @param {Shelved | undefined} set what the catalog knows of it
   * @param {number} images to train on, of a set that is made
   */
  show(name, set, images) {
    const i18n = this.#i18n;
    const info = set?.info ?? null;
    const { shape, classes } = setInfo(name);
    const made = isMade(name) ? madeSets[name] : null;
    const [channels, height, width] = shape;
    const size = () => ({ width, height, colour: i18n.t(channels === 3 ? 'data.colour' : 'data.grey') });
    const { train = null, validation = 0, test = 0 } = made ? { train: images, validation: made.validation } : (info ?? {});
    if (train === null) i18n.text(this.#counts, 'data.counts-later', size);
    else if (test > 0) i18n.text(this.#counts, 'data.counts-test', () => ({ ...size(), train, validation, test }));
    else i18n.text(this.#counts, 'data.counts', () => ({ ...size(), train, validation }));
    i18n.text(this.#about, made ? made.about : (originWords[info?.origin ?? ''] ?? 'data.idx-about'));
    this.#classes.hidden = classes.length === 0;
    i18n.text(this.#classes, 'data.classes', () => ({
      list: new Intl.ListFormat(i18n.lang).format(classes.map((_, k) => className(name, k, i18n))),
    }));
    this.#leftOut(info?.report);
    this.#name = name;
    void this.#paint();
  }

  /** @param {import('../../training/data-catalog.js').OwnDataInfo['report']} report */
  #leftOut(report) {
    const count = report ? report.unreadable + report.hidden : 0;
    this.#left.hidden = count === 0;
    if (report) this.#i18n.text(this.#left, 'data.left-out', () => ({ count, list: leftOutList(report.leftOut, count, this.#i18n) }));
  }

  /** Has the sheet painted if it can be seen. */
  async #paint() {
    const name = this.#name;
    if (!this.element.open || !name || this.#shown === name) return;
    this.#shown = name;
    this.#wait.hidden = false;
    this.#canvas.hidden = true;
    try {
      const { classes } = setInfo(name);
      const kinds = isMade(name) ? madeSets[name].conditions : classes.length;
      const byClass = kinds > 1 && kinds <= sheet.mostClasses;
      const files = isMade(name) ? [] : (await this.#catalog.open(name)).files;
      const data = isMade(name) ? { kind: name, count: 20_000, seed: 1 } : { kind: 'idx', name };
      const { head, bufs } = await this.#reader.request(
        'data.sheet',
        { data, columns: sheet.columns, rows: byClass ? kinds : sheet.rows, byClass, whole: false, seed: 1 },
        files,
      );
      if (this.#name !== name) return;
      this.#sheet = { head, bytes: new Uint8ClampedArray(bufs[0]) };
      this.#i18n.attr(this.#canvas, 'aria-label', byClass ? 'data.sheet-classes' : 'data.sheet');
      this.#canvas.hidden = false;
      this.#put();
    } catch (e) {
      if (this.#name === name) this.#shown = '';
      this.#fail(e);
    } finally {
      this.#wait.hidden = this.#name === this.#shown;
    }
  }

  #put() {
    if (this.#sheet) putSheet(this.#canvas, this.#sheet, setInfo(this.#shown).ink ? this.#colours() : null);
  }
}

/**
 * Puts a sheet that the engine has painted onto a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{head: import('../../generated/protocol.js').DataSheetOK, bytes: Uint8ClampedArray}} sheet
 * @param {Record<string, string> | null} colours of ink and paper; null: as they are
 */
export function putSheet(canvas, { head, bytes }, colours) {
  const { width, height } = head;
  Object.assign(canvas, { width, height });
  const image = new ImageData(bytes.slice(), width, height);
  if (colours && head.shape[0] === 1) {
    colour(
      Float32Array.from({ length: width * height }, (_, i) => bytes[4 * i] / 255),
      image.data,
      colours.paper,
      colours.ink,
    );
    for (let i = 3; i < bytes.length; i += 4) image.data[i] = bytes[i];
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
