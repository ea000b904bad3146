/**
 * Runs exported ONNX graphs in ONNX Runtime and compares what they give with what is
 * expected:
 *
 *   node onnx.mjs PLAN
 *
 * PLAN is a JSON file, a list of {model, folder, runs: [{graph, batch, inputs, outputs}]};
 * inputs and outputs are by name {shape, data}, data being little-endian float32 in
 * base64. Each run becomes a line of JSON: {model, graph, batch, output, difference},
 * or {model, graph, error}.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** @param {{shape: number[], data: string}} t */
function floats({ data }) {
  const bytes = Buffer.from(data, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const say = (/** @type {object} */ line) => console.log(JSON.stringify(line));

for (const { model, folder, runs } of JSON.parse(await readFile(process.argv[2], 'utf8'))) {
  /** @type {Map<string, InferenceSession>} */
  const sessions = new Map();
  for (const { graph, batch, inputs, outputs } of runs) {
    try {
      let session = sessions.get(graph);
      if (!session) {
        session = await InferenceSession.create(path.join(folder, `${graph}.onnx`), { intraOpNumThreads: 1 });
        sessions.set(graph, session);
      }
      const given = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, new Tensor('float32', floats(t), t.shape)]));
      const got = await session.run(given);
      for (const [name, want] of Object.entries(outputs)) {
        if (got[name].dims.join() !== want.shape.join()) throw new Error(`${name} is ${got[name].dims} instead of ${want.shape}`);
        let difference = 0;
        floats(want).forEach((v, i) => {
          const d = Math.abs(v - got[name].data[i]);
          if (!(d <= difference)) difference = d;
        });
        say({ model, graph, batch, output: name, difference });
      }
    } catch (e) {
      say({ model, graph, batch, error: String(e) });
    }
  }
}
