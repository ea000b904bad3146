/** A pad as it is used: pointers, keys, buttons, the words around it, and what fills it without a pen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeStrokes, encodeStrokes } from '../../engine/strokes.js';
import { Emitter } from '../../lib/emitter.js';
import { LocalStore, memoryArea } from '../../lib/local-storage.js';
import { InkdriftError } from '../../lib/errors.js';
import { reading } from '../../ui/reading.js';
import { english, enter, find, makeDocument, settle } from '../../test/dom.js';
import { Pad } from '../../ui/pad.js';
import { PadPointers } from './pad-pointers.js';

/** Elements of a pad, as the page has them. */
const html = ['a', 'b']
  .map(
    (
      n,
    ) => `<div class="side"><div id="pad-${n}" tabindex="0"><p id="hint-${n}"></p><p id="over-${n}"></p></div><button id="again-${n}"></button>
    <p id="label-${n}"></p><button id="undo-${n}"></button><button id="clear-${n}"></button><div id="examples-${n}"></div><div id="panel-${n}"></div></div>`,
  )
  .join('');

/** Two pads of 200 x 200 pixels at 100, 50, with an engine that the test answers for. */
async function setUp() {
  makeDocument({
    fragment: `${html}<input type="file" id="picture-file"><button id="resample"></button>
    <p id="prior-field" hidden><select id="prior"><option>fitted<option>normal</select></p><p id="samples-caption"></p>`,
  });
  const [{ PadView }, { PadFill }] = await Promise.all([import('./pad-view.js'), import('./pad-fill.js')]);
  const i18n = await english();
  /** @type {{type: string, fields: any, bufs: ArrayBuffer[], answer: (head?: any, bufs?: ArrayBuffer[]) => Promise<void>, fail: (code: string) => Promise<void>}[]} */
  const asked = [];
  const engine = Object.assign(new Emitter(), {
    request: (/** @type {string} */ type, /** @type {any} */ fields, /** @type {ArrayBuffer[]} */ bufs = []) =>
      new Promise((resolve, reject) =>
        asked.push({
          ...{ type, fields, bufs },
          answer: (head = {}, out = []) => {
            resolve({ head, bufs: out });
            return settle();
          },
          fail: (code) => {
            reject(new InkdriftError(code, ''));
            return settle();
          },
        }),
      ),
  });
  /** @type {any[]} */
  const errors = [];
  const fill = new PadFill(
    /** @type {any} */ (engine),
    (e) => errors.push(e),
    find('picture-file'),
    () => 'fitted',
  );
  const state = { width: 0.08, full: 0, isRead: true };
  /** @type {string[]} */
  const used = [];
  const pads = { a: new Pad('a', () => views.a.show()), b: new Pad('b', () => views.b.show()) };
  const callbacks = {
    ...{ i18n, fill, pointers: new PadPointers() },
    width: () => state.width,
    setWidth: (/** @type {number} */ w) => {
      state.width = w;
      for (const view of Object.values(views)) view.showWidth();
    },
    onUse: (/** @type {Pad} */ pad) => void used.push(pad.name),
    read: (/** @type {any} */ pad) => reading(pad.result, null),
    isRead: () => state.isRead,
    onFull: () => void state.full++,
  };
  const views = { a: new PadView(pads.a, callbacks), b: new PadView(pads.b, callbacks) };
  /** @type {number[]} */
  const captured = [];
  for (const view of Object.values(views)) {
    view.slot.getBoundingClientRect = () => /** @type {any} */ ({ left: 100, top: 50, width: 200, height: 200 });
    view.slot.setPointerCapture = (id) => void captured.push(id);
    view.show();
    view.showWidth();
  }
  /** A pointer at a place of a pad, in parts of it. */
  const point = (/** @type {string} */ type, /** @type {number} */ x, /** @type {number} */ y, /** @type {any} */ more = {}, pad = 'a') => {
    const init = {
      pointerId: 1,
      pointerType: 'mouse',
      button: 0,
      clientX: 100 + 200 * x,
      clientY: 50 + 200 * y,
      bubbles: true,
      cancelable: true,
    };
    const event = new PointerEvent(type, { ...init, ...more });
    if (more.coalesced) Object.assign(event, { getCoalescedEvents: () => more.coalesced });
    find(`pad-${pad}`).dispatchEvent(event);
    return event;
  };
  const key = (/** @type {string} */ key, /** @type {KeyboardEventInit} */ more = {}) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
    find('pad-a').dispatchEvent(event);
    return event.defaultPrevented;
  };
  /** Strokes on a pad: positions of first and last point, rounded. */
  const strokes = (pad = pads.a) =>
    decodeStrokes(pad.encode().bufs[0]).map(({ points }) => {
      const at = (/** @type {number} */ i) => Array.from(points.subarray(i, i + 2), (v) => Math.round(v * 100) / 100);
      return [at(0), at(points.length - 3)];
    });
  return { pads, views, state, asked, errors, used, captured, point, key, strokes, i18n, engine };
}

test('a pointer draws from where it goes down to where it goes up, also outside of the pad, and the pad takes it', async () => {
  const { pads, point, strokes, captured, used } = await setUp();
  point('pointermove', 0.1, 0.1);
  assert.equal(pads.a.empty, true, 'it is not down');
  point('pointerdown', 0.25, 0.5);
  assert.deepEqual([captured, used, pads.a.drawing], [[1], ['a'], true]);
  point('pointermove', 0.5, 0.5);
  point('pointerup', 0.75, 0.5);
  assert.equal(pads.a.drawing, false);
  assert.deepEqual(strokes(), [
    [
      [0.25, 0.5],
      [0.75, 0.5],
    ],
  ]);
  point('pointermove', 0.9, 0.9);
  assert.equal(strokes().length, 1);
});

test('all positions between two frames are on the stroke', async () => {
  const { pads, point } = await setUp();
  const between = [0.1, 0.3, 0.9].map((y) => ({
    clientX: 200,
    clientY: 50 + 200 * y,
    pointerType: 'mouse',
    pressure: 0.5,
    type: 'pointermove',
  }));
  point('pointerdown', 0.5, 0.1);
  point('pointermove', 0.5, 0.1, { coalesced: between });
  point('pointerup', 0.5, 0.1);
  const [{ points }] = decodeStrokes(pads.a.encode().bufs[0]);
  assert.ok(
    points.filter((_, i) => i % 3 === 1).some((y) => y > 0.7),
    'the turn is there',
  );
});

test('another mouse button and a pad that is full take no ink; the last is told of', async () => {
  const { pads, point, state } = await setUp();
  point('pointerdown', 0.5, 0.5, { button: 2 });
  assert.equal(pads.a.drawing, false);
  pads.a.begin = () => false;
  point('pointerdown', 0.5, 0.5);
  assert.equal(state.full, 1);
  point('pointerdown', 0.5, 0.5, { pointerId: 2 });
  assert.equal(state.full, 2, 'the first one does not hold the pad');
});

test('a stroke that the browser takes away stays, and the pad is free for the next', async () => {
  const { point, strokes } = await setUp();
  for (const type of ['pointercancel', 'lostpointercapture']) {
    point('pointerdown', 0.2, 0.2, { pointerId: 5, pointerType: 'touch' });
    point('pointermove', 0.2, 0.6, { pointerId: 5, pointerType: 'touch' });
    point(type, 0.9, 0.9, { pointerId: 5, pointerType: 'touch' });
  }
  point('pointerdown', 0.6, 0.2);
  point('pointerup', 0.6, 0.6);
  assert.equal(strokes().length, 3);
  assert.deepEqual(strokes()[0][1], [0.2, 0.6], 'where it was lost is no part of it');
});

test('two fingers leave no ink; a pen takes the pad from a palm, and its stroke alone stays', async () => {
  const { pads, point, strokes } = await setUp();
  const finger = (/** @type {number} */ pointerId) => ({ pointerId, pointerType: 'touch' });
  point('pointerdown', 0.2, 0.2, finger(1));
  point('pointermove', 0.4, 0.4, finger(1));
  point('pointerdown', 0.8, 0.8, finger(2));
  point('pointermove', 0.5, 0.5, finger(1));
  assert.equal(pads.a.empty, true);
  for (const id of [1, 2]) point('pointerup', 0.5, 0.5, finger(id));
  point('pointerdown', 0.8, 0.9, finger(3));
  point('pointermove', 0.9, 0.9, finger(3));
  point('pointerdown', 0.5, 0.2, { pointerId: 9, pointerType: 'pen', pressure: 0.9 });
  point('pointermove', 0.9, 0.8, finger(3));
  point('pointermove', 0.5, 0.8, { pointerId: 9, pointerType: 'pen', pressure: 0.9 });
  point('pointerup', 0.5, 0.86, { pointerId: 9, pointerType: 'pen', pressure: 0 });
  point('pointerup', 0.9, 0.8, finger(3));
  assert.deepEqual(strokes(), [
    [
      [0.5, 0.2],
      [0.5, 0.8],
    ],
  ]); // where the pen was lifted it had no pressure left, and so no width
});

test('the long press of a finger that draws opens no menu', async () => {
  const { point } = await setUp();
  const menu = () => point('contextmenu', 0.5, 0.5).defaultPrevented;
  assert.equal(menu(), false);
  point('pointerdown', 0.5, 0.5, { pointerType: 'touch' });
  assert.equal(menu(), true);
});

test('the keyboard draws: Enter lowers the pen and lifts it, arrows move it, finer with shift', async () => {
  const { key, strokes, pads, views } = await setUp();
  const mark = /** @type {HTMLElement} */ (views.a.slot.querySelector('.pen'));
  assert.equal(mark.hidden, true);
  assert.ok(key('ArrowDown'), 'the page does not scroll');
  assert.deepEqual([mark.hidden, mark.style.left, mark.style.top], [false, '50%', '34%']);
  assert.equal(pads.a.empty, true);
  key('Enter');
  assert.ok(mark.classList.contains('down'));
  key('Enter', { repeat: true });
  for (let i = 0; i < 10; i++) key('ArrowRight');
  key('ArrowDown', { shiftKey: true });
  key('Enter');
  assert.equal(mark.classList.contains('down'), false);
  assert.deepEqual(strokes(), [
    [
      [0.5, 0.34],
      [0.9, 0.35],
    ],
  ]);
  for (let i = 0; i < 9; i++) key('ArrowRight');
  assert.equal(mark.style.left, '100%', 'it stays on the pad');
  find('pad-a').dispatchEvent(new Event('blur'));
  assert.equal(mark.hidden, true);
  assert.equal(key('Tab'), false);
});

test('keys fill, clear and undo, and leave the browser its own', async () => {
  const { key, asked, pads, point } = await setUp();
  assert.ok(key('7'));
  assert.deepEqual([asked[0].type, asked[0].fields.digit], ['example', 7]);
  key('7', { repeat: true });
  assert.equal(asked.length, 1);
  point('pointerdown', 0.2, 0.2);
  point('pointerup', 0.8, 0.8);
  key('Delete');
  assert.equal(pads.a.empty, true);
  key('z', { ctrlKey: true });
  assert.equal(pads.a.empty, false);
  key('Z', { metaKey: true });
  assert.equal(pads.a.empty, true);
  for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }]) assert.equal(key('5', more), false);
  assert.equal(key('z', { ctrlKey: true, shiftKey: true }), false);
  assert.equal(asked.length, 1);
});

test('buttons undo and clear, when there is something to', async () => {
  const { point, strokes, pads, used } = await setUp();
  const [undo, clear] = [find('undo-a'), find('clear-a')];
  assert.ok(undo.disabled && clear.disabled);
  for (const x of [0.2, 0.6]) {
    point('pointerdown', x, 0.2);
    point('pointerup', x, 0.8);
  }
  assert.ok(!undo.disabled && !clear.disabled);
  undo.focus();
  undo.click();
  assert.equal(strokes().length, 1);
  assert.equal(document.activeElement, undo, 'there is more to undo');
  clear.focus();
  clear.click();
  assert.equal(pads.a.empty, true);
  assert.equal(clear.disabled, true);
  assert.equal(document.activeElement?.id, 'pad-a', 'the focus goes on from a button that is disabled');
  undo.click();
  assert.equal(strokes().length, 1);
  assert.ok(used.length >= 5);
});

test('the words on a pad: draw a digit, draw over it; and what it looks like', async () => {
  const { views, pads } = await setUp();
  const [hint, over, label] = [find('hint-a'), find('over-a'), find('label-a')];
  assert.deepEqual([hint.hidden, hint.textContent, over.hidden, label.textContent], [false, 'draw a digit', true, 'nothing drawn yet']);
  assert.ok(views.a.slot.classList.contains('ready'));
  const line = { width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) };
  pads.a.fill({ strokes: [line], bitmap: null, source: 'example' });
  assert.deepEqual([hint.hidden, over.hidden, label.textContent], [true, false, '…'], 'the model has not seen it');
  pads.a.result = { ...pads.a.result, empty: false, mu: [1], label: 3, probs: [0, 0, 0, 0.974] };
  views.a.showLabel();
  assert.equal(label.textContent, 'looks like 3, 97 %');
  assert.equal(label.classList.contains('quiet'), false);
  pads.a.result = { ...pads.a.result, label: null, probs: null };
  views.a.showLabel();
  assert.equal(label.textContent, 'no classifier');
});

test('what a drawing is read as is said when that is final, and while it is drawn', async () => {
  const { views, pads, state } = await setUp();
  const label = find('label-a');
  const line = { width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) };
  state.isRead = false;
  pads.a.fill({ strokes: [line], bitmap: null, source: 'drawn' });
  pads.a.result = { ...pads.a.result, empty: false, mu: [1], label: 3, probs: [0, 0, 0, 0.974] };
  views.a.showLabel();
  assert.equal(label.textContent, '…', 'a link was opened');
  state.isRead = true;
  views.a.showLabel();
  assert.equal(label.textContent, 'looks like 3, 97 %');
  state.isRead = false;
  pads.a.begin(0.08);
  pads.a.draw(0.5, 0.5);
  pads.a.result = { ...pads.a.result, label: 2, probs: [0, 0, 0.95] };
  views.a.showLabel();
  assert.equal(label.textContent, 'looks like 2, 95 %');
  pads.a.end();
  views.a.showLabel();
  assert.equal(label.textContent, 'looks like 2, 95 %', 'it does not flicker when the stroke ends');
  pads.a.clear();
  assert.equal(label.textContent, 'nothing drawn yet');
});

test('an example makes way for what is drawn, and another of the same digit is one press away', async () => {
  const { asked, pads, point, used } = await setUp();
  const again = find('again-a');
  assert.equal(again.hidden, true);
  const digits = [...find('examples-a').querySelectorAll('button')];
  assert.equal(digits.length, 10);
  digits[7].click();
  const line = { width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) };
  await asked[0].answer({}, [encodeStrokes([line])]);
  assert.equal(pads.a.source, 'example');
  assert.deepEqual([again.hidden, again.getAttribute('aria-label')], [false, 'Another example']);
  again.click();
  assert.deepEqual([asked[1].fields.digit, asked[1].fields.seed === asked[0].fields.seed], [7, false]);
  point('pointerdown', 0.5, 0.2);
  point('pointerup', 0.5, 0.8);
  await asked[1].answer({}, [encodeStrokes([line, line])]);
  assert.equal(pads.a.source, 'drawn');
  assert.equal(decodeStrokes(pads.a.encode().bufs[0]).length, 1, 'what comes late does not take the drawing away');
  assert.equal(again.hidden, true);
  assert.ok(used.includes('a'));
});

test('a sample from the prior is a picture that is ready for the model, and others take its place', async () => {
  const { asked, pads } = await setUp();
  const [sample] = [...find('panel-a').querySelectorAll('button')];
  assert.equal(sample.textContent, 'Sample from the prior');
  sample.click();
  await asked[0].answer({}, [new ArrayBuffer(0), Float32Array.from({ length: 784 }, () => 0.5).buffer]);
  assert.deepEqual(pads.a.encode().bitmap, { width: 28, height: 28, ready: true });
  assert.equal(new Uint8Array(pads.a.encode().bufs[1])[0], 128);
  const again = find('again-a');
  assert.equal(again.title, 'Another sample');
  again.click();
  assert.deepEqual([asked[1].type, asked[1].fields.n], ['sample', 1]);
  await asked[1].fail('engine-died');
  assert.equal(pads.a.source, 'sample');
});

test('only what was wished for last fills a pad, and each pad has wishes of its own', async () => {
  const { asked, pads } = await setUp();
  const line = { width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) };
  for (const d of [1, 2]) find('examples-a').querySelectorAll('button')[d].click();
  find('examples-b').querySelectorAll('button')[3].click();
  await asked[2].answer({}, [encodeStrokes([line])]);
  await asked[0].answer({}, [encodeStrokes([line, line])]);
  assert.equal(pads.a.empty, true, 'another was wished for since');
  await asked[1].answer({}, [encodeStrokes([line])]);
  assert.equal(decodeStrokes(pads.a.encode().bufs[0]).length, 1);
  assert.equal(pads.b.empty, false);
});

test('a picture is chosen for the pad that asked; what is no picture, or too large, is told of and changes nothing', async () => {
  const { asked, pads, errors } = await setUp();
  const chooser = find('picture-file');
  let clicked = 0;
  chooser.click = () => clicked++;
  const [, choose] = [...find('panel-b').querySelectorAll('button')];
  choose.click();
  assert.equal(clicked, 1);
  const pick = async (/** @type {any} */ file) => {
    Object.defineProperty(chooser, 'files', {
      value: [{ name: 'x.png', size: 3, arrayBuffer: async () => new ArrayBuffer(3), ...file }],
      configurable: true,
    });
    chooser.dispatchEvent(new Event('change'));
    await settle();
  };
  await pick({ name: 'five.png' });
  assert.deepEqual([asked[0].type, asked[0].fields.name, asked[0].bufs[0].byteLength], ['picture', 'five.png', 3]);
  await asked[0].answer({ width: 40, height: 30 }, [new Uint8Array(1200).fill(9).buffer]);
  assert.deepEqual(pads.b.encode().bitmap, { width: 40, height: 30, ready: false });
  assert.deepEqual([pads.a.empty, pads.b.source], [true, 'picture']);
  await pick({ name: 'words.png' });
  await asked[1].fail('bad-picture');
  await pick({ name: 'huge.png', size: 2 ** 26 });
  assert.deepEqual(
    errors.map((e) => [e.code, e.field]),
    [
      ['bad-picture', ''],
      ['picture-too-large', 'huge.png'],
    ],
  );
  assert.equal(pads.b.encode().bitmap?.width, 40);
  assert.equal(asked.length, 2);
});

test('the brush has one width for both pads, said in parts of the pad', async () => {
  const { state } = await setUp();
  const [a, b] = ['a', 'b'].map((n) => find(`panel-${n}`).querySelector('input'));
  assert.deepEqual([a.value, a.getAttribute('aria-valuetext')], ['0.08', '8 % of the pad']);
  enter(b, '0.15', 'input');
  assert.equal(state.width, 0.15);
  assert.deepEqual([a.value, a.getAttribute('aria-valuetext')], ['0.15', '15 % of the pad']);
});

test('samples of the prior are the same until others are asked for, and of the newest model', async () => {
  const { engine, asked, i18n } = await setUp();
  const { Samples } = await import('./samples.js');
  const store = new LocalStore(memoryArea(), assert.fail);
  let changes = 0;
  /** @type {any[]} */
  const errors = [];
  const samples = new Samples(
    /** @type {any} */ (engine),
    i18n,
    store,
    () => changes++,
    (e) => errors.push(e),
  );
  /** @type {any[]} */
  const sent = [];
  const stage = /** @type {any} */ ({
    send: (/** @type {any} */ head, /** @type {ArrayBuffer[]} */ [buf]) => sent.push([head, new Float32Array(buf)[0]]),
  });
  samples.feed(stage);
  assert.deepEqual(sent, [], 'there are none yet');
  void samples.draw();
  void samples.draw(); // another model came meanwhile
  assert.equal(asked.length, 1);
  await asked[0].answer({}, [new ArrayBuffer(0), Float32Array.of(1).buffer]);
  assert.deepEqual([asked.length, changes], [2, 0]);
  assert.equal(asked[1].fields.seed, asked[0].fields.seed);
  await asked[1].answer({}, [new ArrayBuffer(0), Float32Array.of(2).buffer]);
  assert.equal(changes, 1);
  samples.feed(stage);
  assert.deepEqual(sent, [[{ type: 'samples', n: 24 }, 2]]);
  find('resample').click();
  assert.notEqual(asked[2].fields.seed, asked[0].fields.seed);
  await asked[2].fail('engine-died');
  assert.equal(errors.length, 1);
  find('resample').click();
  assert.equal(asked.length, 4, 'a failure does not stop it for ever');
});

test('samples are drawn from the fitted prior where a model has one, unless the other is chosen, which is remembered', async () => {
  const { engine, asked, i18n } = await setUp();
  const { Samples } = await import('./samples.js');
  const store = new LocalStore(memoryArea(), assert.fail);
  const samples = new Samples(
    /** @type {any} */ (engine),
    i18n,
    store,
    () => {},
    (e) => assert.fail(String(e)),
  );
  const drawn = async () => {
    const { fields, answer } = /** @type {any} */ (asked.at(-1));
    await answer({ prior: fields.prior }, [new ArrayBuffer(0), new ArrayBuffer(4)]);
    return [fields.prior, find('prior-field').hidden, find('samples-caption').textContent?.includes('N(0, I)')];
  };
  samples.show({ fittedPrior: true });
  assert.deepEqual(await drawn(), ['fitted', false, false]);
  samples.show({ fittedPrior: false });
  assert.deepEqual(await drawn(), ['normal', true, true]);
  samples.show({ fittedPrior: true });
  assert.deepEqual(await drawn(), ['fitted', false, false]);
  const { seed } = /** @type {any} */ (asked.at(-1)).fields;
  const choice = /** @type {HTMLSelectElement} */ (find('prior'));
  choice.value = 'normal';
  choice.dispatchEvent(new Event('change'));
  assert.deepEqual(await drawn(), ['normal', false, true]);
  assert.equal(/** @type {any} */ (asked.at(-1)).fields.seed, seed, 'the same seed: the difference is that of the priors');
  assert.equal(store.get('prior'), 'normal');
});
