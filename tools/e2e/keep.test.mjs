/**
 * What is kept for the next visit, in a real browser: both kinds of storage, a
 * disk that is full, tabs that die in the middle of a write, two tabs at once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crash, elsewhere, launch, newContext, patience, serve, until } from './lib.mjs';
import { failOnce, mostLost } from './operations.mjs';
import { openTab } from './storage.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const unsafe = url.replace('127.0.0.1', elsewhere);

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

for (const platform of ['files', 'database']) {
  const kind = platform === 'files' ? 'opfs' : 'indexeddb';

  test(`${kind}: what is kept is there at the next visit`, async () => {
    const context = await newContext(browser);
    const page = await openTab(context, url, platform);
    assert.equal(await page.evaluate(() => keep.files.kind), kind);
    await page.evaluate(async () => {
      await keep.files.put('a/b', [new Uint8Array([1, 2]), new Uint8Array([3])]);
      await keep.files.put('a/c', [new Uint8Array(100)]);
      await keep.files.put('a/c', [new Uint8Array([9])]);
      await keep.files.put('a/d', [new Uint8Array([9])]);
      await keep.files.remove('a/d');
    });
    await page.close();
    const next = await openTab(context, url, platform);
    const seen = await next.evaluate(async () => ({
      names: await keep.files.list(),
      b: [...((await keep.files.get('a/b')) ?? [])],
      c: [...((await keep.files.get('a/c')) ?? [])],
      d: await keep.files.get('a/d'),
      used: Number((await keep.files.estimate()).quota) > 0,
    }));
    assert.deepEqual(seen, { names: ['a/b', 'a/c'], b: [1, 2, 3], c: [9], d: null, used: true });
    await context.close();
  });

  test(`${kind}: a disk that is really full loses nothing, and what is new is written when there is room`, async () => {
    const context = await newContext(browser);
    const page = await openTab(context, url, platform);
    const session = await context.newCDPSession(page);
    const origin = new URL(url).origin;
    // Two checkpoints of a megabyte fit, and a third one in their place does not.
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 });
    await page.evaluate(async () => {
      window.told = [];
      keep.files.on('warning', (e) => window.told.push(e.code));
      keep.files.on('recovered', () => window.told.push('recovered'));
      window.run = await keep.runs.start({ name: 'r', settings: { seed: 1 } });
      await run.saveCheckpoint({ step: 1, file: keep.file(1, 1 << 20) });
      await run.saveCheckpoint({ step: 2, file: keep.file(2, 1 << 20) });
    });
    const during = await page.evaluate(async () => {
      run.update({ step: 3 });
      const kept = await run.saveCheckpoint({ step: 3, file: keep.file(3, 1 << 20) });
      const other = await keep.files.put('x', [new Uint8Array(1 << 20)]).then(
        () => 'kept',
        (e) => e.code,
      );
      const latest = await new keep.Checkpoints(keep.files, run.id).latest();
      return { kept, other, step: latest?.step, whole: keep.isFile(latest), told: window.told, listed: (await keep.runs.list())[0].step };
    });
    assert.deepEqual(during, { kept: false, other: 'disk-full', step: 3, whole: true, told: ['disk-full'], listed: 3 });
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await until('there is space again', () => page.evaluate(() => run.saveCheckpoint({ step: 4, file: keep.file(4, 1 << 20) })));
    await page.evaluate(() => run.release());
    await until('all is well', () => page.evaluate(() => window.told.join() === 'disk-full,recovered'));
    await page.close();
    const next = await openTab(context, url, platform);
    const found = await next.evaluate(async () => {
      const [s] = await keep.runs.interrupted();
      const run = await keep.runs.acquire(s.id);
      return { step: run.lastCheckpoint?.step, whole: keep.isFile(run.lastCheckpoint), seed: run.settings.seed };
    });
    assert.deepEqual(found, { step: 4, whole: true, seed: 1 });
    await context.close();
  });

  test(`${kind}: a tab that crashes at any moment leaves a whole checkpoint and no lock`, async (t) => {
    const context = await newContext(browser);
    let page = await openTab(context, url, platform);
    const id = await page.evaluate(async () => {
      window.run = await keep.runs.start({ settings: { seed: 1 } });
      run.update({ status: 'running' });
      await run.saveCheckpoint({ step: 1, file: keep.file(1, 1 << 20) });
      return run.id;
    });
    let step = 1;
    let lost = 0;
    for (let round = 0; round < 8; round++) {
      /** @type {number} the last one that was said to be written */
      let kept = step;
      await page.exposeFunction('said', (/** @type {number} */ n) => {
        kept = n;
      });
      await page.evaluate((from) => {
        void (async () => {
          for (let n = from + 1; ; n++) {
            if (await run.saveCheckpoint({ step: n, file: keep.file(n, 1 << 20) })) void said(n);
          }
        })();
      }, step);
      const wanted = step + 1;
      await until('a checkpoint is written', async () => {
        await pause(2);
        return kept >= wanted;
      });
      await pause(8 * round);
      await crash(page);
      page = await openTab(context, url, platform);
      await until('the lock is gone', () => page.evaluate(async () => (await keep.runs.interrupted()).length === 1));
      const found = await page.evaluate(async (id) => {
        await keep.runs.removeLeftovers();
        const [s] = await keep.runs.list();
        window.run = await keep.runs.acquire(id);
        return {
          status: s.status,
          step: run.lastCheckpoint?.step ?? NaN,
          whole: keep.isFile(run.lastCheckpoint),
          names: await keep.files.list('slots/'),
        };
      }, id);
      assert.equal(found.status, 'interrupted');
      assert.equal(found.whole, true, 'the bytes are those that were written');
      assert.ok(found.step >= kept, `step ${found.step}, but ${kept} was written`);
      assert.ok(found.names.length <= 2, `${found.names}`);
      lost += found.step - kept;
      step = found.step;
      await page.evaluate(() => run.update({ status: 'running' }));
    }
    t.diagnostic(`8 crashes, ${step} checkpoints, ${lost} written but not yet told of`);
    await context.close();
  });
}

test('one operation that throws or never ends costs two seconds of training at most', async () => {
  /** @type {[import('./operations.mjs').Platform, import('./operations.mjs').Fault, number][]} */
  const cases = [
    ['files', 'hangs', 1],
    ['files', 'hangs', 12],
    ['files', 'throws', 20],
    ['database', 'hangs', 9],
    ['database', 'throws', 2],
  ];
  await Promise.all(
    cases.map(async ([platform, fault, k]) => {
      const seen = await failOnce(browser, newContext, url, platform, fault, k);
      const what = `${platform}, operation ${k} ${fault}: ${JSON.stringify(seen)}`;
      assert.ok(seen.injected && seen.whole && seen.begunMs < 100, what);
      assert.ok(seen.found >= seen.last - mostLost, what);
      assert.equal(seen.told.filter((code) => code === 'recovered').length, seen.told.filter((code) => code !== 'recovered').length, what);
    }),
  );
});

for (const [name, base] of [
  ['where there are locks', url],
  ['where the connection is not safe, and there are none', unsafe],
]) {
  test(`two tabs do not write the same run, ${name}`, async () => {
    const context = await newContext(browser);
    const one = await openTab(context, base);
    const two = await openTab(context, base);
    const safe = base === url;
    assert.deepEqual(await one.evaluate(() => [isSecureContext, keep.files.kind]), safe ? [true, 'opfs'] : [false, 'indexeddb']);
    await two.evaluate(() => {
      window.changes = 0;
      keep.runs.on('change', () => window.changes++);
    });
    const id = await one.evaluate(async () => {
      window.run = await keep.runs.start({ name: 'one', settings: {} });
      run.update({ status: 'running' });
      await run.saveCheckpoint({ step: 5, file: keep.file(5, 1 << 16) });
      return run.id;
    });
    await until('the other tab hears of it', () => two.evaluate(() => window.changes > 0));
    const there = await two.evaluate(async (id) => {
      const [s] = await keep.runs.list();
      const refused = async (/** @type {Promise<any>} */ p) =>
        p.then(
          () => 'allowed',
          (e) => e.code,
        );
      await keep.runs.rename(id, 'renamed');
      return [
        s.where,
        s.status,
        await refused(keep.runs.acquire(id)),
        await refused(keep.runs.remove(id)),
        (await keep.runs.interrupted()).length,
      ];
    }, id);
    assert.deepEqual(there, ['elsewhere', 'running', 'run-elsewhere', 'run-elsewhere', 0]);
    await one.evaluate(() => run.saveCheckpoint({ step: 6, file: keep.file(6, 1 << 16) }));
    assert.deepEqual(await one.evaluate(async () => (await keep.runs.list()).map((s) => [s.name, s.where])), [['renamed', 'here']]);
    await crash(one);
    await until('it is free', () => two.evaluate(async () => (await keep.runs.interrupted()).length === 1));
    const taken = await two.evaluate(async (id) => {
      const run = await keep.runs.acquire(id);
      return [
        run.name,
        run.lastCheckpoint?.step,
        keep.isFile(run.lastCheckpoint),
        await run.saveCheckpoint({ step: 7, file: keep.file(7, 1 << 16) }),
      ];
    }, id);
    assert.deepEqual(taken, ['renamed', 6, true, true]);
    await context.close();
  });
}

test('training that a crash ended goes on in another tab and gives the same model, bit for bit', async () => {
  const context = await newContext(browser);
  const steps = 60;
  /** A tab that can train: two workers, small batches of made-up digits, dynamic binarisation. */
  const trainer = async () => {
    const page = await openTab(context, url);
    await page.evaluate(async (base) => {
      const load = (/** @type {string} */ name) => import(base + name);
      const [{ WorkerPool }, { fetchAssets }, { engineURL, trainerProgram }, { readHeader }] = await Promise.all([
        load('training/worker-pool.js'),
        load('engine/assets.js'),
        load('engine/engine.js'),
        load('lib/safetensors.js'),
      ]);
      const assets = await fetchAssets(base);
      const group = new WorkerPool({ spawn: () => new Worker(engineURL(assets, trainerProgram)), times: { checkpoint: 300 } });
      const what = {
        recipe: {
          model: {
            family: 'dense',
            input: [1, 28, 28],
            encoder: [32],
            decoder: [32],
            latent: 4,
            activation: 'relu',
            likelihood: 'bernoulli',
          },
          train: { epochs: 50, batch: 20, learning_rate: 1e-3, beta: 1, binarize: 'dynamic', seed: 3 },
        },
        data: { kind: 'digits', first: 0, count: 200, seed: 1 },
        validation: { kind: 'digits', first: 200, count: 50, seed: 1 },
      };
      // Of the tensors: the free text before them tells of the run.
      const hash = async (/** @type {ArrayBuffer} */ b) => {
        const digest = await crypto.subtle.digest('SHA-256', readHeader(new Uint8Array(b)).body);
        return Array.from(new Uint8Array(digest).subarray(0, 8)).join();
      };
      const train = async (/** @type {number} */ n) => {
        const stopped = new Promise((done) => {
          const off = group.on('state', (/** @type {string} */ state) => {
            if (state === 'running') return;
            off();
            done(state);
          });
        });
        await group.run(n);
        return stopped;
      };
      Object.assign(window, { group, what, hash, train });
    }, url);
    return page;
  };
  const whole = await trainer();
  const expected = await whole.evaluate(async (steps) => {
    await group.open({ ...what, workers: 2 });
    await train(steps);
    return hash(await group.model());
  }, steps);
  await whole.close();

  const first = await trainer();
  await first.evaluate(async () => {
    window.run = await keep.runs.start({ name: 'r', settings: what });
    run.update({ status: 'running' });
    await group.open({ ...run.settings, workers: 2 });
    await train(17);
    await run.saveCheckpoint(await group.checkpoint());
    await train(10); // these are lost
  });
  await crash(first);

  const second = await trainer();
  await until('the lock is gone', () => second.evaluate(async () => (await keep.runs.interrupted()).length === 1));
  const found = await second.evaluate(async (steps) => {
    const [s] = await keep.runs.interrupted();
    const run = await keep.runs.acquire(s.id);
    const { data, validation } = run.settings;
    const info = await group.open({ data, validation, workers: 2, checkpoint: run.lastCheckpoint?.file });
    await train(steps - info.step);
    const weights = await group.model();
    await run.finish({ status: 'done', weights });
    const kept = await keep.runs.model(s.id);
    const { bytes } = await keep.runs.export(s.id);
    const other = await keep.runs.import(bytes);
    return { step: info.step, hash: await hash(weights), kept: kept && (await hash(kept)), exported: (await keep.runs.read(other)).name };
  }, steps);
  assert.deepEqual(found, { step: 17, hash: expected, kept: expected, exported: 'r' });
  await context.close();
});

test('without any storage the tab works, and says that nothing outlives it', async () => {
  const context = await newContext(browser);
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'storage', { value: undefined });
    Object.defineProperty(window, 'indexedDB', {
      get: () => {
        throw new DOMException('forbidden', 'SecurityError');
      },
    });
  });
  const page = await openTab(context, url);
  const seen = await page.evaluate(async () => {
    const run = await keep.runs.start({ name: 'r' });
    await run.saveCheckpoint({ step: 1, file: keep.file(1, 4096) });
    const [s] = await keep.runs.list();
    return [keep.files.kind, keep.files.warning?.code, s.name, s.saved, await keep.files.persist()];
  });
  assert.deepEqual(seen, ['memory', 'storage-memory', 'r', false, false]);
  await context.close();
});

test('the list of data sets beside the page is there, whatever is in it', { timeout: patience }, async () => {
  const context = await newContext(browser);
  const page = await openTab(context, url);
  /** @type {string[]} */
  const wrong = [];
  page.on('console', (m) => m.type() === 'error' && wrong.push(m.text()));
  const sets = await page.evaluate(async (base) => (await import(`${base}training/own-data.js`)).findServed(base), url);
  assert.ok(Array.isArray(sets));
  for (const s of sets) for (const f of s.files) assert.equal((await page.request.head(`${url}data/${f.path}`)).status(), 200, f.path);
  assert.deepEqual(wrong, []);
  await context.close();
});
