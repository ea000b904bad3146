/**
 * A document for tests of what the page shows, without a browser: jsdom, and
 * the parts of a window that it does not have. There is no layout, and nothing
 * is painted.
 */
import { createRequire } from 'node:module';
import { read } from './sources.js';

const { JSDOM } = createRequire(new URL('../../tools/e2e/package.json', import.meta.url))('jsdom');

/** What modules of the page find in the global scope. */
const shared = [
  'document',
  'location',
  'history',
  'localStorage',
  'navigator',
  'getComputedStyle',
  'addEventListener',
  'removeEventListener',
  'dispatchEvent',
  'Node',
  'Element',
  'SVGElement',
  'Event',
  'CustomEvent',
  'KeyboardEvent',
  'MouseEvent',
  'File',
  'FileReader',
];

/** The window of fragments. @type {any} */
let ofFragments;

/**
 * Empties a window and puts a fragment into it: making another takes longer than
 * most tests.
 *
 * @param {string} html
 * @param {string} hash
 */
function fragmentWindow(html, hash) {
  ofFragments ??= new JSDOM('', { url: 'http://localhost/', pretendToBeVisual: true }).window;
  const { document, history, localStorage } = ofFragments;
  document.head.innerHTML = '';
  document.body.innerHTML = html;
  for (const name of Object.keys(document.documentElement.dataset)) delete document.documentElement.dataset[name];
  document.documentElement.removeAttribute('style');
  localStorage.clear();
  history.replaceState(null, '', `/${hash}`);
  return ofFragments;
}

/**
 * Makes a document and puts it, and what else a window has, into the global
 * scope. Modules that look at the window when they are loaded are imported
 * after it.
 *
 * @param {object} [with_]
 * @param {string} [with_.html] else that of the page, without its scripts
 * @param {string} [with_.fragment] is all of the page, in the window of the fragment before: what listens to window or document stays
 * @param {string} [with_.hash] of its address
 * @returns {Window & typeof globalThis}
 */
export function makeDocument({ fragment, html, hash = '' } = {}) {
  const window =
    fragment === undefined
      ? new JSDOM(html ?? read('index.html'), { url: `http://localhost/${hash}`, pretendToBeVisual: true }).window
      : fragmentWindow(fragment, hash);
  /** @type {Record<string, any>} */
  const globals = {
    window,
    matchMedia: () => ({ matches: false, addEventListener() {} }),
    requestAnimationFrame: (/** @type {(t: number) => void} */ fn) => setTimeout(() => fn(performance.now()), 0),
    cancelAnimationFrame: clearTimeout,
    setTimeout: setTimer,
    scrollTo() {},
    scrollX: 0,
    scrollY: 0,
    devicePixelRatio: 1,
    ResizeObserver: FakeObserver,
    IntersectionObserver: FakeObserver,
    PointerEvent: pointerEvents(window),
    ImageData: FakeImage,
  };
  for (const name of Object.getOwnPropertyNames(window)) if (/^(HTML|SVG)\w*Element$/.test(name)) globals[name] = window[name];
  for (const name of shared)
    globals[name] = typeof window[name] === 'function' && !window[name].prototype ? window[name].bind(window) : window[name];
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  window.Element.prototype.scrollIntoView = () => {};
  window.Document.prototype.elementFromPoint = () => null;
  window.HTMLCanvasElement.prototype.getContext = fakeContext;
  return window;
}

/** Pixels that were put on canvases last. @type {WeakMap<object, Uint8ClampedArray>} */
const pixels = new WeakMap();

/**
 * The pixels that were put on a canvas last, four numbers each; of a picture that
 * was drawn from another canvas, those of that one.
 *
 * @param {Element} canvas
 */
export const painted = (canvas) => pixels.get(canvas);

/** A canvas context that paints nothing, and remembers pixels. @this {object} @returns {any} */
function fakeContext() {
  return new Proxy(
    {
      putImageData: (/** @type {ImageData} */ image) => void pixels.set(this, image.data.slice()),
      drawImage: (/** @type {object} */ source) => void pixels.set(this, pixels.get(source) ?? new Uint8ClampedArray()),
    },
    {
      get: (target, name) =>
        name in target
          ? Reflect.get(target, name)
          : name === 'createImageData' || name === 'getImageData'
            ? (/** @type {number[]} */ ...size) => ({ data: new Uint8ClampedArray(4 * size[size.length - 2] * size[size.length - 1]) })
            : name === 'measureText'
              ? (/** @type {string} */ text) => ({ width: 6 * text.length })
              : () => {},
    },
  );
}

const { setTimeout: startTimer } = globalThis;

/** A timer that the process does not wait for if it is long. @param {() => void} fn @param {number} [ms] @param {...any} args @returns {any} */
function setTimer(fn, ms = 0, ...args) {
  const timer = /** @type {any} */ (startTimer(fn, ms, ...args));
  return ms < 1000 ? timer : timer.unref();
}

/** Who observes an element. @type {WeakMap<Element, ((entries: any[]) => void)[]>} */
const observing = new WeakMap();

/** Observes what a test says with observed(). */
class FakeObserver {
  #tell;

  /** @param {(entries: any[]) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }
  /** @param {Element} element */
  observe(element) {
    observing.set(element, [...(observing.get(element) ?? []), this.#tell]);
  }
  unobserve() {}
  disconnect() {}
}

/**
 * Tells those who observe an element what is to be seen of it, or its size.
 *
 * @param {Element} element
 * @param {{isIntersecting?: boolean, intersectionRatio?: number, contentRect?: {width: number, height: number}}} entry
 */
export function observed(element, entry) {
  for (const tell of observing.get(element) ?? []) tell([{ target: element, ...entry }]);
}

/** Pixels, as a browser's ImageData has them. */
class FakeImage {
  /** @param {Uint8ClampedArray} data @param {number} width @param {number} height */
  constructor(data, width, height) {
    if (data.length !== 4 * width * height) throw new RangeError(`${data.length} bytes for ${width} x ${height} pixels`);
    Object.assign(this, { data, width, height });
  }
}

/** jsdom has no pointer events. @param {Window & typeof globalThis} window */
function pointerEvents(window) {
  return class extends window.MouseEvent {
    /** @param {string} type @param {PointerEventInit} [init] */
    constructor(type, init = {}) {
      super(type, init);
      const { pointerId = 0, pointerType = '', pressure = 0 } = init;
      Object.assign(this, { pointerId, pointerType, pressure });
    }
  };
}

/** Elements that were found by their data-testid, which is looked for in all of the document. @type {Map<string, any>} */
const foundBefore = new Map();

/**
 * The element with this data-testid, of which there is one at most.
 *
 * @param {string} id
 */
export function byTest(id) {
  const before = foundBefore.get(id);
  if (before?.isConnected && before.ownerDocument === document && before.dataset.testid === id) return before;
  const found = /** @type {any} */ (document.querySelector(`[data-testid="${id}"]`));
  foundBefore.set(id, found);
  return found;
}

/**
 * Enters a value as a person does.
 *
 * @param {any} input or a list to choose from
 * @param {string | boolean} value of a box: whether it is ticked
 * @param {string} [type]
 */
export function enter(input, value, type = 'change') {
  input[typeof value === 'boolean' ? 'checked' : 'value'] = value;
  input.dispatchEvent(new Event(type, { bubbles: true }));
}

/**
 * Catches files that the page offers to be saved.
 *
 * @param {import('node:test').TestContext} t
 * @returns {{name: string, blob: Blob}[]} fills as they come
 */
export function catchDownloads(t) {
  /** @type {{name: string, blob: Blob}[]} */
  const files = [];
  /** @type {Map<string, Blob>} */
  const blobs = new Map();
  t.mock.method(URL, 'createObjectURL', (/** @type {Blob} */ blob) => {
    blobs.set(`blob:${blobs.size}`, blob);
    return `blob:${blobs.size - 1}`;
  });
  t.mock.method(URL, 'revokeObjectURL', () => {});
  t.mock.method(
    HTMLAnchorElement.prototype,
    'click',
    /** @this {HTMLAnchorElement} */ function () {
      const { download, href } = this;
      files.push({ name: download, blob: /** @type {Blob} */ (blobs.get(href)) });
    },
  );
  return files;
}

/** The English sentences of the page, with those of Train. */
export async function english() {
  const { I18n } = await import('../lib/i18n.js');
  const i18n = new I18n(async (name) => JSON.parse(read(`locales/${name}.json`)));
  await i18n.use('en');
  await i18n.add('train-words');
  return i18n;
}

/**
 * The element with this id.
 *
 * @param {string} id
 */
export const find = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * Waits until something is so.
 *
 * @template T
 * @param {() => T} what
 * @returns {Promise<Exclude<T, false | null | undefined>>} what it gave
 */
export async function until(what) {
  for (let end = Date.now() + 5000; Date.now() < end; ) {
    const found = what();
    if (found) return /** @type {Exclude<T, false | null | undefined>} */ (found);
    await new Promise((done) => setTimeout(done, 15));
  }
  throw new Error(`it never was: ${what}`);
}

/** Lets promises and timers of no delay settle. */
export const settle = () => new Promise((done) => setTimeout(done, 2));
