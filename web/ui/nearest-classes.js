/** How many of the nearest points say between which classes a place is, and how many of them a class must have to be named; as in Go. */
const [neighbours, few] = [24, 5];

/**
 * Of which classes most of the points are that are nearest to a latent point, the
 * most frequent first.
 *
 * @param {ArrayLike<number>} points one after the other; those that are not finite are left out
 * @param {ArrayLike<number>} labels negative: none
 * @param {ArrayLike<number>} z
 * @returns {number[]} two at most
 */
export function nearestClasses(points, labels, z) {
  const d = z.length;
  const found = [];
  for (let i = 0; i < labels.length; i++) {
    if (!(labels[i] >= 0)) continue;
    let far = 0;
    for (let j = 0; j < d; j++) far += (points[i * d + j] - z[j]) ** 2;
    if (Number.isFinite(far)) found.push({ label: labels[i], far });
  }
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const { label } of found.sort((a, b) => a.far - b.far).slice(0, neighbours)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .filter(([, n]) => n >= few)
    .sort(([p, n], [q, m]) => m - n || p - q)
    .slice(0, 2)
    .map(([label]) => label);
}
