/**
 * Assembles training: workers, stored runs, data. Loaded when the train view is
 * opened or a script trains.
 */
import { Engine, engineURL, startWorker, trainerProgram } from '../engine/engine.js';
import { unpack } from '../engine/channel.js';
import { classifierLoader } from '../engine/classifier.js';
import { cacheOffline } from '../engine/offline.js';
import { fetchBytes } from '../engine/assets.js';
import { starts } from '../generated/start-models.js';
import { InkdriftError } from '../lib/errors.js';
import { MemoryBackend } from '../storage/backends.js';
import { FileStore, openFileStore } from '../storage/file-store.js';
import { OwnData } from './own-data.js';
import { DataCatalog } from './data-catalog.js';
import { DataReader } from './data-reader.js';
import { RunList } from './run-list.js';
import { runOfStart } from './settings.js';
import { LocalStore, memoryArea } from '../lib/local-storage.js';
import { defaultWorkers, mostWorkers, WorkerChoices } from './worker-count.js';
import { fetchExample } from './example-run.js';
import { onPageReturn, ScreenWakeLock } from './page-lifecycle.js';
import { WorkerPool } from './worker-pool.js';
import { TrainingSession } from './training-session.js';

/** Limit on an answer of an engine besides the studio's, in milliseconds. */
const answerMs = 60_000;

/**
 * makeGroup makes a worker pool, makeEngine an engine for other work; the caller
 * closes them.
 *
 * @param {object} page
 * @param {import('../engine/assets.js').Assets} page.assets
 * @param {string} page.base address of the page's folder
 * @param {string | null} page.kernel the fastest SIMD kernel to use
 * @param {(settings: import('./settings.js').Settings) => string} page.title names a run
 * @param {boolean} page.stores whether anything is stored for another visit
 * @param {(error: unknown) => void} page.fail
 * @param {(code: string) => void} page.clearError removes an error from the page
 */
export async function setUp({ assets, base, kernel, title, stores, fail, clearError }) {
  const fileStore = stores ? await openFileStore() : new FileStore(new MemoryBackend());
  const store = new LocalStore(stores ? () => localStorage : memoryArea(), () => {});
  if (fileStore.warning) fail(fileStore.warning);
  fileStore.on('warning', fail);
  const runs = new RunList(fileStore);
  const catalog = new DataCatalog(new OwnData(fileStore), base, fail);
  fileStore.on('recovered', () => {
    ['disk-full', 'storage-failed'].forEach(clearError);
    for (const list of [runs, catalog]) list.emit('change'); // what is saved could not be listed
  });
  let cached = false;
  const spawn = (/** @type {number} */ again) => {
    const worker = startWorker(engineURL(assets, trainerProgram, kernel, again));
    worker.addEventListener('message', ({ data }) => {
      if (cached || unpack(data)?.head.type !== 'engine-ready') return;
      cached = true;
      void cacheOffline(trainerProgram);
    });
    return worker;
  };
  const tuning = {
    most: mostWorkers(navigator),
    choices: new WorkerChoices(store),
  };
  const makeGroup = () => new WorkerPool({ spawn, report: fail, tuning });
  const makeEngine = () => new Engine({ spawn, program: trainerProgram, restarts: 0, answerMs });
  const reader = new DataReader(makeEngine);
  const training = new TrainingSession({
    makeGroup,
    runs,
    model: async (from) => {
      const run = runOfStart(from);
      if (!run) return fetchBytes(assets.url(`models/${starts[from].file}`), () => {}, 'model-missing');
      const bytes = await runs.model(run);
      if (!bytes) throw new InkdriftError('run-missing', 'it has no model to begin with', run);
      return /** @type {ArrayBuffer} */ (bytes.slice().buffer);
    },
    data: (name) => catalog.open(name, (part) => training.emit('download', part)),
    title,
    workers: defaultWorkers,
  });
  training.on('error', fail);
  const screen = new ScreenWakeLock(navigator.wakeLock);
  const holdScreen = () => screen.set(store.get('screen-on') === true && training.status === 'running');
  training.on('change', holdScreen);
  onPageReturn(
    () => {
      screen.refresh();
      training.check().catch(fail);
    },
    { document, window },
  );
  // At the first start of training: some browsers ask for permission.
  const off = training.on('change', () => {
    if (training.status !== 'opening') return;
    off();
    void fileStore.persist();
  });
  return {
    training,
    runs,
    catalog,
    reader,
    fileStore,
    makeGroup,
    makeEngine,
    classifier: classifierLoader(assets),
    example: () => fetchExample(base),
    /** Whether the screen stays on while something trains; null: the browser cannot do that. */
    screenOn: screen.isSupported
      ? {
          get: () => store.get('screen-on') === true,
          set(/** @type {boolean} */ on) {
            store.set('screen-on', on || null);
            holdScreen();
          },
        }
      : null,
  };
}
