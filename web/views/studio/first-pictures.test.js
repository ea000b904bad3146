import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstMorph } from '../../generated/first-morph.js';
import { Emitter } from '../../lib/emitter.js';
import { english, find, makeDocument, painted, until } from '../../test/dom.js';
import { moved, outlines } from './first-pictures.js';

/** Pads, a playback and first pictures, with a stage that the test answers for. */
async function setUp() {
  makeDocument();
  const { FirstPictures } = await import('./first-pictures.js');
  const { Pad } = await import('../../ui/pad.js');
  const { Playback } = await import('./playback.js');
  const i18n = await english();
  const player = new Playback(i18n, /** @type {any} */ ({ get: () => null, set() {} }));
  const stage = new Emitter();
  /** @type {any} */
  let first;
  const pads = { a: new Pad('a', () => first?.changed(pads.a)), b: new Pad('b', () => first?.changed(pads.b)) };
  first = new FirstPictures({
    pads: [
      [pads.a, find('pad-a')],
      [pads.b, find('pad-b')],
    ],
    morph: find('morph'),
    player,
    stage: /** @type {any} */ (stage),
    colours: () => ({ ink: '#000000', paper: '#ffffff' }),
  });
  const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (find(id).querySelector('canvas.first'));
  return { first, pads, player, stage, canvas, morph: canvas('morph') };
}

test('a stroke is discs with straight edges between them', () => {
  const line = (/** @type {number[]} */ ...points) => ({ width: 0.2, points: Float32Array.from(points) });
  assert.equal(outlines(line(0.5, 0.5, 1), 100), 'M40.00 50.00a10.00 10.00 0 0 1 20.00 0a10.00 10.00 0 0 1 -20.00 0Z');
  const across = outlines(line(0.2, 0.5, 1, 0.8, 0.5, 1), 100);
  assert.ok(across.includes('M20.00 40.00L80.00 40.00L80.00 60.00L20.00 60.00Z'), across);
  assert.equal(across.match(/a10\.00/g)?.length, 4, 'a disc at either end');
  const within = outlines(line(0.5, 0.5, 2, 0.51, 0.5, 1), 100);
  assert.equal(within.includes('L'), false, 'a disc within another has no edges');
});

test('the morph moves as the stage moves it', () => {
  const from = (/** @type {number} */ t, back = false) => ({ t, back });
  const near = (/** @type {{t: number, back: boolean}} */ got, /** @type {number} */ t, back = false) =>
    assert.ok(Math.abs(got.t - t) < 1e-9 && got.back === back, JSON.stringify(got));
  near(moved(from(0.5), 0.25, 'pingpong'), 0.75);
  near(moved(from(0.9), 0.2, 'pingpong'), 0.9, true);
  near(moved(from(0.9, true), 0.2, 'pingpong'), 0.7, true);
  near(moved(from(0.1, true), 0.2, 'pingpong'), 0.1);
  near(moved(from(0.9), 0.2, 'loop'), 0.1);
  near(moved(from(0.9), 0.2, 'once'), 1);
});

test('before the stage draws, the prepared morph of two examples moves; what is drawn instead ends it', async () => {
  const { first, pads, player, canvas, morph } = await setUp();
  assert.equal(morph.hidden, true);
  first.begin('digits');
  assert.deepEqual([pads.a.source, pads.b.source, morph.hidden], ['example', 'example', false]);
  await until(() => painted(morph));
  const before = painted(morph);
  player.start();
  await until(() => player.t > 0.05);
  await until(() => painted(morph)?.some((v, i) => v !== before?.[i]));
  player.seek(0.5);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(player.t, 0.5, 'it stays where it was put');
  pads.b.clear();
  assert.equal(morph.hidden, true);
  assert.equal(canvas('pad-a').hidden, false);
});

test('another model has other pictures between the examples', async () => {
  const { first, pads, morph } = await setUp();
  first.begin('digits-2d');
  assert.deepEqual([pads.a.empty, morph.hidden], [false, true]);
  assert.equal(firstMorph.model, 'digits');
});

test('the stage takes over, pads first; one that is lost and comes again leaves the pads meanwhile', async () => {
  const { first, stage, canvas, morph } = await setUp();
  first.begin('digits');
  stage.emit('connected');
  stage.emit('painted', { morph: false });
  await until(() => canvas('pad-a').hidden && canvas('pad-b').hidden);
  assert.equal(morph.hidden, false);
  stage.emit('painted', { morph: true });
  await until(() => morph.hidden);
  stage.emit('connected');
  assert.deepEqual([canvas('pad-a').hidden, morph.hidden], [false, true]);
});
