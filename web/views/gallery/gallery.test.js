/** The view "Models" as it is seen: the list, the chosen model, its sliders. The engine is the test's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { byTest, english, enter, makeDocument, observed, painted, settle, until } from '../../test/dom.js';

/** Models of the list. @type {any[]} */
const list = [
  { name: 'plain', family: 'dense', data: 'digits', input: [1, 4, 4], latent: 3, figures: { nll: 90.5, nllSamples: 100, images: 1000 } },
  { name: 'read', family: 'dense', data: 'digits', input: [1, 28, 28], latent: 2 },
  { name: 'told', family: 'cvae', data: 'digits', input: [1, 28, 28], latent: 2, conditions: 10 },
  { name: 'fitted', family: 'dense', data: 'digits', input: [1, 4, 4], latent: 3, fittedPrior: true },
  { name: 'faces', family: 'conv', data: 'faces', input: [3, 4, 4], latent: 20 },
  { name: 'gan', family: 'dcgan', data: 'digits', input: [1, 4, 4], latent: 2, encoder: false },
].map((m) => ({
  ...m,
  file: `${m.name}.safetensors`,
  title: { en: `The ${m.name} one`, zh: `模型 ${m.name}` },
  about: { en: `About ${m.name}.`, zh: `关于 ${m.name}。` },
  params: 1000,
  sheet: 'f'.repeat(2 * m.input[0] * m.input[1] * m.input[2]),
}));

/**
 * An engine that has any model: latent dimensions of samples are the seed and the
 * place, and the larger they are, the more ink a picture has.
 */
class FakeEngine extends Emitter {
  state = 'ready';
  /** @type {{type: string, fields: any}[]} */
  asked = [];
  /** What is on the pads. @type {Record<string, number[]>} */
  pads = {};
  /** Names of models that it cannot read. */
  bad = new Set();
  /** @type {any} */
  #model;

  /** @param {string} type @param {any} fields @param {ArrayBuffer[]} bufs */
  async request(type, fields, bufs) {
    this.asked.push({ type, fields });
    await settle();
    if (type === 'gallery.load') {
      if (this.bad.has(fields.name)) throw new InkdriftError('bad-model', 'the header is cut off');
      const {
        family,
        input,
        latent,
        params,
        conditions = 0,
        encoder = true,
        fittedPrior = false,
      } = list.find((m) => m.name === fields.name) ?? list[1];
      this.#model = { input, latent, size: input[0] * input[1] * input[2] };
      return { head: { model: { name: fields.name, family, input, latent, params, fittedPrior }, conditions, encoder }, bufs: [] };
    }
    const { latent } = this.#model;
    if (type === 'gallery.points') {
      const axis = (/** @type {number} */ k) => Float32Array.from({ length: latent }, (_, i) => Number(i === k)).buffer;
      const mu = new Float32Array(2 * latent).fill(1).buffer;
      return { head: { n: 2, share: 0.5 }, bufs: [mu, Uint8Array.of(3, 4).buffer, new Float32Array(latent).buffer, axis(2), axis(0)] };
    }
    if (type === 'gallery.encode') {
      const z = this.pads[fields.pad];
      return z ? { head: { class: null }, bufs: [Float32Array.from(z).buffer, this.#paint(Float32Array.from(z))] } : { head: {}, bufs: [] };
    }
    const { n, seed, frames } = fields;
    if (n > 0) {
      const z = Float32Array.from({ length: n * latent }, (_, i) => (seed % 10) + Math.floor(i / latent));
      return { head: {}, bufs: [z.buffer, this.#paint(z)] };
    }
    const given = new Float32Array(bufs[0]);
    if (frames === 0) return { head: {}, bufs: [new ArrayBuffer(0), this.#paint(given)] };
    const path = Float32Array.from({ length: frames * latent }, (_, i) => {
      const [t, k] = [Math.floor(i / latent) / (frames - 1), i % latent];
      return given[k] + t * (given[latent + k] - given[k]);
    });
    return { head: {}, bufs: [new ArrayBuffer(0), this.#paint(path)] };
  }

  /** @param {Float32Array} z */
  #paint(z) {
    const { latent, size } = this.#model;
    const out = new Float32Array((z.length / latent) * size);
    for (let k = 0; k < z.length / latent; k++) {
      // The later a number, the more it does.
      const sum = z.subarray(k * latent, (k + 1) * latent).reduce((s, v, i) => s + (i + 1) * v, 0);
      out.fill(0.5 + sum / 100, k * size, (k + 1) * size);
    }
    return out.buffer;
  }

  /** What was asked of a type, the newest first. @param {string} type */
  of(type) {
    return this.asked.filter((q) => q.type === type).reverse();
  }
}

/** The view, at an address, with a network that the test may cut. */
async function setUp(/** @type {import('node:test').TestContext} */ t, hash = '#gallery') {
  makeDocument({ fragment: '', hash });
  const { open } = await import('./gallery.js');
  const network = { cut: false, fetched: /** @type {string[]} */ ([]), slow: Promise.resolve() };
  t.mock.method(globalThis, 'fetch', async (/** @type {URL | string} */ url) => {
    const path = new URL(String(url)).pathname.slice(1);
    network.fetched.push(path);
    await network.slow;
    if (network.cut) throw new TypeError('no network');
    return new Response(path.endsWith('.json') ? JSON.stringify(list) : new Uint8Array(8));
  });
  const engine = new FakeEngine();
  const i18n = await english();
  /** @type {any[]} */
  const errors = [];
  /** @type {[string, any][]} */
  const said = [];
  /** @type {any[]} */
  const used = [];
  /** The map that scripts see. @type {any} */
  let map = null;
  const context = {
    maps: { show: (/** @type {any} */ m) => (map = m) },
    ...{ i18n, engine, base: 'http://localhost/' },
    assets: async () => ({
      url: (/** @type {string} */ p) => `http://localhost/${p}`,
      get: () => ({ bytes: 2_000_000, gz: 1_500_000 }),
      has: (/** @type {string} */ p) => p === 'models/plain.points.json',
    }),
    colours: () => ({ paper: '#ffffff', ink: '#000000', line: '#888888' }),
    terms: { button: () => document.createElement('span') },
    status: { say: (/** @type {string} */ key, /** @type {() => any} */ values) => said.push([key, values()]) },
    fail: (/** @type {unknown} */ e) => errors.push(e),
    training: async () => ({
      runs: {
        import: async (/** @type {ArrayBuffer} */ _, /** @type {any} */ { name }) => {
          used.push(`kept ${name}`);
          return name;
        },
        read: async (/** @type {string} */ id) => ({
          weights: id !== 'torn-off',
          settings: id === 'strange' ? null : { page: { preset: 'conv', latent: 7 } },
        }),
      },
      training: {
        set: (/** @type {any} */ part) => used.push(part),
        resume: async (/** @type {string} */ id) => void used.push(`resumed ${id}`),
      },
    }),
    useModel: async (/** @type {ArrayBuffer} */ _, /** @type {string} */ name) => void used.push(name),
    useListedModel: async (/** @type {any} */ { name }) => void used.push(`listed ${name}`),
  };
  const root = document.createElement('section');
  document.body.append(root);
  const view = await open(/** @type {any} */ (context), root);
  /** The address has changed, as the router tells. */
  const look = () => view.enter(location.hash);
  addEventListener('hashchange', look);
  t.after(() => removeEventListener('hashchange', look));
  view.enter(location.hash);
  const title = () => byTest('gallery-title').textContent;
  /** Whether an element is shown. */
  const visible = (/** @type {Element | null} */ e) => e !== null && !e.closest('[hidden]');
  const samples = () => [...byTest('gallery-samples').querySelectorAll('button')];
  const names = () => samples().map((b) => b.getAttribute('aria-label'));
  /** Goes to a model and waits until it can paint and its sliders are there. */
  const choose = async (/** @type {string} */ name, query = '') => {
    location.hash = `#gallery?m=${name}${query}`;
    await until(() => title() === `The ${name} one` && visible(root.querySelector('.dials')) && samples().length > 0);
  };
  return { view, root, engine, i18n, network, errors, said, used, title, visible, samples, names, choose, map: () => map };
}

test('the list has a card, a row and a link for each model, with samples and folded figures, and fetches none', async (t) => {
  const { root, network, visible } = await setUp(t);
  const cards = [...root.querySelectorAll('article')];
  assert.deepEqual(
    cards.map((c) => c.querySelector('h3')?.textContent),
    list.map((m) => m.title.en),
  );
  assert.match(cards[0].textContent ?? '', /About plain\./);
  assert.equal(cards[0].querySelector('canvas')?.getAttribute('aria-label'), 'Samples of The plain one');
  assert.equal(root.querySelectorAll('article details[open]').length, 0);
  assert.match(cards[0].querySelector('summary')?.textContent ?? '', /1\.5 MB/);
  assert.equal(byTest('gallery-table').querySelectorAll('tbody tr').length, list.length);
  assert.deepEqual(network.fetched, ['models/gallery.json']);
  assert.ok(visible(cards[0]) && !visible(byTest('gallery-title')));
});

test('a model is opened from its card: samples, a morph between the first two, sliders; the way back ends at its card', async (t) => {
  const { root, engine, network, said, title, visible, names, choose } = await setUp(t);
  byTest('gallery-open-plain').click();
  await until(() => visible(root.querySelector('.dials')));
  assert.equal(title(), 'The plain one');
  assert.equal(document.activeElement, byTest('gallery-title'));
  for (const part of ['.intro', 'article', '.compare']) assert.equal(visible(root.querySelector(part)), false, part);
  assert.deepEqual(
    network.fetched.filter((p) => p.endsWith('.safetensors')),
    ['models/plain.safetensors'],
  );
  assert.equal(names().length, 24);
  assert.deepEqual(names().slice(0, 3), ['sample 1: the morph begins here', 'sample 2: the morph ends here', 'sample 3']);
  assert.deepEqual(said, [['gallery.shown', { model: 'The plain one' }]]);
  assert.match(location.hash, /^#gallery\?m=plain&seed=\d+$/, 'the address opens the same samples');
  const seed = Number(/\d+$/.exec(location.hash));
  assert.equal(engine.of('gallery.paint').find((q) => q.fields.n > 0)?.fields.seed, seed);
  assert.match(byTest('gallery-seed').textContent, new RegExp(`Seed ${seed}`));
  assert.match(byTest('gallery-table').querySelector('tbody tr')?.lastElementChild?.textContent ?? '', /^[\d.]+ ms/);
  assert.equal(root.querySelector('.models [aria-current]')?.textContent, 'The plain one');

  byTest('gallery-all').click();
  await until(() => document.activeElement === byTest('gallery-open-plain'));
  assert.ok(visible(root.querySelector('article')) && !visible(byTest('gallery-title')));
  await choose('plain');
  assert.equal(network.fetched.filter((p) => p.includes('plain')).length, 1, 'it is still here');
});

test('while a model comes there is how far it is and its samples; a failure is told of and can be tried again', async (t) => {
  const { root, engine, network, visible } = await setUp(t);
  network.cut = true;
  /** @type {(value?: any) => void} */
  let arrive = () => {};
  network.slow = new Promise((done) => (arrive = done));
  byTest('gallery-open-plain').click();
  await until(() => visible(root.querySelector('.preview')));
  assert.equal(root.querySelector('.wait')?.textContent, 'Downloading the model: 0.0 MB of 2.0 MB');
  arrive();
  const alert = /** @type {HTMLElement} */ (root.querySelector('[role=alert]'));
  await until(() => visible(alert));
  assert.match(alert.textContent ?? '', /no network/);
  assert.ok(!visible(root.querySelector('.preview')) && !visible(root.querySelector('.wait')));
  network.cut = false;
  engine.bad.add('plain');
  alert.querySelector('button')?.click();
  await until(() => visible(alert) && /not a model that Inkdrift can run/.test(alert.textContent ?? ''));
  engine.bad.clear();
  alert.querySelector('button')?.focus();
  alert.querySelector('button')?.click();
  await until(() => visible(root.querySelector('.dials')));
  assert.equal(visible(alert), false);
  assert.equal(document.activeElement?.tagName, 'H2', 'the focus goes on from a button that is hidden');
});

test('a picture that is picked is the end of the morph, what was the end its beginning', async (t) => {
  const { samples, names, choose, engine } = await setUp(t);
  await choose('plain', '&seed=40');
  samples()[4].click();
  samples()[9].click();
  assert.equal(names()[4], 'sample 5: the morph begins here');
  assert.equal(names()[9], 'sample 10: the morph ends here');
  assert.deepEqual(
    samples().flatMap((b, i) => (b.getAttribute('aria-pressed') === 'true' ? [[i, b.querySelector('.end')?.textContent]] : [])),
    [
      [4, '1'],
      [9, '2'],
    ],
  );
  const paths = () => engine.of('gallery.paint').filter((q) => q.fields.frames > 0);
  const before = paths().length;
  await until(() => !byTest('gallery-morph-place').disabled && paths().length >= before);
  samples()[4].click();
  assert.equal(names()[4], 'sample 5: the morph ends here');
});

test('sliders begin at the picture that was picked, the one that does most first; they repaint, go back, and go to 0', async (t) => {
  const { root, samples, choose } = await setUp(t);
  await choose('plain', '&seed=40');
  const order = () => [...root.querySelectorAll('.dial input')].map((e) => /** @type {HTMLElement} */ (e).dataset.testid);
  assert.deepEqual(order(), ['gallery-z-2', 'gallery-z-1', 'gallery-z-0']);
  const slider = byTest('gallery-z-2');
  assert.equal(slider.getAttribute('aria-label'), 'Latent dimension 3');
  samples()[2].click();
  assert.equal(slider.getAttribute('aria-valuetext'), '2.00');
  const light = () => painted(byTest('gallery-picture'))?.[0] ?? NaN;
  const begun = await until(() => light() === painted(samples()[2].querySelector('canvas'))?.[0] && light());
  enter(slider, '-3', 'input');
  assert.equal(slider.getAttribute('aria-valuetext'), '-3.00');
  const less = await until(() => light() !== begun && light());
  assert.ok(less > begun, `less ink: ${begun}, ${less}`);
  byTest('gallery-back').click();
  assert.equal(slider.value, '2');
  await until(() => light() === begun);
  byTest('gallery-middle').click();
  assert.equal(slider.getAttribute('aria-valuetext'), '0.00');
  await until(() => light() > begun && light() < less);
});

test('a model has a map, with the points of its data set where there are some; a place that is kept is on the sliders', async (t) => {
  const { view, root, map, network, errors, visible, choose } = await setUp(t);
  await choose('plain');
  assert.ok(!network.fetched.includes('models/plain.points.json'), 'not before the map is seen');
  observed(map().parts.map, /** @type {any} */ ({ isIntersecting: true }));
  await until(() => map().choice.kind === 'principal' && map().state.refreshes > 0);
  assert.ok(network.fetched.includes('models/plain.points.json'));
  const z = map().at(0.75, 0.5);
  assert.ok(z[2] > 1 && z[0] === 0 && z[1] === 0, 'along the first principal component');
  map().parts.map.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  await until(() => map().state.kept.length === 1);
  assert.equal(byTest('gallery-z-2').value, '0');
  await choose('read');
  await until(() => map().latent === 2 && map().choice.kind === 'dimensions');
  assert.ok(visible(root.querySelector('.mapped')));
  assert.equal(map().state.kept.length, 0);
  await choose('told');
  await until(() => [...root.querySelectorAll('.mapped select')].some((s) => /** @type {any} */ (s).length === 10));
  view.leave();
  assert.deepEqual([map(), errors], [null, []]);
});

test('of many latent dimensions a few have sliders, and more come when they are asked for, with the focus at the first', async (t) => {
  const { root, choose } = await setUp(t);
  await choose('faces');
  const sliders = () => root.querySelectorAll('.dial');
  assert.equal(sliders().length, 8);
  const more = byTest('gallery-more');
  assert.equal(more.textContent, 'Show 8 of 12 more');
  more.click();
  assert.equal(sliders().length, 16);
  assert.equal(document.activeElement, sliders()[8].querySelector('input'));
  more.click();
  assert.equal(sliders().length, 20);
  assert.ok(more.hidden);
});

test('samples of a model with a fitted prior are drawn from it, or from N(0, I); the address has which', async (t) => {
  const { engine, choose } = await setUp(t);
  const priors = () =>
    engine
      .of('gallery.paint')
      .filter((q) => q.fields.n > 0)
      .map((q) => q.fields.prior);
  const pick = byTest('gallery-prior');
  await choose('fitted');
  assert.equal(pick.closest('label')?.hidden, false);
  assert.equal(priors()[0], 'fitted');
  assert.match(location.hash, /^#gallery\?m=fitted&seed=\d+&prior=fitted$/);
  enter(pick, 'normal');
  await until(() => priors()[0] === 'normal');
  assert.match(location.hash, /^#gallery\?m=fitted&seed=\d+$/, 'as addresses without a prior always were');
  location.hash = '#gallery?m=fitted&seed=5&prior=fitted';
  await until(() => engine.of('gallery.paint').some((q) => q.fields.seed === 5));
  assert.deepEqual([priors()[0], pick.value], ['fitted', 'fitted']);
  await choose('plain');
  assert.equal(pick.closest('label')?.hidden, true);
  assert.equal(priors()[0], 'normal');
});

test('other samples have another seed, which the address has; an address with a seed brings them back', async (t) => {
  const { engine, samples, choose } = await setUp(t);
  await choose('plain', '&seed=43');
  assert.equal(engine.of('gallery.paint').at(-1)?.fields.seed, 43);
  const first = () => painted(samples()[0].querySelector('canvas'))?.[0];
  const before = first();
  byTest('gallery-others').click();
  const other = Number(/seed=(\d+)$/.exec(location.hash)?.[1]);
  assert.notEqual(other, 43);
  await until(() => byTest('gallery-seed').textContent.includes(`Seed ${other}`));
  assert.ok(engine.of('gallery.paint').some((q) => q.fields.seed === other));
  location.hash = '#gallery?m=plain&seed=43';
  await until(() => byTest('gallery-seed').textContent.includes('Seed 43'));
  await until(() => first() === before);
  for (const wrong of ['-1', 'x', '1.5', '1e99']) {
    location.hash = `#gallery?m=plain&seed=${wrong}`;
    await until(() => location.hash.endsWith('seed=43')); // what is no seed changes nothing
  }
});

test('a link has where the sliders are; one that is damaged says so and moves nothing', async (t) => {
  const { view, engine, choose, visible, root } = await setUp(t);
  /** What a link adds to the address. */
  const added = () => {
    const query = new URLSearchParams(location.hash.split('?')[1]);
    view.share?.(query);
    return query;
  };
  await choose('plain', '&seed=43');
  assert.equal(added().has('z'), false, 'the seed brings the first sample');
  enter(byTest('gallery-z-1'), '-1.25', 'input');
  const query = added();
  assert.equal(query.get('seed'), '43');
  assert.ok(query.get('z'));
  const wrong = () => [...root.querySelectorAll('p')].some((p) => p.textContent?.startsWith('The link is damaged') && visible(p));
  const values = () => [0, 1, 2].map((i) => byTest(`gallery-z-${i}`).value);
  const moved = values();
  await choose('read');
  location.hash = `#gallery?${query}`;
  await until(() => visible(root.querySelector('.dials')) && byTest('gallery-z-1').value === '-1.25');
  assert.deepEqual(values(), moved);
  assert.ok(location.hash.endsWith(`&z=${query.get('z')}`), `a reload finds it again: ${location.hash}`);
  assert.equal(wrong(), false);
  // At the model that is shown already.
  byTest('gallery-middle').click();
  assert.equal(byTest('gallery-z-1').value, '0');
  location.hash = `#gallery?m=plain&z=${query.get('z')}`;
  await until(() => byTest('gallery-z-1').value === '-1.25');
  for (const text of ['', 'NaN', '%00', 'a'.repeat(10_000), `${query.get('z')}A`, 'null', '../x']) {
    const painted = engine.of('gallery.paint').length;
    location.hash = `#gallery?m=plain&z=${text}`;
    await until(wrong);
    assert.equal(byTest('gallery-z-1').value, '-1.25', 'nothing moves');
    assert.equal(engine.of('gallery.paint').length, painted);
    location.hash = `#gallery?m=plain&z=${query.get('z')}`;
    await until(() => !wrong());
  }
  // A model that is told a class needs one of its own.
  await choose('told');
  enter(byTest('gallery-picture-class'), '7');
  const told = added();
  assert.equal(told.get('class'), '7');
  for (const kind of ['10', '-1', '1e1', '', '999999']) {
    location.hash = `#gallery?m=told&z=${told.get('z')}&class=${kind}`;
    await until(wrong);
    location.hash = `#gallery?m=told&z=${told.get('z')}&class=3`;
    await until(() => !wrong() && byTest('gallery-picture-class').value === '3');
  }
});

test('a model that is told a class: its classes in turn or one of them, also for the sliders; the pads are not for it', async (t) => {
  const { root, engine, visible, names, choose } = await setUp(t);
  await choose('told');
  assert.equal(names()[13], 'sample 14, class 3');
  assert.equal(names().length, 20);
  assert.ok(visible(byTest('gallery-class')) && visible(byTest('gallery-picture-class')));
  enter(byTest('gallery-class'), '8');
  await until(() => names()[3] === 'sample 4, class 8');
  await until(() => byTest('gallery-picture-class').value === '8');
  enter(byTest('gallery-picture-class'), '1');
  await until(() => engine.of('gallery.paint')[0].fields.classes.join() === '1');
  assert.equal(visible(byTest('gallery-use')), false);
  await choose('read');
  assert.ok(!visible(byTest('gallery-class')) && visible(byTest('gallery-use')));
  assert.equal(root.querySelectorAll('.dial').length, 2);
});

test('drawings on the pads are among the pictures where the model can encode them, and stay ends of the morph', async (t) => {
  const { view, root, engine, visible, choose } = await setUp(t);
  engine.pads.a = [1, 1];
  await choose('read');
  const drawn = () => [...root.querySelectorAll('.few button')].map((e) => /** @type {HTMLElement} */ (e));
  await until(() => drawn().length === 1);
  assert.equal(drawn()[0].getAttribute('aria-label'), 'your drawing A');
  drawn()[0].click();
  assert.equal(drawn()[0].getAttribute('aria-label'), 'your drawing A: the morph ends here');
  engine.pads.b = [2, 2];
  engine.emit('pad');
  await until(() => drawn().length === 2);
  assert.deepEqual(
    drawn().map((b) => b.getAttribute('aria-label')),
    ['your drawing A: the morph ends here', 'your drawing B'],
  );
  view.leave();
  const asked = engine.of('gallery.encode').length;
  engine.emit('pad');
  await settle();
  assert.equal(engine.of('gallery.encode').length, asked, 'nobody is looking');
  engine.pads = {};
  await choose('read', '&seed=5');
  await until(() => drawn().length === 0);
  assert.match(root.querySelector('.picked')?.textContent ?? '', /Draw on the pads/);
  for (const name of ['faces', 'gan', 'told']) {
    await choose(name);
    const heads = [...root.querySelectorAll('.picked h3')].filter(visible).map((h) => h.textContent);
    assert.equal(heads.includes('Your drawings'), name === 'told', name);
  }
});

test('a shipped model is put behind the pads by its name; colours and what cannot encode are not for them', async (t) => {
  const { used, visible, choose } = await setUp(t);
  await choose('read');
  byTest('gallery-use').click();
  assert.deepEqual(used, ['listed read']);
  for (const name of ['faces', 'gan']) {
    await choose(name);
    assert.equal(visible(byTest('gallery-use')), false, name);
  }
});

test('a file of one’s own is shown, is listed while the page is open, can be used, and is missed in another visit', async (t) => {
  const { view, root, engine, used, title, visible, choose } = await setUp(t, '#gallery?own');
  const gone = root.querySelector('.opener [role=status]');
  assert.ok(visible(gone));
  assert.match(gone?.textContent ?? '', /earlier visit/);
  view.takeModel?.(/** @type {any} */ ({ name: 'mine.safetensors', size: 8, arrayBuffer: async () => new ArrayBuffer(8) }));
  await until(() => title() === 'mine' && visible(root.querySelector('.dials')));
  assert.equal(location.hash.split('&')[0], '#gallery?own');
  assert.ok(!visible(gone));
  assert.equal(engine.of('gallery.load')[0].fields.name, 'mine');
  assert.match(root.querySelector('.known')?.textContent ?? '', /28 × 28/);
  assert.equal(visible(byTest('gallery-seed')), false, 'the address cannot bring the file back');
  await choose('told');
  byTest('gallery-all').click();
  const link = await until(() => [...root.querySelectorAll('.opener a')].find(visible));
  assert.equal(link.textContent, 'Yours: mine');
  /** @type {HTMLElement} */ (link).click();
  await until(() => title() === 'mine' && visible(byTest('gallery-use')));
  byTest('gallery-use').click();
  assert.deepEqual(used, ['mine']);
});

test('a model that is unknown is told of with the names that are known, and the list is shown', async (t) => {
  const { root, errors, visible } = await setUp(t, '#gallery?m=nothing');
  assert.equal(errors.length, 1);
  assert.equal(errors[0].code, 'model-unknown');
  assert.match(errors[0].message, /plain, read, told, fitted, faces, gan/);
  assert.ok(visible(root.querySelector('article')));
});

test('titles, names and figures follow the language', async (t) => {
  const { root, i18n, title, names, choose } = await setUp(t);
  await choose('plain');
  await i18n.use('zh');
  assert.equal(title(), '模型 plain');
  assert.match(root.textContent ?? '', /关于 plain。/);
  assert.ok(
    names().every((name) => name && !/[a-z]{3}/.test(name)),
    names()[0] ?? '',
  );
});

test('a new engine is given the model, and other colours paint what is there again', async (t) => {
  const { view, engine, visible, root, samples, choose } = await setUp(t);
  await choose('read');
  engine.state = 'restarting';
  engine.emit('state', 'restarting');
  assert.ok(!visible(byTest('gallery-use')));
  engine.state = 'ready';
  engine.emit('state', 'ready');
  await until(() => visible(byTest('gallery-use')) && visible(root.querySelector('.dials')));
  assert.equal(engine.of('gallery.load').length, 2);
  const canvas = /** @type {Element} */ (samples()[0].querySelector('canvas'));
  const before = painted(canvas);
  view.themed();
  assert.notEqual(painted(canvas), before);
  assert.deepEqual(painted(canvas), before);
});

test('a run can begin with a model that a person opened: it is kept among the runs, and Train has its network', async (t) => {
  const { view, used, errors, visible } = await setUp(t);
  const button = byTest('gallery-go-on-own');
  const open = async (/** @type {string} */ name) => {
    view.showModel?.(new ArrayBuffer(3), name);
    await until(() => byTest('gallery-title').textContent === name && visible(button));
  };
  await open('mine');
  assert.equal(visible(byTest('gallery-go-on')), false);
  assert.equal(button.textContent, 'Go on from this model');
  button.click();
  await until(() => location.hash === '#train');
  assert.deepEqual(used, ['kept mine', { preset: 'conv', latent: 7, from: 'run:mine' }]);

  used.length = 0;
  await open('torn-off');
  button.click();
  await until(() => used.length === 2);
  assert.deepEqual(used, ['kept torn-off', 'resumed torn-off'], 'a run with its optimiser goes on');

  await open('strange');
  button.click();
  await until(() => errors.length > 0);
  assert.deepEqual([errors[0].code, errors[0].field], ['bad-run', 'strange']);
});
