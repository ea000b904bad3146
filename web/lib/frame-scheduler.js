/**
 * Drawing, a little in each frame: what is to be drawn waits in a line, and a
 * frame draws no more of it than leaves the page at hand.
 */

/** Milliseconds of drawing in a frame. The last thing begun may take longer. */
const budget = 6;

/** What waits, by who asked for it. @type {Map<object, () => void>} */
const waiting = new Map();
let scheduled = false;

/**
 * Draws soon. Who asks again before that is drawn once, with the newest.
 *
 * @param {object} who
 * @param {() => void} fn
 */
export function scheduleDraw(who, fn) {
  waiting.set(who, fn);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(frame);
}

function frame() {
  const end = performance.now() + budget;
  for (const [who, fn] of waiting) {
    waiting.delete(who);
    fn();
    if (performance.now() >= end) break;
  }
  scheduled = waiting.size > 0;
  if (scheduled) requestAnimationFrame(frame);
}
