import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { families, presets } from '../generated/catalog.js';
import { starts } from '../generated/start-models.js';
import { readHeader } from '../lib/safetensors.js';
import { checkpointHead, settingsOf, settingsOfModel } from './checkpoint-file.js';
import { recipe } from './families.js';
import { complete, preset, startChange } from './settings.js';

/** @param {Record<string, string>} metadata a file of no tensors */
function fileOf(metadata) {
  const head = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata }));
  const bytes = new Uint8Array(8 + head.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 8);
  return bytes;
}

test('the settings of a run of tools/train are those that make its recipe', () => {
  const recipes = JSON.parse(fs.readFileSync(new URL('../test/testdata/recipes.json', import.meta.url), 'utf8'));
  for (const name of Object.keys(presets)) {
    const { model, train } = recipes[name];
    const { data, images, seed } = preset(name, 1);
    const { page, made } = settingsOf({ step: 5, config: model, options: train, data: `${data}, seed ${seed}, ${images} from 7` });
    const settings = complete(page, 1);
    assert.equal(families[settings.family].preset, settings.preset);
    assert.deepEqual(recipe(settings), recipe({ ...preset(name, 1), from: '' }), name);
    assert.deepEqual(made?.data, { kind: data, first: 7, count: images, seed });
    assert.equal(settings.images, images);
  }
});

test('a set in files goes by its name, and what is no checkpoint is told from one', () => {
  const { model, train } = JSON.parse(fs.readFileSync(new URL('../test/testdata/recipes.json', import.meta.url), 'utf8')).quick;
  const found = settingsOf({ step: 5, config: model, options: train, data: 'my, signs, 250' });
  assert.equal(found.page.data, 'my, signs');
  assert.equal(found.made, undefined);
  assert.equal(checkpointHead(fileOf({ inkdrift: '{}' })), null);
  const head = { step: 5, config: model, options: train, data: 'mnist, 9' };
  assert.deepEqual(checkpointHead(fileOf({ 'inkdrift-checkpoint': JSON.stringify(head) })), head);
  for (const text of ['x', '{}', JSON.stringify({ ...head, step: -1 })])
    assert.throws(() => checkpointHead(fileOf({ 'inkdrift-checkpoint': text })), { code: 'bad-run', field: 'inkdrift-checkpoint' });
});

test('the settings of a run that goes on with the model in a file are those of the same model where it is shipped', () => {
  for (const [name, { file }] of Object.entries(starts)) {
    const bytes = fs.readFileSync(new URL(`../models/${file}`, import.meta.url));
    const found = settingsOfModel(readHeader(new Uint8Array(bytes)).metadata);
    assert.ok(found, name);
    const plain = preset('quick', 1);
    const shipped = complete(startChange(name, plain), 1, plain);
    const settings = complete({ ...found.page, from: 'run:x' }, 1);
    assert.deepEqual([settings.data, recipe(settings)], [shipped.data, recipe(shipped)], name);
  }
});

test('a file that does not say what its model is has no settings', () => {
  for (const inkdrift of ['', '{', '{}', '{"config": {"family": "nonesuch", "input": [1, 28, 28]}}', '{"config": {"family": "dense"}}'])
    assert.equal(settingsOfModel(new Map([['inkdrift', inkdrift]])), null, inkdrift);
  assert.equal(settingsOfModel(new Map()), null);
});
