import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english } from '../test/dom.js';
import { changesOf, differencesOf, runTitle, shownName, uniqueName, withShownNames } from './run-names.js';
import { preset } from './settings.js';

test('a run is called by its preset and what was changed', async () => {
  const i18n = await english();
  assert.equal(runTitle(preset('quick', 1), i18n), i18n.t('preset.quick'));
  const tidy = { ...preset('tidy', 1), beta: 2.5, workers: 4 };
  assert.equal(runTitle(tidy, i18n), 'Beta-VAE, beta 2.5', 'and not by the beta of the preset');
  assert.deepEqual(changesOf(tidy, i18n), ['beta 2.5']);
  const much = { ...preset('quick', 1), beta: 2, epochs: 3, seed: 9, batch: 32, encoder: [64, 32] };
  assert.match(runTitle(much, i18n), /^Small dense VAE, .*, \+2$/);
  assert.deepEqual(changesOf({ ...preset('quick', 1), schedule: 'cosine', binarize: 'none' }, i18n), [
    'learning rate schedule cosine decay',
    'binarisation none',
  ]);
  assert.ok(changesOf(much, i18n).some((c) => c.endsWith(' 64-32')));
});

test('two runs differ in settings, of each the values of both', async () => {
  const i18n = await english();
  const a = preset('quick', 1);
  assert.deepEqual(differencesOf([a, { ...a, beta: 40, workers: 7 }], i18n), ['beta 1 / 40']);
  assert.deepEqual(differencesOf([a, a], i18n), []);
  assert.deepEqual(differencesOf([a, { ...a, beta: 4 }, a], i18n), ['beta 1 / 4 / 1']);
});

test('no two names are alike', () => {
  assert.equal(uniqueName('Quick', []), 'Quick');
  assert.equal(uniqueName('Quick', ['Quick', 'Tidy']), 'Quick (2)');
  assert.equal(uniqueName('Quick', ['Quick', 'Quick (2)']), 'Quick (3)');
});

test('a title follows the language of the page, a name that a person gave does not; no two shown are alike', async () => {
  const i18n = await english();
  const settings = { page: { ...preset('tidy', 1), beta: 2.5 } };
  const made = { id: 'a', name: 'β-VAE, β 2.5', titled: true, settings };
  assert.equal(shownName(made, i18n), 'Beta-VAE, beta 2.5');
  await i18n.use('zh');
  assert.equal(shownName({ ...made, name: 'Beta-VAE, beta 2.5 (3)' }, i18n), `${runTitle(settings.page, i18n)} (3)`);
  await i18n.use('en');
  const given = { id: 'b', name: 'Beta-VAE, beta 2.5', settings };
  assert.equal(shownName(given, i18n), given.name);
  assert.equal(shownName({ name: 'old', titled: true, settings: { page: { preset: 'gone' } } }, i18n), 'old');
  const [later, earlier] = [
    { ...made, id: 'c' },
    { ...made, id: 'd', name: 'Beta-VAE, beta 2.5' },
  ];
  assert.deepEqual(
    withShownNames([later, given, earlier], i18n).map((r) => r.name),
    ['Beta-VAE, beta 2.5 (3)', 'Beta-VAE, beta 2.5', 'Beta-VAE, beta 2.5 (2)'],
  );
});
