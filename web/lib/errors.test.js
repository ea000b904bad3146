import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, find, makeDocument } from '../test/dom.js';
import { ErrorArea, InkdriftError } from './errors.js';

const html = `<div id="errors" hidden></div><p id="storage-note" hidden></p><main><button id="cause">Import</button></main>`;

async function setUp() {
  const window = makeDocument({ html });
  const i18n = await english();
  const errors = new ErrorArea(find('errors'), find('storage-note'), i18n);
  const sentences = () => [...find('errors').querySelectorAll('.error p:first-child')].map((p) => p.textContent);
  const say = (/** @type {string} */ code, /** @type {(() => void) | undefined} */ retry = undefined) =>
    errors.show(new InkdriftError(code, ''), retry);
  return { window, errors, sentences, say, i18n, line: find('storage-note') };
}

test('refused storage is one quiet line, whatever was refused, and goes when it works again', async () => {
  const { errors, sentences, say, i18n, line } = await setUp();
  assert.equal(line.hidden, true);
  for (const code of ['storage', 'storage-memory', 'storage-failed']) say(code);
  assert.deepEqual(sentences(), []);
  assert.equal(find('errors').hidden, true);
  assert.equal(line.hidden, false);
  assert.equal(line.textContent, i18n.t('error.storage-memory'), 'the gravest');
  errors.clear('storage-memory');
  assert.equal(line.textContent, i18n.t('error.storage-failed'));
  errors.clear('storage-failed');
  errors.clear('storage');
  assert.equal(line.hidden, true);
});

test('who comes to an error by keyboard is back where they were when it is dismissed or tried again', async () => {
  const { say } = await setUp();
  let again = 0;
  for (const place of [0, 1]) {
    say('fetch-failed', () => again++);
    find('cause').focus();
    const buttons = find('errors').querySelectorAll('button');
    for (const button of [...buttons].slice(0, place + 1)) button.focus();
    buttons[place].click();
    assert.equal(document.activeElement?.id, 'cause');
  }
  assert.equal(again, 1);
});

test('before there are words buttons have English ones', async () => {
  const { I18n } = await import('./i18n.js');
  makeDocument({ html });
  const errors = new ErrorArea(find('errors'), find('storage-note'), new I18n(() => new Promise(() => {})));
  errors.show(new InkdriftError('fetch-failed', ''), () => {});
  assert.deepEqual(
    [...find('errors').querySelectorAll('button')].map((b) => b.textContent),
    ['Try again', 'Dismiss'],
  );
});

test('offline a part that does not come blames the network', async (t) => {
  const { sentences, say, i18n } = await setUp();
  t.mock.getter(navigator, 'onLine', () => false);
  say('fetch-failed');
  say('bad-picture');
  assert.deepEqual(sentences(), [i18n.t('error.offline'), i18n.t('error.bad-picture')]);
});

test('an error goes with its view, unless its cause is elsewhere or trying again helps', async () => {
  const { errors, sentences, say, i18n } = await setUp();
  say('bad-picture');
  say('disk-full');
  errors.leave();
  assert.deepEqual(sentences(), [i18n.t('error.disk-full')]);
  errors.clear('disk-full');
  say('fetch-failed', () => {});
  errors.leave();
  assert.deepEqual(sentences(), [i18n.t('error.fetch-failed')]);
});

test('an error stands beside what caused it, and at the top where that is not seen', async () => {
  const { errors } = await setUp();
  const area = find('errors');
  const cause = find('cause');
  const home = area.previousSibling;
  errors.show(new InkdriftError('bad-run', ''), undefined, cause);
  assert.equal(cause.nextElementSibling, area);
  errors.show(new InkdriftError('bad-picture', ''));
  assert.equal(home?.nextSibling, area, 'the newest says where');
  errors.show(new InkdriftError('bad-run', ''), undefined, cause);
  errors.leave();
  assert.equal(home?.nextSibling, area, 'the place goes with its view');
  cause.checkVisibility = () => false;
  errors.show(new InkdriftError('bad-run', ''), undefined, cause);
  assert.equal(home?.nextSibling, area);
  cause.remove();
  errors.show(new InkdriftError('bad-run', ''), undefined, cause);
  assert.equal(home?.nextSibling, area);
});

test('the file or setting is named to everybody, the detail in English is folded', async () => {
  const { errors, i18n } = await setUp();
  await i18n.use('zh');
  errors.show(new InkdriftError('torn-file', 'ends after 90 bytes', 'digits.zip'));
  const item = /** @type {HTMLElement} */ (find('errors').querySelector('.error'));
  const detail = /** @type {HTMLDetailsElement} */ (item.querySelector('details'));
  assert.equal(detail.open, false);
  assert.match(detail.textContent ?? '', /ends after 90 bytes/);
  detail.remove();
  assert.match(item.textContent ?? '', /digits\.zip/);
  assert.doesNotMatch(item.textContent?.replace('digits.zip', '') ?? '', /[a-z]{4}/, 'no English is left');
  errors.show(new InkdriftError('bad-value', 'not an object', 'config'));
  assert.equal(find('errors').querySelectorAll('.about-field').length, 1, 'an argument of the engine says nothing to a person');
});

test('nothing moves while a pointer is down: errors wait', async () => {
  const { window, sentences, say } = await setUp();
  window.dispatchEvent(new window.Event('pointerdown'));
  say('drawing-full');
  assert.deepEqual(sentences(), []);
  window.dispatchEvent(new window.Event('pointerup'));
  assert.equal(sentences().length, 1);
});

test('an error of the same code takes the place of the last, and few are shown at once', async () => {
  const { sentences, say } = await setUp();
  for (const code of ['bad-picture', 'bad-picture', 'file-unknown', 'bad-model']) say(code);
  assert.equal(sentences().length, 2);
});
