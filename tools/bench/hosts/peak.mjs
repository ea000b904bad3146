/** The ceiling of this machine: a loop on registers alone, in the kernel's own module. */
import { repeat } from './measure.mjs';
import { Absent } from './worker.mjs';

/** Operations in one round of the kernel's loop. */
const flopsARound = 768;

/**
 * @param {import('./worker.mjs').Env} env
 * @param {{variant: 'relaxed' | 'strict', workers: number}} options workers: how
 *   many run at the same time
 */
export async function open(env, { variant, workers }) {
  const others = Array.from({ length: workers - 1 }, () => env.spawn());
  await Promise.all(others.map((call) => call('open', 'peak', { variant, workers: 1 })));
  await import(env.url('web/kernel.js'));
  const supported = globalThis.inkdriftKernel.supports(variant);
  return {
    async prepare() {
      if (!supported) throw new Absent(`this runtime has no ${variant} SIMD`);
      const memory = new WebAssembly.Memory({ initial: 1 });
      const { instance } = await WebAssembly.instantiate(await env.read(`simd/kernel_${variant}.wasm`), { env: { memory } });
      const peak = /** @type {(rounds: number) => number} */ (instance.exports.peak);
      const rounds = 10_000;
      await repeat(0.05, () => peak(rounds));
      const tasks = await Promise.all(others.map(async (call) => (await call('prepare', {})).id));
      return {
        /** @param {number} seconds */
        async measure(seconds) {
          const beside = others.map((call, i) => call('measure', tasks[i], seconds));
          const { each } = await repeat(seconds, () => peak(rounds));
          const values = (await Promise.all(beside)).map((m) => m.value);
          return { value: values.reduce((sum, v) => sum + v, (rounds * flopsARound) / each / 1e9) };
        },
      };
    },
  };
}
