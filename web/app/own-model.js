/**
 * The model that a person put behind the pads and that did not come with the page, kept for the next visit. Loaded when there is one.
 */
import { openFileStore } from '../storage/file-store.js';
import { asBytes, decodeChecked, encodeChecked } from '../storage/checksummed-file.js';

/** Where it is kept. */
const file = 'studio/model';

/** @param {ArrayBuffer} bytes */
export async function keepModel(bytes) {
  const store = await openFileStore();
  await store.put(file, await encodeChecked(file, asBytes(bytes)));
}

/** @returns {Promise<ArrayBuffer | null>} null: there is none */
export async function keptModel() {
  const bytes = await (await openFileStore()).get(file);
  if (!bytes) return null;
  const { content } = await decodeChecked(file, bytes);
  return /** @type {ArrayBuffer} */ (content.slice().buffer);
}

export async function forgetModel() {
  await (await openFileStore()).remove(file);
}
