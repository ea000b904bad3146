import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeader, withBytes, withMetadata } from '../lib/safetensors.js';
import { exportRun, readRunFile } from './run-file.js';
import { Moments } from './moments.js';
import { noCurves } from './run.js';

/** A model without a tensor. */
const model = () => Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d);

/** @param {object} [more] @returns {any} */
const run = (more = {}) => ({
  name: 'My run',
  created: 1e12,
  status: 'done',
  settings: { page: { latent: 2 } },
  step: 10,
  seconds: 5,
  figures: { recon: 80 },
  curves: noCurves(),
  ...more,
});

/** @param {object} changes of the exported JSON @param {string} [name] */
function read(changes, name = 'file.safetensors') {
  const about = { format: 1, ...run(), ...changes };
  return readRunFile(withMetadata(model(), { 'inkdrift-run': JSON.stringify(about) }), name);
}

test('an exported run is read again', () => {
  const curves = noCurves(['generator']);
  curves.train.add([1, 100, 10, 2, 0.001, 1, 0, 0.7]);
  curves.validation.add([1, 90, 9, -99, 0.5]);
  const { name, bytes } = exportRun(run({ curves }), model());
  assert.equal(name, 'My-run.safetensors');
  const { about, curves: back } = readRunFile(bytes, 'renamed.safetensors');
  const { updated, ...rest } = about;
  assert.ok(Math.abs(Date.now() - updated) < 10_000);
  const { curves: _, ...expected } = run();
  assert.deepEqual(rest, expected);
  assert.deepEqual([...back.train.column('generator')], [0.7]);
  assert.deepEqual([...back.validation.column('recon')], [90]);
});

/** Moments of two steps. */
function moments() {
  const out = new Moments();
  const preview = {
    samples: new Float32Array(16).fill(1),
    scatter: Float32Array.of(1, 2),
    labels: [3],
    grid: new Float32Array(0),
    shape: [1, 4, 4],
  };
  for (const step of [5, 10]) out.add(step, { step, elbo: -step }, /** @type {any} */ (preview));
  return out;
}

test('moments travel with a run, are exchanged when it is exported again, and leave with a run that has none', () => {
  const { bytes } = exportRun(run({ moments: moments() }), model());
  const back = readRunFile(bytes, 'x').moments;
  assert.deepEqual(back.toJSON(), moments().toJSON());
  assert.equal(readHeader(bytes).header.get('inkdrift.moments').dtype, 'U8');
  back.cut(5);
  const again = exportRun(run({ moments: back }), bytes);
  assert.deepEqual(readRunFile(again.bytes, 'x').moments.list.length, 1);
  const none = exportRun(run({ moments: new Moments() }), again.bytes);
  assert.equal(readHeader(none.bytes).header.has('inkdrift.moments'), false);
  assert.equal(readRunFile(none.bytes, 'x').moments.list.length, 0);
  for (const torn of ['{', '{"format":9}']) {
    const file = withBytes(bytes, 'inkdrift.moments', new TextEncoder().encode(torn));
    assert.throws(() => readRunFile(file, 'x'), { code: 'bad-run' });
  }
});

test('a file of an earlier version, without moments, is read as before', () => {
  const { about, moments } = read({});
  assert.deepEqual([about.step, moments.list], [10, []]);
});

test('long curves are thinned until they fit into the header, and a curve that never fits is left out', () => {
  const curves = noCurves();
  for (let i = 1; i <= 3000; i++) curves.train.add([i, 100 + Math.sin(i), 10, 2.123456, 0.001234567, 1, 0]);
  const { bytes } = exportRun(run({ curves }), model());
  const { train } = readRunFile(bytes, 'x').curves;
  assert.ok(train.length > 100 && train.length < 1000, `${train.length} rows`);
  assert.deepEqual([train.column('step')[0], train.column('step').at(-1)], [1, 3000]);
  assert.equal(curves.train.length, 3000, 'the curve of the run stays as it was');
  const large = exportRun(run({ curves, figures: { pictures: 'x'.repeat(50_000) } }), model());
  const { about, curves: none } = readRunFile(large.bytes, 'x');
  assert.equal(none.train.length, 0);
  assert.equal(about.figures.pictures.length, 50_000);
});

test('names of files are valid', () => {
  const name = (/** @type {string} */ of) => exportRun(run({ name: of }), model()).name;
  assert.equal(name('a/b\\c:d'), 'a-b-c-d.safetensors');
  assert.equal(name('..hidden. '), 'hidden.safetensors');
  assert.equal(name('///'), 'run.safetensors');
  assert.equal(name('数字'), '数字.safetensors');
  assert.equal(name('x'.repeat(200)).length, 80 + '.safetensors'.length);
});

test('a bare model is a run without steps, with the name of its file', () => {
  const { about, curves } = readRunFile(model(), 'digits.SAFETENSORS');
  assert.deepEqual([about.name, about.status, about.step, about.settings], ['digits', 'done', 0, null]);
  assert.equal(curves.train.length, 0);
  assert.equal(readRunFile(model(), '.safetensors').about.name, '?');
});

test('a run of an unfinished status counts as done, and without a name it has that of its file', () => {
  assert.equal(read({ status: 'running' }).about.status, 'done');
  assert.equal(read({ status: 'diverged' }).about.status, 'diverged');
  assert.equal(read({ name: '  ' }).about.name, 'file');
});

test('what is wrong in a file is named', () => {
  for (const [field, value] of /** @type {[string, any][]} */ ([
    ['name', 5],
    ['created', -1],
    ['created', 1e300],
    ['step', '3'],
    ['seconds', null],
    ['settings', 'x'],
    ['settings', []],
    ['figures', [1]],
  ])) {
    assert.throws(() => read({ [field]: value }), { code: 'bad-run', field }, `${field} ${value}`);
  }
  assert.throws(() => read({ curves: {} }), { code: 'bad-run', field: 'curves.train' });
  assert.throws(() => read({ format: 2 }), { code: 'bad-run', message: /2/ });
  assert.throws(() => readRunFile(withMetadata(model(), { 'inkdrift-run': '{' }), 'x'), { code: 'bad-run' });
});
