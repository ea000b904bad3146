/**
 * Addresses that show what somebody else saw: the drawings on the pads, the
 * model behind them and the place of the morph.
 *
 *   #studio?a=DRAWING&b=DRAWING&model=NAME&path=slerp|lerp&mode=pingpong|loop|once&t=0.5
 *   #hand?a=DRAWING[&is=DIGIT][&sN=VALUE] with what the view adds: what the drawing is, a slider of the style
 *
 * A drawing is text of link-code.js, - for an empty pad; a pad that is not
 * named keeps what is on it.
 *
 * @typedef {import('../views/studio/studio.js').LinkedDrawing} Drawing
 * @typedef {import('../views/studio/studio.js').Linked & {model?: string, wrong: string[]}} Link what an address shows; wrong: the parameters that
 *   cannot be read
 * @typedef {import('../views/studio/studio.js').Studio['shown']} Shown
 */
import { decodeDrawing, encodeDrawing, longest as longestDrawing } from './link-code.js';
import { modes, paths } from '../views/studio/playback.js';

/** The views that have pads, with what their links may name. @type {Record<string, readonly string[]>} */
const named = { studio: ['a', 'b', 'model', 'path', 'mode', 't'], hand: ['a'] };

/** An empty pad. Nothing at all would be an address that was cut off. */
const empty = '-';

/** A longer address is not read. */
const longest = 2 * longestDrawing + 1000;

/** Longest name of a model. */
const longestName = 60;

/**
 * Reads an address.
 *
 * @param {string} hash
 * @returns {Link | null} null: it shows nothing, as that of a view alone
 */
export function readLink(hash) {
  const [, view = '', query = ''] = /^#(\w+)\?(.*)$/s.exec(hash.slice(0, longest + 1)) ?? [];
  if (!Object.hasOwn(named, view) || query === '') return null;
  if (hash.length > longest) return { wrong: ['#'] };
  /** @type {Link} */
  const link = { wrong: [] };
  for (const [name, text] of new URLSearchParams(query)) {
    if (!named[view].includes(name)) continue; // of a later version, or of another view's making
    const value = read(name, text);
    if (value === undefined) link.wrong.push(name);
    else Object.assign(link, { [name]: value });
  }
  return Object.keys(link).length > 1 || link.wrong.length > 0 ? link : null;
}

/**
 * @param {string} name of a parameter
 * @param {string} text
 * @returns {Drawing | string | number | null | undefined} undefined: it cannot be read
 */
function read(name, text) {
  if (name === 'a' || name === 'b') {
    if (text === empty) return null;
    try {
      return decodeDrawing(text);
    } catch {
      return undefined;
    }
  }
  if (name === 't') {
    const t = /^[\d.]+(e-\d+)?$/.test(text) ? Number(text) : NaN;
    return t >= 0 && t <= 1 ? t : undefined;
  }
  if (name === 'model') return text !== '' && text.length <= longestName ? text : undefined;
  return (name === 'path' ? paths : modes).includes(text) ? text : undefined;
}

/**
 * Writes the address of what is on the pads.
 *
 * @param {'studio' | 'hand'} view
 * @param {Shown} shown
 * @param {string | null} model its name; null: it is not one that others have
 * @returns {{query: URLSearchParams, missing: ('a' | 'b')[]}} missing: pads whose content does not fit in an address
 */
export function writeLink(view, shown, model) {
  const query = new URLSearchParams();
  /** @type {('a' | 'b')[]} */
  const missing = [];
  for (const pad of /** @type {const} */ (['a', 'b'])) {
    if (!named[view].includes(pad)) continue;
    const { strokes, hasBitmap, source } = shown[pad];
    const text = hasBitmap ? null : strokes.length === 0 ? empty : encodeDrawing({ strokes, example: source === 'example' });
    if (text === null) missing.push(pad);
    query.set(pad, text ?? empty);
  }
  if (view === 'studio') {
    if (model !== null) query.set('model', model);
    for (const name of /** @type {const} */ (['path', 'mode', 't'])) query.set(name, String(shown[name]));
  }
  return { query, missing };
}
