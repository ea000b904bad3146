/**
 * Where something goes beside an element so that neither hides the other.
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Box in CSS pixels of the window
 */

/** Space around it. */
const gap = 16;

/**
 * The place for a box of a size: to the right of the element, to its left, below
 * or above, the first that has room; else in the corner of the window, right at
 * the bottom.
 *
 * @param {Box | null} element null: there is none
 * @param {{width: number, height: number}} size
 * @param {{width: number, height: number}} room the window
 * @returns {{left: number, top: number, side: 'right' | 'left' | 'below' | 'above' | 'corner'}}
 */
export function placeBeside(element, { width, height }, room) {
  const clamp = (/** @type {number} */ v, /** @type {number} */ most) => Math.max(gap, Math.min(v, most - gap));
  const corner = { left: room.width - width - gap, top: room.height - height - gap, side: /** @type {const} */ ('corner') };
  if (!element) return corner;
  const top = clamp(element.top, room.height - height);
  const left = clamp(element.left, room.width - width);
  const tall = height + 2 * gap <= room.height;
  const wide = width + 2 * gap <= room.width;
  const right = element.left + element.width + gap;
  if (tall && right + width + gap <= room.width) return { left: right, top, side: 'right' };
  if (tall && element.left - gap - width >= gap) return { left: element.left - gap - width, top, side: 'left' };
  const below = element.top + element.height + gap;
  if (wide && below + height + gap <= room.height) return { left, top: below, side: 'below' };
  if (wide && element.top - gap - height >= gap) return { left, top: element.top - gap - height, side: 'above' };
  return corner;
}
