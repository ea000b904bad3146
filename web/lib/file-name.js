/**
 * A name as it stands in the name of a file, wherever the page saves one: letters, digits, dots, dashes and underscores, and for
 * what lies between a dash.
 *
 * @param {string} name
 * @param {string} [other] where nothing is left of the name
 */
export const fileName = (name, other = 'model') =>
  name
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/-*([._])-*/g, '$1')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80) || other;
