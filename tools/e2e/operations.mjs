/**
 * The k-th operation of storage in a real browser throws, or never ends: what is
 * kept of a run whose tab then crashes.
 */
import { crash } from './lib.mjs';
import { openTab } from './storage.mjs';

/** @typedef {'files' | 'database'} Platform */
/** @typedef {'throws' | 'hangs'} Fault */

/**
 * @typedef {object} Seen
 * @property {boolean} injected whether there was a k-th operation
 * @property {number} last checkpoint that was taken before the crash
 * @property {number} found checkpoint that the next visit finds; 0: none
 * @property {boolean} whole whether its bytes are those that were written
 * @property {string[]} told warnings, and when they were taken back
 * @property {number} begunMs what it took to begin the run
 */

/** Milliseconds between two checkpoints, and what a tab lives after a fault. */
const pace = { every: 250, throws: 1500, hangs: 7500 };

/** Most checkpoints that a crash may cost after that: two seconds of them. */
export const mostLost = 2000 / pace.every;

/**
 * Makes the k-th operation fail, counted from the first.
 *
 * @param {{k: number, fault: Fault}} what
 */
function spoil({ k, fault }) {
  let count = 0;
  const due = () => ++count === k;
  const error = () => new DOMException('made up by a test', 'UnknownError');
  Object.assign(window, { operations: () => count });
  /** @param {any} prototype @param {string[]} names */
  const promises = (prototype, names) => {
    for (const name of names) {
      const real = prototype[name];
      prototype[name] = function (/** @type {any[]} */ ...args) {
        if (!due()) return real.apply(this, args);
        return fault === 'throws' ? Promise.reject(error()) : new Promise(() => {});
      };
    }
  };
  promises(StorageManager.prototype, ['getDirectory']);
  promises(FileSystemDirectoryHandle.prototype, ['getDirectoryHandle', 'getFileHandle', 'removeEntry']);
  promises(FileSystemFileHandle.prototype, ['createWritable', 'getFile']);
  promises(FileSystemWritableFileStream.prototype, ['write', 'close']);
  promises(LockManager.prototype, ['request', 'query']);
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...args) {
    if (!due()) return open.apply(this, args);
    if (fault === 'throws') throw error();
    return /** @type {any} */ ({});
  };
  const { get } = IDBObjectStore.prototype;
  for (const name of ['get', 'put', 'delete', 'getAllKeys']) {
    const real = /** @type {any} */ (IDBObjectStore.prototype)[name];
    /** @type {any} */ (IDBObjectStore.prototype)[name] = function (/** @type {any[]} */ ...args) {
      if (!due()) return real.apply(this, args);
      if (fault === 'throws') throw error();
      // A request that is not answered keeps its transaction from ending.
      const keep = () => {
        try {
          get.call(this, '-').onsuccess = keep;
        } catch {
          // It was aborted.
        }
      };
      keep();
      return {};
    };
  }
}

/**
 * One case: a tab with the fault, which crashes, and a visit after it.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {(browser: import('playwright-core').Browser) => Promise<import('playwright-core').BrowserContext>} newContext
 * @param {string} base address of the page
 * @param {Platform} platform
 * @param {Fault} fault
 * @param {number} k
 * @returns {Promise<Seen>}
 */
export async function failOnce(browser, newContext, base, platform, fault, k) {
  const context = await newContext(browser);
  const next = await openTab(context, base, platform); // it makes folder or database, as an earlier visit has
  const page = await openTab(context, base, platform, { fault: spoil, with: { k, fault } });
  const seen = await page.evaluate(
    async ({ every, life }) => {
      const { keep } = window;
      /** @type {string[]} */
      const told = keep.files.warning ? [keep.files.warning.code] : [];
      keep.files.on('warning', (e) => told.push(e.code));
      keep.files.on('recovered', () => told.push('recovered'));
      const began = performance.now();
      const run = keep.runs.begin({ name: 'r', settings: { seed: 1 } });
      const begunMs = performance.now() - began;
      run.update({ status: 'running' });
      let last = 0;
      const end = performance.now() + life;
      while (performance.now() < end) {
        last++;
        run.update({ step: last });
        void run.saveCheckpoint({ step: last, file: keep.file(last, 1 << 14) }).catch(() => {});
        await new Promise((done) => setTimeout(done, every));
      }
      return { told, last, begunMs, operations: /** @type {any} */ (window).operations() };
    },
    { every: pace.every, life: pace[fault] },
  );
  await crash(page);
  const left = await next.evaluate(async () => {
    for (let i = 0; i < 100; i++) {
      const [s] = await keep.runs.interrupted();
      if (s) {
        const run = await keep.runs.acquire(s.id);
        return { found: run.lastCheckpoint?.step ?? 0, whole: keep.isFile(run.lastCheckpoint) };
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    return { found: 0, whole: false };
  });
  await context.close();
  const { operations, ...rest } = seen;
  return { injected: operations >= k, ...rest, ...left };
}
