/**
 * The client of the engine's worker, and its supervisor: requests by id, a
 * limit on how long an answer may take, and a new worker when one dies.
 *
 * The worker holds nothing that the page does not: whoever uses this class
 * says in `setup` how to bring a fresh worker up to date.
 */
import { pack, unpack } from './channel.js';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';

/**
 * What a worker must be able to do; a real Worker can.
 *
 * @typedef {object} WorkerLike
 * @property {(message: any, transfer: Transferable[]) => void} postMessage
 * @property {() => void} terminate
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onerror
 */

/**
 * @typedef {import('../generated/protocol.js').Requests} Requests
 * @typedef {import('../generated/protocol.js').Told<import('../generated/protocol.js').Events>
 *   & {state: [state: 'idle' | 'starting' | 'ready' | 'restarting' | 'failed', why?: InkdriftError]}} EngineEvents
 */

/**
 * How a request is sent. first: part of the setup, sent before anything that
 * waits; lives: how many deaths of the worker the request outlives by being asked
 * again; patient: it takes as long as it takes, while the worker gives a sign of
 * life.
 *
 * @typedef {{port?: MessagePort, first?: boolean, lives?: number, patient?: boolean}} How
 */

/**
 * @template {keyof Requests} T
 * @typedef {import('../generated/protocol.js').Answer<T>} Answer
 */

/**
 * A function that asks an engine.
 *
 * @typedef {<T extends keyof Requests>(type: T, fields: Requests[T]['request'], bufs?: ArrayBuffer[]) => Promise<Answer<T>>} Ask
 */

/**
 * @typedef {object} Request
 * @property {string} type
 * @property {object} fields
 * @property {ArrayBuffer[]} bufs
 * @property {MessagePort} [port]
 * @property {number} lives how many deaths of the worker it may still outlive
 * @property {boolean} [patient] whether it takes as long as it takes
 * @property {ReturnType<typeof setTimeout>} [timer]
 * @property {(answer: any) => void} resolve
 * @property {(error: InkdriftError) => void} reject
 */

/**
 * @typedef {object} Options
 * @property {() => WorkerLike} spawn starts a worker
 * @property {() => Promise<void>} [setup] brings a fresh worker up to date, with requests that are `first`
 * @property {number} [answerMs] how long an answer may take before the worker is asked for a sign of life
 * @property {number} [pingMs] how long that sign may take
 * @property {number} [startMs] how long a starting worker may be silent
 * @property {number} [backoffMs] pause before the first restart; it doubles with each
 * @property {number} [restarts] how many are allowed within windowMs
 * @property {number} [windowMs]
 */

/** The engine of whoever draws; it is part of the first visit. */
export const studioProgram = 'engine-studio.wasm';

/** The engine that trains and reads data sets; it is fetched when a view needs it. */
export const trainerProgram = 'engine-trainer.wasm';

/**
 * The address of an engine's worker.
 *
 * @param {import('./assets.js').Assets} assets
 * @param {string} program one of the two above
 * @param {string | null} [kernel] the fastest variant of the SIMD kernel that
 *   is wanted, strict or off; else the fastest that there is
 * @returns {string}
 */
export function engineURL(assets, program, kernel) {
  const url = new URL(assets.loader('worker.js', program));
  url.searchParams.set('program', program);
  for (const variant of ['relaxed', 'strict']) url.searchParams.set(variant, assets.get(`kernel_${variant}.wasm`).v);
  if (kernel) url.searchParams.set('kernel', kernel);
  return url.href;
}

/** Codes of a start that fails the same way however often it is tried. */
const hopeless = new Set(['wasm-blocked', 'wasm-type', 'no-wasm']);

/**
 * Events: every event of the worker under its type (head, bufs), and
 * `state` (state, error?) with one of the states below.
 *
 * @extends {Emitter<EngineEvents>}
 */
export class Engine extends Emitter {
  /** @type {'idle' | 'starting' | 'ready' | 'restarting' | 'failed'} */
  state = 'idle';
  /** What the worker said of itself when it was ready. */
  backend = '';

  #options;
  /** @type {WorkerLike | null} */
  #worker = null;
  #nextId = 1;
  /** @type {Map<number, Request>} */
  #waiting = new Map();
  /** @type {Request[]} asked for while no worker was ready */
  #queue = [];
  /** @type {number[]} times of the restarts */
  #deaths = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #startTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #restartTimer;
  /** @type {Promise<void> | null} resolves at the next answer to a sign-of-life request */
  #ping = null;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = {
      answerMs: 10_000,
      pingMs: 5_000,
      startMs: 60_000,
      backoffMs: 250,
      restarts: 5,
      windowMs: 60_000,
      setup: async () => {},
      ...options,
    };
  }

  /** Starts the worker, or starts again after it was given up. */
  start() {
    if (this.state !== 'idle' && this.state !== 'failed') return;
    this.#deaths = [];
    this.#spawn();
  }

  /** Ends the worker. What was asked is not answered any more. */
  stop() {
    this.#bury();
    for (const r of [...this.#orphans(), ...this.#queue.splice(0)]) r.reject(gone());
    if (this.state !== 'failed') this.#become('idle');
  }

  /**
   * Asks the worker for a sign of life and buries it if none comes.
   *
   * @param {number} [ms] how long it may take
   * @returns {Promise<boolean>} whether it lives
   */
  async check(ms) {
    const worker = this.#worker;
    if (this.state !== 'ready') return this.state === 'starting' || this.state === 'restarting';
    const alive = await this.#alive(ms);
    if (!alive && this.#worker === worker) this.#die(new InkdriftError('timeout', 'the engine gives no sign of life'));
    return alive;
  }

  /**
   * Asks the engine. While no worker is ready the request waits.
   *
   * @template {import('../generated/protocol.js').BareRequest} T
   * @overload
   * @param {T} type
   * @param {Record<string, never>} [fields]
   * @param {ArrayBuffer[]} [bufs] copied, so the caller's stay as they are
   * @param {How} [how]
   * @returns {Promise<Answer<T>>}
   */
  /**
   * @template {keyof Requests} T
   * @overload
   * @param {T} type
   * @param {Requests[T]['request']} fields
   * @param {ArrayBuffer[]} [bufs]
   * @param {How} [how]
   * @returns {Promise<Answer<T>>}
   */
  /**
   * @param {string} type
   * @param {object} [fields]
   * @param {ArrayBuffer[]} [bufs]
   * @param {How} [how]
   * @returns {Promise<any>} by type, as above
   */
  request(type, fields = {}, bufs = [], { port, first = false, lives = first || port ? 0 : 1, patient = false } = {}) {
    return new Promise((resolve, reject) => {
      /** @type {Request} */
      const request = { type, fields, bufs, port, lives, patient, resolve, reject };
      if (this.state === 'failed') reject(gone());
      else if (this.state === 'ready' || (first && this.#worker)) this.#send(request);
      else if (first) reject(died());
      else this.#queue.push(request);
    });
  }

  #spawn() {
    this.#become('starting');
    /** @type {WorkerLike} */
    let worker;
    try {
      worker = this.#options.spawn();
    } catch (e) {
      this.#die(new InkdriftError('engine-died', String(e)));
      return;
    }
    this.#worker = worker;
    worker.onmessage = (event) => {
      if (this.#worker === worker) this.#receive(event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      if (this.#worker === worker) this.#die(new InkdriftError('engine-died', event.message || 'the worker failed'));
    };
    this.#awaitStart();
  }

  /** (Re)starts the wait for a sign of a worker that is starting. */
  #awaitStart() {
    clearTimeout(this.#startTimer);
    this.#startTimer = setTimeout(() => this.#die(new InkdriftError('timeout', 'the engine did not start')), this.#options.startMs);
  }

  /** @param {any} data */
  #receive(data) {
    const message = unpack(data);
    if (!message) return;
    const { head, bufs } = message;
    if (head.re !== undefined) {
      const request = this.#waiting.get(head.re);
      if (!request) return;
      this.#waiting.delete(head.re);
      clearTimeout(request.timer);
      if (head.type === 'ok') request.resolve({ head, bufs });
      else request.reject(InkdriftError.from(head.error));
      return;
    }
    if (head.type === 'engine-ready') {
      this.backend = String(head.backend ?? '');
      void this.#bringUp();
    } else if (head.type === 'engine-error') {
      this.#die(InkdriftError.from(head.error ?? { code: 'exited', message: 'the engine ended' }));
      return;
    } else if (this.state === 'starting') {
      this.#awaitStart();
    }
    this.emit(/** @type {any} */ (head.type), /** @type {any} */ (head), bufs);
  }

  async #bringUp() {
    clearTimeout(this.#startTimer);
    const worker = this.#worker;
    try {
      await this.#options.setup();
    } catch {
      // The setup tells of its own failures; a dead worker is seen below.
    }
    if (this.#worker !== worker || this.state !== 'starting') return;
    this.#become('ready');
    for (const request of this.#queue.splice(0)) this.#send(request);
  }

  /** @param {Request} request */
  #send(request) {
    const id = this.#nextId++;
    const head = { ...request.fields, type: request.type, id };
    this.#waiting.set(id, request);
    request.timer = setTimeout(() => void this.#late(id), this.#options.answerMs);
    const copies = request.bufs.map((b) => b.slice(0));
    this.#worker?.postMessage(...pack(head, copies, request.port));
  }

  /**
   * A request was not answered in time. If the worker still gives a sign of
   * life only this request has failed, else the worker is dead.
   *
   * @param {number} id
   */
  async #late(id) {
    const worker = this.#worker;
    const alive = await this.#alive();
    if (this.#worker !== worker) return;
    if (!alive) {
      this.#die(new InkdriftError('timeout', 'the engine gives no sign of life'));
      return;
    }
    const request = this.#waiting.get(id);
    if (!request) return;
    if (request.patient) {
      request.timer = setTimeout(() => void this.#late(id), this.#options.answerMs);
      return;
    }
    this.#waiting.delete(id);
    request.reject(new InkdriftError('timeout', `${request.type} was not answered`));
  }

  /**
   * @param {number} [ms] how long it may take
   * @returns {Promise<boolean>} whether the worker answers
   */
  async #alive(ms = this.#options.pingMs) {
    if (!this.#ping) {
      const id = this.#nextId++;
      this.#ping = new Promise((resolve, reject) => {
        const timer = setTimeout(reject, ms);
        const request = { type: 'hello', fields: {}, bufs: [], lives: 0, timer, resolve: () => resolve(), reject: () => reject() };
        this.#waiting.set(id, request);
      });
      this.#worker?.postMessage(...pack({ type: 'hello', id }));
      this.#ping
        .catch(() => {})
        .finally(() => {
          this.#ping = null;
          this.#waiting.delete(id);
        });
    }
    return this.#ping.then(
      () => true,
      () => false,
    );
  }

  /**
   * Buries the worker and starts another, unless that has happened too often
   * or cannot help.
   *
   * @param {InkdriftError} why
   */
  #die(why) {
    this.#bury();
    const orphans = this.#orphans();
    const now = Date.now();
    this.#deaths = this.#deaths.filter((t) => now - t < this.#options.windowMs);
    this.#deaths.push(now);
    const giveUp = hopeless.has(why.code) || this.#deaths.length > this.#options.restarts;

    /** @type {Request[]} */
    const again = [];
    for (const r of orphans) {
      if (giveUp) r.reject(gone());
      else if (r.lives-- > 0) again.push(r);
      else r.reject(died());
    }
    this.#queue.unshift(...again);
    if (giveUp) {
      for (const r of this.#queue.splice(0)) r.reject(gone());
      this.#become('failed', why);
      return;
    }
    this.#become('restarting', why);
    this.#restartTimer = setTimeout(() => this.#spawn(), this.#options.backoffMs * 2 ** (this.#deaths.length - 1));
  }

  /** Ends the worker. */
  #bury() {
    clearTimeout(this.#startTimer);
    clearTimeout(this.#restartTimer);
    this.#worker?.terminate();
    this.#worker = null; // what it still says is not heard
    this.#ping = null;
  }

  /** Takes the requests that wait for an answer. */
  #orphans() {
    const orphans = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const r of orphans) clearTimeout(r.timer);
    return orphans;
  }

  /**
   * @param {Engine['state']} state
   * @param {InkdriftError} [error]
   */
  #become(state, error) {
    this.state = state;
    this.emit('state', state, error);
  }
}

function died() {
  return new InkdriftError('engine-died', 'the engine died before it answered');
}

function gone() {
  return new InkdriftError('engine-gone', 'the engine is not running');
}
