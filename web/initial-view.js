/**
 * Says which view the address asks for, and whether the page is embedded,
 * before anything is drawn. A classic script in the head: modules come after
 * the first picture of the page.
 */
if (new URLSearchParams(location.search).get('embed') === '1') {
  document.documentElement.dataset.embed = '';
  document.documentElement.dataset.view = 'studio';
} else {
  document.documentElement.dataset.view = /^#([a-z]+)(?=\?|$)/.exec(location.hash)?.[1] ?? 'studio';
}
