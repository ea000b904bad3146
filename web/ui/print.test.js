import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from '../test/dom.js';
import { preparePrint } from './print.js';

test('what is printed of the stage stays in its place, scaled to the sheet, in light colours; afterwards all is as before', () => {
  const window = makeDocument({
    html: '<div id="stage"><div class="side"><div data-slot="padA" style="color: red"><p class="label">in it</p></div></div><p class="label">A</p><button>no</button><section class="map"></section><canvas class="below"></canvas></div>',
  });
  const rects = {
    stage: [100, 50, 1360, 600],
    padA: [120, 60, 300, 300],
    label: [120, 400, 80, 20],
    map: [100, 450, 1360, 100],
    below: [100, 560, 200, 90],
  };
  window.Element.prototype.getBoundingClientRect = function () {
    const [x, y, width, height] = rects[
      /** @type {keyof typeof rects} */ (this.id || this.getAttribute('data-slot') || this.className)
    ] ?? [0, 0, 0, 0];
    return /** @type {any} */ ({ x, y, width, height });
  };
  const stage = /** @type {HTMLElement} */ (document.getElementById('stage'));
  const pad = /** @type {HTMLElement} */ (stage.querySelector('[data-slot]'));
  const root = document.documentElement.dataset;
  root.theme = 'dark';
  preparePrint(stage, () => true);
  window.dispatchEvent(new window.Event('beforeprint'));
  window.dispatchEvent(new window.Event('beforeprint'));
  assert.deepEqual([root.theme, root.inverted], ['light', '']);
  assert.deepEqual([stage.style.width, stage.style.height], ['1360px', '600px']);
  const measures = () => ['--print-zoom', '--print-height'].map((name) => document.documentElement.style.getPropertyValue(name));
  assert.deepEqual(measures(), ['0.5', '300px']);
  assert.deepEqual([pad.style.position, pad.style.left, pad.style.top, pad.style.width], ['absolute', '20px', '10px', '300px']);
  assert.deepEqual(
    [...document.querySelectorAll('[data-fixed]')].map((e) => e.textContent),
    ['in itAno', 'in it', 'A', ''],
  );
  window.dispatchEvent(new window.Event('afterprint'));
  assert.deepEqual([root.theme, root.inverted], ['dark', undefined]);
  assert.equal(pad.style.cssText, 'color: red;');
  assert.equal(stage.style.cssText, '');
  assert.equal(document.querySelectorAll('[data-fixed]').length, 0);
  assert.deepEqual(measures(), ['', '']);

  // What was never painted is left out, and what is below it.
  /** @type {HTMLElement} */ (stage.querySelector('.map')).dataset.blank = '';
  window.dispatchEvent(new window.Event('beforeprint'));
  assert.deepEqual([stage.style.height, ...measures()], ['400px', '0.5', '200px']);
  assert.equal(stage.querySelector('.below')?.hasAttribute('data-fixed'), false);
  assert.equal(pad.hasAttribute('data-fixed'), true);
});
