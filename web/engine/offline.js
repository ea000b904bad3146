/**
 * Makes the page work offline, by a service worker (sw.js). A new version waits
 * until a person accepts it, so that no page mixes two versions.
 */
import { byId } from '../lib/dom.js';

/** Least milliseconds between two times that it is looked for a newer version: browsers look when a page is opened, and some stay open for days. */
const lookEvery = 3_600_000;

/**
 * Registers the service worker. Without one the page works online only.
 *
 * @param {string} url of sw.js
 */
export async function registerServiceWorker(url) {
  try {
    const registration = await container()?.register(url);
    if (!registration) return;
    const offer = makeOffer();
    if (registration.waiting) offer(registration.waiting);
    let looked = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible' || Date.now() - looked < lookEvery) return;
      looked = Date.now();
      registration.update().catch(() => {}); // without a network there is none
    });
    registration.addEventListener('updatefound', () => {
      const next = registration.installing;
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed' && navigator.serviceWorker.controller) offer(next);
      });
    });
  } catch {
    // Forbidden by a setting, or not on the server: the page works online only.
  }
}

/**
 * Caches a file that was just used, a model or the program that trains. On the first
 * visit the service worker does not see its request.
 *
 * @param {string} path inside the page's folder
 */
export async function cacheOffline(path) {
  const workers = container();
  if (!workers || workers.controller) return;
  try {
    const { active } = await workers.ready;
    active?.postMessage({ keep: path });
  } catch {
    // Forbidden: Firefox has service workers in a sandboxed frame and refuses them there.
  }
}

/**
 * Caches what was loaded and will be of a part of the page, as {@link cacheOffline} does.
 *
 * @param {RegExp} part matches the paths of its files
 */
export function cacheLoaded(part) {
  if (container()?.controller !== null) return;
  const base = new URL('.', document.baseURI).href;
  // Some browsers tell of a file a while after it has come.
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      const path = name.split('?')[0].slice(base.length);
      if (name.startsWith(base) && part.test(path)) void cacheOffline(path);
    }
  }).observe({ type: 'resource', buffered: true });
}

/** The service workers, where there are any: a sandboxed frame may not even ask. */
function container() {
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    return null;
  }
}

/**
 * Makes what offers a newer version that waits; the last one that was given counts.
 *
 * @returns {(worker: ServiceWorker) => void}
 */
function makeOffer() {
  /** @type {ServiceWorker | undefined} */
  let newest;
  const accept = () => {
    // It was accepted in another tab.
    if (!newest || /activat|redundant/.test(newest.state)) return location.reload();
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    newest.postMessage('take-over');
  };
  return (worker) => {
    if (!newest) byId('update-now', HTMLButtonElement).addEventListener('click', accept, { once: true });
    newest = worker;
    byId('update', HTMLElement).hidden = false;
  };
}
