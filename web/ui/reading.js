/**
 * What is said of a drawing: a digit, perhaps one of two, or none that is known.
 *
 * The probabilities are calibrated, so the limits are shares: of drawings whose digit
 * is said to be certain at most one in ten may be another. They were chosen on digits
 * of a pen by writers that nothing is trained on, and on letters and doodles; the card
 * models/digits.md says how many of each are called what.
 *
 * @typedef {{label: number | null, certainty: 'digit' | 'perhaps' | 'unknown' | null, second: number | null}} Reading
 *   second: the other digit that it may be
 */

/** At least so probable is a digit that is said alone. */
const sure = 0.9;

/**
 * No digit that is known: fewer than this share of the test digits are less typical,
 * and the most probable digit is less probable than this.
 */
const unknown = { share: 0.02, probability: 0.999 };

/**
 * How a drawing is read.
 *
 * @param {{label: number | null, probs: ArrayLike<number> | null}} result
 * @param {number | null} share of the test digits that are less typical; null where it is not known
 * @param {boolean} [isDot] see {@link isDot}
 * @returns {Reading}
 */
export function reading({ label, probs }, share, isDot = false) {
  if (label === null || !probs) return { label, certainty: null, second: null };
  const top = probs[label] ?? 0;
  if (isDot || (share !== null && share < unknown.share && top < unknown.probability)) return { label, certainty: 'unknown', second: null };
  if (top >= sure) return { label, certainty: 'digit', second: null };
  let second = label === 0 ? 1 : 0;
  for (let i = 0; i < probs.length; i++) if (i !== label && probs[i] > probs[second]) second = i;
  return { label, certainty: 'perhaps', second };
}

/**
 * Whether the reading of a drawing depends on how typical of digits it is.
 *
 * @param {{label: number | null, probs: ArrayLike<number> | null}} result
 */
export const needsShare = ({ label, probs }) => label !== null && probs !== null && (probs[label] ?? 0) < unknown.probability;

/** A drawing that is no wider and higher than so many brushes is a dot: enlarged to the size of a digit it would be read as one. */
const dot = 0.5;

/**
 * Whether a drawing is no more than a dot.
 *
 * @param {{strokes: readonly import('../engine/strokes.js').Stroke[], hasBitmap: boolean}} content
 */
export function isDot({ strokes, hasBitmap }) {
  if (hasBitmap || strokes.length === 0) return false;
  const [x, y] = [0, 1].map((axis) => strokes.flatMap(({ points }) => Array.from(points).filter((_, i) => i % 3 === axis)));
  const extent = (/** @type {number[]} */ v) => Math.max(...v) - Math.min(...v);
  const width = Math.max(...strokes.map((s) => s.width));
  return Math.max(extent(x), extent(y)) < dot * width;
}
