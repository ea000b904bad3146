/**
 * A run that this tab holds: its notes, its curves, its checkpoints. What cannot
 * be written stays in memory, and training goes on; the vault tells of it.
 */
import { Checkpoints } from './checkpoints.js';
import { Curve, trainColumns, validationColumns } from './curve.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';
import { encodeChecked, decodeChecked } from '../storage/checksummed-file.js';

/**
 * @typedef {'running' | 'paused' | 'done' | 'diverged'} Status what a run says of itself
 * @typedef {{name: string, created: number, updated: number, status: Status, settings: any, step: number,
 *   seconds: number, figures: any}} About
 * @typedef {{train: Curve, validation: Curve}} Curves
 */

/** Where runs are kept. */
export const runFolder = 'runs/';

/** Statuses after which nothing is left to do. @type {Set<string>} */
export const finished = new Set(['done', 'diverged']);

/** @typedef {'about' | 'name' | 'curves' | 'weights'} Part */

/**
 * @param {string} id
 * @param {Part} part
 */
export const partName = (id, part) => `${runFolder}${id}/${part}`;

/** Longest name of a run, in characters. */
const maxName = 120;

/** @param {unknown} name */
export const cleanName = (name) =>
  String(name ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxName);

/**
 * Keeps a part of a run, in memory if there is no room.
 *
 * @param {import('../storage/file-store.js').FileStore} vault
 * @param {string} id
 * @param {Part} part
 * @param {Uint8Array | ArrayBuffer | string} content
 */
export async function savePart(vault, id, part, content) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return vault.keep(partName(id, part), await encodeChecked(id, bytes));
}

/**
 * @param {import('../storage/file-store.js').FileStore} vault
 * @param {string} id
 * @param {Part} part
 * @returns {Promise<Uint8Array | null>} null: it is not there
 * @throws {InkdriftError} storage-damaged, storage-failed
 */
export async function readPart(vault, id, part) {
  const bytes = await vault.get(partName(id, part));
  return bytes && (await decodeChecked(id, bytes)).content;
}

/**
 * @param {import('../storage/file-store.js').FileStore} vault
 * @param {string} id
 * @param {Part} part
 * @returns {Promise<any>} null: it is not there
 */
export async function readJSON(vault, id, part) {
  const bytes = await readPart(vault, id, part);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * Curves without a row.
 *
 * @param {string[]} [terms] of the objective, besides those that there are always
 * @returns {Curves}
 */
export const noCurves = (terms = []) => ({
  train: new Curve([...trainColumns, ...terms]),
  validation: new Curve([...validationColumns, ...terms]),
});

/** What further terms of an objective are called. */
const termName = /^[a-z][a-z-]{0,30}$/;

/**
 * The columns that are read of a curve: those that it must have, and terms.
 *
 * @param {any} json
 * @param {string[]} columns
 */
function withTerms(json, columns) {
  const names = Array.isArray(json?.columns) ? new Set(json.columns.slice(0, 64)) : new Set();
  const terms = [...names].filter((name) => typeof name === 'string' && termName.test(name) && !columns.includes(name));
  return [...columns, ...terms.slice(0, limits.terms)];
}

/**
 * @param {any} json
 * @returns {Curves}
 * @throws {InkdriftError} bad-run
 */
export function readCurves(json) {
  return {
    train: Curve.read(json?.train, withTerms(json?.train, trainColumns), 'curves.train'),
    validation: Curve.read(json?.validation, withTerms(json?.validation, validationColumns), 'curves.validation'),
  };
}

/** Made by Runs.start and Runs.hold. */
export class Run {
  /** The newest whole checkpoint when it was taken up again. @type {import('./checkpoints.js').Checkpoint | null} */
  last = null;
  /** @type {Curves} */
  curves = noCurves();
  /** Whether this tab has let it go. */
  released = false;

  /** Settles when all parts that were given so far are kept. @type {Promise<any>} */
  #kept = Promise.resolve();
  #about;
  #vault;
  #hold;
  #checkpoints;
  #onChange;
  #onRelease;

  /**
   * @param {string} id
   * @param {About} about
   * @param {object} by
   * @param {import('../storage/file-store.js').FileStore} by.vault
   * @param {import('../storage/tab-locks.js').TabLock} by.hold
   * @param {() => void} by.onChange the catalogue shows something else now
   * @param {() => void} by.onRelease
   */
  constructor(id, about, { vault, hold, onChange, onRelease }) {
    this.id = id;
    this.#about = about;
    this.#vault = vault;
    this.#hold = hold;
    this.#onChange = onChange;
    this.#onRelease = onRelease;
    this.#checkpoints = new Checkpoints(vault, id);
  }

  /** What it says of itself now. */
  get about() {
    return this.#about;
  }
  get name() {
    return this.#about.name;
  }
  get created() {
    return this.#about.created;
  }
  get settings() {
    return this.#about.settings;
  }
  get status() {
    return this.#about.status;
  }
  get step() {
    return this.#about.step;
  }
  get seconds() {
    return this.#about.seconds;
  }
  get figures() {
    return this.#about.figures;
  }

  /** Looks for what was kept of its curves and checkpoints. */
  async recall() {
    this.last = await this.#checkpoints.latest();
    try {
      const json = await readJSON(this.#vault, this.id, 'curves');
      if (json) this.curves = readCurves(json);
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      this.curves = noCurves(); // damaged: a run goes on without them
    }
    if (finished.has(this.status)) return;
    this.#about.status = 'paused'; // until training begins again
    if (!this.last) return;
    this.#about.step = this.last.step;
    for (const curve of Object.values(this.curves)) curve.cut(this.last.step);
  }

  /**
   * Remembers how it goes. It is written with the next checkpoint, and at once
   * when the status is another.
   *
   * @param {Partial<Pick<About, 'status' | 'step' | 'seconds' | 'figures' | 'settings'>>} notes
   */
  note(notes) {
    const before = this.status;
    const known = Object.entries(notes).filter(([k, v]) => v !== undefined && k in this.#about);
    Object.assign(this.#about, Object.fromEntries(known));
    if (this.status !== before) void this.write().then(this.#onChange);
  }

  /**
   * Keeps a checkpoint, with the curves and notes so far. Those go first: what is
   * too much of them is cut off when the run is taken up again.
   *
   * @param {import('./checkpoints.js').Checkpoint} checkpoint the file must stay as it is until this settles
   * @returns {Promise<boolean>} whether it is written: not when a newer one came first, or there is no room
   * @throws {InkdriftError} run-elsewhere
   */
  async checkpoint(checkpoint) {
    if (this.released) return false;
    if (!(await this.#hold.check())) {
      this.#letGo();
      throw new InkdriftError('run-elsewhere', 'another tab has taken this run over', this.id);
    }
    await this.write();
    return this.released ? false : this.#checkpoints.save(checkpoint);
  }

  /**
   * Keeps the model.
   *
   * @param {ArrayBuffer | Uint8Array} bytes a safetensors file
   */
  async weights(bytes) {
    if (this.released) return;
    await this.#keep('weights', bytes);
    this.#onChange();
  }

  /**
   * Keeps everything and lets the run go. One that is done needs its checkpoints
   * no longer.
   *
   * @param {{status?: Status, weights?: ArrayBuffer | Uint8Array}} [end]
   */
  async finish({ status = 'done', weights } = {}) {
    if (this.released) return;
    this.#about.status = status;
    if (weights) await this.#keep('weights', weights);
    await this.write();
    await this.#checkpoints.settled();
    if (status === 'done') await this.#checkpoints.remove();
    await this.release();
  }

  /** Lets the run go, to be taken up later. */
  async release() {
    if (this.released) return;
    await this.write();
    await this.#checkpoints.settled();
    this.#letGo();
    this.#onChange();
  }

  /** Lets the run go and forgets its checkpoints. */
  async abandon() {
    if (this.released) return;
    this.released = true; // nothing more is written
    await this.#kept;
    await this.#checkpoints.remove();
    this.#letGo();
  }

  /** Writes notes and curves. */
  async write() {
    if (this.released) return;
    this.#about.updated = Date.now();
    const about = JSON.stringify({ format: 1, ...this.#about });
    await this.#keep('curves', JSON.stringify(this.curves));
    await this.#keep('about', about);
  }

  /**
   * @param {Part} part
   * @param {Uint8Array | ArrayBuffer | string} content
   */
  #keep(part, content) {
    this.#kept = this.#kept.then(() => this.released || savePart(this.#vault, this.id, part, content));
    return this.#kept;
  }

  #letGo() {
    this.released = true;
    this.#hold.release();
    this.#onRelease();
  }
}
