/** A map of any model: pointing, keeping, words, keys, planes; who decodes is the test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, enter, makeDocument, observed, settle, until } from '../test/dom.js';

const colours = () => ({ paper: '#ffffff', ink: '#000000', line: '#888888' });

/** A map of 400 x 200 pixels. @param {any} [space] */
async function setUp(space = {}) {
  makeDocument({ fragment: '' });
  const { ModelMap } = await import('./model-map.js');
  const i18n = await english();
  /** @type {{n: number, z: number[]}[]} */
  const asked = [];
  /** @type {any[]} */
  const told = [];
  const map = new ModelMap({ i18n, colours, tones: colours, name: (k) => `class ${k}`, onError: (e) => assert.fail(String(e)) });
  const slot = /** @type {any} */ (map.parts.map);
  slot.getBoundingClientRect = () => ({ left: 0, top: 0, x: 0, y: 0, width: 400, height: 200 });
  slot.setPointerCapture = () => {};
  document.body.append(map.element);
  map.on('keep', (spot) => told.push(spot));
  const latent = space.latent ?? 2;
  const decode = async (/** @type {Float32Array} */ z) => {
    const n = z.length / latent;
    asked.push({ n, z: [...z.subarray(0, latent)] });
    return new Uint8Array(16 * n).fill(7);
  };
  const given = { id: 'one', latent, shape: [1, 4, 4], principal: false, classes: [], decode, read: null, ...space };
  map.show(given);
  const pointer = (/** @type {string} */ type, /** @type {number} */ x, /** @type {number} */ y) => {
    const e = new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, cancelable: true });
    for (const [k, v] of Object.entries({ pointerId: 1, pointerType: 'mouse' })) Object.defineProperty(e, k, { value: v });
    slot.dispatchEvent(e);
  };
  const click = (/** @type {number} */ x, /** @type {number} */ y) => {
    pointer('pointerdown', x, y);
    pointer('pointerup', x, y);
  };
  const key = (/** @type {string} */ name) =>
    slot.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  const here = () => map.parts['map-here'].textContent;
  return { map, slot, given, asked, told, pointer, click, key, here };
}

test('whoever points sees the picture and reads between which classes the place is; what is read out waits', async () => {
  const { map, asked, pointer, here } = await setUp();
  map.update({ points: [...new Array(20)].flatMap((_, i) => [i % 2, 0]), labels: [...new Array(20)].map((_, i) => (i % 2 ? 3 : 5)) });
  assert.match(here() ?? '', /^Point at a place/);
  pointer('pointermove', 200, 100);
  await until(() => map.state.at);
  assert.deepEqual(asked, [{ n: 1, z: [0, 0] }]);
  assert.deepEqual(map.project(map.state.at?.z ?? []), [0.5, 0.5]);
  assert.equal(here(), 'Between class 3 and class 5, 0.0 σ from the origin.');
  const card = /** @type {HTMLElement} */ (map.element.querySelector('.card'));
  assert.equal(card.hidden, false);
  assert.equal(map.element.querySelector('[role=status]')?.textContent, '');
  await until(() => map.element.querySelector('[role=status]')?.textContent === here());
  pointer('pointerleave', 0, 0);
  assert.deepEqual([map.state.at, card.hidden], [null, true]);
});

test('a click keeps a place, another takes it away; so does Enter; Delete and the button take all', async () => {
  const { map, told, click, key } = await setUp();
  click(100, 100);
  await until(() => map.state.kept.length === 1);
  assert.equal(told[0].pixels.length, 16);
  click(105, 100);
  assert.equal(map.state.kept.length, 0);
  key('ArrowRight');
  await until(() => map.state.at);
  key('Enter');
  await until(() => map.state.kept.length === 1);
  assert.deepEqual(map.state.kept[0].z, map.state.at?.z);
  key('Enter');
  assert.equal(map.state.kept.length, 0);
  key('Escape');
  key('Enter'); // nowhere: the middle
  await until(() => map.state.kept.length === 1 && map.state.at);
  assert.deepEqual([map.state.at?.u, map.state.kept[0].u], [0.5, 0.5]);
  key('Enter');
  click(100, 100);
  await until(() => map.state.kept.length === 1);
  const clear = [...map.element.querySelectorAll('button')].find((b) => b.title === 'Remove kept pictures (1)');
  assert.equal(clear?.hidden, false);
  clear?.click();
  assert.deepEqual([map.state.kept.length, clear?.hidden], [0, true]);
  click(50, 50);
  await until(() => map.state.kept.length === 1);
  key('Delete');
  assert.equal(map.state.kept.length, 0);
});

test('of digits it says what the picture is taken for, once that is known, and again when the model is another', async () => {
  let label = 4;
  /** @type {Uint8Array[]} */
  const read = [];
  const { map, pointer, here } = await setUp({
    read: async (/** @type {Uint8Array} */ pixels) => {
      read.push(pixels);
      return label;
    },
  });
  pointer('pointermove', 300, 100);
  await until(() => map.state.at?.label === 4);
  assert.match(here() ?? '', / σ from the origin; reads as 4\.$/);
  await until(() => map.element.querySelector('[role=status]')?.textContent === here());
  label = 9;
  map.live = true;
  map.update({ step: 2 });
  const [job] = map.wanted(1);
  map.give([job], new Uint8Array(16).fill(9));
  await until(() => map.state.at?.label === 9);
  assert.match(here() ?? '', /reads as 9/);
  assert.deepEqual(
    read.map((pixels) => pixels[0]),
    [7, 9],
  );
  pointer('pointerleave', 0, 0);
  assert.match(here() ?? '', /^Point at/);
});

test('a click keeps its place though the pointer goes on before it is decoded', async () => {
  /** @type {(() => void)[]} */
  const waiting = [];
  const decode = () => new Promise((resolve) => waiting.push(() => resolve(new Uint8Array(16))));
  const { map, pointer, click } = await setUp({ decode });
  pointer('pointermove', 100, 100);
  click(100, 100);
  pointer('pointermove', 300, 100);
  await until(() => {
    waiting.splice(0).forEach((answer) => answer());
    return map.state.at?.u === 0.75;
  });
  assert.deepEqual(
    map.state.kept.map(({ u }) => u),
    [0.25],
  );
});

test('arrow keys walk and take the map along, Home comes back, Escape leaves', async () => {
  const { map, key } = await setUp();
  const middle = map.at(0.5, 0.5);
  for (let i = 0; i < 30; i++) key('ArrowRight');
  await until(() => (map.state.at?.z[0] ?? 0) > 5);
  assert.notDeepEqual(map.at(0.5, 0.5), middle);
  key('Home');
  assert.deepEqual(map.at(0.5, 0.5), middle);
  key('Escape');
  assert.equal(map.state.at, null);
  const width = map.at(1, 0)[0] - map.at(0, 0)[0];
  key('+');
  assert.ok(map.at(1, 0)[0] - map.at(0, 0)[0] < 0.9 * width);
});

test('the ground is decoded while it is seen, and once; a new model decodes it again, and what is kept', async () => {
  const { map, slot, asked, click } = await setUp();
  await settle();
  assert.equal(asked.length, 0);
  observed(slot, /** @type {any} */ ({ isIntersecting: true }));
  const count = () => asked.reduce((sum, { n }) => sum + n, 0);
  const settled = async () => {
    for (let before = -1; before !== count(); await settle()) before = count();
    return count();
  };
  const whole = await settled();
  assert.ok(whole > 100, `${whole} squares`);
  click(200, 100);
  await until(() => map.state.kept.length === 1);
  const before = await settled();
  map.update({ step: 3 });
  assert.equal((await settled()) - before, whole + 1, 'the squares, and what is kept');
  assert.deepEqual([map.state.step, map.state.refreshes], [3, 1]);
});

test('a view that decodes itself is told when something is missing, and gives what it got', async () => {
  const { map, slot, asked } = await setUp();
  map.live = true;
  let wanted = 0;
  map.on('wanted', () => wanted++);
  observed(slot, /** @type {any} */ ({ isIntersecting: true }));
  assert.equal(wanted, 1);
  const jobs = map.wanted(10);
  assert.equal(jobs.length, 10);
  assert.equal(jobs[0].z.length, 2);
  map.give(jobs, new Uint8Array(3 * 16));
  const next = map.wanted(1000).map(({ z }) => String(z));
  assert.deepEqual(
    jobs.map(({ z }) => next.includes(String(z))),
    [false, false, false, ...new Array(7).fill(true)],
    'three were given',
  );
  assert.equal(asked.length, 0);
});

test('of many dimensions a plane is chosen; two equal dimensions are none; another model begins anew', async () => {
  const { map, given } = await setUp({ latent: 4, principal: true });
  const { 'map-plane': plane, 'map-across': across, 'map-up': up } = /** @type {Record<string, any>} */ (map.parts);
  assert.throws(() => map.project([0, 0, 0, 0]), { code: 'no-model' });
  const half = Math.SQRT1_2;
  map.update({
    principal: { origin: Float32Array.of(0, 0, 0, 1), e1: Float32Array.of(half, half, 0, 0), e2: Float32Array.of(0, 0, 1, 0) },
  });
  assert.ok(map.at(0.75, 0.5)[0] > 0 && Math.abs(map.at(0.75, 0.5)[0] - map.at(0.75, 0.5)[1]) < 1e-6);
  assert.ok(across.closest('label').hidden && !plane.closest('label').hidden);
  enter(plane, 'dimensions');
  assert.deepEqual([map.choice, across.closest('label').hidden, up.value], [{ kind: 'dimensions', across: 0, up: 1 }, false, '1']);
  enter(across, '1');
  assert.deepEqual(map.choice, { kind: 'dimensions', across: 1, up: 0 });
  assert.ok(map.at(0.75, 0.5)[1] > 1 && map.at(0.75, 0.5)[0] === 0);
  map.show(given);
  assert.equal(map.choice.across, 1, 'the same again');
  map.show({ ...given, id: 'other', principal: false });
  assert.deepEqual([map.choice.kind, map.choice.across, plane.options[0].disabled], ['dimensions', 0, true]);
});

test('points without a model can be looked at from near, and nothing else', async () => {
  const { map, click, key, asked } = await setUp({ decode: null });
  map.update({ points: [1, 1, -9, 0], labels: [1, 2] });
  assert.ok(map.project([-9, 0])[0] > 0, 'all of them are seen');
  click(100, 100);
  key('Enter');
  await settle();
  assert.deepEqual([map.state.kept, asked, map.parts['map-here'].hidden], [[], [], true]);
  map.show(null);
  assert.equal(map.latent, 0);
});

test('a conditional model decodes the class that is chosen', async () => {
  const { map, asked, slot } = await setUp({ classes: ['zero', 'one'] });
  const [list] = [...map.row.querySelectorAll('select')].filter((s) => s.options.length === 2 && s.options[1].text === 'one');
  assert.equal(/** @type {any} */ (list.closest('label')).hidden, false);
  observed(slot, /** @type {any} */ ({ isIntersecting: true }));
  await until(() => asked.length > 3);
  const before = asked.length;
  enter(list, '1');
  assert.equal(map.class, 1);
  await until(() => asked.length > before);
});
