/**
 * Has an engine read people's files and paint sheets of examples, in a worker of
 * its own: memory that it takes for large files goes when the worker goes.
 */
import { readFile } from '../lib/dom.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';

/** Milliseconds that an idle worker waits for more to do. */
const linger = 20_000;

/** Most bytes of one file that is a picture; larger ones are left out there, but not read in vain here. */
const mostPicture = 64 << 20;

/**
 * A chosen file.
 *
 * @typedef {{name: string, file: File}} Given name: with its folders
 */

/** One reader; a request waits for the one before. */
export class DataReader {
  #make;
  /** @type {import('../engine/engine.js').Engine | null} */
  #engine = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #ending;
  #open = 0;

  /** @param {() => import('../engine/engine.js').Engine} make makes an engine, which begins when it is told */
  constructor(make) {
    this.#make = make;
  }

  /**
   * Asks the engine.
   *
   * @template {keyof import('../engine/engine.js').Requests} T
   * @param {T} type
   * @param {import('../engine/engine.js').Requests[T]['request']} fields
   * @param {ArrayBuffer[]} [bufs]
   * @param {(part: number) => void} [onProgress]
   * @returns {Promise<import('../engine/engine.js').Answer<T>>}
   */
  async ask(type, fields, bufs = [], onProgress = () => {}) {
    clearTimeout(this.#ending);
    this.#engine ??= this.#start();
    const engine = this.#engine;
    this.#open++;
    const off = engine.on('data', (head) => onProgress(head.of > 0 ? head.done / head.of : 0));
    try {
      return await engine.request(type, fields, bufs, { lives: 0, patient: true });
    } finally {
      off();
      this.#open--;
      if (this.#open === 0 && this.#engine === engine) this.#ending = setTimeout(() => this.stop(), linger);
    }
  }

  /** Ends what is being read, and the worker. */
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
 * Files as the engine takes any number of them: a list of names and lengths, and
 * the contents one after the other.
 *
 * @param {Given[]} given
 * @returns {Promise<ArrayBuffer[]>}
 * @throws {InkdriftError} too-large, file-unreadable
 */
export async function packFiles(given) {
  // What is too large for a picture is named as left out, without its content.
  const parts = given.map(({ name, file }) =>
    isArchive(name) || /\.bin$/i.test(name) || file.size <= mostPicture ? file : file.slice(0, mostPicture + 1),
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
 * What a person has chosen: one photograph, several pictures or archives of them,
 * batches of CIFAR-10, or files in MNIST's form.
 *
 * @param {Given[]} given
 * @returns {'patches' | 'album' | 'cifar' | 'idx'}
 */
export function kindOf(given) {
  const pictures = given.filter(({ name, file }) => file.type.startsWith('image/') || /\.(png|jpe?g|gif)$/i.test(name));
  if (given.some(({ name }) => isArchive(name))) return 'album';
  if (given.length > 0 && given.every(({ name, file }) => /\.bin$/i.test(name) && file.size % 3073 === 0)) return 'cifar';
  if (pictures.length === 0) return 'idx';
  return given.length === 1 ? 'patches' : 'album';
}

/**
 * A name for a set of these files.
 *
 * @param {Given[]} given
 */
export function nameOf(given) {
  const [first] = given;
  const folder = first.name.includes('/') ? first.name.split('/').filter(Boolean)[0] : '';
  if (given.length > 1 && folder && given.every(({ name }) => name.split('/').filter(Boolean)[0] === folder)) return folder;
  const plain = (first.name.split('/').at(-1) ?? '').replace(/\.\w+$/, '');
  return given.length > 1 && !isArchive(first.name) ? `${plain} +${given.length - 1}` : plain;
}
