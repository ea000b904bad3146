/**
 * Random numbers for tests, the same in each run: xorshift32 (G. Marsaglia,
 * "Xorshift RNGs", 2003).
 *
 * @param {number} seed a whole number other than 0
 * @returns {() => number} the next number in [0,1)
 */
export function random(seed) {
  let x = seed | 0;
  for (let i = 0; i < 8; i++) step();
  function step() {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  }
  return step;
}
