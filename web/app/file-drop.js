/**
 * Files that are dropped on the page or pasted into it: pictures go onto a
 * pad, models are opened, data sets go to the training room. There a picture
 * is data, too, unless it is dropped on a pad.
 *
 * @typedef {import('../training/data-reader.js').NamedFile} Given
 */
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';

/**
 * Listens for files.
 *
 * @param {object} to
 * @param {(target: Element | null) => import('../ui/pad.js').Pad} to.padFor the pad that an element belongs to, or the best one
 * @param {(pad: import('../ui/pad.js').Pad, file: File) => void} to.picture
 * @param {(file: File) => void} to.model
 * @param {(files: Given[]) => void} to.data files of a data set
 * @param {() => boolean} to.inRoom whether the training room is shown
 * @param {(error: InkdriftError) => void} to.onError
 */
export function takeFiles({ padFor, picture, model, data, inRoom, onError }) {
  /**
   * @param {File} file
   * @param {Element | null} target
   */
  const take = (file, target) => {
    if (/\.safetensors$/i.test(file.name)) model(file);
    else if (file.type.startsWith('image/')) picture(padFor(target), file);
    else onError(new InkdriftError('file-unknown', file.type || 'a file of no known type', file.name));
  };

  /** @type {Element | null} */
  let lit = null;
  const light = (/** @type {Element | null} */ next) => {
    lit?.classList.remove('dropping');
    lit = next;
    lit?.classList.add('dropping');
  };
  const element = (/** @type {Event} */ e) => (e.target instanceof Element ? e.target : null);

  document.addEventListener('dragover', (e) => {
    if (!e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();
    light(element(e)?.closest('.side')?.querySelector('.pad') ?? (inRoom() ? document.querySelector('.room > .top') : null));
  });
  document.addEventListener('dragleave', (e) => {
    if (e.relatedTarget === null) light(null);
  });
  document.addEventListener('drop', (e) => {
    light(null);
    const files = [...(e.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    e.preventDefault();
    const target = element(e);
    const folders = [...(e.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
    if (folders.length > 0) {
      const loose = files.filter((f) => !folders.some((folder) => folder?.name === f.name));
      walk(/** @type {FileSystemEntry[]} */ (folders)).then(
        (found) => data([...found, ...loose.map(plain)]),
        (why) => onError(InkdriftError.from(why)),
      );
    } else if (files.some((f) => /idx\d|ubyte|\.(gz|zip|bin)$/i.test(f.name))) data(files.map(plain));
    else if (inRoom() && !target?.closest('.side') && files.some((f) => f.type.startsWith('image/'))) data(files.map(plain));
    else take(files[0], target);
  });
  document.addEventListener('paste', (e) => {
    const file = e.clipboardData?.files[0];
    if (!file) return;
    e.preventDefault();
    take(file, document.activeElement);
  });
}

/** @param {File} file @returns {Given} */
export const plain = (file) => ({ name: file.webkitRelativePath || file.name, file });

/**
 * All files of folders and of the folders in them, by their names with folders.
 *
 * @param {FileSystemEntry[]} entries
 * @returns {Promise<Given[]>}
 * @throws {InkdriftError} too-large, file-unreadable
 */
async function walk(entries) {
  /** @type {Given[]} */
  const found = [];
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    try {
      if (entry.isDirectory) waiting.push(...(await listed(/** @type {FileSystemDirectoryEntry} */ (entry))));
      else
        found.push({
          name: entry.fullPath.replace(/^\//, ''),
          file: await new Promise(
            /** @type {any} */ ((/** @type {any} */ ok, /** @type {any} */ no) => /** @type {FileSystemFileEntry} */ (entry).file(ok, no)),
          ),
        });
    } catch (e) {
      throw new InkdriftError('file-unreadable', String(e instanceof Error ? e.message : e), entry.fullPath);
    }
    if (found.length > limits.files)
      throw new InkdriftError('too-large', `more than ${limits.files} files: pack them into a zip archive`, 'files');
  }
  return found;
}

/**
 * What a folder holds; browsers tell of a hundred at a time.
 *
 * @param {FileSystemDirectoryEntry} folder
 */
async function listed(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((ok, no) => reader.readEntries(ok, no));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
