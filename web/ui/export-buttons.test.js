import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { byTest, english, makeDocument, until } from '../test/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { exportButtons } from './export-buttons.js';

beforeEach(() => makeDocument());

/** An engine that exports, and what it was asked. @param {InkdriftError} [error] */
function makeEngines(error) {
  /** @type {any[]} */
  const asked = [];
  const engine = {
    start: () => asked.push('start'),
    stop: () => asked.push('stop'),
    async request(/** @type {string} */ type, /** @type {object} */ fields, /** @type {ArrayBuffer[]} */ bufs) {
      asked.push({ type, ...fields, bufs: bufs.map((b) => new TextDecoder().decode(b)) });
      if (error) throw error;
      return { head: { files: ['encoder.onnx', 'decoder.onnx'] }, bufs: [new ArrayBuffer(4)] };
    },
  };
  return { asked, engines: async () => () => /** @type {any} */ (engine) };
}

/** Puts the buttons on a page. @param {ReturnType<typeof makeEngines>['engines']} engines */
async function setUp(engines) {
  const i18n = await english();
  /** @type {{download: string, href: string}[]} */
  const saved = [];
  /** @type {any[]} */
  const failed = [];
  const bytes = /** @type {ArrayBuffer} */ (new TextEncoder().encode('weights').buffer);
  const buttons = exportButtons({
    ...{ i18n, engines, ids: { onnx: 'export-onnx', pytorch: 'export-pytorch' } },
    model: async () => ({ name: 'my / model', bytes, card: 'what it is' }),
    fail: (e, cause) => failed.push([e, cause]),
  });
  document.body.append(...buttons);
  document.body.addEventListener('click', (e) => {
    if (e.target instanceof HTMLAnchorElement) saved.push({ download: e.target.download, href: e.target.href });
  });
  return { buttons, saved, failed };
}

test('a press saves an archive of the model and says what is in it', async () => {
  const { asked, engines } = makeEngines();
  const { buttons, saved, failed } = await setUp(engines);
  for (const [i, format] of ['onnx', 'pytorch'].entries()) {
    const button = byTest(`export-${format}`);
    assert.equal(button, buttons[i]);
    button.click();
    button.click(); // once is enough
    assert.equal(button.getAttribute('aria-busy'), 'true');
    await until(() => button.nextElementSibling?.textContent?.includes('decoder.onnx') ?? false);
    assert.match(button.nextElementSibling?.textContent ?? '', new RegExp(`^Saved as my-model-${format}\\.zip,`));
    assert.equal(button.getAttribute('aria-busy'), null);
    assert.deepEqual(asked.splice(0), ['start', { type: 'export', format, name: 'my-model', bufs: ['weights', 'what it is'] }, 'stop']);
    assert.equal(
      saved
        .splice(0)
        .map((s) => s.download)
        .join(),
      `my-model-${format}.zip`,
    );
  }
  assert.deepEqual(failed, []);
});

test('what fails is told beside the button, and the engine ends', async () => {
  const { asked, engines } = makeEngines(new InkdriftError('bad-model', 'no layers'));
  const { saved, failed } = await setUp(engines);
  byTest('export-onnx').click();
  await until(() => failed.length > 0);
  assert.equal(failed[0][0].code, 'bad-model');
  assert.equal(failed[0][1], byTest('export-onnx'));
  assert.equal(asked.at(-1), 'stop');
  assert.deepEqual(saved, []);
});
