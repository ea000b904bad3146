/** MNIST's files, for programs that run in Node. */
import fs from 'node:fs';
import path from 'node:path';

const names = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'];

/**
 * Reads training images and labels and test images and labels, plain or gzipped.
 *
 * @param {string} dir
 * @returns {ArrayBuffer[]}
 */
export function readMNIST(dir) {
  return names.map((name) => {
    const file = path.join(dir, name);
    return new Uint8Array(fs.readFileSync(fs.existsSync(file) ? file : `${file}.gz`)).buffer;
  });
}
