import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, colour, colourful } from './pictures.js';

test('grey pictures are painted from paper to ink', () => {
  const rgba = new Uint8ClampedArray(12);
  colour([0, 1, NaN], rgba, '#ffffff', '#102030');
  assert.deepEqual([...rgba], [255, 255, 255, 255, 16, 32, 48, 255, 255, 255, 255, 255]);
});

test('colour pictures keep their colours: channels one after the other, picture by picture', () => {
  const rgba = new Uint8ClampedArray(16);
  // Two pictures of two pixels: red and green, then blue and beyond white.
  colourful([1, 0, 0, 1, 0, 0, 0, 2, 0, 2, 1, 2], rgba, 2);
  assert.deepEqual([...rgba], [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255]);
});

test('rows that belong together are one above the other, block by block', () => {
  const places = arrange(4, 2, 2);
  assert.equal(places.length, 8);
  assert.deepEqual(
    places.filter((p) => p.row === 1).map((p) => [p.x, p.y]),
    [
      [0, 1],
      [1, 1],
      [0, 3.3],
      [1, 3.3],
    ],
  );
});
