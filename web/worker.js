/**
 * The engine's worker: fetches engine.wasm, tells how much of it has arrived,
 * runs it and tells when it has ended. It is a classic worker, because
 * wasm_exec.js is a classic script.
 *
 *   new Worker('worker.js?v=HASH&bytes=N')
 *
 * HASH is engine.wasm's version and N its size in bytes before compression.
 * Messages that come before the engine is there are kept for it.
 *
 * Events of its own: `loading` {loaded, total}, `engine-warning` {error} and
 * `engine-error` {error}, after which nothing more comes.
 */
'use strict';

(() => {
  const query = new URL(self.location.href).searchParams;
  const version = query.get('v') ?? '';
  const total = Number(query.get('bytes')) || 0;
  const wasmURL = `engine.wasm?v=${encodeURIComponent(version)}`;

  /** How often arriving bytes are told of, in milliseconds. */
  const tellEvery = 50;

  /** @type {any[]} */
  let early = [];
  const keep = (/** @type {MessageEvent} */ e) => early.push(e.data);
  self.addEventListener('message', keep);

  /**
   * The engine calls this when it has begun to listen itself.
   *
   * @returns {any[]} the messages that came before
   */
  self.takeEarly = () => {
    self.removeEventListener('message', keep);
    const messages = early;
    early = [];
    return messages;
  };

  const post = (/** @type {object} */ head) => self.postMessage({ head: JSON.stringify(head), bufs: [] }, []);

  let ended = false;
  /**
   * Tells that there is no engine, once.
   *
   * @param {string} code
   * @param {unknown} why
   */
  function end(code, why) {
    if (ended) return;
    ended = true;
    const message = why instanceof Error ? why.message : String(why);
    post({ type: 'engine-error', error: { code, message } });
  }

  /** An error whose code is known where it is thrown. */
  class StartError extends Error {
    /**
     * @param {string} code
     * @param {string} message
     */
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  /** Fails if WebAssembly is missing or the page's policy forbids it. */
  function checkAllowed() {
    if (typeof WebAssembly !== 'object') throw new StartError('wasm-blocked', 'there is no WebAssembly here');
    try {
      new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)); // the empty module
    } catch (e) {
      throw new StartError('wasm-blocked', String(e));
    }
  }

  /**
   * Fetches the program, passing its bytes on as they arrive.
   *
   * @returns {Promise<{response: Response, type: string}>} a response of the
   *   right type, and the type that the server gave
   */
  async function fetchProgram() {
    let response;
    try {
      response = await fetch(wasmURL);
    } catch (e) {
      throw new StartError('fetch-failed', `engine.wasm: ${e instanceof Error ? e.message : e}`);
    }
    if (!response.ok || !response.body) {
      throw new StartError('fetch-failed', `engine.wasm: ${response.status} ${response.statusText}`);
    }
    let loaded = 0;
    let told = -Infinity;
    const tell = () => {
      told = performance.now();
      post({ type: 'loading', loaded, total: Math.max(total, loaded) });
    };
    const counted = response.body.pipeThrough(
      new TransformStream({
        transform(chunk, out) {
          loaded += chunk.byteLength;
          if (performance.now() - told >= tellEvery) tell();
          out.enqueue(chunk);
        },
        flush: tell,
      }),
    );
    const type = (response.headers.get('Content-Type') ?? '').split(';')[0].trim().toLowerCase();
    return { response: new Response(counted, { headers: { 'Content-Type': 'application/wasm' } }), type };
  }

  /**
   * @param {WebAssembly.Imports} imports
   * @returns {Promise<WebAssembly.Instance>}
   */
  async function instantiate(imports) {
    const { response, type } = await fetchProgram();
    const rightType = type === 'application/wasm';
    const complaint = `the server says that engine.wasm is of type "${type}", not application/wasm`;
    try {
      const { instance } = await WebAssembly.instantiateStreaming(response, imports);
      // The bytes were good: only somebody who runs the server wants to know.
      if (!rightType) post({ type: 'engine-warning', error: { code: 'wasm-type', message: complaint } });
      return instance;
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      // Something else came under that name, a page perhaps, or the file is torn.
      if (e instanceof WebAssembly.CompileError && !rightType) throw new StartError('wasm-type', `${complaint}; ${why}`);
      throw new StartError('fetch-failed', `engine.wasm did not arrive whole: ${why}`);
    }
  }

  async function start() {
    checkAllowed();
    try {
      self.importScripts(`wasm_exec.js?v=${encodeURIComponent(version)}`);
    } catch (e) {
      throw new StartError('fetch-failed', `wasm_exec.js: ${e instanceof Error ? e.message : e}`);
    }
    const go = new self.Go();
    go.argv = ['engine', version];
    let status = 0;
    go.exit = (/** @type {number} */ code) => (status = code);
    const instance = await instantiate(go.importObject);
    // A trap inside a callback of the engine goes here and not through run.
    self.addEventListener('error', (e) => end('exited', e.error ?? e.message));
    await go.run(instance);
    throw new StartError('exited', `the engine ended with status ${status}`);
  }

  start().catch((e) => end(e instanceof StartError ? e.code : 'exited', e));
})();
