/**
 * Time limits on what a browser does with storage. Some browsers never answer: a
 * step that takes too long is given up, and its operation with it.
 *
 * An operation that was given up may still end. Until it does nothing else is
 * written to its file (see LimitedBackend): a late end would replace what is newer.
 */
import { InkdriftError } from '../lib/errors.js';

/**
 * stepMs: what a step may take, and bytesPerMs: how much longer, by its bytes.
 * doubtMs: what it may take while the browser answers to nothing, so that a
 * storage that is gone does not hold up everything by stepMs each time.
 */
export const times = { stepMs: 3_000, bytesPerMs: 4_096, doubtMs: 500 };

/** After so many operations that were given up, none between them that ended, the browser is in doubt. */
const doubtful = 2;

/** A limit counts in so many parts: of a computer that was asleep one part is over when it wakes, not the limit. */
const slices = 3;

/**
 * Calls a function after some time in which the page was awake.
 *
 * @param {number} ms
 * @param {() => void} fn
 * @returns {() => void} cancels it
 */
function after(ms, fn) {
  let left = slices;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const next = () => {
    if (left-- === 0) fn();
    else timer = setTimeout(next, ms / slices);
  };
  next();
  return () => clearTimeout(timer);
}

/**
 * @param {string} what the file, or what else was asked for
 * @param {number} ms
 */
const silent = (what, ms) => new InkdriftError('storage-failed', `the browser has not answered for ${Math.round(ms / 100) / 10} s`, what);

/**
 * Waits for a promise, but no longer than that.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what names it in the error
 * @param {number} [ms]
 * @returns {Promise<T>}
 * @throws {InkdriftError} storage-failed
 */
export function waitFor(promise, what, ms = times.stepMs) {
  return new Promise((resolve, reject) => {
    const cancel = after(ms, () => reject(silent(what, ms)));
    promise.then(resolve, reject).finally(cancel);
  });
}

/** One operation of a backend. The backend tells it of each step, before it is taken. */
export class Attempt {
  /** Whether it was given up: nothing more must be written. */
  isGivenUp = false;

  #limit;
  #onTimeout;
  #cancel = () => {};
  /** @type {() => void} */
  #undo = () => {};

  /**
   * @param {(bytes: number) => number} [limit] milliseconds for a step; without it there is no limit
   * @param {(ms: number) => void} [onTimeout] called when a step has taken so long
   */
  constructor(limit, onTimeout = () => {}) {
    this.#limit = limit;
    this.#onTimeout = onTimeout;
  }

  /**
   * A step begins.
   *
   * @param {number} [bytes] that it reads or writes
   * @throws {InkdriftError} storage-failed, if the operation was given up
   */
  step(bytes = 0) {
    if (this.isGivenUp) throw new InkdriftError('storage-failed', 'it was given up');
    this.#cancel();
    if (!this.#limit) return;
    const ms = this.#limit(bytes);
    this.#cancel = after(ms, () => {
      this.isGivenUp = true;
      this.#onTimeout(ms);
      this.#undo();
    });
  }

  /** @param {() => void} undo called if it is given up, to undo what it can */
  onGivenUp(undo) {
    this.#undo = undo;
  }

  /** It has ended. */
  end() {
    this.#cancel();
  }
}

/**
 * A backend each of whose operations ends in time.
 *
 * @implements {Backend}
 */
export class LimitedBackend {
  #backend;
  /** Operations given up since one ended. */
  #givenUp = 0;
  /** Files that are written or removed by an operation that was given up. @type {Set<string>} */
  #late = new Set();
  #onLateEnd;

  /** @typedef {import('./backends.js').Backend} Backend */

  /**
   * @param {Backend} backend
   * @param {(name: string, written: Uint8Array[] | null) => void} [onLateEnd] an operation that was given up has ended, so that its file can be
   *   written again; written: what was written after all
   */
  constructor(backend, onLateEnd = () => {}) {
    this.#backend = backend;
    this.#onLateEnd = onLateEnd;
  }

  get kind() {
    return this.#backend.kind;
  }

  /** Rejects if it cannot be used. */
  open() {
    return this.#run('', false, (attempt) => this.#backend.open(attempt));
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} parts
   */
  put(name, parts) {
    return this.#run(name, true, (attempt) => this.#backend.put(name, parts, attempt), parts);
  }

  /** @param {string} name */
  get(name) {
    return this.#run(name, false, (attempt) => this.#backend.get(name, attempt));
  }

  names() {
    return this.#run('', false, (attempt) => this.#backend.names(attempt));
  }

  /** @param {string} name */
  remove(name) {
    return this.#run(name, true, (attempt) => this.#backend.remove(name, attempt));
  }

  /** Files that an operation that was given up may still change. */
  get changing() {
    return [...this.#late];
  }

  /**
   * @template T
   * @param {string} name
   * @param {boolean} changes whether it changes the file
   * @param {(attempt: Attempt) => Promise<T>} act
   * @param {Uint8Array[] | null} [parts] that it writes
   * @returns {Promise<T>}
   */
  #run(name, changes, act, parts = null) {
    if (changes && this.#late.has(name)) {
      return Promise.reject(new InkdriftError('storage-failed', 'the browser has not ended an earlier change of it', name));
    }
    return new Promise((resolve, reject) => {
      /** @type {Promise<T>} */
      let work;
      const attempt = new Attempt(
        (bytes) => (this.#givenUp >= doubtful ? times.doubtMs : times.stepMs) + bytes / times.bytesPerMs,
        (ms) => {
          this.#givenUp++;
          if (changes) this.#follow(name, work, parts);
          reject(silent(name, ms));
        },
      );
      attempt.step();
      work = act(attempt);
      const end = () => {
        attempt.end();
        if (!attempt.isGivenUp) this.#givenUp = 0;
      };
      work.then(
        (result) => {
          end();
          this.#givenUp = 0; // late or not: it is slow, not silent
          resolve(result);
        },
        (e) => {
          end();
          reject(e);
        },
      );
    });
  }

  /**
   * @param {string} name
   * @param {Promise<unknown>} work that was given up
   * @param {Uint8Array[] | null} parts
   */
  #follow(name, work, parts) {
    this.#late.add(name);
    const end = (/** @type {Uint8Array[] | null} */ written) => {
      this.#late.delete(name);
      this.#onLateEnd(name, written);
    };
    work.then(
      () => end(parts),
      () => end(null),
    );
  }
}
