/**
 * A file that is written in turn to several places, its slots: the newest whole
 * content is never written over, and where a slot cannot be written the next one
 * is tried. The newest is that with the highest sequence (checksummed-file.js).
 *
 * @typedef {{step: number, sequence: number, content: Uint8Array, slot: number}} Found
 */
import { InkdriftError } from '../lib/errors.js';
import { decodeChecked, encodeChecked } from './checksummed-file.js';

/** Written by one tab only: the owner of the run. */
export class SlotFile {
  #fileStore;
  #label;
  #names;
  /** The newest complete slot; undefined before the first read. @type {{slot: number, sequence: number} | null | undefined} */
  #newest;
  /** Slots that there are, as far as is known. @type {Set<number>} */
  #existing = new Set();
  /** What is in memory only, as no slot could be written. @type {{slot: number, sequence: number} | null} */
  #unsaved = null;

  /**
   * @param {import('./file-store.js').FileStore} fileStore
   * @param {string} label its owner
   * @param {string[]} names of the slots, three: two in turn and one in need; or one, which is written over
   * @param {{isNew?: boolean}} [how] isNew: nothing can be there yet
   */
  constructor(fileStore, label, names, { isNew = false } = {}) {
    if (isNew) this.#newest = null;
    this.#fileStore = fileStore;
    this.#label = label;
    this.#names = names;
  }

  /**
   * The newest whole content. Damaged slots are skipped.
   *
   * @param {Set<string>} [existing] names of files, if they are known
   * @returns {Promise<Found | null>} null: there is no slot
   * @throws {InkdriftError} storage-damaged, if there are slots and none is whole; storage-failed
   */
  async read(existing) {
    /** @type {Found | null} */
    let newest = null;
    /** @type {InkdriftError | null} */
    let damaged = null;
    for (const [slot, name] of this.#names.entries()) {
      if (existing && !existing.has(name)) continue;
      const bytes = await this.#fileStore.get(name);
      if (!bytes) continue;
      this.#existing.add(slot);
      try {
        const found = await decodeChecked(this.#label, bytes);
        if (!newest || found.sequence > newest.sequence) newest = { ...found, slot };
      } catch (e) {
        damaged = InkdriftError.from(e);
      }
    }
    this.#newest = newest && { slot: newest.slot, sequence: newest.sequence };
    if (!newest && damaged) throw damaged;
    return newest;
  }

  /**
   * Writes a content.
   *
   * @param {ArrayBuffer | Uint8Array} content must not change any more
   * @param {number} [step]
   * @returns {Promise<boolean>} whether it is written; if not it is kept in memory, and the file store emits a warning
   */
  async write(content, step = 0) {
    const before = await this.#find();
    // The time: it is higher than that of a slot that could not be read.
    const sequence = Math.max(Date.now(), (before?.sequence ?? 0) + 1, (this.#unsaved?.sequence ?? 0) + 1);
    const parts = await encodeChecked(this.#label, content, { step, sequence });
    const last = this.#names.length - 1;
    const slots = before === undefined ? [last] : [...this.#names.keys()].filter((slot) => slot !== before?.slot || last === 0);
    for (;;) {
      const slot = /** @type {number} */ (slots.shift());
      this.#existing.add(slot);
      try {
        await this.#fileStore.put(this.#names[slot], parts);
        this.#newest = { slot, sequence };
        this.#forget(slot);
        return true;
      } catch (e) {
        const error = InkdriftError.from(e);
        // Elsewhere there is no more room.
        if (slots.length > 0 && error.code !== 'disk-full') continue;
        this.#forget(slot);
        this.#unsaved = { slot, sequence };
        this.#fileStore.keep(this.#names[slot], parts, error);
        return false;
      }
    }
  }

  /** Deletes all but the newest. */
  async trim() {
    const newest = await this.#find();
    if (!newest || this.#unsaved) return;
    for (const slot of [...this.#existing]) {
      if (slot === newest.slot) continue;
      await this.#fileStore.remove(this.#names[slot]);
      this.#existing.delete(slot);
    }
  }

  /** Deletes all. */
  async remove() {
    for (const name of this.#names) await this.#fileStore.remove(name);
    this.#newest = null;
    this.#unsaved = null;
    this.#existing.clear();
  }

  /** The newest slot; undefined: it cannot be read now. What was in memory may have been written since. */
  async #find() {
    if (this.#unsaved && !this.#fileStore.unsaved(this.#names[this.#unsaved.slot])) {
      this.#newest = this.#unsaved;
      this.#unsaved = null;
    }
    if (this.#newest === undefined) await this.read().catch(() => {});
    return this.#newest;
  }

  /** What is in memory is older than what is to be there. @param {number} except the slot that has it now */
  #forget(except) {
    const { slot } = this.#unsaved ?? { slot: except };
    this.#unsaved = null;
    if (slot !== except) this.#fileStore.forget(this.#names[slot]);
  }
}
