/**
 * A training session without workers: FakeGroup trains, FakeRunList stores.
 */
import { TrainingSession } from '../training/training-session.js';
import { FakeGroup, FakeRunList } from './fake-group.js';

/**
 * @param {object} [how]
 * @param {(settings: import('../training/settings.js').Settings) => string} [how.title] names a run
 * @param {{every: number, steps: number}} [how.pace] milliseconds between two events, and steps in each
 */
export function makeSession({ title, pace = { every: 1, steps: 10 } } = {}) {
  /** @type {FakeGroup[]} */
  const groups = [];
  const runs = new FakeRunList();
  const training = new TrainingSession({
    makeGroup() {
      const group = Object.assign(new FakeGroup(), { pace });
      groups.push(group);
      return /** @type {any} */ (group);
    },
    runs: /** @type {any} */ (runs),
    data: /** @type {any} */ (async (/** @type {string} */ name) => ({ name, files: [new ArrayBuffer(1)] })),
    title,
    workers: 2,
  });
  return { training, groups, runs };
}
