/**
 * Where the data is chosen: the list of sets, files and folders of one's own, and
 * what the chosen set is.
 */
import { download, make, namedFile, passFocus } from '../../lib/dom.js';
import { loadModule } from '../../lib/load-module.js';
import { addStyle } from '../../lib/styles.js';
import { answer } from '../../ui/answer.js';
import { arraysName, inspect } from '../../training/data-reader.js';
import { DataSummary } from './data-summary.js';
import { leftOutList } from './left-out.js';
import { InkdriftError } from '../../lib/errors.js';
import { fileName } from '../../lib/file-name.js';
import { madeSets } from '../../training/made-sets.js';
import { arraysInfo, OwnPictures } from './own-pictures.js';

/** The value of the entry that chooses a folder: no set can have this name. */
const folderValue = '/';

/** About how many pictures a run on somebody's own sees, all epochs together; and fewest and most epochs. */
const seen = { pictures: 200_000, least: 5, most: 500 };

/** What the engine calls the files of a set in errors. */
const fileFields = ['training images', 'training labels', 'test images', 'test labels'];

/** How long nothing happens before what reads files is started, in milliseconds. */
const holdMs = 1500;

/** The part of the train view that chooses the data. */
export class DataChooser {
  /** The list of sets. */
  select = make('select', { id: 'train-data' });
  /** Files that were just chosen. */
  element = make('div', { className: 'data' });
  /** What can be done with data of one's own. */
  tools = make('div', { className: 'buttons' });

  #i18n;
  #training;
  /** What has been drawn on the sheet and is no set yet. @type {import('../../training/own-hand.js').HandSheet | null} */
  #sheet = null;
  #catalog;
  #status;
  #set;
  #shaped;
  #fail;
  #view;
  #own;
  #reader;
  #waiting = make('p', { className: 'small', hidden: true });
  #passed = make('p', { className: 'small passed', hidden: true });
  #idle = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holding;
  /** Counts what was chosen, so that only the newest is taken. */
  #taking = 0;
  #forget = make('button', { type: 'button', hidden: true });
  #zip = make('button', { type: 'button', hidden: true });
  #inputs = [false, true].map((webkitdirectory) => make('input', { type: 'file', multiple: true, hidden: true, webkitdirectory }));
  /** What the catalog has. @type {Map<string, import('../../training/data-catalog.js').CatalogEntry>} */
  #sets = new Map();

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {import('../../training/data-catalog.js').DataCatalog} from.catalog
   * @param {import('../../training/data-reader.js').DataReader} from.reader
   * @param {() => Record<string, string>} from.colours
   * @param {import('../../lib/local-storage.js').LocalStore} from.store
   * @param {import('../../ui/status.js').StatusOfView} from.status
   * @param {(part: Partial<import('../../training/settings.js').Settings>) => void} from.set changes settings
   * @param {() => void} from.shaped called when more is known of the sets
   * @param {(error: unknown) => void} from.fail
   */
  constructor({ i18n, training, catalog, reader, colours, store, status, set, shaped, fail }) {
    this.#i18n = i18n;
    this.#training = training;
    this.#catalog = catalog;
    this.#status = status;
    this.#set = set;
    this.#shaped = shaped;
    this.#fail = fail;
    this.#reader = reader;
    this.#view = new DataSummary({ i18n, catalog, reader, colours, store, fail });
    this.#own = new OwnPictures({ i18n, reader, onReady: (own) => this.#takeOwn(own), home: this.select });
    this.select.dataset.testid = 'dataset';
    this.select.addEventListener('change', () => this.#chose(this.select.value));
    i18n.text(this.#forget, 'data.forget');
    this.#forget.dataset.testid = 'forget-data';
    this.#forget.addEventListener('click', () => void this.#forgetIt().catch(fail));
    const mine = make('button', { type: 'button' });
    i18n.text(mine, 'pictures.mine');
    i18n.attr(mine, 'title', 'pictures.mine-title');
    mine.dataset.testid = 'own-choose';
    mine.addEventListener('click', () => this.#choose(0));
    this.#waiting.setAttribute('role', 'status');
    i18n.text(this.#waiting, 'data.inspecting');
    this.#passed.dataset.testid = 'data-passed';
    this.#passed.setAttribute('role', 'status');
    for (const input of this.#inputs) {
      input.addEventListener('change', () => {
        if (input.files?.length) void this.take([...input.files].map(namedFile));
        input.value = '';
      });
    }
    const draw = make('button', { type: 'button' });
    i18n.text(draw, 'own-hand.open');
    i18n.attr(draw, 'title', 'own-hand.open-title');
    draw.dataset.testid = 'own-hand-open';
    draw.addEventListener('click', () => void this.#drawOwn(colours).catch(fail));
    i18n.text(this.#zip, 'own-hand.zip');
    i18n.attr(this.#zip, 'title', 'own-hand.zip-title');
    this.#zip.dataset.testid = 'export-data';
    this.#zip.addEventListener('click', () => void this.#saveZip().catch(fail));
    this.tools.append(mine, draw, this.#zip, this.#forget);
    this.element.append(this.#waiting, this.#passed, this.#own.element, ...this.#inputs);
    catalog.on('change', () => void this.list());
    i18n.onChange(() => void this.list());
    void this.list();
    void catalog.findServed().catch(fail);
  }

  /** What is known of the chosen set. */
  get summary() {
    return this.#view.element;
  }

  /** Other colours. */
  refresh() {
    this.#view.refresh();
  }

  /** Tells of the set that is chosen. */
  show() {
    const { data, images } = this.#training.settings;
    if (this.select.value !== data) void this.list();
    this.#view.show(data, this.#sets.get(data), images);
  }

  /** Files are about to come: what reads them is started. */
  prepare() {
    this.#reader.prepare();
  }

  /**
   * Whether the chooser is seen and nothing else has to be computed: then what reads files is held ready, after a
   * moment in which a run may begin.
   *
   * @param {boolean} seen
   */
  idle(seen) {
    if (seen === this.#idle) return;
    this.#idle = seen;
    clearTimeout(this.#holding);
    if (seen) this.#holding = setTimeout(() => this.#reader.hold(true), holdMs);
    else this.#reader.hold(false);
  }

  /**
   * Takes the files of a data set. It is chosen once it has been read.
   *
   * @param {import('../../training/data-reader.js').NamedFile[]} given
   */
  async take(given) {
    const taking = ++this.#taking;
    this.#own.close(false);
    this.#tellPassed([], 0);
    this.#waiting.hidden = false;
    try {
      const found = await inspect(this.#reader, given);
      if (taking !== this.#taking) return;
      const { head, files } = found;
      if (!files || head.turned || head.unsure) {
        this.#own.begin(found);
        return;
      }
      const data = await this.#catalog.addRead(arraysName(found.given, head), files, arraysInfo(head));
      if (taking !== this.#taking) return;
      this.#set({ data });
      this.#tellPassed(head.leftOut, head.passed);
      this.#status.say('pictures.ready', { name: data });
    } catch (e) {
      if (taking !== this.#taking) return;
      const { leftOut } = InkdriftError.from(e);
      // One that is alone is told of by the error, but for the name of its format.
      if (leftOut.length > 1 || ['format', 'unsupported', 'nested'].includes(leftOut[0]?.why)) this.#tellPassed(leftOut, leftOut.length);
      this.#fail(e);
    } finally {
      if (taking === this.#taking) this.#waiting.hidden = true;
    }
  }

  /**
   * A run could not be opened. A set that cannot be read does not stay chosen; it can be chosen again, and
   * removed.
   *
   * @param {InkdriftError} why
   */
  failed({ field, ofData }) {
    const { data } = this.#training.settings;
    const own = ['saved', 'memory'].includes(this.#sets.get(data)?.from ?? '');
    if (own && (ofData || fileFields.includes(field))) this.#set({ data: 'digits' });
  }

  /**
   * Says which files were passed over, and why.
   *
   * @param {import('./left-out.js').LeftOut[]} list
   * @param {number} count
   */
  #tellPassed(list, count) {
    this.#passed.hidden = count === 0;
    this.#i18n.text(this.#passed, 'data.left-out', () => ({ count, list: leftOutList(list, count, this.#i18n) }));
  }

  /**
   * Takes somebody's own pictures, with the preset that suits them.
   *
   * @param {{name: string, files: import('../../training/own-data.js').DataFiles, info: import('../../training/data-catalog.js').OwnDataInfo}} own
   */
  async #takeOwn({ name, files, info }) {
    const data = await (info.origin ? this.#catalog.add(name, files, info) : this.#catalog.addRead(name, files, info));
    const { train = 0, origin, shape } = info;
    const epochs = Math.round(Math.min(Math.max(seen.pictures / Math.max(train, 1), seen.least), seen.most));
    const preset = origin === 'patches' && shape[0] === 1 ? 'textures' : 'pictures';
    // Drawings in arrays are trained on as those of MNIST are.
    this.#set(origin ? { preset, workers: this.#training.settings.workers, data, epochs } : { data });
    await this.list(); // the preview closes when the set is there to be seen
    this.#status.say('pictures.ready', { name: data });
  }

  /**
   * Lets a person draw a set, and chooses it with the preset that learns a hand.
   *
   * @param {() => Record<string, string>} colours
   */
  async #drawOwn(colours) {
    this.prepare();
    const [{ drawOwnHand }, { HandSheet, makeHandSet }] = await Promise.all([
      loadModule(() => import('./own-hand.js'), 'own-hand.js'),
      loadModule(() => import('../../training/own-hand.js'), 'own-hand.js'),
      addStyle('css/own-hand.css'),
    ]);
    this.#sheet ??= new HandSheet();
    const sheet = this.#sheet;
    if (!(await drawOwnHand({ i18n: this.#i18n, colours, sheet }))) return;
    this.#waiting.hidden = false;
    try {
      const { files, info } = await makeHandSet(this.#reader, sheet.save());
      const data = await this.#catalog.add(this.#i18n.t('own-hand.name'), files, info);
      this.#sheet = null;
      // Play is to train on these: a run that is paused stays in the list of runs.
      if (this.#training.status === 'paused') await this.#training.reset();
      this.#set({ preset: 'own-hand', workers: this.#training.settings.workers, data });
      await this.list();
      this.#status.say('pictures.ready', { name: data });
    } finally {
      this.#waiting.hidden = true;
    }
  }

  /** Saves the chosen set as an archive of pictures. */
  async #saveZip() {
    const { data } = this.#training.settings;
    const { zipOf } = await loadModule(() => import('../../training/own-hand.js'), 'own-hand.js');
    const { files } = await this.#catalog.open(data);
    const { bytes } = await zipOf(this.#reader, files, this.#sets.get(data)?.info ?? null);
    const name = `${fileName(data, 'data')}.zip`;
    download(bytes, 'application/zip', name);
    answer(this.#zip, this.#i18n.t('answer.saved', { name }));
  }

  async #forgetIt() {
    const { data } = this.#training.settings;
    this.#tellPassed([], 0);
    this.#set({ data: 'digits' });
    await this.#catalog.remove(data);
  }

  /** Another set was chosen, or files are to be. @param {string} value */
  #chose(value) {
    if (value !== '' && value !== folderValue) {
      this.#tellPassed([], 0);
      this.#set({ data: value });
      return;
    }
    this.select.value = this.#training.settings.data;
    this.#choose(value === '' ? 0 : 1);
  }

  /** Lets a person choose: files, or a folder. @param {0 | 1} what */
  #choose(what) {
    this.prepare();
    this.#inputs[what].click();
  }

  /** Shows which sets there are: at once those that need no storage, which may be slow. */
  async list() {
    if (this.select.options.length === 0) this.#fill(Object.keys(madeSets).map((name) => ({ name, from: 'made', bytes: 0 })));
    try {
      const list = await this.#catalog.list();
      this.#fill(list);
      this.#sets = new Map(list.map((s) => [s.name, s]));
      this.show();
      this.#shaped();
    } catch (e) {
      this.#fail(e);
    }
  }

  /**
   * @param {import('../../training/data-catalog.js').CatalogEntry[]} list
   */
  #fill(list) {
    const i18n = this.#i18n;
    const { data } = this.#training.settings;
    if (!list.some((s) => s.name === data)) list.push({ name: data, from: 'memory', bytes: 0 });
    const size = (/** @type {number} */ bytes) => (bytes / 1e6).toLocaleString(i18n.lang, { maximumFractionDigits: 1 });
    const options = list.map((s) => {
      const option = make('option', { value: s.name }, s.name);
      if (s.from === 'made') i18n.text(option, madeSets[s.name].word);
      else if (s.from === 'served') i18n.text(option, 'data.served', () => ({ name: s.name, mb: size(s.bytes) }));
      return option;
    });
    const open = make('option', { value: '' });
    i18n.text(open, 'data.open');
    const folder = make('option', { value: folderValue });
    i18n.text(folder, 'data.open-folder');
    this.select.replaceChildren(...options, open, folder);
    this.select.value = data;
    const own = list.some((s) => s.name === data && (s.from === 'saved' || s.from === 'memory'));
    for (const button of [this.#forget, this.#zip]) {
      if (!own) passFocus(button, this.select);
      button.hidden = !own;
    }
  }
}
