import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catchDownloads, find, makeDocument } from '../test/dom.js';
import { byId, disableAWhile, download, freshSeed, icon, make, namedFile, passFocus, putBeside, readFile } from './dom.js';
import { closeMenus } from './menus.js';

test('an element of the page is found by its id and kind, and one that is missing is a fault that names it', () => {
  makeDocument({ fragment: '<button id="go"></button>' });
  assert.equal(byId('go', HTMLButtonElement), find('go'));
  assert.throws(() => byId('go', HTMLInputElement), { name: 'TypeError', message: 'the page has no HTMLInputElement #go' });
  assert.throws(() => byId('gone', HTMLElement), /#gone/);
});

test('elements are made with their properties and children; icons are hidden from screen readers', () => {
  makeDocument({ fragment: '' });
  const e = make('p', { className: 'small', hidden: true }, 'one ', make('b', {}, 'two'));
  assert.equal(e.outerHTML, '<p class="small" hidden="">one <b>two</b></p>');
  const svg = icon('play');
  assert.deepEqual([svg.getAttribute('aria-hidden'), svg.querySelector('use')?.getAttribute('href')], ['true', '#i-play']);
});

test('an element that goes gives its focus on, and only if it has it', () => {
  makeDocument({ fragment: '<p id="note"><button id="yes"></button></p><button id="other"></button><button id="to"></button>' });
  const [note, to] = [find('note'), find('to')];
  passFocus(note, to);
  assert.equal(document.activeElement, document.body);
  find('other').focus();
  passFocus(note, to);
  assert.equal(document.activeElement?.id, 'other');
  find('yes').focus();
  passFocus(note, null);
  assert.equal(document.activeElement?.id, 'yes');
  passFocus(note, to);
  assert.equal(document.activeElement, to);
});

test('a button that is disabled for a while has its focus again, unless something else has it', () => {
  makeDocument({ fragment: '<button id="go"></button><button id="other"></button>' });
  const go = /** @type {HTMLButtonElement} */ (find('go'));
  disableAWhile(go, true);
  disableAWhile(go, false);
  assert.equal(document.activeElement, document.body, 'it had no focus');
  for (const next of [document.body, find('other')]) {
    go.focus();
    disableAWhile(go, true);
    assert.ok(go.disabled);
    go.blur(); // as browsers do
    next.focus();
    disableAWhile(go, true);
    disableAWhile(go, false);
    assert.ok(!go.disabled);
    assert.equal(document.activeElement?.id, next === document.body ? 'go' : 'other');
  }
});

test('what is put beside a button is below it, above it where there is no room, and within the window', () => {
  makeDocument({ fragment: '' });
  const window = { clientWidth: 400, clientHeight: 300 };
  for (const [name, value] of Object.entries(window)) Object.defineProperty(document.documentElement, name, { value });
  const put = (/** @type {number} */ left, /** @type {number} */ top) => {
    const button = make('button');
    button.getBoundingClientRect = () => /** @type {any} */ ({ left, top, bottom: top + 20 });
    const element = make('div');
    Object.defineProperties(element, { offsetWidth: { value: 100 }, offsetHeight: { value: 50 } });
    putBeside(button, element);
    return [element.style.left, element.style.top];
  };
  assert.deepEqual(put(30, 40), ['30px', '68px']);
  assert.deepEqual(put(30, 250), ['30px', '192px'], 'above');
  assert.deepEqual(put(390, 40), ['292px', '68px'], 'its right edge');
  assert.deepEqual(put(-50, 40), ['8px', '68px']);
});

test('a file is offered under its name and of its type', async (t) => {
  makeDocument({ fragment: '' });
  const files = catchDownloads(t);
  download(Uint8Array.of(1, 2).buffer, 'image/png', 'a.png');
  assert.deepEqual([files[0].name, files[0].blob.type, files[0].blob.size], ['a.png', 'image/png', 2]);
  assert.equal(document.querySelectorAll('a').length, 0);
});

test('a file that cannot be read is an error with a code; folders are a part of names', async () => {
  const file = /** @type {any} */ ({
    arrayBuffer: async () => {
      throw new DOMException('gone', 'NotFoundError');
    },
  });
  await assert.rejects(readFile(file), { code: 'file-unreadable', message: 'gone' });
  assert.equal(namedFile(/** @type {any} */ ({ name: 'a.png', webkitRelativePath: '' })).name, 'a.png');
  assert.equal(namedFile(/** @type {any} */ ({ name: 'a.png', webkitRelativePath: 'cats/a.png' })).name, 'cats/a.png');
});

test('seeds are whole numbers that fit into 31 bits, and not the same again', () => {
  const seeds = Array.from({ length: 50 }, freshSeed);
  for (const seed of seeds) assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31);
  assert.ok(new Set(seeds).size > 45);
});

test('a menu closes when the focus leaves it, and gives it back after Escape', () => {
  makeDocument({ fragment: '<details class="menu"><summary tabindex="0"></summary><input></details><button></button>' });
  closeMenus();
  const [menu, input, button] = ['details', 'input', 'button'].map((s) => /** @type {any} */ (document.querySelector(s)));
  menu.open = true;
  input.focus();
  assert.equal(menu.open, true);
  button.focus();
  assert.equal(menu.open, false);
  menu.open = true;
  input.focus();
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  assert.equal(document.activeElement, menu.querySelector('summary'));
});
