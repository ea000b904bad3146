import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import '../kernel.js';

const kernels = globalThis.inkdriftKernel;
const module = (/** @type {KernelVariant} */ variant) => readFileSync(new URL(`../../wasm/simd/kernel_${variant}.wasm`, import.meta.url));
const memory = () => new WebAssembly.Memory({ initial: 1 });

test('what this engine supports is what it can compile', () => {
  for (const variant of /** @type {const} */ (['strict', 'relaxed'])) {
    assert.equal(kernels.supports(variant), WebAssembly.validate(module(variant)), variant);
  }
});

test('a kernel gets behind the imports that were asked for', async () => {
  const { imports, load } = kernels.create();
  const { variant, sscal } = imports;
  assert.equal(imports.sscal, sscal);
  assert.equal(variant(), 0);
  assert.throws(() => sscal(1, 2, 0), /no kernel behind sscal/);
  const m = memory();
  const got = await load(m, module, 'strict');
  assert.deepEqual(got, { variant: 'strict', errors: [] });
  assert.equal(variant(), 1);
  const x = new Float32Array(m.buffer, 64, 5).fill(1.5);
  sscal(5, 2, 64);
  assert.deepEqual([...x], [3, 3, 3, 3, 3]);
  m.grow(1);
  sscal(5, 0.5, 64);
  assert.deepEqual([...new Float32Array(m.buffer, 64, 5)], [1.5, 1.5, 1.5, 1.5, 1.5]);
});

test('off loads nothing', async () => {
  const { imports, load } = kernels.create();
  const got = await load(memory(), () => assert.fail('fetched'), 'off');
  assert.deepEqual(got, { variant: 'off', errors: [] });
  assert.equal(imports.variant(), 0);
});

test('what cannot be loaded leaves a reason and the next variant', async () => {
  const torn = kernels.create();
  const off = await torn.load(memory(), (v) => module(v).subarray(0, 100), 'strict');
  assert.equal(off.variant, 'off');
  assert.equal(off.errors.length, 1);
  assert.ok(off.errors[0] instanceof WebAssembly.CompileError);
  assert.equal(torn.imports.variant(), 0);

  const missing = kernels.create();
  assert.equal(typeof missing.imports.no_such_function, 'function');
  const got = await missing.load(memory(), module, 'strict');
  assert.equal(got.variant, 'off');
  assert.match(String(got.errors[0]), /the strict kernel has no no_such_function/);

  const gone = kernels.create();
  const failed = await gone.load(memory(), async () => {
    throw new Error('404');
  });
  assert.equal(failed.variant, 'off');
  assert.equal(failed.errors.length, kernels.supports('relaxed') ? 2 : 1);
});
