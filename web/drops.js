/**
 * Files that are dropped on the page or pasted into it: pictures go onto a
 * pad, models are opened, data sets go to the training room.
 */
import { InkdriftError } from './errors.js';

/**
 * Listens for files.
 *
 * @param {object} to
 * @param {(target: Element | null) => import('./pad.js').Pad} to.padFor the pad that an element belongs to, or the best one
 * @param {(pad: import('./pad.js').Pad, file: File) => void} to.picture
 * @param {(file: File) => void} to.model
 * @param {(files: File[]) => void} to.data files of a data set, in MNIST's form
 * @param {(error: InkdriftError) => void} to.onError
 */
export function takeFiles({ padFor, picture, model, data, onError }) {
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
    light(element(e)?.closest('.side')?.querySelector('.pad') ?? null);
  });
  document.addEventListener('dragleave', (e) => {
    if (e.relatedTarget === null) light(null);
  });
  document.addEventListener('drop', (e) => {
    light(null);
    const files = [...(e.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    e.preventDefault();
    if (files.some((f) => /idx\d|ubyte|\.gz$/i.test(f.name))) data(files);
    else take(files[0], element(e));
  });
  document.addEventListener('paste', (e) => {
    const file = e.clipboardData?.files[0];
    if (!file) return;
    e.preventDefault();
    take(file, document.activeElement);
  });
}
