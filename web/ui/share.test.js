import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { english, find, makeDocument, settle } from '../test/dom.js';
import { copyText } from './copy.js';
import { makeShareButtons } from './share.js';

const real = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

/** @param {object} value */
const browser = (value) => Object.defineProperty(globalThis, 'navigator', { value, configurable: true });

beforeEach(() => {
  makeDocument();
  const prototype = /** @type {any} */ (Object.getPrototypeOf(document.createElement('dialog')));
  prototype.showModal = function () {
    this.setAttribute('open', '');
  };
  prototype.close = function () {
    this.dispatchEvent(new Event('close'));
  };
});

afterEach(() => {
  if (real) Object.defineProperty(globalThis, 'navigator', real);
});

/** What stands beside a button, once it says something. @param {string} id */
async function answered(id) {
  const place = find(id).nextElementSibling;
  for (let i = 0; i < 100 && !place.textContent; i++) await settle();
  return place.textContent;
}

test('text goes to the clipboard; without one, or where it refuses, it is in a field, selected', async () => {
  const i18n = await english();
  /** @type {string[]} */
  const copied = [];
  browser({ clipboard: { writeText: async (/** @type {string} */ text) => copied.push(text) } });
  assert.equal(await copyText('one', i18n), true);
  assert.deepEqual(copied, ['one']);
  assert.equal(document.querySelector('dialog'), null);

  const refusing = { writeText: async () => assert.fail('not allowed') };
  for (const value of [{}, { clipboard: refusing }]) {
    browser(value);
    const done = copyText('two', i18n);
    await settle();
    const field = /** @type {HTMLTextAreaElement} */ (document.querySelector('dialog textarea'));
    assert.equal(field.value, 'two');
    assert.deepEqual([field.readOnly, field.selectionStart, field.selectionEnd], [true, 0, 3]);
    assert.equal(document.activeElement, field);
    assert.equal(field.closest('label')?.textContent?.startsWith(i18n.t('copy.by-hand')), true);
    /** @type {HTMLElement} */ (document.querySelector('dialog button')).click();
    assert.equal(await done, false);
    assert.equal(document.querySelector('dialog'), null);
  }
});

test('a link is copied, and what it leaves out is said', async () => {
  const i18n = await english();
  /** @type {string[]} */
  const copied = [];
  browser({ clipboard: { writeText: async (/** @type {string} */ text) => copied.push(text) } });
  let remark = '';
  makeShareButtons({ i18n, link: () => ({ address: 'http://host/#studio', remark }), onError: (e) => assert.fail(String(e)) });
  assert.equal(find('share').hidden, true, 'there is no sheet');
  find('copy-link').click();
  assert.equal(await answered('copy-link'), i18n.t('link.copied'));
  remark = 'Without A.';
  find('copy-link').click();
  for (let i = 0; i < 50; i++) await settle();
  assert.equal(await answered('copy-link'), `${i18n.t('link.copied')} Without A.`);
  assert.deepEqual(copied, ['http://host/#studio', 'http://host/#studio']);
});

test('the share sheet is used where there is one; closing it is no fault', async () => {
  const i18n = await english();
  /** @type {any[]} */
  const [shared, errors] = [[], []];
  /** @type {Error | null} */
  let fault = null;
  browser({
    share: async (/** @type {any} */ what) => {
      shared.push(what);
      if (fault) throw fault;
    },
  });
  makeShareButtons({ i18n, link: () => ({ address: 'http://host/', remark: '' }), onError: (e) => errors.push(e) });
  assert.equal(find('share').hidden, false);
  find('share').click();
  await settle();
  assert.deepEqual(shared, [{ title: document.title, url: 'http://host/' }]);
  fault = Object.assign(new Error('closed'), { name: 'AbortError' });
  find('share').click();
  await settle();
  assert.deepEqual(errors, []);
  fault = new Error('no');
  find('share').click();
  await settle();
  assert.deepEqual(errors, [fault]);
});
