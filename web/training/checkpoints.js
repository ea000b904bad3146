/**
 * The checkpoints of a run: files written in turn, so that one of them is complete
 * at any moment.
 */
import { SlotFile } from '../storage/slot-file.js';

/** @typedef {{step: number, file: ArrayBuffer}} Checkpoint */

/** Folder of the checkpoints. */
export const checkpointFolder = 'slots/';

/**
 * Names of the files of a run's checkpoints.
 *
 * @param {string} run its id
 */
export const slotNames = (run) => [0, 1, 2].map((slot) => `${checkpointFolder}${run}/${slot}`);

/** Written by one tab only: the owner of the run. */
export class Checkpoints {
  #file;
  /** Settles when writing ends. @type {Promise<void> | null} */
  #writing = null;
  /** The one to write next. @type {{checkpoint: Checkpoint, done: (written: boolean) => void, failed: (e: unknown) => void} | null} */
  #next = null;

  /**
   * @param {import('../storage/file-store.js').FileStore} fileStore
   * @param {string} run its id
   * @param {{isNew?: boolean}} [how] isNew: it has none yet
   */
  constructor(fileStore, run, how) {
    this.#file = new SlotFile(fileStore, run, slotNames(run), how);
  }

  /**
   * The newest complete checkpoint. Damaged ones are skipped.
   *
   * @returns {Promise<Checkpoint | null>}
   * @throws {InkdriftError} storage-failed
   */
  async latest() {
    const found = await this.#file.read().catch((e) => {
      if (e.code !== 'storage-damaged') throw e;
      return null;
    });
    return found && { step: found.step, file: copyOf(found.content) };
  }

  /**
   * Writes a checkpoint to another slot than the newest is in. While one is being
   * written only the newest waits; older ones are dropped.
   *
   * @param {Checkpoint} checkpoint the file must stay as it is
   * @returns {Promise<boolean>} whether it is written; if that fails the file store emits a warning, and writes it when it can
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

  /** Deletes all. */
  async remove() {
    this.#next?.done(false);
    this.#next = null;
    await this.#writing;
    await this.#file.remove();
  }

  async #writeAll() {
    while (this.#next) {
      const { checkpoint, done, failed } = this.#next;
      this.#next = null;
      await this.#file.write(checkpoint.file, checkpoint.step).then(done, failed);
    }
  }
}

/** @param {Uint8Array} bytes */
const copyOf = (bytes) => /** @type {ArrayBuffer} */ (bytes.slice().buffer);
