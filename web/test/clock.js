/**
 * A clock that tests turn by hand: timers and Date.now. Node 18, on which the tests
 * run as well, has none for Date.
 */

/** @typedef {{at: number, every: number, call: () => void}} Timer every: 0: once */

/** Stops the clock at 0; the timers that are set from here on are its own. */
export function stopClock() {
  let now = 0;
  let last = 0;
  /** @type {Map<number, Timer>} */
  const timers = new Map();
  const add = (/** @type {(...args: any[]) => void} */ call, /** @type {number} */ ms, /** @type {any[]} */ args, repeats = false) => {
    timers.set(++last, { at: now + Math.max(1, ms), every: repeats ? Math.max(1, ms) : 0, call: () => call(...args) });
    return last;
  };
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const real = { date: Date.now, timers: { setTimeout, setInterval, clearTimeout, clearInterval } };
  Object.assign(globalThis, {
    setTimeout: (/** @type {() => void} */ call, ms = 0, /** @type {any[]} */ ...args) => add(call, ms, args),
    setInterval: (/** @type {() => void} */ call, ms = 0, /** @type {any[]} */ ...args) => add(call, ms, args, true),
    clearTimeout: (/** @type {number} */ id) => void timers.delete(id),
    clearInterval: (/** @type {number} */ id) => void timers.delete(id),
  });
  Date.now = () => now;
  return {
    /** Lets time go by; what falls due is called in its order. @param {number} ms */
    tick(ms) {
      const end = now + ms;
      for (;;) {
        let [next, id] = [/** @type {Timer | null} */ (null), 0];
        for (const [i, t] of timers) if (t.at <= end && (!next || t.at < next.at)) [next, id] = [t, i];
        if (!next) break;
        now = next.at;
        if (next.every) next.at += next.every;
        else timers.delete(id);
        next.call();
      }
      now = end;
    },
    /** Gives the real clock back. */
    release() {
      Object.assign(globalThis, real.timers);
      Date.now = real.date;
    },
  };
}
