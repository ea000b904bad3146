import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './experiment-settings.js';

const words = { word: '', help: '' };
/** @type {import('./experiment-settings.js').Field} */
const int = { type: 'int', usual: 5, min: 1, max: 100, ...words };
/** @type {import('./experiment-settings.js').Field} */
const list = { type: 'list', usual: [2, 4], min: 1, max: 64, most: 3, ...words };
/** @type {import('./experiment-settings.js').Field} */
const choice = { type: 'choice', usual: 'a', choices: { a: '', b: '' }, ...words };
/** @type {import('./experiment-settings.js').Field} */
const data = { type: 'data', usual: 'digits', ...words };

test('settings are read as forms and addresses write them', () => {
  assert.equal(read('n', int, ' 7 '), 7);
  assert.deepEqual(read('sizes', list, '8, 2; 8'), [2, 8]);
  assert.deepEqual(read('sizes', list, '4-16-2'), [2, 4, 16]);
  assert.equal(read('c', choice, 'b'), 'b');
  assert.equal(read('d', data, 'mnist'), 'mnist');
});

test('what is wrong is refused by name', () => {
  /** @type {[import('./experiment-settings.js').Field, string][]} */
  const wrong = [
    [int, '0'],
    [int, '101'],
    [int, '1.5'],
    [int, '1e1'],
    [int, ''],
    [int, 'x'],
    [list, ''],
    [list, '2, x'],
    [list, '1 2 3 4'],
    [list, '0'],
    [list, '65'],
    [choice, 'c'],
    [choice, 'toString'],
    [data, ''],
    [data, 'faces'],
    [data, 'x'.repeat(201)],
  ];
  for (const [field, text] of wrong) assert.throws(() => read('it', field, text), { code: 'bad-value', field: 'it' }, text);
});
