/**
 * Menus are <details class="menu">: they open and close without a script. This
 * adds what people expect of a menu: Escape or a click elsewhere closes it, and
 * one is open at a time.
 */

/** Makes the menus of the page close. */
export function closeMenus() {
  /** @type {HTMLDetailsElement[]} */
  const menus = [...document.querySelectorAll('details.menu')].filter((m) => m instanceof HTMLDetailsElement);

  for (const menu of menus) {
    menu.addEventListener('toggle', () => {
      if (menu.open) for (const other of menus) if (other !== menu) other.open = false;
    });
    menu.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !menu.open) return;
      menu.open = false;
      menu.querySelector('summary')?.focus();
    });
    menu.addEventListener('focusout', (e) => {
      if (e.relatedTarget instanceof Node && !menu.contains(e.relatedTarget)) menu.open = false;
    });
  }
  document.addEventListener('pointerdown', (e) => {
    for (const menu of menus) {
      if (menu.open && e.target instanceof Node && !menu.contains(e.target)) menu.open = false;
    }
  });
}
