/**
 * Opens a run in a worker pool, with its data.
 */
import { recipe } from './families.js';
import { InkdriftError } from '../lib/errors.js';
import { isMade, madeData } from './made-sets.js';

/**
 * @typedef {import('./pool-worker.js').Group} Group
 * @typedef {Pick<import('./pool-worker.js').Info, 'dataset' | 'validation'>} DataSeen what the engine says of a set when it has opened it
 * @typedef {(name: string) => Promise<{name: string, files: ArrayBuffer[], classes?: string[], opened?: (info: DataSeen) => void}>} LoadData
 *   gives a data set by its name; classes: names of its labels; opened is told what the engine said of it
 * @typedef {(from: string) => Promise<ArrayBuffer>} LoadModel gives the file of a model to begin with, by the setting "from"
 * @typedef {ReturnType<typeof madeData>} MadeData pictures to train on and for validation, of a set that is made
 */

/** For who begins with no model. @type {LoadModel} */
export const noModel = async (from) => {
  throw new InkdriftError('model-missing', 'there is nothing to fetch models with', from);
};

/**
 * Opens a run in a new worker pool.
 *
 * @param {import('./settings.js').Settings} settings
 * @param {object} from
 * @param {() => Group} from.makeGroup makes the group
 * @param {LoadData} from.data
 * @param {LoadModel} [from.model]
 * @param {ArrayBuffer} [from.checkpoint] to go on from
 * @param {MadeData} [from.made] the pictures that it began with, of a set that is made
 * @returns {Promise<{group: Group, info: import('./pool-worker.js').Info}>} info: what the engine said of the run
 */
export async function openGroup(settings, { makeGroup, data, model = noModel, checkpoint, made }) {
  const group = makeGroup();
  try {
    const [{ opened, classes, ...sets }, init] = await Promise.all([
      loadSets(settings, data, made),
      settings.from && !checkpoint ? model(settings.from) : undefined,
    ]);
    const info = await group.open({
      recipe: recipe(settings),
      workers: settings.workers,
      ...sets,
      ...(init && { init }),
      ...(checkpoint && { checkpoint }),
    });
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
 * @returns {Promise<MadeData & { files?: ArrayBuffer[], classes?: string[], opened?: (info: DataSeen) => void}>}
 */
async function loadSets(settings, load, made) {
  if (isMade(settings.data)) return made ?? madeData(settings);
  const { name, files, classes, opened } = await load(settings.data).catch((e) => {
    throw Object.assign(InkdriftError.from(e), { ofData: true });
  });
  return { data: { kind: 'idx', name }, validation: { kind: 'idx', name }, files, classes, opened };
}

/**
 * Takes a number of steps and waits until the pool has paused.
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
