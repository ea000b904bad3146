import assert from 'node:assert/strict';
import * as buffer from 'node:buffer';
import { afterEach, beforeEach, test } from 'node:test';
import { limits } from '../generated/protocol.js';
import { Emitter } from '../lib/emitter.js';
import { stopClock } from '../test/clock.js';
import { DataReader, importKind, packFiles, suggestName } from './data-reader.js';

/** @type {any} */ (globalThis).File ??= buffer.File; // Node 18 has no global one

const named = (/** @type {string} */ name, content = 'x', type = '') => ({
  name,
  file: new File([content], name.split('/').at(-1) ?? '', { type }),
});

test('how files are imported', () => {
  const kind = (/** @type {[string, string?][]} */ ...files) => importKind(files.map(([name, type]) => named(name, 'x', type)));
  assert.equal(kind(['a.jpg']), 'patches');
  assert.equal(kind(['photo', 'image/webp']), 'patches');
  assert.equal(kind(['a.jpg'], ['b.PNG']), 'album');
  assert.equal(kind(['a.zip']), 'album');
  assert.equal(kind(['train-images-idx3-ubyte.gz'], ['train-labels-idx1-ubyte.gz']), 'idx');
  assert.equal(kind(['notes.txt']), 'idx');
  const cifar = { name: 'data_batch_1.bin', file: new File([new Uint8Array(2 * 3073)], 'data_batch_1.bin') };
  assert.equal(importKind([cifar]), 'cifar');
  assert.equal(importKind([cifar, named('readme.bin')]), 'idx', 'not all of them have whole records');
});

test('a set has the name of its folder, its archive or its first file', () => {
  const name = (/** @type {string[]} */ ...names) => suggestName(names.map((n) => named(n)));
  assert.equal(name('cats/a.png', 'cats/more/b.png'), 'cats');
  assert.equal(name('cats/a.png', 'dogs/b.png'), 'a +1');
  assert.equal(name('a.png', 'b.png', 'c.png'), 'a +2');
  assert.equal(name('album.zip', 'more.zip'), 'album');
  assert.equal(name('photo.jpg'), 'photo');
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
  await assert.rejects(packFiles([{ name: 'a.zip', file: file(limits.bytes + 1) }]), { code: 'too-large', field: 'files' });
  // Four pictures of 1 GB count as 64 MiB and a byte each, which is too much; but not their whole size.
  const pictures = Array.from({ length: 4 }, () => ({ name: 'p.png', file: file(1 << 30) }));
  await assert.rejects(packFiles(pictures), { message: new RegExp(`^${4 * ((64 << 20) + 1)} bytes`) });
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
