import assert from 'node:assert/strict';
import * as buffer from 'node:buffer';
import { test } from 'node:test';
import { makeDocument, settle } from '../test/dom.js';
import { listenForFiles } from './file-drop.js';

/** @type {any} */ (globalThis).File ??= buffer.File; // Node 18 has no global one

/** @param {string} name @param {string} [type] */
const file = (name, type = '') => /** @type {any} */ ({ name, type });

/** @param {any} view the view that is shown */
function setUp(view = {}) {
  makeDocument({ html: '<main><section class="side"><div class="pad" id="pad-a"></div></section><div id="zone"></div></main>' });
  /** @type {any[]} */
  const calls = [];
  const names = (/** @type {any[]} */ files) => files.map((f) => f.name + (f.unreadable ? ' (unreadable)' : '')).join(' ');
  listenForFiles({
    view: () => view,
    pictures: (files, target) => calls.push(`pictures ${names(files)} on ${target?.id}`),
    model: (f) => calls.push(`model ${f.name}`),
    data: (files) => calls.push(`data ${names(files)}`),
    onError: (e) => calls.push(`${e.code} ${e.field}`),
  });
  const fire = (/** @type {string} */ type, /** @type {any} */ more, id = 'pad-a') => {
    const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), more);
    document.getElementById(id)?.dispatchEvent(event);
    return event;
  };
  const drop = (/** @type {any[]} */ files, /** @type {any[]} */ items = [], id = 'zone') =>
    fire('drop', { dataTransfer: { files, items } }, id);
  return { calls, fire, drop };
}

test('files go where they belong', () => {
  const { calls, drop } = setUp();
  assert.equal(drop([file('a.png', 'image/png')]).defaultPrevented, true);
  drop([file('m.SAFETENSORS')]);
  drop([file('train-images-idx3-ubyte.gz'), file('t10k-labels')]);
  drop([file('album.zip')]);
  drop([file('digits.npz')]);
  drop([file('mnist.bz2')]);
  drop([file('IMG_1.HEIC')]);
  drop([file('notes.txt', 'text/plain')]);
  assert.equal(drop([]).defaultPrevented, false);
  assert.deepEqual(calls, [
    'pictures a.png on zone',
    'model m.SAFETENSORS',
    'data train-images-idx3-ubyte.gz t10k-labels',
    'data album.zip',
    'data digits.npz',
    'data mnist.bz2',
    'pictures IMG_1.HEIC on zone',
    'file-unknown notes.txt',
  ]);
});

test('the view that is shown may take pictures and models itself', () => {
  /** @type {string[]} */
  const taken = [];
  let wants = true;
  const { calls, drop } = setUp({
    takePictures(/** @type {any[]} */ files, /** @type {Element} */ target) {
      taken.push(`${files.length} on ${target.id}`);
      return wants;
    },
    takeModel(/** @type {any} */ f) {
      taken.push(f.name);
      return wants;
    },
  });
  const pictures = [file('a.png', 'image/png'), file('b.jpg', 'image/jpeg')];
  drop(pictures);
  drop([file('m.safetensors')]);
  assert.deepEqual(calls, []);
  wants = false;
  drop(pictures);
  drop([file('m.safetensors')]);
  assert.deepEqual(calls, ['pictures a.png b.jpg on zone', 'model m.safetensors']);
  assert.deepEqual(taken, ['2 on zone', 'm.safetensors', '2 on zone', 'm.safetensors']);
});

test('where data is taken, what a file is matters and not what it is called; it is prepared for when files come near', () => {
  let prepared = 0;
  const { calls, drop, fire } = setUp({ takeData: () => {}, prepareData: () => void prepared++ });
  drop([file('data_batch_1'), file('readme.html', 'text/html')]);
  drop([file('m.safetensors')]);
  assert.deepEqual(calls, ['data data_batch_1 readme.html', 'model m.safetensors']);
  fire('dragover', { dataTransfer: { types: ['Files'] } });
  assert.equal(prepared, 1);
});

test('what is dropped on a pad stays with the pad', async () => {
  const never = () => assert.fail('the pad takes it');
  const { calls, drop } = setUp({ takePictures: never, takeModel: never });
  drop([file('a.png', 'image/png'), file('b.png', 'image/png')], [], 'pad-a');
  drop([file('m.safetensors')], [], 'pad-a');
  drop([file('train-images-idx3-ubyte.gz')], [], 'pad-a');
  drop([file('digits.csv', 'text/csv')], [], 'pad-a');
  drop([file('seven')], [], 'pad-a');
  await settle();
  drop([file('notes.txt', 'text/plain')], [], 'pad-a');
  assert.deepEqual(calls, [
    'pictures a.png b.png on pad-a',
    'model m.safetensors',
    'pictures seven on pad-a',
    'file-of-data train-images-idx3-ubyte.gz',
    'file-of-data digits.csv',
    'file-unknown notes.txt',
  ]);
});

test('of an archive on a pad it is said where it belongs only if there may be data in it', async () => {
  const { calls, drop } = setUp();
  const list = (/** @type {string} */ name) => {
    const bytes = new Uint8Array(46 + name.length + 22);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x02014b50, true);
    view.setUint16(28, name.length, true);
    bytes.set(new TextEncoder().encode(name), 46);
    view.setUint32(46 + name.length, 0x06054b50, true);
    view.setUint16(56 + name.length, 1, true);
    view.setUint32(58 + name.length, 46 + name.length, true);
    return bytes;
  };
  for (const [name, content] of /** @type {[string, any][]} */ ([
    ['album.zip', list('a.png')],
    ['papers.zip', list('a.docx')],
    ['torn.zip', 'PK'],
  ])) {
    drop([new buffer.File([content], name)], [], 'pad-a');
    const before = calls.length;
    for (let i = 0; i < 50 && calls.length === before; i++) await settle();
  }
  assert.deepEqual(calls, ['file-of-data album.zip', 'no-data papers.zip', 'no-archive torn.zip']);
});

test('what is pasted goes to the pad, whatever the view takes when it is dropped', () => {
  const { calls, fire } = setUp({ takePictures: () => true });
  const event = fire('paste', { clipboardData: { files: [file('p.png', 'image/png')] } });
  assert.equal(event.defaultPrevented, true);
  assert.match(calls[0], /^pictures p.png/);
  assert.equal(fire('paste', { clipboardData: { files: [] } }).defaultPrevented, false, 'text is left to the browser');
});

/** A dropped folder, whose entries come two at a time. @param {string} path @param {any[]} entries */
function folder(path, entries) {
  return {
    isDirectory: true,
    name: path.split('/').at(-1),
    fullPath: path,
    createReader() {
      const left = [...entries];
      return { readEntries: (/** @type {(some: any[]) => void} */ ok) => ok(left.splice(0, 2)) };
    },
  };
}

/** @param {string} path */
const entry = (path) => ({ isDirectory: false, fullPath: path, file: (/** @type {any} */ ok) => ok(file(path)) });

test('a folder is data: all files of it and of the folders in it, under their names with folders', async () => {
  const { calls, drop } = setUp();
  const tree = folder('/cats', [entry('/cats/1.png'), entry('/cats/2.png'), folder('/cats/small', [entry('/cats/small/3.png')])]);
  drop([file('cats'), file('loose.png')], [{ webkitGetAsEntry: () => tree }]);
  await settle();
  assert.deepEqual(calls, ['data cats/1.png cats/2.png cats/small/3.png loose.png']);
});

test('a folder that cannot be read, or has too many files, is told of', async () => {
  const { calls, drop } = setUp();
  const broken = {
    isDirectory: false,
    fullPath: '/cats/1.png',
    file: (/** @type {any} */ _ok, /** @type {any} */ no) => no(new Error('gone')),
  };
  const locked = {
    ...folder('/cats/locked', []),
    createReader: () => ({ readEntries: (/** @type {any} */ _ok, /** @type {any} */ no) => no(new Error('gone')) }),
  };
  drop([file('cats')], [{ webkitGetAsEntry: () => folder('/cats', [broken]) }]);
  await settle();
  const left = [Array.from({ length: 20_001 }, (_, i) => entry(`/many/${i}.png`)), []];
  const many = { ...folder('/many', []), createReader: () => ({ readEntries: (/** @type {any} */ ok) => ok(left.shift()) }) };
  drop([file('many')], [{ webkitGetAsEntry: () => many }]);
  for (let i = 0; i < 100 && calls.length < 2; i++) await settle();
  assert.deepEqual(calls, ['file-unreadable /cats/1.png', 'too-large files']);
  // One that cannot be read is a stray.
  drop([file('cats')], [{ webkitGetAsEntry: () => folder('/cats', [broken, entry('/cats/2.png'), locked]) }]);
  for (let i = 0; i < 100 && calls.length < 3; i++) await settle();
  assert.equal(calls[2], 'data cats/1.png (unreadable) cats/2.png cats/locked (unreadable)');
});

test('while files are dragged the place that takes them is highlighted', () => {
  const { fire } = setUp({ dropTarget: () => document.getElementById('zone') });
  const lit = () => document.querySelector('.dropping')?.id;
  fire('dragover', { dataTransfer: { types: ['Files'] } });
  assert.equal(lit(), 'pad-a');
  fire('dragover', { dataTransfer: { types: ['Files'] } }, 'zone');
  assert.equal(lit(), 'zone');
  fire('dragleave', { relatedTarget: null });
  assert.equal(lit(), undefined);
  fire('dragover', { dataTransfer: { types: ['text/plain'] } });
  assert.equal(lit(), undefined);
});
