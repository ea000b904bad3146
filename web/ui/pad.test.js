import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeStrokes, maxPoints } from '../engine/strokes.js';
import { Pad, PadSync } from './pad.js';

/** @returns {import('./pad.js').Stroke} */
const line = () => ({ width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) });

/** @type {import('./pad.js').Content} */
const example = { strokes: [line()], bitmap: null, source: 'example' };

/** @type {import('./pad.js').Content} */
const sample = {
  strokes: [],
  bitmap: { width: 28, height: 28, ready: true, data: new Uint8Array(784).map((_, i) => i % 256) },
  source: 'sample',
};

/** @param {Pad} pad */
function stroke(pad, x = 0.5) {
  assert.ok(pad.begin(0.08));
  pad.draw(x, 0.2);
  pad.draw(x, 0.8);
  pad.end();
}

/** @param {Pad} pad */
const strokesOn = (pad) => decodeStrokes(pad.content().bufs[0]).length;

test('every change grows the revision', () => {
  let changes = 0;
  const pad = new Pad('a', () => changes++);
  stroke(pad);
  assert.equal(pad.rev, changes);
  assert.ok(changes >= 3);
  const { rev } = pad;
  pad.clear();
  assert.ok(pad.rev > rev);
});

test('the stroke that is being drawn is on the pad already', () => {
  const pad = new Pad('a', () => {});
  pad.begin(0.08);
  pad.draw(0.5, 0.5);
  assert.equal(pad.empty, false);
  assert.equal(pad.drawing, true);
  assert.equal(strokesOn(pad), 1);
  pad.end();
  assert.equal(pad.drawing, false);
  assert.equal(strokesOn(pad), 1);
});

test('undo goes back through strokes, fillings and clearing', () => {
  const pad = new Pad('a', () => {});
  stroke(pad);
  stroke(pad, 0.7);
  pad.fill(sample);
  pad.clear();
  assert.ok(pad.empty);
  pad.undo();
  assert.equal(pad.source, 'sample');
  pad.undo();
  assert.equal(strokesOn(pad), 2);
  pad.undo();
  assert.equal(strokesOn(pad), 1);
  pad.undo();
  assert.ok(pad.empty);
  assert.equal(pad.undoable, false);
  pad.undo();
  assert.ok(pad.empty);
});

test('drawing on an example replaces it, undo brings it back', () => {
  const pad = new Pad('a', () => {});
  pad.fill(example, false);
  assert.equal(pad.undoable, false);
  stroke(pad);
  assert.equal(strokesOn(pad), 1);
  assert.equal(pad.source, 'drawn');
  pad.undo();
  assert.equal(pad.source, 'example');
});

test('drawing on a sample or a picture adds to it', () => {
  const pad = new Pad('a', () => {});
  pad.fill(sample);
  stroke(pad);
  assert.equal(strokesOn(pad), 1);
  assert.deepEqual(pad.content().bitmap, { width: 28, height: 28, ready: true });
  assert.equal(pad.content().bufs[1].byteLength, 784);
});

test('a stroke of no positions leaves no trace', () => {
  const pad = new Pad('a', () => {});
  pad.fill(example, false);
  pad.begin(0.08);
  pad.end();
  assert.equal(pad.source, 'example');
  assert.equal(pad.undoable, false);
});

test('clearing an empty pad does nothing', () => {
  const pad = new Pad('a', () => assert.fail('changed'));
  pad.clear();
  assert.equal(pad.undoable, false);
});

test('a pad that is full takes no more ink and loses none', () => {
  const pad = new Pad('a', () => {});
  const points = new Float32Array(3 * maxPoints).fill(0.5);
  pad.fill({ strokes: [{ width: 0.08, points }], bitmap: null, source: 'drawn' });
  assert.equal(pad.begin(0.08), false);
  assert.equal(strokesOn(pad), 1);
});

test('what is on a pad survives being kept', () => {
  for (const content of [example, sample, { ...sample, strokes: [line()] }]) {
    const pad = new Pad('a', () => {});
    pad.fill(/** @type {any} */ (content));
    const again = new Pad('a', () => {});
    assert.equal(again.restore(JSON.parse(JSON.stringify(pad))), true);
    assert.equal(again.source, pad.source);
    assert.deepEqual(again.content().bitmap, pad.content().bitmap);
    assert.deepEqual(again.content().bufs[1], pad.content().bufs[1]);
    assert.equal(strokesOn(again), strokesOn(pad));
  }
  assert.equal(new Pad('a', () => {}).toJSON(), null);
});

test('kept pads that are damaged are left empty', () => {
  const bitmap = { width: 28, height: 28, ready: true, data: 'AAAA' };
  for (const json of [
    null,
    undefined,
    7,
    {},
    { strokes: 'x' },
    { bitmap },
    { bitmap: { ...bitmap, width: 1e9 } },
    { bitmap: { ...bitmap, data: '%%%' } },
  ]) {
    const pad = new Pad('a', () => {});
    assert.equal(pad.restore(json), false, JSON.stringify(json));
    assert.ok(pad.empty);
  }
});

/** A PadSync whose frames and answers the test gives. */
function rig() {
  /** @type {(() => void)[]} */
  const frames = [];
  /** @type {string[]} */
  const staged = [];
  /** @type {{pad: Pad, rev: number, answer: (v?: any) => void, fail: (e: any) => void}[]} */
  const asked = [];
  const sync = new PadSync({
    frame: (fn) => frames.push(fn),
    stage: (pad) => staged.push(pad.name),
    engine: (pad) => new Promise((answer, fail) => asked.push({ pad, rev: pad.rev, answer, fail })),
  });
  const a = new Pad('a', () => sync.touch(a));
  const b = new Pad('b', () => sync.touch(b));
  const frame = () => frames.splice(0).forEach((fn) => fn());
  return { a, b, frames, frame, staged, asked };
}

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('the stage hears of a pad once a frame', () => {
  const { a, frames, frame, staged } = rig();
  stroke(a);
  assert.equal(frames.length, 1);
  assert.deepEqual(staged, []);
  frame();
  assert.deepEqual(staged, ['a']);
});

test('the engine gets one content of a pad at a time, and the newest in the end', async () => {
  const { a, b, frame, asked } = rig();
  stroke(a);
  frame();
  stroke(a, 0.3);
  frame();
  stroke(a, 0.4);
  frame();
  assert.equal(asked.length, 1);
  stroke(b);
  frame();
  assert.deepEqual(
    asked.map((q) => q.pad.name),
    ['a', 'b'],
  );
  asked[0].answer();
  await settle();
  assert.equal(asked.length, 3);
  assert.equal(asked[2].rev, a.rev);
  asked[2].answer();
  await settle();
  assert.equal(asked.length, 3);
});

test('an answer that fails does not stop the next content', async () => {
  const { a, frame, asked } = rig();
  stroke(a);
  frame();
  stroke(a);
  frame();
  asked[0].fail(new Error('died'));
  await settle();
  assert.equal(asked.length, 2);
});
