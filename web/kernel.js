/**
 * The SIMD kernel: a WebAssembly module that works on the memory of a Go program
 * compiled to WebAssembly (package wasm/simd). Go makes its own memory, so it is
 * instantiated first, with stubs, and the kernel after it:
 *
 *   const kernel = inkdriftKernel.create();
 *   go.importObject.kernel = kernel.imports;
 *   const { instance } = await WebAssembly.instantiate(program, go.importObject);
 *   const { variant } = await kernel.load(instance.exports.mem, (v) => bytesOf(`kernel_${v}.wasm`));
 *   await go.run(instance);
 *
 * Without `load`, or when nothing could be loaded, the program finds no kernel
 * and computes in plain Go.
 *
 * A classic script, for importScripts in a worker, that also imports as a module
 * for its effect.
 */
// biome-ignore lint/suspicious/noRedundantUseStrict: a classic script, not a module
'use strict';

(() => {
  /** The variants, the fastest first. */
  const variants = /** @type {const} */ (['relaxed', 'strict']);

  // Modules of one function that uses an instruction: i8x16.splat, and
  // f32x4.relaxed_madd.
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
  const splat = [0x41, 0, 0xfd, 0x0f];
  const probes = {
    strict: [...header, 10, 9, 1, 7, 0, ...splat, 0x1a, 0x0b],
    relaxed: [...header, 10, 20, 1, 18, 0, ...splat, ...splat, ...splat, 0xfd, 0x85, 2, 0x1a, 0x0b],
  };

  /**
   * Tells whether this engine has the instructions of a variant.
   *
   * @param {KernelVariant} variant
   * @returns {boolean}
   */
  function supports(variant) {
    return WebAssembly.validate(Uint8Array.from(probes[variant]));
  }

  /**
   * The variants to try, the fastest first.
   *
   * @param {KernelVariant | 'off'} [best] the fastest that is wanted
   * @returns {KernelVariant[]}
   */
  function candidates(best = 'relaxed') {
    return best === 'off' ? [] : variants.slice(variants.indexOf(best)).filter(supports);
  }

  /** Makes the imports of one Go program, and what puts a kernel behind them. */
  function create() {
    /** @type {Map<string, (exports: WebAssembly.Exports) => void>} */
    const connect = new Map();

    /**
     * @param {string} name
     * @returns {(...args: number[]) => number}
     */
    function stub(name) {
      /** @type {Function} */
      let target = () => {
        if (name === 'variant') return 0;
        throw new Error(`there is no kernel behind ${name}`);
      };
      connect.set(name, (exports) => {
        target = /** @type {Function} */ (exports[name]);
      });
      return (...args) => target(...args);
    }

    /**
     * Puts the best kernel that can be had behind the imports.
     *
     * @param {WebAssembly.Memory} memory the Go program's
     * @param {(variant: KernelVariant) => Promise<BufferSource> | BufferSource} get
     *   gives a variant's module
     * @param {KernelVariant | 'off'} [best] the fastest variant that is wanted
     * @returns {Promise<{variant: KernelVariant | 'off', errors: unknown[]}>} what is there
     *   now, and why nothing better is
     */
    async function load(memory, get, best) {
      /** @type {unknown[]} */
      const errors = [];
      for (const variant of candidates(best)) {
        try {
          const { instance } = await WebAssembly.instantiate(await get(variant), { env: { memory } });
          const missing = [...connect.keys()].filter((name) => typeof instance.exports[name] !== 'function');
          if (missing.length > 0) throw new Error(`the ${variant} kernel has no ${missing.join(', ')}`);
          for (const set of connect.values()) set(instance.exports);
          return { variant, errors };
        } catch (e) {
          errors.push(e);
        }
      }
      return { variant: 'off', errors };
    }

    // A Go program asks for each function that it calls.
    const imports = new Proxy(/** @type {Record<string, (...args: number[]) => number>} */ ({}), {
      get: (functions, name) => (functions[String(name)] ??= stub(String(name))),
    });
    return { imports, load };
  }

  globalThis.inkdriftKernel = { supports, candidates, create };
})();
