/**
 * A seed's course of events: some visits of a person who trains, in one or two tabs
 * of a browser whose storage, locks and workers fail now and then, and who closes or
 * loses tabs at any moment. At the end, in a visit without faults, everything must be
 * there.
 *
 * The page's own modules run: session, recorder, runs, file store, locks, worker
 * pool. What must hold at any time is checked from outside, by what is on the disk.
 */
import { LocalStore } from '../../lib/local-storage.js';
import { crc32, headerBytes } from '../../storage/checksummed-file.js';
import { openFileStore } from '../../storage/file-store.js';
import { makeLocks } from '../../storage/tab-locks.js';
import { RunList } from '../../training/run-list.js';
import { TrainingSession } from '../../training/training-session.js';
import { WorkerPool } from '../../training/worker-pool.js';
import { Browser } from './browser.js';
import { contentOf, Trainer } from './trainer.js';
import { World } from './world.js';

/** Training that may be lost, in milliseconds, with a fault since the last checkpoint; each further one costs its own time. */
const mostLost = 10_000;

/** What a fault may cost, in milliseconds. */
const costs = { hang: 3_300, throw: 700 };

/** What was only in memory is written so soon after a warning is taken back, in milliseconds. */
const grace = 5_000;

/** How long a command may take, in milliseconds: with workers that fall silent, and without. */
const longest = { workers: 200_000, storage: 60_000 };

/** Errors of browsers that can come from anywhere. */
const errors = ['UnknownError', 'InvalidStateError', 'NotReadableError', 'NoModificationAllowedError', 'OperationError'];

/** Operations that open a storage. One that refuses again and again is not used: browsers do so that have none here. */
const openings = new Set(['root', 'folder', 'database', 'databases']);

/** Milliseconds between two looks at what must hold. */
const stride = 500;

/**
 * @typedef {object} Tab
 * @property {import('./world.js').Life} life
 * @property {boolean} healthy without faults
 * @property {boolean} doomed it dies at its next write
 * @property {number} operations
 * @property {number} refused openings
 * @property {{at: number, cost: number}[]} faults
 * @property {boolean} hangs whether something hangs for ever
 * @property {Set<string>} told codes of warnings that stand
 * @property {{label: string, since: number, limit: number}[]} waits commands in progress
 * @property {any} runs
 * @property {TrainingSession} training
 * @property {Trainer | null} trainer
 * @property {number} steps last step trained
 * @property {number} toldUntil when the last warning was taken back
 * @property {number} ticked when it last trained
 * @property {string} kind of storage
 * @property {any} seen its run, as of the last look
 * @property {number | null} asked when it was first told to train
 * @property {LocalStore} drawings
 */

/** base: steps that another run had taken of which it is the continuation. @typedef {{steps: number, base: number, model: string, stepMs: number, mayHaveEnded: boolean, warned: boolean, finished: '' | 'done' | 'diverged', removed: '' | 'asked' | 'yes'}} Known of a run */

/**
 * @typedef {object} Outcome
 * @property {number} seed
 * @property {string} plan
 * @property {string[]} problems
 * @property {{operations: number, thrown: number, hung: number, late: number, torn: number, kills: number, workers: number, runs: number, steps: number, finished: number,
 *   resumed: number, lostMs: number, seconds: number}} counts
 */

/**
 * @param {number} seed
 * @param {(line: string) => void} [trace]
 * @returns {Promise<Outcome>}
 */
export async function simulate(seed, trace = () => {}) {
  const world = new World(seed);
  world.open();
  try {
    return await new Scenario(seed, world, trace).play();
  } finally {
    world.close();
  }
}

class Scenario {
  /** @type {string[]} */
  problems = [];
  counts = {
    operations: 0,
    thrown: 0,
    hung: 0,
    late: 0,
    torn: 0,
    kills: 0,
    workers: 0,
    runs: 0,
    steps: 0,
    finished: 0,
    resumed: 0,
    lostMs: 0,
    seconds: 0,
  };
  /** @type {Tab[]} */
  tabs = [];
  /** @type {Map<string, Known>} */
  known = new Map();
  /** Runs that have ended. @type {WeakSet<object>} */
  ended = new WeakSet();
  /** When the newest checkpoint of a run came to the disk. @type {Map<string, {step: number, at: number, version: number}>} */
  durable = new Map();
  /** The drawing that was kept last. */
  drawing = 0;
  /** @type {Map<string, string>} */
  area = new Map();

  /**
   * @param {number} seed
   * @param {World} world
   * @param {(line: string) => void} trace
   */
  constructor(seed, world, trace) {
    this.seed = seed;
    this.world = world;
    this.trace = (/** @type {string} */ line) => trace(`${(world.now / 1000).toFixed(2).padStart(8)} ${line}`);
    this.browser = new Browser(world);
    this.browser.fate = (operation, name, life) => this.#fate(operation, name, life);
    this.opfs = world.chance(0.6);
    this.webLocks = this.opfs || world.chance(0.5);
    this.plan = world.pick([
      'none',
      'one throws',
      'one hangs',
      'one hangs',
      'one is late',
      'some',
      'some',
      'many',
      'burst',
      'burst',
      'full',
    ]);
    this.workerFaults = world.chance(0.3);
    this.stepMs = world.pick([40, 150, 250, 400]);
    /** The operation that fails, where it is one. */
    this.at = world.int(1, 80);
    this.burst = { from: 0, to: 0, kind: 'hang' };
  }

  async play() {
    const { world } = this;
    const visits = world.int(1, 3);
    for (let visit = 0; visit < visits && this.problems.length === 0; visit++) await this.#visit();
    if (this.problems.length === 0) await this.#lastVisit();
    for (const e of world.unhandled) this.#problem(`nobody took care of ${/** @type {any} */ (e)?.stack ?? e}`);
    this.counts.runs = this.known.size;
    this.counts.torn = this.browser.torn;
    this.counts.seconds = Math.round(world.now / 1000);
    const plan = `${this.opfs ? 'opfs' : 'indexeddb'}, ${this.webLocks ? 'locks' : 'no locks'}, ${this.plan}${this.workerFaults ? ', workers' : ''}`;
    return { seed: this.seed, plan, problems: this.problems, counts: this.counts };
  }

  /** @param {string} what */
  #problem(what) {
    this.trace(`!! ${what}`);
    if (this.problems.length < 5) this.problems.push(`${(this.world.now / 1000).toFixed(1)} s: ${what}`);
  }

  /**
   * What becomes of an operation.
   *
   * @param {string} operation
   * @param {string} name
   * @param {import('./world.js').Life} life
   * @returns {import('./browser.js').Fate}
   */
  #fate(operation, name, life) {
    const { world, plan, counts } = this;
    const tab = /** @type {Tab} */ (this.tabs.find((t) => t.life === life));
    counts.operations++;
    tab.operations++;
    const ms = world.chance(0.05) ? world.int(10, 150) : world.int(0, 6);
    if (tab.doomed && (operation === 'close' || operation === 'commit')) {
      tab.doomed = false;
      world.later(world.int(0, 9), () => this.#kill(tab), null);
      return { kind: 'ok', ms: 10 };
    }
    let kind = /** @type {'ok' | 'throw' | 'hang' | 'late'} */ ('ok');
    if (!tab.healthy) {
      if (plan.startsWith('one')) {
        if (tab.operations === this.at) kind = plan === 'one throws' ? 'throw' : plan === 'one hangs' ? 'hang' : 'late';
      } else if (plan === 'some' || plan === 'many') {
        const p = plan === 'some' ? 0.01 : 0.08;
        if (world.chance(p)) kind = world.pick(['throw', 'throw', 'late', 'hang']);
      } else if (plan === 'burst' && world.now >= this.burst.from && world.now < this.burst.to) {
        kind = /** @type {any} */ (this.burst.kind);
      }
    }
    if (openings.has(operation)) {
      if (kind === 'throw' && tab.refused >= 2) kind = 'ok';
      if (kind === 'throw') tab.refused++;
    }
    if (kind === 'ok') return { kind, ms };
    const late = plan === 'burst' ? this.burst.to - world.now + world.int(0, 500) : world.int(200, 20_000);
    const error = world.pick(errors);
    const first = world.chance(0.3);
    tab.faults.push({
      at: world.now,
      cost: kind === 'throw' ? costs.throw : kind === 'late' ? Math.min(late + 300, costs.hang) : costs.hang,
    });
    if (kind === 'throw') counts.thrown++;
    else if (kind === 'hang') counts.hung++;
    else counts.late++;
    if (kind === 'hang') tab.hangs = true;
    // Then nothing else of the database ends either.
    if ((operation === 'commit' && first && kind !== 'throw') || (operation === 'transaction' && kind === 'hang'))
      tab.faults.push({ at: world.now, cost: 2 * costs.hang });
    this.trace(
      `${life.name}: ${operation} ${name} ${kind}${kind === 'throw' ? ` ${error}` : ''}${kind === 'late' ? ` ${late} ms` : ''}${first ? ', done' : ''}`,
    );
    return { kind, ms: kind === 'late' ? late : ms, error, first };
  }

  /** Opens a tab. @param {boolean} healthy @returns {Promise<Tab>} */
  async #open(healthy) {
    const { world, browser } = this;
    const life = { name: `tab ${this.tabs.length + 1}`, dead: false, asleepUntil: 0 };
    /** @type {Tab} */
    const tab = /** @type {any} */ ({
      life,
      healthy,
      operations: 0,
      refused: 0,
      doomed: false,
      faults: [],
      hangs: false,
      told: new Set(),
      waits: [],
      trainer: null,
      steps: 0,
      ticked: -Infinity,
      toldUntil: -Infinity,
      asked: null,
    });
    this.tabs.push(tab);
    this.trace(`${life.name} opens`);
    /** @type {any} */
    let opened = null;
    this.#do(tab, 'open', async () => {
      const platform = this.opfs ? { storage: browser.storage(), writesFiles: true } : { indexedDB: browser.database() };
      const Channel = browser.channels();
      const locks = this.webLocks ? browser.lockManager() : undefined;
      const fileStore = await openFileStore(/** @type {any} */ (platform));
      if (fileStore.warning) tab.told.add(fileStore.warning.code);
      fileStore.on('warning', (e) => {
        this.trace(`${life.name} warns: ${e.code}, ${e.message} (${e.field})`);
        tab.told.add(e.code);
      });
      fileStore.on('recovered', () => {
        this.trace(`${life.name} takes its warning back`);
        tab.told.clear();
        tab.toldUntil = world.now;
      });
      tab.kind = fileStore.kind;
      tab.runs = new RunList(fileStore, { locks: makeLocks(fileStore, { locks, Channel }), Channel });
      tab.training = new TrainingSession({
        makeGroup: () => this.#makePool(tab),
        runs: tab.runs,
        data: async (name) => ({ name, files: [] }),
        workers: 1,
      });
      tab.training.on('error', (e) => {
        this.trace(`${life.name} error: ${e.code}, ${e.message}`);
        if (e.code === 'unexpected') this.#problem(`an error of the page itself: ${e.stack}`);
        if (e.code === 'storage-failed') tab.told.add(e.code);
      });
      opened = tab;
    });
    for (let i = 0; !opened && i < 200; i++) await this.#pass(stride);
    if (!opened) this.#problem('the storage never opens');
    const area = {
      getItem: (/** @type {string} */ key) => this.area.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ text) => {
        if (!healthy && this.plan !== 'none' && world.chance(0.2)) throw new DOMException('full', 'QuotaExceededError');
        this.area.set(key, text);
      },
      removeItem: (/** @type {string} */ key) => void this.area.delete(key),
    };
    tab.drawings = new LocalStore(
      () => area,
      () => {},
    );
    if ((tab.drawings.get('pads') ?? 0) !== this.drawing) this.#problem('a drawing is lost');
    return tab;
  }

  /** @param {Tab} tab */
  #makePool(tab) {
    const { world } = this;
    const pace = {
      stepMs: this.stepMs,
      tickMs: Math.max(this.stepMs, 500),
      divergesAt: world.chance(0.1) ? world.int(20, 200) : 0,
      bytes: world.int(60, 3000),
    };
    const trainer = new Trainer(world, tab.life, pace, {
      onRun: () => {
        if (tab.asked === null) return;
        if (world.now - tab.asked > 2_000 && !this.workerFaults)
          this.#problem(`training began ${world.now - tab.asked} ms after it was asked for`);
        tab.asked = null;
      },
      onSteps: (worker) => this.#onSteps(tab, worker),
    });
    tab.trainer = trainer;
    return new WorkerPool({ spawn: () => trainer.spawn(), report: () => {} });
  }

  /** @param {Tab} tab @param {import('./trainer.js').SimWorker} worker */
  #onSteps(tab, worker) {
    const { world } = this;
    const run = tab.training.run;
    this.counts.steps += Math.max(0, worker.step - tab.steps);
    tab.steps = worker.step;
    if (!run || run.released) return;
    const base = Math.max(0, worker.step - Math.ceil(Math.max(this.stepMs, 500) / this.stepMs));
    const known = this.known.get(run.id) ?? {
      steps: 0,
      model: worker.model,
      stepMs: this.stepMs,
      mayHaveEnded: false,
      warned: false,
      finished: '',
      removed: '',
      base,
    };
    this.known.set(run.id, known);
    if (known.model !== worker.model) this.#problem(`the model of ${run.id} is another: ${worker.model}, not ${known.model}`);
    known.steps = worker.step;
    if (!Number.isFinite(tab.ticked)) tab.ticked = world.now;
    for (const other of this.tabs) {
      const theirs = other !== tab && !other.life.dead && other.training?.run;
      if (!theirs || theirs.id !== run.id || theirs.released || other.training.status !== 'running') continue;
      this.#problem(`${tab.life.name} and ${other.life.name} train the same run, ${run.id}`);
    }
  }

  /**
   * A command, given now.
   *
   * @param {Tab} tab
   * @param {string} label
   * @param {() => Promise<any>} fn
   * @param {(result: any) => void} [then]
   */
  #do(tab, label, fn, then = () => {}) {
    this.world.later(
      0,
      () => {
        this.trace(`${tab.life.name}: ${label}`);
        const wait = { label, since: this.world.now, limit: this.workerFaults ? longest.workers : longest.storage };
        tab.waits.push(wait);
        const end = (/** @type {string} */ how) => {
          tab.waits.splice(tab.waits.indexOf(wait), 1);
          this.trace(`${tab.life.name}: ${label} ${how}`);
        };
        fn().then(
          (result) => {
            end('is done');
            then(result);
          },
          (e) => {
            end(`fails: ${e.code ?? e.stack}, ${e.message}`);
            if (typeof e.code !== 'string' || e.code === 'unexpected')
              this.#problem(`${label} fails with an error of the page itself: ${e.stack}`);
          },
        );
      },
      tab.life,
    );
  }

  /** Lets time go by, and looks at what must hold. @param {number} ms */
  async #pass(ms) {
    for (let i = 0; i < ms && this.problems.length === 0; i += stride) {
      await this.world.pass(Math.min(stride, ms - i));
      this.#look();
    }
  }

  /** What must hold at any time. */
  #look() {
    const { world } = this;
    for (const tab of this.tabs) {
      if (tab.life.dead) continue;
      for (const { label, since, limit } of tab.waits)
        if (world.now - since > limit && tab.life.asleepUntil < since) this.#problem(`${label} has not ended after ${limit / 1000} s`);
      const run = tab.training?.run;
      const known = run && this.known.get(run.id);
      if (!known) continue;
      if (tab.seen !== run) {
        tab.seen = run;
        const lost = Math.max(0, known.steps - run.step);
        this.counts.lostMs += lost * known.stepMs;
        known.steps -= lost;
        if (known.steps > 0) known.finished = ''; // one that diverged can go on
      }
      const { status } = tab.training;
      if (status === 'done' || status === 'diverged') known.mayHaveEnded = true;
      const durable = this.#durable(run.id);
      if (run.released) {
        if ((status === 'done' || status === 'diverged') && !this.ended.has(run) && run.status === status) {
          this.ended.add(run);
          if (tab.kind === 'memory') continue;
          this.counts.finished++;
          known.finished = status;
          this.trace(`${run.id} has ended, ${status}`);
        }
        continue;
      }
      const lost = (known.steps - Math.max(durable.step, known.base)) * known.stepMs;
      if (known.finished || lost <= 0) continue;
      if (tab.told.size > 0 || world.now - tab.toldUntil < grace) continue;
      const faults = this.opfs ? tab.faults : this.tabs.flatMap((t) => t.faults);
      const since = faults.filter((f) => f.at >= durable.at - 1000).map((f) => f.cost);
      // In a database the writes of all tabs wait for one that hangs in another.
      const blocked = !this.opfs && this.tabs.some((t) => t !== tab && !t.life.dead && t.hangs) ? 3 * costs.hang : 0;
      const most = blocked + mostLost + since.reduce((a, b) => a + b, 0) - Math.max(0, ...since);
      if (lost > most)
        this.#problem(
          `${lost} ms of ${run.id} are not kept, ${most} may be, and nothing says so (${status}, ${known.steps}, ${durable.step})`,
        );
    }
  }

  /** The newest whole checkpoint of a run on the disk, or the model of one that has ended. @param {string} id */
  #durable(id) {
    const before = this.durable.get(id);
    if (before && before.version === this.browser.version) return before;
    let step = 0;
    for (const slot of [0, 1, 2]) step = Math.max(step, this.#whole(`slots/${id}/${slot}`)?.step ?? 0);
    if (this.known.get(id)?.mayHaveEnded) {
      const newest = (/** @type {string} */ part) =>
        ['', '.1', '.2']
          .map((slot) => this.#whole(`runs/${id}/${part}${slot}`))
          .reduce((a, b) => (!a || (b && b.sequence > a.sequence) ? b : a));
      const about = newest('about');
      if (about && ['done', 'diverged'].includes(contentOf(about.content).status)) step = Math.max(step, newest('weights')?.step ?? 0);
    }
    const { version } = this.browser;
    const now = { step, at: before?.step === step ? before.at : this.world.now, version };
    this.durable.set(id, now);
    return now;
  }

  /** A file as it is on the disk, if it is whole. @param {string} name @returns {{step: number, sequence: number, content: Uint8Array} | null} */
  #whole(name) {
    const bytes = this.#bytes(name);
    if (!bytes || bytes.length < headerBytes) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getFloat64(16, true) !== bytes.length - headerBytes || view.getUint32(12, true) !== crc32(bytes.subarray(16))) return null;
    return { step: view.getFloat64(24, true), sequence: view.getFloat64(32, true), content: bytes.subarray(headerBytes) };
  }

  /** @param {string} name */
  #bytes(name) {
    const { files, records } = this.browser;
    if (this.opfs) return files.get(name.replaceAll('/', '~'));
    const head = records.get(name);
    return head && new Uint8Array(Buffer.concat(Array.from({ length: head.pieces }, (_, i) => records.get(`${name}#${i}`))));
  }

  /** A visit with faults. */
  async #visit() {
    const { world, browser } = this;
    const length = world.int(6, 35) * 1000;
    if (this.plan === 'burst') {
      const from = world.now + world.int(0, length);
      this.burst = { from, to: from + world.int(500, 40_000), kind: world.pick(['hang', 'late', 'throw']) };
    }
    const full = this.plan === 'full' ? world.now + world.int(0, length) : Infinity;
    const end = world.now + length;
    const tab = await this.#open(false);
    /** @type {Tab | null} */
    let other = null;
    if (this.problems.length > 0) return;
    await this.#pass(world.int(0, 1000));
    if (world.chance(0.3)) this.#do(tab, 'tidy up', () => tab.runs.removeLeftovers());
    this.#begin(tab);
    while (world.now < end && this.problems.length === 0) {
      await this.#pass(world.int(1, 20) * stride);
      if (world.now > full) browser.capacity = world.now > full + 20_000 ? Infinity : browser.used + world.int(0, 2000);
      if (!other && world.chance(0.15)) {
        other = await this.#open(false);
        if (this.problems.length > 0) return;
        const id = tab.training.run?.id;
        if (id && world.chance(0.5)) this.#resume(other, id);
        else this.#begin(other);
      } else if (world.chance(0.03)) await this.#end(tab);
      else this.#act(world.chance(0.3) && other && !other.life.dead ? other : tab);
    }
    if (world.chance(0.06)) await this.#calm();
    browser.capacity = Infinity;
    for (const t of [tab, other]) {
      if (!t || t.life.dead) continue;
      if (world.chance(0.3)) {
        this.#do(t, 'close', () => t.training.close());
        await this.#pass(world.int(0, 10) * stride);
      }
      await this.#end(t);
    }
    await this.#pass(100);
  }

  /** Faults are over: what was kept in memory is written, and warnings are taken back. */
  async #calm() {
    const { world, browser } = this;
    this.trace('faults are over');
    browser.capacity = Infinity;
    this.burst.to = Math.min(this.burst.to, world.now);
    for (const tab of this.tabs) {
      tab.healthy = true;
      if (!tab.life.dead) this.#do(tab, 'pause', () => tab.training.pause());
    }
    await this.#pass(150_000);
    for (const tab of this.tabs) {
      if (tab.life.dead || tab.kind === 'memory') continue;
      if (this.tabs.some((t) => t.hangs && !t.life.dead)) continue; // the rest of a database waits for it
      if (tab.told.size > 0) this.#problem(`${tab.life.name} still warns: ${[...tab.told].join()}`);
    }
  }

  /** @param {Tab} tab */
  #begin(tab) {
    const { world } = this;
    if (world.chance(0.6) && this.known.size > 0) {
      this.#do(
        tab,
        'look for runs',
        () => tab.runs.interrupted(),
        (found) => {
          if (found.length > 0) this.#resume(tab, world.pick(found).id, true);
          else this.#start(tab);
        },
      );
    } else this.#start(tab);
  }

  /** @param {Tab} tab */
  #start(tab) {
    const { world } = this;
    const epochs = world.pick([1, 3, 10, 30]);
    this.#do(tab, `start ${epochs} epochs`, () => {
      if (tab.training.status === 'idle' && tab.waits.length === 1) tab.asked = world.now;
      return tab.training.start({ images: 1000, batch: 50, epochs, workers: world.int(1, 3) });
    });
  }

  /**
   * @param {Tab} tab
   * @param {string} id
   * @param {boolean} [play]
   */
  #resume(tab, id, play = false) {
    let before = 0;
    this.#do(
      tab,
      `resume ${id}`,
      () => {
        before = this.#durable(id).step;
        return tab.training.resume(id);
      },
      () => {
        if (tab.training.run?.id !== id) return;
        const step = tab.training.run.lastCheckpoint?.step ?? 0;
        this.counts.resumed++;
        if (step < before)
          this.#problem(
            `${id} goes on from step ${step}, but ${before} is there${[0, 1, 2].map((s) => ` ${JSON.stringify(this.#whole(`slots/${id}/${s}`))}`)}`,
          );
        const steps = [...(tab.training.curves?.train.column('step') ?? [])];
        if (steps.some((s, i) => i > 0 && s < steps[i - 1]) || (steps.at(-1) ?? 0) > step)
          this.#problem(
            `the curves of ${id} are not those of step ${step}: ${steps.filter((s, i) => (i > 0 && s < steps[i - 1]) || s > step)}`,
          );
        if (play) this.#do(tab, 'go on', () => tab.training.start());
      },
    );
  }

  /** Something happens. @param {Tab} tab */
  #act(tab) {
    const { world } = this;
    const { training, runs } = tab;
    const luck = world.random();
    if (luck < 0.2) this.#do(tab, 'pause or go on', () => training.toggle());
    else if (luck < 0.26) this.#do(tab, 'reset', () => training.reset());
    else if (luck < 0.34) this.#start(tab);
    else if (luck < 0.4) this.#do(tab, 'list', () => runs.list());
    else if (luck < 0.45) training.set({ beta: 1 + world.random() });
    else if (luck < 0.5) training.set({ workers: world.int(1, 3) });
    else if (luck < 0.58) this.#begin(tab);
    else if (luck < 0.62) this.#do(tab, 'step', () => training.step(world.int(1, 5)));
    else if (luck < 0.67) {
      const id = [...this.known.keys()][world.int(0, this.known.size - 1)];
      if (id) this.#do(tab, `rename ${id}`, () => runs.rename(id, `name ${world.int(0, 9)}`));
    } else if (luck < 0.71) this.#remove(tab);
    else if (luck < 0.8) {
      const next = world.int(1, 1e9);
      if (tab.drawings.set('pads', next)) this.drawing = next;
    } else if (luck < 0.88 && this.workerFaults && tab.trainer) {
      this.counts.workers++;
      const how = world.pick(/** @type {const} */ (['dies', 'mute']));
      this.trace(`${tab.life.name}: a worker ${how}`);
      tab.trainer.harm(how);
    }
  }

  /** A tab dies, now or while it writes. @param {Tab} tab */
  async #end(tab) {
    tab.doomed = this.world.chance(0.5);
    for (let i = 0; tab.doomed && i < 10; i++) await this.#pass(stride);
    if (!tab.life.dead) this.#kill(tab);
  }

  /** @param {Tab} tab */
  #remove(tab) {
    const free = [...this.known.keys()].filter((id) => !this.tabs.some((t) => !t.life.dead && t.training?.run?.id === id));
    if (free.length === 0) return;
    const id = this.world.pick(free);
    const known = /** @type {Known} */ (this.known.get(id));
    known.removed ||= 'asked';
    this.#do(
      tab,
      `remove ${id}`,
      () => tab.runs.remove(id),
      () => {
        known.removed = 'yes';
      },
    );
  }

  /** @param {Tab} tab */
  #kill(tab) {
    if (tab.life.dead) return;
    this.trace(`${tab.life.name} dies`);
    const known = this.known.get(tab.training?.run?.id);
    if (known && tab.told.size > 0) known.warned = true;
    this.counts.kills++;
    this.browser.kill(tab.life);
  }

  /** Without faults: everything is there, and can go on. */
  async #lastVisit() {
    const { browser } = this;
    browser.capacity = Infinity;
    await this.#pass(500);
    const tab = await this.#open(true);
    if (this.problems.length > 0) return;
    /** @type {any} */
    let list = null;
    this.#do(
      tab,
      'tidy up and list',
      async () => {
        await tab.runs.removeLeftovers();
        return tab.runs.list();
      },
      (all) => {
        list = all;
      },
    );
    for (let i = 0; !list && i < 30; i++) await this.#pass(stride);
    if (!list) this.#problem('the runs cannot be listed');
    else for (const [id, known] of this.known) await this.#find(tab, list, id, known);
    if (tab.told.size > 0) this.#problem(`the last tab warns: ${[...tab.told].join()}`);
    if (this.problems.length === 0) this.#kill(tab);
  }

  /**
   * A run is as it was left.
   *
   * @param {Tab} tab
   * @param {any[]} list
   * @param {string} id
   * @param {Known} known
   */
  async #find(tab, list, id, known) {
    if (this.problems.length > 0) return;
    const found = list.find((s) => s.id === id);
    if (known.removed) {
      if (known.removed === 'yes' && found) this.#problem(`${id} was removed and is back`);
      return;
    }
    const { step } = this.#durable(id);
    if (!found) {
      if (known.finished || (step > 0 && !known.warned)) this.#problem(`${id} is gone, of ${known.finished || `step ${step}`}`);
      return;
    }
    if (known.finished) {
      if (found.status !== known.finished || !found.weights) this.#problem(`${id} is ${found.status}, not ${known.finished}`);
      /** @type {any} */
      let model = null;
      this.#do(
        tab,
        `model of ${id}`,
        () => tab.runs.model(id),
        (m) => {
          model = m;
        },
      );
      await this.#pass(1000);
      const content = model && contentOf(model);
      if (content?.step !== known.steps || content.model !== known.model)
        this.#problem(`the model of ${id} is ${JSON.stringify(content)}, not of step ${known.steps}`);
    } else if (found.status === 'done' || found.status === 'diverged') {
      if (!found.weights) this.#problem(`${id} is ${found.status} and has no model`);
    } else if (step > 0) {
      if (known.warned && (found.damaged || !found.checkpoint)) return; // that was told
      if (found.damaged || !found.checkpoint || found.where !== '')
        this.#problem(`${id} cannot go on: ${JSON.stringify({ ...found, settings: 0, figures: 0 })}`);
      this.#resume(tab, id, true);
      await this.#pass(4000);
      if (tab.training.run?.id !== id && !known.finished) this.#problem(`${id} does not go on: ${tab.training.status}`);
      this.#do(tab, 'reset', () => tab.training.reset());
      await this.#pass(2000);
      if (tab.training.status !== 'idle') this.#problem(`${id} is not closed: ${tab.training.status}`);
    }
  }
}
