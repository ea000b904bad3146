import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { Pad } from '../../ui/pad.js';
import { PadSync } from './pad-sync.js';

/** A PadSync whose frames and answers the test gives. */
function setUp() {
  /** @type {(() => void)[]} */
  const frames = [];
  /** @type {{pad: string, bufs: ArrayBuffer[]}[]} */
  const staged = [];
  /** @type {{pad: string, rev: number, bufs: ArrayBuffer[], answer: (v?: any) => void, fail: (code: string) => void}[]} */
  const asked = [];
  /** @type {string[]} */
  const errors = [];
  class FakeEngine extends Emitter {
    state = 'ready';
    /** @param {string} type @param {any} fields @param {ArrayBuffer[]} bufs */
    request(type, fields, bufs) {
      assert.equal(type, 'pad.set');
      return new Promise((answer, fail) => {
        asked.push({ pad: fields.pad, rev: fields.rev, bufs, answer, fail: (code) => fail(new InkdriftError(code, '')) });
      });
    }
  }
  class FakeStage extends Emitter {
    /** @param {any} head @param {ArrayBuffer[]} bufs */
    send(head, bufs) {
      assert.equal(head.type, 'pad');
      staged.push({ pad: head.pad, bufs: bufs.map((b) => structuredClone(b, { transfer: [b] })) });
    }
  }
  const engine = new FakeEngine();
  const stage = new FakeStage();
  const sync = new PadSync(
    /** @type {any} */ ({
      engine,
      stage,
      onError: (/** @type {any} */ e) => errors.push(e.code),
      frame: (/** @type {any} */ fn) => frames.push(fn),
    }),
  );
  const frame = () => {
    for (const fn of frames.splice(0)) fn();
  };
  return { sync, ...sync.pads, engine, stage, frames, frame, staged, asked, errors };
}

/** @param {Pad} pad */
function stroke(pad, x = 0.5) {
  assert.ok(pad.begin(0.08));
  pad.draw(x, 0.2);
  pad.draw(x, 0.8);
  pad.end();
}

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const floats = (/** @type {number[]} */ ...v) => Float32Array.from(v).buffer;
const answer = [floats(0, 1), floats(0.5), floats(-1), floats(1, 0)];

test('the stage is told of a pad once a frame', () => {
  const { a, frames, frame, staged } = setUp();
  stroke(a);
  assert.equal(frames.length, 1);
  assert.equal(staged.length, 0);
  frame();
  assert.deepEqual(
    staged.map((s) => s.pad),
    ['a'],
  );
});

test('the engine gets one content of a pad at a time, and the newest in the end', async () => {
  const { a, b, frame, asked } = setUp();
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
    asked.map((q) => q.pad),
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

test('a request that fails does not stop the next content', async () => {
  const { a, frame, asked, errors } = setUp();
  stroke(a);
  frame();
  stroke(a);
  frame();
  asked[0].fail('bad-value');
  await settle();
  assert.equal(asked.length, 2);
  assert.deepEqual(errors, ['bad-value']);
  asked[1].fail('engine-died');
  await settle();
  assert.deepEqual(errors, ['bad-value'], 'of the death of the engine its supervisor tells');
});

test('each revision is encoded once, whoever is sent it', async (t) => {
  const encode = t.mock.method(Pad.prototype, 'encode');
  const { a, b, engine, stage, frame, asked, staged } = setUp();
  stroke(a);
  frame();
  assert.equal(encode.mock.callCount(), 1, 'for the stage and for the engine');
  assert.ok(asked[0].bufs[0].byteLength > 0, 'the transfer to the stage leaves the encoding whole');
  assert.deepEqual(staged[0].bufs, asked[0].bufs);

  a.begin(0.08);
  const revisions = [];
  for (let i = 0; i < 20; i++) {
    if (a.draw(0.3, i / 20)) revisions.push(a.rev);
    frame();
    asked[asked.length - 1].answer();
    await settle();
  }
  assert.ok(revisions.length > 10);
  assert.equal(encode.mock.callCount(), 1 + revisions.length, 'one encoding for each revision of a stroke');

  asked[asked.length - 1].answer();
  await settle();
  stage.emit('connected');
  engine.emit('state', 'ready');
  frame();
  const sent = asked.filter((q) => q.pad === 'a').map((q) => q.rev);
  assert.equal(sent[sent.length - 1], sent[sent.length - 2], 'the new engine is sent the same revision');
  assert.equal(encode.mock.callCount(), 1 + revisions.length + 1, 'pad b for the first time, pad a not again');
  assert.equal(b.rev, 0);
});

test('a new stage and a new engine are sent both pads', () => {
  const { engine, stage, frame, asked, staged } = setUp();
  stage.emit('connected');
  assert.deepEqual(
    staged.map((s) => s.pad),
    ['a', 'b'],
  );
  engine.emit('state', 'ready');
  frame();
  assert.deepEqual(
    asked.map((q) => q.pad),
    ['a', 'b'],
  );
});

test('an engine that is not ready is asked nothing', () => {
  const { a, engine, frame, asked, staged } = setUp();
  engine.state = 'starting';
  stroke(a);
  frame();
  assert.equal(asked.length, 0);
  assert.equal(staged.length, 1);
});

test('what is sent to the engine is told before its answer', () => {
  const { sync, b, frame, asked } = setUp();
  /** @type {string[]} */
  const sent = [];
  sync.on('sent', (pad) => sent.push(`${pad.name} after ${asked.length}`));
  stroke(b);
  frame();
  assert.deepEqual(sent, ['b after 1']);
});

test('an answer becomes the result of its pad; an older one does not', () => {
  const { sync, a, engine } = setUp();
  /** @type {any[]} */
  const results = [];
  sync.on('result', (pad, settled) => results.push([pad.name, settled, pad.result.label]));
  stroke(a);
  engine.emit('pad', { pad: 'a', rev: a.rev - 1, label: 3, probs: [] }, answer);
  engine.emit('pad', { pad: 'a', rev: a.rev, label: 4, probs: [1] }, answer);
  engine.emit('pad', { pad: 'a', rev: a.rev - 1, label: 5, probs: [] }, answer);
  assert.deepEqual(results, [
    ['a', false, 3],
    ['a', true, 4],
  ]);
  assert.deepEqual(a.result, { empty: false, pixels: [0, 1], mu: [0.5], logvar: [-1], recon: [1, 0], label: 4, probs: [1] });

  engine.emit('state', 'ready');
  engine.emit('pad', { pad: 'a', rev: a.rev - 1, label: 6, probs: [] }, answer);
  assert.equal(a.result.label, 6, 'a new engine begins anew');
});

test('a pad that was cleared has no result, and an answer that comes later changes that not', () => {
  const { a, engine } = setUp();
  stroke(a);
  const { rev } = a;
  engine.emit('pad', { pad: 'a', rev, label: 4 }, answer);
  a.clear();
  assert.equal(a.result.empty, true);
  engine.emit('pad', { pad: 'a', rev, label: 4 }, answer);
  assert.equal(a.result.empty, true);
  engine.emit('pad', { pad: 'a', rev: a.rev, empty: true }, []);
  assert.equal(a.result.empty, true);
});
