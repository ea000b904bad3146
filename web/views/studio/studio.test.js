import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStrokes } from '../../engine/strokes.js';
import { Emitter } from '../../lib/emitter.js';
import { english, find, makeDocument, settle, until } from '../../test/dom.js';

const floats = (/** @type {number[]} */ ...v) => Float32Array.from(v).buffer;

/** A studio with an engine and a stage that the test answers for. */
async function setUp(/** @type {Record<string, any>} */ saved = {}) {
  makeDocument();
  const { Studio } = await import('./studio.js');
  /** @type {any[]} */
  const sent = [];
  /** @type {{type: string, fields: any, bufs: ArrayBuffer[], answer: (head?: any, bufs?: ArrayBuffer[]) => void}[]} */
  const asked = [];
  /** @type {[string, any][]} */
  const said = [];
  /** @type {any[]} */
  const errors = [];
  /** @type {any[]} */
  const changes = [];
  const engine = Object.assign(new Emitter(), {
    state: 'ready',
    request: (/** @type {string} */ type, /** @type {any} */ fields, /** @type {ArrayBuffer[]} */ bufs = []) =>
      new Promise((resolve) => asked.push({ type, fields, bufs, answer: (head = {}, out = []) => resolve({ head, bufs: out }) })),
  });
  const stage = Object.assign(new Emitter(), { ready: true, send: (/** @type {any} */ head) => sent.push(head) });
  const events = new Emitter();
  events.on('change', (what) => changes.push(what));
  const store = new Map(Object.entries(saved));
  const context = {
    i18n: await english(),
    store: {
      get: (/** @type {string} */ key) => store.get(key) ?? null,
      set: (/** @type {string} */ key, /** @type {any} */ v) => store.set(key, v),
    },
    terms: { button: () => document.createElement('span') },
    status: { say: (/** @type {string} */ key, /** @type {any} */ values) => said.push([key, values]) },
    colours: () => ({ ink: '#000000', paper: '#ffffff' }),
    fail: (/** @type {any} */ e) => errors.push(e.code),
    models: { listed: false, name: 'one' },
    assets: async () => ({ url: (/** @type {string} */ path) => `http://host/${path}` }),
    ...{ engine, stage, events },
  };
  const studio = new Studio(/** @type {any} */ (context));
  /** What was asked of a type, the newest first. */
  const of = (/** @type {string} */ type) => asked.filter((q) => q.type === type).reverse();
  return { studio, engine, stage, sent, asked, of, said, errors, changes, store, models: context.models };
}

/** A picture file. @type {any} */
const picture = { name: 'x.png', size: 3, type: 'image/png', arrayBuffer: async () => new ArrayBuffer(3) };

/** @param {any} pad */
function stroke(pad) {
  pad.begin(0.08);
  pad.draw(0.2, 0.2);
  pad.draw(0.8, 0.8);
  pad.end();
}

/** An engine's answer for the newest content of a pad. @param {any} rig @param {'a' | 'b'} name */
function answer({ engine, studio }, name, label = 3, p = 0.97) {
  const probs = new Array(10).fill(0);
  probs[label] = p;
  probs[9] = 1 - p;
  engine.emit('pad', { pad: name, rev: studio.pads[name].rev, label, probs }, [floats(0, 1), floats(1, -1), floats(0, 0), floats(1, 0)]);
}

test('the first visit begins with two different examples, the next with what was drawn', async () => {
  const first = await setUp();
  assert.equal(first.studio.status(), 'status.ready-examples');
  first.studio.begin('digits', true);
  const { a, b } = first.studio.pads;
  assert.deepEqual([a.source, b.source, a.empty, b.empty], ['example', 'example', false, false]);
  assert.notDeepEqual(a.toJSON(), b.toJSON());
  assert.equal(first.asked.length, 0, 'no engine is needed');
  await new Promise((done) => setTimeout(done, 450));
  assert.equal(first.store.get('pads'), undefined, 'nobody has drawn that');
  find('again-a').click();
  assert.equal(first.of('example')[0].fields.digit, 3, 'another of the same digit');

  const { Pad } = await import('../../ui/pad.js');
  const pad = new Pad('a', () => {});
  stroke(pad);
  const next = await setUp({ pads: { a: pad.toJSON(), b: null } });
  assert.equal(next.studio.status(), 'status.ready');
  next.studio.begin('digits', true);
  assert.equal(next.asked.length, 0);
  assert.equal(next.studio.pads.a.empty, false);
  assert.equal(next.studio.pads.b.empty, true);
});

test('drawings are saved when nothing has changed for a while, and when the page is left', async () => {
  const { studio, store } = await setUp();
  stroke(studio.pads.a);
  assert.equal(store.get('pads'), undefined);
  dispatchEvent(new Event('pagehide'));
  assert.equal(store.get('pads').a.strokes.length, 1);
  assert.equal(store.get('pads').b, null);
  studio.pads.a.clear();
  await new Promise((done) => setTimeout(done, 450));
  assert.equal(store.get('pads').a, null);
});

test('an answer of the engine is shown: label, bars, state; its label is said once for what a person drew', async () => {
  const rig = await setUp();
  const { studio, said, changes } = rig;
  stroke(studio.pads.a);
  answer(rig, 'a', 3);
  assert.equal(find('label-a').textContent, 'looks like 3, 97 %');
  assert.equal(find('bars-a').querySelectorAll('svg.mu rect').length, 2);
  assert.deepEqual(studio.state.a.mu, [1, -1]);
  assert.deepEqual(changes, [{ pad: 'a' }]);
  assert.equal(said.length, 0, 'nobody has turned to the pad: a script, or an example');

  find('pad-a').dispatchEvent(new KeyboardEvent('keydown', { key: '7', bubbles: true }));
  const line = { width: 0.08, points: Float32Array.of(0.1, 0.1, 1, 0.9, 0.9, 1) };
  rig.of('example')[0].answer({}, [encodeStrokes([line])]);
  await settle();
  stroke(studio.pads.a);
  answer(rig, 'a', 7);
  answer(rig, 'a', 7);
  assert.deepEqual(
    said.map(([key, v]) => [key, v.pad, v.digit, v.percent]),
    [['status.looks', 'A', '7', '97']],
  );
});

test('a drawing that may be two digits is said to be one of them', async () => {
  const rig = await setUp();
  const { studio } = rig;
  stroke(studio.pads.a);
  answer(rig, 'a', 3, 0.7);
  assert.equal(find('label-a').textContent, 'perhaps 3 or 9');
  assert.deepEqual(studio.state.a.read, { label: 3, certainty: 'perhaps', second: 9 });
});

test('a drawing that is unlike all digits is said to be none, until it is changed', async (t) => {
  const rig = await setUp();
  const { studio, said, of, models } = rig;
  models.listed = true;
  const reference = { set: 'mnist-test', usual: [0, 0], from: -100, step: 100, digits: [1, 99], others: [1, 0], auroc: 1 };
  t.mock.method(globalThis, 'fetch', async () => Response.json({ one: reference }));
  find('pad-a').dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }));
  said.length = 0;
  stroke(studio.pads.a);
  answer(rig, 'a', 3);
  assert.equal(find('label-a').textContent, '…', 'nothing is said that may be taken back');
  await until(() => of('explain').length === 1);
  of('explain')[0].answer({ least: 0, draws: 1, negELBO: [500], kl: 0, example: false });
  await until(() => said.length === 1);
  assert.deepEqual(said, [['status.unknown', { pad: 'A' }]]);
  assert.equal(find('label-a').textContent, 'not a digit I know');
  assert.equal(studio.state.read.certainty, 'unknown');

  stroke(studio.pads.a);
  answer(rig, 'a', 3);
  assert.equal(find('label-a').textContent, 'looks like 3, 97 %', 'as while it was drawn, until it is measured');
  await until(() => of('explain').length === 2);
  of('explain')[0].answer({ least: 0, draws: 1, negELBO: [-50], kl: 0, example: false });
  await settle();
  assert.equal(find('label-a').textContent, 'looks like 3, 97 %');
});

test('what scripts get is a copy', async () => {
  const rig = await setUp();
  stroke(rig.studio.pads.b);
  answer(rig, 'b', 1);
  rig.studio.state.b.mu.fill(9);
  assert.deepEqual(rig.studio.state.b.mu, [1, -1]);
});

test('a view that shows one pad says its label itself, and gets the pictures', async () => {
  const rig = await setUp();
  const { studio, said } = rig;
  studio.onlyPad = studio.pads.a;
  find('pad-a').dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }));
  stroke(studio.pads.a);
  answer(rig, 'a');
  assert.deepEqual(said, []);
  studio.putPictures([picture], find('pad-b'));
  await settle();
  rig.of('picture')[0].answer({ width: 28, height: 28, ready: true }, [new ArrayBuffer(784)]);
  await settle();
  assert.equal(studio.pads.a.source, 'picture');
  assert.equal(studio.pads.b.empty, true);
});

test('a picture goes to the pad that it is dropped on, else to an empty one, else to the one used last', async () => {
  const { studio, of } = await setUp();
  const drop = async (/** @type {Element | null} */ target) => {
    studio.putPictures([picture], target);
    await settle();
    of('picture')[0].answer({ width: 28, height: 28, ready: true }, [new ArrayBuffer(784)]);
    await settle();
    return [studio.pads.a.rev, studio.pads.b.rev];
  };
  assert.deepEqual(await drop(find('label-b')), [0, 1]);
  assert.deepEqual(await drop(null), [1, 1]);
  assert.deepEqual(await drop(document.body), [2, 1]);
});

test('a pad that is cleared is said to be, and the hint says what is missing', async () => {
  const { studio, said } = await setUp();
  const hint = find('hint-morph');
  stroke(studio.pads.a);
  assert.equal(hint.hidden, false);
  stroke(studio.pads.b);
  assert.equal(hint.hidden, true);
  find('clear-b').click();
  assert.equal(hint.hidden, false);
  assert.deepEqual(said, [['status.cleared', { pad: 'B' }]]);
});

test('the morph plays while the studio is shown, and pauses in other views', async () => {
  const { studio, sent, stage } = await setUp();
  studio.play();
  assert.equal(studio.state.morph.playing, false, 'not shown yet');
  studio.enter();
  assert.equal(studio.state.morph.playing, true);
  stage.emit('tick', { t: 0.25, playing: true });
  assert.equal(studio.state.morph.t, 0.25);
  studio.leave();
  assert.equal(studio.state.morph.playing, false);
  assert.deepEqual([sent[sent.length - 1].type, sent[sent.length - 1].playing, sent[sent.length - 1].t], ['play', false, 0.25]);
  studio.enter();
  assert.equal(studio.state.morph.playing, true);
  find('play').click();
  studio.leave();
  studio.enter();
  assert.equal(studio.state.morph.playing, false, 'a person has paused it');
});

test('a classifier is fetched for models that have none, once, and given to every engine', async (t) => {
  const fetch = t.mock.method(globalThis, 'fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  t.after(() => own && Object.defineProperty(globalThis, 'navigator', own));
  const { engine, of, errors } = await setUp();
  engine.emit('model', { model: { classes: 10 } });
  await settle();
  assert.equal(fetch.mock.callCount(), 0);
  for (let i = 0; i < 2; i++) {
    engine.emit('model', { model: { classes: 0 } });
    for (let wait = 0; wait < 20 && of('classifier.load').length <= i; wait++) await settle();
  }
  assert.deepEqual(
    of('classifier.load').map((q) => q.bufs[0].byteLength),
    [3, 3],
  );
  assert.equal(fetch.mock.callCount(), 1);
  assert.deepEqual(errors, []);
});

test('of several pictures the first two are for both pads, the first for the one it was dropped on', async () => {
  const { studio, of } = await setUp();
  studio.putPictures([picture, { ...picture, name: 'y.png' }, picture], find('pad-b'));
  await settle();
  assert.deepEqual(
    of('picture').map((q) => q.fields.name),
    ['y.png', 'x.png'],
  );
  for (const q of of('picture'))
    q.answer({ width: 28, height: 28, ready: true }, [new Uint8Array(784).fill(q.fields.name === 'x.png' ? 1 : 2).buffer]);
  await settle();
  const first = (/** @type {any} */ pad) => atob(pad.toJSON().bitmap.data).charCodeAt(0);
  assert.deepEqual([first(studio.pads.a), first(studio.pads.b)], [2, 1]);
});

test('a new stage is sent pads, playback and samples; it reports its morph', async () => {
  const { studio, engine, stage, sent, of, changes } = await setUp();
  engine.emit('model', { model: { classes: 10 } });
  of('sample')[0].answer({}, [floats(), floats(0.5)]);
  await settle();
  sent.length = 0;
  stage.emit('connected');
  assert.deepEqual(
    sent.map((head) => head.type),
    ['pad', 'pad', 'play', 'samples'],
  );
  stage.emit('morph', { frames: 48, path: 'lerp' });
  assert.deepEqual(studio.state.morph, { t: 0, playing: false, frames: 48, path: 'lerp' });
  assert.deepEqual(changes.at(-1), { morph: true });
});

test('nothing is saved as a picture before there are two drawings; then it is', async (t) => {
  const rig = await setUp();
  const { studio, errors, said, of } = rig;
  find('export-gif').click();
  await settle();
  assert.deepEqual(errors, ['nothing-to-save']);
  for (const name of /** @type {const} */ (['a', 'b'])) {
    stroke(studio.pads[name]);
    answer(rig, name, name === 'a' ? 3 : 8);
  }
  /** @type {string[]} */
  const names = [];
  t.mock.method(URL, 'createObjectURL', () => 'blob:x');
  const { setTimeout: later } = globalThis;
  // The address of a download is given up after a minute.
  t.mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ fn, ms = 0) => {
    const timer = /** @type {any} */ (later(fn, ms === 60_000 ? 10 : ms));
    return ms > 1000 ? timer.unref() : timer;
  });
  document.addEventListener('click', (e) => {
    if (!(e.target instanceof HTMLAnchorElement) || !e.target.download) return;
    e.preventDefault();
    names.push(e.target.download);
  });
  const i18n = await english();
  for (const [id, type, key] of [
    ['export-gif', 'gif', 'status.saved-gif'],
    ['export-png', 'strip', 'status.saved-png'],
  ]) {
    find(id).click();
    await settle();
    const [morph] = of('morph');
    assert.deepEqual([...new Float32Array(morph.bufs[0])], [1, -1]);
    morph.answer({}, [floats(0)]);
    await settle();
    const [{ fields, answer: give }] = of(type);
    assert.equal(fields.ink, '#000000');
    const size = Number(find('export-size').value);
    assert.equal(28 * fields.scale + 2 * fields.margin, size);
    find('export-size').value = type === 'gif' ? '1024' : '512';
    give({}, [new ArrayBuffer(3)]);
    await until(() => find(id).nextElementSibling.textContent === i18n.t(key));
  }
  assert.deepEqual(names, ['inkdrift-3-to-8.gif', 'inkdrift-3-to-8.png']);
  assert.deepEqual(said, [], 'the answer is where the button is');
});

test('every size that is offered can be made, and where nothing records there is no video', async () => {
  await setUp();
  const { sizes } = await import('./exports.js');
  const offered = [...find('export-size').options].map((o) => o.value);
  assert.deepEqual(offered, Object.keys(sizes));
  for (const [side, { scale, margin }] of Object.entries(sizes)) assert.equal(28 * scale + 2 * margin, Number(side));
  assert.equal(find('export-webm').hidden, true);
});

test('a link puts the morph somewhere, and it stays there unless somebody plays it', async () => {
  const { studio, sent, store } = await setUp();
  studio.enter();
  assert.equal(studio.isPlaced, false);
  studio.show({ a: null, path: 'lerp', mode: 'once', t: 0.3 });
  assert.equal(studio.isPlaced, true);
  studio.play();
  const { t, playing, path, mode } = sent[sent.length - 1];
  assert.deepEqual([t, playing, path, mode], [0.3, false, 'lerp', 'once']);
  assert.deepEqual([find('path').value, find('mode').value], ['lerp', 'once']);
  assert.equal(store.get('play'), undefined, 'it is no choice of the visitor');
  studio.play(true);
  assert.deepEqual([studio.state.morph.playing, studio.state.morph.t], [true, 0.3]);
  studio.pause();
  assert.equal(studio.state.morph.playing, false);
});

test('the width of the brush is the same for both pads and is stored', async () => {
  const { store } = await setUp({ brush: 0.1 });
  const sliders = [...document.querySelectorAll('.brush input')].map((e) => /** @type {HTMLInputElement} */ (e));
  assert.deepEqual(
    sliders.map((s) => s.value),
    ['0.1', '0.1'],
  );
  sliders[1].value = '0.06';
  sliders[1].dispatchEvent(new Event('input', { bubbles: true }));
  assert.equal(store.get('brush'), 0.06);
  assert.equal(sliders[0].value, '0.06');
});
