/**
 * The train view as a person sees it, with a session that trains nothing: driving,
 * settings and addresses, figures, tabs, what it begins with, and the section with
 * the small pads.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { byTest, catchDownloads, english, enter, find, makeDocument, settle, until } from '../../test/dom.js';
import { makeSession } from '../../test/fake-session.js';

/** What an example run has, as small as can be. @param {any} settings */
const exampleOf = (settings) => ({
  about: { preset: 'quick', images: 20_000, epochs: 3, step: 900 },
  settings,
  preview: {
    ...{ originals: new Float32Array(12 * 784), recon: new Float32Array(12 * 784), samples: new Float32Array(24 * 784) },
    ...{ scatter: new Float32Array(4), labels: [1, 2], grid: new Float32Array(0), latent: 16, explained: [0.2, 0.1], shape: [1, 28, 28] },
  },
  detail: { klPerDim: [1, 0], active: [true, false] },
  curves: null,
});

/** The view, entered at an address. */
async function setUp(/** @type {import('node:test').TestContext} */ t, { hash = '#train', example = true, before = 0 } = {}) {
  makeDocument({
    fragment: '<div id="runs"></div><section><button id="trial-use"></button><span id="trial-model"></span></section>',
    hash,
  });
  const [{ open }, { preset }, { runTitle }] = await Promise.all([
    import('./train-view.js'),
    import('../../training/settings.js'),
    import('../../training/run-names.js'),
  ]);
  const i18n = await english();
  const { training, groups, runs } = makeSession({ title: (s) => runTitle(s, i18n) });
  if (before > 0) await training.step(before);
  await training.reset();
  /** @type {any[]} */
  const errors = [];
  /** @type {[string, any][]} */
  const said = [];
  /** @type {any[]} */
  const went = [];
  const store = new Map();
  const models = {
    name: 'digits',
    title: 'Dense VAE',
    load: async (/** @type {any} */ { name, quiet = false }) => {
      Object.assign(models, { name, title: name });
      went.push([quiet ? 'follow' : 'load', name]);
    },
  };
  const catalog = Object.assign(new Emitter(), {
    list: async () => [{ name: 'digits', from: 'made', bytes: 0 }],
    findServed: async () => {},
  });
  const services = {
    ...{ training, runs, catalog },
    reader: { request: async () => assert.fail('no engine is wanted'), hold() {}, prepare() {} },
    classifier: async () => new ArrayBuffer(1),
    example: async () => (example ? exampleOf(preset('quick', 1)) : Promise.reject(new InkdriftError('fetch-failed', 'gone', 'x'))),
  };
  const events = new Emitter();
  const context = {
    maps: { show() {} },
    ...{ i18n, events, models },
    store: {
      get: (/** @type {string} */ k) => store.get(k) ?? null,
      set: (/** @type {string} */ k, /** @type {any} */ v) => store.set(k, v),
    },
    status: { say: (/** @type {string} */ key, /** @type {any} */ values) => said.push([key, values]) },
    terms: { button: () => document.createElement('span') },
    fail: (/** @type {any} */ e) => errors.push(e),
    training: async () => services,
    useModel: async (/** @type {ArrayBuffer} */ _, /** @type {string} */ name) => void went.push(['studio', name]),
    showModel: async (/** @type {ArrayBuffer} */ _, /** @type {string} */ name) => void went.push(['gallery', name]),
  };
  const root = document.createElement('section');
  root.className = 'train';
  document.body.append(root);
  const view = await open(/** @type {any} */ (context), root);
  view.enter(hash);
  await settle();
  t.after(() => training.close());
  const text = (/** @type {string} */ id) => byTest(id).textContent;
  const visible = (/** @type {Element} */ e) => e.closest('[hidden]') === null;
  const click = async (/** @type {string} */ id) => {
    byTest(id).click();
    await settle();
  };
  return { view, root, training, groups, runs, i18n, errors, said, went, events, models, store, text, visible, click, preset };
}

test('play trains and is a pause button; pause, step and reset do what they say, each when it can', async (t) => {
  const { root, training, text, click, runs } = await setUp(t);
  const play = byTest('train-toggle');
  assert.equal(play.getAttribute('aria-label'), 'Train');
  assert.deepEqual([byTest('train-step').disabled, byTest('train-reset').disabled, byTest('export-model').disabled], [false, true, true]);
  await click('train-toggle');
  await until(() => training.state.step > 20 && play.getAttribute('aria-label') === 'Pause');
  assert.equal(root.dataset.status, 'running');
  await click('train-toggle');
  await until(() => play.getAttribute('aria-label') === 'Train' && root.dataset.status === 'paused');
  const { step, steps } = training.state;
  assert.equal(text('step'), `${step} / ${steps.toLocaleString('en')}`);
  await click('train-step');
  await until(() => text('step').startsWith(`${step + 1} `));
  assert.equal(/** @type {HTMLProgressElement | null} */ (root.querySelector('.top > progress'))?.value, step + 1);
  byTest('train-reset').focus();
  await click('train-reset');
  await until(() => text('step') === '–');
  assert.equal(document.activeElement, play, 'the focus goes on from a button that is disabled');
  assert.equal(root.dataset.status, 'idle');
  assert.equal((await runs.list()).length, 1, 'the run stays in the list');
  const { seed } = training.settings;
  await training.step(1);
  await until(() => !byTest('train-reset-new').disabled);
  await click('train-reset-new');
  await until(() => training.status === 'idle');
  assert.notEqual(training.settings.seed, seed);
});

test('figures are of the run: ELBO below 0, how many pictures it was measured on, epoch, speed, workers', async (t) => {
  const { training, text, visible, groups } = await setUp(t);
  for (const id of ['elbo', 'validation-elbo', 'step', 'epoch', 'train-time', 'throughput']) assert.equal(text(id), '–', id);
  assert.equal(text('workers'), '2');
  assert.ok(!visible(byTest('validation-images')) && !visible(byTest('averaged-steps')));
  await training.step(30);
  await until(() => text('validation-elbo') !== '–');
  assert.equal(text('validation-images'), `${training.state.validation.images.toLocaleString('en')} pictures`);
  assert.equal(text('averaged-steps'), 'mean of 2 steps');
  assert.match(text('elbo'), /^-\d/);
  assert.match(text('validation-elbo'), /^-\d/);
  assert.match(text('epoch'), /^1 of \d+$/);
  assert.match(text('train-time'), /^0:0\d$/);
  assert.equal(text('throughput'), '–', 'it does not run');
  assert.ok(!visible(byTest('discriminator-loss')) && visible(byTest('elbo')));
  await training.start();
  await until(() => /^[\d,]+ pictures, step 30$/.test(text('validation-images')));
  assert.ok(training.state.step > 30, 'it was measured before');
  groups[0].lose();
  await until(() => text('workers') === '1 of 2');
});

test('a GAN has the losses of its two sides in place of an ELBO, and goes to the gallery', async (t) => {
  const { training, text, visible, went, click, root } = await setUp(t, { hash: '#train?preset=gan' });
  assert.match(root.querySelector('#train-unfit')?.textContent ?? '', /no encoder/);
  assert.equal(text('use-model'), 'Show in “Models”');
  assert.equal(byTest('use-model').getAttribute('aria-describedby'), 'train-unfit');
  await training.step(3);
  await until(() => text('discriminator-loss') === '0.70');
  assert.equal(text('generator-loss'), '0.80');
  assert.ok(!visible(byTest('elbo')) && !visible(byTest('validation-elbo')));
  await click('use-model');
  await until(() => went.length > 0);
  assert.deepEqual(went, [['gallery', 'GAN (DCGAN)']]);
  assert.ok(visible(/** @type {Element} */ (root.querySelector('#train-unfit'))));
});

test('a model is put behind the pads, and saved under the name of its run', async (t) => {
  const { training, went, click, text } = await setUp(t);
  const files = catchDownloads(t);
  await training.step(2);
  await until(() => !byTest('export-model').disabled);
  assert.equal(text('use-model'), 'Use in “Draw”');
  await click('use-model');
  await until(() => went.length > 0);
  assert.deepEqual(went, [['studio', 'Small dense VAE']]);
  await click('export-model');
  await until(() => files.length > 0);
  assert.deepEqual([files[0].name, files[0].blob.size], ['Small-dense-VAE.safetensors', 8]);
  await until(() => byTest('export-model').nextElementSibling.textContent === 'Saved as Small-dense-VAE.safetensors.');
});

test('the address has what differs from the preset, is read when the view is entered, and is not touched in other views', async (t) => {
  const { view, training, root } = await setUp(t, { hash: '#train?batch=32&images=2000&preset=map' });
  assert.deepEqual([training.settings.preset, training.settings.batch, training.settings.images], ['map', 32, 2000]);
  assert.equal(find('train-preset').value, 'map');
  enter(find('set-beta'), '2.5');
  assert.equal(training.settings.beta, 2.5);
  assert.match(location.hash, /^#train\?.*beta=2\.5/);
  assert.match(location.hash, /preset=map/);
  assert.match(byTest('changed').textContent, /^VAE with 2 dimensions, changed: .*beta 2\.5/);
  view.leave();
  history.replaceState(null, '', '#studio');
  training.set({ beta: 3 });
  assert.equal(location.hash, '#studio');
  assert.equal(find('runs').hidden, true);
  view.enter('#train');
  assert.equal(training.settings.beta, 3, 'the way back changes no setting');
  assert.match(location.hash, /beta=3/);
  assert.equal(find('runs').hidden, false);
  assert.ok(root.isConnected);
});

test('what is wrong in an address is shown where it belongs, keeps it from starting, and is forgiven with another preset', async (t) => {
  const { training, errors, text, click } = await setUp(t, { hash: '#train?latent=many&nonsense=1' });
  assert.deepEqual([find('set-latent').value, find('set-latent').getAttribute('aria-invalid')], ['many', 'true']);
  assert.deepEqual(
    errors.map((e) => [e.code, e.field]),
    [['setting-unknown', 'nonsense']],
    'what has no place in the form is told of',
  );
  await click('train-toggle');
  assert.equal(text('train-ask'), 'Correct the marked setting first.');
  assert.equal(training.status, 'idle');
  assert.equal(document.documentElement.dataset.trainTab, 'settings');
  enter(find('train-preset'), 'tidy');
  assert.equal(find('set-latent').hasAttribute('aria-invalid'), false);
  await click('train-toggle');
  await until(() => training.status === 'running');
  assert.equal(byTest('train-ask').hidden, true);
});

test('a learning rate that nothing learns at is asked about: start anyway, or with the usual one', async (t) => {
  const { training, text, click, preset } = await setUp(t, { hash: '#train?learningRate=500' });
  await click('train-toggle');
  assert.match(text('train-ask'), /500 is unusually high/);
  assert.equal(text('usual-rate'), `Use ${preset('quick', 1).learningRate}`);
  assert.equal(document.activeElement, byTest('start-anyway'));
  assert.equal(training.status, 'idle');
  await click('usual-rate');
  assert.equal(training.settings.learningRate, preset('quick', 1).learningRate);
  assert.equal(byTest('train-ask').hidden, true);
  training.set({ learningRate: 500 });
  await click('train-step');
  training.set({ learningRate: 0.01 });
  assert.equal(byTest('train-ask').hidden, true, 'with another rate the question is none');
  training.set({ learningRate: 500 });
  await click('train-step');
  await click('start-anyway');
  await until(() => training.state.step === 1);
});

test('a run that diverges says where, and can be trained again at a tenth of the rate', async (t) => {
  const { training, root, groups } = await setUp(t, { hash: '#train?learningRate=1' });
  await training.start();
  await until(() => root.dataset.status === 'diverged');
  const end = byTest('train-end');
  await until(() => !end.hidden && end.className === 'note bad');
  assert.match(end.textContent, /decoder\.2/);
  assert.equal(byTest('train-toggle').getAttribute('aria-label'), 'Train again from the start');
  assert.equal(byTest('train-step').disabled, true);
  end.querySelector('button').click();
  await until(() => groups.length === 2 && training.status === 'running');
  assert.equal(training.settings.learningRate, 0.1);
});

test('settings that wait for another run are marked, and are taken when it restarts', async (t) => {
  const { training, root, groups } = await setUp(t);
  await training.step(1);
  enter(find('set-beta'), '2');
  assert.equal(root.querySelectorAll('.row.waits').length, 0, 'it can change at once');
  enter(find('set-latent'), '3');
  assert.deepEqual([...root.querySelectorAll('.row.waits input')].map((e) => e.id).includes('set-latent'), true);
  const note = /** @type {HTMLElement} */ (
    await until(() => [...root.querySelectorAll('.note:not([hidden])')].find((e) => /apply to a new run/.test(e.textContent ?? '')))
  );
  note.querySelector('button')?.click();
  await until(() => groups.length === 2 && training.status === 'running');
  assert.equal(groups[1].asked[0][1].recipe.model.latent, 3);
  assert.equal(root.querySelectorAll('.row.waits').length, 0);
  enter(find('train-preset'), 'tidy');
  assert.ok(training.pending.includes('beta'));
  assert.equal(root.querySelectorAll('.row.waits').length, 0, 'another preset waits as a whole');
  await until(() =>
    [...root.querySelectorAll('.note:not([hidden])')].find((e) => /^“Beta-VAE” applies to a new run/.test(e.textContent ?? '')),
  );
});

test('what restarts a run is kept from it by a wrong setting, and asks about a rate that nothing learns at; so does a rate entered while it trains', async (t) => {
  const { training, root, groups, text, click, preset } = await setUp(t);
  const { learningRate: usual } = preset('quick', 1);
  await training.start();
  enter(find('set-learningRate'), '50');
  assert.match(text('train-ask'), /50 is unusually high/);
  assert.equal(training.settings.learningRate, usual, 'it is not taken before the answer');
  await click('usual-rate');
  assert.deepEqual([find('set-learningRate').value, byTest('train-ask').hidden], [String(usual), true]);
  enter(find('set-learningRate'), '50');
  await click('rate-anyway');
  assert.equal(training.settings.learningRate, 50);
  enter(find('set-latent'), '3');
  const restart = async () => {
    const note = await until(() =>
      [...root.querySelectorAll('.note:not([hidden])')].find((e) => /apply to a new run/.test(e.textContent ?? '')),
    );
    /** @type {any} */ (note).querySelector('button').click();
    await settle();
  };
  await restart();
  assert.match(text('train-ask'), /50 is unusually high/);
  assert.equal(groups.length, 1);
  await click('usual-rate');
  enter(find('set-encoder'), 'wide');
  await restart();
  assert.equal(text('train-ask'), 'Correct the marked setting first.');
  assert.equal(groups.length, 1);
});

test('a preset that is not offered is shown by its name while an address asks for it, without words about it', async (t) => {
  const { presets } = await import('../../generated/catalog.js');
  const hidden = Object.keys(presets).find((name) => !presets[name].offered);
  if (!hidden) return t.skip('all presets are offered');
  await setUp(t, { hash: `#train?preset=${hidden}` });
  assert.equal(find('train-preset').value, hidden);
  assert.equal(/** @type {any} */ (document.querySelector('.preset-about')).hidden, true);
  enter(find('train-preset'), 'quick');
  assert.equal(
    [...find('train-preset').options].some((/** @type {any} */ o) => o.value === hidden),
    false,
  );
});

test('explanations are remembered', async (t) => {
  const { store, root } = await setUp(t);
  const explain = /** @type {HTMLElement} */ (root.querySelector('.settings-side .link'));
  explain.click();
  assert.deepEqual([explain.getAttribute('aria-pressed'), store.get('explain')], ['true', true]);
  explain.click();
  assert.deepEqual([explain.getAttribute('aria-pressed'), store.get('explain')], ['false', false]);
});

test('before the first run there are the data, the network and an example run, which go when one is begun', async (t) => {
  const { root, training, visible } = await setUp(t);
  const note = byTest('example-note');
  await until(() => !note.hidden);
  assert.equal(
    note.textContent,
    'Example run: Small dense VAE, 3 epochs on 20,000 pictures (Synthetic digits). Press play to train your own.',
  );
  assert.match(byTest('start-data').textContent, /Data: Synthetic digits/);
  const network = () => byTest('start-network').querySelector('[role=img]')?.getAttribute('aria-label') ?? '';
  const before = network();
  training.set({ encoder: [77] });
  await until(() => network() !== before);
  assert.match(network(), /77/);
  await training.step(1);
  await until(() => note.hidden && !visible(byTest('start-data')));
  assert.equal(root.querySelector('.board')?.classList.contains('ghost'), false);
  await training.reset();
  await until(() => !note.hidden && visible(byTest('start-data')));
  assert.match(byTest('kl-bars').getAttribute('aria-label'), /in nats: /, 'with its figures');
});

test('an example that cannot be had is told of, and the view works', async (t) => {
  const { errors, training } = await setUp(t, { example: false });
  await until(() => errors.length > 0);
  assert.equal(errors[0].code, 'fetch-failed');
  assert.equal(byTest('example-note').hidden, true);
  await training.step(1);
  assert.equal(training.state.step, 1);
});

test('one tab is shown at a time, and it is the same one when the view comes back', async (t) => {
  const { view, root, click } = await setUp(t);
  const pressed = () =>
    ['pictures', 'latent', 'curves', 'settings', 'runs'].filter((n) => byTest(`tab-${n}`).getAttribute('aria-pressed') === 'true');
  assert.deepEqual(pressed(), ['pictures']);
  await click('tab-curves');
  assert.deepEqual([pressed(), root.dataset.shows, document.documentElement.dataset.trainTab], [['curves'], 'curves', 'curves']);
  view.leave();
  assert.equal(document.documentElement.dataset.trainTab, undefined);
  view.enter('#train');
  assert.equal(document.documentElement.dataset.trainTab, 'curves');
  const parts = [...root.querySelectorAll('[data-tab]')].map((e) => /** @type {HTMLElement} */ (e).dataset.tab);
  for (const name of ['pictures', 'latent', 'curves', 'settings']) assert.ok(parts.includes(name), name);
});

test('the small pads use the model on demand, or follow it until somebody chooses another', async (t) => {
  const { training, went, models, events } = await setUp(t);
  const [use, follow] = [find('trial-use'), byTest('trial-follow')];
  assert.equal(use.disabled, true);
  assert.equal(find('trial-model').textContent, 'Current model: Dense VAE.');
  await training.step(1);
  await until(() => !use.disabled);
  use.click();
  await until(() => went.length === 1);
  assert.deepEqual(went, [['load', 'Small dense VAE']]);
  events.emit('change', { model: models.name });
  assert.equal(find('trial-model').textContent, 'Current model: Small dense VAE.');
  enter(follow, true);
  await until(() => went.length === 2);
  assert.deepEqual(went[1], ['follow', 'Small dense VAE'], 'without a word');
  await training.step(1);
  await until(() => went.length >= 3);
  models.name = 'digits';
  await training.step(1);
  await until(() => !follow.checked);
  const { length } = went;
  await training.step(1);
  await settle();
  assert.equal(went.length, length);
});

test('a model that the pads cannot take is not followed', async (t) => {
  const { training } = await setUp(t, { hash: '#train?preset=conditional' });
  await training.step(1);
  assert.equal(byTest('trial-follow').disabled, true);
  assert.equal(find('trial-use').disabled, true);
  await training.reset();
  training.set({ preset: 'quick' });
  assert.equal(byTest('trial-follow').disabled, false);
});

test('a run that was interrupted is offered, and goes on; not where another has begun', async (t) => {
  const { training, click, text } = await setUp(t, { before: 5 });
  await until(() => byTest('go-on'));
  assert.match(byTest('go-on').parentElement.textContent, /“Small dense VAE” was interrupted after step 5\./);
  await click('go-on');
  await until(() => training.status === 'running' && training.state.step > 5);
  assert.equal(byTest('go-on').parentElement.hidden, true);
  await training.pause();
  await until(() => text('step').startsWith(`${training.state.step} /`));
});

test('everything follows the language', async (t) => {
  const { i18n, training, root } = await setUp(t);
  await training.step(2);
  await until(() => byTest('elbo').textContent !== '–');
  await i18n.use('zh');
  await settle();
  assert.equal(byTest('tab-curves').textContent, i18n.t('tabs.curves'));
  const latin = [...root.querySelectorAll('button, h2, h3, dt, label, summary')]
    .map((e) => e.textContent ?? '')
    .filter((s) => /[a-z]{3,}/.test(s.replace(/tanh|leaky|sigmoid|safetensors|zip|pytorch/gi, '')) && !/\p{Script=Han}/u.test(s));
  assert.deepEqual(latin, []);
});
