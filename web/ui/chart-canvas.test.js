import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDocument } from '../test/dom.js';

test('a chart that is drawn again and again does not have the page laid out each time', async () => {
  makeDocument();
  /** @type {((entries: any[]) => void)[]} */
  const resized = [];
  Object.assign(globalThis, {
    ResizeObserver: class {
      constructor(/** @type {(entries: any[]) => void} */ fn) {
        resized.push(fn);
      }
      observe() {}
    },
  });
  let asked = 0;
  const style = globalThis.getComputedStyle;
  Object.assign(globalThis, {
    getComputedStyle: (/** @type {Element} */ e) => {
      asked++;
      return style(e);
    },
  });
  const { ChartCanvas } = await import('./chart-canvas.js');
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { getContext: () => ({ setTransform() {}, clearRect() {} }) });
  for (const side of ['clientWidth', 'clientHeight'])
    Object.defineProperty(canvas, side, {
      get: () => {
        asked++;
        return 200;
      },
    });
  document.body.append(canvas);
  let drawn = 0;
  class Chart extends ChartCanvas {
    paint() {
      drawn++;
    }
  }
  const chart = new Chart(canvas, () => ({}));
  const frame = () => new Promise((done) => setTimeout(done, 20));
  resized[0]([{ contentRect: { width: 200, height: 100 } }]);
  await frame();
  const once = asked;
  for (let i = 0; i < 5; i++) {
    chart.redraw();
    await frame();
  }
  assert.ok(drawn >= 5, `${drawn} drawings`);
  assert.deepEqual([chart.width, chart.height], [200, 100]);
  assert.equal(asked, once, 'size and letters are asked for when they change');
});
