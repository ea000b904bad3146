/**
 * Says which view the address asks for before anything is drawn. A classic
 * script in the head: modules come after the first picture of the page.
 */
document.documentElement.dataset.view = /^#([a-z]+)(?=\?|$)/.exec(location.hash)?.[1] ?? 'studio';
