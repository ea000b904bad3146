/**
 * A run that this tab owns: its state, its curves, its checkpoints. What cannot
 * be written stays in memory and training goes on; the file store emits a warning.
 */
import { Checkpoints } from './checkpoints.js';
import { Curve, trainColumns, validationColumns } from './curve.js';
import { Moments } from './moments.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';
import { SlotFile } from '../storage/slot-file.js';
import { waitFor } from '../storage/time-limit.js';

/**
 * @typedef {'running' | 'paused' | 'done' | 'diverged'} Status as it is stored
 * @typedef {{name: string, titled?: boolean, created: number, updated: number, status: Status, settings: any, step: number,
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

/**
 * Milliseconds that a checkpoint waits for the curves and the state so far. Where the
 * browser does not answer for them it is written beside them, and the curves of a run
 * that is taken up again there may lack some rows.
 */
const checkpointWaits = 1_000;

/** Longest name of a run, in characters. */
const maxName = 120;

/** @param {unknown} name */
export const cleanName = (name) =>
  String(name ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxName);

/**
 * Names of the files of a part. What its owner writes again and again is in slots;
 * the name is one file, which any tab writes.
 *
 * @param {string} id
 * @param {Part} part
 */
export function partNames(id, part) {
  const name = partName(id, part);
  return part === 'name' ? [name] : [name, `${name}.1`, `${name}.2`];
}

/**
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @param {{isNew?: boolean}} [how]
 */
export const partFile = (fileStore, id, part, how) => new SlotFile(fileStore, id, partNames(id, part), how);

/** @param {Uint8Array | ArrayBuffer | string} content */
export const bytesOf = (content) => (typeof content === 'string' ? new TextEncoder().encode(content) : content);

/**
 * Saves a part of a run, in memory if that fails.
 *
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @param {Uint8Array | ArrayBuffer | string} content
 */
export async function savePart(fileStore, id, part, content) {
  return partFile(fileStore, id, part).write(bytesOf(content));
}

/**
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @param {Set<string>} [existing] names of files, if they are known
 * @returns {Promise<Uint8Array | null>} null: it does not exist
 * @throws {InkdriftError} storage-damaged, storage-failed
 */
export async function readPart(fileStore, id, part, existing) {
  return (await partFile(fileStore, id, part).read(existing))?.content ?? null;
}

/**
 * @param {import('../storage/file-store.js').FileStore} fileStore
 * @param {string} id
 * @param {Part} part
 * @param {Set<string>} [existing] names of files, if they are known
 * @returns {Promise<any>} null: it does not exist
 */
export async function readJSON(fileStore, id, part, existing) {
  return parseJSON(await readPart(fileStore, id, part, existing));
}

/** @param {Uint8Array | null | undefined} bytes */
const parseJSON = (bytes) => bytes && JSON.parse(new TextDecoder().decode(bytes));

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

/** Made by RunList.begin and RunList.acquire. */
export class Run {
  /** The newest complete checkpoint when the run was acquired. @type {import('./checkpoints.js').Checkpoint | null} */
  lastCheckpoint = null;
  /** @type {Curves} */
  curves = noCurves();
  /** What is kept of it to look back at. */
  moments = new Moments();
  /** Whether this tab no longer owns it. */
  released = false;

  /** Settles when all parts given so far are saved, or are not to be. @type {Promise<any>} */
  #saved;
  /** The last writing of all that changes while it trains. @type {Promise<boolean>} */
  #lastWrite = Promise.resolve(true);
  /** The one after it, if it is wanted. @type {Promise<boolean> | null} */
  #nextWrite = null;
  /** Step of the newest checkpoint given. */
  #checkpointStep = 0;
  /** Settles when all checkpoints given so far are saved, or are not to be. @type {Promise<unknown>} */
  #checkpointsSaved = Promise.resolve();
  /** Whether its state is stored, so that another visit finds it. */
  #isStored;
  /** The newest moment that was written, and when. */
  #written = { step: -1, time: 0 };
  /** Whether another tab owns it now. */
  #isLost = false;
  /** Whether the last model given is stored. */
  #modelStored = true;
  /** Whether it is stored as ended: after its model. */
  #ended = false;
  /** Whether it has ended and waits for the storage. */
  #ending = false;
  #about;
  #fileStore;
  /** @type {Promise<import('../storage/tab-locks.js').TabLock>} */
  #lock;
  #checkpoints;
  #files;
  #onChange;
  #onRelease;

  /**
   * @param {string} id
   * @param {About} about
   * @param {object} from
   * @param {import('../storage/file-store.js').FileStore} from.fileStore
   * @param {Promise<import('../storage/tab-locks.js').TabLock>} from.lock nothing is written before it is there
   * @param {boolean} [from.isNew] nothing of it is stored yet
   * @param {() => void} from.onChange called when the list shows something else
   * @param {(lock: import('../storage/tab-locks.js').TabLock) => void} from.onRelease called when it is no longer this tab's; gets the lock
   */
  constructor(id, about, { fileStore, lock, isNew = false, onChange, onRelease }) {
    this.id = id;
    this.#about = about;
    this.#fileStore = fileStore;
    this.#lock = lock;
    this.#saved = lock;
    this.#isStored = !isNew;
    this.#onChange = onChange;
    this.#onRelease = onRelease;
    this.#checkpoints = new Checkpoints(fileStore, id, { isNew });
    const file = (/** @type {Part} */ part) => partFile(fileStore, id, part, { isNew });
    this.#files = { about: file('about'), curves: file('curves'), moments: file('moments'), weights: file('weights') };
  }

  /** What is stored as "about". */
  get about() {
    return this.#about;
  }
  get name() {
    return this.#about.name;
  }
  get titled() {
    return this.#about.titled === true;
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
    const { about, curves, moments } = this.#files;
    await about.read(); // so that the newest is known, and not written over
    await ifWhole(async () => {
      const json = parseJSON((await curves.read())?.content);
      if (json) this.curves = readCurves(json);
    });
    await ifWhole(async () => {
      const json = parseJSON((await moments.read())?.content);
      if (json) this.moments = Moments.read(json);
    });
    this.#written.step = this.moments.list.at(-1)?.step ?? -1;
    if (finished.has(this.status)) {
      this.#ended = true;
      return;
    }
    this.#about.status = 'paused'; // until it trains again
    if (!this.lastCheckpoint) return;
    this.#about.step = this.lastCheckpoint.step;
    for (const curve of Object.values(this.curves)) curve.cut(this.lastCheckpoint.step);
    this.moments.cut(this.lastCheckpoint.step);
  }

  /** Another name, before anything is stored. @param {string} name */
  rename(name) {
    this.#about.name = name;
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
   * Saves a checkpoint, after the curves and the state so far where they do not take
   * long: rows behind the checkpoint are cut off when the run is acquired again.
   *
   * @param {import('./checkpoints.js').Checkpoint} checkpoint the file must stay as it is
   * @returns {Promise<boolean>} whether it is written: not when a newer one replaced it, or the storage fails
   * @throws {InkdriftError} run-elsewhere
   */
  saveCheckpoint(checkpoint) {
    const saving = this.#saveCheckpoint(checkpoint);
    this.#checkpointsSaved = Promise.allSettled([this.#checkpointsSaved, saving]);
    return saving;
  }

  /** @param {import('./checkpoints.js').Checkpoint} checkpoint */
  async #saveCheckpoint(checkpoint) {
    const elsewhere = () => new InkdriftError('run-elsewhere', 'another tab has taken this run over', this.id);
    if (this.#isLost) throw elsewhere();
    if (this.released || checkpoint.step < this.#checkpointStep) return false;
    this.#checkpointStep = checkpoint.step;
    try {
      if (!(await (await this.#lock).isHeld())) {
        this.#isLost = true;
        await this.#releaseLock();
        throw elsewhere();
      }
    } catch (e) {
      if (InkdriftError.from(e).code !== 'storage-failed') throw e;
      // Who owns it is not known now, and the file store has said so.
      const off = this.#fileStore.on('recovered', () => {
        off();
        void this.saveCheckpoint(checkpoint).catch(() => {}); // the next one fails as well, and that is told
      });
      return false;
    }
    if (this.#isStored) await waitFor(this.write(), this.id, checkpointWaits).catch(() => {});
    else await this.write();
    return this.released || checkpoint.step < this.#checkpointStep ? false : this.#checkpoints.save(checkpoint);
  }

  /**
   * Saves the model.
   *
   * @param {ArrayBuffer | Uint8Array} bytes a safetensors file; must not change any more
   */
  async saveWeights(bytes) {
    if (this.released) return;
    this.#modelStored = await this.#save('weights', bytes, this.step);
    if (this.#modelStored) await this.#trim('weights'); // it is large
    this.#onChange();
  }

  /**
   * Saves everything and releases the run. A run that is done needs no
   * checkpoints. Until all of it is stored it stays this tab's, and another visit
   * would find it interrupted, at its last checkpoint.
   *
   * @param {{status?: Status, weights?: ArrayBuffer | Uint8Array}} [end]
   */
  async finish({ status = 'done', weights } = {}) {
    if (this.released) return;
    this.#about.status = status;
    if (weights) this.#modelStored = await this.#save('weights', weights, this.step);
    this.#ended = this.#modelStored;
    const written = await this.write();
    await this.#checkpointsSaved;
    if (!this.#ended || !written) {
      this.#finishLater(status);
      return;
    }
    if (status === 'done') await this.#checkpoints.remove().catch(() => {}); // they are of no use, and no harm
    this.#ending = false;
    await this.release();
  }

  /** @param {Status} status */
  #finishLater(status) {
    this.#ending = true;
    const off = this.#fileStore.on('recovered', () => {
      off();
      this.#modelStored = true;
      void this.finish({ status });
    });
  }

  /** Releases the run; it can be acquired later. */
  async release() {
    if (this.released || this.#ending) return;
    await this.write();
    await this.#checkpointsSaved;
    for (const part of /** @type {const} */ (['about', 'curves', 'moments', 'weights'])) await this.#trim(part);
    await this.#releaseLock();
    this.#onChange();
  }

  /** Releases the run and deletes its checkpoints. */
  async discard() {
    if (this.released) return;
    this.released = true; // nothing more is written
    await this.#saved;
    await this.#checkpoints.remove().catch(() => {}); // who discards it deletes all files of it
    await this.#releaseLock();
  }

  /**
   * Writes state, curves and moments.
   *
   * @returns {Promise<boolean>} whether the state is stored
   */
  write() {
    // While one is in progress all others are one: it writes the latest state.
    this.#nextWrite ??= this.#lastWrite.then(() => {
      this.#nextWrite = null;
      this.#lastWrite = this.#writeAll();
      return this.#lastWrite;
    });
    return this.#nextWrite;
  }

  async #writeAll() {
    if (this.released) return false;
    this.#about.updated = Date.now();
    await this.#save('curves', JSON.stringify(this.curves));
    await this.#writeMoments();
    const { status } = this.#about;
    const written = await this.#save(
      'about',
      JSON.stringify({ format: 1, ...this.#about, status: finished.has(status) && !this.#ended ? 'running' : status }),
    );
    this.#isStored ||= written;
    return written;
  }

  async #writeMoments() {
    const step = this.moments.list.at(-1)?.step ?? -1;
    if (step === this.#written.step || (this.status === 'running' && Date.now() - this.#written.time < momentsEvery)) return;
    this.#written = { step, time: Date.now() };
    await this.#save('moments', JSON.stringify(this.moments));
  }

  /**
   * @param {'about' | 'curves' | 'moments' | 'weights'} part
   * @param {Uint8Array | ArrayBuffer | string} content
   * @param {number} [step]
   * @returns {Promise<boolean>} whether it is written
   */
  #save(part, content, step) {
    this.#saved = this.#saved.then(() => !this.released && this.#files[part].write(bytesOf(content), step));
    return this.#saved;
  }

  /** Deletes what is older than the newest of a part. @param {'about' | 'curves' | 'moments' | 'weights'} part */
  #trim(part) {
    this.#saved = this.#saved.then(async () => {
      if (!this.released) await this.#files[part].trim().catch(() => {}); // it only takes room
    });
    return this.#saved;
  }

  async #releaseLock() {
    this.released = true;
    this.#onRelease(await this.#lock);
  }
}

/**
 * Does something with stored curves or moments: a run continues without those
 * that are damaged, or of another version.
 *
 * @param {() => Promise<void>} act
 */
async function ifWhole(act) {
  try {
    await act();
  } catch (e) {
    if (InkdriftError.from(e).code === 'storage-failed') throw e;
  }
}
