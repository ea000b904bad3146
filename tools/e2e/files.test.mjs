/**
 * What real people's files are like: pictures that the browser shows, whatever way up they are stored, and data sets with
 * something else beside them. Files are made here; those of ../shared/cases are tried as well where they are there.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { launch, newContext, serve, state, testid, until, visit, words } from './lib.mjs';
import { enter } from './train.mjs';

const [url, browser] = await Promise.all([serve(), launch()]);
const cases = resolve(import.meta.dirname, '../../../shared/cases');

/** @typedef {{name: string, bytes: Buffer, type?: string}} Dropped */

/** Drops files on an element, as the browser does. @param {import('playwright-core').Page} page @param {string} target @param {Dropped[]} files */
const drop = (page, target, files) =>
  page.evaluate(
    ([target, files]) => {
      const data = new DataTransfer();
      for (const { name, bytes, type } of files)
        data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
      const element = document.querySelector(target) ?? document.body;
      for (const event of ['dragenter', 'dragover', 'drop'])
        element.dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    /** @type {const} */ ([target, files.map((f) => ({ ...f, bytes: f.bytes.toString('base64') }))]),
  );

/** Where a point of the upright picture of 160 x 240 is stored, by orientation: the matrix of a canvas. */
const stored = [
  [],
  [1, 0, 0, 1, 0, 0],
  [-1, 0, 0, 1, 160, 0],
  [-1, 0, 0, -1, 160, 240],
  [1, 0, 0, -1, 0, 240],
  [0, 1, 1, 0, 0, 0],
  [0, -1, 1, 0, 0, 160],
  [0, -1, -1, 0, 240, 160],
  [0, 1, -1, 0, 240, 0],
];

/** A 7 as the browser encodes it, stored as an orientation has it. @param {import('playwright-core').Page} page @param {string} type @param {number} [orientation] */
const seven = async (page, type, orientation = 1) =>
  Buffer.from(
    await page.evaluate(
      async ([type, side, matrix]) => {
        const canvas = new OffscreenCanvas(side ? 240 : 160, side ? 160 : 240);
        const g = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        g.fillStyle = '#eee';
        g.fillRect(0, 0, 240, 240);
        g.setTransform(...matrix);
        g.lineWidth = 18;
        g.lineCap = 'round';
        for (const [x, y, u, v] of [
          [40, 50, 120, 50],
          [120, 50, 70, 190],
        ]) {
          g.beginPath();
          g.moveTo(x, y);
          g.lineTo(u, v);
          g.stroke();
        }
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.95 })).arrayBuffer());
        return btoa(String.fromCharCode(...bytes));
      },
      /** @type {[string, boolean, [number, number, number, number, number, number]]} */ ([type, orientation > 4, stored[orientation]]),
    ),
    'base64',
  );

/** Exif that says: turn, by a quarter clockwise unless another orientation is asked for. */
const exif = (orientation = 6) =>
  Buffer.from(`MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${String.fromCharCode(orientation)}\0\0\0\0\0\0`, 'latin1');

/** @param {Buffer} jpeg @param {number} [orientation] */
function withExif(jpeg, orientation) {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation)]);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1, 0, body.length + 2]), body, jpeg.subarray(2)]);
}

/** A chunk behind the header of a PNG. Its checksum is wrong, which does not matter where the picture does not need it. @param {Buffer} png @param {string} name @param {Buffer} body */
function withChunk(png, name, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(name, 4);
  return Buffer.concat([png.subarray(0, 33), head, body, Buffer.from([1, 2, 3, 4]), png.subarray(33)]);
}

/** A 7 that other programs have made: avifenc, also as turned by its file; cjpeg with a marker to restart at behind each row of blocks. @param {string} name */
const made = (name) => readFileSync(join(import.meta.dirname, 'testdata', name));

/** A JPEG of which a restart marker is out of turn, by so much that decoders go on as if it were the right one. @param {Buffer} jpeg */
function outOfTurn(jpeg) {
  const changed = Buffer.from(jpeg);
  const at = [...jpeg.keys()].filter((i) => jpeg[i] === 0xff && (jpeg[i + 1] & 0xf8) === 0xd0);
  assert.ok(at.length > 4, `${at.length} markers`);
  changed[at[2] + 1] ^= 4;
  return changed;
}

/** A WebP with Exif behind the picture. @param {Buffer} webp in the extended form, which Chromium writes @param {number} orientation */
function withExifBehind(webp, orientation) {
  assert.equal(webp.toString('latin1', 12, 16), 'VP8X');
  const head = Buffer.alloc(8, 'EXIF');
  const body = exif(orientation);
  head.writeUInt32LE(body.length, 4);
  const changed = Buffer.concat([webp, head, body]);
  changed[20] |= 8; // there is Exif
  changed.writeUInt32LE(changed.length - 8, 4);
  return changed;
}

/** A GIF of a 7 that is larger than its screen: its codes are not compressed. */
function largerThanScreen() {
  const [w, h, screen] = [80, 120, 60];
  const word = (/** @type {number} */ n) => [n & 255, n >> 8];
  const far = (/** @type {number[]} */ [ax, ay, bx, by], /** @type {number} */ x, /** @type {number} */ y) => {
    const u = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
    return Math.hypot(x - ax - u * (bx - ax), y - ay - u * (by - ay));
  };
  const strokes = [
    [20, 25, 60, 25],
    [60, 25, 35, 95],
  ];
  /** @type {number[]} */
  const codes = []; // of a byte: 7 bits a pixel, 128 clears the table before a code would need more
  for (let i = 0; i < w * h; i++) {
    if (i % 100 === 0) codes.push(128);
    codes.push(strokes.some((s) => far(s, i % w, Math.floor(i / w)) < 4.5) ? 1 : 0);
  }
  codes.push(129);
  const blocks = [];
  for (let i = 0; i < codes.length; i += 255) blocks.push(Math.min(255, codes.length - i), ...codes.slice(i, i + 255));
  const colours = [238, 238, 238, 25, 25, 25, ...Array(126 * 3).fill(0)];
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...[...word(screen), ...word(screen), 0xf6, 0, 0, ...colours],
    ...[0x2c, 0, 0, 0, 0, ...word(w), ...word(h), 0, 7, ...blocks, 0, 0x3b],
  ]);
}

test('pads read what the browser shows, the right way up; sets of pictures take it, too', async () => {
  const context = await newContext(browser);
  const { page, check, forgive } = await visit(context, url);
  /** The picture that the model sees of a file. @param {Dropped} file */
  const read = async (file) => {
    await page.locator(testid('clear-a')).click();
    await until('the pad is empty', async () => (await state(page)).a.empty);
    await drop(page, '.pad', [file]);
    await until(file.name, async () => !(await state(page)).a.empty && (await state(page)).a.label !== null);
    return (await state(page)).a;
  };
  const [png, jpeg, webp] = [await seven(page, 'image/png'), await seven(page, 'image/jpeg'), await seven(page, 'image/webp')];
  const want = await read({ name: 'seven.png', bytes: png, type: 'image/png' });
  /** @type {Dropped[]} */
  const same = [
    { name: 'turned.png', bytes: withChunk(await seven(page, 'image/png', 8), 'eXIf', exif(8)), type: 'image/png' },
    { name: 'no-end.jpg', bytes: jpeg.subarray(0, -2), type: 'image/jpeg' },
    { name: 'wrong-sum.png', bytes: withChunk(png, 'iCCP', Buffer.from('x\0\0xx')), type: 'image/png' },
    { name: 'seven.webp', bytes: webp, type: 'image/webp' },
    { name: 'turned.webp', bytes: withExifBehind(await seven(page, 'image/webp', 6), 6), type: 'image/webp' },
    { name: 'seven.avif', bytes: made('seven.avif'), type: 'image/avif' },
    { name: 'turned.avif', bytes: made('seven-turned.avif'), type: 'image/avif' },
    { name: 'restarts.jpg', bytes: outOfTurn(made('seven-restarts.jpg')), type: 'image/jpeg' },
    { name: 'large.gif', bytes: largerThanScreen(), type: 'image/gif' },
  ];
  for (let k = 2; k <= 8; k++)
    same.push({ name: `turned-${k}.jpg`, bytes: withExif(await seven(page, 'image/jpeg', k), k), type: 'image/jpeg' });
  for (const file of same) {
    const got = await read(file);
    const off = got.pixels.reduce(
      (/** @type {number} */ sum, /** @type {number} */ v, /** @type {number} */ i) => sum + Math.abs(v - want.pixels[i]),
      0,
    );
    assert.ok(off / 784 < 0.03, `${file.name}: ${off / 784} off`);
  }
  const folder = join(cases, 'pictures');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const { label } = await read({ name, bytes: readFileSync(join(folder, name)), type: 'image/x' });
    assert.equal(label, name.startsWith('two') ? 2 : 7, name);
  }
  // What is torn is not half of a digit, and what no browser reads is named.
  await drop(page, '.pad', [{ name: 'torn.jpg', bytes: jpeg.subarray(0, jpeg.length / 2), type: 'image/jpeg' }]);
  await page.getByText(words.en['error.bad-picture']).waitFor();
  await drop(page, '.pad', [{ name: 'a.heic', bytes: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1') }]);
  await page.getByText(words.en['error.format']).waitFor();
  await page.getByText('HEIC', { exact: false }).first().waitFor();
  // All of them are a set.
  await page.evaluate(() => {
    location.hash = 'train';
  });
  await page.locator(testid('train-toggle')).waitFor();
  await drop(page, '.watch', same);
  await page.locator(testid('own-said')).waitFor();
  await until('they are counted', async () => {
    const said = (await page.locator(testid('own-said')).textContent()) ?? '';
    return [...said.matchAll(/\d+/g)].reduce((sum, [n]) => sum + Number(n), 0) === same.length;
  });
  assert.equal(await page.locator(testid('own-left-out')).isVisible(), false);
  forgive(/WebGL/);
  check();
  await context.close();
});

/** An IDX file of digits that are all alike. @param {number} n @param {number} [promised] */
function images(n, promised = n) {
  const b = Buffer.alloc(16 + n * 784, 90);
  [0x803, promised, 28, 28].forEach((v, i) => b.writeUInt32BE(v, 4 * i));
  return b;
}

/** How much slower this machine is now than an idle one of ours. */
function slower() {
  const began = performance.now();
  let x = 1;
  for (let i = 0; i < 20_000_000; i++) x = (x * 16807) % 2147483647;
  assert.ok(x > 0);
  return Math.max(1, (performance.now() - began) / 120);
}

/** A gigabyte of what a megabyte repeats, behind a head. @param {Buffer} head @param {Buffer} mega */
function bomb(head, mega) {
  // As members, which may follow each other.
  const member = gzipSync(mega, { level: 9 });
  return Buffer.concat([gzipSync(head), ...Array.from({ length: 1024 }, () => member)]);
}

test('a gigabyte in a megabyte is refused at the drop, within half a second and without a long task', async (t) => {
  const context = await newContext(browser);
  const { page, check, forgive } = await enter(context, url);
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) /** @type {any} */ (window).longest = Math.max(/** @type {any} */ (window).longest, e.duration);
    }).observe({ entryTypes: ['longtask'] });
  });
  for (const [name, bytes, code] of /** @type {[string, Buffer, string][]} */ ([
    ['idx.gz', bomb(images(0, 60_000), Buffer.alloc(1 << 20)), 'data-too-large'],
    ['rows.csv.gz', bomb(Buffer.from(`${'7,'.repeat(784)}7\n`), Buffer.alloc(1 << 20, '\n')), 'bad-data'],
  ])) {
    let [quickest, longest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 3 && (quickest > 500 || longest > 50); i++) {
      await page.reload(); // nothing has been said yet
      await until('what reads files is there', async () => page.workers().length > 1);
      const slow = slower();
      const took = await page.evaluate(
        async ([name, bytes, words]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
          await new Promise((done) => setTimeout(done, 200)); // what was made for the test is no task of the page
          /** @type {any} */ (window).longest = 0;
          const began = performance.now();
          for (const event of ['dragenter', 'dragover', 'drop'])
            document.querySelector('.watch')?.dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
          await new Promise((done) => setTimeout(done, 0));
          const said = () =>
            [...document.querySelectorAll('[role=alert], [role=status]')].some(
              (e) => !e.closest('[hidden]') && e.textContent?.includes(words),
            );
          while (!said() && performance.now() - began < 20_000) await new Promise((done) => setTimeout(done, 5));
          return performance.now() - began;
        },
        /** @type {const} */ ([name, bytes.toString('base64'), words.en[`error.${code}`]]),
      );
      quickest = Math.min(quickest, took / slow);
      longest = Math.min(longest, (await page.evaluate(() => /** @type {any} */ (window).longest)) / slow);
    }
    t.diagnostic(`${name}: ${bytes.length} bytes, refused after ${Math.round(quickest)} ms, the longest task ${Math.round(longest)} ms`);
    assert.ok(quickest <= 500, `${name} is refused after ${quickest} ms`);
    assert.ok(longest <= 50, `${name}: the page was held for ${longest} ms`);
    assert.equal(await page.locator(testid('dataset')).inputValue(), 'digits');
  }
  forgive(/WebGL/);
  check();
  await context.close();
});

test('a set is chosen once it is read, with strays beside it; what promises too much is refused at the drop', async (t) => {
  const context = await newContext(browser);
  const { page, check, forgive } = await enter(context, url);
  await until('what reads files is there', async () => page.workers().length > 1);
  const chosen = () => page.locator(testid('dataset')).inputValue();
  for (const [name, bytes, code] of /** @type {[string, Buffer, string][]} */ ([
    ['2^32.idx', images(1, 0xffffffff), 'data-too-large'],
    ['torn.gz', gzipSync(images(2000)).subarray(0, -100), 'torn-file'],
    ['page.gz', Buffer.from('<!doctype html><html lang="en">'), 'web-page'],
  ])) {
    const began = performance.now();
    await drop(page, '.watch', [{ name, bytes }]);
    await page.getByText(words.en[`error.${code}`]).waitFor();
    t.diagnostic(`${name} is refused after ${Math.round(performance.now() - began)} ms`);
    assert.equal(await chosen(), 'digits');
  }
  await drop(page, '.watch', [
    { name: '.DS_Store', bytes: Buffer.from('x') },
    { name: 'README.txt', bytes: Buffer.from('hello') },
    { name: 'ours-images-idx3-ubyte.gz', bytes: Buffer.concat([gzipSync(images(40)), Buffer.alloc(100)]) },
  ]);
  await until('it is chosen', async () => (await chosen()) === 'ours');
  assert.match((await page.locator(testid('data-passed')).textContent()) ?? '', /^2 files left out: README\.txt .*\.DS_Store/);
  await page.evaluate(() => window.inkdrift.train.step(1));
  await page.locator(testid('forget-data')).click();
  await until('it is forgotten', async () => (await chosen()) === 'digits');
  forgive(/WebGL/);
  check();
  await context.close();
});
