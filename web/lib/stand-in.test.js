import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseStandIn } from './stand-in.js';

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

test('a pointer of Git LFS and a web page are no model, whatever they are called', () => {
  const pointer = bytes('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n');
  assert.throws(() => refuseStandIn(pointer, 'm.safetensors'), { code: 'lfs-pointer', field: 'm.safetensors' });
  assert.throws(() => refuseStandIn(pointer.buffer, 'm'), { code: 'lfs-pointer' });
  for (const page of ['<!DOCTYPE html><p>', '\n<html lang="en">'])
    assert.throws(() => refuseStandIn(bytes(page), 'm'), { code: 'web-page' });
  for (const other of ['', '{}', '\x10\0\0\0\0\0\0\0{"a":1}      ', 'versions']) refuseStandIn(bytes(other), 'm');
});
