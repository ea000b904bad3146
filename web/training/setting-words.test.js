import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fields } from '../generated/catalog.js';
import { english } from '../test/dom.js';
import { choices, settingsInWords, valueText, words } from './setting-words.js';
import { preset } from './settings.js';

test('every setting and every choice has a name', () => {
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'data' || name === 'preset') continue;
    assert.ok(words[name], name);
    if (field.type === 'choice') for (const choice of field.choices) assert.ok(choices[choice], `${name} ${choice}`);
  }
});

test('settings are told by the names of the form, their choices too, and only those that have a use', async () => {
  const i18n = await english();
  const told = (/** @type {string} */ name) => Object.fromEntries(settingsInWords(preset(name, 1), i18n, ['epochs']));
  const [vae, gan] = [told('quick'), told('gan')];
  assert.equal(vae['Learning rate'], '0.002');
  assert.equal(vae['Encoder widths'], '400');
  assert.equal(vae['Training pictures'], '20,000');
  assert.equal(vae[i18n.t('set.schedule')], i18n.t('set.constant'));
  assert.equal(gan['Encoder widths'], undefined);
  assert.ok(gan[i18n.t('set.discriminator-rate')] && !(i18n.t('set.discriminator-rate') in vae));
  for (const one of [vae, gan]) {
    assert.equal(one[i18n.t('set.epochs')], undefined, 'it was left out');
    assert.equal(one[i18n.t('set.workers')], undefined);
    for (const [name, value] of Object.entries(one))
      assert.ok(!/[a-z][A-Z]|_|\bset\./.test(name) && !value.startsWith('set.'), `${name}: ${value}`);
  }
  assert.equal(valueText('hidden', [], i18n), '0');
});
