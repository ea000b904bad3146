import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as buffer from 'node:buffer';
import { afterEach, beforeEach, test } from 'node:test';
import { limits } from '../generated/protocol.js';
import { Emitter } from '../lib/emitter.js';
import { stopClock } from '../test/clock.js';
import { InkdriftError } from '../lib/errors.js';
import { DataReader, arraysName, inspect, packFiles, suggestName, tooMany } from './data-reader.js';

/** @type {any} */ (globalThis).File ??= buffer.File; // Node 18 has no global one

const named = (/** @type {string} */ name, content = 'x', type = '') => ({
  name,
  file: new File([content], name.split('/').at(-1) ?? '', { type }),
});

/** What the engine says of files. @param {any} [more] @returns {any} */
const found = (more) => ({
  kind: 'idx',
  shape: [1, 28, 28],
  train: 9,
  validation: 1,
  classes: [],
  plain: [],
  turned: false,
  unsure: false,
  passed: 0,
  leftOut: [],
  ...more,
});

/** A reader that answers so, and what it was asked. @param {any} head @param {ArrayBuffer[]} [bufs] */
function answering(head, bufs = []) {
  /** @type {any[]} */
  const asked = [];
  const request = async (/** @type {any[]} */ ...args) => {
    asked.push(args);
    if (head instanceof Error) throw head;
    return { head, bufs };
  };
  return { asked, reader: /** @type {any} */ ({ request }) };
}

test('files are what the engine finds in them: a set as it came, in another form, or pictures', async () => {
  const given = [named('README'), named('labels', 'yy'), named('images', 'xxx')];
  const plain = answering(found({ plain: [2, 1, -1, -1] }));
  const { files } = await inspect(plain.reader, given);
  assert.deepEqual(
    files?.map((f) => f && [f.name, new TextDecoder().decode(f.bytes)]),
    [['images', 'xxx'], ['labels', 'yy'], null, null],
  );
  const [type, fields, packed, , give] = plain.asked[0];
  assert.deepEqual([type, fields, give], ['data.inspect', {}, true]);
  assert.equal(new TextDecoder().decode(packed[1]), 'xyyxxx');

  const other = answering(found(), [new ArrayBuffer(5), new ArrayBuffer(0), new ArrayBuffer(3), new ArrayBuffer(2)]);
  assert.deepEqual(
    (await inspect(other.reader, given, { turn: 'never' })).files?.map((f) => f?.bytes.byteLength ?? null),
    [5, null, 3, 2],
  );
  assert.deepEqual(other.asked[0][1], { turn: 'never' });
  assert.equal((await inspect(answering(found({ kind: 'album' })).reader, given)).files, null);

  const leftOut = [{ name: 'README', files: 1, why: 'not-data', message: '' }];
  const error = Object.assign(new InkdriftError('too-large', 'much', 'images'), { leftOut });
  await assert.rejects(inspect(answering(error).reader, given), { code: 'data-too-large', field: 'images', leftOut });
  await assert.rejects(inspect(answering(new InkdriftError('web-page', 'x')).reader, given), { code: 'web-page' });
});

test('a set in arrays has the name that its files have without the words for its parts', () => {
  const name = (/** @type {string[]} */ ...names) =>
    arraysName(
      names.map((n) => named(n)),
      found({ leftOut: [{ name: 'README' }] }),
    );
  assert.equal(name('qmnist-train-images-idx3-ubyte.gz', 'qmnist-train-labels-idx2-int.gz'), 'qmnist');
  assert.equal(name('emnist-letters-train-images-idx3-ubyte.gz'), 'emnist-letters');
  assert.equal(name('mnist_train.csv', 'mnist_test.csv'), 'mnist');
  assert.equal(name('README', 'kmnist/train.npz'), 'train');
  assert.equal(name('mine/digits.csv'), 'digits.csv', 'digits are those that are generated');
});

test('a set has the name of its folder, its archive or its first file', () => {
  const name = (/** @type {string[]} */ ...names) => suggestName(names.map((n) => named(n)));
  assert.equal(name('cats/a.png', 'cats/more/b.png'), 'cats');
  assert.equal(name('cats/a.png', 'dogs/b.png'), 'a +1');
  assert.equal(name('a.png', 'b.png', 'c.png'), 'a +2');
  assert.equal(name('album.zip', 'more.zip'), 'album');
  assert.equal(name('photo.jpg'), 'photo');
  assert.equal(name('cifar-10-binary.tar.gz'), 'cifar-10-binary');
});

test('files are packed as a list and their contents; too large a picture comes without most of it', async () => {
  const [list, contents] = await packFiles([named('a/b.png', 'one'), named('c.zip', 'three')]);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(list)), [
    { name: 'a/b.png', bytes: 3 },
    { name: 'c.zip', bytes: 5 },
  ]);
  assert.equal(new TextDecoder().decode(contents), 'onethree');
  const file = (/** @type {number} */ size) =>
    /** @type {any} */ ({ size, type: '', slice: (/** @type {number} */ _, /** @type {number} */ end) => ({ size: end }) });
  await assert.rejects(packFiles([{ name: 'a.zip', file: file(limits.bytes + 1) }]), { code: 'data-too-large', field: 'files' });
  const said = JSON.parse(readFileSync(new URL('../locales/en.json', import.meta.url), 'utf8'))['error.data-too-large'];
  assert.ok(said.includes(`${limits.bytes >> 20} MB`), 'the sentence says how much is read');
  // Four pictures of 1 GB count as 64 MiB and a byte each, which is too much; but not their whole size.
  const pictures = Array.from({ length: 4 }, () => ({ name: 'p.png', file: file(1 << 30) }));
  await assert.rejects(packFiles(pictures), { message: new RegExp(`^${4 * ((64 << 20) + 1)} bytes`) });
});

test('of more than can be read, what is no set is left out, then what is packed beside what is not, then larger sets', () => {
  const mega = 1 << 20;
  const file = (/** @type {string} */ name, /** @type {number} */ size, type = '') => ({
    name,
    file: /** @type {any} */ ({ size: size * mega, type }),
  });
  const cifar = ['data_batch_1', 'data_batch_2', 'test_batch'].map((n) => file(`cifar-10-batches-bin/${n}.bin`, 61));
  const emnist = (/** @type {string} */ of, /** @type {number} */ size) =>
    ['train-images-idx3', 'test-images-idx3', 'train-labels-idx1'].map((part, i) =>
      file(`raw/emnist-${of}-${part}-ubyte`, i === 0 ? size : 1),
    );
  for (const [given, left] of /** @type {[any[], string[]][]} */ ([
    [[file('a.mp4', 100), file('train-images-idx3-ubyte', 45)], []],
    [
      [file('a.mp4', 900), file('train-images-idx3-ubyte', 45), file('b', 900, 'video/x')],
      ['a.mp4', 'b'],
    ],
    [[file('backup.dat', 900), file('train-images-idx3-ubyte', 45)], ['backup.dat']],
    [[file('train-images', 900), file('README', 0)], []],
    [[file('cifar-10-binary.tar.gz', 170), ...cifar], ['cifar-10-binary.tar.gz']],
    [
      [file('raw/gzip.zip', 560), ...emnist('byclass', 540), ...emnist('digits', 180), ...emnist('mnist', 45)],
      ['raw/gzip.zip', ...emnist('byclass', 0).map((f) => f.name)],
    ],
    // Nothing of these is a stray.
    [[file('x_train.npy', 300), file('y_train.npy', 1), file('x_test.npy', 40)], []],
    [[file('cats.zip', 200), file('dogs.zip', 200)], []],
    [[file('a.zip', 400), file('README', 0)], []],
    [Array.from({ length: 60 }, (_, i) => file(`${i}.jpg`, 5)), []],
  ]))
    assert.deepEqual(
      tooMany(given).map((f) => f.name),
      left,
    );
});

test('what the browser cannot read spoils nothing, and is named', async () => {
  const dead = { ...named('link'), file: /** @type {any} */ (new File(['x'], 'link')) };
  dead.file.slice = () => ({ arrayBuffer: async () => assert.fail('gone') });
  const blob = globalThis.Blob;
  // As browsers do: one file that is gone makes all of them unreadable.
  globalThis.Blob = /** @type {any} */ (
    class {
      constructor(/** @type {any[]} */ parts) {
        this.arrayBuffer = async () => (parts.includes(dead.file) ? Promise.reject(new Error('gone')) : new blob(parts).arrayBuffer());
      }
    }
  );
  try {
    const other = answering(
      found({ plain: [1, -1, -1, -1], passed: 1, leftOut: [{ name: 'README', files: 1, why: 'not-data', message: '' }] }),
    );
    const given = [named('README'), dead, { ...named('secret'), unreadable: true }, named('images', 'xxx')];
    const { head, files, left, given: taken } = await inspect(other.reader, given);
    assert.deepEqual(
      head.leftOut.map(({ name, why }) => [name, why]),
      [
        ['secret', 'unreadable'],
        ['link', 'unreadable'],
        ['README', 'not-data'],
      ],
    );
    assert.deepEqual([head.passed, left.length, taken.length, files?.[0]?.name], [3, 2, 2, 'images']);
    await assert.rejects(inspect(other.reader, [dead]), { code: 'file-unreadable' });
  } finally {
    globalThis.Blob = blob;
  }
});

/** @type {ReturnType<typeof stopClock>} */
let clock;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => clock.release());

/** @type {any} */
const sheet = {};

class FakeEngine extends Emitter {
  started = false;
  stopped = false;
  /** @type {((v: any) => void)[]} */
  answers = [];
  start() {
    this.started = true;
  }
  stop() {
    this.stopped = true;
  }
  request() {
    return new Promise((resolve) => this.answers.push(resolve));
  }
}

function reader() {
  /** @type {FakeEngine[]} */
  const engines = [];
  const it = new DataReader(() => {
    const engine = new FakeEngine();
    engines.push(engine);
    return /** @type {any} */ (engine);
  });
  return { reader: it, engines };
}

test('its worker starts with the first request and ends when it is idle for 20 s', async () => {
  const { reader: r, engines } = reader();
  /** @type {number[]} */
  const progress = [];
  const first = r.request('data.sheet', sheet, [], (part) => progress.push(part));
  const second = r.request('data.sheet', sheet);
  assert.equal(engines.length, 1);
  assert.ok(engines[0].started);
  engines[0].emit('data', { done: 1, of: 4 });
  engines[0].emit('data', { done: 0, of: 0 });
  assert.deepEqual(progress, [0.25, 0]);
  engines[0].answers[0]('a');
  assert.equal(await first, 'a');
  clock.tick(60_000);
  assert.equal(engines[0].stopped, false, 'another request is open');
  engines[0].answers[1]('b');
  await second;
  engines[0].emit('data', { done: 4, of: 4 });
  assert.equal(progress.length, 2, 'a request that is done gets no progress');
  clock.tick(19_999);
  assert.equal(engines[0].stopped, false);
  clock.tick(1);
  assert.equal(engines[0].stopped, true);
  void r.request('data.sheet', sheet);
  assert.equal(engines.length, 2);
});

test('after its worker has failed the next request starts another', () => {
  const { reader: r, engines } = reader();
  void r.request('data.sheet', sheet);
  engines[0].emit('state', 'failed');
  void r.request('data.sheet', sheet);
  assert.equal(engines.length, 2);
  engines[0].emit('state', 'failed'); // late
  void r.request('data.sheet', sheet);
  assert.equal(engines.length, 2);
  r.stop();
  assert.ok(engines[1].stopped);
});

test('an engine that is held ready starts at once, comes back after it was ended, and ends when it is let go', () => {
  const { reader: r, engines } = reader();
  r.hold(true);
  assert.equal(engines.length, 1);
  clock.tick(60_000);
  assert.equal(engines[0].stopped, false);
  r.stop();
  assert.ok(engines[0].stopped);
  clock.tick(1000);
  assert.equal(engines.length, 2);
  r.hold(false);
  clock.tick(19_999);
  assert.equal(engines[1].stopped, false);
  clock.tick(1);
  assert.ok(engines[1].stopped);
  clock.tick(60_000);
  assert.equal(engines.length, 2);
  r.prepare();
  assert.equal(engines.length, 3);
  clock.tick(20_000);
  assert.ok(engines[2].stopped, 'nobody came');
});
