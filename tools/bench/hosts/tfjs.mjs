/** TensorFlow.js with its WebAssembly backend and its own autodiff. */
import { batches, normal, pictures } from './data.mjs';
import { oneByOne, repeat, startTraining } from './measure.mjs';
import { Absent } from './worker.mjs';

/**
 * @param {import('./worker.mjs').Env} env
 * @param {number} threads
 */
async function load(env, threads) {
  /** @type {any} */
  let tf, wasm;
  if (env.runtime === 'node') {
    const { createRequire } = await import('node:module');
    const require = createRequire(import.meta.url);
    tf = require('@tensorflow/tfjs');
    wasm = require('@tensorflow/tfjs-backend-wasm');
    const { dirname, sep } = await import('node:path');
    wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  } else {
    await import(env.url('peers/@tensorflow/tfjs/dist/tf.min.js'));
    await import(env.url('peers/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js'));
    tf = /** @type {any} */ (globalThis).tf;
    wasm = tf.wasm;
    wasm.setWasmPaths(env.url('peers/@tensorflow/tfjs-backend-wasm/dist/'));
  }
  if (threads > 1) {
    if (!(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'))) throw new Absent(`TensorFlow.js has no threads in ${env.runtime}`);
    // It takes at most half of what the browser says there is.
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * threads });
    wasm.setThreadsCount(threads);
  } else {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  }
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js has not started its WebAssembly backend');
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('TensorFlow.js found no SIMD');
  if (threads > 1 && wasm.getThreadsCount() !== threads) {
    throw new Error(`TensorFlow.js has ${wasm.getThreadsCount()} threads instead of ${threads}`);
  }
  return tf;
}

/**
 * @param {import('./worker.mjs').Env} env
 * @param {{threads: number}} options
 */
export async function open(env, { threads }) {
  /** @type {any} */
  let tf;
  /** @type {Absent | undefined} */
  let absent;
  try {
    tf = await load(env, threads);
  } catch (e) {
    if (!(e instanceof Absent)) throw e;
    absent = e;
  }
  return {
    /** @param {any} spec */
    async prepare(spec) {
      if (absent) throw absent;
      switch (spec.kind) {
        case 'gemm':
          return product(tf, spec);
        case 'train':
          return train(tf, env, spec);
        case 'decode':
        case 'encode':
          return coding(tf, spec);
      }
      throw new Error(`there is no task ${spec.kind}`);
    },
  };
}

/**
 * @param {any} tf
 * @param {any} spec
 */
async function product(tf, { m, n, k, transA, transB }) {
  const a = tf.tensor(normal(m * k, 1), transA ? [k, m] : [m, k]);
  const b = tf.tensor(normal(k * n, 2), transB ? [n, k] : [k, n]);
  const once = () => tf.matMul(a, b, transA, transB).dispose();
  await repeat(0.06, once);
  return {
    /** @param {number} seconds */
    async measure(seconds) {
      const { each } = await repeat(seconds, once);
      return { value: (2 * m * n * k) / each / 1e9 };
    },
    drop() {
      a.dispose();
      b.dispose();
    },
  };
}

/**
 * Variables of a workload, drawn as He et al. 2015.
 *
 * @param {any} tf
 */
function maker(tf) {
  let seed = 10;
  /** @type {any[]} */
  const variables = [];
  const add = (/** @type {any} */ v) => {
    variables.push(v);
    return v;
  };
  return {
    variables,
    /**
     * @param {number} inputs that each output depends on
     * @param {...number} shape
     */
    weight: (inputs, ...shape) =>
      add(
        tf.variable(
          tf.tensor(
            normal(
              shape.reduce((p, d) => p * d),
              seed++,
              Math.sqrt(2 / inputs),
            ),
            shape,
          ),
        ),
      ),
    /** @param {number} n */
    bias: (n) => add(tf.variable(tf.zeros([n]))),
  };
}

/** The workloads: encode gives mu and logvar, decode logits. */
const models = {
  /** @param {any} tf */
  'dense-vae-400'(tf) {
    const p = maker(tf);
    const dense = (/** @type {number} */ i, /** @type {number} */ o) => {
      const [w, b] = [p.weight(i, i, o), p.bias(o)];
      return (/** @type {any} */ x) => tf.add(tf.matMul(x, w), b);
    };
    const [e, mu, logvar, d, out] = [dense(784, 400), dense(400, 20), dense(400, 20), dense(20, 400), dense(400, 784)];
    return {
      latent: 20,
      variables: p.variables,
      encode(/** @type {any} */ x) {
        const h = tf.relu(e(x));
        return [mu(h), logvar(h)];
      },
      decode: (/** @type {any} */ z) => out(tf.relu(d(z))),
    };
  },
  /** @param {any} tf */
  'conv-vae-32'(tf) {
    const p = maker(tf);
    const dense = (/** @type {number} */ i, /** @type {number} */ o) => {
      const [w, b] = [p.weight(i, i, o), p.bias(o)];
      return (/** @type {any} */ x) => tf.add(tf.matMul(x, w), b);
    };
    const conv = (/** @type {number} */ i, /** @type {number} */ o) => {
      const [w, b] = [p.weight(9 * i, 3, 3, i, o), p.bias(o)];
      return (/** @type {any} */ x) => tf.add(tf.conv2d(x, w, 2, 'same'), b);
    };
    const up = (/** @type {number} */ i, /** @type {number} */ o, /** @type {number} */ stride, /** @type {number} */ side) => {
      const [w, b] = [p.weight((9 * i) / stride ** 2, 3, 3, o, i), p.bias(o)];
      return (/** @type {any} */ x) => tf.add(tf.conv2dTranspose(x, w, [x.shape[0], side, side, o], stride, 'same'), b);
    };
    const [c1, c2, mu, logvar, d] = [conv(1, 32), conv(32, 64), dense(3136, 16), dense(3136, 16), dense(16, 3136)];
    const [u1, u2, u3] = [up(64, 64, 2, 14), up(64, 32, 2, 28), up(32, 1, 1, 28)];
    return {
      latent: 16,
      variables: p.variables,
      encode(/** @type {any} */ x) {
        const h = tf.reshape(tf.relu(c2(tf.relu(c1(tf.reshape(x, [-1, 28, 28, 1]))))), [-1, 3136]);
        return [mu(h), logvar(h)];
      },
      decode(/** @type {any} */ z) {
        const h = tf.reshape(tf.relu(d(z)), [-1, 7, 7, 64]);
        return tf.reshape(u3(tf.relu(u2(tf.relu(u1(h))))), [-1, 784]);
      },
    };
  },
};

/**
 * @param {any} tf
 * @param {import('./worker.mjs').Env} env
 * @param {any} spec
 */
async function train(tf, env, { workload, batch, warmUp, data }) {
  const model = models[/** @type {keyof typeof models} */ (workload)](tf);
  const images = batches(pictures(await env.read(`bench/${data}-images.idx`)), batch).map((b) => tf.tensor(b, [batch, 784]));
  // Noise is drawn beforehand, which is to the advantage of TensorFlow.js.
  const noise = Array.from({ length: 64 }, (_, i) => tf.tensor(normal(batch * model.latent, 100 + i), [batch, model.latent]));
  const optimizer = tf.train.adam(1e-3);
  const drop = () => {
    tf.dispose([...images, ...noise, ...model.variables]);
    optimizer.dispose();
  };
  let taken = 0;
  /** @type {any} */
  let cost;
  const step = () => {
    const x = images[taken % images.length];
    const eps = noise[taken % noise.length];
    taken++;
    cost?.dispose();
    cost = optimizer.minimize(
      () => {
        const [mu, logvar] = model.encode(x);
        const logits = model.decode(tf.add(mu, tf.mul(tf.exp(tf.mul(logvar, 0.5)), eps)));
        // -log p(x|z) of logits l is softplus(l) - l x.
        const recon = tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, x)));
        const kl = tf.mul(tf.sum(tf.sub(tf.sub(tf.add(tf.square(mu), tf.exp(logvar)), logvar), 1)), 0.5);
        return tf.div(tf.add(recon, kl), batch);
      },
      true,
      model.variables,
    );
  };
  let training;
  try {
    training = await startTraining(
      oneByOne(step, () => cost.dataSync()[0]),
      batch,
      warmUp,
    );
  } catch (e) {
    drop();
    const missing = /Kernel '(\w+)' not registered/.exec(e instanceof Error ? e.message : '');
    if (missing) throw new Absent(`TensorFlow.js has no ${missing[1]} in its WebAssembly backend`);
    throw e;
  }
  return { ...training, drop };
}

/**
 * @param {any} tf
 * @param {any} spec
 */
async function coding(tf, { workload, kind, batch }) {
  const model = models[/** @type {keyof typeof models} */ (workload)](tf);
  const width = kind === 'decode' ? model.latent : 784;
  const input = normal(batch * width, 3);
  const once = () =>
    tf.tidy(() => {
      const x = tf.tensor(input, [batch, width]);
      if (kind === 'decode') return tf.sigmoid(model.decode(x)).dataSync();
      const [mu, logvar] = model.encode(x);
      return [mu.dataSync(), logvar.dataSync()];
    });
  await repeat(0.06, once);
  return {
    /** @param {number} seconds */
    async measure(seconds) {
      const { each } = await repeat(seconds, once);
      return { value: each * 1e3 };
    },
    drop: () => tf.dispose(model.variables),
  };
}
