/**
 * Starts the stage: fetches stage.wasm and runs it. This is the script of
 * stage.html, which the page shows in an iframe as
 *
 *   stage.html?v=HASH&bytes=N        of stage.wasm: its version, its length
 *   stage.html?...&renderer=canvas2d draws without WebGL
 *   stage.html?...&again=1  fetches it past all caches: what came before was of no use
 *
 * What it and the program tell the window above, with postMessage, for its own
 * origin only (in a sandboxed frame there is none to name), each an envelope {head: JSON, bufs: []}:
 *
 *   {type: 'loading', loaded, total}           bytes that have arrived, before compression
 *   {type: 'stage-error', error: {code, message}}   it has not started, or has ended
 *   {type: 'stage-hello'}                      the program runs
 *
 * The window above answers stage-hello with {head: '{"type":"stage-port"}', bufs:
 * [], port} and transfers one end of a MessageChannel. All else goes over that;
 * the program's first word there is `ready`. When the GL context is lost the
 * iframe is loaded again and all of this comes once more.
 */

/** @type {typeof globalThis.Go | undefined} the class of wasm_exec.js, if that was loaded */
const Go = globalThis.Go;

const parameters = new URLSearchParams(location.search);

/** The least time between two reports of progress, in milliseconds. */
const reportEvery = 50;

/** An error with a code of wasm/proto/errors.go. */
class StartError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
    this.field = code === 'fetch-failed' ? message.split(/[: ]/)[0] : '';
  }
}

/** @param {{type: string, [field: string]: any}} head */
function tell(head) {
  window.parent.postMessage({ head: JSON.stringify(head), bufs: [] }, window.origin === 'null' ? '*' : window.origin);
}

/**
 * @param {any} error
 * @param {string} [code] where the error has none
 */
function fail(error, code = 'internal') {
  tell({ type: 'stage-error', error: { code: error?.code ?? code, message: String(error?.message ?? error), field: error?.field } });
}

/**
 * Fetches the program as a response that tells how much of it has arrived.
 *
 * @returns {Promise<{response: Response, type: string, whole: () => boolean}>} a response of the right type, and the type that
 *   the server gave
 */
async function fetchProgram() {
  const version = parameters.get('v');
  const total = Number(parameters.get('bytes')) || 0;
  tell({ type: 'loading', loaded: 0, total }); // this script has arrived
  let response;
  try {
    const cache = parameters.has('again') ? 'reload' : 'default';
    response = await fetch(version ? `stage.wasm?v=${encodeURIComponent(version)}` : 'stage.wasm', { cache });
  } catch (e) {
    throw new StartError('fetch-failed', `stage.wasm: ${e instanceof Error ? e.message : e}`);
  }
  if (!response.ok || !response.body) throw new StartError('fetch-failed', `stage.wasm: ${response.status} ${response.statusText}`);
  const type = (response.headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();

  let loaded = 0;
  let ended = false;
  let reported = -reportEvery;
  const counter = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      const now = performance.now();
      if (now - reported >= reportEvery) {
        reported = now;
        tell({ type: 'loading', loaded, total });
      }
      controller.enqueue(chunk);
    },
    flush() {
      ended = true;
      tell({ type: 'loading', loaded, total });
    },
  });
  return {
    response: new Response(response.body.pipeThrough(counter), { headers: { 'content-type': 'application/wasm' } }),
    type,
    whole: () => ended && (total === 0 || loaded === total),
  };
}

/**
 * Compiles the program while it arrives, where the browser can.
 *
 * @param {WebAssembly.Imports} imports
 * @returns {Promise<WebAssembly.Instance>}
 */
async function instantiate(imports) {
  const { response, type, whole } = await fetchProgram();
  try {
    const { instance } = WebAssembly.instantiateStreaming
      ? await WebAssembly.instantiateStreaming(response, imports)
      : await WebAssembly.instantiate(await response.arrayBuffer(), imports);
    return instance;
  } catch (e) {
    const message = e instanceof Error ? e.message : String(e);
    if (!mayCompile()) throw new StartError('wasm-blocked', message);
    // Something else came under that name, a page perhaps; good bytes run whatever they are called.
    if (type !== 'application/wasm')
      throw new StartError('wasm-type', `stage.wasm is served as "${type}", not application/wasm; ${message}`);
    if (!whole()) throw new StartError('fetch-failed', `stage.wasm did not arrive whole: ${message}`);
    throw e;
  }
}

/** Whether WebAssembly is allowed here: tries the smallest module there is. */
function mayCompile() {
  try {
    return Boolean(new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  } catch {
    return false;
  }
}

/**
 * Ebitengine asks for the next animation frame in each, whether there is
 * anything to draw or not, and a browser that is asked wakes up for every
 * frame. So its requests wait until the program wants a frame and calls
 * inkdriftWake.
 */
function installGate() {
  const request = window.requestAnimationFrame.bind(window);
  /** More than one where an extension or a test asks for frames here too. @type {FrameRequestCallback[]} */
  const parked = [];
  let wanted = false;
  window.requestAnimationFrame = (callback) => {
    if (!wanted) {
      parked.push(callback);
      return 0;
    }
    wanted = false;
    return request(callback);
  };
  /** @type {any} */ (globalThis).inkdriftWake = () => {
    wanted = parked.length === 0;
    for (const callback of parked.splice(0)) request(callback);
  };
}

/**
 * Ebitengine asks for a WebGL context that smooths edges by itself, which draws
 * every pixel several times. It only ever puts one finished picture on the
 * screen, where there is nothing to smooth; without a GPU this halves the work.
 * Nor do a few pictures need the stronger of two GPUs.
 */
function installContext() {
  const prototype = HTMLCanvasElement.prototype;
  const get = /** @type {any} */ (prototype.getContext);
  prototype.getContext = /** @type {any} */ (
    /** @this {HTMLCanvasElement} @param {string} type @param {any} [options] */
    function getContext(type, options) {
      const modest = { antialias: false, depth: false, powerPreference: 'low-power' };
      return get.call(this, type, type === 'webgl2' ? { ...options, ...modest } : options);
    }
  );
}

async function start() {
  if (typeof WebAssembly !== 'object') throw new StartError('wasm-blocked', 'this browser has no WebAssembly, or it is switched off');
  if (typeof Go !== 'function') throw new StartError('fetch-failed', 'wasm_exec.js did not arrive');
  installGate();
  installContext();
  const go = new Go();
  const instance = await instantiate(go.importObject);
  await go.run(instance);
  throw new StartError('exited', 'the stage has ended');
}

start().catch(fail);
