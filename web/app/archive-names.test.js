import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayHoldData } from './archive-names.js';

/** The end of an archive that lists files of these names. @param {string[]} names @param {string} [comment] */
function archive(names, comment = '') {
  const text = (/** @type {string} */ s) => [...new TextEncoder().encode(s)];
  const u16 = (/** @type {number} */ n) => [n & 255, n >> 8];
  const u32 = (/** @type {number} */ n) => [...u16(n & 0xffff), ...u16(n >>> 16)];
  const before = [1, 2, 3, 4, 5];
  const list = names.flatMap((name) => {
    const [bytes, extra] = [text(name), [9, 9, 9]];
    return [...u32(0x02014b50), ...Array(24).fill(0), ...u16(bytes.length), ...u16(extra.length), ...Array(14).fill(0), ...bytes, ...extra];
  });
  const end = [...u32(0x06054b50), 0, 0, 0, 0, ...u16(names.length), ...u16(names.length), ...u32(list.length), ...u32(before.length)];
  return new File([new Uint8Array([...before, ...list, ...end, ...u16(comment.length), ...text(comment)])], 'a.zip');
}

test('an archive may hold a data set if a name in its list is one of data', async () => {
  for (const name of [
    'cats/1.JPG',
    'train-images-idx3-ubyte',
    't10k-labels.gz',
    'x.npz',
    'digits.csv',
    'mnist.bz2',
    'cifar-10-batches-bin/data_batch_1',
  ])
    assert.equal(await mayHoldData(archive(['readme.txt', name])), true, name);
  for (const names of [[], ['readme.txt', 'letter.docx'], ['pictures/'], ['song.mp3', '说明.txt']])
    assert.equal(await mayHoldData(archive(names)), false, String(names));
  assert.equal(await mayHoldData(archive(['a.png'], 'a comment')), true);
});

test('what only has the name of an archive is named', async () => {
  await assert.rejects(mayHoldData(new File(['no archive at all'], 'a.zip')), { code: 'no-archive', field: 'a.zip' });
  await assert.rejects(mayHoldData(new File([], 'a.zip')), { code: 'no-archive' });
});
