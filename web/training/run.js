/**
 * A run that this tab owns: its state, its curves, its checkpoints. What cannot
 * be written stays in memory and training goes on; the file store emits a warning.
 */
import { Checkpoints } from './checkpoints.js';
import { Curve, trainColumns, validationColumns } from './curve.js';
import { Moments } from './moments.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';
import { encodeChecked, decodeChecked } from '../storage/checksummed-file.js';

/**
 * @typedef {'running' | 'paused' | 'done' | 'diverged'} Status as it is stored
 * @typedef {{name: string, created: number, updated: number, status: Status, settings: any, step: number,
 *   seconds: number, figures: any}} About
 * @typedef {{train: Curve, validation: Curve}} Curves
 */

/** Folder of the runs. */
export const runFolder = 'runs/';

/** Statuses of runs that have ended. @type {Set<string>} */
export const finished = new Set(['done', 'diverged']);

/** @typedef {'about' | 'name' | 'curves' | 'moments' | 'weights'} Part */

/**
 * @param {string} id
 * @param {Part} part
 */
export const partName = (id, part) => `${runFolder}${id}/${part}`;

/** Milliseconds between two times that the moments of a run that trains are written: they are larger than the rest. */
const momentsEvery = 20_000;

/** Longest name of a run, in characters. */
const maxName = 120;

/** @param {unknown} name */
export const cleanName = (name) =>
  String(name ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxName);

/**
 * Saves a part of a run, in memory if the disk is full.
 *
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @param {Uint8Array | ArrayBuffer | string} content
 */
export async function savePart(fileStore, id, part, content) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return fileStore.save(partName(id, part), await encodeChecked(id, bytes));
}

/**
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @returns {Promise<Uint8Array | null>} null: it does not exist
 * @throws {InkdriftError} storage-damaged, storage-failed
 */
export async function readPart(fileStore, id, part) {
  const bytes = await fileStore.get(partName(id, part));
  return bytes && (await decodeChecked(id, bytes)).content;
}

/**
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @returns {Promise<any>} null: it does not exist
 */
export async function readJSON(fileStore, id, part) {
  const bytes = await readPart(fileStore, id, part);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * Curves without a row.
 *
 * @param {string[]} [terms] of the objective, besides those that all objectives have
 * @returns {Curves}
 */
export const noCurves = (terms = []) => ({
  train: new Curve([...trainColumns, ...terms]),
  validation: new Curve([...validationColumns, ...terms]),
});

/** Form of the names of an objective's terms. */
const termName = /^[a-z][a-z-]{0,30}$/;

/**
 * The columns to read of a curve: the required ones, and terms.
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

/** Made by RunList.start and RunList.acquire. */
export class Run {
  /** The newest complete checkpoint when the run was acquired. @type {import('./checkpoints.js').Checkpoint | null} */
  lastCheckpoint = null;
  /** @type {Curves} */
  curves = noCurves();
  /** What is kept of it to look back at. */
  moments = new Moments();
  /** Whether this tab no longer owns it. */
  released = false;

  /** Settles when all parts given so far are saved. @type {Promise<any>} */
  #saved = Promise.resolve();
  /** The newest moment that was written, and when. */
  #written = { step: -1, time: 0 };
  #about;
  #fileStore;
  #lock;
  #checkpoints;
  #onChange;
  #onRelease;

  /**
   * @param {string} id
   * @param {About} about
   * @param {object} from
   * @param {import('../storage/file-store.js').FileStore} from.fileStore
   * @param {import('../storage/tab-locks.js').TabLock} from.lock
   * @param {() => void} from.onChange called when the list shows something else
   * @param {() => void} from.onRelease
   */
  constructor(id, about, { fileStore, lock, onChange, onRelease }) {
    this.id = id;
    this.#about = about;
    this.#fileStore = fileStore;
    this.#lock = lock;
    this.#onChange = onChange;
    this.#onRelease = onRelease;
    this.#checkpoints = new Checkpoints(fileStore, id);
  }

  /** What is stored as "about". */
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

  /** Loads the stored curves and moments and the newest checkpoint. */
  async restore() {
    this.lastCheckpoint = await this.#checkpoints.latest();
    try {
      const json = await readJSON(this.#fileStore, this.id, 'curves');
      if (json) this.curves = readCurves(json);
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      this.curves = noCurves(); // damaged: the run continues without them
    }
    try {
      const json = await readJSON(this.#fileStore, this.id, 'moments');
      if (json) this.moments = Moments.read(json);
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      this.moments = new Moments(); // damaged, or of another version
    }
    this.#written.step = this.moments.list.at(-1)?.step ?? -1;
    if (finished.has(this.status)) return;
    this.#about.status = 'paused'; // until it trains again
    if (!this.lastCheckpoint) return;
    this.#about.step = this.lastCheckpoint.step;
    for (const curve of Object.values(this.curves)) curve.cut(this.lastCheckpoint.step);
    this.moments.cut(this.lastCheckpoint.step);
  }

  /**
   * Updates its state. That is written with the next checkpoint, or at once when
   * the status changes.
   *
   * @param {Partial<Pick<About, 'status' | 'step' | 'seconds' | 'figures' | 'settings'>>} changes
   */
  update(changes) {
    const before = this.status;
    const known = Object.entries(changes).filter(([k, v]) => v !== undefined && k in this.#about);
    Object.assign(this.#about, Object.fromEntries(known));
    if (this.status !== before) void this.write().then(this.#onChange);
  }

  /**
   * Saves a checkpoint, after the curves and the state so far: rows behind the
   * checkpoint are cut off when the run is acquired again.
   *
   * @param {import('./checkpoints.js').Checkpoint} checkpoint the file must stay as it is until this settles
   * @returns {Promise<boolean>} whether it is written: not when a newer one replaced it, or the disk is full
   * @throws {InkdriftError} run-elsewhere
   */
  async saveCheckpoint(checkpoint) {
    if (this.released) return false;
    if (!(await this.#lock.isHeld())) {
      this.#releaseLock();
      throw new InkdriftError('run-elsewhere', 'another tab has taken this run over', this.id);
    }
    await this.write();
    return this.released ? false : this.#checkpoints.save(checkpoint);
  }

  /**
   * Saves the model.
   *
   * @param {ArrayBuffer | Uint8Array} bytes a safetensors file
   */
  async saveWeights(bytes) {
    if (this.released) return;
    await this.#save('weights', bytes);
    this.#onChange();
  }

  /**
   * Saves everything and releases the run. A run that is done needs no
   * checkpoints.
   *
   * @param {{status?: Status, weights?: ArrayBuffer | Uint8Array}} [end]
   */
  async finish({ status = 'done', weights } = {}) {
    if (this.released) return;
    this.#about.status = status;
    if (weights) await this.#save('weights', weights);
    await this.write();
    await this.#checkpoints.settled();
    if (status === 'done') await this.#checkpoints.remove();
    await this.release();
  }

  /** Releases the run; it can be acquired later. */
  async release() {
    if (this.released) return;
    await this.write();
    await this.#checkpoints.settled();
    this.#releaseLock();
    this.#onChange();
  }

  /** Releases the run and deletes its checkpoints. */
  async discard() {
    if (this.released) return;
    this.released = true; // nothing more is written
    await this.#saved;
    await this.#checkpoints.remove();
    this.#releaseLock();
  }

  /** Writes state, curves and moments. */
  async write() {
    if (this.released) return;
    this.#about.updated = Date.now();
    const about = JSON.stringify({ format: 1, ...this.#about });
    await this.#save('curves', JSON.stringify(this.curves));
    await this.#writeMoments();
    await this.#save('about', about);
  }

  async #writeMoments() {
    const step = this.moments.list.at(-1)?.step ?? -1;
    if (step === this.#written.step || (this.status === 'running' && Date.now() - this.#written.time < momentsEvery)) return;
    this.#written = { step, time: Date.now() };
    await this.#save('moments', JSON.stringify(this.moments));
  }

  /**
   * @param {Part} part
   * @param {Uint8Array | ArrayBuffer | string} content
   */
  #save(part, content) {
    this.#saved = this.#saved.then(() => this.released || savePart(this.#fileStore, this.id, part, content));
    return this.#saved;
  }

  #releaseLock() {
    this.released = true;
    this.#lock.release();
    this.#onRelease();
  }
}
