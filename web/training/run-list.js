/**
 * The catalogue of runs. Each run has files of its own, so that tabs do not
 * write over one another's:
 *
 *   runs/ID/about     status, settings, figures: by the tab that holds the run
 *   runs/ID/name      the name that somebody gave it later: by any tab
 *   runs/ID/curves    by the tab that holds it
 *   runs/ID/weights   the model, a safetensors file
 *   slots/ID/0 and 1  its checkpoints
 *
 * @typedef {object} Summary
 * @property {string} id
 * @property {string} name
 * @property {number} created in milliseconds since 1970
 * @property {number} updated
 * @property {import('./run.js').Status | 'interrupted'} status interrupted: it was running when its tab ended
 * @property {'' | 'here' | 'elsewhere'} where the tab that holds it
 * @property {any} settings
 * @property {number} step
 * @property {number} seconds
 * @property {any} figures
 * @property {boolean} weights whether its model is there
 * @property {boolean} checkpoint whether a checkpoint is there
 * @property {boolean} kept false: some of it is only in this tab's memory
 * @property {boolean} damaged what it says of itself cannot be read
 */
import { Emitter } from '../lib/emitter.js';
import { checkpointFolder } from './checkpoints.js';
import { InkdriftError } from '../lib/errors.js';
import { makeLocks } from '../storage/tab-locks.js';
import { exportRun, readRunFile } from './run-file.js';
import { cleanName, finished, savePart, noCurves, partName, readCurves, readJSON, readPart, Run, runFolder } from './run.js';

/** @type {import('./run.js').Part[]} about first: without it a run is not there */
const parts = ['about', 'name', 'curves', 'weights'];

/** Event: `change` () when something in the catalogue has changed, in this tab or another. */
export class RunList extends Emitter {
  #vault;
  #locks;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** Those that this tab holds. @type {Map<string, Run>} */
  #held = new Map();

  /**
   * @param {import('../storage/file-store.js').FileStore} vault
   * @param {{locks?: import('../storage/tab-locks.js').Locks, Channel?: typeof BroadcastChannel}} [platform]
   */
  constructor(vault, { locks = makeLocks(vault), Channel = globalThis.BroadcastChannel } = {}) {
    super();
    this.#vault = vault;
    this.#locks = locks;
    if (!Channel) return;
    this.#channel = new Channel('inkdrift runs');
    this.#channel.onmessage = () => this.emit('change');
  }

  /** Ends the talk with other tabs. */
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
    const [names, slots, held] = await Promise.all([this.#vault.list(runFolder), this.#vault.list(checkpointFolder), this.#locks.held()]);
    const there = new Set([...names, ...slots]);
    const ids = names.filter((n) => n.endsWith('/about')).map(idOf);
    const all = await Promise.all(ids.map((id) => this.#summary(id, there, held)));
    return all.filter((s) => s !== null).sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  }

  /**
   * The runs that could go on: unfinished, with a checkpoint, held by no tab.
   *
   * @returns {Promise<Summary[]>}
   */
  async interrupted() {
    return (await this.list()).filter((s) => !finished.has(s.status) && s.checkpoint && s.where === '' && !s.damaged);
  }

  /**
   * Begins a run, which this tab then holds.
   *
   * @param {{name?: string, settings?: any}} [what]
   * @returns {Promise<Run>}
   */
  async start({ name, settings = null } = {}) {
    const now = Date.now();
    const id = freshId(now);
    /** @type {import('./run.js').About} */
    const about = {
      name: cleanName(name) || id,
      created: now,
      updated: now,
      status: 'paused',
      settings: JSON.parse(JSON.stringify(settings)),
      step: 0,
      seconds: 0,
      figures: {},
    };
    // Where locks are forbidden nobody else can know of this run yet.
    const hold = await this.#locks.take(id).catch(() => null);
    const run = this.#make(id, about, hold ?? { release: () => {}, check: async () => true });
    await run.write();
    this.#changed();
    return run;
  }

  /**
   * Takes an old run up again.
   *
   * @param {string} id
   * @returns {Promise<Run>}
   * @throws {InkdriftError} run-elsewhere, run-missing, storage-damaged, storage-failed
   */
  async hold(id) {
    const mine = this.#held.get(id);
    if (mine) return mine;
    const hold = await this.#take(id);
    try {
      const about = await this.#about(id);
      if (!about) throw new InkdriftError('run-missing', 'it was removed', id);
      const run = this.#make(id, about, hold);
      await run.recall();
      this.#changed();
      return run;
    } catch (e) {
      this.#held.delete(id);
      hold.release();
      throw e;
    }
  }

  /**
   * A run with its curves, to look at.
   *
   * @param {string} id
   * @returns {Promise<Summary & {curves: import('./run.js').Curves}>}
   * @throws {InkdriftError} run-missing, storage-failed
   */
  async read(id) {
    const [names, slots, held] = await Promise.all([
      this.#vault.list(`${runFolder}${id}/`),
      this.#vault.list(`${checkpointFolder}${id}/`),
      this.#locks.held(),
    ]);
    const summary = await this.#summary(id, new Set([...names, ...slots]), held);
    if (!summary) throw new InkdriftError('run-missing', 'it was removed', id);
    return { ...summary, curves: this.#held.get(id)?.curves ?? (await this.#curves(id)) };
  }

  /**
   * The model of a run.
   *
   * @param {string} id
   * @returns {Promise<Uint8Array | null>} a safetensors file
   * @throws {InkdriftError} storage-damaged, storage-failed
   */
  model(id) {
    return readPart(this.#vault, id, 'weights');
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async rename(id, name) {
    const clean = cleanName(name);
    if (!clean) return;
    await savePart(this.#vault, id, 'name', clean);
    this.#changed();
  }

  /**
   * Forgets a run.
   *
   * @param {string} id
   * @throws {InkdriftError} run-elsewhere, storage-failed
   */
  async remove(id) {
    await this.#held.get(id)?.abandon();
    const hold = await this.#take(id);
    try {
      await this.#clear(id);
    } finally {
      hold.release();
      this.#changed();
    }
  }

  /**
   * Takes away what tabs left behind that died while they made or removed a run.
   *
   * @throws {InkdriftError} storage-failed
   */
  async tidy() {
    const names = [...(await this.#vault.list(runFolder)), ...(await this.#vault.list(checkpointFolder))];
    for (const id of new Set(names.map(idOf))) {
      if (this.#held.has(id) || (await this.#vault.get(partName(id, 'about')))) continue;
      const hold = await this.#locks.take(id);
      if (!hold) continue;
      try {
        // Another tab may have begun it since.
        if (!(await this.#vault.get(partName(id, 'about')))) await this.#clear(id);
      } finally {
        hold.release();
      }
    }
  }

  /**
   * A run as a file: its model, with settings and curves in the free text.
   *
   * @param {string} id
   * @returns {Promise<{name: string, bytes: Uint8Array}>}
   * @throws {InkdriftError} run-missing (also when it has no model yet), bad-run, storage-damaged, storage-failed
   */
  async export(id) {
    const [run, weights] = await Promise.all([this.read(id), this.model(id)]);
    if (!weights) throw new InkdriftError('run-missing', 'it has no model yet', 'weights');
    return exportRun(run, weights);
  }

  /**
   * Takes a run from a file, or a bare model as a run without a past.
   *
   * @param {ArrayBuffer | Uint8Array} file
   * @param {{name?: string, check?: (bytes: ArrayBuffer | Uint8Array) => Promise<any>}} [how] check rejects what the engine does not take
   * @returns {Promise<string>} its id
   * @throws {InkdriftError} bad-run, and what check rejects with
   */
  async import(file, { name = '', check } = {}) {
    const { about, curves } = readRunFile(file, name);
    await check?.(file);
    const id = freshId(Date.now());
    // Held until it is whole: other tabs tidy away what has no "about".
    const hold = await this.#locks.take(id).catch(() => null);
    await savePart(this.#vault, id, 'weights', file);
    await savePart(this.#vault, id, 'curves', JSON.stringify(curves));
    await savePart(this.#vault, id, 'about', JSON.stringify({ format: 1, ...about }));
    hold?.release();
    this.#changed();
    return id;
  }

  /**
   * @param {string} id
   * @param {import('./run.js').About} about
   * @param {import('../storage/tab-locks.js').TabLock} hold
   */
  #make(id, about, hold) {
    const run = new Run(id, about, {
      vault: this.#vault,
      hold,
      onChange: () => this.#changed(),
      onRelease: () => this.#held.delete(id),
    });
    this.#held.set(id, run);
    return run;
  }

  /** @param {string} id */
  async #take(id) {
    const hold = await this.#locks.take(id);
    if (!hold) throw new InkdriftError('run-elsewhere', 'another tab holds it', id);
    return hold;
  }

  /**
   * @param {string} id
   * @param {Set<string>} there names of files
   * @param {Set<string>} held ids
   * @returns {Promise<Summary | null>}
   */
  async #summary(id, there, held) {
    const mine = this.#held.get(id);
    const common = {
      id,
      where: /** @type {Summary['where']} */ (mine ? 'here' : held.has(id) ? 'elsewhere' : ''),
      weights: there.has(partName(id, 'weights')),
      checkpoint: [0, 1].some((slot) => there.has(`${checkpointFolder}${id}/${slot}`)),
      kept: !parts.some((part) => this.#vault.unsaved(partName(id, part))),
    };
    try {
      const about = await this.#about(id);
      if (!about) return null;
      const { name, created, updated, settings, step, seconds, figures, status } = mine ? { ...mine.about, name: about.name } : about;
      const dead = status === 'running' && common.where === '';
      return { ...common, name, created, updated, settings, step, seconds, figures, status: dead ? 'interrupted' : status, damaged: false };
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      const created = parseInt(id, 36) || 0;
      return {
        ...common,
        name: id,
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
   * @returns {Promise<import('./run.js').About | null>}
   */
  async #about(id) {
    const about = await readJSON(this.#vault, id, 'about');
    if (!about) return null;
    const name = await readPart(this.#vault, id, 'name').catch(() => null); // the first name will do
    return { ...about, name: name ? new TextDecoder().decode(name) : about.name };
  }

  /** @param {string} id */
  async #curves(id) {
    try {
      const json = await readJSON(this.#vault, id, 'curves');
      return json ? readCurves(json) : noCurves();
    } catch (e) {
      if (InkdriftError.from(e).code === 'storage-failed') throw e;
      return noCurves();
    }
  }

  /** @param {string} id */
  async #clear(id) {
    for (const part of parts) await this.#vault.remove(partName(id, part));
    for (const slot of [0, 1]) await this.#vault.remove(`${checkpointFolder}${id}/${slot}`);
  }

  #changed() {
    this.emit('change');
    this.#channel?.postMessage('change');
  }
}

/** @param {string} name of a file of a run */
const idOf = (name) => name.split('/')[1];

/** @param {number} now */
function freshId(now) {
  const [chance] = crypto.getRandomValues(new Uint32Array(1));
  return `${now.toString(36)}-${chance.toString(36)}`;
}
