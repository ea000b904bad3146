/**
 * The work of the experiment "Few labels": an engine describes pictures by the
 * latent means of a model, and by their pixels, and learns classes from few
 * labels. No DOM.
 *
 * @typedef {{data: string, pool: number, tests: number, counts: number[], draws: number, seed: number}} Wanted
 * @typedef {'mu' | 'pixels'} Features
 * @typedef {object} Point what came of one number of labels
 * @property {Features} features
 * @property {number} labels
 * @property {{seed: number, wrong: number}[]} draws each with other labels
 * @property {number} tests pictures that were tried
 */
import { csv } from './parts.js';
import { complete } from '../../training/settings.js';
import { isMade, madeData } from '../../training/made-sets.js';
import { openGroup, takeSteps } from '../../training/open-run.js';

/**
 * Test errors of M1, a VAE's latent variables with a transductive SVM, on MNIST,
 * in percent by the number of labels: Kingma, Mohamed, Rezende and Welling 2014,
 * "Semi-supervised Learning with Deep Generative Models", table 1, M1+TSVM.
 */
export const published = new Map([
  [100, 11.82],
  [600, 5.72],
  [1000, 4.24],
  [3000, 3.49],
]);

/** How long parts of the work take, roughly and in comparison: opening, the first draw, another one. */
const efforts = { open: 4, first: { mu: 2, pixels: 12 }, more: 1 };

/** With more labels than this it matters less which they are: fewer draws are made. */
const fewLabels = 600;

/**
 * How many draws of so many labels are made.
 *
 * @param {number} labels
 * @param {number} draws
 */
export const drawsOf = (labels, draws) => Math.max(1, Math.ceil(draws * Math.min(1, fewLabels / labels)));

/**
 * Learns from each number of labels.
 *
 * @param {Wanted} wanted
 * @param {object} from
 * @param {() => import('../../engine/engine.js').Engine} from.makeEngine
 * @param {ArrayBuffer} from.model
 * @param {import('../../training/open-run.js').LoadData} from.data
 * @param {AbortSignal} from.signal
 * @param {(part: number, at: {features: Features, labels: number} | null) => void} from.onPart told how far it is; at: null while pictures are described
 * @param {(found: {pool: number, tests: number, classes: number, latent: number}) => void} from.onOpen
 * @param {(point: Point) => void} from.onPoint told after each draw
 */
export async function learn(wanted, { makeEngine, model, data, signal, onPart, onOpen, onPoint }) {
  const sets = await describe(wanted, data);
  signal.throwIfAborted();
  const engine = makeEngine();
  const end = () => engine.stop();
  signal.addEventListener('abort', end);
  const jobs = plan(wanted);
  const all = efforts.open + jobs.reduce((sum, j) => sum + j.effort, 0);
  let done = 0;
  let effort = efforts.open;
  /** @type {Parameters<typeof onPart>[1]} */
  let at = null;
  const progress = (/** @type {number} */ part) => onPart((done + part * effort) / all, at);
  engine.on('data', (head) => progress(head.done / Math.max(head.of, 1)));
  const how = { patient: true, retries: 0 };
  try {
    engine.start();
    progress(0);
    const { files, opened, ...fields } = sets;
    const { head } = await engine.request('labels.open', { ...fields, pool: wanted.pool, tests: wanted.tests }, [model, ...files], how);
    opened?.(head);
    onOpen(head);
    done += effort;
    /** @type {Point | null} */
    let point = /** @type {Point | null} */ (null);
    for (const job of jobs) {
      const { features, labels, seed } = job;
      effort = job.effort;
      at = { features, labels };
      signal.throwIfAborted();
      progress(0);
      const { head } = await engine.request('labels.fit', { features, labels, seed }, [], how);
      if (point?.features !== features || point.labels !== labels) point = { features, labels, draws: [], tests: head.tests };
      point = { ...point, draws: [...point.draws, { seed, wrong: head.wrong }] };
      onPoint(point);
      done += effort;
    }
  } finally {
    signal.removeEventListener('abort', end);
    engine.stop();
  }
}

/**
 * The pictures, as the engine wants them named.
 *
 * @param {Wanted} wanted
 * @param {import('../../training/open-run.js').LoadData} give
 * @returns {Promise<import('../../training/open-run.js').MadeData & {files: ArrayBuffer[], opened?: (info: import('../../training/open-run.js').DataSeen) => void}>}
 */
async function describe({ data, pool, tests }, give) {
  if (isMade(data)) {
    const sets = madeData({ data, images: pool });
    return { ...sets, validation: { ...sets.validation, count: tests }, files: [] };
  }
  const { name, files, opened } = await give(data);
  return { data: { kind: 'idx', name }, validation: { kind: 'idx', name }, files, opened };
}

/**
 * What is to be done, in order.
 *
 * @param {Wanted} wanted
 * @returns {{features: Features, labels: number, seed: number, effort: number}[]}
 */
export function plan({ counts, draws, seed }) {
  const jobs = [];
  for (const features of /** @type {Features[]} */ (['mu', 'pixels'])) {
    let first = true;
    for (const labels of counts) {
      for (let i = 0; i < drawsOf(labels, draws); i++) {
        jobs.push({ features, labels, seed: seed + i, effort: first ? efforts.first[features] : efforts.more });
        first = false;
      }
    }
  }
  return jobs;
}

/**
 * The test error in percent: the median of the draws, and how far they reach.
 *
 * @param {Point} point
 */
export function error({ draws, tests }) {
  const sorted = draws.map((d) => (100 * d.wrong) / tests).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return { median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2, low: sorted[0], high: sorted[sorted.length - 1] };
}

/**
 * Whether an error is better or worse than another; the same where one median
 * lies within the reach of the other's draws.
 *
 * @param {ReturnType<typeof error>} a
 * @param {ReturnType<typeof error>} b
 */
export function compare(a, b) {
  const within = (/** @type {number} */ v, /** @type {typeof a} */ e) => v >= e.low && v <= e.high;
  if (within(a.median, b) || within(b.median, a)) return 'same';
  return a.median < b.median ? 'better' : 'worse';
}

/**
 * Trains a VAE on the pictures alone, without any label.
 *
 * @param {Wanted} wanted
 * @param {object} from
 * @param {() => any} from.makeGroup
 * @param {import('../../training/open-run.js').LoadData} from.data
 * @param {AbortSignal} from.signal
 * @param {(part: number) => void} from.onPart
 * @returns {Promise<ArrayBuffer>} its file
 */
export async function trainHere({ data: name, pool, seed }, { makeGroup, data, signal, onPart }) {
  const settings = complete({ preset: 'quick', latent: 24, data: name, images: Math.max(pool, least), epochs: here.epochs, seed }, 1);
  const { group, info } = await openGroup(settings, { makeGroup, data });
  const end = () => void group.close();
  signal.addEventListener('abort', end);
  try {
    signal.throwIfAborted();
    const steps = Math.min(info.steps, Math.ceil((here.epochs * settings.images) / settings.batch));
    while (group.step < steps) {
      await takeSteps(group, Math.min(here.steps, steps - group.step));
      signal.throwIfAborted();
      if (group.why) throw group.why;
      onPart(group.step / steps);
    }
    return await group.model();
  } finally {
    signal.removeEventListener('abort', end);
    await group.close();
  }
}

/** How long a model is trained here, and the steps after which it is told how far it is. */
const here = { epochs: 8, steps: 50 };

/** Least pictures that training takes. */
const least = 500;

/**
 * The figures as a table for other programs.
 *
 * @param {Wanted} wanted
 * @param {string} model
 * @param {Point[]} points
 */
export function toCSV({ data, pool }, model, points) {
  return csv(
    ['data', 'model', 'pool', 'features', 'labels', 'seed', 'wrong', 'tests', 'error_percent'],
    points.flatMap(({ features, labels, draws, tests }) =>
      draws.map(({ seed, wrong }) => [data, model, pool, features, labels, seed, wrong, tests, ((100 * wrong) / tests).toFixed(2)]),
    ),
  );
}
