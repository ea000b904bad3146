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
 * @returns {Reading}
 */
export function reading({ label, probs }, share) {
  if (label === null || !probs) return { label, certainty: null, second: null };
  const top = probs[label] ?? 0;
  if (share !== null && share < unknown.share && top < unknown.probability) return { label, certainty: 'unknown', second: null };
  if (top >= sure) return { label, certainty: 'digit', second: null };
  let second = label === 0 ? 1 : 0;
  for (let i = 0; i < probs.length; i++) if (i !== label && probs[i] > probs[second]) second = i;
  return { label, certainty: 'perhaps', second };
}
