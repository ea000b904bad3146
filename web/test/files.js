/**
 * Files for tests: PNG (ISO/IEC 15948) and zip archives (APPNOTE.TXT 6.3), made byte by byte, so that
 * tests can also make what no program would write.
 */
import { deflateRawSync, deflateSync } from 'node:zlib';

import { crc32 } from '../storage/checksummed-file.js';

/** How each PNG begins. */
export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/**
 * A PNG of 8 bits a channel.
 *
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number | number[]} [pixel] a grey, or red, green and blue, 0 to 255; without it the
 *   picture claims its size and holds one row
 * @returns {Buffer<ArrayBuffer>}
 */
export function png(width, height, pixel) {
  const channels = pixel && Array.isArray(pixel(0, 0)) ? 3 : 1;
  const stride = channels * width + 1; // a row begins with its filter, which is none
  const rows = Buffer.alloc(pixel ? stride * height : Math.min(width, 1000) + 1);
  if (pixel) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) rows.set([pixel(x, y)].flat(), y * stride + 1 + channels * x);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0], 8); // bits; colour type
  return Buffer.concat([pngSignature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/**
 * A zip archive, deflated.
 *
 * @param {{name: string, content: Buffer}[]} files
 * @returns {Buffer<ArrayBuffer>}
 */
export function zip(files) {
  const [parts, list] = /** @type {Buffer[][]} */ ([[], []]);
  let at = 0;
  for (const f of files) {
    const name = Buffer.from(f.name);
    const content = deflateRawSync(f.content);
    const common = Buffer.alloc(26); // from the version on
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(f.content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(f.content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    parts.push(Buffer.from('PK\x03\x04'), common, name, content);
    list.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, name);
    at += 30 + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(list).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...list, end]);
}
