import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from './emitter.js';

test('listeners get the arguments of their event, until they unsubscribe', () => {
  const e = new Emitter();
  /** @type {any[]} */
  const got = [];
  const off = e.on('a', (...args) => got.push(args));
  e.on('b', () => got.push('b'));
  e.emit('a', 1, 'x');
  e.emit('c');
  off();
  off();
  e.emit('a', 2);
  assert.deepEqual(got, [[1, 'x']]);
});

test('a listener that is added or removed during an event does not disturb it', () => {
  const e = new Emitter();
  /** @type {string[]} */
  const got = [];
  const off = e.on('a', () => {
    got.push('first');
    off();
    e.on('a', () => got.push('late'));
  });
  e.on('a', () => got.push('second'));
  e.emit('a');
  assert.deepEqual(got, ['first', 'second']);
  e.emit('a');
  assert.deepEqual(got.slice(2), ['second', 'late']);
});
