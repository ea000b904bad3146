import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../test/sources.js';
import { decodeNibbles, decodePoints, encodeNibbles, encodePoints } from '../lib/compact.js';
import { exampleFile, readExample } from './example-run.js';
import { previewCounts } from './model-poller.js';

test('the example that is shipped is a finished run of the first preset, in at most 60 kB', () => {
  const text = read(exampleFile);
  assert.ok(text.length <= 60_000, `${text.length} bytes`);
  const { about, settings, preview, detail, curves } = readExample(JSON.parse(text));
  assert.equal(settings.preset, about.preset);
  assert.equal(preview.originals.length, previewCounts.recon * 784);
  assert.equal(preview.recon.length, preview.originals.length);
  assert.equal(preview.samples.length, previewCounts.samples * 784);
  assert.equal(preview.scatter.length, 2 * preview.labels.length);
  assert.equal(detail.klPerDim.length, settings.latent);
  const at = (/** @type {string} */ name) => curves.validation.column(name)[curves.validation.length - 1];
  assert.equal(at('step'), about.step);
  assert.ok(at('elbo') > -115 && at('elbo') < -90, `${at('elbo')}`);
  assert.ok(Math.abs(at('elbo') + at('recon') + at('kl')) < 0.5);
});

test('pixels and points survive in few characters', () => {
  const pixels = Float32Array.from({ length: 64 }, (_, i) => i / 63);
  decodeNibbles(encodeNibbles(pixels)).forEach((v, i) => assert.ok(Math.abs(v - pixels[i]) <= 1 / 30 + 1e-6));
  const points = Float32Array.from([-9, -6, -0.5, 0, 1.25, 6, NaN]);
  decodePoints(encodePoints(points)).forEach((v, i) => {
    const wanted = Math.min(Math.max(points[i] || 0, -6), 6);
    assert.ok(Math.abs(v - wanted) < 0.03, `${v} for ${points[i]}`);
  });
  assert.equal(decodePoints('not base64!').length, 0);
});
