import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { english, makeDocument } from '../../test/dom.js';
import { glossary } from '../../test/glossary.js';
import { Terms } from '../../ui/term.js';
import { factsOf, sheetOf, tableOf, trainedOn } from './model-facts.js';

/** @type {import('./gallery-model.js').Listed[]} */
const list = JSON.parse(readFileSync(new URL('../../models/gallery.json', import.meta.url), 'utf8'));

test('a sheet is a digit for each value of its pictures', () => {
  const entry = /** @type {any} */ ({ input: [1, 1, 2], sheet: '0f78' });
  const { pictures, count } = sheetOf(entry) ?? {};
  assert.equal(count, 2);
  assert.deepEqual(
    [...(pictures ?? [])].map((v) => Math.round(15 * v)),
    [0, 15, 7, 8],
  );
  assert.equal(sheetOf({ ...entry, sheet: undefined }), null);
});

test('every model of the list has samples with ink on paper', () => {
  for (const entry of list) {
    const { pictures, count } = sheetOf(entry) ?? { pictures: [], count: 0 };
    assert.equal(count, 10, entry.name);
    assert.ok(Math.min(...pictures) < 0.2 && Math.max(...pictures) > 0.8, entry.name);
  }
});

test('a file says what its model was trained on', () => {
  const file = (/** @type {string} */ head) => {
    const text = new TextEncoder().encode(head);
    const bytes = new Uint8Array(8 + text.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes.buffer;
  };
  const of = (/** @type {string} */ data) => trainedOn(file(JSON.stringify({ __metadata__: { data } })));
  assert.deepEqual(['materials, seed 1, 10000 from 0', 'mnist-train', 'mnist-train and drawings', 'rock', ''].map(of), [
    'materials',
    'mnist',
    'mnist',
    'rock',
    '',
  ]);
  for (const torn of [new ArrayBuffer(0), new ArrayBuffer(9), file('{}'), file('nonsense'), file('{"__metadata__":{}}').slice(0, 12)])
    assert.equal(trainedOn(torn), '');
  for (const { file: name, data } of list) {
    const { buffer } = new Uint8Array(readFileSync(new URL(`../../models/${name}`, import.meta.url)));
    assert.equal(trainedOn(buffer), data, name);
  }
});

/** @type {{name: string, title: Record<string, string>, about: Record<string, string>, nll: number, nllSamples: number, images: number}[]} */
const chooser = JSON.parse(readFileSync(new URL('../../models/index.json', import.meta.url), 'utf8'));

test('a model has the same title and description in the gallery and in the studio', () => {
  for (const { name, title, about } of chooser) {
    const entry = list.find((m) => m.name === name);
    assert.deepEqual([title, about], [entry?.title, entry?.about], name);
  }
});

test('its likelihood is the same in the gallery and in the studio, on as many pictures', () => {
  for (const { name, nll, nllSamples, images } of chooser) {
    const { figures } = /** @type {any} */ (list.find((m) => m.name === name));
    assert.deepEqual([nll, nllSamples, images], [figures.nll, figures.nllSamples, figures.images], name);
  }
});

/** Names and values of a list of facts, without the buttons that explain. @param {HTMLElement} facts */
function factsIn(facts) {
  const plain = /** @type {HTMLElement} */ (facts.cloneNode(true));
  for (const term of plain.querySelectorAll('.term')) term.remove();
  return Object.fromEntries([...plain.children].map((row) => [row.children[0].textContent, row.children[1].textContent]));
}

/** @param {string} name */
const named = (name) => /** @type {import('./gallery-model.js').Listed} */ (list.find((m) => m.name === name));

test('beside each figure stands which way is better, in words too; and not where high error is the aim', async () => {
  makeDocument();
  const i18n = await english();
  const context = { i18n, terms: new Terms({ i18n, fetch: async () => glossary, onError: (e) => assert.fail(String(e)) }) };
  const { 'Test NLL ↓lower is better': nll, 'Test ELBO ↑higher is better': elbo } = factsIn(factsOf(named('digits'), context, 1e6));
  const { figures } = /** @type {any} */ (named('digits'));
  assert.ok(nll?.startsWith(`${figures.nll.toFixed(2)} nats`), nll ?? '');
  assert.ok(elbo?.startsWith(`${figures.elbo.toFixed(2)} nats`), elbo ?? '');
  const rows = [...factsOf(named('digits'), context, 1e6).children].map((row) => row.children[0]);
  const marks = rows.flatMap((term) => [...term.querySelectorAll('.better')]);
  assert.ok(marks.length >= 6 && marks.every((mark) => mark.getAttribute('aria-hidden') === 'true'));
  const linear = Object.entries(factsIn(factsOf(named('cvae'), context, 1e6))).filter(([, value]) => value === '86.72 %');
  assert.equal(linear.length, 1);
  assert.match(linear[0][0], /^Error of a linear classifier on μ; it is meant to be high/);
  assert.doesNotMatch(linear[0][0], /better/);
  const explained = [...factsOf(named('digits'), context, 1e6).querySelectorAll('.term-open')].map((b) => b.getAttribute('aria-label'));
  for (const term of ['Test NLL', 'Test ELBO', 'Latent dimensions', 'FID, features of our classifier'])
    assert.ok(explained.includes(`What is: ${term}?`), term);
});

test('the table compares all models; how fast one decodes is said when it is known', async () => {
  makeDocument();
  const { table, speed } = tableOf(list, {
    i18n: await english(),
    link: ({ name }) => Object.assign(document.createElement('a'), { textContent: name }),
    bytes: () => 1_500_000,
  });
  const cells = () => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent));
  const heads = [...(table.tHead?.rows[0].cells ?? [])].map((cell) => cell.textContent);
  assert.equal(cells().length, list.length);
  const of = (/** @type {string} */ name) => cells().find((row) => row[0] === name) ?? [];
  const { nll, fid, psnr, linearError } = /** @type {any} */ (named('digits')).figures;
  const shown = [nll.toFixed(2), fid.toFixed(1), `${psnr.toFixed(2)} dB`, `${(100 * linearError).toFixed(2)} %`];
  assert.deepEqual(of('digits').slice(2), ['1,170,264', '1.5 MB', ...shown, '–']);
  assert.deepEqual(of('cvae').slice(4), ['94.71, class given', '44.4', '18.45 dB', '–', '–'], 'its linear error is no failure');
  assert.deepEqual(of('dcgan').slice(4, 6), ['–', '99.9']);
  assert.equal(heads.length, of('digits').length);
  assert.match(heads.at(-1) ?? '', /↓lower is better$/);
  speed('digits', 0.123);
  assert.equal(of('digits').at(-1), '0.12 ms a picture');
});

test('faces are not last', () => {
  const at = list.findIndex((m) => m.name === 'faces');
  assert.ok(at >= 0 && at < 3, `${at}`);
});
