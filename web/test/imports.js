/**
 * The rule for imports between the folders of the page.
 */
import { posix } from 'node:path';

/** The folders, each of which may import from those before it and from itself. What Go writes comes first: it imports nothing. */
export const folders = ['generated', 'lib', 'engine', 'storage', 'ui', 'training', 'views', 'app'];

/** The module of types that views may name in comments, though it is in a later folder. */
export const typesOfViews = 'app/context.js';

/**
 * The imports of modules that are not allowed. Types that comments import
 * count, too.
 *
 * @param {{name: string, text: string}[]} files names are relative to web/
 * @returns {string[]} a sentence for each
 */
export function checkImports(files) {
  const known = new Set(files.map((f) => f.name));
  return files.flatMap(({ name, text }) =>
    importsOf(text).flatMap(({ specifier, inComment }) => {
      if (!specifier.startsWith('.')) return [`${name} imports ${specifier}, which is not a module of the page`];
      const target = posix.normalize(posix.join(posix.dirname(name), specifier));
      const why = !known.has(target) ? 'which does not exist' : forbidden(name, target, inComment);
      return why ? [`${name} imports ${target}, ${why}`] : [];
    }),
  );
}

/**
 * @param {string} from
 * @param {string} to
 * @param {boolean} inComment
 * @returns {string} why it may not be imported; empty: it may
 */
function forbidden(from, to, inComment) {
  const [fromFolder, fromView] = from.split('/');
  const [toFolder, toView] = to.split('/');
  if (!from.includes('/')) return '';
  if (!to.includes('/')) return 'an entry point';
  for (const folder of [fromFolder, toFolder]) if (!folders.includes(folder)) return `but no rule names the folder ${folder}`;
  if (fromFolder === 'views' && to === typesOfViews) return inComment ? '' : 'of which views may name types only';
  if (folders.indexOf(toFolder) > folders.indexOf(fromFolder)) return `but ${toFolder} comes after ${fromFolder}`;
  if (fromFolder === 'views' && toFolder === 'views' && fromView !== toView) return 'another view';
  return '';
}

/**
 * What a module imports: statements, calls of import(), types in comments.
 *
 * @param {string} text
 */
function importsOf(text) {
  const comments = [...text.matchAll(/\/\*[\s\S]*?\*\//g)].map((m) => [m.index, m.index + m[0].length]);
  return [...text.matchAll(/(?:^(?:import|export)\b[^;'"]*?\bfrom\s*|^import\s*|\bimport\(\s*)['"]([^'"]+)['"]/gm)].map((m) => ({
    specifier: m[1],
    inComment: comments.some(([start, end]) => m.index > start && m.index < end),
  }));
}
