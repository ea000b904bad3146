/**
 * The worker that a host runs in, under Node and in a browser. It answers calls
 * {id, call, args} with {id, result} or {id, error}:
 *
 *   open(host, options)      imports host.mjs and opens it
 *   prepare(spec)            makes a task ready: {id, loss?} or {absent: reason}
 *   measure(id, seconds)     {value, steps?, loss?}
 *   drop(id)
 *
 * A host is a module with open(env, options), which returns an object with
 * prepare(spec); what that returns has measure(seconds), and drop() where there
 * is something to give back.
 */

/**
 * @typedef {object} Env what a host finds around it
 * @property {'node' | 'chromium'} runtime
 * @property {(path: string) => string} url of a file, for import
 * @property {(path: string) => Promise<ArrayBuffer>} read
 * @property {() => Call} spawn starts one more worker of this kind
 *
 * @typedef {(call: keyof typeof calls, ...args: any[]) => Promise<any>} Call
 */

/** An error that tells why something cannot be measured, and is no failure. */
export class Absent extends Error {}

/** @type {any} */
let host;
let next = 0;
/** @type {Map<number, any>} */
const tasks = new Map();

const calls = {
  /**
   * @param {Env} env
   * @param {string} name
   * @param {object} options
   */
  async open(env, name, options) {
    const module = await import(env.url(`hosts/${name}.mjs`));
    host = await module.open(env, options);
  },

  /**
   * @param {Env} _
   * @param {any} spec
   */
  async prepare(_, spec) {
    try {
      const task = await host.prepare(spec);
      tasks.set(++next, task);
      return { id: next, loss: task.first ?? 0 };
    } catch (e) {
      if (e instanceof Absent) return { absent: e.message };
      throw e;
    }
  },

  /**
   * @param {Env} _
   * @param {number} id
   * @param {number} seconds
   */
  measure: (_, id, seconds) => tasks.get(id).measure(seconds),

  /**
   * @param {Env} _
   * @param {number} id
   */
  async drop(_, id) {
    await tasks.get(id)?.drop?.();
    tasks.delete(id);
  },
};

/**
 * @param {Env} env
 * @param {(message: object) => void} post
 */
function answerer(env, post) {
  return async (/** @type {{id: number, call: keyof typeof calls, args: any[]}} */ { id, call, args }) => {
    try {
      /** @type {(env: Env, ...args: any[]) => unknown} */
      const run = calls[call];
      post({ id, result: (await run(env, ...args)) ?? null });
    } catch (e) {
      post({ id, error: e instanceof Error ? (e.stack ?? e.message) : String(e) });
    }
  };
}

/**
 * Makes a worker's calls functions. It is never ended: it ends with this one.
 *
 * @param {(message: object) => void} post
 * @param {(listener: (message: any) => void) => void} listen
 * @returns {Call}
 */
function caller(post, listen) {
  /** @type {Map<number, (message: any) => void>} */
  const waiting = new Map();
  let next = 0;
  const ready = new Promise((resolve) => {
    listen((message) => (message.ready ? resolve(undefined) : waiting.get(message.id)?.(message)));
  });
  return async (call, ...args) => {
    await ready;
    const id = ++next;
    post({ id, call, args });
    const { result, error } = await new Promise((resolve) => waiting.set(id, resolve));
    waiting.delete(id);
    if (error) throw new Error(error);
    return result;
  };
}

if (typeof process === 'object' && process.versions?.node) {
  const { parentPort, workerData, Worker } = await import('node:worker_threads');
  const { readFile } = await import('node:fs/promises');
  const { pathToFileURL } = await import('node:url');
  const { join } = await import('node:path');
  /** @param {string} path */
  const place = (path) => {
    const [mount, ...rest] = path.split('/');
    return join(workerData.mounts[mount], ...rest);
  };
  const env = {
    runtime: /** @type {const} */ ('node'),
    url: (/** @type {string} */ path) => pathToFileURL(place(path)).href,
    read: async (/** @type {string} */ path) => {
      const b = await readFile(place(path));
      return b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength);
    },
    spawn() {
      const worker = new Worker(new URL(import.meta.url), { workerData });
      return caller(
        (m) => worker.postMessage(m),
        (listener) => worker.on('message', listener),
      );
    },
  };
  if (parentPort) {
    const post = (/** @type {object} */ m) => parentPort.postMessage(m);
    parentPort.on('message', answerer(env, post));
    post({ ready: true });
  }
} else {
  const env = {
    runtime: /** @type {const} */ ('chromium'),
    url: (/** @type {string} */ path) => new URL(`/${path}`, location.href).href,
    read: async (/** @type {string} */ path) => {
      const answer = await fetch(`/${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return answer.arrayBuffer();
    },
    spawn() {
      const worker = new Worker(import.meta.url, { type: 'module' });
      return caller(
        (m) => worker.postMessage(m),
        (listener) => worker.addEventListener('message', (e) => listener(e.data)),
      );
    },
  };
  const answer = answerer(env, (m) => self.postMessage(m));
  self.addEventListener('message', (e) => answer(e.data));
  self.postMessage({ ready: true });
}
