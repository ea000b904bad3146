/** Choosing data: the list, files of one's own and what becomes of them, what is known of a set, examples before a run. */
import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { test } from 'node:test';
import { InkdriftError } from '../../lib/errors.js';
import { byTest, english, enter, makeDocument, painted, settle, until } from '../../test/dom.js';
import { makeSession } from '../../test/fake-session.js';
import { DataCatalog } from '../../training/data-catalog.js';

/** What the engine says of files. @param {any} [more] */
const foundOf = (more) => ({
  kind: 'idx',
  shape: [1, 28, 28],
  train: 18,
  validation: 2,
  test: 0,
  classes: [],
  plain: [],
  turned: false,
  unsure: false,
  passed: 0,
  leftOut: [],
  ...more,
});

/** A file of some bytes. @param {string} name @param {string} [type] @returns {{name: string, file: any}} */
const given = (name, type = 'image/png') => ({ name, file: new File([new Uint8Array(5)], name.split('/').at(-1) ?? '', { type }) });

/** What the engine says of a sheet of pictures. @param {any} [more] */
const sheetOf = (more) => ({
  width: 12,
  height: 3,
  shape: [1, 1, 1],
  train: 80,
  validation: 10,
  test: 10,
  classes: [],
  report: null,
  ...more,
});

/** Where data is chosen, over a catalog in memory, with an engine that the test answers for. */
async function setUp(
  /** @type {import('node:test').TestContext} */ t,
  { served = /** @type {any[]} */ ([]), open = false, storage = Promise.resolve() } = {},
) {
  makeDocument({ fragment: '' });
  const { DataChooser } = await import('./data-chooser.js');
  const i18n = await english();
  t.mock.method(globalThis, 'fetch', async () => new Response(JSON.stringify({ sets: served })));
  /** @type {any[]} */
  const saved = [];
  const sets = {
    list: async () => {
      await storage;
      return saved;
    },
    save: async (/** @type {any} */ s) => void saved.push({ ...s, id: s.name, bytes: 2_500_000 }),
    open: async (/** @type {string} */ id) => ({
      files: saved.find((s) => s.id === id).files.map((/** @type {any} */ f) => f?.bytes ?? new ArrayBuffer(0)),
    }),
    remove: async (/** @type {string} */ id) =>
      void saved.splice(
        saved.findIndex((s) => s.id === id),
        1,
      ),
  };
  /** @type {any[]} */
  const errors = [];
  const fail = (/** @type {any} */ e) => void errors.push(e);
  const catalog = new DataCatalog(/** @type {any} */ (sets), 'http://localhost/', fail);
  /** @type {{type: string, fields: any, bufs: ArrayBuffer[], progress: (part: number) => void, answer: (head: any, ...bufs: Uint8Array[]) => Promise<void>, fail: (code: string, leftOut?: any[]) => Promise<void>}[]} */
  const asked = [];
  let stopped = 0;
  /** @type {boolean[]} */
  const held = [];
  const reader = /** @type {any} */ ({
    request: (/** @type {string} */ type, /** @type {any} */ fields, /** @type {ArrayBuffer[]} */ bufs = [], progress = () => {}) =>
      new Promise((resolve, reject) =>
        asked.push({
          ...{ type, fields, bufs, progress },
          answer: (head, ...out) => {
            resolve({ head, bufs: out.map((b) => b.buffer) });
            return settle();
          },
          fail: (code, leftOut = []) => {
            reject(Object.assign(new InkdriftError(code, 'in words', 'b.png'), { leftOut }));
            return settle();
          },
        }),
      ),
    stop: () => stopped++,
    prepare: () => {},
    hold: (/** @type {boolean} */ on) => void held.push(on),
  });
  const { training } = makeSession();
  const store = new Map([['data-about', open]]);
  /** @type {[string, any][]} */
  const said = [];
  let shaped = 0;
  const chooser = new DataChooser({
    ...{ i18n, training, catalog, reader, fail },
    colours: () => ({ paper: '#ffffff', ink: '#000000', line: '#888888' }),
    store: /** @type {any} */ (store),
    status: /** @type {any} */ ({ say: (/** @type {string} */ key, /** @type {any} */ values) => said.push([key, values]) }),
    set: (part) => {
      training.set(part);
      chooser.show();
    },
    shaped: () => void shaped++,
  });
  document.body.append(chooser.select, chooser.element, chooser.tools, chooser.summary);
  await settle();
  await settle();
  const options = () => [...chooser.select.options].map((o) => o.textContent);
  /** The request that was made last, when there are so many. @param {number} n */
  const request = (n) => until(() => asked.length >= n && asked[n - 1]);
  return {
    chooser,
    training,
    catalog,
    saved,
    asked,
    request,
    errors,
    said,
    store,
    options,
    i18n,
    fail,
    reader,
    stops: () => stopped,
    held,
  };
}

test('the list has what is made here, what is served with its size, and files and folders of one’s own', async (t) => {
  const { options, chooser, training, errors } = await setUp(t, {
    served: [{ name: 'mnist', bytes: 11_300_000, files: [{ role: 'trainImages', path: 'mnist/images', bytes: 9 }] }],
  });
  await until(() => options().some((o) => o?.startsWith('mnist')));
  assert.deepEqual(options(), [
    ...['Synthetic digits', 'Synthetic faces', 'Synthetic textures, grey', 'Synthetic textures, colour', 'Synthetic materials, grey'],
    ...['Synthetic materials, colour', 'mnist (download, 11.3 MB)', 'Open files …', 'Open a folder …'],
  ]);
  assert.equal(chooser.select.value, 'digits');
  enter(chooser.select, 'mnist');
  assert.equal(training.settings.data, 'mnist');
  assert.equal(byTest('forget-data').hidden, true, 'it is not kept yet');
  assert.deepEqual(errors, []);
});

test('files and folders are chosen from the list, which stays at the set in use', async (t) => {
  const { chooser, training } = await setUp(t);
  /** @type {string[]} */
  const clicked = [];
  chooser.element.addEventListener('click', (e) => {
    const input = /** @type {any} */ (e.target);
    clicked.push(input.webkitdirectory ? 'folder' : 'files');
  });
  enter(chooser.select, '');
  enter(chooser.select, '/');
  byTest('own-choose').click();
  assert.deepEqual(clicked, ['files', 'folder', 'files']);
  assert.deepEqual([chooser.select.value, training.settings.data], ['digits', 'digits']);
});

/** Gives files, and has the engine say what they are. */
async function take(
  /** @type {any} */ { chooser, asked, request },
  /** @type {any[]} */ files,
  /** @type {any} */ found,
  /** @type {Uint8Array[]} */ ...bufs
) {
  const n = asked.length + 1;
  const taken = chooser.take(files);
  const first = await request(n);
  assert.equal(first.type, 'data.inspect');
  await first.answer(foundOf(found), ...bufs);
  await taken;
  await settle();
}

test('a set is chosen once it was read, is kept, tells what was passed over, and can be removed', async (t) => {
  const at = await setUp(t);
  const { chooser, training, saved, errors, said, request } = at;
  const files = [given('README', ''), given('bars-images-idx3-ubyte', ''), given('bars-labels-idx1-ubyte', '')];
  const taken = chooser.take(files);
  const first = await request(1);
  assert.equal(training.settings.data, 'digits', 'not before it was read');
  assert.match(chooser.element.textContent ?? '', /Reading the files/);
  const leftOut = [
    { name: 'README', files: 1, why: 'not-data', what: 'text' },
    { name: '.DS_Store', files: 3, why: 'system' },
  ];
  await first.answer(foundOf({ plain: [1, 2, -1, -1], passed: 4, leftOut }));
  await taken;
  const name = 'bars';
  assert.equal(training.settings.data, name);
  await until(() => chooser.select.value === name && !byTest('forget-data').hidden);
  assert.deepEqual([saved.length, said], [1, [['pictures.ready', { name }]]]);
  assert.equal(
    byTest('data-passed').textContent,
    '4 files left out: README (not part of a data set), .DS_Store and 2 more (a system file).',
  );
  assert.equal(byTest('data-counts').textContent, '18 for training, 2 for validation; 28 × 28, grey');
  document.body.append(chooser.select, chooser.tools);
  byTest('forget-data').focus();
  byTest('forget-data').click();
  await until(() => byTest('forget-data').hidden && chooser.select.value === 'digits');
  assert.equal(document.activeElement, chooser.select, 'the focus goes on');
  assert.equal(saved.length, 0);
  assert.equal(training.settings.data, 'digits');
  assert.equal(byTest('data-passed').hidden, true);
  assert.deepEqual(errors, []);
});

test('what is refused is not chosen, and each file is named with the reason', async (t) => {
  const { chooser, training, errors, request } = await setUp(t);
  const taken = chooser.take([given('page.gz', ''), given('x.rar', '')]);
  const leftOut = [
    { name: 'page.gz', files: 1, why: 'web-page' },
    { name: 'x.rar', files: 1, why: 'format', what: 'RAR' },
  ];
  await (await request(1)).fail('bad-data', leftOut);
  await taken;
  assert.equal(errors[0].code, 'bad-data');
  assert.equal(training.settings.data, 'digits');
  assert.equal(byTest('data-passed').textContent, '2 files left out: page.gz (a web page, not a data file), x.rar (RAR is not read here).');
  // What is chosen next counts.
  const old = chooser.take([given('a', '')]);
  const first = await request(2);
  const next = chooser.take([given('b', '')]);
  const second = await request(3);
  await second.answer(foundOf(), new Uint8Array(9), new Uint8Array(0), new Uint8Array(0), new Uint8Array(0));
  await first.answer(foundOf(), new Uint8Array(8), new Uint8Array(0), new Uint8Array(0), new Uint8Array(0));
  await Promise.all([old, next]);
  await settle();
  assert.equal(training.settings.data, 'b');
});

test('a set that could be read once and cannot any more does not stay chosen, and can be removed', async (t) => {
  const at = await setUp(t);
  const { chooser, training, saved } = at;
  await take(at, [given('b', '')], {}, ...[9, 0, 0, 0].map((n) => new Uint8Array(n)));
  await until(() => chooser.select.value === 'b');
  chooser.failed(new InkdriftError('engine-died', 'x'));
  assert.equal(training.settings.data, 'b');
  for (const [code, field, ofData] of /** @type {[string, string, boolean][]} */ ([
    ['storage-damaged', 'b', true],
    ['storage-failed', 'b', true],
    ['data-missing', 'b', true],
    ['bad-data', 'training images', false],
    ['too-large', 'test images', false],
  ])) {
    enter(chooser.select, 'b');
    await until(() => training.settings.data === 'b');
    chooser.failed(Object.assign(new InkdriftError(code, 'x', field), { ofData }));
    assert.equal(training.settings.data, 'digits', code);
  }
  enter(chooser.select, 'b');
  await until(() => !byTest('forget-data').hidden);
  byTest('forget-data').click();
  await until(() => saved.length === 0);
});

test('where nothing tells whether pictures lie on their side, somebody is asked', async (t) => {
  const at = await setUp(t);
  const { request } = at;
  await take(at, [given('letters.npz', '')], { unsure: true }, ...[20, 9, 0, 0].map((n) => new Uint8Array(n)));
  assert.equal(byTest('own-pictures').hidden, false);
  assert.deepEqual([byTest('own-turn').value, byTest('own-turn').closest('label').hidden], ['never', false]);
  assert.match(byTest('own-pictures').textContent, /Nothing tells/);
  assert.equal((await request(2)).type, 'data.sheet');
});

test('pictures that lie on their side are shown turned first, and taken as somebody wants them', async (t) => {
  const at = await setUp(t);
  const { training, request, asked, saved } = at;
  const bufs = (/** @type {number} */ fill) => [20, 9, 0, 0].map((n) => new Uint8Array(n).fill(fill));
  await take(at, [given('emnist-letters-train-images-idx3-ubyte', '')], { turned: true }, ...bufs(1));
  const panel = byTest('own-pictures');
  assert.equal(panel.hidden, false);
  assert.equal(panel.querySelector('h3').textContent, 'Your pictures: emnist-letters');
  assert.ok(byTest('own-size').closest('label').hidden && !byTest('own-turn').closest('label').hidden);
  const sheet = await request(2);
  assert.deepEqual([sheet.type, sheet.fields.data.kind, sheet.bufs[0].byteLength], ['data.sheet', 'idx', 20]);
  await sheet.answer(sheetOf(), new Uint8Array(4 * 12 * 3));
  enter(byTest('own-turn'), 'never');
  const again = await request(3);
  assert.deepEqual([again.type, again.fields.turn], ['data.inspect', 'never']);
  await again.answer(foundOf(), ...bufs(2));
  await (await request(4)).answer(sheetOf(), new Uint8Array(4 * 12 * 3));
  byTest('own-use').click();
  await until(() => training.settings.data === 'emnist-letters');
  assert.deepEqual([asked.length, training.settings.preset, new Uint8Array(saved[0].files[0].bytes)[0]], [4, 'quick', 2]);
});

test('what reads files is held ready while nothing else is to be computed', async (t) => {
  const { chooser, held } = await setUp(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  chooser.idle(true);
  chooser.idle(true);
  t.mock.timers.tick(1499);
  assert.deepEqual(held, []);
  t.mock.timers.tick(1);
  assert.deepEqual(held, [true]);
  chooser.idle(false);
  assert.deepEqual(held, [true, false]);
  chooser.idle(true);
  chooser.idle(false);
  t.mock.timers.tick(9000);
  assert.deepEqual(held, [true, false, false]);
});

test('a set is described: what it is, how many pictures, classes; its examples are painted when that is opened', async (t) => {
  const { chooser, asked, request, training, store } = await setUp(t);
  assert.equal(byTest('data-counts').textContent, '20,000 for training, 2,000 for validation; 28 × 28, grey');
  assert.match(chooser.summary.textContent ?? '', /Handwritten digits generated in this page/);
  assert.equal(asked.length, 0);
  /** @type {any} */ (chooser.summary).open = true;
  await until(() => store.get('data-about') === true);
  const first = await request(1);
  assert.deepEqual([first.type, first.fields.data.kind, first.fields.byClass, first.fields.rows], ['data.sheet', 'digits', true, 10]);
  const sheet = byTest('data-sheet');
  assert.equal(sheet.hidden, true);
  await first.answer(sheetOf({ width: 1, height: 1 }), Uint8Array.of(255, 255, 255, 255));
  assert.equal(sheet.hidden, false);
  assert.equal(sheet.getAttribute('aria-label'), 'Example pictures, one row per class');
  assert.deepEqual([...(painted(sheet) ?? [])], [0, 0, 0, 255], 'drawings are in ink');
  enter(chooser.select, 'faces');
  const second = await request(2);
  assert.equal(byTest('data-counts').textContent, `20,000 for training, 2,000 for validation; 32 × 32, colour`);
  assert.match(chooser.summary.textContent ?? '', /Classes: calm, happy, laughing/);
  enter(chooser.select, 'textures');
  const third = await request(3);
  await second.answer(sheetOf({ width: 1, height: 1, shape: [3, 1, 1] }), Uint8Array.of(9, 9, 9, 255));
  assert.deepEqual([...(painted(sheet) ?? [])], [0, 0, 0, 255], 'what comes late is of another set');
  await third.answer(sheetOf({ width: 1, height: 1 }), Uint8Array.of(7, 7, 7, 255));
  assert.deepEqual([...(painted(sheet) ?? [])], [7, 7, 7, 255], 'light is as it is');
  chooser.show();
  await settle();
  assert.equal(asked.length, 3, 'it is painted once');
  training.set({ images: 500 });
  chooser.show();
  assert.match(byTest('data-counts').textContent, /^500 for training/);
});

test('examples that cannot be painted are told of and asked for again', async (t) => {
  const { chooser, request, errors } = await setUp(t, { open: true });
  chooser.show();
  await (await request(1)).fail('engine-died');
  assert.equal(errors[0].code, 'engine-died');
  chooser.show();
  await request(2);
});

test('pictures of one’s own: examples first, again with other choices, then all are read and become the set that is trained on', async (t) => {
  const at = await setUp(t);
  const { chooser, training, asked, request, said, saved, stops } = at;
  await take(at, [given('cats/one/a.png'), given('cats/two/b.png')], { kind: 'album' });
  asked.splice(0, 1);
  const panel = byTest('own-pictures');
  assert.equal(panel.hidden, false);
  assert.equal(panel.querySelector('h3').textContent, 'Your pictures: cats');
  assert.equal(document.activeElement, panel.querySelector('h3'));
  assert.match(panel.textContent, /Folders are classes/);
  assert.ok(byTest('own-scale').closest('label').hidden && !byTest('own-fit').closest('label').hidden);
  assert.ok(byTest('own-use').disabled && byTest('own-said').textContent === 'Reading some of them …');
  const first = await request(1);
  assert.deepEqual(first.fields.data, { kind: 'album', name: 'cats', frame: { shape: [3, 32, 32], fit: 'crop' } });
  assert.deepEqual(JSON.parse(new TextDecoder().decode(first.bufs[0])), [
    { name: 'cats/one/a.png', bytes: 5 },
    { name: 'cats/two/b.png', bytes: 5 },
  ]);
  first.progress(0.4);
  assert.equal(panel.querySelector('progress').value, 0.4);
  enter(byTest('own-size'), '28');
  enter(byTest('own-colours'), '1');
  const third = await request(2);
  assert.deepEqual(third.fields.data.frame, { shape: [1, 28, 28], fit: 'crop' });
  const report = { files: 2, unreadable: 1, hidden: 0, leftOut: [{ name: 'cats/two/b.png', why: 'truncated' }] };
  await third.answer(sheetOf({ report }), new Uint8Array(4 * 12 * 3));
  await first.answer(sheetOf({ train: 1 }), new Uint8Array(4 * 12 * 3));
  assert.match(
    byTest('own-said').textContent,
    /^80 for training, 10 for validation, 10 for testing/,
    'what was asked first comes too late',
  );
  assert.match(byTest('own-left-out').textContent, /^1 file left out: cats\/two\/b\.png \(/);
  assert.equal(byTest('own-use').disabled, false);

  byTest('own-use').click();
  const read = await request(3);
  assert.equal(read.type, 'data.read');
  assert.equal(byTest('own-said').textContent, 'Reading all of them …');
  await read.answer(
    { ...sheetOf({ report }), shape: [1, 28, 28], train: 1000, classes: ['one', 'two'] },
    new Uint8Array(784),
    new Uint8Array(1),
    new Uint8Array(0),
    new Uint8Array(0),
  );
  await until(() => panel.hidden);
  assert.equal(stops(), 1, 'the memory is given back');
  assert.deepEqual([training.settings.data, training.settings.preset, training.settings.epochs], ['cats', 'pictures', 200]);
  assert.deepEqual(said, [['pictures.ready', { name: 'cats' }]]);
  assert.equal(chooser.select.value, 'cats');
  assert.deepEqual([saved[0].name, saved[0].info.classes, saved[0].info.origin], ['cats', ['one', 'two'], 'album']);
  assert.equal(byTest('data-counts').textContent, '1,000 for training, 10 for validation, 10 for testing; 28 × 28, grey');
  assert.match(byTest('data-left-out').textContent, /1 file left out/);
  assert.equal(asked.length, 3);
});

test('one photograph becomes patches, in grey for small textures; few pictures are seen often, many at least five times', async (t) => {
  const at = await setUp(t);
  const { training, request } = at;
  await take(at, [given('wall.jpg', 'image/jpeg')], { kind: 'patches' });
  const first = await request(2);
  assert.deepEqual(first.fields.data, { kind: 'patches', name: 'wall', frame: { shape: [3, 32, 32] }, scale: 2, count: 6000, seed: 1 });
  assert.ok(byTest('own-fit').closest('label').hidden && !byTest('own-count').closest('label').hidden);
  await first.answer(sheetOf({ train: 0, report: { files: 1, unreadable: 0, hidden: 0, leftOut: [] } }), new Uint8Array(4 * 12 * 3));
  assert.match(byTest('own-said').textContent, /^1 file: eight of ten/);
  byTest('own-use').click();
  await (await request(3)).answer({ ...sheetOf(), shape: [1, 28, 28], train: 1_000_000 }, ...[1, 0, 0, 0].map((n) => new Uint8Array(n)));
  await until(() => training.settings.data === 'wall');
  assert.deepEqual([training.settings.preset, training.settings.epochs], ['textures', 5]);
});

test('files with no picture in them say so where they were chosen; closing lets go of what is read', async (t) => {
  const at = await setUp(t);
  const { request, errors, stops, training } = at;
  await take(at, [given('a.png'), given('b.png')], { kind: 'album' });
  await (await request(2)).fail('bad-picture', [{ name: 'b.png', files: 1, why: 'damaged' }]);
  assert.equal(byTest('own-left-out').textContent, '1 file left out: b.png (damaged).');
  const alert = byTest('own-pictures').querySelector('[role=alert]');
  assert.equal(alert.hidden, false);
  assert.match(alert.textContent, /b\.png: in words/);
  assert.equal(byTest('own-said').textContent, 'There are no usable pictures in these files.');
  assert.equal(byTest('own-use').disabled, true);
  assert.deepEqual(errors, [], 'it is told here, not at the top of the page');
  await take(at, [given('a.png'), given('b.png')], { kind: 'album' });
  const late = await request(4);
  document.body.append(at.chooser.select);
  byTest('own-cancel').focus();
  byTest('own-cancel').click();
  assert.equal(document.activeElement, at.chooser.select, 'the focus goes on');
  assert.deepEqual([byTest('own-pictures').hidden, stops()], [true, 1]);
  await late.answer(sheetOf(), new Uint8Array(4 * 12 * 3));
  assert.equal(training.settings.data, 'digits');
});

test('before a run there are examples of the chosen set: from the example run, or painted by the engine', async (t) => {
  const { i18n, training, catalog, reader, request, asked, fail, errors } = await setUp(t);
  const { StartBand } = await import('./start-band.js');
  const band = new StartBand({
    i18n,
    training,
    reader,
    catalog,
    colours: () => ({ paper: '#ffffff', ink: '#000000', line: '#888' }),
    fail,
  });
  document.body.append(band.element);
  band.show();
  assert.equal(asked.length, 0, 'the example run may bring them');
  band.takeExample(
    /** @type {any} */ ({ settings: { data: 'digits' }, preview: { originals: new Float32Array(12 * 784), shape: [1, 28, 28] } }),
  );
  assert.equal(asked.length, 0);
  training.set({ preset: 'faces' });
  band.show();
  const { fields } = await request(1);
  assert.deepEqual([fields.data.kind, fields.columns, fields.rows], ['faces', 12, 1]);
  assert.match(byTest('start-data').textContent, /Data: Synthetic faces/);
  band.show();
  await settle();
  assert.equal(asked.length, 1);
  training.set({ data: 'gone' });
  band.show();
  await until(() => errors.length > 0);
  assert.equal(errors[0].code, 'data-missing');
  assert.match(byTest('start-data').textContent, /Data: gone/);
});

test('generated sets can be chosen before the storage has answered', async (t) => {
  let answer = () => {};
  const { chooser, saved, options } = await setUp(t, { storage: new Promise((done) => (answer = done)) });
  assert.ok(options().includes('Synthetic digits'), String(options()));
  assert.equal(chooser.select.value, 'digits');
  saved.push({ name: 'cats', id: 'cats', bytes: 5, files: [], info: null });
  answer();
  await until(() => options().includes('cats'));
});
