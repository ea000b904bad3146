/**
 * The buttons that save the model that is shown, as it is or for other programs.
 */
import { fetchBytes } from '../../engine/assets.js';
import { download, make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { answer } from '../../ui/answer.js';
import { fileName } from '../../lib/file-name.js';
import { exportButtons } from '../../ui/export-buttons.js';

/**
 * A row of them with a name before it. It is hidden at first.
 *
 * @param {import('../../app/context.js').AppContext} context
 * @param {import('../../engine/assets.js').Assets} assets
 * @param {import('./gallery-model.js').GalleryModel} model
 */
export function exportRow(context, assets, model) {
  const { i18n, fail } = context;
  const words = make('span', { id: 'gallery-exports' });
  i18n.text(words, 'train.export');
  const chosen = () => {
    const { entry, bytes } = model;
    if (!entry || !bytes) throw new InkdriftError('no-model', 'it has not arrived');
    return { entry, bytes };
  };
  const save = make('button', { type: 'button', textContent: 'safetensors' });
  save.dataset.testid = 'gallery-export-safetensors';
  save.addEventListener('click', () => {
    const { entry, bytes } = chosen();
    const name = `${fileName(entry.name)}.safetensors`;
    download(bytes, 'application/octet-stream', name);
    answer(save, i18n.t('answer.saved', { name }));
  });
  const others = exportButtons({
    i18n,
    ids: { onnx: 'gallery-export-onnx', pytorch: 'gallery-export-pytorch' },
    engines: async () => (await context.training()).makeEngine,
    model: async () => {
      const { entry, bytes } = chosen();
      return { name: entry.name, bytes, card: await cardOf(assets, entry) };
    },
    fail: (e, cause) => fail(e, undefined, cause),
  });
  const row = make('div', { className: 'exports', hidden: true }, words, save, ...others);
  row.setAttribute('role', 'group');
  row.setAttribute('aria-labelledby', words.id);
  return row;
}

/**
 * What is written about a model that came with the page.
 *
 * @param {import('../../engine/assets.js').Assets} assets
 * @param {import('./gallery-model.js').Listed} entry
 */
async function cardOf(assets, entry) {
  const path = `models/${entry.name}.md`;
  if (entry.bytes || !assets.has(path)) return '';
  return new TextDecoder().decode(await fetchBytes(assets.url(path), () => {}, 'fetch-failed'));
}
