import assert from 'node:assert/strict';
import { test } from 'node:test';
import { along, MapGeometry, spans } from './latent-map-geometry.js';

/** A map of a slanted plane in three dimensions, twice as wide as high. */
function slanted() {
  const map = new MapGeometry();
  map.plane = { origin: Float32Array.of(0.5, 0, 0), e1: Float32Array.of(0.6, 0.8, 0), e2: Float32Array.of(0, 0, 1) };
  map.aspect = 2;
  map.span = 6;
  return map;
}

/** @param {ArrayLike<number>} a @param {number[]} b @param {number} [by] */
function near(a, b, by = 1e-6) {
  assert.equal(a.length, b.length);
  b.forEach((v, i) => assert.ok(Math.abs(a[i] - v) <= by, `${Array.from(a)}, should be ${b}`));
}

test('a place on the map is a latent point, and that is the place', () => {
  const map = slanted();
  map.center = { x: 1, y: -2 };
  assert.deepEqual([map.width, map.height], [12, 6]);
  for (const [u, v] of [
    [0, 0],
    [0.5, 0.5],
    [0.9, 0.2],
    [1, 1],
  ]) {
    near(map.toMap(map.project(map.latent(map.fromMap(u, v)))), [u, v]);
  }
  near(map.latent(map.fromMap(0.5, 0.5)), [1.1, 0.8, -2]);
  near(map.toMap({ x: 1, y: 1 }), [0.5, 0]);
});

test('what is off the plane stays as far off when it is moved along it', () => {
  const map = slanted();
  const z = [2, -1, 3];
  near(map.latent(map.project(z), z), z);
  const moved = map.latent({ x: 0, y: 0 }, z);
  near(Object.values(map.project(moved)), [0, 0]);
  const off = (/** @type {number[]} */ p) => Math.hypot(...map.latent(map.project(p)).map((v, i) => v - p[i]));
  assert.ok(Math.abs(off(moved) - off(z)) < 1e-6 && off(z) > 1);
});

test('zooming keeps what is under the pointer, and has limits', () => {
  const map = slanted();
  const there = map.fromMap(0.8, 0.3);
  for (const factor of [0.5, 0.9, 1.7]) {
    map.zoom(factor, 0.8, 0.3);
    near(Object.values(map.fromMap(0.8, 0.3)), Object.values(there));
  }
  for (let i = 0; i < 100; i++) map.zoom(0.5, 0.1, 0.9);
  assert.equal(map.span, spans.min);
  for (let i = 0; i < 100; i++) map.zoom(2, 0.1, 0.9);
  assert.equal(map.span, spans.max);
});

test('panning moves the plane with the hand', () => {
  const map = slanted();
  const there = map.fromMap(0.3, 0.3);
  map.pan(0.2, -0.1);
  near(map.toMap(there), [0.5, 0.2]);
});

test('a walk goes so far to the right and down, and takes the map along where it leads out', () => {
  const map = slanted();
  const from = map.fromMap(0.5, 0.5);
  const short = map.walk(from, 0.1, 0.2);
  near(map.toMap(short.place), [0.6, 0.7]);
  assert.equal(short.panned, false);
  const far = map.walk(from, 0.9, 0);
  near(map.toMap(far.place), [0.96, 0.5]);
  assert.equal(far.panned, true);
});

test('all that matters fits, whatever the shape of the map', () => {
  for (const aspect of [0.5, 1, 2.5]) {
    const map = slanted();
    map.aspect = aspect;
    const places = [
      { x: 7, y: 1 },
      { x: -2, y: -5 },
    ];
    map.fit(places);
    assert.ok(map.shows(places));
    assert.ok(
      map.shows([
        { x: 3, y: 0 },
        { x: 0, y: -3 },
      ]),
    );
    map.fit([]);
    assert.ok(
      map.shows([
        { x: -3, y: 0 },
        { x: 0, y: 3 },
      ]) && Math.min(map.width, map.height) < 8,
    );
    assert.equal(map.shows([{ x: 90, y: 0 }]), false);
    assert.equal(map.shows([{ x: 2.9, y: 2.9 }]), false, 'a path from there would leave the map');
  }
});

test('a path has points at even distances, both ends among them', () => {
  const path = along(
    [
      { x: 0, y: 0 },
      { x: 3, y: 0 },
      { x: 3, y: 0 },
      { x: 3, y: 1 },
    ],
    9,
  );
  assert.equal(path.length, 9);
  near([path[0].x, path[0].y, path[6].x, path[6].y, path[8].x, path[8].y], [0, 0, 3, 0, 3, 1]);
  path.slice(1).forEach((p, i) => assert.ok(Math.abs(Math.hypot(p.x - path[i].x, p.y - path[i].y) - 0.5) < 1e-9));
  assert.deepEqual(
    along(
      [
        { x: 1, y: 1 },
        { x: 1, y: 1 },
      ],
      2,
    ),
    [
      { x: 1, y: 1 },
      { x: 1, y: 1 },
    ],
  );
});
