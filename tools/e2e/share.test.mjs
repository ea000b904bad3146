/**
 * What is shown, passed on: links that show it in another profile, the page in
 * frames of other sites, and the morph as larger files and as a video.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import { faults } from './faults.mjs';
import { draw, written } from './hand.mjs';
import {
  clearPads,
  download,
  elsewhere,
  farthest,
  launch,
  newContext,
  screenshot,
  serve,
  settle,
  state,
  testid,
  until,
  untilReady,
  visit,
  watch,
  words,
} from './lib.mjs';
import { pngSize, readGIF } from './pictures.mjs';

/** A site that has the page in a frame. */
const host = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://x');
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><body style="margin: 0">${searchParams.get('html')}
    <script>window.told = []; addEventListener('message', (e) => told.push(e.data));</script>`);
});
await new Promise((done) => host.listen(0, '127.0.0.1', () => done(null)));
after(() => host.close());
const site = `http://127.0.0.1:${/** @type {any} */ (host.address()).port}/`;

const [url, browser] = await Promise.all([serve(), launch()]);
const context = await newContext(browser, { permissions: ['clipboard-read', 'clipboard-write'], viewport: { width: 900, height: 600 } });
const { page, check } = await visit(context, url);

/** A profile of somebody else's, and the page in it. */
const other = await newContext(browser, { viewport: { width: 900, height: 600 } });

/** Random numbers, the same in each run. @param {number} seed */
function random(seed) {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x / 2 ** 32;
  };
}

/** The address of what a page shows. @param {import('playwright-core').Page} page */
const linkOf = (page) => page.evaluate(() => window.inkdrift.link());

/** What has to be the same in another profile. @param {import('playwright-core').Page} page */
async function shown(page) {
  const { a, b, morph, model } = await state(page);
  return { mu: [...a.mu, ...b.mu], labels: [a.label, b.label], t: morph.t, path: morph.path, model };
}

/**
 * @param {Awaited<ReturnType<typeof shown>>} there
 * @param {Awaited<ReturnType<typeof shown>>} here
 */
function same(there, here) {
  assert.deepEqual(there.labels, here.labels);
  assert.ok(farthest(there.mu, here.mu) < 1e-6, `mu is ${farthest(there.mu, here.mu)} off`);
  assert.deepEqual([there.t, there.path, there.model], [here.t, here.path, here.model]);
}

test('a link shows the same in another profile: two digits, model, path, place', async () => {
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8, { between: 12 }));
  await page.locator(testid('path')).selectOption('lerp');
  await page.locator(testid('model')).selectOption('digits-2d');
  await page.waitForFunction(() => window.inkdrift.state().model === 'digits-2d');
  await page.locator(testid('scrub')).fill('0.37');
  await settle(page);
  await page.waitForFunction(() => window.inkdrift.state().a.label === 3 && window.inkdrift.state().b.label === 8);
  await page.waitForFunction(() => window.inkdrift.state().morph.path === 'lerp');

  await page.locator(testid('copy-link')).click();
  await page.locator('.settings .answer', { hasText: words.en['link.copied'] }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, await linkOf(page));
  assert.ok(link.length <= 800, `${link.length} characters`);

  const theirs = await other.newPage();
  await theirs.goto(link);
  await untilReady(theirs);
  await settle(theirs);
  await theirs.waitForFunction(() => window.inkdrift.state().morph.path === 'lerp' && window.inkdrift.state().b.label === 8);
  same(await shown(theirs), await shown(page));
  assert.equal(await linkOf(theirs), link, 'and they pass on the same link');
  assert.equal(await theirs.locator('#kept').isVisible(), false, 'there was nothing to keep');
  assert.equal(await theirs.evaluate(() => localStorage.getItem('inkdrift.pads')), null, 'it is not theirs');
  assert.equal(await theirs.evaluate(() => localStorage.getItem('inkdrift.model')), null);
  await theirs.close();
  check();
});

/**
 * Two digits, or digits with a scribble over them.
 *
 * @param {() => number} next a random number
 * @param {boolean} scribbled
 */
function someDrawings(next, scribbled) {
  const one = () => {
    const strokes = written(Math.floor(10 * next()), { slant: 0.6 * (next() - 0.5), between: 1 + Math.floor(4 * next()) });
    if (scribbled) strokes.push(Array.from({ length: 20 }, () => [0.2 + 0.6 * next(), 0.2 + 0.6 * next()]));
    return strokes;
  };
  return { a: one(), b: one() };
}

/** Draws on the pads as fingers do, at once. @param {ReturnType<typeof someDrawings>} drawings */
const drawAtOnce = (drawings) =>
  page.evaluate((drawings) => {
    for (const [pad, strokes] of Object.entries(drawings)) {
      document.getElementById(`clear-${pad}`)?.click();
      const slot = document.getElementById(`pad-${pad}`) ?? document.body;
      slot.setPointerCapture = () => {}; // there is no finger
      const { left, top, width, height } = slot.getBoundingClientRect();
      const send = (/** @type {string} */ type, /** @type {[number, number]} */ [x, y]) =>
        slot.dispatchEvent(
          new PointerEvent(type, {
            ...{ bubbles: true, cancelable: true, pointerId: 9, pointerType: 'touch' },
            ...{ clientX: left + x * width, clientY: top + y * height },
          }),
        );
      for (const stroke of strokes) {
        send('pointerdown', stroke[0]);
        for (const at of stroke.slice(1)) send('pointermove', at);
        send('pointerup', stroke[stroke.length - 1]);
      }
    }
  }, drawings);

test('fifty drawings, two in a link, give the same labels, mu and place: by mouse, pen and touch, and faster than a hand', async () => {
  const theirs = await other.newPage();
  await theirs.goto(url);
  await untilReady(theirs);
  const next = random(7);
  let longest = 0;
  for (let i = 0; i < 25; i++) {
    const scribbled = i % 5 === 1;
    const drawings = someDrawings(next, scribbled);
    const kind = /** @type {const} */ (['mouse', 'pen', 'touch'])[i];
    if (kind) {
      await clearPads(page);
      for (const pad of /** @type {const} */ (['a', 'b'])) await draw(page, pad, drawings[pad], { kind });
    } else {
      await drawAtOnce(drawings);
    }
    await page.locator(testid('scrub')).fill(String(Math.round(100 * next()) / 100));
    const link = await linkOf(page);
    if (!scribbled) longest = Math.max(longest, link.length);
    await theirs.evaluate((hash) => (location.hash = hash), new URL(link).hash);
    await Promise.all([page, theirs].map(settle));
    const here = await shown(page);
    if (i === 0) {
      // The first link brings the model, too; and labels come with the classifier.
      await theirs.waitForFunction(
        ([model, a, b]) => {
          const state = window.inkdrift.state();
          return state.model === model && state.a.label === a && state.b.label === b;
        },
        [here.model, ...here.labels],
      );
      await settle(theirs);
    }
    same({ ...(await shown(theirs)), path: '' }, { ...here, path: '' });
    assert.equal(await linkOf(theirs), link, `link ${i}`);
  }
  assert.ok(longest <= 800, `${longest} characters`);
  await theirs.close();
  check();
});

test('a link covers drawings, and gives them back', async () => {
  const link = await linkOf(page);
  const theirs = await other.newPage();
  const watcher = watch(theirs);
  await theirs.goto(url);
  await untilReady(theirs);
  await draw(theirs, 'a', written(5));
  await draw(theirs, 'b', written(1));
  await settle(theirs);
  const own = await shown(theirs);
  await until('their drawings are saved', () => theirs.evaluate(() => localStorage.getItem('inkdrift.pads') !== null));

  await theirs.goto('about:blank');
  await theirs.goto(link);
  await untilReady(theirs);
  await settle(theirs);
  same(await shown(theirs), await shown(page));
  await theirs.locator('#kept').waitFor();
  await screenshot(theirs, 'share-kept.png');
  // In small windows the note makes nothing wider, and covers nothing.
  for (const [width, height] of [
    [320, 568],
    [360, 640],
    [844, 390],
    [1024, 640],
    [900, 600],
  ]) {
    await theirs.setViewportSize({ width, height });
    // The stage follows the window in its own time.
    await until(`nothing is wrong at ${width} x ${height}`, async () => (await faults(theirs)).length === 0);
  }
  // Not even when somebody goes on with what came.
  await draw(theirs, 'a', [
    [
      [0.2, 0.9],
      [0.8, 0.9],
    ],
  ]);
  await until('the address is plain', () => theirs.evaluate(() => location.hash === '#studio'));
  await until('what was drawn is saved', () =>
    theirs.evaluate(
      () => (localStorage.getItem('inkdrift.kept') ?? '') !== '' && (localStorage.getItem('inkdrift.pads') ?? '').length > 100,
    ),
  );
  await theirs.reload();
  await untilReady(theirs);
  await theirs.locator('#kept-back').click();
  await settle(theirs);
  assert.ok(farthest((await shown(theirs)).mu, own.mu) < 1e-6);
  // What was drawn since is kept in turn.
  await theirs.locator('#kept-forget').click();
  assert.equal(await theirs.locator('#kept').isVisible(), false);
  await theirs.reload();
  await untilReady(theirs);
  await settle(theirs);
  assert.ok(farthest((await shown(theirs)).mu, own.mu) < 1e-6, 'they are their own again');
  watcher.check();
  await theirs.close();
});

test('an address that is torn or hostile gives a sentence and the usual start', async () => {
  const whole = new URL(await linkOf(page)).hash;
  const theirs = await (await newContext(browser)).newPage();
  const watcher = watch(theirs);
  await theirs.goto(`${url}${whole.slice(0, 60)}`);
  await untilReady(theirs);
  await theirs.locator('#link-wrong').waitFor();
  const { a, b } = await state(theirs);
  assert.deepEqual([a.empty, b.empty], [false, false], 'examples');
  for (const hash of [
    '#studio?a=%00%ff&b=!!',
    '#studio?t=NaN',
    `#studio?a=${'A'.repeat(200_000)}`,
    '#studio?model=nobody',
    `#hand?a=${'AQABUAEAAA'.repeat(400)}`,
  ]) {
    await theirs.evaluate((hash) => (location.hash = hash), hash);
    await theirs.locator('#link-wrong').waitFor();
    await until('it can be drawn on', async () => (await state(theirs)).a.mu.length > 0);
  }
  watcher.check();
  await theirs.context().close();
});

test('in every view there is a link to what it shows', async () => {
  await page.locator('#to-hand').click();
  await page.locator(testid('hand-6')).fill('1.2');
  await page.locator(testid('hand-label')).selectOption('4');
  const hand = await linkOf(page);
  assert.match(hand, /#hand\?a=[\w-]+&is=4&s6=1\.2$/);
  const theirs = await other.newPage();
  await theirs.goto(hand);
  await until('their hand has the style', async () => (await theirs.locator(testid('hand-6')).count()) === 1);
  await theirs.locator(`${testid('hand-verdict')}:not(:empty)`).waitFor();
  assert.equal(await theirs.locator(testid('hand-6')).inputValue(), '1.2');
  await until('their hand has the label', async () => (await theirs.locator(testid('hand-label')).inputValue()) === '4');
  assert.equal(await linkOf(theirs), hand);
  await theirs.close();
  // That of the Train view is in train.test.mjs.
  for (const view of ['lab', 'gallery']) {
    await page.locator(`#to-${view}`).click();
    await until(`${view} is open`, () => page.evaluate((v) => document.documentElement.dataset.opened?.includes(v) ?? false, view));
    await until('the view has an address', async () => page.url().includes(`#${view}`));
    await page.locator(testid('copy-link')).click();
    await until('the link is copied', async () => (await page.evaluate(() => navigator.clipboard.readText())) === page.url());
  }
  await page.locator('#to-studio').click();
  check();
});

test('where there is no clipboard the text is there to be copied', async () => {
  const unsafe = await (await newContext(browser)).newPage();
  const watcher = watch(unsafe);
  await unsafe.goto(url.replace('127.0.0.1', elsewhere));
  await untilReady(unsafe);
  await unsafe.locator(testid('copy-link')).click();
  const field = unsafe.locator(testid('copy-text'));
  await field.waitFor();
  assert.equal(await field.inputValue(), await linkOf(unsafe));
  const selected = await field.evaluate((f) => f instanceof HTMLTextAreaElement && f.value.slice(f.selectionStart, f.selectionEnd));
  assert.equal(selected, await linkOf(unsafe));
  await unsafe.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
  watcher.check();
  await unsafe.context().close();
});

/**
 * Opens a site with the page in a frame.
 *
 * @param {string} html of the frame
 */
async function framed(html) {
  const outer = await (await newContext(browser, { viewport: { width: 480, height: 320 } })).newPage();
  const watcher = watch(outer);
  await outer.goto(`${site}?html=${encodeURIComponent(html)}`);
  await until('the frame says that it is ready', () =>
    outer.evaluate(() => /** @type {any} */ (window).told.some((/** @type {any} */ m) => m.inkdrift === 'ready')),
  );
  /** Calls, and waits for the answer. @param {string} call @param {...unknown} args */
  const ask = (call, ...args) =>
    outer.evaluate(
      ({ call, args }) =>
        new Promise((resolve) => {
          const id = Math.random();
          addEventListener('message', function hear({ data }) {
            if (data?.inkdrift !== 'answer' || data.id !== id) return;
            removeEventListener('message', hear);
            resolve(data);
          });
          frames[0].postMessage({ inkdrift: 'call', id, call, args }, '*');
        }),
      { call, args },
    );
  const inner = outer.frames().find((f) => f.url().includes('?embed=1'));
  assert.ok(inner);
  return { outer, inner, watcher, ask: /** @type {(call: string, ...args: unknown[]) => Promise<any>} */ (ask) };
}

test('the page works in a sandboxed frame of another site, at 480 x 320', async () => {
  const link = await linkOf(page);
  await page.locator(testid('embed-code')).click();
  await page.locator('.picks .answer', { hasText: words.en['embed.copied'] }).waitFor();
  const code = (await page.evaluate(() => navigator.clipboard.readText()))
    .replace(/sandbox="[^"]*"/, 'sandbox="allow-scripts"')
    .replace('?embed=1', `?embed=1&amp;title=${encodeURIComponent('<b>Two')}&amp;note=${'word+'.repeat(100)}`);
  const { outer, inner, watcher, ask } = await framed(code);

  assert.equal(await inner.evaluate(() => window.origin), 'null');
  const { value } = await ask('state');
  const here = await state(page);
  assert.ok(farthest(value.a.mu, here.a.mu) < 1e-6);
  assert.equal(value.morph.t, here.morph.t);
  // Pads, morph, play, words of the teacher, a link: all of it is seen, and nothing else.
  const seen = await inner.evaluate(() => {
    const visible = (/** @type {Element} */ e) => e.checkVisibility();
    return {
      controls: [...document.querySelectorAll('button, select, input, a, summary')].filter(visible).map((e) => e.id),
      head: document.querySelector('.embed-head')?.textContent,
      fits: document.documentElement.scrollWidth <= 480 && document.documentElement.scrollHeight <= 320,
      outside: ['#pad-a', '#pad-b', '#morph', '#play', '#scrub', '#embed-open', '#label-a'].filter((id) => {
        const r = document.querySelector(id)?.getBoundingClientRect();
        return !r || r.left < 0 || r.top < 0 || r.right > 480 || r.bottom > 320 || r.width < 20;
      }),
      href: document.querySelector('#embed-open')?.getAttribute('href'),
    };
  });
  assert.deepEqual(seen.controls.sort(), ['clear-a', 'clear-b', 'embed-open', 'play', 'scrub']);
  assert.match(seen.head ?? '', /^<b>Two.*word word.*…$/);
  assert.deepEqual([seen.fits, seen.outside], [true, []]);
  assert.equal(seen.href, link);
  await screenshot(outer, 'share-embed.png');

  // It is drawn on, and the window above is told.
  const pad = await inner.locator('#pad-a').boundingBox();
  assert.ok(pad);
  await inner.locator('#clear-a').click();
  await outer.mouse.move(pad.x + pad.width / 2, pad.y + pad.height * 0.2);
  await outer.mouse.down();
  await outer.mouse.move(pad.x + pad.width / 2, pad.y + pad.height * 0.8, { steps: 8 });
  await outer.mouse.up();
  await until('the window above hears of a 1', () =>
    outer.evaluate(() => /** @type {any} */ (window).told.some((/** @type {any} */ m) => m.inkdrift === 'state' && m.state.a.label === 1)),
  );
  await inner.locator('#play').click();
  await until('the morph is told of', () =>
    outer.evaluate(
      () => /** @type {any} */ (window).told.filter((/** @type {any} */ m) => m.inkdrift === 'morph' && m.morph.playing).length > 2,
    ),
  );

  // Calls read.
  assert.equal((await ask('decode', new Array(value.modelInfo.latent).fill(0))).value.length, 784);
  assert.match((await ask('link')).value, /#studio\?a=/);
  for (const [call, args, code] of /** @type {[string, unknown[], string][]} */ ([
    ['load', ['digits'], 'read-only'],
    ['seek', [0.5], 'read-only'],
    ['train.start', [], 'read-only'],
    ['constructor', [], 'bad-value'],
    ['decode', [[1]], 'bad-length'],
  ])) {
    assert.equal((await ask(call, ...args)).error?.code, code, call);
  }
  watcher.forgive(/sandbox/i); // a sandboxed frame tells of what it may not
  watcher.check();
  await outer.context().close();
});

test('an embedded page is controlled if its address says so, stores nothing, and plays at once', async () => {
  const { outer, inner, watcher, ask } = await framed(
    `<iframe src="${url}?embed=1&control=1&play=1" width="480" height="320" style="border: 0"></iframe>`,
  );
  assert.equal((await ask('state')).value.morph.playing, false, 'less motion is wanted here');
  await ask('play');
  assert.equal((await ask('state')).value.morph.playing, true, 'who asks for it gets it');
  await ask('pause');
  assert.equal((await ask('state')).value.morph.playing, false);
  const link = await linkOf(page);
  assert.equal((await ask('show', link)).error, undefined);
  assert.equal((await ask('seek', 0.25)).error, undefined);
  const { value } = await ask('state');
  assert.deepEqual([value.morph.t, value.model], [0.25, (await state(page)).model]);
  await until('both pads are read', async () => (await ask('state')).value.b.mu.length > 0);
  assert.ok(farthest((await ask('state')).value.b.mu, (await state(page)).b.mu) < 1e-6);
  assert.equal((await ask('show', 'nonsense')).error.code, 'bad-value');
  assert.equal((await ask('train.start', { preset: 'quick', images: 500 })).error, undefined);
  assert.equal((await ask('train.pause')).error, undefined);
  const before = (await ask('state')).value.train;
  assert.deepEqual([(await ask('train.step', 2)).error, before.status], [undefined, 'paused']);
  assert.equal((await ask('state')).value.train.step, before.step + 2);
  assert.deepEqual(
    await inner.evaluate(async () => [
      localStorage.length,
      (await indexedDB.databases()).length,
      (await navigator.serviceWorker.getRegistrations()).length,
      Number(!(await /** @type {any} */ (await navigator.storage.getDirectory()).keys().next()).done),
    ]),
    [0, 0, 0, 0],
  );
  watcher.check();
  await outer.context().close();
});

test('other sites cannot put the whole page into a frame', async () => {
  const outer = await (await newContext(browser)).newPage();
  await outer.goto(`${site}?html=${encodeURIComponent(`<iframe src="${url}"></iframe>`)}`);
  const frame = outer.frames()[1];
  await until('the browser has refused it', async () => frame.url() === 'chrome-error://chromewebdata/');
  await outer.context().close();
});

test('GIF, PNG and video have the size that was chosen', async () => {
  await clearPads(page);
  await draw(page, 'a', written(3));
  await draw(page, 'b', written(8));
  await settle(page);
  await page.locator(testid('speed')).selectOption('4');
  await page.locator('#mode').selectOption('once');
  await page.locator(testid('export-size')).selectOption('512');
  const gif = readGIF((await download(page, page.locator(testid('export-gif')))).bytes);
  assert.deepEqual([gif.width, gif.height, gif.frames], [512, 512, 48]);
  await page.locator(testid('export-size')).selectOption('1024');
  const png = pngSize((await download(page, page.locator(testid('export-png')))).bytes);
  assert.deepEqual([png.height, png.width], [1024, 12 * 1024 + 11 * Math.round(1024 / 28.4)]);
  await page.locator(testid('export-size')).selectOption('224');
  const { name, bytes } = await download(page, page.locator(testid('export-webm')));
  assert.match(name, /^inkdrift-3-to-8\.webm$/);
  const player = await context.newPage(); // without the page's policy
  const played = await player.evaluate(async (base64) => {
    const video = document.createElement('video');
    video.muted = true;
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: 'video/webm' }));
    await new Promise((done, fail) => Object.assign(video, { onloadeddata: done, onerror: () => fail(new Error(video.error?.message)) }));
    return [video.videoWidth, video.videoHeight];
  }, bytes.toString('base64'));
  assert.deepEqual(played, [224, 224]);
  await player.close();
  check();
});
