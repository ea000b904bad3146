import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalStore } from './local-storage.js';

/** A storage with room for some characters. */
function storage(room = Infinity) {
  const m = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ k) => m.get(k) ?? null,
    removeItem: (/** @type {string} */ k) => void m.delete(k),
    setItem(/** @type {string} */ k, /** @type {string} */ v) {
      if (v.length > room) throw new DOMException('quota', 'QuotaExceededError');
      m.set(k, v);
    },
  });
}

test('values are kept and forgotten', () => {
  const area = storage();
  const s = new LocalStore(() => area, assert.fail);
  assert.equal(s.get('x'), null);
  assert.equal(s.set('x', { a: [1] }), true);
  assert.deepEqual(new LocalStore(() => area, assert.fail).get('x'), { a: [1] });
  s.set('x', null);
  assert.equal(s.get('x'), null);
});

test('a full storage is told of once, and small values still fit', () => {
  const area = storage(20);
  /** @type {Error[]} */
  const failures = [];
  const s = new LocalStore(
    () => area,
    (e) => failures.push(e),
  );
  assert.equal(s.set('pads', 'x'.repeat(100)), false);
  assert.equal(s.set('pads', 'x'.repeat(100)), false);
  assert.equal(failures.length, 1);
  assert.match(failures[0].message, /quota/);
  assert.equal(s.set('theme', 'dark'), true);
});

test('a forbidden storage is lived without', () => {
  /** @type {Error[]} */
  const failures = [];
  const s = new LocalStore(
    () => {
      throw new DOMException('denied', 'SecurityError');
    },
    (e) => failures.push(e),
  );
  assert.equal(s.get('x'), null);
  assert.equal(failures.length, 0);
  assert.equal(s.set('x', 1), false);
  assert.equal(failures.length, 1);
});

test('a value that somebody damaged is none', () => {
  const area = storage();
  area.setItem('inkdrift.x', '{');
  assert.equal(new LocalStore(() => area, assert.fail).get('x'), null);
});
