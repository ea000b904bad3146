/**
 * The checkpoints of a run: two files written in turn, so that one of
 * them is complete at any moment.
 */
import { InkdriftError } from '../lib/errors.js';
import { encodeChecked, decodeChecked } from '../storage/checksummed-file.js';

/**
 * @typedef {{step: number, file: ArrayBuffer}} Checkpoint
 * @typedef {{step: number, sequence: number, slot: number, content: Uint8Array}} FoundCheckpoint
 */

/** Folder of the checkpoints. */
export const checkpointFolder = 'slots/';

/**
 * @param {string} run
 * @param {number} slot
 */
const slotName = (run, slot) => `${checkpointFolder}${run}/${slot}`;

/** Written by one tab only: the owner of the run. */
export class Checkpoints {
  #fileStore;
  #run;
  /** The newest complete slot; undefined before the first read. @type {{slot: number, sequence: number} | null | undefined} */
  #newest;
  /** Settles when writing ends. @type {Promise<void> | null} */
  #writing = null;
  /** The one to write next. @type {{checkpoint: Checkpoint, done: (written: boolean) => void, failed: (e: unknown) => void} | null} */
  #next = null;

  /**
   * @param {import('../storage/file-store.js').FileStore} fileStore
   * @param {string} run its id
   */
  constructor(fileStore, run) {
    this.#fileStore = fileStore;
    this.#run = run;
  }

  /**
   * The newest complete checkpoint. Damaged ones are skipped.
   *
   * @returns {Promise<Checkpoint | null>}
   * @throws {InkdriftError} storage-failed
   */
  async latest() {
    const found = await this.#findNewest();
    return found && { step: found.step, file: copyOf(found.content) };
  }

  /**
   * Writes a checkpoint to the older slot. While one is being written only the
   * newest waits; older ones are dropped.
   *
   * @param {Checkpoint} checkpoint the file must stay as it is until this settles
   * @returns {Promise<boolean>} whether it is written; the file store emits a warning if it fails
   */
  save(checkpoint) {
    return new Promise((done, failed) => {
      this.#next?.done(false);
      this.#next = { checkpoint, done, failed };
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = null;
      });
    });
  }

  /** Deletes both. */
  async remove() {
    this.#next?.done(false);
    this.#next = null;
    await this.#writing;
    for (const slot of [0, 1]) await this.#fileStore.remove(slotName(this.#run, slot));
    this.#newest = null;
  }

  /** Waits until nothing is being written. */
  async settled() {
    await this.#writing;
  }

  async #writeAll() {
    while (this.#next) {
      const { checkpoint, done, failed } = this.#next;
      this.#next = null;
      await this.#write(checkpoint).then(done, failed);
    }
  }

  /** @param {Checkpoint} checkpoint */
  async #write({ step, file }) {
    if (this.#newest === undefined) await this.#findNewest();
    const slot = this.#newest ? 1 - this.#newest.slot : 0;
    const sequence = (this.#newest?.sequence ?? 0) + 1;
    const parts = await encodeChecked(this.#run, file, { step, sequence });
    // Not in memory: the worker pool has it there.
    const written = await this.#fileStore.save(slotName(this.#run, slot), parts, { memory: false });
    if (written) this.#newest = { slot, sequence };
    return written;
  }

  /** @returns {Promise<FoundCheckpoint | null>} */
  async #findNewest() {
    /** @type {FoundCheckpoint | null} */
    let newest = null;
    for (const slot of [0, 1]) {
      const bytes = await this.#fileStore.get(slotName(this.#run, slot));
      if (!bytes) continue;
      try {
        const found = await decodeChecked(this.#run, bytes);
        if (!newest || found.sequence > newest.sequence) newest = { ...found, slot };
      } catch (e) {
        if (!(e instanceof InkdriftError)) throw e;
        // Truncated or damaged: the other slot is read.
      }
    }
    this.#newest = newest && { slot: newest.slot, sequence: newest.sequence };
    return newest;
  }
}

/** @param {Uint8Array} bytes */
const copyOf = (bytes) => /** @type {ArrayBuffer} */ (bytes.slice().buffer);
