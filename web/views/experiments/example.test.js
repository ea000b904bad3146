import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, read } from '../../test/sources.js';
import { pack, unpack } from './example.js';

test('pictures are packed into four bits a value', () => {
  const values = [0, 1, 0.4, 0.6, -1, 2, NaN, 1 / 15];
  const text = pack(values);
  assert.equal(text.length, 8);
  assert.deepEqual(
    [...unpack(text)].map((v) => Math.round(15 * v)),
    [0, 15, 6, 9, 0, 15, 0, 1],
  );
});

test('example results are small, and say how they were made', () => {
  const names = ['labels', 'sweep', 'versus', 'versus-collapse'];
  assert.deepEqual(
    names.filter((name) => !list('examples').includes(`${name}.json`)),
    [],
  );
  for (const name of names) {
    const text = read(`examples/${name}.json`);
    assert.ok(text.length <= 60_000, `${name}: ${text.length} bytes`);
    const { version, date, seconds, cores, result } = JSON.parse(text);
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.match(date, /^\d{4}-\d\d-\d\d$/);
    assert.ok(seconds > 0 && cores > 0);
    assert.equal(result.wanted.data, 'digits');
  }
});
