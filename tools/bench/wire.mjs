/** A line between a browser and a server that counts what comes through it. */
import { connect, createServer } from 'node:net';

/**
 * @param {string} url of the server
 * @returns {Promise<{url: string, received: () => number, close: () => void}>}
 *   received: bytes that have come from the server, headers and all
 */
export async function startWire(url) {
  const { hostname, port } = new URL(url);
  let received = 0;
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      open.add(one);
      one.setNoDelay();
      one.on('error', () => other.destroy());
      one.on('close', () => open.delete(one));
      one.pipe(other);
    }
    far.on('data', (part) => (received += part.length));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const through = new URL(url);
  through.port = String(own);
  return {
    url: through.href,
    received: () => received,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
