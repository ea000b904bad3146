/** Which map scripts and tests find. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../lib/emitter.js';
import { makeDocument } from '../test/dom.js';

test('test ids are those of the view that is shown, and of no other map', async () => {
  makeDocument();
  const { CurrentMap } = await import('./current-map.js');
  const current = new CurrentMap(document);
  const [slot, list] = ['div', 'select'].map((tag) => document.body.appendChild(document.createElement(tag)));
  const map = /** @type {any} */ (Object.assign(new Emitter(), { parts: { map: slot, 'map-plane': list } }));
  const found = (/** @type {string} */ id) => [...document.querySelectorAll(`[data-testid="${id}"]`)];
  const own = document.getElementById('map');
  assert.deepEqual(found('map'), [own]);
  current.show(map);
  assert.deepEqual([found('map'), found('map-plane'), found('map-up')], [[slot], [list], []]);
  let looked = 0;
  current.on('place', () => looked++);
  map.emit('place');
  current.show(null);
  current.show(map);
  map.emit('place');
  assert.equal(looked, 2);
  current.show(null);
  assert.deepEqual([found('map'), current.shown], [[own], null]);
  assert.equal(found('map-plane').length, 1);
});
