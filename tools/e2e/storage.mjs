/**
 * Tabs for tests of storage.
 */
/**
 * A tab of the origin without the page, with its modules for storage.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} base address of the page
 * @param {string} [platform] 'database': without files
 * @param {{fault: (what: any) => void, with: any}} [spoiled] what makes its storage fail, run in it first
 */
export async function openTab(context, base, platform = '', spoiled) {
  const page = await context.newPage();
  await page.goto(`${base}LICENSES.txt`);
  if (spoiled) await page.evaluate(spoiled.fault, spoiled.with);
  await page.evaluate(
    async ({ base, platform }) => {
      const load = (/** @type {string} */ name) => import(base + name);
      const [{ openFileStore }, { RunList }, { Checkpoints }] = await Promise.all([
        load('storage/file-store.js'),
        load('training/run-list.js'),
        load('training/checkpoints.js'),
      ]);
      const given = platform === 'database' ? [{ storage: navigator.storage, indexedDB }] : [];
      const files = await openFileStore(...given);
      const file = (/** @type {number} */ step, /** @type {number} */ length) => {
        const words = new Uint32Array(length / 4);
        for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2654435761) + step;
        return words.buffer;
      };
      const isFile = (/** @type {any} */ c) => {
        const words = new Uint32Array(c.file);
        return words.every((w, i) => w === (Math.imul(i + 1, 2654435761) + c.step) >>> 0);
      };
      Object.assign(window, { keep: { files, runs: new RunList(files), Checkpoints, file, isFile } });
    },
    { base, platform },
  );
  return page;
}
