import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  brush,
  countPoints,
  decodeStrokes,
  encodeStrokes,
  maxPoints,
  precision,
  pressure,
  settle,
  smooth,
  Smoother,
  strokesFromJSON,
  strokesToJSON,
} from './strokes.js';

/**
 * @param {[number, number, number?][]} positions
 */
function draw(positions, width = 0.08) {
  const s = new Smoother(width);
  for (const [x, y, p] of positions) s.add(x, y, p);
  return s;
}

/** @param {import('./strokes.js').Stroke | null} stroke */
function pointsOf(stroke) {
  assert.ok(stroke);
  return Array.from({ length: stroke.points.length / 3 }, (_, i) => Array.from(stroke.points.subarray(3 * i, 3 * i + 3)));
}

test('a tap is one point', () => {
  const s = draw([[0.25, 0.75]]);
  assert.deepEqual(pointsOf(s.stroke()), [[0.25, 0.75, 1]]);
});

test('nothing drawn is no stroke', () => {
  assert.equal(new Smoother(0.08).stroke(), null);
});

test('positions where the last one was, and none at all, change nothing', () => {
  const s = draw([[0.5, 0.5]]);
  assert.equal(s.add(0.5005, 0.5), false);
  assert.equal(s.add(NaN, 0.5), false);
  assert.equal(s.add(0.6, 0.5, NaN), false);
  assert.equal(pointsOf(s.stroke()).length, 1);
});

test('a line of few positions is dense and straight', () => {
  const points = pointsOf(
    draw([
      [0.1, 0.2],
      [0.9, 0.2],
    ]).stroke(),
  );
  assert.ok(points.length > 80, `${points.length} points`);
  for (const [, y] of points) assert.ok(Math.abs(y - 0.2) < 1e-6);
  for (let i = 1; i < points.length; i++) {
    const step = Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
    assert.ok(step > 0 && step < 0.02, `step ${step} at ${i}`);
  }
  assert.deepEqual(
    points
      .at(-1)
      ?.slice(0, 2)
      .map((v) => v.toFixed(4)),
    ['0.9000', '0.2000'],
  );
});

test('the curve goes through sparse positions, so corners stay', () => {
  const corners = [
    [0.2, 0.2],
    [0.8, 0.2],
    [0.4, 0.9],
  ];
  const points = pointsOf(draw(/** @type {[number, number][]} */ (corners)).stroke());
  for (const [x, y] of corners) {
    const nearest = Math.min(...points.map((p) => Math.hypot(p[0] - x, p[1] - y)));
    assert.ok(nearest < 0.0031, `the curve misses ${x},${y} by ${nearest}`);
  }
});

test('the jitter of dense positions is smoothed', () => {
  const wobble = (/** @type {number} */ i) => (i % 2 ? 0.004 : -0.004);
  const raw = Array.from({ length: 60 }, (_, i) => /** @type {[number, number]} */ ([0.1 + i * 0.012, 0.5 + wobble(i)]));
  const inner = pointsOf(draw(raw).stroke()).filter(([x]) => x > 0.15 && x < 0.75);
  const amplitude = Math.max(...inner.map(([, y]) => Math.abs(y - 0.5)));
  assert.ok(amplitude < 0.001, `amplitude ${amplitude}`);
});

test('what was settled stays as it is while the stroke goes on', () => {
  const s = new Smoother(0.08);
  /** @type {number[][]} */
  let before = [];
  for (let i = 0; i < 40; i++) {
    s.add(0.5 + 0.3 * Math.cos(i / 6), 0.5 + 0.3 * Math.sin(i / 6));
    const now = pointsOf(s.stroke());
    // The last segments may still move; with steps of 0.05 they have 7 points each.
    const settled = Math.max(0, before.length - 3 * 8);
    assert.deepEqual(now.slice(0, settled), before.slice(0, settled), `at position ${i}`);
    before = now;
  }
});

test('a pointer that was captured can go outside, not to infinity', () => {
  const points = pointsOf(
    draw([
      [0.5, 0.5],
      [1e6, -1e6],
    ]).stroke(),
  );
  for (const [x, y] of points) assert.ok(Math.abs(x) < 2 && Math.abs(y) < 2);
});

test('pressure counts for pens only', () => {
  assert.equal(pressure({ pointerType: 'mouse', pressure: 0.5 }), 1);
  assert.equal(pressure({ pointerType: 'touch', pressure: 1 }), 1);
  assert.equal(pressure({ pointerType: 'pen', pressure: 0.5 }), 1);
  assert.equal(pressure({ pointerType: 'pen', pressure: 1 }), 1.5);
  assert.equal(pressure({ pointerType: 'pen', pressure: 0 }), 1);
  const points = pointsOf(
    draw([
      [0.1, 0.1, 0.5],
      [0.9, 0.1, 1.5],
    ]).stroke(),
  );
  const middle = points[Math.floor(points.length / 2)];
  assert.ok(Math.abs(middle[2] - 1) < 0.05, `pressure in the middle ${middle[2]}`);
});

test('a stroke never has more points than it may', () => {
  for (const limit of [0, 500, 2000, maxPoints]) {
    const s = new Smoother(0.08, limit);
    for (let i = 0; i < 40_000 && !s.full; i++) s.add(i % 2 ? -9 : 9, (i % 7) - 3);
    assert.ok(s.full);
    assert.equal(s.add(0.5, 0.5), false);
    assert.ok(countPoints([s.stroke() ?? { width: 1, points: new Float32Array() }]) <= limit);
  }
});

test('a coarse stroke is made dense and keeps its width, its ends and its course', () => {
  const coarse = { width: 0.05, points: Float32Array.of(0.2, 0.2, 1, 0.5, 0.3, 1.2, 0.8, 0.2, 0.8) };
  const points = pointsOf(smooth(coarse));
  assert.equal(smooth(coarse).width, 0.05);
  assert.ok(points.length > 60);
  assert.deepEqual(
    points[0].map((v) => v.toFixed(3)),
    ['0.200', '0.200', '1.000'],
  );
  assert.deepEqual(
    points.at(-1)?.map((v) => v.toFixed(3)),
    ['0.800', '0.200', '0.800'],
  );
  assert.ok(points.some(([x, y]) => Math.hypot(x - 0.5, y - 0.3) < 0.005));
});

test('strokes survive their format', () => {
  const strokes = [
    draw([
      [0.1, 0.2],
      [0.5, 0.6],
    ]).stroke(),
    draw([[0.3, 0.3, 0.7]], brush.max).stroke(),
  ];
  const sound = strokes.filter((s) => s !== null);
  const again = decodeStrokes(encodeStrokes(sound));
  assert.deepEqual(
    again.map((s) => s.points),
    sound.map((s) => s.points),
  );
  assert.deepEqual(
    again.map((s) => s.width),
    sound.map((s) => Math.fround(s.width)),
  );
  assert.deepEqual(decodeStrokes(new ArrayBuffer(0)), []);
});

test('strokes that make no sense are refused', () => {
  const bad = {
    'a torn number': new ArrayBuffer(6),
    'no width': Float32Array.of(1).buffer,
    'no points': Float32Array.of(0, 0.08).buffer,
    'half a point': Float32Array.of(1.5, 0.08, 0, 0, 1, 0, 0, 1).buffer,
    'more points than there are': Float32Array.of(2, 0.08, 0, 0, 1).buffer,
    'a negative width': Float32Array.of(1, -1, 0, 0, 1).buffer,
    'NaN for a width': Float32Array.of(1, NaN, 0, 0, 1).buffer,
    'NaN for a point': Float32Array.of(1, 0.08, 0, NaN, 1).buffer,
    'NaN points': Float32Array.of(NaN, 0.08, 0, 0, 1).buffer,
  };
  for (const [what, buffer] of Object.entries(bad)) {
    assert.throws(() => decodeStrokes(buffer), RangeError, what);
  }
  const many = new Float32Array(2 + 3 * (maxPoints + 1));
  many[0] = maxPoints + 1;
  many[1] = 0.08;
  assert.throws(() => decodeStrokes(many.buffer), /more than/);
});

test('strokes survive being kept as JSON, to half a thousandth', () => {
  const stroke = draw([
    [0.1, 0.2],
    [0.5, 0.6],
    [0.9, 0.1],
  ]).stroke();
  assert.ok(stroke);
  const [again] = strokesFromJSON(JSON.parse(JSON.stringify(strokesToJSON([stroke]))));
  assert.equal(again.points.length, stroke.points.length);
  for (let i = 0; i < stroke.points.length; i++) assert.ok(Math.abs(again.points[i] - stroke.points[i]) <= 0.0003);
  assert.equal(again.width, 0.08);
});

test('kept strokes that make no sense are left out', () => {
  for (const json of [
    null,
    1,
    'x',
    {},
    [null],
    [{ w: 0.1 }],
    [{ w: 0.1, p: [1, 2] }],
    [{ w: -1, p: [1, 2, 3] }],
    [{ w: 0.1, p: [1, 'x', 3] }],
    [{ w: 0.1, p: [1, null, 3] }],
  ]) {
    assert.deepEqual(strokesFromJSON(json), [], JSON.stringify(json));
  }
});

/** A spiral with a pen whose pressure changes. @param {number} phase */
const spiral = (phase) =>
  draw(
    Array.from({ length: 120 }, (_, i) => {
      const r = 0.05 + i * 0.003;
      return [0.5 + r * Math.cos(i / 7 + phase), 0.5 + r * Math.sin(i / 7 + phase), 1 + 0.4 * Math.sin(i / 9)];
    }),
  ).stroke();

test('a finished stroke has few points on a grid, and its edge is where it was', () => {
  for (let phase = 0; phase < 6; phase++) {
    const before = spiral(phase);
    assert.ok(before);
    const after = settle(before);
    assert.ok(after.points.length < before.points.length / 3, `${after.points.length} of ${before.points.length}`);
    after.points.forEach((v, i) => {
      const n = i % 3 === 2 ? precision.pressure : precision.place;
      assert.equal(v, Math.fround(Math.round(v * n) / n));
    });
    const [line, all] = [pointsOf(after), pointsOf(before)];
    for (const [x, y, p] of all) {
      let nearest = Infinity;
      for (let i = 1; i < line.length; i++) {
        const [[ax, ay, ap], [bx, by, bp]] = [line[i - 1], line[i]];
        const [dx, dy] = [bx - ax, by - ay];
        const t = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1), 0), 1);
        nearest = Math.min(nearest, Math.hypot(x - ax - t * dx, y - ay - t * dy) + 0.04 * Math.abs(ap + t * (bp - ap) - p));
      }
      // 0.0008 for the points left out, half a step of the grids for rounding.
      assert.ok(nearest < 0.0008 + 0.0007 + 0.0005, `${nearest} off at ${x}, ${y}`);
    }
  }
});

test('a finished stroke stays as it is, and survives being stored bit for bit', () => {
  const stroke = settle(spiral(1) ?? { width: 1, points: new Float32Array() });
  assert.equal(settle(stroke), stroke);
  const again = strokesFromJSON(JSON.parse(JSON.stringify(strokesToJSON([stroke]))));
  assert.deepEqual(again, [stroke]);
  assert.equal(settle(again[0]), again[0]);
});

test('a stroke as long as they get is finished at once', () => {
  // Zigzags are the worst for it: every point stays.
  const zigzag = { width: 0.0801, points: Float32Array.from({ length: 3 * maxPoints }, (_, i) => (i % 3 === 2 ? 1 : (i * 0.37) % 1)) };
  const begun = performance.now();
  assert.ok(settle(zigzag).points.length > 0);
  assert.ok(performance.now() - begun < 1000);
});
