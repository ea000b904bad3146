/**
 * Runs a Go program with the SIMD kernel, as Go's wasm_exec_node.js does without.
 *
 *   node exec.cjs PROGRAM.wasm [ARGUMENT...]
 */
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const v8 = require('node:v8');

const root = path.join(__dirname, '../../..');

// What wasm_exec.js expects of its world.
Object.assign(globalThis, { require, fs, path });
const goRoot = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
require(path.join(goRoot, 'lib/wasm/wasm_exec.js'));

async function main() {
  await import(path.join(root, 'web/kernel.js'));
  const kernels = globalThis.inkdriftKernel;
  const want = process.env.INKDRIFT_KERNEL ?? 'strict';
  // Node 20 has the instructions, switched off.
  if (want === 'relaxed' && !kernels.supports('relaxed')) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

  const go = new Go();
  go.argv = process.argv.slice(2);
  go.env = { TMPDIR: os.tmpdir(), ...process.env };
  go.exit = process.exit;
  const kernel = kernels.create();
  go.importObject.kernel = kernel.imports;
  const { instance } = await WebAssembly.instantiate(fs.readFileSync(process.argv[2]), go.importObject);
  const read = (variant) => fs.readFileSync(path.join(root, `wasm/simd/kernel_${variant}.wasm`));
  const { variant, errors } = await kernel.load(instance.exports.mem, read, want);
  if (variant !== want) throw new Error(`the ${want} kernel could not be loaded: ${errors.join('; ') || 'not supported'}`);

  process.on('exit', (code) => {
    if (code === 0 && !go.exited) {
      // Nothing is left to wait for: let Go say that it is deadlocked.
      go._pendingEvent = { id: 0 };
      go._resume();
    }
  });
  await go.run(instance);
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
