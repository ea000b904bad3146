/**
 * The checkpoints of a run: two files written in turn, so that a whole one is
 * there at any moment, whatever happens to the other.
 */
import { InkdriftError } from '../lib/errors.js';
import { encodeChecked, decodeChecked } from '../storage/checksummed-file.js';

/**
 * @typedef {{step: number, file: ArrayBuffer}} Checkpoint
 * @typedef {{step: number, sequence: number, slot: number, content: Uint8Array}} Found
 */

/** Where checkpoints are kept. */
export const checkpointFolder = 'slots/';

/**
 * @param {string} run
 * @param {number} slot
 */
const slotName = (run, slot) => `${checkpointFolder}${run}/${slot}`;

/** Written by one tab only: the one that holds the run. */
export class Checkpoints {
  #vault;
  #run;
  /** The newest whole slot; undefined before anybody has looked. @type {{slot: number, sequence: number} | null | undefined} */
  #newest;
  /** Being written. @type {Promise<void> | null} */
  #writing = null;
  /** What comes next. @type {{checkpoint: Checkpoint, done: (kept: boolean) => void, failed: (e: unknown) => void} | null} */
  #next = null;

  /**
   * @param {import('../storage/file-store.js').FileStore} vault
   * @param {string} run its id
   */
  constructor(vault, run) {
    this.#vault = vault;
    this.#run = run;
  }

  /**
   * The newest checkpoint that is whole. A damaged one is passed over.
   *
   * @returns {Promise<Checkpoint | null>}
   * @throws {InkdriftError} storage-failed
   */
  async latest() {
    const found = await this.#look();
    return found && { step: found.step, file: copyOf(found.content) };
  }

  /**
   * Writes a checkpoint over the older slot. While one is being written the
   * newest of those that come waits, and older ones are dropped.
   *
   * @param {Checkpoint} checkpoint the file must stay as it is until this settles
   * @returns {Promise<boolean>} whether it is written; trouble is told by the vault
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

  /** Forgets both. */
  async remove() {
    this.#next?.done(false);
    this.#next = null;
    await this.#writing;
    for (const slot of [0, 1]) await this.#vault.remove(slotName(this.#run, slot));
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
    if (this.#newest === undefined) await this.#look();
    const slot = this.#newest ? 1 - this.#newest.slot : 0;
    const sequence = (this.#newest?.sequence ?? 0) + 1;
    const parts = await encodeChecked(this.#run, file, { step, sequence });
    // Not in memory: whoever trains has it there.
    const kept = await this.#vault.keep(slotName(this.#run, slot), parts, { memory: false });
    if (kept) this.#newest = { slot, sequence };
    return kept;
  }

  /** @returns {Promise<Found | null>} */
  async #look() {
    /** @type {Found | null} */
    let newest = null;
    for (const slot of [0, 1]) {
      const bytes = await this.#vault.get(slotName(this.#run, slot));
      if (!bytes) continue;
      try {
        const found = await decodeChecked(this.#run, bytes);
        if (!newest || found.sequence > newest.sequence) newest = { ...found, slot };
      } catch (e) {
        if (!(e instanceof InkdriftError)) throw e;
        // Torn or damaged: the other slot is there for this.
      }
    }
    this.#newest = newest && { slot: newest.slot, sequence: newest.sequence };
    return newest;
  }
}

/** @param {Uint8Array} bytes */
const copyOf = (bytes) => /** @type {ArrayBuffer} */ (bytes.slice().buffer);
