/**
 * A reporter for Node's test runner that writes one JSON object a line for
 * tools/testrun: the result of every test that has no tests inside, and what
 * tests print.
 *
 *   {"kind": "pass" | "fail" | "skip", "name", "file", "ms", "reason"?, "error"?}
 *   {"kind": "empty", "file"}       a file that holds no test
 *   {"kind": "output", "file", "text"}
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

/** @param {AsyncIterable<{type: string, data: any}>} source */
export default async function* report(source) {
  /** Tests that have begun and not ended, outermost first, by file. */
  /** @type {Map<string, {name: string, inside: number}[]>} */
  const begun = new Map();
  /** Files of which a test has ended. @type {Set<string>} */
  const ended = new Set();
  const line = (/** @type {object} */ object) => `${JSON.stringify(object)}\n`;

  for await (const { type, data } of source) {
    const file = pathOf(data.file);
    switch (type) {
      case 'test:start': {
        const stack = begun.get(file) ?? [];
        begun.set(file, stack);
        stack.length = data.nesting;
        if (data.nesting > 0 && stack[data.nesting - 1]) stack[data.nesting - 1].inside++;
        stack[data.nesting] = { name: data.name, inside: 0 };
        break;
      }
      case 'test:pass':
      case 'test:fail': {
        const stack = begun.get(file)?.slice(0, data.nesting + 1) ?? [];
        const inside = stack.at(-1)?.inside ?? 0;
        const error = data.details?.error;
        const name = stack.map((t) => t?.name).join(' > ');
        const ms = Math.round(data.details?.duration_ms ?? 0);
        if (data.nesting === 0 && isFile(data.name)) {
          // Node counts a file that fails before its first test, or has none, as a test.
          // Those of group.mjs come behind the tests of the file.
          const itself = pathOf(data.name);
          if (type === 'test:fail') yield line({ kind: 'fail', name: 'the file itself', file: itself, ms, error: textOf(error) });
          else if (!ended.has(itself)) yield line({ kind: 'empty', file: itself });
          break;
        }
        ended.add(file);
        if (data.skip !== undefined || data.todo !== undefined) {
          const [word, why] = data.skip !== undefined ? ['', data.skip] : ['to do', data.todo];
          if (inside === 0) yield line({ kind: 'skip', name, file, ms, reason: typeof why === 'string' && why ? why : word });
        } else if (type === 'test:fail') {
          if (inside === 0 || error?.failureType !== 'subtestsFailed') yield line({ kind: 'fail', name, file, ms, error: textOf(error) });
        } else if (inside === 0 && data.details?.type !== 'suite') {
          yield line({ kind: 'pass', name, file, ms });
        }
        break;
      }
      case 'test:stdout':
      case 'test:stderr':
        yield line({ kind: 'output', file, text: data.message });
        break;
    }
  }
}

/** @param {string | undefined} file a path or a file: address */
function pathOf(file) {
  if (!file) return '';
  return relative(process.cwd(), file.startsWith('file:') ? fileURLToPath(file) : file);
}

/** @param {string} name of a test */
function isFile(name) {
  return /\.m?js$/.test(name) && existsSync(name);
}

/** @param {any} error what a test threw, in Node's wrapping */
function textOf(error) {
  const cause = error?.cause ?? error;
  if (cause instanceof Error) return cause.stack ?? String(cause);
  return typeof cause === 'string' ? cause : inspect(cause);
}
