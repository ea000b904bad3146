/**
 * Pictures for the tests: drawn, and PNG and GIF taken apart.
 */
import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

import { png, pngSignature } from '../../web/test/files.js';

/**
 * A picture of strokes.
 *
 * @param {[number, number][][]} strokes in units of the picture's side
 * @param {{side?: number, width?: number, ink?: number, paper?: number}} [how] ink and paper are greys
 */
export function pngOf(strokes, { side = 160, width = 0.07, ink = 20, paper = 245 } = {}) {
  const segments = strokes.flatMap((s) => s.slice(1).map((q, i) => [s[i], q]));
  const distance = (/** @type {number} */ x, /** @type {number} */ y) => {
    let least = Infinity;
    for (const [[ax, ay], [bx, by]] of segments) {
      const [dx, dy] = [bx - ax, by - ay];
      const u = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      least = Math.min(least, Math.hypot(x - ax - u * dx, y - ay - u * dy));
    }
    return least;
  };
  return png(side, side, (px, py) => {
    const far = distance((px + 0.5) / side, (py + 0.5) / side) - width / 2;
    const cover = Math.min(1, Math.max(0, 0.5 - far * side));
    return Math.round(paper + (ink - paper) * cover);
  });
}

/** The header of a PNG: its size. @param {Buffer} bytes */
export function pngSize(bytes) {
  assert.ok(bytes.subarray(0, 8).equals(pngSignature), 'not a PNG');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/**
 * Reads a PNG of 8 bits a channel that is not interlaced, as screenshots are.
 *
 * @param {Buffer} bytes
 * @returns {{width: number, height: number, grey: (x: number, y: number) => number, greys: Float32Array, contrast: number}}
 *   contrast: from the darkest grey to the lightest
 */
export function readPNG(bytes) {
  const { width, height } = pngSize(bytes);
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[bytes[25]];
  assert.ok(channels && bytes[24] === 8 && bytes[28] === 0, `a PNG of another kind: ${bytes.subarray(24, 29).join(' ')}`);
  const parts = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const left = i >= channels ? pixels[at - channels] : 0;
      const up = y > 0 ? pixels[at - stride] : 0;
      const corner = i >= channels && y > 0 ? pixels[at - stride - channels] : 0;
      pixels[at] = raw[y * (stride + 1) + 1 + i] + predicted(filter, left, up, corner);
    }
  }
  const greys = new Float32Array(width * height);
  const colours = Math.min(channels, 3) === 2 ? 1 : Math.min(channels, 3);
  for (let p = 0; p < greys.length; p++) {
    for (let c = 0; c < colours; c++) greys[p] += pixels[p * channels + c] / colours;
  }
  let [darkest, lightest] = [255, 0];
  for (const g of greys) [darkest, lightest] = [Math.min(darkest, g), Math.max(lightest, g)];
  return { width, height, greys, grey: (x, y) => greys[y * width + x], contrast: lightest - darkest };
}

/**
 * @param {number} filter
 * @param {number} left
 * @param {number} up
 * @param {number} corner
 */
function predicted(filter, left, up, corner) {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    default: {
      const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
  }
}

/**
 * Takes a GIF apart.
 *
 * @param {Buffer} b
 * @returns {{width: number, height: number, frames: number, delays: number[], loops: number | null}}
 *   delays in hundredths of a second; loops: 0 for ever, null: the file does not say
 */
export function readGIF(b) {
  assert.equal(b.toString('latin1', 0, 6), 'GIF89a');
  const gif = {
    width: b.readUInt16LE(6),
    height: b.readUInt16LE(8),
    frames: 0,
    delays: /** @type {number[]} */ ([]),
    loops: /** @type {number | null} */ (null),
  };
  const colours = (/** @type {number} */ packed) => (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);
  const skip = (/** @type {number} */ at) => {
    while (b[at] !== 0) at += b[at] + 1;
    return at + 1;
  };
  let at = 13 + colours(b[10]);
  for (;;) {
    const kind = b[at];
    if (kind === 0x3b) break;
    if (kind === 0x2c) {
      gif.frames++;
      at = skip(at + 10 + colours(b[at + 9]) + 1);
    } else if (kind === 0x21) {
      if (b[at + 1] === 0xf9) gif.delays.push(b.readUInt16LE(at + 4));
      if (b[at + 1] === 0xff && b.toString('latin1', at + 3, at + 14) === 'NETSCAPE2.0') gif.loops = b.readUInt16LE(at + 16);
      at = skip(at + 2);
    } else {
      assert.fail(`a GIF has no block ${kind} (at ${at} of ${b.length})`);
    }
  }
  assert.equal(at, b.length - 1, 'something follows the end of the GIF');
  return gif;
}
