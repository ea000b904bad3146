/**
 * The conformance suite of the SIMD kernel in the browser: all tests of wasm/simd,
 * compiled once, in a worker, with the strict kernel and with the relaxed one.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startServer } from '../bench/server.mjs';
import { launch, newContext, patience } from './lib.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../../..');

/** What there must be in any case, whatever else wasm/simd tests. */
const suite = [
  'TestProducts',
  'TestVectors',
  'TestZeros',
  'TestBackend',
  'TestBackend/formulas',
  'TestBackend/streams',
  'TestInstalled',
  'TestBLAS',
  'TestBLASPanics',
];

/** Tests that cannot run: TestInstall asks for the relaxed kernel where it is not. @type {Record<string, string[]>} */
const skips = { strict: [], relaxed: ['TestInstall'] };

const folder = mkdtempSync(join(tmpdir(), 'inkdrift-conformance-'));
after(() => rmSync(folder, { recursive: true }));

/** @param {string[]} args @param {Record<string, string>} [env] */
const go = (args, env) => execFileSync('go', args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } }).trim();

go(['test', '-c', '-buildvcs=false', '-o', join(folder, 'simd.test.wasm'), './wasm/simd'], { GOOS: 'js', GOARCH: 'wasm' });
const server = await startServer({
  e2e: join(root, 'tools/e2e'),
  goroot: join(go(['env', 'GOROOT']), 'lib/wasm'),
  kernels: join(root, 'wasm/simd'),
  temporary: folder,
  web: join(root, 'web'),
});
after(() => server.close());
const browser = await launch();

/**
 * Runs the tests.
 *
 * @param {string} variant
 * @param {{kernels?: string, only?: string}} [options] kernels: folder of the modules; only:
 *   a pattern of tests
 * @returns {Promise<{variant: string, errors: string[], code: number, output: string, results: {result: string, name: string}[]}>}
 */
async function run(variant, { kernels = '/kernels', only = '' } = {}) {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(server.url);
  const task = { program: '/temporary/simd.test.wasm', kernels, variant, args: ['-test.v', `-test.run=${only}`] };
  const answer = await page.evaluate((task) => {
    const worker = new Worker('/e2e/conformance.worker.js');
    return new Promise((resolve, reject) => {
      worker.onmessage = (e) => resolve(e.data);
      worker.onerror = (e) => reject(new Error(e.message || 'the worker could not be loaded'));
      worker.postMessage(task);
    });
  }, task);
  await context.close();
  const results = [...answer.output.matchAll(/^ *--- (PASS|FAIL|SKIP): (\S+)/gm)].map(([, result, name]) => ({ result, name }));
  return { ...answer, results };
}

for (const variant of ['strict', 'relaxed']) {
  test(`the ${variant} kernel keeps to the conformance suite`, { timeout: 3 * patience }, async () => {
    const { errors, code, output, results, ...got } = await run(variant);
    assert.deepEqual(errors, []);
    assert.equal(got.variant, variant, 'the kernel that the page has loaded');
    const names = (/** @type {string} */ result) => results.filter((r) => r.result === result).map((r) => r.name);
    const failures = output.replaceAll(/^(=== | *--- (PASS|SKIP)).*\n/gm, '').slice(0, 4000);
    assert.deepEqual(names('FAIL'), [], failures);
    assert.equal(code, 0, failures);
    assert.match(output, /^PASS$/m, failures);
    assert.deepEqual(names('SKIP'), skips[variant]);
    const passed = names('PASS');
    assert.deepEqual(
      suite.filter((name) => !passed.includes(name)),
      [],
      'tests that did not run',
    );
    assert.equal(results.length, output.match(/^=== RUN /gm)?.length, 'every test that began has ended');
    assert.match(output, new RegExp(`: the backend is simd-${variant}$`, 'm'), 'the kernel that the program has found');
    console.log(`${passed.length} tests passed in Chromium with the ${variant} kernel`);
  });
}

test('a kernel that adds wrongly does not pass', { timeout: patience }, async () => {
  const module = readFileSync(join(root, 'wasm/simd/kernel_strict.wasm'));
  const [add, sub] = [Buffer.from([0xfd, 0xe4, 0x01]), Buffer.from([0xfd, 0xe5, 0x01])]; // f32x4.add and f32x4.sub
  for (let i = module.indexOf(add); i >= 0; i = module.indexOf(add, i)) sub.copy(module, i);
  writeFileSync(join(folder, 'kernel_strict.wasm'), module);
  const { variant, errors, code, results } = await run('strict', { kernels: '/temporary', only: 'TestVectors|TestBackend' });
  assert.deepEqual(errors, []);
  assert.equal(variant, 'strict');
  assert.equal(code, 1);
  const failed = results.filter((r) => r.result === 'FAIL').map((r) => r.name);
  assert.ok(failed.includes('TestVectors') && failed.includes('TestBackend'), `only ${failed.join(', ')} failed`);
});
