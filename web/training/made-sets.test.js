import assert from 'node:assert/strict';
import { test } from 'node:test';
import { className, isMade, madeData, madeSets, registerSet, setInfo, shapeOf, tones } from './made-sets.js';

/** @type {any} */
const i18n = { t: (/** @type {string} */ key) => `<${key}>` };

test('generated sets are described; an unknown one counts as MNIST', () => {
  for (const [name, { shape, validation, conditions, word }] of Object.entries(madeSets)) {
    assert.ok(isMade(name) && shape.length === 3 && validation > 0 && conditions > 1 && word.startsWith('data.'), name);
  }
  assert.equal(isMade('toString'), false);
  assert.deepEqual(setInfo('somebody’s'), { shape: [1, 28, 28], classes: [], ink: true });
});

test('an imported set is known once it is registered, with defaults for what is not said', () => {
  registerSet('pets', { shape: [3, 32, 32], classes: ['cat', 'dog'] });
  assert.deepEqual(setInfo('pets'), { shape: [3, 32, 32], classes: ['cat', 'dog'], ink: true });
  assert.deepEqual(shapeOf('pets'), [3, 32, 32]);
  registerSet('digits', { shape: [3, 1, 1] });
  assert.deepEqual(shapeOf('digits'), [1, 28, 28], 'a generated set keeps its own description');
});

test('classes of generated sets are translated, those of files are not', () => {
  registerSet('pets', { classes: ['cat', 'dog'] });
  assert.equal(className('pets', 1, i18n), 'dog');
  assert.equal(className('pets', 2, i18n), '');
  assert.match(className('faces', 0, i18n), /^<class\./);
  assert.equal(className('digits', 3, i18n), '', 'a digit is its own name');
});

test('photographs are painted in black and white, drawings in the colours of the page', () => {
  const colours = { paper: 'beige', ink: 'navy', grid: 'grey' };
  assert.equal(tones('digits', colours), colours);
  assert.deepEqual(tones('faces', colours), { paper: '#000000', ink: '#ffffff', grid: 'grey' });
});

test('runs of any size are evaluated on the same pictures, which are none of theirs', () => {
  const [small, large] = [500, 60_000].map((images) => madeData({ data: 'digits', images }));
  assert.deepEqual(small.validation, large.validation);
  assert.deepEqual([small.data.count, small.data.first], [500, 0]);
  assert.ok(Number(large.validation.first) >= 60_000);
});
