/**
 * The list of saved runs: name, figures, and what can be done with
 * each. Those that are ticked are compared: on the curves, and in pictures side
 * by side.
 */
import { icon, make, readFile } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { formatNumber } from '../../lib/format.js';
import { KLBars } from '../../ui/kl-bars.js';
import { LineChart } from '../../ui/line-chart.js';
import { answer } from '../../ui/answer.js';
import { Pictures } from '../../ui/pictures.js';
import { ScatterPlot } from '../../ui/scatter-plot.js';
import { families } from '../../generated/catalog.js';
import { unusableOnPads } from '../../training/families.js';
import { tones } from '../../training/made-sets.js';
import { decodeLatent, decodePreview } from '../../training/model-poller.js';
import { differencesOf, withShownNames } from '../../training/run-names.js';
import { complete } from '../../training/settings.js';
import { TimeLapse } from './lapse.js';

/** Colours that runs are compared in, by token. */
const palette = ['class-4', 'class-1', 'class-3', 'class-9', 'class-6', 'class-7'];

/** How long a button that deletes waits to be pressed again, in milliseconds. */
const sureMs = 4000;

/** Milliseconds between two times that it is said how far the open run has got. */
const pace = 1000;

/** What is said of each status. @type {Record<string, string>} */
const words = {
  running: 'runs.running',
  paused: 'runs.paused',
  done: 'runs.done',
  diverged: 'runs.diverged',
  interrupted: 'runs.interrupted',
};

/** @typedef {import('../../training/run-list.js').Summary} Summary */

/**
 * @typedef {object} Compared a run beside others
 * @property {Summary} r
 * @property {import('../../training/run.js').Curves | null} curves
 * @property {ReturnType<typeof decodeLatent>} latent
 * @property {import('../../training/moments.js').Moments | null} moments
 */

/** The list and the comparison. */
export class RunListView {
  element = make('section', { className: 'runs' });

  #i18n;
  #runs;
  #training;
  #monitor;
  #actions;
  #film;
  #list = make('ul');
  #open;
  #about = make('p', { className: 'small' });
  #none = make('p', { className: 'small' });
  #differs = make('p', { className: 'differs', hidden: true });
  #side = make('div', { className: 'side-by-side' });
  /** Runs that are compared, with their colours. @type {Map<string, string>} */
  #ticked = new Map();
  /** Whether a listing is on its way, and whether another is wanted after it. */
  #listing = false;
  #again = false;
  /** Run that is being renamed. */
  #renaming = '';
  #shown = '';
  /** Says anew how far the open run has got. */
  #sayOpen = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/run-list.js').RunList} from.runs
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {import('./monitor.js').Monitor} from.monitor
   * @param {() => Record<string, string>} from.colours
   * @param {import('./lapse.js').MakeFilm} from.film
   * @param {object} from.actions what a person can do
   * @param {(id: string, name: string, before: string) => Promise<void>} from.actions.use puts the model behind the pads
   * @param {(id: string, name: string) => Promise<void>} from.actions.show shows one that the pads cannot take
   * @param {(id: string) => Promise<void>} from.actions.resume
   * @param {(id: string) => Promise<string>} from.actions.save saves its file; the name of that
   * @param {(id: string, page: any) => Promise<void>} from.actions.goOn prepares a run that begins with the model of this one
   * @param {(page: any) => Promise<void>} from.actions.settings takes over the settings of a run
   * @param {(list: Summary[]) => void} from.actions.listed is told of all runs when they were listed
   * @param {(error: unknown, cause: Element) => void} from.actions.fail
   */
  constructor({ i18n, runs, training, monitor, colours, film, actions }) {
    this.#i18n = i18n;
    this.#runs = runs;
    this.#training = training;
    this.#monitor = monitor;
    this.#actions = actions;
    this.#film = film;
    this.colours = colours;

    const title = make('h2', { id: 'head-runs' });
    i18n.text(title, 'runs.head');
    i18n.text(this.#about, 'runs.about');
    i18n.text(this.#none, 'runs.none');
    const file = make('input', { type: 'file', accept: '.safetensors', hidden: true });
    file.addEventListener('change', () => {
      if (file.files?.[0]) void this.take(file.files[0]);
      file.value = '';
    });
    this.#open = this.#button('runs.import', '', () => file.click());
    this.#open.dataset.testid = 'import-run';
    this.#differs.dataset.testid = 'compare';
    this.element.setAttribute('aria-labelledby', 'head-runs');
    this.element.append(
      make('div', { className: 'head' }, title, this.#open, file),
      this.#about,
      this.#none,
      this.#list,
      this.#differs,
      this.#side,
    );
    runs.on('change', () => this.refresh());
    training.on('run', () => this.refresh());
    training.on('change', () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#sayOpen();
      }, pace);
    });
    i18n.onChange(() => {
      this.#shown = '';
      this.refresh();
    });
    this.refresh();
  }

  /** Lists again. */
  refresh() {
    this.#again = true;
    if (this.#listing) return;
    this.#listing = true;
    void (async () => {
      try {
        while (this.#again) {
          this.#again = false;
          const list = withShownNames(await this.#runs.list(), this.#i18n);
          this.#actions.listed(list);
          this.#show(list);
        }
      } catch (e) {
        this.#fail(e);
      } finally {
        this.#listing = false;
      }
    })();
  }

  /**
   * Takes a file in.
   *
   * @param {File} file
   */
  async take(file) {
    try {
      await this.#runs.import(new Uint8Array(await readFile(file)), { name: file.name.replace(/\.safetensors$/i, '') });
      this.refresh();
    } catch (e) {
      this.#fail(e);
    }
  }

  /** Shows an error over the list: its rows come and go. */
  #fail = (/** @type {unknown} */ e) => this.#actions.fail(e, this.#about);

  /** @param {Summary[]} list */
  #show(list) {
    for (const id of this.#ticked.keys()) if (!list.some((r) => r.id === id)) this.#ticked.delete(id);
    this.#none.hidden = list.length > 0;
    const open = this.#training.run?.id; // of which it is said anew without being listed again
    const state = JSON.stringify([
      list.map((r) => [r.id, r.name, r.status, r.where, r.id !== open && r.step, r.weights, r.checkpoint, r.saved, r.damaged]),
      [...this.#ticked],
      open,
    ]);
    if (state === this.#shown || this.#renaming) return;
    this.#shown = state;
    const focused = this.#focused();
    this.#sayOpen = () => {};
    this.#list.replaceChildren(...list.map((r) => this.#item(r)));
    if (focused) this.#focusAgain(focused);
    void this.#compare(list);
  }

  /** What has the focus in the list: what it is for, and the row. */
  #focused() {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || !this.#list.contains(focused)) return null;
    return { of: focused.dataset.for ?? '', row: [...this.#list.children].findIndex((row) => row.contains(focused)) };
  }

  /**
   * Gives the focus back after the list was made again. A button that has gone leaves it to the name of its
   * run; a run that has gone, to the one that is in its place; the last one, to the button that opens a file.
   *
   * @param {{of: string, row: number}} focused
   */
  #focusAgain({ of, row }) {
    const all = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll('[data-for]')]);
    const named = (/** @type {string} */ wanted) => all.find((e) => e.dataset.for === wanted);
    const rows = this.#list.children;
    const next = /** @type {HTMLElement | null | undefined} */ (rows[Math.min(row, rows.length - 1)]?.querySelector('button.name'));
    (named(of) ?? named(`name ${of.split(' ')[1]}`) ?? next ?? this.#open).focus({ preventScroll: true });
  }

  /** The colour that a run is compared in: the present one has that of its curves. @param {string} id */
  #colour(id) {
    const colour = this.#ticked.get(id) ?? '';
    return colour && this.#training.run?.id === id ? 'ink' : colour;
  }

  /** @param {Summary} r */
  #item(r) {
    const i18n = this.#i18n;
    const mine = this.#training.run?.id === r.id;
    const item = make('li', { className: 'run' });

    const tick = make('input', { type: 'checkbox', checked: this.#ticked.has(r.id) });
    tick.dataset.for = `tick ${r.id}`;
    i18n.attr(tick, 'aria-label', 'runs.compare', { name: r.name });
    tick.addEventListener('change', () => {
      if (tick.checked) this.#ticked.set(r.id, palette.find((c) => ![...this.#ticked.values()].includes(c)) ?? 'muted');
      else this.#ticked.delete(r.id);
      this.refresh();
    });
    const mark = make('label', { className: `tick ${this.#colour(r.id)}` }, tick);

    const name = make('button', { type: 'button', className: 'name' }, r.name);
    name.dataset.for = `name ${r.id}`;
    i18n.attr(name, 'title', 'runs.rename');
    name.addEventListener('click', () => this.#rename(r, name));

    const facts = make('p', { className: 'facts-line small' });
    const say = () => {
      const { step, validation } = mine ? this.#training.figures : { ...r.figures, step: r.step };
      const parts = [i18n.t(mine ? 'runs.here' : (words[r.status] ?? 'runs.paused')), i18n.t('runs.steps', { step })];
      const elbo = validation?.elbo;
      if (Number.isFinite(elbo)) {
        const of = validation.images > 0 ? ` (${i18n.t('gauge.images', { n: validation.images })})` : '';
        parts.unshift(i18n.t('runs.elbo', { elbo: formatNumber(elbo, i18n.lang, 1) }) + of);
      }
      parts.push(new Date(r.created).toLocaleDateString(i18n.lang, { dateStyle: 'medium' }));
      if (r.where === 'elsewhere' && !mine) parts.push(i18n.t('runs.elsewhere'));
      if (r.damaged) parts.push(i18n.t('runs.damaged'));
      else if (!r.saved) parts.push(i18n.t('runs.memory'));
      return parts.join(' · ');
    };
    facts.textContent = say();
    if (mine) {
      this.#sayOpen = () => {
        if (this.#training.run?.id === r.id) facts.textContent = say();
      };
    }

    const buttons = make('div', { className: 'tools' });
    const finished = r.status === 'done' || r.status === 'diverged';
    if (!mine && !finished && r.checkpoint && r.where === '') {
      buttons.append(this.#button('runs.resume', `resume ${r.id}`, () => this.#actions.resume(r.id)));
    }
    if (!mine && r.settings?.page)
      buttons.append(this.#button('runs.settings', `settings ${r.id}`, () => this.#actions.settings(r.settings.page)));
    if (r.weights && r.settings?.page)
      buttons.append(this.#button('runs.go-on', `go-on ${r.id}`, () => this.#actions.goOn(r.id, r.settings.page)));
    if (r.weights) {
      buttons.append(this.#user(r), this.#exporter(r));
    }
    if (r.where !== 'elsewhere' && !mine) buttons.append(this.#deleter(r));
    item.append(mark, make('div', {}, name, facts), buttons);
    return item;
  }

  /**
   * @param {string} key
   * @param {string} id
   * @param {() => unknown} fn
   * @param {string} [picture]
   */
  #button(key, id, fn, picture) {
    const words = make('span');
    this.#i18n.text(words, key);
    const b = make('button', { type: 'button' }, ...(picture ? [icon(picture)] : []), words);
    if (id) b.dataset.for = id;
    b.addEventListener('click', () => void Promise.resolve(fn()).catch(this.#fail));
    return b;
  }

  /** A button that puts a run's model behind the pads, or in the gallery if they cannot take it. @param {Summary} r */
  #user(r) {
    const { family = '', data = '', from = '' } = r.settings?.page ?? {};
    const why = Object.hasOwn(families, family) ? unusableOnPads({ family, data: String(data) }, r.figures?.pictures?.shape) : ''; // its data may have been forgotten
    if (!why) return this.#button('runs.use', `use ${r.id}`, () => this.#actions.use(r.id, r.name, from));
    const b = this.#button('train.show', `use ${r.id}`, () => this.#actions.show(r.id, r.name));
    this.#i18n.attr(b, 'title', why);
    return b;
  }

  /** A button that saves a run's file. @param {Summary} r */
  #exporter(r) {
    const b = this.#button(
      'runs.export',
      `export ${r.id}`,
      async () => answer(b, this.#i18n.t('answer.saved', { name: await this.#actions.save(r.id) })),
      'save',
    );
    return b;
  }

  /** A button that deletes when it is pressed twice. @param {Summary} r */
  #deleter(r) {
    let sure = false;
    const b = this.#button('runs.delete', `delete ${r.id}`, async () => {
      const words = /** @type {Element} */ (b.lastElementChild);
      if (sure) {
        await this.#runs.remove(r.id);
        this.refresh();
        return;
      }
      sure = true;
      b.classList.add('sure');
      this.#i18n.text(words, 'runs.delete-sure');
      setTimeout(() => {
        sure = false;
        b.classList.remove('sure');
        this.#i18n.text(words, 'runs.delete');
      }, sureMs);
    });
    return b;
  }

  /**
   * @param {Summary} r
   * @param {HTMLElement} button
   */
  #rename(r, button) {
    const input = make('input', { type: 'text', value: r.name, maxLength: 80, className: 'name' });
    this.#i18n.attr(input, 'aria-label', 'runs.rename');
    this.#renaming = r.id;
    button.replaceWith(input);
    input.focus();
    input.select();
    let over = false;
    const end = (/** @type {boolean} */ keep) => {
      if (over) return;
      over = true;
      this.#renaming = '';
      const name = input.value.trim();
      input.replaceWith(button);
      button.focus();
      if (!keep || !name || name === r.name) return this.refresh();
      this.#runs.rename(r.id, name).then(() => this.refresh(), this.#fail);
    };
    input.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' && e.key !== 'Escape') return;
      e.preventDefault(); // it would press the button that comes back
      end(e.key === 'Enter');
    });
    input.addEventListener('blur', () => end(true));
  }

  /**
   * Puts the ticked runs on the curves and their pictures beside each other.
   *
   * @param {Summary[]} list
   */
  async #compare(list) {
    const ticked = list.filter((r) => this.#ticked.has(r.id));
    const others = ticked.filter((r) => r.id !== this.#training.run?.id);
    const read = await Promise.all(
      others.map(async (r) => {
        try {
          const [{ curves }, moments] = await Promise.all([this.#runs.read(r.id), this.#runs.moments(r.id)]);
          return { id: r.id, name: r.name, colour: this.#ticked.get(r.id) ?? 'muted', curves, moments };
        } catch (e) {
          this.#fail(InkdriftError.from(e));
          return null;
        }
      }),
    );
    this.#monitor.compared = read.filter((r) => r !== null);
    this.#monitor.redraw(true);
    this.#say(ticked);
    const curves = (/** @type {string} */ id) =>
      id === this.#training.run?.id ? this.#training.curves : (read.find((r) => r?.id === id)?.curves ?? null);
    // That of the open run is below its board.
    const moments = (/** @type {string} */ id) => read.find((r) => r?.id === id)?.moments ?? null;
    const columns = ticked.map((r) => ({ r, curves: curves(r.id), latent: decodeLatent(r.figures?.latent), moments: moments(r.id) }));
    this.#side.replaceChildren(...columns.map((c) => this.#column(c, columns)));
  }

  /** Says in what the compared runs differ. @param {Summary[]} ticked */
  #say(ticked) {
    const settings = ticked.flatMap((r) => {
      try {
        return [complete({ preset: r.settings?.page?.preset, ...r.settings?.page }, 1)];
      } catch {
        return []; // of a run from another version it is not known
      }
    });
    this.#differs.hidden = ticked.length < 2 || settings.length < ticked.length;
    if (this.#differs.hidden) return;
    const list = () => differencesOf(settings, this.#i18n).join(', ');
    if (list()) this.#i18n.text(this.#differs, 'runs.differ', () => ({ list: list() }));
    else this.#i18n.text(this.#differs, 'runs.differ-not');
  }

  /**
   * What is known of a run, in a column: pictures, ELBO, latent space, KL. Charts of
   * all columns have the same scales; the ELBO of the other runs is behind that of
   * the run.
   *
   * @param {Compared} shown
   * @param {Compared[]} all
   */
  #column({ r, latent, moments }, all) {
    const i18n = this.#i18n;
    const number = (/** @type {number} */ v) => formatNumber(v, i18n.lang);
    const column = make('div', { className: 'compared' }, make('h3', { className: `key ${this.#colour(r.id)}` }, r.name));
    column.append(...this.#pictures(r));
    const part = (/** @type {string} */ head, /** @type {string} */ className, images = 0) => {
      const canvas = make('canvas', { className });
      const words = make('figcaption');
      canvas.setAttribute('role', 'img');
      i18n.attr(canvas, 'aria-label', head);
      words.textContent = images > 0 ? `${i18n.t(head)}, ${i18n.t('gauge.images', { n: images })}` : i18n.t(head);
      column.append(make('figure', {}, words, canvas));
      return canvas;
    };
    /** @type {import('../../ui/line-chart.js').Curve[]} */
    const lines = [...all.filter((c) => c.r !== r), ...all.filter((c) => c.r === r)].flatMap(({ r: of, curves }) => {
      const values = curves?.validation.column('elbo').slice();
      if (!curves || !values?.some(Number.isFinite)) return [];
      const steps = curves.validation.column('step').slice();
      return [{ steps, values, colour: this.#colour(of.id) || 'ink', look: of === r ? 'line' : 'dashed' }];
    });
    if (lines.at(-1)?.look === 'line')
      new LineChart(part('watch.elbo', 'plot', r.figures?.validation?.images), this.colours, number).show(lines, false);
    if (latent?.points.length) {
      const paints = () => tones(r.settings?.page?.data ?? '', this.colours());
      new ScatterPlot(part('watch.scatter', 'scatter'), this.colours, paints).show(latent.points, latent.labels, latent.map);
    }
    const most = Math.max(0.5, ...all.flatMap((c) => c.latent?.klPerDim ?? []));
    if (latent?.klPerDim.length)
      new KLBars(part('watch.dims', 'plot bars'), this.colours, number).show(latent.klPerDim, latent.active, most);
    if (moments && moments.list.length > 1) {
      const { colours } = this;
      const paints = () => tones(r.settings?.page?.data ?? '', colours());
      const lapse = new TimeLapse({ i18n, colours, tones: paints, film: this.#film, fail: this.#actions.fail });
      lapse.show(moments, all.find((c) => c.r === r)?.curves?.validation ?? null, r.name);
      column.append(lapse.element);
    }
    return column;
  }

  /** @param {Summary} r */
  #pictures(r) {
    const pictures = decodePreview(r.figures?.pictures);
    if (!pictures) return [];
    const { count, shape, rows } = pictures;
    const canvas = make('canvas', { className: 'pictures' });
    canvas.setAttribute('role', 'img');
    this.#i18n.attr(canvas, 'aria-label', 'runs.pictures', { name: r.name });
    const words = make('figcaption');
    this.#i18n.text(words, rows.length > 1 ? 'runs.pictures-caption' : 'watch.samples-caption');
    const figure = make('figure', {}, canvas, words);
    new Pictures(canvas, {
      count,
      rows: rows.length,
      columns: count,
      colours: () => tones(r.settings?.page?.data ?? '', this.colours()),
    }).show(rows, count, shape);
    return [figure];
  }
}
