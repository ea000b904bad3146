/**
 * The buttons that save a model for other programs. What they do, and their words,
 * is loaded when one is pressed.
 */
import { answer } from './answer.js';
import { download, make } from '../lib/dom.js';
import { fileName } from '../lib/file-name.js';
import { loadModule } from '../lib/load-module.js';
import { cacheOffline } from '../engine/offline.js';

/** @typedef {import('../engine/export-model.js').Format} Format */

/** The formats, their names, which are the same in every language, and what is said when one was saved. @type {[Format, string, string][]} */
const formats = [
  ['onnx', 'ONNX', 'export.saved-onnx'],
  ['pytorch', 'PyTorch', 'export.saved-pytorch'],
];

/**
 * Buttons for each format, to stand in a group that says that a model is exported.
 *
 * @param {object} from
 * @param {import('../lib/i18n.js').I18n} from.i18n
 * @param {Record<Format, string>} from.ids for tests
 * @param {() => Promise<() => import('../engine/engine.js').Engine>} from.engines brings in what makes an engine that trains
 * @param {() => Promise<import('../engine/export-model.js').GivenModel>} from.model
 * @param {(error: unknown, cause: Element) => void} from.fail
 */
export function exportButtons({ i18n, ids, engines, model, fail }) {
  return formats.map(([format, label, said]) => {
    const button = make('button', { type: 'button', textContent: label });
    button.dataset.testid = ids[format];
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-busy')) return;
      button.setAttribute('aria-busy', 'true');
      save(format, said)
        .then((sentence) => answer(button, sentence))
        .catch((e) => fail(e, button))
        .finally(() => button.removeAttribute('aria-busy'));
    });
    return button;
  });

  /** @param {Format} format @param {string} said */
  async function save(format, said) {
    const [{ exportModel }, makeEngine, given] = await Promise.all([
      loadModule(() => import('../engine/export-model.js'), 'export-model.js'),
      engines(),
      model(),
      i18n.add('export'),
    ]);
    void cacheOffline('engine/export-model.js');
    const { name, bytes, files } = await exportModel(makeEngine, format, { ...given, name: fileName(given.name) });
    download(bytes, 'application/zip', name);
    return i18n.t(said, { name, files: files.join(', ') });
  }
}
