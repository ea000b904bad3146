import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureKinds, missingClasses } from './measures.js';

/** What is shown of an answer: texts by word, null where nothing is. @param {string} kind @param {any} answer */
function shown(kind, answer) {
  const { rows } = measureKinds.find((k) => k.name === kind) ?? assert.fail(kind);
  return Object.fromEntries(rows.map(({ word, of }) => [word, of(answer, (v) => v.toFixed(1))]));
}

/** @param {{family: string, data: string}} what */
const fitting = (what) => measureKinds.filter((k) => k.fits(what)).map((k) => k.name);

test('a model has the measures that its parts allow', () => {
  assert.deepEqual(fitting({ family: 'dense', data: 'digits' }), ['bound', 'judged', 'prior', 'read', 'nll']);
  assert.deepEqual(fitting({ family: 'dcgan', data: 'digits' }), ['bound', 'judged'], 'without an encoder');
  assert.deepEqual(fitting({ family: 'conv', data: 'faces' }), ['bound', 'prior', 'read', 'nll'], 'the classifier knows no such pictures');
});

test('the figures of the bound', () => {
  const bound = {
    elbo: -99,
    recon: 90,
    kl: 9,
    klPerDim: [1, null],
    active: [true, false],
    mse: 0.25,
    psnr: 20,
    ssim: NaN,
    terms: [],
    other: [],
  };
  assert.deepEqual(shown('bound', { bound }), {
    'measures.elbo': '-99.0',
    'watch.recon': '90.0',
    'watch.kl': '9.0',
    'measures.active': '1 / 2',
    'watch.dims': '1.0  NaN',
    'measures.mse': '0.3',
    'measures.psnr': '20.0 dB',
    'measures.ssim': '–',
    'watch.discriminator': null,
    'watch.generator': null,
  });
});

test('a model without an encoder shows the terms of its objective only', () => {
  const bound = { elbo: null, recon: null, kl: null, klPerDim: [], active: [], terms: ['discriminator', 'generator'], other: [0.5, 1.5] };
  const texts = Object.entries(shown('bound', { bound })).filter(([, text]) => text !== null);
  assert.deepEqual(texts, [
    ['watch.discriminator', '0.5'],
    ['watch.generator', '1.5'],
  ]);
});

test('what was not measured is not shown, and a figure without a value is a dash', () => {
  assert.deepEqual(new Set(Object.values(shown('judged', {}))), new Set([null]));
  const {
    'measures.fid': fid,
    'measures.covered': covered,
    'measures.largest': largest,
  } = shown('judged', {
    judged: { fid: null, score: 8, judged: true, covered: 9, counts: Array(10).fill(1), largest: 0.25 },
  });
  assert.deepEqual([fid, covered, largest], ['–', '9 / 10', '25.0 %']);
  assert.deepEqual(shown('read', { read: { error: 0.031 } }), { 'measures.read': '3.1 %' });
  assert.deepEqual(shown('nll', { nll: { nll: 88, stdErr: 0.2 } }), { 'measures.nll': '88.0', 'measures.error': '0.2' });
});

test('a class is missing with less than a tenth of an equal share', () => {
  assert.deepEqual(missingClasses([100, 100, 0, 6, 5]), [2]);
  assert.deepEqual(missingClasses([1000, 0, 20, 19]), [1, 2, 3]);
  assert.deepEqual(missingClasses([95, 5]), [], 'exactly a tenth');
  assert.deepEqual(missingClasses([1905, 95]), [1]);
  assert.deepEqual(missingClasses([]), []);
});
