/**
 * What the train view says beside its figures: that training can go on where it
 * was interrupted, why it ended, what trains beside it, which steps were undone,
 * which settings wait.
 */
import { make, passFocus } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import { presetName, shownName } from '../../training/run-names.js';

/** What is said of each state. @type {Record<string, string>} */
const statusWords = {
  idle: 'train.idle',
  opening: 'train.opening',
  running: 'train.running',
  paused: 'train.paused',
  done: 'train.done',
  diverged: 'train.diverged',
  failed: 'train.failed',
};

/** Why it stopped by itself. @type {Record<string, string>} */
const stopWords = { time: 'train.stopped-time', patience: 'train.stopped-patience', elsewhere: 'train.stopped-elsewhere' };

/** Milliseconds before each look for what was interrupted: a page that ended lets go of its run a little later, on a busy machine much later. */
const waits = [0, 1000, 3000, 10_000];

/** Milliseconds after which it is looked again whether another tab still trains: one that crashes does not tell. */
const elsewhereMs = 5000;

/** The notes, and what the status line says of training. */
export class Notices {
  element = make('div', { className: 'notes' });
  /** How much of the data has arrived. */
  loadedPart = 0;

  #i18n;
  #training;
  #runs;
  #status;
  #attempt;
  #start;
  #home;
  /** What the status line said last. */
  #said = '';
  /** Runs that had been interrupted when the view was opened. @type {Set<string>} */
  #interrupted = new Set();
  #offered = '';
  /** Settles when what is offered is shown. @type {Promise<void>} */
  #offering = Promise.resolve();
  #offer = make('div', { className: 'note', hidden: true });
  #pending = make('div', { className: 'note', hidden: true });
  /** Which settings wait for another run. */
  #waits = make('span');
  #rollback = make('p', { className: 'note', hidden: true });
  #end = make('div', { className: 'note', hidden: true });
  /** What it says of the end. */
  #ended = '';
  #beside = make('p', { className: 'note', hidden: true });
  /** That another tab trains. */
  #elsewhere = make('p', { className: 'note', hidden: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #looking;
  #question = make('div', { className: 'note ask', hidden: true });

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {import('../../training/run-list.js').RunList} from.runs
   * @param {import('../../ui/status.js').StatusOfView} from.status
   * @param {(fn: () => Promise<unknown>) => void} from.act does something and tells what goes wrong
   * @param {(begin: () => Promise<unknown>) => Promise<unknown>} from.start begins a run, unless a setting keeps it from that
   * @param {HTMLElement} from.home has the focus after a note that had it
   */
  constructor({ i18n, training, runs, status, act, start, home }) {
    this.#i18n = i18n;
    this.#training = training;
    this.#runs = runs;
    this.#status = status;
    this.#attempt = act;
    this.#start = start;
    this.#home = home;
    const anew = this.#button('train.pending-reset', () => this.#anew());
    this.#end.setAttribute('role', 'status');
    this.#end.dataset.testid = 'train-end';
    this.#pending.append(this.#waits, anew);
    this.#question.setAttribute('role', 'alert');
    this.#question.dataset.testid = 'train-ask';
    this.#elsewhere.setAttribute('role', 'status');
    this.#elsewhere.dataset.testid = 'train-elsewhere';
    this.element.append(this.#question, this.#offer, this.#end, this.#elsewhere, this.#beside, this.#rollback, this.#pending);
    runs.on('change', () => this.#offerStill());
  }

  /**
   * Says what keeps it from starting, with what can be done.
   *
   * @param {string} key of the texts; '': nothing does
   * @param {Record<string, string | number>} [values]
   * @param {{key: string, values?: Record<string, string | number>, act: () => Promise<unknown>, id: string}[]} [answers]
   */
  ask(key, values = {}, answers = []) {
    this.#hide(this.#question, key === '');
    if (key === '') return;
    const words = make('span');
    this.#i18n.text(words, key, values);
    const buttons = answers.map(({ key, values, act, id }) => {
      const b = this.#button(key, () => {
        this.ask('');
        return act();
      });
      if (values) this.#i18n.text(b, key, values);
      b.dataset.testid = id;
      return b;
    });
    this.#question.replaceChildren(words, ...buttons);
    buttons[0]?.focus();
  }

  /** A new run with the settings as they are now. */
  #anew() {
    return this.#start(async () => {
      await this.#training.reset();
      await this.#training.start();
    });
  }

  /** Shows what there is to say now. */
  show() {
    const i18n = this.#i18n;
    const { status, figures, why, stopped, rollbacks, pending, otherWork } = this.#training;
    // Of a run that could not begin the error says why.
    const unbegun = status === 'failed' && this.#training.active === null;
    const bad = status === 'diverged' || (status === 'failed' && !unbegun);
    const reason = status === 'paused' ? stopWords[stopped] : undefined;
    const key = reason ?? statusWords[status];
    const values = { step: figures.step, detail: why ? (status === 'failed' ? i18n.t(`error.${why.code}`) : why.field || why.code) : '' };

    const fetching = status === 'opening' && this.loadedPart > 0 && this.loadedPart < 1;
    const line = fetching ? 'train.arriving' : bad || reason ? 'train.ended' : unbegun ? 'train.not-begun' : statusWords[status];
    const wanted = line + (fetching ? Math.round(5 * this.loadedPart) : status === 'paused' ? figures.step : status);
    if (this.#said !== wanted) {
      if (this.#said || status !== 'idle') this.#status.say(line, { ...values, percent: Math.round(100 * this.loadedPart) });
      this.#said = wanted;
    }

    // Why it ended stays to be read when the status says something else. What the status says is not said twice.
    this.#hide(this.#end, !bad && !reason);
    this.#end.className = bad ? 'note bad' : 'note';
    const slower = status === 'diverged';
    if (this.#ended !== `${key} ${figures.step}`) {
      this.#ended = `${key} ${figures.step}`;
      const words = make('span');
      const lower = this.#button('train.lower-rate', () => {
        this.#training.set({ learningRate: Number((this.#training.settings.learningRate / 10).toPrecision(2)) });
        return this.#anew();
      });
      passFocus(this.#end, this.#home);
      this.#end.replaceChildren(words, ...(slower ? [lower] : []));
    }
    i18n.text(/** @type {HTMLElement} */ (this.#end.firstElementChild), key, values);
    this.#beside.hidden = otherWork === '';
    if (otherWork) i18n.text(this.#beside, 'lab.also', () => ({ name: i18n.t(otherWork) }));
    const last = rollbacks.at(-1);
    // That it diverged says it already.
    this.#rollback.hidden = !last || status === 'diverged';
    if (last)
      i18n.text(this.#rollback, 'train.undone', () => ({
        n: rollbacks.length,
        step: last.step,
        layer: last.layer,
        rate: formatNumber(last.learningRate, i18n.lang),
      }));
    this.#hide(this.#pending, pending.length === 0);
    const { active, settings } = this.#training;
    if (!active) return;
    if (pending.length === 0 || settings.preset === active.preset) i18n.text(this.#waits, 'train.pending');
    else i18n.text(this.#waits, 'train.pending-preset', () => ({ preset: presetName(settings, i18n) }));
    this.#interrupted.clear();
    this.#hide(this.#offer);
  }

  /**
   * Tells of a run that trains in another tab, as long as it does.
   *
   * @param {import('../../training/run-list.js').Summary[]} list all runs
   */
  listed(list) {
    clearTimeout(this.#looking);
    const run = list.find(({ where, status }) => where === 'elsewhere' && status === 'running');
    this.#elsewhere.hidden = !run;
    if (!run) return;
    this.#i18n.text(this.#elsewhere, 'train.elsewhere', { name: run.name });
    this.#looking = setTimeout(() => this.#runs.emit('change'), elsewhereMs);
  }

  /**
   * Offers to go on with what was interrupted.
   *
   * @returns {Promise<void>} settles when it was looked for the first time, and that is offered
   */
  offer() {
    return new Promise((looked) => {
      this.#attempt(async () => {
        try {
          for (const wait of waits) {
            await new Promise((done) => setTimeout(done, wait));
            if (this.#training.active) return;
            for (const { id } of await this.#runs.interrupted()) this.#interrupted.add(id);
            if (this.#interrupted.size > 0) {
              this.#runs.emit('change'); // the list may have been made while the old page still held it
              await this.#offering.catch(() => {}); // said already
              return;
            }
            looked();
          }
        } finally {
          looked();
        }
      });
    });
  }

  /** Offers what is still to be had: another tab may have gone on with it. */
  #offerStill() {
    if (this.#interrupted.size === 0 || this.#training.active) return;
    this.#offering = this.#offerLast();
    this.#attempt(() => this.#offering);
  }

  async #offerLast() {
    const last = (await this.#runs.interrupted()).find((r) => this.#interrupted.has(r.id));
    this.#hide(this.#offer, !last || this.#training.active !== null);
    if (!last || this.#offered === `${last.id} ${last.name}`) return;
    this.#offered = `${last.id} ${last.name}`;
    const words = make('span');
    this.#i18n.text(words, 'train.interrupted', () => ({ name: shownName(last, this.#i18n), step: last.step }));
    const goOn = this.#button('train.go-on', async () => {
      await this.#training.resume(last.id);
      await this.#training.start();
    });
    goOn.dataset.testid = 'go-on';
    const notNow = this.#button('train.not-now', async () => {
      this.#interrupted.clear();
      this.#hide(this.#offer);
    });
    notNow.dataset.testid = 'train-not-now';
    this.#offer.replaceChildren(words, goOn, notNow);
  }

  /** Hides or shows a note, and gives its focus on. @param {HTMLElement} note */
  #hide(note, hidden = true) {
    if (hidden) passFocus(note, this.#home);
    note.hidden = hidden;
  }

  /**
   * @param {string} key
   * @param {() => Promise<unknown>} fn
   */
  #button(key, fn) {
    const b = make('button', { type: 'button' });
    this.#i18n.text(b, key);
    b.addEventListener('click', () => this.#attempt(fn));
    return b;
  }
}
