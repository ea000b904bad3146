import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { startServer } from './server.mjs';
import { startWire } from './wire.mjs';

test('the server gives what is mounted, isolated, and nothing else', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'inkdrift-bench-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'a.mjs'), 'export {};');
  const server = await startServer({ own: dir });
  t.after(server.close);
  const page = await fetch(server.url);
  assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.equal(page.headers.get('cross-origin-embedder-policy'), 'require-corp');
  const file = await fetch(`${server.url}own/a.mjs`);
  assert.match(file.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.equal(await file.text(), 'export {};');
  for (const path of ['own/b.mjs', 'own', 'other/a.mjs', 'toString/a', 'own/%2e%2e/a', 'own/..%2f..%2fetc/passwd']) {
    // fetch would tidy the path up.
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(server.url);
      request({ port, path: `/${path}` }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 404, path);
  }
});

test('the wire counts all that comes through it', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'inkdrift-bench-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'big.bin'), Buffer.alloc(300_000));
  const server = await startServer({ own: dir });
  t.after(server.close);
  const wire = await startWire(server.url);
  t.after(wire.close);
  const got = await (await fetch(`${wire.url}own/big.bin`)).arrayBuffer();
  assert.equal(got.byteLength, 300_000);
  const headers = wire.received() - 300_000;
  assert.ok(headers > 100 && headers < 1000, `${headers} bytes of headers`);
});
