/** Inkdrift's own model in one worker: wasm/cmd/bench with one kernel. */
import { Absent } from './worker.mjs';

/**
 * @param {import('./worker.mjs').Env} env
 * @param {{variant: 'relaxed' | 'strict' | 'off'}} options
 */
export async function open(env, { variant }) {
  await import(env.url('web/kernel.js'));
  const kernels = globalThis.inkdriftKernel;
  if (variant !== 'off' && !kernels.supports(variant)) {
    return {
      prepare() {
        throw new Absent(`this runtime has no ${variant} SIMD`);
      },
    };
  }
  if (env.runtime === 'node') {
    // What wasm_exec.js expects of its world.
    const { createRequire } = await import('node:module');
    Object.assign(globalThis, { require: createRequire(import.meta.url), fs: await import('node:fs'), path: await import('node:path') });
  }
  await import(env.url('bench/wasm_exec.js'));
  const go = new globalThis.Go();
  go.argv = ['bench', variant];
  const kernel = kernels.create();
  go.importObject.kernel = kernel.imports;
  const { instance } = await WebAssembly.instantiate(await env.read('bench/bench.wasm'), go.importObject);
  const loaded = await kernel.load(
    /** @type {WebAssembly.Memory} */ (instance.exports.mem),
    (v) => env.read(`simd/kernel_${v}.wasm`),
    variant,
  );
  if (loaded.variant !== variant) throw new Error(`the ${variant} kernel was not loaded: ${loaded.errors.join('; ')}`);
  go.run(instance);
  const bench = /** @type {any} */ (globalThis).inkdriftBench;
  if (!bench) throw new Error('the Go program of the bench did not start');
  const read = (/** @type {string} */ json) => {
    const result = JSON.parse(json);
    if (result?.error) throw new Error(result.error);
    return result;
  };
  return {
    /** @param {any} spec */
    async prepare(spec) {
      const files = spec.data ? ['images', 'labels'].map((part) => env.read(`bench/${spec.data}-${part}.idx`)) : [];
      const bytes = (await Promise.all(files)).map((b) => new Uint8Array(b));
      const { id, loss } = read(bench.prepare(JSON.stringify(spec), ...bytes));
      return {
        first: loss,
        measure: (/** @type {number} */ seconds) => read(bench.measure(id, seconds)),
        drop: () => read(bench.drop(id)),
      };
    },
  };
}
