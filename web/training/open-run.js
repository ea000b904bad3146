/**
 * Opens a run in a worker pool, with its data.
 */
import { recipe } from './families.js';
import { isMade, madeData } from './made-sets.js';

/**
 * @typedef {(name: string) => Promise<{name: string, files: ArrayBuffer[], classes?: string[], opened?: (info: any) => void}>} LoadData
 *   loads a data set by its name; classes: names of its labels; opened gets the engine's description of it
 * @typedef {ReturnType<typeof madeData>} MadeData training and validation pictures of a generated set
 */

/**
 * Opens a run in a new worker pool.
 *
 * @param {import('./settings.js').Settings} settings
 * @param {object} from
 * @param {() => any} from.makeGroup makes a worker pool
 * @param {LoadData} from.data
 * @param {ArrayBuffer} [from.checkpoint] to resume from
 * @param {MadeData} [from.made] the pictures of the run, of a generated set
 * @returns {Promise<{group: any, info: any}>} info: the engine's description of the run
 */
export async function openGroup(settings, { makeGroup, data, checkpoint, made }) {
  const group = makeGroup();
  try {
    const { opened, classes, ...sets } = await loadSets(settings, data, made);
    const info = await group.open({ recipe: recipe(settings), workers: settings.workers, ...sets, ...(checkpoint && { checkpoint }) });
    opened?.(info);
    // Files have no names of classes.
    return { group, info: classes?.length ? { ...info, classes } : info };
  } catch (e) {
    await group.close().catch(() => {});
    throw e;
  }
}

/**
 * @param {import('./settings.js').Settings} settings
 * @param {LoadData} load
 * @param {MadeData} [made]
 * @returns {Promise<MadeData & { files?: ArrayBuffer[], classes?: string[], opened?: (info: any) => void}>}
 */
async function loadSets(settings, load, made) {
  if (isMade(settings.data)) return made ?? madeData(settings);
  const { name, files, classes, opened } = await load(settings.data);
  return { data: { kind: 'idx', name }, validation: { kind: 'idx', name }, files, classes, opened };
}

/**
 * Takes a number of steps and waits until the pool has paused.
 *
 * @param {any} group
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
