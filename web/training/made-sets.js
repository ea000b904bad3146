/**
 * What is known of data sets by their names: of those that the engine makes, and
 * of those that came in files, which the catalog registers.
 *
 * @typedef {[number, number, number]} Shape channels, height, width of a picture
 * @typedef {object} SetInfo
 * @property {Shape} shape
 * @property {string[]} classes what its pictures are of: of a set that is made keys among the texts, of others names; empty for digits
 *   and where nobody knows
 * @property {boolean} ink its pictures are drawn with a pen, so that a pixel can be taken for ink or none
 * @typedef {SetInfo & {conditions: number, validation: number, word: string, about: string}} Made conditions: number of classes;
 *   validation: number of validation pictures; word, about: keys of its name and description
 * @typedef {import('../generated/protocol.js').Data} Data
 */
import { firstValidation, madeSets as sets } from '../generated/catalog.js';

/** Name of each set that the engine makes, and a sentence about it. A new one is a line here and its texts. @type {Record<string, [string, string]>} */
const words = {
  digits: ['data.digits', 'data.digits-about'],
  faces: ['data.faces', 'data.faces-about'],
  textures: ['data.textures', 'data.textures-about'],
  'textures-colour': ['data.textures-colour', 'data.textures-about'],
  materials: ['data.materials', 'data.materials-about'],
  'materials-colour': ['data.materials-colour', 'data.materials-about'],
};

/** The sets that the engine makes. @type {Record<string, Made>} */
export const madeSets = Object.fromEntries(
  Object.entries(sets).map(([name, { shape, classes, ink, validation }]) => {
    const [word, about] = words[name];
    const named = classes.filter((c) => !/^\d$/.test(c)); // a digit is called as it is
    return [name, { shape, classes: named.map((c) => `class.${c}`), conditions: classes.length, ink, validation, word, about }];
  }),
);

/** What a set is taken for of which nothing is known: MNIST, or one of its kind. @type {SetInfo} */
const unknown = { shape: [1, 28, 28], classes: [], ink: true };

/** What came in files. @type {Map<string, SetInfo>} */
const filed = new Map();

/**
 * Whether the engine makes the set of this name.
 *
 * @param {string} name
 */
export const isMade = (name) => Object.hasOwn(madeSets, name);

/**
 * What is known of a set.
 *
 * @param {string} name
 * @returns {SetInfo}
 */
export const setInfo = (name) => (isMade(name) ? madeSets[name] : (filed.get(name) ?? unknown));

/**
 * Registers an imported set.
 *
 * @param {string} name
 * @param {Partial<SetInfo>} what
 */
export function registerSet(name, what) {
  filed.set(name, { ...unknown, ...what });
}

/**
 * The shape of a set's pictures.
 *
 * @param {string} name
 * @returns {Shape}
 */
export const shapeOf = (name) => setInfo(name).shape;

/**
 * What the pictures of a label are, or '' where that is not known.
 *
 * @param {string} name of the set
 * @param {number} label
 * @param {import('../lib/i18n.js').I18n} i18n
 */
export function className(name, label, i18n) {
  const found = setInfo(name).classes[label] ?? '';
  return found && isMade(name) ? i18n.t(found) : found;
}

/** In place of paper and ink for pictures of light, which a photograph's negative would be in one of the page's themes. */
const light = { paper: '#000000', ink: '#ffffff' };

/**
 * The colours that pictures of a set are painted in.
 *
 * @param {string} name of the set
 * @param {Record<string, string>} colours of the page
 * @returns {Record<string, string>}
 */
export const tones = (name, colours) => (setInfo(name).ink ? colours : { ...colours, ...light });

/** The seed of what is made: runs that differ in their seed see the same. */
const madeSeed = 1;

/**
 * The pictures that training is asked for, and those for validation: however many
 * one trains on, these are the same.
 *
 * @param {{data: string, images: number}} settings
 * @returns {{data: Data, validation: Data}}
 */
export function madeData({ data: kind, images }) {
  return {
    data: { kind, first: 0, count: images, seed: madeSeed },
    validation: { kind, first: firstValidation, count: madeSets[kind].validation, seed: madeSeed },
  };
}

/**
 * The pictures of a kept run that says nothing of them: validation came right
 * after those to train on.
 *
 * @param {{data: string, images: number}} settings
 */
export function earlierData(settings) {
  const { data, validation } = madeData(settings);
  return { data, validation: { ...validation, first: settings.images } };
}
