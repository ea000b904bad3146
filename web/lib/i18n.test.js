import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, fill, I18n } from './i18n.js';

test('the first language that we have is chosen', () => {
  assert.equal(choose(['fr-FR', 'zh-Hant-TW', 'en']), 'zh');
  assert.equal(choose(['EN-gb']), 'en');
  assert.equal(choose(['fr', 'de']), 'en');
  assert.equal(choose([]), 'en');
});

test('values are put in, numbers as the language writes them', () => {
  assert.equal(fill('{a} of {b}', { a: 1.256, b: 'x' }, 'en'), '1.26 of x');
  assert.equal(fill('{a}, {b}, {c}', { a: 0.002, b: 0.0155, c: -0.00001 }, 'en'), '0.002, 0.016, -1E-5');
  assert.equal(fill('{missing}', {}, 'en'), '{missing}');
  assert.equal(fill('{a}{a}', { a: '{a}' }, 'en'), '{a}{a}');
});

test('a word depends on whether a value is 1', () => {
  const sentence = '{n} {n|picture|pictures}, step {step}';
  assert.equal(fill(sentence, { n: 1, step: 2 }, 'en'), '1 picture, step 2');
  assert.equal(fill(sentence, { n: 0, step: 2 }, 'en'), '0 pictures, step 2');
  assert.equal(fill(sentence, { n: '1', step: 1 }, 'en'), '1 picture, step 1', 'also of a number that is written already');
  assert.equal(fill(sentence, { n: 2000, step: 1 }, 'en'), '2,000 pictures, step 1');
});

/** An element as i18n sees it. */
class FakeElement {
  textContent = '';
  isConnected = true;
  /** @type {Record<string, string>} */
  attributes = {};

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
}

test('what was said is said again in another language', async () => {
  /** @type {Record<string, Record<string, string>>} */
  const books = { en: { hi: 'Hello {n}' }, zh: { hi: '{n}，您好' } };
  const i18n = new I18n(async (lang) => books[lang]);
  const e = /** @type {any} */ (new FakeElement());
  let n = 1;
  i18n.text(e, 'hi', () => ({ n }));
  i18n.attr(e, 'title', 'hi', { n: 'x' });
  assert.equal(e.textContent, '', 'nothing is said before there are words');
  await i18n.use('en');
  assert.equal(e.textContent, 'Hello 1');
  n = 2;
  let changes = 0;
  i18n.onChange(() => changes++);
  await i18n.use('zh');
  assert.equal(e.textContent, '2，您好');
  assert.equal(e.attributes.title, 'x，您好');
  assert.equal(changes, 1);
  i18n.clear(e);
  assert.equal(e.textContent, '');
  await i18n.use('en');
  assert.equal(e.textContent, '', 'what was cleared is not said again');
  assert.equal(e.attributes.title, 'Hello x');
  i18n.text(e, 'hi', { n: 3 });
  assert.equal(e.textContent, 'Hello 3');
});

test('the language that was asked for last wins, one that fails changes nothing', async () => {
  /** @type {Record<string, (words: any) => void>} */
  const answer = {};
  const i18n = new I18n((lang) => new Promise((resolve) => (answer[lang] = resolve)));
  const first = i18n.use('en');
  const second = i18n.use('zh');
  answer.zh({ hi: '好' });
  await second;
  answer.en({ hi: 'Hi' });
  await first;
  assert.equal(i18n.lang, 'zh');
  assert.equal(i18n.t('hi'), '好');

  const broken = new I18n((lang) => (lang === 'zh' ? Promise.reject(new Error('offline')) : Promise.resolve({ hi: 'Hi' })));
  await broken.use('en');
  await assert.rejects(broken.use('zh'), /offline/);
  assert.equal(broken.t('hi'), 'Hi');
});

test('further sentences come with a part of the page, in each language from then on', async () => {
  let offline = true;
  const i18n = new I18n(async (name) => {
    if (name.startsWith('late.') && offline) throw new Error('offline');
    const [part, lang] = name.includes('.') ? name.split('.') : ['hi', name];
    return { [part]: `${part} in ${lang}` };
  });
  await i18n.use('en');
  const e = /** @type {any} */ (new FakeElement());
  i18n.text(e, 'more');
  assert.equal(e.textContent, '');
  await i18n.add('more');
  assert.equal(e.textContent, 'more in en');
  assert.equal(i18n.t('hi'), 'hi in en');
  await i18n.use('zh');
  assert.equal(e.textContent, 'more in zh');

  await assert.rejects(i18n.add('late'), /offline/);
  await i18n.use('en');
  assert.equal(i18n.t('late'), 'late');
  offline = false;
  await i18n.add('late');
  assert.equal(i18n.t('late'), 'late in en');
});
