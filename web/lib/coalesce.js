/**
 * Work that is asked for faster than it is done: never twice at once, and once
 * more if it was asked for meanwhile.
 *
 * @param {() => Promise<void>} work
 * @param {(error: unknown) => void} fail
 * @returns {() => Promise<void>} asks for it; settles when nothing is left to do
 */
export function coalesce(work, fail) {
  let [busy, again] = [false, false];
  return async () => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } catch (e) {
      fail(e);
    } finally {
      busy = false;
    }
  };
}
