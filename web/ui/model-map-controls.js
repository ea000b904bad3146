/**
 * What a map of a model is driven with: the place for pointers and keys, the
 * buttons over it, and the choice of a plane.
 */
import { icon, make } from '../lib/dom.js';

/** Factor of a press on a zoom button. */
const closer = 0.7;

/** Counts the maps of the page: the ids of their descriptions differ. */
let maps = 0;

/**
 * Makes the controls.
 *
 * @param {import('../lib/i18n.js').I18n} i18n
 * @param {object} actions
 * @param {(factor: number) => void} actions.zoom above 1: more is shown
 * @param {() => void} actions.fit
 * @param {(choice: import('./model-map.js').PlaneChoice) => void} actions.choose
 * @param {() => void} actions.clear takes all kept places away
 * @param {(k: number) => void} actions.classify another class is decoded
 */
export function mapControls(i18n, { zoom, fit, choose, clear, classify }) {
  const said = (/** @type {HTMLElement} */ e, /** @type {string} */ key) => {
    i18n.text(e, key);
    return e;
  };
  const button = (/** @type {string} */ key, /** @type {Node | string} */ face, /** @type {() => void} */ fn) => {
    const b = make('button', { type: 'button' }, face);
    i18n.attr(b, 'aria-label', key);
    i18n.attr(b, 'title', key);
    b.addEventListener('click', fn);
    return b;
  };
  const keys = make('p', { className: 'unseen', id: `map-keys-${++maps}` });
  said(keys, 'map.keys-model');
  const clearer = button('map.clear', '×', () => {
    clear();
    slot.focus();
  });
  const slot = make(
    'div',
    { className: 'map', tabIndex: 0 },
    make(
      'div',
      { className: 'zoom' },
      clearer,
      button('map.zoom-in', '+', () => zoom(closer)),
      button('map.zoom-out', '−', () => zoom(1 / closer)),
      button('map.fit', icon('fit'), fit),
    ),
  );
  slot.setAttribute('role', 'application');
  slot.setAttribute('aria-describedby', keys.id);
  i18n.attr(slot, 'aria-label', 'map.name');

  const select = (/** @type {string} */ key) => {
    const list = make('select');
    return { list, pick: make('label', { className: 'pick' }, said(make('span'), key), list) };
  };
  const [plane, across, up, classes] = ['map.plane', 'map.across', 'map.up', 'map.class'].map(select);
  for (const kind of ['principal', 'dimensions']) {
    plane.list.append(/** @type {HTMLOptionElement} */ (said(make('option', { value: kind }), `map.plane-${kind}`)));
  }
  const row = make('div', { className: 'row-of-map' }, plane.pick, across.pick, up.pick, classes.pick);

  /** @type {import('./model-map.js').PlaneChoice} */
  let choice = { kind: 'principal', across: 0, up: 1 };
  const chosen = (/** @type {HTMLSelectElement | null} */ changed) => {
    const next = {
      kind: /** @type {typeof choice.kind} */ (plane.list.value),
      across: Number(across.list.value),
      up: Number(up.list.value),
    };
    // Two equal dimensions are no plane: the other one takes the place that became free.
    if (next.across === next.up) {
      if (changed === up.list) next.across = choice.up;
      else next.up = choice.across;
    }
    choose(next);
  };
  plane.list.addEventListener('change', () => chosen(null));
  for (const { list } of [across, up]) list.addEventListener('change', () => chosen(list));

  classes.list.addEventListener('change', () => classify(Number(classes.list.value)));

  return {
    slot,
    row,
    keys,
    parts: { 'map-plane': plane.list, 'map-across': across.list, 'map-up': up.list },

    /**
     * Shows which plane is chosen, and what else could be.
     *
     * @param {import('./model-map.js').PlaneChoice} now
     * @param {import('./model-map.js').Space | null} space
     * @param {number} of the class that is decoded
     */
    show(now, space, of) {
      choice = now;
      const { latent = 0, principal = false } = space ?? {};
      plane.pick.hidden = latent < 3 || !space?.decode;
      across.pick.hidden = up.pick.hidden = plane.pick.hidden || now.kind !== 'dimensions';
      const first = plane.list.options[0];
      first.disabled = !principal;
      plane.list.value = now.kind;
      for (const [{ list }, value] of /** @type {const} */ ([
        [across, now.across],
        [up, now.up],
      ])) {
        if (list.length !== latent)
          list.replaceChildren(...Array.from({ length: latent }, (_, i) => make('option', { value: String(i) }, String(i + 1))));
        list.value = String(value);
      }
      const names = space?.classes ?? [];
      classes.pick.hidden = names.length === 0;
      classes.list.replaceChildren(...names.map((name, k) => make('option', { value: String(k), selected: k === of }, name)));
    },

    /** Says how many places are kept. @param {number} n */
    count(n) {
      clearer.hidden = n === 0;
      for (const name of ['aria-label', 'title']) i18n.attr(clearer, name, 'map.clear', { n });
    },
  };
}
