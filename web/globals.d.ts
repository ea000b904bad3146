import type { Inkdrift } from './app/main.js';

declare global {
  interface Window {
    /** The scripting interface, for teachers, notebooks and tests. */
    readonly inkdrift: Inkdrift;
  }

  /** start-failure.js, which says what does not arrive; tests of modules have none. */
  var inkdriftFiles:
    | {
        late(name: string): void;
        came(name: string): void;
        lost(name: string): void;
        check(bytesOf?: (path: string) => number | undefined): Promise<string[]>;
        begun(damaged: string[]): void;
        reload(): Promise<void>;
      }
    | undefined;

  /** Words that initial-view.js has asked for, where the page begins in another language than English; null: they cannot be had. */
  var inkdriftWords: Promise<Record<string, string> | null> | undefined;
}
