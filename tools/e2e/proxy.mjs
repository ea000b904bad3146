/**
 * A proxy between browser and server: it sees every request, also those of
 * workers and service workers and those to elsewhere, counts the bytes on the
 * wire and can play a bad network.
 */
import { createServer, request } from 'node:http';
import { after } from 'node:test';

/**
 * What a rule does with a request: changes the headers that the server or the
 * browser gets, answers itself, or waits.
 *
 * @typedef {object} Rule
 * @property {RegExp} path of the requests it is for
 * @property {number} [status] answer with this instead of asking the server; 0: cut the line
 * @property {Record<string, string>} [headers] of the answer, in place of the server's
 * @property {string} [body] in place of the server's
 * @property {number} [cutAfter] cut the line after so many bytes
 * @property {number} [part] pass on this part of the file, as if it were the whole
 * @property {Promise<unknown>} [hold] until it settles
 * @property {number} [wait] so many milliseconds
 * @property {number} [times] how many requests it is for; without it all
 */

/** @typedef {{url: string, path: string, status: number, headers: number, body: number}} Seen bytes on the wire */

/**
 * Starts a proxy that lets only one origin through, and ends it after the tests.
 *
 * @param {string} origin address of the server
 * @param {Parameters<typeof openProxy>[1]} [options]
 */
export async function startProxy(origin, options) {
  const { close, ...proxy } = await openProxy(origin, options);
  after(close);
  return proxy;
}

/**
 * Starts a proxy that lets only one origin through.
 *
 * @param {string} origin address of the server
 * @param {{accept?: string, forget?: boolean}} [options] accept: the only encodings
 *   that the server is told of; forget: the browser keeps no file for the next time
 */
export async function openProxy(origin, { accept, forget = false } = {}) {
  /** @type {Seen[]} */
  const seen = [];
  /** @type {string[]} requests to anywhere else */
  const elsewhere = [];
  /** @type {Rule[]} */
  const rules = [];
  const { host } = new URL(origin);

  const server = createServer(async (req, res) => {
    const url = new URL(req.url ?? '', origin);
    if (url.host !== host) {
      elsewhere.push(url.href);
      res.writeHead(403).end();
      return;
    }
    /** @type {Seen} */
    const entry = { url: url.href, path: url.pathname, status: 0, headers: 0, body: 0 };
    seen.push(entry);
    const rule = rules.find((r) => r.path.test(url.pathname) && r.times !== 0);
    if (rule?.times) rule.times--;
    await rule?.hold;
    if (rule?.wait) await new Promise((done) => setTimeout(done, rule.wait));
    if (rule?.status !== undefined) {
      entry.status = rule.status;
      if (rule.status === 0) {
        // After some bytes: a browser asks by itself again where a line is cut before the first.
        req.socket.write('HTTP/1.1 200 OK\r\nContent-', () => setTimeout(() => req.socket.resetAndDestroy(), 20));
      }
      if (rule.status !== 0) res.writeHead(rule.status, { 'Content-Type': 'text/plain', ...rule.headers }).end(rule.body ?? 'no');
      return;
    }
    const headers = { ...req.headers, ...(accept ? { 'accept-encoding': accept } : {}) };
    if (rule?.part !== undefined || rule?.cutAfter !== undefined) headers['accept-encoding'] = 'identity';
    if (forget || rule?.part !== undefined) delete headers['if-none-match'];
    const up = request(url, { method: req.method, headers, agent: false }, (answer) => {
      entry.status = answer.statusCode ?? 0;
      entry.headers = answer.rawHeaders.reduce((n, h) => n + h.length + 2, 19);
      const replaced = { ...answer.headers, ...(forget ? { 'cache-control': 'no-store' } : {}), ...rule?.headers };
      if (rule?.body !== undefined) {
        delete replaced['content-length'];
        delete replaced['content-encoding'];
      }
      if (rule?.part !== undefined) {
        /** @type {Buffer[]} */
        const parts = [];
        answer.on('data', (/** @type {Buffer} */ part) => parts.push(part));
        answer.on('end', () => {
          const whole = Buffer.concat(parts);
          const body = whole.subarray(0, Math.floor(whole.length * (rule.part ?? 1)));
          entry.body = body.length;
          res.writeHead(entry.status, { ...replaced, 'content-length': body.length }).end(body);
        });
        return;
      }
      res.writeHead(entry.status, replaced);
      answer.on('data', (/** @type {Buffer} */ part) => {
        entry.body += part.length;
        const rest = rule?.cutAfter === undefined ? Infinity : rule.cutAfter - (entry.body - part.length);
        if (rest < part.length) res.write(part.subarray(0, Math.max(0, rest)), () => res.socket?.destroy());
        else if (rule?.body === undefined) res.write(part);
      });
      answer.on('end', () => res.end(rule?.body));
    });
    up.on('error', () => res.destroy());
    req.pipe(up);
  });
  server.on('connect', (req, socket) => {
    elsewhere.push(String(req.url));
    socket.end('HTTP/1.1 403 no\r\n\r\n');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    close,
    /** For newContext. */
    settings: { server: `http://127.0.0.1:${port}` },
    seen,
    elsewhere,
    rules,
    /** Bytes of all answers so far. */
    sum() {
      return {
        body: seen.reduce((n, s) => n + s.body, 0),
        headers: seen.reduce((n, s) => n + s.headers, 0),
        requests: seen.length,
      };
    },
  };
}
