/**
 * Keeps the page usable without a network, by a service worker (sw.js). A new
 * version waits until a person takes it, so that no page is made of two.
 */
import { byId } from '../lib/dom.js';

/**
 * Registers the service worker. Where there is none, or none is allowed, the
 * page works as well, online.
 *
 * @param {string} url of sw.js
 */
export async function goOffline(url) {
  if (!('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(url);
    if (registration.waiting) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const next = registration.installing;
      next?.addEventListener('statechange', () => {
        if (next.state === 'installed' && navigator.serviceWorker.controller) offer(next);
      });
    });
  } catch {
    // Forbidden by a setting, or a server without it: nothing is lost but offline use.
  }
}

/**
 * Has a file that was just used kept, a model or the program that trains. The first
 * visit has no worker yet that would have seen it go by.
 *
 * @param {string} path inside the page's folder
 */
export async function keepOffline(path) {
  if (!('serviceWorker' in navigator) || navigator.serviceWorker.controller) return;
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ keep: path });
}

/** @param {ServiceWorker} worker a newer version that waits */
function offer(worker) {
  byId('update', HTMLElement).hidden = false;
  byId('update-now', HTMLButtonElement).addEventListener(
    'click',
    () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('take-over');
    },
    { once: true },
  );
}
