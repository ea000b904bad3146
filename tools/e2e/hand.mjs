/**
 * A hand that draws: paths of the ten digits as people write them, and pointer
 * events of mouse, pen and finger along them.
 */

/** Corner points of strokes, in pad units. @type {Record<number, [number, number][][]>} */
const digits = {
  0: [
    [
      [0.52, 0.16],
      [0.37, 0.22],
      [0.3, 0.42],
      [0.31, 0.64],
      [0.41, 0.82],
      [0.56, 0.83],
      [0.68, 0.68],
      [0.7, 0.45],
      [0.63, 0.24],
      [0.5, 0.16],
    ],
  ],
  1: [
    [
      [0.41, 0.31],
      [0.49, 0.24],
      [0.54, 0.16],
      [0.54, 0.4],
      [0.53, 0.62],
      [0.54, 0.84],
    ],
  ],
  2: [
    [
      [0.31, 0.32],
      [0.36, 0.2],
      [0.5, 0.15],
      [0.63, 0.22],
      [0.65, 0.36],
      [0.55, 0.54],
      [0.42, 0.7],
      [0.31, 0.82],
      [0.46, 0.8],
      [0.58, 0.82],
      [0.71, 0.79],
    ],
  ],
  3: [
    [
      [0.32, 0.24],
      [0.42, 0.16],
      [0.58, 0.17],
      [0.66, 0.29],
      [0.6, 0.41],
      [0.46, 0.47],
      [0.6, 0.5],
      [0.69, 0.63],
      [0.64, 0.78],
      [0.5, 0.85],
      [0.37, 0.82],
      [0.29, 0.74],
    ],
  ],
  4: [
    [
      [0.42, 0.16],
      [0.37, 0.34],
      [0.31, 0.54],
      [0.46, 0.56],
      [0.6, 0.55],
      [0.73, 0.53],
    ],
    [
      [0.63, 0.3],
      [0.61, 0.5],
      [0.59, 0.7],
      [0.58, 0.86],
    ],
  ],
  5: [
    [
      [0.4, 0.18],
      [0.38, 0.32],
      [0.36, 0.44],
      [0.5, 0.4],
      [0.63, 0.48],
      [0.67, 0.62],
      [0.6, 0.77],
      [0.47, 0.83],
      [0.32, 0.78],
    ],
    [
      [0.4, 0.18],
      [0.52, 0.18],
      [0.68, 0.16],
    ],
  ],
  6: [
    [
      [0.6, 0.16],
      [0.46, 0.28],
      [0.36, 0.48],
      [0.33, 0.68],
      [0.42, 0.82],
      [0.57, 0.82],
      [0.66, 0.7],
      [0.61, 0.57],
      [0.48, 0.55],
      [0.36, 0.65],
    ],
  ],
  7: [
    [
      [0.29, 0.21],
      [0.42, 0.2],
      [0.56, 0.19],
      [0.69, 0.18],
      [0.61, 0.38],
      [0.53, 0.6],
      [0.47, 0.85],
    ],
  ],
  8: [
    [
      [0.63, 0.25],
      [0.52, 0.16],
      [0.39, 0.21],
      [0.37, 0.33],
      [0.48, 0.44],
      [0.61, 0.56],
      [0.66, 0.69],
      [0.58, 0.82],
      [0.43, 0.84],
      [0.34, 0.72],
      [0.4, 0.58],
      [0.53, 0.46],
      [0.64, 0.35],
      [0.63, 0.25],
    ],
  ],
  9: [
    [
      [0.65, 0.28],
      [0.54, 0.17],
      [0.4, 0.23],
      [0.36, 0.38],
      [0.45, 0.5],
      [0.58, 0.46],
      [0.65, 0.3],
      [0.64, 0.46],
      [0.61, 0.66],
      [0.56, 0.85],
    ],
  ],
};

/**
 * The positions of a hand that writes a digit: smooth between the corners, never
 * quite steady, the same every time.
 *
 * @param {number} digit
 * @param {{slant?: number, between?: number}} [how] slant: how far the top leans to
 *   the right of the bottom, as a part of the height; between: positions from one
 *   corner to the next
 * @returns {[number, number][][]} strokes in pad units
 */
export function written(digit, { slant = 0, between = 4 } = {}) {
  return digits[digit].map((corners, s) => {
    /** @type {[number, number][]} */
    const out = [];
    const corner = (/** @type {number} */ i) => corners[Math.min(Math.max(i, 0), corners.length - 1)];
    const steps = (corners.length - 1) * between;
    for (let k = 0; k <= steps; k++) {
      const i = Math.min(Math.floor(k / between), corners.length - 2);
      const u = k / between - i;
      const [p, q, r, t] = [corner(i - 1), corner(i), corner(i + 1), corner(i + 2)];
      const at = (/** @type {0 | 1} */ c) =>
        q[c] + 0.5 * u * (r[c] - p[c] + u * (2 * p[c] - 5 * q[c] + 4 * r[c] - t[c] + u * (3 * (q[c] - r[c]) + t[c] - p[c])));
      const tremor = 0.004 * Math.sin(0.6 * k + 5 * s + digit);
      const y = at(1) + tremor;
      out.push([at(0) + slant * (0.5 - y) + tremor, y]);
    }
    return out;
  });
}

/** What draws. @typedef {'mouse' | 'pen' | 'touch'} Kind */

/**
 * Draws on a pad with real pointer events.
 *
 * @param {import('playwright-core').Page} page
 * @param {'a' | 'b'} pad
 * @param {[number, number][][]} strokes in pad units
 * @param {object} [how]
 * @param {Kind} [how.kind]
 * @param {() => Promise<void>} [how.halfway] called in the middle of each stroke
 * @param {() => Promise<void>} [how.before] called at the end of each stroke, before the pointer goes up
 */
export async function draw(page, pad, strokes, { kind = 'mouse', halfway, before } = {}) {
  await page.locator(`#pad-${pad}`).scrollIntoViewIfNeeded();
  const rects = await page.evaluate(() => window.inkdrift.rects());
  const r = rects[pad === 'a' ? 'padA' : 'padB'];
  const session = await page.context().newCDPSession(page);
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => ({ x: r.x + x * r.width, y: r.y + y * r.height }));
    const [first, last] = [points[0], points[points.length - 1]];
    await (kind === 'touch' ? touch(session, 'touchStart', first) : mouse(session, kind, 'mousePressed', first));
    // A half at once: the browser gets the positions in order and hands them on in bundles, one a frame.
    const go = (/** @type {typeof points} */ part) =>
      Promise.all(part.map((p) => (kind === 'touch' ? touch(session, 'touchMove', p) : mouse(session, kind, 'mouseMoved', p))));
    const half = Math.ceil(points.length / 2);
    await go(points.slice(1, half));
    await halfway?.();
    await go(points.slice(half));
    await before?.();
    await (kind === 'touch' ? touch(session, 'touchEnd') : mouse(session, kind, 'mouseReleased', last));
  }
  await session.detach();
}

/**
 * @param {import('playwright-core').CDPSession} session
 * @param {Kind} kind
 * @param {'mousePressed' | 'mouseMoved' | 'mouseReleased'} type
 * @param {{x: number, y: number}} at
 */
function mouse(session, kind, type, at) {
  return session.send('Input.dispatchMouseEvent', {
    type,
    ...at,
    button: 'left',
    buttons: type === 'mouseReleased' ? 0 : 1,
    clickCount: type === 'mouseMoved' ? 0 : 1,
    pointerType: kind === 'pen' ? 'pen' : 'mouse',
    ...(kind === 'pen' ? { force: 0.6 } : {}),
  });
}

/**
 * @param {import('playwright-core').CDPSession} session
 * @param {'touchStart' | 'touchMove' | 'touchEnd'} type
 * @param {{x: number, y: number}} [at]
 */
function touch(session, type, at) {
  return session.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
}
