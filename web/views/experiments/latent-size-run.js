/**
 * The work of the experiment "Which latent size?": small VAEs that differ in
 * their latent size alone are trained one after the other, and each is measured
 * on pictures that are held back. No DOM.
 *
 * @typedef {object} Row of one latent size
 * @property {number} latent
 * @property {number} step
 * @property {number} steps that it is to take
 * @property {boolean} done
 * @property {number} images that the figures are averaged over
 * @property {number} elbo nats a picture, as recon and kl
 * @property {number} recon
 * @property {number} kl
 * @property {number} active latent dimensions whose posterior mean has a variance above 0.01
 * @property {Float32Array} pictures held-back ones as this model gives them back
 *
 * @typedef {{data: string, sizes: number[], images: number, epochs: number, seed: number}} Wanted
 */
import { InkdriftError } from '../../lib/errors.js';
import { csv } from './parts.js';
import { complete } from '../../training/settings.js';
import { openGroup, takeSteps } from '../../training/open-run.js';

/** What all of them have in common. */
const common = { preset: 'quick', encoder: [256], decoder: [256] };

/** How many pictures are given back. */
export const shown = 10;

/** While a model trains it is measured so many times, or every so many steps: always on all pictures that are held back, so that figures can be compared. */
const measures = { times: 4, steps: 400 };

/**
 * Trains and measures one size after the other.
 *
 * @param {Wanted} wanted
 * @param {object} from
 * @param {() => import('../../training/pool-worker.js').Group} from.makeGroup makes the workers' group
 * @param {import('../../training/open-run.js').LoadData} from.data
 * @param {number} from.workers
 * @param {AbortSignal} from.signal
 * @param {(originals: Float32Array, shape: number[]) => void} from.onPictures told once which pictures are given back
 * @param {(row: Row) => void} from.onRow told whenever a size was measured
 */
export async function sweep(wanted, { makeGroup, data, workers, signal, onPictures, onRow }) {
  let first = true;
  for (const latent of wanted.sizes) {
    const { sizes, ...rest } = wanted;
    const settings = complete({ ...common, ...rest, latent }, workers);
    signal.throwIfAborted();
    const { group, info } = await openGroup(settings, { makeGroup, data });
    const end = () => void group.close();
    signal.addEventListener('abort', end);
    try {
      signal.throwIfAborted();
      // Files may hold more pictures than are asked for.
      const steps = Math.min(info.steps, Math.ceil(wanted.images / settings.batch) * wanted.epochs);
      const every = Math.min(Math.ceil(steps / measures.times), measures.steps);
      for (let done = false; !done; ) {
        await takeSteps(group, Math.min(every, steps - group.step));
        signal.throwIfAborted();
        if (group.why) throw InkdriftError.from(group.why);
        done = group.step >= steps;
        const figures = await group.evaluate(0);
        const preview = await group.preview({ recon: shown, samples: 0, scatter: 0, grid: 0, seed: 0 });
        if (first) onPictures(preview.validation, preview.shape);
        first = false;
        const { images, elbo, recon, kl, active } = figures;
        onRow({
          latent,
          step: group.step,
          steps,
          done,
          images,
          elbo,
          recon,
          kl,
          active: active.filter(Boolean).length,
          pictures: preview.recon,
        });
      }
    } finally {
      signal.removeEventListener('abort', end);
      await group.close();
    }
  }
}

/**
 * What came out: the best size, the smallest that is as good, and how much of
 * the largest is in use.
 *
 * @param {Row[]} rows
 * @returns {{best: Row, small: Row, large: Row} | null} null of less than two sizes
 */
export function conclude(rows) {
  const done = rows.filter((r) => r.done && Number.isFinite(r.elbo)).sort((a, b) => a.latent - b.latent);
  if (done.length < 2) return null;
  const best = done.reduce((a, b) => (b.elbo > a.elbo ? b : a));
  const small = /** @type {Row} */ (done.find((r) => r.elbo >= best.elbo - asGood));
  return { best, small, large: done[done.length - 1] };
}

/** Nats by which a score may be behind and is called as good. */
export const asGood = 1;

/**
 * The figures as a table for other programs.
 *
 * @param {Wanted} wanted
 * @param {Row[]} rows
 */
export function toCSV({ data, images, epochs, seed }, rows) {
  return csv(
    ['data', 'seed', 'images', 'epochs', 'latent', 'step', 'steps', 'held_back', 'elbo_nats', 'recon_nats', 'kl_nats', 'active_units'],
    rows.map((r) => [
      data,
      seed,
      images,
      epochs,
      r.latent,
      r.step,
      r.steps,
      r.images,
      ...[r.elbo, r.recon, r.kl].map((v) => v.toFixed(3)),
      r.active,
    ]),
  );
}
