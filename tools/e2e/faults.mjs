/**
 * What can be seen to be wrong with a page, by a program: things that are cut
 * off or lie over each other, and what axe-core finds.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What is out of place: overflow of the page, cut off words, things that people
 * press which lie over each other or are too small for a finger.
 *
 * @param {import('playwright-core').Page} page
 */
export const faults = (page) =>
  page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide in a window of ${root.clientWidth}`);
    const shown = (/** @type {Element} */ e) =>
      e.checkVisibility({ visibilityProperty: true, opacityProperty: false }) &&
      e.getClientRects().length > 0 &&
      getComputedStyle(e).clipPath !== 'inset(50%)'; // for screen readers alone
    const name = (/** @type {Element} */ e) =>
      `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ''} "${(e.textContent ?? '').trim().slice(0, 30)}"`;

    /** Whether a finger brings it into the window. @param {Element} e */
    const scrolls = (e) => {
      for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return true;
      }
      return false;
    };

    for (const e of document.querySelectorAll('h1, h2, p, button, summary, figcaption, label, dt, dd, a, select')) {
      if (!shown(e) || e.closest('.unseen')) continue;
      const style = getComputedStyle(e);
      const hides = style.overflowX !== 'visible' || e instanceof HTMLButtonElement || e instanceof HTMLSelectElement;
      const cut = hides && e.scrollWidth > e.clientWidth + 1;
      if (cut) found.push(`${name(e)} is cut off: ${e.scrollWidth} in ${e.clientWidth}`);
      const range = document.createRange();
      range.selectNodeContents(e);
      for (const r of range.getClientRects()) {
        if (!cut && r.width > 1 && (r.right > root.clientWidth + 0.5 || r.left < -0.5) && !e.matches('.skip') && !scrolls(e)) {
          found.push(`${name(e)} leaves the window: ${r.left} to ${r.right}`);
          break;
        }
      }
    }
    // A select shows its choice in what its arrow leaves of it.
    for (const s of document.querySelectorAll('select')) {
      if (!shown(s) || getComputedStyle(s).opacity === '0') continue;
      const style = getComputedStyle(s);
      const pen = document.createElement('canvas').getContext('2d');
      if (!pen) continue;
      pen.font = style.font;
      const wide = pen.measureText(s.selectedOptions[0]?.textContent ?? '').width;
      const room = s.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (wide > room + 1) found.push(`${name(s)}: its choice is ${Math.round(wide)} wide in ${Math.round(room)}`);
    }

    const pressed = [...document.querySelectorAll('button, select, summary, input, a, .pad')].filter(
      (e) => shown(e) && !e.matches('.skip, .unseen') && !(e instanceof HTMLInputElement && e.type === 'file'),
    );
    /** What of a box is not behind the edge of something that scrolls. @param {Element} e @param {DOMRect} r */
    const seen = (e, r) => {
      let { left, top, right, bottom } = r;
      for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(up);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        const edge = up.getBoundingClientRect();
        [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
        [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
      }
      return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
    };
    const boxes = pressed.map((e) => ({ e, r: seen(e, e.getBoundingClientRect()) })).filter(({ r }) => r.width > 0 && r.height > 0);
    // Twice: as it is, and with letters that take no room, so that no font makes up for a style.
    const small = (/** @type {string} */ when) => {
      for (const e of pressed) {
        const { width, height } = e.getBoundingClientRect();
        if (width < 24 || height < 24) found.push(`${name(e)} is ${Math.round(width)} x ${Math.round(height)}${when}`);
      }
    };
    small('');
    const tiny = new CSSStyleSheet(); // a style element is against the page's policy
    tiny.replaceSync('body * { font-size: 1px !important; transition: none !important; }');
    document.adoptedStyleSheets.push(tiny);
    small(' when letters take no room');
    document.adoptedStyleSheets.pop();
    if (/^zh/.test(root.lang)) {
      const glyph = (/** @type {string} */ letter) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 24, height: 24 });
        const pen = canvas.getContext('2d');
        if (pen) pen.font = getComputedStyle(document.body).font;
        pen?.fillText(letter, 2, 20);
        return canvas.toDataURL();
      };
      if (glyph('数') === glyph('字')) found.push('there is no font with Chinese glyphs (Debian: fonts-noto-cjk)');
    }
    // The bar of the Train view stays while the rest scrolls under it, its settings scroll in a column of their own, and menus, the tour and
    // questions are over the page: only parts of the same of these must not lie over each other.
    const layer = (/** @type {Element} */ e) => {
      if (e.closest('.tour .task, dialog > .buttons')) return 'task'; // it stays while the text above scrolls under it
      if (e.closest('.menu[open] > .panel, #views-menu[aria-expanded=true] + nav, .tour, dialog')) return 'over';
      const own = e.closest('.train .tabs, .train .play, .settings-side');
      if (!own) return '';
      const { position, overflowY } = getComputedStyle(own);
      return position === 'fixed' ? 'bar' : overflowY === 'auto' ? 'column' : '';
    };
    const apart = (/** @type {Element} */ a, /** @type {Element} */ b) => layer(a) !== layer(b);
    for (const [i, one] of boxes.entries()) {
      for (const two of boxes.slice(i + 1)) {
        if (one.e.contains(two.e) || two.e.contains(one.e)) continue;
        // The button that gives another example lies in a corner of its pad.
        if ([one.e, two.e].some((e) => e.matches('.again')) && [one.e, two.e].some((e) => e.matches('.pad'))) continue;
        const w = Math.min(one.r.right, two.r.right) - Math.max(one.r.left, two.r.left);
        const h = Math.min(one.r.bottom, two.r.bottom) - Math.max(one.r.top, two.r.top);
        if (w > 1 && h > 1 && !apart(one.e, two.e)) found.push(`${name(one.e)} and ${name(two.e)} lie over each other`);
      }
    }
    // Words over words: the lines of texts that are neither inside of each other.
    const lines = [];
    const walker = document.createTreeWalker(document.querySelector('body') ?? document, NodeFilter.SHOW_TEXT);
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      const e = n.parentElement;
      if (
        !e ||
        !n.textContent?.trim() ||
        !shown(e) ||
        e.closest('.unseen, select, option, svg, math, noscript, .skip, .side .tools span, .hint')
      )
        continue;
      const range = document.createRange();
      range.selectNodeContents(n);
      const edge = getComputedStyle(e).overflowX === 'visible' ? Infinity : e.getBoundingClientRect().right;
      for (const whole of range.getClientRects()) {
        const r = seen(e, new DOMRect(whole.x, whole.y, Math.min(whole.right, edge) - whole.x, whole.height));
        if (r.width > 0 && r.height > 0) lines.push({ e, r });
      }
    }
    // What lies under a bar at the foot of the window must come out from under it at the end of the page.
    const foot = Math.min(...boxes.filter(({ e, r }) => layer(e) === 'bar' && r.top > innerHeight / 2).map(({ r }) => r.top));
    if (foot < innerHeight) {
      const last = [...boxes, ...lines].filter(({ e }) => layer(e) === '').reduce((a, b) => (b.r.bottom > a.r.bottom ? b : a));
      const end = last.r.bottom + scrollY - (root.scrollHeight - innerHeight);
      if (end > foot + 1) found.push(`${name(last.e)} stays under the bar: ${Math.round(end)} over ${Math.round(foot)}`);
    }
    for (const [i, one] of lines.entries()) {
      for (const two of lines.slice(i + 1)) {
        if (one.e === two.e) continue;
        const w = Math.min(one.r.right, two.r.right) - Math.max(one.r.left, two.r.left);
        const h = Math.min(one.r.bottom, two.r.bottom) - Math.max(one.r.top, two.r.top);
        if (w > 1 && h > 0.3 * Math.min(one.r.height, two.r.height) && !apart(one.e, two.e))
          found.push(`the words of ${name(one.e)} and ${name(two.e)} lie over each other`);
      }
    }
    return [...new Set(found)];
  });

/**
 * What is hidden because its box is too small, and controls that stand out of theirs.
 *
 * @param {import('playwright-core').Page} page
 */
export const clipped = (page) =>
  page.evaluate(() => {
    const found = [];
    const name = (/** @type {Element} */ e) =>
      `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ''}.${e.className} "${(e.textContent ?? '').trim().slice(0, 30)}"`;
    for (const e of document.querySelectorAll('body *')) {
      if (!(e instanceof HTMLElement) || e.closest('.unseen, select, .skip') || !e.checkVisibility({ visibilityProperty: true })) continue;
      const { overflowX, overflowY, position, clipPath } = getComputedStyle(e);
      if (clipPath === 'inset(50%)') continue;
      const hides = (/** @type {string} */ overflow) => overflow === 'hidden' || overflow === 'clip';
      if (hides(overflowX) && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
        found.push(`${name(e)} hides what is ${e.scrollWidth} wide in ${e.clientWidth}`);
      if (hides(overflowY) && e.clientHeight > 1 && e.scrollHeight > e.clientHeight + 1)
        found.push(`${name(e)} hides what is ${e.scrollHeight} high in ${e.clientHeight}`);
      const box = e.parentElement;
      if (!e.matches('button, select, input, summary, textarea, canvas') || !box || position === 'absolute' || position === 'fixed')
        continue;
      const [r, p] = [e.getBoundingClientRect(), box.getBoundingClientRect()];
      if (getComputedStyle(box).display === 'contents' || (p.width === 0 && p.height === 0)) continue;
      if (r.left < p.left - 1.5 || r.right > p.right + 1.5 || r.top < p.top - 1.5 || r.bottom > p.bottom + 1.5)
        found.push(
          `${name(e)} stands out of ${name(box)}: ${[r.left, r.top, r.right, r.bottom].map(Math.round)} of ${[p.left, p.top, p.right, p.bottom].map(Math.round)}`,
        );
    }
    return found;
  });

/**
 * What axe-core finds, its impact first.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function barriers(page) {
  await page.evaluate(axe); // as a debugger does it: the page's policy forbids a script element
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'], iframes: false });
    return violations.map((v) => `${v.impact}: ${v.id}, ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
  });
}

/** Those that keep people out. @param {string[]} found */
export const serious = (found) => found.filter((f) => /^(serious|critical)/.test(f));
