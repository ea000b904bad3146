/**
 * The view "Experiments": small studies, one after the other, each with one
 * question. What they have in common is here: head, start and stop, how far it
 * is, the address; what one does is a module of its own and a line in the list.
 */
import { make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { open as openLabels } from './few-labels.js';
import { open as openSweep } from './latent-size.js';
import { open as openVersus } from './vae-vs-gan.js';
import { Palette } from '../../ui/palette.js';

/**
 * The experiments, in the order of the page. open makes one in its
 * context; head, question and about are keys among the texts.
 *
 * @type {{name: string, open: (context: ExperimentContext) => Experiment, head: string, question: string, about: string}[]}
 */
const experiments = [
  { name: 'sweep', open: openSweep, head: 'sweep.head', question: 'sweep.question', about: 'sweep.about' },
  { name: 'labels', open: openLabels, head: 'labels.head', question: 'labels.question', about: 'labels.about' },
  { name: 'versus', open: openVersus, head: 'versus.head', question: 'versus.question', about: 'versus.about' },
];

/** @typedef {import('../../lib/i18n.js').Values} Values */

/**
 * @typedef {object} ExperimentContext what the view gives an experiment
 * @property {import('../../app/context.js').AppContext} page
 * @property {import('../../app/context.js').TrainingServices} setup data sets, and what makes workers: makeGroup for training, makeEngine for other work
 * @property {HTMLElement} root for its settings and results
 * @property {HTMLElement} actions beside the start button, for buttons of its own
 * @property {() => Record<string, string>} colours
 * @property {(part: number, key: string, values?: Values | (() => Values)) => void} progress says how far it is, 0 to 1, and with what
 * @property {() => void} changed its settings are others: the address follows
 * @property {() => Promise<void>} restart begins, after the end of what runs of it
 *
 * @typedef {object} Experiment
 * @property {(signal: AbortSignal) => Promise<void>} run all of it, from the beginning. When the signal aborts it ends its workers and settles, either way; what is there by then stays
 * @property {(query: URLSearchParams) => void} prepare takes settings from an address; what that does not name is as usual. Throws an InkdriftError, bad-value
 * @property {() => URLSearchParams} settings those that are not as usual, for the address
 * @property {() => void} themed there are other colours
 */

/** What an address of this view begins with. */
const address = '#lab';

/**
 * Opens the view, for the first time.
 *
 * @param {import('../../app/context.js').AppContext} page
 * @param {HTMLElement} root
 * @returns {Promise<import('../../app/context.js').View>}
 */
export async function open(page, root) {
  return new Experiments(page, root, await page.training());
}

/** The view. */
class Experiments {
  #page;
  #setup;
  #palette = new Palette();
  /** @type {Map<string, ExperimentPanel>} */
  #panels = new Map();
  /** The one that runs. @type {ExperimentPanel | null} */
  #running = null;
  /** Whether the view is shown. */
  #visible = false;

  /**
   * @param {import('../../app/context.js').AppContext} page
   * @param {HTMLElement} root
   * @param {ExperimentContext['setup']} setup
   */
  constructor(page, root, setup) {
    this.#page = page;
    this.#setup = setup;
    const head = make('h2');
    page.i18n.text(head, 'lab.head');
    const about = make('p', { className: 'small' });
    page.i18n.text(about, 'lab.about');
    root.append(head, about);
    void setup.catalog.findServed().catch(page.fail);
    for (const about of experiments) {
      const panel = new ExperimentPanel(about, {
        page,
        setup,
        colours: () => this.#palette.colours,
        start: () => this.#start(panel),
        changed: () => this.#writeAddress(panel),
      });
      this.#panels.set(about.name, panel);
      root.append(panel.element);
    }
  }

  /** @param {string} hash */
  enter(hash) {
    this.#visible = true;
    const query = new URLSearchParams(hash.slice(address.length).replace(/^\?/, ''));
    const name = query.get('e');
    if (name === null) return;
    query.delete('e');
    const panel = this.#panels.get(name);
    try {
      if (!panel)
        throw new InkdriftError('bad-value', `${JSON.stringify(name)}, should be one of ${[...this.#panels.keys()].join(', ')}`, 'e');
      if (panel !== this.#running) panel.experiment.prepare(query);
      panel.element.scrollIntoView();
    } catch (e) {
      this.#page.fail(e);
    }
  }

  leave() {
    this.#visible = false;
  }

  status() {
    return 'lab.ready';
  }

  themed() {
    this.#palette.forget();
    for (const { experiment } of this.#panels.values()) experiment.themed();
  }

  /** The address opens an experiment as it is now. @param {ExperimentPanel} panel */
  #writeAddress({ name, experiment }) {
    const query = new URLSearchParams([['e', name], ...experiment.settings()]);
    if (this.#visible) history.replaceState(history.state, '', `${address}?${query}`);
  }

  /**
   * Starts an experiment, if nothing else trains, or the person wants it all
   * the same.
   *
   * @param {ExperimentPanel} panel
   */
  #start(panel) {
    const { training } = this.#setup;
    const running = this.#running;
    if (running) {
      panel.ask('lab.busy', () => ({ name: this.#page.i18n.t(running.head) }), [
        [
          'lab.busy-stop',
          async () => {
            await running.stop();
            this.#start(panel);
          },
        ],
      ]);
    } else if (training.status === 'running' || training.status === 'opening') {
      panel.ask('lab.beside', {}, [
        [
          'lab.beside-pause',
          async () => {
            await training.pause();
            await this.#run(panel);
          },
        ],
        ['lab.beside-both', () => this.#run(panel)],
      ]);
    } else void this.#run(panel);
  }

  /** @param {ExperimentPanel} panel */
  async #run(panel) {
    const { training } = this.#setup;
    this.#running = panel;
    training.setOtherWork(panel.head);
    this.#writeAddress(panel);
    await panel.run();
    this.#running = null;
    training.setOtherWork('');
  }
}

/** An experiment in its place: what all of them have. */
class ExperimentPanel {
  element = make('section', { className: 'experiment' });
  /** Its name among the texts. */
  head;
  name;
  experiment;

  #page;
  /** @type {AbortController | null} */
  #stopper = null;
  /** Settles when it has ended. @type {Promise<void>} */
  #ended = Promise.resolve();
  #button = make('button', { type: 'button', className: 'strong' });
  #note = make('div', { className: 'note', hidden: true });
  #line = make('p', { className: 'small' });
  #bar = make('progress', { className: 'way', max: 1, hidden: true });

  /**
   * @param {typeof experiments[number]} about
   * @param {Omit<ExperimentContext, 'root' | 'actions' | 'progress' | 'restart'> & {start: () => void}} context
   */
  constructor({ name, open, head, question, about }, { start, ...context }) {
    const { i18n } = context.page;
    this.name = name;
    this.head = head;
    this.#page = context.page;
    const say = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
      i18n.text(e, key);
      return e;
    };
    const title = say(make('h3', { id: `head-lab-${name}` }), head);
    this.element.id = `lab-${name}`;
    this.element.setAttribute('aria-labelledby', title.id);
    this.#button.dataset.testid = `lab-${name}-start`;
    this.#line.dataset.testid = `lab-${name}-state`;
    this.#note.dataset.testid = `lab-${name}-note`;
    i18n.attr(this.#bar, 'aria-label', 'lab.progress');
    this.#button.addEventListener('click', () => (this.#stopper ? void this.stop() : start()));
    const actions = make('div', { className: 'actions' });
    const root = make('div', { className: 'findings' });
    this.element.append(
      title,
      say(make('p', { className: 'question' }), question),
      say(make('p', { className: 'small' }), about),
      make('div', { className: 'go' }, this.#button, actions, this.#line),
      this.#bar,
      this.#note,
      root,
    );
    const restart = async () => {
      await this.stop();
      start();
    };
    this.experiment = open({
      ...context,
      root,
      actions,
      progress: (part, key, values = {}) => this.#showProgress(part, key, values),
      restart,
    });
    this.#show();
  }

  /** Runs to the end, or until it is stopped. Never rejects. */
  run() {
    const stopper = new AbortController();
    this.#stopper = stopper;
    this.#note.hidden = true;
    this.#show();
    this.#say('lab.started');
    this.#ended = (async () => {
      let how = 'lab.done';
      try {
        await this.experiment.run(stopper.signal);
      } catch (e) {
        if (!stopper.signal.aborted) {
          how = 'lab.failed';
          this.#page.fail(e);
        }
      }
      if (stopper.signal.aborted) how = 'lab.stopped';
      this.#stopper = null;
      this.#show();
      this.#page.i18n.text(this.#line, how, this.#named);
      this.#say(how);
    })();
    return this.#ended;
  }

  /** Stops it, and waits until it has. */
  stop() {
    this.#stopper?.abort();
    this.#show();
    return this.#ended;
  }

  /**
   * Asks a person before it starts.
   *
   * @param {string} key
   * @param {import('../../lib/i18n.js').Values | (() => import('../../lib/i18n.js').Values)} values
   * @param {[string, () => Promise<void>][]} ways
   */
  ask(key, values, ways) {
    const { i18n } = this.#page;
    const words = make('span');
    i18n.text(words, key, values);
    this.#page.status.say(key, values);
    const buttons = ways.map(([word, fn]) => {
      const b = make('button', { type: 'button' });
      i18n.text(b, word);
      b.addEventListener('click', () => {
        this.#note.hidden = true;
        this.#button.focus();
        void fn().catch(this.#page.fail);
      });
      return b;
    });
    this.#note.replaceChildren(words, ...buttons);
    this.#note.hidden = false;
  }

  #named = () => ({ name: this.#page.i18n.t(this.head) });

  /** @param {string} key */
  #say(key) {
    this.#page.status.say(key, this.#named);
  }

  /**
   * @param {number} part
   * @param {string} key
   * @param {Values | (() => Values)} values
   */
  #showProgress(part, key, values) {
    this.#bar.value = part;
    this.#page.i18n.text(this.#line, key, values);
  }

  #show() {
    const stopping = this.#stopper?.signal.aborted ?? false;
    this.#page.i18n.text(this.#button, this.#stopper ? 'lab.stop' : 'lab.start');
    this.#button.disabled = stopping;
    this.#bar.hidden = !this.#stopper;
    if (!this.#stopper) this.#bar.value = 0;
  }
}
