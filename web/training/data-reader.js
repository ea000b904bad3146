/**
 * Reads imported files and paints sheets of examples in an engine of its own: the
 * memory for large files is freed when its worker ends.
 */
import { readFile } from '../lib/dom.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';

/** Milliseconds after which an idle worker ends. */
const idleMs = 20_000;

/** Most bytes of a picture file; larger ones are not read. */
const maxPictureBytes = 64 << 20;

/**
 * A chosen file.
 *
 * @typedef {{name: string, file: File}} NamedFile name: with its folders
 */

/** Requests wait for the one before. */
export class DataReader {
  #make;
  /** @type {import('../engine/engine.js').Engine | null} */
  #engine = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #ending;
  #open = 0;

  /** @param {() => import('../engine/engine.js').Engine} make makes an engine that is not started yet */
  constructor(make) {
    this.#make = make;
  }

  /**
   * Sends a request.
   *
   * @template {keyof import('../engine/engine.js').Requests} T
   * @param {T} type
   * @param {import('../engine/engine.js').Requests[T]['request']} fields
   * @param {ArrayBuffer[]} [bufs]
   * @param {(part: number) => void} [onProgress]
   * @returns {Promise<import('../engine/engine.js').Answer<T>>}
   */
  async request(type, fields, bufs = [], onProgress = () => {}) {
    clearTimeout(this.#ending);
    this.#engine ??= this.#start();
    const engine = this.#engine;
    this.#open++;
    const off = engine.on('data', (head) => onProgress(head.of > 0 ? head.done / head.of : 0));
    try {
      return await engine.request(type, fields, bufs, { retries: 0, patient: true });
    } finally {
      off();
      this.#open--;
      if (this.#open === 0 && this.#engine === engine) this.#ending = setTimeout(() => this.stop(), idleMs);
    }
  }

  /** Ends the worker and its requests. */
  stop() {
    clearTimeout(this.#ending);
    this.#engine?.stop();
    this.#engine = null;
  }

  #start() {
    const engine = this.#make();
    engine.on('state', (state) => {
      if (state === 'failed' && this.#engine === engine) this.#engine = null;
    });
    engine.start();
    return engine;
  }
}

/**
 * Packs any number of files for the engine: a list of names and lengths, and the
 * concatenated contents.
 *
 * @param {NamedFile[]} given
 * @returns {Promise<ArrayBuffer[]>}
 * @throws {InkdriftError} too-large, file-unreadable
 */
export async function packFiles(given) {
  // Too large for a picture: the engine reports it as left out, by its length.
  const parts = given.map(({ name, file }) =>
    isArchive(name) || /\.bin$/i.test(name) || file.size <= maxPictureBytes ? file : file.slice(0, maxPictureBytes + 1),
  );
  const total = parts.reduce((sum, p) => sum + p.size, 0);
  if (total > limits.bytes)
    throw new InkdriftError('too-large', `${total} bytes, at most ${limits.bytes} are read at once: choose fewer files`, 'files');
  const list = JSON.stringify(given.map(({ name }, i) => ({ name, bytes: parts[i].size })));
  return [/** @type {ArrayBuffer} */ (new TextEncoder().encode(list).buffer), await readFile(new Blob(parts))];
}

/** @param {string} name */
const isArchive = (name) => /\.zip$/i.test(name);

/**
 * How files are imported: one photograph (patches), several pictures or archives
 * (album), batches of CIFAR-10, or IDX files.
 *
 * @param {NamedFile[]} given
 * @returns {'patches' | 'album' | 'cifar' | 'idx'}
 */
export function importKind(given) {
  const pictures = given.filter(({ name, file }) => file.type.startsWith('image/') || /\.(png|jpe?g|gif)$/i.test(name));
  if (given.some(({ name }) => isArchive(name))) return 'album';
  if (given.length > 0 && given.every(({ name, file }) => /\.bin$/i.test(name) && file.size % 3073 === 0)) return 'cifar';
  if (pictures.length === 0) return 'idx';
  return given.length === 1 ? 'patches' : 'album';
}

/**
 * A name for a set made of these files.
 *
 * @param {NamedFile[]} given
 */
export function suggestName(given) {
  const [first] = given;
  const folder = first.name.includes('/') ? first.name.split('/').filter(Boolean)[0] : '';
  if (given.length > 1 && folder && given.every(({ name }) => name.split('/').filter(Boolean)[0] === folder)) return folder;
  const plain = (first.name.split('/').at(-1) ?? '').replace(/\.\w+$/, '');
  return given.length > 1 && !isArchive(first.name) ? `${plain} +${given.length - 1}` : plain;
}
