/**
 * Brings workers and data together for a run.
 */
import { recipe } from './families.js';
import { isMade, madeData } from './made-sets.js';

/**
 * @typedef {import('./pool-worker.js').Group} Group
 * @typedef {Pick<import('./pool-worker.js').Info, 'dataset' | 'validation'>} DataSeen what the engine says of a set when it has opened it
 * @typedef {(name: string) => Promise<{name: string, files: ArrayBuffer[], classes?: string[], opened?: (info: DataSeen) => void}>} GiveData
 *   gives a data set by its name; classes: names of its labels; opened is told what the engine said of it
 * @typedef {ReturnType<typeof madeData>} MadeData pictures to train on and for validation, of a set that is made
 */

/**
 * Opens a run in a new group of workers.
 *
 * @param {import('./settings.js').Settings} settings
 * @param {object} from
 * @param {() => Group} from.makeGroup makes the group
 * @param {GiveData} from.data
 * @param {ArrayBuffer} [from.checkpoint] to go on from
 * @param {MadeData} [from.made] the pictures that it began with, of a set that is made
 * @returns {Promise<{group: Group, info: import('./pool-worker.js').Info}>} info: what the engine said of the run
 */
export async function openGroup(settings, { makeGroup, data, checkpoint, made }) {
  const group = makeGroup();
  try {
    const { opened, classes, ...sets } = await dataOf(settings, data, made);
    const info = await group.open({ recipe: recipe(settings), workers: settings.workers, ...sets, ...(checkpoint && { checkpoint }) });
    opened?.(info);
    // Files do not say them.
    return { group, info: classes?.length ? { ...info, classes } : info };
  } catch (e) {
    await group.close().catch(() => {});
    throw e;
  }
}

/**
 * @param {import('./settings.js').Settings} settings
 * @param {GiveData} give
 * @param {MadeData} [made]
 * @returns {Promise<MadeData & { files?: ArrayBuffer[], classes?: string[], opened?: (info: DataSeen) => void}>}
 */
async function dataOf(settings, give, made) {
  if (isMade(settings.data)) return made ?? madeData(settings);
  const { name, files, classes, opened } = await give(settings.data);
  return { data: { kind: 'idx', name }, validation: { kind: 'idx', name }, files, classes, opened };
}

/**
 * Has a group take so many steps, and waits until it stands still.
 *
 * @param {Group} group
 * @param {number} n
 */
export async function takeSteps(group, n) {
  const stopped = new Promise((resolve) => {
    const off = group.on('state', () => {
      if (group.state === 'running') return;
      off();
      resolve(undefined);
    });
  });
  await group.run(n);
  await stopped;
}
