/**
 * The worker of an engine: fetches its program, tells how much of it has arrived,
 * runs it and tells when it has ended. It is a classic worker, because
 * wasm_exec.js is a classic script.
 *
 *   new Worker('worker.js?v=HASH&bytes=N&program=FILE&relaxed=HASH&strict=HASH[&kernel=BEST][&again=N]')
 *
 * FILE is the program, the first HASH its version and N its size in bytes before
 * compression; the others are the versions of the SIMD kernel's variants. BEST
 * is the fastest variant that is wanted, relaxed if nothing is said, or off. With
 * again nothing that came before is used: it was of no use.
 * Started by a blob, it finds this address in inkdriftAddress.
 * Messages that come before the engine is there are kept for it.
 *
 * Events of its own: `loading` {loaded, total}, `late` {file}: it sends nothing for long,
 * `engine-warning` {error}, and `engine-error` {error}, after which nothing more comes.
 */
// biome-ignore lint/suspicious/noRedundantUseStrict: a classic script, not a module
'use strict';

(() => {
  const address = new URL(self.inkdriftAddress ?? self.location.href);
  const query = address.searchParams;
  const version = query.get('v') ?? '';
  const total = Number(query.get('bytes')) || 0;
  const program = query.get('program') ?? '';
  /** @param {string} name @param {string} v */
  const addressOf = (name, v) => new URL(`${name}?v=${encodeURIComponent(v)}`, address).href;
  const wanted = query.get('kernel') ?? 'relaxed';
  const again = query.get('again');

  /** How long a kernel may take, in milliseconds. */
  const patience = 10_000;

  /** How often arriving bytes are told of, in milliseconds. */
  const tellEvery = 50;

  /** @type {unknown[]} */
  let early = [];
  const keep = (/** @type {MessageEvent} */ e) => early.push(e.data);
  self.addEventListener('message', keep);

  /**
   * The engine calls this when it has begun to listen itself.
   *
   * @returns {unknown[]} the messages that came before
   */
  const takeEarly = () => {
    self.removeEventListener('message', keep);
    const messages = early;
    early = [];
    return messages;
  };
  Object.assign(self, { takeEarly });

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
    const field = code === 'fetch-failed' ? message.split(/[: ]/)[0] : '';
    post({ type: 'engine-error', error: { code, message, field } });
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
      response = await fetch(addressOf(program, version), { cache: again ? 'reload' : 'default' });
    } catch (e) {
      throw new StartError('fetch-failed', `${program}: ${e instanceof Error ? e.message : e}`);
    }
    if (!response.ok || !response.body) {
      throw new StartError('fetch-failed', `${program}: ${response.status} ${response.statusText}`);
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
    const complaint = `the server says that ${program} is of type "${type}", not application/wasm`;
    try {
      return (await WebAssembly.instantiateStreaming(response, imports)).instance; // good bytes run whatever they are called
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      // Something else came under that name, a page perhaps, or the file is torn.
      if (e instanceof WebAssembly.CompileError && !rightType) throw new StartError('wasm-type', `${complaint}; ${why}`);
      throw new StartError('fetch-failed', `${program} did not arrive whole: ${why}`);
    }
  }

  /**
   * Loads a script of the same build.
   *
   * @param {string} name
   */
  function script(name) {
    try {
      self.importScripts(addressOf(name, version) + (again ? `&again=${again}` : ''));
    } catch (e) {
      throw new StartError('fetch-failed', `${name}: ${e instanceof Error ? e.message : e}`);
    }
  }

  /**
   * Fetches a variant of the kernel, once more if it does not arrive whole.
   *
   * @param {string} variant
   * @param {RequestCache} [cache]
   * @returns {Promise<ArrayBuffer>}
   */
  async function fetchKernel(variant, cache = again ? 'reload' : 'default') {
    const name = `kernel_${variant}.wasm`;
    const abort = new AbortController();
    const limit = setTimeout(() => {
      post({ type: 'late', file: name });
      abort.abort(new Error(`${name}: nothing came for ${patience / 1000} s`));
    }, patience);
    try {
      const response = await fetch(addressOf(name, query.get(variant) ?? ''), { cache, signal: abort.signal });
      if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
      const bytes = await response.arrayBuffer();
      if (!WebAssembly.validate(bytes)) throw new Error(`${name} did not arrive whole`);
      return bytes;
    } catch (e) {
      if (cache === 'reload') throw e;
      return fetchKernel(variant, 'reload');
    } finally {
      clearTimeout(limit);
    }
  }

  /**
   * Begins to fetch the kernel and says what puts it behind the imports of a
   * program. Without one the engine computes in plain Go; why is told in a
   * warning.
   *
   * @param {GoProgram} go
   * @returns {(memory: WebAssembly.Memory) => Promise<void>}
   */
  function prepareKernel(go) {
    const kernels = self.inkdriftKernel;
    const best = wanted === 'strict' || wanted === 'off' ? wanted : 'relaxed';
    const [first] = kernels.candidates(best);
    const coming = first && fetchKernel(first);
    coming?.catch(() => {}); // told of below
    const kernel = kernels.create();
    go.importObject.kernel = kernel.imports;
    return async (memory) => {
      const { variant, errors } = await kernel.load(memory, (v) => (v === first ? coming : fetchKernel(v)), best);
      // The strict kernel is hardly slower.
      if (errors.length > 0 && variant === 'off') {
        const message = `computing goes on with plain Go: ${errors.join('; ')}`;
        post({ type: 'engine-warning', error: { code: 'kernel-failed', message } });
      } else if (best !== 'off' && !first) {
        post({
          type: 'engine-warning',
          error: { code: 'no-simd', message: 'WebAssembly has no SIMD here: computing goes on with plain Go' },
        });
      }
    };
  }

  async function start() {
    checkAllowed();
    script('wasm_exec.js');
    script('kernel.js');
    const go = new self.Go();
    go.argv = ['engine', version];
    let status = 0;
    go.exit = (/** @type {number} */ code) => (status = code);
    const addKernel = prepareKernel(go);
    const instance = await instantiate(go.importObject);
    await addKernel(/** @type {WebAssembly.Memory} */ (instance.exports.mem));
    // A trap inside a callback of the engine goes here and not through run.
    self.addEventListener('error', (e) => end('exited', e.error ?? e.message));
    await go.run(instance);
    throw new StartError('exited', `the engine ended with status ${status}`);
  }

  start().catch((e) => end(e instanceof StartError ? e.code : 'exited', e));
})();
