/**
 * Formulas in MathML.
 */

const namespace = 'http://www.w3.org/1998/Math/MathML';

/**
 * Makes an element of a formula.
 *
 * @param {string} tag
 * @param {...(Node | string)} children
 */
export function makeMath(tag, ...children) {
  const e = document.createElementNS(namespace, tag);
  e.append(...children);
  return /** @type {MathMLElement} */ (e);
}

/** A little space, after the name of a function. */
export function mathSpace() {
  const space = makeMath('mspace');
  space.setAttribute('width', '0.17em');
  return space;
}

/**
 * Makes a formula of its parts: names of variables and functions, operators, and what was made before.
 *
 * @param {...(Node | string)} parts letters are names, all other texts operators
 */
export function formula(...parts) {
  return makeMath('math', ...parts.map((p) => (typeof p === 'string' ? (/^\p{L}+$/u.test(p) ? makeMath('mi', p) : operator(p)) : p)));
}

/** An operator, parentheses too, of the height of letters. @param {string} text */
function operator(text) {
  const e = makeMath('mo', text);
  e.setAttribute('stretchy', 'false');
  return e;
}
