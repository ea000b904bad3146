/**
 * The envelope of messages between shell, engine and stage: one JSON object, the
 * head, and any number of buffers. The Go package wasm/proto is the other end.
 *
 * @typedef {{head: string, bufs?: ArrayBuffer[], port?: MessagePort}} Envelope
 * @typedef {{type: string, id?: number, re?: number, [field: string]: any}} Head
 * @typedef {{head: Head, bufs: ArrayBuffer[], port?: MessagePort}} Opened
 */

/**
 * Packs a message. The buffers and the port are transferred, so a caller that
 * needs its buffers again passes copies.
 *
 * @param {Head} head
 * @param {ArrayBuffer[]} [bufs]
 * @param {MessagePort} [port]
 * @returns {[Envelope, Transferable[]]} the arguments of postMessage
 */
export function pack(head, bufs = [], port) {
  /** @type {Envelope} */
  const message = { head: JSON.stringify(head), bufs };
  /** @type {Transferable[]} */
  const transfer = [...bufs];
  if (port) {
    message.port = port;
    transfer.push(port);
  }
  return [message, transfer];
}

/**
 * Unpacks a message; null for anything that is no envelope: other scripts and
 * browser extensions post messages too.
 *
 * @param {any} data
 * @returns {Opened | null}
 */
export function unpack(data) {
  if (typeof data !== 'object' || data === null || typeof data.head !== 'string') return null;
  /** @type {any} */
  let head;
  try {
    head = JSON.parse(data.head);
  } catch {
    return null;
  }
  if (typeof head !== 'object' || head === null || typeof head.type !== 'string') return null;
  const bufs = Array.isArray(data.bufs) ? data.bufs.filter((/** @type {any} */ b) => b instanceof ArrayBuffer) : [];
  return { head, bufs, port: data.port };
}
