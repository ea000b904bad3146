import assert from 'node:assert/strict';
import { before, test } from 'node:test';

/** @type {typeof import('./morph-player.js')} */
let player;
before(async () => {
  /** @type {any} */ (globalThis).matchMedia = () => ({ matches: false });
  player = await import('./morph-player.js');
});

test('a morph turns back at both ends', () => {
  assert.deepEqual([0, 1.5, 3, 4.5, 6, 7.5].map(player.swing), [0, 0.5, 1, 0.5, 0, 0.5]);
});

test('between two pictures lies their mix, at the ends the pictures themselves', () => {
  const film = Float32Array.of(0, 1, 0.5, 0, 1, 1); // three pictures of two pixels
  const out = new Float32Array(2);
  for (const [t, want] of /** @type {[number, number[]][]} */ ([
    [0, [0, 1]],
    [0.25, [0.25, 0.5]],
    [0.5, [0.5, 0]],
    [0.75, [0.75, 0.5]],
    [1, [1, 1]],
    [2, [1, 1]],
  ])) {
    player.mix(out, film, t);
    assert.deepEqual([...out], want, String(t));
  }
});
