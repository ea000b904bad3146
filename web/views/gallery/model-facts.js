/**
 * What is known of the models of the gallery, in words.
 */
import { make } from '../../lib/dom.js';
import { isMade, madeSets } from '../../training/made-sets.js';

/**
 * Figures that an entry may have, in the order in which they are shown: how they
 * are called, and their values; undefined or 0 where the entry does not have it.
 *
 * @type {[string, (f: Record<string, number>, say: ReturnType<typeof speaker>) => string | number | undefined][]}
 */
const figures = [
  [
    'gallery.nll',
    (f, { t, fixed, whole }) => f.nll && t('gallery.nll-value', { nll: fixed(f.nll, 2), k: whole(f.nllSamples), images: whole(f.images) }),
  ],
  ['gallery.elbo', (f, { t, fixed, whole }) => f.elbo && t('gallery.elbo-value', { elbo: fixed(f.elbo, 2), images: whole(f.images) })],
  ['gallery.class-error', (f, { percent }) => f.classError && percent(f.classError)],
  ['gallery.linear-error', (f, { percent }) => f.linearError && percent(f.linearError)],
  ['gallery.psnr', (f, { fixed }) => f.psnr && `${fixed(f.psnr, 2)} dB`],
  ['gallery.fid', (f, { t, fixed, whole }) => f.fid && t('gallery.fid-value', { fid: fixed(f.fid, 1), samples: whole(f.fidSamples) })],
  ['gallery.covered', (f, { t }) => f.covered && t('gallery.covered-value', { n: f.covered, of: f.classes })],
  ['gallery.seed', (f) => f.seed && String(f.seed)],
];

/** What a figure is called where the class of each picture is told. @type {Record<string, string>} */
const given = { 'gallery.nll': 'gallery.nll-given', 'gallery.elbo': 'gallery.elbo-given' };

/**
 * Fills a list with what is known of a model; again when the language changes.
 *
 * @param {import('./gallery-model.js').Listed} entry
 * @param {import('../../lib/i18n.js').I18n} i18n
 * @param {number} bytes of the file on its way
 */
export function factsOf(entry, i18n, bytes) {
  const list = make('dl', { className: 'facts' });
  const say = speaker(i18n);
  /** @type {[string, () => string][]} */
  const facts = [
    ['gallery.family', () => i18n.t(`set.${entry.family}`)],
    ...(entry.data ? [/** @type {[string, () => string]} */ (['gallery.data', () => dataWord(entry.data, i18n)])] : []),
    ['gallery.shape', () => `${entry.input[2]} × ${entry.input[1]}, ${i18n.t(entry.input[0] === 3 ? 'gallery.colour' : 'gallery.grey')}`],
    ['gallery.latent', () => say.whole(entry.latent)],
    ['model.params', () => say.whole(entry.params)],
    ['gallery.size', () => say.mb(bytes)],
  ];
  for (const [key, of] of figures) {
    const words = entry.family === 'cvae' ? (given[key] ?? key) : key;
    if (entry.figures && of(entry.figures, say)) facts.push([words, () => String(of(entry.figures ?? {}, say))]);
  }
  for (const [key, value] of facts) {
    const [term, is] = [make('dt'), make('dd')];
    i18n.text(term, key);
    i18n.text(is, 'gallery.value', () => ({ value: value() }));
    list.append(make('div', {}, term, is));
  }
  return list;
}

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
    return String(about.data ?? '').replace(/,.*|-train$/s, '');
  } catch {
    return '';
  }
}
