/** docs/scripting.md names what there is: functions, settings, test ids, addresses. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeAPI } from '../app/api.js';
import { fields } from '../generated/catalog.js';
import { modules, read } from './sources.js';

const page = readFileSync(new URL('../../docs/scripting.md', import.meta.url), 'utf8');

/**
 * The rows of the first table under a heading, without its head.
 *
 * @param {string} heading
 * @returns {string[][]} the cells of each row
 */
function table(heading) {
  const after = page.slice(page.indexOf(`\n${heading}\n`) + heading.length + 2);
  const lines = after.slice(after.indexOf('\n| ')).trimStart().split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  const rows = lines.slice(2, end < 0 ? undefined : end);
  assert.ok(rows.length > 0, `no table under ${heading}`);
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The texts in backticks. @param {string} text */
const codes = (text) => [...text.matchAll(/`([^`]+)`/g)].map((m) => m[1]);

test('every function is documented, and no other', () => {
  const api = makeAPI(/** @type {any} */ ({ ready: Promise.resolve(), events: { on() {} } }));
  const there = Object.keys(api)
    .flatMap((name) => (name === 'train' || name === 'map' ? Object.keys(api[name]).map((n) => `${name}.${n}`) : name))
    .sort();
  const named = table('## Functions').flatMap(([call]) => codes(call).map((c) => (c.match(/inkdrift\.([\w.]+)/) ?? [])[1]));
  assert.deepEqual([...new Set(named)].sort(), there);
});

test('every setting of training is documented, and no other', () => {
  const named = table('### Settings of training').flatMap(([, list]) => codes(list));
  assert.deepEqual(named.sort(), [...Object.keys(fields), 'preset'].sort());
});

test('settings that change a run in progress are told apart', () => {
  const sentence = page.match(/^(.*) change a run in progress/m)?.[1] ?? '';
  const live = Object.entries(fields).flatMap(([name, { when }]) => (when === 'live' ? [name] : []));
  assert.deepEqual(codes(sentence).sort(), live.sort());
});

test('every test id that is documented is in the page', () => {
  const text =
    read('index.html') +
    modules()
      .map((m) => m.text)
      .join('\n');
  for (const [, list] of table('## Test ids')) {
    for (const id of codes(list)) {
      // Some are made with a name: of a model, or of a pad.
      const made = [id, id.replace(/-(?:NAME|a|b)$/, '-\\$\\{[\\w.]+\\}')].join('|');
      assert.match(text, new RegExp(`data-testid="(?:${made})"|'(?:${made})'|\`(?:${made})\``), id);
    }
  }
});
