/**
 * The view in which a model is trained and watched. It shows the state of a
 * TrainingSession and passes on what a person wants.
 */
import { byId, disableAWhile, download, icon, make, passFocus } from '../../lib/dom.js';
import { digitReader } from '../../engine/read-digit.js';
import { DataChooser } from './data-chooser.js';
import { SettingsForm } from './settings-form.js';
import { answer } from '../../ui/answer.js';
import { exportButtons } from '../../ui/export-buttons.js';
import { fileName } from '../../lib/file-name.js';
import { Palette } from '../../ui/palette.js';
import { MeasuresPanel } from './measures-panel.js';
import { Notices } from './notices.js';
import { RunListView } from './run-list-view.js';
import { curvesCSV } from '../../training/curve-csv.js';
import { exportRun } from '../../training/run-file.js';
import { presets } from '../../generated/catalog.js';
import { starts } from '../../generated/start-models.js';
import { offeredPresets, presetNames, presetTitle } from '../../training/presets.js';
import { changesOf, presetName, shownName } from '../../training/run-names.js';
import { startTitle } from '../../training/setting-words.js';
import { preset, presetChange, fromHash, startChange, toHash } from '../../training/settings.js';
import { Gauges } from './gauges.js';
import { Monitor } from './monitor.js';
import { StartBand } from './start-band.js';
import { Tabs } from './tabs.js';
import { Trial } from './trial.js';

/** A learning rate above it is asked about: no optimiser here takes it. */
const unusualRate = 1;

/** Milliseconds between two times that the figures are written. */
const pace = 150;

/**
 * Opens the view, for the first time.
 *
 * @param {import('../../app/context.js').AppContext} context
 * @param {HTMLElement} root
 */
export async function open(context, root) {
  await context.i18n.add('train-words');
  return new TrainView(context, root, await context.training());
}

/** The view. */
class TrainView {
  #i18n;
  #training;
  #runs;
  #context;
  #monitor;
  #measures;
  #form;
  #data;
  #runsView;
  #palette = new Palette();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Where the list of runs is: after the pads. */
  #runsRoot = byId('runs', HTMLElement);
  /** What drives the run. */
  #controls;
  /** Whether the view is shown. */
  #visible = false;
  /** Measures how much room the board has. */
  #fit = () => {};

  #drive = make('div', { className: 'drive' });
  #play = make('button', { type: 'button', className: 'play' });
  #step = make('button', { type: 'button' });
  #reset = make('button', { type: 'button' });
  #resetNew = make('button', { type: 'button' });
  #use = make('button', { type: 'button', className: 'strong' });
  #export = make('button', { type: 'button' });
  /** @type {HTMLButtonElement[]} */
  #exportAs = [];
  #makeEngine;
  #checkpoint = make('button', { type: 'button' });
  #csv = make('button', { type: 'button' });
  #preset = make('select', { id: 'train-preset' });
  /** The model to begin with. */
  #from = make('select', { id: 'train-from' });
  /** A run's model, to begin with. */
  #fromRun = make('option');
  /** A preset that is not offered. */
  #other = make('option');
  /** Preset and data. */
  #picks = make('div', { className: 'picks' });
  #presetAbout = make('p', { className: 'preset-about' });
  #changed = make('p', { className: 'changed', hidden: true });
  #unfit = make('p', { className: 'small', id: 'train-unfit', hidden: true });
  #bar = make('progress', { className: 'way' });
  /** What else can be saved of a run. */
  #more = make('section', { className: 'export-more' });
  #notes;
  #tabs;
  #start;
  #gauges;
  /** Settles once the example is shown, and it is known whether a run was interrupted. */
  #settled;

  /**
   * @param {import('../../app/context.js').AppContext} context
   * @param {HTMLElement} root
   * @param {import('../../app/context.js').TrainingServices} setup
   */
  constructor(context, root, setup) {
    const { i18n, store, status, fail } = context;
    this.#context = context;
    this.#i18n = i18n;
    this.#training = setup.training;
    this.#runs = setup.runs;
    this.#makeEngine = setup.makeEngine;
    const colours = () => this.#palette.colours;
    const training = this.#training;
    /** @type {import('./lapse.js').MakeFilm} */
    const film = async (fields, bufs) => (await context.engine.request('film', fields, bufs)).bufs[0];
    this.#monitor = new Monitor({
      ...{ i18n, training, colours, store, terms: context.terms, film, read: digitReader(context.engine) },
      fail: (e, cause) => fail(e, undefined, cause),
    });
    this.#data = new DataChooser({
      ...{ i18n, training, catalog: setup.catalog, reader: setup.reader, colours, store, status },
      fail: (e) => fail(e, undefined, this.#picks),
      set: (part) => this.#set(part),
      shaped: () => this.#monitor.shaped(),
    });
    this.#form = new SettingsForm(i18n, (part) => this.#change(part), context.terms);
    this.#notes = new Notices({
      ...{ i18n, training, runs: setup.runs, status, home: this.#play },
      act: (fn) => this.#attempt(fn, this.#notes.element),
      start: (begin) => this.#attemptStart(begin),
    });
    this.#measures = new MeasuresPanel({
      i18n,
      terms: context.terms,
      ask: (what, classifier, signal) => training.measure(what, classifier, signal),
      classifier: setup.classifier,
      model: () => (training.active && training.figures.step > 0 ? { name: this.#name(), what: training.active } : null),
      fail: (e, cause) => fail(e, undefined, cause),
    });
    this.#start = new StartBand({ i18n, training, reader: setup.reader, catalog: setup.catalog, colours, fail });
    this.#monitor.more.prepend(this.#data.summary);
    this.#monitor.more.append(this.#measures.element);
    this.#data.summary.dataset.tab = 'settings';
    this.#measures.element.dataset.tab = 'curves';
    this.#more.dataset.tab = 'curves';
    this.#monitor.more.append(this.#more);
    training.on('measuring', (event) => this.#measures.progress(event));
    this.#gauges = new Gauges(i18n, training);
    this.#controls = this.#makeControls();
    this.#tabs = new Tabs(i18n, root);
    this.#controls.append(this.#tabs.element);
    root.append(this.#controls, this.#makeSettings(store, setup.screenOn), this.#monitor.element);
    this.#fitBoard(root);
    const example = setup.example().then((example) => {
      this.#monitor.takeExample(example);
      this.#start.takeExample(example);
    }, fail);

    this.#runsView = new RunListView({
      i18n,
      runs: this.#runs,
      training,
      monitor: this.#monitor,
      colours,
      film,
      actions: {
        use: async (id, name, before) => {
          const bytes = await this.#runs.model(id);
          if (bytes) await context.useModel(/** @type {ArrayBuffer} */ (bytes.slice().buffer), name, before);
        },
        show: async (id, name) => {
          const bytes = await this.#runs.model(id);
          if (bytes) await context.showModel(/** @type {ArrayBuffer} */ (bytes.slice().buffer), name);
        },
        resume: (id) => training.resume(id),
        goOn: async (id, page) => {
          training.set({ preset: presetNames[0], ...page, from: `run:${id}` });
          scrollTo(0, 0);
        },
        settings: async (page) => {
          training.set({ preset: presetNames[0], ...page });
          scrollTo(0, 0);
        },
        save: async (id) => {
          const { name, bytes } = await this.#runs.export(id);
          download(/** @type {ArrayBuffer} */ (bytes.slice().buffer), 'application/octet-stream', name);
          return name;
        },
        listed: (list) => this.#notes.listed(list),
        fail: (e, cause) => fail(e, undefined, cause),
      },
    });
    this.#runsRoot.append(this.#runsView.element);
    new Trial(context, training);

    training.on('change', () => this.#scheduleShow());
    training.on('settings', () => {
      this.#notes.ask(''); // what was asked was about the settings before
      this.#showSettings();
      this.#scheduleShow();
    });
    training.on('run', () => this.#showSettings());
    training.on('message', (key, values) => status.say(key, values));
    training.on('download', (part) => {
      this.#notes.loadedPart = part;
      this.#scheduleShow();
    });
    i18n.onChange(() => {
      this.#showSettings();
      this.#show();
    });
    const offered = this.#runs
      .removeLeftovers()
      .catch(fail)
      .then(() => this.#notes.offer());
    this.#settled = Promise.all([example, offered]);
    this.#show();
  }

  /**
   * Takes the settings that the address asks for.
   *
   * @param {string} hash
   */
  enter(hash) {
    this.#visible = true;
    this.#runsRoot.hidden = false;
    this.#tabs.enter();
    this.#context.maps.show(this.#monitor.map);
    const { settings, errors, wrong } = fromHash(hash, this.#training.defaultWorkers);
    // An address without settings is the way back, and changes none.
    if (hash.includes('?')) {
      this.#form.forgive();
      this.#set({ ...settings });
    }
    this.#showSettings();
    const marked = Object.entries(wrong).filter(([name, text]) => this.#form.mark(name, text));
    for (const e of errors) if (!marked.some(([name]) => name === e.field)) this.#context.fail(e);
    this.#monitor.redraw();
    this.#show();
    this.#fit();
  }

  settled() {
    return this.#settled;
  }

  /** Training goes on. */
  leave() {
    this.#visible = false;
    this.#data.idle(false);
    this.#runsRoot.hidden = true;
    this.#tabs.leave();
    this.#context.maps.show(null);
  }

  status() {
    return 'train.idle';
  }

  dropTarget() {
    return this.#controls;
  }

  /** Other colours. */
  themed() {
    this.#palette.forget();
    this.#monitor.refresh();
    this.#data.refresh();
    this.#start.refresh();
    this.#runsView.refresh();
  }

  /**
   * Takes the files of a data set.
   *
   * @param {import('../../training/data-reader.js').NamedFile[]} given
   */
  takeData(given) {
    void this.#data.take(given);
  }

  /** Files may be dropped soon. */
  prepareData() {
    this.#data.prepare();
  }

  /**
   * Pictures are data, too, unless they were dropped on a pad.
   *
   * @param {import('../../training/data-reader.js').NamedFile[]} given
   * @param {Element | null} target
   */
  takePictures(given, target) {
    if (target?.closest('.side')) return false;
    this.takeData(given);
    return true;
  }

  /**
   * Takes a run in.
   *
   * @param {File} file
   */
  takeModel(file) {
    void this.#runsView.take(file);
    return true;
  }

  /** @param {Partial<import('../../training/settings.js').Settings>} part */
  #set(part) {
    try {
      this.#training.set(part);
    } catch (e) {
      this.#context.fail(e, undefined, this.#picks);
    }
  }

  /**
   * Takes over what was entered. A learning rate that nothing learns at is asked about
   * before a run that trains gets it.
   *
   * @param {Partial<import('../../training/settings.js').Settings>} part
   */
  #change(part) {
    const training = this.#training;
    const { learningRate = 0 } = part;
    if (training.status !== 'running' || learningRate <= unusualRate) {
      this.#set(part);
      return;
    }
    this.#notes.ask('train.unusual-rate', { rate: learningRate }, [
      { key: 'train.rate-anyway', act: async () => this.#set(part), id: 'rate-anyway' },
      {
        key: 'train.usual-rate',
        values: { rate: training.settings.learningRate },
        act: async () => this.#showSettings(),
        id: 'usual-rate',
      },
    ]);
  }

  /**
   * Does what a button says; errors are shown below it.
   *
   * @param {() => Promise<unknown>} fn
   * @param {Element} [cause] where the button is
   */
  #attempt(fn, cause = this.#drive) {
    fn().catch((e) => {
      const { status, active } = this.#training;
      const isUnbegun = status === 'failed' && active === null;
      this.#context.fail(e, isUnbegun ? () => this.#attempt(fn, cause) : undefined, cause);
    });
  }

  /**
   * Starts what trains, unless a setting is wrong. One that is unusual asks
   * first.
   *
   * @param {() => Promise<unknown>} go
   */
  async #attemptStart(go) {
    const training = this.#training;
    if (!this.#form.valid()) {
      this.#tabs.choose('settings');
      this.#form.valid(); // its tab can be focused now
      this.#notes.ask('train.correct');
      return;
    }
    const { learningRate, preset: name, workers } = training.settings;
    if (learningRate <= unusualRate) {
      this.#notes.ask('');
      return go();
    }
    const usual = preset(name, workers).learningRate;
    this.#notes.ask('train.unusual-rate', { rate: learningRate }, [
      { key: 'train.start-anyway', act: go, id: 'start-anyway' },
      { key: 'train.usual-rate', values: { rate: usual }, act: async () => this.#set({ learningRate: usual }), id: 'usual-rate' },
    ]);
  }

  /** The same, if nothing trains; else what the button does then. @param {() => Promise<unknown>} go */
  #drivenStart(go) {
    const { status } = this.#training;
    return status === 'running' || status === 'opening' ? go() : this.#attemptStart(go);
  }

  #makeControls() {
    const i18n = this.#i18n;
    const training = this.#training;
    const labelled = (
      /** @type {HTMLButtonElement} */ b,
      /** @type {string} */ key,
      /** @type {string} */ picture,
      /** @type {string} */ id,
      /** @type {() => Promise<unknown>} */ fn,
    ) => {
      const words = make('span');
      i18n.text(words, key);
      b.append(...(picture ? [icon(picture)] : []), words);
      if (id) b.dataset.testid = id;
      b.addEventListener('click', () => this.#attempt(fn));
      return b;
    };
    this.#play.dataset.testid = 'train-toggle';
    this.#play.append(icon('play'));
    this.#play.addEventListener('click', () => this.#attempt(() => this.#drivenStart(() => training.toggle())));
    labelled(this.#step, 'train.step', 'step', 'train-step', () => this.#drivenStart(() => training.step(1)));
    labelled(this.#reset, 'train.reset', 'again', 'train-reset', () => training.reset());
    labelled(this.#resetNew, 'train.reset-new', '', 'train-reset-new', () => training.reset({ seed: 'new' }));
    labelled(this.#use, 'train.use', '', 'use-model', async () => {
      const bytes = await training.model();
      await (training.unfit
        ? this.#context.showModel(bytes, this.#name())
        : this.#context.useModel(bytes, this.#name(), training.active?.from));
    });
    labelled(this.#export, 'train.export', 'save', 'export-model', async () => {
      const file = `${fileName(this.#name())}.safetensors`;
      download(await training.model(), 'application/octet-stream', file);
      answer(this.#export, i18n.t('answer.saved', { name: file }));
    });
    this.#exportAs = exportButtons({
      i18n,
      ids: { onnx: 'export-onnx', pytorch: 'export-pytorch' },
      engines: async () => this.#makeEngine,
      model: async () => ({ name: this.#name(), bytes: await training.model() }),
      fail: (e, cause) => this.#context.fail(e, undefined, cause),
    });
    const exports = make('div', { className: 'buttons exports' }, this.#export, ...this.#exportAs);
    exports.setAttribute('role', 'group');
    i18n.attr(exports, 'aria-label', 'train.export');
    labelled(this.#checkpoint, 'train.export-checkpoint', 'save', 'export-checkpoint', async () => {
      const { run } = training;
      const { file } = await training.checkpoint();
      if (!run) return;
      const { name, created, settings, step, seconds, figures, curves } = run;
      const about = /** @type {Parameters<typeof exportRun>[0]} */ ({
        name,
        created,
        status: 'paused',
        settings,
        step,
        seconds,
        figures,
        curves,
      });
      const made = exportRun(about, new Uint8Array(file));
      const as = made.name.replace(/\.safetensors$/, '.checkpoint.safetensors');
      download(/** @type {ArrayBuffer} */ (made.bytes.slice().buffer), 'application/octet-stream', as);
      answer(this.#checkpoint, i18n.t('answer.saved', { name: as }));
    });
    labelled(this.#csv, 'train.export-csv', 'save', 'export-csv', async () => {
      const { curves } = training;
      if (!curves) return;
      const as = `${fileName(this.#name(), 'run')}.csv`;
      download(/** @type {ArrayBuffer} */ (new TextEncoder().encode(curvesCSV(curves)).buffer), 'text/csv', as);
      answer(this.#csv, i18n.t('answer.saved', { name: as }));
    });
    const contents = make('p');
    i18n.text(contents, 'train.export-about');
    const exportHead = make('h3');
    i18n.text(exportHead, 'train.export-head');
    this.#more.append(exportHead, contents, make('div', { className: 'buttons' }, this.#checkpoint, this.#csv));
    i18n.attr(this.#export, 'title', 'train.export-title');
    i18n.attr(this.#checkpoint, 'title', 'train.export-checkpoint-title');
    i18n.attr(this.#csv, 'title', 'train.export-csv-title');
    i18n.attr(this.#resetNew, 'title', 'train.reset-new-title');
    i18n.attr(this.#reset, 'title', 'train.reset-title');
    i18n.attr(this.#step, 'title', 'train.step-title');

    this.#preset.append(
      ...offeredPresets.map((value) => {
        const option = make('option', { value });
        i18n.text(option, `preset.${value}`);
        return option;
      }),
    );
    this.#preset.addEventListener('change', () => {
      this.#form.forgive();
      this.#set(presetChange(this.#preset.value, training.settings));
    });
    this.#from.append(
      ...['', ...Object.keys(starts)].map((value) => {
        const option = make('option', { value });
        if (value === '') i18n.text(option, 'start-from.none');
        else i18n.text(option, 'start-from.one', () => ({ name: startTitle(value, i18n) }));
        return option;
      }),
    );
    this.#from.dataset.testid = 'train-from';
    this.#from.addEventListener('change', () => {
      this.#form.forgive();
      this.#set(startChange(this.#from.value, training.settings));
    });
    this.#drive.append(
      this.#play,
      make('div', { className: 'buttons' }, this.#step, this.#reset, this.#resetNew),
      make('div', { className: 'buttons end' }, this.#use, exports),
    );
    const title = make('h2', { className: 'unseen' });
    i18n.text(title, 'train.head');
    i18n.attr(this.#bar, 'aria-label', 'train.way');
    return make(
      'div',
      { className: 'top' },
      title,
      this.#drive,
      this.#unfit,
      this.#data.element,
      this.#gauges.element,
      this.#bar,
      this.#start.element,
      this.#notes.element,
    );
  }

  /**
   * Keeps the board and the column of settings as tall as what the window has
   * under their beginning, so that they are on one screen.
   *
   * @param {HTMLElement} root
   */
  #fitBoard(root) {
    const fit = () => {
      if (!this.#visible) return;
      for (const [name, element] of /** @type {const} */ ([
        ['--above', this.#monitor.element],
        ['--head-top', root],
      ]))
        root.style.setProperty(name, `${Math.round(element.getBoundingClientRect().top + scrollY)}px`);
    };
    new ResizeObserver(fit).observe(this.#controls);
    addEventListener('resize', fit);
    this.#fit = fit;
  }

  /**
   * Keeps the screen on while something trains, if it is ticked.
   *
   * @param {{get: () => boolean, set: (on: boolean) => void} | null} screenOn null: the browser cannot
   */
  #makeScreenBox(screenOn) {
    if (!screenOn) return [];
    const box = make('input', { type: 'checkbox', checked: screenOn.get() });
    box.dataset.testid = 'screen-on';
    box.addEventListener('change', () => screenOn.set(box.checked));
    const words = make('span');
    this.#i18n.text(words, 'set.screen-on');
    return [make('label', { className: 'check' }, box, words)];
  }

  /**
   * @param {import('../../lib/local-storage.js').LocalStore} store
   * @param {{get: () => boolean, set: (on: boolean) => void} | null} screenOn
   */
  #makeSettings(store, screenOn) {
    const i18n = this.#i18n;
    const title = make('h3');
    i18n.text(title, 'set.head');
    const explain = make('button', { type: 'button', className: 'link' });
    const show = (/** @type {boolean} */ on) => {
      this.#form.element.classList.toggle('explained', on);
      explain.setAttribute('aria-pressed', String(on));
    };
    i18n.text(explain, 'set.explain');
    explain.addEventListener('click', () => {
      const on = explain.getAttribute('aria-pressed') !== 'true';
      store.set('explain', on);
      show(on);
    });
    show(store.get('explain') === true);
    const note = make('p', { className: 'small' });
    i18n.text(note, 'set.link-note');
    const pick = (/** @type {string} */ key, /** @type {HTMLSelectElement} */ select) => {
      const span = make('span');
      i18n.text(span, key);
      return make('label', { className: 'pick' }, span, select);
    };
    this.#picks.append(pick('train.preset', this.#preset), pick('train.data', this.#data.select), pick('train.from', this.#from));
    const side = make(
      'aside',
      { className: 'settings-side' },
      make('div', { className: 'over' }, title, explain),
      this.#picks,
      this.#changed,
      this.#presetAbout,
      this.#form.element,
      ...this.#makeScreenBox(screenOn),
      this.#data.tools,
      note,
    );
    side.dataset.tab = 'settings';
    side.dataset.testid = 'train-settings';
    return side;
  }

  #showSettings() {
    const training = this.#training;
    const { settings, pending, active } = training;
    // Another preset is another experiment, not some settings of it.
    this.#form.show(settings, active?.preset === settings.preset ? pending : []);
    const { offered } = presets[settings.preset];
    this.#other.remove();
    if (!offered) this.#preset.append(this.#other); // an address asked for it
    this.#other.value = this.#other.textContent = settings.preset;
    this.#preset.value = settings.preset;
    this.#fromRun.remove();
    if (settings.from && !Object.hasOwn(starts, settings.from)) {
      this.#fromRun.value = settings.from;
      this.#fromRun.textContent = startTitle(settings.from, this.#i18n);
      this.#from.append(this.#fromRun);
    }
    this.#from.value = settings.from;
    this.#presetAbout.hidden = !offered || settings.from !== ''; // it tells of another network
    if (offered) this.#i18n.text(this.#presetAbout, `preset.${settings.preset}-about`);
    const changes = () => changesOf(settings, this.#i18n);
    this.#changed.hidden = changes().length === 0;
    this.#changed.dataset.testid = 'changed';
    if (!this.#changed.hidden)
      this.#i18n.text(this.#changed, 'train.changed', () => ({ preset: presetName(settings, this.#i18n), list: changes().join(', ') }));
    this.#data.show();
    this.#notes.show();
    if (this.#visible) history.replaceState(history.state, '', toHash(settings, training.defaultWorkers));
  }

  /** Shows status and figures, soon. */
  #scheduleShow() {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        requestAnimationFrame(() => this.#show());
      },
      this.#training.status === 'running' ? pace : 0,
    );
  }

  #show() {
    const training = this.#training;
    const i18n = this.#i18n;
    const { status, figures } = training;
    const running = status === 'running';
    const busy = status === 'opening';
    this.#data.idle(this.#visible && status === 'idle');
    if (status === 'failed' && training.why) this.#data.failed(training.why);
    const anew = status === 'done' || status === 'diverged' || status === 'failed';

    const playKey = running ? 'train.pause' : anew ? 'train.again' : 'train.play';
    if (this.#play.dataset.shown !== playKey) {
      this.#play.dataset.shown = playKey;
      this.#play.querySelector('use')?.setAttribute('href', running ? '#i-pause' : anew ? '#i-again' : '#i-play');
      i18n.attr(this.#play, 'aria-label', playKey);
      i18n.attr(this.#play, 'title', playKey);
    }
    this.#play.setAttribute('aria-busy', String(busy));
    const unused = training.active === null && !anew;
    if (anew) passFocus(this.#step, this.#play);
    if (unused) for (const button of [this.#reset, this.#resetNew]) passFocus(button, this.#play);
    disableAWhile(this.#step, busy || anew);
    for (const button of [this.#reset, this.#resetNew]) disableAWhile(button, busy || unused);
    this.#export.disabled = training.active === null || figures.step === 0;
    const why = training.unfit;
    for (const button of [this.#use, this.#checkpoint, this.#csv, ...this.#exportAs]) button.disabled = this.#export.disabled;
    i18n.text(/** @type {HTMLElement} */ (this.#use.lastElementChild), why ? 'train.show' : 'train.use');
    this.#unfit.hidden = why === '';
    if (why) {
      i18n.text(this.#unfit, why);
      this.#use.setAttribute('aria-describedby', this.#unfit.id);
    } else this.#use.removeAttribute('aria-describedby');

    this.#gauges.show();
    this.#bar.max = Math.max(figures.steps, 1);
    this.#bar.value = figures.step;

    const root = this.#controls.parentElement;
    if (root) root.dataset.status = status;
    this.#start.show();
    this.#measures.refresh();
    this.#notes.show();
  }

  /** What the run in progress is called. */
  #name() {
    const { run, settings } = this.#training;
    return run ? shownName(run, this.#i18n) : presetTitle(settings.preset, this.#i18n);
  }
}
