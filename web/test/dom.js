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

/**
 * Makes a document and puts it, and what else a window has, into the global
 * scope. Modules that look at the window when they are loaded are imported
 * after it.
 *
 * @param {object} [with_]
 * @param {string} [with_.html] else that of the page, without its scripts
 * @param {string} [with_.hash] of its address
 * @returns {Window & typeof globalThis}
 */
export function makeDocument({ html = read('index.html'), hash = '' } = {}) {
  const { window } = new JSDOM(html, { url: `http://localhost/${hash}`, pretendToBeVisual: true });
  /** @type {Record<string, any>} */
  const globals = {
    window,
    matchMedia: () => ({ matches: false, addEventListener() {} }),
    requestAnimationFrame: (/** @type {(t: number) => void} */ fn) => setTimeout(() => fn(performance.now()), 0),
    cancelAnimationFrame: clearTimeout,
    scrollTo() {},
    devicePixelRatio: 1,
    ResizeObserver: FakeObserver,
    IntersectionObserver: FakeObserver,
  };
  for (const name of Object.getOwnPropertyNames(window)) if (/^(HTML|SVG)\w*Element$/.test(name)) globals[name] = window[name];
  for (const name of shared)
    globals[name] = typeof window[name] === 'function' && !window[name].prototype ? window[name].bind(window) : window[name];
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  window.Element.prototype.scrollIntoView = () => {};
  window.HTMLCanvasElement.prototype.getContext = () => fakeContext();
  return window;
}

/** A canvas context that paints nothing. */
function fakeContext() {
  return new Proxy(
    {},
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

/** Observes nothing. */
class FakeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** The English sentences of the page. */
export async function english() {
  const { I18n } = await import('../lib/i18n.js');
  const i18n = new I18n(async (lang) => JSON.parse(read(`locales/${lang}.json`)));
  await i18n.use('en');
  return i18n;
}

/**
 * The element with this id.
 *
 * @param {string} id
 */
export const find = (id) => /** @type {any} */ (document.getElementById(id));

/** Lets promises and timers of no delay settle. */
export const settle = () => new Promise((done) => setTimeout(done, 2));
