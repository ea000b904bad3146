import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopClock } from '../test/clock.js';
import { makeDocument } from '../test/dom.js';
import { addStyle } from './styles.js';

makeDocument({ html: '<head></head><body></body>' });
const links = () => [...document.querySelectorAll('link')].map((l) => l.getAttribute('href'));
const tell = (/** @type {string} */ what) => document.querySelector('link')?.dispatchEvent(new Event(what));
const settle = () => new Promise((done) => setImmediate(done));

test('a style sheet that does not arrive is asked for again under another address', async () => {
  const adding = addStyle('css/a.css');
  assert.deepEqual(links(), ['css/a.css']);
  tell('error');
  await settle();
  assert.deepEqual(links(), ['css/a.css?again=1']);
  tell('load');
  await adding;
  assert.equal(addStyle('css/a.css'), adding, 'it is there once');
  document.querySelector('link')?.remove();
});

test('one that fails twice is an error that names it, and can be added again', async () => {
  const adding = addStyle('css/b.css');
  tell('error');
  await settle();
  tell('error');
  await assert.rejects(adding, { code: 'fetch-failed', field: 'b.css' });
  const again = addStyle('css/b.css');
  tell('load');
  await again;
  document.querySelector('link')?.remove();
});

test('one that does not come for ten seconds is told of and asked for again', async () => {
  const clock = stopClock();
  /** @type {string[]} */
  const told = [];
  globalThis.inkdriftFiles = /** @type {any} */ ({
    late: (/** @type {string} */ name) => told.push(`late ${name}`),
    came: (/** @type {string} */ name) => told.push(`came ${name}`),
  });
  const adding = addStyle('css/c.css');
  clock.tick(10_000);
  await settle();
  assert.deepEqual(links(), ['css/c.css?again=1']);
  assert.deepEqual(told, ['late css/c.css']);
  tell('load');
  await adding;
  assert.deepEqual(told, ['late css/c.css', 'came css/c.css']);
  clock.release();
  globalThis.inkdriftFiles = undefined;
});
