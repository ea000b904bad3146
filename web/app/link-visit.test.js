import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { LocalStore } from '../lib/local-storage.js';
import { english, find, makeDocument } from '../test/dom.js';

/** The address of one line. @param {number} y its height on pad A */
async function addressOfLine(y) {
  const { encodeDrawing } = await import('./link-code.js');
  return `#studio?a=${encodeDrawing({ strokes: [{ width: 0.08, points: Float32Array.of(0.1, y, 1, 0.9, y, 1) }], example: false })}&b=-&t=0.5`;
}

/**
 * A page that is opened at an address.
 *
 * @param {string} hash
 * @param {Record<string, string>} [stored]
 */
async function open(hash, stored = {}) {
  makeDocument({ hash });
  const { Studio } = await import('../views/studio/studio.js');
  const { LinkVisit } = await import('./link-visit.js');
  const area = {
    getItem: (/** @type {string} */ key) => stored[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ text) => void Object.assign(stored, { [key]: text }),
    removeItem: (/** @type {string} */ key) => void delete stored[key],
  };
  const store = new LocalStore(() => area, assert.fail, '');
  const engine = Object.assign(new Emitter(), {
    state: 'ready',
    request: () => new Promise(() => {}),
  });
  const stage = Object.assign(new Emitter(), { ready: true, send() {} });
  const context = {
    ...{ i18n: await english(), store, engine, stage, events: new Emitter(), fail: assert.fail },
    terms: { button: () => document.createElement('span') },
    status: { say() {} },
    colours: () => ({ ink: '#000000', paper: '#ffffff' }),
    assets: async () => ({ url: (/** @type {string} */ path) => path }),
  };
  const studio = new Studio(/** @type {any} */ (context));
  /** @type {string[]} */
  const loaded = [];
  const load = async (/** @type {string} */ name) => {
    if (name === 'nobody') throw new Error('there is none');
    loaded.push(name);
  };
  const visit = new LinkVisit({ studio, store, load });
  studio.begin('digits', true);
  visit.begin();
  /** Goes to another address. @param {string} to */
  const go = async (to) => {
    location.hash = to;
    await new Promise((done) => setTimeout(done, 5));
  };
  /** Leaves the page. */
  const leave = () => dispatchEvent(new Event('pagehide'));
  return { studio, visit, stored, loaded, go, leave };
}

/** Draws a line on a pad. @param {any} pad */
function draw(pad, y = 0.5) {
  pad.begin(0.08);
  pad.draw(0.2, y);
  pad.draw(0.8, y);
  pad.end();
}

/** The height of the first line on a pad; null for an empty one. @param {any} pad */
const lineOn = (pad) => {
  const [stroke] = pad.content.strokes;
  return stroke ? Math.round(100 * stroke.points[1]) / 100 : null;
};

test('what came with a link is not stored, what was drawn before stays', async () => {
  const first = await open('');
  draw(first.studio.pads.a, 0.25);
  first.leave();
  const { stored } = first;
  const drawn = stored.pads;

  const { studio, leave } = await open(await addressOfLine(0.75), stored);
  assert.equal(lineOn(studio.pads.a), 0.75);
  assert.equal(find('kept').hidden, false);
  leave();
  assert.equal(stored.pads, drawn);
  const again = await open('', stored);
  assert.equal(lineOn(again.studio.pads.a), 0.25, 'the next visit is their own');
});

test('who goes on with what came has it, and gets the own back', async () => {
  const first = await open('');
  draw(first.studio.pads.a, 0.25);
  first.leave();
  const { studio, stored, leave } = await open(await addressOfLine(0.75), first.stored);
  draw(studio.pads.b, 0.5);
  assert.equal(location.hash, '#studio', 'the address is not that of the link any more');
  leave();

  const next = await open('', stored);
  assert.deepEqual([lineOn(next.studio.pads.a), lineOn(next.studio.pads.b)], [0.75, 0.5]);
  assert.equal(find('kept').hidden, false, 'the offer stands');
  find('kept-back').click();
  assert.equal(lineOn(next.studio.pads.a), 0.25);
  assert.equal(next.studio.pads.b.source, 'example');
  assert.equal(find('kept').hidden, false, 'now what was on the pads is kept');
  find('kept-back').click();
  assert.deepEqual([lineOn(next.studio.pads.a), lineOn(next.studio.pads.b)], [0.75, 0.5]);
  find('kept-forget').focus();
  find('kept-forget').click();
  assert.equal(find('kept').hidden, true);
  assert.equal(document.activeElement?.id, 'pad-a', 'the focus goes on');
  assert.equal(stored.kept, undefined);
});

test('the next link covers what came with the last, and nothing is kept', async () => {
  const { studio, go } = await open(await addressOfLine(0.75));
  await go(await addressOfLine(0.5));
  assert.equal(lineOn(studio.pads.a), 0.5);
  assert.equal(find('kept').hidden, true);
});

test('the examples of a first visit take no link’s place, and do not make it the visitor’s own', async () => {
  const link = (await addressOfLine(0.75)).replace('#studio', '#hand').replace(/&.*/, '');
  const { studio, stored, leave } = await open(link);
  assert.equal(lineOn(studio.pads.a), 0.75);
  assert.equal(studio.pads.b.source, 'example');
  assert.equal(location.hash, link);
  leave();
  assert.equal(stored.pads, undefined);
});

test('examples are not worth keeping, nor is what is the same', async () => {
  const { studio } = await open(await addressOfLine(0.75));
  assert.equal(find('kept').hidden, true);
  assert.equal(lineOn(studio.pads.a), 0.75);
  draw(studio.pads.b);
  const { stored, leave } = await open(await addressOfLine(0.75), {});
  leave();
  assert.equal(stored.pads, undefined);

  const own = await open('');
  draw(own.studio.pads.a);
  const { addressOf } = await import('./link-visit.js');
  const { address } = addressOf({ view: 'studio', studio: own.studio, model: null });
  own.leave();
  await open(new URL(address).hash, own.stored);
  assert.equal(find('kept').hidden, true, 'a link of one’s own covers nothing');
});

test('links that come while the page is open are shown once', async () => {
  const { studio, go, loaded } = await open('');
  draw(studio.pads.a, 0.25);
  const link = await addressOfLine(0.75);
  await go(`${link}&model=digits-2d`);
  assert.equal(lineOn(studio.pads.a), 0.75);
  assert.deepEqual(loaded, ['digits-2d']);
  assert.equal(find('kept').hidden, false);
  await go('#train');
  draw(studio.pads.a, 0.5); // a view with the same pads
  await go(`${link}&model=digits-2d`);
  assert.equal(studio.pads.a.content.strokes.length, 2, 'the way back does not draw over what was drawn since');
});

test('no more than five drawings are kept', async () => {
  const { studio, go, stored } = await open('');
  for (let i = 0; i < 8; i++) {
    studio.pads.a.clear();
    draw(studio.pads.a, 0.1 + 0.05 * i);
    await go(await addressOfLine(0.9 - 0.05 * i));
  }
  const kept = JSON.parse(stored.kept);
  assert.equal(kept.length, 5);
  assert.equal(JSON.stringify(kept[4].a), JSON.stringify({ ...kept[4].a, source: 'drawn' }));
});

test('what cannot be read is said, and what can be is shown', async () => {
  const wrong = () => !find('link-wrong').hidden;
  const { studio, go, visit } = await open(`${await addressOfLine(0.75)}&mode=twice`);
  assert.equal(wrong(), true);
  assert.equal(lineOn(studio.pads.a), 0.75);
  await go(await addressOfLine(0.5));
  assert.equal(wrong(), false);
  await go('#studio?model=nobody');
  assert.equal(wrong(), true);
  assert.equal(visit.model, null);
  assert.equal((await open('#studio?t=NaN')).studio.pads.a.source, 'example');
  assert.equal(wrong(), true);
});

test('what is kept and damaged is not offered', async () => {
  for (const kept of ['7', '"x"', '[null, 7, {}]', '{}', 'torn']) {
    await open('', { kept });
    assert.equal(find('kept').hidden, true, kept);
  }
});

test('the address of other views is their own', async () => {
  const { studio } = await open('#train?preset=map');
  const { addressOf } = await import('./link-visit.js');
  assert.deepEqual(addressOf({ view: 'train', studio, model: 'digits' }), { address: 'http://localhost/#train?preset=map', missing: [] });
  // One that adds something is asked for it.
  const more = (/** @type {URLSearchParams} */ query) => query.set('z', '1');
  assert.equal(addressOf({ view: 'train', studio, model: null, more }).address, 'http://localhost/#train?preset=map&z=1');
});
