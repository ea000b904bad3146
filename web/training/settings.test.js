import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { families, fields, measures } from '../generated/catalog.js';
import { starts } from '../generated/start-models.js';
import { limits } from '../generated/protocol.js';
import { applies, recipe, unusableOnPads } from './families.js';
import { measureKinds } from './measures.js';
import { madeSets, shapeOf, registerSet } from './made-sets.js';
import { offeredPresets, presetNames } from './presets.js';
import { check, complete, fromHash, isTrainAddress, needReset, preset, presetChange, toHash } from './settings.js';

test('each preset has every setting, within its limits', () => {
  for (const name of presetNames) {
    const s = preset(name, 2);
    assert.deepEqual(Object.keys(s).sort(), ['preset', ...Object.keys(fields)].sort());
    for (const key of Object.keys(fields))
      assert.deepEqual(check(key, /** @type {any} */ (s)[key]), /** @type {any} */ (s)[key], `${name}: ${key}`);
  }
});

test('settings go into an address and come out of it', () => {
  for (const name of presetNames) {
    const s = {
      ...preset(name, 3),
      from: '',
      encoder: [300, 200],
      decoder: [],
      latent: 7,
      beta: 0.25,
      learningRate: 3e-4,
      data: 'my & own/set',
      seed: 42,
      workers: 2,
    };
    const back = fromHash(toHash(s, 3), 3);
    assert.deepEqual(back, { settings: s, errors: [], wrong: {} });
  }
  for (const name of Object.keys(starts)) {
    const { settings, errors } = fromHash(`#train?from=${name}`, 3);
    assert.deepEqual(errors, []);
    assert.equal(toHash(settings, 3), `#train?from=${name}`);
    assert.equal(settings.preset, starts[name].preset, 'the usual settings of its family');
    const changed = complete({ encoder: [7], latent: 3, beta: 2 }, 3, settings);
    assert.deepEqual(changed, { ...settings, beta: 2 }, 'its network is fixed');
    assert.equal(toHash(changed, 3), `#train?from=${name}&beta=2`);
    assert.deepEqual(fromHash(toHash(changed, 3), 3).settings, changed);
  }
  assert.equal(toHash(preset(presetNames[0], 3), 3), '#train');
  assert.equal(toHash({ ...preset('map', 3), beta: 2 }, 3), '#train?preset=map&beta=2');
});

test('what an address says wrong is told and left out', () => {
  const { settings, errors, wrong } = fromHash('#train?preset=nothing&latent=-3&beta=x&batch=64&whatever=1&learningRate=', 1);
  assert.equal(settings.batch, 64);
  assert.equal(settings.latent, preset(presetNames[0], 1).latent);
  assert.deepEqual(wrong, { latent: '-3', beta: 'x', learningRate: '' }, 'what it says of settings that there are');
  assert.deepEqual(
    errors.map((e) => [e.code, e.field]),
    ['preset', 'latent', 'beta', 'whatever', 'learningRate'].map((f) => [f === 'whatever' ? 'setting-unknown' : 'bad-value', f]),
  );
});

test('which addresses open the train view', () => {
  assert.ok(isTrainAddress('#train') && isTrainAddress('#train?latent=2'));
  assert.ok(!isTrainAddress('') && !isTrainAddress('#') && !isTrainAddress('#training') && !isTrainAddress('#pad-a'));
});

test('values that cannot be are refused by name', () => {
  for (const [name, values] of Object.entries({
    latent: [0, 1.5, 'x', null, NaN, 1e9, ''],
    encoder: ['400, x', [0], [1, 2, 3, 4, 5], 400, [4000]],
    optimizer: ['rmsprop', 3, undefined],
    learningRate: [0, -1, Infinity],
    data: ['', 3, 'x'.repeat(300)],
    nonsense: [1],
    __proto__x: [1],
    toString: [1],
  })) {
    for (const v of values) assert.throws(() => check(name, v), { code: 'bad-value', field: name }, `${name}: ${v}`);
  }
  assert.deepEqual(check('encoder', '400 → 200'), [400, 200]);
  assert.throws(() => complete(null, 1), { code: 'bad-value' });
  assert.throws(() => complete({ preset: 'toString' }, 1), { code: 'bad-value', field: 'preset' });
});

test('what is not said comes from the preset, or from what there was', () => {
  const a = complete({ preset: 'map', beta: 3 }, 2);
  assert.deepEqual([a.latent, a.beta, a.workers], [2, 3, 2]);
  assert.deepEqual(complete({ latent: 5 }, 2, a), { ...a, latent: 5 });
});

test('beta, learning rate, workers and when to stop change a run; the rest needs another', () => {
  const a = preset('quick', 2);
  assert.deepEqual(needReset(a, { ...a, beta: 9, learningRate: 1, workers: 1, minutes: 3, patience: 2 }), []);
  assert.deepEqual(needReset(a, { ...a, latent: 3, encoder: [400, 1] }), ['encoder', 'latent']);
});

test('a recipe names only what its optimiser has', () => {
  const s = preset('quick', 1);
  assert.deepEqual(recipe(s).train, {
    epochs: 10,
    batch: 64,
    learning_rate: 0.002,
    schedule: 'constant',
    warm_up: 0,
    beta: 1,
    kl_warm_up: 0,
    weight_decay: 0,
    optimizer: 'adam',
    binarize: 'dynamic',
    seed: 1,
  });
  assert.equal(recipe({ ...s, optimizer: 'sgd' }).train.momentum, 0.9);
  const w = recipe({ ...s, optimizer: 'adamw' }).train;
  assert.deepEqual([w.optimizer, w.weight_decay, w.momentum], ['adam', 0.01, undefined]);
});

test('a recipe names only what its family has, in the shape of its data', () => {
  const of = (/** @type {string} */ name) => recipe(preset(name, 1));
  assert.deepEqual(of('quick').model, {
    family: 'dense',
    input: [1, 28, 28],
    encoder: [400],
    decoder: [400],
    latent: 16,
    activation: 'relu',
    likelihood: 'bernoulli',
  });
  const faces = of('faces');
  assert.deepEqual(
    [faces.model.input, faces.model.likelihood, faces.model.output, faces.train.binarize, faces.train.clip_norm],
    [[3, 32, 32], 'gaussian', 'sigmoid', 'none', 1000],
  );
  const { model, train } = of('gan');
  assert.deepEqual(
    [model.encoder, model.likelihood, model.output, model.sigma, model.conditions],
    [[], 'implicit', 'tanh', undefined, undefined],
  );
  assert.deepEqual([train.beta1, train.label_smoothing, train.objective, train.binarize], [0.5, 0.1, undefined, 'none']);
  assert.deepEqual(
    [of('conditional').model.conditions, of('conditional').model.recogniser, of('conditional').train.beta_start],
    [10, [128], 8],
  );
  assert.deepEqual([of('iwae').train.objective, of('iwae').train.samples], ['iwae', 5]);
  assert.equal(recipe({ ...preset('iwae', 1), freeBits: 1 }).train.free_bits, undefined, 'the bound has none');
  // A discriminator looks at pixels, whatever the decoder gave before.
  assert.equal(recipe({ ...preset('quick', 1), family: 'dcgan' }).model.output, 'sigmoid');
});

test('another family or data set brings what goes with it, unless that is said, too', () => {
  const a = preset('quick', 2);
  const gan = complete({ family: 'dcgan' }, 2, a);
  assert.deepEqual([gan.decoder, gan.discriminator, gan.output, gan.preset], [[64, 32], [16, 32], 'tanh', 'quick']);
  assert.deepEqual(complete({ family: 'dcgan', decoder: [8, 4] }, 2, a).decoder, [8, 4]);
  const faces = complete({ data: 'faces' }, 2, a);
  assert.deepEqual([faces.likelihood, faces.binarize, faces.output], ['gaussian', 'none', 'sigmoid']);
  assert.equal(complete({ data: 'digits' }, 2, faces).likelihood, 'bernoulli');
  assert.equal(complete({ family: 'conv' }, 2, faces).output, 'sigmoid', 'as its pictures want it');
  assert.equal(complete({ data: 'textures' }, 2, preset('conditional', 2)).conditions, 6);
  assert.deepEqual(complete({ data: 'mnist' }, 2, a), { ...a, data: 'mnist' });
});

test('people’s own pictures stay where a preset suits them, and bring their shape and their classes', () => {
  registerSet('cats', { shape: [3, 32, 32], classes: ['tom', 'kit', 'leo'], ink: false });
  const mine = complete({ preset: 'pictures', data: 'cats' }, 2);
  assert.deepEqual([recipe(mine).model.input, mine.likelihood, mine.conditions], [[3, 32, 32], 'gaussian', 3]);
  assert.equal(complete(presetChange('faces', mine), 2, mine).data, 'cats');
  assert.equal(complete(presetChange('quick', mine), 2, mine).data, 'digits');
  assert.equal(complete({ data: 'cats' }, 2, preset('quick', 2)).output, 'sigmoid');
  registerSet('cats', {});
});

test('the page makes of every preset what Go makes', () => {
  const made = JSON.parse(readFileSync(new URL('../test/testdata/recipes.json', import.meta.url), 'utf8'));
  assert.deepEqual(Object.keys(made).sort(), [...presetNames].sort());
  for (const name of presetNames) {
    const { settings, model, train } = made[name];
    const { preset: own, workers, ...mine } = preset(name, 1);
    assert.deepEqual([own, workers, mine], [name, 1, settings], name);
    const { model: m, train: t } = recipe(preset(name, 1));
    assert.deepEqual([m, t], [model, train], name);
  }
});

test('a preset that is not offered is taken by its name', () => {
  const { settings, errors } = fromHash('#train?preset=digits-2d&beta=2', 1);
  assert.deepEqual([settings.latent, settings.epochs, settings.beta, errors], [2, 60, 2, []]);
  assert.equal(toHash(settings, 1), '#train?preset=digits-2d&beta=2');
  assert.ok(presetNames.includes('digits-2d') && !offeredPresets.includes('digits-2d'));
});

test('what settings need is a trait or a setting that there is', () => {
  const s = preset('quick', 1);
  for (const { needs = [] } of Object.values(fields)) {
    for (const need of needs) assert.ok('trait' in need ? need.trait in families.dense : need.setting in s, JSON.stringify(need));
  }
  assert.deepEqual(
    ['sigma', 'klWarmUp', 'betaStart', 'momentum', 'discriminator', 'kernel'].map((name) => applies[name](s)),
    [false, true, false, false, false, false],
  );
  assert.ok(applies.betaStart({ ...s, klWarmUp: 1 }) && applies.momentum({ ...s, optimizer: 'sgd' }));
  assert.ok(applies.sigma(preset('vae-gan', 1)) && !applies.sigma(preset('gan', 1)) && !applies.binarize(preset('gan', 1)));
});

test('every measure has figures that the engine takes', () => {
  for (const { name, counts } of measureKinds) {
    assert.ok(Object.hasOwn(measures, name), name);
    for (const { usual, min, max } of Object.values(counts)) assert.ok(min <= usual && usual <= max && max <= limits.measured);
  }
});

test('penalties are asked for where there are any', () => {
  const { l1, l2 } = recipe(preset('wide-32', 1)).train;
  assert.deepEqual([l1, l2], [undefined, 1e-5]);
  assert.equal(recipe({ ...preset('wide-32', 1), l1: 1e-4 }).train.l1, 1e-4);
});

test('a preset brings its data; people’s own digits stay where it has digits', () => {
  const mine = { ...preset('quick', 3), data: 'mnist' };
  assert.equal(complete(presetChange('map', mine), 3, mine).data, 'mnist');
  assert.equal(complete(presetChange('faces', mine), 3, mine).data, 'faces');
  const faces = preset('faces', 3);
  assert.deepEqual(complete(presetChange('gan', faces), 3, faces), preset('gan', 3));
});

test('which models the studio can use', () => {
  const fit = offeredPresets.filter((name) => unusableOnPads(preset(name, 1)) === '');
  assert.deepEqual(
    offeredPresets.filter((name) => !fit.includes(name)),
    ['faces', 'pictures', 'conditional', 'gan'],
  );
});

test('every family has its preset, every set its shape', () => {
  for (const family of Object.keys(families))
    assert.equal(complete({ family }, 1, preset(family === 'dense' ? 'conv' : 'quick', 1)).family, family);
  for (const name of Object.keys(madeSets)) assert.equal(shapeOf(name).length, 3);
  assert.deepEqual(shapeOf('mnist'), [1, 28, 28]);
});
