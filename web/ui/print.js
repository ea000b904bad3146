/**
 * The page on paper. Pads and morph are in one picture, the stage's, that lies
 * under their places on the screen. On a sheet of paper the style would put the
 * places elsewhere: so everything that is printed of the stage stays where it is,
 * and the stage is scaled to the sheet. Paper is light: pictures that were painted
 * for a dark screen are inverted. What is painted only when it is seen, and was not,
 * is left out with all that is below it: in one picture, nothing can close the gap.
 */

/** What is printed of the stage. */
const printed = '[data-slot], h2, .label, .verdict, figcaption, .bars, .legend, p.small, canvas';

/** The part of a sheet that is written on, in CSS pixels: that of A4 and of Letter. */
const sheet = { width: 680, height: 900 };

/**
 * Fixes the places of what is printed, and the light theme, while the page is printed.
 *
 * @param {HTMLElement} stage
 * @param {() => boolean} dark whether pictures are light on dark
 */
export function preparePrint(stage, dark) {
  const { dataset: root, style: rootStyle } = document.documentElement;
  /** The theme that was chosen. @type {string | undefined} */
  let theme;
  /** Elements with the style that they had. @type {Map<HTMLElement, string>} */
  const before = new Map();
  const set = (/** @type {HTMLElement} */ e, /** @type {Record<string, string>} */ style) => {
    before.set(e, e.style.cssText);
    for (const [name, value] of Object.entries(style)) e.style.setProperty(name, value, 'important');
    e.dataset.fixed = '';
  };
  let prepared = false;
  addEventListener('beforeprint', () => {
    if (prepared) return;
    prepared = true;
    theme = root.theme;
    if (dark()) root.inverted = '';
    root.theme = 'light';
    const origin = stage.getBoundingClientRect();
    if (origin.width === 0) return;
    const blank = stage.querySelector('[data-blank]')?.getBoundingClientRect();
    const height = blank && blank.height > 0 ? blank.y - origin.y : origin.height;
    const places = [...stage.querySelectorAll(printed)].flatMap((e) => {
      const { x, y, width, height } = e.getBoundingClientRect();
      const within = e.parentElement?.closest(printed); // it is in its place when that is
      const there = width > 1 && height > 1 && !(blank && blank.height > 0 && y >= blank.y);
      return e instanceof HTMLElement && there && !(within && stage.contains(within)) ? [{ e, x, y, width, height }] : [];
    });
    const px = (/** @type {number} */ v) => `${v}px`;
    for (const { e, x, y, width, height } of places) {
      const place = { left: px(x - origin.x), top: px(y - origin.y), width: px(width), height: px(height) };
      set(e, { position: 'absolute', margin: '0', 'max-width': 'none', ...place });
    }
    const zoom = Math.min(1, sheet.width / origin.width, sheet.height / height);
    set(stage, { width: px(origin.width), height: px(height) });
    rootStyle.setProperty('--print-zoom', String(zoom));
    rootStyle.setProperty('--print-height', px(height * zoom));
  });
  addEventListener('afterprint', () => {
    if (!prepared) return;
    prepared = false;
    delete root.inverted;
    for (const name of ['--print-zoom', '--print-height']) rootStyle.removeProperty(name);
    if (theme === undefined) delete root.theme;
    else root.theme = theme;
    for (const [e, style] of before) {
      e.style.cssText = style;
      delete e.dataset.fixed;
    }
    before.clear();
  });
}
