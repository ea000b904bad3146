/**
 * Puts training together: workers, what is kept, data. The first who trains
 * brings it in, the room or a script.
 */
import { Engine, engineURL, trainerProgram } from '../engine/engine.js';
import { unpack } from '../engine/channel.js';
import { classifierOf } from '../engine/classifier.js';
import { keepOffline } from '../engine/offline.js';
import { openFileStore } from '../storage/file-store.js';
import { OwnData } from './own-data.js';
import { DataCatalog } from './data-catalog.js';
import { DataReader } from './data-reader.js';
import { RunList } from './run-list.js';
import { defaultWorkers, WorkerPool } from './worker-pool.js';
import { presetTitle } from './presets.js';
import { TrainingSession } from './training-session.js';

/** How long an engine that works beside the studio's may take for an answer, in milliseconds. */
const answerMs = 60_000;

/**
 * A name for a run: its preset and the time of day.
 *
 * @param {import('./settings.js').Settings} settings
 * @param {import('../lib/i18n.js').I18n} i18n
 */
export function runTitle(settings, i18n) {
  return `${presetTitle(settings.preset, i18n)}, ${new Date().toLocaleTimeString(i18n.lang, { timeStyle: 'short' })}`;
}

/**
 * makeGroup makes workers that train a model together, makeEngine one for other
 * work; whoever makes them ends them.
 *
 * @param {object} page
 * @param {import('../engine/assets.js').Assets} page.assets
 * @param {string} page.base address of the page's folder
 * @param {string | null} page.kernel the fastest SIMD kernel that is wanted
 * @param {(settings: import('./settings.js').Settings) => string} page.title names a run
 * @param {(error: unknown) => void} page.fail
 * @param {(code: string) => void} page.well takes an error away
 */
export async function setUp({ assets, base, kernel, title, fail, well }) {
  const vault = await openFileStore();
  if (vault.warning) fail(vault.warning);
  vault.on('trouble', fail);
  vault.on('well', () => ['disk-full', 'storage-failed'].forEach(well));
  const runs = new RunList(vault);
  const shelf = new DataCatalog(new OwnData(vault), base, fail);
  let kept = false;
  const spawn = () => {
    const worker = new Worker(engineURL(assets, trainerProgram, kernel));
    worker.addEventListener('message', ({ data }) => {
      if (kept || unpack(data)?.head.type !== 'engine-ready') return;
      kept = true;
      void keepOffline(trainerProgram);
    });
    return worker;
  };
  const makeGroup = () => new WorkerPool({ spawn, report: fail });
  const makeEngine = () => new Engine({ spawn, restarts: 0, answerMs });
  const reader = new DataReader(makeEngine);
  const training = new TrainingSession({
    makeGroup,
    keeper: runs,
    data: (name) => shelf.open(name, (part) => training.emit('arriving', part)),
    title,
    workers: defaultWorkers(navigator.hardwareConcurrency),
  });
  training.on('trouble', fail);
  // With the first press on play: some browsers ask the person.
  const off = training.on('change', () => {
    if (training.status !== 'opening') return;
    off();
    void vault.persist();
  });
  return { training, runs, shelf, reader, vault, makeGroup, makeEngine, classifier: classifierOf(assets) };
}
