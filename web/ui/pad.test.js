import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeStrokes, maxPoints, settle, strokesToJSON } from '../engine/strokes.js';
import { Pad } from './pad.js';

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
const strokesOn = (pad) => decodeStrokes(pad.encode().bufs[0]).length;

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

test('what is drawn or filled in is a finished drawing; what was stored stays as it is', () => {
  const finished = (/** @type {Pad} */ pad) => pad.content.strokes.every((s) => settle(s) === s);
  const pad = new Pad('a', () => {});
  stroke(pad, 1 / 3);
  assert.ok(finished(pad));
  const rough = { width: 0.08, points: Float32Array.of(1 / 3, 0.1, 1, 0.1, 1 / 7, 1) };
  pad.fill({ ...example, strokes: [rough] });
  assert.ok(finished(pad));
  const json = { source: 'drawn', strokes: strokesToJSON([rough]), bitmap: null };
  const next = new Pad('b', () => {});
  assert.ok(next.restore(json));
  assert.deepEqual(next.toJSON(), json);
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
  assert.deepEqual(pad.encode().bitmap, { width: 28, height: 28, ready: true });
  assert.equal(pad.encode().bufs[1].byteLength, 784);
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
    assert.deepEqual(again.encode().bitmap, pad.encode().bitmap);
    assert.deepEqual(again.encode().bufs[1], pad.encode().bufs[1]);
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

test('a stroke that is taken back leaves what was there, an example too', () => {
  const pad = new Pad('a', () => {});
  pad.fill(example);
  assert.ok(pad.begin(0.08));
  pad.draw(0.5, 0.2);
  pad.draw(0.5, 0.8);
  pad.cancel();
  assert.equal(pad.source, 'example');
  assert.equal(pad.drawing, false);
  pad.cancel();
  assert.equal(pad.source, 'example', 'there was none');
  pad.undo();
  assert.equal(pad.empty, true, 'it is no step that can be undone');
});
