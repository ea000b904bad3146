/**
 * Runs test files one after the other in one process, which loads what they share
 * once: a document for tests takes longer to load than most of them to run.
 *
 *   node --test-reporter=./tools/testrun/reporter.mjs tools/testrun/group.mjs FILE...
 *
 * After the tests of a file comes one named as the file, as Node has it for files
 * without any. It fails if the file cannot be loaded.
 */
import { resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

for (const file of process.argv.slice(2)) {
  const loading = import(pathToFileURL(resolve(file)).href);
  await loading.catch(() => {});
  // Tests run in their order: this one waits for those of the file.
  await test(file, () => loading);
}
