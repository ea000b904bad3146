/** The glossary, and docs/glossary.md made of it. Run by itself it writes that file. */
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { read } from './sources.js';

/** @type {import('../ui/term.js').Glossary} */
export const glossary = JSON.parse(read('glossary.json'));

const cell = (/** @type {string} */ s) => s.replaceAll('|', '\\|');

/** What docs/glossary.md says. */
export function glossaryDocument() {
  const { terms, references } = glossary;
  const rows = terms.map(({ en, zh, reference }) => {
    const { title, url } = references[reference];
    return `| **${cell(en.term)}** | ${cell(en.about)} | **${cell(zh.term)}** | ${cell(zh.about)} | [${cell(title)}](${url}) |`;
  });
  return [
    '# Glossary',
    '',
    'The terms of the page in English and Chinese, each with one sentence and a reference. The page shows the same sentences behind each *?*.',
    'Generated from `web/glossary.json` by `node web/test/glossary.js`; do not edit.',
    '',
    '| term | in one sentence | 术语 | 一句话 | reference |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../../docs/glossary.md', import.meta.url), glossaryDocument());
}
