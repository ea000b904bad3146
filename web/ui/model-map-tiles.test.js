/** The ground of a map: which squares are decoded, in which order, and which are forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MapGeometry } from './latent-map-geometry.js';
import { MapTiles } from './model-map-tiles.js';

const shape = [1, 28, 28];
const pixels = new Uint8Array(784);

function setUp(size = shape) {
  const map = new MapGeometry();
  map.span = 8;
  const tiles = new MapTiles();
  tiles.clear(size);
  return { map, tiles };
}

/** Decodes all that is wanted. @param {MapTiles} tiles @param {MapGeometry} map */
function fill(tiles, map) {
  const wanted = tiles.wanted(map, Infinity);
  for (const cell of wanted) tiles.set(cell, pixels, tiles.version);
  return wanted;
}

test('the squares cover the map, ten to twenty along its shorter side, and nothing of them is wanted twice', () => {
  const { map, tiles } = setUp();
  for (const span of [0.3, 1, 5, 6.6, 8, 100]) {
    map.span = span;
    const n = map.span / 2 ** tiles.level(map);
    assert.ok(n > 9.99 && n <= 20, `${n} squares`);
  }
  map.span = 8;
  const wanted = fill(tiles, map);
  assert.equal(wanted.length, 256);
  assert.deepEqual([Math.min(...wanted.map((c) => c.x)), Math.max(...wanted.map((c) => c.y))], [-3.75, 3.75]);
  assert.deepEqual(tiles.wanted(map, 10), []);
  assert.equal(tiles.shown(map).length, 256);
  map.pan(0.5, 0);
  assert.equal(tiles.wanted(map, Infinity).length, 128, 'half of the map was there before');
});

test('what is missing comes first, the nearest to where one looks, then what an earlier model painted, the oldest first', () => {
  const { map, tiles } = setUp();
  const focus = { x: 3.7, y: -3.7 };
  const [first, second] = tiles.wanted(map, 2, focus);
  assert.deepEqual([first.x, first.y], [3.75, -3.75]);
  fill(tiles, map);
  tiles.version = 5;
  tiles.set(second, pixels, 5);
  const old = tiles.wanted(map, Infinity, focus);
  assert.equal(old.length, 255);
  assert.ok(!old.some((c) => c.key === second.key));
  map.pan(-0.1, 0);
  const [missing] = tiles.wanted(map, 1, focus);
  assert.ok(missing.x > 4, 'what was never there');
});

test('while the squares of a zoom are on their way, those of before are shown below them', () => {
  const { map, tiles } = setUp();
  fill(tiles, map);
  map.zoom(0.5);
  const before = tiles.shown(map);
  assert.ok(before.length > 0 && before.every((t) => t.size === 0.5));
  const [cell] = tiles.wanted(map, 1);
  tiles.set(cell, pixels, 0);
  assert.equal(tiles.shown(map).at(-1)?.size, 0.25, 'the finer one on top');
  fill(tiles, map);
  assert.ok(tiles.shown(map).every((t) => t.size === 0.25));
});

test('there are never more tiles than places for them; of large pictures fewer, and the map has fewer squares', () => {
  for (const size of [shape, [3, 128, 128]]) {
    const { map, tiles } = setUp(size);
    const slots = new Map();
    for (let i = 0; i < 12; i++) {
      map.center = { x: 7 * i, y: 0 };
      fill(tiles, map);
      const shown = tiles.shown(map);
      assert.ok(shown.length > 0 && shown.length <= tiles.capacity);
      assert.deepEqual(tiles.wanted(map, Infinity), [], 'none of the squares of one map pushes out another');
      for (const t of shown) slots.set(t.slot, t.key);
    }
    assert.ok(Math.max(...slots.keys()) < tiles.capacity);
  }
});

test('the tile of a place', () => {
  const { map, tiles } = setUp();
  assert.equal(tiles.at(map, { x: 1, y: 1 }), null);
  fill(tiles, map);
  const tile = tiles.at(map, { x: 1.1, y: -0.1 });
  assert.deepEqual([tile?.x, tile?.y], [1.25, -0.25]);
});
