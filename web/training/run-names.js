/**
 * What runs are called: by their preset and what was changed of it.
 */
import { isMade, madeSets } from './made-sets.js';
import { presetTitle } from './presets.js';
import { startTitle, valueText } from './setting-words.js';
import { complete, differences, network, preset } from './settings.js';

/** What says nothing about the model. */
const unnamed = new Set(['workers', 'minutes', 'patience']);

/** What a model to begin with fixes. @type {Set<string>} */
const fixed = new Set(network);

/** Most changes in a name. */
const most = 3;

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('../lib/i18n.js').I18n} I18n */

/**
 * What a setting is called within a sentence: "beta" of "Beta: weight of the KL".
 *
 * @param {string} name
 * @param {I18n} i18n
 */
export function settingName(name, i18n) {
  if (name === 'data') return i18n.t('train.data').toLowerCase();
  const [short] = i18n.t(`set.${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`).split(/[:：,，(（]/);
  return /^\p{Lu}\p{Ll}/u.test(short) ? short[0].toLowerCase() + short.slice(1).trim() : short.trim();
}

/**
 * A value within a sentence.
 *
 * @param {string} name
 * @param {any} value
 * @param {I18n} i18n
 */
export function settingValue(name, value, i18n) {
  if (name === 'from') return startTitle(value, i18n);
  if (name === 'data') return isMade(value) ? i18n.t(madeSets[value].word) : String(value);
  return Array.isArray(value) ? value.join('-') || '0' : valueText(name, value, i18n).split(/[,，]/)[0];
}

/**
 * What was changed of the preset, such as "beta 2.5".
 *
 * @param {Settings} settings
 * @param {I18n} i18n
 * @returns {string[]}
 */
export function changesOf(settings, i18n) {
  const base = preset(settings.preset, settings.workers);
  return differences(base, settings)
    .filter((name) => !unnamed.has(name) && !(settings.from && (name === 'from' || fixed.has(name))))
    .map((name) => `${settingName(name, i18n)} ${settingValue(name, /** @type {any} */ (settings)[name], i18n)}`);
}

/**
 * The preset's name, without what its values are, which may have been changed.
 *
 * @param {Settings} settings
 * @param {I18n} i18n
 */
export const presetName = (settings, i18n) =>
  presetTitle(settings.preset, i18n)
    .split(/[,，(（]/)[0]
    .trim();

/**
 * A name for a run: "Quick", or "Tidy, beta 2.5".
 *
 * @param {Settings} settings
 * @param {I18n} i18n
 */
export function runTitle(settings, i18n) {
  const changes = changesOf(settings, i18n);
  if (settings.from) {
    const more = changes.length > most ? [`+${changes.length - most}`] : [];
    const title = i18n.t('start-from.title', { name: startTitle(settings.from, i18n) });
    return [title, ...changes.slice(0, most), ...more].join(', ');
  }
  if (changes.length === 0) return presetTitle(settings.preset, i18n);
  const rest = changes.length > most ? [`+${changes.length - most}`] : [];
  return [presetName(settings, i18n), ...changes.slice(0, most), ...rest].join(', ');
}

/**
 * In which settings runs differ: "beta 1 / 40".
 *
 * @param {Settings[]} runs
 * @param {I18n} i18n
 * @returns {string[]}
 */
export function differencesOf([first, ...others], i18n) {
  const names = new Set(others.flatMap((s) => differences(first, s)));
  names.delete('workers');
  const value = (/** @type {Settings} */ s, /** @type {string} */ name) => settingValue(name, /** @type {any} */ (s)[name], i18n);
  return [...names].map((name) => `${settingName(name, i18n)} ${[first, ...others].map((s) => value(s, name)).join(' / ')}`);
}

/**
 * A name that no other has: numbered, if need be.
 *
 * @param {string} name
 * @param {Iterable<string>} taken
 */
export function uniqueName(name, taken) {
  const others = new Set(taken);
  let n = 1;
  while (others.has(n === 1 ? name : `${name} (${n})`)) n++;
  return n === 1 ? name : `${name} (${n})`;
}

/**
 * The name of a run in the language of the page: one that is only the title of its
 * settings follows the language, one that a person gave does not.
 *
 * @param {{name: string, titled?: boolean, settings: any}} run
 * @param {I18n} i18n
 */
export function shownName({ name, titled, settings }, i18n) {
  const { page } = settings ?? {};
  if (!titled || !page) return name;
  try {
    const [number = ''] = / \(\d+\)$/.exec(name) ?? [];
    return runTitle(complete({ preset: page.preset, ...page }, 1), i18n) + number;
  } catch {
    return name; // of another version, with settings that are not known here
  }
}

/**
 * The names of runs in the language of the page, no two alike. Names that were given come first.
 *
 * @template {{id: string, name: string, titled?: boolean, settings: any}} R
 * @param {R[]} runs newest first
 * @param {I18n} i18n
 * @returns {R[]} the same runs, with these names
 */
export function withShownNames(runs, i18n) {
  const taken = new Set(runs.filter((r) => !r.titled).map((r) => r.name));
  const titles = new Map();
  for (const run of runs.filter((r) => r.titled).reverse()) {
    const name = uniqueName(shownName(run, i18n), taken);
    taken.add(name);
    titles.set(run.id, name);
  }
  return runs.map((run) => (titles.has(run.id) ? { ...run, name: titles.get(run.id) } : run));
}
