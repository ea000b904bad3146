/**
 * Numbers and times in the form in which people read them.
 */

/** Making one takes longer than using it a hundred times. @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * What writes numbers in a language.
 *
 * @param {string} lang
 * @param {Intl.NumberFormatOptions} options
 */
export function numberFormat(lang, options) {
  const key = lang + JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(lang, options);
  formats.set(key, format);
  return format;
}

/**
 * A number with about three significant digits.
 *
 * @param {number} v
 * @param {string} lang
 * @param {number} [digits] after the point, for numbers that need no exponent
 */
export function formatNumber(v, lang, digits) {
  const size = Math.abs(v);
  if (size >= 1e6 || (size > 0 && size < 1e-4))
    return numberFormat(lang, { notation: 'scientific', maximumSignificantDigits: 3 }).format(v);
  const most = digits ?? (size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 3 : 5);
  return numberFormat(lang, { maximumFractionDigits: most, minimumFractionDigits: digits ?? 0 }).format(v);
}

/**
 * A part of a whole in percent, without the sign. Only the whole is 100: what
 * would be rounded to it is "> 99".
 *
 * @param {number} part from 0 to 1
 */
export function formatPercent(part) {
  const percent = Math.round(100 * part);
  return percent === 100 && part < 1 ? '> 99' : String(percent);
}

/**
 * A probability in percent, without the sign. A classifier is never certain.
 *
 * @param {number} p from 0 to 1; 1 where float32 has no number between
 */
export function formatProbability(p) {
  return formatPercent(Math.min(p, 1 - Number.EPSILON));
}

/**
 * A duration as m:ss or h:mm:ss.
 *
 * @param {number} seconds
 */
export function formatDuration(seconds) {
  const s = Math.floor(seconds);
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/**
 * A size in megabytes (1e6 bytes) with one digit after the point, without the unit.
 *
 * @param {number} bytes
 * @param {string} lang
 */
export function formatMegabytes(bytes, lang) {
  return (bytes / 1e6).toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
