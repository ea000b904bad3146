/** The page's own files, for tests that look at all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Reads a file of the page. @param {string} path relative to web/ */
export const read = (path) => readFileSync(join(root, path), 'utf8');

/** Files of a folder of the page. @param {string} path relative to web/ */
export const list = (path) => readdirSync(join(root, path));

/**
 * All modules of the page, without tests.
 *
 * @param {string} [folder] relative to web/
 * @returns {{name: string, text: string}[]} name is relative to web/
 */
export function modules(folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return name === 'test' ? [] : modules(name);
    return name.endsWith('.js') && !name.endsWith('.test.js') ? [{ name, text: read(name) }] : [];
  });
}
