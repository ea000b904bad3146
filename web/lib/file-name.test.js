import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName } from './file-name.js';

test('a name of a file has no spaces and nothing that a file system forbids', () => {
  for (const [name, file] of [
    ['Small dense VAE, beta 2.5', 'Small-dense-VAE-beta-2.5'],
    ['digits', 'digits'],
    ['../a/b\\c:*?"<>|\u0000', 'a-b-c'],
    ['小型 VAE，beta 2', '小型-VAE-beta-2'],
    ['  .hidden. ', 'hidden'],
    ['x'.repeat(100), 'x'.repeat(80)],
    [' / ', 'model'],
    ['', 'model'],
  ])
    assert.equal(fileName(name), file, name);
  assert.equal(fileName('?', 'run'), 'run');
});
