import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack } from './channel.js';

test('a message is packed with what is to be transferred, and unpacked again', () => {
  const { port1, port2 } = new MessageChannel();
  const buf = new ArrayBuffer(4);
  const [message, transfer] = pack({ type: 'decode', id: 3, n: 1 }, [buf], port1);
  assert.deepEqual(transfer, [buf, port1]);
  const { head, bufs, port } = unpack(message) ?? assert.fail('it is none');
  assert.deepEqual(head, { type: 'decode', id: 3, n: 1 });
  assert.equal(bufs[0], buf);
  assert.equal(port, port1);
  port1.close();
  port2.close();
});

test('a message without buffers has none, and no port', () => {
  const [message, transfer] = pack({ type: 'hello' });
  assert.deepEqual(message, { head: '{"type":"hello"}', bufs: [] });
  assert.deepEqual(transfer, []);
});

test('messages of others are none', () => {
  for (const data of [null, undefined, 5, 'x', {}, { head: {} }, { head: 'x' }, { head: '5' }, { head: 'null' }, { head: '{"type":5}' }]) {
    assert.equal(unpack(data), null, JSON.stringify(data));
  }
});

test('of the buffers of a message only buffers are taken', () => {
  const buf = new ArrayBuffer(1);
  const head = '{"type":"x"}';
  assert.deepEqual(unpack({ head, bufs: [1, buf, null] })?.bufs, [buf]);
  assert.deepEqual(unpack({ head, bufs: 'x' })?.bufs, []);
  assert.deepEqual(unpack({ head })?.bufs, []);
});
