/**
 * Runs a Go test program with a SIMD kernel in a worker of the browser: Go's
 * wasm_exec.js has an empty file system here, of which a test program needs no
 * more than its two outputs.
 *
 * Takes one message, {program, kernels, variant, args}: addresses of the program
 * and of the folder of kernel modules, the variant that is wanted and the
 * arguments. Posts {variant, errors, code, output} when the program has ended.
 */
// biome-ignore lint/suspicious/noRedundantUseStrict: a classic script, not a module
'use strict';

importScripts('/goroot/wasm_exec.js', '/web/kernel.js');

self.onmessage = async ({ data: { program, kernels, variant, args } }) => {
  const text = new TextDecoder();
  let output = '';
  Object.assign(Reflect.get(globalThis, 'fs'), {
    writeSync(/** @type {number} */ _fd, /** @type {Uint8Array} */ bytes) {
      output += text.decode(bytes, { stream: true });
      return bytes.length;
    },
  });
  /** @param {string} address */
  const get = async (address) => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: status ${answer.status}`);
    return answer.arrayBuffer();
  };
  let code = -1;
  const go = new Go();
  go.argv = ['simd.test', ...args];
  go.exit = (/** @type {number} */ c) => (code = c);
  const kernel = inkdriftKernel.create();
  go.importObject.kernel = kernel.imports;
  const { instance } = await WebAssembly.instantiate(await get(program), go.importObject);
  const loaded = await kernel.load(
    /** @type {WebAssembly.Memory} */ (instance.exports.mem),
    (v) => get(`${kernels}/kernel_${v}.wasm`),
    variant,
  );
  await go.run(instance);
  self.postMessage({ variant: loaded.variant, errors: loaded.errors.map(String), code, output });
};

// What fails above is an error of the worker, not a promise that nobody looks at.
self.onunhandledrejection = (e) => {
  e.preventDefault();
  setTimeout(() => {
    throw e.reason;
  });
};
