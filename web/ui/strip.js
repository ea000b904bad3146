/**
 * The geometry of a strip of still pictures.
 */

/**
 * The place in a morph that a point of its strip shows. The strip's pictures
 * are squares as high as the strip, spread over its width: the middle of the
 * first is A, of the last B.
 *
 * @param {number} x from 0, its left edge, to 1
 * @param {number} aspect the strip's width by its height
 * @returns {number} from 0 (A) to 1 (B)
 */
export function stripPlace(x, aspect) {
  const half = 0.5 / Math.max(aspect, 2);
  return Math.min(Math.max((x - half) / (1 - 2 * half), 0), 1);
}
