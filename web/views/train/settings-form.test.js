import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, find, makeDocument } from '../../test/dom.js';
import { preset } from '../../training/settings.js';
import { offeredPresets } from '../../training/presets.js';

/** A form that shows settings. */
async function setUp() {
  makeDocument();
  const { SettingsForm } = await import('./settings-form.js');
  const { Terms } = await import('../../ui/term.js');
  const i18n = await english();
  const terms = new Terms({ i18n, fetch: async () => assert.fail('nothing is opened'), onError: assert.ifError });
  /** @type {any[]} */
  const changes = [];
  const form = new SettingsForm(i18n, (part) => changes.push(part), terms);
  document.body.append(form.element);
  const settings = preset('quick', 1);
  form.show(settings, []);
  const enter = (/** @type {string} */ name, /** @type {string} */ value, type = 'change') => {
    const input = find(`set-${name}`);
    input.value = value;
    input.dispatchEvent(new Event(type, { bubbles: true }));
    return input;
  };
  return { form, settings, changes, enter };
}

test('settings are shown', async () => {
  const { settings } = await setUp();
  assert.equal(find('set-learningRate').value, String(settings.learningRate));
  assert.equal(find('set-encoder').value, settings.encoder.join(', '));
  assert.equal(find('set-family').value, settings.family);
});

test('a value that is entered is checked and told of', async () => {
  const { changes, enter } = await setUp();
  enter('latent', '12');
  enter('encoder', '300, 200');
  enter('activation', 'tanh');
  assert.deepEqual(changes, [{ latent: 12 }, { encoder: [300, 200] }, { activation: 'tanh' }]);
});

test('one that is wrong is complained of beside it until it is right', async () => {
  const { changes, enter } = await setUp();
  const input = enter('latent', '-3');
  const wrong = find('set-latent-wrong');
  assert.equal(changes.length, 0);
  assert.equal(input.getAttribute('aria-invalid'), 'true');
  assert.equal(wrong.hidden, false);
  assert.match(wrong.textContent, /\d/);
  assert.ok(input.getAttribute('aria-describedby').split(' ').includes(wrong.id));
  enter('encoder', 'wide');
  assert.equal(find('set-encoder-wrong').hidden, false);
  enter('latent', '3');
  assert.equal(input.hasAttribute('aria-invalid'), false);
  assert.equal(wrong.hidden, true);
  assert.deepEqual(changes, [{ latent: 3 }]);
});

test('a slider and its number are one value', async () => {
  const { form, settings, changes } = await setUp();
  const slider = /** @type {HTMLInputElement} */ (find('set-learningRate').closest('.row').querySelector('input[type=range]'));
  assert.ok(Number(slider.value) > 0 && Number(slider.value) < 1);
  assert.equal(slider.getAttribute('aria-valuetext'), String(settings.learningRate));
  slider.value = '0.4';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  assert.deepEqual(changes, [{ learningRate: 0.001 }]);
  form.show({ ...settings, learningRate: 0.01 }, []);
  assert.equal(slider.value, '0.6');
});

test('settings that wait for another run are marked, those that do not apply are hidden', async () => {
  const { form, settings } = await setUp();
  const row = (/** @type {string} */ name) => find(`set-${name}`).closest('.row');
  form.show(settings, ['latent']);
  assert.ok(row('latent').classList.contains('waits'));
  assert.ok(!row('encoder').classList.contains('waits'));
  assert.equal(row('images').hidden, false);
  form.show({ ...settings, data: 'mnist' }, []);
  assert.ok(!row('latent').classList.contains('waits'));
  assert.equal(row('images').hidden, true, 'only a made set has as many pictures as are wanted');
});

test('every preset can be shown', async () => {
  const { form } = await setUp();
  for (const name of offeredPresets) {
    form.show(preset(name, 1), []);
    assert.equal(document.querySelectorAll('[aria-invalid]').length, 0, name);
  }
});

test('what is wrong stays in the form, and nothing can start until it is right', async () => {
  const { form, settings, enter } = await setUp();
  assert.equal(form.valid(), true);
  enter('latent', 'many');
  form.show({ ...settings, beta: 2 }, []);
  assert.equal(find('set-latent').value, 'many', 'other settings have changed, this one is kept');
  assert.equal(find('set-latent').getAttribute('aria-invalid'), 'true');
  assert.equal(form.valid(), false);
  assert.equal(document.activeElement, find('set-latent'));
  enter('latent', '8');
  assert.equal(form.valid(), true);
  form.mark('beta', 'x');
  assert.deepEqual([find('set-beta').value, form.valid()], ['x', false]);
  form.forgive();
  form.show(settings, []);
  assert.deepEqual([find('set-beta').value, form.valid()], [String(settings.beta), true]);
});
