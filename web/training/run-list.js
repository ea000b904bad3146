/**
 * The list of runs. Each run has its own files, so that tabs do not overwrite
 * each other's:
 *
 *   runs/ID/about     status, settings, figures; written by the tab that owns the run
 *   runs/ID/name      the name that a person gave it later; written by any tab
 *   runs/ID/curves    written by the tab that owns the run
 *   runs/ID/moments   written by the tab that owns the run; of runs of earlier versions there is none
 *   runs/ID/weights   the model, a safetensors file
 *   slots/ID/0 to 2   its checkpoints
 *
 * What the owner writes again and again is written in turn to NAME, NAME.1 and, in
 * need, NAME.2 (slot-file.js): one of them is whole at any moment.
 *
 * @typedef {object} Summary
 * @property {string} id
 * @property {string} name
 * @property {boolean} titled whether the name is only that of its settings, in the language that the page had
 * @property {number} created in milliseconds since 1970
 * @property {number} updated
 * @property {import('./run.js').Status | 'interrupted'} status interrupted: it was running when its tab ended
 * @property {'' | 'here' | 'elsewhere'} where the tab that owns it
 * @property {any} settings
 * @property {number} step
 * @property {number} seconds
 * @property {any} figures
 * @property {boolean} weights whether its model is stored
 * @property {boolean} checkpoint whether a checkpoint is stored
 * @property {boolean} saved false: a part of it is only in this tab's memory
 * @property {boolean} damaged its "about" file cannot be read
 */
import { Emitter } from '../lib/emitter.js';
import { asBytes } from '../storage/checksummed-file.js';
import { checkpointHead, settingsOf } from './checkpoint-file.js';
import { checkpointFolder, Checkpoints, slotNames } from './checkpoints.js';
import { InkdriftError } from '../lib/errors.js';
import { makeLocks, openChannel } from '../storage/tab-locks.js';
import { Moments } from './moments.js';
import { exportRun, readRunFile } from './run-file.js';
import { uniqueName } from './run-names.js';
import { cleanName, finished, savePart, noCurves, partNames, readCurves, readJSON, readPart, Run, runFolder } from './run.js';

/** @type {import('./run.js').Part[]} about first: a run without it does not exist */
const parts = ['about', 'name', 'curves', 'moments', 'weights'];

/** How often a new run's lock is asked for at once, and milliseconds between. */
const lockTries = 3;
const lockPauseMs = 100;

/** Event: `change` () when the list has changed, in this tab or another. */
export class RunList extends Emitter {
  #fileStore;
  #locks;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** Runs that this tab owns. @type {Map<string, Run>} */
  #openRuns = new Map();
  /** Locks of runs that are released, but files of which may still change. @type {Map<string, import('../storage/tab-locks.js').TabLock>} */
  #releasing = new Map();

  /**
   * @param {import('../storage/file-store.js').FileStore} fileStore
   * @param {{locks?: import('../storage/tab-locks.js').Locks, Channel?: typeof BroadcastChannel}} [platform]
   */
  constructor(fileStore, { locks = makeLocks(fileStore), Channel = globalThis.BroadcastChannel } = {}) {
    super();
    this.#fileStore = fileStore;
    this.#locks = locks;
    this.#channel = openChannel('inkdrift runs', Channel);
    if (this.#channel) this.#channel.onmessage = () => this.emit('change');
  }

  /** Closes the channel to other tabs. */
  close() {
    this.#channel?.close();
  }

  /**
   * All runs, newest first.
   *
   * @returns {Promise<Summary[]>}
   * @throws {InkdriftError} storage-failed
   */
  async list() {
    const [names, slots, locked] = await Promise.all([
      this.#fileStore.list(runFolder),
      this.#fileStore.list(checkpointFolder),
      this.#locks.held(),
    ]);
    const existing = new Set([...names, ...slots]);
    const ids = new Set(names.map(idOf).filter((id) => hasAny(existing, partNames(id, 'about'))));
    const all = await Promise.all([...ids].map((id) => this.#summary(id, existing, locked)));
    return all.filter((s) => s !== null).sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  }

  /**
   * Runs that can be resumed: unfinished, with a checkpoint, owned by no tab.
   *
   * @returns {Promise<Summary[]>}
   */
  async interrupted() {
    return (await this.list()).filter((s) => !finished.has(s.status) && s.checkpoint && s.where === '' && !s.damaged);
  }

  /**
   * Starts a run, which this tab then owns. It waits for nothing: lock, name and
   * files come later, and without them it is a run all the same.
   *
   * @param {{name?: string, titled?: boolean, settings?: any}} [what]
   * @returns {Run}
   */
  begin({ name, titled = false, settings = null } = {}) {
    const now = Date.now();
    const id = newId(now);
    /** @type {import('./run.js').About} */
    const about = {
      name: cleanName(name) || id,
      ...(titled && { titled }),
      created: now,
      updated: now,
      status: 'paused',
      settings: JSON.parse(JSON.stringify(settings)),
      step: 0,
      seconds: 0,
      figures: {},
    };
    const lock = this.#lockOfNew(id);
    const named = this.#uniqueName(about.name).then((unique) => run.rename(unique));
    const run = this.#createRun(
      id,
      about,
      Promise.all([lock, named]).then(([lock]) => lock),
      true,
    );
    void run.write().then(() => this.#notify());
    return run;
  }

  /**
   * Starts a run and waits until it is stored.
   *
   * @param {Parameters<RunList['begin']>[0]} [what]
   * @returns {Promise<Run>}
   */
  async start(what) {
    const run = this.begin(what);
    await run.write();
    return run;
  }

  /**
   * The lock of a run that no other tab knows yet: where it cannot be had now it is
   * asked for again before each checkpoint.
   *
   * @param {string} id
   * @returns {Promise<import('../storage/tab-locks.js').TabLock>}
   */
  async #lockOfNew(id) {
    /** @type {import('../storage/tab-locks.js').TabLock | null} */
    let lock = null;
    let released = false;
    /** Whether the browser may still give it. */
    let asked = true;
    const take = (/** @type {import('../storage/tab-locks.js').TabLock | null} */ given) => {
      asked = false;
      if (released) given?.release();
      else if (!lock) lock = given;
    };
    const ask = async () => {
      asked = true;
      take(await this.#locks.acquire(id, take));
    };
    for (let left = lockTries; left > 0; left--) {
      const answered = await ask().then(
        () => true,
        () => false,
      );
      if (answered || asked) break;
      await new Promise((done) => setTimeout(done, lockPauseMs));
    }
    return {
      release() {
        released = true;
        lock?.release();
      },
      isHeld: async () => {
        if (lock) return lock.isHeld();
        // Also where the browser still owes an answer: whoever has the lock by now owns the run.
        try {
          await ask();
          return lock !== null;
        } catch {
          return true; // no other tab gets it either
        }
      },
    };
  }

  /**
   * A name that none of the other runs has.
   *
   * @param {string} name
   * @param {string} [own] id of the run that is to have it
   */
  async #uniqueName(name, own) {
    const others = (await this.list().catch(() => [])).filter((r) => r.id !== own);
    return uniqueName(
      name,
      others.map((r) => r.name),
    );
  }

  /**
   * Makes this tab the owner of a stored run.
   *
   * @param {string} id
   * @returns {Promise<Run>}
   * @throws {InkdriftError} run-elsewhere, run-missing, storage-damaged, storage-failed
   */
  async acquire(id) {
    const own = this.#openRuns.get(id);
    if (own) return own;
    const lock = await this.#lock(id);
    try {
      const about = await this.#about(id);
      if (!about) throw new InkdriftError('run-missing', 'it was removed', id);
      const run = this.#createRun(id, about, Promise.resolve(lock));
      await run.restore();
      this.#notify();
      return run;
    } catch (e) {
      this.#openRuns.delete(id);
      lock.release();
      throw e;
    }
  }

  /**
   * A run with its curves, to read only.
   *
   * @param {string} id
   * @returns {Promise<Summary & {curves: import('./run.js').Curves}>}
   * @throws {InkdriftError} run-missing, storage-failed
   */
  async read(id) {
    const [names, slots, locked] = await Promise.all([
      this.#fileStore.list(`${runFolder}${id}/`),
      this.#fileStore.list(`${checkpointFolder}${id}/`),
      this.#locks.held(),
    ]);
    const summary = await this.#summary(id, new Set([...names, ...slots]), locked);
    if (!summary) throw new InkdriftError('run-missing', 'it was removed', id);
    return { ...summary, curves: this.#openRuns.get(id)?.curves ?? (await this.#curves(id)) };
  }

  /**
   * What was kept of a run to look back at.
   *
   * @param {string} id
   * @returns {Promise<Moments>} without moments where there are none, or they cannot be read
   * @throws {InkdriftError} storage-failed
   */
  async moments(id) {
    const own = this.#openRuns.get(id);
    if (own) return own.moments;
    try {
      const json = await readJSON(this.#fileStore, id, 'moments');
      return json ? Moments.read(json) : new Moments();
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      return new Moments();
    }
  }

  /**
   * The model of a run.
   *
   * @param {string} id
   * @returns {Promise<Uint8Array | null>} a safetensors file
   * @throws {InkdriftError} storage-damaged, storage-failed
   */
  model(id) {
    return readPart(this.#fileStore, id, 'weights');
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async rename(id, name) {
    const clean = cleanName(name);
    if (!clean) return;
    await savePart(this.#fileStore, id, 'name', await this.#uniqueName(clean, id));
    this.#notify();
  }

  /**
   * Deletes a run.
   *
   * @param {string} id
   * @throws {InkdriftError} run-elsewhere, storage-failed
   */
  async remove(id) {
    await this.#openRuns.get(id)?.discard();
    const lock = await this.#lock(id);
    try {
      await this.#deleteFiles(id);
    } finally {
      this.#release(id, lock);
      this.#notify();
    }
  }

  /**
   * Deletes files of tabs that ended while they created or deleted a run.
   *
   * @throws {InkdriftError} storage-failed
   */
  async removeLeftovers() {
    const names = [...(await this.#fileStore.list(runFolder)), ...(await this.#fileStore.list(checkpointFolder))];
    for (const id of new Set(names.map(idOf))) {
      if (this.#openRuns.has(id) || (await this.#exists(id))) continue;
      const lock = await this.#locks.acquire(id);
      if (!lock) continue;
      try {
        // Another tab may have started it since.
        if (!(await this.#exists(id))) await this.#deleteFiles(id);
      } finally {
        lock.release();
      }
    }
  }

  /**
   * A run as a file: its model, with settings, curves and moments.
   *
   * @param {string} id
   * @returns {Promise<{name: string, bytes: Uint8Array}>}
   * @throws {InkdriftError} run-missing (also when it has no model yet), bad-run, storage-damaged, storage-failed
   */
  async export(id) {
    const [run, weights, moments] = await Promise.all([this.read(id), this.model(id), this.moments(id)]);
    if (!weights) throw new InkdriftError('run-missing', 'it has no model yet', 'weights');
    return exportRun({ ...run, moments }, weights);
  }

  /**
   * Imports a run from a file, or a bare model as a run without history.
   *
   * @param {ArrayBuffer | Uint8Array} file
   * @param {{name?: string, check?: (bytes: ArrayBuffer | Uint8Array) => Promise<any>}} [how] check rejects files that the engine does not accept
   * @returns {Promise<string>} its id
   * @throws {InkdriftError} bad-run, and what check rejects with
   */
  async import(file, { name = '', check } = {}) {
    const { about, curves, moments } = readRunFile(file, name);
    const head = checkpointHead(asBytes(file));
    if (head) return this.#importCheckpoint(asBytes(file), head, about, curves);
    await check?.(file);
    const id = newId(Date.now());
    // Locked until it is complete: other tabs delete runs without "about".
    const lock = await this.#locks.acquire(id).catch(() => null);
    await savePart(this.#fileStore, id, 'weights', file);
    await savePart(this.#fileStore, id, 'curves', JSON.stringify(curves));
    if (moments.list.length > 0) await savePart(this.#fileStore, id, 'moments', JSON.stringify(moments));
    await savePart(this.#fileStore, id, 'about', JSON.stringify({ format: 1, ...about }));
    lock?.release();
    this.#notify();
    return id;
  }

  /**
   * Imports a run that can go on.
   *
   * @param {Uint8Array} file
   * @param {NonNullable<ReturnType<typeof checkpointHead>>} head
   * @param {import('./run.js').About} about
   * @param {import('./run.js').Curves} curves
   * @returns {Promise<string>} its id
   */
  async #importCheckpoint(file, head, about, curves) {
    const settings = about.settings ?? settingsOf(head);
    const id = newId(Date.now());
    // Locked until it is complete: other tabs delete runs without "about".
    const lock = await this.#locks.acquire(id).catch(() => null);
    const name = await this.#uniqueName(about.name);
    const { step } = head;
    for (const curve of Object.values(curves)) curve.cut(step);
    await savePart(this.#fileStore, id, 'curves', JSON.stringify(curves));
    await new Checkpoints(this.#fileStore, id, { isNew: true }).save({ step, file: /** @type {ArrayBuffer} */ (file.slice().buffer) });
    await savePart(this.#fileStore, id, 'about', JSON.stringify({ format: 1, ...about, name, settings, step, status: 'paused' }));
    lock?.release();
    this.#notify();
    return id;
  }

  /**
   * @param {string} id
   * @param {import('./run.js').About} about
   * @param {Promise<import('../storage/tab-locks.js').TabLock>} lock
   * @param {boolean} [isNew]
   */
  #createRun(id, about, lock, isNew) {
    const run = new Run(id, about, {
      fileStore: this.#fileStore,
      lock,
      isNew,
      onChange: () => this.#notify(),
      onRelease: (lock) => {
        if (this.#openRuns.get(id) === run) this.#openRuns.delete(id);
        this.#release(id, lock);
      },
    });
    this.#openRuns.set(id, run);
    return run;
  }

  /**
   * Releases a lock, once all of the run is written, and no write that was given up
   * can change it any more: what another tab writes would be lost to that.
   *
   * @param {string} id
   * @param {import('../storage/tab-locks.js').TabLock} lock
   */
  #release(id, lock) {
    this.#releasing.set(id, lock);
    this.#fileStore.whenSettled([`${runFolder}${id}/`, `${checkpointFolder}${id}/`], () => {
      if (this.#releasing.get(id) !== lock) return;
      this.#releasing.delete(id);
      lock.release();
    });
  }

  /** @param {string} id */
  async #lock(id) {
    const own = this.#releasing.get(id);
    if (own) {
      this.#releasing.delete(id);
      return own;
    }
    const lock = await this.#locks.acquire(id);
    if (!lock) throw new InkdriftError('run-elsewhere', 'another tab owns it', id);
    return lock;
  }

  /** Whether there is such a run. @param {string} id */
  async #exists(id) {
    for (const name of partNames(id, 'about')) if (await this.#fileStore.get(name)) return true;
    return false;
  }

  /**
   * @param {string} id
   * @param {Set<string>} existing names of files
   * @param {Set<string>} locked ids
   * @returns {Promise<Summary | null>}
   */
  async #summary(id, existing, locked) {
    const own = this.#openRuns.get(id);
    const common = {
      id,
      where: /** @type {Summary['where']} */ (own ? 'here' : locked.has(id) ? 'elsewhere' : ''),
      weights: hasAny(existing, partNames(id, 'weights')),
      checkpoint: hasAny(existing, slotNames(id)),
      saved: !parts.some((part) => partNames(id, part).some((name) => this.#fileStore.unsaved(name))),
    };
    try {
      const about = await this.#about(id, existing);
      if (!about) return null;
      const { name, titled = false } = about;
      const { created, updated, settings, step, seconds, figures, status } = own?.about ?? about;
      const interrupted = status === 'running' && common.where === '';
      return {
        ...common,
        name,
        titled,
        created,
        updated,
        settings,
        step,
        seconds,
        figures,
        status: interrupted ? 'interrupted' : status,
        damaged: false,
      };
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      const created = parseInt(id, 36) || 0;
      return {
        ...common,
        name: id,
        titled: false,
        created,
        updated: created,
        status: 'interrupted',
        settings: null,
        step: 0,
        seconds: 0,
        figures: {},
        damaged: true,
      };
    }
  }

  /**
   * @param {string} id
   * @param {Set<string>} [existing] names of files, if they are known
   * @returns {Promise<import('./run.js').About | null>}
   */
  async #about(id, existing) {
    const about = await readJSON(this.#fileStore, id, 'about', existing);
    if (!about) return null;
    const name = await readPart(this.#fileStore, id, 'name', existing).catch(() => null); // damaged: the first name is used
    return name ? { ...about, name: new TextDecoder().decode(name), titled: false } : about;
  }

  /** @param {string} id */
  async #curves(id) {
    try {
      const json = await readJSON(this.#fileStore, id, 'curves');
      return json ? readCurves(json) : noCurves();
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      return noCurves();
    }
  }

  /** @param {string} id */
  async #deleteFiles(id) {
    for (const name of [...parts.flatMap((part) => partNames(id, part)), ...slotNames(id)]) await this.#fileStore.remove(name);
  }

  #notify() {
    this.emit('change');
    this.#channel?.postMessage('change');
  }
}

/**
 * @param {Set<string>} existing
 * @param {string[]} names
 */
const hasAny = (existing, names) => names.some((name) => existing.has(name));

/** @param {string} name of a file of a run */
const idOf = (name) => name.split('/')[1];

/** @param {number} now */
function newId(now) {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return `${now.toString(36)}-${random.toString(36)}`;
}
