/**
 * window.inkdrift, the scripting interface for teachers, notebooks and tests.
 * Arguments are checked here, so that the error names the one that is wrong.
 */
import { InkdriftError } from '../lib/errors.js';

/** Numbers in a picture. */
const pixels = 784;

/** Frames of a morph: fewest, usual, most. */
const morphFrames = { min: 2, usual: 16, max: 512 };

/**
 * Checks a list of numbers.
 *
 * @param {string} field its name in errors
 * @param {any} values an array or typed array
 * @param {number} length
 * @param {[number, number]} [range] of each number
 * @returns {ArrayBuffer} the numbers as float32
 * @throws {InkdriftError} bad-length, not-finite or bad-value
 */
export function numbers(field, values, length, range) {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (!isList) throw new InkdriftError('bad-value', 'not an array of numbers', field);
  const list = /** @type {ArrayLike<any>} */ (/** @type {unknown} */ (values));
  if (list.length !== length) {
    throw new InkdriftError('bad-length', `${list.length} numbers, should be ${length}`, field);
  }
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const v = list[i];
    if (typeof v !== 'number') throw new InkdriftError('bad-value', `[${i}] is no number`, field);
    if (!Number.isFinite(v) || !Number.isFinite(Math.fround(v))) {
      throw new InkdriftError('not-finite', `[${i}] is ${v}`, field);
    }
    if (range && (v < range[0] || v > range[1])) {
      throw new InkdriftError('bad-value', `[${i}] is ${v}, should be from ${range[0]} to ${range[1]}`, field);
    }
    out[i] = v;
  }
  return out.buffer;
}

/**
 * Checks the options of a morph.
 *
 * @param {any} options
 * @returns {{frames: number, path: 'slerp' | 'lerp'}}
 */
export function morphOptions(options) {
  const { frames = morphFrames.usual, path = 'slerp' } = options ?? {};
  if (!Number.isInteger(frames) || frames < morphFrames.min || frames > morphFrames.max) {
    const range = `from ${morphFrames.min} to ${morphFrames.max}`;
    throw new InkdriftError('bad-value', `${frames}, should be a whole number ${range}`, 'frames');
  }
  if (path !== 'slerp' && path !== 'lerp') {
    throw new InkdriftError('bad-value', `${JSON.stringify(path)}, should be "slerp" or "lerp"`, 'path');
  }
  return { frames, path };
}

/** @typedef {import('../training/settings.js').Settings} Settings */

/**
 * Makes the interface.
 *
 * @template State, Rects
 * @param {object} page
 * @param {Promise<void>} page.ready
 * @param {() => number | null} page.latent the size of latent points; null without a model
 * @param {import('../engine/engine.js').Ask} page.request
 * @param {() => Rects} page.rects
 * @param {() => State} page.state
 * @param {() => {latent: number, project(z: ArrayLike<number>): [number, number], at(u: number, v: number): number[]}} page.map that of the view
 * @param {(what: string | File) => Promise<any>} page.load
 * @param {() => {name: string, title: string}[]} page.models
 * @param {() => string} page.link
 * @param {() => Promise<import('../training/training-session.js').TrainingSession>} page.training brings in what trains
 * @param {(error: InkdriftError) => void} page.onError called with what is rejected, for those who listen to errors
 * @param {import('../lib/emitter.js').Emitter} page.events
 */
export function makeAPI({ ready, latent, request, rects, state, map, load, models, link, training, onError, events }) {
  const floats = (/** @type {ArrayBuffer} */ buffer) => Array.from(new Float32Array(buffer));

  const latentSize = () => {
    const n = latent();
    if (n === null) throw new InkdriftError('no-model', 'no model is loaded yet; await inkdrift.ready');
    return n;
  };

  /** The size of latent points on the map. */
  const mapped = () => {
    const n = map().latent;
    if (!n) throw new InkdriftError('no-model', 'this view has no map with a model; await inkdrift.ready');
    return n;
  };

  /**
   * A function whose failure is an event as well as thrown. The page shows it if nobody catches it.
   *
   * @template {any[]} A
   * @template T
   * @param {(...args: A) => Promise<T>} fn
   * @returns {(...args: A) => Promise<T>}
   */
  const reported =
    (fn) =>
    async (...args) => {
      try {
        return await fn(...args);
      } catch (e) {
        const error = InkdriftError.from(e);
        onError(error);
        throw error;
      }
    };

  return Object.freeze({
    ready,
    rects,
    state,

    encode: reported(async (/** @type {ArrayLike<number>} */ picture) => {
      const bytes = numbers('pixels', picture, pixels, [0, 1]);
      latentSize();
      const { head, bufs } = await request('encode', {}, [bytes]);
      const [mu, logvar, recon] = bufs.map(floats);
      return { mu, logvar, recon, label: head.label ?? null, probs: head.probs ?? null };
    }),

    decode: reported(async (/** @type {ArrayLike<number>} */ z) => {
      const { bufs } = await request('decode', {}, [numbers('z', z, latentSize())]);
      return floats(bufs[0]);
    }),

    morph: reported(
      async (
        /** @type {ArrayLike<number>} */ zA,
        /** @type {ArrayLike<number>} */ zB,
        /** @type {{frames?: number, path?: 'slerp' | 'lerp'}} */ options = {},
      ) => {
        const n = latentSize();
        const fields = morphOptions(options);
        const { bufs } = await request('morph', fields, [numbers('zA', zA, n), numbers('zB', zB, n)]);
        const all = floats(bufs[0]);
        return Array.from({ length: fields.frames }, (_, i) => all.slice(i * pixels, (i + 1) * pixels));
      },
    ),

    load: reported(async (/** @type {string | File} */ what) => {
      if (typeof what !== 'string' && !(what instanceof File)) {
        throw new InkdriftError('bad-value', 'neither the name of a model nor a File', 'model');
      }
      return load(what);
    }),

    /** Names and titles of the models that load takes. */
    models,

    /** The address that shows what is shown now. */
    link,

    map: Object.freeze({
      /** The place of a latent point on the map of the view: u and v from 0 to 1 of rects().map. */
      project: (/** @type {ArrayLike<number>} */ z) => map().project(new Float32Array(numbers('z', z, mapped()))),
      /** The latent point of a place on the map. */
      at(/** @type {number} */ u, /** @type {number} */ v) {
        mapped();
        const [x, y] = new Float32Array(numbers('place', [u, v], 2));
        return map().at(x, y);
      },
    }),

    train: Object.freeze({
      /** Trains, with settings that differ from those of a preset, and answers when it has begun. */
      start: reported(/** @param {Partial<Settings>} [config] */ async (config) => (await training()).start(config)),
      /** Pauses, and answers when no step is in progress. */
      pause: reported(async () => (await training()).pause()),
      /** Takes n steps and answers when they are taken. */
      step: reported(async (/** @type {number} */ n = 1) => (await training()).step(n)),
      /** Ends the run; the next begins from nothing. */
      reset: reported(async () => (await training()).reset()),
    }),

    /**
     * Calls fn at an event: progress {loaded, total} of files and {train} of training, change (what has changed),
     * error (an InkdriftError).
     *
     * @param {'progress' | 'change' | 'error'} event
     * @param {(detail: any) => void} fn
     * @returns {() => void} unsubscribes
     */
    on(event, fn) {
      if (!['progress', 'change', 'error'].includes(event)) {
        throw new InkdriftError('bad-value', `${JSON.stringify(event)}, should be "progress", "change" or "error"`, 'event');
      }
      if (typeof fn !== 'function') throw new InkdriftError('bad-value', 'not a function', 'fn');
      return events.on(event, fn);
    },
  });
}
