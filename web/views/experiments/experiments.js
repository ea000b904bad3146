/**
 * The view "Experiments": small studies, one at a time, each with one question,
 * which opens with an example result. What they have in common is here: the
 * chooser, head, start and stop, how far it is, the address; what one does is a
 * module of its own and a line in the list.
 */
import { disableAWhile, make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { formatDuration } from '../../lib/format.js';
import { fetchExample } from './example.js';
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
  { name: 'versus', open: openVersus, head: 'vae-vs-gan.head', question: 'vae-vs-gan.question', about: 'vae-vs-gan.about' },
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
 * @property {() => any} result what has come out, as JSON can have it
 * @property {(result: any) => void} showExample shows what result() gave
 * @property {() => string} [example] the example result of the settings, where there is one besides that of the usual ones
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
  /** The one that is shown. @type {ExperimentPanel} */
  #chosen;
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
    const head = make('h2', { className: 'unseen' });
    page.i18n.text(head, 'lab.head');
    const about = make('p');
    page.i18n.text(about, 'lab.about');
    const chooser = make('div', { className: 'chooser' });
    chooser.setAttribute('role', 'navigation');
    page.i18n.attr(chooser, 'aria-label', 'lab.choose');
    root.append(head, about, chooser);
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
      chooser.append(panel.link);
      root.append(panel.element);
    }
    [this.#chosen] = this.#panels.values();
  }

  /** @param {string} hash */
  enter(hash) {
    this.#visible = true;
    const query = new URLSearchParams(hash.slice(address.length).replace(/^\?/, ''));
    const name = query.get('e');
    query.delete('e');
    try {
      const panel = name === null ? this.#chosen : this.#panels.get(name);
      if (!panel)
        throw new InkdriftError('bad-value', `${JSON.stringify(name)}, should be one of ${[...this.#panels.keys()].join(', ')}`, 'e');
      this.#chosen = panel;
      if (name !== null && panel !== this.#running) {
        panel.experiment.prepare(query);
        panel.link.href = addressOf(panel);
      }
    } catch (e) {
      this.#page.fail(e);
    }
    for (const panel of this.#panels.values()) panel.choose(panel === this.#chosen);
  }

  /** The example result of what is shown has come, or does not come. */
  settled() {
    return this.#chosen.exampleShown;
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
  #writeAddress(panel) {
    panel.link.href = addressOf(panel);
    if (this.#visible && panel === this.#chosen) history.replaceState(history.state, '', addressOf(panel));
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

/** The address that opens an experiment with its settings. @param {ExperimentPanel} panel */
function addressOf({ name, experiment }) {
  return `${address}?${new URLSearchParams([['e', name], ...experiment.settings()])}`;
}

/** An experiment in its place: what all of them have. */
class ExperimentPanel {
  element = make('section', { className: 'experiment' });
  /** Shows it; one of the chooser. */
  link = make('a');
  /** Its name among the texts. */
  head;
  name;
  experiment;

  #page;
  /** @type {AbortController | null} */
  #stopper = null;
  /** Settles when it has ended. @type {Promise<void>} */
  #ended = Promise.resolve();
  #go = make('div', { className: 'go' });
  #button = make('button', { type: 'button', className: 'strong' });
  #note = make('div', { className: 'note', hidden: true });
  /** Says that it runs, in the chooser. */
  #mark = make('span', { className: 'mark small', hidden: true });
  /** Says what is shown before somebody runs it. */
  #exampleNote = make('p', { className: 'example', hidden: true });
  /** The example result that was asked for last. */
  #example = '';
  /** Settles once that is shown, or cannot be. */
  exampleShown = Promise.resolve();
  #ran = false;
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
    const title = say(make('h3', { id: `head-lab-${name}` }), question);
    this.link.href = `${address}?e=${name}`;
    this.link.dataset.testid = `lab-choose-${name}`;
    this.link.append(say(make('b'), head), say(make('span', { className: 'question' }), question), say(this.#mark, 'lab.running'));
    this.#exampleNote.dataset.testid = `lab-${name}-example`;
    this.element.hidden = true;
    this.element.id = `lab-${name}`;
    this.element.setAttribute('aria-labelledby', title.id);
    this.#button.dataset.testid = `lab-${name}-start`;
    this.#line.dataset.testid = `lab-${name}-state`;
    this.#note.dataset.testid = `lab-${name}-note`;
    i18n.attr(this.#bar, 'aria-label', 'lab.progress');
    this.#button.addEventListener('click', () => (this.#stopper ? void this.stop() : start()));
    const actions = make('div', { className: 'actions' });
    const root = make('div', { className: 'findings' });
    this.#go.append(this.#button, actions, this.#line, this.#exampleNote);
    this.element.append(
      title,
      this.#go,
      this.#bar,
      this.#note,
      root,
      make('details', { className: 'group' }, say(make('summary'), 'lab.how'), say(make('p', { className: 'way-of-it' }), about)),
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

  /**
   * Shows it, or does not.
   *
   * @param {boolean} shown
   */
  choose(shown) {
    this.element.hidden = !shown;
    if (shown) this.link.setAttribute('aria-current', 'true');
    else this.link.removeAttribute('aria-current');
    const example = this.experiment.example?.() ?? this.name;
    if (shown && !this.#ran && example !== this.#example) this.exampleShown = this.#showExample(example);
  }

  /** Shows an example result, unless the experiment is run, or another is wanted, before that has come. @param {string} name */
  async #showExample(name) {
    this.#example = name;
    const { base, i18n } = this.#page;
    try {
      const { version, date, seconds, cores, result } = await fetchExample(name, base);
      if (this.#ran || this.#example !== name) return;
      this.experiment.showExample(result);
      i18n.text(this.#exampleNote, 'lab.example', () => ({
        version,
        date: new Date(`${date}T00:00:00Z`).toLocaleDateString(i18n.lang, { dateStyle: 'medium', timeZone: 'UTC' }),
        cores,
        time: formatDuration(seconds),
        start: i18n.t('lab.start'),
      }));
      this.#exampleNote.hidden = false;
    } catch {
      if (this.#example === name) this.#example = ''; // it can be run without; the network may be back the next time
    }
  }

  /** Runs to the end, or until it is stopped. Never rejects. */
  run() {
    const stopper = new AbortController();
    this.#stopper = stopper;
    this.#ran = true;
    this.#note.hidden = this.#exampleNote.hidden = true;
    this.#show();
    this.#say('lab.started');
    this.#ended = (async () => {
      let how = 'lab.done';
      try {
        await this.experiment.run(stopper.signal);
      } catch (e) {
        if (!stopper.signal.aborted) {
          how = 'lab.failed';
          this.#page.fail(e, undefined, this.#go);
        }
      }
      if (stopper.signal.aborted) how = 'lab.stopped';
      this.#stopper = null;
      this.#show();
      if (how === 'lab.done') this.element.dispatchEvent(new CustomEvent('result', { bubbles: true, detail: this.experiment.result() }));
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
        void fn().catch((e) => this.#page.fail(e, undefined, this.#go));
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
    disableAWhile(this.#button, stopping);
    this.#bar.hidden = this.#mark.hidden = !this.#stopper;
    if (!this.#stopper) this.#bar.value = 0;
  }
}
