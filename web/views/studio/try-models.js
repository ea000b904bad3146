/**
 * Two models: the same two drawings, and the morph between them, through a
 * second model beside the one in use. The second has an engine of its own,
 * which ends when this is left.
 */
import { fetchBytes } from '../../engine/assets.js';
import { readModel, withoutEnding } from '../../engine/models.js';
import { cacheOffline } from '../../engine/offline.js';
import { startSecond } from '../../engine/second-engine.js';
import { coalesce } from '../../lib/coalesce.js';
import { make } from '../../lib/dom.js';
import { numberFormat } from '../../lib/format.js';
import { button, live, says } from './try-parts.js';

/** Pictures of a morph, both ends included. */
const frames = 8;

/** How many latents the ELBO is the mean of, and the seed of their noise. */
const draws = 9;
const seed = 1;

/** A model that is only here to be compared with: it was trained until its posterior collapsed. */
const collapsed = 'collapsed';

/** @typedef {{morph: Float32Array, elbo: {a: number, b: number}, kl: {a: number, b: number}}} Result */

/** @param {import('./try-panel.js').TryContext} context */
export function open(context) {
  return new TwoModels(context);
}

/** The row of a model: what it is called, the morph, the ELBO of both drawings. */
class Row {
  title = make('h3');
  said = make('p', { className: 'small' });
  canvases = Array.from({ length: frames }, () => make('canvas', { width: 28, height: 28 }));
  strip = make('div', { className: 'strip' }, ...this.canvases);
  element = make('div', { className: 'model-row' }, this.title, this.strip, this.said);

  constructor() {
    this.strip.setAttribute('role', 'img');
  }
}

/** The mode. */
class TwoModels {
  /** @type {{name: string, bytes: ArrayBuffer} | null} */
  #second = null;
  /** @type {import('../../engine/engine.js').Engine | null} */
  #engine = null;
  /** Revisions of the pads of the second engine. */
  #rev = 0;
  /** @type {{first: Result | null, second: Result | null}} */
  #shown = { first: null, second: null };
  #context;
  #rows = { first: new Row(), second: new Row() };
  #select = make('select', { id: 'try-second' });
  #file = make('input', { type: 'file', accept: '.safetensors', hidden: true });
  #said = live('try-models-said');
  #collapse = make('p', { className: 'small', hidden: true });
  #update;

  /** @param {import('./try-panel.js').TryContext} context */
  constructor(context) {
    const { i18n, fail, models } = context;
    this.#context = context;
    this.#update = coalesce(() => this.#ask(), fail);
    this.#select.dataset.testid = 'try-second';
    this.#select.addEventListener('change', () => this.#choose(this.#select.value));
    this.#file.addEventListener('change', () => {
      const file = this.#file.files?.[0];
      this.#file.value = '';
      if (file) readModel(file).then((bytes) => this.#load(file.name, bytes), fail);
    });
    const label = make('span');
    i18n.text(label, 'try.models-second');
    i18n.text(this.#collapse, 'try.models-collapse');
    this.element = make(
      'div',
      { className: 'try-models' },
      says(i18n, 'try.models-about'),
      make(
        'div',
        { className: 'buttons' },
        make('label', { className: 'pick' }, label, this.#select),
        button(i18n, 'try.models-open', 'try-models-open', () => this.#file.click()),
        this.#file,
      ),
      this.#rows.first.element,
      this.#rows.second.element,
      this.#said,
      this.#collapse,
      says(i18n, 'try.models-note', 'small'),
    );
    this.#fillList();
    i18n.onChange(() => {
      this.#fillList();
      this.#show();
    });
    const other = models.names.find(({ name }) => name !== models.name) ?? models.names[0];
    this.#select.value = models.names.some(({ name }) => name === 'digits-2d') && models.name !== 'digits-2d' ? 'digits-2d' : other.name;
  }

  get state() {
    const of = (/** @type {Result | null} */ r) => r && { elbo: r.elbo, kl: r.kl, morph: [...r.morph] };
    return { model: this.#second?.name ?? null, first: of(this.#shown.first), second: of(this.#shown.second) };
  }

  update() {
    if (this.#engine) void this.#update();
    else this.#choose(this.#select.value);
  }

  redraw() {
    this.#show();
  }

  leave() {
    this.#engine?.stop();
    this.#engine = null;
  }

  /** The models to choose from. */
  get #offered() {
    const { models, i18n } = this.#context;
    return [...models.names, { name: collapsed, title: i18n.t('try.models-collapsed') }];
  }

  /** @param {string | undefined} name @returns {string | undefined} its title, where it is one to choose */
  #titleOf(name) {
    return this.#offered.find((m) => m.name === name)?.title;
  }

  #fillList() {
    const { i18n } = this.#context;
    const { value } = this.#select;
    const options = this.#offered.map(({ name, title }) => make('option', { value: name }, title));
    if (this.#second && this.#titleOf(this.#second.name) === undefined) {
      const option = make('option', { value: '' });
      i18n.text(option, 'model.opened', { name: withoutEnding(this.#second.name) });
      options.push(option);
    }
    this.#select.replaceChildren(...options);
    this.#select.value = value;
  }

  /** @param {string} name of a listed model; empty: the file that was opened */
  #choose(name) {
    const { assets, fail, models } = this.#context;
    if (!name && this.#second) {
      this.#load(this.#second.name, this.#second.bytes);
      return;
    }
    const path = `models/${name === collapsed ? `${collapsed}.safetensors` : models.find(name).file}`;
    this.#context.i18n.text(this.#said, 'try.models-loading');
    assets()
      .then((list) => fetchBytes(list.url(path), () => {}, 'model-missing'))
      .then((bytes) => {
        void cacheOffline(path);
        if (this.#select.value === name) this.#load(name, bytes);
      })
      .catch(fail);
  }

  /**
   * Gives the second engine a model; starts it first.
   *
   * @param {string} name
   * @param {ArrayBuffer} bytes
   */
  #load(name, bytes) {
    if (!this.element.isConnected) return;
    const before = this.#second;
    this.#second = { name, bytes };
    const loaded = this.#engine ? this.#give(this.#engine) : this.#start();
    loaded.then(
      () => {
        this.#fillList();
        this.#select.value = this.#titleOf(name) === undefined ? '' : name;
        void this.#update();
      },
      (e) => {
        this.#second = before;
        this.#context.fail(e);
        this.#show();
      },
    );
  }

  async #start() {
    const engine = await startSecond(this.#context.assets, async (second) => {
      if (this.#engine === second && this.#shown.second) await this.#give(second, true); // it has died
    });
    this.#engine = engine;
    await this.#give(engine);
  }

  /** @param {import('../../engine/engine.js').Engine} engine @param {boolean} [first] before it counts as ready */
  async #give(engine, first = false) {
    const { name, bytes } = this.#second ?? { name: '', bytes: new ArrayBuffer(0) };
    await engine.request('model.load', { name: name.slice(0, 60) }, [bytes], { first, retries: 0 });
  }

  async #ask() {
    const { engine, pads } = this.#context;
    const other = this.#engine;
    if (!other || !this.#second) return;
    this.#shown = { first: null, second: null };
    if (!pads.a.empty && !pads.b.empty && pads.a.result.pixels.length > 0 && pads.b.result.pixels.length > 0) {
      this.#rev++;
      for (const name of /** @type {const} */ (['a', 'b'])) {
        const data = Uint8Array.from(pads[name].result.pixels, (v) => Math.round(v * 255));
        const bitmap = { width: 28, height: 28, ready: true };
        await other.request('pad.set', { pad: name, rev: this.#rev, bitmap }, [new ArrayBuffer(0), data.buffer]);
      }
      const [first, second] = await Promise.all([this.#result(engine), this.#result(other)]);
      this.#shown = { first, second };
    }
    this.#show();
    this.#context.changed();
  }

  /** @param {import('../../engine/engine.js').Engine} engine @returns {Promise<Result>} */
  async #result(engine) {
    const [a, b] = await Promise.all(
      /** @type {const} */ (['a', 'b']).map(async (pad) => {
        const { head, bufs } = await engine.request('explain', { pad, draws, seed });
        return { mu: bufs[1], elbo: -head.negELBO.reduce((s, v) => s + v, 0) / head.draws, kl: head.kl };
      }),
    );
    const { bufs } = await engine.request('morph', { frames, path: 'slerp' }, [a.mu, b.mu]);
    return { morph: new Float32Array(bufs[0]), elbo: { a: a.elbo, b: b.elbo }, kl: { a: a.kl, b: b.kl } };
  }

  #show() {
    const { i18n, models, paint } = this.#context;
    const name = this.#second?.name;
    const titles = { first: models.title, second: this.#titleOf(name) ?? withoutEnding(name ?? '') };
    const number = (/** @type {number} */ v, digits = 0) =>
      numberFormat(i18n.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(v).replace('-', '−');
    for (const which of /** @type {const} */ (['first', 'second'])) {
      const { title, said, strip, canvases } = this.#rows[which];
      const shown = this.#shown[which];
      title.textContent = titles[which];
      i18n.attr(strip, 'aria-label', 'try.models-strip', { model: titles[which] });
      canvases.forEach((canvas, i) => paint(canvas, shown ? shown.morph.subarray(784 * i, 784 * (i + 1)) : new Float32Array(784)));
      said.hidden = !shown;
      if (!shown) continue;
      const { elbo, kl } = shown;
      i18n.text(said, 'try.models-elbo', { a: number(elbo.a), b: number(elbo.b), klA: number(kl.a, 1), klB: number(kl.b, 1) });
    }
    this.#collapse.hidden = name !== collapsed || !this.#shown.second;
    i18n.text(this.#said, this.#shown.second ? 'try.models-said' : 'try.models-empty');
  }
}
