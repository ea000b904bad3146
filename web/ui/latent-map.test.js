import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { makeDocument, settle } from '../test/dom.js';

const floats = (/** @type {number[]} */ ...v) => Float32Array.from(v).buffer;

/** A map of 400 x 200 pixels whose engine and stage are the test's. */
async function setUp(latent = 2) {
  makeDocument({ html: '<div id="map" tabindex="0"><span id="a"></span><span id="b"></span></div>' });
  const { LatentMap } = await import('./latent-map.js');
  const [slot, a, b] = ['map', 'a', 'b'].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
  slot.getBoundingClientRect = () => /** @type {any} */ ({ left: 0, top: 0, x: 0, y: 0, width: 400, height: 200 });
  slot.setPointerCapture = () => {};
  /** @type {{type: string, fields: any, z: number[], bufs: ArrayBuffer[], resolve: (answer: any) => void, reject: (e: any) => void}[]} */
  const asked = [];
  /** @type {{head: any, bufs: ArrayBuffer[]}[]} */
  const sent = [];
  /** @type {any[]} */
  const errors = [];
  /** @type {[string, ...any[]][]} */
  const told = [];
  const engine = Object.assign(new Emitter(), {
    request: (/** @type {string} */ type, /** @type {any} */ fields, /** @type {ArrayBuffer[]} */ bufs) =>
      new Promise((resolve, reject) => asked.push({ type, fields, bufs, z: [...new Float32Array(bufs[0])], resolve, reject })),
  });
  const stage = Object.assign(new Emitter(), {
    send: (/** @type {any} */ head, /** @type {ArrayBuffer[]} */ bufs = []) => sent.push({ head, bufs }),
  });
  const map = new LatentMap(
    /** @type {any} */ ({
      slot,
      marks: { a, b },
      engine,
      stage,
      onError: (/** @type {any} */ e) => errors.push(e.code),
      frame: (/** @type {() => void} */ fn) => setTimeout(fn),
    }),
  );
  for (const event of /** @type {const} */ (['plane', 'place', 'drag', 'path', 'draws']))
    map.on(event, (.../** @type {any[]} */ args) => told.push([event, ...args]));

  /** Answers the oldest request, which must be of a type. */
  const answer = async (/** @type {string} */ type, /** @type {any} */ head = {}, /** @type {ArrayBuffer[]} */ bufs = []) => {
    const request = asked.shift();
    assert.equal(request?.type, type);
    request?.resolve({ head, bufs });
    await settle();
    return request;
  };
  const plane = () => {
    const e = (/** @type {number} */ i) => Float32Array.from({ length: latent }, (_, k) => Number(k === i)).buffer;
    return answer('map.plane', { offA: 0, offB: null, share: 0.5 }, [new Float32Array(latent).buffer, e(0), e(1)]);
  };
  /** Answers a look with pixels of a value. */
  const look = (value = 1) => answer('map.look', { label: 4, near: [4, 9] }, [floats(value, value)]);
  const pointer = (/** @type {string} */ type, /** @type {number} */ x, /** @type {number} */ y, /** @type {any} */ more = {}) => {
    const e = new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, cancelable: true });
    for (const [k, v] of Object.entries({ pointerId: 1, pointerType: 'mouse', ...more })) Object.defineProperty(e, k, { value: v });
    slot.dispatchEvent(e);
    return e;
  };
  const key = (/** @type {string} */ key, shiftKey = false) =>
    slot.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
  /** The last message of a type to the stage. */
  const last = (/** @type {string} */ type) => sent.filter((m) => m.head.type === type).at(-1);
  const sample = () => [...new Float32Array(last('map-sample')?.bufs[0] ?? new ArrayBuffer(0))];

  engine.emit('model', { model: { latent } });
  await plane();
  map.paint();
  await settle();
  const at = () => map.state.at;
  return { map, at, slot, marks: { a, b }, engine, stage, asked, sent, errors, told, answer, plane, look, pointer, key, last, sample };
}

test('a latent point and its place are inverse, and the stage is told what is shown', async () => {
  const { map, last } = await setUp();
  const [u, v] = map.project([1, 2]);
  const z = map.at(u, v);
  assert.ok(Math.hypot(z[0] - 1, z[1] - 2) < 1e-6);
  const { head, bufs } = last('map') ?? assert.fail('no map was sent');
  assert.deepEqual([head.center, head.at, head.pin, head.a], [{ x: 0, y: 0 }, null, null, null]);
  assert.equal(bufs.length, 4);
  assert.ok(head.span > 6);
});

test('the pointer looks: one place at a time, the newest next; leaving shows the morph again', async () => {
  const { map, at, asked, told, look, pointer, sample, last } = await setUp();
  pointer('pointermove', 200, 100);
  pointer('pointermove', 300, 100);
  pointer('pointermove', 300, 50);
  assert.equal(asked.length, 1);
  const first = await look(0.25);
  assert.ok(Math.hypot(...(first?.z ?? [1])) < 1e-6, 'the middle is the origin');
  assert.deepEqual(sample(), [0.25, 0.25]);
  assert.equal(asked.length, 1);
  const second = await look(0.5);
  const [x, y] = second?.z ?? [];
  assert.ok(Math.abs(x - 2 * y) < 1e-5 && x > 0, 'half of the way right, half of the way up; twice as wide as high');
  assert.deepEqual(map.state.at && [map.state.at.u, map.state.at.v, map.state.at.label], [0.75, 0.25, 4]);
  assert.equal(asked.length, 0);
  await settle();
  assert.ok(last('map')?.head.at);

  pointer('pointermove', 10, 10);
  pointer('pointerleave', 10, 0);
  assert.deepEqual(sample(), []);
  assert.deepEqual(told.at(-1), ['place', null]);
  await look(0.75); // what was on its way is not shown any more
  assert.deepEqual(sample(), []);
  assert.equal(at(), null);
});

test('a click pins; the pin stays when the pointer leaves, and goes with another click or Escape', async () => {
  const { at, look, pointer, key, sample, asked } = await setUp();
  const click = (/** @type {number} */ x) => {
    pointer('pointerdown', x, 80);
    pointer('pointerup', x, 80);
  };
  pointer('pointermove', 100, 80);
  click(100);
  await look(0.1);
  await look(0.2);
  pointer('pointermove', 300, 80);
  await look(0.3);
  pointer('pointerleave', 300, 0);
  assert.deepEqual(
    sample().map((v) => v.toFixed(1)),
    ['0.2', '0.2'],
  );
  assert.equal(at()?.pinned, true);
  click(103);
  assert.equal(at(), null);
  assert.equal(asked.length, 0);

  click(50);
  pointer('pointerleave', 50, 0); // before the engine has answered
  await look(0.4);
  assert.equal(at()?.pinned, true);
  key('Escape');
  assert.equal(at(), null);
  assert.deepEqual(sample(), []);

  pointer('pointermove', 50, 80);
  click(50);
  pointer('pointermove', 300, 80); // on at once, before the engine has answered
  while (asked.length > 0) await look(0.5);
  assert.equal(at()?.u, 0.75, 'the place under the pointer is shown');
  pointer('pointerleave', 300, 0);
  assert.deepEqual([at()?.u, at()?.pinned], [0.125, true], 'and the click has pinned');
  click(200);
  key('Escape'); // before the engine has answered
  await look(0.6);
  assert.equal(at(), null, 'Escape takes back a pin that is on its way');
});

test('a drag moves the plane, the wheel zooms where the pointer is, and a page that scrolls scrolls on', async () => {
  const { map, pointer, asked } = await setUp();
  const there = map.at(0.5, 0.5);
  pointer('pointerdown', 200, 100);
  pointer('pointermove', 300, 50);
  pointer('pointerup', 300, 50);
  const [u, v] = map.project(there);
  assert.ok(Math.hypot(u - 0.75, v - 0.25) < 1e-6);
  assert.equal(asked.length, 0, 'a drag pins nothing');

  const wheel = (/** @type {number} */ deltaY) => pointer('wheel', 100, 50, { deltaY, deltaMode: 0, ctrlKey: false });
  const under = map.at(0.25, 0.25);
  const width = map.at(1, 0)[0] - map.at(0, 0)[0];
  assert.equal(wheel(-100).defaultPrevented, true);
  assert.ok(Math.hypot(...map.at(0.25, 0.25).map((x, i) => x - under[i])) < 1e-5);
  assert.ok(map.at(1, 0)[0] - map.at(0, 0)[0] < 0.9 * width);
  dispatchEvent(new Event('scroll'));
  assert.equal(wheel(-100).defaultPrevented, false);
  pointer('pointermove', 100, 50, { screenX: 0, screenY: 0 }); // the map moved, not the mouse
  assert.equal(wheel(-100).defaultPrevented, false);
  pointer('pointermove', 100, 52, { screenX: 0, screenY: 2 });
  assert.equal(wheel(-100).defaultPrevented, true);
});

test('one finger looks and a tap pins; two fingers move and zoom', async () => {
  const { map, at, look, pointer, asked } = await setUp();
  const touch = (/** @type {string} */ type, /** @type {number} */ x, /** @type {number} */ y, id = 1) =>
    pointer(type, x, y, { pointerId: id, pointerType: 'touch' });
  touch('pointerdown', 100, 100);
  await look();
  touch('pointermove', 140, 100);
  await look();
  assert.equal(map.state.at?.u, 0.35);
  touch('pointerup', 140, 100);
  assert.equal(at(), null);
  touch('pointerdown', 100, 100);
  touch('pointerup', 100, 100);
  await look();
  await look();
  assert.equal(at()?.pinned, true);

  const width = map.at(1, 0)[0] - map.at(0, 0)[0];
  const middle = map.at(0.5, 0.5);
  touch('pointerdown', 150, 100, 1);
  touch('pointerdown', 250, 100, 2);
  touch('pointermove', 100, 100, 1);
  touch('pointermove', 300, 100, 2);
  touch('pointerup', 100, 100, 1);
  touch('pointermove', 20, 20, 2);
  touch('pointerup', 20, 20, 2);
  assert.ok(Math.abs(map.at(1, 0)[0] - map.at(0, 0)[0] - width / 2) < 1e-5);
  assert.ok(Math.hypot(...map.at(0.5, 0.5).map((x, i) => x - middle[i])) < 1e-5);
  while (asked.length > 0) await look();
});

test('A that is let go after the model has encoded it is where the model has put it', async () => {
  const { map, marks, look, plane, pointer, last } = await setUp(3);
  map.encoded('a', [1, 1, 0.5], true);
  await plane();
  const [u, v] = map.project([1, 1, 0.5]);
  pointer('pointerdown', 400 * u + 5, 200 * v - 5);
  pointer('pointermove', 300, 150);
  await look(0.1);
  map.encoded('a', [0.4, 0.2, 0.9], true);
  await settle();
  assert.ok(last('map')?.head.a, 'while it is dragged it is under the pointer');
  pointer('pointerup', 300, 150);
  await settle();
  assert.equal(last('map')?.head.a, null);
  const [x] = map.project([0.4, 0.2, 0.9]);
  assert.equal(marks.a.style.left, `${100 * x}%`);
});

test('A is dragged: its pad gets what is there, as one step, and its mark waits for the model', async () => {
  const { map, at, marks, look, plane, pointer, told, asked, last, sample } = await setUp(3);
  map.encoded('a', [1, 1, 0.5], true);
  await plane();
  const [u, v] = map.project([1, 1, 0.5]);
  pointer('pointerdown', 400 * u + 5, 200 * v - 5);
  pointer('pointermove', 300, 150);
  const first = await look(0.1);
  assert.equal(first?.z[2], 0.5, 'as far off the plane as before');
  assert.deepEqual(
    [sample().map((v) => v.toFixed(1)), told.at(-1)?.[1]?.label, at()],
    [['0.1', '0.1'], 4, null],
    'the picture is beside the map as well: on a phone the pad is out of sight',
  );
  pointer('pointermove', 320, 150);
  map.encoded('a', [1.4, 1, 0.9], true); // the model has encoded the first picture
  assert.equal(asked.filter((q) => q.type === 'map.plane').length, 0, 'the plane stays while A is dragged');
  pointer('pointerup', 320, 150);
  const second = await look(0.2);
  assert.equal(second?.z[2], 0.5);
  assert.deepEqual(
    told.filter(([event]) => event === 'drag').map(([, name, look, begins]) => [name, look.pixels[0].toFixed(1), begins]),
    [
      ['a', '0.1', true],
      ['a', '0.2', false],
    ],
  );
  await settle();
  assert.deepEqual(sample(), [], 'the morph is back');
  assert.equal(marks.a.style.left, '80%');
  assert.ok(last('map')?.head.a);
  await plane();
  map.encoded('a', [0, 0, 1], true);
  await plane();
  await settle();
  assert.equal(marks.a.style.left, '50%');
  assert.equal(last('map')?.head.a, null);

  // A press on the mark alone changes nothing.
  const drags = told.filter(([event]) => event === 'drag').length;
  pointer('pointerdown', 200, 100);
  pointer('pointerup', 200, 100);
  while (asked.length > 0) await plane();
  assert.equal(told.filter(([event]) => event === 'drag').length, drags);
  assert.equal(at(), null);
});

test('a line that is drawn is played, and another morph takes its place', async () => {
  const { map, pointer, told, last, stage, sent } = await setUp();
  map.drawing = true;
  pointer('pointerdown', 100, 100);
  pointer('pointermove', 200, 100);
  pointer('pointermove', 200, 150);
  pointer('pointerup', 200, 150);
  await settle();
  assert.equal(map.drawing, false);
  assert.deepEqual(told.at(-1), ['path', true]);
  const z = new Float32Array(last('map-path')?.bufs[0] ?? new ArrayBuffer(0));
  assert.equal(z.length, 2 * 48);
  const ends = [map.at(0.25, 0.5), map.at(0.5, 0.75)].flat();
  [z[0], z[1], z[94], z[95]].forEach((x, i) => assert.ok(Math.abs(x - ends[i]) < 1e-5));
  assert.equal(new Float32Array(last('map')?.bufs[3] ?? new ArrayBuffer(0)).length, 6);
  stage.emit('connected'); // a new stage
  assert.equal(sent.filter((m) => m.head.type === 'map-path').length, 2);

  stage.emit('morph', { frames: 48, path: 'drawn' });
  assert.ok(map.path);
  stage.emit('morph', { frames: 48, path: 'slerp' });
  assert.equal(map.path, null);
  assert.deepEqual(told.at(-1), ['path', false]);
  await settle();
  assert.equal(new Float32Array(last('map')?.bufs[3] ?? new ArrayBuffer(4)).length, 0);
});

test('draws from the posterior of A are shown until A is another drawing, or the model another model', async () => {
  const { map, last, sent, stage, told, engine } = await setUp();
  const shown = () => [...new Float32Array(last('map-draws')?.bufs[0] ?? new ArrayBuffer(0))];
  const z = Float32Array.of(1, 0, 1, 3);
  map.showDraws(z, [1, 1]);
  assert.equal(last('map-draws'), undefined, 'there is no A');
  map.encoded('a', [1, 1], true);
  map.showDraws(z, [1, 2]);
  assert.equal(last('map-draws'), undefined, 'they are of another drawing');
  map.showDraws(z, Float32Array.of(1, 1));
  assert.deepEqual(shown(), [...z]);
  assert.deepEqual(told.at(-1), ['draws', { n: 2, near: 1, far: 2 }]);
  assert.deepEqual(map.state.draws, [map.project([1, 0]), map.project([1, 3])]);
  stage.emit('connected'); // a new stage
  assert.equal(sent.filter((m) => m.head.type === 'map-draws').length, 2);

  map.encoded('b', [2, 2], true);
  map.encoded('a', Float32Array.of(1, 1), true);
  assert.deepEqual(shown(), [...z], 'A is the same');
  map.encoded('a', [1, 1.5], false);
  assert.deepEqual([shown(), map.state.draws, told.at(-1)], [[], null, ['draws', null]]);
  map.showDraws(z, [1, 1.5]);
  map.encoded('a', [], true);
  assert.deepEqual(shown(), [], 'A was cleared');
  map.encoded('a', [1, 1], true);
  map.showDraws(z, [1, 1]);
  engine.emit('model', { model: { latent: 2 } });
  assert.deepEqual(shown(), []);
});

test('keys: arrows walk and keep the place in sight, Enter pins, a and b put it on a pad, p draws, Home shows all', async () => {
  const { map, key, look, told, asked, last } = await setUp();
  key('ArrowRight');
  await look();
  assert.ok(Math.abs((map.state.at?.u ?? 0) - 0.53) < 1e-9);
  key('ArrowUp', true);
  await look();
  assert.ok(Math.abs((map.state.at?.v ?? 0) - 0.49) < 1e-9);
  key('Enter');
  await look();
  key('b');
  assert.deepEqual([told.at(-1)?.[0], told.at(-1)?.[1], told.at(-1)?.[3]], ['drag', 'b', true]);
  key('p');
  for (let i = 0; i < 40; i++) {
    key('ArrowRight');
    await look();
  }
  const at = map.state.at ?? assert.fail('nowhere');
  assert.ok(at.u > 0.9 && at.u <= 0.97, `at ${at.u}`);
  key('p');
  assert.ok(map.path && last('map-path'));
  key('+');
  const near = map.at(1, 0)[0] - map.at(0, 0)[0];
  key('-');
  assert.ok(map.at(1, 0)[0] - map.at(0, 0)[0] > near);
  key('Home');
  assert.ok(Math.hypot(...map.at(0.5, 0.5)) < 1e-6);
  assert.equal(asked.length, 0);
});

test('another model: its plane is asked for, and nothing of the one before is shown', async () => {
  const { map, engine, pointer, asked, plane, sample, errors, last } = await setUp();
  pointer('pointermove', 200, 100);
  engine.emit('model', { model: { latent: 3 } });
  assert.throws(() => map.at(0.5, 0.5), { code: 'no-model' });
  map.encoded('b', [1, 2, 3], true); // before the plane has come
  assert.equal(map.state.b, null);
  await settle();
  assert.equal(last('map')?.bufs.length, 0);
  asked.shift()?.reject(new InkdriftError('bad-length', 'z of the model before'));
  await settle();
  assert.deepEqual(errors, []);
  assert.deepEqual(sample(), []);
  assert.equal(asked[0].type, 'map.plane');
  asked.shift()?.resolve({ head: {}, bufs: [floats(0, 0, 0), floats(1, 0, 0), floats(0, 1, 0)] });
  await settle();
  assert.equal(map.at(0.5, 0.5).length, 3);
  map.encoded('a', [1, 2], true); // of the model before
  assert.equal(map.state.a, null);
  assert.equal([...new Uint8Array(asked[0].bufs[0])].length, 0);
  void plane;
});

test('signs stand at their latent points; of those that would lie over each other the first is shown, nearer by all are', async () => {
  const { map, slot, engine } = await setUp();
  const points = [
    [0, 0],
    [0.2, 0],
    [1, 1],
    [90, 0],
    [0, 0, 0],
  ];
  const signs = points.map((z) => ({ element: slot.appendChild(document.createElement('span')), z }));
  map.signs = signs;
  await settle();
  const shown = () => signs.map(({ element }) => !element.hidden);
  assert.deepEqual(shown(), [true, false, true, false, false]);
  const [u, v] = map.project([1, 1]);
  assert.deepEqual([signs[2].element.style.left, signs[2].element.style.top], [`${100 * u}%`, `${100 * v}%`]);
  map.zoom(0.2);
  await settle();
  assert.deepEqual(shown().slice(0, 2), [true, true]);
  engine.emit('model', { model: { latent: 3 } });
  await settle();
  assert.deepEqual(shown(), [false, false, false, false, false], 'there is no plane');
});

test('a latent space of one dimension has no map', async () => {
  const { map, engine, asked } = await setUp();
  engine.emit('model', { model: { latent: 1 } });
  await settle();
  assert.equal(asked.length, 0);
  assert.equal(map.latent, 0);
});

test('an error of the engine is told; that it died is not', async () => {
  const { pointer, asked, errors } = await setUp();
  pointer('pointermove', 200, 100);
  asked.shift()?.reject(new InkdriftError('engine-died', ''));
  await settle();
  pointer('pointermove', 210, 100);
  asked.shift()?.reject(new InkdriftError('not-finite', ''));
  await settle();
  assert.deepEqual(errors, ['not-finite']);
});
