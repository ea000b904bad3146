/** docs/lessons.md, made of the lessons and their words. Run by itself it writes that file. */
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { lessons } from '../app/lessons.js';
import { read } from './sources.js';

/** What docs/lessons.md says. */
export function lessonsDocument() {
  /** @type {Record<string, string>[]} */
  const [en, zh] = ['en', 'zh'].map((lang) => JSON.parse(read(`locales/tour.${lang}.json`)));
  const section = (/** @type {typeof lessons[number]} */ { address, question, look, shows }, /** @type {number} */ i) => [
    `## ${i + 1}. ${en[question]}`,
    '',
    `Address: \`${address}\``,
    '',
    `- ${en[look]}`,
    `- ${en[shows]}`,
    '',
    `**${zh[question]}**`,
    '',
    `- ${zh[look]}`,
    `- ${zh[shows]}`,
    '',
  ];
  return [
    '# Lessons',
    '',
    'Six addresses for a class, each with a question, what to look for, and what it shows, in English and Chinese. Put the part from `#` on behind the address of your page. They are at the end',
    'of the tour as well. Generated from `web/app/lessons.js` and `web/locales/` by `node web/test/lessons.js`; do not edit.',
    '',
    ...lessons.flatMap(section),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../../docs/lessons.md', import.meta.url), lessonsDocument());
}
