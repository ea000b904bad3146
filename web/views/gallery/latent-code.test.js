/** Latent points in addresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../test/random.js';
import { decodeLatent, encodeLatent } from './latent-code.js';

test('a latent point comes back within half a thousandth', () => {
  const draw = random(3);
  for (const latent of [1, 2, 40, 128]) {
    const z = Float32Array.from({ length: latent }, () => 8 * draw() - 4);
    const text = encodeLatent(z);
    assert.match(text, /^[\w-]+$/);
    assert.ok(text.length <= 3 * latent + 4, `${text.length} characters for ${latent} numbers`);
    const back = decodeLatent(text, latent);
    assert.ok(back);
    z.forEach((v, i) => assert.ok(Math.abs(v - back[i]) < 0.00051, `${v} came back as ${back[i]}`));
  }
  assert.deepEqual(decodeLatent(encodeLatent([1e9, -1e9]), 2), Float32Array.of(32.767, -32.767), 'what there is no room for');
});

test('anything else is refused', () => {
  const good = encodeLatent([1, -2.5, 0.25]);
  for (const text of [
    ...['', '-', 'NaN', '%%%', 'ä', `${good}=`, ` ${good}`, `${good}\n`, 'a'.repeat(1e6), '0,0,0', '1;2;3'],
    ...[good.slice(0, -1), good.slice(1), `A${good}`, `${good}A`, good.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))],
  ])
    assert.equal(decodeLatent(text, 3), null, text.slice(0, 50));
  assert.equal(decodeLatent(good, 2), null, 'of another model');
  assert.equal(decodeLatent(good, 0), null);
});
