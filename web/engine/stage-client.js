/**
 * The client of the stage: the handshake with the iframe, and messages to it. The
 * stage loses its state when it reloads, which can happen at any time (a lost GL
 * context). Then `connected` is emitted again, and listeners send everything
 * again.
 */
import { pack, unpack } from './channel.js';
import { Emitter } from '../lib/emitter.js';
import { InkdriftError } from '../lib/errors.js';
import { came, late, patience } from '../lib/fetch-file.js';

/**
 * @typedef {import('../generated/protocol.js').StageMessages} StageMessages
 * @typedef {{[T in keyof StageMessages]: {type: T} & StageMessages[T]}[keyof StageMessages]} StageMessage
 * @typedef {import('../generated/protocol.js').Told<import('../generated/protocol.js').StageEvents>
 *   & {connected: [], loading: [loaded: number], failed: [error: InkdriftError]}} StageClientEvents
 */

/**
 * How long the iframe may be silent before it counts as failed, in milliseconds: in
 * the middle of its start, and before its first word once it has loaded. At first it
 * may be so for shorter, since it is started again then.
 */
const silenceMs = { starting: 60_000, loaded: 10_000, fetching: patience, first: 2_000 };

/** How often it is started again by itself: it is made of several files. */
const maxAgain = 2;

/** The program, which may be late. */
const program = 'stage.wasm';

/** Codes of errors of a start that would fail again. */
const finalCodes = ['wasm-blocked', 'wasm-type'];

/**
 * Fetches a file past all caches, which then have it.
 *
 * @param {string} url
 */
const renew = (url) => fetch(url, { cache: 'reload' }).then((answer) => answer.arrayBuffer());

/** The origin that messages to the stage go to. In a sandboxed frame none can be named; then the window alone says who they are for. */
const ownOrigin = () => (window.origin === 'null' ? '*' : window.origin);

/**
 * Events: `connected` when the stage takes messages, every event of the stage under
 * its type (head, bufs), `loading` (loaded), `failed` (error).
 *
 * @extends {Emitter<StageClientEvents>}
 */
export class StageClient extends Emitter {
  /** Whether it draws: it has said so since it was connected. */
  ready = false;

  #iframe;
  /** @type {MessagePort | null} */
  #port = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether it has sent anything since it was started. */
  #heard = false;
  #url = '';
  /** How often it was started again, as a start failed. */
  #again = 0;

  /** @param {HTMLIFrameElement} iframe */
  constructor(iframe) {
    super();
    this.#iframe = iframe;
    window.addEventListener('message', (event) => {
      if (event.source === iframe.contentWindow && event.origin === window.origin) this.#onWindowMessage(event.data);
    });
    iframe.addEventListener('load', () => {
      if (iframe.src && !this.#heard) this.#restartTimeout(this.#again === maxAgain ? silenceMs.loaded : silenceMs.first);
    });
  }

  /** @param {string} url */
  start(url) {
    this.#heard = false;
    this.#url = url;
    this.#again = 0;
    this.#restartTimeout(silenceMs.fetching);
    this.#iframe.src = url;
  }

  /**
   * It does not start: it is given its files anew and started again, a few times.
   *
   * @param {InkdriftError} error
   */
  async #fail(error) {
    clearTimeout(this.#timer);
    if (this.#again === maxAgain || this.#port || finalCodes.includes(error.code)) {
      came(program);
      this.emit('failed', error);
      return;
    }
    this.#again++;
    this.#restartTimeout();
    await Promise.allSettled(['stage.js', 'wasm_exec.js'].map((name) => renew(new URL(name, this.#url).href)));
    this.#heard = false;
    this.#restartTimeout();
    this.#iframe.src = `${this.#url}&again=${this.#again}`;
  }

  /** Whether the stage takes messages. */
  get connected() {
    return this.#port !== null;
  }

  /**
   * Sends a message to the stage; without one it is dropped.
   *
   * @param {StageMessage} head
   * @param {ArrayBuffer[]} [bufs] transferred
   * @param {MessagePort} [port]
   */
  send(head, bufs, port) {
    this.#port?.postMessage(...pack(head, bufs, port));
  }

  /** @param {any} data a message from the window of the iframe */
  #onWindowMessage(data) {
    const message = unpack(data);
    if (!message) return;
    const { head } = message;
    this.#heard = true;
    if (head.type === 'loading') {
      if (head.loaded > 0) came(program); // at 0 its script has come alone
      this.#restartTimeout(this.#again === 0 && head.loaded < head.total ? silenceMs.fetching : silenceMs.starting);
      this.emit('loading', Number(head.loaded) || 0);
    } else if (head.type === 'stage-error') {
      void this.#fail(InkdriftError.from(head.error));
    } else if (head.type === 'stage-hello') {
      this.#restartTimeout();
      this.#port?.close();
      const { port1, port2 } = new MessageChannel();
      this.#port = port1;
      this.ready = false;
      port1.onmessage = (event) => {
        clearTimeout(this.#timer);
        const m = unpack(event.data);
        if (!m) return;
        if (m.head.type === 'ready') this.ready = true;
        this.emit(/** @type {any} */ (m.head.type), /** @type {any} */ (m.head), m.bufs);
      };
      const [greeting, transfer] = pack({ type: 'stage-port' }, [], port2);
      this.#iframe.contentWindow?.postMessage(greeting, ownOrigin(), transfer);
      this.emit('connected');
    }
  }

  /**
   * (Re)starts the time limit on the stage's next message.
   *
   * @param {number} [ms]
   */
  #restartTimeout(ms = silenceMs.starting) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (ms === silenceMs.fetching) late(program);
      void this.#fail(new InkdriftError('stage-silent', `no message for ${ms / 1000} s`));
    }, ms);
  }
}
