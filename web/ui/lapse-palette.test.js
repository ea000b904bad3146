import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePalette, Quantiser } from './lapse-palette.js';

test('greys and the colours of classes stay what they are, others become the nearest', () => {
  const palette = makePalette({ paper: '#ffffff', ink: '#000000', 'class-3': '#0060c0', accent: 'blue' });
  assert.ok(palette.length % 3 === 0 && palette.length <= 768);
  const colours = [255, 255, 255, 255, 0, 0, 0, 255, 0, 96, 192, 255, 250, 5, 120, 255];
  const out = new Uint8Array(4);
  new Quantiser(palette).indices(Uint8ClampedArray.from(colours), out);
  const got = [...out].map((k) => [...palette.subarray(3 * k, 3 * k + 3)]);
  const near = (/** @type {number[]} */ a, /** @type {number[]} */ b, far = 9) => a.every((v, i) => Math.abs(v - b[i]) <= far);
  assert.ok(
    near(got[0], [255, 255, 255]) && near(got[1], [0, 0, 0]) && near(got[2], [0, 96, 192]) && near(got[3], [250, 5, 120], 32),
    String(got),
  );
});
