import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImports } from './imports.js';
import { modules } from './sources.js';

/** Modules of a page that keeps to the rules. */
const sound = {
  'worker.js': "import { run } from './engine/engine.js';",
  'lib/dom.js': '',
  'engine/engine.js': "import { byId } from '../lib/dom.js';\nexport { byId as b } from '../lib/dom.js';",
  'ui/pad.js': "/** @typedef {import('../engine/engine.js').Engine} Engine */",
  'views/one/one.js': "/** @type {import('../../app/context.js').View} */\nimport { two } from './two.js';",
  'views/one/two.js': "import {\n  byId,\n} from '../../lib/dom.js';",
  'views/other/other.js': "// import nothing\nconst s = 'import it';",
  'app/context.js': "/** @typedef {import('../views/one/one.js').One} One */",
  'app/main.js': "import '../lib/dom.js';\nconst later = () => import('../views/one/one.js');",
};

/** @param {Record<string, string>} files */
const check = (files) => checkImports(Object.entries(files).map(([name, text]) => ({ name, text })));

/** @type {[string, Record<string, string>, RegExp][]} */
const violations = [
  [
    'a later folder',
    { 'lib/dom.js': "import { Engine } from '../engine/engine.js';" },
    /lib\/dom.js imports engine\/engine.js, but engine comes after lib/,
  ],
  ['over several lines', { 'lib/dom.js': "import {\n  Engine,\n} from '../engine/engine.js';" }, /engine comes after lib/],
  ['without names', { 'lib/dom.js': "import '../engine/engine.js';" }, /engine comes after lib/],
  ['by re-export', { 'lib/dom.js': "export * from '../engine/engine.js';" }, /engine comes after lib/],
  ['when it is called', { 'ui/pad.js': "const later = () => import('../views/one/one.js');" }, /views comes after ui/],
  ['for a type', { 'ui/pad.js': "/** @param {import('../views/one/one.js').One} one */" }, /views comes after ui/],
  ['another view', { 'views/other/other.js': "import { one } from '../one/one.js';" }, /another view/],
  ["another view's type", { 'views/other/other.js': "/** @type {import('../one/one.js').One} */" }, /another view/],
  ['the code of the types', { 'views/one/one.js': "import * as types from '../../app/context.js';" }, /types only/],
  ['the page from a view', { 'views/one/one.js': "/** @type {import('../../app/main.js').Main} */" }, /app comes after views/],
  ['an entry point', { 'app/main.js': "import '../worker.js';" }, /an entry point/],
  ['a package', { 'lib/dom.js': "import lodash from 'lodash';" }, /not a module of the page/],
  ['what is not there', { 'app/main.js': "/** @type {import('../lib/gone.js').Gone} */" }, /does not exist/],
  ['from an unknown folder', { 'attic/old.js': "import '../lib/dom.js';" }, /no rule names the folder attic/],
];

test('a page that keeps to the rules has no violations', () => {
  assert.deepEqual(check(sound), []);
});

for (const [what, planted, expected] of violations) {
  test(`found: an import of ${what}`, () => {
    const found = check({ ...sound, ...planted });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0], expected);
  });
}

test('the modules of the page keep to the rules', () => {
  const files = modules();
  assert.ok(files.length > 80, `only ${files.length} modules were found`);
  assert.deepEqual(checkImports(files), []);
});
