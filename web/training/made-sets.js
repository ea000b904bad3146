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
 * @typedef {SetInfo & {conditions: number, word: string, about: string}} Made conditions: how many kinds there are; word, about:
 *   its name and a sentence among the texts
 */

const textures = ['class.gabor', 'class.worley', 'class.noise', 'class.bricks', 'class.weave', 'class.stripes'];
const materials = textures.slice(1);

/** The sets that the engine makes. A new one is a line here and its texts. @type {Record<string, Made>} */
export const madeSets = {
  digits: { shape: [1, 28, 28], classes: [], conditions: 10, ink: true, word: 'data.digits', about: 'data.digits-about' },
  faces: {
    shape: [3, 32, 32],
    classes: ['class.calm', 'class.happy', 'class.laughing', 'class.sad', 'class.surprised', 'class.angry'],
    conditions: 6,
    ink: false,
    word: 'data.faces',
    about: 'data.faces-about',
  },
  textures: { shape: [1, 28, 28], classes: textures, conditions: 6, ink: false, word: 'data.textures', about: 'data.textures-about' },
  'textures-colour': {
    shape: [3, 32, 32],
    classes: textures,
    conditions: 6,
    ink: false,
    word: 'data.textures-colour',
    about: 'data.textures-about',
  },
  materials: { shape: [1, 28, 28], classes: materials, conditions: 5, ink: false, word: 'data.materials', about: 'data.materials-about' },
  'materials-colour': {
    shape: [3, 32, 32],
    classes: materials,
    conditions: 5,
    ink: false,
    word: 'data.materials-colour',
    about: 'data.materials-about',
  },
};

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

/** Pictures that are held back for validation. */
export const heldBack = 2000;

/** The seed of what is made: runs that differ in their seed see the same. */
const madeSeed = 1;

/**
 * The pictures that training is asked for, and those for validation.
 *
 * @param {{data: string, images: number}} settings
 */
export function madeData({ data: kind, images }) {
  return { data: { kind, first: 0, count: images, seed: madeSeed }, validation: { kind, first: images, count: heldBack, seed: madeSeed } };
}
