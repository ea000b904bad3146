/**
 * Opens the views of the table, each when it is shown for the first time, and
 * tells them when they are entered and left.
 *
 * @typedef {import('./context.js').View} View
 * @typedef {import('./context.js').ViewEntry} ViewEntry
 */
import { cacheOffline } from '../engine/offline.js';
import { checkWhole, loadModule } from '../lib/load-module.js';
import { addStyle } from '../lib/styles.js';
import { Router } from './router.js';

/** The longest time that a view which is open is not seen yet, in milliseconds. */
const longest = 3000;

/** The views that were opened, and which of them is shown. */
export class ViewLoader {
  #views;
  #context;
  #status;
  #onChange;
  #router;
  /** Whether the page can be used. */
  #ready = false;
  /** Views that are opened, or being opened. @type {Map<string, Promise<View>>} */
  #opening = new Map();
  /** Views that could not be opened when they were shown last. @type {Set<string>} */
  #failed = new Set();
  /** Views that are opened. @type {Map<string, View>} */
  #opened = new Map();
  /** Those of them that were entered. @type {Set<string>} */
  #seen = new Set();

  /**
   * @param {object} from
   * @param {ViewEntry[]} from.views
   * @param {import('./context.js').AppContext} from.context
   * @param {import('../ui/status.js').Status} from.status
   * @param {() => void} from.onChange called when another view is shown
   */
  constructor({ views, context, status, onChange }) {
    this.#views = views;
    this.#context = context;
    this.#status = status;
    this.#onChange = onChange;
    this.#router = new Router({
      views,
      i18n: context.i18n,
      onChange: (name, before) => this.#change(name, before),
      onAddress: () => void this.#enter(),
    });
  }

  /** Shows the view that the address asks for. */
  start() {
    this.#router.start();
    addEventListener('online', () => this.#failed.has(this.#router.current) && void this.#enter());
  }

  /**
   * Shows a view.
   *
   * @param {string} name
   */
  go(name) {
    this.#router.go(name);
  }

  /** The view that is shown, once it is opened. @returns {View | undefined} */
  get current() {
    return this.#opened.get(this.#router.current);
  }

  /** The page can be used. */
  ready() {
    this.#ready = true;
    this.#showStatus();
  }

  /** Shows the status of the view that is shown: that it is being loaded, until it is open and the page ready. */
  #showStatus() {
    const open = this.#ready ? this.current : undefined;
    this.#status.show(this.#router.current, open?.status() ?? 'status.loading');
  }

  /** The colours are others. */
  themed() {
    for (const view of this.#opened.values()) view.themed();
  }

  /**
   * A view, whether it is shown or not.
   *
   * @param {string} name
   * @returns {Promise<View>}
   */
  open(name) {
    let opening = this.#opening.get(name);
    if (!opening) {
      opening = this.#load(name);
      this.#opening.set(name, opening);
      opening.catch(() => this.#opening.delete(name)); // the network may be back the next time
    }
    return opening;
  }

  /** @param {string} name */
  async #load(name) {
    const entry = this.#views.find((view) => view.name === name);
    if (!entry) throw new TypeError(`no view is called ${name}`);
    // The first view is of use without words, too: the HTML has English ones.
    const words = entry === this.#views[0] ? null : this.#context.words;
    const [{ open }] = await Promise.all([loadModule(entry.load, name), words, ...entry.styles.map(addStyle)]);
    for (const path of entry.parts ?? []) void cacheOffline(path);
    const view = await open({ ...this.#context, status: this.#status.of(name) }, this.#router.root(name));
    if (entry !== this.#views[0]) await checkWhole(); // main.js sees to the first
    this.#opened.set(name, view);
    return view;
  }

  /**
   * Has a view seen that was entered for the first time, once nothing of it moves any more.
   *
   * @param {string} name
   * @param {View} view
   */
  async #reveal(name, view) {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    if (name !== this.#views[0].name) {
      const drawn = async () => {
        await view.settled?.();
        for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
      };
      await Promise.race([drawn().catch(() => {}), new Promise((done) => setTimeout(done, longest))]);
    }
    // Until then the style hides it, and what it shares with others.
    const { dataset } = document.documentElement;
    dataset.opened = `${dataset.opened ?? ''} ${name}`.trim();
  }

  /** Enters the view that is shown. */
  async #enter() {
    const name = this.#router.current;
    try {
      const view = await this.open(name);
      if (this.#router.current !== name) return;
      try {
        view.enter(location.hash);
      } finally {
        void this.#reveal(name, view); // also where an address asks for what it cannot show
      }
      if (this.#failed.delete(name)) {
        this.#context.errors.clear('fetch-failed');
        this.#status.say(this.#ready ? view.status() : 'status.loading');
      }
      this.#showStatus();
    } catch (e) {
      this.#context.fail(e, () => void this.#enter());
      // Without its first view the page cannot start, which the status says then.
      if (name === this.#views[0].name) return;
      this.#failed.add(name);
      this.#status.of(name).say('status.view-failed');
    }
  }

  /**
   * @param {string} name
   * @param {string} before
   */
  #change(name, before) {
    this.#showStatus();
    const entry = this.#views.find((view) => view.name === name);
    const title = document.querySelector('title');
    if (title && entry) this.#context.i18n.text(title, entry.title);
    this.#opened.get(before)?.leave();
    if (this.#failed.has(before)) this.#context.errors.clear('fetch-failed'); // it was of that view
    void this.#enter();
    this.#onChange();
  }
}
