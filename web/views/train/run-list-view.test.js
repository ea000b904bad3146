/** The list of runs and their comparison, over a list in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { english, enter, makeDocument, settle, until } from '../../test/dom.js';
import { Moments } from '../../training/moments.js';
import { Curve } from '../../training/curve.js';
import { encodeLatent, encodePreview } from '../../training/model-poller.js';
import { preset } from '../../training/settings.js';

const pictures = (/** @type {number} */ n) => new Float32Array(n * 784).fill(0.5);

/** Figures as they are saved. */
function figures({ encoder = true } = {}) {
  /** @type {any} */
  const seen = {
    ...{ originals: pictures(encoder ? 3 : 0), recon: pictures(encoder ? 3 : 0), samples: pictures(3), shape: [1, 28, 28] },
    ...{ scatter: Float32Array.of(1, 2), labels: [3], grid: new Float32Array(0), latent: 2, explained: [] },
  };
  return {
    validation: { elbo: -123.4 },
    pictures: encodePreview(seen),
    ...(encoder && { latent: encodeLatent(seen, { klPerDim: [1, 0], active: [true, false] }) }),
  };
}

/** A run in the list. @param {string} id @param {any} [more] */
function summary(id, more = {}) {
  return {
    ...{ id, name: `Run ${id}`, created: Date.UTC(2026, 2, 5, 12), updated: 0, status: 'paused', where: '', step: 1200, seconds: 9 },
    ...{ figures: figures(), weights: true, checkpoint: true, saved: true, damaged: false, settings: { page: preset('quick', 1) } },
    ...more,
  };
}

/** The list of some runs. @param {any[]} all */
async function setUp(all) {
  makeDocument({ fragment: '' });
  const { RunListView } = await import('./run-list-view.js');
  /** @type {any[]} */
  const done = [];
  /** @type {any[]} */
  const errors = [];
  const curves = () => {
    const validation = new Curve(['step', 'recon', 'kl', 'elbo']);
    validation.add([10, 100, 20, -120]);
    return { train: new Curve(['step', 'recon', 'kl']), validation };
  };
  const runs = Object.assign(new Emitter(), {
    list: async () => all,
    read: async (/** @type {string} */ id) => {
      const run = all.find((r) => r.id === id);
      if (run.unreadable) throw new InkdriftError('storage-damaged', 'torn', id);
      return { curves: curves() };
    },
    moments: async (/** @type {string} */ id) => all.find((r) => r.id === id).moments ?? new Moments(),
    rename: async (/** @type {string} */ id, /** @type {string} */ name) => {
      done.push(['rename', id, name]);
      all.find((r) => r.id === id).name = name;
    },
    remove: async (/** @type {string} */ id) => {
      done.push(['remove', id]);
      all.splice(
        all.findIndex((r) => r.id === id),
        1,
      );
    },
    import: async (/** @type {Uint8Array} */ bytes, /** @type {{name: string}} */ { name }) => {
      if (bytes.length === 0) throw new InkdriftError('bad-model', 'nothing in it', 'file');
      all.unshift(summary('imported', { name, checkpoint: false }));
    },
  });
  const training = Object.assign(new Emitter(), {
    run: /** @type {any} */ (null),
    figures: { step: 0, validation: { elbo: NaN } },
    curves: curves(),
  });
  const monitor = { compared: /** @type {any[]} */ ([]), redraw() {} };
  const act =
    (/** @type {string} */ what) =>
    async (/** @type {any[]} */ ...args) =>
      void done.push([what, ...args]);
  const i18n = await english();
  const view = new RunListView({
    ...{ i18n, training: /** @type {any} */ (training), runs: /** @type {any} */ (runs), monitor: /** @type {any} */ (monitor) },
    colours: () => ({ paper: '#ffffff', ink: '#000000', line: '#888888' }),
    film: async () => new ArrayBuffer(8),
    actions: {
      use: act('use'),
      show: act('show'),
      resume: act('resume'),
      save: async (id) => {
        done.push(['save', id]);
        return `${id}.safetensors`;
      },
      goOn: act('goOn'),
      settings: act('settings'),
      listed: () => {},
      fail: (e) => void errors.push(e),
    },
  });
  document.body.append(view.element);
  await settle();
  const items = () => [...view.element.querySelectorAll('li')];
  const item = (/** @type {string} */ name) => /** @type {any} */ (items().find((e) => e.querySelector('.name')?.textContent === name));
  const buttons = (/** @type {string} */ name) =>
    [...item(name).querySelectorAll('.tools button')].map((/** @type {any} */ b) => b.textContent);
  const button = (/** @type {string} */ name, /** @type {string} */ words) =>
    [...item(name).querySelectorAll('.tools button')].find((/** @type {any} */ b) => b.textContent === words);
  const facts = (/** @type {string} */ name) => item(name).querySelector('.facts-line').textContent;
  return { view, runs, training, monitor, done, errors, i18n, items, item, buttons, button, facts };
}

test('each run has its figures, its state and what can be done with it', async () => {
  const { items, buttons, facts, view } = await setUp([
    summary('paused'),
    summary('done', { status: 'done' }),
    summary('elsewhere', { where: 'elsewhere' }),
    summary('young', { weights: false, checkpoint: false, figures: {}, settings: null, status: 'interrupted' }),
    summary('memory', { saved: false }),
    summary('torn', { damaged: true, settings: null, weights: false, checkpoint: false }),
  ]);
  assert.equal(items().length, 6);
  assert.equal(facts('Run paused'), 'ELBO -123.4 · paused · 1,200 steps · Mar 5, 2026');
  assert.deepEqual(buttons('Run paused'), ['Continue', 'Use its settings', 'Go on from this model', 'Use in “Draw”', 'Export', 'Delete']);
  assert.deepEqual(buttons('Run done'), ['Use its settings', 'Go on from this model', 'Use in “Draw”', 'Export', 'Delete'], 'it is over');
  assert.match(facts('Run elsewhere'), /open in another tab$/);
  assert.deepEqual(
    buttons('Run elsewhere'),
    ['Use its settings', 'Go on from this model', 'Use in “Draw”', 'Export'],
    'another tab owns it',
  );
  assert.equal(facts('Run young'), 'interrupted · 1,200 steps · Mar 5, 2026');
  assert.deepEqual(buttons('Run young'), ['Delete']);
  assert.match(facts('Run memory'), /only in this tab’s memory$/);
  assert.match(facts('Run torn'), /damaged$/);
  assert.equal(/** @type {any} */ (view.element.querySelector(':scope > .small ~ .small')).hidden, true, 'that there are none is not said');
});

test('without runs it says so', async () => {
  const { view, runs } = await setUp([]);
  const none = /** @type {any} */ ([...view.element.querySelectorAll('p')].find((p) => p.textContent === 'There are no runs yet.'));
  assert.equal(none.hidden, false);
  runs.list = async () => [summary('a')];
  runs.emit('change');
  await settle();
  assert.equal(none.hidden, true);
});

test('buttons do what they say; what the pads cannot take is shown in the gallery, and why', async () => {
  const { done, button } = await setUp([
    summary('a'),
    summary('gan', { settings: { page: preset('gan', 1) } }),
    summary('colour', { settings: { page: { ...preset('quick', 1), data: 'gone' } }, figures: { pictures: { shape: [3, 32, 32] } } }),
  ]);
  for (const words of ['Continue', 'Use in “Draw”', 'Export', 'Use its settings']) button('Run a', words).click();
  assert.deepEqual(
    done.map(([what, id]) => [what, what === 'settings' ? id.preset : id]),
    [
      ['resume', 'a'],
      ['use', 'a'],
      ['save', 'a'],
      ['settings', 'quick'],
    ],
  );
  await until(() => button('Run a', 'Export').nextElementSibling?.textContent === 'Saved as a.safetensors.');
  const show = button('Run gan', 'Show in “Models”');
  assert.match(show.title, /no encoder/);
  show.click();
  assert.deepEqual(done.at(-1), ['show', 'gan', 'Run gan']);
  assert.match(button('Run colour', 'Show in “Models”').title, /grey pictures of 28 × 28/, 'its data is not here any more');
});

test('an error of a button is told of', async () => {
  const { runs, errors, button } = await setUp([summary('a')]);
  runs.remove = async () => {
    throw new InkdriftError('storage-failed', 'x');
  };
  button('Run a', 'Delete').click();
  await settle();
  button('Run a', 'Delete for good?').click();
  await settle();
  assert.equal(errors[0].code, 'storage-failed');
});

test('a run is deleted when that is pressed twice, not once', async () => {
  const { done, items, button } = await setUp([summary('a'), summary('b')]);
  button('Run a', 'Delete').click();
  await settle();
  assert.deepEqual(done, []);
  const sure = button('Run a', 'Delete for good?');
  assert.ok(sure.classList.contains('sure'));
  assert.ok(button('Run b', 'Delete'), 'the other is not about to go');
  sure.click();
  await until(() => items().length === 1);
  assert.deepEqual(done, [['remove', 'a']]);
});

test('a button that goes leaves the focus to the name of its run, a run that goes to the next', async () => {
  const { runs, training, item, items, button, view } = await setUp([summary('a'), summary('b'), summary('c')]);
  const focused = () => /** @type {HTMLElement} */ (document.activeElement).dataset.for;
  button('Run b', 'Continue').focus();
  (await runs.list())[1].status = 'running';
  training.run = { id: 'b' };
  training.emit('run');
  await until(() => !button('Run b', 'Continue'));
  assert.equal(focused(), 'name b');
  training.run = null;
  button('Run a', 'Export').focus();
  training.emit('run');
  await until(() => button('Run b', 'Delete'));
  assert.equal(focused(), 'export a', 'what stays keeps it');
  for (const [name, next] of [
    ['a', 'name b'],
    ['c', 'name b'],
  ]) {
    const before = items().length;
    button(`Run ${name}`, 'Delete').focus();
    await runs.remove(name);
    runs.emit('change');
    await until(() => items().length < before);
    assert.equal(focused(), next);
  }
  item('Run b').querySelector('.name').focus();
  await runs.remove('b');
  runs.emit('change');
  await until(() => items().length === 0);
  assert.equal(document.activeElement, view.element.querySelector('[data-testid=import-run]'), 'the last one');
});

test('a run is renamed: Enter and leaving the field keep the name, Escape and an empty one do not; the focus comes back', async () => {
  const { done, item, items, runs } = await setUp([summary('a'), summary('b')]);
  const rename = (/** @type {string} */ name, /** @type {string} */ to) => {
    item(name).querySelector('.name').click();
    const input = /** @type {any} */ (document.activeElement);
    assert.deepEqual([input.tagName, input.value], ['INPUT', name]);
    input.value = to;
    return input;
  };
  const press = (/** @type {any} */ input, /** @type {string} */ key) =>
    input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  press(rename('Run a', ' First '), 'Enter');
  await until(() => item('First'));
  assert.deepEqual(done, [['rename', 'a', 'First']]);
  assert.equal(document.activeElement?.textContent, 'First');
  const input = rename('Run b', 'Second');
  (await runs.list())[0].step = 9;
  runs.emit('change');
  await settle();
  assert.ok(input.isConnected, 'a change of the list does not take the field away');
  press(input, 'Escape');
  await settle();
  rename('Run b', '  ').dispatchEvent(new Event('blur'));
  await settle();
  assert.equal(done.length, 1);
  rename('Run b', 'Second').dispatchEvent(new Event('blur'));
  await until(() => item('Second'));
  assert.equal(items().length, 2);
});

test('runs that are ticked are on the curves, and beside each other with pictures, curve, points and KL, and in what they differ', async () => {
  const settings = (/** @type {number} */ seed) => ({ page: { ...preset('quick', 1), seed } });
  const { view, monitor, item } = await setUp([
    summary('a', { settings: settings(1) }),
    summary('b', { settings: settings(2) }),
    summary('c'),
  ]);
  const differs = /** @type {any} */ (view.element.querySelector('.differs'));
  const tick = (/** @type {string} */ name, on = true) => enter(item(name).querySelector('input[type=checkbox]'), on);
  tick('Run a');
  await until(() => monitor.compared.length === 1);
  assert.equal(differs.hidden, true);
  tick('Run b');
  await until(() => monitor.compared.length === 2);
  assert.deepEqual(
    monitor.compared.map((c) => c.name),
    ['Run a', 'Run b'],
  );
  assert.notEqual(monitor.compared[0].colour, monitor.compared[1].colour);
  await until(() => view.element.querySelectorAll('.compared').length === 2);
  for (const column of view.element.querySelectorAll('.compared')) {
    assert.deepEqual(
      [...column.querySelectorAll('canvas')].map((c) => c.className),
      ['pictures', 'plot', 'scatter', 'plot bars'],
    );
  }
  assert.equal(view.element.querySelector('.compared canvas')?.getAttribute('aria-label'), 'Pictures of Run a');
  assert.equal(differs.textContent, 'Differs in: seed 1 / 2');
  assert.ok(item('Run a').querySelector('.tick').classList.contains(monitor.compared[0].colour));
  tick('Run b', false);
  tick('Run c');
  await until(() => monitor.compared.some((c) => c.name === 'Run c'));
  await until(() => differs.textContent === 'The same settings.');
  tick('Run a', false);
  tick('Run c', false);
  await until(() => monitor.compared.length === 0);
  await until(() => view.element.querySelectorAll('.compared').length === 0);
});

test('a GAN is beside others with its samples, and a run that cannot be read is told of and has no curve', async () => {
  const { view, monitor, item, errors } = await setUp([
    summary('gan', { figures: figures({ encoder: false }), settings: { page: preset('gan', 1) } }),
    summary('torn', { unreadable: true, settings: { page: { preset: 'of another version' } } }),
  ]);
  for (const name of ['Run gan', 'Run torn']) enter(item(name).querySelector('input[type=checkbox]'), true);
  await until(() => view.element.querySelectorAll('.compared').length === 2);
  assert.ok(errors.length > 0 && errors.every((e) => e.code === 'storage-damaged'));
  assert.deepEqual(
    monitor.compared.map((c) => c.name),
    ['Run gan'],
  );
  const [gan, torn] = [...view.element.querySelectorAll('.compared')].map((c) => [...c.querySelectorAll('canvas')].map((e) => e.className));
  assert.deepEqual(gan, ['pictures', 'plot']);
  assert.deepEqual(torn, ['pictures', 'scatter', 'plot bars']);
  assert.equal(/** @type {any} */ (view.element.querySelector('.differs')).hidden, true, 'what another version meant is not known');
});

test('the run that is open says how far it is, cannot be deleted, and is compared in the colour of its own curves', async (t) => {
  const { training, runs, item, buttons, facts, monitor } = await setUp([summary('a', { where: 'here' }), summary('b')]);
  t.mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ fn) => queueMicrotask(fn));
  training.run = { id: 'a' };
  training.figures = { step: 77, validation: { elbo: -99 } };
  training.emit('run');
  for (let i = 0; i < 20; i++) await null;
  t.mock.restoreAll();
  await settle();
  assert.equal(facts('Run a'), 'ELBO -99.0 · open now · 77 steps · Mar 5, 2026');
  assert.deepEqual(buttons('Run a'), ['Go on from this model', 'Use in “Draw”', 'Export']);
  let listed = 0;
  const list = runs.list;
  runs.list = () => {
    listed++;
    return list();
  };
  t.mock.method(globalThis, 'setTimeout', (/** @type {() => void} */ fn) => queueMicrotask(fn));
  training.figures = { step: 88, validation: { elbo: -98 } };
  training.emit('change');
  for (let i = 0; i < 20; i++) await null;
  t.mock.restoreAll();
  assert.match(facts('Run a'), /^ELBO -98\.0 .* 88 steps/);
  assert.equal(listed, 0, 'without listing all of them anew');
  const node = item('Run a');
  (await list())[0].step = 88;
  runs.emit('change');
  await settle();
  assert.equal(item('Run a'), node, 'what a pointer is over is not made anew');
  enter(item('Run a').querySelector('input[type=checkbox]'), true);
  await settle();
  await until(() => item('Run a').querySelector('.tick.ink'));
  assert.deepEqual(monitor.compared, [], 'its curves are there already');
});

test('a file is taken in under its name; one that is none is told of', async () => {
  const { view, item, errors, i18n, facts } = await setUp([summary('a')]);
  await view.take(/** @type {any} */ ({ name: 'theirs.safetensors', arrayBuffer: async () => new ArrayBuffer(8) }));
  await until(() => item('theirs'));
  await view.take(/** @type {any} */ ({ name: 'empty.safetensors', arrayBuffer: async () => new ArrayBuffer(0) }));
  assert.equal(errors[0].code, 'bad-model');
  await i18n.use('zh');
  await until(() => facts('Run a').includes(i18n.t('runs.paused')));
});

test('the focus stays at the button of a run when the list is made anew', async () => {
  const { runs, button } = await setUp([summary('a'), summary('b')]);
  button('Run b', 'Export').focus();
  const list = await runs.list();
  runs.list = async () => [summary('new'), ...list];
  runs.emit('change');
  await settle();
  await settle();
  assert.equal(document.activeElement, button('Run b', 'Export'));
});
