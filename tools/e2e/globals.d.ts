import type axe from 'axe-core';

import type { FileStore } from '../../web/storage/file-store.js';
import type { Checkpoint, Checkpoints } from '../../web/training/checkpoints.js';
import type { Run } from '../../web/training/run.js';
import type { RunList } from '../../web/training/run-list.js';
import type { RunSpec } from '../../web/training/pool-worker.js';
import type { WorkerPool } from '../../web/training/worker-pool.js';

/** What tests put on the window of a page, for the next function that they run in it. */
declare global {
  interface Window {
    /** faults.mjs: axe-core, as its script leaves it. */
    axe: typeof axe;

    /** api.test.mjs: details of events, by event. */
    heard: Record<'change' | 'error' | 'progress', any[]>;
    /** api.test.mjs: what unsubscribes. */
    unsubscribe: (() => void)[];

    /** first.test.mjs: value, maximum and words of the progress bar. */
    bars: [value: number, max: number, text: string][];
    /** first.test.mjs: what the page's policy forbade. */
    violations: string[];
    /** first.test.mjs: milliseconds from navigation. */
    times: Partial<Record<'model' | 'pads', number>>;

    /** robust.test.mjs: messages that the page has shown. */
    sayings: string[];

    /** map-times.mjs: milliseconds from a move of the pointer to the picture there. */
    looks: number[];

    /** looks.test.mjs: what the Tab key reaches. */
    reachable: HTMLElement[];

    /** train-kept.test.mjs: whether each write fails. */
    broken: boolean;
    /** train-kept.test.mjs: how often the page asked for storage that lasts. */
    asked: number;

    /** train.test.mjs: parts of the studio that were painted, in so many frames. */
    painted: { parts: Set<string>; frames: number };
    /** train.test.mjs: milliseconds of long tasks. */
    long: number[];

    /** keep.test.mjs: events of the storage, as they came. */
    told: string[];
    /** keep.test.mjs: how many changes another tab told of. */
    changes: number;
  }

  /** keep.test.mjs: the page's modules for storage. */
  var keep: {
    files: FileStore;
    runs: RunList;
    Checkpoints: typeof Checkpoints;
    /** Makes a checkpoint's file. */
    file(step: number, length: number): ArrayBuffer;
    /** Whether a checkpoint has the file of its step. */
    isFile(checkpoint: Checkpoint | null): boolean;
  };
  /** keep.test.mjs: the run that is written. */
  var run: Run;
  /** keep.test.mjs: tells the test of a checkpoint that is written. */
  var said: (step: number) => Promise<void>;
  /** keep.test.mjs: workers, and what they train. */
  var group: WorkerPool;
  var what: RunSpec;
  /** keep.test.mjs: trains so many steps; resolves with the state after them. */
  var train: (steps: number) => Promise<string>;
  /** keep.test.mjs: of the tensors of a model file. */
  var hash: (file: ArrayBuffer | Uint8Array) => Promise<string>;
}
