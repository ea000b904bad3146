import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, makeDocument } from '../test/dom.js';
import { askAboutModel } from './ask-model.js';

test('a model file that was dropped on a pad is asked about', async () => {
  makeDocument();
  const prototype = /** @type {any} */ (Object.getPrototypeOf(document.createElement('dialog')));
  prototype.showModal = function () {
    this.setAttribute('open', '');
  };
  prototype.close = function (/** @type {string} */ value = '') {
    this.returnValue = value;
    this.dispatchEvent(new Event('close'));
  };
  const i18n = await english();
  for (const [at, wanted] of /** @type {const} */ ([
    [0, 'use'],
    [1, 'show'],
    [2, ''],
  ])) {
    const answer = askAboutModel(i18n, 'mine.safetensors');
    const dialog = /** @type {HTMLElement} */ (document.querySelector('dialog'));
    assert.match(dialog.textContent ?? '', /mine\.safetensors/);
    dialog.querySelectorAll('button')[at].click();
    assert.equal(await answer, wanted);
    assert.equal(document.querySelector('dialog'), null);
  }
});
