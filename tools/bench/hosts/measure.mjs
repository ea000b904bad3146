/** How the hosts measure, whatever they measure. */

/** Steps of training between two looks at the loss. */
export const lossEvery = 20;

/**
 * Calls f until at least so many seconds have gone by, and at least once. It
 * looks at the clock about ten times, however short f is. `each` is how many
 * seconds a call takes: the median of the parts of the time, by their length, so
 * that an interruption does not count.
 *
 * @param {number} seconds
 * @param {() => unknown} f
 * @param {() => number} [now] in milliseconds
 * @returns {Promise<{calls: number, seconds: number, each: number}>}
 */
export async function repeat(seconds, f, now = () => performance.now()) {
  const start = now();
  const parts = [];
  let calls = 0;
  let before = 0;
  for (let batch = 1; ; ) {
    for (let i = 0; i < batch; i++) {
      const pending = f();
      if (pending instanceof Promise) await pending;
    }
    calls += batch;
    const took = (now() - start) / 1000;
    parts.push({ took: took - before, each: (took - before) / batch });
    before = took;
    if (took >= seconds) return { calls, seconds: took, each: medianPart(parts) };
    const each = Math.max(took / calls, 1e-9);
    batch = Math.max(1, Math.floor(Math.min((seconds - took) / each, seconds / 10 / each, 4 * batch)));
  }
}

/** @param {{took: number, each: number}[]} parts */
function medianPart(parts) {
  let left = parts.reduce((sum, p) => sum + p.took, 0) / 2;
  let each = NaN;
  for (const p of [...parts].sort((a, b) => a.each - b.each)) {
    each = p.each;
    left -= p.took;
    if (left <= 0) break;
  }
  return each;
}

/**
 * Takes so many steps of a training and gives the last one's loss, in nats an
 * image.
 *
 * @typedef {(steps: number) => Promise<number>} Take
 */

/**
 * Makes a Take of a function that takes one step, or puts it into a queue, and
 * one that waits for the steps so far and reads the last one's loss. It is read
 * every twenty steps and after the last.
 *
 * @param {() => unknown} step
 * @param {() => Promise<number> | number} loss
 * @returns {Take}
 */
export function oneByOne(step, loss) {
  return async (steps) => {
    let last = NaN;
    for (let i = 1; i <= steps; i++) {
      const pending = step();
      if (pending instanceof Promise) await pending;
      if (i % lossEvery === 0 || i === steps) last = await loss();
    }
    return last;
  };
}

/**
 * Warms a training up and makes it measurable.
 *
 * @param {Take} take
 * @param {number} batch images in a step
 * @param {number} warmUp steps, at least 2
 * @param {() => number} [now] in milliseconds
 */
export async function startTraining(take, batch, warmUp, now = () => performance.now()) {
  let steps = 0;
  /** Seconds that a step takes. */
  let each = 0;
  let loss = 0;

  /** @param {number} n */
  async function timed(n) {
    const start = now();
    loss = await take(n);
    const took = (now() - start) / 1000;
    steps += n;
    each = took / n;
    return took;
  }

  await timed(1);
  const first = loss;
  // What is compiled late is not to be in the estimate.
  const later = Math.ceil((warmUp - 1) / 2);
  if (warmUp - 1 > later) await timed(warmUp - 1 - later);
  await timed(later);
  return {
    first,
    /** @param {number} seconds */
    async measure(seconds) {
      const n = Math.max(1, Math.round(seconds / Math.max(each, 1e-6)));
      const took = await timed(n);
      return { value: (n * batch) / took, steps, loss };
    },
  };
}
