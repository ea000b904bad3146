/**
 * An engine beside that of the studio, for a second model. Whoever starts one stops it.
 */
import { Engine, engineURL, startWorker, studioProgram } from './engine.js';

/**
 * @param {() => Promise<import('./assets.js').Assets>} assets
 * @param {(engine: Engine) => Promise<void>} setup called with it before it counts as ready, also when it has died
 * @returns {Promise<Engine>}
 */
export async function startSecond(assets, setup) {
  const list = await assets();
  const kernel = new URL(location.href).searchParams.get('kernel');
  const engine = new Engine({
    program: studioProgram,
    spawn: (again) => startWorker(engineURL(list, studioProgram, kernel, again)),
    setup: () => setup(engine),
  });
  engine.start();
  return engine;
}
