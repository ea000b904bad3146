/** The ceiling of this machine: a loop on registers alone, in the kernel's own module. */
import { repeat } from './measure.mjs';
import { Absent } from './worker.mjs';

/** Operations in one round of the kernel's loop. */
const flopsARound = 768;

/**
 * @param {import('./worker.mjs').Env} env
 * @param {{variant: 'relaxed' | 'strict'}} options
 */
export async function open(env, { variant }) {
  await import(env.url('web/kernel.js'));
  const supported = /** @type {any} */ (globalThis).inkdriftKernel.supports(variant);
  return {
    async prepare() {
      if (!supported) throw new Absent(`this runtime has no ${variant} SIMD`);
      const memory = new WebAssembly.Memory({ initial: 1 });
      const { instance } = await WebAssembly.instantiate(await env.read(`simd/kernel_${variant}.wasm`), { env: { memory } });
      const peak = /** @type {(rounds: number) => number} */ (instance.exports.peak);
      const rounds = 10_000;
      await repeat(0.05, () => peak(rounds));
      return {
        /** @param {number} seconds */
        async measure(seconds) {
          const { calls, seconds: took } = await repeat(seconds, () => peak(rounds));
          return { value: (calls * rounds * flopsARound) / took / 1e9 };
        },
      };
    },
  };
}
