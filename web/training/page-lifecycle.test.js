import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onPageReturn, ScreenWakeLock } from './page-lifecycle.js';

test('a page that is shown again, or thawed, says so; one that is hidden does not', () => {
  const document = Object.assign(new EventTarget(), { visibilityState: /** @type {DocumentVisibilityState} */ ('hidden') });
  const window = new EventTarget();
  let returns = 0;
  const off = onPageReturn(() => returns++, /** @type {any} */ ({ document, window }));
  document.dispatchEvent(new Event('visibilitychange'));
  assert.equal(returns, 0);
  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  document.dispatchEvent(new Event('resume'));
  window.dispatchEvent(new Event('pageshow'));
  assert.equal(returns, 3);
  off();
  window.dispatchEvent(new Event('pageshow'));
  assert.equal(returns, 3);
});

/** A wake lock that counts what is held. */
function fakeLock() {
  const lock = {
    held: 0,
    refuses: false,
    async request() {
      if (lock.refuses) throw new DOMException('', 'NotAllowedError');
      lock.held++;
      return /** @type {any} */ ({ release: async () => void lock.held-- });
    },
  };
  return lock;
}
const settled = () => new Promise((r) => setTimeout(r));

test('the screen stays on while it is wanted', async () => {
  const lock = fakeLock();
  const screen = new ScreenWakeLock(lock);
  assert.ok(screen.isSupported);
  screen.set(true);
  screen.set(true);
  await settled();
  assert.equal(lock.held, 1);
  screen.set(false);
  await settled();
  assert.equal(lock.held, 0);
  screen.refresh();
  screen.set(true);
  screen.set(false); // before it was granted
  await settled();
  assert.equal(lock.held, 0);
});

test('it is asked for again after the page was hidden, and a refusal is no error', async () => {
  const lock = fakeLock();
  lock.refuses = true;
  const screen = new ScreenWakeLock(lock);
  screen.set(true);
  await settled();
  assert.equal(lock.held, 0);
  lock.refuses = false;
  screen.refresh();
  await settled();
  assert.equal(lock.held, 1);
  const none = new ScreenWakeLock(undefined);
  none.set(true);
  assert.equal(none.isSupported, false);
});
