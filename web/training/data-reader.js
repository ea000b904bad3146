/**
 * Reads imported files and paints sheets of examples in an engine of its own: the
 * memory for large files is freed when its worker ends.
 */
import { readFile } from '../lib/dom.js';
import { limits } from '../generated/protocol.js';
import { InkdriftError } from '../lib/errors.js';
import { isMade } from './made-sets.js';

/** Milliseconds after which an idle worker ends. */
const idleMs = 20_000;

/** Milliseconds after which an engine that is held ready is started anew. */
const againMs = 1000;

/** Most bytes of a picture file; larger ones are not read. */
const maxPictureBytes = 64 << 20;

/**
 * A chosen file.
 *
 * @typedef {{name: string, file: File, unreadable?: boolean}} NamedFile name: with its folders; unreadable: the browser does not give it
 * @typedef {import('../generated/protocol.js').LeftOut} LeftOut
 */

/** Requests wait for the one before. */
export class DataReader {
  #make;
  /** @type {import('../engine/engine.js').Engine | null} */
  #engine = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #ending;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #starting;
  #open = 0;
  #held = false;

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
   * @param {boolean} [give] the buffers go to the engine instead of copies
   * @returns {Promise<import('../engine/engine.js').Answer<T>>}
   */
  async request(type, fields, bufs = [], onProgress = () => {}, give = false) {
    clearTimeout(this.#ending);
    clearTimeout(this.#starting);
    this.#engine ??= this.#start();
    const engine = this.#engine;
    this.#open++;
    const off = engine.on('data', (head) => onProgress(head.of > 0 ? head.done / head.of : 0));
    try {
      return await engine.request(type, fields, bufs, { retries: 0, patient: true, give });
    } finally {
      off();
      this.#open--;
      if (this.#engine === engine) this.#endSoon();
    }
  }

  /** Starts the engine, if it is not there, for a request that will come soon. */
  prepare() {
    this.#engine ??= this.#start();
    this.#endSoon();
  }

  /**
   * Holds an engine ready, so that files are answered at once, or lets it end.
   *
   * @param {boolean} on
   */
  hold(on) {
    this.#held = on;
    clearTimeout(this.#starting);
    if (on) this.prepare();
    else this.#endSoon();
  }

  /** Ends the worker and its requests; one that is held comes back, with memory that is free again. */
  stop() {
    clearTimeout(this.#ending);
    this.#engine?.stop();
    this.#engine = null;
    if (this.#held) this.#starting = setTimeout(() => this.prepare(), againMs);
  }

  /** Ends the worker after a while, unless it is needed. */
  #endSoon() {
    clearTimeout(this.#ending);
    if (this.#engine && this.#open === 0 && !this.#held) this.#ending = setTimeout(() => this.stop(), idleMs);
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
 * @throws {InkdriftError} data-too-large, file-unreadable
 */
export async function packFiles(given) {
  // Too large for a picture: the engine reports it as left out, by its length.
  const parts = given.map(({ name, file }) =>
    isPicture(name, file) && file.size > maxPictureBytes ? file.slice(0, maxPictureBytes + 1) : file,
  );
  const total = bytesOf(given);
  if (total > limits.bytes)
    throw new InkdriftError('data-too-large', `${total} bytes, at most ${limits.bytes} are read at once: choose fewer files`, 'files');
  const list = JSON.stringify(given.map(({ name }, i) => ({ name, bytes: parts[i].size })));
  return [/** @type {ArrayBuffer} */ (new TextEncoder().encode(list).buffer), await readFile(new Blob(parts))];
}

/** How many bytes of files are given to the engine. @param {NamedFile[]} given */
const bytesOf = (given) =>
  given.reduce((sum, { name, file }) => sum + (isPicture(name, file) ? Math.min(file.size, maxPictureBytes + 1) : file.size), 0);

/** @param {string} name @param {File} file */
const isPicture = (name, file) => file.type.startsWith('image/') || /\.(png|jpe?g|gif|webp|avif|bmp|heic)$/i.test(name);

/** @param {string} name */
const isArchive = (name) => /\.(zip|tar|tgz|tar\.gz|npz)$/i.test(name);

/** Whether a file is of no data set, by its name or type. @param {NamedFile} given */
const isForeign = ({ name, file }) =>
  /^(video|audio)\//.test(file.type) ||
  /\.(mp4|m4v|mov|mkv|avi|webm|mp3|wav|pdf|iso|exe|dmg|h5|hdf5|pkl|pt|pth|safetensors|rar|7z|xz)$/i.test(name);

/** Whether a file has arrays of a set, by its name. @param {string} name */
const isArray = (name) => /idx\d|ubyte|\.(gz|bin|npy|csv)$/i.test(name) && !isArchive(name);

/** What a set is called of which a file in arrays is. @param {string} name */
const setOf = (name) =>
  (name.split('/').at(-1) ?? '')
    .split(/[^\p{L}]+/u)
    .filter((w) => w && !roleWords.test(w))
    .join(' ')
    .toLowerCase();

/**
 * Chooses what is given to the engine of more than it can read at once: files that are of no set by their names are left out, then archives
 * beside files that are not packed, then sets in arrays beside smaller ones, the largest first.
 *
 * @param {NamedFile[]} given
 * @returns {NamedFile[]} those that are left out, which may be too few
 */
export function tooMany(given) {
  let kept = given;
  /** @param {(g: NamedFile) => boolean} goes */
  const leave = (goes) => (kept = kept.filter((g) => !goes(g)));
  const fits = () => bytesOf(kept) <= limits.bytes;
  if (!fits()) leave(isForeign);
  const isKnown = (/** @type {NamedFile} */ { name, file }) => isArray(name) || isArchive(name) || isPicture(name, file);
  if (!fits() && kept.some(isKnown)) leave((g) => g.file.size > limits.bytes && !isKnown(g));
  if (!fits() && kept.some(({ name }) => isArray(name))) leave(({ name }) => isArchive(name));
  while (!fits()) {
    const arrays = kept.filter(({ name }) => isArray(name));
    const sets = [...new Set(arrays.map(({ name }) => setOf(name)))];
    const size = (/** @type {string} */ set) => bytesOf(arrays.filter(({ name }) => setOf(name) === set));
    if (sets.length < 2) break;
    const largest = sets.reduce((a, b) => (size(b) > size(a) ? b : a));
    leave(({ name }) => isArray(name) && setOf(name) === largest);
  }
  return given.filter((g) => !kept.includes(g));
}

/**
 * Packs files for the engine, but for those that cannot be read or are too many.
 *
 * @param {NamedFile[]} given
 * @returns {Promise<{given: NamedFile[], left: LeftOut[], bufs: ArrayBuffer[]}>} given: those that are packed
 * @throws {InkdriftError} data-too-large, file-unreadable
 */
async function packSome(given) {
  /** @type {LeftOut[]} */
  const left = [];
  /** @param {NamedFile[]} files @param {'unreadable' | 'too-large'} why */
  const leave = (files, why) => {
    left.push(...files.map(({ name }) => ({ name, files: 1, why, message: why })));
    given = given.filter((g) => !files.includes(g));
  };
  leave(
    given.filter(({ unreadable }) => unreadable),
    'unreadable',
  );
  leave(tooMany(given), 'too-large');
  try {
    return { given, left, bufs: await packFiles(given) };
  } catch (e) {
    const readable = await Promise.all(
      given.map(({ file }) =>
        file
          .slice(0, 1)
          .arrayBuffer()
          .then(
            () => true,
            () => false,
          ),
      ),
    );
    // Alone, or all of them: it is no stray.
    if (InkdriftError.from(e).code !== 'file-unreadable' || !readable.includes(true) || !readable.includes(false)) throw e;
    leave(
      given.filter((_, i) => !readable[i]),
      'unreadable',
    );
    return { given, left, bufs: await packFiles(given) };
  }
}

/**
 * What files are, as the engine found it in them.
 *
 * @typedef {import('../generated/protocol.js').DataInspectOK} Inspected
 * @typedef {{head: Inspected, files: import('./own-data.js').DataFiles | null, given: NamedFile[], left: LeftOut[]}} Found files: of a set in
 *   MNIST's form, which was read; given: what the engine was given; left: what it was not, which is in the head as well
 */

/**
 * Has the engine look into files: what data set is in them, and what is of no use. A set in MNIST's form, or in arrays that can be
 * brought to it, has been read when this settles.
 *
 * @param {Pick<DataReader, 'request'>} reader
 * @param {NamedFile[]} given
 * @param {{turn?: '' | 'always' | 'never', onProgress?: (part: number) => void}} [how] turn: whether rows and columns are exchanged; '': if it seems so
 * @returns {Promise<Found>}
 * @throws {InkdriftError} bad-data and others; it has the files that were of no use
 */
export async function inspect(reader, given, { turn = '', onProgress } = {}) {
  /** @type {LeftOut[]} */
  let left = [];
  try {
    const packed = await packSome(given);
    ({ given, left } = packed);
    const answer = await reader.request('data.inspect', { ...(turn && { turn }) }, packed.bufs, onProgress, true);
    const { bufs } = answer;
    const head = { ...answer.head, passed: answer.head.passed + left.length, leftOut: [...left, ...answer.head.leftOut] };
    if (head.kind !== 'idx') return { head, files: null, given, left };
    const names = ['train-images', 'train-labels', 'test-images', 'test-labels'];
    const files =
      head.plain.length > 0
        ? await Promise.all(
            head.plain.map(async (i) => (i < 0 ? null : { name: given[i].file.name, bytes: await readFile(given[i].file) })),
          )
        : bufs.map((bytes, i) => (bytes.byteLength > 0 ? { name: names[i], bytes } : null));
    return { head, files: /** @type {import('./own-data.js').DataFiles} */ (files), given, left };
  } catch (e) {
    const error = dataError(e);
    error.leftOut = [...left, ...error.leftOut];
    throw error;
  }
}

/**
 * An error of reading data: memory that it would need is no matter of the model.
 *
 * @param {unknown} e
 */
export function dataError(e) {
  const error = InkdriftError.from(e);
  if (error.code !== 'too-large') return error;
  return Object.assign(new InkdriftError('data-too-large', error.message, error.field), { leftOut: error.leftOut });
}

/** Words in names of files that say what is in them, and not of which set they are. */
const roleWords =
  /^(train(ing)?|test(ing)?|t10k|val(id(ation)?)?|images?|labels?|idx\d?|ubyte|byte|int|short|float|double|x|y|gz|npy|csv|txt)$/i;

/**
 * A name for a set in arrays: what is left of the name of its first file without the words for its parts. One that
 * is called as a generated set keeps the name of the file.
 *
 * @param {NamedFile[]} given
 * @param {Pick<Inspected, 'plain' | 'leftOut'>} head
 */
export function arraysName(given, { plain: roles, leftOut }) {
  const first = given[roles[0]] ?? given.find(({ name }) => !leftOut.some((l) => l.name === name)) ?? given[0];
  const plain = suggestName([first]);
  const words = plain.split(/[-_. ]+/).filter((w) => w && !roleWords.test(w));
  const name = words.length > 0 ? words.join('-') : plain;
  return isMade(name) ? (first.name.split('/').at(-1) ?? name) : name;
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
  const plain = (first.name.split('/').at(-1) ?? '').replace(/(\.tar)?\.\w+$/, '');
  return given.length > 1 && !isArchive(first.name) ? `${plain} +${given.length - 1}` : plain;
}
