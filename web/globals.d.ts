import type { Inkdrift } from './app/main.js';

declare global {
  interface Window {
    /** The scripting interface, for teachers, notebooks and tests. */
    readonly inkdrift: Inkdrift;
  }
}
