/**
 * The work of the experiment "VAE against GAN": both learn from the same
 * pictures, in rounds of as many, and after each round both are looked at and
 * judged. No DOM.
 *
 * @typedef {{data: string, vae: 'conv' | 'dense', gan: 'usual' | 'collapse', pictures: number, every: number, samples: number, minutes: number,
 *   seed: number}} Wanted every: pictures of a round; minutes: at most, of rounds; 0: no limit
 * @typedef {import('../../training/pool-worker.js').Group} Group
 * @typedef {'vae' | 'gan'} ModelKind
 *
 * @typedef {import('../../generated/protocol.js').MeasuredJudgment} MeasuredJudgment
 * @typedef {Pick<MeasuredJudgment, 'counts' | 'refCounts' | 'samples' | 'reference' | 'covered' | 'collapsed' | 'judged'>
 *   & {pictures: number, fid: number, score: number, largest: number}} SampleReport what the classifier makes of samples after a round;
 *   pictures: that the model has seen by then
 *
 * @typedef {object} Round
 * @property {ModelKind} side
 * @property {SampleReport} judgment
 * @property {Float32Array} samples pictures from fixed latent points
 * @property {Float32Array} path pictures on the way between two others
 * @property {number[]} shape
 */
import { InkdriftError } from '../../lib/errors.js';
import { missingClasses } from '../../training/measures.js';
import { complete } from '../../training/settings.js';
import { openGroup, takeSteps } from '../../training/open-run.js';

/** @type {ModelKind[]} */
export const modelKinds = ['vae', 'gan'];

/** How many pictures are shown of each. */
export const shown = { samples: 20, path: 16 };

/**
 * What makes a GAN collapse: its discriminator learns at a fraction of the
 * generator's rate, and sees everything sharply. The generator then paints the one
 * picture that passes best at the moment, whatever its latent dimensions are.
 */
const collapsing = { discriminatorRate: 0.03, learningRate: 0.002, labelSmoothing: 0, noise: 0 };

/** Pictures before which samples are no digits yet, usually, and where a collapse is provoked. */
const young = { usual: 10_000, provoked: 2500 };

/** The first rounds are short, so that there is something to see. */
const firstRounds = [0.25, 0.5];

/**
 * The settings of both, as the train view has them.
 *
 * @param {Wanted} wanted
 * @returns {Record<ModelKind, import('../../training/settings.js').Settings>}
 */
export function settingsOf({ data, vae, gan, pictures, seed }) {
  // One epoch: no picture comes twice, and files may hold fewer.
  const common = { data, images: pictures, epochs: 100, seed };
  return {
    vae: complete({ preset: vae === 'conv' ? 'conv' : 'quick', ...common }, 1),
    gan: complete({ preset: 'gan', ...common, ...(gan === 'collapse' && collapsing) }, 1),
  };
}

/** A gate that training passes between its pieces: closed while somebody pauses. */
export class Gate {
  /** @type {{promise: Promise<void>, open: () => void} | null} */
  #closed = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  get closed() {
    return this.#closed !== null;
  }

  /** Closes it, and tells those that train. */
  close() {
    if (this.#closed) return;
    let open = () => {};
    const promise = new Promise((/** @type {(v: void) => void} */ resolve) => (open = resolve));
    this.#closed = { promise, open };
    for (const fn of this.#listeners) fn();
  }

  open() {
    this.#closed?.open();
    this.#closed = null;
  }

  /** Resolves as soon as it is open. */
  async pass() {
    while (this.#closed) await this.#closed.promise;
  }

  /** @param {() => void} fn called when it closes @returns {() => void} ends that */
  onClose(fn) {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }
}

/**
 * @param {MeasuredJudgment | null} judged
 * @param {number} pictures
 * @returns {SampleReport}
 */
function reportOf(judged, pictures) {
  if (!judged) throw new InkdriftError('unexpected', 'samples were asked for and not judged');
  return { ...judged, fid: judged.fid ?? NaN, score: judged.score ?? NaN, largest: judged.largest ?? NaN, pictures };
}

/**
 * Has both learn, round by round.
 *
 * @param {Wanted} wanted
 * @param {object} from
 * @param {() => Group} from.makeGroup makes the workers' group
 * @param {import('../../training/open-run.js').LoadData} from.data
 * @param {() => Promise<ArrayBuffer>} from.classifier
 * @param {AbortSignal} from.signal
 * @param {Gate} from.gate
 * @param {(side: ModelKind, info: import('../../training/pool-worker.js').Info) => void} from.onOpen what the engine said of a run
 * @param {(side: ModelKind, event: import('../../generated/protocol.js').TrainEvent) => void} from.onTrain steps were taken
 * @param {(round: Round) => void} from.onRound
 * @param {(seen: number) => void} from.onSeen both have seen so many pictures
 * @param {() => number} [from.now] milliseconds
 */
export async function trainBoth(
  wanted,
  { makeGroup, data, classifier, signal, gate, onOpen, onTrain, onRound, onSeen, now = () => performance.now() },
) {
  const settings = settingsOf(wanted);
  const judge = await classifier();
  signal.throwIfAborted();
  /** @type {Record<string, {group: Group, batch: number}>} */
  const players = {};
  const end = () => Promise.all(Object.values(players).map(({ group }) => group.close()));
  const abort = () => void end();
  signal.addEventListener('abort', abort);
  try {
    for (const side of modelKinds) {
      const { group, info } = await openGroup(settings[side], { makeGroup, data });
      players[side] = { group, batch: settings[side].batch };
      signal.throwIfAborted();
      group.on('train', (e) => onTrain(side, e));
      onOpen(side, info);
    }
    let spent = 0;
    for (let seen = 0, round = 0; seen < wanted.pictures && !(wanted.minutes > 0 && spent >= 60_000 * wanted.minutes); round++) {
      await gate.pass();
      const began = now();
      let paused = 0;
      seen = Math.min(wanted.pictures, seen + Math.ceil(wanted.every * (firstRounds[round] ?? 1)));
      await Promise.all(
        modelKinds.map(async (side) => {
          const { group, batch } = players[side];
          const rest = await reach(group, Math.ceil(seen / batch), gate, signal, now);
          paused = Math.max(paused, rest);
          const request = { samples: wanted.samples, reference: Math.max(wanted.samples, 2), seed: 1 };
          const preview = await group.preview({ recon: 0, samples: shown.samples, scatter: 0, grid: 0, path: shown.path, seed: 1 });
          const { judged } = await group.measure(request, [judge], signal);
          signal.throwIfAborted();
          onRound({
            side,
            judgment: reportOf(judged, group.step * batch),
            samples: preview.samples,
            path: preview.path,
            shape: preview.shape,
          });
        }),
      );
      spent += now() - began - paused;
      onSeen(seen);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await end();
  }
}

/**
 * Trains up to a step, with rests while the gate is closed.
 *
 * @param {Group} group
 * @param {number} step
 * @param {Gate} gate
 * @param {AbortSignal} signal
 * @param {() => number} now
 * @returns {Promise<number>} milliseconds of rest
 */
async function reach(group, step, gate, signal, now) {
  let rested = 0;
  const off = gate.onClose(() => {
    if (group.state === 'running') void group.pause().catch(() => {}); // it has ended: that is shown elsewhere
  });
  try {
    while (group.step < step) {
      const began = now();
      await gate.pass();
      rested += now() - began;
      signal.throwIfAborted();
      await takeSteps(group, step - group.step);
      signal.throwIfAborted();
      if (group.why) throw InkdriftError.from(group.why);
    }
  } finally {
    off();
  }
  return rested;
}

/**
 * What is said of the samples of one side.
 *
 * @param {ModelKind} side
 * @param {SampleReport[]} history the last is the newest
 * @param {boolean} provoked whether it was made to collapse
 * @returns {{state: 'none' | 'young' | 'fine' | 'lacks' | 'collapse' | 'same', missing: number[], top: number, share: number}} young:
 *   they are no digits yet; lacks: classes are missing; collapse: the same of a GAN; same: nearly all are of one class; top: the most
 *   frequent class, with its share
 */
export function verdict(side, history, provoked) {
  const last = history.at(-1);
  if (!last?.judged) return { state: 'none', missing: [], top: 0, share: 0 };
  const found = { missing: missingClasses(last.counts), top: last.counts.indexOf(Math.max(...last.counts)), share: last.largest };
  if (!last.collapsed) return { state: 'fine', ...found };
  const best = Math.max(...history.map((j) => j.covered));
  // What has never covered classes is a beginner, unless it had its time.
  const fell = last.covered < best - 2 && best > 0.8 * last.counts.length;
  if (last.pictures < (provoked ? young.provoked : young.usual) && !fell) return { state: 'young', ...found };
  if (side === 'vae') return { state: 'lacks', ...found };
  return { state: found.share > 0.5 ? 'same' : 'collapse', ...found };
}
