import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, find, makeDocument } from '../../test/dom.js';

/** The controls, and the commands that the stage is sent. @param {any} [saved] */
async function setUp(saved = null) {
  makeDocument();
  const { Playback } = await import('./playback.js');
  const store = new Map([['play', saved]]);
  const player = new Playback(
    await english(),
    /** @type {any} */ ({ get: (/** @type {string} */ k) => store.get(k), set: store.set.bind(store) }),
  );
  /** @type {any[]} */
  const commands = [];
  player.on('command', () => commands.push(player.command));
  return { player, commands, store };
}

test('what was chosen at the last visit is chosen, if it is sound', async () => {
  const { player } = await setUp({ speed: 2, mode: 'loop', path: 'lerp' });
  assert.deepEqual([player.speed, player.mode, player.path], [2, 'loop', 'lerp']);
  assert.equal(find('mode').value, 'loop');
  const other = await setUp({ speed: 7, mode: 'x', path: null });
  assert.deepEqual([other.player.speed, other.player.mode, other.player.path], [1, 'pingpong', 'slerp']);
});

test('a choice is stored and sent', async () => {
  const { commands, store } = await setUp();
  find('speed').value = '0.5';
  find('speed').dispatchEvent(new Event('change'));
  assert.deepEqual(store.get('play'), { speed: 0.5, mode: 'pingpong', path: 'slerp' });
  assert.deepEqual(commands, [{ type: 'play', playing: false, t: 0, speed: 0.5, mode: 'pingpong', path: 'slerp', frames: 48 }]);
});

test('the button says what it does, and the place is told in percent', async () => {
  const { player } = await setUp();
  const play = find('play');
  assert.equal(play.getAttribute('aria-label'), 'Play');
  play.click();
  assert.equal(play.getAttribute('aria-label'), 'Pause');
  assert.equal(play.querySelector('use').getAttribute('href'), '#i-pause');
  player.tick(0.42, true);
  assert.equal(find('scrub').getAttribute('aria-valuetext'), '42 % of the way from A to B');
});

test('moving the slider, or a click on the strip, goes there and pauses', async () => {
  const { player, commands } = await setUp();
  player.start();
  find('scrub').value = '0.75';
  find('scrub').dispatchEvent(new Event('input'));
  assert.deepEqual([player.playing, player.t], [false, 0.75]);
  const strip = find('strip');
  strip.getBoundingClientRect = () => ({ left: 100, width: 1000, height: 100 });
  strip.setPointerCapture = () => {};
  strip.hasPointerCapture = () => true;
  strip.dispatchEvent(Object.assign(new Event('pointerdown'), { button: 0, clientX: 150 }));
  assert.equal(player.t, 0);
  strip.dispatchEvent(Object.assign(new Event('pointermove'), { clientX: 600 }));
  assert.ok(Math.abs(player.t - 0.5) < 1e-9);
  assert.equal(commands.length, 4);
});

test('the space bar plays, except where it belongs to something else', async () => {
  const { player } = await setUp();
  const press = (/** @type {Element} */ on, more = {}) =>
    on.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true, ...more }));
  press(document.body);
  assert.equal(player.playing, true);
  press(find('path'));
  press(find('clear-a'));
  press(document.body, { ctrlKey: true });
  press(document.body, { repeat: true });
  assert.equal(player.playing, true);
  press(find('scrub'));
  assert.equal(player.playing, false);
});

test('a tick from before the pause does not move it; one that plays once stops at the end and begins anew', async () => {
  const { player } = await setUp();
  player.tick(0.3, true);
  assert.equal(player.t, 0, 'paused');
  player.mode = 'once';
  player.start();
  player.tick(NaN, true);
  player.tick(1, false);
  assert.deepEqual([player.playing, player.t], [false, 1]);
  player.toggle();
  assert.deepEqual([player.playing, player.t], [true, 0]);
});
