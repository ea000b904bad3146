/**
 * Gives Node 18, which Debian 12 installs, the globals that browsers and Node from
 * 20 have. Testrun loads it before the tests where Node is that old.
 */
'use strict';

const { webcrypto } = require('node:crypto');
const { File } = require('node:buffer');

globalThis.crypto ??= webcrypto;
globalThis.File ??= File;
Array.prototype.toSorted ??= function (compare) {
  return [...this].sort(compare);
};
Array.prototype.toReversed ??= function () {
  return [...this].reverse();
};
