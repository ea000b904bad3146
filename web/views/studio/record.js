/**
 * A morph as a video: the browser records a canvas while the frames are painted
 * on it, which takes as long as the video lasts.
 */
import { make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { paintOne } from '../../ui/pictures.js';

/** The format, and the bits a second for each pixel of a frame. */
const format = { type: 'video/webm', bitsPerPixel: 8 };

/** Most bits a second. */
const mostBits = 8_000_000;

/** How long the first and the last picture stay, in milliseconds: a recorder begins late. */
const stayMs = 250;

/**
 * Records pictures, one after the other.
 *
 * @param {object} what
 * @param {ArrayLike<number>[]} what.frames in their order, each 28 x 28 from 0 to 1
 * @param {number} what.delayMs from one to the next
 * @param {{scale: number, margin: number}} what.size pixels for each of a picture's, and of paper around it
 * @param {{ink: string, paper: string}} what.colours
 * @returns {Promise<ArrayBuffer>} a WebM file
 */
export async function record({ frames, delayMs, size: { scale, margin }, colours }) {
  const side = 28 * scale + 2 * margin;
  const page = make('canvas', { width: side, height: side });
  const one = make('canvas');
  const pen = /** @type {CanvasRenderingContext2D} */ (page.getContext('2d'));
  const paint = (/** @type {ArrayLike<number>} */ frame) => {
    paintOne(one, frame, [1, 28, 28], colours, scale, 'ink');
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, side, side);
    pen.drawImage(one, margin, margin);
  };

  const stream = page.captureStream();
  const recorder = new MediaRecorder(stream, {
    mimeType: format.type,
    videoBitsPerSecond: Math.min(format.bitsPerPixel * side * side, mostBits),
  });
  /** @type {Blob[]} */
  const parts = [];
  const ended = new Promise((resolve, reject) => {
    recorder.ondataavailable = (e) => parts.push(e.data);
    recorder.onstop = resolve;
    recorder.onerror = () => reject(new InkdriftError('unexpected', 'the browser could not record'));
  });
  try {
    paint(frames[0]);
    recorder.start();
    const begun = performance.now() + stayMs;
    for (const [i, frame] of frames.entries()) {
      await until(begun + i * delayMs);
      paint(frame);
    }
    await until(begun + (frames.length - 1) * delayMs + stayMs);
    recorder.stop();
    await ended;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
  return new Blob(parts, { type: format.type }).arrayBuffer();
}

/** @param {number} time as performance.now() has it */
const until = (time) => new Promise((done) => setTimeout(done, time - performance.now()));
