/**
 * A set of one's own drawings: digits or any signs, in classes that a person names. The engine makes altered copies of them to
 * train on. No DOM.
 */
import { encodeStrokes, strokesFromJSON, strokesToJSON } from '../engine/strokes.js';
import { InkdriftError } from '../lib/errors.js';

/** @typedef {import('../engine/strokes.js').Stroke} Stroke */
/** @typedef {{label: number, strokes: any}} SavedDrawing label: which of the classes; strokes: as JSON */

/** Names of the digits. */
export const digits = Object.freeze(Array.from({ length: 10 }, (_, d) => String(d)));

/** Fewest drawings, of all classes together; how many are advised; most that are taken. data.LeastDrawings and data.MostDrawings are the same. */
export const drawings = { least: 6, advised: 30, most: 1000 };

/** Most classes, and characters of a name. */
const limits = { classes: 50, name: 20 };

/** Seed of the copies. */
const seed = 1;

/**
 * Names of classes out of what a person wrote.
 *
 * @param {string} text names with spaces or commas between
 * @returns {string[]} each once; digits if there is none
 */
export function readClasses(text) {
  const names = text
    .split(/[\s,，、;；]+/)
    .map((name) => [...name].slice(0, limits.name).join(''))
    .filter(Boolean);
  return names.length > 0 ? [...new Set(names)].slice(0, limits.classes) : [...digits];
}

/** What has been drawn. */
export class HandSheet {
  classes = [...digits];
  /** @type {{name: string, strokes: readonly Stroke[]}[]} */
  drawn = [];

  /** The class to draw next: of those with the fewest drawings the first. */
  get next() {
    const counts = this.classes.map((name) => this.drawn.filter((d) => d.name === name).length);
    return this.classes[counts.indexOf(Math.min(...counts))];
  }

  /** Whether it is full. */
  get full() {
    return this.drawn.length >= drawings.most;
  }

  /** Takes a drawing of the next class. @param {readonly Stroke[]} strokes at least one */
  add(strokes) {
    if (strokes.length > 0 && !this.full) this.drawn.push({ name: this.next, strokes });
  }

  /**
   * Takes the last drawing off.
   *
   * @returns {readonly Stroke[]} its strokes
   */
  back() {
    return this.drawn.pop()?.strokes ?? [];
  }

  /** Other classes. Drawings of those that are no more stay out. @param {string} text */
  setClasses(text) {
    this.classes = readClasses(text);
    this.drawn = this.drawn.filter((d) => this.classes.includes(d.name));
  }

  /** The drawings as they are saved, and their classes. */
  save() {
    // Some digits are digits: those that nobody drew keep their numbers.
    const classes = this.classes.every((name) => digits.includes(name)) ? [...digits] : this.classes;
    return {
      classes,
      drawings: this.drawn.map((d) => ({ label: classes.indexOf(d.name), strokes: strokesToJSON([...d.strokes]) })),
    };
  }
}

/**
 * Has the engine make a set of drawings.
 *
 * @param {Pick<import('./data-reader.js').DataReader, 'request'>} reader
 * @param {{classes: string[], drawings: SavedDrawing[]}} saved
 * @returns {Promise<{files: import('./own-data.js').DataFiles, info: import('./data-catalog.js').OwnDataInfo, drawn: ArrayBuffer[]}>}
 *   drawn: images and labels of the drawings themselves
 */
export async function makeHandSet(reader, saved) {
  const { classes } = saved;
  const strokes = saved.drawings.map((d) => encodeStrokes(strokesFromJSON(d.strokes)));
  if (strokes.length < drawings.least) {
    throw new InkdriftError('too-few', `${strokes.length} drawings, it takes at least ${drawings.least}`, 'drawings');
  }
  const fields = {
    labels: saved.drawings.map((d) => d.label),
    bytes: strokes.map((s) => s.byteLength),
    digits: String(classes) === String(digits),
    seed,
  };
  const { head, bufs } = await reader.request('data.draw', fields, [await new Blob(strokes).arrayBuffer()]);
  const names = ['train-images', 'train-labels', 'test-images', 'test-labels'];
  const files = /** @type {import('./own-data.js').DataFiles} */ (names.map((name, i) => ({ name, bytes: bufs[i] })));
  const { shape, train, validation } = head;
  return {
    files,
    info: { shape, ink: true, classes, train, validation, origin: 'drawn', drawings: saved.drawings },
    drawn: bufs.slice(4),
  };
}

/**
 * A set as a zip of PNG files in folders by class; of drawings the drawings alone, without their copies.
 *
 * @param {Pick<import('./data-reader.js').DataReader, 'request'>} reader
 * @param {ArrayBuffer[]} files of the set
 * @param {import('./data-catalog.js').OwnDataInfo | null} info
 * @returns {Promise<{bytes: ArrayBuffer, pictures: number}>}
 */
export async function zipOf(reader, files, info) {
  const classes = info?.classes ?? [];
  const saved = info?.drawings;
  const parts = saved ? (await makeHandSet(reader, { classes, drawings: saved })).drawn : files;
  const { head, bufs } = await reader.request('data.export', { classes }, parts);
  return { bytes: bufs[0], pictures: head.pictures };
}
