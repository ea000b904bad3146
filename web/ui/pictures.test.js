import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, blockSize, colour, colourful } from './pictures.js';

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

test('pictures fill their room: a tenth is the most that whole pixels cost', () => {
  for (const w of [28, 32, 64])
    for (let unit = 2 * w; unit < 9 * w; unit += 3) {
      const { side, blocks } = blockSize(unit, w);
      assert.ok(side <= unit && side >= 0.9 * unit - 1, `${side} of ${unit}`);
      assert.ok(blocks === 1 ? side % w === 0 : blocks * w >= side, `${side} of ${unit}: blocks of ${blocks}`);
    }
  assert.deepEqual(blockSize(30.5, 28), { side: 30, blocks: 1 }, 'too small for blocks');
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
