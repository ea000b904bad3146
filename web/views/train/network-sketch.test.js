import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english, makeDocument } from '../../test/dom.js';
import { preset } from '../../training/settings.js';

test('the sketch has a bar for each layer, with its width', async () => {
  makeDocument();
  const { layersOf, NetworkSketch } = await import('./network-sketch.js');
  const settings = { ...preset('quick', 1), encoder: [300, 100], decoder: [200], latent: 8 };
  assert.deepEqual(
    layersOf(settings).map((l) => l.width),
    [784, 300, 100, 8, 200, 784],
  );
  assert.deepEqual(layersOf(preset('gan', 1)).map((l) => l.part)[0], 'latent', 'a model without an encoder begins in latent space');
  const sketch = new NetworkSketch(await english());
  sketch.show(settings);
  assert.equal(sketch.element.querySelectorAll('rect').length, 6);
  assert.match(sketch.element.getAttribute('aria-label') ?? '', /784 → 300 → 100 → 8 → 200 → 784/);
});
