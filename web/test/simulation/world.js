/**
 * A browser's time, in a program: events in the order of a simulated clock, each of
 * a tab. While a world is open the timers, the clock and the random numbers of the
 * whole program are its own, so that a seed gives the same course each time.
 */
import { random } from '../random.js';

const real = {
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  clearTimeout: globalThis.clearTimeout,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  dateNow: Date.now,
  MessageChannel: globalThis.MessageChannel,
  crypto: Object.getOwnPropertyDescriptor(globalThis, 'crypto'),
};

/** Time of day at which a world begins. */
const dawn = 1_700_000_000_000;

/** Lets all promises settle that can. */
const settled = () => new Promise((done) => real.setImmediate(done));

/**
 * One tab: what dies together.
 *
 * @typedef {object} Life
 * @property {string} name
 * @property {boolean} dead
 * @property {number} asleepUntil nothing happens in it before
 */

/** @typedef {{at: number, order: number, life: Life | null, call: () => void, off: boolean}} Event */

export class World {
  /** Milliseconds since it began. */
  now = 0;
  /** The tab whose code runs. @type {Life | null} */
  current = null;
  /** Promises that nobody took care of. @type {unknown[]} */
  unhandled = [];

  /** A binary heap. @type {Event[]} */
  #events = [];
  /** @type {Map<number, Event>} */
  #timers = new Map();
  #lastTimer = 0;
  #count = 0;
  #onUnhandled = (/** @type {unknown} */ e) => void this.unhandled.push(e);

  /** @param {number} seed */
  constructor(seed) {
    this.random = random(Math.imul(seed, 2654435761) | 1);
  }

  /** A whole number. @param {number} from @param {number} to and this one */
  int(from, to) {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  /** @param {number} p probability */
  chance(p) {
    return this.random() < p;
  }

  /** @template T @param {T[]} list @returns {T} */
  pick(list) {
    return list[this.int(0, list.length - 1)];
  }

  /** Takes timers, clock and random numbers over. */
  open() {
    const set = (/** @type {any} */ call, /** @type {number} */ ms, /** @type {any[]} */ args, repeats = false) => {
      const id = ++this.#lastTimer;
      const every = Math.max(1, ms || 0);
      const { current } = this;
      const once = () => {
        if (repeats) this.#timers.set(id, this.#add(every, once, current));
        else this.#timers.delete(id);
        call(...args);
      };
      this.#timers.set(id, this.#add(every, once, current));
      return id;
    };
    const clear = (/** @type {number} */ id) => {
      const event = this.#timers.get(id);
      if (event) event.off = true;
      this.#timers.delete(id);
    };
    Object.assign(globalThis, {
      setTimeout: (/** @type {any} */ call, ms = 0, /** @type {any[]} */ ...args) => set(call, ms, args),
      setInterval: (/** @type {any} */ call, ms = 0, /** @type {any[]} */ ...args) => set(call, ms, args, true),
      clearTimeout: clear,
      clearInterval: clear,
      MessageChannel: SimChannelPair,
    });
    Date.now = () => dawn + Math.floor(this.now);
    performance.now = () => this.now;
    const getRandomValues = (/** @type {Uint32Array} */ values) => values.map((_, i) => (values[i] = this.int(0, 2 ** 32 - 1)));
    Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues }, configurable: true });
    process.on('unhandledRejection', this.#onUnhandled);
  }

  /** Gives them back. */
  close() {
    const { setTimeout, setInterval, clearTimeout, clearInterval, MessageChannel } = real;
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval, MessageChannel });
    Date.now = real.dateNow;
    Reflect.deleteProperty(performance, 'now');
    if (real.crypto) Object.defineProperty(globalThis, 'crypto', real.crypto);
    process.off('unhandledRejection', this.#onUnhandled);
  }

  /**
   * Something happens later.
   *
   * @param {number} ms
   * @param {() => void} call
   * @param {Life | null} [life] of whom; nothing of a dead one happens
   */
  later(ms, call, life = this.current) {
    this.#add(ms, call, life);
  }

  /** Runs code of a tab, and what follows from it at once. @param {Life} life @param {() => void} call */
  async within(life, call) {
    if (life.dead) return;
    this.current = life;
    call();
    await settled();
    this.current = null;
  }

  /**
   * Lets time go by. Between two immediates Node lets all promises settle that can; several are
   * set at once, as a turn of its event loop takes longer than an event.
   *
   * @param {number} ms
   * @returns {Promise<void>}
   */
  pass(ms) {
    const end = this.now + ms;
    return new Promise((done, failed) => {
      /** @type {NodeJS.Immediate[]} */
      let turns = [];
      const stop = () => {
        this.current = null;
        for (const turn of turns) clearImmediate(turn);
      };
      const turn = () => {
        try {
          const event = this.#due(end);
          if (!event) {
            stop();
            this.now = end;
            done();
            return;
          }
          this.now = event.at;
          this.current = event.life;
          event.call();
        } catch (e) {
          stop();
          failed(e);
        }
      };
      const more = (/** @type {number} */ n) => {
        turns = Array.from({ length: n }, () => real.setImmediate(turn));
        turns.push(real.setImmediate(() => more(Math.min(64, 2 * n))));
      };
      more(2);
    });
  }

  /** The next event until then, which has left the queue. @param {number} end @returns {Event | null} */
  #due(end) {
    for (;;) {
      const event = this.#events[0];
      if (!event || event.at > end) return null;
      this.#pop();
      if (event.off || event.life?.dead) continue;
      if (!event.life || event.life.asleepUntil <= event.at) return event;
      event.at = event.life.asleepUntil;
      this.#push(event);
    }
  }

  /** @param {number} ms @param {() => void} call @param {Life | null} life @returns {Event} */
  #add(ms, call, life) {
    // Of what falls due at the same time any may come first, but timers of one length stay in order.
    const event = { at: this.now + ms, order: this.#count++, life, call, off: false };
    this.#push(event);
    return event;
  }

  /** @param {Event} event */
  #push(event) {
    const heap = this.#events;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!before(event, heap[up])) break;
      heap[i] = heap[up];
      i = up;
    }
    heap[i] = event;
  }

  #pop() {
    const heap = this.#events;
    const last = /** @type {Event} */ (heap.pop());
    const n = heap.length;
    if (n === 0) return;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= n) break;
      if (down + 1 < n && before(heap[down + 1], heap[down])) down++;
      if (!before(heap[down], last)) break;
      heap[i] = heap[down];
      i = down;
    }
    heap[i] = last;
  }
}

/** @param {Event} a @param {Event} b */
const before = (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Two ports, of which the first hears what is posted to the second. */
class SimChannelPair {
  port1 = { onmessage: /** @type {any} */ (null), close() {} };
  port2 = {
    postMessage: () => setTimeout(() => this.port1.onmessage?.({})),
    close() {},
  };
}
