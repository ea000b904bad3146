import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curvesCSV } from './curve-csv.js';
import { noCurves } from './run.js';

test('curves are a table with a row for each step, and gaps where nothing was measured', () => {
  const curves = noCurves(['label']);
  curves.train.add([1, 100, 2, 0.5, 0.001, 1, 0, 0.25]);
  curves.train.add([2, 90, NaN, 0.5, 0.001, 1, 1, 0.125]);
  curves.validation.add([2, 95, 3, -98, 0.5]);
  curves.validation.add([3, 94, 3, -97, 0.5]);
  assert.equal(
    curvesCSV(curves),
    `step,recon,kl,gradNorm,learningRate,beta,undone,label,validation recon,validation kl,validation elbo,validation label
1,100,2,0.5,0.001,1,0,0.25,,,,
2,90,,0.5,0.001,1,1,0.125,95,3,-98,0.5
3,,,,,,,,94,3,-97,0.5
`,
  );
});
