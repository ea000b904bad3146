/**
 * Writes a model for other programs, with the engine that trains. Loaded when a
 * person asks for it.
 *
 * @typedef {'onnx' | 'pytorch'} Format
 *
 * @typedef {object} GivenModel
 * @property {string} name as it may stand in the names of files
 * @property {ArrayBuffer} bytes its safetensors file
 * @property {string} [card] what is written about it
 */

/**
 * An archive with the model in another format, and the names of the files in it.
 *
 * @param {() => import('./engine.js').Engine} makeEngine
 * @param {Format} format
 * @param {GivenModel} model
 */
export async function exportModel(makeEngine, format, { name, bytes, card = '' }) {
  const engine = makeEngine();
  try {
    engine.start();
    const text = /** @type {ArrayBuffer} */ (new TextEncoder().encode(card).buffer);
    const { head, bufs } = await engine.request('export', { format, name }, [bytes, text]);
    return { name: `${name}-${format}.zip`, bytes: bufs[0], files: head.files };
  } finally {
    engine.stop();
  }
}
