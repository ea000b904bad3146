/** jax-js (@jax-js/jax) with its WebAssembly backend. */
import { batches, normal, pictures } from './data.mjs';
import { oneByOne, repeat, startTraining } from './measure.mjs';
import { Absent } from './worker.mjs';

/**
 * @param {import('./worker.mjs').Env} env
 * @param {{threads: number}} options
 */
export async function open(env, { threads }) {
  if (threads > 1 && (typeof SharedArrayBuffer === 'undefined' || typeof Worker === 'undefined')) {
    return {
      prepare() {
        throw new Absent(`jax-js has no threads in ${env.runtime}`);
      },
    };
  }
  // jax-js has as many threads as the machine where it finds workers, else none.
  if (threads > 1) Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads });
  else Object.defineProperty(globalThis, 'Worker', { value: undefined });
  const jax = await import(env.url('peers/@jax-js/jax/dist/index.js'));
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return {
    /** @param {any} spec */
    async prepare(spec) {
      switch (spec.kind) {
        case 'train':
          return train(jax, env, spec);
        case 'decode':
        case 'encode':
          return coding(jax, spec);
      }
      throw new Absent(`${spec.kind} is not measured`);
    },
  };
}

/** The weights of a workload, by name, as numbers with their shapes. */
const weights = {
  'dense-vae-400': {
    e: [784, [784, 400]],
    mu: [400, [400, 20]],
    logvar: [400, [400, 20]],
    d: [20, [20, 400]],
    out: [400, [400, 784]],
  },
  'conv-vae-32': {
    c1: [9, [32, 1, 3, 3]],
    c2: [288, [64, 32, 3, 3]],
    mu: [3136, [3136, 16]],
    logvar: [3136, [3136, 16]],
    d: [16, [16, 3136]],
    u1: [144, [64, 64, 3, 3]],
    u2: [144, [32, 64, 3, 3]],
    u3: [288, [1, 32, 3, 3]],
  },
};

/**
 * Arrays of a workload: NAME for weights and NAME_b for biases.
 *
 * @param {any} np
 * @param {string} workload
 */
function parameters(np, workload) {
  let seed = 10;
  /** @type {Record<string, any>} */
  const p = {};
  for (const [name, [inputs, shape]] of Object.entries(/** @type {any} */ (weights)[workload])) {
    const n = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b);
    p[name] = np.array(normal(n, seed++, Math.sqrt(2 / inputs))).reshape(shape);
    // A bias of convolutions stands beside channels, height and width.
    p[`${name}_b`] = shape.length === 4 ? np.zeros([shape[0], 1, 1]) : np.zeros([shape[1]]);
  }
  return p;
}

/**
 * encode gives mu and logvar, decode logits; both take only the parameters that
 * they use, and use them up.
 *
 * @param {any} jax
 * @param {string} workload
 */
function model({ lax, nn, numpy: np }, workload) {
  const dense = (/** @type {any} */ p, /** @type {string} */ name, /** @type {any} */ x) => np.matmul(x, p[name]).add(p[`${name}_b`]);
  if (workload === 'dense-vae-400') {
    return {
      latent: 20,
      encodes: ['e', 'mu', 'logvar'],
      encode(/** @type {any} */ p, /** @type {any} */ x) {
        const h = nn.relu(dense(p, 'e', x));
        return [dense(p, 'mu', h.ref), dense(p, 'logvar', h)];
      },
      decode: (/** @type {any} */ p, /** @type {any} */ z) => dense(p, 'out', nn.relu(dense(p, 'd', z))),
    };
  }
  const conv = (/** @type {any} */ p, /** @type {string} */ name, /** @type {any} */ x) =>
    lax
      .convGeneralDilated(
        x,
        p[name],
        [2, 2],
        [
          [1, 1],
          [1, 1],
        ],
      )
      .add(p[`${name}_b`]);
  const up = (/** @type {any} */ p, /** @type {string} */ name, /** @type {any} */ x, /** @type {number} */ stride) =>
    lax
      .convGeneralDilated(
        x,
        p[name],
        [1, 1],
        [
          [1, stride],
          [1, stride],
        ],
        { lhsDilation: [stride, stride] },
      )
      .add(p[`${name}_b`]);
  return {
    latent: 16,
    encodes: ['c1', 'c2', 'mu', 'logvar'],
    encode(/** @type {any} */ p, /** @type {any} */ x) {
      const h = nn.relu(conv(p, 'c2', nn.relu(conv(p, 'c1', x.reshape([-1, 1, 28, 28]))))).reshape([-1, 3136]);
      return [dense(p, 'mu', h.ref), dense(p, 'logvar', h)];
    },
    decode(/** @type {any} */ p, /** @type {any} */ z) {
      const h = nn.relu(dense(p, 'd', z)).reshape([-1, 64, 7, 7]);
      return up(p, 'u3', nn.relu(up(p, 'u2', nn.relu(up(p, 'u1', h, 2)), 2)), 1).reshape([-1, 784]);
    },
  };
}

/**
 * @param {any} jax
 * @param {import('./worker.mjs').Env} env
 * @param {any} spec
 */
async function train(jax, env, { workload, batch, warmUp, data }) {
  const { numpy: np, nn, tree } = jax;
  const m = model(jax, workload);
  const loss = (/** @type {any} */ p, /** @type {any} */ x, /** @type {any} */ eps) => {
    const [mu, logvar] = m.encode(p, x.ref);
    const z = mu.ref.add(np.exp(logvar.ref.mul(0.5)).mul(eps));
    const logits = m.decode(p, z);
    const recon = nn.softplus(logits.ref).sub(logits.mul(x)).sum();
    const kl = np.square(mu).add(np.exp(logvar.ref)).sub(logvar).sub(1).sum().mul(0.5);
    return recon.add(kl).div(batch);
  };
  // One compiled function is forward, backward and Adam, as jax-js does best.
  const step = jax.jit(
    (/** @type {any} */ s, /** @type {any} */ x, /** @type {any} */ eps, /** @type {any} */ correct1, /** @type {any} */ correct2) => {
      const [value, grads] = jax.valueAndGrad(loss)(tree.ref(s.p), x, eps);
      /** @type {any} */
      const out = { p: {}, m: {}, v: {} };
      for (const name of Object.keys(s.p)) {
        const g = grads[name];
        const m1 = s.m[name].mul(0.9).add(g.ref.mul(0.1));
        const v1 = s.v[name].mul(0.999).add(np.square(g).mul(0.001));
        out.p[name] = s.p[name].sub(m1.ref.mul(correct1.ref).div(np.sqrt(v1.ref.mul(correct2.ref)).add(1e-8)));
        out.m[name] = m1;
        out.v[name] = v1;
      }
      correct1.dispose();
      correct2.dispose();
      return [value, out];
    },
  );

  const images = batches(pictures(await env.read(`bench/${data}-images.idx`)), batch).map((b) => np.array(b).reshape([batch, 784]));
  // Noise is drawn beforehand, which is to the advantage of jax-js.
  const noise = Array.from({ length: 64 }, (_, i) => np.array(normal(batch * m.latent, 100 + i)).reshape([batch, m.latent]));
  const p = parameters(np, workload);
  const zeros = () => Object.fromEntries(Object.entries(p).map(([name, w]) => [name, np.zeros(w.shape)]));
  let state = { p, m: zeros(), v: zeros() };
  let taken = 0;
  /** @type {any} */
  let value;
  const take = oneByOne(
    () => {
      const [x, eps] = [images[taken % images.length], noise[taken % noise.length]];
      taken++;
      value?.dispose();
      [value, state] = step(state, x.ref, eps.ref, np.array(1e-3 / (1 - 0.9 ** taken)), np.array(1 / (1 - 0.999 ** taken)));
    },
    async () => (await value.ref.data())[0],
  );
  return {
    ...(await startTraining(take, batch, warmUp)),
    drop() {
      tree.dispose([state, images, noise, value]);
    },
  };
}

/**
 * @param {any} jax
 * @param {any} spec
 */
async function coding(jax, { workload, kind, batch }) {
  const { numpy: np, nn } = jax;
  const m = model(jax, workload);
  const all = parameters(np, workload);
  /** @type {Record<string, any>} */
  const p = {};
  for (const [name, w] of Object.entries(all)) {
    if (m.encodes.includes(name.replace(/_b$/, '')) === (kind === 'encode')) p[name] = w;
    else w.dispose();
  }
  const f = jax.jit((/** @type {any} */ p, /** @type {any} */ x) => (kind === 'encode' ? m.encode(p, x) : nn.sigmoid(m.decode(p, x))));
  const width = kind === 'decode' ? m.latent : 784;
  const input = normal(batch * width, 3);
  const once = async () => {
    const out = f(jax.tree.ref(p), np.array(input).reshape([batch, width]));
    await Promise.all([out].flat().map((y) => y.data()));
  };
  await repeat(0.05, once);
  return {
    /** @param {number} seconds */
    async measure(seconds) {
      const { each } = await repeat(seconds, once);
      return { value: each * 1e3 };
    },
    drop: () => jax.tree.dispose(p),
  };
}
