/** A small server of static files for workers in a browser. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json'],
  ['.wasm', 'application/wasm'],
]);

/** What shared memory, and so the threads of TensorFlow.js and jax-js, need. */
const isolated = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Serves folders, each under its own name, on a free port of this machine, and an
 * empty page at the root.
 *
 * @param {Record<string, string>} mounts folders by name
 * @returns {Promise<{url: string, close: () => void}>}
 */
export async function startServer(mounts) {
  const server = createServer(async (req, res) => {
    const path = decodeURIComponent(new URL(req.url ?? '/', 'http://localhost').pathname);
    if (path === '/') {
      res.writeHead(200, { ...isolated, 'Content-Type': 'text/html' }).end('<!doctype html><title>bench</title>');
      return;
    }
    if (path === '/favicon.ico') {
      res.writeHead(204).end();
      return;
    }
    const [, mount, ...rest] = path.split('/');
    const inside = normalize(rest.join('/'));
    const file = Object.hasOwn(mounts, mount) && !inside.startsWith('..') ? join(mounts[mount], inside) : '';
    const info = file ? await stat(file).catch(() => null) : null;
    if (!info?.isFile()) {
      res.writeHead(404, isolated).end();
      return;
    }
    res.writeHead(200, {
      ...isolated,
      'Content-Type': types.get(extname(file)) ?? 'application/octet-stream',
      'Content-Length': info.size,
    });
    createReadStream(file).pipe(res);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
