/**
 * Writes web/test/testdata/profile.json: what an earlier version of the page leaves in a browser.
 *
 *   git archive 8f5a8ed web | tar -x -C /tmp/earlier
 *   node tools/profile/make.mjs /tmp/earlier/web
 *
 * It runs that version's own modules, by the names that they had, on the test
 * storage that came with it. Clock and random numbers are fixed, so that the same
 * version gives the same bytes. profile.json is not to be made again with a later
 * version: it stands for the browsers of earlier visitors.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const earlier = resolve(process.argv[2]);
/** @param {string} name of a module of the earlier version @returns {Promise<any>} */
const load = (name) => import(pathToFileURL(join(earlier, name)).href);

const start = Date.UTC(2026, 0, 2, 3, 4, 5);
let [seconds, random] = [0, 0];
Date.now = () => start + 1000 * seconds++;
Object.defineProperty(globalThis.crypto, 'getRandomValues', { value: (/** @type {Uint32Array} */ a) => a.map(() => 1000 + random++) });

const { Disk, fakeStorage, fakeDatabase, FakeLocks } = await load('test/fakes.js');
const { openVault } = await load('vault.js');
const { makeLocks } = await load('locks.js');
const { Runs } = await load('runs.js');
const { Datasets } = await load('datasets.js');
const { preset } = await load('room-settings.js');
const { shrink } = await load('training-watcher.js');
const { Store } = await load('storage.js');
const { Pad } = await load('pad.js');

/** @type {any} */
const profile = {};

/** @param {Uint8Array} bytes */
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

/** @param {number} scale */
function safetensors(scale) {
  const header = new TextEncoder().encode('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.padEnd(56));
  const file = new Uint8Array(8 + header.length + 8);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  new DataView(file.buffer).setFloat32(8 + header.length, scale, true);
  return file;
}

/** A preview of n pictures of one pixel, as a run keeps them. @param {number} n */
const pictures = (n) => {
  const values = (/** @type {number} */ v) => new Float32Array(n).fill(v);
  return shrink({ originals: values(1), recon: values(0.5), samples: values(0.25), shape: [1, 1, 1] });
};

/**
 * A visit: an unfinished run under a later name, which is exported, too; a
 * finished run, a data set.
 *
 * @param {any} vault
 * @param {any} locks
 */
async function visit(vault, locks) {
  const runs = new Runs(vault, { locks, Channel: null });
  const first = await runs.start({ name: 'Quick, 3:04', settings: { page: { ...preset('quick', 3), learningRate: 0.002, beta: 0.5 } } });
  for (let step = 1; step <= 6; step++) first.curves.train.add([step, 100 / step, step, 2, 0.002, 0.5, 0]);
  first.curves.validation.add([4, 30, 3, -33]);
  first.note({ status: 'running', step: 2, seconds: 1 });
  await first.checkpoint({ step: 2, file: Uint32Array.of(2, 22).buffer });
  first.note({ step: 4, seconds: 2, figures: { recon: 25, kl: 4, elbo: -29, params: 652824, dataset: 'digits', pictures: pictures(2) } });
  await first.checkpoint({ step: 4, file: Uint32Array.of(4, 44).buffer });
  await first.weights(safetensors(1));
  await runs.rename(first.id, 'My run');

  const second = await runs.start({ name: 'A GAN', settings: { page: preset('gan', 1) } });
  const { Curve } = await load('curve.js');
  second.curves.train = new Curve([...second.curves.train.columns, 'discriminator', 'generator']);
  second.curves.train.add([1, NaN, NaN, 2, 0.002, 1, 0, 0.7, 0.8]);
  second.note({ step: 1, seconds: 60 });
  await second.finish({ status: 'done', weights: safetensors(2) });

  const file = (/** @type {string} */ name, /** @type {number[]} */ bytes) => ({ name, bytes: Uint8Array.from(bytes).buffer });
  const head = [0, 0, 8];
  const images = file('train-images', [...head, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 10, 200]);
  const labels = file('train-labels', [...head, 1, 0, 0, 0, 2, 0, 1]);
  const info = { shape: [1, 1, 1], ink: false, classes: ['cat', 'dog'], train: 2, validation: 1, origin: 'album' };
  profile.exported = base64((await runs.export(first.id)).bytes);
  await new Datasets(vault).keep({ name: 'pets', kind: 'idx', files: [images, labels, null, null], info });
}

// A safe connection: the private file system, and the browser's locks. The tab dies with its first run.
const disk = new Disk();
const storage = fakeStorage(disk);
const root = await storage.getDirectory();
/** @type {string[]} */
const folders = [];
storage.getDirectory = async () => ({
  getDirectoryHandle(/** @type {string} */ name) {
    folders.push(name);
    return root.getDirectoryHandle();
  },
});
const { locks } = new FakeLocks().tab();
/** @type {string[]} */
const lockNames = [];
const request = locks.request.bind(locks);
locks.request = (/** @type {string} */ name, /** @type {any[]} */ ...more) => {
  lockNames.push(name);
  return request(name, ...more);
};
const vault = await openVault({ storage, writesFiles: true });
await visit(vault, makeLocks(vault, { locks }));
profile.opfs = { folder: folders[0], files: Object.fromEntries([...disk.files].map(([name, bytes]) => [name, base64(bytes)])) };
profile.lock = lockNames[0];

// An unsafe one: the database, and locks of the page's own.
[seconds, random] = [0, 0];
const table = new Disk();
const indexedDB = fakeDatabase(table);
profile.indexeddb = {};
const open = indexedDB.open.bind(indexedDB);
indexedDB.open = (/** @type {string} */ name, /** @type {number} */ version) => {
  Object.assign(profile.indexeddb, { name, version });
  return open();
};
indexedDB.database.createObjectStore = (/** @type {string} */ store) => Object.assign(profile.indexeddb, { store });
const second = await openVault({ indexedDB });
await visit(second, makeLocks(second, {}));
profile.indexeddb.records = Object.fromEntries([...table.files].map(([key, v]) => [key, v instanceof Uint8Array ? base64(v) : v]));

// What the shell keeps.
/** @type {Record<string, string>} */
const area = {};
const store = new Store(() => ({
  setItem: (/** @type {string} */ k, /** @type {string} */ v) => void Object.assign(area, { [k]: v }),
  getItem: () => null,
}));
const [a, b] = ['a', 'b'].map((name) => new Pad(name, () => {}));
a.begin(0.1);
a.draw(0.25, 0.25);
a.draw(0.75, 0.75);
a.end();
b.fill({ strokes: [], bitmap: { width: 2, height: 2, ready: false, data: Uint8Array.of(0, 80, 160, 255) }, source: 'picture' });
store.set('pads', { a: a.toJSON(), b: b.toJSON() });
store.set('language', 'de');
store.set('theme', 'dark');
store.set('brush', 0.1);
store.set('model', 'studio');
store.set('play', { speed: 2, mode: 'loop', path: 'lerp' });
store.set('curves', { log: true, smooth: false });
store.set('data-about', true);
store.set('explain', true);
profile.localStorage = area;

writeFileSync(new URL('../../web/test/testdata/profile.json', import.meta.url), `${JSON.stringify(profile, null, 2)}\n`);
