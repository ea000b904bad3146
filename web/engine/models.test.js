import assert from 'node:assert/strict';
import * as buffer from 'node:buffer';
import { after, beforeEach, test } from 'node:test';

const g = /** @type {any} */ (globalThis);

g.File ??= buffer.File; // Node 18 has no global one

/** As much of an element as models.js uses. */
class FakeElement extends EventTarget {
  /** @type {any[]} */
  children = [];
  /** @type {Record<string, string>} */
  attributes = {};
  value = '';
  textContent = '';
  disabled = false;
  /** @type {File[]} */
  files = [];
  clicks = 0;
  append(/** @type {any[]} */ ...children) {
    this.children.push(...children);
    this.textContent += children.filter((c) => typeof c === 'string').join('');
  }
  replaceChildren(/** @type {any[]} */ ...children) {
    this.children = children;
  }
  setAttribute(/** @type {string} */ name, /** @type {string} */ value) {
    this.attributes[name] = value;
  }
  removeAttribute(/** @type {string} */ name) {
    delete this.attributes[name];
  }
  click() {
    this.clicks++;
  }
}

/** @type {Record<string, FakeElement>} */
let elements = {};
const names = ['HTMLElement', 'HTMLSelectElement', 'HTMLInputElement', 'HTMLButtonElement'];
for (const name of names) g[name] = FakeElement;
g.document = { getElementById: (/** @type {string} */ id) => (elements[id] ??= new FakeElement()), createElement: () => new FakeElement() };
after(() => {
  for (const name of [...names, 'document']) delete g[name];
});
beforeEach(() => {
  elements = {};
});

const { Models } = await import('./models.js');

const list = [
  { name: 'digits', file: 'digits.safetensors', title: { en: 'Digits' }, about: { en: 'Handwritten' }, latent: 16, nll: 88 },
  { name: 'deep', file: 'deep.safetensors', title: {}, about: {}, latent: 2 },
];

function make({ answer = async () => ({}), lang = 'en' } = /** @type {any} */ ({})) {
  /** @type {any[]} */
  const requests = [];
  /** @type {any[]} */
  const loaded = [];
  /** @type {any[]} */
  const errors = [];
  /** @type {string[]} */
  const unfit = [];
  const i18n = {
    lang,
    t: (/** @type {string} */ key) => `<${key}>`,
    text: (/** @type {FakeElement} */ e, /** @type {string} */ key, /** @type {any} */ values) =>
      (e.textContent = `<${key}> ${values?.name ?? ''}`),
    onChange: () => {},
  };
  const engine = {
    async request(/** @type {string} */ type, /** @type {any} */ fields, /** @type {ArrayBuffer[]} */ [bytes], /** @type {any} */ how) {
      requests.push({ type, ...fields, bytes: bytes.byteLength, ...how });
      await answer(fields);
      const model = { name: fields.name, input: [1, 28, 28], latent: 2, encoder: [400], decoder: [400], activation: 'relu', params: 1234 };
      return { head: { model } };
    },
  };
  const models = new Models(
    /** @type {any} */ ({
      engine,
      i18n,
      url: (/** @type {string} */ path) => `http://host/${path}`,
      onUnfit: async (/** @type {any} */ _, /** @type {string} */ name) => void unfit.push(name),
      onLoad: (/** @type {any[]} */ ...how) => loaded.push(how),
      onError: (/** @type {any} */ e) => errors.push(e.code),
      explain: () => null,
    }),
  );
  return { models, requests, loaded, errors, unfit };
}

const options = () => elements.model.children.map((/** @type {any} */ o) => o.textContent);
const settled = () => new Promise((done) => setImmediate(done));

test('a list of models is needed, and what is no model in it is left out', () => {
  const { models } = make();
  for (const json of [null, {}, [], [{ name: 'x' }]]) assert.throws(() => models.list(json), { code: 'models-missing' });
  models.list([...list, { file: 'y' }]);
  assert.deepEqual(options(), ['Digits', 'deep']);
  assert.equal(models.find('deep').name, 'deep');
  assert.equal(models.find('gone').name, 'digits');
  models.add(/** @type {any} */ ({ name: 'deep', file: 'z' }));
  models.add(/** @type {any} */ ({ name: 'new', file: 'n', title: {} }));
  assert.deepEqual(options(), ['Digits', 'deep', 'new']);
});

test('a listed model is fetched and loaded; an engine that died gets it again', async (t) => {
  const fetch = t.mock.method(globalThis, 'fetch', async (/** @type {string} */ _url) => new Response(Uint8Array.of(1, 2, 3)));
  const { models, requests, loaded } = make();
  models.list(list);
  await assert.rejects(models.load('gone'), { code: 'model-unknown', message: '"gone", should be one of digits, deep' });
  const info = await models.load('digits');
  assert.equal(info?.name, 'digits');
  assert.equal(fetch.mock.calls[0].arguments[0], 'http://host/models/digits.safetensors');
  assert.deepEqual(requests, [{ type: 'model.load', name: 'digits', bytes: 3, retries: 1 }]);
  assert.deepEqual(loaded, [[false, false]]);
  assert.deepEqual([models.name, models.title, elements.model.value], ['digits', 'Digits', 'digits']);
  assert.equal(elements['model-about'].textContent, 'Handwritten');
  assert.equal(elements['model-facts'].children.length, 5, 'encoder, decoder, activation, parameters, NLL');
  await models.restore();
  assert.deepEqual(requests[1], { type: 'model.load', name: 'digits', bytes: 3, first: true });
});

test('a file that a person opens is sent once, and named in the list', async () => {
  const { models, requests, loaded } = make();
  models.list(list);
  await models.load(new File(['12345'], 'mine.safetensors'));
  assert.deepEqual(requests, [{ type: 'model.load', name: 'mine.safetensors', bytes: 5, retries: 0 }]);
  assert.deepEqual(loaded, [[true, false]]);
  assert.deepEqual(options(), ['Digits', 'deep', '<model.opened> mine']);
  assert.equal(elements.model.value, '');
  await models.load({ name: 'My run', bytes: new ArrayBuffer(2), quiet: true });
  assert.deepEqual(loaded[1], [true, true]);
  assert.deepEqual(options().at(-1), '<model.trained> My run');

  // What its training began with is known of a listed model alone.
  assert.equal(models.before, '');
  await models.load({ name: 'My run', bytes: new ArrayBuffer(2), before: 'deep' });
  assert.deepEqual([models.before, models.bytes?.byteLength], ['deep', 2]);
  await models.load({ name: 'My run', bytes: new ArrayBuffer(2), before: 'run:x' });
  assert.equal(models.before, '');
});

test('a file whose model the pads cannot take is shown elsewhere, and the one in use stays', async () => {
  const { models, loaded, unfit } = make({
    answer: async (/** @type {any} */ { name }) => {
      if (name.startsWith('faces')) throw Object.assign(new Error('three channels'), { code: 'model-unfit' });
    },
  });
  models.list(list);
  await models.load(new File(['1'], 'mine.safetensors'));
  assert.equal(await models.load(new File(['1'], 'faces.safetensors')), null);
  assert.deepEqual(unfit, ['faces']);
  assert.equal(models.name, 'mine.safetensors');
  assert.equal(loaded.length, 1);
  assert.deepEqual(models.names, [
    { name: 'digits', title: 'Digits' },
    { name: 'deep', title: 'deep' },
  ]);
});

test('a file that is too large is not read', async () => {
  const { models, requests } = make();
  models.list(list);
  const file = new File(['x'], 'big.safetensors');
  Object.defineProperty(file, 'size', { value: (64 << 20) + 1 });
  await assert.rejects(models.load(file), { code: 'bad-model', field: 'big.safetensors' });
  assert.deepEqual(requests, []);
});

test('if a model cannot be loaded the one in use stays, and loads wait for each other', async () => {
  /** @type {string[]} */
  const order = [];
  const { models } = make({
    answer: async (/** @type {any} */ { name }) => {
      order.push(name);
      await settled();
      if (name === 'bad') throw new Error('no model');
      order.push(`${name} done`);
    },
  });
  models.list(list);
  const file = (/** @type {string} */ name) => new File(['x'], name);
  const all = [models.load(file('a')), models.load(file('bad')), models.load(file('c'))];
  assert.equal(elements.model.attributes['aria-busy'], undefined);
  await all[0];
  await assert.rejects(all[1], /no model/);
  assert.equal(models.name, 'a');
  await all[2];
  assert.deepEqual(order, ['a', 'a done', 'bad', 'c', 'c done']);
  assert.equal(elements.model.attributes['aria-busy'], undefined);
});

test('the list and the file chooser load models, and errors are reported', async (t) => {
  t.mock.method(globalThis, 'fetch', async () => new Response('', { status: 404 }));
  const { models, requests, errors } = make();
  models.list(list);
  elements.model.value = 'deep';
  elements.model.dispatchEvent(new Event('change'));
  while (errors.length === 0) await new Promise((done) => setTimeout(done, 10)); // it is asked for twice
  assert.deepEqual(errors, ['model-missing']);
  elements['model-open'].dispatchEvent(new Event('click'));
  const chooser = elements['model-file'];
  assert.equal(chooser.clicks, 1);
  chooser.files = [new File(['x'], 'mine')];
  chooser.value = 'C:\\mine';
  chooser.dispatchEvent(new Event('change'));
  assert.equal(chooser.value, '', 'the same file can be chosen again');
  for (let i = 0; i < 20 && requests.length === 0; i++) await settled();
  assert.equal(requests[0].name, 'mine');
});
