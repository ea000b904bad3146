/**
 * The client of the engine's worker, and its supervisor: requests by id, time
 * limits on answers, and a new worker when one dies.
 *
 * The page has a copy of all state of the worker: `setup` restores it in a new
 * worker.
 */
import { pack, unpack } from './channel.js';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { came, late, patience } from '../lib/fetch-file.js';

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
 * waits; retries: how many deaths of the worker the request outlives by being asked
 * again; patient: it takes as long as it takes, while the worker gives a sign of
 * life; give: the buffers go to the worker instead of copies, and it is not asked again.
 *
 * @typedef {{port?: MessagePort, first?: boolean, retries?: number, patient?: boolean, give?: boolean}} How
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
 * @typedef {object} PendingRequest
 * @property {string} type
 * @property {object} fields
 * @property {ArrayBuffer[]} bufs
 * @property {MessagePort} [port]
 * @property {number} retries how often it may still be repeated after the worker died
 * @property {boolean} [give]
 * @property {boolean} [patient] no time limit, while the worker answers pings
 * @property {number} late how many times the limit it has not been answered
 * @property {ReturnType<typeof setTimeout>} [timer]
 * @property {(answer: any) => void} resolve
 * @property {(error: InkdriftError) => void} reject
 */

/**
 * @typedef {object} Options
 * @property {(again: number) => WorkerLike} spawn starts a worker; again: how many starts have failed before
 * @property {string} [program] its file, which may be late
 * @property {() => Promise<void>} [setup] restores the state in a new worker, with requests that are `first`
 * @property {number} [answerMs] how long an answer may take before the worker is pinged
 * @property {number} [periods] how many times that an answer may take of a worker that answers pings
 * @property {number} [pingMs] how long the answer to a ping may take
 * @property {number} [startMs] how long a starting worker may send nothing
 * @property {number} [backoffMs] pause before the first restart; it doubles with each
 * @property {number} [restarts] how many are allowed within windowMs
 * @property {number} [windowMs]
 */

/** The engine of the studio; it is part of the first visit. */
export const studioProgram = 'engine-studio.wasm';

/** The engine that trains and reads data sets; it is fetched when a view needs it. */
export const trainerProgram = 'engine-trainer.wasm';

/**
 * The address of an engine's worker.
 *
 * @param {import('./assets.js').Assets} assets
 * @param {string} program one of the two above
 * @param {string | null} [kernel] the fastest variant of the SIMD kernel to
 *   use, strict or off; by default the fastest of all
 * @param {number} [again] how many starts have failed before: what arrived then is not used
 * @returns {string}
 */
export function engineURL(assets, program, kernel, again = 0) {
  const url = new URL(assets.loader('worker.js', program));
  url.searchParams.set('program', program);
  for (const variant of ['relaxed', 'strict']) url.searchParams.set(variant, assets.get(`kernel_${variant}.wasm`).v);
  if (kernel) url.searchParams.set('kernel', kernel);
  if (again > 0) url.searchParams.set('again', String(again));
  return url.href;
}

/**
 * Starts a worker. A sandboxed frame has an origin of its own that no address
 * is of, and workers are of the same origin only: there a blob brings in the
 * script, and tells it where it is from.
 *
 * @param {string} url of worker.js
 * @returns {Worker}
 */
export function startWorker(url) {
  if (globalThis.origin !== 'null') return new Worker(url);
  const script = `self.inkdriftAddress = ${JSON.stringify(url)}; importScripts(self.inkdriftAddress);`;
  const blob = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(blob);
  setTimeout(() => URL.revokeObjectURL(blob), 60_000); // it is fetched later
  return worker;
}

/** Codes of errors of a start that would fail again. */
const finalCodes = new Set(['wasm-blocked', 'wasm-type', 'no-wasm']);

/**
 * Events: every event of the worker under its type (head, bufs), and
 * `state` (state, error?) with one of the states below.
 *
 * @extends {Emitter<EngineEvents>}
 */
export class Engine extends Emitter {
  /** @type {'idle' | 'starting' | 'ready' | 'restarting' | 'failed'} */
  state = 'idle';
  /** The worker's kernel: relaxed, strict or go. */
  backend = '';

  #options;
  /** @type {WorkerLike | null} */
  #worker = null;
  #nextId = 1;
  /** @type {Map<number, PendingRequest>} */
  #waiting = new Map();
  /** @type {PendingRequest[]} those made while no worker was ready */
  #queue = [];
  /** @type {number[]} times of the restarts */
  #deaths = [];
  /** How many starts in a row have failed. */
  #failedStarts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #startTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #restartTimer;
  /** Files that the worker waits for, besides its program. @type {Set<string>} */
  #late = new Set();
  /** @type {Promise<void> | null} resolves at the answer to the ping in flight */
  #pinging = null;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = {
      answerMs: 10_000,
      periods: 1,
      pingMs: 5_000,
      startMs: 60_000,
      backoffMs: 250,
      restarts: 5,
      windowMs: 60_000,
      setup: async () => {},
      program: '',
      ...options,
    };
  }

  /** Starts the worker, also after it has failed. */
  start() {
    if (this.state !== 'idle' && this.state !== 'failed') return;
    this.#deaths = [];
    this.#spawn();
  }

  /** Ends the worker and rejects all requests. */
  stop() {
    this.#terminate();
    came(this.#options.program);
    for (const r of [...this.#takeWaiting(), ...this.#queue.splice(0)]) r.reject(engineGone());
    if (this.state !== 'failed') this.#setState('idle');
  }

  /**
   * Pings the worker and replaces it if it does not answer.
   *
   * @param {number} [ms] limit on the answer
   * @returns {Promise<boolean>} whether it answers
   */
  async check(ms) {
    const worker = this.#worker;
    if (this.state !== 'ready') return this.state === 'starting' || this.state === 'restarting';
    const alive = await this.#pingWorker(ms);
    if (!alive && this.#worker === worker) this.#onDeath(new InkdriftError('timeout', 'the engine does not answer'));
    return alive;
  }

  /**
   * Sends a request. While no worker is ready it waits.
   *
   * @template {import('../generated/protocol.js').BareRequest} T
   * @overload
   * @param {T} type
   * @param {Record<string, never>} [fields]
   * @param {ArrayBuffer[]} [bufs] copied, so the caller's stay as they are, unless they are given
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
  request(
    type,
    fields = {},
    bufs = [],
    { port, first = false, give = false, retries = first || port || give ? 0 : 1, patient = false } = {},
  ) {
    return new Promise((resolve, reject) => {
      /** @type {PendingRequest} */
      const request = { type, fields, bufs, port, retries, patient, late: 0, give, resolve, reject };
      if (this.state === 'failed') reject(engineGone());
      else if (this.state === 'ready' || (first && this.#worker)) this.#send(request);
      else if (first) reject(engineDied());
      else this.#queue.push(request);
    });
  }

  #spawn() {
    this.#setState('starting');
    /** @type {WorkerLike} */
    let worker;
    try {
      worker = this.#options.spawn(this.#failedStarts);
    } catch (e) {
      this.#onDeath(new InkdriftError('engine-died', String(e)));
      return;
    }
    this.#worker = worker;
    let heard = false;
    worker.onmessage = (event) => {
      heard = true;
      if (this.#worker === worker) this.#receive(event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      const message = event.message || 'the worker failed';
      // Its script has not arrived, or not whole, unless it has said something.
      const error = heard ? new InkdriftError('engine-died', message) : new InkdriftError('fetch-failed', message, 'worker.js');
      if (this.#worker === worker) this.#onDeath(error);
    };
    this.#awaitStart(false);
  }

  /**
   * (Re)starts the time limit on a worker that is starting: of a first one it is short while its program comes.
   *
   * @param {boolean} isWhole whether all of the program has arrived
   */
  #awaitStart(isWhole) {
    const { program, startMs } = this.#options;
    const isFirst = !isWhole && this.#failedStarts === 0;
    clearTimeout(this.#startTimer);
    this.#startTimer = setTimeout(
      () => {
        if (isFirst) late(program);
        this.#onDeath(new InkdriftError('timeout', 'the engine did not start'));
      },
      isFirst ? Math.min(patience, startMs) : startMs,
    );
  }

  /** @param {any} data */
  #receive(data) {
    const message = unpack(data);
    if (!message) return;
    const { head, bufs } = message;
    if (head.type === 'late') {
      this.#late.add(head.file);
      late(head.file);
      return;
    }
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
      this.#failedStarts = 0;
      this.backend = String(head.backend ?? '');
      void this.#restore();
    } else if (head.type === 'engine-error') {
      this.#onDeath(InkdriftError.from(head.error ?? { code: 'exited', message: 'the engine ended' }));
      return;
    } else if (this.state === 'starting') {
      came(this.#options.program);
      this.#awaitStart(head.type !== 'loading' || head.loaded >= head.total);
    }
    this.emit(/** @type {any} */ (head.type), /** @type {any} */ (head), bufs);
  }

  async #restore() {
    clearTimeout(this.#startTimer);
    this.#forgetLate();
    const worker = this.#worker;
    try {
      await this.#options.setup();
    } catch {
      // The setup reports its own failures; a dead worker is noticed below.
    }
    if (this.#worker !== worker || this.state !== 'starting') return;
    this.#setState('ready');
    for (const request of this.#queue.splice(0)) this.#send(request);
  }

  /** @param {PendingRequest} request */
  #send(request) {
    const id = this.#nextId++;
    const head = { ...request.fields, type: request.type, id };
    this.#waiting.set(id, request);
    request.late = 0;
    request.timer = setTimeout(() => void this.#onTimeout(id), this.#options.answerMs);
    const bufs = request.give ? request.bufs : request.bufs.map((b) => b.slice(0));
    this.#worker?.postMessage(...pack(head, bufs, request.port));
  }

  /**
   * A request was not answered in time. If the worker answers a ping it has more time, in
   * the end only this request has failed; else the worker is dead.
   *
   * @param {number} id
   */
  async #onTimeout(id) {
    const worker = this.#worker;
    const alive = await this.#pingWorker();
    if (this.#worker !== worker) return;
    if (!alive) {
      this.#onDeath(new InkdriftError('timeout', 'the engine does not answer'));
      return;
    }
    const request = this.#waiting.get(id);
    if (!request) return;
    if (request.patient || ++request.late < this.#options.periods) {
      request.timer = setTimeout(() => void this.#onTimeout(id), this.#options.answerMs);
      return;
    }
    this.#waiting.delete(id);
    request.reject(new InkdriftError('timeout', `${request.type} was not answered`));
  }

  /**
   * @param {number} [ms] limit on the answer
   * @returns {Promise<boolean>} whether the worker answers
   */
  async #pingWorker(ms = this.#options.pingMs) {
    if (!this.#pinging) {
      const id = this.#nextId++;
      this.#pinging = new Promise((resolve, reject) => {
        const timer = setTimeout(reject, ms);
        const request = {
          type: 'hello',
          fields: {},
          bufs: [],
          retries: 0,
          late: 0,
          timer,
          resolve: () => resolve(),
          reject: () => reject(),
        };
        this.#waiting.set(id, request);
      });
      this.#worker?.postMessage(...pack({ type: 'hello', id }));
      this.#pinging
        .catch(() => {})
        .finally(() => {
          this.#pinging = null;
          this.#waiting.delete(id);
        });
    }
    return this.#pinging.then(
      () => true,
      () => false,
    );
  }

  /**
   * Ends the worker and starts another, unless that happened too often or would
   * fail again.
   *
   * @param {InkdriftError} why
   */
  #onDeath(why) {
    this.#terminate();
    const orphans = this.#takeWaiting();
    const now = Date.now();
    this.#deaths = this.#deaths.filter((t) => now - t < this.#options.windowMs);
    this.#deaths.push(now);
    if (this.state === 'starting') this.#failedStarts++;
    // A file may have been lost: the first start is tried again in any case.
    const mayRestart = this.#deaths.length <= this.#options.restarts || (this.state === 'starting' && this.#deaths.length === 1);
    const giveUp = finalCodes.has(why.code) || !mayRestart;

    /** @type {PendingRequest[]} */
    const again = [];
    for (const r of orphans) {
      if (giveUp) r.reject(engineGone());
      else if (r.retries-- > 0) again.push(r);
      else r.reject(engineDied());
    }
    this.#queue.unshift(...again);
    if (giveUp) {
      for (const r of this.#queue.splice(0)) r.reject(engineGone());
      came(this.#options.program);
      this.#setState('failed', why);
      return;
    }
    this.#setState('restarting', why);
    this.#restartTimer = setTimeout(() => this.#spawn(), this.#options.backoffMs * 2 ** (this.#deaths.length - 1));
  }

  /** Ends the worker. */
  #terminate() {
    clearTimeout(this.#startTimer);
    clearTimeout(this.#restartTimer);
    this.#worker?.terminate();
    this.#worker = null; // its later messages are ignored
    this.#pinging = null;
    this.#forgetLate();
  }

  /** The worker waits for nothing any more. */
  #forgetLate() {
    for (const file of this.#late) came(file);
    this.#late.clear();
  }

  /** Removes and returns the requests that wait for an answer. */
  #takeWaiting() {
    const orphans = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const r of orphans) clearTimeout(r.timer);
    return orphans;
  }

  /**
   * @param {Engine['state']} state
   * @param {InkdriftError} [error]
   */
  #setState(state, error) {
    this.state = state;
    this.emit('state', state, error);
  }
}

function engineDied() {
  return new InkdriftError('engine-died', 'the engine died before it answered');
}

function engineGone() {
  return new InkdriftError('engine-gone', 'the engine is not running');
}
