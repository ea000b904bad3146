/**
 * What the lessons say of the example results that they open with.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { read } from '../test/sources.js';
import { lessons } from './lessons.js';

/** The query of a lesson's address. @param {string} name */
const query = (name) => new URLSearchParams(lessons.find((l) => l.name === name)?.address.split('?')[1]);

/** The example result of an experiment. @param {string} name */
const example = (name) => JSON.parse(read(`examples/${name}.json`)).result;

test('more dimensions: the reconstruction error falls far up to 16, hardly beyond, where the ELBO gets worse', () => {
  assert.equal(query('dimensions').get('e'), 'sweep');
  /** @type {{latent: number, recon: number, elbo: number, done: boolean}[]} */
  const rows = example('sweep').rows;
  assert.ok(rows.every((row) => row.done));
  const [few, , , sixteen, most] = rows;
  assert.deepEqual([few.latent, sixteen.latent, most.latent, rows.length], [2, 16, 32, 5]);
  for (let i = 1; i < rows.length; i++) assert.ok(rows[i].recon < rows[i - 1].recon, `${rows[i].latent} dimensions`);
  assert.ok(few.recon - sixteen.recon > 50 && sixteen.recon - most.recon < 5);
  assert.equal(Math.max(...rows.map((row) => row.elbo)), sixteen.elbo);
});

test('a GAN that collapses covers fewer classes than the VAE; a usual one covers all, as the VAE does, and has the better FID', () => {
  assert.deepEqual([query('gan').get('e'), query('gan').get('gan')], ['versus', 'collapse']);
  const ends = (/** @type {string} */ name) => {
    const { wanted, vae, gan } = example(name);
    return { of: wanted.gan, pictures: wanted.pictures, vae: vae.history.at(-1), gan: gan.history.at(-1) };
  };
  const collapsed = ends('versus-collapse');
  assert.equal(collapsed.of, 'collapse');
  assert.ok(collapsed.gan.collapsed && !collapsed.vae.collapsed);
  assert.ok(collapsed.gan.covered < collapsed.vae.covered);
  const usual = ends('versus');
  assert.deepEqual([usual.of, usual.pictures, usual.vae.covered, usual.gan.covered], ['usual', 60_000, 10, 10]);
  assert.ok(usual.gan.fid < usual.vae.fid);
});
