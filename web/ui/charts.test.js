/** What is painted of numbers: line-chart, point-chart, scatter-plot, kl-bars. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lines, makeCanvas, written } from '../test/pen.js';
import { KLBars } from './kl-bars.js';
import { LineChart } from './line-chart.js';
import { PointChart } from './point-chart.js';
import { normal, ScatterPlot } from './scatter-plot.js';

/** Each colour is called as its token. */
const colours = () => ({
  ...{ line: 'line', muted: 'muted', edge: 'edge', accent: 'accent', ink: '#000000', paper: '#ffffff' },
  ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`class-${i}`, `class-${i}`])),
});

/** A curve in ink. @param {number[]} steps @param {number[]} values @param {'line' | 'faint' | 'dots' | 'dashed'} [look] */
const curve = (steps, values, look = 'line', colour = 'accent') => ({ steps, values, look, colour });

/** @param {number} width @param {number} height */
function lineChart(width = 200, height = 100) {
  const screen = makeCanvas(width, height);
  /** @type {(number | null)[]} */
  const pointed = [];
  const chart = new LineChart(screen.canvas, colours, String, (step) => pointed.push(step));
  return { ...screen, chart, pointed };
}

test('a curve goes from its first step to its last, higher values are higher, and both axes have numbers', async () => {
  const { chart, marks } = lineChart();
  chart.show([curve([0, 50, 100], [0, 10, 5])], false);
  const painted = await marks();
  const [line] = lines(painted, 'accent');
  const [a, b, c] = line.points;
  assert.ok(a[0] < b[0] && b[0] < c[0]);
  assert.equal(c[0], 196, 'the last step is at the right edge');
  assert.ok(b[1] < c[1] && c[1] < a[1], JSON.stringify(line.points));
  const words = written(painted);
  const beside = words.filter(({ x }) => x < a[0]);
  assert.deepEqual(
    beside.map(({ text }) => text),
    ['0', '5', '10'],
  );
  assert.ok(beside[0].y > beside[1].y && beside[1].y > beside[2].y, 'they rise');
  const below = words.filter(({ y }) => y > 95).map(({ text }) => text);
  assert.deepEqual([below[0], below.at(-1)], ['0', '100']);
});

test('wide numbers beside the axis have room', async () => {
  const { chart, marks } = lineChart();
  chart.show([curve([0, 100], [-2e6, 0])], false);
  const painted = await marks();
  const left = lines(painted, 'accent')[0].points[0][0];
  const [widest] = written(painted).filter(({ x, text }) => x < left && text.length > 7);
  assert.ok(widest.x - 6 * widest.text.length >= 0, JSON.stringify(widest));
});

test('without a curve there is an empty frame, and a curve without numbers has no numbers at its axes', async () => {
  const { chart, marks } = lineChart();
  chart.show([], false);
  assert.deepEqual(written(await marks()), []);
  chart.show([curve([], [])], true);
  assert.deepEqual(written(await marks()), []);
});

test('on a logarithmic axis equal factors are equally far apart, also where all values are below 0', async () => {
  const { chart, marks } = lineChart();
  chart.show([curve([0, 50, 100], [1, 10, 100])], true);
  const heights = async () => lines(await marks(), 'accent')[0].points.map(([, y]) => y);
  const [one, ten, hundred] = await heights();
  assert.ok(one > ten && ten > hundred);
  assert.ok(Math.abs(one - ten - (ten - hundred)) < 0.01, `${one}, ${ten}, ${hundred}`);
  chart.show([curve([0, 50, 100], [-100, -10, -1])], true);
  const [low, middle, high] = await heights();
  assert.ok(low > middle && middle > high, 'the higher is above');
  assert.ok(Math.abs(low - middle - (middle - high)) < 0.01);
  chart.show([curve([0, 50, 100], [-1, 0.5, 2])], true);
  const [half, two, ...none] = await heights();
  assert.ok(half > two && none.length === 0, 'what is above 0 is shown, what is below has no place');
});

test('a curve has a gap where there is no number', async () => {
  const { chart, marks } = lineChart();
  chart.show([curve([0, 25, 50, 75, 100], [1, 2, NaN, 4, 5])], false);
  assert.deepEqual(
    lines(await marks(), 'accent').map(({ points }) => points.length),
    [2, 2],
  );
});

test('what was measured now and then is dots, another run is dashed, and what was smoothed is faint behind', async () => {
  const { chart, marks } = lineChart();
  chart.show(
    [curve([0, 100], [0, 1000], 'faint', 'ink'), curve([0, 100], [0, 1], 'dots'), curve([0, 100], [1, 0], 'dashed', 'class-4')],
    false,
  );
  const painted = await marks();
  assert.equal(lines(painted, '#000000')[0].mark.globalAlpha, 0.25);
  assert.deepEqual(lines(painted, 'class-4')[0].mark.dash, [5, 4]);
  assert.equal(painted.filter(({ op, fillStyle }) => op === 'arc' && fillStyle === 'accent').length, 2);
  assert.ok(
    written(painted).every(({ text, y }) => y > 95 || Number(text) < 2),
    'the faint curve does not set the scale',
  );
});

test('the step under the pointer is told, and marked on each curve', async () => {
  const { chart, marks, point, pointed } = lineChart();
  point(100);
  assert.deepEqual(pointed, [null], 'there is no curve');
  chart.show([curve([0, 40, 100], [0, 4, 10]), curve([0, 100], [5, 5], 'line', 'class-1'), curve([0, 100], [5, 5], 'faint', 'ink')], false);
  const [{ points }] = lines(await marks(), 'accent');
  point(points[1][0]);
  point(points[0][0] - 20);
  point(195.9);
  point(null);
  assert.deepEqual(pointed.slice(1), [40, null, 100, null]);
  const dots = async () =>
    (await marks()).filter(({ op }) => op === 'arc').map(({ args: [x, y], fillStyle }) => [Math.round(x), Math.round(y), fillStyle]);
  assert.deepEqual(await dots(), []);
  chart.point(41);
  const found = await dots();
  assert.deepEqual(found[0], [Math.round(points[1][0]), Math.round(points[1][1]), 'accent'], 'at the nearest step that has a value');
  assert.deepEqual(
    found.map(([, , colour]) => colour),
    ['accent', 'class-1'],
    'not on the faint one',
  );
  assert.equal(lines(await marks(), 'edge').length, 1, 'a line down the chart');
  chart.point(null);
  assert.deepEqual(await dots(), []);
});

test('KL per dimension: a bar for each, filled where it is active, outlined where not, the highest nearly at the top', async () => {
  const { canvas, marks } = makeCanvas(200, 100);
  const bars = new KLBars(canvas, colours, String);
  bars.show([2, 0, 1], [true, false, true]);
  const painted = await marks();
  const filled = painted.filter(({ op }) => op === 'fillRect');
  const outlined = painted.filter(({ op }) => op === 'strokeRect');
  assert.deepEqual([filled.length, outlined.length], [2, 1]);
  assert.ok(filled.every(({ fillStyle }) => fillStyle === 'accent'));
  const [[x0, , w, high], [x2, , , half]] = filled.map(({ args }) => args);
  assert.ok(Math.abs(half / high - 0.5) < 1e-9);
  const [x1, y1, , low] = outlined[0].args;
  assert.ok(x0 + w <= x1 && x1 + w <= x2, 'in their order');
  assert.ok(low < 3 && y1 > 80, 'a dimension without information is still seen');
  const words = written(painted);
  assert.deepEqual(
    words.filter(({ y }) => y > 95).map(({ text }) => text),
    ['1', '2', '3'],
    'dimensions are counted from 1',
  );
  assert.ok(words.some(({ text }) => text === '2'));
  bars.show([], []);
  assert.deepEqual(written(await marks()), []);
});

test('so many dimensions that their numbers would touch have every second or third', async () => {
  const { canvas, marks } = makeCanvas(200, 100);
  new KLBars(canvas, colours, String).show(Array(40).fill(1), Array(40).fill(true));
  const numbers = written(await marks()).filter(({ y }) => y > 95);
  assert.ok(numbers.length > 3 && numbers.length <= 12, String(numbers.length));
  for (let i = 1; i < numbers.length; i++) assert.ok(numbers[i].x - numbers[i - 1].x >= 18);
});

test('points are the digits that they are, in their colours, to the right of 0 where x is above it and above where y is', async () => {
  const { canvas, marks } = makeCanvas(300, 200);
  const plot = new ScatterPlot(canvas, colours);
  plot.show(Float32Array.of(1, 2, -1, 0, 0, -1), [3, 7, 12]);
  const painted = await marks();
  const [three, seven] = written(painted);
  assert.deepEqual([three.text, three.colour, seven.text, seven.colour], ['3', 'class-3', '7', 'class-7']);
  assert.ok(three.x > 150 && three.y < 100);
  assert.ok(seven.x < 150 && seven.y === 100);
  assert.ok(Math.abs(100 - three.y - 2 * (three.x - 150)) < 1e-6, 'one scale for both axes');
  const other = painted.find(({ op }) => op === 'fillRect');
  assert.equal(other?.fillStyle, '#000000', 'what is no digit is a dot in ink');
  const rings = painted.filter(({ op }) => op === 'arc').map(({ args: [, , r] }) => r);
  assert.ok(Math.abs(rings[1] / rings[0] - 2) < 1e-9, 'one and a half and three standard deviations of the prior');
  assert.ok(rings[1] <= 100.001, 'they are within the picture');
});

test('points far out are within the picture: the scale goes by nearly all of them', async () => {
  const { canvas, marks } = makeCanvas(200, 200);
  new ScatterPlot(canvas, colours).show(Float32Array.of(9, 0, -9, 9), [1, 2]);
  for (const { x, y } of written(await marks())) assert.ok(x >= 0 && x <= 200 && y >= 0 && y <= 200, `${x}, ${y}`);
});

test('over a map a point is where its probability under the prior is, on the picture that the decoder paints there', async () => {
  const { canvas, marks } = makeCanvas(200, 200);
  const plot = new ScatterPlot(canvas, colours);
  const map = { pixels: new Float32Array(4 * 4), side: 2, shape: [1, 2, 2] };
  plot.show(Float32Array.of(0, 0, 10, -10), [0, 1], map);
  const painted = await marks();
  const image = painted.find(({ op }) => op === 'drawImage');
  assert.deepEqual(image?.args.slice(1), [0, 0, 200, 200]);
  assert.ok((image?.globalAlpha ?? 1) < 0.6, 'points can be read over it');
  const [middle, corner] = written(painted).filter(({ colour }) => colour.startsWith('class'));
  assert.deepEqual([Math.round(middle.x), Math.round(middle.y)], [100, 100]);
  assert.deepEqual([Math.round(corner.x), Math.round(corner.y)], [200, 200], 'nothing is outside');
  const scale = written(painted).filter(({ colour }) => colour === 'muted');
  assert.deepEqual(
    scale.map(({ text }) => text),
    ['−2', '−1', '0', '1', '2'],
  );
  assert.ok(Math.abs(scale[3].x - 200 * 0.8413) < 0.1, 'one standard deviation is at 84 % of the way');
  assert.equal(painted.filter(({ op }) => op === 'arc').length, 0, 'rings would be of another scale');
});

test('the normal distribution', () => {
  for (const [v, p] of [
    [0, 0.5],
    [1, 0.8413447],
    [-1, 0.1586553],
    [3, 0.9986501],
  ])
    assert.ok(Math.abs(normal(v) - p) < 1e-6, `${v}`);
});

test('series over sizes: their own marks and colours, how far measurements reach, and what is not finished is hollow', async () => {
  const { canvas, marks } = makeCanvas(300, 200);
  const chart = new PointChart(canvas, colours, () => ({ x: 'dimensions', y: 'nats' }), String);
  chart.show(
    [
      { name: 'KL', colour: 'class-1', mark: 'circle', points: [1, 10, 100].map((x) => ({ x, y: x === 100 ? 8 : 4, low: 3, high: 9 })) },
      {
        name: 'ELBO',
        colour: 'class-2',
        mark: 'square',
        dash: [2, 2],
        points: [
          { x: 1, y: 2 },
          { x: 10, y: NaN },
          { x: 100, y: 3, open: true },
        ],
      },
    ],
    [1, 10, 100],
  );
  const painted = await marks();
  const texts = written(painted);
  for (const text of ['dimensions', 'nats', '1', '10', '100'])
    assert.ok(
      texts.some((t) => t.text === text),
      text,
    );
  const [first, ...reaches] = lines(painted, 'class-1');
  const [x1, x10, x100] = first.points.map(([x]) => x);
  assert.ok(Math.abs(x10 - x1 - (x100 - x10)) < 1e-6, 'the axis is logarithmic');
  assert.ok(first.points[2][1] < first.points[0][1]);
  assert.deepEqual(
    reaches.map(({ points: [[, low], [, high]] }) => low > high),
    [true, true, true],
  );
  const [second] = lines(painted, 'class-2');
  assert.equal(second.points.length, 2, 'what is no number has no point');
  assert.deepEqual(painted.find(({ op, strokeStyle }) => op === 'moveTo' && strokeStyle === 'class-2')?.dash, [2, 2]);
  assert.equal(painted.filter(({ op }) => op === 'rect').length, 2, 'squares');
  assert.equal(painted.filter(({ op, fillStyle }) => op === 'fill' && fillStyle === '#ffffff').length, 1, 'hollow');
});
