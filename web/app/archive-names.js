/**
 * What a zip archive holds, by the names in its list: enough to say at a pad whether
 * it may be a data set, without the program that reads those.
 */
import { readFile } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';

/** Files that a data set may be made of: pictures, arrays, tables, packed files. */
const ofData =
  /\.(png|jpe?g|gif|webp|avif|bmp|tiff?|hei[cf]|np[yz]|csv|bin|gz|tgz|bz2|tbz2?|tar|zip)$|idx\d|ubyte|(^|\/)(data|test)_batch/i;

/** The end of an archive: its signature and length, and the longest comment after it. */
const end = { signature: 0x06054b50, bytes: 22, comment: 0xffff };

/** An entry of the list. */
const entry = { signature: 0x02014b50, bytes: 46 };

/** Counts and places in archives of over 4 GB, which are elsewhere. */
const elsewhere = { count: 0xffff, place: 0xffffffff };

/**
 * Whether a data set may be in an archive.
 *
 * @param {Blob & {name: string}} file
 * @returns {Promise<boolean>}
 * @throws {InkdriftError} no-archive, file-unreadable
 */
export async function mayHoldData(file) {
  const view = async (/** @type {number} */ from, /** @type {number} */ to) => new DataView(await readFile(file.slice(from, to)));
  const tail = await view(Math.max(0, file.size - end.bytes - end.comment), file.size);
  let at = tail.byteLength - end.bytes;
  while (at >= 0 && tail.getUint32(at, true) !== end.signature) at--;
  if (at < 0) throw new InkdriftError('no-archive', 'it has no list of files', file.name);
  const count = tail.getUint16(at + 10, true);
  const [bytes, from] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (count === elsewhere.count || from === elsewhere.place) return true; // too large for this list
  const list = await view(from, from + bytes);
  for (let i = 0; i + entry.bytes <= list.byteLength && list.getUint32(i, true) === entry.signature; ) {
    const length = list.getUint16(i + 28, true);
    const name = new TextDecoder('latin1').decode(list.buffer.slice(i + entry.bytes, i + entry.bytes + length));
    if (ofData.test(name)) return true;
    i += entry.bytes + length + list.getUint16(i + 30, true) + list.getUint16(i + 32, true);
  }
  return false;
}
