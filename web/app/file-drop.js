/**
 * Files that are dropped on the page or pasted into it, and who takes which:
 * models, data sets, pictures for a pad.
 *
 * @typedef {import('../training/data-reader.js').NamedFile} Given
 * @typedef {import('./context.js').View} View
 */
import { limits } from '../generated/protocol.js';
import { namedFile } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { loadModule } from '../lib/load-module.js';

/**
 * Whether a file is for a pad: systems have no type for some pictures, which the browser may show nevertheless.
 *
 * @param {File} file
 */
const isPicture = (file) => file.type.startsWith('image/') || /\.(hei[cf]|avif|webp|bmp|tiff?|jxl)$/i.test(file.name);

/**
 * Whether a file is of a data set, by its name.
 *
 * @param {File} file
 */
const isData = (file) => /idx\d|ubyte|\.(gz|zip|bin|tar|tgz|bz2|tbz2?|np[yz]|csv)$/i.test(file.name);

/**
 * Whether nothing tells what a file is. It may be a picture: the browser finds out.
 *
 * @param {File} file
 */
const isNameless = (file) => file.type === '' && !/\.\w+$/.test(file.name) && !isData(file);

/**
 * Why a pad does not take a file of data: where it belongs, unless nothing is in it.
 *
 * @param {File} file
 */
async function refuseData(file) {
  if (/\.zip$/i.test(file.name)) {
    try {
      const { mayHoldData } = await loadModule(() => import('./archive-names.js'), 'archive-names.js');
      if (!(await mayHoldData(file))) return new InkdriftError('no-data', 'no picture and no array is in its list', file.name);
    } catch (e) {
      const error = InkdriftError.from(e);
      if (error.code !== 'fetch-failed') return error;
    }
  }
  return new InkdriftError('file-of-data', 'pads take pictures and models', file.name);
}

/**
 * Listens for files.
 *
 * @param {object} to
 * @param {() => View | undefined} to.view the view that is shown; it may take what is dropped on it
 * @param {(files: File[], target: Element | null) => void} to.pictures pictures for the pads, and where they were dropped or what has the focus
 * @param {(file: File) => void} to.model
 * @param {(files: Given[]) => void} to.data files of a data set
 * @param {(error: InkdriftError) => void} to.onError
 */
export function listenForFiles({ view, pictures, model, data, onError }) {
  /**
   * @param {File} file
   * @param {Element | null} target
   */
  const take = (file, target) => {
    if (/\.safetensors$/i.test(file.name)) {
      if (!view()?.takeModel?.(file)) model(file);
    } else if (isPicture(file) || isNameless(file)) pictures([file], target);
    else if (isData(file)) void refuseData(file).then(onError);
    else onError(new InkdriftError('file-unknown', file.type || 'a file of no known type', file.name));
  };

  /** @type {Element | null} */
  let highlighted = null;
  const highlight = (/** @type {Element | null} */ next) => {
    highlighted?.classList.remove('dropping');
    highlighted = next;
    highlighted?.classList.add('dropping');
  };
  const element = (/** @type {Event} */ e) => (e.target instanceof Element ? e.target : null);

  document.addEventListener('dragover', (e) => {
    if (!e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();
    if (highlighted === null) view()?.prepareData?.();
    highlight(element(e)?.closest('.side')?.querySelector('.pad') ?? view()?.dropTarget?.() ?? null);
  });
  document.addEventListener('dragleave', (e) => {
    if (e.relatedTarget === null) highlight(null);
  });
  document.addEventListener('drop', (e) => {
    highlight(null);
    const files = [...(e.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    e.preventDefault();
    const target = element(e);
    const images = files.filter(isPicture);
    // What is dropped on a pad is for the pad, and leads to no other view.
    if (target?.closest('.side')) {
      if (images.length > 0) pictures(images, target);
      else if (/\.safetensors$/i.test(files[0].name)) model(files[0]);
      else if (view()?.takeData) data(files.map(namedFile));
      else take(files[0], target);
      return;
    }
    const folders = [...(e.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
    if (folders.length > 0) {
      const loose = files.filter((f) => !folders.some((folder) => folder?.name === f.name));
      walk(/** @type {FileSystemEntry[]} */ (folders)).then(
        (found) => data([...found, ...loose.map(namedFile)]),
        (why) => onError(InkdriftError.from(why)),
      );
    } else if (files.some(isData)) data(files.map(namedFile));
    else if (images.length === 0 && view()?.takeData && !/\.safetensors$/i.test(files[0].name)) data(files.map(namedFile));
    else {
      if (images.length > 0 && view()?.takePictures?.(files.map(namedFile), target)) return;
      if (images.length > 1) pictures(images, target);
      else take(files[0], target);
    }
  });
  document.addEventListener('paste', (e) => {
    const file = e.clipboardData?.files[0];
    if (!file) return;
    e.preventDefault();
    take(file, document.activeElement);
  });
}

/**
 * All files of folders and of the folders in them, by their names with folders. What the browser does not give is among them,
 * marked as unreadable.
 *
 * @param {FileSystemEntry[]} entries
 * @returns {Promise<Given[]>}
 * @throws {InkdriftError} too-large; file-unreadable where nothing else is there
 */
async function walk(entries) {
  /** @type {Given[]} */
  const found = [];
  const waiting = [...entries];
  /** @type {InkdriftError | undefined} */
  let unreadable;
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    const name = entry.fullPath.replace(/^\//, '');
    try {
      if (entry.isDirectory) waiting.push(...(await entriesOf(/** @type {FileSystemDirectoryEntry} */ (entry))));
      else
        found.push({
          name,
          file: await new Promise(
            /** @type {any} */ ((/** @type {any} */ ok, /** @type {any} */ no) => /** @type {FileSystemFileEntry} */ (entry).file(ok, no)),
          ),
        });
    } catch (e) {
      unreadable ??= new InkdriftError('file-unreadable', String(e instanceof Error ? e.message : e), entry.fullPath);
      found.push({ name, file: new File([], name), unreadable: true });
    }
    if (found.length > limits.files)
      throw new InkdriftError('too-large', `more than ${limits.files} files: pack them into a zip archive`, 'files');
  }
  if (unreadable && found.every((f) => f.unreadable)) throw unreadable;
  return found;
}

/**
 * What a folder has; browsers give a hundred at a time.
 *
 * @param {FileSystemDirectoryEntry} folder
 */
async function entriesOf(folder) {
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
