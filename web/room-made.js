/**
 * The data sets that the engine makes: their shapes, and what is asked of each.
 * A new one is a line here and its name among the texts.
 *
 * @typedef {[number, number, number]} Shape channels, height, width of a picture
 * @typedef {{shape: Shape, classes: number, ink: boolean, word: string}} Made classes: how many
 *   kinds its pictures are of; ink: they are drawn
 *   with a pen, so that a pixel can be taken for ink or none; word: its name among the texts
 */

/** @type {Record<string, Made>} */
export const madeSets = {
  digits: { shape: [1, 28, 28], classes: 10, ink: true, word: 'data.digits' },
  faces: { shape: [3, 32, 32], classes: 6, ink: false, word: 'data.faces' },
  textures: { shape: [1, 28, 28], classes: 6, ink: false, word: 'data.textures' },
  'textures-colour': { shape: [3, 32, 32], classes: 6, ink: false, word: 'data.textures-colour' },
};

/** The shape of files in MNIST's form. @type {Shape} */
const files = [1, 28, 28];

/**
 * Whether the engine makes the set of this name.
 *
 * @param {string} name
 */
export const isMade = (name) => Object.hasOwn(madeSets, name);

/**
 * The shape of a set's pictures.
 *
 * @param {string} name
 * @returns {Shape}
 */
export const shapeOf = (name) => (isMade(name) ? madeSets[name].shape : files);

/** Pictures that are held back for validation. */
const heldBack = 2000;

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
