/**
 * Runs web/worker.js, unchanged, in a thread of Node and lends it what a
 * browser's worker has and Node's lacks. For tests.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const require = createRequire(import.meta.url);

/**
 * @typedef {object} Options
 * @property {string} dist folder with the engines' programs and what they need
 * @property {string} program file of the engine, studioProgram or trainerProgram of web/engine/engine.js
 * @property {string} [version]
 * @property {number} [bytes] size of the program, as the page would tell it
 * @property {Record<string, {status?: number, type?: string, body?: string | Uint8Array, fail?: boolean, once?: boolean}>} [server]
 *   files that the emulated server gives otherwise than they are; once: the first time
 * @property {boolean} [blocked] whether WebAssembly is forbidden
 * @property {'relaxed' | 'strict' | 'off'} [kernel] the fastest variant that is wanted
 * @property {boolean} [noSIMD] whether WebAssembly is without SIMD
 * @property {boolean} [crash] whether the engine panics when it starts
 */

/** An engine's client: requests by id, events, and the worker's own end. */
export class Client {
  /** @type {Map<number, (message: any) => void>} */
  #waiting = new Map();
  #nextId = 1;
  /** @type {{head: any, bufs: ArrayBuffer[]}[]} every event so far */
  events = [];
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {{postMessage: Function, on: Function}} port a Worker or MessagePort */
  constructor(port) {
    this.port = port;
    port.on('message', (/** @type {any} */ data) => {
      const message = { head: JSON.parse(data.head), bufs: data.bufs };
      if (message.head.re !== undefined) {
        const waiting = this.#waiting.get(message.head.re);
        if (!waiting) throw new Error(`an answer that nobody waits for: ${data.head}`);
        this.#waiting.delete(message.head.re);
        waiting(message);
        return;
      }
      this.events.push(message);
      for (const w of this.#watchers) w();
    });
  }

  /**
   * Sends a request and gives the answer, good or bad.
   *
   * @param {string} type
   * @param {object} [fields]
   * @param {(ArrayBuffer | ArrayBufferView)[]} [bufs] are copied
   * @param {import('node:worker_threads').MessagePort} [port]
   * @returns {Promise<{head: any, bufs: ArrayBuffer[]}>}
   */
  ask(type, fields = {}, bufs = [], port) {
    const id = this.#nextId++;
    const copies = bufs.map((b) => (ArrayBuffer.isView(b) ? b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) : b.slice(0)));
    const answer = this.answer(id);
    const message = { head: JSON.stringify({ ...fields, type, id }), bufs: copies, ...(port && { port }) };
    this.port.postMessage(message, port ? [...copies, port] : copies);
    return answer;
  }

  /**
   * Gives the answer to a request that was sent by other means.
   *
   * @param {number} id
   * @returns {Promise<{head: any, bufs: ArrayBuffer[]}>}
   */
  answer(id) {
    this.#nextId = Math.max(this.#nextId, id + 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`request ${id} was not answered in time`)), 60_000);
      this.#waiting.set(id, (m) => {
        clearTimeout(timer);
        resolve(m);
      });
    });
  }

  /**
   * Sends a request that must succeed.
   *
   * @param {Parameters<Client['ask']>} args
   */
  async good(...args) {
    const a = await this.ask(...args);
    if (a.head.type !== 'ok') throw new Error(`${args[0]}: ${JSON.stringify(a.head.error)}`);
    return a;
  }

  /**
   * Waits for an event, one that has come already included.
   *
   * @param {(head: any) => boolean} wanted
   * @returns {Promise<{head: any, bufs: ArrayBuffer[]}>}
   */
  event(wanted) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error('the event did not come'));
      }, 60_000);
      const look = () => {
        const found = this.events.find((e) => wanted(e.head));
        if (!found) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }
}

/**
 * Starts an engine.
 *
 * @param {Options} options
 * @param {boolean} [listens] whether the client takes what it says
 * @returns {{client: Client, worker: Worker, stop: () => Promise<number>}}
 */
export function startEngine(options, listens = true) {
  const worker = new Worker(require.resolve('./nodescope.cjs'), {
    workerData: { ...options, script: fileURLToPath(new URL('../../web/worker.js', import.meta.url)) },
    env: {},
    stdout: true, // warnings of the engine are asked for by the tests
    stderr: true,
  });
  return { client: /** @type {Client} */ (listens ? new Client(worker) : undefined), worker, stop: () => worker.terminate() };
}

/**
 * Starts an engine as web/engine/engine.js and web/training/worker-pool.js know workers.
 *
 * @param {Options} options
 */
export function startWorker(options) {
  const { worker } = startEngine(options, false);
  const like = {
    /** @type {((event: any) => void) | null} */
    onmessage: null,
    /** @type {((event: any) => void) | null} */
    onerror: null,
    postMessage: (/** @type {any} */ message, /** @type {any[]} */ transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    /** Stops it for good, in the middle of whatever it does, without a word. */
    hang: () => worker.postMessage('hang'),
  };
  worker.on('message', (data) => like.onmessage?.({ data }));
  worker.on('error', (error) => like.onerror?.({ message: error.message }));
  return like;
}
