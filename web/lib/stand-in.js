/**
 * Files that are something else under the name of a model: what Git LFS leaves in the place of a large
 * file, and web pages of sites that have it.
 */
import { InkdriftError } from './errors.js';

/** How much of a file says so, in bytes. */
const enough = 256;

/**
 * @param {ArrayBuffer | Uint8Array} bytes
 * @param {string} name of the file
 * @throws {InkdriftError} lfs-pointer, web-page
 */
export function refuseStandIn(bytes, name) {
  const text = new TextDecoder('latin1').decode(bytes.slice(0, enough)).trimStart();
  if (text.startsWith('version https://git-lfs')) throw new InkdriftError('lfs-pointer', 'it says where the file is', name);
  if (/^<(!doctype html|html)/i.test(text)) throw new InkdriftError('web-page', 'it begins as HTML does', name);
}
