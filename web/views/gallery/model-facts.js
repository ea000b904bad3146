/**
 * What is known of the models of the gallery, in words.
 */
import { make } from '../../lib/dom.js';
import { explain } from '../../ui/figure-terms.js';
import { isMade, madeSets } from '../../training/made-sets.js';

/** @typedef {ReturnType<typeof speaker>} Speaker */

/**
 * @typedef {object} Figure
 * @property {string} key how it is called
 * @property {'low' | 'high'} [better] which values are better; nothing: neither
 * @property {(f: Record<string, number>, say: Speaker) => string | number | undefined} of its value; undefined or 0 where the entry does not
 *   have it
 * @property {(f: Record<string, number>, say: Speaker) => string | number | undefined} [short] the value in a table
 */

/** Figures that an entry may have, in the order in which they are shown. @type {Record<string, Figure>} */
const figures = {
  nll: {
    key: 'gallery.nll',
    better: 'low',
    of: (f, { t, fixed, whole }) =>
      f.nll && t('gallery.nll-value', { nll: fixed(f.nll, 2), k: whole(f.nllSamples), images: whole(f.images) }),
    short: (f, { fixed }) => f.nll && fixed(f.nll, 2),
  },
  elbo: {
    key: 'gallery.elbo',
    better: 'high',
    of: (f, { t, fixed, whole }) => f.elbo && t('gallery.elbo-value', { elbo: fixed(f.elbo, 2), images: whole(f.images) }),
  },
  fid: {
    key: 'gallery.fid',
    better: 'low',
    of: (f, { t, fixed, whole }) => f.fid && t('gallery.fid-value', { fid: fixed(f.fid, 1), samples: whole(f.fidSamples) }),
    short: (f, { fixed }) => f.fid && fixed(f.fid, 1),
  },
  covered: {
    key: 'gallery.covered',
    better: 'high',
    of: (f, { t }) => f.covered && t('gallery.covered-value', { n: f.covered, of: f.classes }),
  },
  psnr: { key: 'gallery.psnr', better: 'high', of: (f, { fixed }) => f.psnr && `${fixed(f.psnr, 2)} dB` },
  classError: { key: 'gallery.class-error', better: 'low', of: (f, { percent }) => f.classError && percent(f.classError) },
  linearError: { key: 'gallery.linear-error', better: 'low', of: (f, { percent }) => f.linearError && percent(f.linearError) },
  seed: { key: 'gallery.seed', of: (f) => f.seed && String(f.seed) },
};

/**
 * Figures of a model that is told the class of each picture. Its latent vector is
 * to hold everything but the class: that no classifier finds it there is its aim.
 *
 * @type {Record<string, Partial<Figure>>}
 */
const given = {
  nll: { key: 'gallery.nll-given' },
  elbo: { key: 'gallery.elbo-given' },
  linearError: { key: 'gallery.linear-given', better: undefined },
};

/**
 * The figures of a family.
 *
 * @param {string} family
 * @returns {Record<string, Figure>}
 */
function figuresOf(family) {
  if (family !== 'cvae') return figures;
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, { ...figure, ...given[name] }]));
}

/**
 * The name of a figure, with a mark that says which way is better.
 *
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {Pick<Figure, 'key' | 'better'>} figure
 */
export function nameOf(i18n, { key, better }) {
  const name = make('span');
  i18n.text(name, key);
  if (!better) return [name];
  const [mark, words] = [make('span', { className: 'better' }, better === 'low' ? '↓' : '↑'), make('span', { className: 'unseen' })];
  mark.setAttribute('aria-hidden', 'true');
  const way = better === 'low' ? 'gallery.lower' : 'gallery.higher';
  i18n.attr(mark, 'title', way);
  i18n.text(words, way);
  return [name, ' ', mark, words];
}

/**
 * Fills a list with what is known of a model; again when the language changes.
 *
 * @param {import('./gallery-model.js').Listed} entry
 * @param {Pick<import('../../app/context.js').AppContext, 'i18n' | 'terms'>} context
 * @param {number} bytes of the file on its way
 */
export function factsOf(entry, { i18n, terms }, bytes) {
  const list = make('dl', { className: 'facts' });
  const say = speaker(i18n);
  /** @type {[Pick<Figure, 'key' | 'better'>, () => string][]} */
  const facts = [
    [{ key: 'gallery.family' }, () => i18n.t(`set.${entry.family}`)],
    [{ key: 'gallery.data' }, () => dataWord(entry.data, i18n)],
    [
      { key: 'gallery.shape' },
      () => `${entry.input[2]} × ${entry.input[1]}, ${i18n.t(entry.input[0] === 3 ? 'gallery.colour' : 'gallery.grey')}`,
    ],
    [{ key: 'gallery.latent' }, () => say.whole(entry.latent)],
    [{ key: 'model.params' }, () => say.whole(entry.params)],
    [{ key: 'gallery.size' }, () => say.mb(bytes)],
  ];
  if (!entry.data) facts.splice(1, 1);
  for (const figure of Object.values(figuresOf(entry.family))) {
    if (entry.figures && figure.of(entry.figures, say)) facts.push([figure, () => String(figure.of(entry.figures ?? {}, say))]);
  }
  for (const [figure, value] of facts) {
    const is = make('dd');
    i18n.text(is, 'gallery.value', () => ({ value: value() }));
    const key = figure.key === 'gallery.family' ? `set.${entry.family}` : figure.key;
    list.append(make('div', {}, make('dt', {}, ...nameOf(i18n, figure), ...explain(terms, key)), is));
  }
  return list;
}

/** Columns of the table of all models: figures, after what they are. */
const columns = ['nll', 'fid', 'psnr', 'linearError'];

/**
 * A table of all models, to compare them.
 *
 * @param {import('./gallery-model.js').Listed[]} list
 * @param {object} from
 * @param {import('../../lib/i18n.js').I18n} from.i18n
 * @param {(entry: import('./gallery-model.js').Listed) => HTMLElement} from.link shows a model
 * @param {(entry: import('./gallery-model.js').Listed) => number} from.bytes of its file on its way
 * @returns {{table: HTMLTableElement, speed: (name: string, milliseconds: number) => void}} speed: says how long a picture takes here
 */
export function tableOf(list, { i18n, link, bytes }) {
  const say = speaker(i18n);
  const head = (/** @type {Pick<Figure, 'key' | 'better'>} */ figure) => {
    const cell = make('th', {}, ...nameOf(i18n, figure));
    cell.setAttribute('scope', 'col');
    return cell;
  };
  const cell = (/** @type {() => string} */ value) => {
    const is = make('td');
    i18n.text(is, 'gallery.value', () => ({ value: value() }));
    return is;
  };
  /** @type {Map<string, HTMLElement>} */
  const speeds = new Map();
  const rows = list.map((entry) => {
    const all = figuresOf(entry.family);
    const name = make('th', {}, link(entry));
    name.setAttribute('scope', 'row');
    const speed = cell(() => '–');
    speeds.set(entry.name, speed);
    const values = columns.map((column) => {
      const { of, short = of, key } = all[column];
      const value = () => short(entry.figures ?? {}, say);
      if (!value() || key === given.linearError.key) return cell(() => '–');
      return cell(() => (key in givenKeys ? i18n.t('gallery.given', { value: String(value()) }) : String(value())));
    });
    return make(
      'tr',
      {},
      name,
      cell(() => (entry.data ? dataWord(entry.data, i18n) : '–')),
      cell(() => say.whole(entry.params)),
      cell(() => say.mb(bytes(entry))),
      ...values,
      speed,
    );
  });
  const caption = make('caption', { className: 'small' });
  i18n.text(caption, 'gallery.compare-note');
  const heads = [
    { key: 'gallery.model' },
    { key: 'gallery.data' },
    { key: 'model.params' },
    { key: 'gallery.size' },
    ...columns.map((name) => figures[name]),
    { key: 'gallery.speed', better: /** @type {'low'} */ ('low') },
  ];
  const table = make('table', {}, caption, make('thead', {}, make('tr', {}, ...heads.map(head))), make('tbody', {}, ...rows));
  return {
    table,
    speed(name, milliseconds) {
      const at = speeds.get(name);
      if (at) i18n.text(at, 'gallery.speed-value', () => ({ ms: say.fixed(milliseconds, milliseconds < 1 ? 2 : 1) }));
    },
  };
}

/** Figures that are of a given class. */
const givenKeys = Object.fromEntries([given.nll, given.elbo].map(({ key }) => [key, true]));

/**
 * What a data set is called; one that nothing is known of by its name.
 *
 * @param {string} name
 * @param {import('../../lib/i18n.js').I18n} i18n
 */
function dataWord(name, i18n) {
  if (name === 'mnist') return i18n.t('gallery.mnist');
  return isMade(name) ? i18n.t(madeSets[name].word) : name;
}

/**
 * Numbers in the words of the page.
 *
 * @param {import('../../lib/i18n.js').I18n} i18n
 */
export function speaker(i18n) {
  const fixed = (/** @type {number} */ v, /** @type {number} */ digits) =>
    v.toLocaleString(i18n.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return {
    t: i18n.t.bind(i18n),
    fixed,
    whole: (/** @type {number} */ v) => v.toLocaleString(i18n.lang),
    percent: (/** @type {number} */ v) => `${fixed(100 * v, 2)} %`,
    mb: (/** @type {number} */ bytes) => `${fixed(bytes / 1e6, 1)} MB`,
  };
}

/**
 * The samples in an entry.
 *
 * @param {import('./gallery-model.js').Listed} entry
 * @returns {{pictures: Float32Array, count: number} | null}
 */
export function sheetOf({ sheet = '', input }) {
  const count = Math.floor(sheet.length / input.reduce((a, b) => a * b, 1));
  return count > 0 ? { pictures: Float32Array.from(sheet, (digit) => parseInt(digit, 16) / 15), count } : null;
}

/**
 * The set that a model was trained on, as its file says; '' where it says nothing.
 * What is no model is for the engine to tell.
 *
 * @param {ArrayBuffer} bytes a safetensors file
 */
export function trainedOn(bytes) {
  try {
    const length = Number(new DataView(bytes).getBigUint64(0, true));
    const { __metadata__: about } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
    return String(about.data ?? '').replace(/,.*|-train( and drawings)?$/s, '');
  } catch {
    return '';
  }
}
