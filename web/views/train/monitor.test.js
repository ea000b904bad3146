/** The board of the train view: curves, latent space, pictures, the morph; and the panel of measures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNumber } from '../../lib/format.js';
import { InkdriftError } from '../../lib/errors.js';
import { byTest, catchDownloads, english, enter, find, makeDocument, observed, settle, until } from '../../test/dom.js';
import { makeSession } from '../../test/fake-session.js';

const colours = () => ({ paper: '#ffffff', ink: '#000000', line: '#888888', muted: '#888888' });

/** The board of a session. */
async function setUp(/** @type {import('node:test').TestContext} */ t, /** @type {any} */ settings = {}, /** @type {any} */ saved = {}) {
  makeDocument({ fragment: '' });
  const { Monitor } = await import('./monitor.js');
  const i18n = await english();
  const { training, groups } = makeSession();
  /** GIFs that were made. @type {any[]} */
  const films = [];
  training.set(settings);
  const store = new Map(Object.entries(saved));
  const monitor = new Monitor({
    film: async (/** @type {any} */ fields, /** @type {ArrayBuffer[]} */ bufs) => {
      films.push({ ...fields, bytes: bufs[1].byteLength });
      return new ArrayBuffer(8);
    },
    read: async () => null,
    ...{ i18n, training, colours, fail: (/** @type {unknown} */ e) => assert.fail(String(e)) },
    store: /** @type {any} */ ({ get: (/** @type {string} */ k) => store.get(k) ?? null, set: store.set.bind(store) }),
    terms: /** @type {any} */ ({
      button: (/** @type {string} */ name) => Object.assign(document.createElement('button'), { className: `term ${name}` }),
    }),
  });
  Object.defineProperty(monitor.element, 'clientWidth', { value: 900 });
  document.body.append(monitor.element);
  t.after(() => training.close());
  /** The chart or picture under a heading. @param {string} head @returns {any} */
  const figure = (head) => [...monitor.element.querySelectorAll('h3')].find((h) => h.textContent === head)?.closest('figure');
  /** What is written beside a chart. @param {string} head */
  const now = (head) => [...figure(head).querySelectorAll('.now span')].map((/** @type {Element} */ e) => [e.className, e.textContent]);
  const headings = () =>
    [...monitor.element.querySelectorAll('figure')].filter((f) => !f.closest('[hidden]')).map((f) => f.querySelector('h3')?.textContent);
  return { monitor, training, groups, i18n, store, figure, now, headings, films };
}

test('beside each curve is its last value, in training and validation, in the picture’s name as well', async (t) => {
  const { training, figure, now, store } = await setUp(t, {}, { curves: { smooth: false, log: true } });
  await until(() => figure('ELBO').querySelector('canvas').getAttribute('aria-label') === 'ELBO: no data yet');
  assert.deepEqual([find('watch-log').checked, find('watch-smooth').checked], [true, false]);
  await training.step(30);
  const last = (/** @type {string} */ name) => /** @type {any} */ (training.curves).train.column(name).at(-1);
  const elbo = formatNumber(-last('recon') - last('kl'), 'en');
  const validation = formatNumber(Number(training.figures.validation.elbo), 'en');
  await until(() => now('ELBO').length === 2);
  assert.deepEqual(now('ELBO'), [
    ['ink', elbo],
    ['accent', validation],
  ]);
  await until(() => now('KL divergence')[0]?.[1] === formatNumber(last('kl'), 'en'));
  await until(() => now('Gradient norm').length === 1); // it is not measured in validation
  await training.step(1);
  enter(find('watch-smooth'), true);
  assert.deepEqual(store.get('curves'), { log: true, smooth: true });
  await until(() => now('KL divergence')[0][1] !== formatNumber(last('kl'), 'en'));
  await until(() => /^ELBO: training -[\d.]+, validation -[\d.]+$/.test(figure('ELBO').querySelector('canvas').getAttribute('aria-label')));
});

test('samples of a paused model are of a mixture that is fitted to it, as one chooses, until it is trained further', async (t) => {
  const { training, groups, figure } = await setUp(t);
  const pick = byTest('train-prior');
  const caption = () => figure('Samples from the prior').querySelector('figcaption span').textContent;
  assert.ok(pick.disabled, 'there is no model');
  await training.step(10);
  await until(() => !pick.disabled);
  enter(pick, 'fitted');
  assert.match(caption(), /^Fitting/);
  await until(() => /that was fitted/.test(caption()));
  const asked = () => groups[0].asked.filter((/** @type {any[]} */ [what, fields]) => what === 'measure' && fields.prior > 0).length;
  assert.deepEqual([training.preview?.prior, pick.value, asked()], ['fitted', 'fitted', 1]);
  enter(pick, 'normal');
  await until(() => training.preview?.prior === 'normal');
  enter(pick, 'fitted');
  await until(() => training.preview?.prior === 'fitted');
  assert.equal(asked(), 1, 'it is still there');
  await training.step(1);
  await until(() => pick.value === 'normal' && /^Decoded from the same/.test(caption()));
});

test('a pointer over one curve shows that step in all of them', async (t) => {
  const { training, figure, now } = await setUp(t, {}, { curves: { smooth: false } });
  await training.step(40);
  await until(() => now('ELBO').length === 2);
  const canvas = figure('ELBO').querySelector('canvas');
  canvas.style.fontSize = '12px';
  observed(canvas, { contentRect: { width: 400, height: 100 } });
  await until(() => canvas.width === 400);
  const point = (/** @type {string} */ type, x = 0) =>
    canvas.dispatchEvent(Object.defineProperty(new Event(type), 'offsetX', { value: x }));
  point('pointermove', 398);
  const column = (/** @type {string} */ name) => /** @type {any} */ (training.curves).train.column(name);
  await until(() => now('KL divergence')[0][1] === 'step 40');
  point('pointermove', 41 + 355 / 40);
  await until(() => now('KL divergence')[0][1] === 'step 1');
  assert.deepEqual(now('KL divergence')[1], ['ink', formatNumber(column('kl')[0], 'en')]);
  assert.equal(now('ELBO')[0][1], 'step 1');
  point('pointerleave');
  await until(() => now('ELBO').length === 2 && now('KL divergence')[0][1] === formatNumber(column('kl')[39], 'en'));
});

/** Keys of the headings of what only a model has, by preset. @type {Record<string, string[]>} */
const heads = {
  quick: [],
  faces: [],
  conditional: ['watch.label'],
  iwae: ['watch.iwae'],
  'vae-gan': ['watch.discriminator', 'watch.generator', 'watch.features'],
};

test('a model has the curves and pictures of its family: a GAN its two sides, and nothing of what needs an encoder', async (t) => {
  const { training, i18n, headings, now } = await setUp(t);
  const always = ['Samples from the prior', 'Morph', 'Gradient norm'];
  const encodes = ['Reconstructions', 'Latent space', 'KL divergence per dimension', 'ELBO', 'Reconstruction error', 'KL divergence'];
  const shows = (/** @type {string[]} */ wanted) => until(() => headings().sort().join() === wanted.sort().join());
  for (const [preset, own] of Object.entries(heads)) {
    training.set({ preset });
    await training.step(1);
    await shows([...always, ...encodes, ...own.map((key) => i18n.t(key))]);
    await training.reset();
  }
  training.set({ preset: 'gan' });
  await training.step(5);
  await shows([...always, ...['discriminator', 'generator', 'real', 'fake'].map((name) => i18n.t(`watch.${name}`))]);
  await until(() => now('Discriminator').length === 2);
  assert.deepEqual(now('Discriminator'), [
    ['ink', '0.7'],
    ['accent', '0.5'],
  ]);
});

test('the latent space says what it shows: principal components of many dimensions, or a map of two', async (t) => {
  const { training, figure } = await setUp(t);
  const caption = () => figure('Latent space').querySelector('figcaption').textContent;
  assert.match(caption(), /latent means μ; the circles are the prior/);
  await training.step(2);
  await until(() => caption() === 'Validation pictures at their latent means μ: 16 dimensions, projected by PCA (35 % of the variance).');
  await training.reset();
  await training.start({ preset: 'map' });
  await training.pause();
  await until(() => /over what the decoder makes of each place/.test(caption()));
  assert.ok(figure('Latent space').querySelector('.term.latent-space'), 'the term is explained');
});

test('classes with names are told beside the points, digits are not', async (t) => {
  const { training, i18n } = await setUp(t, { preset: 'textures' });
  const legend = () => /** @type {any} */ (document.querySelector('.classes'));
  assert.equal(legend().hidden, true);
  await training.step(1);
  await until(() => !legend().hidden);
  const words = () => [...legend().querySelectorAll('.key')].map((e) => e.textContent);
  assert.equal(words().length, 10);
  assert.match(words()[0], /^0 \p{L}+/u);
  const english = words()[0];
  await i18n.use('zh');
  assert.notEqual(words()[0], english);
  await training.reset();
  training.set({ preset: 'quick' });
  await training.step(1);
  await until(() => legend().hidden);
});

test('KL by dimension says how many are active, and each value in the picture’s name', async (t) => {
  const { training, figure } = await setUp(t);
  const label = () => byTest('kl-bars').getAttribute('aria-label');
  const text = () => figure('KL divergence per dimension').querySelector('.now').textContent;
  assert.deepEqual([text(), label()], ['no data yet', 'KL divergence per dimension']);
  await training.step(60);
  const { klPerDim, active } = /** @type {any} */ (training.detail);
  const count = active.filter(Boolean).length;
  assert.ok(count > 0 && count < 16);
  await until(() => text() === `${count} of 16 active`);
  assert.ok(label().endsWith(klPerDim.map((/** @type {number} */ v) => formatNumber(v, 'en')).join(', ')), label());
  await training.reset();
  await until(() => text() === 'no data yet');
});

test('figures of the example go when a run is opened, before it has any of its own', async (t) => {
  const { monitor, training, figure } = await setUp(t);
  const text = () => figure('KL divergence per dimension').querySelector('.now').textContent;
  monitor.takeExample(
    /** @type {any} */ ({
      about: { preset: 'quick', images: 20_000, epochs: 3, step: 900 },
      ...{ settings: training.settings, curves: training.curves, preview: training.preview },
      detail: { klPerDim: [1, 0], active: [true, false] },
    }),
  );
  assert.equal(text(), '1 of 2 active');
  /** @type {string[]} */
  const opening = [];
  training.on('change', () => {
    if (training.status === 'opening') opening.push(text());
  });
  await training.step(1);
  assert.deepEqual([...new Set(opening)], ['no data yet']);
});

test('runs that are compared are on the curves and in the legend', async (t) => {
  const { monitor, training, figure } = await setUp(t);
  await training.step(5);
  const legend = () => [...monitor.element.querySelectorAll('.curves .legend .key')].map((e) => [e.className, e.textContent]);
  await until(() => legend().length === 2);
  monitor.compared = [{ name: 'The other', colour: 'class-4', curves: /** @type {any} */ (training.curves) }];
  monitor.redraw(true);
  await until(() => legend().length === 3);
  assert.deepEqual(legend(), [
    ['key ink', 'training'],
    ['key accent', 'validation'],
    ['key class-4', 'The other'],
  ]);
  // A GAN beside it: the ELBO of the other is still shown.
  await until(() => figure('Generator').hidden);
  await training.reset();
  training.set({ preset: 'gan' });
  await training.step(1);
  await until(() => !figure('Generator').hidden);
  assert.equal(figure('ELBO').hidden, false);
  monitor.compared = [];
  monitor.redraw(true);
  await until(() => figure('ELBO').hidden);
});

/** What the morph was asked for. @param {any} group */
const morphs = (group) => group.asked.filter((/** @type {any} */ [what]) => what === 'morph').map((/** @type {any} */ [, how]) => how);

test('a morph between two validation pictures of different classes is painted once it can be seen, anew when others are chosen', async (t) => {
  const { training, groups } = await setUp(t);
  const panel = byTest('room-morph');
  assert.equal(panel.hidden, true);
  await training.step(1);
  await until(() => !panel.hidden);
  const group = groups[0];
  const ends = () =>
    ['a', 'b'].map((end) => [...panel.querySelectorAll(`[name=morph-${end}]`)].findIndex((/** @type {any} */ e) => e.checked));
  assert.deepEqual(ends(), [0, 1]);
  assert.equal(panel.querySelectorAll('[name=morph-a]').length, 8);
  assert.equal(panel.querySelector('[name=morph-b]').getAttribute('aria-label'), 'Picture 1: 0');
  await settle();
  assert.equal(morphs(group).length, 0, 'nobody sees it');
  observed(panel, { intersectionRatio: 1 });
  await until(() => morphs(group).length === 1);
  const { a, b, frames, path } = morphs(group)[0];
  assert.deepEqual([a, b, frames, path], [0, 1, 25, 'slerp']);
  await until(() => !byTest('morph-place').disabled);
  enter(panel.querySelectorAll('[name=morph-b]')[5], true);
  await until(() => morphs(group).length === 2);
  assert.equal(morphs(group)[1].b, 5);
  await training.step(1);
  assert.deepEqual(ends(), [0, 5], 'what a person chose stays');
  assert.equal(byTest('morph-class').closest('.pick').hidden, true);
});

test('the morph of a conditional model can be of one class, and the strip is saved', async (t) => {
  const { training, groups } = await setUp(t, { preset: 'conditional' });
  const files = catchDownloads(t);
  await training.step(1);
  const panel = byTest('room-morph');
  const choice = byTest('morph-class');
  assert.equal(choice.closest('.pick').hidden, false);
  assert.equal(choice.options.length, 11);
  byTest('morph-save').click();
  observed(panel, { intersectionRatio: 1 });
  await until(() => morphs(groups[0]).length === 1);
  assert.equal(morphs(groups[0])[0].class, 0, 'the class of the first picture');
  enter(choice, '7');
  await until(() => morphs(groups[0]).length === 2);
  assert.equal(morphs(groups[0])[1].class, 7);
  await until(() => !byTest('morph-place').disabled);
  HTMLCanvasElement.prototype.toBlob = function (done) {
    done(new Blob([`${this.width} x ${this.height}`]));
  };
  byTest('morph-save').click();
  await until(() => files.length > 0);
  assert.deepEqual([files.length, files[0].name, await files[0].blob.text()], [1, 'morph.png', '2800 x 112']);
});

test('a GAN morphs between samples', async (t) => {
  const { training } = await setUp(t, { preset: 'gan' });
  await training.step(1);
  const panel = byTest('room-morph');
  await until(() => !panel.hidden);
  assert.equal(panel.querySelector('[name=morph-a]').getAttribute('aria-label'), 'Picture 1');
});

/** The panel of measures, over a model that the test gives. */
async function measures(/** @type {any} */ what = { family: 'dense', data: 'digits' }) {
  makeDocument({ fragment: '' });
  const { MeasuresPanel } = await import('./measures-panel.js');
  /** @type {{request: any, classifier: any[], signal: AbortSignal, answer: (m: any) => void, fail: (e: any) => void}[]} */
  const asked = [];
  /** @type {any[]} */
  const errors = [];
  const now = { model: /** @type {any} */ (what && { name: 'Mine', what }) };
  const panel = new MeasuresPanel({
    i18n: await english(),
    terms: /** @type {any} */ ({ button: () => document.createElement('span') }),
    ask: (request, classifier, signal) =>
      new Promise((answer, fail) => {
        asked.push({ request, classifier, signal, answer, fail });
        signal.addEventListener('abort', () => fail(new InkdriftError('stopped', '')));
      }),
    classifier: async () => new ArrayBuffer(3),
    model: () => now.model,
    fail: (/** @type {any} */ e) => void errors.push(e),
  });
  document.body.append(panel.element);
  const button = byTest('measure');
  const rows = () =>
    [...byTest('measure-table').querySelectorAll('tr')].map((r) =>
      [...r.querySelectorAll('th, td')].map((c) => c.firstChild?.textContent ?? ''),
    );
  return { panel, asked, errors, now, button, rows };
}

const bound = {
  elbo: -100.5,
  recon: 80,
  kl: 20.5,
  mse: 0.01,
  psnr: 20,
  ssim: null,
  klPerDim: [20, 0.5],
  active: [true, false],
  terms: [],
  other: [],
};

test('there is nothing to measure before a step was taken', async () => {
  const { panel, now, button } = await measures(null);
  assert.equal(button.disabled, true);
  assert.match(panel.element.textContent ?? '', /There is no trained model yet/);
  now.model = { name: 'Mine', what: { family: 'dense', data: 'digits' } };
  panel.refresh();
  assert.equal(button.disabled, false);
  assert.equal(
    /** @type {any} */ ([...panel.element.querySelectorAll('.go .small')].find((e) => /no trained model/.test(e.textContent ?? ''))).hidden,
    true,
  );
});

test('what is wanted is asked for, how far it is is said, and figures stand in columns with what they were measured on', async () => {
  const { panel, asked, button, rows } = await measures();
  enter(byTest('measures-n-bound'), '3');
  assert.equal(byTest('measures-n-bound').value, '10', 'too few becomes the fewest');
  enter(byTest('measures-n-samples'), 'x');
  assert.equal(byTest('measures-n-samples').value, '1000');
  button.click();
  await until(() => asked.length === 1);
  assert.deepEqual(asked[0].request, { bound: 10, samples: 1000, reference: 1000, seed: 1 });
  assert.equal(asked[0].classifier[0].byteLength, 3);
  assert.equal(button.textContent, 'Stop');
  panel.progress({ what: 'judged', done: 250, of: 1000 });
  assert.equal(byTest('measure-state').textContent, 'Samples, classified: 25 % …');
  asked[0].answer({ step: 70, bound, nll: null, read: null, judged: null });
  await until(() => button.textContent === 'Evaluate now');
  assert.equal(byTest('measure-state').textContent, 'Evaluated.');
  const all = Object.fromEntries(rows());
  assert.equal(rows()[0][1], 'Mine');
  assert.match(byTest('measure-table').textContent, /step 70/);
  assert.deepEqual(
    [all.ELBO, all['KL divergence'], all['Active units'], all['Structural similarity (SSIM)']],
    ['-101', '20.5', '1 / 2', '–'],
  );
  assert.ok(!('FID (own features)' in all), 'what was not measured has no row');
  assert.match(byTest('measure-table').textContent, /ELBO ↑ higher is better/);
  assert.match(byTest('measure-table').textContent, /Objective and reconstructions: Pictures 10/);

  button.click();
  await until(() => asked.length === 2);
  asked[1].answer({ step: 90, bound: { ...bound, elbo: -90 }, nll: null, read: null, judged: null });
  await until(() => rows()[0].length === 3);
  assert.deepEqual(
    rows().find(([name]) => name === 'ELBO'),
    ['ELBO', '-101', '-90'],
  );
  const clear = /** @type {any} */ ([...panel.element.querySelectorAll('button')].find((b) => b.textContent === 'Clear the table'));
  clear.click();
  assert.equal(byTest('measure-table').closest('[hidden]') !== null && clear.hidden, true);
  assert.equal(document.activeElement, button);
});

test('five columns stand beside each other, the newest to the right', async () => {
  const { asked, button, rows } = await measures();
  for (let step = 1; step <= 6; step++) {
    button.click();
    await until(() => asked.length === step);
    asked[step - 1].answer({ step, bound, nll: null, read: null, judged: null });
    await until(() => button.textContent === 'Evaluate now');
  }
  assert.equal(rows()[0].length, 6);
  assert.match(byTest('measure-table').textContent, /^Figure.*step 2.*step 6/);
});

test('it can be stopped, without an error; an error is told of', async () => {
  const { asked, errors, button } = await measures();
  button.click();
  await until(() => asked.length === 1);
  button.click();
  await until(() => byTest('measure-state').textContent === 'Stopped before the evaluation was complete.');
  assert.equal(asked[0].signal.aborted, true);
  assert.equal(errors.length, 0);
  button.click();
  await until(() => asked.length === 2);
  asked[1].fail(new InkdriftError('engine-died', ''));
  await until(() => byTest('measure-state').textContent === 'The evaluation failed.');
  assert.equal(errors[0].code, 'engine-died');
  assert.equal(byTest('measure-table').closest('[hidden]') !== null, true);
});

test('what a model does not have cannot be asked for: no classes of digits in faces, no latent means in a GAN', async () => {
  const disabled = () => ['bound', 'judged', 'read', 'nll'].filter((name) => byTest(`measures-${name}`).disabled);
  const { panel, now, asked, button } = await measures({ family: 'conv', data: 'faces' });
  assert.deepEqual(disabled(), ['judged']);
  button.click();
  await until(() => asked.length === 1);
  assert.deepEqual([asked[0].request, asked[0].classifier], [{ bound: 500, seed: 1 }, []]);
  now.model = { name: 'x', what: { family: 'dcgan', data: 'digits' } };
  panel.refresh();
  assert.deepEqual(disabled(), ['read', 'nll']);
  now.model = { name: 'x', what: { family: 'dense', data: 'digits' } };
  panel.refresh();
  for (const name of ['bound', 'judged']) enter(byTest(`measures-${name}`), false);
  assert.equal(byTest('measures-n-bound').closest('.parts').hidden, true);
});

test('the time-lapse goes through what was kept of a run, follows it until somebody looks back, plays, and is saved', async (t) => {
  const { training, monitor, films, i18n } = await setUp(t, { preset: 'map' });
  const files = catchDownloads(t);
  const slider = byTest('lapse-place');
  await training.step(10);
  assert.equal(monitor.lapse.element.hidden, true, 'one moment is no film');
  await training.step(10);
  await training.step(10);
  await until(() => slider.max === '2');
  assert.equal(monitor.lapse.element.hidden, false);
  const said = () => byTest('lapse').getAttribute('aria-label');
  assert.match(said(), /^Time-lapse: step 30, validation ELBO -/);
  enter(slider, '0', 'input');
  assert.match(slider.getAttribute('aria-valuetext'), /^step 10/);
  await training.step(10);
  await until(() => slider.max === '3');
  assert.equal(slider.value, '0', 'whoever looks back stays there');
  byTest('lapse-play').click();
  assert.equal(byTest('lapse-play').title, 'Pause');
  await until(() => slider.value === '3' && byTest('lapse-play').title === 'Play');
  await i18n.use('zh');
  assert.match(said(), /40/);
  await i18n.use('en');
  const canvas = byTest('lapse');
  let paints = 0;
  const { getContext } = canvas;
  canvas.getContext = (/** @type {any[]} */ ...args) => {
    paints++;
    return getContext.apply(canvas, args);
  };
  observed(canvas, { isIntersecting: false });
  await training.step(10);
  await until(() => slider.value === '4');
  assert.equal(paints, 0, 'what is out of sight is not painted');
  observed(canvas, { isIntersecting: true });
  assert.equal(paints, 1);
  byTest('lapse-save').click();
  const file = await until(() => files[0]);
  assert.match(file.name, /\.gif$/);
  const { width, height, count, bytes } = films[0];
  assert.deepEqual([count, bytes], [5, 5 * width * height]);
  await training.reset();
  assert.equal(monitor.lapse.element.hidden, true);
});
