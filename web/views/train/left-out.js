/**
 * Files that were left out or passed over, in words.
 *
 * @typedef {import('../../generated/protocol.js').LeftOut} LeftOut
 */

/** Why. @type {Record<string, string>} */
const whyWords = {
  'not-picture': 'why.not-picture',
  'no-pixels': 'why.no-pixels',
  truncated: 'why.truncated',
  damaged: 'why.damaged',
  'too-large': 'why.too-large',
  unsupported: 'why.unsupported',
  password: 'why.password',
  format: 'why.format',
  'web-page': 'why.web-page',
  'lfs-pointer': 'why.lfs-pointer',
  empty: 'why.no-pixels',
  'not-data': 'why.not-data',
  'no-class': 'why.no-class',
  duplicate: 'why.duplicate',
  'other-set': 'why.other-set',
  beside: 'why.beside',
  'no-images': 'why.no-images',
  unfit: 'why.unfit',
  nested: 'why.nested',
  unreadable: 'why.unreadable',
  system: 'why.system',
};

/** How many are named. */
const mostNamed = 8;

/**
 * @param {LeftOut[]} list the first of them
 * @param {number} count of all
 * @param {import('../../lib/i18n.js').I18n} i18n
 */
export function leftOutList(list, count, i18n) {
  const named = list.slice(0, mostNamed);
  const words = named.map(({ name, files = 1, why, what = '' }) => {
    const reason = i18n.t(whyWords[why] ?? 'why.damaged', { what });
    return `${files > 1 ? i18n.t('data.and-more', { name, n: files - 1 }) : name} (${reason})`;
  });
  const told = named.reduce((sum, { files = 1 }) => sum + files, 0);
  return words.join(', ') + (count > told ? ', …' : '');
}
