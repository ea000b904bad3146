/**
 * What the presets are called. What they are is in vae/preset, and so in
 * generated/catalog.js.
 */
import { presets } from '../generated/catalog.js';

/** Names of all presets; the first is the one that a visitor finds. */
export const presetNames = Object.keys(presets);

/** Names of those that are offered. */
export const offeredPresets = presetNames.filter((name) => presets[name].offered);

/**
 * What a preset is called. Those that are not offered have no words: whoever
 * wrote the name into an address knows it.
 *
 * @param {string} name
 * @param {import('../lib/i18n.js').I18n} i18n
 */
export const presetTitle = (name, i18n) => {
  if (name === 'own-hand') return i18n.t('preset.own-hand'); // it comes with drawings, and is not among those that are offered
  return presets[name]?.offered ? i18n.t(`preset.${name}`) : name;
};
