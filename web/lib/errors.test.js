import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, find, makeDocument } from '../test/dom.js';
import { ErrorArea, InkdriftError } from './errors.js';

async function setUp() {
  const window = makeDocument();
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
